package store

import (
	"context"
	"slices"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
)

// AddScenario keeps a set of changes under a name. They are checked as typed, and for naming what is there; whether they
// can be made is Register.Try's to say.
func (s *Store) AddScenario(ctx context.Context, by models.Actor, m models.Scenario) (models.ID, error) {
	return s.add(ctx, by, "scenario.add", mayEdit, func(a *act) (models.ID, error) {
		if err := a.checkScenario(m); err != nil {
			return 0, err
		}
		return a.addScenario(m)
	})
}

func (a *act) addScenario(m models.Scenario) (models.ID, error) {
	m.MadeOn, m.MadeBy, m.AppliedAt, m.AppliedBy = a.today(), a.by.Person, time.Time{}, 0
	return insert(a, &scenarioRow{}, m, m.Name)
}

// CopyScenario keeps the changes of a scenario, applied or not, under another name too.
func (s *Store) CopyScenario(ctx context.Context, by models.Actor, id models.ID, name string) (models.ID, error) {
	return s.add(ctx, by, "scenario.copy", mayEdit, func(a *act) (models.ID, error) {
		m, err := fetch(a, &scenarioRow{}, id)
		if err != nil {
			return 0, err
		}
		m.Name = name
		if err := m.Check().Err(); err != nil {
			return 0, err
		}
		return a.addScenario(m)
	})
}

// SaveScenario saves one that was read with its Version. One that was applied stays as it was ("scenario_applied").
func (s *Store) SaveScenario(ctx context.Context, by models.Actor, m models.Scenario) error {
	return s.write(ctx, by, "scenario.save", mayEdit, func(a *act) error {
		before, err := a.openScenario(m.ID)
		if err != nil {
			return err
		}
		if err := a.checkScenario(m); err != nil {
			return err
		}
		if err := a.expect("scenario", m.ID, before.Version, m.Version); err != nil {
			return err
		}
		m.MadeOn, m.MadeBy, m.AppliedAt, m.AppliedBy = before.MadeOn, before.MadeBy, before.AppliedAt, before.AppliedBy
		return change(a, &scenarioRow{}, before, m, m.Name)
	})
}

// RemoveScenario throws a scenario away that was not applied ("scenario_applied").
func (s *Store) RemoveScenario(ctx context.Context, by models.Actor, id models.ID) error {
	return s.write(ctx, by, "scenario.remove", mayEdit, func(a *act) error {
		m, err := a.openScenario(id)
		if err != nil {
			return err
		}
		return remove(a, &scenarioRow{}, m, m.Name)
	})
}

// openScenario is one that was not applied.
func (a *act) openScenario(id models.ID) (models.Scenario, error) {
	m, err := fetch(a, &scenarioRow{}, id)
	if err == nil && m.Applied() {
		err = models.Refused{Rule: "scenario_applied"}
	}
	return m, err
}

// checkScenario also looks that what the changes name is the organisation's.
func (a *act) checkScenario(m models.Scenario) error {
	v := m.Check()
	for i, c := range m.Changes[:min(len(m.Changes), models.MaxChanges)] {
		for _, named := range []struct {
			field, table string
			id           models.ID
		}{
			{"subscription", "subscriptions", c.SubscriptionID},
			{"service", "services", c.ServiceID},
			{"plan", "plans", c.PlanID},
			{"function", "functions", c.FunctionID},
		} {
			if err := a.lacks(&v, models.ChangeField(i, named.field), named.table, named.id); err != nil {
				return err
			}
		}
	}
	return v.Err()
}

// ApplyScenario makes the changes of a scenario in the register, all or none: exactly the acts that Register.Try says,
// each in the log as what it is. It is tried first on the register as it now is, and the director's to do. What drops,
// switches or gives seats is noted as a decision too, the scenario's name being the reason. The error is Invalid as
// Try's, models.Conflict when the scenario was saved meanwhile, or Refused ("scenario_applied", "scenario_empty").
func (s *Store) ApplyScenario(ctx context.Context, by models.Actor, id models.ID, version int64, today cal.Date) error {
	return s.write(ctx, by, "scenario.apply", mayManage, func(a *act) error {
		before, err := a.openScenario(id)
		if err != nil {
			return err
		}
		if err := a.expect("scenario", id, before.Version, version); err != nil {
			return err
		}
		r, err := a.register()
		if err != nil {
			return err
		}
		trial, err := r.Try(before, today)
		if err != nil {
			return err
		}
		if len(trial.Acts) == 0 {
			return models.Refused{Rule: "scenario_empty"}
		}
		making := maker{act: a, reason: before.Name, today: today, real: map[models.ID]models.ID{}}
		for _, x := range trial.Acts {
			if err := making.make(x, before.Changes[x.Change]); err != nil {
				return err
			}
		}
		a.verb = "scenario.apply"
		after := before
		after.AppliedAt, after.AppliedBy = by.At, by.Person
		if by.At.IsZero() {
			after.AppliedAt = today.Time(time.UTC)
		}
		return change(a, &scenarioRow{}, before, after, before.Name)
	})
}

// maker makes the acts of a trial.
type maker struct {
	*act
	reason string
	today  cal.Date
	real   map[models.ID]models.ID // by the ID a record had in the trial
}

// id is a record's own ID.
func (m *maker) id(tried models.ID) models.ID {
	if id, ok := m.real[tried]; ok {
		return id
	}
	return tried
}

// verbsOfChanges are what the acts are called in the log.
var verbsOfChanges = map[models.ScenarioKind]string{
	models.ChangePlan: "subscription.switch", models.ChangeCadence: "subscription.switch", models.ChangeDrop: "subscription.cancel",
	models.ChangeSeats: "subscription.terms.add", models.ChangePrice: "subscription.terms.add",
	models.ChangeAdd: "subscription.begin", models.ChangeRate: "rate.add",
}

func (m *maker) make(x models.TrialAct, c models.ScenarioChange) error {
	if err := m.makeOffer(x); err != nil {
		return err
	}
	m.verb = verbsOfChanges[x.Kind]
	if x.Rate.ID != 0 {
		_, err := m.putRate(x.Rate)
		return err
	}
	if x.Begins.ID != 0 {
		next := m.translated(x.Begins)
		if err := m.insertSubscription(&next); err != nil {
			return err
		}
		m.learn(x.Begins, next)
	}
	if x.Before.ID == 0 {
		return nil
	}
	before, err := m.subscription(m.id(x.Before.ID))
	if err != nil {
		return err
	}
	after := m.translated(x.After)
	if err := m.keepSubscription(before, &after); err != nil {
		return err
	}
	m.learn(x.After, after)
	return m.decideOn(x, c, after)
}

// makeOffer adds the service and the plan that are new.
func (m *maker) makeOffer(x models.TrialAct) (err error) {
	if x.Service.ID != 0 {
		m.verb = "service.add"
		if m.real[x.Service.ID], err = insert(m.act, &serviceRow{}, x.Service, x.Service.Name); err != nil {
			return err
		}
	}
	if x.Plan.ID == 0 {
		return nil
	}
	m.verb = "plan.add"
	p := x.Plan
	p.ServiceID = m.id(p.ServiceID)
	name, err := m.nameOfPlan(p)
	if err != nil {
		return err
	}
	m.real[x.Plan.ID], err = insert(m.act, &planRow{}, p, name)
	return err
}

// translated is a subscription of the trial with the IDs its records have here; those it does not have yet it gets when
// it is written.
func (m *maker) translated(s models.Subscription) models.Subscription {
	s.ID, s.ServiceID, s.PlanID, s.SuccessorID = m.id(s.ID), m.id(s.ServiceID), m.id(s.PlanID), m.id(s.SuccessorID)
	s.Terms, s.Seats = slices.Clone(s.Terms), slices.Clone(s.Seats)
	for i := range s.Terms {
		s.Terms[i].ID = m.id(s.Terms[i].ID)
	}
	for i := range s.Seats {
		s.Seats[i].ID = m.id(s.Seats[i].ID)
	}
	return s
}

// learn remembers the IDs a subscription, its terms and its seats got.
func (m *maker) learn(tried, kept models.Subscription) {
	m.real[tried.ID] = kept.ID
	for i := range tried.Terms {
		m.real[tried.Terms[i].ID] = kept.Terms[i].ID
	}
	for i := range tried.Seats {
		m.real[tried.Seats[i].ID] = kept.Seats[i].ID
	}
}

// decideOn notes the decision an act is, if it is one.
func (m *maker) decideOn(x models.TrialAct, c models.ScenarioChange, s models.Subscription) error {
	switch x.Kind {
	case models.ChangeDrop:
		return m.decide(s, models.Drop, s.CancelledOn, m.reason)
	case models.ChangePlan:
		old, err := fetch(m.act, &planRow{}, s.PlanID)
		if err != nil {
			return err
		}
		plan, err := fetch(m.act, &planRow{}, m.id(x.Begins.PlanID))
		if err != nil {
			return err
		}
		return m.decide(s, direction(old, plan, s.TermsOn(s.EndsOn), x.Begins.Terms[0]), s.EndsOn, m.reason)
	case models.ChangeSeats:
		return m.decideSeats(s, x.Before.TermsOn(c.On).Seats, c.Seats)
	default:
		return nil
	}
}

func (m *maker) decideSeats(s models.Subscription, was, will int) error {
	d := models.Decision{
		ServiceID: s.ServiceID, SubscriptionID: s.ID, Kind: models.Upgrade, On: m.today, By: m.by.Person, Reason: m.reason, Seats: will,
	}
	if will < was {
		d.Kind = models.Downgrade
	}
	name, err := m.nameOfService(s.ServiceID)
	if err != nil {
		return err
	}
	_, err = insert(m.act, &decisionRow{}, d, name)
	return err
}
