package web

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"enveloppe/models"
)

// Somebody of the staff proposes a service, the director is told, accepts by registering it, and the proposer is told.
func TestProposalFromAskingToRegistering(t *testing.T) {
	t.Parallel()
	s := newSite(t).as(models.Staff)
	s.post.configured = true
	s.get("/services").wants(t, http.StatusOK, `href="/proposals/new"`)
	s.get("/proposals/new").wants(t, http.StatusOK, "Pour quoi faire")
	s.submit("/proposals", "name", "Miro", "plan", "Starter", "url", "javascript:alert(1)", "need", " ", "for", "animation", "places", "3").
		wants(t, http.StatusUnprocessableEntity, `value="Miro"`, `value="javascript:alert(1)"`, "Remplissez ce champ")
	made := s.submit("/proposals", "name", "Miro", "plan", "Starter", "url", "https://miro.com/", "need", "Tableau <blanc>\npour les ateliers", "for", "animation", "places", "3")
	path := made.header.Get("Location")
	if made.status != http.StatusSeeOther || !strings.HasPrefix(path, "/proposals/") {
		t.Fatalf("proposed: %d to %q", made.status, path)
	}
	s.get(path).wants(t, http.StatusOK, "Tableau &lt;blanc&gt;", "n’a pas encore répondu", "Retirer la proposition")
	if l := s.letter(); l.Address != "claire@passerelles.example" || !strings.Contains(l.Subject, "Miro") || !strings.Contains(l.Text, "Tableau <blanc>") || !strings.Contains(l.Text, s.server.URL+path) {
		t.Errorf("the director is told %+v", l)
	}
	s.submit(path+"/answer", "verdict", "accept").wants(t, http.StatusForbidden)

	s.as(models.Director)
	s.get("/").wants(t, http.StatusOK, "2 propositions de services attendent votre réponse")
	s.get("/proposals").wants(t, http.StatusOK, "Miro", "Hugo Lemaire", "Canva")
	s.submit(path+"/answer", "verdict", "decline").wants(t, http.StatusUnprocessableEntity, "Dites pourquoi")
	s.submit(path+"/answer", "answer", "peut-être").wants(t, http.StatusUnprocessableEntity, "peut-être", "Choisissez")
	proposal := strings.TrimPrefix(path, "/proposals/")
	form := s.get("/services/new?proposal="+proposal).wants(t, http.StatusOK, `value="Miro"`, `value="https://miro.com/"`, `value="Starter"`, `name="proposal" value="`+proposal+`"`)
	if !strings.Contains(form.body, "Tableau &lt;blanc&gt;") {
		t.Error("the need is not carried over")
	}
	function := typedID(s.register().Functions[0].ID)
	s.submit("/services", "name", "Miro", "function", function, "tier", "free", "use", "considered", "every", "1", "unit", "year", "currency", "EUR", "proposal", proposal)
	s.get(path).wants(t, http.StatusOK, "acceptée", "Miro est dans le registre")
	if l := s.letter(); l.Address != "hugo@passerelles.example" || !strings.Contains(l.Subject, "acceptée") || !strings.Contains(l.Text, s.server.URL+path) {
		t.Errorf("the proposer is told %+v", l)
	}
	s.get("/audit?kind=proposal").wants(t, http.StatusOK, "service proposé", `href="`+path+`"`)
	s.get("/services/new?proposal=987654").wants(t, http.StatusNotFound)
}

func TestProposalIsDeclinedAndReopened(t *testing.T) {
	t.Parallel()
	s := newSite(t).as(models.Director)
	s.post.configured = true
	open := s.register().Proposals[1]
	path := proposalPath(open.ID)
	s.submit(path+"/answer", "verdict", "decline", "answer", "Pas cette année").follows(t, path)
	if l := s.letter(); l.Address != "hugo@passerelles.example" || !strings.Contains(l.Text, "Pas cette année") {
		t.Errorf("the proposer is told %+v", l)
	}
	page := s.get(path).wants(t, http.StatusOK, "Pas cette année", "refusée")
	s.submit(undoOf(t, page)).follows(t, path)
	s.get(path).wants(t, http.StatusOK, "en attente", `name="verdict"`)
	s.submit(path+"/withdrawal").wants(t, http.StatusForbidden)
	s.submit(path+"/answer", "verdict", "accept").follows(t, path)
	s.get(path).wants(t, http.StatusOK, "/services/new?proposal="+typedID(open.ID))
	s.submit(path+"/answer", "verdict", "accept").wants(t, http.StatusUnprocessableEntity, "a déjà sa réponse")
}

// Whoever proposes can take it back; what others propose is not there for staff.
func TestProposalsOfOthersAreNotThere(t *testing.T) {
	t.Parallel()
	s := newSite(t).as(models.Staff)
	declined, mine := s.register().Proposals[0], s.register().Proposals[1]
	s.get(proposalPath(declined.ID)).wants(t, http.StatusNotFound)
	s.submit(proposalPath(declined.ID)+"/withdrawal").wants(t, http.StatusNotFound)
	s.submit(proposalPath(declined.ID)+"/reopening").wants(t, http.StatusNotFound)
	if page := s.get("/proposals").wants(t, http.StatusOK, "Canva"); strings.Contains(page.body, proposalPath(declined.ID)) {
		t.Error("staff see what others propose")
	}
	s.submit(proposalPath(mine.ID)+"/withdrawal").follows(t, proposalPath(mine.ID))
	s.submit(undoOf(t, s.get(proposalPath(mine.ID)))).follows(t, proposalPath(mine.ID))
	s.get(proposalPath(mine.ID)).wants(t, http.StatusOK, "en attente")
	s.as(models.Accountant).get(proposalPath(declined.ID)).wants(t, http.StatusOK, "Les deux réunions peuvent se suivre")
	s.submit(proposalPath(declined.ID)+"/reopening").wants(t, http.StatusForbidden)
	s.get("/proposals/new?service="+typedID(declined.ServiceID)).wants(t, http.StatusOK, " selected>Zoom<")
	s.get("/proposals/new?service=987654").wants(t, http.StatusNotFound)
}

// The list is each person's own: two people of one role, or two of whom one asked, are not shown the same page.
func TestAListOfProposalsIsNobodyElses(t *testing.T) {
	t.Parallel()
	s := newSite(t).as(models.Staff)
	mine := s.register().Proposals[1]
	s.get("/proposals").wants(t, http.StatusOK, proposalPath(mine.ID))
	other, err := s.store.AddPerson(context.Background(), s.actor(), models.Person{Name: "Inès", Role: models.Staff, Lang: models.French})
	if err != nil {
		t.Fatal(err)
	}
	page := s.get("/proposals").wants(t, http.StatusOK, proposalPath(mine.ID)) // since the register has changed
	s.client = s.newBrowser()
	s.asPerson(other)
	if a := s.get("/proposals").wants(t, http.StatusOK); strings.Contains(a.body, proposalPath(mine.ID)) {
		t.Error("somebody else's proposals are shown")
	}
	if tag := page.header.Get("ETag"); tag != "" {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.server.URL+"/proposals", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("If-None-Match", tag)
		if a := s.do(req); a.status == http.StatusNotModified {
			t.Error("the list of another is said to be the one they have")
		}
	}
}

// Who reads no amounts proposes like the others of the staff, and reads no amount in the answer.
func TestProposingWithoutAmounts(t *testing.T) {
	t.Parallel()
	s := newSite(t).asReader("no amounts")
	mine := proposalPath(s.register().Proposals[1].ID)
	s.get("/services").wants(t, http.StatusOK, `href="/proposals/new"`)
	s.get("/proposals").wants(t, http.StatusOK, mine)
	path := s.submit("/proposals", "name", "Miro", "need", "Tableau blanc", "for", "animation").header.Get("Location")
	s.get(path).wants(t, http.StatusOK, "Tableau blanc", "Retirer la proposition")
	s.as(models.Director).submit(path+"/answer", "verdict", "decline", "answer", "Trop cher : 1 234,56 € par an").follows(t, path)
	a := s.as(models.Staff).get(path).wants(t, http.StatusOK, "Trop cher", "refusée")
	if strings.Contains(a.body, "234,56") {
		t.Error("the answer says an amount")
	}
}

// Proposing and withdrawing over and over sends no letter after letter.
func TestLettersOfProposalsAreBounded(t *testing.T) {
	t.Parallel()
	s := newSite(t).as(models.Staff)
	s.post.configured = true
	for range models.MaxOpenProposals + 5 {
		path := s.submit("/proposals", "name", "Miro", "need", "Tableau blanc", "for", "animation").header.Get("Location")
		s.submit(path+"/withdrawal").follows(t, path)
	}
	if n := s.lettersSent(); n != models.MaxOpenProposals {
		t.Errorf("%d letters, want %d", n, models.MaxOpenProposals)
	}
}
