package sample

import (
	"fmt"
	"slices"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

func (b *builder) decisions() {
	for _, d := range []struct {
		service string
		kind    models.DecisionKind
		day     int
		look    int
		reason  text
	}{
		{"Google Apps", models.Decline, -327, 38, text{"La version gratuite suffit à cinq personnes.", "The free edition is enough for five people."}},
		{"Google Agenda", models.StayFree, -323, 42, text{"Version gratuite suffisante pour les tournées.", "The free edition is enough for our tours."}},
		{"Gmail", models.StayFree, -250, 115, text{"Chacun a déjà son adresse.", "Everybody has an address already."}},
		{"Scoop.it", models.Downgrade, -215, 0, text{"Trois thèmes au lieu de cinq.", "Three topics instead of five."}},
		{"Dropbox", models.Keep, -340, 0, text{"Indispensable en déplacement : 50 Go synchronisés.", "We cannot travel without it: 50 GB in sync."}},
	} {
		x := models.Decision{ID: b.next(), ServiceID: b.serviceByName[d.service], Kind: d.kind, On: b.today.AddDays(d.day), By: b.f.People[claire].ID, Reason: b.say(d.reason)}
		if d.look != 0 {
			x.LookAgainOn = b.today.AddDays(d.look)
		}
		b.f.Decisions = append(b.f.Decisions, x)
	}
}

// monthly is the service that is paid each month: its last charge is still to be recorded, and one of last year's was
// waived.
const monthly = "Brevo"

func (b *builder) subscriptionOf(name string) models.Subscription {
	for _, s := range slices.Backward(b.f.Subscriptions) {
		if s.ServiceID == b.serviceByName[name] {
			return s
		}
	}
	panic("no subscription to " + name)
}

func (b *builder) waiver() {
	s := b.subscriptionOf(monthly)
	lastYear := b.year().Prev().Span()
	for k, on := range s.Cadence.In(s.Anchor, lastYear) {
		if k%7 != 3 {
			continue
		}
		b.f.Waivers = append(b.f.Waivers, models.Waiver{
			ID: b.next(), SubscriptionID: s.ID, ChargeOn: on, By: b.f.People[karim].ID, On: on.AddDays(4),
			Reason: b.say(text{"mois offert après une panne", "month offered after an outage"}),
		})
		return
	}
}

// payments answers every charge up to today but the last monthly one; the first of this year was typed wrong and put
// right.
func (b *builder) payments() {
	r := models.NewRegister(b.f)
	due := b.subscriptionOf(monthly)
	for _, c := range r.Charges(cal.Span{From: b.f.Organisation.KeptFrom, To: b.today.AddDays(1)}, b.today) {
		if !r.IsOpen(c) || (c.SubscriptionID == due.ID && c.On.AddDays(7).After(b.today)) {
			continue
		}
		b.pay(r, c)
	}
	b.correction()
}

func (b *builder) pay(r *models.Register, c models.Charge) {
	s, _ := r.Subscription(c.SubscriptionID)
	sv, _ := r.Service(c.ServiceID)
	vendor, _ := r.Vendor(sv.VendorID)
	p := models.Payment{
		ID: b.next(), ServiceID: c.ServiceID, SubscriptionID: c.SubscriptionID, ChargeOn: c.On, PaidOn: c.On, Period: c.Period,
		InvoiceDate: c.On, InvoiceNumber: fmt.Sprintf("%.3s-%d%02d-%03d", fold(sv.Name), c.On.Year(), c.On.Month(), 100+c.K*17%900),
		VendorName: vendor.Name, Country: vendor.Country, Foreign: vendor.Foreign(), Billed: c.Billed,
		Account: r.AccountOf(s), Analytic: s.Analytic, RecordedAt: b.at, RecordedBy: b.f.People[karim].ID,
	}
	if c.Billed.Currency() == money.EUR {
		p.VATRate = money.PercentOf(models.StandardVAT)
		_, p.VAT = p.VATRate.Included(p.Billed)
	} else if conv := r.Convert(c.Billed, c.On, b.today); conv.OK() {
		p.Debited = conv.EUR // what the bank took
	} else {
		p.Debited = b.f.Rates[0].Rate.ToEUR(c.Billed)
	}
	if c.ServiceID == b.serviceByName["Flickr"] {
		p.InvoiceNumber, p.InvoiceDate = "", cal.Date{} // the invoice still to be found
	}
	b.f.Payments = append(b.f.Payments, p.Settle(r.Organisation.VATStatusOn(c.On)))
}

// correction makes the first payment of the register one that was typed wrong, reversed and recorded anew.
func (b *builder) correction() {
	right := b.f.Payments[0]
	wrong := right
	wrong.ID = b.next()
	wrong.Billed = wrong.Billed.Add(money.New(9*10_000, wrong.Billed.Currency()))
	wrong.VAT, wrong.VATRate, wrong.Debited = money.Amount{}, money.Percent{}, money.Amount{}
	if wrong.Billed.Currency() != money.EUR {
		wrong.Debited = right.EUR.Add(money.Euros(900))
	}
	wrong = wrong.Settle(b.f.Organisation.VATStatusOn(wrong.PaidOn))
	undo, err := wrong.Reversal(cal.Date{})
	if err != nil {
		panic(err) // it has just been made
	}
	undo.ID = b.next()
	undo.Note = b.say(text{"montant mal recopié", "amount copied wrong"})
	wrong.ReversedByID = undo.ID
	b.f.Payments = append(b.f.Payments, wrong, undo)
}

// flags are those the daily job has raised up to today, and one of last year that has cleared since.
func (b *builder) flags() {
	raised, _ := models.NewRegister(b.f).FlagPass(b.today)
	for _, f := range raised {
		f.ID, f.RaisedOn = b.next(), b.today.AddDays(-1)
		b.f.Flags = append(b.f.Flags, f)
	}
	last := b.year().Prev()
	b.f.Flags = append(b.f.Flags, models.Flag{
		ID:       b.next(),
		FlagKey:  models.FlagKey{Kind: models.FlagEnvelope, Subject: b.f.Organisation.ID, On: last.Span().From},
		RaisedOn: last.Span().From.AddMonths(5), ClearedOn: last.Span().From.AddMonths(6),
	})
}

// fold keeps the letters of a name, in capitals.
func fold(name string) string {
	var out []rune
	for _, r := range name {
		if r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		if r >= 'A' && r <= 'Z' {
			out = append(out, r)
		}
	}
	return string(out)
}
