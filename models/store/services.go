package store

import (
	"context"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// AddService adds a service, used or only considered.
func (s *Store) AddService(ctx context.Context, by models.Actor, v models.Service) (models.ID, error) {
	return s.add(ctx, by, "service.add", mayEdit, func(a *act) (models.ID, error) {
		problems, err := a.checkService(v)
		if err != nil {
			return 0, err
		}
		if err := problems.Err(); err != nil {
			return 0, err
		}
		v.ArchivedOn = cal.Date{}
		return insert(a, &serviceRow{}, v, v.Name)
	})
}

func (a *act) checkService(v models.Service) (models.Invalid, error) {
	problems := v.Check()
	err := a.lacks(&problems, "function", "functions", v.FunctionID)
	if err == nil {
		err = a.lacks(&problems, "vendor", "vendors", v.VendorID)
	}
	if err == nil {
		err = a.checkAccess(&problems, v.Access)
	}
	return problems, err
}

// SaveService saves a service. Archiving has verbs of its own, and so have its data and access.
func (s *Store) SaveService(ctx context.Context, by models.Actor, v models.Service) error {
	return s.write(ctx, by, "service.save", mayEdit, func(a *act) error {
		before, err := fetch(a, &serviceRow{}, v.ID)
		if err != nil {
			return err
		}
		problems, err := a.checkService(v)
		if err != nil {
			return err
		}
		if err := problems.Err(); err != nil {
			return err
		}
		if err := a.expect("service", v.ID, before.Version, v.Version); err != nil {
			return err
		}
		v.ArchivedOn, v.Access = before.ArchivedOn, before.Access
		return change(a, &serviceRow{}, before, v, v.Name)
	})
}

// ArchiveService puts a service out of sight; refused while a subscription of it runs ("still_subscribed").
func (s *Store) ArchiveService(ctx context.Context, by models.Actor, id models.ID, on cal.Date) error {
	return s.setService(ctx, by, "service.archive", id, func(a *act, v *models.Service) error {
		if on.IsZero() {
			return models.Invalid{{Field: "on", Rule: "date.empty"}}
		}
		n, err := a.count("subscriptions", "service_id = ? AND (ends_on IS NULL OR ends_on > max(started_on, ?))", id, on)
		if err == nil && n > 0 {
			err = models.Refused{Rule: "still_subscribed", Args: []any{"n", n}}
		}
		if v.ArchivedOn.IsZero() {
			v.ArchivedOn = on
		}
		return err
	})
}

// RestoreService brings an archived service back.
func (s *Store) RestoreService(ctx context.Context, by models.Actor, id models.ID) error {
	return s.setService(ctx, by, "service.restore", id, func(_ *act, v *models.Service) error {
		v.ArchivedOn = cal.Date{}
		return nil
	})
}

// RecordExport notes the day the service's data was last taken out, by whoever notes it.
func (s *Store) RecordExport(ctx context.Context, by models.Actor, id models.ID, on cal.Date) error {
	return s.PutExport(ctx, by, id, on, by.Person)
}

// PutExport notes the day the service's data was last taken out and by whom, 0 for nobody known; no day takes a mistaken
// one back to never.
func (s *Store) PutExport(ctx context.Context, by models.Actor, id models.ID, on cal.Date, person models.ID) error {
	return s.setService(ctx, by, "service.export", id, func(a *act, v *models.Service) error {
		if on.IsZero() {
			person = 0
		}
		v.ExportedOn, v.Access.ExportedBy = on, person
		var bad models.Invalid
		if err := a.lacks(&bad, "exported_by", "people", person); err != nil {
			return err
		}
		return bad.Err()
	})
}

func (s *Store) setService(ctx context.Context, by models.Actor, verb string, id models.ID, set func(*act, *models.Service) error) error {
	return s.write(ctx, by, verb, mayEdit, func(a *act) error {
		before, err := fetch(a, &serviceRow{}, id)
		if err != nil {
			return err
		}
		after := before
		if err := set(a, &after); err != nil {
			return err
		}
		return change(a, &serviceRow{}, before, after, before.Name)
	})
}

// AddServiceWithPlan adds a service with its first plan, and with them, when given, the subscription taken and the
// rate typed beside a foreign price: all of it or nothing. The problems of the plan's and the vendor's names are told
// as of "plan_name" and "vendor", those of the vendor's account and the subscription's note as of "vendor_account" and
// "subscription_note".
func (s *Store) AddServiceWithPlan(ctx context.Context, by models.Actor, e ServiceEntry) (models.ID, error) {
	return s.add(ctx, by, "service.add", mayEdit, func(a *act) (models.ID, error) {
		if err := a.checkEntry(&e); err != nil {
			return 0, err
		}
		if e.NewVendor.Name != "" {
			id, err := a.ensureVendor(e.NewVendor)
			if err != nil {
				return 0, err
			}
			e.Service.VendorID = id
		}
		id, err := insert(a, &serviceRow{}, e.Service, e.Service.Name)
		if err != nil {
			return 0, err
		}
		e.Plan.ServiceID = id
		if e.Plan.ID, err = insert(a, &planRow{}, e.Plan, e.Service.Name+" "+e.Plan.Name); err != nil {
			return 0, err
		}
		if e.Rate != nil {
			if _, err := a.putRate(*e.Rate); err != nil {
				return 0, err
			}
		}
		if e.Subscription != nil {
			sub := *e.Subscription
			sub.ServiceID, sub.PlanID = id, e.Plan.ID
			if _, err := a.subscribe(sub, e.Plan); err != nil {
				return 0, err
			}
		}
		if e.Proposal != 0 {
			err = a.fulfil(e.Proposal, id)
		}
		return id, err
	})
}

// checkEntry finds everything wrong with the form at once.
func (a *act) checkEntry(e *ServiceEntry) error {
	e.Service.ArchivedOn = cal.Date{}
	e.Plan = freePrice(e.Plan)
	service, err := a.checkService(e.Service)
	if err != nil {
		return err
	}
	parts := []models.Invalid{service, renamed(e.Plan.Check(), map[string]string{"name": "plan_name"})}
	if e.NewVendor != (models.Vendor{}) {
		parts = append(parts, renamed(e.NewVendor.Check(), map[string]string{"name": "vendor", "account": "vendor_account"}))
	}
	if e.Subscription != nil {
		sub := *e.Subscription
		sub.PlanID = 1 // given its plan below; the check only wants one
		problems, err := a.checkSubscription(sub, e.Plan)
		if err != nil {
			return err
		}
		parts = append(parts, renamed(problems, map[string]string{"note": "subscription_note"}))
	}
	if e.Rate != nil {
		if e.Rate.Source == "" {
			e.Rate.Source = models.RateTyped
		}
		parts = append(parts, checkRate(*e.Rate, a.today()))
	}
	return all(parts...).Err()
}

// renamed gives fields the names they have in a form of several records.
func renamed(v models.Invalid, names map[string]string) models.Invalid {
	for i := range v {
		if name, ok := names[v[i].Field]; ok {
			v[i].Field = name
		}
	}
	return v
}

// freePrice is the plan with a price of nothing, rather than none, when it is free.
func freePrice(p models.Plan) models.Plan {
	if p.Tier == models.Free && p.Price.IsNone() {
		p.Price = money.Zero(money.EUR)
	}
	return p
}

// AddPlan adds a plan to a service.
func (s *Store) AddPlan(ctx context.Context, by models.Actor, p models.Plan) (models.ID, error) {
	return s.add(ctx, by, "plan.add", mayEdit, func(a *act) (models.ID, error) {
		p = freePrice(p)
		problems := p.Check()
		if p.ServiceID == 0 {
			problems.Add("service", "choose")
		}
		if err := a.lacks(&problems, "service", "services", p.ServiceID); err != nil {
			return 0, err
		}
		if err := problems.Err(); err != nil {
			return 0, err
		}
		name, err := a.nameOfPlan(p)
		if err != nil {
			return 0, err
		}
		p.RetiredOn = cal.Date{}
		return insert(a, &planRow{}, p, name)
	})
}

// nameOfPlan is a plan's name with its service's before it.
func (a *act) nameOfPlan(p models.Plan) (string, error) {
	service, err := a.nameOfService(p.ServiceID)
	return service + " " + p.Name, err
}

// SavePlan saves a plan; it stays with its service. What subscriptions cost is in their terms and does not move with it.
func (s *Store) SavePlan(ctx context.Context, by models.Actor, p models.Plan) error {
	return s.write(ctx, by, "plan.save", mayEdit, func(a *act) error {
		before, err := fetch(a, &planRow{}, p.ID)
		if err != nil {
			return err
		}
		p = freePrice(p)
		if err := p.Check().Err(); err != nil {
			return err
		}
		if err := a.expect("plan", p.ID, before.Version, p.Version); err != nil {
			return err
		}
		p.ServiceID, p.RetiredOn = before.ServiceID, before.RetiredOn
		name, err := a.nameOfPlan(p)
		if err != nil {
			return err
		}
		return change(a, &planRow{}, before, p, name)
	})
}

// RetirePlan notes that a plan is no longer offered from a day on; who has it keeps it.
func (s *Store) RetirePlan(ctx context.Context, by models.Actor, id models.ID, on cal.Date) error {
	if on.IsZero() {
		return models.Invalid{{Field: "on", Rule: "date.empty"}}
	}
	return s.setRetired(ctx, by, "plan.retire", id, on)
}

// RestorePlan offers a retired plan again.
func (s *Store) RestorePlan(ctx context.Context, by models.Actor, id models.ID) error {
	return s.setRetired(ctx, by, "plan.restore", id, cal.Date{})
}

func (s *Store) setRetired(ctx context.Context, by models.Actor, verb string, id models.ID, on cal.Date) error {
	return s.write(ctx, by, verb, mayEdit, func(a *act) error {
		before, err := fetch(a, &planRow{}, id)
		if err != nil {
			return err
		}
		after := before
		after.RetiredOn = on
		name, err := a.nameOfPlan(before)
		if err != nil {
			return err
		}
		return change(a, &planRow{}, before, after, name)
	})
}

// RemovePlan removes a plan that was never subscribed to; otherwise it is refused ("in_use", n).
func (s *Store) RemovePlan(ctx context.Context, by models.Actor, id models.ID) error {
	return s.write(ctx, by, "plan.remove", mayEdit, func(a *act) error {
		p, err := fetch(a, &planRow{}, id)
		if err != nil {
			return err
		}
		if err := a.unused("subscriptions", "plan_id", id); err != nil {
			return err
		}
		name, err := a.nameOfPlan(p)
		if err != nil {
			return err
		}
		return remove(a, &planRow{}, p, name)
	})
}
