package cal

import "time"

// TargetDay reports whether the euro's payment system is open on d, and hence whether the European Central Bank
// publishes reference rates: Monday to Friday but 1 January, Good Friday, Easter Monday, 1 May, 25 and 26 December
// (the Bank's long-term calendar, in force since 2002).
func TargetDay(d Date) bool {
	if d.IsZero() || d.Weekday() == time.Saturday || d.Weekday() == time.Sunday {
		return false
	}
	switch [2]int{int(d.month), int(d.day)} {
	case [2]int{1, 1}, [2]int{5, 1}, [2]int{12, 25}, [2]int{12, 26}:
		return false
	}
	sinceEaster := easter(d.Year()).DaysUntil(d)
	return sinceEaster != -2 && sinceEaster != 1
}

// TargetDayOnOrBefore returns d, or the last TargetDay before it.
func TargetDayOnOrBefore(d Date) Date {
	for !d.IsZero() && d != earliest && !TargetDay(d) {
		d = d.AddDays(-1)
	}
	return d
}
