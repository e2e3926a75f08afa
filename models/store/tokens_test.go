package store

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"enveloppe/models"
	"enveloppe/models/money"
	"enveloppe/models/token"
)

// aToken makes a token for the house's director, as given with what is not said filled in.
func (h *house) aToken(t models.Token) (models.ID, [32]byte) {
	h.Helper()
	if t.Name == "" {
		t.Name = "Tableau de bord"
	}
	if t.Scope == "" {
		t.Scope = models.ScopeRead
	}
	text, hash := token.New(t.Scope)
	id := h.id(h.MakeToken(h.ctx, h.by, t, hash))
	if strings.Contains(fmt.Sprint(h.everything()), text) {
		h.Errorf("%s is in the file", text)
	}
	return id, hash
}

// accounted gives the director an account, without which no token is good.
func (h *house) accounted(person models.ID) {
	h.Helper()
	_, err := h.AccountFor(h.ctx, h.org, person, fmt.Sprintf("p%d@example.org", person), noon)
	h.ok(err)
}

func (h *house) barred(what string, hash [32]byte, at time.Time) {
	h.Helper()
	if b, err := h.Bearer(h.ctx, hash, at); !refusedAs(err, models.ErrNotFound) {
		h.Errorf("%s: %+v, %v", what, b, err)
	}
}

func TestABearerIsTheOwnerAsTheyAreNow(t *testing.T) {
	h := newHouse(t)
	_, early := h.aToken(models.Token{PersonID: nadia, Name: "Tôt"})
	h.barred("of a person without an account", early, noon)
	h.accounted(nadia)
	if _, err := h.Bearer(h.ctx, early, noon); err != nil {
		t.Errorf("once there is an account: %v", err)
	}
	made := models.Token{PersonID: nadia, Name: "Comptes", Scope: models.ScopeWrite, ExpiresOn: today.AddDays(1)}
	id, hash := h.aToken(made)
	b, err := h.Bearer(h.ctx, hash, noon)
	h.ok(err)
	if b.ID != id || b.Organisation != h.org || b.Person != h.by.Name || b.Role != models.Director || b.Account == 0 ||
		b.Token.Name != "Comptes" || b.Scope != models.ScopeWrite || b.ExpiresOn != made.ExpiresOn || b.MadeBy != nadia || !b.UsedAt.IsZero() {
		t.Errorf("bearer %+v", b)
	}
	if e := h.last(); e.Verb != "token.make" || e.Kind != "token" || e.Subject != id || e.Name != "Comptes" || len(e.Changes) != 3 {
		t.Errorf("the log says %+v", e)
	}
	h.barred("another", [32]byte{1}, noon)
	if _, err := h.Bearer(h.ctx, hash, noon.AddDate(0, 0, 1)); err != nil {
		t.Errorf("on its last day: %v", err)
	}
	h.barred("the day after its last, in Paris", hash, time.Date(2026, time.June, 16, 22, 0, 0, 0, time.UTC))

	p, _ := h.reg().Person(nadia)
	other, _ := h.reg().Person(paul)
	other.Role = models.Director
	h.ok(h.SavePerson(h.ctx, h.by, other))
	p.Role = models.Staff
	h.ok(h.SavePerson(h.ctx, h.by, p))
	if b, err = h.Bearer(h.ctx, hash, noon); err != nil || b.Role != models.Staff {
		t.Errorf("after the role changed: %+v, %v", b, err)
	}
	if by := b.Actor("192.0.2.1", noon); by.Role != models.Staff || by.Person != nadia || by.From != "192.0.2.1, Comptes" {
		t.Errorf("acts as %+v", by)
	}
}

func TestATokenEndsWithTheMembership(t *testing.T) {
	h := newHouse(t)
	h.accounted(paul)
	by := h.by
	by.Person, by.Role, by.Name = paul, models.Editor, "Paul"
	text := models.Token{PersonID: paul, Name: "Paul", Scope: models.ScopeWrite}
	_, hash := token.New(text.Scope)
	id := h.id(h.MakeToken(h.ctx, by, text, hash))
	if _, err := h.Bearer(h.ctx, hash, noon); err != nil {
		t.Fatal(err)
	}
	h.force("UPDATE people SET left_on = '2026-06-15' WHERE id = ?", paul) // by whatever way
	h.barred("of somebody who has left", hash, noon)
	h.force("UPDATE people SET left_on = NULL WHERE id = ?", paul)
	h.ok(h.PersonLeaves(h.ctx, h.by, paul, today))
	h.barred("after leaving", hash, noon)
	if entries := h.entries(); !says(entries, "person.leave", id) {
		t.Errorf("the log does not tell that token %d ended: %+v", id, entries)
	}
	h.ok(h.UndoPersonLeaves(h.ctx, h.by, paul))
	h.barred("after coming back", hash, noon)
}

func (h *house) entries() []models.AuditEntry {
	h.Helper()
	list, err := h.Audit(h.ctx, h.org, AuditFilter{Limit: 20})
	h.ok(err)
	return list
}

func says(entries []models.AuditEntry, verb string, subject models.ID) bool {
	for _, e := range entries {
		if e.Verb == verb && e.Kind == "token" && e.Subject == subject {
			return true
		}
	}
	return false
}

func TestWhoMakesAndRevokesTokens(t *testing.T) {
	h := newHouse(t)
	h.accounted(nadia)
	staff := h.by
	staff.Person, staff.Role = paul, models.Staff
	make1 := func(by models.Actor, x models.Token) func() error {
		return func() error {
			_, hash := token.New(x.Scope)
			return first(h.MakeToken(h.ctx, by, x, hash))
		}
	}
	read := models.Token{PersonID: nadia, Name: "x", Scope: models.ScopeRead}
	feed := models.Token{Name: "Tous", Scope: models.ScopeCalendar, Feed: models.Feed{Lang: models.French}}
	h.refuses(models.ErrForbidden, make1(staff, read))
	h.refuses(models.ErrForbidden, make1(staff, feed))
	h.refuses(models.ErrForbidden, make1(models.Actor{Organisation: h.org, Role: models.Director, At: noon}, read))
	h.refuses(refused("token.role"), make1(staff, models.Token{PersonID: paul, Name: "x", Scope: models.ScopeWrite}))
	h.refuses(invalid("scope", "choose"), make1(h.by, models.Token{Name: "x", Scope: models.ScopeRead}))
	h.refuses(invalid("expires_on", "date.past"), make1(h.by, models.Token{PersonID: nadia, Name: "x", Scope: models.ScopeRead, ExpiresOn: today.AddDays(-1)}))

	id, hash := h.aToken(read)
	shared, feedHash := h.aToken(feed)
	if b, err := h.Bearer(h.ctx, feedHash, noon); err != nil || b.PersonID != 0 || b.Role != "" || b.Account != 0 || b.Lang != models.French {
		t.Errorf("the organisation's: %+v, %v", b, err)
	}
	h.refuses(models.ErrNotFound, func() error { return h.RevokeToken(h.ctx, staff, id) })
	h.refuses(models.ErrNotFound, func() error { return h.RevokeToken(h.ctx, staff, shared) })
	stranger := h.by
	stranger.Organisation++
	h.refuses(models.ErrNotFound, func() error { return h.RevokeToken(h.ctx, stranger, id) })
	h.refuses(models.ErrNotFound, func() error { return h.RevokeToken(h.ctx, h.by, nadia) })
	h.ok(h.RevokeToken(h.ctx, h.by, id))
	h.barred("revoked", hash, noon)
	if list, err := h.Tokens(h.ctx, h.org); err != nil || len(list) != 1 || list[0].ID != shared {
		t.Errorf("left: %+v, %v", list, err)
	}
	editor := h.by
	editor.Person, editor.Role = paul, models.Director
	h.ok(h.RevokeToken(h.ctx, editor, shared))

	for i := range models.MaxTokens {
		h.aToken(models.Token{PersonID: nadia, Name: fmt.Sprint("n", i)})
	}
	h.refuses(refused("token.many"), make1(h.by, read))
}

func TestTheLastUseOfATokenIsNotedNowAndThen(t *testing.T) {
	h := newHouse(t)
	h.accounted(nadia)
	_, hash := h.aToken(models.Token{PersonID: nadia})
	revision := h.reg().Revision
	use := func(from string, at time.Time) Bearer {
		t.Helper()
		b, err := h.Bearer(h.ctx, hash, at)
		h.ok(err)
		h.ok(h.UseToken(h.ctx, b, from, at))
		b, err = h.Bearer(h.ctx, hash, at)
		h.ok(err)
		return b
	}
	if b := use("192.0.2.1", noon); !b.UsedAt.Equal(noon) || b.UsedFrom != "192.0.2.1" {
		t.Errorf("first use: %+v", b)
	}
	if b := use("192.0.2.1", noon.Add(59*time.Minute)); !b.UsedAt.Equal(noon) {
		t.Errorf("within the hour: %v", b.UsedAt)
	}
	if b := use("192.0.2.1", noon.Add(time.Hour)); !b.UsedAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("after an hour: %v", b.UsedAt)
	}
	if b := use(strings.Repeat("x", 300), noon.Add(61*time.Minute)); len(b.UsedFrom) != 100 {
		t.Errorf("from elsewhere: %q", b.UsedFrom)
	}
	if h.reg().Revision != revision {
		t.Error("using a token changes the register")
	}
}

func TestARequestSentTwiceRecordsOnce(t *testing.T) {
	h := newHouse(t)
	p := models.Payment{SubscriptionID: dropboxSub, ChargeOn: march, PaidOn: today, Billed: money.Euros(3000)}
	once := Once{Key: "k1", Digest: [32]byte{1}}
	var ids sync.Map
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			id, _, err := h.RecordPaymentOnce(context.Background(), h.by, once, p, today)
			if err != nil {
				t.Error(err)
			}
			ids.Store(id, true)
		})
	}
	all.Wait()
	n := 0
	ids.Range(func(id, _ any) bool { n++; return id.(models.ID) != 0 })
	if n != 1 {
		t.Fatalf("%d payments for one request", n)
	}
	id, again, err := h.RecordPaymentOnce(h.ctx, h.by, once, p, today)
	if err != nil || !again {
		t.Errorf("once more: %t, %v", again, err)
	}
	h.same()
	h.refuses(refused("request.key"), func() error {
		_, _, err := h.RecordPaymentOnce(h.ctx, h.by, Once{Key: "k1", Digest: [32]byte{2}}, p, today)
		return err
	})
	h.refuses(invalid("charge", "charge.settled"), func() error {
		_, _, err := h.RecordPaymentOnce(h.ctx, h.by, Once{Key: "k2", Digest: [32]byte{1}}, p, today)
		return err
	})
	h.refuses(invalid("key", "request.key"), func() error {
		_, _, err := h.RecordPaymentOnce(h.ctx, h.by, Once{}, p, today)
		return err
	})
	// A request that was refused may be sent again once it is right: nothing is remembered of it.
	undo := Once{Key: "k2", Digest: [32]byte{3}}
	undone, again, err := h.ReversePaymentOnce(h.ctx, h.by, undo, id, "erreur")
	if err != nil || again {
		t.Fatalf("reversal: %t, %v", again, err)
	}
	if same, again, err := h.ReversePaymentOnce(h.ctx, h.by, undo, id, "erreur"); same != undone || !again || err != nil {
		t.Errorf("the reversal once more: %d, want %d, %t, %v", same, undone, again, err)
	}
	// The payment was undone since: its request still answers it, and pays nothing anew.
	if same, again, err := h.RecordPaymentOnce(h.ctx, h.by, once, p, today); same != id || !again || err != nil {
		t.Errorf("after the reversal: %d, %t, %v", same, again, err)
	}
	staff := h.by
	staff.Role = models.Staff
	h.refuses(models.ErrForbidden, func() error {
		_, _, err := h.RecordPaymentOnce(h.ctx, staff, once, p, today)
		return err
	})
	other := h.by
	other.Person = paul
	h.refuses(invalid("charge", "charge.none"), func() error { // a key is its person's own
		q := p
		q.ChargeOn = march.AddDays(1)
		_, _, err := h.RecordPaymentOnce(h.ctx, other, once, q, today)
		return err
	})
	late := h.by
	late.At = noon.Add(requestMemory + time.Hour)
	free := models.Payment{ServiceID: dropbox, PaidOn: today, Billed: p.Billed}
	if _, again, err := h.RecordPaymentOnce(h.ctx, late, Once{Key: "k9"}, free, today); again || err != nil {
		t.Errorf("months later: %t, %v", again, err)
	}
	if left, err := column[string](h.ctx, h.readers, "SELECT key FROM requests"); err != nil || len(left) != 1 {
		t.Errorf("remembered for ever: %v, %v", left, err)
	}
}
