package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"enveloppe/models"
	"enveloppe/models/store"
)

// novemberOver is when November's digest stops helping in Paris.
var novemberOver = time.Date(2026, time.November, 30, 23, 0, 0, 0, time.UTC)

// planned writes messages down for the first two people and about the first subscription.
func (s *site) planned(t *testing.T) {
	t.Helper()
	var list []store.Planned
	for _, p := range s.facts.People[:2] {
		to := store.Planned{
			MessageKey: store.MessageKey{Kind: store.KindDigest, Item: s.org, Occurrence: "2026-11", Recipient: p.ID},
			Name:       p.Name, Address: p.Email, Lang: p.Lang, Until: novemberOver,
		}
		list = append(list, to)
		to.Kind, to.Item, to.Occurrence, to.Until = string(models.RemindRenewal), s.facts.Subscriptions[0].ID, "2026-11-30/7", testNow.AddDate(0, 0, 8)
		list = append(list, to)
	}
	if _, err := s.store.PlanMessages(t.Context(), s.org, list, testNow); err != nil {
		t.Fatal(err)
	}
}

// finish tries the next message of a lane, with an outcome.
func (s *site) finish(t *testing.T, lane store.Lane, o store.Outcome) store.Message {
	t.Helper()
	m, ok, err := s.store.ClaimMessage(t.Context(), s.org, lane, testNow)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if err := s.store.FinishMessage(t.Context(), s.org, m.ID, o); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestLedgerShowsWhatBecameOfEachMessage(t *testing.T) {
	s := newSite(t).as(models.Director)
	s.get("/messages").wants(t, http.StatusOK, "Aucun envoi")
	s.planned(t)
	d := s.finish(t, store.Lane{Digest: true}, store.Outcome{State: store.MessageGivenUp, Detail: "550 no such user", At: testNow})
	gone := s.finish(t, store.Lane{}, store.Outcome{State: store.MessageSent, Subject: "Échéance de Dropbox", At: testNow})
	s.finish(t, store.Lane{}, store.Outcome{State: store.MessageLapsed, Detail: "settled", At: testNow})
	retry := "/messages/" + typedID(d.ID) + "/retry"

	s.get("/digest").wants(t, http.StatusOK, "550 no such user", "refusé", "en attente", retry)
	page := s.get("/messages").wants(t, http.StatusOK, "550 no such user", "refusé", "en attente", "Échéance de Dropbox", "parti", "réglé entre-temps, ou", retry, s.facts.People[1].Name)
	if strings.Contains(page.body, "/messages/"+typedID(gone.ID)+"/retry") {
		t.Error("a message that has left is offered again")
	}
	for address, want := range map[string][2]string{ // what is there, what is not
		"/messages?state=given_up":                                 {"550 no such user", "Échéance de Dropbox"},
		"/messages?kind=renewal":                                   {"Échéance de Dropbox", "550 no such user"},
		"/messages?to=" + typedID(s.facts.People[1].ID):            {"</table>", "<small>" + s.facts.People[0].Email},
		"/messages?state=sent&kind=digest":                         {"Aucun message ne correspond", "</table>"},
		"/messages?state=nonsense&kind=nonsense&to=x&before=-1":    {"550 no such user", "Aucun message"},
		"/messages?to=c987654321":                                  {"Aucun message ne correspond", "</table>"},
		"/messages?before=" + typedID(gone.ID) + "&kind=" + d.Kind: {"Les plus récents", "Échéance de Dropbox"},
		"/messages?before=" + typedID(d.ID):                        {"Les plus récents", "</table>"},
	} {
		if page := s.get(address).wants(t, http.StatusOK, want[0]); strings.Contains(page.body, want[1]) {
			t.Errorf("%s shows %q", address, want[1])
		}
	}

	s.submit(retry, "from", "digest").follows(t, "/digest")
	if page := s.get("/messages").wants(t, http.StatusOK); strings.Contains(page.body, "refusé") {
		t.Error("the message is not back in the queue")
	}
	s.submit("/messages/"+typedID(gone.ID)+"/retry").wants(t, http.StatusConflict, "déjà parti")
	s.submit("/messages/999999/retry").wants(t, http.StatusNotFound)
	bothLanguages(t, s, func(t *testing.T, _ string) { s.get("/messages").wants(t, http.StatusOK, "550 no such user") })
}

func TestAMessageThatIsOverIsNotSentAgain(t *testing.T) {
	s := newSite(t).as(models.Director)
	s.planned(t)
	d := s.finish(t, store.Lane{Digest: true}, store.Outcome{State: store.MessageGivenUp, Detail: "550", At: testNow})
	s.web.Now = func() time.Time { return novemberOver }
	if page := s.as(models.Director).get("/messages").wants(t, http.StatusOK, "refusé"); strings.Contains(page.body, "/retry") {
		t.Error("a past month's message can be put back in the queue")
	}
	s.submit("/messages/"+typedID(d.ID)+"/retry").wants(t, http.StatusConflict, "ne servirait plus")
}

func TestOthersSeeTheirOwnMessagesOnly(t *testing.T) {
	s := newSite(t)
	s.planned(t)
	for range 2 {
		s.finish(t, store.Lane{Digest: true}, store.Outcome{State: store.MessageGivenUp, Detail: "550", At: testNow})
	}
	all, err := s.store.Messages(context.Background(), s.org, store.MessageFilter{Kind: store.KindDigest})
	if err != nil {
		t.Fatal(err)
	}
	s.as(models.Editor) // the second person
	claire, karim := s.facts.People[0], s.facts.People[1]
	for _, address := range []string{"/messages", "/messages?to=" + typedID(claire.ID)} {
		page := s.get(address).wants(t, http.StatusOK, karim.Email, ">2</span>")
		if strings.Contains(page.body, claire.Email) || strings.Contains(page.body, `<select name="to"`) {
			t.Errorf("%s shows somebody else's messages", address)
		}
	}
	if page := s.get("/digest").wants(t, http.StatusOK); strings.Contains(page.body, claire.Email+" · ") {
		t.Error("the digest's page shows somebody else's messages")
	}
	for _, m := range all {
		a := s.submit("/messages/" + typedID(m.ID) + "/retry")
		if m.Recipient == karim.ID {
			a.follows(t, "/messages")
		} else {
			a.wants(t, http.StatusNotFound)
		}
	}
}
