package app

import (
	"time"

	"enveloppe/models/cal"
)

// Clock is the program's one source of the time. Nothing below app reads another.
type Clock func() time.Time

// SystemClock is the machine's.
func SystemClock() time.Time {
	return time.Now() //nolint:forbidigo // this is the one place
}

// ActingOn is a clock that shows the machine's time of day on another day: demonstrations and rehearsals act as if it
// were that day, and time still goes on.
func ActingOn(day cal.Date, clock Clock) Clock {
	start := clock()
	shift := day.Time(start.Location()).Add(sinceMidnight(start)).Sub(start)
	return func() time.Time { return clock().Add(shift) }
}

func sinceMidnight(t time.Time) time.Duration {
	h, m, s := t.Clock()
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second
}
