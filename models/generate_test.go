package models

import (
	"fmt"
	"math/rand/v2"
	"time"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// today is the day the tests stand on.
var today = cal.MustNew(2026, time.November, 15)

func day(text string) cal.Date {
	d, err := cal.Parse(text)
	if err != nil {
		panic(text + ": " + err.Error())
	}
	return d
}

func rate(text string) money.Rate {
	r, err := money.ParseRate(text)
	if err != nil {
		panic(text + ": " + err.Error())
	}
	return r
}

func percent(text string) money.Percent {
	p, err := money.ParsePercent(text)
	if err != nil {
		panic(text + ": " + err.Error())
	}
	return p
}

const usd, gbp, jpy money.Currency = "USD", "GBP", "JPY"

func eur(cents int64) money.Amount { return money.Euros(cents) }

func dollars(cents int64) money.Amount { return money.Cents(cents, usd) }

// association is an organisation like the one the program was made for, with nothing in its register.
func association() Organisation {
	return Organisation{
		ID: 1, Name: "Les Amis du fleuve", YearStart: cal.YearStart{Month: time.January, Day: 1}, Zone: DefaultZone, Lang: French,
		Headcount: 5, KeptFrom: day("2026-01-01"),
		MarginDays: DefaultMarginDays, DecideWindow: DefaultDecideWindow, RenewalWindow: DefaultRenewalWindow,
	}
}

// manyServices is a register of n services with one subscription each, the same for the same n: six in ten are paid,
// by the year, the month or four weeks, a quarter of those in another currency or by seat. What fell due until
// September is recorded.
func manyServices(n int) Facts {
	rnd := rand.New(rand.NewPCG(1, uint64(n)))
	f := Facts{Organisation: association()}
	last := ID(1)
	next := func() ID { last++; return last }
	for i := range 20 {
		f.People = append(f.People, Person{ID: next(), Name: fmt.Sprint("Personne ", i), Role: Staff, Lang: French})
	}
	f.Functions = []Function{{ID: next(), Name: "Données", Account: DefaultAccount}}
	f.Vendors = []Vendor{{ID: next(), Name: "Ici", Country: "FR"}, {ID: next(), Name: "Ailleurs", Country: "IE"}}
	f.Means = []Means{{ID: next(), Name: "Carte", ExpiresOn: day("2026-12-31")}}
	f.Envelopes = []Envelope{{ID: next(), Year: 2026, Floor: eur(int64(n) * 1000), Ceiling: eur(int64(n) * 9000)}}
	f.Rates = manyRates(next)
	for i := range n {
		f.Services = append(f.Services, Service{
			ID: next(), Name: fmt.Sprint("Service ", i), FunctionID: f.Functions[0].ID, VendorID: f.Vendors[rnd.IntN(2)].ID,
			ExportEvery: DefaultExportEvery, ExportedOn: today.AddDays(-rnd.IntN(120)),
		})
	}
	for i := range n {
		p := Plan{ID: next(), ServiceID: f.Services[i].ID, Name: "Formule", Tier: Free, Cadence: cal.Yearly}
		if rnd.IntN(10) < 6 {
			p.Tier, p.Price = Premium, eur(500+rnd.Int64N(20_000))
			p.Cadence = []cal.Cadence{cal.Yearly, cal.Yearly, cal.Monthly, {Every: 4, Unit: cal.Week}}[rnd.IntN(4)]
			if rnd.IntN(4) == 0 {
				p.Price = dollars(500 + rnd.Int64N(20_000))
			}
			p.PerSeat = rnd.IntN(4) == 0
		}
		f.Plans = append(f.Plans, p)
	}
	for i := range n {
		f.Subscriptions = append(f.Subscriptions, subscriptionTo(f.Plans[i], next, rnd, f.People, f.Means[0].ID))
	}
	f.Payments = paidUntil(f, day("2026-10-01"), next)
	return f
}

func subscriptionTo(p Plan, next func() ID, rnd *rand.Rand, people []Person, means ID) Subscription {
	start := day("2023-01-01").AddDays(rnd.IntN(3 * 365))
	if rnd.IntN(2) == 0 {
		start = start.MonthEnd()
	}
	s := Subscription{
		ID: next(), ServiceID: p.ServiceID, PlanID: p.ID, StartedOn: start, Anchor: start, Cadence: p.Cadence,
		Notice: cal.Notice{N: rnd.IntN(3), Unit: cal.Month}, AutoRenew: true, OwnerID: people[rnd.IntN(len(people))].ID, MeansID: means,
		Terms: []Terms{{ID: next(), From: start, Price: p.Price, PerSeat: p.PerSeat, Seats: 1 + rnd.IntN(6)}},
	}
	if p.Tier == Free {
		s.LookOn = today.AddDays(rnd.IntN(365))
	} else if rnd.IntN(5) == 0 {
		t := s.Terms[0]
		t.ID, t.From, t.Price = next(), today.AddDays(rnd.IntN(200)), t.Price.Add(t.Price)
		s.Terms = append(s.Terms, t)
	}
	for i := range min(s.Terms[0].Seats, 4) {
		s.Seats = append(s.Seats, Seat{ID: next(), PersonID: people[i].ID, From: start})
	}
	return s
}

// manyRates are three months of published dollar and pound rates, as a daily import leaves them, and one for planning.
func manyRates(next func() ID) []ReferenceRate {
	rates := []ReferenceRate{
		{ID: next(), Currency: usd, Day: day("2025-12-31"), Rate: rate("1.0855"), Source: RateTyped},
		{ID: next(), Currency: gbp, Day: day("2025-12-31"), Rate: rate("0.8556"), Source: RateTyped},
	}
	for i := 90; i >= 0; i-- {
		d := today.AddDays(-i)
		if d.Weekday() == time.Saturday || d.Weekday() == time.Sunday {
			continue
		}
		rates = append(rates,
			ReferenceRate{ID: next(), Currency: usd, Day: d, Rate: rate(fmt.Sprintf("1.0%03d", 700+i)), Source: RateECB},
			ReferenceRate{ID: next(), Currency: gbp, Day: d, Rate: rate(fmt.Sprintf("0.8%03d", 500+i)), Source: RateECB})
	}
	return rates
}

// paidUntil are payments of the charges before a day, each as it was expected.
func paidUntil(f Facts, until cal.Date, next func() ID) []Payment {
	r := NewRegister(f)
	var all []Payment
	for _, c := range r.Charges(cal.Span{From: f.Organisation.KeptFrom, To: until}, today) {
		p := paymentOf(r, c, c.On)
		p.ID = next()
		all = append(all, p)
	}
	return all
}

// paymentOf is the payment of a charge on a day, exactly as it was expected: same amount, same euros, same VAT.
func paymentOf(r *Register, c Charge, on cal.Date) Payment {
	p := Payment{
		ServiceID: c.ServiceID, SubscriptionID: c.SubscriptionID, ChargeOn: c.On, PaidOn: on, Billed: c.Billed,
		Rate: c.Conversion.Rate, RateDay: c.Conversion.Day, Foreign: r.vendorsAbroad[c.ServiceID],
	}
	if c.Conversion.Source != "" {
		p.RateSource = RateInvoice
	}
	status := r.Organisation.VATStatusOn(c.On)
	if status.Kind == PartDeducts && !p.Foreign && c.Conversion.OK() {
		// The invoice prints the tax that was expected of it, and in euros: a tax printed in yen is rounded to yen.
		p.Billed = c.Conversion.EUR
		_, p.VAT = standardVAT.Included(p.Billed)
	}
	return p.Settle(status)
}
