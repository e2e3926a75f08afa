package store

import (
	"cmp"
	"context"
	"errors"

	"gorm.io/gorm"

	"enveloppe/models"
	"enveloppe/models/cal"
)

// Cancel ends a subscription: cancelled on day on, without it from day end on; an end of zero is the first day the
// contract allows. The decision is noted with its reason.
func (s *Store) Cancel(ctx context.Context, by models.Actor, sub models.ID, version int64, on, end cal.Date, reason string) error {
	return s.write(ctx, by, "subscription.cancel", mayEdit, func(a *act) error {
		before, err := a.subscriptionAt(sub, version)
		if err != nil {
			return err
		}
		after, err := before.Cancel(on, end, reason)
		if err != nil {
			return err
		}
		if err := a.changeSubscription(before, after); err != nil {
			return err
		}
		return a.decide(after, models.Drop, on, reason)
	})
}

// decide notes what an act on a subscription decided.
func (a *act) decide(m models.Subscription, kind models.DecisionKind, on cal.Date, reason string) error {
	name, err := a.nameOfService(m.ServiceID)
	if err != nil {
		return err
	}
	_, err = insert(a, &decisionRow{}, models.Decision{
		ServiceID: m.ServiceID, SubscriptionID: m.ID, Kind: kind, On: on, By: a.by.Person, Reason: reason,
	}, name)
	return err
}

// undecide takes back the decision such an act noted, if it is still there.
func (a *act) undecide(m models.Subscription, kinds []models.DecisionKind, on cal.Date) error {
	var r decisionRow
	err := a.mine().Where("subscription_id = ? AND kind IN ? AND seats = 0 AND (on_day = ? OR renewal = ?)", m.ID, kinds, on, on).Order("id DESC").Take(&r).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.removeDecision(r.model())
}

// Reopen takes a cancellation back, and the decision that went with it.
func (s *Store) Reopen(ctx context.Context, by models.Actor, sub models.ID) error {
	return s.write(ctx, by, "subscription.reopen", mayEdit, func(a *act) error {
		before, err := a.subscription(sub)
		if err != nil {
			return err
		}
		if err := a.reopen(before); err != nil {
			return err
		}
		return a.undecide(before, []models.DecisionKind{models.Drop, models.Replace}, before.CancelledOn)
	})
}

func (a *act) reopen(before models.Subscription) error {
	after, err := before.Reopen()
	if err != nil {
		return err
	}
	if err := a.mayRun(after); err != nil {
		return err
	}
	return a.changeSubscription(before, after)
}

// SwitchPlan ends a subscription and begins its successor on another plan of the service, with the seats held, and
// answers the successor's ID. It counts as the decision to upgrade or to downgrade.
func (s *Store) SwitchPlan(ctx context.Context, by models.Actor, w Switch) (models.ID, error) {
	return s.add(ctx, by, "subscription.switch", mayEdit, func(a *act) (models.ID, error) {
		before, err := a.subscriptionAt(w.Subscription, w.Version)
		if err != nil {
			return 0, err
		}
		if w.On.IsZero() {
			return 0, models.Invalid{{Field: "on", Rule: "date.empty"}}
		}
		if w.Plan == 0 {
			return 0, models.Invalid{{Field: "plan", Rule: "choose"}}
		}
		plan, err := a.planOf(w.Plan)
		if err != nil {
			return 0, err
		}
		w.Terms.ID, w.Terms.From = 0, w.On
		if w.Terms.Price.IsNone() && plan.Tier == models.Free {
			w.Terms.Price = freePrice(plan).Price
		}
		ended, next, err := before.SwitchTo(plan, w.On, w.Terms, w.Reason)
		if err != nil {
			return 0, err
		}
		id, kind, err := a.takeOver(before, ended, next, plan)
		if err != nil {
			return 0, err
		}
		return id, a.decide(ended, kind, w.On, w.Reason)
	})
}

// takeOver writes a change of plan, gives the successor its ID, and tells which way it goes.
func (a *act) takeOver(before, ended, next models.Subscription, plan models.Plan) (models.ID, models.DecisionKind, error) {
	old, err := fetch(a, &planRow{}, before.PlanID)
	if err != nil {
		return 0, "", err
	}
	next.ID = before.ID // the one it may stand beside, until it has its own
	if err := a.alone(next); err != nil {
		return 0, "", err
	}
	if err := a.insertSubscription(&next); err != nil {
		return 0, "", err
	}
	ended.SuccessorID = next.ID
	return next.ID, direction(old, plan, before.TermsOn(next.StartedOn), next.Terms[0]), a.changeSubscription(before, ended)
}

// direction is whether a change of plan goes up or down: by tier, else by what a year costs.
func direction(old, plan models.Plan, was, will models.Terms) models.DecisionKind {
	up := cmp.Compare(yearly(plan.Cadence, will), yearly(old.Cadence, was)) >= 0
	if old.Tier != plan.Tier {
		up = plan.Tier == models.Premium
	}
	if up {
		return models.Upgrade
	}
	return models.Downgrade
}

// yearly is roughly what terms cost in a year, in units of whatever currency: enough to tell more from less.
func yearly(c cal.Cadence, t models.Terms) int64 {
	days := map[cal.Unit]int64{cal.Day: 1, cal.Week: 7, cal.Month: 30, cal.Year: 365, cal.Once: 365}
	return t.Billed().Units() / max(days[c.Unit]*int64(c.Every), 1) * 365
}

// UndoSwitch takes a change of plan back, given the subscription it ended: the successor goes, with its terms and
// seats. Refused once something was paid or waived on it ("successor_paid"), or when it has itself ended ("already_ending").
func (s *Store) UndoSwitch(ctx context.Context, by models.Actor, sub models.ID) error {
	return s.write(ctx, by, "subscription.switch.undo", mayEdit, func(a *act) error {
		before, err := a.subscription(sub)
		if err != nil {
			return err
		}
		if before.SuccessorID == 0 {
			return models.Refused{Rule: "not_switched"}
		}
		if err := a.undecide(before, []models.DecisionKind{models.Upgrade, models.Downgrade}, before.CancelledOn); err != nil {
			return err
		}
		return a.switchBack(before)
	})
}

// switchBack lets a subscription go on as if nothing had taken over from it.
func (a *act) switchBack(before models.Subscription) error {
	next, err := a.subscription(before.SuccessorID)
	if err != nil {
		return err
	}
	if err := a.mayVanish(next); err != nil {
		return err
	}
	after := before
	after.CancelledOn, after.EndsOn, after.CancelReason, after.SuccessorID = cal.Date{}, cal.Date{}, "", 0
	if err := a.changeSubscription(before, after); err != nil {
		return err
	}
	return a.removeSubscription(next, after)
}

// mayVanish tells whether nothing hangs on a subscription that is about to be as if it had never been.
func (a *act) mayVanish(m models.Subscription) error {
	if !m.EndsOn.IsZero() {
		return models.Refused{Rule: "already_ending", Args: []any{"day", m.EndsOn}}
	}
	for _, table := range []string{"payments", "waivers"} {
		n, err := a.count(table, "subscription_id = ?", m.ID)
		if err != nil {
			return err
		}
		if n > 0 {
			return models.Refused{Rule: "successor_paid", Args: []any{"n", n}}
		}
	}
	return nil
}

// removeSubscription takes a subscription away; what was decided of it is kept with the one it goes back to.
func (a *act) removeSubscription(m, heir models.Subscription) error {
	var decided []decisionRow
	if err := a.mine().Where("subscription_id = ?", m.ID).Find(&decided).Error; err != nil {
		return err
	}
	name, err := a.nameOfService(m.ServiceID)
	if err != nil {
		return err
	}
	for _, r := range decided {
		before := r.model()
		after := before
		after.SubscriptionID, after.Renewal = heir.ID, cal.Date{} // the renewal it answered is not the heir's
		if err := change(a, &decisionRow{}, before, after, name); err != nil {
			return err
		}
	}
	for _, part := range []any{&termsRow{}, &seatRow{}} {
		if err := a.mine().Where("subscription_id = ?", m.ID).Delete(part).Error; err != nil {
			return err
		}
	}
	return remove(a, &subscriptionRow{}, m, name)
}

// AddDecision notes what was decided of a service. Keeping, or staying free, until a day to look again moves that day
// of the subscription too.
func (s *Store) AddDecision(ctx context.Context, by models.Actor, d models.Decision) (models.ID, error) {
	return s.add(ctx, by, "decision.add", mayEdit, func(a *act) (models.ID, error) {
		sub, err := a.checkDecision(&d)
		if err != nil {
			return 0, err
		}
		name, err := a.nameOfService(d.ServiceID)
		if err != nil {
			return 0, err
		}
		id, err := insert(a, &decisionRow{}, d, name)
		if err != nil {
			return 0, err
		}
		return id, a.lookAgain(sub, d)
	})
}

// checkDecision also fills in what follows: the service from the subscription, the person from the actor.
func (a *act) checkDecision(d *models.Decision) (models.Subscription, error) {
	var sub models.Subscription
	var err error
	if d.SubscriptionID != 0 {
		if sub, err = a.subscription(d.SubscriptionID); err != nil {
			return sub, err
		}
		if d.ServiceID == 0 {
			d.ServiceID = sub.ServiceID
		}
	}
	if d.By == 0 {
		d.By = a.by.Person
	}
	v := d.Check()
	if d.ServiceID == 0 || (sub.ID != 0 && sub.ServiceID != d.ServiceID) {
		v.Add("service", "choose")
	}
	if err = a.lacks(&v, "service", "services", d.ServiceID); err == nil {
		err = a.lacks(&v, "by", "people", d.By)
	}
	if err != nil {
		return sub, err
	}
	return sub, v.Err()
}

func (a *act) lookAgain(sub models.Subscription, d models.Decision) error {
	if sub.ID == 0 || d.LookAgainOn.IsZero() || (d.Kind != models.StayFree && d.Kind != models.Keep) {
		return nil
	}
	after := sub
	after.LookOn = d.LookAgainOn
	return a.changeSubscription(sub, after)
}

// SaveDecision corrects a decision; it stays with its service and subscription.
func (s *Store) SaveDecision(ctx context.Context, by models.Actor, d models.Decision) error {
	return s.write(ctx, by, "decision.save", mayEdit, func(a *act) error {
		before, err := fetch(a, &decisionRow{}, d.ID)
		if err != nil {
			return err
		}
		d.ServiceID, d.SubscriptionID, d.Renewal = before.ServiceID, before.SubscriptionID, before.Renewal
		d.Seats, d.SeatsWas = before.Seats, before.SeatsWas
		if d.By == 0 {
			d.By = before.By
		}
		sub, err := a.checkDecision(&d)
		if err != nil {
			return err
		}
		if err := a.expect("decision", d.ID, before.Version, d.Version); err != nil {
			return err
		}
		name, err := a.nameOfService(d.ServiceID)
		if err != nil {
			return err
		}
		if err := change(a, &decisionRow{}, before, d, name); err != nil {
			return err
		}
		if d.LookAgainOn == before.LookAgainOn {
			return nil
		}
		return a.lookAgain(sub, d)
	})
}

// RemoveDecision takes a decision back, with the files kept with it. What it did to a subscription stays.
func (s *Store) RemoveDecision(ctx context.Context, by models.Actor, id models.ID) error {
	return s.write(ctx, by, "decision.remove", mayEdit, func(a *act) error {
		d, err := fetch(a, &decisionRow{}, id)
		if err != nil {
			return err
		}
		return a.removeDecision(d)
	})
}
