package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"enveloppe/models"
)

// first is the first person of a role as the register has them now: who visits as that role.
func (s *site) first(role models.Role) models.Person {
	people := s.register().People
	return people[slices.IndexFunc(people, func(p models.Person) bool { return p.Role == role && p.HereOn(testDay) })]
}

func TestEverybodyChoosesTheirReminders(t *testing.T) {
	for _, role := range models.Roles {
		s := newSite(t).as(role)
		s.get("/account").wants(t, http.StatusOK, "/account/reminders")
		a := s.get("/account/reminders").wants(t, http.StatusOK, "Mes rappels", `name="leads.decide_by"`, "Sinon\u00a0: 30 et 7 jours avant.")
		if keeps := role.MayEdit(); strings.Contains(a.body, "gets.envelope") != keeps {
			t.Errorf("%s is asked about the envelope: %t", role, !keeps)
		}
		s.submit("/account/reminders", "reminders", "on", "gets.decide_by", "on", "leads.decide_by", "60, 14 et 3", "gets.charge_due", "on", "leads.charge_due", " ").
			follows(t, "/account/reminders")
		p := s.first(role)
		muted := []models.Mute{{Kind: models.RemindTrialEnd}, {Kind: models.RemindEnvelope}, {Kind: models.RemindRenewal}}
		if !role.MayEdit() {
			muted = slices.Delete(muted, 1, 2)
		}
		if !p.Reminders || p.Digest || p.Leads.String() != "decide_by 60 14 3" || !slices.Equal(p.Mutes, muted) {
			t.Errorf("%s: reminders %t, digest %t, %s, %v", role, p.Reminders, p.Digest, p.Leads, p.Mutes)
		}
		s.get("/account/reminders").wants(t, http.StatusOK, `value="60, 14, 3"`, `name="gets.decide_by" value="on" checked`)
		s.submit("/account/reminders").follows(t, "/account/reminders")
		if p := s.first(role); p.Reminders || p.Leads != nil || len(p.Mutes) < 4 {
			t.Errorf("%s: %+v", role, p)
		}
	}
}

func TestBadLeadTimesComeBack(t *testing.T) {
	s := newSite(t).as(models.Director)
	before := s.first(models.Director)
	for _, bad := range []string{"x", "366", "-1", "1,2,3,4,5,6", "7.5", "99999999999999999999"} {
		for _, path := range []string{"/account/reminders", "/settings/reminders"} {
			s.submit(path, "version", "1", "reminders", "on", "gets.renewal", "on", "leads.renewal", bad).
				wants(t, http.StatusUnprocessableEntity, `value="`+bad+`"`, `aria-invalid="true"`)
		}
	}
	if after := s.first(models.Director); after.Version != before.Version {
		t.Error("something was saved")
	}
}

func TestMutingASubscription(t *testing.T) {
	s := newSite(t).as(models.Editor)
	sub := typedID(s.current("Dropbox").ID)
	s.get("/account/reminders?subscription="+sub).wants(t, http.StatusOK, "Ne plus me rappeler Dropbox")
	s.submit("/account/reminders/mute", "subscription", sub).follows(t, "/account/reminders")
	s.get("/account/reminders").wants(t, http.StatusOK, "Plus de rappel de Dropbox")
	s.submit("/account/reminders/mute", "subscription", sub)
	s.submit("/account/reminders/mute", "subscription", sub, "kind", "renewal")
	want := []models.Mute{{Subscription: s.current("Dropbox").ID}, {Kind: models.RemindRenewal, Subscription: s.current("Dropbox").ID}}
	if got := s.first(models.Editor).Mutes; !slices.Equal(got, want) {
		t.Fatalf("muted %v", got)
	}
	s.get("/account/reminders?subscription="+sub).wants(t, http.StatusOK, "Vous ne recevez plus de rappel de Dropbox")
	s.submit("/account/reminders", "reminders", "on", "gets.decide_by", "on", "gets.renewal", "on", "gets.charge_due", "on", "gets.trial_end", "on", "gets.envelope", "on")
	if got := s.first(models.Editor).Mutes; !slices.Equal(got, want) {
		t.Errorf("choosing kinds forgot what was muted: %v", got)
	}
	s.submit("/account/reminders/unmute", "subscription", sub).follows(t, "/account/reminders")
	if got := s.first(models.Editor).Mutes; !slices.Equal(got, want[1:]) {
		t.Errorf("left %v", got)
	}
	for _, act := range []string{"mute", "unmute"} {
		s.submit("/account/reminders/"+act, "subscription", "999999").wants(t, http.StatusNotFound)
		s.submit("/account/reminders/"+act, "subscription", sub, "kind", "birthday").wants(t, http.StatusNotFound)
		s.submit("/account/reminders/"+act).wants(t, http.StatusNotFound)
	}
	s.get("/account/reminders?subscription=nonsense").wants(t, http.StatusOK)
	s.as(models.Director).get("/audit").wants(t, http.StatusOK, "rappels refusés", "renouvellement Dropbox")
}

func TestLeadTimesOfTheOrganisation(t *testing.T) {
	s := newSite(t).as(models.Director)
	version := typedVersion(s.register().Organisation.Version)
	s.get("/settings/reminders").wants(t, http.StatusOK, "Quand rappeler", "Sinon\u00a0: 30 et 7 jours avant.", `name="gets.envelope" value="on" checked`)
	s.submit("/settings/reminders", "version", version, "gets.decide_by", "on", "leads.decide_by", "45 10", "gets.charge_due", "on", "gets.trial_end", "on").
		follows(t, "/settings/reminders")
	if got := s.register().Organisation.Leads.String(); got != "decide_by 45 10, envelope none, renewal none" {
		t.Errorf("kept %q", got)
	}
	s.submit("/settings/reminders", "version", version).wants(t, http.StatusConflict)
	s.get("/account/reminders").wants(t, http.StatusOK, "Sinon\u00a0: 45 et 10 jours avant.", "Sinon\u00a0: pas de rappel.", "Sinon\u00a0: le jour même.")
	s.get("/audit").wants(t, http.StatusOK, "délais des rappels", "à décider\u00a0: 45 et 10 jours avant", "renouvellement\u00a0: pas de rappel")
	if a := s.as(models.Staff).get("/settings/reminders").wants(t, http.StatusOK, "45 et 10 jours avant", "pas de rappel", "le jour même"); strings.Contains(a.body, `action="/settings/reminders"`) {
		t.Error("staff is offered a form")
	}
}

func TestLeadTimesOfASubscription(t *testing.T) {
	s := newSite(t).as(models.Editor)
	sub := s.current("Dropbox")
	path := subscriptionPath(sub.ID, "edit")
	s.get(path).wants(t, http.StatusOK, `name="leads.decide_by"`, "Rappels")
	typed := []string{"reminders", "on", "gets.decide_by", "on", "leads.decide_by", "90", "gets.renewal", "on", "gets.charge_due", "on"}
	for name, value := range subscriptionTyped(sub) {
		if !strings.HasPrefix(name, "gets.") && !strings.HasPrefix(name, "leads.") {
			typed = append(typed, name, value)
		}
	}
	s.submit(path, typed...).follows(t, servicePath(sub.ServiceID))
	if got := s.current("Dropbox").Leads.String(); got != "decide_by 90, trial_end none" {
		t.Errorf("kept %q", got)
	}
	s.get(path).wants(t, http.StatusOK, `<details class="more" open>`, `value="90"`)
	typed[5] = "900"
	s.submit(path, append(typed, "version", typedVersion(s.current("Dropbox").Version))...).wants(t, http.StatusUnprocessableEntity, `<details class="more" open>`, `value="900"`)
}

func TestLeavingReminders(t *testing.T) {
	s := newSite(t)
	claire := s.facts.People[0]
	token, err := s.store.UnsubscribeToken(context.Background(), s.org, claire.ID)
	if err != nil {
		t.Fatal(err)
	}
	person := func() models.Person {
		p, _ := s.register().Person(claire.ID)
		return p
	}
	digest, address := person().Digest, "/unsubscribe/"+token+"/reminders"
	s.get(address).wants(t, http.StatusOK, "Claire Morel", "Ne plus recevoir de rappels")
	if !person().Reminders {
		t.Fatal("looking at the page unsubscribed: a mail scanner follows every link")
	}
	post := func(origin string) answer { // as a mail provider does it (RFC 8058)
		req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, s.server.URL+address, strings.NewReader("List-Unsubscribe=One-Click"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if origin != "" {
			req.Header.Set("Origin", origin)
		}
		return s.do(req)
	}
	post("https://evil.example").wants(t, http.StatusForbidden)
	if !person().Reminders {
		t.Fatal("another site’s page unsubscribed somebody")
	}
	post("").wants(t, http.StatusOK, "C’est fait")
	if p := person(); p.Reminders || p.Digest != digest {
		t.Fatalf("reminders %t, digest %t", p.Reminders, p.Digest)
	}
	if to := s.register().Addressees(s.register().Organisation.Today(s.web.Now())); slices.ContainsFunc(to, func(a models.Addressee) bool { return a.Person.ID == claire.ID }) {
		t.Error("still an addressee")
	}
	post("").wants(t, http.StatusOK) // twice is once
	s.get(address).wants(t, http.StatusOK, "ne recevez pas de rappels")
	s.submit(address+"/undo").follows(t, address)
	if !person().Reminders {
		t.Error("the undo did nothing")
	}
	for _, wrong := range []string{"/unsubscribe/nothing/reminders", "/unsubscribe/" + token + "x/reminders"} {
		s.get(wrong).wants(t, http.StatusNotFound)
		s.submit(wrong).wants(t, http.StatusNotFound)
		s.submit(wrong+"/undo").wants(t, http.StatusNotFound)
	}
}

// Whoever joins is reminded until they say otherwise.
func TestNewcomersAreReminded(t *testing.T) {
	s := newSite(t).as(models.Director)
	s.submit("/people/new", "name", "Nadia Roux", "email", "nadia@example.org", "role", "editor", "lang", "fr")
	people := s.register().People
	if p := people[len(people)-1]; p.Name != "Nadia Roux" || !p.Reminders {
		t.Errorf("%+v", p)
	}
	s.submit(personPath(people[0].ID, "edit"), "version", typedVersion(people[0].Version), "name", people[0].Name, "email", people[0].Email, "role", "director", "lang", "en")
	if p := s.register().People[0]; p.Lang != models.English || !p.Reminders {
		t.Errorf("saving the person changed the reminders: %+v", p)
	}
}
