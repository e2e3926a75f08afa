package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/models/sample"
	"enveloppe/templates/words"
)

// The sample has every kind of flag, so every sentence is said once in each language.
func TestCauseLinesSayEveryKind(t *testing.T) {
	t.Parallel()
	for _, lang := range []models.Lang{models.French, models.English} {
		w := words.In(words.Lang(lang))
		facts := sample.Association(testDay, lang, testNow)
		facts.Rates = nil // a rate is missing too
		r := models.NewRegister(facts)
		causes := r.Causes(testDay)
		over := facts
		over.Envelopes = []models.Envelope{{ID: 900, Year: 2026, Floor: money.Euros(100), Ceiling: money.Euros(20000)}}
		causes = append(causes, models.NewRegister(over).Causes(testDay)...)
		seen := map[models.FlagKind]bool{}
		for _, c := range causes {
			seen[c.Key.Kind] = true
			line := causeLine(w, r, c, testDay)
			if line.Name == "" || line.Title == "" || line.Link == "" || strings.HasSuffix(line.Link, "/services/") {
				t.Errorf("%s %s: incomplete line %+v", lang, c.Key.Kind, line)
			}
			for _, text := range []string{line.Day, line.When, line.Name, line.Title, line.Detail, line.Amount, line.Per, line.Tag, line.Quiet, line.DealBy} {
				if strings.Contains(text, "⟦") {
					t.Errorf("%s %s: %q", lang, c.Key.Kind, text)
				}
			}
			if (line.Day == "—") != c.On.IsZero() {
				t.Errorf("%s %s: day %q for %s", lang, c.Key.Kind, line.Day, c.On)
			}
		}
		for _, kind := range models.FlagKinds {
			if !seen[kind] {
				t.Errorf("%s: the sample has no %s", lang, kind)
			}
		}
	}
}

// What has been paid of a charge is no longer at stake, in the amount and in the words beside it.
func TestFlagsNameWhatIsLeftOfACharge(t *testing.T) {
	t.Parallel()
	w := words.In(words.FR)
	facts := sample.Association(testDay, models.French, testNow)
	r := models.NewRegister(facts)
	var told []models.FlagKind
	for _, c := range r.Causes(testDay) {
		on := c.Renewal
		if c.Key.Kind == models.FlagChargeDue {
			on = c.On
		}
		charge, ok := r.OpenCharge(c.SubscriptionID, on, testDay)
		if !ok || !charge.Conversion.OK() {
			continue
		}
		part := facts
		first := money.New(10_0000, charge.Billed.Currency())
		part.Payments = append(slices.Clone(facts.Payments), models.Payment{
			ID: 9000, ServiceID: c.ServiceID, SubscriptionID: c.SubscriptionID, ChargeOn: on, Part: true, PaidOn: testDay, Billed: first,
		})
		after := models.NewRegister(part)
		left, _ := after.OpenCharge(c.SubscriptionID, on, testDay)
		for _, again := range after.Causes(testDay) {
			if again.Key != c.Key {
				continue
			}
			told = append(told, c.Key.Kind)
			line := causeLine(w, after, again, testDay)
			if left.Billed != charge.Billed.Sub(first) || line.Amount != w.Money(left.Cost) || line.Per != "reste à payer" || again.Amount != left.Cost {
				t.Errorf("%s: %s %s of %v", c.Key.Kind, line.Amount, line.Per, left.Cost)
			}
		}
	}
	for _, kind := range []models.FlagKind{models.FlagDecideBy, models.FlagRenewal, models.FlagChargeDue, models.FlagTrialEnd} {
		if !slices.Contains(told, kind) {
			t.Errorf("no %s was told of a charge paid in part", kind)
		}
	}
}

// lineOf is the first cause of a kind in the register as it is, in words.
func (s *site) lineOf(kind models.FlagKind) (models.Cause, CauseLine) {
	s.t.Helper()
	r := s.register()
	for _, c := range r.Causes(testDay) {
		if c.Key.Kind == kind {
			return c, causeLine(words.In(words.FR), r, c, testDay)
		}
	}
	s.t.Fatalf("no %s", kind)
	return models.Cause{}, CauseLine{}
}

func TestAcknowledgeAndReopenFlag(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.as(models.Editor)
	_, line := s.lineOf(models.FlagSeatsFree)
	named := []string{"kind", line.Key.Kind, "subject", line.Key.Subject, "code", line.Key.Code, "on", line.Key.On, "to", "/renewals"}
	s.submit("/flags/acknowledgement", named...).follows(t, "/renewals")
	if c, _ := s.lineOf(models.FlagSeatsFree); c.Flag.AcknowledgedOn != testDay {
		t.Errorf("acknowledged on %s, want %s", c.Flag.AcknowledgedOn, testDay)
	}
	s.get("/renewals").plain().wants(t, http.StatusOK, "C’est noté comme vu", "Vu par", "/flags/reopening?")
	s.submit(line.Key.Address("reopening", "/")).follows(t, "/")
	if c, _ := s.lineOf(models.FlagSeatsFree); !c.Flag.AcknowledgedOn.IsZero() {
		t.Error("the flag is still acknowledged after it was brought back")
	}
	// An address that would lead elsewhere leads home.
	s.submit("/flags/acknowledgement", append(named[:8:8], "to", "https://elsewhere.example/")...).follows(t, "/")
}

func TestSnoozeFlag(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.as(models.Director)
	cause, line := s.lineOf(models.FlagDecideBy)
	s.get(line.Key.Address("snooze", "/renewals?view=list")).plain().wants(t, http.StatusOK, line.Name, `value="/renewals?view=list"`)
	post := func(until string) answer {
		return s.submit("/flags/snooze", "kind", line.Key.Kind, "subject", line.Key.Subject, "on", line.Key.On, "to", "/renewals", "until", until)
	}
	for until, says := range map[string]string{
		"": "Indiquez une date", "2026-11-23": "Ce jour est déjà passé", "30/02/2027": "n’existe pas", "demain": "illisible",
		cause.Key.On.AddDays(1).String(): "ou un jour précédent",
	} {
		post(until).plain().wants(t, http.StatusUnprocessableEntity, says, `id="until"`)
	}
	post(testDay.AddDays(1).String()).follows(t, "/renewals")
	if c, l := s.lineOf(models.FlagDecideBy); c.Flag.SnoozedUntil != testDay.AddDays(1) || l.Quiet == "" {
		t.Errorf("snoozed until %s, said %q", c.Flag.SnoozedUntil, l.Quiet)
	}
}

// Where a warning leads, its page is there: for everybody by its name, for who keeps the register by what to do.
func TestFlagsLeadSomewhere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	r := s.register()
	for _, role := range []models.Role{models.Editor, models.Staff} {
		s.as(role)
		for _, c := range r.Causes(testDay) {
			line := causeLine(words.In(words.FR), r, c, testDay)
			if a := s.get(line.Link); a.status != http.StatusOK {
				t.Errorf("%s: %s leads to %s, which answers %d", role, c.Key.Kind, line.Link, a.status)
			}
			if role == models.Editor && line.Deal != "" {
				s.get(line.Deal).wants(t, http.StatusOK)
			}
		}
	}
}

func TestFlagsThatAreNone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.as(models.Director)
	cause, line := s.lineOf(models.FlagDecideBy)
	for name, broken := range map[string]url.Values{
		"kind": {"kind": {"nonsense"}}, "subject": {"subject": {"x"}}, "code": {"code": {"XYZW"}}, "on": {"on": {"2026-02-30"}},
	} {
		q, err := url.Parse(line.Key.Address("snooze", "/"))
		if err != nil {
			t.Fatal(err)
		}
		values := q.Query()
		for k, v := range broken {
			values[k] = v
		}
		if a := s.get("/flags/snooze?" + values.Encode()); a.status != http.StatusNotFound {
			t.Errorf("a wrong %s gives %d, want 404", name, a.status)
		}
	}
	gone := flagName(models.FlagKey{Kind: cause.Key.Kind, Subject: cause.Key.Subject, On: cal.MustNew(2020, 1, 1)})
	s.submit(gone.Address("acknowledgement", "/")).plain().wants(t, http.StatusConflict, "sa cause a disparu")
}

func TestOnlyEditorsDealWithFlags(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, line := s.lineOf(models.FlagDecideBy)
	for _, role := range []models.Role{models.Accountant, models.Staff} {
		s.as(role)
		for _, act := range []string{"acknowledgement", "snooze", "reopening"} {
			if a := s.submit(line.Key.Address(act, "/")); a.status != http.StatusForbidden {
				t.Errorf("%s %s: %d, want 403", role, act, a.status)
			}
		}
		if a := s.get("/renewals"); strings.Contains(a.body, "/flags/") {
			t.Errorf("%s is offered to deal with flags", role)
		}
	}
}
