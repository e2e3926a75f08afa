package web

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/models/store"
	"enveloppe/templates/words"
)

// The five answers as the form calls them; two of them are a downgrade.
const (
	answerKeep    = "keep"
	answerCancel  = "cancel"
	answerPlan    = "plan"
	answerSeats   = "seats"
	answerReplace = "replace"
)

var answerFields = []string{
	"kind", "renewal", "reason", "on", "by", "look_again_on", "last", "how", "exported", "plan", "plan_seats", "seats", "replaced_by",
}

// answerPage asks what is to become of one renewal, and says of each answer what it does before it is given.
type answerPage struct {
	Form         Form
	Service      models.Service
	Question     models.Question
	Plan         string // in use, with its price
	Facts        []string
	Short        bool   // paid more often than once a year: one may say until when to keep it
	Given        string // the answer there is already; empty while there is none
	Undo         string
	Choices      []answerChoice
	Leaving      leaving
	Plans        []planOption
	PerSeat      bool // a plan to choose is paid by seat
	SeatsNow     int
	Held         int
	Holders      string
	Seats        string // where they are given back
	Switch       string // where a plan is taken on another day or at another price
	Ways, People []Option
	Lost         bool // files were chosen and must be chosen again
	Action, Back string
}

// answerChoice is one of the five answers.
type answerChoice struct {
	Value, Label, Effect string
}

// leaving is what ending the subscription does.
type leaving struct {
	LastDay      cal.Date
	Remaining    []remainingLine
	Total        money.Amount
	Unconverted  int
	Saved        money.Amount
	Year         cal.FiscalYear
	Now, Then    money.Amount
	Complete     bool
	Data, Export bool // it keeps data; they have not been taken out for too long
}

func answerPath(sub models.ID, renewal cal.Date) string {
	return subscriptionPath(sub, "answer") + "?renewal=" + renewal.String()
}

// askedQuestion is the renewal named in the request, else the first of the subscription that waits for an answer.
func askedQuestion(c echo.Context, s models.Subscription) (models.Question, error) {
	v := visitOf(c)
	if !s.EndsOn.IsZero() {
		return models.Question{}, models.Refused{Rule: "already_ending", Args: []any{"day", s.EndsOn}}
	}
	if typed := c.FormValue("renewal"); typed != "" {
		day, err := cal.Parse(typed)
		if err != nil {
			return models.Question{}, models.ErrNotFound
		}
		q, ok := v.register.QuestionOf(s.ID, day, v.today)
		if !ok {
			return q, models.Refused{Rule: "nothing_to_decide"}
		}
		return q, nil
	}
	of := v.register.QuestionsOf(s.ID, v.today)
	if len(of) == 0 {
		return models.Question{}, models.Refused{Rule: "nothing_to_decide"}
	}
	return of[len(of)-1], nil // the one that can still be answered in time, if there is one
}

func (w *Web) answerPage(c echo.Context) error {
	s, service, err := subscriptionOf(c)
	if err != nil {
		return err
	}
	q, err := askedQuestion(c, s)
	if err != nil {
		return err
	}
	v := visitOf(c)
	typed := Fields{
		"renewal": q.Charge.On.String(), "on": v.today.String(), "by": typedID(v.actor.Person), "version": typedVersion(s.Version),
		"last": lastDay(s.CanEndOn(v.today)).String(), "plan_seats": strconv.Itoa(max(s.TermsOn(q.Charge.On).Seats, 1)),
		"seats": strconv.Itoa(fewerSeats(s, q, v.today)), "kind": answerOf(c.QueryParam("kind")),
	}
	if shortCadence(s) {
		typed["look_again_on"] = q.Charge.On.AddMonths(12).String()
	}
	return w.showAnswer(c, http.StatusOK, q, service, Form{Fields: typed})
}

// answerOf is the answer an address proposes; none when it names no such answer.
func answerOf(kind string) string {
	switch kind {
	case answerKeep, answerCancel, answerPlan, answerSeats, answerReplace:
		return kind
	}
	return ""
}

// fewerSeats is the number of seats to propose: those that are held, else one fewer than are paid for.
func fewerSeats(s models.Subscription, q models.Question, today cal.Date) int {
	paid := s.TermsOn(q.Charge.On).Seats
	if held := s.SeatsHeld(today); held > 0 && held < paid {
		return held
	}
	return max(paid-1, 1)
}

// shortCadence tells whether something is paid more often than once a year, so that one would be asked each time.
func shortCadence(s models.Subscription) bool {
	return s.Cadence.Unit != cal.Once && s.Cadence.Occurrence(s.Anchor, 1).Before(s.Anchor.AddMonths(12))
}

func (w *Web) showAnswer(c echo.Context, status int, q models.Question, service models.Service, f Form) error {
	v := visitOf(c)
	s := q.Subscription
	plan, _ := v.register.Plan(s.PlanID)
	terms := s.TermsOn(q.Charge.On)
	page := answerPage{
		Form: f, Service: service, Question: q, Plan: join(plan.Name, billed(v, s, terms)), Facts: questionFacts(v, q), Short: shortCadence(s),
		SeatsNow: terms.Seats, Held: s.SeatsHeld(v.today), Seats: subscriptionPath(s.ID, "seats"), Switch: subscriptionPath(s.ID, "switch"),
		People: newFormChoices(v).People, Lost: status != http.StatusOK && chose(c), Action: subscriptionPath(s.ID, "answer"), Back: "/decisions",
	}
	if q.Answer.ID != 0 {
		by, _ := v.register.Person(q.Answer.By)
		page.Given = join(decided(v, q.Answer), v.words.DayLong(q.Answer.On), by.Name, quote(v, q.Answer.Reason))
		if lastAnswer(v.register, q.Answer) {
			page.Undo = decisionPath(q.Answer.ID) + "/undo"
		}
	}
	page.Ways = append(page.Ways, Option{"", v.words.T("decide.how_unsaid")})
	for _, way := range models.CancelWays {
		page.Ways = append(page.Ways, Option{string(way), v.words.Kind("cancel_by", string(way))})
	}
	var holders []string
	for _, seat := range s.Seats {
		if p, ok := v.register.Person(seat.PersonID); ok && seat.HeldOn(v.today) {
			holders = append(holders, p.Name)
		}
	}
	page.Holders = v.words.List(holders)
	page.fill(v)
	return w.render(c, screen{
		status: status, name: "answer", nav: "renewals", title: "decide.answer_title", args: []any{"service", service.Name, "day", q.Charge.On}, page: page,
	})
}

// fill works out what each answer would do, and offers those that can be given.
func (p *answerPage) fill(v *visit) {
	w, q := v.words, p.Question
	add := func(value, effect string) {
		p.Choices = append(p.Choices, answerChoice{value, w.T("decide.answer." + value), effect})
	}
	if q.Locked {
		add(answerKeep, w.T("decide.effect.locked"))
	} else {
		add(answerKeep, w.T("decide.effect.keep", "amount", q.Stake, "day", q.Charge.On))
	}
	p.Leaving = newLeaving(v, q)
	add(answerCancel, w.T("decide.effect.cancel", "day", p.Leaving.LastDay)+saving(w, p.Leaving.Saved))
	if !q.Locked {
		p.fillPlans(v)
		if len(p.Plans) > 0 {
			add(answerPlan, w.N("decide.effect.plan", len(p.Plans), "day", q.Charge.On))
		}
		if terms := q.Subscription.TermsOn(q.Charge.On); terms.PerSeat && terms.Seats > 1 {
			add(answerSeats, p.seatsEffect(v))
		}
	}
	add(answerReplace, w.T("decide.effect.replace", "day", p.Leaving.LastDay))
}

func (p *answerPage) seatsEffect(v *visit) string {
	q := p.Question
	n := fewerSeats(q.Subscription, q, v.today)
	o, err := v.register.WhatIfAnswer(v.answerFor(q, models.Downgrade, models.Plan{}, models.Terms{}, n), v.today)
	if err != nil {
		return v.words.T("decide.effect.seats_held", "held", p.Held)
	}
	return v.words.T("decide.effect.seats", "seats", n, "was", p.SeatsNow) + saving(v.words, o.Saved)
}

// answerFor is an answer to ask the register about.
func (v *visit) answerFor(q models.Question, kind models.DecisionKind, plan models.Plan, t models.Terms, seats int) models.Answer {
	return models.Answer{
		Decision: models.Decision{SubscriptionID: q.Subscription.ID, Kind: kind, On: v.today, Renewal: q.Charge.On, ReplacedBy: "?"},
		Plan:     plan, Terms: t, Seats: seats,
	}
}

func newLeaving(v *visit, q models.Question) leaving {
	s := q.Subscription
	l := leaving{LastDay: lastDay(s.CanEndOn(v.today))}
	o, err := v.register.WhatIfAnswer(v.answerFor(q, models.Drop, models.Plan{}, models.Terms{}, 0), v.today)
	if err != nil {
		return l
	}
	l.LastDay, l.Saved, l.Year, l.Now, l.Then, l.Complete = lastDay(o.EndsOn), o.Saved, o.Year, o.Was, o.Forecast, o.Complete
	l.Total, l.Unconverted = models.Total(o.Remaining)
	for _, c := range o.Remaining {
		l.Remaining = append(l.Remaining, remainingLine{On: c.On, Amount: c.Stake(), Due: !c.On.After(v.today)})
	}
	sv, _ := v.register.Service(s.ServiceID)
	l.Data, l.Export = sv.ExportEvery > 0, q.ExportLate
	return l
}

// fillPlans offers the other plans of the service with what each would change.
func (p *answerPage) fillPlans(v *visit) {
	q := p.Question
	for _, plan := range v.register.PlansOf(q.ServiceID) {
		if plan.ID == q.Subscription.PlanID || !plan.RetiredOn.IsZero() {
			continue
		}
		p.PerSeat = p.PerSeat || plan.PerSeat
		o := planOption{ID: typedID(plan.ID), Name: plan.Name, Said: planOf(v.words, plan), Limits: plan.Limits, Chosen: p.Form.Value("plan") == typedID(plan.ID)}
		seats := max(p.SeatsNow, 1)
		if out, err := v.register.WhatIfAnswer(v.answerFor(q, models.Downgrade, plan, offeredTerms(plan, seats), 0), v.today); err == nil {
			o.Said = join(o.Said, savedSaid(v.words, out.Saved))
		}
		p.Plans = append(p.Plans, o)
	}
}

// offeredTerms is what a plan costs as its vendor offers it.
func offeredTerms(p models.Plan, seats int) models.Terms {
	t := models.Terms{Price: p.Price, PerSeat: p.PerSeat, Seats: seats}
	if t.Price.IsNone() {
		t.Price = money.Zero(money.EUR)
	}
	return t
}

// saving ends a sentence with what a year costs less, where that is known.
func saving(w *words.Words, saved money.Amount) string {
	if saved.IsNone() || saved.IsZero() {
		return "."
	}
	return ", " + savedSaid(w, saved) + "."
}

// savedSaid says what a year costs less, or more.
func savedSaid(w *words.Words, saved money.Amount) string {
	switch {
	case saved.IsNone():
		return w.Kind("payment", "unconverted")
	case saved.IsPositive():
		return w.T("decide.saves", "amount", saved)
	case saved.IsNegative():
		return w.T("decide.costs", "amount", saved.Neg())
	}
	return w.T("decide.same")
}

// answer notes the decision and carries it out.
func (w *Web) answer(c echo.Context) error {
	s, service, err := subscriptionOf(c)
	if err != nil {
		return err
	}
	q, err := askedQuestion(c, s)
	if err != nil {
		return err
	}
	v := visitOf(c)
	e := entry{Fields: fields(c, answerFields...)}
	a := e.answer(v, q)
	files, err := e.uploads(c)
	if err != nil {
		return err
	}
	a.Proofs = files
	var id models.ID
	if err = e.bad.Err(); err == nil {
		id, err = w.store.AnswerRenewal(c.Request().Context(), v.actor, a, v.today)
	}
	if err != nil {
		err = fieldNamed(fieldNamed(err, "ends_on", "last"), "seats", seatsField(e.text("kind")))
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showAnswer(c, status, q, service, f) })
	}
	return w.done(c, "/decisions", w.answeredNotice(v, e, a, service, decisionPath(id)+"/undo"))
}

// seatsField is where a form asks for the seats an answer needs.
func seatsField(kind string) string {
	if kind == answerPlan {
		return "plan_seats"
	}
	return "seats"
}

func (w *Web) answeredNotice(v *visit, e entry, a store.Answer, service models.Service, undo string) Notice {
	n := Notice{Key: "answered_" + e.text("kind"), Args: []string{"service", service.Name}, Undo: undo}
	switch e.text("kind") {
	case answerCancel, answerReplace:
		s, _ := v.register.Subscription(a.Decision.SubscriptionID)
		end := a.EndsOn
		if end.IsZero() {
			end = s.CanEndOn(a.Decision.On)
		}
		n.Args = append(n.Args, "day", v.words.DayLong(lastDay(end)), "name", a.Decision.ReplacedBy)
	case answerPlan:
		plan, _ := v.register.Plan(a.Plan)
		n.Args = append(n.Args, "plan", plan.Name, "day", v.words.DayLong(a.Decision.Renewal))
	case answerSeats:
		n.Args = append(n.Args, "seats", v.words.N("decide.seats_paid", a.Seats), "day", v.words.DayLong(a.Decision.Renewal))
	case answerKeep:
		n.Args = append(n.Args, "day", v.words.DayLong(a.Decision.Renewal))
	}
	return n
}

// answer reads the form: only the fields of the answer chosen count.
func (e *entry) answer(v *visit, q models.Question) store.Answer {
	a := store.Answer{Version: e.version(), Decision: models.Decision{
		SubscriptionID: q.Subscription.ID, Renewal: q.Charge.On, Reason: e.text("reason"), On: e.dayOr("on", v.today), By: e.id("by"),
	}}
	d := &a.Decision
	if _, ok := v.register.Person(d.By); d.By != 0 && !ok && !e.bad.Has("by") {
		e.bad.Add("by", "choose")
	}
	switch e.text("kind") {
	case answerKeep:
		d.Kind = models.Keep
		if shortCadence(q.Subscription) {
			d.LookAgainOn = e.day("look_again_on")
		}
	case answerCancel, answerReplace:
		d.Kind, d.How, a.Exported = models.Drop, models.CancelBy(e.text("how")), e.tick("exported")
		if last := e.day("last"); !last.IsZero() {
			a.EndsOn = last.AddDays(1)
		}
		if e.text("kind") == answerReplace {
			d.Kind, d.ReplacedBy = models.Replace, e.text("replaced_by")
		}
	case answerPlan:
		d.Kind, a.Plan = models.Downgrade, e.id("plan")
		plan, ok := v.register.Plan(a.Plan)
		if !ok || plan.ServiceID != q.ServiceID {
			if !e.bad.Has("plan") {
				e.bad.Add("plan", "choose")
			}
			break
		}
		a.Terms = offeredTerms(plan, e.whole("plan_seats", max(q.Subscription.TermsOn(q.Charge.On).Seats, 1)))
	case answerSeats:
		d.Kind, a.Seats = models.Downgrade, e.whole("seats", 0)
	default:
		e.bad.Add("kind", "choose")
	}
	return a
}
