package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/templates/words"
)

func (w *Web) proposalRoutes(g *echo.Group) {
	g.GET("/proposals", w.proposalsPage)
	g.GET("/proposals/new", w.newProposal)
	g.POST("/proposals", w.propose)
	g.GET("/proposals/:id", w.proposalPage)
	g.POST("/proposals/:id/answer", w.answerProposal, mayManage)
	g.POST("/proposals/:id/withdrawal", w.withdrawProposal)
	g.POST("/proposals/:id/reopening", w.reopenProposal)
}

func proposalPath(id models.ID) string { return "/proposals/" + typedID(id) }

// proposalsPage lists what people ask for: everybody's, or one's own for staff.
type proposalsPage struct {
	Open, Done []proposalLine
	All        bool // everybody's
	Decides    bool
}

// proposalLine is a proposal in words.
type proposalLine struct {
	models.ServiceProposal
	Service string // what is asked for, by name
	By      string // who asks
	Mine    bool
	Tone    string // class of the state's tag
}

func newProposalLine(v *visit, p models.ServiceProposal) proposalLine {
	line := proposalLine{ServiceProposal: p, Service: p.Name, Mine: p.ProposedBy == v.actor.Person}
	if sv, ok := v.register.Service(p.ServiceID); ok {
		line.Service = sv.Name
	}
	by, _ := v.register.Person(p.ProposedBy)
	line.By = by.Name
	switch p.State {
	case models.ProposalOpen:
		line.Tone = "info"
	case models.ProposalAccepted:
		line.Tone = "premium"
	case models.ProposalDeclined, models.ProposalWithdrawn:
	}
	return line
}

// proposalsPage is made anew each time: what is kept is the same for everybody of a role, and this is each person's own.
func (w *Web) proposalsPage(c echo.Context) error {
	v := visitOf(c)
	page := proposalsPage{All: v.actor.Role != models.Staff, Decides: v.actor.Role.MayManage()}
	for _, p := range v.register.ProposalsFor(v.actor.Person, v.actor.Role) {
		if p.State == models.ProposalOpen {
			page.Open = append(page.Open, newProposalLine(v, p))
		} else {
			page.Done = append(page.Done, newProposalLine(v, p))
		}
	}
	return w.render(c, screen{status: http.StatusOK, name: "proposals", nav: "services", title: "proposals.title", page: page})
}

var proposalFields = []string{"service", "name", "plan", "url", "need", "for", "places"}

type proposalForm struct {
	Form     Form
	Services []Option
}

func (w *Web) newProposal(c echo.Context) error {
	f := fields(c, "service", "name")
	if id := typedAsID(f["service"]); id != 0 {
		if _, ok := visitOf(c).register.Service(id); !ok {
			return models.ErrNotFound
		}
	} else {
		f["service"] = ""
	}
	return w.showProposalForm(c, http.StatusOK, Form{Fields: f})
}

func (w *Web) showProposalForm(c echo.Context, status int, f Form) error {
	v := visitOf(c)
	page := proposalForm{Form: f}
	for _, s := range v.register.Services {
		if !s.Archived() {
			page.Services = append(page.Services, Option{typedID(s.ID), s.Name})
		}
	}
	words.SortBy(v.words, page.Services, func(o Option) string { return o.Label })
	page.Services = append([]Option{{"", v.words.T("proposals.another")}}, page.Services...)
	return w.render(c, screen{status: status, name: "proposal-form", nav: "services", title: "proposals.new", page: page})
}

func (w *Web) propose(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: fields(c, proposalFields...)}
	p := models.ServiceProposal{
		ServiceID: e.id("service"), Name: e.text("name"), Plan: e.text("plan"), URL: e.text("url"), Need: e.text("need"), For: e.text("for"),
		Places: e.whole("places", 0),
	}
	e.merge(p.Check(), nil)
	err := e.bad.Err()
	var id models.ID
	if err == nil {
		id, err = w.store.Propose(c.Request().Context(), v.actor, p)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showProposalForm(c, status, f) })
	}
	line := newProposalLine(v, p)
	// Whoever proposes and withdraws over and over fills the list, which directors see anyway, and not their letter boxes.
	tell, _, err := w.store.CountAttempt(c.Request().Context(), hashed("proposals of "+typedID(models.ID(v.actor.Account))), w.Now(), knockWindow, models.MaxOpenProposals)
	if err != nil {
		return err
	}
	for _, d := range v.register.PeopleOn(v.today) {
		if tell && d.Role.MayManage() && d.ID != v.actor.Person {
			w.tellPerson(c, d, "proposed", "service", line.Service, "by", v.actor.Name, "for", p.For, "need", p.Need, "link", w.address(proposalPath(id)))
		}
	}
	return w.done(c, proposalPath(id), Notice{Key: "proposed", Args: []string{"service", line.Service}})
}

// tellPerson writes to somebody of the organisation, in their language.
func (w *Web) tellPerson(c echo.Context, p models.Person, about string, args ...any) {
	if !w.Post.Configured() || p.Email == "" || !p.HereOn(visitOf(c).today) {
		return
	}
	letter := w.accountLetter(p.Email, p.Name, p.Lang, about, args...)
	w.later(c, about, func(ctx context.Context) error { return w.Post.Mail(ctx, letter) })
}

// proposalPage is one proposal, with the director's answer or the form of it.
type proposalPage struct {
	proposalLine
	Form       Form
	AnsweredBy string
	Added      string // name of the service registered for it
	Answers    bool   // the visitor is to answer
	Registers  bool   // the visitor may register the service
	Withdraws  bool
	Reopens    bool
	Options    []Option
}

// askedProposal is the one in the address; others' are not there for staff.
func askedProposal(c echo.Context) (models.ServiceProposal, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return models.ServiceProposal{}, err
	}
	v := visitOf(c)
	p, ok := v.register.Proposal(id)
	if !ok || (v.actor.Role == models.Staff && p.ProposedBy != v.actor.Person) {
		return p, models.ErrNotFound
	}
	return p, nil
}

func (w *Web) proposalPage(c echo.Context) error {
	p, err := askedProposal(c)
	if err != nil {
		return err
	}
	return w.showProposal(c, http.StatusOK, p, Form{Fields: Fields{"verdict": "accept"}})
}

func (w *Web) showProposal(c echo.Context, status int, p models.ServiceProposal, f Form) error {
	v := visitOf(c)
	role := v.actor.Role
	page := proposalPage{proposalLine: newProposalLine(v, p), Form: f}
	by, _ := v.register.Person(p.AnsweredBy)
	added, _ := v.register.Service(p.RegisteredID)
	page.AnsweredBy, page.Added = by.Name, added.Name
	page.Answers = p.State == models.ProposalOpen && role.MayManage()
	page.Registers = role.MayEdit() && p.ToRegister()
	page.Withdraws = p.State == models.ProposalOpen && page.Mine
	page.Reopens = (p.State == models.ProposalWithdrawn && page.Mine) ||
		(p.State == models.ProposalDeclined && role.MayManage()) || (p.State == models.ProposalAccepted && p.RegisteredID == 0 && role.MayManage())
	for _, verdict := range []string{"accept", "decline"} {
		page.Options = append(page.Options, Option{verdict, v.words.T("proposals.verdict." + verdict)})
	}
	return w.render(c, screen{status: status, name: "proposal", nav: "services", title: "proposals.one", args: []any{"service", page.Service}, page: page})
}

func (w *Web) answerProposal(c echo.Context) error {
	p, err := askedProposal(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	e := entry{Fields: fields(c, "verdict", "answer")}
	accept := e.text("verdict") == "accept"
	if !accept && e.text("verdict") != "decline" {
		e.bad.Add("verdict", "choose")
	}
	err = e.bad.Err()
	if err == nil {
		err = w.store.AnswerProposal(c.Request().Context(), v.actor, p.ID, accept, e.text("answer"))
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showProposal(c, status, p, f) })
	}
	line := newProposalLine(v, p)
	key := "proposal_declined"
	if accept {
		key = "proposal_accepted"
	}
	w.tellProposer(c, p, key, e.text("answer"))
	return w.done(c, proposalPath(p.ID), Notice{Key: key, Args: []string{"service", line.Service}, Undo: proposalPath(p.ID) + "/reopening"})
}

// tellProposer writes the answer to whoever asked, unless they gave it themselves.
func (w *Web) tellProposer(c echo.Context, p models.ServiceProposal, about, answer string) {
	v := visitOf(c)
	if to, ok := v.register.Person(p.ProposedBy); ok && to.ID != v.actor.Person {
		if answer == "" {
			answer = words.In(words.Lang(to.Lang)).T("proposals.no_remark")
		}
		w.tellPerson(c, to, about, "service", newProposalLine(v, p).Service, "by", v.actor.Name, "answer", answer, "link", w.address(proposalPath(p.ID)))
	}
}

func (w *Web) withdrawProposal(c echo.Context) error {
	p, err := askedProposal(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	if err := w.store.WithdrawProposal(c.Request().Context(), v.actor, p.ID); err != nil {
		return w.refusedProposal(c, p, err)
	}
	service := newProposalLine(v, p).Service
	return w.done(c, proposalPath(p.ID), Notice{Key: "proposal_withdrawn", Args: []string{"service", service}, Undo: proposalPath(p.ID) + "/reopening"})
}

func (w *Web) reopenProposal(c echo.Context) error {
	p, err := askedProposal(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	if err := w.store.ReopenProposal(c.Request().Context(), v.actor, p.ID); err != nil {
		return w.refusedProposal(c, p, err)
	}
	return w.done(c, proposalPath(p.ID), Notice{Key: "proposal_reopened", Args: []string{"service", newProposalLine(v, p).Service}})
}

// refusedProposal shows the proposal with why an act on it was refused.
func (w *Web) refusedProposal(c echo.Context, p models.ServiceProposal, err error) error {
	var refused models.Refused
	if !errors.As(err, &refused) {
		return err
	}
	return w.retry(c, err, Fields{"verdict": "accept"}, func(status int, f Form) error { return w.showProposal(c, status, p, f) })
}

// prefill fills the form of a new service in with what was proposed.
func (f Fields) prefill(p models.ServiceProposal) {
	f["proposal"], f["name"], f["url"], f["note"], f["plan_name"] = typedID(p.ID), p.Name, p.URL, p.Need, p.Plan
	if p.Places > 0 {
		f["seats"] = typedID(models.ID(p.Places))
	}
}
