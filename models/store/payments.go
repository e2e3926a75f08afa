package store

import (
	"context"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// RecordPayment notes money that left; today is the organisation's day. What was not given is filled in: vendor and
// country from the service, account and analytic code from the subscription or the function, the period from the
// charge, and for a foreign amount the bank did not turn into euros the reference rate of the day it was paid. With no
// rate it stays "not converted". One charge is settled once ("charge.settled"; "charge.none" when there is none that day),
// in whole or in parts of its currency ("part.currency"). Refused ("closed") on a day of a closed period.
//
// A Version is the revision that whoever typed it had seen: the same payment recorded by them since then is this one sent
// twice, and its ID is answered.
func (s *Store) RecordPayment(ctx context.Context, by models.Actor, p models.Payment, today cal.Date) (models.ID, error) {
	return s.add(ctx, by, "payment.record", mayEdit, func(a *act) (models.ID, error) {
		if twin, err := a.sentBefore(p); err != nil || twin.ID != 0 {
			return twin.ID, err
		}
		p, err := a.complete(p, today, models.Payment{})
		if err != nil {
			return 0, err
		}
		return a.insertPayment(p)
	})
}

// sentBefore is the payment that the same form has recorded already; one without ID when none has.
func (a *act) sentBefore(p models.Payment) (models.Payment, error) {
	if p.Version <= 0 {
		return models.Payment{}, nil
	}
	var since []paymentRow
	err := a.mine().Where("version > ? AND +recorded_by = ? AND reverses_id IS NULL AND reversed_by_id IS NULL", p.Version, a.by.Person).
		Order("+id").Find(&since).Error // the pluses keep SQLite to the few of late, rather than all of a person's
	if err != nil {
		return models.Payment{}, err
	}
	for i := range since {
		x := since[i].model()
		if x.ServiceID == p.ServiceID && x.SubscriptionID == p.SubscriptionID && x.ChargeOn == p.ChargeOn && x.Part == p.Part &&
			x.PaidOn == p.PaidOn && x.Billed == p.Billed && x.InvoiceNumber == p.InvoiceNumber && x.Note == p.Note {
			return x, nil
		}
	}
	return models.Payment{}, nil
}

func (a *act) insertPayment(p models.Payment) (models.ID, error) {
	name, err := a.nameOfService(p.ServiceID)
	if err != nil {
		return 0, err
	}
	return insert(a, &paymentRow{}, p, name)
}

// complete checks a payment as typed and fills in what follows from the register. The charge may be the one that
// payment undone answers, as it is about to be open again.
func (a *act) complete(p models.Payment, today cal.Date, undone models.Payment) (models.Payment, error) {
	r, err := a.register()
	if err != nil {
		return p, err
	}
	var v models.Invalid
	service, sub, err := a.place(&v, r, &p, today, undone)
	if err != nil {
		return p, err
	}
	if err := all(p.Check(today), v).Err(); err != nil {
		return p, err
	}
	if err := a.open(p.PaidOn); err != nil {
		return p, err
	}
	p.ID, p.Version, p.ReversesID, p.ReversedByID, p.InvoiceID = 0, 0, 0, 0, undone.InvoiceID
	p.RecordedAt, p.RecordedBy = a.by.At, a.by.Person
	p = copied(r, p, service, sub)
	p = rated(r, p, today)
	return p.Settle(r.Organisation.VATStatusOn(p.PaidOn)), nil
}

// place finds the service, the subscription and the charge a payment is for.
func (a *act) place(v *models.Invalid, r *models.Register, p *models.Payment, today cal.Date, undone models.Payment) (models.Service, models.Subscription, error) {
	sub, subscribed := r.Subscription(p.SubscriptionID)
	if p.SubscriptionID != 0 && (!subscribed || (p.ServiceID != 0 && p.ServiceID != sub.ServiceID)) {
		v.Add("subscription", "choose")
	} else if p.ServiceID == 0 {
		p.ServiceID = sub.ServiceID
	}
	service, ok := r.Service(p.ServiceID)
	if !ok && p.ServiceID != 0 {
		v.Add("service", "choose")
	}
	if p.ChargeOn.IsZero() || v.Has("subscription") {
		return service, sub, nil
	}
	return service, sub, a.answer(v, r, p, today, undone)
}

// answer ties a payment to the charge it settles, or pays a part of.
func (a *act) answer(v *models.Invalid, r *models.Register, p *models.Payment, today cal.Date, undone models.Payment) error {
	settled, err := a.answersTo(p.SubscriptionID, p.ChargeOn, undone.ID)
	if err != nil {
		return err
	}
	c, expected := r.Charge(p.SubscriptionID, p.ChargeOn, today)
	if expected && p.Part && !p.Billed.IsNone() && p.Billed.Currency() != c.Billed.Currency() {
		v.Add("billed", "part.currency", "currency", string(c.Billed.Currency()))
	}
	again := undone.ID != 0 && p.SubscriptionID == undone.SubscriptionID && p.ChargeOn == undone.ChargeOn
	switch {
	case again: // even if terms have changed since and nothing is expected that day any more
		if settled.whole && !p.Part {
			v.Add("charge", "charge.settled")
		}
		return nil
	case !expected:
		v.Add("charge", "charge.none")
		return nil
	case settled.by(c):
		v.Add("charge", "charge.settled")
	}
	if p.Period == (cal.Span{}) {
		p.Period = c.Period
	}
	return nil
}

// answers is what stands on a charge: a payment of the whole or a waiver, and payments of parts.
type answers struct {
	whole bool
	parts []money.Amount
}

// by tells whether the answers settle the charge; c is the whole of it.
func (s answers) by(c models.Charge) bool {
	paid := money.Zero(c.Billed.Currency())
	for _, part := range s.parts {
		if part.Currency() == c.Billed.Currency() {
			paid = paid.Add(part)
		}
	}
	return s.whole || (paid.IsPositive() && !paid.Less(c.Billed))
}

// answersTo reads them as the transaction sees them, with what it has written itself, all but one payment's.
func (a *act) answersTo(subscription models.ID, on cal.Date, but models.ID) (answers, error) {
	var s answers
	var rows []paymentRow
	err := a.mine().Where("subscription_id = ? AND charge_on = ? AND reverses_id IS NULL AND reversed_by_id IS NULL AND id <> ?",
		subscription, on, but).Find(&rows).Error
	if err != nil {
		return s, err
	}
	for i := range rows {
		if s.whole = s.whole || !rows[i].Part; rows[i].Part {
			s.parts = append(s.parts, rows[i].Billed.money())
		}
	}
	waived, err := a.count("waivers", "subscription_id = ? AND charge_on = ?", subscription, on)
	s.whole = s.whole || waived > 0
	return s, err
}

// copied takes along what must not change when the register does later.
func copied(r *models.Register, p models.Payment, service models.Service, sub models.Subscription) models.Payment {
	vendor, _ := r.Vendor(service.VendorID)
	if p.VendorName == "" {
		p.VendorName = vendor.Name
	}
	if p.Country == "" {
		p.Country = vendor.Country
	}
	if p.Country != "" {
		p.Foreign = models.Vendor{Country: p.Country}.Foreign()
	}
	if p.Account == "" {
		p.Account = r.AccountOfService(p.ServiceID)
		if sub.ID != 0 {
			p.Account = r.AccountOf(sub)
		}
	}
	if p.Analytic == "" {
		p.Analytic = sub.Analytic
	}
	return p
}

// rated gives a foreign payment the rate it will be converted with, unless the bank has said how many euros it was.
func rated(r *models.Register, p models.Payment, today cal.Date) models.Payment {
	switch {
	case p.Billed.Currency() == money.EUR, !p.Debited.IsNone():
		// Nothing to convert, or the bank has done it.
	case p.Rate.IsZero():
		if c := r.Convert(p.Billed, p.PaidOn, today); c.OK() {
			p.Rate, p.RateDay, p.RateSource = c.Rate, c.Day, c.Source
		}
	case p.RateDay.IsZero():
		p.RateDay = p.PaidOn
	}
	return p
}

// ReversePayment undoes a payment by another with the same figures and the other sign, and answers that one's ID. What
// the payment settled is open again, and so is its bank line. It is dated as the payment is, or on the day of the act
// when that day is closed. Of an invoice over several services, the others stay.
func (s *Store) ReversePayment(ctx context.Context, by models.Actor, id models.ID, note string) (models.ID, error) {
	return s.add(ctx, by, "payment.reverse", mayEdit, func(a *act) (models.ID, error) { return a.reverse(id, note) })
}

func (a *act) reverse(id models.ID, note string) (models.ID, error) {
	p, err := fetch(a, &paymentRow{}, id)
	if err != nil {
		return 0, err
	}
	undoing, err := a.undo(p, note)
	if err != nil {
		return 0, err
	}
	return undoing, a.release(p)
}

// undo writes the payment that undoes p.
func (a *act) undo(p models.Payment, note string) (models.ID, error) {
	on, err := a.reversalDay(p)
	if err != nil {
		return 0, err
	}
	undoing, err := p.Reversal(on)
	if err != nil {
		return 0, err
	}
	undoing.Note, undoing.RecordedAt, undoing.RecordedBy = note, a.by.At, a.by.Person
	if err := undoing.CheckReversal().Err(); err != nil {
		return 0, err
	}
	if undoing.ID, err = a.insertPayment(undoing); err != nil {
		return 0, err
	}
	name, err := a.nameOfService(p.ServiceID)
	if err != nil {
		return 0, err
	}
	undone := p
	undone.ReversedByID = undoing.ID
	return undoing.ID, change(a, &paymentRow{}, p, undone, name)
}

// reversalDay is the payment's own, or the day of the act when the accounts of that day are closed.
func (a *act) reversalDay(p models.Payment) (cal.Date, error) {
	through, err := a.closedThrough()
	if err != nil || p.PaidOn.After(through) {
		return p.PaidOn, err
	}
	on := through.AddDays(1)
	if !a.by.At.IsZero() {
		on = a.today()
	}
	return on, a.open(on)
}

// release gives back what a payment held that has been undone: to what still stands of its invoice, else the files stay
// with it and its bank line is open again.
func (a *act) release(p models.Payment) error {
	if p.InvoiceID != 0 {
		p.ReversedByID = 0
		rest, err := a.invoiceOf(p)
		if err != nil {
			return err
		}
		if len(rest) > 0 {
			return a.handOver(p, models.Payment{ID: rest[0]})
		}
	}
	return a.openLine(p.ID)
}

// handOver gives the files and the bank line of a payment to the one that has taken its place.
func (a *act) handOver(from, to models.Payment) error {
	if err := a.follow(from, to); err != nil {
		return err
	}
	return a.moveLine(from.ID, to.ID)
}

// CorrectPayment undoes a payment and records it anew, in one step; it answers the new one's ID. Its files and its bank
// line go along, and it stays on its invoice. When the day of the wrong one is closed, the right one is dated on an open
// day ("closed"), and the files are with both.
func (s *Store) CorrectPayment(ctx context.Context, by models.Actor, id models.ID, p models.Payment, today cal.Date) (models.ID, error) {
	return s.add(ctx, by, "payment.correct", mayEdit, func(a *act) (models.ID, error) {
		undone, err := fetch(a, &paymentRow{}, id)
		if err != nil {
			return 0, err
		}
		if _, err := undone.Reversal(undone.PaidOn); err != nil {
			return 0, err
		}
		p, err := a.complete(p, today, undone)
		if err != nil {
			return 0, err
		}
		if _, err := a.undo(undone, p.Note); err != nil {
			return 0, err
		}
		if p.ID, err = a.insertPayment(p); err != nil {
			return 0, err
		}
		return p.ID, a.handOver(undone, p)
	})
}

// RebookPayment undoes a payment and records it anew with another account, analytic code, invoice or note, and nothing else
// of it changed: no amount, no day. Refused while the accounts of its day are closed ("closed").
func (s *Store) RebookPayment(ctx context.Context, by models.Actor, id models.ID, b models.Booking) (models.ID, error) {
	return s.add(ctx, by, "payment.rebook", mayBook, func(a *act) (models.ID, error) {
		undone, err := fetch(a, &paymentRow{}, id)
		if err != nil {
			return 0, err
		}
		if _, err := undone.Reversal(undone.PaidOn); err != nil {
			return 0, err
		}
		if err := a.open(undone.PaidOn); err != nil {
			return 0, err
		}
		p := undone.Rebooked(b)
		if p == undone {
			return id, nil
		}
		if err := append(b.Check(), p.Check(a.today())...).Err(); err != nil {
			return 0, err
		}
		p.RecordedAt, p.RecordedBy = a.by.At, a.by.Person
		if _, err := a.undo(undone, b.Note); err != nil {
			return 0, err
		}
		if p.ID, err = a.insertPayment(p); err != nil {
			return 0, err
		}
		return p.ID, a.handOver(undone, p)
	})
}

// Waive notes that an expected charge, or what is left of one, will not be paid; without a day, on the day of the act.
// Refused ("closed") for a charge of a closed period.
func (s *Store) Waive(ctx context.Context, by models.Actor, w models.Waiver) (models.ID, error) {
	return s.add(ctx, by, "charge.waive", mayEdit, func(a *act) (models.ID, error) {
		r, err := a.register()
		if err != nil {
			return 0, err
		}
		w.By = a.by.Person
		if w.On.IsZero() {
			w.On = r.Organisation.Today(a.by.At)
		}
		v := w.Check()
		if !v.Has("charge") {
			if c, ok := r.Charge(w.SubscriptionID, w.ChargeOn, w.On); !ok {
				v.Add("charge", "charge.none")
			} else if !r.IsOpen(c) {
				v.Add("charge", "charge.settled")
			}
		}
		if err := v.Err(); err != nil {
			return 0, err
		}
		if err := a.open(w.ChargeOn); err != nil {
			return 0, err
		}
		sub, _ := r.Subscription(w.SubscriptionID)
		name, err := a.nameOfService(sub.ServiceID)
		if err != nil {
			return 0, err
		}
		return insert(a, &waiverRow{}, w, name)
	})
}

// Unwaive takes a waiver back: the charge is open again. Refused ("closed") for one of a closed period.
func (s *Store) Unwaive(ctx context.Context, by models.Actor, id models.ID) error {
	return s.write(ctx, by, "charge.unwaive", mayEdit, func(a *act) error {
		w, err := fetch(a, &waiverRow{}, id)
		if err != nil {
			return err
		}
		if err := a.open(w.ChargeOn); err != nil {
			return err
		}
		sub, err := fetch(a, &subscriptionRow{}, w.SubscriptionID)
		if err != nil {
			return err
		}
		name, err := a.nameOfService(sub.ServiceID)
		if err != nil {
			return err
		}
		return remove(a, &waiverRow{}, w, name)
	})
}
