package models

import (
	"slices"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// standIn is what everything paid costs in a register without amounts: the same for all, so that what is paid stays paid
// and what is free stays free, and no figure follows from it.
var standIn = money.Euros(100)

// moneyFlags are the reasons to warn that are about money alone.
var moneyFlags = []FlagKind{FlagChargeDue, FlagEnvelope, FlagPriceChange, FlagRateMissing}

// WithoutAmounts is the register as people may see it who are not to know what anything costs: its services, plans,
// subscriptions, seats, days, decisions and proposals, with the same stand-in for every price, and without payments, invoices,
// envelopes, rates, reviews, scenarios, comparisons and files. What a list of Facts is not named here stays out of it.
// Texts that people wrote stay, but for the amounts in them.
func (r *Register) WithoutAmounts() *Register { return r.concealed() }

func newConcealed(r *Register) *Register {
	f := Facts{
		Organisation: r.Organisation, Revision: r.Revision, People: r.People, Functions: r.Functions, Vendors: r.Vendors,
		Means:    mapped(r.Means, func(m *Means) { m.Name = money.Conceal(m.Name) }),
		Services: mapped(r.Services, concealService), Plans: mapped(r.Plans, concealPlan),
		Subscriptions: mapped(r.Subscriptions, concealSubscription),
		Decisions: mapped(r.Decisions, func(d *Decision) {
			d.Reason, d.ReplacedBy = money.Conceal(d.Reason), money.Conceal(d.ReplacedBy)
		}),
		Proposals: mapped(r.Proposals, func(p *ServiceProposal) {
			for _, text := range []*string{&p.Name, &p.Plan, &p.Need, &p.For, &p.Answer} {
				*text = money.Conceal(*text)
			}
			if money.Conceal(p.URL) != p.URL {
				p.URL = ""
			}
		}),
		Waivers: mapped(r.Waivers, func(w *Waiver) { w.Reason = money.Conceal(w.Reason) }),
		Flags:   slices.DeleteFunc(slices.Clone(r.Flags), func(f Flag) bool { return slices.Contains(moneyFlags, f.FlagKey.Kind) }),
	}
	f.Organisation.VAT, f.Organisation.Books = nil, Bookkeeping{}
	plain := NewRegister(f)
	plain.plain = true
	plain.concealed = func() *Register { return plain }
	for key, a := range r.settled { // what was answered needs no answer, whoever paid
		plain.settled[key] = a
	}
	plain.passing, plain.takenBack = map[chargeKey][]passing{}, r.takenBack
	for key, answers := range r.passing {
		for _, a := range append(slices.Clone(answers), r.timesPaidUp(key)...) {
			switch {
			case !a.part.IsNone(): // the sum of the parts says it
			case a.until.IsZero():
				plain.settled[key] = a.answer
			default:
				plain.passing[key] = append(plain.passing[key], a)
			}
		}
	}
	return plain
}

// mapped is a copy of a list with every record changed.
func mapped[T any](list []T, change func(*T)) []T {
	out := slices.Clone(list)
	for i := range out {
		change(&out[i])
	}
	return out
}

func concealService(s *Service) {
	s.About, s.Note, s.CancelURL = money.Conceal(s.About), money.Conceal(s.Note), money.Conceal(s.CancelURL)
	if money.Conceal(s.URL) != s.URL {
		s.URL = "" // changed, it would lead elsewhere
	}
	a := &s.Access
	for _, text := range []*string{&a.ExportHow, &a.ExportKept, &a.ReplacedBy, &a.PersonalWhose, &a.Purpose, &a.DPAWhere, &a.Hosting, &a.KeptFor} {
		*text = money.Conceal(*text)
	}
}

// concealPlan leaves out where the price was seen too: that page says it.
func concealPlan(p *Plan) {
	p.Name, p.Limits = money.Conceal(p.Name), money.Conceal(p.Limits)
	p.Price, p.SeenOn, p.SeenAt = concealAmount(p.Price), cal.Date{}, ""
}

func concealSubscription(s *Subscription) {
	s.Account, s.Analytic = "", ""
	s.Note, s.CancelReason = money.Conceal(s.Note), money.Conceal(s.CancelReason)
	s.Terms = mapped(s.Terms, func(t *Terms) { t.Price, t.Note = concealAmount(t.Price), money.Conceal(t.Note) })
}

func concealAmount(a money.Amount) money.Amount {
	if a.IsZero() {
		return money.Zero(money.EUR)
	}
	return standIn
}

// withoutMoney leaves out what warns of money, and what is at stake.
func withoutMoney(all []Cause) []Cause {
	all = slices.DeleteFunc(all, func(c Cause) bool { return slices.Contains(moneyFlags, c.Key.Kind) })
	for i := range all {
		all[i].Amount, all[i].Was = money.Amount{}, money.Amount{}
	}
	return all
}
