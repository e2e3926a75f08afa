package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"enveloppe/models"
)

// Plant writes a whole organisation, as a sample or a bench needs it, in one transaction, and answers its ID. The
// records keep their IDs; terms and seats without one get one. The organisation keeps its own unless another has it.
// contents are those of the attachments, in any order: each is kept under its hash, and an attachment without one is refused.
// What the facts say is believed: only what the tables refuse is refused, and a closed review, which CloseReview closes
// with its document.
func (s *Store) Plant(ctx context.Context, f models.Facts, at time.Time, contents ...[]byte) (models.ID, error) {
	var org models.ID
	err := s.writer.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		// Subscriptions name their successors and payments each other: who points at whom is checked at the end.
		if err := tx.Exec("PRAGMA defer_foreign_keys = ON").Error; err != nil {
			return err
		}
		a, err := s.ground(tx, f, at)
		if err != nil {
			return err
		}
		org = a.org.OrganisationID
		f.Flags, f.Cleared = slices.Clone(f.Flags), slices.Clone(f.Cleared)
		for _, flags := range [][]models.Flag{f.Flags, f.Cleared} {
			for i := range flags { // a flag of the envelope is about the organisation
				if key := &flags[i].FlagKey; key.Kind == models.FlagEnvelope {
					key.Subject = org
				}
			}
		}
		for _, content := range contents {
			if err := documentOf(org, content).keep(a); err != nil {
				return fmt.Errorf("documents: %w", err)
			}
		}
		keys := keysOf(org, f.Channels)
		f.Channels = masked(f.Channels)
		if err := a.plant(f); err != nil {
			return err
		}
		if len(keys) > 0 {
			if err := tx.Create(&keys).Error; err != nil {
				return fmt.Errorf("keys of channels: %w", err)
			}
		}
		a.note("organisation", org, f.Organisation.Name, nil)
		return a.finish()
	})
	if err != nil {
		return 0, fmt.Errorf("plant an organisation: %w", err)
	}
	return org, nil
}

// ground makes the organisation's own row, its sequence beginning after every ID given.
func (s *Store) ground(tx *gorm.DB, f models.Facts, at time.Time) (*act, error) {
	var taken []models.ID
	if err := tx.Table("organisations").Pluck("organisation_id", &taken).Error; err != nil {
		return nil, err
	}
	id := f.Organisation.ID
	if id <= 0 || slices.Contains(taken, id) {
		id = slices.Max(append(taken, 0)) + 1
	}
	o := f.Organisation
	if o.Lang == "" {
		o.Lang = models.French
	}
	a := &act{s: s, tx: tx, verb: "organisation.plant", written: map[string]bool{}}
	a.by = models.Actor{Organisation: id, Role: models.Director, At: at}
	a.org = organisationRow{OrganisationID: id, NextID: max(id, lastID(f)) + 1}
	a.org.fill(o)
	if err := tx.Create(&a.org).Error; err != nil {
		return nil, err
	}
	a.org.Version = a.revision()
	if err := a.replaceVAT(o.VAT); err != nil {
		return nil, err
	}
	return a, nil
}

// lastID is the greatest ID in the facts.
func lastID(f models.Facts) models.ID {
	var last models.ID
	for _, sh := range shelves {
		last = max(last, sh.last(&f))
	}
	for _, m := range f.Subscriptions {
		for _, t := range m.Terms {
			last = max(last, t.ID)
		}
		for _, seat := range m.Seats {
			last = max(last, seat.ID)
		}
	}
	return last
}

func (a *act) plant(f models.Facts) error {
	for _, v := range f.Reviews {
		if v.Closed() {
			return fmt.Errorf("reviews: that of %d is closed", v.Year)
		}
	}
	for table, sh := range shelves {
		if err := sh.plant(a, &f); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
		a.written[table] = true
	}
	var terms []termsRow
	var seats []seatRow
	for _, m := range f.Subscriptions {
		for _, t := range m.Terms {
			if t.ID == 0 {
				t.ID = a.nextID()
			}
			terms = append(terms, termsRowOf(a.org.OrganisationID, m.ID, t))
		}
		for _, seat := range m.Seats {
			if seat.ID == 0 {
				seat.ID = a.nextID()
			}
			seats = append(seats, seatRowOf(a.org.OrganisationID, m.ID, seat))
		}
	}
	if len(terms) > 0 {
		if err := a.tx.CreateInBatches(terms, batch).Error; err != nil {
			return fmt.Errorf("terms: %w", err)
		}
	}
	if len(seats) > 0 {
		if err := a.tx.CreateInBatches(seats, batch).Error; err != nil {
			return fmt.Errorf("seats: %w", err)
		}
	}
	return nil
}

func (sh *shelfOf[R, M, P]) last(f *models.Facts) models.ID {
	var last models.ID
	for i := range *sh.list(f) {
		last = max(last, sh.id(&(*sh.list(f))[i]))
	}
	return last
}

func (sh *shelfOf[R, M, P]) plant(a *act, f *models.Facts) error {
	list := *sh.list(f)
	rows := make([]R, len(list))
	for i := range list {
		p := P(&rows[i])
		p.fill(list[i])
		if p.rec().ID == 0 {
			p.rec().ID = a.nextID()
		}
		p.rec().OrganisationID, p.rec().Version = a.org.OrganisationID, a.revision()
	}
	if len(rows) == 0 {
		return nil
	}
	return a.tx.CreateInBatches(rows, batch).Error
}

func (*organisationShelf) last(*models.Facts) models.ID { return 0 }

func (*organisationShelf) plant(*act, *models.Facts) error { return nil }
