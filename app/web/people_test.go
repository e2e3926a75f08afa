package web

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"enveloppe/models"
)

func goodPerson() Fields {
	return Fields{"name": "Nadia Ben Salem", "email": "nadia@passerelles.example", "role": "editor", "lang": "fr", "digest": "on"}
}

func TestPeopleList(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.as(models.Staff)
	a := s.get("/people").plain().wants(t, http.StatusOK, "5 personnes", "Claire Morel", "58,89 €", "incomplet", "1 personne partie", "Paul Garnier")
	for _, forbidden := range []string{"/people/new", "/return"} {
		if strings.Contains(a.body, forbidden) {
			t.Errorf("staff are offered %s", forbidden)
		}
	}
	for _, p := range s.register().People {
		s.get(personPath(p.ID)).plain().wants(t, http.StatusOK, p.Name)
	}
	s.get("/people/999999").plain().wants(t, http.StatusNotFound)
	s.get("/people/x").plain().wants(t, http.StatusNotFound)
}

// personNamed finds somebody by the beginning of the name.
func (s *site) personNamed(name string) models.Person {
	s.t.Helper()
	for _, p := range s.register().People {
		if strings.HasPrefix(p.Name, name) {
			return p
		}
	}
	s.t.Fatalf("nobody is called %s", name)
	return models.Person{}
}

func TestAddAndEditPerson(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.as(models.Director)
	s.get("/people/new").plain().wants(t, http.StatusOK, "équipe : lit le registre")
	for _, c := range []struct{ field, value, says string }{
		{"name", "", "Remplissez ce champ"},
		{"name", strings.Repeat("x", 10_000), "Raccourcissez"},
		{"name", "Claire\u202eleroM", "caractères invisibles"},
		{"email", "nadia", "adresse est incomplète"},
		{"email", "", "le récapitulatif ne peut pas partir"},
		{"email", "CLAIRE@passerelles.example", "appartient déjà"},
		{"role", "king", "Choisissez dans la liste"},
		{"lang", "de", "Choisissez dans la liste"},
	} {
		s.submit("/people/new", pairs(goodPerson(), c.field, c.value)...).plain().wants(t, http.StatusUnprocessableEntity, c.says, `href="#`+c.field+`"`)
	}
	s.submit("/people/new", pairs(goodPerson())...)
	p := s.personNamed("Nadia")
	if p.Role != models.Editor || !p.Digest || p.SignsIn {
		t.Errorf("added %+v", p)
	}
	edit := personPath(p.ID, "edit")
	typed := personTyped(p)
	s.submit(edit, pairs(typed, "name", "Nadia Salem", "digest", "")...).follows(t, personPath(p.ID))
	s.submit(edit, pairs(typed, "name", "Nadia B.")...).plain().wants(t, http.StatusConflict, "Nadia B.", "entre-temps")
	// The last director stays one.
	claire := s.personNamed("Claire")
	s.submit(personPath(claire.ID, "edit"), pairs(personTyped(claire), "role", "staff")...).plain().wants(t, http.StatusUnprocessableEntity, "au moins une personne à la direction")
	// Somebody who only holds seats needs no address.
	s.submit("/people/new", pairs(goodPerson(), "name", "Sam", "email", "", "digest", "")...).follows(t, personPath(s.personNamed("Sam").ID))
}

func TestLeaveAndReturn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.as(models.Director)
	karim := s.personNamed("Karim")
	path := personPath(karim.ID, "departure")
	s.get(path).plain().wants(t, http.StatusOK, "Karim Benali s’en va ?", "Dropbox", "À transmettre", "Scoop.it, responsable")
	for on, says := range map[string]string{"": "Indiquez une date", "2026-02-30": "n’existe pas", "bientôt": "illisible"} {
		s.submit(path, "on", on).plain().wants(t, http.StatusUnprocessableEntity, says)
	}
	before := len(s.register().CostByPerson(testDay)[karim.ID].Held)
	s.submit(path, "on", "2026-11-23").follows(t, "/people")
	if now := len(s.register().CostByPerson(testDay)[karim.ID].Held); before == 0 || now != 0 {
		t.Errorf("held %d seats before leaving and %d after", before, now)
	}
	s.submit(s.undoOf("/people")).follows(t, personPath(karim.ID))
	if p := s.personNamed("Karim"); !p.LeftOn.IsZero() {
		t.Errorf("still gone since %s", p.LeftOn)
	}
	if now := len(s.register().CostByPerson(testDay)[karim.ID].Held); now != before {
		t.Errorf("holds %d seats after the undo, want the %d of before", now, before)
	}
	claire := s.personNamed("Claire")
	s.submit(personPath(claire.ID, "departure"), "on", "2026-11-23").plain().wants(t, http.StatusUnprocessableEntity, "au moins une personne à la direction")
}

func TestOnlyDirectorsManagePeople(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.personNamed("Hugo").ID
	for _, role := range []models.Role{models.Editor, models.Accountant, models.Staff} {
		s.as(role)
		for _, path := range []string{"/people/new", personPath(id, "edit"), personPath(id, "departure")} {
			s.get(path).wants(t, http.StatusForbidden)
		}
		for _, path := range []string{"/people/new", personPath(id, "edit"), personPath(id, "invitation"), personPath(id, "invitation", "withdrawal"), personPath(id, "reset"), personPath(id, "departure"), personPath(id, "return")} {
			s.submit(path).wants(t, http.StatusForbidden)
		}
	}
	if who, err := s.store.Credential(context.Background(), s.accountOf(id)); err != nil || who.PasswordHash != "" {
		t.Errorf("Hugo was given a password: %v", err)
	}
}
