package models

import (
	"slices"
	"time"

	"enveloppe/models/cal"
	"enveloppe/models/money"

	"pgregory.net/rapid"
)

// drawDay gives a day of some years, half of the time one from the 28th to the 31st: that is where months are lost.
func drawDay(t *rapid.T, label string, from, to int) cal.Date {
	y := rapid.IntRange(from, to).Draw(t, label+" year")
	m := time.Month(rapid.IntRange(1, 12).Draw(t, label+" month"))
	first := cal.MustNew(y, m, 1)
	if rapid.Bool().Draw(t, label+" at month end") {
		return cal.Min(first.AddDays(rapid.IntRange(27, 30).Draw(t, label+" day")), first.MonthEnd())
	}
	return first.AddDays(rapid.IntRange(0, 27).Draw(t, label+" day"))
}

func drawCadence(t *rapid.T) cal.Cadence {
	return rapid.SampledFrom([]cal.Cadence{
		cal.Monthly, cal.Monthly, cal.Yearly, cal.Yearly, cal.Quarterly, cal.HalfYearly, cal.OneOff,
		{Every: 4, Unit: cal.Week},
		{Every: 10, Unit: cal.Day},
		{Every: 2, Unit: cal.Year},
		{Every: 5, Unit: cal.Month},
	}).Draw(t, "cadence")
}

func drawNotice(t *rapid.T) cal.Notice {
	return rapid.SampledFrom([]cal.Notice{
		{}, {}, {N: 1, Unit: cal.Month}, {N: 30, Unit: cal.Day}, {N: 2, Unit: cal.Week}, {N: 3, Unit: cal.Month}, {N: 14, Unit: cal.Month},
	}).Draw(t, "notice")
}

func drawPrice(t *rapid.T) money.Amount {
	// Francs have no rate in any drawn register.
	c := rapid.SampledFrom([]money.Currency{money.EUR, money.EUR, money.EUR, usd, usd, jpy, "CHF"}).Draw(t, "currency")
	n := rapid.Int64Range(0, 40_000).Draw(t, "price")
	if c.Digits() == 0 {
		return money.Cents(n*100, c)
	}
	return money.Cents(n, c)
}

func drawTerms(t *rapid.T, from cal.Date) Terms {
	return Terms{From: from, Price: drawPrice(t), PerSeat: rapid.Bool().Draw(t, "per seat"), Seats: rapid.IntRange(1, 5).Draw(t, "seats")}
}

// maybe gives a day some days after another half of the time, else none.
func maybe(t *rapid.T, label string, after cal.Date, low, high int) cal.Date {
	if rapid.IntRange(0, 2).Draw(t, label+"?") > 0 {
		return cal.Date{}
	}
	return after.AddDays(rapid.IntRange(low, high).Draw(t, label))
}

// drawSubscription draws one that Check lets pass.
func drawSubscription(t *rapid.T, next func() ID, plan Plan, people []Person) Subscription {
	start := drawDay(t, "start", 2024, 2027)
	s := Subscription{
		ID: next(), ServiceID: plan.ServiceID, PlanID: plan.ID, StartedOn: start, Anchor: start, Cadence: drawCadence(t),
		Notice: drawNotice(t), AutoRenew: rapid.IntRange(0, 3).Draw(t, "auto") > 0,
	}
	s.TrialEnds = maybe(t, "trial", start, 1, 40)
	s.GrantEnds = maybe(t, "grant", start, 1, 400)
	s.FixedUntil = maybe(t, "fixed", start, 1, 800)
	if rapid.IntRange(0, 3).Draw(t, "anchor") == 0 {
		s.Anchor = start.AddDays(rapid.IntRange(0, 40).Draw(t, "anchor later"))
	}
	s.EndsOn = maybe(t, "end", start, 1, 900)
	s.Terms = []Terms{drawTerms(t, start)}
	s.Terms[0].ID = next()
	for range rapid.IntRange(0, 2).Draw(t, "more terms") {
		last := s.Terms[len(s.Terms)-1]
		more := drawTerms(t, last.From.AddDays(rapid.IntRange(1, 400).Draw(t, "terms later")))
		more.ID = next()
		s.Terms = append(s.Terms, more)
	}
	if len(people) > 0 && rapid.Bool().Draw(t, "somebody") {
		s.OwnerID = people[0].ID
		if x, err := s.Assign(people[0].ID, start); err == nil {
			x.Seats[0].ID = next()
			s = x
		}
	}
	return s
}

// drawFacts draws a whole register of a few services around the years 2024 to 2028, with payments and waivers of some
// of the charges up to a day.
func drawFacts(t *rapid.T, on cal.Date) Facts {
	last := ID(1)
	next := func() ID { last++; return last }
	o := association()
	o.KeptFrom = rapid.SampledFrom([]cal.Date{{}, day("2024-01-01"), day("2026-01-31"), on.AddDays(-100)}).Draw(t, "kept from")
	o.YearStart = rapid.SampledFrom([]cal.YearStart{{Month: 1, Day: 1}, {Month: 9, Day: 1}, {Month: 4, Day: 6}}).Draw(t, "year start")
	o.MarginDays = rapid.SampledFrom([]int{0, 2, 10}).Draw(t, "margin")
	for i, kind := range rapid.SliceOfNDistinct(rapid.SampledFrom([]VATKind{NotTaxable, NoDeduction, PartDeducts}), 0, 2, rapid.ID).Draw(t, "vat") {
		o.VAT = append(o.VAT, VATStatus{From: day("2024-01-01").AddMonths(20 * i), Kind: kind, Share: percent("37")})
	}
	f := Facts{Organisation: o}
	f.People = []Person{{ID: next(), Name: "Awa", Role: Editor, Lang: French}}
	f.Vendors = []Vendor{{ID: next(), Name: "Ici", Country: "FR"}, {ID: next(), Name: "Ailleurs", Country: "IE"}}
	f.Means = []Means{{ID: next(), Name: "Carte", ExpiresOn: on.AddDays(rapid.IntRange(-10, 90).Draw(t, "card"))}}
	floor, room := rapid.Int64Range(0, 100_000).Draw(t, "floor"), rapid.Int64Range(1, 100_000).Draw(t, "room")
	for y := 2023; y <= 2029; y++ {
		f.Envelopes = append(f.Envelopes, Envelope{ID: next(), Year: y, Floor: eur(floor), Ceiling: eur(floor + room)})
	}
	source := rapid.SampledFrom([]RateSource{RateECB, RateTyped}).Draw(t, "source")
	gap := rapid.IntRange(1, 90).Draw(t, "rate gap")
	for i, d := 0, day("2023-06-01"); d.Before(day("2027-06-01")); i, d = i+1, d.AddDays(gap) {
		f.Rates = append(f.Rates, ReferenceRate{ID: next(), Currency: usd, Day: d, Rate: []money.Rate{rate("1.0714"), rate("1.1279")}[i%2], Source: source},
			ReferenceRate{ID: next(), Currency: jpy, Day: d, Rate: rate("125.38"), Source: source})
	}
	for range rapid.IntRange(1, 5).Draw(t, "services") {
		sv := Service{ID: next(), Name: "Service", VendorID: f.Vendors[rapid.IntRange(0, 1).Draw(t, "vendor")].ID, ExportEvery: rapid.SampledFrom([]int{0, 90}).Draw(t, "export")}
		sv.ClosesOn = maybe(t, "closes", on, -30, 300)
		plan := Plan{ID: next(), ServiceID: sv.ID, Name: "Formule", Tier: rapid.SampledFrom([]Tier{Premium, Premium, Free}).Draw(t, "tier"), Cadence: cal.Yearly}
		s := drawSubscription(t, next, plan, f.People)
		s.MeansID = f.Means[0].ID
		s.LookOn = maybe(t, "look", on, -10, 100)
		f.Services, f.Plans, f.Subscriptions = append(f.Services, sv), append(f.Plans, plan), append(f.Subscriptions, s)
	}
	return drawAnswers(t, f, on, next)
}

// drawAnswers answers some of the charges up to a day: paid, in parts, with others on one invoice, waived or not at all,
// and some payments taken back, the same day or, their accounts being closed, later.
func drawAnswers(t *rapid.T, f Facts, on cal.Date, next func() ID) Facts {
	r := NewRegister(f)
	var together []Charge // to be invoiced with others
	for _, c := range r.Charges(cal.Span{From: day("2024-01-01"), To: on.AddDays(1)}, on) {
		switch rapid.IntRange(0, 7).Draw(t, "answer") {
		case 0, 1:
			p := paymentOf(r, c, c.On)
			p.ID, p.Exempt = next(), rapid.IntRange(0, 3).Draw(t, "exempt") == 0
			f.Payments = append(f.Payments, p.Settle(r.Organisation.VATStatusOn(c.On)))
			f = drawReversal(t, f, on, p.ID, next)
		case 2:
			f.Waivers = append(f.Waivers, Waiver{ID: next(), SubscriptionID: c.SubscriptionID, ChargeOn: c.On, On: c.On, Reason: "offert"})
		case 3: // something that was never expected, and perhaps taken back
			p := paymentOf(r, c, c.On)
			p.ID, p.ChargeOn, p.SubscriptionID = next(), cal.Date{}, 0
			f.Payments = append(f.Payments, p)
			f = drawReversal(t, f, on, p.ID, next)
		case 4:
			f = drawParts(t, f, r, c, on, next)
		case 5:
			together = append(together, c)
		}
	}
	return drawInvoices(t, f, r, together, next)
}

// drawReversal takes a payment back half of the time: on its day, or on a later one, perhaps after the day asked about,
// because its accounts have been closed.
func drawReversal(t *rapid.T, f Facts, on cal.Date, id ID, next func() ID) Facts {
	p := f.Payments[len(f.Payments)-1]
	switch rapid.IntRange(0, 5).Draw(t, "reversed") {
	case 0, 1:
		return reverse(f, id, next())
	case 2:
		through := p.PaidOn.AddDays(rapid.IntRange(0, 40).Draw(t, "closed through"))
		at := cal.Max(on, through).AddDays(rapid.IntRange(1, 40).Draw(t, "reversed after"))
		if rapid.Bool().Draw(t, "known by then") {
			at = cal.Max(p.PaidOn, cal.Min(at, on))
		}
		if NewRegister(f).ClosedThrough().Before(through) {
			f.Closings = append(slices.Clone(f.Closings), Closing{ID: next(), Through: through, On: through.AddDays(1)})
		}
		return reverseOn(f, id, next(), at)
	}
	return f
}

// drawParts pays a charge in one to three parts over some weeks, which may add up to it or to more.
func drawParts(t *rapid.T, f Facts, r *Register, c Charge, on cal.Date, next func() ID) Facts {
	left := c.Billed
	for _, size := range c.Billed.Split(rapid.IntRange(1, 3).Draw(t, "parts")) {
		c.Billed = size
		if rapid.IntRange(0, 3).Draw(t, "odd part") == 0 {
			c.Billed = size.Prorate(rapid.Int64Range(1, 150).Draw(t, "percent"), 100)
		}
		if !c.Billed.IsPositive() || !left.IsPositive() {
			break // nothing to pay a part of
		}
		left = left.Sub(c.Billed)
		r.value(&c, on)
		p := paymentOf(r, c, c.On.AddDays(rapid.IntRange(0, 40).Draw(t, "paid later")))
		if p.Billed.Currency() != c.Billed.Currency() {
			break // invoiced in euros
		}
		p.ID, p.Part = next(), true
		f.Payments = append(f.Payments, p)
		f = drawReversal(t, f, on, p.ID, next)
	}
	return f
}

// drawInvoices pays charges two or three at a time, those of one currency and of one side of the border together.
func drawInvoices(t *rapid.T, f Facts, r *Register, charges []Charge, next func() ID) Facts {
	type kind struct {
		currency money.Currency
		foreign  bool
	}
	groups := map[kind][]Charge{}
	for _, c := range charges {
		p := paymentOf(r, c, c.On)
		k := kind{p.Billed.Currency(), p.Foreign}
		if groups[k] = append(groups[k], c); len(groups[k]) < rapid.IntRange(2, 3).Draw(t, "lines") {
			continue
		}
		i := Invoice{Payment: p}
		i.PaidOn = c.On
		i.Billed, i.VAT = money.Amount{}, money.Amount{}
		for _, c := range groups[k] {
			one := paymentOf(r, c, c.On)
			i.Billed = i.Billed.Add(one.Billed)
			i.Lines = append(i.Lines, InvoiceLine{ServiceID: c.ServiceID, SubscriptionID: c.SubscriptionID, ChargeOn: c.On, Billed: one.Billed, VAT: one.VAT, Period: c.Period})
		}
		f.Payments = append(f.Payments, numbered(i.Settle(r.Organisation.VATStatusOn(i.PaidOn)), next)...)
		delete(groups, k)
	}
	return f
}

// numbered gives the payments of an invoice their IDs.
func numbered(lines []Payment, next func() ID) []Payment {
	for n := range lines {
		lines[n].ID = next()
		lines[n].InvoiceID = lines[0].ID
	}
	return lines
}

// reverse is the facts with one payment reversed by another on its own day.
func reverse(f Facts, id, by ID) Facts { return reverseOn(f, id, by, cal.Date{}) }

// reverseOn is reverse on another day.
func reverseOn(f Facts, id, by ID, on cal.Date) Facts {
	f.Payments = slices.Clone(f.Payments)
	at := slices.IndexFunc(f.Payments, func(p Payment) bool { return p.ID == id })
	undo, err := f.Payments[at].Reversal(on)
	if err != nil {
		panic(err)
	}
	undo.ID = by
	f.Payments[at].ReversedByID = by
	f.Payments = append(f.Payments, undo)
	return f
}

// freeID is one nothing has.
func freeID(f Facts) ID {
	top := ID(0)
	for _, p := range f.Payments {
		top = max(top, p.ID)
	}
	for _, w := range f.Waivers {
		top = max(top, w.ID)
	}
	for _, s := range f.Subscriptions {
		top = max(top, s.ID)
		for _, x := range s.Terms {
			top = max(top, x.ID)
		}
		for _, x := range s.Seats {
			top = max(top, x.ID)
		}
	}
	return top + 1
}
