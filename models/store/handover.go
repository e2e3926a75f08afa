package store

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"enveloppe/models"
	"enveloppe/models/cal"
)

// AssignSeats gives a person a seat of each of several subscriptions from a day on, all of them or none. What is wrong
// with one is told under "seat.<its ID>", what is wrong with the day or the person under "on" and "person".
func (s *Store) AssignSeats(ctx context.Context, by models.Actor, person models.ID, subs []models.ID, on cal.Date) error {
	return s.write(ctx, by, "subscription.seat.assign", mayEdit, func(a *act) error {
		if _, err := fetch(a, &personRow{}, person); err != nil {
			return err
		}
		var bad models.Invalid
		for _, id := range subs {
			before, err := a.subscription(id)
			if err != nil {
				return err
			}
			after, err := a.assign(before, person, on)
			var wrong models.Invalid
			var refused models.Refused
			switch {
			case errors.As(err, &refused):
				bad.Add(seatField(id), "seat.ended")
			case errors.As(err, &wrong):
				bad = append(bad, seatProblems(wrong, id)...)
			case err != nil:
				return err
			case len(bad) == 0:
				if err := a.changeSubscription(before, after); err != nil {
					return err
				}
			}
		}
		return all(bad).Err()
	})
}

// TakeSeatsBack undoes AssignSeats: the seats given to the person on that day, and held since, were never given.
func (s *Store) TakeSeatsBack(ctx context.Context, by models.Actor, person models.ID, subs []models.ID, on cal.Date) error {
	return s.write(ctx, by, "subscription.seat.free", mayEdit, func(a *act) error {
		if _, err := fetch(a, &personRow{}, person); err != nil {
			return err
		}
		for _, id := range subs {
			before, err := a.subscription(id)
			if err != nil {
				return err
			}
			after := before
			after.Seats = slices.Clone(before.Seats)
			for i := range after.Seats {
				if seat := &after.Seats[i]; seat.PersonID == person && seat.From == on && seat.To.IsZero() {
					seat.To = on
				}
			}
			if err := a.changeSubscription(before, after); err != nil {
				return err
			}
		}
		return nil
	})
}

func seatField(sub models.ID) string { return "seat." + strconv.FormatInt(int64(sub), 10) }

// seatProblems tells the problems of one subscription of several: that there is no seat, or that it is held already.
func seatProblems(v models.Invalid, sub models.ID) models.Invalid {
	for i := range v {
		if v[i].Rule == "seat.held" || v[i].Rule == "seat.none_free" {
			v[i].Field = seatField(sub)
		}
	}
	return v
}

// passOn gives what somebody who leaves on a day looked after to those named, each of whom must be here that day.
func (a *act) passOn(person models.ID, on cal.Date, to []models.Handover) error {
	var bad models.Invalid
	for _, h := range to {
		if h.To == 0 {
			continue
		}
		n, err := a.count("people", "id = ? AND id <> ? AND (left_on IS NULL OR left_on > ?)", h.To, person, on)
		if err != nil {
			return err
		}
		if n == 0 {
			bad.Add(h.Field(), "choose")
		}
	}
	if err := bad.Err(); err != nil {
		return err
	}
	for _, h := range to {
		if err := a.replace(h.Care, h.Of, person, h.To); err != nil {
			return err
		}
	}
	return nil
}

// replace puts one person in another's place where that is the other's; where somebody else has it by now, it stays theirs.
func (a *act) replace(care models.Care, of, was, is models.ID) error {
	if care == models.CareOwner {
		before, err := a.subscription(of)
		if err != nil || before.OwnerID != was {
			return err
		}
		after := before
		after.OwnerID = is
		return a.changeSubscription(before, after)
	}
	before, err := fetch(a, &serviceRow{}, of)
	if err != nil {
		return err
	}
	after := before
	switch {
	case care == models.CareReferent && before.Access.Referent == was:
		after.Access.Referent = is
	case care == models.CareSecondAdmin && before.Access.SecondAdmin == was:
		after.Access.SecondAdmin = is
	}
	return change(a, &serviceRow{}, before, after, before.Name)
}
