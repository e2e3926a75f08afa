package cal

import "time"

// holidays are the public holidays of metropolitan France on a fixed day (Code du travail, art. L. 3133-1).
var holidays = map[[2]int]string{
	{1, 1}:   "new_year",
	{5, 1}:   "labour_day",
	{5, 8}:   "victory_1945",
	{7, 14}:  "bastille_day",
	{8, 15}:  "assumption",
	{11, 1}:  "all_saints",
	{11, 11}: "armistice_1918",
	{12, 25}: "christmas",
}

// Holiday names the French public holiday on d (the key of its name in a language), of which there are eleven.
// When two fall on one day, as on 1 May 2008, the fixed one is named.
func Holiday(d Date) (name string, ok bool) {
	if d.IsZero() {
		return "", false
	}
	if name, ok = holidays[[2]int{int(d.month), int(d.day)}]; ok {
		return name, true
	}
	switch easter(d.Year()).DaysUntil(d) {
	case 1:
		return "easter_monday", true
	case 39:
		return "ascension", true
	case 50:
		return "whit_monday", true
	}
	return "", false
}

// Workday reports whether d is neither a weekend day nor a French public holiday.
func Workday(d Date) bool {
	if d.Weekday() == time.Saturday || d.Weekday() == time.Sunday {
		return false
	}
	_, off := Holiday(d)
	return !off
}

// WorkdayOnOrBefore returns d, or the last working day before it.
func WorkdayOnOrBefore(d Date) Date {
	for !d.IsZero() && d != earliest && !Workday(d) {
		d = d.AddDays(-1)
	}
	return d
}

// easter is Easter Sunday by the Gregorian computus (Meeus, Jones and Butcher).
func easter(year int) Date {
	golden, century, inCentury := year%19, year/100, year%100
	correction := (century - (century+8)/25 + 1) / 3
	epact := (19*golden + century - century/4 - correction + 15) % 30
	weekday := (32 + 2*(century%4) + 2*(inCentury/4) - epact - inCentury%4) % 7
	late := (golden + 11*epact + 22*weekday) / 451
	n := epact + weekday - 7*late + 114
	return date(year, time.Month(n/31), n%31+1)
}
