package web

import (
	"net/http"
	"strings"
	"testing"

	"enveloppe/models"
)

func TestSeatBoardPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.as(models.Staff)
	b := s.register().SeatBoard(testDay)
	a := s.get("/seats").plain().wants(t, http.StatusOK, "1 siège libre", "MindMeister", "1 libre sur 2", "Personal", "depuis le", "Par fonction", "Karim Benali")
	for _, l := range b.Lines {
		service, _ := s.register().Service(l.Subscription.ServiceID)
		if l.Held > 0 && !strings.Contains(a.body, service.Name) {
			t.Errorf("%s is not on the board", service.Name)
		}
	}
	if strings.Contains(a.body, "/arrival") {
		t.Error("staff are offered to give seats")
	}
	// Nobody's seat, and a board without any.
	empty := newSiteWith(t, models.Facts{Organisation: s.facts.Organisation, People: s.facts.People[:1]})
	empty.as(models.Director)
	empty.get("/seats").plain().wants(t, http.StatusOK, "Aucun siège n’est payé pour rien", "Aucun siège pour l’instant", "Sans aucun siège")
}

func TestArrival(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.as(models.Director)
	s.submit("/people/new", pairs(goodPerson(), "name", "Nadia", "role", "staff", "post", "animatrice des tournées")...)
	nadia := s.personNamed("Nadia")
	if nadia.Post != "animatrice des tournées" {
		t.Errorf("added %+v", nadia)
	}
	hugo := s.personNamed("Hugo")
	edit := personTyped(nadia)
	edit["post"] = hugo.Post
	s.submit(personPath(nadia.ID, "edit"), pairs(edit)...).follows(t, personPath(nadia.ID))
	s.as(models.Editor)
	path := personPath(nadia.ID, "arrival")
	dropbox, zoom := s.subscriptionOf("Dropbox"), s.subscriptionOf("Zoom")
	a := s.get(path).plain().wants(t, http.StatusOK, "Quels sièges pour Nadia", hugo.Post, "tous les sièges payés sont pris", "Payer un siège de plus")
	if !strings.Contains(a.body, `name="`+arrivalField(dropbox.ID)+`" value="on" checked`) {
		t.Error("what colleagues of the same post hold is not ticked")
	}
	s.submit(path, "on", "2026-11-23").plain().wants(t, http.StatusUnprocessableEntity, "Cochez au moins un siège")
	s.submit(path, "on", "2026-02-30", arrivalField(dropbox.ID), "on").plain().wants(t, http.StatusUnprocessableEntity, "n’existe pas")
	s.submit(path, "on", "2001-01-01", arrivalField(dropbox.ID), "on").plain().wants(t, http.StatusUnprocessableEntity, "ou un jour suivant")
	before := s.register().Revision
	s.submit(path, "on", "2026-11-23", arrivalField(dropbox.ID), "on", arrivalField(zoom.ID), "on").plain().
		wants(t, http.StatusUnprocessableEntity, "sont tous pris", `id="`+arrivalField(zoom.ID)+`-error"`)
	if s.register().Revision != before {
		t.Error("one of two seats was given")
	}
	scoop := s.subscriptionOf("Scoop.it")
	s.submit(path, "on", "2026-11-23", arrivalField(dropbox.ID), "on", arrivalField(scoop.ID), "on").follows(t, personPath(nadia.ID))
	if n := len(s.register().CostByPerson(testDay)[nadia.ID].Held); n != 2 {
		t.Errorf("Nadia holds %d seats, want 2", n)
	}
	if n := s.register().Revision; n != before+1 {
		t.Errorf("two seats made %d revisions", n-before)
	}
	s.submit(s.undoOf(personPath(nadia.ID))).follows(t, path)
	if n := len(s.register().CostByPerson(testDay)[nadia.ID].Held); n != 0 {
		t.Errorf("Nadia still holds %d seats", n)
	}
	s.submit(path+"/undo", "on", "2026-11-23", "of", "x").wants(t, http.StatusNotFound)
	paul := s.personNamed("Paul") // has left
	s.get(personPath(paul.ID, "arrival")).plain().wants(t, http.StatusConflict, "n’est plus là")
}

func TestDepartureHandsOver(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.as(models.Director)
	karim, claire, lucie := s.personNamed("Karim"), s.personNamed("Claire"), s.personNamed("Lucie")
	path := personPath(karim.ID, "departure")
	cares := s.register().DepartureOf(karim.ID, testDay).Cares
	if len(cares) < 3 {
		t.Fatalf("Karim looks after %d things only", len(cares))
	}
	a := s.get(path).plain().wants(t, http.StatusOK, "Fermer son compte", "À transmettre")
	to := []string{"on", "2026-11-23"}
	for i, care := range cares {
		if !strings.Contains(a.body, `name="`+care.Field()+`"`) {
			t.Errorf("%s of %s is not on the list", care.Care, care.Service.Name)
		}
		heir := typedID(claire.ID)
		if i == 0 {
			heir = "" // to nobody
		}
		to = append(to, care.Field(), heir)
	}
	s.submit(path, "on", "2026-11-23", cares[1].Field(), typedID(karim.ID)).plain().wants(t, http.StatusUnprocessableEntity, "Choisissez dans la liste", `id="`+cares[1].Field()+`-error"`)
	s.submit(path, to...).follows(t, "/people")
	now := s.register().DepartureOf(karim.ID, testDay)
	if len(now.Held)+len(now.Cares) != 0 {
		t.Errorf("Karim still has %+v", now)
	}
	if got := len(s.register().DepartureOf(claire.ID, testDay).Cares); got < len(cares)-1 {
		t.Errorf("Claire looks after %d things", got)
	}
	s.submit(s.undoOf("/people")).follows(t, personPath(karim.ID))
	if now := s.register().DepartureOf(karim.ID, testDay).Cares; len(now) != len(cares) {
		t.Errorf("Karim looks after %d things after the undo, want %d", len(now), len(cares))
	}
	s.submit(personPath(lucie.ID, "return")+"?undo=on&to=x.y", "to", "x.y").wants(t, http.StatusNotFound)
}

// subscriptionOf is what runs of a service.
func (s *site) subscriptionOf(name string) models.Subscription {
	s.t.Helper()
	sub, ok := s.register().CurrentOn(s.service(name).ID, testDay)
	if !ok {
		s.t.Fatalf("%s has no subscription", name)
	}
	return sub
}

// Who takes over is proposed: never the leaver, never the owner as the second administrator.
func TestWhoTakesOverIsProposed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := &visit{register: s.register(), today: testDay}
	karim, claire := s.personNamed("Karim").ID, s.personNamed("Claire").ID
	proposed := map[string]models.ID{}
	for _, care := range v.register.DepartureOf(karim, testDay).Cares {
		proposed[string(care.Care)+" "+care.Service.Name] = heirOf(v, karim, care)
	}
	for what, want := range map[string]models.ID{
		"second_admin Dropbox": 0, // Claire answers for it
		"second_admin Gmail":   claire,
		"owner Bitwarden":      claire, // its second administrator
		"referent Bitwarden":   claire,
		"referent Google Apps": 0,
	} {
		if got, ok := proposed[what]; !ok || got != want {
			t.Errorf("%s: %d, want %d", what, got, want)
		}
	}
}

// A departure with more handed over than a notice can carry is still said, without a way back that would do half of it.
func TestALongHandoverIsSaidAllTheSame(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := &visit{register: s.register(), today: testDay, words: s.web.books["fr"].words}
	var to []models.Handover
	for range 120 {
		to = append(to, models.Handover{Care: models.CareReferent, Of: 123_456, To: 78_910})
	}
	if n := leftNotice(v, s.personNamed("Karim"), testDay, to); n.Undo != "" || n.Key != "person_left" {
		t.Errorf("notice %+v", n)
	}
	if n := leftNotice(v, s.personNamed("Karim"), testDay, to[:3]); !strings.Contains(n.Undo, "referent") {
		t.Errorf("notice %+v", n)
	}
}
