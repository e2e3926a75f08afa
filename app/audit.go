package app

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/store"
	"enveloppe/reports"
	"enveloppe/templates/words"
)

// AuditOptions say which days of the audit log to write and where to, or which hash to look for.
type AuditOptions struct {
	From, To string // days, both included
	Out      string
	Head     string // a hash noted earlier
}

// Check says what is wrong with the options, as wrong usage.
func (o AuditOptions) Check() error {
	var faults Faults
	days := map[string]cal.Date{}
	for _, d := range []struct{ flag, day string }{{"--from", o.From}, {"--to", o.To}} {
		if d.day == "" {
			continue
		}
		day, err := cal.Parse(d.day)
		if err != nil {
			faults = append(faults, fmt.Sprintf("%s: %q is not a day; write for example 2026-12-01", d.flag, d.day))
		}
		days[d.flag] = day
	}
	if from, to := days["--from"], days["--to"]; !from.IsZero() && !to.IsZero() && to.Before(from) {
		faults = append(faults, fmt.Sprintf("--to: %s comes before %s", to, from))
	}
	if o.Head != "" {
		if _, err := reports.ParseHash(o.Head); err != nil {
			faults = append(faults, "--head: "+err.Error())
		}
	}
	return faults.err()
}

// VerifyAudit checks the chain of every organisation's log and says what it found; the error is that one does not hold,
// or that no entry has the hash that was noted.
func (a *App) VerifyAudit(ctx context.Context, out io.Writer, o AuditOptions) error {
	var noted []byte
	if o.Head != "" {
		var err error
		if noted, err = reports.ParseHash(o.Head); err != nil {
			return err
		}
	}
	all, err := a.Store.Organisations(ctx)
	if err != nil {
		return err
	}
	var broken []error
	found := false
	for _, id := range all {
		r, err := a.Store.Register(ctx, id)
		if err != nil {
			return err
		}
		c, err := a.Store.VerifyAudit(ctx, id, noted)
		if err != nil {
			return err
		}
		found = found || c.NotedID != 0
		if err := tellChain(out, r, c); err != nil {
			broken = append(broken, err)
		}
	}
	if noted != nil && !found {
		broken = append(broken, errors.New("no entry has the hash that was noted: it is of another file, or the log was made again"))
	}
	return errors.Join(broken...)
}

// tellChain says what was found of one log; the error is how it does not hold.
func tellChain(out io.Writer, r *models.Register, c store.Chain) error {
	name, zone := r.Organisation.Name, r.Organisation.Location()
	if !c.Whole() {
		what := map[store.Break]string{
			store.BreakChanged: fmt.Sprintf("entry %d does not say what it said when it was written", c.Broken),
			store.BreakGap:     fmt.Sprintf("before entry %d one is missing, or the order has changed", c.Broken),
			store.BreakEnd:     "its end is not the one that was written",
		}[c.How]
		return fmt.Errorf("the audit log of %s is not whole: %s (%d entries, %d expected)", name, what, c.Count, c.Wanted)
	}
	_, err := fmt.Fprintf(out, "%s: the chain is whole: %d entries, the last hash is\n%s\n", name, c.Count, hex.EncodeToString(c.Head[:]))
	if err == nil && c.NotedID != 0 {
		_, err = fmt.Fprintf(out, "the hash noted is that of entry %d, of %s: nothing has changed up to there\n", c.NotedID, c.NotedAt.In(zone).Format("2006-01-02 15:04"))
	}
	return err
}

// ExportAudit writes the audit log as CSV, whole or not at all, and notes in it that it was handed out.
func (a *App) ExportAudit(ctx context.Context, out io.Writer, o AuditOptions) error {
	r, err := a.Organisation(ctx)
	if err != nil {
		return err
	}
	zone := r.Organisation.Location()
	w := words.In(words.Lang(cmp.Or(a.Config.Lang, r.Organisation.Lang)))
	var f store.AuditFilter
	var told []models.Change
	if o.From != "" {
		day, err := cal.Parse(o.From)
		if err != nil {
			return err
		}
		f.Since = day.Time(zone)
		told = append(told, models.Change{Field: "from", After: o.From})
	}
	if o.To != "" {
		day, err := cal.Parse(o.To)
		if err != nil {
			return err
		}
		f.Until = day.AddDays(1).Time(zone)
		told = append(told, models.Change{Field: "to", After: o.To})
	}
	write := func(to io.Writer) error {
		return reports.Log(to, w, zone, a.Store.EachAudit(ctx, r.Organisation.ID, f))
	}
	mark := func() error { return a.Store.NoteAuditExport(ctx, a.Program(r), told) }
	return ExportOptions{Kind: "audit", Out: o.Out}.put(out, write, mark, nil)
}
