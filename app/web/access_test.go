package web

import (
	"net/http"
	"strings"
	"testing"

	"enveloppe/models"
)

func TestAccessPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.as(models.Staff)
	a := s.get("/access").plain().wants(t, http.StatusOK, "Que perdrions-nous", "Que fait-on sans réseau", "Qui former", "copie en retard", "un seul administrateur", "se lit seulement", "à faire", "dernière copie le")
	if strings.Contains(a.body, "/access\"") && strings.Contains(a.body, "Compléter") {
		t.Error("staff are offered to change something")
	}
	s.get("/processors").plain().wants(t, http.StatusOK, "Registre des sous-traitants", "Association Passerelles", "au 23 novembre 2026", "Dropbox International", "Irlande", "mentions manquent", "accord à accepter", "Pas encore dit", "Sans données personnelles")
	s.get("/processors").plain().wants(t, http.StatusOK, "Responsable du traitement", "Claire Morel (claire@passerelles.example)")
	english := s.get("/processors?lang=en").plain().wants(t, http.StatusOK, "Register of processors", "Ireland", "23 November 2026", `lang="en" aria-current="page"`)
	if strings.Contains(english.body, "sous-traitants") {
		t.Error("the English register speaks French")
	}
	s.get("/processors?lang=de").plain().wants(t, http.StatusOK, "Registre des sous-traitants")
	empty := newSiteWith(t, models.Facts{Organisation: s.facts.Organisation, People: s.facts.People[:1]})
	empty.as(models.Director)
	empty.get("/access").plain().wants(t, http.StatusOK, "Aucun service n’est utilisé")
	empty.get("/processors").plain().wants(t, http.StatusOK, "Aucun sous-traitant noté")
}

func TestSaveAccess(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.as(models.Editor)
	feedly := s.service("Feedly")
	path := servicePath(feedly.ID) + "/access"
	s.get(path).plain().wants(t, http.StatusOK, "Données et accès de Feedly", "Pas encore dit")
	typed := accessTyped(s.web.books["fr"].words, feedly)
	for _, c := range []struct{ field, value, says string }{
		{"export", "maybe", "Choisissez dans la liste"},
		{"second_admin", "999999", "Choisissez dans la liste"},
		{"referent", "x", "Choisissez dans la liste"},
		{"exported_on", "2026-12-31", "pas encore venu"},
		{"dpa_on", "2027-01-01", "pas encore venu"},
		{"train_planned", "beaucoup", "heures"},
		{"hosting", strings.Repeat("x", 200), "Raccourcissez"},
		{"export_every", "-1", "entre"},
	} {
		s.submit(path, pairs(typed, c.field, c.value)...).plain().wants(t, http.StatusUnprocessableEntity, c.says, `id="`+c.field+`-error"`, c.value[:1])
	}
	karim := s.personNamed("Karim")
	good := pairs(
		typed, "export", "full", "export_how", "OPML", "export_every", "60", "exported_on", "2026-11-01", "exported_by", typedID(karim.ID), "export_kept", "Dropbox",
		"second_admin", typedID(karim.ID), "offline", "no", "train_planned", "1 h 30", "train_done", "0,5", "referent", typedID(karim.ID),
		"personal", "full", "personal_whose", "lecteurs", "purpose", "veille", "dpa_on", "2026-01-02", "dpa_where", "compte", "hosting", "États-Unis", "transfer", "none", "kept_for", "un an",
	)
	s.submit(path, good...).follows(t, servicePath(feedly.ID)+"#access")
	now := s.service("Feedly")
	if a := now.Access; a.TrainPlanned != 150 || a.TrainDone != 50 || a.Export != models.ExtentFull || a.SecondAdmin != karim.ID || now.ExportEvery != 60 || a.Transfer != models.TransferNone {
		t.Errorf("saved %+v", now)
	}
	s.submit(path, good...).plain().wants(t, http.StatusConflict, "entre-temps", "OPML")
	s.get(servicePath(feedly.ID)).plain().wants(t, http.StatusOK, "OPML", "0,5 sur 1,5 h", "lecteurs", "États-Unis", "Karim Benali")
	s.get("/processors").plain().wants(t, http.StatusOK, "hors de l’Espace économique européen") // Feedly, Inc. is American
	s.as(models.Director)
	s.get("/audit").plain().wants(t, http.StatusOK, "données et accès", "formation prévue (heures)", "n’en sortent pas", "Karim Benali")
	s.get("/comparisons/new?service="+typedID(feedly.ID)).plain().wants(t, http.StatusOK, `name="online.1.hours_once"`, `value="1,5"`)
}

// A mistaken export leaves what was known of the one before: its day, and who had made it.
func TestUndoExportKeepsWho(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.as(models.Director)
	was := s.service("Dropbox")
	if was.Access.ExportedBy == 0 || was.ExportedOn.IsZero() {
		t.Fatal("nobody has taken Dropbox's data out")
	}
	path := servicePath(was.ID)
	s.submit(path+"/export", "exported_on", "2026-11-23").follows(t, path)
	if now := s.service("Dropbox"); now.ExportedOn != testDay || now.Access.ExportedBy != s.actor().Person {
		t.Errorf("noted %+v", now)
	}
	s.submit(s.undoOf(path)).follows(t, path)
	if now := s.service("Dropbox"); now.ExportedOn != was.ExportedOn || now.Access.ExportedBy != was.Access.ExportedBy {
		t.Errorf("took back to %+v", now)
	}
}
