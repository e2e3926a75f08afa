package cal

// Notice is how long before a renewal one must speak to prevent it. The zero Notice is none at all.
type Notice struct {
	N    int
	Unit Unit
}

const maxNotice = 3650

// Validate refuses more than 3650 units, and units that are not a length of time.
// The error is a *ParseError.
func (n Notice) Validate() error {
	switch {
	case n == Notice{}:
		return nil
	case n.Unit.size() == 0:
		return &ParseError{NoticeUnit}
	case n.N < 0 || n.N > maxNotice:
		return &ParseError{NoticeRange}
	}
	return nil
}

// Before returns the day that long before d; months end on d's day or the month's last.
func (n Notice) Before(d Date) Date {
	return n.Unit.after(d, -min(n.N, maxNotice))
}

// String writes the notice as stored: "30 day".
func (n Notice) String() string {
	if n.Unit == "" {
		n.Unit = Day
	}
	return writeCountAndUnit(n.N, n.Unit)
}

// ParseNotice reads what String wrote. The error is a *ParseError.
func ParseNotice(s string) (Notice, error) {
	count, unit, ok := countAndUnit(s)
	if !ok {
		return Notice{}, &ParseError{NoticeMalformed}
	}
	n := Notice{count, unit}
	if err := n.Validate(); err != nil {
		return Notice{}, err
	}
	return n, nil
}

// DecideBy returns the last day on which cancelling still prevents the renewal: that day less
// the notice, less a safety margin in days. It may fall on a day off; announce it on
// WorkdayOnOrBefore, never later.
func DecideBy(renewal Date, n Notice, marginDays int) Date {
	return n.Before(renewal).AddDays(-marginDays)
}
