package web

import (
	"slices"
	"strings"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

// What a line can be said to be, as it stands in a form: "charge.12.2026-12-18", "service.7", "payment.31".
const (
	asCharge  = "charge"
	asService = "service"
	asPayment = "payment"
)

// choiceOf writes a match as a choice.
func choiceOf(m models.Match) string {
	switch {
	case m.PaymentID != 0:
		return asPayment + "." + typedID(m.PaymentID)
	case m.SubscriptionID != 0:
		return asCharge + "." + typedID(m.SubscriptionID) + "." + m.ChargeOn.String()
	}
	return asService + "." + typedID(m.ServiceID)
}

// match reads a choice for an open line; false when the line is answered already, or the choice is not there any more.
func (known *matched) match(v *visit, line models.ID, choice string) (models.Match, bool) {
	for _, p := range known.Proposals {
		if p.Line.ID != line {
			continue
		}
		if m := p.Match(); choiceOf(m) == choice {
			return m, true
		}
		return matchAs(v, p.Line, choice)
	}
	return models.Match{}, false
}

// matchAs makes of a line what a choice says.
func matchAs(v *visit, line models.BankLine, choice string) (models.Match, bool) {
	kind, rest, _ := strings.Cut(choice, ".")
	id, on, _ := strings.Cut(rest, ".")
	e := entry{Fields: Fields{"id": id, "on": on}}
	m := models.Match{Line: line.ID}
	var ok bool
	switch kind {
	case asPayment:
		var p models.Payment
		p, ok = v.register.Payment(e.id("id"))
		m.PaymentID, m.ServiceID = p.ID, p.ServiceID
	case asService:
		var sv models.Service
		sv, ok = v.register.Service(e.id("id"))
		m.ServiceID, m.Billed = sv.ID, billedBy(line, "")
	case asCharge:
		var ch models.Charge
		ch, ok = v.register.OpenCharge(e.id("id"), e.day("on"), v.today)
		ok = ok && line.Amount.IsNegative()
		m.ServiceID, m.SubscriptionID, m.ChargeOn = ch.ServiceID, ch.SubscriptionID, ch.On
		if ok && ch.Billed.Currency() != money.EUR {
			if m.Billed = billedBy(line, ch.Billed.Currency()); m.Billed.IsNone() {
				m.Billed = ch.Billed
			}
		}
	}
	return m, ok && e.bad == nil
}

// givenAs is matchAs for a line that is answered: only an answer like its own is one.
func givenAs(v *visit, line models.BankLine, choice string) (models.Match, bool) {
	p, ok := v.register.Payment(line.PaymentID)
	for _, m := range []models.Match{
		{Line: line.ID, PaymentID: p.ID, ServiceID: p.ServiceID},
		{Line: line.ID, ServiceID: p.ServiceID, SubscriptionID: p.SubscriptionID, ChargeOn: p.ChargeOn},
	} {
		if ok && choiceOf(m) == choice {
			return m, true
		}
	}
	return models.Match{}, false
}

// billedBy is what the bank says was paid in another currency, as an invoice counts it; none when it does not say, or
// when a currency is asked for and it was another.
func billedBy(line models.BankLine, wanted money.Currency) money.Amount {
	o := line.Original
	if o.IsNone() || o.Currency() == line.Amount.Currency() || (wanted != "" && o.Currency() != wanted) {
		return money.Amount{}
	}
	return o.Neg()
}

// lineChoices are the things any line can be; each row has its own before them.
type lineChoices struct {
	v        *visit
	linked   map[models.ID]bool
	services []Option // in use, by name; empty when they are too many for every row
}

func newLineChoices(v *visit, known *matched) lineChoices {
	ch := lineChoices{v: v, linked: known.habits.Linked}
	services := servicesInUse(v)[1:]
	if len(services) <= maxServiceChoices {
		ch.services = serviceChoices(services)
	}
	return ch
}

func serviceChoices(services []Option) []Option {
	out := make([]Option, len(services))
	for i, s := range services {
		out[i] = Option{asService + "." + s.Value, s.Label}
	}
	return out
}

// of are the choices of one proposal: what is proposed, other charges, payments recorded by hand, services.
func (ch lineChoices) of(p models.Proposal) []choiceGroup {
	v := ch.v
	first := proposedOption(v, p)
	groups := []choiceGroup{{v.words.T("matching.proposed"), []Option{first}}}
	var charges []Option
	for _, o := range p.Others {
		charges = append(charges, chargeOption(v, o))
	}
	groups = addGroup(groups, v.words.T("matching.other_charges"), charges, first)
	groups = addGroup(groups, v.words.T("matching.recorded_already"), ch.payments(p.Line), first)
	return addGroup(groups, v.words.T("matching.without_charge"), ch.services, first)
}

func addGroup(groups []choiceGroup, name string, options []Option, but Option) []choiceGroup {
	options = slices.DeleteFunc(slices.Clone(options), func(o Option) bool { return o.Value == but.Value })
	if len(options) == 0 {
		return groups
	}
	return append(groups, choiceGroup{name, options})
}

func proposedOption(v *visit, p models.Proposal) Option {
	if paid, ok := v.register.Payment(p.PaymentID); ok {
		return paymentOption(v, paid)
	}
	if p.Charge.SubscriptionID != 0 {
		return chargeOption(v, p.Charge)
	}
	sv, _ := v.register.Service(p.ServiceID)
	return Option{asService + "." + typedID(sv.ID), v.words.T("matching.service_only", "service", sv.Name)}
}

func chargeOption(v *visit, c models.Charge) Option {
	sv, _ := v.register.Service(c.ServiceID)
	return Option{
		choiceOf(models.Match{SubscriptionID: c.SubscriptionID, ChargeOn: c.On}),
		v.words.T("matching.charge", "service", sv.Name, "day", v.words.DayLong(c.On), "amount", c.Billed),
	}
}

func paymentOption(v *visit, p models.Payment) Option {
	sv, _ := v.register.Service(p.ServiceID)
	return Option{
		asPayment + "." + typedID(p.ID),
		v.words.T("matching.payment", "service", sv.Name, "day", v.words.DayLong(p.PaidOn), "amount", p.Billed),
	}
}

// payments are recorded ones the line may be, the nearest in time first.
func (ch lineChoices) payments(line models.BankLine) []Option {
	var out []Option
	for _, p := range ch.v.register.RecordedNear(line, ch.linked) {
		out = append(out, paymentOption(ch.v, p))
	}
	return out
}

// chargesOpen are all charges that wait for a payment up to a day, the latest first.
func chargesOpen(v *visit, until cal.Date) []models.Charge {
	open := v.register.Due(until)
	slices.Reverse(open)
	return open
}

// sortedServices are all services in use as choices, by name.
func sortedServices(v *visit) []Option {
	services := serviceChoices(servicesInUse(v)[1:])
	words.SortBy(v.words, services, func(o Option) string { return o.Label })
	return services
}
