package web

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

func (w *Web) peopleRoutes(g *echo.Group) {
	g.GET("/people", w.people)
	g.GET("/people/new", w.newPerson, mayManage, w.fresh)
	g.POST("/people/new", w.addPerson, mayManage, w.fresh)
	g.GET("/people/:id", w.person)
	g.GET("/people/:id/edit", w.editPerson, mayManage, w.fresh)
	g.POST("/people/:id/edit", w.savePerson, mayManage, w.fresh)
	g.GET("/people/:id/departure", w.departurePage, mayManage, w.fresh)
	g.POST("/people/:id/departure", w.personLeaves, mayManage, w.fresh)
	g.POST("/people/:id/return", w.personReturns, mayManage, w.fresh)
}

type peoplePage struct {
	Here, Left  []personRow
	Yearly      money.Amount // of all seats held
	Unassigned  money.Amount // of what runs and is nobody's
	Complete    bool
	Alone       bool // nobody but the director is on the list
	DigestCount int
	Pages       paging
	Shown       string
}

type personRow struct {
	models.Person
	Link     string
	Me       bool
	Seats    int
	Yearly   money.Amount
	Complete bool
	// Invited tells that an invitation was not taken up yet, InviteOpen that it still can be.
	Invited, InviteOpen bool
}

func personPath(id models.ID, rest ...string) string {
	path := "/people/" + typedID(id)
	for _, r := range rest {
		path += "/" + r
	}
	return path
}

func (w *Web) people(c echo.Context) error {
	v := visitOf(c)
	r := v.register
	costs := r.CostByPerson(v.today)
	page := peoplePage{Complete: true}
	invited := map[models.ID]models.Invitation{}
	if v.actor.Role.MayManage() {
		var err error
		if invited, err = w.store.Invitations(c.Request().Context(), v.actor.Organisation); err != nil {
			return err
		}
	}
	var yearly []money.Amount
	for _, p := range r.People {
		cost := costs[p.ID]
		row := personRow{Person: p, Link: personPath(p.ID), Me: p.ID == v.actor.Person, Seats: len(cost.Held), Yearly: cost.Yearly, Complete: cost.Complete || len(cost.Held) == 0}
		invitation, ok := invited[p.ID]
		row.Invited, row.InviteOpen = ok, ok && invitation.Open(w.Now())
		yearly = append(yearly, cost.Yearly)
		page.Complete = page.Complete && row.Complete
		if !p.HereOn(v.today) {
			page.Left = append(page.Left, row)
			continue
		}
		page.Here = append(page.Here, row)
		if p.Digest {
			page.DigestCount++
		}
	}
	page.Yearly = money.Sum(money.EUR, yearly...)
	page.Alone = len(r.People) <= 1
	byName := func(p personRow) string { return p.Name }
	words.SortBy(v.words, page.Here, byName)
	words.SortBy(v.words, page.Left, byName)
	page.Pages = newPaging(len(page.Here), pageNumber(c), func(n int) string { return "/people?page=" + v.words.Number(n) })
	if page.Pages.Long() {
		page.Shown = v.words.T("renewals.shown", "first", page.Pages.First(), "last", page.Pages.To, "count", page.Pages.Of)
		page.Here = page.Here[page.Pages.From:page.Pages.To]
	}
	return w.render(c, screen{status: http.StatusOK, name: "people", nav: "people", title: "people.title", page: page})
}

type personPage struct {
	Person    models.Person
	Access    access
	Me, Here  bool
	Held      []heldRow
	Past      []heldRow
	Yearly    money.Amount
	Complete  bool
	Owns      []ownedRow
	EditPath  string
	LeavePath string
	BackPath  string // where a return is posted
	Arrival   string // where seats are given
}

// heldRow is one seat of the person.
type heldRow struct {
	Service, Link string
	Plan          string
	From, To      cal.Date
	Cost          string // a year, in words; empty for a seat given back
	Shared        bool   // the price is for everybody
}

// ownedRow is a subscription the person answers for.
type ownedRow struct{ Service, Link, Plan string }

// personOf is the person in the address.
func personOf(c echo.Context) (models.Person, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return models.Person{}, err
	}
	p, ok := visitOf(c).register.Person(id)
	if !ok {
		return p, models.ErrNotFound
	}
	return p, nil
}

func (w *Web) person(c echo.Context) error {
	p, err := personOf(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	r := v.register
	cost := r.CostByPerson(v.today)[p.ID]
	page := personPage{
		Person: p, Me: p.ID == v.actor.Person, Here: p.HereOn(v.today), Yearly: cost.Yearly, Complete: cost.Complete || len(cost.Held) == 0,
		EditPath: personPath(p.ID, "edit"), LeavePath: personPath(p.ID, "departure"), BackPath: personPath(p.ID, "return"),
		Arrival: personPath(p.ID, "arrival"),
	}
	for _, h := range cost.Held {
		page.Held = append(page.Held, newCostRow(v, h))
	}
	for _, s := range r.Subscriptions {
		for _, seat := range s.Seats {
			if seat.PersonID == p.ID && !seat.To.IsZero() && !seat.HeldOn(v.today) && seat.From.Before(seat.To) {
				page.Past = append(page.Past, newHeldRow(r, s, seat))
			}
		}
		if service, ok := r.Service(s.ServiceID); ok && s.OwnerID == p.ID && !s.Over(v.today) {
			plan, _ := r.Plan(s.PlanID)
			page.Owns = append(page.Owns, ownedRow{Service: service.Name, Link: servicePath(service.ID), Plan: plan.Name})
		}
	}
	if page.Access, err = w.accessOf(c, p); err != nil {
		return err
	}
	words.SortBy(v.words, page.Held, func(h heldRow) string { return h.Service })
	words.SortBy(v.words, page.Owns, func(o ownedRow) string { return o.Service })
	return w.render(c, screen{status: http.StatusOK, name: "person", nav: "people", title: "people.person", args: []any{"name", p.Name}, page: page})
}

func newHeldRow(r *models.Register, s models.Subscription, seat models.Seat) heldRow {
	service, _ := r.Service(s.ServiceID)
	plan, _ := r.Plan(s.PlanID)
	return heldRow{Service: service.Name, Link: servicePath(service.ID), Plan: plan.Name, From: seat.From, To: seat.To}
}

// newCostRow is a seat held today with what it costs.
func newCostRow(v *visit, h models.Held) heldRow {
	row := newHeldRow(v.register, h.Subscription, h.Seat)
	switch {
	case v.words.Conceals():
	case h.Yearly.IsPositive():
		row.Cost = v.words.T("cancellation.per_year", "amount", h.Yearly)
		row.Shared = !h.Subscription.TermsOn(v.today).PerSeat
	case v.register.TierOf(h.Subscription) == models.Free:
		row.Cost = v.words.Kind("tier", string(models.Free))
	case h.Complete:
		row.Cost = v.words.Money(h.Yearly)
	default:
		row.Cost = v.words.Kind("payment", "unconverted")
	}
	return row
}

var personFields = []string{"name", "email", "role", "post", "lang", "digest", "invite"}

type personFormPage struct {
	Form         Form
	Person       models.Person // no ID for a new one
	Roles        []Option
	Langs        []Option
	Posts        []string // those of others, so that one post is written one way
	Action, Back string
	Mail         bool // an invitation can be mailed
}

func (w *Web) newPerson(c echo.Context) error {
	v := visitOf(c)
	f := Form{Fields: Fields{"role": string(models.Staff), "lang": string(v.register.Organisation.Lang), "digest": "", "invite": ""}}
	if c.QueryParam("invite") != "" {
		f.Fields["invite"] = typedTick(true)
	}
	return w.showPersonForm(c, http.StatusOK, models.Person{}, f)
}

func (w *Web) showPersonForm(c echo.Context, status int, p models.Person, f Form) error {
	v := visitOf(c)
	page := personFormPage{Form: f, Person: p, Mail: w.Post.Configured(), Action: "/people/new", Back: "/people"}
	for _, role := range models.Roles {
		page.Roles = append(page.Roles, Option{string(role), v.words.T("people.role_is", "role", v.words.Kind("role", string(role)), "may", v.words.Kind("may", string(role)))})
	}
	for _, lang := range []models.Lang{models.French, models.English} {
		page.Langs = append(page.Langs, Option{string(lang), v.words.Kind("lang", string(lang))})
	}
	for _, x := range v.register.People {
		if x.Post != "" && !slices.Contains(page.Posts, x.Post) {
			page.Posts = append(page.Posts, x.Post)
		}
	}
	words.SortBy(v.words, page.Posts, func(s string) string { return s })
	title := "people.new"
	if p.ID != 0 {
		title, page.Action, page.Back = "people.edit", personPath(p.ID, "edit"), personPath(p.ID)
	}
	return w.render(c, screen{status: status, name: "person-form", nav: "people", title: title, args: []any{"name", p.Name}, page: page})
}

// person reads the form into p.
func (e *entry) person(p *models.Person) {
	p.Name, p.Email, p.Role, p.Lang, p.Digest = e.text("name"), e.text("email"), models.Role(e.text("role")), models.Lang(e.text("lang")), e.tick("digest")
	p.Post = e.text("post")
	e.merge(p.Check(), nil)
}

func (w *Web) addPerson(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: fields(c, personFields...)}
	p := models.Person{Reminders: true}
	e.person(&p)
	if e.tick("invite") {
		e.merge(p.CheckInvited(), nil)
	}
	err := e.bad.Err()
	var secret string
	if err == nil && e.tick("invite") {
		var hash [32]byte
		secret, hash = newLink()
		p.ID, err = w.store.InvitePerson(c.Request().Context(), v.actor, p, hash)
	} else if err == nil {
		p.ID, err = w.store.AddPerson(c.Request().Context(), v.actor, p)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showPersonForm(c, status, models.Person{}, f) })
	}
	if secret != "" {
		return w.deliverInvitation(c, p, secret)
	}
	return w.done(c, personPath(p.ID), Notice{Key: "person_added", Args: []string{"name", p.Name}})
}

func (w *Web) editPerson(c echo.Context) error {
	p, err := personOf(c)
	if err != nil {
		return err
	}
	return w.showPersonForm(c, http.StatusOK, p, Form{Fields: personTyped(p)})
}

func personTyped(p models.Person) Fields {
	return Fields{
		"version": typedVersion(p.Version), "name": p.Name, "email": p.Email, "role": string(p.Role), "lang": string(p.Lang), "digest": typedTick(p.Digest),
		"post": p.Post,
	}
}

func (w *Web) savePerson(c echo.Context) error {
	p, err := personOf(c)
	if err != nil {
		return err
	}
	v, was := visitOf(c), p
	e := entry{Fields: fields(c, personFields...)}
	e.person(&p)
	p.Version = e.version()
	if err = e.bad.Err(); err == nil {
		err = w.store.SavePerson(c.Request().Context(), v.actor, p)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showPersonForm(c, status, was, f) })
	}
	return w.done(c, personPath(p.ID), Notice{Key: "person_saved", Args: []string{"name", p.Name}})
}
