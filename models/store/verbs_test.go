package store

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// verb is a writing verb with what it needs to succeed on the sample, and whom it is for.
type verb struct {
	may func(models.Role) bool
	do  func(s *Store, h *house, by models.Actor) error
	own bool // it names no record: on another organisation it succeeds, on that one's own
}

func first(_ models.ID, err error) error { return err }

// verbs are all those that take an actor.
func verbs() map[string]verb {
	return map[string]verb{
		"SaveOrganisation": {mayManage, func(s *Store, h *house, by models.Actor) error {
			o := h.reg().Organisation
			o.Name = "Autre"
			return s.SaveOrganisation(h.ctx, by, o)
		}, false},
		"AddPerson": {mayManage, func(s *Store, h *house, by models.Actor) error {
			return first(s.AddPerson(h.ctx, by, models.Person{Name: "X", Role: models.Staff, Lang: models.French}))
		}, true},
		"SavePerson": {mayManage, func(s *Store, h *house, by models.Actor) error {
			p, _ := h.reg().Person(paul)
			p.Name = "X"
			return s.SavePerson(h.ctx, by, p)
		}, false},
		"PersonLeaves":     {mayManage, func(s *Store, h *house, by models.Actor) error { return s.PersonLeaves(h.ctx, by, paul, today) }, false},
		"PersonReturns":    {mayManage, func(s *Store, h *house, by models.Actor) error { return s.PersonReturns(h.ctx, by, claire) }, false},
		"UndoPersonLeaves": {mayManage, func(s *Store, h *house, by models.Actor) error { return s.UndoPersonLeaves(h.ctx, by, claire) }, false},
		"SetDigestChoice":  {mayManage, func(s *Store, h *house, by models.Actor) error { return s.SetDigestChoice(h.ctx, by, paul, true) }, false},
		"SetLanguage":      {mayManage, func(s *Store, h *house, by models.Actor) error { return s.SetLanguage(h.ctx, by, paul, models.French) }, false},
		"SetPassword":      {mayManage, func(s *Store, h *house, by models.Actor) error { return s.SetPassword(h.ctx, by, nadia, "hash") }, false},
		"NoteAuditExport": {mayExport, func(s *Store, h *house, by models.Actor) error {
			return s.NoteAuditExport(h.ctx, by, []models.Change{{Field: "kind", After: "payment"}})
		}, true},
		"InvitePerson": {mayManage, func(s *Store, h *house, by models.Actor) error {
			return first(s.InvitePerson(h.ctx, by, models.Person{Name: "X", Email: "x@example.org", Role: models.Staff, Lang: models.French}, secret("x")))
		}, true},
		"Invite": {mayManage, func(s *Store, h *house, by models.Actor) error { return s.Invite(h.ctx, by, paul, secret("paul")) }, false},
		"WithdrawInvitation": {mayManage, func(s *Store, h *house, by models.Actor) error {
			return s.WithdrawInvitation(h.ctx, by, paul)
		}, false},
		"AddFunction": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return first(s.AddFunction(h.ctx, by, models.Function{Name: "X", Account: "626"}))
		}, true},
		"SaveFunction": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			f, _ := h.reg().Function(access)
			f.Account = "626"
			return s.SaveFunction(h.ctx, by, f)
		}, false},
		"AddVendor": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return first(s.AddVendor(h.ctx, by, models.Vendor{Name: "X"}))
		}, true},
		"EnsureVendor": {mayEdit, func(s *Store, h *house, by models.Actor) error { return first(s.EnsureVendor(h.ctx, by, "Y", "FR")) }, true},
		"SaveVendor": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			v, _ := h.reg().Vendor(framasoft)
			v.Account = "401F"
			return s.SaveVendor(h.ctx, by, v)
		}, false},
		"RemoveVendor": {mayEdit, func(s *Store, h *house, by models.Actor) error { return s.RemoveVendor(h.ctx, by, framasoft) }, false},
		"AddMeans": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return first(s.AddMeans(h.ctx, by, models.Means{Name: "X"}))
		}, true},
		"SaveMeans": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			m, _ := h.reg().PaidBy(card)
			m.ExpiresOn = today
			return s.SaveMeans(h.ctx, by, m)
		}, false},
		"AddService": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return first(s.AddService(h.ctx, by, models.Service{Name: "X", FunctionID: access}))
		}, false},
		"AddServiceWithPlan": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return first(s.AddServiceWithPlan(h.ctx, by, entry()))
		}, false},
		"SaveService": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			v, _ := h.reg().Service(dropbox)
			v.Note = "x"
			return s.SaveService(h.ctx, by, v)
		}, false},
		"ArchiveService": {mayEdit, func(s *Store, h *house, by models.Actor) error { return s.ArchiveService(h.ctx, by, skype, today) }, false},
		"RestoreService": {mayEdit, func(s *Store, h *house, by models.Actor) error { return s.RestoreService(h.ctx, by, skype) }, false},
		"RecordExport":   {mayEdit, func(s *Store, h *house, by models.Actor) error { return s.RecordExport(h.ctx, by, dropbox, today) }, false},
		"PutExport": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return s.PutExport(h.ctx, by, dropbox, today, paul)
		}, false},
		"SaveAccess": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			v, _ := h.reg().Service(dropbox)
			v.Access.Hosting = "Irlande"
			return s.SaveAccess(h.ctx, by, v)
		}, false},
		"AddPlan": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return first(s.AddPlan(h.ctx, by, models.Plan{ServiceID: dropbox, Name: "X", Tier: models.Free, Cadence: cal.Monthly}))
		}, false},
		"SavePlan": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			p, _ := h.reg().Plan(dropPro)
			p.Limits = "x"
			return s.SavePlan(h.ctx, by, p)
		}, false},
		"RetirePlan":  {mayEdit, func(s *Store, h *house, by models.Actor) error { return s.RetirePlan(h.ctx, by, dropboxPlus, today) }, false},
		"RestorePlan": {mayEdit, func(s *Store, h *house, by models.Actor) error { return s.RestorePlan(h.ctx, by, dropboxPlus) }, false},
		"RemovePlan":  {mayEdit, func(s *Store, h *house, by models.Actor) error { return s.RemovePlan(h.ctx, by, dropboxPlus) }, false},
		"Subscribe": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return first(s.Subscribe(h.ctx, by, models.Subscription{PlanID: skypePaid, StartedOn: today, Anchor: today, Cadence: cal.Yearly}))
		}, false},
		"SaveSubscription": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			m := h.sub()
			m.Note = "x"
			return s.SaveSubscription(h.ctx, by, m)
		}, false},
		"AddTerms": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return s.AddTerms(h.ctx, by, dropboxSub, h.sub().Version, models.Terms{From: today, Price: money.Euros(1), Seats: 1})
		}, false},
		"SaveTerms": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return s.SaveTerms(h.ctx, by, dropboxSub, h.sub().Version, models.Terms{ID: dropboxTerms, Price: money.Euros(1), Seats: 1})
		}, false},
		"Cancel": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return s.Cancel(h.ctx, by, dropboxSub, h.sub().Version, today, cal.Date{}, "")
		}, false},
		"SwitchPlan": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return first(s.SwitchPlan(h.ctx, by, Switch{
				Subscription: dropboxSub, Version: h.sub().Version, Plan: dropboxPlus, On: today, Terms: models.Terms{Price: usd(999), Seats: 1},
			}))
		}, false},
		"AssignSeats": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return s.AssignSeats(h.ctx, by, paul, []models.ID{dropboxSub, agendaSub}, today)
		}, false},
		"TakeSeatsBack": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return s.TakeSeatsBack(h.ctx, by, nadia, []models.ID{dropboxSub}, day("2026-01-31"))
		}, false},
		"AssignSeat": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return s.AssignSeat(h.ctx, by, dropboxSub, paul, today)
		}, false},
		"FreeSeat": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return s.FreeSeat(h.ctx, by, dropboxSub, aSeat, today)
		}, false},
		"RecordPayment": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return first(s.RecordPayment(h.ctx, by, models.Payment{ServiceID: dropbox, PaidOn: today, Billed: money.Euros(1)}, today))
		}, false},
		"Waive": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return first(s.Waive(h.ctx, by, models.Waiver{SubscriptionID: dropboxSub, ChargeOn: day("2026-03-31"), Reason: "x"}))
		}, false},
		"SetEnvelope": {mayManage, func(s *Store, h *house, by models.Actor) error {
			return s.SetEnvelope(h.ctx, by, models.Envelope{Year: 2030, Ceiling: money.Euros(1)})
		}, true},
		"RemoveEnvelope": {mayManage, func(s *Store, h *house, by models.Actor) error { return s.RemoveEnvelope(h.ctx, by, 2026) }, false},
		"AddRate": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return first(s.AddRate(h.ctx, by, models.ReferenceRate{Currency: "GBP", Day: today, Rate: rate("0.86")}, today))
		}, true},
		"RemoveRate": {mayEdit, func(s *Store, h *house, by models.Actor) error { return s.RemoveRate(h.ctx, by, aRate) }, false},
		"AnswerRenewal": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return first(s.AnswerRenewal(h.ctx, by, h.answer(models.Drop), today))
		}, false},
		"UndoAnswer": {mayEdit, func(s *Store, h *house, by models.Actor) error { return s.UndoAnswer(h.ctx, by, h.answered()) }, false},
		"AddProof": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return first(s.AddProof(h.ctx, by, h.answered(), NamedFile{"accusé.pdf", pdf}))
		}, false},
		"RemoveProof": {mayEdit, func(s *Store, h *house, by models.Actor) error { return s.RemoveProof(h.ctx, by, h.proof()) }, false},
		"AddDecision": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return first(s.AddDecision(h.ctx, by, models.Decision{ServiceID: dropbox, Kind: models.Keep, On: today}))
		}, false},
		"AcknowledgeFlag": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return s.AcknowledgeFlag(h.ctx, by, models.FlagKey{Kind: models.FlagSeatsFree, Subject: dropboxSub}, today)
		}, false},
		"SnoozeFlag": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return s.SnoozeFlag(h.ctx, by, models.FlagKey{Kind: models.FlagSeatsFree, Subject: dropboxSub}, today, today.AddDays(1))
		}, false},
	}
}

// Each verb is refused, before anything is looked at, to the roles it is not for; for the others it writes once.
func TestRoles(t *testing.T) {
	h := newFurnishedHouse(t)
	all := everyVerb()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) {
			h.TB = t
			for _, role := range append(slices.Clone(models.Roles), "") {
				by := h.by
				by.Person, by.Role = 0, role
				if !all[name].may(role) {
					h.refuses(models.ErrForbidden, func() error { return all[name].do(h.Store, h, by) })
				}
			}
		})
	}
}

// Each verb raises the revision by one, writes the log, and leaves a register that is the same kept as read afresh.
func TestVerbsRaiseTheRevisionByOne(t *testing.T) {
	for name, v := range everyVerb() {
		t.Run(name, func(t *testing.T) {
			h := newFurnishedHouse(t)
			h.ready(name)
			h.reg()
			before := h.revision()
			h.ok(v.do(h.Store, h, h.by))
			if h.revision() != before+1 {
				t.Errorf("revision %d after %d", h.revision(), before)
			}
			if e := h.last(); e.Revision != before+1 || e.By != nadia || e.ByName != "Nadia" || !e.At.Equal(noon) || e.Verb == "" || e.Name == "" {
				t.Errorf("log %+v", e)
			}
			if c, err := h.VerifyAudit(h.ctx, h.org, nil); err != nil || !c.Whole() {
				t.Errorf("chain %+v, %v", c, err)
			}
			h.same()
		})
	}
}

// An organisation's records are not there for another's director, whatever ID they ask for, and nothing of one is ever
// read or written in the other's name.
func TestTwoOrganisations(t *testing.T) {
	h := newFurnishedHouse(t)
	h.id(h.CloseAccounts(h.ctx, h.by, models.Closing{Through: day("2026-01-31")}, today))
	h.ready("TakeBackLabel")
	h.ready("ImportStatement")
	empty := models.Facts{Organisation: sample().Organisation}
	empty.Organisation.Name = "Voisins"
	other, err := h.Plant(h.ctx, empty, noon)
	h.ok(err)
	if other == h.org {
		t.Fatal("one ID for two organisations")
	}
	stranger := models.Actor{Organisation: other, Name: "Voisine", Role: models.Director, At: noon}
	mine, lines := h.fresh(), h.everything()["bank_lines"]
	all := everyVerb()
	names := slices.SortedFunc(maps.Keys(all), func(a, b string) int {
		if all[a].own != all[b].own { // what the stranger adds takes numbers, which might be those asked for
			if all[b].own {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	for _, name := range names {
		err := all[name].do(h.Store, h, stranger)
		if all[name].own != (err == nil) {
			t.Errorf("%s in the other organisation: %v", name, err)
		}
		if invalid, ok := err.(models.Invalid); err != nil && !ok && !refusedAs(err, models.ErrNotFound) { //nolint:errorlint // as it comes
			t.Errorf("%s in the other organisation: %v %v", name, err, invalid)
		}
	}
	if diff := diffFacts(mine, h.fresh()); diff != "" {
		t.Errorf("changed by a stranger:\n%s", diff)
	}
	if diff := cmp.Diff(lines, h.everything()["bank_lines"]); diff != "" {
		t.Errorf("bank lines changed by a stranger:\n%s", diff)
	}
	entries, err := h.Audit(h.ctx, other, AuditFilter{})
	h.ok(err)
	for _, e := range entries {
		if e.ByName == "Nadia" {
			t.Errorf("the other's log tells of ours: %+v", e)
		}
	}
	ours, err := h.Organisations(h.ctx)
	if err != nil || !slices.Equal(ours, []models.ID{h.org, other}) {
		t.Errorf("organisations %v, %v", ours, err)
	}
	for _, org := range []models.ID{0, 99} {
		if _, err := h.Register(h.ctx, org); !refusedAs(err, models.ErrNotFound) {
			t.Errorf("register of %d: %v", org, err)
		}
	}
}

func TestAuditFilter(t *testing.T) {
	h := newHouse(t)
	h.ok(h.SetDigestChoice(h.ctx, h.by, paul, true))
	h.ok(h.RecordExport(h.ctx, h.by, dropbox, today))
	self := models.Actor{Organisation: h.org, Person: paul, Name: "Paul", Role: models.Editor, At: noon}
	h.ok(h.SetDigestChoice(h.ctx, self, paul, false))
	read := func(f AuditFilter) []string {
		t.Helper()
		entries, err := h.Audit(h.ctx, h.org, f)
		h.ok(err)
		var verbs []string
		for _, e := range entries {
			verbs = append(verbs, e.Verb+" "+e.ByName)
		}
		return verbs
	}
	all, err := h.Audit(h.ctx, h.org, AuditFilter{})
	h.ok(err)
	for _, c := range []struct {
		filter AuditFilter
		want   []string
	}{
		{AuditFilter{Kind: "person"}, []string{"person.digest Paul", "person.digest Nadia"}},
		{AuditFilter{Kind: "person", Subject: paul, By: nadia}, []string{"person.digest Nadia"}},
		{AuditFilter{Subject: dropbox}, []string{"service.export Nadia"}},
		{AuditFilter{Limit: 2}, []string{"person.digest Paul", "service.export Nadia"}},
		{AuditFilter{Before: all[1].ID}, []string{"person.digest Nadia", "organisation.plant "}},
		{AuditFilter{Kind: "nothing"}, nil},
		{AuditFilter{ByProgram: true}, []string{"organisation.plant "}},
		{AuditFilter{Since: noon, Until: noon.Add(time.Second), Limit: 1}, []string{"person.digest Paul"}},
		{AuditFilter{Since: noon.Add(time.Second)}, nil},
		{AuditFilter{Until: noon}, nil},
		{AuditFilter{Keep: func(e models.AuditEntry) bool { return e.Kind != "person" }, Limit: 1}, []string{"service.export Nadia"}},
	} {
		if got := read(c.filter); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %q, want %q", c.filter, got, c.want)
		}
	}
}
