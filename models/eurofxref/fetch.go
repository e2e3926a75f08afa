package eurofxref

import (
	"maps"
	"time"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Want is a currency and the first day its rate is missed for.
type Want struct {
	Currency money.Currency
	From     cal.Date
}

// Fetch is what became of asking for the rates the last time, kept so that the next time asks for what is new and
// people are told.
type Fetch struct {
	At   time.Time // of the last attempt; zero when there was none
	File string    // asked for
	// Why nothing came of it, for a sentence; empty when all went well.
	Rule   string
	Host   string
	Detail string
	Status int
	// What the file brought: rates added, and those whose day had another figure already, which it keeps.
	Added, Differ, Faults int
	// Last is the last day the file told of.
	Last cal.Date
	// DoneAt is the last attempt that went well.
	DoneAt time.Time
	// Asked are the days asked for well, by currency: what did not come of them is not published.
	Asked map[money.Currency]Asked
}

// Asked are days from one to another, both included.
type Asked struct{ From, Through cal.Date }

// Failed tells whether the last attempt brought nothing.
func (f Fetch) Failed() bool { return f.Rule != "" }

// Missing are the wants that asking again may fill, up to the last published day. A currency the Bank does not publish
// is asked for once, and from then on with each new day only.
func (f Fetch) Missing(wants []Want, published cal.Date) []Want {
	var missing []Want
	for _, w := range wants {
		if a, ok := f.Asked[w.Currency]; ok && !w.From.Before(a.From) && !w.From.After(a.Through) {
			w.From = a.Through.AddDays(1)
		}
		if len(openDays(w.From, published)) > 0 {
			missing = append(missing, w)
		}
	}
	return missing
}

// openDays are the first days from one to another, both included, on which rates are published: at most two of them.
func openDays(from, through cal.Date) []cal.Date {
	var days []cal.Date
	for d := from; len(days) < 2 && !d.After(through) && !d.IsZero(); d = d.AddDays(1) {
		if cal.TargetDay(d) {
			days = append(days, d)
		}
	}
	return days
}

// recentDays is how far back the file of ninety days surely goes, published late or not.
const recentDays = 80

// FileFor is the smallest file that holds what is missing up to the last published day.
func FileFor(missing []Want, published cal.Date) string {
	first := published
	for _, w := range missing {
		first = cal.Min(first, w.From)
	}
	switch {
	case len(openDays(first, published)) <= 1:
		return DailyFile
	case first.DaysUntil(published) <= recentDays:
		return RecentFile
	}
	return HistoryFile
}

// Done is the record of an attempt that went well: last is the last day the file told of. A file that is late fills no
// want that begins after it, so that it is asked for again.
func (f Fetch) Done(missing []Want, published, last cal.Date) map[money.Currency]Asked {
	asked := maps.Clone(f.Asked)
	if asked == nil {
		asked = map[money.Currency]Asked{}
	}
	through := cal.Min(published, last)
	for _, w := range missing {
		if through.Before(w.From) {
			continue
		}
		now := Asked{w.From, through}
		if before, ok := asked[w.Currency]; ok && !before.From.After(w.From) && !w.From.After(before.Through.AddDays(1)) {
			now.From = before.From
		}
		asked[w.Currency] = now
	}
	return asked
}
