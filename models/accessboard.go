package models

import (
	"slices"

	"enveloppe/models/cal"
)

// AccessGap is something that would make losing a service worse.
type AccessGap string

// The gaps, the gravest first.
const (
	GapClosing       AccessGap = "closing"        // the vendor ends it, and nothing is to take its place
	GapExportNone    AccessGap = "export_none"    // its data cannot be taken out
	GapExportLate    AccessGap = "export_late"    // nobody has taken them out for too long
	GapExportUnknown AccessGap = "export_unknown" // nobody has found out whether they can be
	GapExportKept    AccessGap = "export_kept"    // nobody has said where the copy is
	GapSecondAdmin   AccessGap = "second_admin"   // nobody, or nobody who is here, could take over
)

// AccessLine is one service in use with what is known of it on a day.
type AccessLine struct {
	Service      Service
	Subscription Subscription
	Users        int // seats held
	Gaps         []AccessGap
	ExportDue    cal.Date // day its data should be taken out next; zero when there is nothing to lose
	NoReferent   bool     // nobody who is here is asked about it
}

// Has tells whether a gap is open.
func (l AccessLine) Has(g AccessGap) bool { return slices.Contains(l.Gaps, g) }

// AccessBoard answers the three limits of online services: what would be lost, what is left without coverage, and whom
// to train.
type AccessBoard struct {
	Lines     []AccessLine // services in use, by ID
	TrainLeft Hours        // planned and not done, of all of them
}

// AccessBoard looks at every service in use on a day.
func (r *Register) AccessBoard(day cal.Date) AccessBoard {
	var b AccessBoard
	for i := range r.Services {
		sv := &r.Services[i]
		s, ok := r.running(sv.ID, day)
		if !ok || sv.Archived() {
			continue
		}
		l := AccessLine{Service: *sv, Subscription: *s, Users: s.SeatsHeld(day), NoReferent: !r.here(sv.Access.Referent, day)}
		if sv.ExportEvery > 0 {
			days, _ := r.exportLate(sv, s, day)
			l.ExportDue = day.AddDays(sv.ExportEvery - days)
		}
		l.Gaps = r.accessGaps(sv, s, day)
		b.Lines = append(b.Lines, l)
		b.TrainLeft += sv.Access.TrainLeft()
	}
	return b
}

func (r *Register) accessGaps(sv *Service, s *Subscription, day cal.Date) []AccessGap {
	var gaps []AccessGap
	a := &sv.Access
	if !sv.ClosesOn.IsZero() && a.ReplacedBy == "" {
		gaps = append(gaps, GapClosing)
	}
	if sv.ExportEvery > 0 {
		_, late := r.exportLate(sv, s, day)
		switch {
		case a.Export == ExtentNone:
			gaps = append(gaps, GapExportNone)
		case late:
			gaps = append(gaps, GapExportLate)
		}
		if a.Export == ExtentUnknown {
			gaps = append(gaps, GapExportUnknown)
		}
		if !sv.ExportedOn.IsZero() && a.ExportKept == "" {
			gaps = append(gaps, GapExportKept)
		}
	}
	if !r.here(a.SecondAdmin, day) || a.SecondAdmin == s.OwnerID { // the same person twice is one
		gaps = append(gaps, GapSecondAdmin)
	}
	return gaps
}

// here tells whether somebody is named, and belongs to the organisation on a day.
func (r *Register) here(person ID, day cal.Date) bool {
	p, ok := r.Person(person)
	return ok && p.HereOn(day)
}

// AtRisk are the services with a gap.
func (b AccessBoard) AtRisk() []AccessLine {
	return b.among(func(l *AccessLine) bool { return len(l.Gaps) > 0 })
}

// Offline are the services that work so far without coverage.
func (b AccessBoard) Offline(e Extent) []AccessLine {
	return b.among(func(l *AccessLine) bool { return l.Service.Access.Offline == e })
}

// ToTrain are the services with training left, or without anybody to ask.
func (b AccessBoard) ToTrain() []AccessLine {
	return b.among(func(l *AccessLine) bool { return l.NoReferent || l.Service.Access.TrainLeft() > 0 })
}

func (b AccessBoard) among(is func(*AccessLine) bool) []AccessLine {
	var out []AccessLine
	for i := range b.Lines {
		if is(&b.Lines[i]) {
			out = append(out, b.Lines[i])
		}
	}
	return out
}
