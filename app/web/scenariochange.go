package web

import (
	"cmp"
	"slices"
	"strconv"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

// changeFields are what the form of a change can hold; each kind has some of them. The first four name the records it is
// of, and are not typed.
var changeFields = []string{
	"kind", "subscription", "service", "plan", "on", "last", "price", "currency", "scope", "seats", "every", "unit", "called", "function", "rate",
}

// changeNames are the fields of a change that its form calls otherwise: "name" is the scenario's there.
var changeNames = map[string]string{"name": "called"}

// subject is what a change is of: the records of the register behind the IDs its form carries.
type subject struct {
	Kind         models.ScenarioKind
	Subscription models.Subscription
	Service      models.Service // its ID is zero for a new one
	Plan         models.Plan    // to take; its ID is zero for a new one
	Ours         models.Plan    // the subscription's
}

// subjectOf reads it from a form or an address. A plan says by itself whether it would take over from another or be
// taken anew.
func subjectOf(v *visit, f Fields) (subject, error) {
	r := v.register
	e := entry{Fields: f}
	x := subject{Kind: models.ScenarioKind(f["kind"])}
	known := func(id models.ID, ok bool) bool { return id == 0 || ok }
	var s, sv, p bool
	x.Subscription, s = r.Subscription(e.id("subscription"))
	x.Service, sv = r.Service(e.id("service"))
	x.Plan, p = r.Plan(e.id("plan"))
	if len(e.bad) > 0 || !known(e.id("subscription"), s) || !known(e.id("service"), sv) || !known(e.id("plan"), p) {
		return x, models.ErrNotFound
	}
	if p {
		x.Service, _ = r.Service(x.Plan.ServiceID)
	}
	if x.Kind == "" && p {
		x.Kind = models.ChangeAdd
		if _, runs := v.running(x.Service.ID); runs {
			x.Kind = models.ChangePlan
		}
	}
	switch x.Kind {
	case models.ChangePlan:
		if !s {
			x.Subscription, s = v.running(x.Service.ID)
		}
		if !p || x.Plan.ServiceID != x.Subscription.ServiceID {
			return x, models.ErrNotFound
		}
	case models.ChangeSeats, models.ChangePrice, models.ChangeCadence, models.ChangeDrop:
	case models.ChangeAdd, models.ChangeRate:
		return x, nil
	default:
		return x, models.ErrNotFound
	}
	if !s {
		return x, models.ErrNotFound
	}
	x.Service, _ = r.Service(x.Subscription.ServiceID)
	x.Ours, _ = r.Plan(x.Subscription.PlanID)
	return x, nil
}

// proposed is the form of a change as it is first shown: on the next renewal, with what holds today.
func (x subject) proposed(v *visit) Fields {
	on := v.today
	f := Fields{"kind": string(x.Kind), "subscription": typedID(x.Subscription.ID), "service": typedID(x.Service.ID), "plan": typedID(x.Plan.ID)}
	now := x.Subscription.TermsOn
	if x.Subscription.ID != 0 {
		on = cal.Max(v.today, x.Subscription.StartedOn.AddDays(1))
		if next, ok := x.Subscription.NextRenewal(v.today); ok && next.After(x.Subscription.StartedOn) {
			on = next
		}
	}
	switch x.Kind {
	case models.ChangePlan:
		termsTyped(v.words, f, models.Terms{Price: x.Plan.Price, PerSeat: x.Plan.PerSeat})
		f["price"], f["seats"] = "", ""
	case models.ChangeAdd:
		termsTyped(v.words, f, models.Terms{Price: x.Plan.Price, PerSeat: x.Plan.PerSeat, Seats: expectedSeats(v, x.Plan)})
		f["price"], f["every"], f["unit"] = "", "1", string(cal.Year)
	case models.ChangeSeats:
		f["seats"] = strconv.Itoa(now(on).Seats)
	case models.ChangePrice:
		termsTyped(v.words, f, now(on))
	case models.ChangeCadence:
		termsTyped(v.words, f, now(on))
		f["price"], f["every"], f["unit"] = "", strconv.Itoa(x.Subscription.Cadence.Every), string(x.Subscription.Cadence.Unit)
	case models.ChangeDrop:
		return f // the first day the contract allows
	case models.ChangeRate:
		f["currency"] = firstForeign(v)
	}
	f["on"] = on.String()
	return f
}

// firstForeign is the currency most likely to be asked about: the first that something is paid in.
func firstForeign(v *visit) string {
	for _, s := range v.register.Subscriptions {
		if c := s.TermsOn(v.today).Price.Currency(); c != money.EUR && c != "" && !s.Over(v.today) {
			return string(c)
		}
	}
	return ""
}

// change reads the form of one; its own rules are noted, those of the register are for a trial to find.
func (e *entry) change(x subject) models.ScenarioChange {
	c := models.ScenarioChange{Kind: x.Kind, SubscriptionID: x.Subscription.ID, On: e.day("on")}
	switch x.Kind {
	case models.ChangePlan:
		c.PlanID, c.Seats = x.Plan.ID, e.whole("seats", 0)
		e.changePrice(&c)
	case models.ChangeSeats:
		c.Seats = e.whole("seats", 0)
	case models.ChangePrice:
		c.Price = e.amount("price", e.currency())
	case models.ChangeCadence:
		c.Price, c.Cadence = e.amount("price", e.currency()), e.cadence()
	case models.ChangeAdd:
		c.SubscriptionID, c.ServiceID, c.PlanID, c.Seats = 0, x.Service.ID, x.Plan.ID, e.whole("seats", 0)
		e.changePrice(&c)
		if x.Plan.ID == 0 {
			c.Name, c.Cadence = e.text("called"), e.cadence()
		}
		if x.Service.ID == 0 {
			c.FunctionID = e.id("function")
		}
	case models.ChangeDrop:
		c.On = cal.Date{}
		if last := e.day("last"); !last.IsZero() {
			c.On = last.AddDays(1)
		}
	case models.ChangeRate:
		c.SubscriptionID = 0
		if !e.is("currency") {
			e.bad.Add("currency", "choose")
		}
		c.Currency, c.Rate = e.currency(), e.rate()
	}
	e.merge(c.Check(), changeNames)
	return c
}

// changePrice reads a price that may be left to the plan, and then says for whom it is too.
func (e *entry) changePrice(c *models.ScenarioChange) {
	if c.Price = e.amount("price", e.currency()); !c.Price.IsNone() {
		c.PerSeat = e.text("scope") == scopeSeat
	}
}

// typedChange is a change as somebody would type it.
func typedChange(v *visit, c models.ScenarioChange) Fields {
	f := Fields{
		"kind": string(c.Kind), "subscription": typedID(c.SubscriptionID), "service": typedID(c.ServiceID), "plan": typedID(c.PlanID),
		"on": c.On.String(), "called": c.Name, "function": typedID(c.FunctionID), "currency": string(c.Currency),
	}
	price := c.Price
	if price.IsNone() && c.PlanID != 0 { // left to the plan: its currency is what somebody would go on in
		p, _ := v.register.Plan(c.PlanID)
		price, c.PerSeat = money.Zero(cmp.Or(p.Price.Currency(), money.EUR)), p.PerSeat
	}
	if c.Kind != models.ChangeRate {
		termsTyped(v.words, f, models.Terms{Price: price, PerSeat: c.PerSeat, Seats: c.Seats})
	}
	if c.Price.IsNone() {
		f["price"] = ""
	}
	if c.Seats == 0 {
		f["seats"] = ""
	}
	if c.Cadence.Unit != "" {
		f["every"], f["unit"] = strconv.Itoa(max(c.Cadence.Every, 1)), string(c.Cadence.Unit)
	}
	if !c.Rate.IsZero() {
		f["rate"] = v.words.Rate(c.Rate)
	}
	if c.Kind == models.ChangeDrop {
		f["on"] = ""
		if !c.On.IsZero() {
			f["last"] = lastDay(c.On).String()
		}
	}
	return f
}

// changeLine is one change in words.
type changeLine struct {
	Number        int // from one
	Service, Link string
	Text, Note    string
	Effect        string // what it does by itself; empty when it is the only one
	Problems      []string
}

func changeLines(v *visit, s models.Scenario, bad models.Invalid) []changeLine {
	lines := make([]changeLine, len(s.Changes))
	for i, c := range s.Changes {
		lines[i] = newChangeLine(v, c)
		lines[i].Number = i + 1
	}
	for _, p := range bad {
		if at, _, ok := ofChange(p.Field); ok && at < len(lines) {
			lines[at].Problems = append(lines[at].Problems, v.words.Problem(p.Rule, p.Args...))
		}
	}
	return lines
}

func newChangeLine(v *visit, c models.ScenarioChange) changeLine {
	r, w := v.register, v.words
	s, _ := r.Subscription(c.SubscriptionID)
	sv, known := r.Service(cmp.Or(s.ServiceID, c.ServiceID))
	p, ours := r.Plan(c.PlanID)
	line := changeLine{Service: w.T("scenario.gone")}
	if known {
		line.Service, line.Link = sv.Name, servicePath(sv.ID)
	}
	from := ""
	if !c.On.IsZero() {
		from = w.T("scenario.from", "day", c.On)
	}
	switch c.Kind {
	case models.ChangePlan:
		line.Text = w.T("scenario.change.plan", "plan", cmp.Or(p.Name, w.T("scenario.gone_plan")))
		line.Note = join(changePrice(w, c, p, p.Cadence), seatsText(w, c.Seats), from)
	case models.ChangeSeats:
		line.Text, line.Note = w.N("scenario.change.seats", c.Seats), from
		if was := s.TermsOn(c.On).Seats; s.ID != 0 && was != c.Seats {
			line.Note = join(from, w.T("scenario.instead", "was", was))
		}
	case models.ChangePrice:
		line.Text, line.Note = w.T("scenario.change.price", "price", c.Price), from
		if was := s.TermsOn(c.On); s.ID != 0 {
			line.Text = w.T("scenario.change.price", "price", changePrice(w, models.ScenarioChange{Price: c.Price, PerSeat: was.PerSeat}, models.Plan{}, s.Cadence))
			if was.Price != c.Price {
				line.Note = join(from, w.T("scenario.instead", "was", was.Price))
			}
		}
	case models.ChangeCadence:
		line.Text, line.Note = w.T("scenario.change.cadence", "cadence", w.Cadence(c.Cadence), "price", c.Price), from
	case models.ChangeAdd:
		if c.ServiceID == 0 {
			line.Service = c.Name
		}
		line.Text = w.T("scenario.change.add")
		if ours {
			line.Text = w.T("scenario.change.plan", "plan", p.Name)
		} else {
			p.Cadence = c.Cadence
		}
		line.Note = join(changePrice(w, c, p, p.Cadence), seatsText(w, c.Seats), from)
	case models.ChangeDrop:
		line.Text, line.Note = w.T("scenario.change.drop"), w.T("scenario.first_possible")
		if !c.On.IsZero() {
			line.Note = w.T("scenario.last_day", "day", lastDay(c.On))
		}
	case models.ChangeRate:
		line.Service = w.Symbol(c.Currency)
		line.Text, line.Note = w.T("scenario.change.rate", "rate", c.Rate, "currency", w.Symbol(c.Currency)), from
	}
	return line
}

// changePrice says the price a change takes a plan at: its own, unless the plan's is meant.
func changePrice(w *words.Words, c models.ScenarioChange, p models.Plan, every cal.Cadence) string {
	price, perSeat := c.Price, c.PerSeat
	if price.IsNone() {
		price, perSeat = p.Price, p.PerSeat
	}
	switch {
	case price.IsZero():
		return w.Kind("tier", string(models.Free))
	case perSeat:
		return w.T("subscription.price_seat", "price", price, "per", w.CadencePer(every))
	}
	return w.T("subscription.price_per", "price", price, "per", w.CadencePer(every))
}

func seatsText(w *words.Words, n int) string {
	if n == 0 {
		return ""
	}
	return w.N("scenario.seats_text", n)
}

// changeKind is a way to begin a change: what it could be of.
type changeKind struct {
	Kind    models.ScenarioKind
	Name    string // of the field: "plan", "subscription" or "what"
	Options []Option
}

// changeKinds are the ways there are; those of nothing are left out.
func changeKinds(v *visit) []changeKind {
	r, w := v.register, v.words
	var plans, paid, seats, all, add []Option
	for _, s := range r.Subscriptions {
		sv, _ := r.Service(s.ServiceID)
		if !s.EndsOn.IsZero() || sv.Archived() {
			continue
		}
		id := typedID(s.ID)
		all = append(all, Option{id, sv.Name})
		terms := s.TermsOn(v.today)
		if r.TierOf(s) == models.Premium {
			label := w.T("scenario.option", "name", sv.Name, "said", w.T("subscription.price_per", "price", terms.Billed(), "per", w.CadencePer(s.Cadence)))
			paid = append(paid, Option{id, label})
			if terms.PerSeat {
				seats = append(seats, Option{id, w.T("scenario.option", "name", sv.Name, "said", w.N("scenario.seats_text", terms.Seats))})
			}
		}
		for _, p := range r.PlansOf(sv.ID) {
			if p.ID != s.PlanID && p.RetiredOn.IsZero() {
				plans = append(plans, Option{typedID(p.ID), w.T("scenario.option_plan", "name", sv.Name, "plan", p.Name, "said", planOf(w, p))})
			}
		}
	}
	for _, sv := range r.Services {
		if _, runs := v.running(sv.ID); runs || sv.Archived() {
			continue
		}
		for _, p := range r.PlansOf(sv.ID) {
			if p.RetiredOn.IsZero() {
				add = append(add, Option{"plan-" + typedID(p.ID), w.T("scenario.option_plan", "name", sv.Name, "plan", p.Name, "said", planOf(w, p))})
			}
		}
		add = append(add, Option{"service-" + typedID(sv.ID), w.T("scenario.option_new_plan", "name", sv.Name)})
	}
	for _, list := range [][]Option{plans, paid, seats, all, add} {
		words.SortBy(w, list, func(o Option) string { return o.Label })
	}
	add = append([]Option{{"new", w.T("scenario.option_new")}}, add...)
	kinds := []changeKind{
		{models.ChangePlan, "plan", plans},
		{models.ChangeSeats, "subscription", seats},
		{models.ChangePrice, "subscription", paid},
		{models.ChangeCadence, "subscription", paid},
		{models.ChangeAdd, "what", add},
		{models.ChangeDrop, "subscription", all},
		{models.ChangeRate, "", nil},
	}
	return slices.DeleteFunc(kinds, func(k changeKind) bool { return k.Name != "" && len(k.Options) == 0 })
}
