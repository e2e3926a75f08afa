package web

import (
	"net/url"
	"strconv"
	"strings"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

// CauseLine is one reason to warn as people read it: a day, a matter and an amount, each already in words.
type CauseLine struct {
	Kind   models.FlagKind
	Key    FlagName
	On     cal.Date // for machines; zero when the matter has no day
	Day    string   // "12 déc.", or a dash
	When   string   // "dans 19 jours"
	Late   bool     // the day has passed
	Name   string   // of the service, the card, the currency or the envelope
	Title  string   // what there is to say of it, after its name
	Detail string   // the figures behind; may be empty
	Amount string   // at stake; may be empty
	Per    string   // what follows the amount: "par an"
	Tag    string   // a word of status; may be empty
	Tone   string   // class of the tag
	Link   string   // page of what it is about, which everybody may see
	Deal   string   // where those who keep the register deal with it; empty where there is no such page
	DealBy string   // what one does there
	Quiet  string   // who has dealt with it, or until when it is put off; empty while it is to be shown
}

// FlagName names one flag in the hidden fields of a form.
type FlagName struct{ Kind, Subject, Code, On string }

func flagName(k models.FlagKey) FlagName {
	return FlagName{Kind: string(k.Kind), Subject: typedID(k.Subject), Code: string(k.Code), On: k.On.String()}
}

// Address is where the named act asks about the flag, or does it, before one goes back to a page.
func (n FlagName) Address(act, to string) string {
	return "/flags/" + act + "?" + url.Values{"kind": {n.Kind}, "subject": {n.Subject}, "code": {n.Code}, "on": {n.On}, "to": {to}}.Encode()
}

// teller turns one cause into words.
type teller struct {
	*CauseLine
	w     *words.Words
	r     *models.Register
	c     models.Cause
	s     models.Subscription
	today cal.Date
}

// causeLine says a cause in one sentence with its figures. The dashboard, the renewals and a service's page share it.
func causeLine(w *words.Words, r *models.Register, c models.Cause, today cal.Date) CauseLine {
	line := CauseLine{Kind: c.Key.Kind, Key: flagName(c.Key), On: c.On, Day: w.DayShort(c.On), Link: servicePath(c.ServiceID)}
	if !c.On.IsZero() {
		line.When, line.Late = w.Relative(today, c.On), c.On.Before(today)
	}
	service, _ := r.Service(c.ServiceID)
	line.Name = service.Name
	t := teller{CauseLine: &line, w: w, r: r, c: c, today: today}
	t.s, _ = r.Subscription(c.SubscriptionID)
	switch c.Key.Kind {
	case models.FlagDecideBy:
		t.decideBy()
	case models.FlagRenewal:
		t.renewal()
	case models.FlagChargeDue:
		t.chargeDue()
	case models.FlagTrialEnd:
		t.trialEnd()
	case models.FlagServiceClosing:
		t.closing(service)
	case models.FlagEnvelope:
		t.envelope()
	case models.FlagPriceChange:
		t.priceChange()
	case models.FlagCardExpiring:
		t.card()
	case models.FlagRateMissing:
		t.rateMissing()
	case models.FlagSeatsFree:
		t.seatsFree()
	case models.FlagDataExport:
		t.dataExport(service)
	case models.FlagFreeLook:
		t.freeLook()
	case models.FlagNoOwner:
		t.noOwner()
	}
	line.Quiet = quietly(w, r, c.Flag, today)
	return line
}

func servicePath(id models.ID) string { return "/services/" + typedID(id) }

// quietly says who has dealt with a flag, or until when it is put off.
func quietly(w *words.Words, r *models.Register, f models.Flag, today cal.Date) string {
	switch {
	case !f.Quiet(today):
		return ""
	case f.AcknowledgedOn.IsZero():
		return w.T("flag.snoozed", "day", f.SnoozedUntil)
	}
	if by, ok := r.Person(f.AcknowledgedBy); ok {
		return w.T("flag.acknowledged_by", "name", by.Name, "day", f.AcknowledgedOn)
	}
	return w.T("flag.acknowledged", "day", f.AcknowledgedOn)
}

// join puts the pieces of a detail side by side; empty ones leave no trace.
func join(pieces ...string) string {
	kept := pieces[:0]
	for _, p := range pieces {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, " · ")
}

func (t teller) decideBy() {
	t.deal("decide", answerPath(t.s.ID, t.c.Renewal))
	t.Title = t.w.T("flag.decide_by")
	if !t.s.AutoRenew {
		t.Title = t.w.T("flag.decide_by_manual")
	}
	var off string
	if !cal.Workday(t.c.Key.On) {
		off = t.w.T("flag.not_workday", "day", t.w.Day(t.c.Key.On))
	}
	charge, _ := t.r.OpenCharge(t.s.ID, t.c.Renewal, t.today)
	t.price(charge)
	t.rise(t.c.Renewal)
	t.Detail = join(t.w.T("flag.renews_on", "day", t.c.Renewal), off, t.unused(), t.converted(charge))
}

func (t teller) renewal() {
	t.Title = t.w.T("flag.renewal")
	if !t.s.AutoRenew {
		t.Title = t.w.T("flag.renewal_manual")
	}
	charge, _ := t.r.OpenCharge(t.s.ID, t.c.On, t.today)
	t.price(charge)
	t.rise(t.c.On)
	var locked string
	if charge.Locked {
		locked = t.w.T("flag.locked")
	}
	t.Detail = join(locked, t.unused(), t.converted(charge))
}

func (t teller) chargeDue() {
	charge, _ := t.r.OpenCharge(t.s.ID, t.c.On, t.today)
	t.Title = t.w.T("flag.charge_due")
	t.price(charge)
	if charge.Conversion.OK() && charge.Paid.IsNone() {
		t.Per = "" // one charge, not what every period costs
	}
	t.Detail = join(t.w.T("flag.charge_due.detail"), t.converted(charge))
	t.deal("record", "/payments/new?subscription="+typedID(t.s.ID)+"&on="+t.c.On.String())
}

func (t teller) trialEnd() {
	t.deal("decide", servicePath(t.c.ServiceID)+"/decisions/new")
	t.Title = t.w.T("flag.trial_end")
	if t.c.On == t.s.GrantEnds {
		t.Title = t.w.T("flag.grant_end")
	}
	if t.c.Renewal.IsZero() {
		t.Detail = t.w.T("flag.trial_end.free")
		return
	}
	first, _ := t.r.OpenCharge(t.s.ID, t.c.Renewal, t.today)
	if first.On.After(t.today) {
		t.deal("decide", answerPath(t.s.ID, first.On))
	}
	t.price(first)
	t.Detail = join(t.w.T("flag.trial_end.detail", "day", first.On), t.converted(first))
}

func (t teller) closing(service models.Service) {
	t.Tag, t.Tone = t.w.T("flag.service_closing.tag"), "danger"
	t.Title = t.w.T("flag.service_closing")
	if t.Late {
		t.Title = t.w.T("flag.service_closed")
	}
	t.Detail = t.w.T("flag.service_closing.never")
	if !service.ExportedOn.IsZero() {
		t.Detail = t.w.T("flag.service_closing.exported", "day", service.ExportedOn)
	}
}

func (t teller) envelope() {
	p := t.r.Position(t.r.Year(t.today), t.today)
	t.Name, t.Link = t.w.T("flag.envelope.name", "year", p.Year.Label()), "/envelope"
	t.Amount = t.w.Money(t.c.Amount)
	if t.c.Status == models.Under {
		t.Title = t.w.T("flag.envelope.under", "forecast", p.Forecast, "floor", t.w.MoneyRound(p.Envelope.Floor))
		t.Per = t.w.T("flag.envelope.below")
		return
	}
	t.Tag, t.Tone = t.w.Kind("status", string(models.Over)), "danger"
	t.Title = t.w.T("flag.envelope.over", "forecast", p.Forecast, "ceiling", t.w.MoneyRound(p.Envelope.Ceiling))
	t.Per = t.w.T("flag.envelope.above")
	if by, ok := t.r.Service(p.CrossedBy); ok {
		t.Detail = t.w.T("flag.envelope.crossed", "day", p.CrossedOn, "service", by.Name)
	}
}

func (t teller) priceChange() {
	terms := t.s.TermsOn(t.c.On)
	per := t.w.CadencePer(t.s.Cadence)
	if terms.PerSeat {
		per = t.w.T("flag.per_seat", "per", per)
	}
	t.Title = t.w.T("flag.price_change", "was", t.c.Was, "now", t.c.Amount, "per", per)
	t.rise(t.c.On)
	t.Detail = terms.Note
}

func (t teller) card() {
	m, _ := t.r.PaidBy(t.c.Key.Subject)
	service := t.Name
	t.Name, t.Link = m.Name, "/settings/means"
	if t.w.Conceals() {
		t.Link = servicePath(t.c.ServiceID)
	}
	t.deal("change", "/settings/means/"+typedID(m.ID))
	t.Title = t.w.T("flag.card_expiring")
	if t.Late {
		t.Title = t.w.T("flag.card_expired")
	}
	t.Detail = t.w.N("flag.card_expiring.pays", t.c.Count, "service", service)
}

func (t teller) rateMissing() {
	t.Name, t.Link = string(t.c.Key.Code), "/settings/rates"
	t.deal("rate", t.Link)
	t.Title = t.w.T("flag.rate_missing")
	t.Detail = t.w.N("flag.rate_missing.detail", t.c.Count)
	t.Tag, t.Tone = t.w.Kind("payment", "unconverted"), "warning"
}

func (t teller) seatsFree() {
	t.Title = t.w.N("flag.seats_unassigned", t.c.Count, "seats", t.s.TermsOn(t.today).Seats)
	if t.c.Amount.IsPositive() {
		t.Amount, t.Per = t.w.Money(t.c.Amount), t.w.CadencePer(cal.Yearly)
	}
	t.Detail = t.w.T("flag.seats_unassigned.detail")
	t.Link = subscriptionPath(t.s.ID, "seats")
	t.deal("seats", t.Link)
}

func (t teller) dataExport(service models.Service) {
	t.When = t.w.N("flag.days", t.c.Count)
	t.Title = t.w.T("flag.data_export.never")
	if !service.ExportedOn.IsZero() {
		t.Title = t.w.T("flag.data_export", "day", service.ExportedOn)
	}
	t.Detail = t.w.N("flag.data_export.every", service.ExportEvery)
	t.Tag, t.Tone = t.w.T("flag.data_export.tag"), "warning"
}

func (t teller) freeLook() {
	t.deal("decide", servicePath(t.c.ServiceID)+"/decisions/new")
	t.Title = t.w.T("flag.free_look")
	var decided string
	for _, d := range t.r.DecisionsOf(t.c.ServiceID) {
		if d.Kind == models.StayFree || d.Kind == models.Decline {
			decided = t.w.T("flag.free_look.decided", "what", t.w.Kind("decided", string(d.Kind)), "day", d.On)
		}
	}
	if t.w.Conceals() { // which plan is the cheapest would be told by its name
		t.Detail = decided
		return
	}
	t.Amount = t.w.MoneyRound(money.Zero(money.EUR))
	if name, yearly, ok := cheapestPremium(t.r, t.s, t.today); ok {
		t.Per = t.w.T("flag.free_look.else", "amount", t.w.MoneyRound(yearly))
		t.Detail = join(t.w.T("flag.free_look.plan", "plan", name), decided)
		return
	}
	t.Detail = decided
}

// cheapestPremium is the paid plan that would cost least a year for the same places.
func cheapestPremium(r *models.Register, s models.Subscription, today cal.Date) (name string, yearly money.Amount, ok bool) {
	seats := max(s.TermsOn(today).Seats, 1)
	for _, p := range r.PlansOf(s.ServiceID) {
		if p.Tier != models.Premium || !p.RetiredOn.IsZero() {
			continue
		}
		start := today.AddDays(1)
		cost, whole := r.YearlyCost(models.Subscription{
			ServiceID: s.ServiceID, PlanID: p.ID, StartedOn: start, Anchor: start, Cadence: p.Cadence,
			Terms: []models.Terms{{From: start, Price: p.Price, PerSeat: p.PerSeat, Seats: seats}},
		}, today)
		if whole && cost.IsPositive() && (!ok || cost.Less(yearly)) {
			name, yearly, ok = p.Name, cost, true
		}
	}
	return name, yearly, ok
}

func (t teller) noOwner() {
	t.Title = t.w.T("flag.no_owner")
	if owner, ok := t.r.Person(t.s.OwnerID); ok {
		t.Detail = t.w.T("flag.no_owner.left", "name", owner.Name, "day", owner.LeftOn)
	}
	t.deal("owner", subscriptionPath(t.s.ID, "edit"))
}

// deal says where the matter is dealt with, and what one does there.
func (t teller) deal(by, address string) {
	t.Deal, t.DealBy = address, t.w.T("flag.deal."+by)
}

// price shows what a charge costs and how often it comes, or that a part of it has been paid; one without a rate shows in
// its own currency.
func (t teller) price(c models.Charge) {
	if c.Billed.IsNone() || t.w.Conceals() {
		return
	}
	t.Amount, t.Per = t.w.Money(c.Billed), t.w.T("flag.not_converted")
	if c.Conversion.OK() {
		t.Amount, t.Per = t.w.Money(c.Cost), t.w.CadencePer(t.s.Cadence)
		if !c.Paid.IsNone() {
			t.Per = t.w.T("flag.left")
		}
	}
}

// converted says which rate a foreign amount was counted at.
func (t teller) converted(c models.Charge) string {
	if c.Conversion.Source == "" || t.w.Conceals() {
		return ""
	}
	return t.w.T("flag.converted", "amount", c.Billed, "rate", c.Conversion.Rate,
		"source", t.w.Kind("rate", string(c.Conversion.Source)), "day", t.w.DayShort(c.Conversion.Day))
}

// unused says how many places nobody holds.
func (t teller) unused() string {
	terms := t.s.TermsOn(t.today)
	held := t.s.SeatsHeld(t.today)
	if !terms.PerSeat || held >= terms.Seats {
		return ""
	}
	return t.w.N("flag.unused", terms.Seats-held, "seats", terms.Seats)
}

// rise tags a price that is another on a day than today.
func (t teller) rise(on cal.Date) {
	if t.w.Conceals() {
		return
	}
	was, now := t.s.TermsOn(t.today).Price, t.s.TermsOn(on).Price
	if was == now || was.Currency() != now.Currency() {
		return
	}
	if tenths, ok := money.ChangePercent(was, now); ok {
		t.Tag, t.Tone = t.w.T("flag.price_tag", "change", t.w.ChangePercent(tenths)), "warning"
		if now.Less(was) {
			t.Tone = "premium"
		}
	}
}

func subscriptionPath(id models.ID, rest ...string) string {
	return "/subscriptions/" + strings.Join(append([]string{strconv.FormatInt(int64(id), 10)}, rest...), "/")
}
