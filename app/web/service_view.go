package web

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/reports/chart"
	"enveloppe/templates/words"
)

// planCard is one plan beside the others.
type planCard struct {
	Plan         models.Plan
	Ours         string // since when it is ours; empty when it is not
	Price        string // a year, where it can be said in euros
	Detail       string // how that price is made
	Each         string // a year for one person; empty where one person pays it all
	Rate         string // at which a foreign price became euros
	Effect       string // of taking it, on the year's forecast
	RunRate      string // and on what all services cost over twelve months
	Tight        string // word of warning when it leaves the envelope
	Limits       []string
	Source       string // where the price was seen
	SourceLink   string
	Take         string    // address of taking it; empty for ours and for what is not offered any more
	WhatIf       string    // address of a scenario that takes it; likewise
	Upgrade      bool      // it is paid, and what we have is not
	Edit         bool      // whether the reader may change anything
	Subscription models.ID // ours, on ours
}

// planCards are the plans of a service side by side, cheapest first; those not offered any more apart, unless ours.
func planCards(v *visit, l *models.Line) (offered, retired []planCard) {
	r := v.register
	plans := r.PlansOf(l.Service.ID)
	if v.words.Conceals() {
		return plainCards(v, l, plans)
	}
	effects := make(map[models.ID]models.PlanEffect, len(plans))
	for _, p := range plans {
		effects[p.ID] = r.WhatIfPlan(p, v.today, expectedSeats(v, p))
	}
	slices.SortStableFunc(plans, func(a, b models.Plan) int { return effects[a.ID].Yearly.Cmp(effects[b.ID].Yearly) })
	for _, p := range plans {
		card := newPlanCard(v, l, p, effects[p.ID])
		if p.RetiredOn.IsZero() || card.Ours != "" {
			offered = append(offered, card)
		} else {
			retired = append(retired, card)
		}
	}
	return offered, retired
}

// plainCards are the plans with what they give and not what they cost: the free ones first, then by name.
func plainCards(v *visit, l *models.Line, plans []models.Plan) (offered, retired []planCard) {
	words.SortBy(v.words, plans, func(p models.Plan) string { return p.Name })
	slices.SortStableFunc(plans, func(a, b models.Plan) int { return cmp.Compare(a.Tier, b.Tier) })
	for _, p := range plans {
		card := planCard{Plan: p, Limits: sentencesOf(p.Limits)}
		if isOurs(l, p) {
			card.Ours, card.Subscription = v.words.T("service.ours", "day", l.Subscription.StartedOn), l.Subscription.ID
		}
		if p.RetiredOn.IsZero() || card.Ours != "" {
			offered = append(offered, card)
		} else {
			retired = append(retired, card)
		}
	}
	return offered, retired
}

func isOurs(l *models.Line, p models.Plan) bool {
	return (l.Standing == models.InUse || l.Standing == models.Coming) && l.Subscription.PlanID == p.ID
}

// expectedSeats is for how many a plan paid by the seat would be taken, were nothing running.
func expectedSeats(v *visit, p models.Plan) int {
	if p.PerSeat {
		return max(v.register.Organisation.Headcount, 1)
	}
	return 1
}

func newPlanCard(v *visit, l *models.Line, p models.Plan, e models.PlanEffect) planCard {
	w := v.words
	running := l.Standing == models.InUse || l.Standing == models.Coming
	ours := isOurs(l, p)
	card := planCard{Plan: p, Limits: sentencesOf(p.Limits), Edit: v.actor.Role.MayEdit()}
	card.Price, card.Detail = planPrice(v, l, p, e.Effect, ours)
	if e.Complete && e.People > 1 && e.Yearly.IsPositive() {
		card.Each = w.T("service.each_person", "amount", e.Each)
	}
	if p.Tier != models.Free && e.Complete {
		card.Rate = planRate(v, ownPrice(l, p, ours))
	}
	if ours {
		card.Ours, card.Subscription = w.T("service.ours", "day", l.Subscription.StartedOn), l.Subscription.ID
	} else if e.Complete && !l.Service.Archived() {
		card.Effect, card.Tight = planEffect(v, e.Effect)
		if !e.RunRateChange.IsZero() {
			card.RunRate = w.T("service.run_rate_effect", "change", w.MoneySigned(e.RunRateChange))
		}
	}
	switch {
	case !p.SeenOn.IsZero() && p.SeenAt != "":
		card.Source = w.T("service.seen", "day", p.SeenOn)
	case !p.SeenOn.IsZero():
		card.Source = w.T("service.seen_bare", "day", p.SeenOn)
	}
	if strings.HasPrefix(p.SeenAt, "https://") || strings.HasPrefix(p.SeenAt, "http://") {
		card.SourceLink = p.SeenAt
	}
	switch {
	case ours || !p.RetiredOn.IsZero() || l.Service.Archived():
	case running:
		card.Take = subscriptionPath(l.Subscription.ID, "switch") + "?plan=" + typedID(p.ID)
	default:
		card.Take = servicePath(l.Service.ID) + "/subscriptions/new?plan=" + typedID(p.ID)
	}
	if card.Take != "" {
		card.WhatIf = "/scenarios/new?plan=" + typedID(p.ID)
		card.Upgrade = p.Tier == models.Premium && (!running || l.Tier == models.Free)
	}
	return card
}

// planWhy is why the plan in use is the one: the latest decision on the service, and when to look at it again.
type planWhy struct {
	Decision models.Decision // its ID is zero when nobody has noted one
	By       string
	LookOn   cal.Date // zero for none
	Late     bool     // that day has come
}

func newPlanWhy(v *visit, l *models.Line) planWhy {
	var why planWhy
	if all := v.register.DecisionsOf(l.Service.ID); len(all) > 0 {
		why.Decision = all[len(all)-1]
		by, _ := v.register.Person(why.Decision.By)
		why.By = by.Name
	}
	if why.LookOn = why.Decision.LookAgainOn; why.LookOn.IsZero() && l.Standing == models.InUse {
		why.LookOn = l.Subscription.LookOn
	}
	why.Late = !why.LookOn.IsZero() && !why.LookOn.After(v.today)
	return why
}

// planPrice is what a plan costs a year in euros, and how: the terms in force for ours, the plan's price for others.
func planPrice(v *visit, l *models.Line, p models.Plan, e models.Effect, ours bool) (price, detail string) {
	w := v.words
	if p.Tier == models.Free {
		return w.MoneyRound(money.Zero(money.EUR)), w.T("service.for_ever")
	}
	each, cadence, perSeat := ownPrice(l, p, ours), p.Cadence, p.PerSeat
	if ours {
		cadence, perSeat = l.Subscription.Cadence, nextTerms(l).PerSeat
	}
	per := w.CadencePer(cadence)
	switch {
	case !e.Complete && perSeat:
		return w.Money(each) + " " + w.T("service.per_seat", "per", per), w.T("service.not_converted")
	case !e.Complete:
		return w.Money(each) + " " + per, w.T("service.not_converted")
	}
	own := w.Money(each)
	switch yearly := cadence == cal.Yearly; {
	case yearly && perSeat:
		own += " " + w.T("service.a_seat")
	case perSeat:
		own += " " + w.T("service.per_seat", "per", per)
	case !yearly:
		own += " " + per
	case each.Currency() == money.EUR:
		return w.Money(e.Yearly), per
	}
	if perSeat {
		return w.Money(e.Yearly), w.N("service.yearly_seats", e.Seats, "price", own)
	}
	return w.Money(e.Yearly), w.T("service.yearly", "price", own)
}

// nextTerms are what is really paid, from the next charge on.
func nextTerms(l *models.Line) models.Terms {
	if l.Renewal.IsZero() {
		return l.Terms
	}
	return l.Subscription.TermsOn(l.Renewal)
}

// ownPrice is a plan's price, or what is really paid for ours.
func ownPrice(l *models.Line, p models.Plan, ours bool) money.Amount {
	if ours {
		return nextTerms(l).Price
	}
	return p.Price
}

// planRate says at which rate a price counts in euros; empty for one in euros.
func planRate(v *visit, price money.Amount) string {
	c := v.register.Convert(price, v.today, v.today)
	if price.IsNone() || c.Source == "" || !c.OK() {
		return ""
	}
	return sayRate(v, models.Rated{Currency: price.Currency(), Conversion: c}, v.words.DayShort(c.Day))
}

// planEffect says what taking a plan would do to the year's forecast.
func planEffect(v *visit, e models.Effect) (effect, tight string) {
	w := v.words
	year := v.register.Year(v.today).Label()
	if e.Change.IsZero() {
		effect = w.T("service.no_effect", "year", year)
	} else {
		effect = w.T("service.effect", "year", year, "change", w.MoneySigned(e.Change))
	}
	if !e.Room.IsNone() && e.Room.IsNegative() {
		tight = w.T("service.tight", "amount", e.Room.Neg())
	}
	return effect, tight
}

// sentencesOf cuts limits into the lines of a list: at line ends, else at semicolons, else at commas.
func sentencesOf(limits string) []string {
	for _, mark := range []string{"\n", ";", ","} {
		if !strings.Contains(limits, mark) {
			continue
		}
		var out []string
		for _, part := range strings.Split(limits, mark) {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, part)
			}
		}
		return out
	}
	if limits = strings.TrimSpace(limits); limits != "" {
		return []string{limits}
	}
	return nil
}

// subscriptionFacts are our subscription in brief.
func subscriptionFacts(v *visit, l *models.Line) []fact {
	w, r, s := v.words, v.register, l.Subscription
	var facts []fact
	add := func(label, value, note string) {
		if value != "" {
			facts = append(facts, fact{Label: w.T("service.fact." + label), Value: value, Note: note})
		}
	}
	add("plan", l.Plan.Name, w.T("service.since", "day", s.StartedOn))
	if vendor, ok := r.Vendor(l.Service.VendorID); ok {
		add("vendor", vendor.Name, w.Country(vendor.Country))
	}
	add("cadence", w.Cadence(s.Cadence), w.T("service.counted_from", "day", s.Anchor))
	if !l.Renewal.IsZero() {
		c, _ := r.Charge(s.ID, l.Renewal, v.today)
		add("renewal", w.DayLong(l.Renewal), w.Relative(v.today, l.Renewal))
		if !c.DecideBy.IsZero() {
			by := c.SaidBy(v.today)
			add("decide_by", w.DayLong(by), w.Relative(v.today, by))
		}
	}
	if l.Tier == models.Premium {
		add("notice", w.Notice(s.Notice), "")
		add("renews", w.T(map[bool]string{true: "service.tacit", false: "service.explicit"}[s.AutoRenew]), "")
	}
	for _, d := range []struct {
		label string
		day   cal.Date
	}{{"trial_ends", s.TrialEnds}, {"grant_ends", s.GrantEnds}, {"fixed_until", s.FixedUntil}, {"ends_on", s.EndsOn}, {"look_on", s.LookOn}} {
		if !d.day.IsZero() {
			add(d.label, w.DayLong(d.day), w.Relative(v.today, d.day))
		}
	}
	if s.CancelReason != "" && !s.EndsOn.IsZero() {
		add("reason", s.CancelReason, "")
	}
	owner, ok := r.Person(s.OwnerID)
	switch {
	case ok && !owner.HereOn(v.today):
		add("owner", owner.Name, w.T("service.has_left", "day", owner.LeftOn))
	case ok:
		add("owner", owner.Name, "")
	}
	if m, ok := r.PaidBy(s.MeansID); ok {
		note := ""
		if !m.ExpiresOn.IsZero() {
			note = w.T("service.expires", "day", m.ExpiresOn)
		}
		add("means", m.Name, note)
	}
	if l.Tier == models.Premium {
		add("account", r.AccountOf(s), w.T("service.account_note"))
		add("analytic", s.Analytic, "")
	}
	add("note", s.Note, "")
	return facts
}

// accessFacts are where the service and its data are.
func accessFacts(v *visit, sv models.Service) []fact {
	w := v.words
	var facts []fact
	add := func(label, value, note, link string) {
		facts = append(facts, fact{Label: w.T("service.fact." + label), Value: value, Note: note, Link: link})
	}
	if sv.URL != "" {
		add("url", sv.URL, "", sv.URL)
	}
	if sv.CancelURL != "" {
		add("cancel_url", sv.CancelURL, "", sv.CancelURL)
	}
	every := ""
	if sv.ExportEvery > 0 {
		every = w.N("service.export_every", sv.ExportEvery)
	}
	switch {
	case !sv.ExportedOn.IsZero():
		if p, ok := v.register.Person(sv.Access.ExportedBy); ok {
			every = strings.TrimPrefix(every+" · "+p.Name, " · ")
		}
		add("exported", w.DayLong(sv.ExportedOn), every, "")
	case sv.ExportEvery > 0:
		add("exported", w.T("service.never"), every, "")
	}
	if !sv.ClosesOn.IsZero() {
		add("closes", w.DayLong(sv.ClosesOn), w.Relative(v.today, sv.ClosesOn), "")
	}
	return append(facts, knownFacts(v, sv.Access)...)
}

// knownFacts are what is known of a service's data and access; what is not is left out.
func knownFacts(v *visit, a models.Access) []fact {
	w := v.words
	var facts []fact
	add := func(label, value string, notes ...string) {
		notes = slices.DeleteFunc(notes, func(s string) bool { return s == "" })
		if value != "" {
			facts = append(facts, fact{Label: w.T("access.fact." + label), Value: value, Note: strings.Join(notes, " · ")})
		}
	}
	extent := func(family string, x models.Extent) string {
		if x == models.ExtentUnknown {
			return ""
		}
		return w.Kind(family, string(x))
	}
	person := func(id models.ID) (name, note string) {
		p, ok := v.register.Person(id)
		if ok && !p.HereOn(v.today) {
			note = w.T("service.has_left", "day", p.LeftOn)
		}
		return p.Name, note
	}
	add("export", extent("export", a.Export), a.ExportHow)
	add("kept", a.ExportKept)
	admin, left := person(a.SecondAdmin)
	add("second_admin", admin, left)
	add("replaced_by", a.ReplacedBy)
	add("offline", extent("offline", a.Offline))
	if a.TrainPlanned+a.TrainDone > 0 {
		add("training", w.T("access.hours_done", "done", hoursFigure(w, a.TrainDone), "planned", hoursOf(w, a.TrainPlanned)))
	}
	referent, left := person(a.Referent)
	add("referent", referent, left)
	add("personal", extent("personal", a.Personal), a.PersonalWhose)
	add("hosting", a.Hosting)
	if !a.DPAOn.IsZero() {
		add("dpa", w.DayLong(a.DPAOn), a.DPAWhere)
	}
	return facts
}

// termsView is what the service has cost over time, under one subscription after the other, as a small picture and in rows.
type termsView struct {
	Picture *chart.TermsSteps // nil when the price never changed
	Said    string
	Rows    []termsRow // the latest first
	Plans   bool       // there was more than one
}

type termsRow struct {
	Terms models.Terms
	Plan  string
	Link  string // where they are corrected; empty for those of a subscription that is over
	Per   string
	Tag   string // by how much a period costs more or less than before
	Ahead bool
	Now   bool
}

func newTermsView(v *visit, service models.ID) termsView {
	w := v.words
	var view termsView
	var before models.Subscription
	var drawn priceSteps
	for _, s := range subscriptionsInTurn(v, service) {
		plan, _ := v.register.Plan(s.PlanID)
		if before.ID != 0 {
			view.Plans = view.Plans || before.PlanID != s.PlanID
			if !before.EndsOn.IsZero() && before.EndsOn.Before(s.StartedOn) {
				drawn.add(before.EndsOn, money.Zero(s.Terms[0].Billed().Currency()), s.Cadence)
			}
		}
		now := s.TermsOn(v.today)
		for i, t := range s.Terms {
			row := termsRow{Terms: t, Plan: plan.Name, Per: w.CadencePer(s.Cadence), Ahead: t.From.After(v.today), Now: t.ID == now.ID && s.RunsOn(v.today)}
			if !s.Over(v.today) {
				row.Link = subscriptionPath(s.ID, "terms", typedID(t.ID), "edit")
			}
			if i > 0 {
				if tenths, ok := money.ChangePercent(s.Terms[i-1].Billed(), t.Billed()); ok && tenths != 0 {
					row.Tag = w.ChangePercent(tenths)
				}
			}
			view.Rows = append(view.Rows, row)
			drawn.add(t.From, t.Billed(), s.Cadence)
		}
		before = s
	}
	slices.Reverse(view.Rows)
	if points := drawn.steps; len(points) > 1 {
		span := cal.Span{From: points[0].From, To: before.TermsSpan(v.today).To}
		steps := chart.NewTermsSteps(points, span, v.today, w.MoneyRound, v.dayAndYear, chart.PhoneSteps)
		view.Picture = &steps
		view.Said = w.T("service.terms_said", "from", points[0].Price, "to", points[len(points)-1].Price)
	}
	return view
}

// priceSteps are prices of one measure, to be drawn on one scale.
type priceSteps struct {
	steps    []chart.Step
	currency money.Currency
	cadence  cal.Cadence
}

// add begins anew with a price of another currency or cadence: the picture is of the latest. What is free has every one.
func (p *priceSteps) add(from cal.Date, price money.Amount, every cal.Cadence) {
	if !price.IsZero() {
		if p.currency != "" && (price.Currency() != p.currency || every != p.cadence) {
			p.steps = p.steps[:0]
		}
		p.currency, p.cadence = price.Currency(), every
	}
	p.steps = append(p.steps, chart.Step{From: from, Price: price})
}

// subscriptionsInTurn are those of a service that began or will, by their first day.
func subscriptionsInTurn(v *visit, service models.ID) []models.Subscription {
	all := slices.DeleteFunc(v.register.SubscriptionsOf(service), func(s models.Subscription) bool {
		return len(s.Terms) == 0 || (!s.EndsOn.IsZero() && !s.EndsOn.After(s.StartedOn))
	})
	slices.SortStableFunc(all, func(a, b models.Subscription) int { return a.StartedOn.Compare(b.StartedOn) })
	return all
}

// dayAndYear is for narrow places where the year is not plain: "18 déc. 2022".
func (v *visit) dayAndYear(d cal.Date) string {
	return v.words.DayShort(d) + " " + strconv.Itoa(d.Year())
}

// seatsView is who holds the places.
type seatsView struct {
	Shown bool
	Names string
	Held  int
	Paid  int // 0 when places are not paid one by one
	Free  int
}

func newSeatsView(v *visit, l *models.Line) seatsView {
	view := seatsView{Shown: l.Held > 0 || l.Terms.PerSeat, Held: l.Held}
	if l.Terms.PerSeat {
		view.Paid, view.Free = l.Terms.Seats, max(l.Terms.Seats-l.Held, 0)
	}
	var names []string
	const most = 8
	for _, seat := range l.Subscription.Seats {
		if p, ok := v.register.Person(seat.PersonID); ok && seat.HeldOn(v.today) {
			names = append(names, p.Name)
		}
	}
	slices.SortFunc(names, v.words.Compare)
	if len(names) > most {
		names = append(names[:most], v.words.N("service.more_people", len(names)-most))
	}
	view.Names = v.words.List(names)
	return view
}
