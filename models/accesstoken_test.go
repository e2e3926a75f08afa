package models

import (
	"strings"
	"testing"

	"enveloppe/models/cal"
)

func TestCheckToken(t *testing.T) {
	today := cal.MustNew(2026, 11, 23)
	good := Token{PersonID: 7, Name: "Tableau de bord", Scope: ScopeRead}
	feed := Token{Name: "Agenda", Scope: ScopeCalendar, Feed: Feed{Lang: French, Amounts: true}}
	for _, c := range []struct {
		name  string
		token Token
		with  func(*Token)
		want  string // field and rule; empty when all is well
	}{
		{"good", good, func(*Token) {}, ""},
		{"until today", good, func(x *Token) { x.ExpiresOn = today }, ""},
		{"until yesterday", good, func(x *Token) { x.ExpiresOn = today.AddDays(-1) }, "expires_on date.past"},
		{"nameless", good, func(x *Token) { x.Name = " " }, "name required"},
		{"too long", good, func(x *Token) { x.Name = strings.Repeat("é", MaxName+1) }, "name too_long"},
		{"no scope", good, func(x *Token) { x.Scope = "" }, "scope choose"},
		{"other scope", good, func(x *Token) { x.Scope = "admin" }, "scope choose"},
		{"the organisation's reads", good, func(x *Token) { x.PersonID = 0 }, "scope choose"},
		{"a feed that is none", good, func(x *Token) { x.Feed.Amounts = true }, "scope choose"},
		{"feed", feed, func(*Token) {}, ""},
		{"feed without language", feed, func(x *Token) { x.Feed.Lang = "" }, "lang choose"},
		{"the organisation's own renewals", feed, func(x *Token) { x.Feed.Mine = true }, "mine choose"},
		{"a person's own renewals", feed, func(x *Token) { x.Feed.Mine, x.PersonID = true, 7 }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.with(&c.token)
			got := ""
			for _, p := range c.token.Check(today) {
				got += p.Field + " " + p.Rule
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestOnlyThoseWhoRecordHoldTokensThatWrite(t *testing.T) {
	for _, r := range append([]Role{""}, Roles...) {
		for _, s := range Scopes {
			if got, want := r.MayHold(s), s != ScopeWrite || r == Director || r == Editor; got != want {
				t.Errorf("%q holds %s: %t", r, s, got)
			}
		}
	}
}
