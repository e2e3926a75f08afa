package web

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"enveloppe/models"
)

func TestSwitchOrganisation(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	claire := s.withPassword(testPassword)
	if a := s.get("/services"); strings.Contains(a.body, "#organisations") {
		t.Error("the menu leads to other organisations: there are none")
	}
	by := s.neighbours(models.French)
	for _, org := range []string{"", "0", "-1", "x", typedID(by.Organisation), "987654321"} {
		s.submit("/organisations/switch", "organisation", org).wants(t, http.StatusNotFound)
	}
	link := s.invitedBy(by, "claire@voisins.example", models.Staff, models.English)
	s.submit(link+"/account").follows(t, "/")
	s.get("/").wants(t, http.StatusOK, "Welcome to Les Voisins", `href="/account#organisations"`, `<html lang="en"`)
	// One role here, another there.
	s.get("/people/new").wants(t, http.StatusForbidden)
	s.get(servicePath(s.service("Dropbox").ID)).wants(t, http.StatusNotFound)
	s.submit("/organisations/switch", "organisation", typedID(s.org)).follows(t, "/")
	s.get("/").plain().wants(t, http.StatusOK, "Vous êtes dans Association Passerelles", `<html lang="fr"`)
	s.get("/people/new").wants(t, http.StatusOK)
	s.get("/services").wants(t, http.StatusOK, "#organisations")
	// The one looked at last is the one signing in leads to.
	s.submit("/organisations/switch", "organisation", typedID(by.Organisation)).follows(t, "/")
	s.submit("/sign-out")
	s.submit("/sign-in", "email", claire.Email, "password", testPassword).follows(t, "/")
	s.get("/account").plain().wants(t, http.StatusOK, "Association Passerelles", "Les Voisins", "reads the register")
}

func TestLeaving(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.withPassword(testPassword)
	by := s.neighbours(models.French)
	s.submit(s.invitedBy(by, "claire@voisins.example", models.Staff, models.French)+"/account").follows(t, "/")
	s.get("/account/leave").plain().wants(t, http.StatusOK, "Quitter Les Voisins", "avec vos autres organisations")
	s.submit("/account/leave").follows(t, "/")
	s.get("/").plain().wants(t, http.StatusOK, "Vous avez quitté Les Voisins", "Association Passerelles")
	// The last director stays.
	s.get("/account/leave").plain().wants(t, http.StatusOK, "vous ne pourrez plus entrer", "Sièges libérés")
	s.submit("/account/leave").plain().wants(t, http.StatusUnprocessableEntity, "au moins une personne à la direction")
	s.as(models.Staff)
	hugo := s.personNamed("Hugo")
	s.submit("/account/leave").follows(t, "/sign-in")
	s.get("/sign-in").plain().wants(t, http.StatusOK, "Vous avez quitté")
	s.get("/").follows(t, "/sign-in")
	if p := s.personNamed("Hugo"); p.LeftOn != testDay {
		t.Errorf("%+v", p)
	}
	entries, err := s.store.Audit(context.Background(), s.org, storeFilter(hugo.ID))
	if err != nil || len(entries) == 0 || entries[0].By != hugo.ID || entries[0].Verb != "person.leave" {
		t.Errorf("log %+v, %v", entries, err)
	}
}
