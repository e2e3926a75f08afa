package web

import (
	"context"
	"fmt"
	"html"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// offered is a service of the sample's organisation with a free and a paid plan, not subscribed to yet.
func (s *site) offered() (service, paid, free models.ID) {
	s.t.Helper()
	ctx, r := context.Background(), s.register()
	service, err := s.store.AddService(ctx, s.actor(), models.Service{Name: "Trello", FunctionID: r.Functions[0].ID, ExportEvery: 90})
	if err != nil {
		s.t.Fatal(err)
	}
	paid, err = s.store.AddPlan(ctx, s.actor(), models.Plan{ServiceID: service, Name: "Standard", Tier: models.Premium, Price: money.Euros(5000), PerSeat: true, Cadence: cal.Yearly})
	if err != nil {
		s.t.Fatal(err)
	}
	free, err = s.store.AddPlan(ctx, s.actor(), models.Plan{ServiceID: service, Name: "Free", Tier: models.Free, Price: money.Zero(money.EUR), Cadence: cal.Yearly})
	if err != nil {
		s.t.Fatal(err)
	}
	return service, paid, free
}

// plain is the answer with ordinary spaces, for sentences as one types them.
func (a answer) plain() answer {
	a.body = strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(a.body)
	return a
}

// current is the subscription a service of the sample goes on with.
func (s *site) current(name string) models.Subscription {
	s.t.Helper()
	sub, ok := s.register().Current(s.service(name).ID)
	if !ok {
		s.t.Fatalf("%s has no subscription", name)
	}
	return sub
}

// pairs turns fields into what submit takes, with some changed.
func pairs(base Fields, changed ...string) []string {
	f := maps.Clone(base)
	for i := 0; i+1 < len(changed); i += 2 {
		f[changed[i]] = changed[i+1]
	}
	out := make([]string, 0, 2*len(f))
	for name, value := range f {
		out = append(out, name, value)
	}
	return out
}

// goodSubscription is a form that is right.
func goodSubscription(plan models.ID) Fields {
	return Fields{
		"plan": typedID(plan), "price": "50,00", "currency": "EUR", "scope": "seat", "seats": "3", "started_on": "2026-12-01", "anchor": "", "every": "1", "unit": "year",
		"notice": "30", "notice_unit": "day", "auto_renew": "on", "trial_ends": "", "grant_ends": "", "fixed_until": "", "owner": "", "means": "", "account": "", "analytic": "", "look_on": "", "note": "",
	}
}

func TestSubscribe(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.as(models.Editor)
	service, paid, free := s.offered()
	path := servicePath(service) + "/subscriptions/new"
	s.get(path).plain().wants(t, http.StatusOK, "S’abonner à Trello", `value="50,00"`, "?plan="+typedID(free))
	s.get(path+"?plan="+typedID(free)).plain().wants(t, http.StatusOK, "Personnes qui s’en servent")
	s.submit(path, pairs(goodSubscription(paid))...).follows(t, servicePath(service))
	sub, _ := s.register().Current(service)
	want := models.Terms{From: cal.MustNew(2026, 12, 1), Price: money.Euros(5000), PerSeat: true, Seats: 3}
	got := sub.TermsOn(testDay)
	got.ID = 0
	if got != want || sub.Anchor != want.From || sub.Notice != (cal.Notice{N: 30, Unit: cal.Day}) || !sub.AutoRenew {
		t.Errorf("subscribed %+v with terms %+v, want %+v", sub, got, want)
	}
	// One at a time: the form leads on to switching, and what is sent all the same is refused with what was typed.
	s.get(path+"?plan="+typedID(free)).follows(t, subscriptionPath(sub.ID, "switch")+"?plan="+typedID(free))
	s.submit(path, pairs(goodSubscription(paid), "note", "encore une")...).plain().wants(t, http.StatusUnprocessableEntity, "court déjà", "encore une")
}

func TestSubscribeNeedsAPlan(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.as(models.Director)
	id, err := s.store.AddService(t.Context(), s.actor(), models.Service{Name: "Notion", FunctionID: s.register().Functions[0].ID})
	if err != nil {
		t.Fatal(err)
	}
	s.get(servicePath(id)+"/subscriptions/new").follows(t, servicePath(id)+"/plans/new")
	s.submit(servicePath(id)+"/subscriptions/new").plain().wants(t, http.StatusConflict, "n’a pas encore de formule")
}

func TestSubscribeFree(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.as(models.Director)
	service, _, free := s.offered()
	s.submit(servicePath(service)+"/subscriptions/new", pairs(goodSubscription(free), "price", "12,50", "look_on", "2027-06-01")...).follows(t, servicePath(service))
	sub, _ := s.register().Current(service)
	if got := sub.TermsOn(testDay); !got.Price.IsZero() || got.PerSeat {
		t.Errorf("a free plan costs %s", got.Price)
	}
	if sub.LookOn != cal.MustNew(2027, 6, 1) {
		t.Errorf("looked at again on %s", sub.LookOn)
	}
}

func TestSubscribeSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.as(models.Director)
	service, paid, _ := s.offered()
	path := servicePath(service) + "/subscriptions/new"
	for _, c := range []struct{ field, value, says string }{
		{"price", "", "Remplissez ce champ"},
		{"price", "-3,50", "sans signe moins"},
		{"price", "9999999999", "trop grand"},
		{"price", "1,2345", "trop de décimales"},
		{"price", "1e9", "notation scientifique"},
		{"price", "1.234", "Des milliers ou des décimales"},
		{"price", "douze", "illisible"},
		{"currency", "XYZ", "monnaie est inconnue"},
		{"seats", "0", "entre 1 et"},
		{"seats", "10001", "entre 1 et"},
		{"seats", "deux", "nombre entier"},
		{"started_on", "", "Indiquez une date"},
		{"started_on", "2026-02-30", "n’existe pas"},
		{"started_on", "demain", "illisible"},
		{"anchor", "2026-11-30", "ou un jour suivant"},
		{"every", "0", "entre 1 et 999"},
		{"every", "x", "nombre entier"},
		{"notice", "-1", "préavis"},
		{"notice", "4000", "préavis"},
		{"trial_ends", "2026-12-01", "La fin doit venir après"},
		{"grant_ends", "2020-01-01", "La fin doit venir après"},
		{"fixed_until", "2026-11-01", "La fin doit venir après"},
		{"account", "65x", "numéro de compte"},
		{"analytic", strings.Repeat("x", 10_000), "Raccourcissez"},
		{"note", strings.Repeat("é", 5_000), "Raccourcissez"},
		{"note", "a\x00b", "caractères invisibles"},
		{"owner", "999999", "n’existe plus"},
		{"means", "-4", "Choisissez dans la liste"},
	} {
		a := s.submit(path, pairs(goodSubscription(paid), c.field, c.value, "trace", "kept", "analytic", ifElse(c.field == "analytic", c.value, "TRACE-1"))...)
		a.plain().wants(t, http.StatusUnprocessableEntity, c.says, `id="`+c.field+`"`, `href="#`+c.field+`"`)
		if c.field != "analytic" && !strings.Contains(a.body, "TRACE-1") {
			t.Errorf("%s = %q: what was typed is lost", c.field, c.value)
		}
	}
	if _, ok := s.register().Current(service); ok {
		t.Error("one of the wrong forms was saved")
	}
	for _, typed := range []string{"1 234,56", "1\u202f234,56 €", "1,234.56", "1.234,56", "1234.56"} {
		e := entry{Fields: Fields{"price": typed, "seats": "1"}}
		if got := e.terms(models.Premium); got.Price != money.Euros(123456) {
			t.Errorf("%q is read as %s (%v)", typed, got.Price, e.bad)
		}
	}
	s.submit(path, pairs(goodSubscription(paid), "note", strings.Repeat("x", 2<<20))...).plain().wants(t, http.StatusRequestEntityTooLarge)
	s.submit(path, pairs(goodSubscription(paid), "plan", "999999")...).plain().wants(t, http.StatusNotFound)
}

func ifElse(cond bool, yes, no string) string {
	if cond {
		return yes
	}
	return no
}

func TestEditSubscription(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.as(models.Editor)
	sub := s.current("MindMeister")
	path := subscriptionPath(sub.ID, "edit")
	s.get(path).plain().wants(t, http.StatusOK, "L’abonnement à MindMeister", "ne se changent plus")
	typed := subscriptionTyped(sub)
	s.submit(path, pairs(typed, "notice", "2", "notice_unit", "month", "note", "Vu avec l’éditeur")...).follows(t, servicePath(sub.ServiceID))
	if got := s.current("MindMeister"); got.Notice != (cal.Notice{N: 2, Unit: cal.Month}) || got.Note != "Vu avec l’éditeur" || got.Anchor != sub.Anchor {
		t.Errorf("saved %+v", got)
	}
	// Somebody saved meanwhile: nothing is lost, and saving again with the version shown overwrites knowingly.
	a := s.submit(path, pairs(typed, "note", "ma version")...).plain().wants(t, http.StatusConflict, "ma version", "entre-temps")
	current := typedVersion(s.current("MindMeister").Version)
	if !strings.Contains(a.body, `name="version" value="`+current+`"`) {
		t.Errorf("the form after a conflict does not carry version %s", current)
	}
	s.submit(path, pairs(typed, "note", "ma version", "version", current)...).follows(t, servicePath(sub.ServiceID))
	// Payments answer its renewals, so the rhythm stays.
	typed = subscriptionTyped(s.current("MindMeister"))
	s.submit(path, pairs(typed, "every", "2")...).plain().wants(t, http.StatusUnprocessableEntity, "ne se changent plus")
}

func TestTerms(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.as(models.Editor)
	sub := s.current("MindMeister")
	path := subscriptionPath(sub.ID, "terms", "new")
	good := Fields{"version": typedVersion(sub.Version), "from": "2027-01-11", "price": "31,50", "currency": "EUR", "scope": "seat", "seats": "2", "note": "courriel du 2 novembre"}
	s.get(path).plain().wants(t, http.StatusOK, `value="2027-01-11"`, `value="29,40"`, "2 sièges à")
	for _, c := range []struct{ field, value, says string }{
		{"from", "", "Indiquez une date"},
		{"from", "30/02/2027", "n’existe pas"},
		{"from", sub.StartedOn.String(), "Choisissez un jour après"},
		{"price", "", "Remplissez ce champ"},
		{"price", "1,234", "Des milliers ou des décimales"},
		{"seats", "0", "entre 1 et"},
		{"note", strings.Repeat("n", 200), "Raccourcissez"},
	} {
		s.submit(path, pairs(good, c.field, c.value)...).plain().wants(t, http.StatusUnprocessableEntity, c.says, `href="#`+c.field+`"`)
	}
	s.submit(path, pairs(good)...).follows(t, servicePath(sub.ServiceID))
	now := s.current("MindMeister")
	added := now.Terms[len(now.Terms)-1]
	if added.Price != money.Euros(3150) || added.From != cal.MustNew(2027, 1, 11) || added.Note != "courriel du 2 novembre" {
		t.Errorf("added %+v", added)
	}
	s.submit(path, pairs(good)...).plain().wants(t, http.StatusConflict, "31,50")
	edit := subscriptionPath(sub.ID, "terms", typedID(added.ID), "edit")
	s.get(edit).plain().wants(t, http.StatusOK, "31,50", "Retirer ces conditions")
	good["version"] = typedVersion(now.Version)
	s.submit(edit, pairs(good, "price", "33")...).follows(t, servicePath(sub.ServiceID))
	s.termsGoAndComeBack(sub, added.ID)
	first := subscriptionPath(sub.ID, "terms", typedID(sub.Terms[0].ID))
	s.get(first+"/edit").plain().wants(t, http.StatusOK, "depuis le début")
	s.get(first+"/removal").plain().wants(t, http.StatusUnprocessableEntity, "Corrigez-les plutôt")
	s.submit(first+"/removal").plain().wants(t, http.StatusUnprocessableEntity, "Corrigez-les plutôt")
}

// termsGoAndComeBack removes terms and undoes it.
func (s *site) termsGoAndComeBack(sub models.Subscription, terms models.ID) {
	s.t.Helper()
	removal := subscriptionPath(sub.ID, "terms", typedID(terms), "removal")
	s.get(removal).plain().wants(s.t, http.StatusOK, "Retirer les conditions du 11 janvier 2027", "33,00", "29,40")
	s.submit(removal).follows(s.t, servicePath(sub.ServiceID))
	if now, _ := s.register().Subscription(sub.ID); len(now.Terms) != len(sub.Terms) {
		s.t.Errorf("%d terms are left, want %d", len(now.Terms), len(sub.Terms))
	}
	s.submit(s.undoOf(servicePath(sub.ServiceID))).follows(s.t, servicePath(sub.ServiceID))
	now, _ := s.register().Subscription(sub.ID)
	if back := now.Terms[len(now.Terms)-1]; back.Price != money.Euros(3300) || back.Note != "courriel du 2 novembre" {
		s.t.Errorf("undoing gave back %+v", back)
	}
}

// undoOf is the address with which the notice on a page takes back what was just done.
func (s *site) undoOf(page string) string {
	s.t.Helper()
	a := s.get(page).plain().wants(s.t, http.StatusOK)
	_, rest, found := strings.Cut(a.body, `<div class="notice" role="status"`)
	_, rest, form := strings.Cut(rest, `action="`)
	action, _, closed := strings.Cut(rest, `"`)
	if !found || !form || !closed {
		s.t.Fatalf("no way back on %s\n%s", page, excerpt(a.body))
	}
	return html.UnescapeString(action)
}

func TestCancel(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.as(models.Editor)
	sub := s.current("MindMeister")
	path := subscriptionPath(sub.ID, "cancellation")
	s.get(path).plain().wants(t, http.StatusOK, "Résilier MindMeister", "10 janvier 2027", "Il est encore temps jusqu’au 10 décembre 2026", "58,80", "Claire Morel",
		"https://accounts.meister.co/", "Exportez-les", `value="2027-01-10"`)
	v := typedVersion(sub.Version)
	for last, says := range map[string]string{"2026-02-30": "n’existe pas", sub.StartedOn.AddDays(-2).String(): "La fin doit venir après"} {
		s.submit(path, "version", v, "last", last, "reason", "trop cher").plain().wants(t, http.StatusUnprocessableEntity, says, "trop cher", `href="#last"`)
	}
	s.submit(path, "version", v, "last", "2027-01-10", "reason", strings.Repeat("x", 10_000)).plain().wants(t, http.StatusUnprocessableEntity, "Raccourcissez")
	s.submit(path, "version", "999999", "last", "2027-01-10").plain().wants(t, http.StatusConflict, "entre-temps")
	s.submit(path, "version", v, "last", "2027-01-10", "reason", "Framindmap suffit").follows(t, servicePath(sub.ServiceID))
	got := s.current("MindMeister")
	if got.EndsOn != cal.MustNew(2027, 1, 11) || got.CancelledOn != testDay || got.CancelReason != "Framindmap suffit" {
		t.Errorf("ends %s, cancelled %s, because %q", got.EndsOn, got.CancelledOn, got.CancelReason)
	}
	undo := s.undoOf(servicePath(sub.ServiceID))
	s.get(path).plain().wants(t, http.StatusConflict, "prend déjà fin")
	s.submit(undo).follows(t, servicePath(sub.ServiceID))
	if got = s.current("MindMeister"); !got.EndsOn.IsZero() {
		t.Errorf("still ends on %s", got.EndsOn)
	}
	s.submit(undo).plain().wants(t, http.StatusConflict, "rien à annuler")
}

// A renewal that can no longer be prevented runs its period, and its price is still to be paid.
func TestCancelTooLate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.as(models.Director)
	sub := s.current("OVHcloud") // renews on 5 December, 30 days of notice
	s.get(subscriptionPath(sub.ID, "cancellation")).plain().wants(t, http.StatusOK, "n’est plus sûr d’être évité", "4 décembre 2027", "71,88", "le 5 décembre 2026")
}

func TestSwitchPlan(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.as(models.Editor)
	sub := s.current("Dropbox")
	var basic models.Plan
	for _, p := range s.register().PlansOf(sub.ServiceID) {
		if p.Tier == models.Free {
			basic = p
		}
	}
	path := subscriptionPath(sub.ID, "switch")
	s.get(path).plain().wants(t, http.StatusOK, "Changer la formule de Dropbox", "2 Go, trois appareils")
	s.get(path+"?plan="+typedID(basic.ID)).plain().wants(t, http.StatusOK, "Basic à partir du 18 décembre 2026", "−", "Passer à Basic")
	s.get(path+"?plan="+typedID(basic.ID)+"&on=2026-02-30").plain().wants(t, http.StatusUnprocessableEntity, "n’existe pas")
	s.get(path+"?plan=999999").plain().wants(t, http.StatusNotFound)
	good := Fields{"version": typedVersion(sub.Version), "plan": typedID(basic.ID), "on": "2026-12-18", "seats": "5", "reason": "assez de place"}
	for _, c := range []struct{ field, value, says string }{
		{"on", "", "Indiquez une date"},
		{"on", sub.StartedOn.String(), "Choisissez un jour après"},
		{"plan", "", "Choisissez dans la liste"},
		{"plan", typedID(sub.PlanID), "déjà la formule en cours"},
		{"seats", "0", "entre 1 et"},
		{"reason", strings.Repeat("x", 10_000), "Raccourcissez"},
	} {
		s.submit(path, pairs(good, c.field, c.value)...).plain().wants(t, http.StatusUnprocessableEntity, c.says)
	}
	s.submit(path, pairs(good, "version", "999999")...).plain().wants(t, http.StatusConflict, "assez de place")
	s.submit(path, pairs(good)...).follows(t, servicePath(sub.ServiceID))
	next := s.current("Dropbox")
	if next.PlanID != basic.ID || next.StartedOn != cal.MustNew(2026, 12, 18) || next.SeatsHeld(next.StartedOn) != 5 {
		t.Errorf("switched to %+v", next)
	}
	s.submit(s.undoOf(servicePath(sub.ServiceID))).follows(t, servicePath(sub.ServiceID))
	if got := s.current("Dropbox"); got.ID != sub.ID || !got.EndsOn.IsZero() {
		t.Errorf("after undoing the service goes on with %d until %s", got.ID, got.EndsOn)
	}
}

func TestSeats(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.as(models.Editor)
	sub := s.current("MindMeister")
	path := subscriptionPath(sub.ID, "seats")
	s.get(path).plain().wants(t, http.StatusOK, "1 siège attribué sur 2", "1 siège libre coûte 29,40", "Claire Morel")
	var claire, karim, lucie models.Person
	for _, p := range s.register().People {
		switch strings.Fields(p.Name)[0] {
		case "Claire":
			claire = p
		case "Karim":
			karim = p
		case "Lucie":
			lucie = p
		}
	}
	for _, c := range []struct{ person, on, says string }{
		{"", "", "Choisissez dans la liste"},
		{"x", "", "Choisissez dans la liste"},
		{"999999", "", "Choisissez dans la liste"},
		{typedID(claire.ID), "", "a déjà un siège"},
		{typedID(karim.ID), "30/02/2026", "n’existe pas"},
		{typedID(karim.ID), "2001-01-01", "ou un jour suivant"},
	} {
		s.submit(path, "person", c.person, "on", c.on).plain().wants(t, http.StatusUnprocessableEntity, c.says)
	}
	s.submit(path, "person", typedID(karim.ID), "on", "2026-11-23").follows(t, path)
	undo := s.undoOf(path)
	s.get(path).plain().wants(t, http.StatusOK, "2 sièges attribués sur 2", "Tous les sièges payés")
	s.submit(path, "person", typedID(lucie.ID), "on", "2026-11-23").plain().wants(t, http.StatusUnprocessableEntity, "sont tous pris")
	// Fewer seats than are held are refused: release first.
	sub = s.current("MindMeister")
	s.submit(subscriptionPath(sub.ID, "terms", "new"), "version", typedVersion(sub.Version), "from", "2027-01-11", "price", "29,40", "scope", "seat", "seats", "1").
		plain().wants(t, http.StatusUnprocessableEntity, "Gardez au moins 2")
	s.submit(undo).follows(t, path)
	if got := s.current("MindMeister").SeatsHeld(testDay); got != 1 {
		t.Errorf("%d seats held after undoing, want 1", got)
	}
	release := seatPath(sub.ID, sub.Seats[0].ID, "release")
	s.submit(release).follows(t, path)
	back := s.undoOf(path)
	s.get(path).plain().wants(t, http.StatusOK, "Aucun siège n’est attribué", "siège rendu", "2 sièges libres")
	s.submit(release).plain().wants(t, http.StatusNotFound)
	s.submit(back).follows(t, path)
	s.get(path).plain().wants(t, http.StatusOK, "retrouve son siège", "1 siège attribué sur 2")
	s.submit(seatPath(sub.ID, 999999, "release")).plain().wants(t, http.StatusNotFound)
}

// Nobody but those who keep the register may change it, and what is another organisation's does not exist.
func TestSubscriptionRoutesByRole(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	sub := s.current("MindMeister")
	closed := []string{
		servicePath(sub.ServiceID) + "/subscriptions/new", subscriptionPath(sub.ID, "edit"), subscriptionPath(sub.ID, "terms", "new"),
		subscriptionPath(sub.ID, "terms", typedID(sub.Terms[0].ID), "edit"), subscriptionPath(sub.ID, "terms", typedID(sub.Terms[0].ID), "removal"),
		subscriptionPath(sub.ID, "cancellation"), subscriptionPath(sub.ID, "switch"),
	}
	posts := slices.Concat(closed, []string{
		subscriptionPath(sub.ID, "cancellation", "undo"), subscriptionPath(sub.ID, "switch", "undo"),
		subscriptionPath(sub.ID, "seats"), seatPath(sub.ID, sub.Seats[0].ID, "release"), seatPath(sub.ID, sub.Seats[0].ID, "release", "undo"),
	})
	for _, role := range []models.Role{models.Accountant, models.Staff} {
		s.as(role)
		for _, path := range closed {
			s.get(path).plain().wants(t, http.StatusForbidden)
		}
		for _, path := range posts {
			s.submit(path).plain().wants(t, http.StatusForbidden)
		}
		if a := s.get(subscriptionPath(sub.ID, "seats")).plain().wants(t, http.StatusOK, "Claire Morel"); strings.Contains(a.body, "/release") {
			t.Errorf("%s is offered to release seats", role)
		}
	}
	s.as(models.Director)
	for _, path := range posts {
		gone := strings.Replace(path, typedID(sub.ID)+"/", "999999/", 1)
		if strings.HasPrefix(path, "/services/") {
			gone = "/services/999999/subscriptions/new"
		}
		s.submit(gone).plain().wants(t, http.StatusNotFound)
	}
	for _, path := range closed {
		s.get(fmt.Sprintf("/subscriptions/%s/%s", "x", path[strings.LastIndex(path, "/")+1:])).plain().wants(t, http.StatusNotFound)
	}
}
