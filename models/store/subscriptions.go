package store

import (
	"context"
	"errors"
	"slices"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// subscription reads one with its terms and seats.
func (a *act) subscription(id models.ID) (models.Subscription, error) {
	m, err := fetch(a, &subscriptionRow{}, id)
	if err == nil {
		err = theSubscriptions.of(a.context(), a.tx.Statement.ConnPool, a.org.OrganisationID, &m)
	}
	return m, err
}

// subscriptionAt is subscription for a form: refused when it was saved after the form was shown.
func (a *act) subscriptionAt(id models.ID, version int64) (models.Subscription, error) {
	m, err := a.subscription(id)
	if err != nil {
		return m, err
	}
	return m, a.expect("subscription", id, m.Version, version)
}

// insertSubscription writes a new one with its terms and seats, and gives all of them their IDs.
func (a *act) insertSubscription(m *models.Subscription) error {
	name, err := a.nameOfService(m.ServiceID)
	if err != nil {
		return err
	}
	if m.ID, err = insert(a, &subscriptionRow{}, *m, name); err != nil {
		return err
	}
	none := *m
	none.Terms, none.Seats = nil, nil
	changes, err := a.keepParts(none, m)
	if err != nil {
		return err
	}
	note := &a.notes[len(a.notes)-1]
	note.Changes = append(note.Changes, changes...)
	return nil
}

// changeSubscription writes what differs between two states of a subscription, its terms and seats included. They have
// no version of their own: a change of theirs is a change of the subscription.
func (a *act) changeSubscription(before, after models.Subscription) error {
	after.Terms, after.Seats = slices.Clone(after.Terms), slices.Clone(after.Seats)
	return a.keepSubscription(before, &after)
}

// keepSubscription is changeSubscription for who wants to know the IDs that new terms and seats get: after's own.
func (a *act) keepSubscription(before models.Subscription, after *models.Subscription) error {
	changes, err := a.differences(before, *after)
	if err != nil {
		return err
	}
	parts, err := a.keepParts(before, after)
	if err != nil {
		return err
	}
	if changes = append(changes, parts...); len(changes) == 0 {
		return nil
	}
	name, err := a.nameOfService(after.ServiceID)
	if err != nil {
		return err
	}
	r := &subscriptionRow{}
	r.fill(*after)
	if err := rewrite(a, r); err != nil {
		return err
	}
	a.note(r.kind(), after.ID, name, changes)
	return nil
}

// keepParts brings the tables of terms and seats from one state to the other, and tells what changed.
func (a *act) keepParts(before models.Subscription, after *models.Subscription) ([]models.Change, error) {
	org := a.org.OrganisationID
	terms, err := keepPart(a, "terms.", before.Terms, after.Terms,
		func(t *models.Terms) *models.ID { return &t.ID },
		func(t models.Terms) any { r := termsRowOf(org, after.ID, t); return &r })
	if err != nil {
		return nil, err
	}
	seats, err := keepPart(a, "seat.", before.Seats, after.Seats,
		func(s *models.Seat) *models.ID { return &s.ID },
		func(s models.Seat) any { r := seatRowOf(org, after.ID, s); return &r })
	return append(terms, seats...), err
}

// keepPart does so for one of the two lists; what is new in it gets an ID.
func keepPart[M comparable](a *act, field string, before, after []M, id func(*M) *models.ID, row func(M) any) ([]models.Change, error) {
	var changes []models.Change
	tell := func(b, n any) error {
		list, err := a.differences(b, n)
		for _, c := range list {
			c.Field = field + c.Field
			changes = append(changes, c)
		}
		return err
	}
	left := map[models.ID]M{}
	for _, b := range before {
		left[*id(&b)] = b
	}
	for i := range after {
		b, known := left[*id(&after[i])]
		delete(left, *id(&after[i]))
		var err error
		switch {
		case !known:
			*id(&after[i]) = a.nextID()
			if err = a.tx.Create(row(after[i])).Error; err == nil {
				err = tell(nil, after[i])
			}
		case b != after[i]:
			if err = a.tx.Select("*").Updates(row(after[i])).Error; err == nil {
				err = tell(b, after[i])
			}
		}
		if err != nil {
			return nil, err
		}
	}
	for _, b := range before {
		if _, gone := left[*id(&b)]; !gone {
			continue
		}
		if err := a.tx.Delete(row(b)).Error; err != nil {
			return nil, err
		}
		if err := tell(b, nil); err != nil {
			return nil, err
		}
	}
	return changes, nil
}

// Subscribe begins a subscription to a plan. Terms holds what it costs, the first from its first day; without any, the
// plan's own price for one seat. A service has one running subscription at a time ("already_subscribed"), and none while
// it is archived ("service_archived"): nothing would warn of its renewals.
func (s *Store) Subscribe(ctx context.Context, by models.Actor, m models.Subscription) (models.ID, error) {
	return s.add(ctx, by, "subscription.begin", mayEdit, func(a *act) (models.ID, error) {
		if m.PlanID == 0 {
			return 0, m.Check().Err()
		}
		plan, err := fetch(a, &planRow{}, m.PlanID)
		if err != nil {
			return 0, err
		}
		if m.ServiceID == 0 {
			m.ServiceID = plan.ServiceID
		}
		problems, err := a.checkSubscription(m, plan)
		if err != nil {
			return 0, err
		}
		if m.ServiceID != plan.ServiceID {
			problems.Add("plan", "choose")
		}
		if err := problems.Err(); err != nil {
			return 0, err
		}
		return a.subscribe(m, plan)
	})
}

// checkSubscription finds what is wrong with a subscription about to begin or to be saved, its terms included.
func (a *act) checkSubscription(m models.Subscription, plan models.Plan) (models.Invalid, error) {
	v := m.Check()
	for _, t := range m.Terms {
		if t.From.IsZero() {
			t.From = m.StartedOn
		}
		v = all(v, t.Check(plan.Tier))
	}
	err := a.lacks(&v, "owner", "people", m.OwnerID)
	if err == nil {
		err = a.lacks(&v, "means", "means", m.MeansID)
	}
	return v, err
}

// subscribe begins a subscription that has been checked.
func (a *act) subscribe(m models.Subscription, plan models.Plan) (models.ID, error) {
	given := m.Terms
	if len(given) == 0 {
		given = []models.Terms{{Price: plan.Price, PerSeat: plan.PerSeat, Seats: 1}}
	}
	seats := m.Seats
	m.Version, m.Terms, m.Seats = 0, nil, nil
	m.CancelledOn, m.EndsOn, m.CancelReason, m.SuccessorID = cal.Date{}, cal.Date{}, "", 0
	var err error
	for _, t := range given {
		if t.Price.IsNone() { // a free plan's: nothing to pay, in euros
			t.Price = money.Zero(money.EUR)
		}
		t.ID = 0
		if m, err = m.WithTerms(t); err != nil {
			return 0, err
		}
	}
	for _, seat := range seats {
		if m, err = a.assign(m, seat.PersonID, cal.Max(seat.From, m.StartedOn)); err != nil {
			return 0, err
		}
	}
	if err := a.mayRun(m); err != nil {
		return 0, err
	}
	err = a.insertSubscription(&m)
	return m.ID, err
}

// mayRun refuses a subscription of a service that is out of sight, or beside another.
func (a *act) mayRun(m models.Subscription) error {
	n, err := a.count("services", "id = ? AND archived_on IS NOT NULL", m.ServiceID)
	if err != nil {
		return err
	}
	if n > 0 {
		return models.Refused{Rule: "service_archived"}
	}
	return a.alone(m)
}

// alone refuses a subscription that would run beside another of the same service.
func (a *act) alone(m models.Subscription) error {
	others := a.mine().Table("subscriptions").Where("service_id = ? AND id <> ? AND (ends_on IS NULL OR ends_on > max(started_on, ?))", m.ServiceID, m.ID, m.StartedOn)
	if !m.EndsOn.IsZero() { // one called off before its first day has ended by then, and disturbs nobody
		others = others.Where("started_on < ?", m.EndsOn)
	}
	var n int64
	if err := others.Count(&n).Error; err != nil {
		return err
	}
	if n > 0 {
		return models.Refused{Rule: "already_subscribed"}
	}
	return nil
}

// SaveSubscription saves everything but the plan, the terms, the seats and the end. The anchor and the cadence cannot
// move once a charge has been paid or waived, or was paid until a later day ("has_settlements").
func (s *Store) SaveSubscription(ctx context.Context, by models.Actor, m models.Subscription) error {
	return s.write(ctx, by, "subscription.save", mayEdit, func(a *act) error {
		before, err := a.subscription(m.ID)
		if err != nil {
			return err
		}
		m.ServiceID, m.PlanID, m.SuccessorID, m.Leads = before.ServiceID, before.PlanID, before.SuccessorID, m.Leads.Tidy()
		m.CancelledOn, m.EndsOn, m.CancelReason = before.CancelledOn, before.EndsOn, before.CancelReason
		m.Terms, m.Seats = slices.Clone(before.Terms), before.Seats
		problems, err := a.checkSubscription(m, models.Plan{})
		if err != nil {
			return err
		}
		if len(m.Terms) > 1 && !m.StartedOn.Before(m.Terms[1].From) {
			problems.Add("started_on", "before", "day", m.Terms[1].From)
		}
		if err := problems.Err(); err != nil {
			return err
		}
		if err := a.expect("subscription", m.ID, before.Version, m.Version); err != nil {
			return err
		}
		if len(m.Terms) > 0 {
			m.Terms[0].From = m.StartedOn
		}
		if m.Anchor != before.Anchor || m.Cadence != before.Cadence {
			if err := a.unsettled(m.ID); err != nil {
				return err
			}
		}
		if m.StartedOn != before.StartedOn {
			if err := a.alone(m); err != nil {
				return err
			}
		}
		return a.changeSubscription(before, m)
	})
}

// unsettled refuses what would move the days of charges that have been answered, or were until a later day.
func (a *act) unsettled(sub models.ID) error {
	paid, err := a.count("payments", `subscription_id = ? AND charge_on IS NOT NULL AND reverses_id IS NULL AND (reversed_by_id IS NULL OR EXISTS (
		SELECT 1 FROM payments undo WHERE undo.organisation_id = payments.organisation_id AND undo.id = payments.reversed_by_id AND undo.paid_on > payments.paid_on))`, sub)
	if err != nil {
		return err
	}
	waived, err := a.count("waivers", "subscription_id = ?", sub)
	if err == nil && paid+waived > 0 {
		return models.Refused{Rule: "has_settlements", Args: []any{"n", paid + waived}}
	}
	return err
}

// AddTerms notes a change of price or seats from a day on; version is the subscription's.
func (s *Store) AddTerms(ctx context.Context, by models.Actor, sub models.ID, version int64, t models.Terms) error {
	t.ID = 0
	return s.putTerms(ctx, by, "subscription.terms.add", sub, version, t)
}

// SaveTerms corrects terms; the first ones begin with the subscription, whatever day is given.
func (s *Store) SaveTerms(ctx context.Context, by models.Actor, sub models.ID, version int64, t models.Terms) error {
	return s.putTerms(ctx, by, "subscription.terms.save", sub, version, t)
}

func (s *Store) putTerms(ctx context.Context, by models.Actor, verb string, sub models.ID, version int64, t models.Terms) error {
	return s.write(ctx, by, verb, mayEdit, func(a *act) error {
		before, err := a.subscriptionAt(sub, version)
		if err != nil {
			return err
		}
		place := slices.IndexFunc(before.Terms, func(x models.Terms) bool { return x.ID == t.ID })
		if t.ID != 0 && place < 0 {
			return models.ErrNotFound
		}
		plan, err := fetch(a, &planRow{}, before.PlanID)
		if err != nil {
			return err
		}
		if place == 0 && t.ID != 0 {
			t.From = before.StartedOn
		}
		if t.Price.IsNone() && plan.Tier == models.Free {
			t.Price = money.Zero(money.EUR)
		}
		problems := t.Check(plan.Tier)
		if problems.Has("from") {
			return problems
		}
		after, err := before.WithTerms(t)
		var more models.Invalid
		if err != nil && !errors.As(err, &more) {
			return err
		}
		if err := all(problems, more).Err(); err != nil {
			return err
		}
		if err := a.partsStillCount(after); err != nil {
			return err
		}
		return a.changeSubscription(before, after)
	})
}

// RemoveTerms takes back terms that were a mistake; the first ones stay ("first_terms").
func (s *Store) RemoveTerms(ctx context.Context, by models.Actor, sub, terms models.ID) error {
	return s.setSubscription(ctx, by, "subscription.terms.remove", sub, func(a *act, m models.Subscription) (models.Subscription, error) {
		after, err := m.WithoutTerms(terms)
		if err != nil {
			return m, err
		}
		return after, a.partsStillCount(after)
	})
}

// partsStillCount refuses terms in another currency than a part that was paid of a charge under them: it would be spent
// and take nothing off what is due.
func (a *act) partsStillCount(after models.Subscription) error {
	var parts []paymentRow
	err := a.mine().Where("subscription_id = ? AND part = 1 AND reverses_id IS NULL AND reversed_by_id IS NULL", after.ID).Find(&parts).Error
	if err != nil {
		return err
	}
	for i := range parts {
		part := parts[i].model()
		if now := after.TermsOn(part.ChargeOn).Billed(); !now.IsZero() && now.Currency() != part.Billed.Currency() {
			return models.Refused{Rule: "part.currency", Args: []any{"day", part.ChargeOn, "currency", string(part.Billed.Currency())}}
		}
	}
	return nil
}

func (s *Store) setSubscription(
	ctx context.Context, by models.Actor, verb string, sub models.ID, set func(*act, models.Subscription) (models.Subscription, error),
) error {
	return s.write(ctx, by, verb, mayEdit, func(a *act) error {
		before, err := a.subscription(sub)
		if err != nil {
			return err
		}
		after, err := set(a, before)
		if err != nil {
			return err
		}
		return a.changeSubscription(before, after)
	})
}

// AssignSeat gives a person a seat from a day on.
func (s *Store) AssignSeat(ctx context.Context, by models.Actor, sub, person models.ID, on cal.Date) error {
	return s.setSubscription(ctx, by, "subscription.seat.assign", sub, func(a *act, m models.Subscription) (models.Subscription, error) {
		return a.assign(m, person, on)
	})
}

// assign is Assign for somebody who is here.
func (a *act) assign(m models.Subscription, person models.ID, on cal.Date) (models.Subscription, error) {
	if person != 0 && !on.IsZero() {
		n, err := a.count("people", "id = ? AND (left_on IS NULL OR left_on > ?)", person, on)
		if err != nil {
			return m, err
		}
		if n == 0 {
			return m, models.Invalid{{Field: "person", Rule: "choose"}}
		}
	}
	return m.Assign(person, on)
}

// FreeSeat takes a seat back from a day on.
func (s *Store) FreeSeat(ctx context.Context, by models.Actor, sub, seat models.ID, on cal.Date) error {
	return s.setSubscription(ctx, by, "subscription.seat.free", sub, func(_ *act, m models.Subscription) (models.Subscription, error) {
		if on.IsZero() {
			return m, models.Invalid{{Field: "on", Rule: "date.empty"}}
		}
		return m.FreeSeat(seat, on)
	})
}

// UndoFreeSeat gives a seat back to the person it was taken from, as if it had not been: while there is still one free.
func (s *Store) UndoFreeSeat(ctx context.Context, by models.Actor, sub, seat models.ID) error {
	return s.setSubscription(ctx, by, "subscription.seat.restore", sub, func(a *act, m models.Subscription) (models.Subscription, error) {
		place := slices.IndexFunc(m.Seats, func(x models.Seat) bool { return x.ID == seat && !x.To.IsZero() })
		if place < 0 {
			return m, models.ErrNotFound
		}
		freed := m.Seats[place]
		without := m
		without.Seats = slices.Delete(slices.Clone(m.Seats), place, place+1)
		// It would be held again from the day it was taken on: as good as assigning it on that day.
		if _, err := a.assign(without, freed.PersonID, freed.To); err != nil {
			return m, err
		}
		m.Seats = slices.Clone(m.Seats)
		m.Seats[place].To = cal.Date{}
		return m, nil
	})
}
