package models

import (
	"strconv"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Care names what somebody looks after: a subscription to answer for, a service to be asked about or to administer.
type Care string

// What people look after.
const (
	CareOwner       Care = "owner"        // answers for a subscription
	CareReferent    Care = "referent"     // is asked about a service
	CareSecondAdmin Care = "second_admin" // can administer a service besides its owner
)

// Handover gives what somebody looked after to somebody else.
type Handover struct {
	Care Care
	Of   ID // a subscription for CareOwner, else a service
	To   ID // 0 for nobody
}

// Field names the handover in a form: "owner.12".
func (h Handover) Field() string { return Caring{Care: h.Care, Of: h.Of}.Field() }

// Departure is what is to be seen to when somebody leaves.
type Departure struct {
	Held  []Held // seats, which all become free
	Cares []Caring
}

// Caring is one thing somebody looks after.
type Caring struct {
	Care    Care
	Of      ID
	Service Service
}

// Field names it in a form: "owner.12".
func (c Caring) Field() string { return string(c.Care) + "." + strconv.FormatInt(int64(c.Of), 10) }

// DepartureOf is the checklist of somebody's leaving on a day: the seats held that day or later, and what is looked
// after in services in use.
func (r *Register) DepartureOf(person ID, day cal.Date) Departure {
	d := Departure{Held: r.CostByPerson(day)[person].Held}
	for i := range r.Subscriptions {
		s := &r.Subscriptions[i]
		for _, seat := range s.Seats {
			if seat.PersonID == person && seat.From.After(day) && seat.reaches(day) {
				d.Held = append(d.Held, Held{Subscription: *s, Seat: seat, Yearly: money.Zero(money.EUR), Complete: true})
			}
		}
		if sv, ok := r.Service(s.ServiceID); ok && s.OwnerID == person && !s.Over(day) {
			d.Cares = append(d.Cares, Caring{CareOwner, s.ID, sv})
		}
	}
	for _, sv := range r.Services {
		if sv.Archived() {
			continue
		}
		if sv.Access.Referent == person {
			d.Cares = append(d.Cares, Caring{CareReferent, sv.ID, sv})
		}
		if sv.Access.SecondAdmin == person {
			d.Cares = append(d.Cares, Caring{CareSecondAdmin, sv.ID, sv})
		}
	}
	return d
}
