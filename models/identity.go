package models

import (
	"strings"
	"time"
	"unicode"
)

// Identity is who somebody is to a provider that signs people in: the issuer's address and what it calls them. The two
// together are theirs for ever; an e-mail address is not, and links nothing.
type Identity struct {
	ID       ID
	Issuer   string
	Subject  string
	Label    string // what they go by there, only to tell one from another
	LinkedAt time.Time
	UsedAt   time.Time // last sign-in with it; zero before the first
}

// Limits of what a provider says, in characters.
const (
	MaxIssuer        = 500
	maxSubject       = 255 // OpenID Connect Core 1.0, section 2
	maxIdentityLabel = 100
)

// Check says what is wrong with what a provider says: who it names must be named.
func (i Identity) Check() Invalid {
	var v Invalid
	if i.Issuer == "" || len(i.Issuer) > MaxIssuer || i.Subject == "" || len(i.Subject) > maxSubject || i.Label == "" {
		v.Add("", "identity.nameless")
	}
	return v
}

// IdentityLabel makes a label of what somebody goes by at a provider: the first of the names that says anything,
// without what would not show, and no longer than can be read.
func IdentityLabel(names ...string) string {
	for _, name := range names {
		clean := strings.Map(func(r rune) rune {
			if !unicode.IsGraphic(r) {
				return -1
			}
			return r
		}, strings.ToValidUTF8(name, ""))
		if clean = strings.TrimSpace(clean); clean != "" {
			runes := []rune(clean)
			return string(runes[:min(len(runes), maxIdentityLabel)])
		}
	}
	return ""
}

// VisitPurpose is what somebody goes to a provider for.
type VisitPurpose string

// The purposes.
const (
	VisitSignIn  VisitPurpose = "sign_in"
	VisitLink    VisitPurpose = "link"    // to sign in with it from then on
	VisitConfirm VisitPurpose = "confirm" // to prove again who they are
	VisitInvite  VisitPurpose = "invite"  // to take an invitation up with it
)

// VisitLife is how long somebody may stay at the provider, and at the question that follows.
const VisitLife = 10 * time.Minute
