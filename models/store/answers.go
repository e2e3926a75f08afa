package store

import (
	"context"
	"errors"

	"enveloppe/models"
	"enveloppe/models/cal"
)

// Answer is what somebody says to a renewal, and what it takes to follow it at once.
type Answer struct {
	Decision models.Decision // of SubscriptionID, on Renewal; By is the actor when nobody is named
	Version  int64           // of the subscription, as it was shown
	EndsOn   cal.Date        // Drop, Replace: the first day without it; zero for the first one the contract allows
	Plan     models.ID       // Downgrade to another plan, from the renewal
	Terms    models.Terms    // what that plan costs; its day is the renewal
	Seats    int             // Downgrade to fewer seats, from the renewal
	Proofs   []NamedFile
	Exported bool // the service's data were taken out on the day of the decision
}

// NamedFile is a file as it came.
type NamedFile struct {
	Name    string
	Content []byte
}

// AnswerRenewal notes a decision on a renewal and carries it out: the subscription ends, goes over to another plan, or
// pays for fewer seats, and what proves it is filed. A change of plan is noted for what it is, up or down. The same
// decision to keep it, sent twice, is noted once.
func (s *Store) AnswerRenewal(ctx context.Context, by models.Actor, a Answer, today cal.Date) (models.ID, error) {
	return s.add(ctx, by, "renewal.answer", mayEdit, func(x *act) (models.ID, error) {
		before, err := x.subscription(a.Decision.SubscriptionID)
		if err != nil {
			return 0, err
		}
		if a.Decision.By == 0 {
			a.Decision.By = x.by.Person
		}
		a.Decision.ServiceID = before.ServiceID
		if same, err := x.keptAlready(a.Decision); err != nil || same != 0 {
			return same, err
		}
		if err := x.expect("subscription", before.ID, before.Version, a.Version); err != nil {
			return 0, err
		}
		d, err := x.carryOut(before, a, today)
		if err != nil {
			return 0, err
		}
		name, err := x.nameOfService(d.ServiceID)
		if err != nil {
			return 0, err
		}
		if d.ID, err = insert(x, &decisionRow{}, d, name); err != nil {
			return 0, err
		}
		for _, f := range a.Proofs {
			if _, err := x.addProof(d.ID, f); err != nil {
				return 0, err
			}
		}
		if a.Exported {
			return d.ID, x.exported(d.ServiceID, d.On)
		}
		return d.ID, nil
	})
}

// keptAlready finds the decision to keep something that would only be noted again.
func (a *act) keptAlready(d models.Decision) (models.ID, error) {
	if d.Kind != models.Keep {
		return 0, nil
	}
	var last []decisionRow
	err := a.mine().Where("subscription_id = ? AND renewal = ?", d.SubscriptionID, d.Renewal).Order("id DESC").Limit(1).Find(&last).Error
	if err != nil || len(last) == 0 {
		return 0, err
	}
	was := last[0].model()
	d.ID, d.Version, d.ServiceID = was.ID, was.Version, was.ServiceID
	if d != was {
		return 0, nil
	}
	return was.ID, nil
}

// carryOut does to the subscription what an answer says, and gives the decision to be noted.
func (a *act) carryOut(before models.Subscription, said Answer, today cal.Date) (models.Decision, error) {
	d := said.Decision
	plan, err := a.planOf(said.Plan)
	if err != nil {
		return d, err
	}
	said.Terms.ID = 0
	if said.Terms.Price.IsNone() && plan.Tier == models.Free {
		said.Terms.Price = freePrice(plan).Price
	}
	d, after, next, err := before.Follow(models.Answer{Decision: d, EndsOn: said.EndsOn, Plan: plan, Terms: said.Terms, Seats: said.Seats}, today)
	var bad models.Invalid
	if err != nil && !errors.As(err, &bad) {
		return d, err
	}
	if err := a.lacks(&bad, "by", "people", d.By); err != nil {
		return d, err
	}
	if err := bad.Err(); err != nil {
		return d, err
	}
	switch {
	case next.ServiceID != 0:
		_, d.Kind, err = a.takeOver(before, after, next, plan)
	default:
		if err := a.partsStillCount(after); err != nil {
			return d, err
		}
		err = a.changeSubscription(before, after)
	}
	return d, err
}

// planOf reads the plan named in a form; none for 0.
func (a *act) planOf(id models.ID) (models.Plan, error) {
	if id == 0 {
		return models.Plan{}, nil
	}
	plan, err := fetch(a, &planRow{}, id)
	if errors.Is(err, models.ErrNotFound) {
		return plan, models.Invalid{{Field: "plan", Rule: "choose"}}
	}
	return plan, err
}

// exported notes the day the data of a service were taken out, unless a later one is noted.
func (a *act) exported(service models.ID, on cal.Date) error {
	before, err := fetch(a, &serviceRow{}, service)
	if err != nil || on.Before(before.ExportedOn) {
		return err
	}
	after := before
	after.ExportedOn, after.Access.ExportedBy = on, a.by.Person
	return change(a, &serviceRow{}, before, after, before.Name)
}

// UndoAnswer takes the latest answer to a renewal back, with its files, and what followed from it: what was cancelled
// goes on, the plan is the one before, the seats are paid for again. That the data were taken out stays, for they were.
// Refused when there is a later answer ("answer_later"), when a charge at the new number of seats has been answered
// ("answer_paid"), or when the register says something else by now ("answer_changed").
func (s *Store) UndoAnswer(ctx context.Context, by models.Actor, id models.ID) error {
	return s.write(ctx, by, "renewal.answer.undo", mayEdit, func(a *act) error {
		d, err := fetch(a, &decisionRow{}, id)
		if err != nil {
			return err
		}
		if d.Renewal.IsZero() || d.SubscriptionID == 0 {
			return models.Refused{Rule: "not_an_answer"}
		}
		n, err := a.count("decisions", "subscription_id = ? AND renewal IS NOT NULL AND id > ?", d.SubscriptionID, d.ID)
		if err != nil {
			return err
		}
		if n > 0 {
			return models.Refused{Rule: "answer_later"}
		}
		if err := a.removeDecision(d); err != nil {
			return err
		}
		return a.unfollow(d)
	})
}

// unfollow undoes what an answer did to its subscription; the decision itself is gone already.
func (a *act) unfollow(d models.Decision) error {
	m, err := a.subscription(d.SubscriptionID)
	if err != nil {
		return err
	}
	changed := models.Refused{Rule: "answer_changed", Args: []any{"day", d.Renewal}}
	switch {
	case d.Kind == models.Drop || d.Kind == models.Replace:
		if m.EndsOn.IsZero() {
			return nil // taken back already
		}
		if m.CancelledOn != d.On || m.SuccessorID != 0 {
			return changed
		}
		return a.reopen(m)
	case d.Seats > 0:
		if err := a.unansweredFrom(m.ID, d.Renewal); err != nil {
			return err
		}
		if !m.EndsOn.IsZero() {
			return changed
		}
		after, err := m.WithSeatsBack(d)
		if err != nil {
			return err
		}
		if err := a.partsStillCount(after); err != nil {
			return err
		}
		return a.changeSubscription(m, after)
	case d.Kind == models.Upgrade || d.Kind == models.Downgrade:
		if m.SuccessorID == 0 || m.EndsOn != d.Renewal {
			return changed
		}
		return a.switchBack(m)
	}
	return nil
}

// unansweredFrom refuses to change what charges cost once one from the day on has been paid or waived.
func (a *act) unansweredFrom(sub models.ID, day cal.Date) error {
	paid, err := a.count("payments", "subscription_id = ? AND charge_on >= ? AND reverses_id IS NULL AND reversed_by_id IS NULL", sub, day)
	if err != nil {
		return err
	}
	waived, err := a.count("waivers", "subscription_id = ? AND charge_on >= ?", sub, day)
	if err == nil && paid+waived > 0 {
		return models.Refused{Rule: "answer_paid", Args: []any{"n", paid + waived}}
	}
	return err
}

// removeDecision takes a decision away with the files that prove it.
func (a *act) removeDecision(d models.Decision) error {
	proofs, err := a.proofs("decision_id = ?", d.ID)
	if err != nil {
		return err
	}
	for _, p := range proofs {
		if err := a.removeProof(p); err != nil {
			return err
		}
	}
	name, err := a.nameOfService(d.ServiceID)
	if err != nil {
		return err
	}
	return remove(a, &decisionRow{}, d, name)
}
