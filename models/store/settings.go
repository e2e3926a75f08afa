package store

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Found makes the first organisation with the director who signs in, and answers that director as an actor. It is
// refused ("founded") once there is an organisation. Problems of the director's come with "director_" before the field.
func (s *Store) Found(ctx context.Context, f Founding) (models.Actor, error) {
	f.Director.Role, f.Director.SignsIn = models.Director, true
	if f.Organisation.Lang == "" {
		f.Organisation.Lang = models.French
	}
	f.Organisation.VAT = inOrder(f.Organisation.VAT)
	if f.Director.Lang == "" {
		f.Director.Lang = f.Organisation.Lang
	}
	if err := f.check().Err(); err != nil {
		return models.Actor{}, err
	}
	by := models.Actor{Name: f.Director.Name, Role: models.Director, At: f.At}
	err := s.writer.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		a, err := s.begin(tx, by, f.Organisation)
		if err != nil {
			return err
		}
		if err := a.found(f); err != nil {
			return err
		}
		by = a.by
		return a.finish()
	})
	if err != nil {
		return models.Actor{}, fault("organisation.found", err)
	}
	return by, nil
}

func (f Founding) check() models.Invalid {
	director := f.Director.Check()
	if f.Director.Email == "" && !director.Has("email") {
		director.Add("email", "email.empty")
	}
	for i := range director {
		director[i].Field = "director_" + director[i].Field
	}
	parts := []models.Invalid{f.Organisation.Check(), director}
	if f.PasswordHash == "" {
		parts = append(parts, models.Invalid{{Field: "password", Rule: "required"}})
	}
	if f.Envelope != nil {
		parts = append(parts, f.Envelope.Check())
	}
	for _, fn := range f.Functions {
		parts = append(parts, fn.Check())
	}
	return all(parts...)
}

// begin writes the row of the first organisation. Its own ID opens its sequence, so nothing else of it has the same.
func (s *Store) begin(tx *gorm.DB, by models.Actor, o models.Organisation) (*act, error) {
	var n int64
	if err := tx.Table("organisations").Count(&n).Error; err != nil {
		return nil, err
	}
	if n > 0 {
		return nil, models.Refused{Rule: "founded"}
	}
	a := &act{s: s, tx: tx, by: by, verb: "organisation.found", written: map[string]bool{"organisations": true}}
	a.org = organisationRow{OrganisationID: 1, Version: 0, Revision: 0, NextID: 2}
	a.by.Organisation = a.org.OrganisationID
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

func (a *act) found(f Founding) error {
	changes, err := a.differences(nil, f.Organisation)
	if err != nil {
		return err
	}
	f.Director.LeftOn = cal.Date{}
	// The director signs the founding too, so the name of the log's first entry is theirs.
	a.by.Person = a.org.NextID
	a.note("organisation", a.org.OrganisationID, f.Organisation.Name, changes)
	if _, err := insert(a, &personRow{}, f.Director, f.Director.Name); err != nil {
		return err
	}
	if a.by.Account, err = ensureAccount(a.tx, f.Director.Email, f.At); err != nil {
		return err
	}
	if err := linkAccount(a.tx, a.org.OrganisationID, a.by.Person, a.by.Account); err != nil {
		return err
	}
	if err := keepPassword(a.tx, a.by.Account, f.PasswordHash, f.At); err != nil {
		return err
	}
	for _, fn := range f.Functions {
		if _, err := insert(a, &functionRow{}, fn, fn.Name); err != nil {
			return named(err)
		}
	}
	if f.Envelope != nil {
		_, err = insert(a, &envelopeRow{}, withFloor(*f.Envelope), strconv.Itoa(f.Envelope.Year))
	}
	return err
}

// named turns the table's own refusal of a second record of one name into a problem of the field.
func named(err error) error {
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return models.Invalid{{Field: "name", Rule: "duplicate"}}
	}
	return err
}

// SaveOrganisation saves the settings and replaces the list of VAT statuses.
func (s *Store) SaveOrganisation(ctx context.Context, by models.Actor, o models.Organisation) error {
	return s.write(ctx, by, "organisation.save", mayManage, func(a *act) error {
		before, err := a.organisation()
		if err != nil {
			return err
		}
		if o.ID != 0 && o.ID != before.ID {
			return models.ErrNotFound
		}
		o.ID, o.Books = before.ID, before.Books // the books have a verb of their own
		if o.Lang == "" {
			o.Lang = before.Lang
		}
		o.VAT, o.Leads = inOrder(o.VAT), o.Leads.Tidy()
		if err := o.Check().Err(); err != nil {
			return err
		}
		if err := a.expect("organisation", before.ID, before.Version, o.Version); err != nil {
			return err
		}
		changes, err := a.differences(before, o)
		if err != nil || len(changes) == 0 {
			return err
		}
		a.org.fill(o)
		a.org.Version, a.written["organisations"] = a.revision(), true
		a.note("organisation", o.ID, o.Name, changes)
		return a.replaceVAT(o.VAT)
	})
}

// organisation is the organisation with its VAT statuses, as it stands in the transaction.
func (a *act) organisation() (models.Organisation, error) {
	var f models.Facts
	err := theOrganisation.since(a.context(), a.tx.Statement.ConnPool, a.org.OrganisationID, never, &f)
	return f.Organisation, err
}

func (a *act) replaceVAT(statuses []models.VATStatus) error {
	if err := a.mine().Delete(&vatRow{}).Error; err != nil {
		return err
	}
	for i, v := range statuses {
		row := vatRow{OrganisationID: a.org.OrganisationID, N: int64(i), FromOn: v.From, Kind: v.Kind, Share: v.Share}
		if err := a.tx.Create(&row).Error; err != nil {
			return err
		}
	}
	return nil
}

// inOrder is the list of VAT statuses by day, as the organisation's check wants it, whatever order it was typed in.
func inOrder(statuses []models.VATStatus) []models.VATStatus {
	statuses = slices.Clone(statuses)
	slices.SortStableFunc(statuses, func(x, y models.VATStatus) int { return x.From.Compare(y.From) })
	return statuses
}

// withFloor is the envelope with a floor of nothing where none was given.
func withFloor(e models.Envelope) models.Envelope {
	if e.Floor.IsNone() {
		e.Floor = money.Zero(money.EUR)
	}
	return e
}

// SetEnvelope sets a fiscal year's envelope: a new one with Version 0, else the one that was read with that Version.
func (s *Store) SetEnvelope(ctx context.Context, by models.Actor, e models.Envelope) error {
	return s.write(ctx, by, "envelope.set", mayManage, func(a *act) error {
		e = e.Tidy()
		bad := e.Check()
		for _, share := range e.Shares {
			if err := a.lacks(&bad, "share."+strconv.FormatInt(int64(share.FunctionID), 10), "functions", share.FunctionID); err != nil {
				return err
			}
		}
		if err := bad.Err(); err != nil {
			return err
		}
		e, name := withFloor(e), strconv.Itoa(e.Year)
		before, err := a.envelope(e.Year)
		if errors.Is(err, models.ErrNotFound) && e.Version == 0 {
			_, err = insert(a, &envelopeRow{}, e, name)
			return err
		}
		if err != nil {
			return err
		}
		if err := a.expect("envelope", before.ID, before.Version, e.Version); err != nil {
			return err
		}
		e.ID = before.ID
		return change(a, &envelopeRow{}, before, e, name)
	})
}

func (a *act) envelope(year int) (models.Envelope, error) {
	var r envelopeRow
	if err := a.mine().Where("year = ?", year).Take(&r).Error; err != nil {
		return models.Envelope{}, absent("read the envelope", err)
	}
	return r.model(), nil
}

// RemoveEnvelope takes back the envelope of the fiscal year that begins in a calendar year.
func (s *Store) RemoveEnvelope(ctx context.Context, by models.Actor, year int) error {
	return s.write(ctx, by, "envelope.remove", mayManage, func(a *act) error {
		e, err := a.envelope(year)
		if err != nil {
			return err
		}
		return remove(a, &envelopeRow{}, e, strconv.Itoa(year))
	})
}

// AddRate notes a reference rate; one of the same currency, day and source is replaced, a planned one by a planned one.
func (s *Store) AddRate(ctx context.Context, by models.Actor, r models.ReferenceRate, today cal.Date) (models.ID, error) {
	return s.add(ctx, by, "rate.add", mayEdit, func(a *act) (models.ID, error) {
		if r.Source == "" {
			r.Source = models.RateTyped
		}
		if err := checkRate(r, today).Err(); err != nil {
			return 0, err
		}
		return a.putRate(r)
	})
}

func checkRate(r models.ReferenceRate, today cal.Date) models.Invalid {
	v := r.Check(today)
	if r.Source != models.RateECB && r.Source != models.RateTyped {
		v.Add("source", "choose")
	}
	return v
}

func (a *act) putRate(r models.ReferenceRate) (models.ID, error) {
	var same []rateRow
	err := a.mine().Where("currency = ? AND day = ? AND source = ? AND planned = ?", r.Currency, r.Day, r.Source, r.Planned).Find(&same).Error
	if err != nil {
		return 0, err
	}
	if len(same) == 0 {
		return insert(a, &rateRow{}, r, string(r.Currency))
	}
	before := same[0].model()
	r.ID = before.ID
	return r.ID, change(a, &rateRow{}, before, r, string(r.Currency))
}

// RemoveRate takes a reference rate back. Payments keep the rate they were converted with.
func (s *Store) RemoveRate(ctx context.Context, by models.Actor, id models.ID) error {
	return s.write(ctx, by, "rate.remove", mayEdit, func(a *act) error {
		r, err := fetch(a, &rateRow{}, id)
		if err != nil {
			return err
		}
		return remove(a, &rateRow{}, r, string(r.Currency))
	})
}

// today is the organisation's day at the instant of the verb; without an instant, no day is in the future.
func (a *act) today() cal.Date {
	if a.by.At.IsZero() {
		return cal.MustNew(2199, time.December, 31)
	}
	return a.org.model(nil).Today(a.by.At)
}
