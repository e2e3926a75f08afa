package models

import (
	"slices"
	"time"

	"enveloppe/models/cal"
)

// TokenScope is what a token lets its bearer do.
type TokenScope string

// The scopes of a token.
const (
	ScopeRead     TokenScope = "read"     // reads the register by the API
	ScopeWrite    TokenScope = "write"    // the same, and records and reverses payments
	ScopeCalendar TokenScope = "calendar" // reads one calendar feed, and nothing else
)

// Scopes are all of them, in the order they are offered.
var Scopes = []TokenScope{ScopeRead, ScopeWrite, ScopeCalendar}

// MayHold tells whether the role can make use of a token of the scope. A token never does more than its person may at
// that moment, whatever it was made with.
func (r Role) MayHold(s TokenScope) bool { return s != ScopeWrite || r.MayEdit() }

// MaxTokens is how many tokens one person may have at once, and so may the organisation.
const MaxTokens = 50

// Token is a key that a program or a calendar is given to act in its owner's place, for one purpose. Only the hash of
// what stands in it is kept.
type Token struct {
	ID ID
	// PersonID is whose it is; 0 for one of the organisation itself, which is a calendar's.
	PersonID  ID
	Name      string // what it is for
	Scope     TokenScope
	Feed      Feed     // what a calendar shows; zero for the other scopes
	ExpiresOn cal.Date // last day it is good; zero for no end
	MadeAt    time.Time
	MadeBy    ID
	UsedAt    time.Time // last use, to the hour or so; zero while it was never used
	UsedFrom  string    // the address that came from
}

// Feed is what a calendar shows.
type Feed struct {
	Mine    bool // only what its owner answers for; else everything
	Amounts bool // says what it costs, where the owner may read that
	Lang    Lang
}

// Expired tells whether the token's last day is over.
func (t Token) Expired(today cal.Date) bool {
	return !t.ExpiresOn.IsZero() && t.ExpiresOn.Before(today)
}

// Check says what is wrong with the token as asked for; today is the organisation's day.
func (t Token) Check(today cal.Date) Invalid {
	var v Invalid
	checkName(&v, "name", t.Name)
	if !slices.Contains(Scopes, t.Scope) || (t.PersonID == 0 && t.Scope != ScopeCalendar) {
		v.Add("scope", "choose")
	}
	switch {
	case t.Scope != ScopeCalendar:
		if t.Feed != (Feed{}) {
			v.Add("scope", "choose")
		}
	case t.Feed.Lang != French && t.Feed.Lang != English:
		v.Add("lang", "choose")
	case t.Feed.Mine && t.PersonID == 0:
		v.Add("mine", "choose")
	}
	if t.Expired(today) {
		v.Add("expires_on", "date.past")
	}
	return v
}
