package store

import (
	"context"

	"enveloppe/models"
)

// AddFunction adds a function; its name must be new ("duplicate").
func (s *Store) AddFunction(ctx context.Context, by models.Actor, f models.Function) (models.ID, error) {
	return s.add(ctx, by, "function.add", mayEdit, func(a *act) (models.ID, error) {
		f.ID = 0
		if err := a.checkNamed("functions", f.Check(), f.Name, 0); err != nil {
			return 0, err
		}
		return insert(a, &functionRow{}, f, f.Name)
	})
}

// checkNamed adds to a record's own problems that its name is taken.
func (a *act) checkNamed(table string, v models.Invalid, name string, self models.ID) error {
	if err := a.taken(&v, table, name, self); err != nil {
		return err
	}
	return v.Err()
}

// SaveFunction saves a function.
func (s *Store) SaveFunction(ctx context.Context, by models.Actor, f models.Function) error {
	return s.write(ctx, by, "function.save", mayEdit, func(a *act) error {
		before, err := fetch(a, &functionRow{}, f.ID)
		if err != nil {
			return err
		}
		if err := a.checkNamed("functions", f.Check(), f.Name, f.ID); err != nil {
			return err
		}
		if err := a.expect("function", f.ID, before.Version, f.Version); err != nil {
			return err
		}
		return change(a, &functionRow{}, before, f, f.Name)
	})
}

// RemoveFunction removes a function no service has; otherwise it is refused ("in_use", n).
func (s *Store) RemoveFunction(ctx context.Context, by models.Actor, id models.ID) error {
	return s.write(ctx, by, "function.remove", mayEdit, func(a *act) error {
		f, err := fetch(a, &functionRow{}, id)
		if err != nil {
			return err
		}
		if err := a.unused("services", "function_id", id); err != nil {
			return err
		}
		return remove(a, &functionRow{}, f, f.Name)
	})
}

// AddVendor adds a vendor; its name must be new ("duplicate").
func (s *Store) AddVendor(ctx context.Context, by models.Actor, v models.Vendor) (models.ID, error) {
	return s.add(ctx, by, "vendor.add", mayEdit, func(a *act) (models.ID, error) {
		if err := a.checkNamed("vendors", v.Check(), v.Name, 0); err != nil {
			return 0, err
		}
		return insert(a, &vendorRow{}, v, v.Name)
	})
}

// SaveVendor saves a vendor. Payments keep the name and country they were recorded with.
func (s *Store) SaveVendor(ctx context.Context, by models.Actor, v models.Vendor) error {
	return s.write(ctx, by, "vendor.save", mayEdit, func(a *act) error {
		before, err := fetch(a, &vendorRow{}, v.ID)
		if err != nil {
			return err
		}
		if err := a.checkNamed("vendors", v.Check(), v.Name, v.ID); err != nil {
			return err
		}
		if err := a.expect("vendor", v.ID, before.Version, v.Version); err != nil {
			return err
		}
		return change(a, &vendorRow{}, before, v, v.Name)
	})
}

// RemoveVendor removes a vendor no service has; otherwise it is refused ("in_use", n).
func (s *Store) RemoveVendor(ctx context.Context, by models.Actor, id models.ID) error {
	return s.write(ctx, by, "vendor.remove", mayEdit, func(a *act) error {
		v, err := fetch(a, &vendorRow{}, id)
		if err != nil {
			return err
		}
		if err := a.unused("services", "vendor_id", id); err != nil {
			return err
		}
		return remove(a, &vendorRow{}, v, v.Name)
	})
}

// EnsureVendor finds a vendor by its name, or adds it. A country fills a gap, it does not change a country known.
func (s *Store) EnsureVendor(ctx context.Context, by models.Actor, name, country string) (models.ID, error) {
	return s.add(ctx, by, "vendor.add", mayEdit, func(a *act) (models.ID, error) {
		return a.ensureVendor(models.Vendor{Name: name, Country: country})
	})
}

func (a *act) ensureVendor(v models.Vendor) (models.ID, error) {
	if err := v.Check().Err(); err != nil {
		return 0, err
	}
	var same []vendorRow
	if err := a.mine().Where("name_key = ?", nameKey(v.Name)).Find(&same).Error; err != nil {
		return 0, err
	}
	if len(same) == 0 {
		return insert(a, &vendorRow{}, v, v.Name)
	}
	before := same[0].model()
	after := before
	if before.Country == "" {
		after.Country = v.Country
	}
	if before.Account == "" {
		after.Account = v.Account
	}
	return before.ID, change(a, &vendorRow{}, before, after, before.Name)
}

// AddMeans adds a means of payment; its name must be new ("duplicate").
func (s *Store) AddMeans(ctx context.Context, by models.Actor, m models.Means) (models.ID, error) {
	return s.add(ctx, by, "means.add", mayEdit, func(a *act) (models.ID, error) {
		if err := a.checkNamed("means", m.Check(), m.Name, 0); err != nil {
			return 0, err
		}
		return insert(a, &meansRow{}, m, m.Name)
	})
}

// SaveMeans saves a means of payment.
func (s *Store) SaveMeans(ctx context.Context, by models.Actor, m models.Means) error {
	return s.write(ctx, by, "means.save", mayEdit, func(a *act) error {
		before, err := fetch(a, &meansRow{}, m.ID)
		if err != nil {
			return err
		}
		if err := a.checkNamed("means", m.Check(), m.Name, m.ID); err != nil {
			return err
		}
		if err := a.expect("means", m.ID, before.Version, m.Version); err != nil {
			return err
		}
		return change(a, &meansRow{}, before, m, m.Name)
	})
}

// RemoveMeans removes a means no subscription is paid by; otherwise it is refused ("in_use", n).
func (s *Store) RemoveMeans(ctx context.Context, by models.Actor, id models.ID) error {
	return s.write(ctx, by, "means.remove", mayEdit, func(a *act) error {
		m, err := fetch(a, &meansRow{}, id)
		if err != nil {
			return err
		}
		if err := a.unused("subscriptions", "means_id", id); err != nil {
			return err
		}
		return remove(a, &meansRow{}, m, m.Name)
	})
}
