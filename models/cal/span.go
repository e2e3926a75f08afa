package cal

// Span is a period from a day included to a day excluded: [From, To). Spans are comparable with ==.
type Span struct{ From, To Date }

// Inclusive returns the period from one day to another, both included, as invoices print it.
func Inclusive(from, last Date) Span { return Span{from, last.AddDays(1)} }

// IsEmpty reports whether the period holds no day.
func (s Span) IsEmpty() bool { return s.From.IsZero() || !s.From.Before(s.To) }

// Contains reports whether d lies in the period: From does, To does not.
func (s Span) Contains(d Date) bool {
	return !s.IsEmpty() && !d.Before(s.From) && d.Before(s.To)
}

// Days returns how many days the period holds.
func (s Span) Days() int {
	if s.IsEmpty() {
		return 0
	}
	return s.From.DaysUntil(s.To)
}

// Last returns the last day included; an empty period has none.
func (s Span) Last() Date {
	if s.IsEmpty() {
		return Date{}
	}
	return s.To.AddDays(-1)
}

// Overlap returns the days common to both periods, the zero Span when there are none.
func (s Span) Overlap(other Span) Span {
	common := Span{Max(s.From, other.From), Min(s.To, other.To)}
	if s.IsEmpty() || other.IsEmpty() || common.IsEmpty() {
		return Span{}
	}
	return common
}

// String writes the period for logs: "[2026-01-01, 2027-01-01)".
func (s Span) String() string { return "[" + s.From.String() + ", " + s.To.String() + ")" }
