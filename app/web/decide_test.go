package web

import (
	"net/http"
	"strings"
	"testing"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// question is what is asked first of a service of the sample, and can still be answered.
func (s *site) question(name string) models.Question {
	s.t.Helper()
	id := s.service(name).ID
	for _, q := range s.register().Questions(testDay) {
		if q.ServiceID == id && !q.Locked {
			return q
		}
	}
	s.t.Fatalf("nothing is asked of %s", name)
	return models.Question{}
}

// answerForm is the form as it is shown, with an answer chosen.
func answerForm(q models.Question, kind string, changed ...string) []string {
	return pairs(Fields{
		"renewal": q.Charge.On.String(), "kind": kind, "reason": "vu en réunion", "on": testDay.String(), "by": "", "last": "", "how": "", "exported": "",
		"plan": "", "plan_seats": "1", "seats": "", "replaced_by": "", "look_again_on": "", "version": typedVersion(q.Subscription.Version),
	}, changed...)
}

func TestDecideList(t *testing.T) {
	t.Parallel()
	s := newSite(t).as(models.Director)
	bothLanguages(t, s, func(t *testing.T, lang string) {
		page := s.get("/decisions").plain().wants(t, http.StatusOK, "MindMeister", "Canva", "OVHcloud", "Bitwarden")
		if lang == "fr" {
			page.wants(t, http.StatusOK, "à décider d’ici un an, pour", "Trop tard pour cette fois", "Réponses données", "1 siège payé sur 2 sans personne, soit 29,40 € par an",
				"Dernière décision : gardé", "« Utile aux projets ; revoir le second siège. »", "confirmation du prix.pdf", "gardé le")
		}
	})
	s.submit("/language", "lang", "fr", "to", "/")
	body := s.get("/decisions").body
	last := -1
	for _, q := range s.register().Questions(testDay) { // in order of the day to decide by
		if q.Locked || q.Answered() {
			continue
		}
		at := strings.Index(body, `href="`+strings.ReplaceAll(answerPath(q.Subscription.ID, q.Charge.On), "&", "&amp;")+`"`)
		if at < last {
			t.Errorf("%v of subscription %d stands at %d, after %d", q.SaidBy, q.Subscription.ID, at, last)
		}
		last = at
	}
	s.get("/").wants(t, http.StatusOK, `href="/decisions"`)
	s.get("/renewals").wants(t, http.StatusOK, `href="/decisions"`)
	reader := newSite(t).as(models.Staff)
	if page := reader.get("/decisions").wants(t, http.StatusOK, "MindMeister"); strings.Contains(page.body, "/answer?") {
		t.Error("staff is offered to answer")
	}
	reader.get(answerPath(reader.question("MindMeister").Subscription.ID, reader.question("MindMeister").Charge.On)).wants(t, http.StatusForbidden)
}

// Each of the five answers in one step, with its notice and its way back.
func TestAnswerInOneStep(t *testing.T) {
	t.Parallel()
	s := newSite(t).as(models.Director)
	basic, _ := s.plan(s.service("MindMeister").ID, "Basic")
	for _, c := range []struct {
		kind    string
		changed []string
		says    string
		check   func(models.Subscription, models.Decision) bool
	}{
		{answerKeep, nil, "MindMeister est gardé à l’échéance du", func(m models.Subscription, d models.Decision) bool {
			return d.Kind == models.Keep && m.EndsOn.IsZero()
		}},
		{answerCancel, []string{"how", "mail", "exported", "on", "on", testDay.String()}, "MindMeister est résilié : dernier jour le", func(m models.Subscription, d models.Decision) bool {
			return d.Kind == models.Drop && d.How == models.CancelMail && m.EndsOn == m.CanEndOn(testDay)
		}},
		{answerCancel, []string{"last", "31/01/2027"}, "dernier jour le 31 janvier 2027", func(m models.Subscription, _ models.Decision) bool {
			return m.EndsOn == cal.MustNew(2027, 2, 1)
		}},
		{answerPlan, []string{"plan", typedID(basic.ID)}, "MindMeister passe à Basic le", func(m models.Subscription, d models.Decision) bool {
			return d.Kind == models.Downgrade && m.SuccessorID != 0
		}},
		{answerSeats, []string{"seats", "1"}, "MindMeister : 1 siège payé à partir du", func(m models.Subscription, d models.Decision) bool {
			return d.Seats == 1 && d.SeatsWas == 2 && m.TermsOn(d.Renewal).Billed() == money.Euros(2940)
		}},
		{answerReplace, []string{"replaced_by", "Framindmap"}, "Framindmap remplace MindMeister", func(m models.Subscription, d models.Decision) bool {
			return d.Kind == models.Replace && d.ReplacedBy == "Framindmap" && !m.EndsOn.IsZero()
		}},
	} {
		t.Run(c.kind, func(t *testing.T) {
			q := s.question("MindMeister")
			path := subscriptionPath(q.Subscription.ID, "answer")
			s.get(path+"?kind="+c.kind).plain().wants(t, http.StatusOK, "Que devient MindMeister le", `value="`+c.kind+`" checked`, "29,40 € de moins par an", "accounts.meister.co")
			s.submitFiles(path, []sent{{"accusé.pdf", somePDF}}, answerForm(q, c.kind, c.changed...)...).follows(t, "/decisions")
			page := s.get("/decisions").plain().wants(t, http.StatusOK, strings.TrimSuffix(c.says, " "), "vu en réunion", "accusé.pdf")
			m, _ := s.register().Subscription(q.Subscription.ID)
			given := s.register().DecisionsOf(q.ServiceID)
			d := given[len(given)-1]
			if d.Renewal != q.Charge.On || d.By != s.actor().Person || d.On != testDay || d.Reason != "vu en réunion" || !c.check(m, d) {
				t.Errorf("noted %+v of %+v", d, m)
			}
			for _, left := range s.register().Questions(testDay) {
				if left.Subscription.ID == m.ID && left.Charge.On == q.Charge.On && !left.Answered() {
					t.Error("it is still asked")
				}
			}
			if c.kind == answerKeep {
				if body := s.get("/renewals").plain().body; !strings.Contains(body, `<span class="tag premium">gardé</span>`) {
					t.Error("the renewals do not say that it is kept")
				}
				s.get(path+"?renewal="+q.Charge.On.String()).plain().wants(t, http.StatusOK, "Déjà répondu")
			}
			s.get(decisionPath(d.ID)+"/removal").wants(t, http.StatusOK)
			s.undo(page).follows(t, "/decisions")
			s.get("/decisions").plain().wants(t, http.StatusOK, "La réponse sur MindMeister est annulée.")
			if again := s.question("MindMeister"); again.Answered() || len(s.register().DecisionsOf(q.ServiceID)) != len(given)-1 {
				t.Errorf("taken back: %+v", again.Answer)
			}
		})
	}
}

func TestBadAnswers(t *testing.T) {
	t.Parallel()
	s := newSite(t).as(models.Editor)
	q := s.question("MindMeister")
	path := subscriptionPath(q.Subscription.ID, "answer")
	revision := s.register().Revision
	for _, bad := range []struct{ kind, field, typed string }{
		{"", "kind", ""},
		{"perhaps", "kind", "perhaps"},
		{answerKeep, "on", "30/02/2026"},
		{answerKeep, "on", "24/11/2026"},
		{answerKeep, "by", "999999"},
		{answerKeep, "reason", strings.Repeat("x", 4001)},
		{answerCancel, "last", "bientôt"},
		{answerCancel, "last", "01/01/2020"},
		{answerCancel, "how", "pigeon"},
		{answerReplace, "replaced_by", ""},
		{answerPlan, "plan", ""},
		{answerPlan, "plan", "999999"},
		{answerPlan, "plan_seats", "beaucoup"},
		{answerSeats, "seats", "2"},
		{answerSeats, "seats", "0"},
		{answerSeats, "seats", "un"},
	} {
		changed := []string{bad.field, bad.typed}
		if bad.field == "plan_seats" {
			basic, _ := s.plan(q.ServiceID, "Basic")
			changed = append(changed, "plan", typedID(basic.ID))
		}
		page := s.submit(path, answerForm(q, bad.kind, changed...)...).wants(t, http.StatusUnprocessableEntity)
		if !strings.Contains(page.body, `href="#`+bad.field+`"`) {
			t.Errorf("%s, %s = %.20q: nothing said of it", bad.kind, bad.field, bad.typed)
		}
		if bad.field != "reason" && !strings.Contains(page.body, "vu en réunion") {
			t.Errorf("%s, %s = %.20q: what was typed is lost", bad.kind, bad.field, bad.typed)
		}
	}
	s.submitFiles(path, []sent{{"virus.exe", "MZ"}}, answerForm(q, answerKeep)...).wants(t, http.StatusUnprocessableEntity, `href="#file"`, "Choisissez le fichier de nouveau")
	s.submit(path, answerForm(q, answerKeep, "version", "99")...).wants(t, http.StatusConflict, "vu en réunion")
	if r := s.register(); r.Revision != revision {
		t.Error("something was written")
	}
	s.get(path+"?renewal=demain").wants(t, http.StatusNotFound)
	s.get(path+"?renewal=2026-12-25").plain().wants(t, http.StatusConflict, "n’attend pas de réponse")
	s.get(subscriptionPath(s.current("Gmail").ID, "answer")).plain().wants(t, http.StatusConflict, "n’attend pas de réponse")
}

// Of a renewal that is committed already one may note that it is kept, or leave after it.
func TestLockedAnswer(t *testing.T) {
	t.Parallel()
	s := newSite(t).as(models.Director)
	var locked models.Question
	for _, q := range s.register().Questions(testDay) {
		if q.Locked {
			locked = q
		}
	}
	path := answerPath(locked.Subscription.ID, locked.Charge.On)
	page := s.get(path).plain().wants(t, http.StatusOK, "Il fallait décider avant le", "sont engagés")
	for _, kind := range []string{answerPlan, answerSeats} {
		if strings.Contains(page.body, `value="`+kind+`"`) {
			t.Errorf("%s is offered, too late", kind)
		}
	}
	s.submit(subscriptionPath(locked.Subscription.ID, "answer"), answerForm(locked, answerCancel)...).follows(t, "/decisions")
	m, _ := s.register().Subscription(locked.Subscription.ID)
	if !m.EndsOn.After(locked.Charge.On) {
		t.Errorf("ends on %v, though %v is committed", m.EndsOn, locked.Charge.On)
	}
}

// A service paid each month is asked about once a year, when one says so.
func TestKeepUntil(t *testing.T) {
	t.Parallel()
	s := newSite(t).as(models.Director)
	q := s.question("Brevo")
	path := subscriptionPath(q.Subscription.ID, "answer")
	until := q.Charge.On.AddMonths(12)
	s.get(path).plain().wants(t, http.StatusOK, "Ne plus demander avant le", until.String())
	s.submit(path, answerForm(q, answerKeep, "look_again_on", until.AddDays(1).String())...).wants(t, http.StatusUnprocessableEntity, `href="#look_again_on"`)
	s.submit(path, answerForm(q, answerKeep, "look_again_on", until.String())...).follows(t, "/decisions")
	for on := testDay; on.Before(until.AddDays(-40)); on = on.AddDays(10) {
		for _, q := range s.register().Questions(on) {
			if q.ServiceID == s.service("Brevo").ID && !q.Locked && !q.Answered() {
				t.Fatalf("asked again on %v of %v", on, q.Charge.On)
			}
		}
	}
}

func TestProofsOnScreen(t *testing.T) {
	t.Parallel()
	s := newSite(t).as(models.Editor)
	d := s.register().DecisionsOf(s.service("Dropbox").ID)[0]
	edit := decisionPath(d.ID) + "/edit"
	s.submitFiles(decisionPath(d.ID)+"/proofs", []sent{{`C:\mail "1".pdf`, somePDF}, {"photo.png", somePNG}}).follows(t, edit)
	s.get(edit).plain().wants(t, http.StatusOK, "photo.png", "mail _1_.pdf", "2 fichiers")
	s.submitFiles(decisionPath(d.ID)+"/proofs", []sent{{"x.html", "<script>"}}).plain().wants(t, http.StatusUnprocessableEntity, `href="#file"`, d.Reason)
	s.submitFiles(decisionPath(d.ID)+"/proofs", nil).wants(t, http.StatusUnprocessableEntity, `href="#file"`)
	proofs := s.register().ProofsOf(d.ID)
	if len(proofs) != 2 {
		t.Fatalf("%d proofs", len(proofs))
	}
	file := "/proofs/" + typedID(proofs[0].ID)
	s.get(servicePath(d.ServiceID)).plain().wants(t, http.StatusOK, file, "photo.png")
	a := s.get(file).wants(t, http.StatusOK)
	if a.body != somePDF || a.header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment") || !strings.Contains(a.header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("handed out with %v", a.header)
	}
	s.get(decisionPath(d.ID)+"/removal").plain().wants(t, http.StatusOK, "2 fichiers seront supprimés")
	s.get(file+"/removal").plain().wants(t, http.StatusOK, "Dropbox", "Retirer")
	s.submit(file+"/removal").follows(t, edit)
	s.get(file).wants(t, http.StatusNotFound)
	if left := s.register().ProofsOf(d.ID); len(left) != 1 {
		t.Errorf("%d left", len(left))
	}
}
