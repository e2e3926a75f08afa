package words

import "strconv"

// No-break spaces, by their names because they cannot be told apart in an editor.
const (
	nbsp   = "\u00a0"
	narrow = "\u202f"
	minus  = "\u2212"
	none   = "—" // stands for an amount or a day that is not known
)

// style is how a language writes numbers, amounts and days.
type style struct {
	locale      string // CLDR's name, for the symbols of currencies
	group       string // between thousands
	decimal     string
	symbolAfter bool   // "12 €" rather than "€12"
	percent     string // what follows a percentage, with its space
	first       string // the first of a month
	months      [12]string
	shortMonths [12]string
	weekdays    [7]string // from Sunday, as in package time
	shortDays   [7]string
}

var styles = map[Lang]*style{
	FR: {
		locale: "fr-FR", group: narrow, decimal: ",", symbolAfter: true,
		percent: narrow + "%", first: "1er",
		months: [12]string{
			"janvier", "février", "mars", "avril", "mai", "juin",
			"juillet", "août", "septembre", "octobre", "novembre", "décembre",
		},
		shortMonths: [12]string{
			"janv.", "févr.", "mars", "avr.", "mai", "juin",
			"juil.", "août", "sept.", "oct.", "nov.", "déc.",
		},
		weekdays:  [7]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
		shortDays: [7]string{"dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."},
	},
	EN: {
		locale: "en-GB", group: ",", decimal: ".", percent: "%", first: "1",
		months: [12]string{
			"January", "February", "March", "April", "May", "June",
			"July", "August", "September", "October", "November", "December",
		},
		shortMonths: [12]string{
			"Jan", "Feb", "Mar", "Apr", "May", "Jun",
			"Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
		},
		weekdays:  [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		shortDays: [7]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
	},
}

// appendInt writes a whole number with its thousands grouped and a true minus sign.
func (s *style) appendInt(b []byte, n int64) []byte {
	if n < 0 {
		b = append(b, minus...)
	}
	return s.appendGrouped(b, magnitude(n))
}

// magnitude is |n|, also for the smallest int64, whose negation does not exist.
func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n) //nolint:gosec // two's complement: exact for every n below zero
	}
	return uint64(n)
}

func (s *style) appendGrouped(b []byte, n uint64) []byte {
	var room [20]byte
	return s.appendDigits(b, strconv.AppendUint(room[:0], n, 10))
}

// appendDigits groups a run of digits by three from the right.
func (s *style) appendDigits(b, digits []byte) []byte {
	for i, d := range digits {
		if left := len(digits) - i; i > 0 && left%3 == 0 {
			b = append(b, s.group...)
		}
		b = append(b, d)
	}
	return b
}
