package models

import (
	"net/netip"
	"slices"
	"time"
)

// AccountID names one account of the program. An account belongs to no organisation.
type AccountID int64

// Account is somebody who signs in: an address and the means they prove themselves by. The same account may be a person
// of several organisations, in each with a role of its own.
type Account struct {
	ID        AccountID
	Email     string // where links and warnings go; only its owner changes it
	CreatedAt time.Time
	// PasswordSetAt is when the password was last set; zero for an account that has none.
	PasswordSetAt time.Time
	// Identities is how many of the provider's it signs in with.
	Identities int
	// TOTPSetAt is since when a code of an app is asked for after the password; zero for an account that has none.
	TOTPSetAt time.Time
	Passkeys  int // how many it has
}

// HasPassword tells whether the account signs in with a password.
func (a Account) HasPassword() bool { return !a.PasswordSetAt.IsZero() }

// HasIdentity tells whether the account signs in by the provider.
func (a Account) HasIdentity() bool { return a.Identities > 0 }

// HasTOTP tells whether a code of an app is asked for after the password.
func (a Account) HasTOTP() bool { return !a.TOTPSetAt.IsZero() }

// HasPasskey tells whether the account signs in with a passkey.
func (a Account) HasPasskey() bool { return a.Passkeys > 0 }

// CanProve tells whether the account has some means to prove again who it is.
func (a Account) CanProve() bool { return a.HasPassword() || a.HasPasskey() || a.HasIdentity() }

// LinkKind is what a link in a letter is good for.
type LinkKind string

// The kinds of links.
const (
	LinkInvite LinkKind = "invite" // joins an organisation
	LinkReset  LinkKind = "reset"  // sets a new password
	LinkEmail  LinkKind = "email"  // proves a new address of an account
)

// How long a link holds.
const (
	InviteLife = 7 * 24 * time.Hour
	ResetLife  = 30 * time.Minute
	EmailLife  = 24 * time.Hour
)

// Life is how long a link of the kind holds.
func (k LinkKind) Life() time.Duration {
	switch k {
	case LinkInvite:
		return InviteLife
	case LinkReset:
		return ResetLife
	case LinkEmail:
		return EmailLife
	}
	return 0
}

// Invitation is the way in that was last offered to a person who does not sign in yet.
type Invitation struct {
	Organisation, Person ID
	Email                string // where it went
	MadeAt, ExpiresAt    time.Time
	By                   ID // who invites
}

// Open tells whether the invitation can still be taken up at an instant.
func (i Invitation) Open(at time.Time) bool { return at.Before(i.ExpiresAt) }

// CheckEmail says what is wrong with an address that somebody signs in with.
func CheckEmail(email string) Invalid {
	var v Invalid
	if email == "" {
		v.Add("email", "required")
		return v
	}
	checkEmail(&v, "email", email)
	return v
}

// CheckInvited says what is wrong with a person who is to be invited: it takes an address to write to.
func (p Person) CheckInvited() Invalid {
	v := p.Check()
	if p.Email == "" && !v.Has("email") {
		v.Add("email", "email.to_invite")
	}
	return slices.Clip(v)
}

// NetworkOf is what one subscriber has of addresses: of IPv6 the /64, of which anybody has more than can be counted. It is
// what attempts are counted by.
func NetworkOf(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if ip = ip.Unmap(); ip.Is4() {
		return ip.String()
	}
	whole, _ := ip.WithZone("").Prefix(64)
	return whole.String()
}
