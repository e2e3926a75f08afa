package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
)

// arrivalPage proposes the seats of somebody who comes, by what those hold who do the same.
type arrivalPage struct {
	Form    Form
	Person  models.Person
	Like    string         // whom the proposal is made after, in words
	Offers  []arrivalOffer // what those alike have
	Others  []arrivalOffer
	Open    bool     // something of the others is ticked, or wrong
	Has     []string // services of which a seat is held already
	Back    string
	Action  string
	Nothing bool // nothing is in use at all
}

// arrivalOffer is one box to tick.
type arrivalOffer struct {
	Field  string
	Name   string
	Plan   string
	Notes  []string
	Ticked bool
	Full   bool   // every place that is paid for is held
	More   string // where another one is paid for
	Error  string
}

func arrivalField(subscription models.ID) string { return "seat." + typedID(subscription) }

func (w *Web) arrivalPage(c echo.Context) error {
	p, err := personOf(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	if !p.HereOn(v.today) {
		return models.Refused{Rule: "person_left"}
	}
	f := Fields{"on": v.today.String()}
	a := v.register.ArrivalOf(p, v.today)
	for _, o := range a.Offers {
		f[arrivalField(o.Subscription.ID)] = typedTick(o.Open() && a.Proposed(o))
	}
	return w.showArrival(c, http.StatusOK, p, Form{Fields: f})
}

func (w *Web) showArrival(c echo.Context, status int, p models.Person, f Form) error {
	v := visitOf(c)
	a := v.register.ArrivalOf(p, v.today)
	page := arrivalPage{Form: f, Person: p, Back: personPath(p.ID), Action: personPath(p.ID, "arrival"), Nothing: len(a.Offers) == 0}
	page.Like = likeness(v, p, a)
	for _, o := range a.Offers {
		if o.Has {
			page.Has = append(page.Has, o.Service.Name)
			continue
		}
		offer := newArrivalOffer(v, a, o, f)
		if o.Holders > 0 || len(a.Alike) == 0 {
			page.Offers = append(page.Offers, offer)
		} else {
			page.Others = append(page.Others, offer)
			page.Open = page.Open || offer.Ticked || offer.Error != ""
		}
	}
	page.Open = page.Open || len(page.Offers) == 0
	return w.render(c, screen{status: status, name: "arrival", nav: "people", title: "arrival.title", args: []any{"name", p.Name}, page: page})
}

// likeness says whose seats the proposal is made after.
func likeness(v *visit, p models.Person, a models.Arrival) string {
	w := v.words
	const most = 8
	var all []string
	for _, x := range a.Alike[:min(len(a.Alike), most)] {
		all = append(all, x.Name)
	}
	if rest := len(a.Alike) - most; rest > 0 {
		all = append(all, w.N("board.more", rest))
	}
	switch a.Like {
	case models.SamePost:
		return w.N("arrival.like_post", len(a.Alike), "names", w.List(all), "post", strings.TrimSpace(p.Post))
	case models.SameRole:
		return w.N("arrival.like_role", len(a.Alike), "names", w.List(all), "role", w.Kind("role", string(p.Role)))
	case models.Nobody:
	}
	return w.T("arrival.like_nobody")
}

func newArrivalOffer(v *visit, a models.Arrival, o models.SeatOffer, f Form) arrivalOffer {
	w := v.words
	plan, _ := v.register.Plan(o.Subscription.PlanID)
	field := arrivalField(o.Subscription.ID)
	out := arrivalOffer{Field: field, Name: o.Service.Name, Plan: plan.Name, Ticked: f.Value(field) != "", Full: !o.Open(), Error: f.Error(field)}
	if o.Holders > 0 {
		out.Notes = append(out.Notes, w.N("arrival.holders", o.Holders, "of", len(a.Alike)))
	}
	switch {
	case out.Full:
		out.Notes = append(out.Notes, w.T("arrival.full"))
		out.More = subscriptionPath(o.Subscription.ID, "terms", "new")
	case o.PerSeat && !o.Complete:
		out.Notes = append(out.Notes, w.N("arrival.free", o.Free), w.Kind("payment", "unconverted"))
	case o.PerSeat:
		out.Notes = append(out.Notes, w.N("arrival.free_paid", o.Free, "amount", o.Yearly))
	default:
		out.Notes = append(out.Notes, w.T("arrival.no_cost"))
	}
	return out
}

// giveSeats gives all that was ticked in one act.
func (w *Web) giveSeats(c echo.Context) error {
	p, err := personOf(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	names := []string{"on"}
	for _, s := range v.register.Subscriptions {
		names = append(names, arrivalField(s.ID))
	}
	e := entry{Fields: fields(c, names...)}
	var subs []models.ID
	var typed []string
	for _, s := range v.register.Subscriptions {
		if e.tick(arrivalField(s.ID)) {
			subs, typed = append(subs, s.ID), append(typed, typedID(s.ID))
		}
	}
	on := e.dayOr("on", v.today)
	for _, id := range subs {
		if s, ok := v.register.Subscription(id); ok && !e.bad.Has("on") && on.Before(s.StartedOn) {
			e.bad.Add(arrivalField(id), "not_before", "day", s.StartedOn)
		}
	}
	if len(subs) == 0 {
		e.bad.Add("on", "arrival.none")
	}
	if err = e.bad.Err(); err == nil {
		err = w.store.AssignSeats(c.Request().Context(), v.actor, p.ID, subs, on)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showArrival(c, status, p, f) })
	}
	return w.done(c, personPath(p.ID), Notice{
		Key: "seats_given", Args: []string{"name", p.Name, "seats", v.words.N("people.held", len(subs)), "day", v.words.DayLong(on)},
		Undo: personPath(p.ID, "arrival", "undo") + "?on=" + on.String() + "&of=" + strings.Join(typed, "."),
	})
}

// undoGiveSeats takes back what giveSeats gave, as if it had not been given.
func (w *Web) undoGiveSeats(c echo.Context) error {
	p, err := personOf(c)
	if err != nil {
		return err
	}
	e := entry{Fields: fields(c, "on", "of")}
	on := e.day("on")
	var subs []models.ID
	for _, typed := range strings.Split(e.text("of"), ".") {
		id, err := strconv.ParseInt(typed, 10, 64)
		if err != nil {
			return models.ErrNotFound
		}
		subs = append(subs, models.ID(id))
	}
	if err := e.bad.Err(); err != nil {
		return err
	}
	if err := w.store.TakeSeatsBack(c.Request().Context(), visitOf(c).actor, p.ID, subs, on); err != nil {
		return err
	}
	return w.done(c, personPath(p.ID, "arrival"), Notice{Key: "seats_taken_back", Args: []string{"name", p.Name}})
}
