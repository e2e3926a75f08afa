package store

import (
	"crypto/sha256"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models"
	"enveloppe/models/cal"
)

func TestPeople(t *testing.T) {
	h := newHouse(t)
	ines := models.Person{Name: "Inès", Email: "ines@example.org", Role: models.Editor, Lang: models.French, Digest: true, SignsIn: true, LeftOn: today}
	id := h.id(h.AddPerson(h.ctx, h.by, ines))
	p, _ := h.reg().Person(id)
	if p.SignsIn || !p.LeftOn.IsZero() {
		t.Errorf("added %+v", p)
	}
	ines.Email = "PAUL@Example.org"
	h.refuses(invalid("email", "email.taken"), func() error { _, err := h.AddPerson(h.ctx, h.by, ines); return err })
	ines.Email = "nobody"
	h.refuses(invalid("email", "email.malformed"), func() error { _, err := h.AddPerson(h.ctx, h.by, ines); return err })
	h.id(h.AddPerson(h.ctx, h.by, models.Person{Name: "Sans adresse", Role: models.Staff, Lang: models.French}))
	h.id(h.AddPerson(h.ctx, h.by, models.Person{Name: "Sans adresse", Role: models.Staff, Lang: models.French}))

	old := p
	p.Role, p.Email = models.Director, "Ines@example.org"
	h.ok(h.SavePerson(h.ctx, h.by, p))
	want := []models.Change{{Field: "email", Before: "ines@example.org", After: "Ines@example.org"}, {Field: "role", Before: "editor", After: "director"}}
	if diff := cmp.Diff(want, h.last().Changes); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	h.refuses(models.Conflict{}, func() error { return conflictOf(h.SavePerson(h.ctx, h.by, old)) })
	p, _ = h.reg().Person(id)
	p.Email = "nadia@example.org"
	h.refuses(invalid("email", "email.taken"), func() error { return h.SavePerson(h.ctx, h.by, p) })
	p.ID = 99
	h.refuses(models.ErrNotFound, func() error { return h.SavePerson(h.ctx, h.by, p) })
	h.same()
}

func TestLastDirector(t *testing.T) {
	h := newHouse(t)
	p, _ := h.reg().Person(nadia)
	p.Role = models.Editor
	h.refuses(refused("last_director"), func() error { return h.SavePerson(h.ctx, h.by, p) })
	h.refuses(refused("last_director"), func() error { return h.PersonLeaves(h.ctx, h.by, nadia, today) })
	// Another one is of use only if they can sign in as this one can.
	h.ok(h.SetPassword(h.ctx, h.by, nadia, "hash"))
	second, _ := h.reg().Person(paul)
	second.Role = models.Director
	h.ok(h.SavePerson(h.ctx, h.by, second))
	h.refuses(refused("last_director"), func() error { return h.PersonLeaves(h.ctx, h.by, nadia, today) })
	h.ok(h.SetPassword(h.ctx, h.program(), paul, "hash"))
	h.ok(h.PersonLeaves(h.ctx, h.by, nadia, today))
	h.refuses(refused("last_director"), func() error { return h.PersonLeaves(h.ctx, h.by, paul, today) })
	h.same()
}

func TestPersonLeaves(t *testing.T) {
	h := newHouse(t)
	h.ok(h.AssignSeat(h.ctx, h.by, dropboxSub, paul, day("2026-05-01")))
	h.ok(h.SetPassword(h.ctx, h.program(), paul, "hash"))
	token := h.signIn(paul, "paul's")
	h.ok(h.PersonLeaves(h.ctx, h.by, paul, day("2026-07-01")))
	p, _ := h.reg().Person(paul)
	sub, _ := h.reg().Subscription(dropboxSub)
	if p.LeftOn != day("2026-07-01") || sub.SeatsHeld(day("2026-06-30")) != 2 || sub.SeatsHeld(day("2026-07-01")) != 1 {
		t.Errorf("%+v left with %+v", p, sub.Seats)
	}
	if _, err := h.Visit(h.ctx, token, noon); !refusedAs(err, models.ErrNotFound) {
		t.Errorf("still signed in: %v", err)
	}
	gone, err := h.AccountByEmail(h.ctx, "paul@example.org")
	if err != nil || len(gone.Memberships) != 0 {
		t.Errorf("may still sign in: %+v, %v", gone, err)
	}
	h.refuses(models.ErrNotFound, func() error {
		return h.StartSession(h.ctx, Session{
			TokenHash: sha256.Sum256(nil), Account: gone.Account, Organisation: h.org, Person: paul, CreatedAt: noon, ExpiresAt: noon,
		})
	})
	h.refuses(invalid("on", "date.empty"), func() error { return h.PersonLeaves(h.ctx, h.by, claire, cal.Date{}) })
	h.refuses(invalid("person", "choose"), func() error { return h.AssignSeat(h.ctx, h.by, dropboxSub, paul, day("2026-07-01")) })
	h.same()
	h.ok(h.PersonReturns(h.ctx, h.by, paul))
	if back, err := h.AccountByEmail(h.ctx, "paul@example.org"); err != nil || len(back.Memberships) != 1 {
		t.Errorf("cannot sign in again: %+v, %v", back, err)
	}
	h.same()
}

func TestUndoingALeavingGivesTheSeatsBack(t *testing.T) {
	h := newHouse(t)
	h.ok(h.AssignSeat(h.ctx, h.by, dropboxSub, paul, day("2026-05-01")))
	before := h.sub().Seats
	for name, on := range map[string]cal.Date{"later": day("2026-07-01"), "before the seat began": day("2026-04-01")} {
		h.ok(h.PersonLeaves(h.ctx, h.by, paul, on))
		h.ok(h.UndoPersonLeaves(h.ctx, h.by, paul))
		if p, _ := h.reg().Person(paul); !p.LeftOn.IsZero() || !slices.Equal(h.sub().Seats, before) {
			t.Errorf("%s: %+v came back to %+v, want %+v", name, p, h.sub().Seats, before)
		}
		h.same()
	}
	// A seat somebody else has been given is theirs.
	h.ok(h.PersonLeaves(h.ctx, h.by, paul, day("2026-07-01")))
	h.ok(h.PersonReturns(h.ctx, h.by, claire))
	h.ok(h.AssignSeat(h.ctx, h.by, dropboxSub, claire, day("2026-07-02")))
	h.ok(h.UndoPersonLeaves(h.ctx, h.by, paul))
	if sub := h.sub(); sub.Holds(paul, day("2026-07-02")) || !sub.Holds(claire, day("2026-07-02")) {
		t.Errorf("seats %+v", sub.Seats)
	}
	h.same()
}

func TestOwnChoices(t *testing.T) {
	h := newHouse(t)
	self := models.Actor{Organisation: h.org, Person: paul, Name: "Paul", Role: models.Staff, At: noon}
	h.ok(h.SetLanguage(h.ctx, self, paul, models.French))
	h.ok(h.SetDigestChoice(h.ctx, self, paul, true))
	if p, _ := h.reg().Person(paul); p.Lang != models.French || !p.Digest {
		t.Errorf("chose %+v", p)
	}
	revision := h.revision()
	h.ok(h.SetDigestChoice(h.ctx, self, paul, true))
	if h.revision() != revision {
		t.Error("choosing the same again raised the revision")
	}
	h.refuses(models.ErrForbidden, func() error { return h.SetLanguage(h.ctx, self, nadia, models.English) })
	h.refuses(models.ErrForbidden, func() error { return h.SetPassword(h.ctx, self, nadia, "hash") })
	h.refuses(models.ErrForbidden, func() error { return h.SetPassword(h.ctx, h.by, paul, "hash") })
	h.refuses(models.ErrForbidden, func() error { return h.PersonLeaves(h.ctx, self, nadia, today) })
	h.refuses(invalid("lang", "choose"), func() error { return h.SetLanguage(h.ctx, self, paul, "de") })
	h.refuses(invalid("email", "email.for_digest"), func() error { return h.SetDigestChoice(h.ctx, h.by, claire, true) })
	h.same()
}

func TestPassword(t *testing.T) {
	h := newHouse(t)
	if _, err := h.AccountByEmail(h.ctx, "nadia@example.org"); !refusedAs(err, models.ErrNotFound) {
		t.Errorf("signs in without a password: %v", err)
	}
	h.ok(h.SetPassword(h.ctx, h.by, nadia, "first"))
	token := h.signIn(nadia, "phone")
	h.ok(h.SetPassword(h.ctx, h.by, nadia, "second"))
	c, err := h.AccountByEmail(h.ctx, " nadia@EXAMPLE.org ")
	h.ok(err)
	want := Credential{Account: c.Account, Email: "Nadia@example.org", PasswordHash: "second", Memberships: []Membership{{
		Organisation: h.org, Person: nadia, OrganisationName: "Les Chemins", Name: "Nadia", Role: models.Director, Lang: models.French,
	}}}
	if diff := cmp.Diff(want, c); diff != "" || c.Account == 0 {
		t.Errorf("credentials (-want +got):\n%s", diff)
	}
	if _, err := h.Visit(h.ctx, token, noon); !refusedAs(err, models.ErrNotFound) {
		t.Errorf("a session outlives its password: %v", err)
	}
	h.refuses(invalid("password", "required"), func() error { return h.SetPassword(h.ctx, h.by, nadia, "") })
	h.refuses(invalid("email", "email.empty"), func() error { return h.SetPassword(h.ctx, h.program(), claire, "hash") })
	p, _ := h.reg().Person(nadia)
	p.Email, p.Digest = "", false
	h.refuses(invalid("email", "email.empty"), func() error { return h.SavePerson(h.ctx, h.by, p) })
	h.same()
	for _, line := range h.everything()["audit"] {
		if strings.Contains(line, "first") || strings.Contains(line, "second") {
			t.Errorf("the log holds a password's hash: %s", line)
		}
	}
}

// program is the one at the terminal of the machine.
func (h *house) program() models.Actor {
	return models.Actor{Organisation: h.org, Name: "enveloppe", Role: models.Director, At: noon}
}

// account is a person's, made if need be.
func (h *house) account(person models.ID) models.AccountID {
	h.Helper()
	p, _ := h.reg().Person(person)
	id, err := h.AccountFor(h.ctx, h.org, person, p.Email, noon)
	h.ok(err)
	return id
}

// signIn starts a session of an hour and gives its token's hash.
func (h *house) signIn(person models.ID, agent string) [32]byte {
	h.Helper()
	token := sha256.Sum256([]byte(agent))
	h.ok(h.StartSession(h.ctx, Session{
		TokenHash: token, Account: h.account(person), FreshAt: noon, Organisation: h.org, Person: person, CreatedAt: noon, ExpiresAt: noon.Add(time.Hour), Agent: agent, Address: "192.0.2.1",
	}))
	return token
}

func TestSessions(t *testing.T) {
	h := newHouse(t)
	phone, laptop := h.signIn(nadia, "phone"), h.signIn(nadia, "laptop")
	revision := h.revision()
	v, err := h.Visit(h.ctx, phone, noon)
	h.ok(err)
	want := Visit{
		Account: h.account(nadia), Memberships: 1, FreshAt: noon, Organisation: h.org, Person: nadia, Name: "Nadia", Role: models.Director, Lang: models.French, Revision: revision,
		SessionID: v.SessionID, CreatedAt: noon, SeenAt: noon, ExpiresAt: noon.Add(time.Hour),
	}
	if v != want || v.SessionID == 0 {
		t.Errorf("visit %+v, want %+v", v, want)
	}
	h.ok(h.TouchSession(h.ctx, phone, noon.Add(30*time.Minute), noon.Add(2*time.Hour)))
	if v, err := h.Visit(h.ctx, phone, noon.Add(90*time.Minute)); err != nil || !v.SeenAt.Equal(noon.Add(30*time.Minute)) {
		t.Errorf("prolonged: %+v, %v", v, err)
	}
	if _, err := h.Visit(h.ctx, laptop, noon.Add(time.Hour)); !refusedAs(err, models.ErrNotFound) {
		t.Errorf("a session holds at the very moment it runs out: %v", err)
	}
	list, err := h.Sessions(h.ctx, h.account(nadia))
	h.ok(err)
	if len(list) != 2 || list[0].TokenHash != phone || list[1].Agent != "laptop" {
		t.Errorf("sessions %+v", list)
	}
	h.ok(h.EndOtherSessions(h.ctx, h.account(nadia), laptop))
	if _, err := h.Visit(h.ctx, phone, noon); !refusedAs(err, models.ErrNotFound) {
		t.Errorf("another session goes on: %v", err)
	}
	if _, err := h.Visit(h.ctx, laptop, noon); err != nil {
		t.Errorf("the session kept has ended: %v", err)
	}
	h.ok(h.EndSession(h.ctx, laptop))
	h.ok(h.EndSession(h.ctx, laptop))
	h.refuses(models.ErrNotFound, func() error { return h.TouchSession(h.ctx, laptop, noon, noon) })
	if h.revision() != revision {
		t.Error("signing in and out raised the register's revision")
	}
	// What has run out goes when its owner comes back.
	h.signIn(nadia, "old")
	h.ok(h.StartSession(h.ctx, Session{TokenHash: phone, Account: h.account(nadia), Organisation: h.org, Person: nadia, CreatedAt: noon.Add(time.Hour), ExpiresAt: noon.Add(2 * time.Hour)}))
	if list, _ := h.Sessions(h.ctx, h.account(nadia)); len(list) != 1 {
		t.Errorf("sessions %+v", list)
	}
}

func TestAttempts(t *testing.T) {
	h := newHouse(t)
	const window, limit = 15 * time.Minute, 3
	try := func(at time.Time) (bool, time.Duration) {
		allowed, wait, err := h.CountAttempt(h.ctx, "nadia", at, window, limit)
		h.ok(err)
		return allowed, wait
	}
	for n := range limit {
		if ok, _ := try(noon.Add(time.Duration(n) * time.Minute)); !ok {
			t.Fatalf("attempt %d is refused", n+1)
		}
	}
	if ok, wait := try(noon.Add(5 * time.Minute)); ok || wait != 10*time.Minute {
		t.Errorf("one too many: %v, wait %v", ok, wait)
	}
	if ok, _, err := h.CountAttempt(h.ctx, "paul", noon, window, limit); err != nil || !ok {
		t.Errorf("somebody else pays for it: %v, %v", ok, err)
	}
	if ok, _ := try(noon.Add(window)); !ok {
		t.Error("the window does not close")
	}
	for range limit {
		try(noon.Add(window))
	}
	// A limit reached again doubles the wait, up to 16 times; a quiet day forgets it.
	at, want := noon.Add(window), 2*window
	for range 6 {
		if ok, wait := try(at); ok || wait != want {
			t.Fatalf("allowed %v, wait %v, want %v", ok, wait, want)
		}
		at, want = at.Add(want), min(2*want, 16*window)
		for range limit {
			try(at)
		}
	}
	h.ok(h.ClearAttempts(h.ctx, "nadia"))
	if ok, _ := try(noon.Add(window)); !ok {
		t.Error("not forgotten")
	}
	for range limit {
		try(at)
	}
	at = at.Add(window + quietPeriod)
	for range limit {
		if ok, _ := try(at); !ok {
			t.Error("a quiet day does not forget")
		}
	}
	if _, wait := try(at); wait != window {
		t.Errorf("after a quiet day the wait is %v", wait)
	}
	_, _, err := h.CountAttempt(h.ctx, "somebody new", at.Add(240*time.Hour), window, limit)
	h.ok(err)
	if rows := h.everything()["attempts"]; len(rows) != 1 {
		t.Errorf("old attempts are kept: %v", rows)
	}
}
