package store

import (
	"context"

	"enveloppe/models"
)

// SaveAccess saves what is known of a service's data and access: its Access, how often its data are to be taken out,
// when they were last, and the day it closes. The rest of the service stays as it is.
func (s *Store) SaveAccess(ctx context.Context, by models.Actor, v models.Service) error {
	return s.write(ctx, by, "service.access", mayEdit, func(a *act) error {
		before, err := fetch(a, &serviceRow{}, v.ID)
		if err != nil {
			return err
		}
		after := before
		after.Access, after.ExportEvery, after.ExportedOn, after.ClosesOn = v.Access, v.ExportEvery, v.ExportedOn, v.ClosesOn
		problems, err := a.checkService(after)
		if err != nil {
			return err
		}
		if err := problems.Err(); err != nil {
			return err
		}
		if err := a.expect("service", v.ID, before.Version, v.Version); err != nil {
			return err
		}
		return change(a, &serviceRow{}, before, after, before.Name)
	})
}

// checkAccess holds what was typed of a service's access, and the people it names.
func (a *act) checkAccess(v *models.Invalid, x models.Access) error {
	*v = append(*v, x.Check()...)
	for _, named := range []struct {
		field  string
		person models.ID
	}{{"exported_by", x.ExportedBy}, {"second_admin", x.SecondAdmin}, {"referent", x.Referent}} {
		if err := a.lacks(v, named.field, "people", named.person); err != nil {
			return err
		}
	}
	return nil
}
