package store

import (
	"context"

	"enveloppe/models"
)

// mayKeepBooks is who says how the books are kept.
var mayKeepBooks = models.Role.MayClose

// SaveBookkeeping says how the books are kept from now on. Version is the organisation's as the form was read. Payments
// recorded stay as they are; the entries made of them follow the settings.
func (s *Store) SaveBookkeeping(ctx context.Context, by models.Actor, b models.Bookkeeping, version int64) error {
	return s.write(ctx, by, "bookkeeping.save", mayKeepBooks, func(a *act) error {
		before, err := a.organisation()
		if err != nil {
			return err
		}
		if err := b.Check().Err(); err != nil {
			return err
		}
		if err := a.expect("bookkeeping", before.ID, before.Version, version); err != nil {
			return err
		}
		changes, err := a.differences(before.Books, b)
		if err != nil || len(changes) == 0 {
			return err
		}
		after := before
		after.Books = b
		a.org.fill(after)
		a.org.Version, a.written["organisations"] = a.revision(), true
		a.note("bookkeeping", before.ID, before.Name, changes)
		return nil
	})
}

// MarkExport notes that a file was handed out, of which days and through which payment: the last one of the register it
// was made of, so that one recorded while it was written counts as not handed out.
func (s *Store) MarkExport(ctx context.Context, by models.Actor, m models.ExportMark) (models.ID, error) {
	return s.add(ctx, by, "export.take", mayExport, func(a *act) (models.ID, error) {
		if m.Kind == "" || m.Span.IsEmpty() {
			return 0, models.Invalid{{Field: "kind", Rule: "choose"}}
		}
		m.At, m.By = a.by.At, a.by.Person
		return insert(a, &exportRow{}, m, m.Kind)
	})
}
