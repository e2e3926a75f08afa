// Package models says what a register of online services is and which rules it keeps: pure values, no clock, no database.
package models

import (
	"errors"
	"fmt"
	"time"
)

// ID names one record of one organisation. Records of all kinds share one sequence, so an ID says nothing by itself of
// the kind, and is never zero for a record that exists.
type ID int64

// Lang is the language a person reads.
type Lang string

// The languages of the screens.
const (
	French  Lang = "fr"
	English Lang = "en"
)

// Actor is who does something to the records of which organisation. Every writing verb takes one: it scopes the verb
// and signs the audit log. Person 0 is the program itself (scheduled jobs, the command line).
type Actor struct {
	Organisation ID
	Person       ID
	Name         string
	Role         Role
	Account      AccountID // that signed in; 0 for the program
	From         string    // where the act came from: an address, "job", "command line"; empty when nobody can say
	At           time.Time // the instant of the act, in UTC; the caller's clock, because nothing below reads one
}

// ErrNotFound is answered for a record that is not there, and for one that is not the actor's to know.
var ErrNotFound = errors.New("no such record")

// ErrForbidden is answered when the actor's role does not allow the act.
var ErrForbidden = errors.New("not allowed for this role")

// Problem is one thing wrong with what was given: the field, and the rule it breaks with the rule's figures
// (alternating name and value), for the reader's language to turn into a sentence.
type Problem struct {
	Field string
	Rule  string
	Args  []any
}

// Invalid is all that is wrong with one submission, never only the first thing.
type Invalid []Problem

// Error lists field and rule, for logs; people read the sentence of their language instead.
func (v Invalid) Error() string {
	text := "invalid:"
	for _, p := range v {
		text += fmt.Sprintf(" %s (%s)", p.Field, p.Rule)
	}
	return text
}

// Add notes one more problem; args alternate name and value.
func (v *Invalid) Add(field, rule string, args ...any) {
	*v = append(*v, Problem{Field: field, Rule: rule, Args: args})
}

// Err is nil when nothing is wrong.
func (v Invalid) Err() error {
	if len(v) == 0 {
		return nil
	}
	return v
}

// Has tells whether a problem is already noted for the field.
func (v Invalid) Has(field string) bool {
	for _, p := range v {
		if p.Field == field {
			return true
		}
	}
	return false
}

// Conflict says that somebody saved the record after it was read for changing. Nothing was written.
type Conflict struct {
	By string // who saved meanwhile; empty if not known
	At time.Time
	// Current is the record's revision now: saving again with it overwrites knowingly.
	Current int64
}

func (c Conflict) Error() string { return "saved meanwhile by " + c.By }

// Refused says that a rule forbids the act on this record as a whole, in a word the screens turn into a sentence.
type Refused struct {
	Rule string
	Args []any
}

func (r Refused) Error() string { return "refused: " + r.Rule }

// Limits of what can be typed.
const (
	MaxName  = 120    // characters of a name or label
	MaxText  = 4000   // characters of a note or reason
	MaxURL   = 500    // characters of an address on the web
	MaxSeats = 10_000 // seats of one subscription
)
