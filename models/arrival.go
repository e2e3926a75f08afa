package models

import (
	"cmp"
	"slices"
	"strings"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Likeness is what makes colleagues somebody's like.
type Likeness string

// The likenesses.
const (
	SamePost Likeness = "post"
	SameRole Likeness = "role"
	Nobody   Likeness = "nobody" // nobody else has the post or the role
)

// SeatOffer is a place a newcomer may be given.
type SeatOffer struct {
	Subscription Subscription
	Service      Service
	Holders      int          // of those alike, who hold a seat of it
	PerSeat      bool         // places are paid for one by one
	Free         int          // places left from that day on; when PerSeat only
	Yearly       money.Amount // a year, of the place where PerSeat; otherwise nothing more is paid
	Complete     bool
	Has          bool // the person holds one already, from that day or later
}

// Open tells whether there is a place to give.
func (o SeatOffer) Open() bool { return !o.Has && (!o.PerSeat || o.Free > 0) }

// Arrival is what to give somebody who comes, judged by what those hold who are alike: of the same post, else of the
// same role.
type Arrival struct {
	Like   Likeness
	Alike  []Person // here that day, the person apart
	Offers []SeatOffer
}

// Proposed tells whether an offer is what those alike have: at least half of them hold one.
func (a Arrival) Proposed(o SeatOffer) bool { return o.Holders > 0 && 2*o.Holders >= len(a.Alike) }

// ArrivalOf is the newcomer's list of a person on a day: every subscription in use, those that most of those alike hold
// first.
func (r *Register) ArrivalOf(p Person, day cal.Date) Arrival {
	a := Arrival{Like: Nobody}
	post := strings.ToLower(strings.TrimSpace(p.Post))
	for _, like := range []Likeness{SamePost, SameRole} {
		for _, x := range r.People {
			same := x.Role == p.Role
			if like == SamePost {
				same = post != "" && strings.ToLower(strings.TrimSpace(x.Post)) == post
			}
			if same && x.ID != p.ID && x.HereOn(day) {
				a.Alike = append(a.Alike, x)
			}
		}
		if len(a.Alike) > 0 {
			a.Like = like
			break
		}
	}
	for i := range r.Subscriptions {
		if s := &r.Subscriptions[i]; s.RunsOn(day) {
			a.Offers = append(a.Offers, r.seatOffer(s, p.ID, a.Alike, day))
		}
	}
	slices.SortStableFunc(a.Offers, func(x, y SeatOffer) int {
		return cmp.Or(cmp.Compare(y.Holders, x.Holders), cmp.Compare(x.Service.ID, y.Service.ID))
	})
	return a
}

func (r *Register) seatOffer(s *Subscription, person ID, alike []Person, day cal.Date) SeatOffer {
	t := s.TermsOn(day)
	o := SeatOffer{Subscription: *s, PerSeat: t.PerSeat, Yearly: money.Zero(money.EUR), Complete: true}
	o.Service, _ = r.Service(s.ServiceID)
	for _, x := range alike {
		if s.Holds(x.ID, day) {
			o.Holders++
		}
	}
	o.Has = slices.ContainsFunc(s.Seats, func(seat Seat) bool { return seat.PersonID == person && seat.reaches(day) })
	if t.PerSeat {
		var total money.Amount
		total, o.Complete = r.YearlyCost(*s, day)
		o.Yearly = total.Prorate(1, int64(max(t.Seats, 1)))
		o.Free = s.freeFrom(day)
	}
	return o
}

// freeFrom counts the places that can be given from a day on for good: those held by nobody then nor later, whatever
// number is paid for later.
func (s *Subscription) freeFrom(day cal.Date) int {
	free := MaxSeats
	for i, t := range s.Terms {
		in := cal.Span{From: cal.Max(t.From, day), To: forever}
		if i == 0 {
			in.From = day // the first hold before their day too
		}
		if i+1 < len(s.Terms) {
			in.To = s.Terms[i+1].From
		}
		if t.PerSeat && in.From.Before(in.To) {
			free = min(free, t.Seats-mostHeld(s.Seats, in))
		}
	}
	return max(free, 0)
}
