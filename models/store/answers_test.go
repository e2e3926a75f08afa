package store

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// The renewals of the house's Dropbox that can still be said no to: 31 July, for whose notice of 30 days 29 June is the
// last day the margin leaves, and the one after.
var julyRenewal, augustRenewal = day("2026-07-31"), day("2026-08-31")

// answer says something to the renewal of July.
func (h *house) answer(kind models.DecisionKind, change ...func(*Answer)) Answer {
	h.Helper()
	a := Answer{
		Decision: models.Decision{SubscriptionID: dropboxSub, Kind: kind, On: today, Renewal: julyRenewal, Reason: "trop cher", How: models.CancelOnline},
		Version:  h.sub().Version,
	}
	for _, c := range change {
		c(&a)
	}
	return a
}

func (h *house) decisionOf(id models.ID) models.Decision {
	h.Helper()
	d, ok := h.reg().Decision(id)
	if !ok {
		h.Fatalf("no decision %d", id)
	}
	return d
}

// asks tells whether the renewal of July is a question nobody has answered.
func (h *house) asks() bool {
	h.Helper()
	return slices.ContainsFunc(h.reg().Questions(today), func(q models.Question) bool { return q.Charge.On == julyRenewal && !q.Answered() })
}

// plain is what the facts say, versions and the log apart.
func (h *house) plain() models.Facts {
	h.Helper()
	f := h.reg().Facts
	f.Revision = 0
	f.Subscriptions = slices.Clone(f.Subscriptions)
	for i := range f.Subscriptions {
		f.Subscriptions[i].Version = 0
	}
	return f
}

func TestAnswerRenewal(t *testing.T) {
	fewer := func(a *Answer) { a.Seats = 1 }
	basic := func(a *Answer) { a.Plan, a.Terms = dropboxFree, models.Terms{Seats: 1} }
	plus := func(a *Answer) { a.Plan, a.Terms = dropboxPlus, models.Terms{Price: usd(999), Seats: 1} }
	for _, c := range []struct {
		name   string
		kind   models.DecisionKind
		change func(*Answer)
		check  func(r *models.Register, d models.Decision, s models.Subscription) bool
	}{
		{"keep", models.Keep, func(*Answer) {}, func(_ *models.Register, d models.Decision, s models.Subscription) bool {
			return d.Kind == models.Keep && s.EndsOn.IsZero() && s.LookOn.IsZero()
		}},
		{"cancel", models.Drop, func(*Answer) {}, func(_ *models.Register, d models.Decision, s models.Subscription) bool {
			return d.How == models.CancelOnline && s.CancelledOn == today && s.EndsOn == julyRenewal && s.CancelReason == "trop cher"
		}},
		{"cancel later", models.Drop, func(a *Answer) { a.EndsOn = augustRenewal }, func(_ *models.Register, _ models.Decision, s models.Subscription) bool {
			return s.EndsOn == augustRenewal
		}},
		{"replace", models.Replace, func(a *Answer) { a.Decision.ReplacedBy = "Nextcloud" }, func(_ *models.Register, d models.Decision, s models.Subscription) bool {
			return d.ReplacedBy == "Nextcloud" && s.EndsOn == julyRenewal
		}},
		{"free plan", models.Downgrade, basic, func(r *models.Register, d models.Decision, s models.Subscription) bool {
			next, _ := r.Subscription(s.SuccessorID)
			return d.Kind == models.Downgrade && s.EndsOn == julyRenewal && next.PlanID == dropboxFree && next.StartedOn == julyRenewal && len(next.Seats) == 1
		}},
		{"cheaper plan", models.Downgrade, plus, func(r *models.Register, d models.Decision, s models.Subscription) bool {
			next, _ := r.Subscription(s.SuccessorID)
			return d.Kind == models.Downgrade && next.TermsOn(julyRenewal).Price == usd(999)
		}},
		{"a plan that costs more is noted as such", models.Downgrade, func(a *Answer) { plus(a); a.Terms.Price = usd(9999) }, func(_ *models.Register, d models.Decision, _ models.Subscription) bool {
			return d.Kind == models.Upgrade
		}},
		{"fewer seats", models.Downgrade, fewer, func(_ *models.Register, d models.Decision, s models.Subscription) bool {
			return d.Seats == 1 && d.SeatsWas == 2 && s.TermsOn(julyRenewal).Billed() == money.Euros(1500) && s.TermsOn(julyRenewal.AddDays(-1)).Seats == 2
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			before := h.plain()
			if !h.asks() {
				t.Fatal("nothing is asked")
			}
			a := h.answer(c.kind, c.change)
			a.Proofs = []NamedFile{{`C:\preuve.pdf`, pdf}}
			id := h.id(h.AnswerRenewal(h.ctx, h.by, a, today))
			d := h.decisionOf(id)
			if d.ServiceID != dropbox || d.By != nadia || d.On != today || d.Renewal != julyRenewal || d.Reason != "trop cher" || !c.check(h.reg(), d, h.sub()) {
				t.Errorf("noted %+v of %+v", d, h.sub())
			}
			if h.asks() {
				t.Error("it is still asked")
			}
			if p := h.reg().ProofsOf(id); len(p) != 1 || p[0].Name != "preuve.pdf" {
				t.Errorf("proofs %+v", p)
			}
			h.same()
			h.wellFormed()
			h.ok(h.UndoAnswer(h.ctx, h.by, id))
			if diff := diffFacts(before, h.plain()); diff != "" {
				t.Errorf("taken back (-before +after):\n%s", diff)
			}
			if !h.asks() || h.documents() != 0 {
				t.Errorf("asked %v, %d documents", h.asks(), h.documents())
			}
			h.same()
			h.wellFormed()
		})
	}
}

// An answer is written whole or not at all, and what was shown must still be so.
func TestAnswerRefused(t *testing.T) {
	h := newHouse(t)
	for name, c := range map[string]struct {
		a    Answer
		want error
	}{
		"an empty proof":       {h.answer(models.Drop, func(a *Answer) { a.Proofs = []NamedFile{{"x", nil}} }), invalid("file", "file.empty")},
		"a script":             {h.answer(models.Keep, func(a *Answer) { a.Proofs = []NamedFile{{"x", []byte("#!/bin/sh")}} }), invalid("file", "file.kind")},
		"saved meanwhile":      {h.answer(models.Keep, func(a *Answer) { a.Version-- }), models.Conflict{}},
		"nobody of ours":       {h.answer(models.Keep, func(a *Answer) { a.Decision.By = 99 }), invalid("by", "choose")},
		"no such plan":         {h.answer(models.Downgrade, func(a *Answer) { a.Plan = 99 }), invalid("plan", "choose")},
		"another's plan":       {h.answer(models.Downgrade, func(a *Answer) { a.Plan, a.Terms.Seats = agendaFree, 1 }), invalid("plan", "choose")},
		"no seat at all":       {h.answer(models.Downgrade), invalid("seats", "seats.not_fewer")},
		"replaced by nothing":  {h.answer(models.Replace), invalid("replaced_by", "required")},
		"no renewal":           {h.answer(models.Keep, func(a *Answer) { a.Decision.Renewal = today }), invalid("renewal", "choose")},
		"tomorrow":             {h.answer(models.Keep, func(a *Answer) { a.Decision.On = today.AddDays(1) }), invalid("on", "date.future")},
		"no such subscription": {h.answer(models.Keep, func(a *Answer) { a.Decision.SubscriptionID = 99 }), models.ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			h.TB = t
			h.refuses(c.want, func() error {
				_, err := h.AnswerRenewal(h.ctx, h.by, c.a, today)
				if _, ok := errors.AsType[models.Conflict](err); ok { // of a planted one nobody knows who saved it
					return models.Conflict{}
				}
				return err
			})
		})
	}
	h.TB = t
	h.ok(h.Cancel(h.ctx, h.by, dropboxSub, h.sub().Version, today, cal.Date{}, ""))
	h.refuses(models.Refused{Rule: "already_ending"}, func() error { return first(h.AnswerRenewal(h.ctx, h.by, h.answer(models.Keep), today)) })
}

// A form to keep something sent twice notes it once; a mind that changes is noted.
func TestKeepingTwice(t *testing.T) {
	h := newHouse(t)
	a := h.answer(models.Keep)
	id := h.id(h.AnswerRenewal(h.ctx, h.by, a, today))
	at := h.revision()
	if again := h.id(h.AnswerRenewal(h.ctx, h.by, a, today)); again != id || h.revision() != at {
		t.Errorf("again %d at %d", again, h.revision())
	}
	a.Decision.Reason = "tout bien pesé"
	other := h.id(h.AnswerRenewal(h.ctx, h.by, a, today))
	h.refuses(models.Refused{Rule: "answer_later"}, func() error { return h.UndoAnswer(h.ctx, h.by, id) })
	h.ok(h.UndoAnswer(h.ctx, h.by, other))
	h.ok(h.UndoAnswer(h.ctx, h.by, id))
	h.refuses(models.ErrNotFound, func() error { return h.UndoAnswer(h.ctx, h.by, id) })
	plain := h.id(h.AddDecision(h.ctx, h.by, models.Decision{SubscriptionID: dropboxSub, Kind: models.Keep, On: today}))
	h.refuses(models.Refused{Rule: "not_an_answer"}, func() error { return h.UndoAnswer(h.ctx, h.by, plain) })
}

// What has happened since keeps an answer from being taken back.
func TestAnswersThatCannotBeTakenBack(t *testing.T) {
	h := newHouse(t)
	seats := h.id(h.AnswerRenewal(h.ctx, h.by, h.answer(models.Downgrade, func(a *Answer) { a.Seats = 1 }), today))
	p := h.id(h.RecordPayment(h.ctx, h.by, models.Payment{SubscriptionID: dropboxSub, ChargeOn: julyRenewal, PaidOn: today, Billed: money.Euros(1500)}, today))
	h.refuses(models.Refused{Rule: "answer_paid"}, func() error { return h.UndoAnswer(h.ctx, h.by, seats) })
	h.id(h.ReversePayment(h.ctx, h.by, p, ""))
	terms := h.sub().Terms[1]
	terms.Seats = 3
	h.ok(h.SaveTerms(h.ctx, h.by, dropboxSub, h.sub().Version, terms))
	h.refuses(models.Refused{Rule: "answer_changed"}, func() error { return h.UndoAnswer(h.ctx, h.by, seats) })

	h = newHouse(t)
	drop := h.id(h.AnswerRenewal(h.ctx, h.by, h.answer(models.Drop), today))
	h.id(h.AddProof(h.ctx, h.by, drop, NamedFile{"accusé.pdf", pdf}))
	h.ok(h.Reopen(h.ctx, h.by, dropboxSub)) // the other way back takes the decision and its file along
	if len(h.reg().Decisions)+len(h.reg().Proofs)+h.documents() != 0 {
		t.Errorf("left %+v, %+v", h.reg().Decisions, h.reg().Proofs)
	}

	plan := h.id(h.AnswerRenewal(h.ctx, h.by, h.answer(models.Downgrade, func(a *Answer) { a.Plan, a.Terms.Seats = dropboxFree, 1 }), today))
	next := h.sub().SuccessorID
	h.id(h.AddDecision(h.ctx, h.by, models.Decision{SubscriptionID: next, Kind: models.StayFree, On: today}))
	h.ok(h.UndoSwitch(h.ctx, h.by, dropboxSub))
	if _, ok := h.reg().Decision(plan); ok || len(h.reg().Decisions) != 1 {
		t.Errorf("left %+v", h.reg().Decisions)
	}
	h.same()
}

// The data taken out on the day of the decision are noted with the service, by whom, and stay noted.
func TestAnswerWithALastExport(t *testing.T) {
	h := newHouse(t)
	id := h.id(h.AnswerRenewal(h.ctx, h.by, h.answer(models.Drop, func(a *Answer) { a.Exported = true }), today))
	if sv, _ := h.reg().Service(dropbox); sv.ExportedOn != today {
		t.Errorf("exported %v", sv.ExportedOn)
	}
	h.ok(h.UndoAnswer(h.ctx, h.by, id))
	if sv, _ := h.reg().Service(dropbox); sv.ExportedOn != today {
		t.Errorf("exported %v", sv.ExportedOn)
	}
	h.id(h.AnswerRenewal(h.ctx, h.by, h.answer(models.Drop, func(a *Answer) { a.Exported, a.Decision.On = true, today.AddDays(-3) }), today))
	if sv, _ := h.reg().Service(dropbox); sv.ExportedOn != today {
		t.Errorf("an earlier day takes the later one's place: %v", sv.ExportedOn)
	}
}

func TestProofs(t *testing.T) {
	h := newFurnishedHouse(t)
	d := h.id(h.AddDecision(h.ctx, h.by, models.Decision{ServiceID: dropbox, Kind: models.Keep, On: today}))
	id := h.id(h.AddProof(h.ctx, h.by, d, NamedFile{`../mail du 3 mars.pdf`, other}))
	p, content, err := h.ProofContent(h.ctx, h.org, id)
	if err != nil || !bytes.Equal(content, other) || p.Name != "mail du 3 mars.pdf" || p.Media != models.PDF || p.AddedBy != nadia || !p.AddedAt.Equal(noon) || p.Hash != hashOf(other) || p.DecisionID != d {
		t.Errorf("filed %+v, %v", p, err)
	}
	at := h.revision()
	if again := h.id(h.AddProof(h.ctx, h.by, d, NamedFile{"copie.pdf", other})); again != id || h.revision() != at {
		t.Errorf("filed again as %d", again)
	}
	if _, _, err := h.ProofContent(h.ctx, h.org+1, id); !refusedAs(err, models.ErrNotFound) {
		t.Errorf("another's: %v", err)
	}
	h.refuses(models.ErrNotFound, func() error { return first(h.AddProof(h.ctx, h.by, 99, NamedFile{"x", other})) })
	h.refuses(invalid("file", "file.too_large"), func() error {
		return first(h.AddProof(h.ctx, h.by, d, NamedFile{"x", append([]byte("%PDF-"), make([]byte, models.MaxAttachment)...)}))
	})
	entries, err := h.Audit(h.ctx, h.org, AuditFilter{Kind: "proof"})
	if h.ok(err); len(entries) != 1 || entries[0].Name != "mail du 3 mars.pdf" || !strings.HasPrefix(entries[0].Changes[0].After, "Dropbox 2026-06-15") {
		t.Errorf("the log says %+v", entries)
	}
	h.same()
	// One content may be a payment's invoice and a decision's proof: it goes with the last of them.
	twin := h.id(h.AddProof(h.ctx, h.by, d, NamedFile{"F1.pdf", pdf}))
	h.ok(h.Detach(h.ctx, h.by, aFile))
	if _, content, err := h.ProofContent(h.ctx, h.org, twin); err != nil || !bytes.Equal(content, pdf) {
		t.Errorf("gone with the attachment: %v", err)
	}
	h.ok(h.RemoveProof(h.ctx, h.by, twin))
	h.ok(h.RemoveDecision(h.ctx, h.by, d)) // and a decision takes its files along
	if h.documents() != 0 || len(h.reg().Proofs) != 0 {
		t.Errorf("%d documents, %d proofs", h.documents(), len(h.reg().Proofs))
	}
	h.refuses(models.ErrNotFound, func() error { return h.RemoveProof(h.ctx, h.by, twin) })
	h.same()
	h.wellFormed()
}

func TestPlantKeepsProofs(t *testing.T) {
	f := sample()
	f.Decisions = []models.Decision{{
		ID: 30, ServiceID: dropbox, SubscriptionID: dropboxSub, Kind: models.Downgrade, On: today, By: nadia, Reason: "moins de monde", Renewal: julyRenewal,
		Seats: 1, SeatsWas: 2, ReplacedBy: "Nextcloud", How: models.CancelLetter,
	}}
	f.Proofs = []models.Proof{{ID: 31, DecisionID: 30, File: models.File{Name: "mail.pdf", Media: models.PDF, Size: int64(len(pdf)), Hash: hashOf(pdf), AddedAt: noon, AddedBy: nadia}}}
	h := houseOf(t, f, pdf)
	got := h.reg().Facts
	got.Decisions, got.Proofs = slices.Clone(got.Decisions), slices.Clone(got.Proofs)
	got.Decisions[0].Version, got.Proofs[0].Version = 0, 0
	if diff := diffFacts(models.Facts{Decisions: f.Decisions, Proofs: f.Proofs}, models.Facts{Decisions: got.Decisions, Proofs: got.Proofs}); diff != "" {
		t.Errorf("(-planted +read):\n%s", diff)
	}
	for _, text := range []string{
		"UPDATE decisions SET how = 'pigeon'", "UPDATE decisions SET seats = -1", "UPDATE decisions SET renewal = 'demain'",
		"UPDATE proofs SET decision_id = 99", "UPDATE proofs SET media = 'text/html'", "UPDATE proofs SET size = 0", "DELETE FROM decisions", "DELETE FROM documents",
	} {
		if err := h.writer.Exec(text).Error; err == nil {
			t.Errorf("%s: taken", text)
		}
	}
	h.id(h.AnswerRenewal(h.ctx, h.by, h.answer(models.Keep), today)) // IDs go on after the planted ones
	h.wellFormed()
}

// answered is the answer there is, for the verbs that need one; 99, which is none, while there is none.
func (h *house) answered() models.ID {
	h.Helper()
	for _, d := range h.reg().Decisions {
		if !d.Renewal.IsZero() {
			return d.ID
		}
	}
	return 99
}

func (h *house) proof() models.ID {
	h.Helper()
	for _, p := range h.reg().Proofs {
		return p.ID
	}
	return 99
}
