package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

// departurePage is the checklist of somebody's leaving: what becomes free, who takes over, what ends.
type departurePage struct {
	Form         Form
	Person       models.Person
	Seats        []leftSeat // freed that day
	Yearly       money.Amount
	Cares        []handoverRow // what is looked after, each to be given to somebody
	People       []Option      // who could take over
	Action, Back string
}

// leftSeat is a place that becomes free, with where the account behind it is closed.
type leftSeat struct {
	heldRow
	Account string // address of the service; empty when not known
}

// handoverRow is one thing somebody looked after.
type handoverRow struct {
	Field   string
	Label   string
	Service string
}

func (w *Web) departurePage(c echo.Context) error {
	p, err := personOf(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	f := Fields{"on": v.today.String()}
	for _, care := range v.register.DepartureOf(p.ID, v.today).Cares {
		f[care.Field()] = typedID(heirOf(v, p.ID, care))
	}
	return w.showDeparture(c, http.StatusOK, p, Form{Fields: f})
}

// heirOf proposes who takes over: whoever looks after the service in another way, and is here; 0 for nobody.
func heirOf(v *visit, leaver models.ID, care models.Caring) models.ID {
	owner := models.ID(0)
	if s, ok := v.register.CurrentOn(care.Service.ID, v.today); ok {
		owner = s.OwnerID
	}
	a := care.Service.Access
	order := []models.ID{owner, a.SecondAdmin, a.Referent}
	switch care.Care {
	case models.CareOwner:
		order = []models.ID{a.SecondAdmin, a.Referent}
	case models.CareSecondAdmin: // whoever answers for it cannot be the second as well
		order = []models.ID{a.Referent}
		if a.Referent == owner {
			order = nil
		}
	case models.CareReferent:
	}
	for _, id := range order {
		if x, ok := v.register.Person(id); ok && id != leaver && x.HereOn(v.today) {
			return id
		}
	}
	return 0
}

func (w *Web) showDeparture(c echo.Context, status int, p models.Person, f Form) error {
	v := visitOf(c)
	d := v.register.DepartureOf(p.ID, v.today)
	page := departurePage{Form: f, Person: p, Action: personPath(p.ID, "departure"), Back: personPath(p.ID), Yearly: money.Zero(money.EUR)}
	for _, h := range d.Held {
		service, _ := v.register.Service(h.Subscription.ServiceID)
		page.Seats = append(page.Seats, leftSeat{newCostRow(v, h), service.URL})
		if h.Subscription.TermsOn(v.today).PerSeat {
			page.Yearly = page.Yearly.Add(h.Yearly)
		}
	}
	words.SortBy(v.words, page.Seats, func(s leftSeat) string { return s.Service })
	for _, care := range d.Cares {
		page.Cares = append(page.Cares, handoverRow{care.Field(), v.words.Kind("care", string(care.Care)), care.Service.Name})
	}
	words.SortBy(v.words, page.Cares, func(h handoverRow) string { return h.Service })
	page.People = peopleOptions(v, v.words.T("service.nobody"), p.ID)
	return w.render(c, screen{status: status, name: "departure", nav: "people", title: "people.departure", args: []any{"name", p.Name}, page: page})
}

// peopleOptions are the people who are here, some left out, after one that stands for nobody.
func peopleOptions(v *visit, nobody string, without ...models.ID) []Option {
	out := []Option{{"", nobody}}
	people := v.register.PeopleOn(v.today)
	words.SortBy(v.words, people, func(p models.Person) string { return p.Name })
	for _, p := range people {
		if len(without) == 0 || p.ID != without[0] {
			out = append(out, Option{typedID(p.ID), p.Name})
		}
	}
	return out
}

func (w *Web) personLeaves(c echo.Context) error {
	p, err := personOf(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	cares := v.register.DepartureOf(p.ID, v.today).Cares
	names := []string{"on"}
	for _, care := range cares {
		names = append(names, care.Field())
	}
	e := entry{Fields: fields(c, names...)}
	on := e.day("on")
	if on.IsZero() && !e.bad.Has("on") {
		e.bad.Add("on", "date.empty")
	}
	var to []models.Handover
	for _, care := range cares {
		to = append(to, models.Handover{Care: care.Care, Of: care.Of, To: e.id(care.Field())})
	}
	if err = e.bad.Err(); err == nil {
		err = w.store.PersonLeaves(c.Request().Context(), v.actor, p.ID, on, to...)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showDeparture(c, status, p, f) })
	}
	return w.done(c, "/people", leftNotice(v, p, on, to))
}

func leftNotice(v *visit, p models.Person, on cal.Date, to []models.Handover) Notice {
	n := Notice{Key: "person_left", Args: []string{"name", p.Name, "day", v.words.DayLong(on)}}
	var given []string
	for _, h := range to {
		given = append(given, h.Field()+"."+strconv.FormatInt(int64(h.To), 10))
	}
	n.Undo = personPath(p.ID, "return") + "?undo=on"
	if len(given) > 0 {
		n.Undo += "&to=" + strings.Join(given, "~")
	}
	const longest = 1500 // of what a notice can carry: better no way back than half of one
	if len(n.Undo) > longest {
		n.Undo = ""
	}
	return n
}

// handoversIn reads what leftNotice wrote: "owner.12.3~referent.4.0".
func handoversIn(text string) ([]models.Handover, bool) {
	var all []models.Handover
	for _, one := range strings.FieldsFunc(text, func(r rune) bool { return r == '~' }) {
		part := strings.Split(one, ".")
		if len(part) != 3 {
			return nil, false
		}
		of, bad := strconv.ParseInt(part[1], 10, 64)
		to, wrong := strconv.ParseInt(part[2], 10, 64)
		if bad != nil || wrong != nil {
			return nil, false
		}
		all = append(all, models.Handover{Care: models.Care(part[0]), Of: models.ID(of), To: models.ID(to)})
	}
	return all, true
}

func (w *Web) personReturns(c echo.Context) error {
	p, err := personOf(c)
	if err != nil {
		return err
	}
	ctx, v := c.Request().Context(), visitOf(c)
	key := "person_returned"
	if c.QueryParam("undo") != "" { // as if they had never left
		from, ok := handoversIn(c.QueryParam("to"))
		if !ok {
			return models.ErrNotFound
		}
		key, err = "person_stays", w.store.UndoPersonLeaves(ctx, v.actor, p.ID, from...)
	} else {
		err = w.store.PersonReturns(ctx, v.actor, p.ID)
	}
	if err != nil {
		return err
	}
	return w.done(c, personPath(p.ID), Notice{Key: key, Args: []string{"name", p.Name}})
}
