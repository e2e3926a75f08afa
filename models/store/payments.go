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
// rate it stays "not converted". One charge is settled once ("charge.settled"; "charge.none" when there is none that day).
func (s *Store) RecordPayment(ctx context.Context, by models.Actor, p models.Payment, today cal.Date) (models.ID, error) {
	return s.add(ctx, by, "payment.record", mayEdit, func(a *act) (models.ID, error) {
		p, err := a.complete(p, today, models.Payment{})
		if err != nil {
			return 0, err
		}
		return a.insertPayment(p)
	})
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
	sub, subscribed := r.Subscription(p.SubscriptionID)
	if p.SubscriptionID != 0 && (!subscribed || (p.ServiceID != 0 && p.ServiceID != sub.ServiceID)) {
		v.Add("subscription", "choose")
	} else if p.ServiceID == 0 {
		p.ServiceID = sub.ServiceID
	}
	v = all(p.Check(today), v)
	service, ok := r.Service(p.ServiceID)
	if !ok && !v.Has("service") {
		v.Add("service", "choose")
	}
	if !p.ChargeOn.IsZero() && !v.Has("subscription") {
		p = answer(&v, r, p, today, undone)
	}
	if err := v.Err(); err != nil {
		return p, err
	}
	p.ID, p.Version, p.ReversesID, p.ReversedByID = 0, 0, 0, 0
	p.RecordedAt, p.RecordedBy = a.by.At, a.by.Person
	p = copied(r, p, service, sub)
	p = rated(r, p, today)
	return p.Settle(r.Organisation.VATStatusOn(p.PaidOn)), nil
}

// answer ties a payment to the charge it settles.
func answer(v *models.Invalid, r *models.Register, p models.Payment, today cal.Date, undone models.Payment) models.Payment {
	if undone.ID != 0 && p.SubscriptionID == undone.SubscriptionID && p.ChargeOn == undone.ChargeOn {
		return p // even if terms have changed since and nothing is expected that day any more
	}
	c, ok := r.Charge(p.SubscriptionID, p.ChargeOn, today)
	if !ok {
		v.Add("charge", "charge.none")
		return p
	}
	if !r.IsOpen(c) {
		v.Add("charge", "charge.settled")
	}
	if p.Period == (cal.Span{}) {
		p.Period = c.Period
	}
	return p
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
// the payment settled is open again.
func (s *Store) ReversePayment(ctx context.Context, by models.Actor, id models.ID, note string) (models.ID, error) {
	return s.add(ctx, by, "payment.reverse", mayEdit, func(a *act) (models.ID, error) {
		return a.reverse(id, note)
	})
}

func (a *act) reverse(id models.ID, note string) (models.ID, error) {
	p, err := fetch(a, &paymentRow{}, id)
	if err != nil {
		return 0, err
	}
	undoing, err := p.Reversal()
	if err != nil {
		return 0, err
	}
	undoing.Note, undoing.RecordedAt, undoing.RecordedBy = note, a.by.At, a.by.Person
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

// CorrectPayment undoes a payment and records it anew, in one step; it answers the new one's ID.
func (s *Store) CorrectPayment(ctx context.Context, by models.Actor, id models.ID, p models.Payment, today cal.Date) (models.ID, error) {
	return s.add(ctx, by, "payment.correct", mayEdit, func(a *act) (models.ID, error) {
		undone, err := fetch(a, &paymentRow{}, id)
		if err != nil {
			return 0, err
		}
		if _, err := undone.Reversal(); err != nil {
			return 0, err
		}
		p, err := a.complete(p, today, undone)
		if err != nil {
			return 0, err
		}
		if _, err := a.reverse(id, p.Note); err != nil {
			return 0, err
		}
		return a.insertPayment(p)
	})
}

// Waive notes that an expected charge will not be paid; without a day, on the day of the act.
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
		sub, _ := r.Subscription(w.SubscriptionID)
		name, err := a.nameOfService(sub.ServiceID)
		if err != nil {
			return 0, err
		}
		return insert(a, &waiverRow{}, w, name)
	})
}

// Unwaive takes a waiver back: the charge is open again.
func (s *Store) Unwaive(ctx context.Context, by models.Actor, id models.ID) error {
	return s.write(ctx, by, "charge.unwaive", mayEdit, func(a *act) error {
		w, err := fetch(a, &waiverRow{}, id)
		if err != nil {
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
