// Package eurofxref reads the reference rates the European Central Bank publishes: what one euro buys, a day at a time.
package eurofxref

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// The files the Bank publishes, by their names in its folder.
const (
	DailyFile   = "eurofxref-daily.xml"    // the last published day
	RecentFile  = "eurofxref-hist-90d.xml" // the last ninety calendar days
	HistoryFile = "eurofxref-hist.zip"     // every day since 4 January 1999, as CSV
)

// Folder is where the Bank keeps them.
const Folder = "https://www.ecb.europa.eu/stats/eurofxref/"

const (
	// MaxSize bounds a file, and what comes out of it when it is packed: three times the whole history in 2026.
	MaxSize = 16 << 20
	// MaxFaults is how many bad lines a file may have and still be believed.
	MaxFaults = 1000
)

// PublishedFrom is the hour, in Frankfurt, from which a day's rates can be asked for: they come at about four o'clock.
const PublishedFrom = 17

// Zone is Frankfurt's.
const Zone = "Europe/Berlin"

// Published is the last day whose rates are out, at an hour of a day in Frankfurt.
func Published(day cal.Date, hour int) cal.Date {
	if hour < PublishedFrom {
		day = day.AddDays(-1)
	}
	return cal.TargetDayOnOrBefore(day)
}

// Rate is what one euro bought in a currency on a day.
type Rate struct {
	Day      cal.Date
	Currency money.Currency
	Rate     money.Rate
}

// Fault is a line, or a figure in it, that was passed over.
type Fault struct {
	Row  int    // line of the file, from 1
	Rule string // "rates.day", "rates.figure", "rates.columns" or "rates.twice"
	Text string // what stands there, cut to 80 runes
}

// Unreadable is a file of which nothing is taken.
type Unreadable struct {
	// Rule is "rates.empty", ".too_large", ".packed" (an archive without rates, or a broken one), ".truncated",
	// ".entities" (it defines words of its own), ".malformed" or ".unknown" (something else).
	Rule string
}

func (e *Unreadable) Error() string { return "rates file not read: " + e.Rule }

// Parse reads any of the three files, and a CSV of the same shape, of currencies that wanted asks for; nil asks for
// all. It knows no list of currencies, for the Bank's changes. The rates come by day, then currency; of two figures for
// one day the first in the file is kept and the other named, and so is whatever else is passed over. Days to come are
// given as they stand. The error is an *Unreadable.
func Parse(content []byte, wanted func(money.Currency) bool) ([]Rate, []Fault, error) {
	if wanted == nil {
		wanted = func(money.Currency) bool { return true }
	}
	body, err := unpack(content)
	if err != nil {
		return nil, nil, err
	}
	t := table{wanted: wanted}
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return nil, nil, &Unreadable{"rates.empty"}
	case isXML(body):
		err = t.readXML(body)
	default:
		err = t.readCSV(body)
	}
	if err != nil {
		return nil, nil, err
	}
	if !t.dated {
		return nil, t.faults, &Unreadable{"rates.empty"}
	}
	rates, err := t.inOrder()
	if err != nil {
		return nil, nil, err
	}
	return rates, t.faults, nil
}

// Is tells by its beginning whether a file is one of these, so that one of another kind is read as such. It may still
// turn out unreadable.
func Is(content []byte) bool {
	body, err := unpack(content)
	if err != nil {
		return false
	}
	if isXML(body) {
		return bytes.Contains(body[:min(len(body), 4096)], []byte("eurofxref"))
	}
	_, _, ok := header(body)
	return ok
}

// table gathers what a file holds.
type table struct {
	wanted func(money.Currency) bool
	rates  []entry
	faults []Fault
	dated  bool // a readable day was seen, wanted currencies or not
}

// entry is a rate with the line it stands on.
type entry struct {
	Rate
	row int
}

// fault notes a bad line. With too many of them the file is not what it seems.
func (t *table) fault(row int, rule, text string) error {
	if len(t.faults) == MaxFaults {
		return &Unreadable{"rates.malformed"}
	}
	t.faults = append(t.faults, Fault{row, rule, cut(text)})
	return nil
}

// day reads a day of the file, and notes a bad one.
func (t *table) day(row int, text string) (cal.Date, error) {
	d, ok := readDay(text)
	if !ok {
		return cal.Date{}, t.fault(row, "rates.day", text)
	}
	t.dated = true
	return d, nil
}

// figure takes one rate, and notes a bad one. Nothing, N/A and the like say that there was none that day.
func (t *table) figure(row int, day cal.Date, c money.Currency, text string) error {
	switch text {
	case "", "N/A", "n/a", "-":
		return nil
	}
	rate, err := money.ParseRate(text)
	if err != nil {
		return t.fault(row, "rates.figure", string(c)+" "+text)
	}
	t.rates = append(t.rates, entry{Rate{day, c, rate}, row})
	return nil
}

// inOrder gives the rates by day and currency, each pair once.
func (t *table) inOrder() ([]Rate, error) {
	slices.SortStableFunc(t.rates, func(a, b entry) int {
		return cmp.Or(a.Day.Compare(b.Day), cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.row, b.row))
	})
	list := make([]Rate, 0, len(t.rates))
	for _, e := range t.rates {
		if n := len(list); n > 0 && list[n-1].Day == e.Day && list[n-1].Currency == e.Currency {
			if list[n-1].Rate != e.Rate.Rate {
				if err := t.fault(e.row, "rates.twice", e.Day.String()+" "+string(e.Currency)+" "+e.Rate.Rate.String()); err != nil {
					return nil, err
				}
			}
			continue
		}
		list = append(list, e.Rate)
	}
	return list, nil
}

// isCode tells whether s is written as a currency is. Whether there is such a one is for whoever asks for it.
func isCode(s string) bool {
	return len(s) == 3 && !bytes.ContainsFunc([]byte(s), func(r rune) bool { return r < 'A' || r > 'Z' })
}

func cut(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	n := 0
	for i := range s {
		if n++; n > 80 {
			return s[:i]
		}
	}
	return s
}
