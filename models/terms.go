package models

import (
	"cmp"
	"slices"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Terms is what a subscription costs from a day on. A price change, past or announced, adds Terms.
type Terms struct {
	ID      ID
	From    cal.Date
	Price   money.Amount // of one period (and one seat, when PerSeat)
	PerSeat bool
	Seats   int    // paid places; those assigned may be fewer
	Note    string // where it was announced
}

// Billed is what one period costs under these terms, in their currency.
func (t Terms) Billed() money.Amount {
	if t.PerSeat {
		return t.Price.Times(int64(t.Seats))
	}
	return t.Price
}

// Check says what is wrong with the terms as typed, for a plan of that tier. Paid terms may cost nothing for a while.
func (t Terms) Check(tier Tier) Invalid {
	var v Invalid
	if t.From.IsZero() {
		v.Add("from", "date.empty")
	}
	checkRange(&v, "seats", t.Seats, 1, MaxSeats)
	switch {
	case tier == Premium && t.Price.IsNone():
		v.Add("price", "required")
	case tier == Free && t.Price.IsPositive():
		v.Add("price", "price.free")
	case !t.Price.IsNone() && !checkAmount(&v, "price", t.Price), v.Has("seats"):
		// Said already, and what so many seats cost can then not be worked out.
	case t.Billed().Units() > money.MaxTyped:
		v.Add("price", "amount.too_large")
	}
	checkLabel(&v, "note", t.Note)
	return v
}

// Seat is one place held by a person over [From, To); To is zero while held.
type Seat struct {
	ID       ID
	PersonID ID
	From     cal.Date
	To       cal.Date
}

// HeldOn tells whether the seat is held on a day.
func (s Seat) HeldOn(d cal.Date) bool {
	return !d.Before(s.From) && (s.To.IsZero() || d.Before(s.To))
}

// TermsOn are the terms in force on a day; before the first ones, the first.
func (s Subscription) TermsOn(d cal.Date) Terms { return *s.termsOn(d) }

var noTerms Terms

func (s *Subscription) termsOn(d cal.Date) *Terms {
	if len(s.Terms) == 0 {
		return &noTerms
	}
	at := len(s.Terms) - 1
	for at > 0 && s.Terms[at].From.After(d) {
		at--
	}
	return &s.Terms[at]
}

// free tells whether it never costs anything.
func (s *Subscription) free() bool {
	return !slices.ContainsFunc(s.Terms, func(t Terms) bool { return !t.Price.IsZero() })
}

// foreign tells whether it is ever priced in another currency than the euro.
func (s *Subscription) foreign() bool {
	return slices.ContainsFunc(s.Terms, func(t Terms) bool { return !t.Price.IsNone() && t.Price.Currency() != money.EUR })
}

// SeatsHeld counts the seats held on a day.
func (s Subscription) SeatsHeld(d cal.Date) int {
	n := 0
	for _, seat := range s.Seats {
		if seat.HeldOn(d) {
			n++
		}
	}
	return n
}

// Holds tells whether the person holds a seat on a day.
func (s Subscription) Holds(person ID, d cal.Date) bool {
	return slices.ContainsFunc(s.Seats, func(seat Seat) bool { return seat.PersonID == person && seat.HeldOn(d) })
}

// WithTerms adds terms, or replaces those of the same ID, and keeps them in order.
func (s Subscription) WithTerms(t Terms) (Subscription, error) {
	var v Invalid
	terms := slices.Clone(s.Terms)
	at := slices.IndexFunc(terms, func(x Terms) bool { return x.ID == t.ID && t.ID != 0 })
	first := at == 0 || len(terms) == 0
	if first {
		t.From = s.StartedOn // the first terms always hold from the start
	} else if !t.From.After(s.StartedOn) {
		v.Add("from", "after", "day", s.StartedOn)
	}
	for i, x := range terms {
		if i != at && x.From == t.From {
			v.Add("from", "terms.same_day")
		}
	}
	since := t.From
	if at < 0 {
		terms = append(terms, t)
	} else {
		since = cal.Min(since, terms[at].From)
		terms[at] = t
	}
	slices.SortFunc(terms, func(a, b Terms) int { return a.From.Compare(b.From) })
	if _, held, short := shortOfSeats(terms, s.Seats, since); short {
		v.Add("seats", "seats.below_assigned", "assigned", held)
	}
	if err := v.Err(); err != nil {
		return s, err
	}
	s.Terms = terms
	return s, nil
}

// forever is the end of what has none.
var forever = cal.MustNew(9999, 12, 31)

// reaches tells whether the seat is held on d or on a later day.
func (s Seat) reaches(d cal.Date) bool {
	return s.To.IsZero() || (s.To.After(d) && s.To.After(s.From))
}

// mostHeld is the greatest number of seats held together on a day of the span.
func mostHeld(seats []Seat, in cal.Span) int {
	type change struct {
		on cal.Date
		by int
	}
	var changes []change
	for _, s := range seats {
		held := cal.Span{From: cal.Max(s.From, in.From), To: in.To}
		if !s.To.IsZero() {
			held.To = cal.Min(s.To, in.To)
		}
		if held.From.Before(held.To) {
			changes = append(changes, change{held.From, 1}, change{held.To, -1})
		}
	}
	// A seat freed on a day serves somebody else from that day on, so leaving comes before taking.
	slices.SortFunc(changes, func(a, b change) int { return cmp.Or(a.on.Compare(b.on), cmp.Compare(a.by, b.by)) })
	n, most := 0, 0
	for _, c := range changes {
		n += c.by
		most = max(most, n)
	}
	return most
}

// shortOfSeats finds the first terms, in force on a day or later, that pay for fewer seats than are held under them.
func shortOfSeats(terms []Terms, seats []Seat, since cal.Date) (paid, held int, short bool) {
	for i, t := range terms {
		in := cal.Span{From: cal.Max(t.From, since), To: forever}
		if i == 0 {
			in.From = since // the first hold before their day too
		}
		if i+1 < len(terms) {
			in.To = terms[i+1].From
		}
		if held := mostHeld(seats, in); t.PerSeat && held > t.Seats {
			return t.Seats, held, true
		}
	}
	return 0, 0, false
}

// WithoutTerms takes back terms that were a mistake; the first stay, and so do those whose seats are assigned.
func (s Subscription) WithoutTerms(id ID) (Subscription, error) {
	at := slices.IndexFunc(s.Terms, func(x Terms) bool { return x.ID == id })
	switch {
	case at < 0:
		return s, ErrNotFound
	case at == 0:
		return s, Refused{Rule: "first_terms"}
	}
	terms := slices.Delete(slices.Clone(s.Terms), at, at+1)
	if _, held, short := shortOfSeats(terms, s.Seats, s.Terms[at].From); short {
		return s, Invalid{{Field: "seats", Rule: "seats.below_assigned", Args: []any{"assigned", held}}}
	}
	s.Terms = terms
	return s, nil
}

// Assign gives a person a seat from a day on, while one is free from then on.
func (s Subscription) Assign(person ID, on cal.Date) (Subscription, error) {
	if s.Over(on) {
		return s, Refused{Rule: "ended"}
	}
	var v Invalid
	seats := append(slices.Clone(s.Seats), Seat{PersonID: person, From: on})
	paid, _, short := shortOfSeats(s.Terms, seats, on)
	switch {
	case on.IsZero():
		v.Add("on", "date.empty")
	case person == 0:
		v.Add("person", "choose")
	case slices.ContainsFunc(s.Seats, func(x Seat) bool { return x.PersonID == person && x.reaches(on) }):
		v.Add("person", "seat.held")
	case short:
		v.Add("person", "seat.none_free", "seats", paid)
	}
	if err := v.Err(); err != nil {
		return s, err
	}
	s.Seats = seats
	return s, nil
}

// FreeSeat takes a seat back from a day on.
func (s Subscription) FreeSeat(id ID, on cal.Date) (Subscription, error) {
	at := slices.IndexFunc(s.Seats, func(x Seat) bool { return x.ID == id && x.To.IsZero() })
	if at < 0 {
		return s, ErrNotFound
	}
	s.Seats = slices.Clone(s.Seats)
	s.Seats[at].To = cal.Max(on, s.Seats[at].From)
	return s, nil
}
