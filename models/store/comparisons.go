package store

import (
	"context"

	"enveloppe/models"
)

// AddComparison notes what is used on line against installed software; an empty day is the organisation's today.
func (s *Store) AddComparison(ctx context.Context, by models.Actor, c models.Comparison) (models.ID, error) {
	return s.add(ctx, by, "comparison.add", mayEdit, func(a *act) (models.ID, error) {
		c, err := a.comparison(c)
		if err != nil {
			return 0, err
		}
		return insert(a, &comparisonRow{}, c, c.Name)
	})
}

// SaveComparison saves one that was read with its Version.
func (s *Store) SaveComparison(ctx context.Context, by models.Actor, c models.Comparison) error {
	return s.write(ctx, by, "comparison.save", mayEdit, func(a *act) error {
		before, err := fetch(a, &comparisonRow{}, c.ID)
		if err != nil {
			return err
		}
		after, err := a.comparison(c)
		if err != nil {
			return err
		}
		if err := a.expect("comparison", c.ID, before.Version, c.Version); err != nil {
			return err
		}
		return change(a, &comparisonRow{}, before, after, after.Name)
	})
}

// RemoveComparison takes a comparison away.
func (s *Store) RemoveComparison(ctx context.Context, by models.Actor, id models.ID) error {
	return s.write(ctx, by, "comparison.remove", mayEdit, func(a *act) error {
		c, err := fetch(a, &comparisonRow{}, id)
		if err != nil {
			return err
		}
		return remove(a, &comparisonRow{}, c, c.Name)
	})
}

// comparison checks one as typed.
func (a *act) comparison(c models.Comparison) (models.Comparison, error) {
	if c.On.IsZero() {
		c.On = a.today()
	}
	v := c.Check()
	if err := a.lacks(&v, "service", "services", c.ServiceID); err != nil {
		return c, err
	}
	return c, v.Err()
}
