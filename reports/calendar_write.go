package reports

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"enveloppe/models/cal"
	"enveloppe/templates/words"
)

// CalendarType is the media type of a calendar's bytes.
const CalendarType = "text/calendar; charset=utf-8"

// CalendarTTL is how long a calendar program may wait before it asks again.
const CalendarTTL = 12 * time.Hour

// Bytes is the calendar as RFC 5545 wants it. There are no recurrence rules: one that falls on the 31st would leave the
// shorter months out. The same calendar in the same language gives the same bytes.
func (c Calendar) Bytes(w *words.Words) []byte {
	out := make(icalendar, 0, eventSize*(1+len(c.Events)))
	out.line("BEGIN", "VCALENDAR")
	out.line("VERSION", "2.0")
	out.line("PRODID", "-//Enveloppe//Enveloppe//"+strings.ToUpper(string(w.Lang())))
	out.line("CALSCALE", "GREGORIAN")
	name := "calendar.name"
	if c.Mine {
		name = "calendar.name_mine"
	}
	out.text("NAME", w.T(name, "organisation", c.Name))
	out.text("X-WR-CALNAME", w.T(name, "organisation", c.Name))
	out.line("REFRESH-INTERVAL;VALUE=DURATION", ttl)
	out.line("X-PUBLISHED-TTL", ttl)
	for _, e := range c.Events {
		out.line("BEGIN", "VEVENT")
		out.line("UID", e.UID)
		out.line("DTSTAMP", e.ChangedAt.UTC().Format("20060102T150405Z"))
		out.line("DTSTART;VALUE=DATE", basic(e.On))
		if next := e.On.AddDays(1); next.After(e.On) { // without an end it lasts its day all the same
			out.line("DTEND;VALUE=DATE", basic(next))
		}
		out.text("SUMMARY", c.title(e, w))
		out.text("DESCRIPTION", c.lines(e, w)...)
		out.line("URL", c.BaseURL+servicePath(e.Renewal.ServiceID))
		out.line("TRANSP", "TRANSPARENT") // a renewal takes nobody's day
		out.line("END", "VEVENT")
	}
	out.line("END", "VCALENDAR")
	return out
}

const ttl = "PT12H"

// basic is a day without hyphens.
func basic(d cal.Date) string { return strings.ReplaceAll(d.String(), "-", "") }

// icalendar is content lines as far as they are written.
type icalendar []byte

// eventSize is about what an event takes, in bytes.
const eventSize = 512

// text writes a property whose value is text, its lines one below the other. What they hold cannot end the property:
// marks are escaped and nothing is left that some reader takes for the end of a line.
func (o *icalendar) text(name string, lines ...string) {
	for i, line := range lines {
		lines[i] = escape(line)
	}
	o.line(name, strings.Join(lines, `\n`))
}

// fold is the most octets of a line, without its end.
const fold = 75

// line writes one property, cut between runes into lines of at most 75 octets; those that go on begin with a space.
func (o *icalendar) line(name, value string) {
	rest, room := name+":"+value, fold
	for len(rest) > room {
		cut := room
		for cut > 0 && !utf8.RuneStart(rest[cut]) {
			cut--
		}
		*o = append(append(*o, rest[:cut]...), "\r\n "...)
		rest, room = rest[cut:], fold-1
	}
	*o = append(append(*o, rest...), "\r\n"...)
}

// escape is a text of one line as a value: a backslash before the marks that part values, a space for whatever breaks a
// line in some alphabet, and nothing for the other control characters, which a calendar may not hold.
func escape(s string) string {
	var b strings.Builder
	b.Grow(len(s) + len(s)/16)
	for _, r := range s { // bytes that are no text come as U+FFFD
		switch {
		case r == '\\' || r == ';' || r == ',':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n' || r == '\t' || r == '\v' || r == '\f' || r == '\u0085' || r == '\u2028' || r == '\u2029':
			b.WriteByte(' ')
		case unicode.IsControl(r):
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
