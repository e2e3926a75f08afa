package reports

import (
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/templates/words"
)

// LogName is the file name of the audit log taken on a day.
func LogName(day cal.Date) string { return "enveloppe-audit-" + day.String() + ".csv" }

// Log writes entries of the audit log as CSV for people: a row a changed field, as it stood in the register and not
// rounded or put in words, so that it can be compared. Moments are those of the zone, with their distance to UTC. The
// hash stands on every row of its entry.
func Log(out io.Writer, w *words.Words, zone *time.Location, entries iter.Seq2[models.AuditEntry, error]) error {
	columns := []column{{w.T("log.number"), countColumn}}
	for _, key := range []string{"when", "who", "from", "what", "record", "name", "field", "before", "after"} {
		columns = append(columns, column{w.T("log." + key), textColumn})
	}
	t, err := newTable(out, Options{}, append(columns, column{w.T("log.hash"), codeColumn}))
	if err != nil {
		return err
	}
	for e, err := range entries {
		if err != nil {
			return err
		}
		changes := e.Changes
		if len(changes) == 0 {
			changes = []models.Change{{}}
		}
		for _, c := range changes {
			t.count(int(e.ID))
			for _, text := range []string{
				e.At.In(zone).Format(time.RFC3339), ActorName(w, e), Origin(w, e.From), Act(w, e), recordName(w, e.Kind), e.Name, FieldName(w, c.Field), c.Before, c.After,
			} {
				t.text(text)
			}
			t.code(hex.EncodeToString(e.Hash[:]))
			t.end()
		}
	}
	return t.close()
}

// Act says what an entry of the audit log did. A verb that touches several kinds of records says on each which one it is.
func Act(w *words.Words, e models.AuditEntry) string {
	said := e.Verb
	if w.Has("audit.verb." + e.Verb) {
		said = w.T("audit.verb." + e.Verb)
	}
	if kind, _, _ := strings.Cut(e.Verb, "."); kind != e.Kind && w.Has("kind.record."+e.Kind) {
		said += " · " + w.Kind("record", e.Kind)
	}
	return said
}

// ActorName is who did it: the program where nobody did.
func ActorName(w *words.Words, e models.AuditEntry) string {
	if e.By == 0 {
		return w.T("audit.program")
	}
	return e.ByName
}

// Origin says where an act came from: an address as it is, the program's own places in words.
func Origin(w *words.Words, from string) string {
	switch from {
	case "job":
		return w.T("log.from.job")
	case "command line":
		return w.T("log.from.command")
	}
	return from
}

// FieldName names a field of a record in the audit log; terms and seats come with the record they belong to.
func FieldName(w *words.Words, field string) string {
	part, name, nested := strings.Cut(field, ".")
	if !nested {
		part, name = "", field
	}
	if w.Has("audit.field." + name) {
		name = w.T("audit.field." + name)
	}
	if part != "" && w.Has("audit.part."+part) {
		return w.T("audit.part."+part, "field", name)
	}
	return name
}

func recordName(w *words.Words, kind string) string {
	if w.Has("kind.record." + kind) {
		return w.Kind("record", kind)
	}
	return kind
}

// ShortHash is a hash as it is shown and noted down: hexadecimal, in groups of eight.
func ShortHash(hash [32]byte) string {
	const group = 4
	var parts []string
	for at := 0; at < len(hash); at += group {
		parts = append(parts, hex.EncodeToString(hash[at:at+group]))
	}
	return strings.Join(parts, " ")
}

// ParseHash reads a hash as somebody noted it down: with or without groups, in capitals or not.
func ParseHash(typed string) ([]byte, error) {
	plain := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\u00a0', '\u202f', '-', ':', '\t', '\n', '\r':
			return -1
		}
		return r
	}, typed)
	hash, err := hex.DecodeString(plain)
	if err != nil || len(hash) != 32 {
		return nil, fmt.Errorf("%s is no hash: write its 64 signs, 0–9 and a–f", strconv.Quote(typed))
	}
	return hash, nil
}
