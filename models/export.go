package models

import (
	"slices"
	"time"

	"enveloppe/models/cal"
)

// ExportMark says that a file was handed out, so that what is recorded after it can be told.
type ExportMark struct {
	ID        ID
	Version   int64
	Kind      string   // of the file
	Span      cal.Span // the days it was taken of
	ThroughID ID       // the last payment recorded by then; 0 for none
	At        time.Time
	By        ID
}

// LastExport is the mark of the latest export of one of the kinds that holds a day; false when there is none.
func (r *Register) LastExport(d cal.Date, kinds ...string) (ExportMark, bool) {
	for _, m := range slices.Backward(r.Exports) {
		if slices.Contains(kinds, m.Kind) && m.Span.Contains(d) {
			return m, true
		}
	}
	return ExportMark{}, false
}

// SinceExport are the payments whose entries lie in a span and that were recorded after the latest export of one of the
// kinds that holds their entry's day, by ID: what the accountant has not been given. That day, rather than the payment's,
// because an invoice of March paid in April belongs to the entries of March. A day never exported gives none: nothing is
// late that was not begun.
func (r *Register) SinceExport(in cal.Span, kinds ...string) []Payment {
	var late []Payment
	for i := range r.Payments {
		p := &r.Payments[i]
		on := r.bookedOn(p)
		if !in.Contains(on) {
			continue
		}
		if m, ok := r.LastExport(on, kinds...); ok && p.ID > m.ThroughID {
			late = append(late, *p)
		}
	}
	return late
}
