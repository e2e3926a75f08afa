package web

import (
	"net/http"
	"strings"
	"testing"

	"enveloppe/models"
	"enveloppe/models/cal"
)

func TestDecisionIsNotedCorrectedAndRemoved(t *testing.T) {
	s := newSite(t).as(models.Director)
	sv := s.service("Google Agenda")
	path := servicePath(sv.ID)
	bothLanguages(t, s, func(t *testing.T, _ string) {
		s.get(path+"/decisions/new?kind=keep").wants(t, http.StatusOK, `value="keep" checked`, `value="2026-11-23"`)
	})
	s.submit("/language", "lang", "fr", "to", "/")
	sub := s.current("Google Agenda")
	s.submit(path+"/decisions", "kind", "stay_free", "on", "2026-11-23", "by", typedID(s.facts.People[0].ID), "reason", "Suffit encore.", "look_again_on", "2027-11-01", "subscription", typedID(sub.ID)).follows(t, path)
	all := s.register().DecisionsOf(sv.ID)
	d := all[len(all)-1]
	if d.Kind != models.StayFree || d.SubscriptionID != sub.ID || d.Reason != "Suffit encore." || d.LookAgainOn != cal.MustNew(2027, 11, 1) {
		t.Errorf("noted %+v", d)
	}
	if got := s.current("Google Agenda").LookOn; got != d.LookAgainOn {
		t.Errorf("to look at again on %s", got)
	}
	s.get(path).plain().wants(t, http.StatusOK, "Décision notée pour Google Agenda : rester en gratuit.", "Suffit encore.", "à revoir le 1er novembre 2027", decisionPath(d.ID)+"/edit")

	s.get(decisionPath(d.ID)+"/edit").wants(t, http.StatusOK, "Suffit encore.", `value="2027-11-01"`)
	typed := []string{"kind", "keep", "on", "22/11/2026", "reason", "Suffit toujours.", "version", typedVersion(d.Version), "subscription", typedID(sub.ID)}
	s.submit(decisionPath(d.ID), typed...).follows(t, path)
	typed[5] = "Autre chose."
	s.submit(decisionPath(d.ID), typed...).wants(t, http.StatusConflict, "Autre chose.")
	if d, _ := s.register().Decision(d.ID); d.Reason != "Suffit toujours." || d.On != cal.MustNew(2026, 11, 22) {
		t.Errorf("corrected to %+v", d)
	}

	s.get(decisionPath(d.ID)+"/removal").wants(t, http.StatusOK, "Suffit toujours.")
	s.submit(decisionPath(d.ID)+"/removal").follows(t, path)
	if _, ok := s.register().Decision(d.ID); ok {
		t.Error("not removed")
	}
	s.undo(s.get(path)).follows(t, path)
	s.get(decisionPath(d.ID)+"/edit").wants(t, http.StatusNotFound)
	if all := s.register().DecisionsOf(sv.ID); all[len(all)-1].Reason != "Suffit toujours." {
		t.Errorf("taken back as %+v", all[len(all)-1])
	}
}

func TestBadDecisions(t *testing.T) {
	s := newSite(t).as(models.Editor)
	path := servicePath(s.service("Dropbox").ID)
	count := len(s.register().Decisions)
	for _, bad := range []struct{ field, typed string }{
		{"kind", ""},
		{"kind", "perhaps"},
		{"on", ""},
		{"on", "30/02/2026"},
		{"on", "2026-11-24"},
		{"by", "abc"},
		{"by", "999999"},
		{"reason", strings.Repeat("x", 4001)},
		{"look_again_on", "2026-11-23"},
		{"look_again_on", "bientôt"},
	} {
		good := map[string]string{"kind": "keep", "on": "2026-11-23", "reason": "parce que"}
		good[bad.field] = bad.typed
		var pairs []string
		for name, typed := range good {
			pairs = append(pairs, name, typed)
		}
		page := s.submit(path+"/decisions", pairs...).wants(t, http.StatusUnprocessableEntity)
		if !strings.Contains(page.body, `href="#`+bad.field+`"`) {
			t.Errorf("%s = %.20q: nothing said of it", bad.field, bad.typed)
		}
		if bad.field != "reason" && !strings.Contains(page.body, "parce que") {
			t.Errorf("%s = %.20q: what was typed is lost", bad.field, bad.typed)
		}
	}
	if n := len(s.register().Decisions); n != count {
		t.Errorf("%d decisions were noted", n-count)
	}
	// A subscription of another service is not this one's.
	s.submit(path+"/decisions", "kind", "keep", "on", "2026-11-23", "subscription", typedID(s.current("Zoom").ID)).follows(t, path)
	all := s.register().Decisions
	if d := all[len(all)-1]; d.SubscriptionID != 0 {
		t.Errorf("noted on the subscription of another service: %+v", d)
	}
}
