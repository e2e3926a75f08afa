package web

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/templates/words"
)

func (w *Web) accessRoutes(g *echo.Group) {
	g.GET("/access", w.access)
	g.GET("/processors", w.processors)
	g.GET("/services/:id/access", w.accessForm, mayEdit)
	g.POST("/services/:id/access", w.saveAccess, mayEdit)
}

// accessPage answers the three limits of online services.
type accessPage struct {
	Heading   []words.Part
	Lead      string
	Risky     []accessLine // what would be lost: services with a gap, the gravest first
	Alone     []boardName  // those that only lack a second administrator
	Sound     []boardName  // services without one
	Coverage  []coverageRow
	Training  []trainingLine
	TrainLeft string // hours of all; empty when none are left
	Trained   []boardName
	None      bool // nothing is in use
}

type accessLine struct {
	Name, Link, Edit string
	Gaps             []accessGap
	Facts            []string
}

type accessGap struct{ Text, Tone string }

// coverageRow is the services that work so far without coverage.
type coverageRow struct {
	Label    string
	Note     string
	Tone     string
	Services []boardName
}

type trainingLine struct {
	Name, Link, Edit    string
	Planned, Done, Left string
	Referent            string
	Users               int
}

func (w *Web) access(c echo.Context) error {
	return w.kept(c, func() (screen, error) {
		return screen{status: http.StatusOK, name: "access", nav: "services", title: "access.title", page: newAccessPage(visitOf(c))}, nil
	})
}

func newAccessPage(v *visit) accessPage {
	w := v.words
	b := v.register.AccessBoard(v.today)
	page := accessPage{None: len(b.Lines) == 0, Heading: w.Parts("access.heading_none")}
	risky := b.AtRisk()
	slices.SortStableFunc(risky, func(x, y models.AccessLine) int { return weightOf(y) - weightOf(x) })
	for _, l := range risky {
		if weightOf(l) == gapWeights[models.GapSecondAdmin] && l.Service.ClosesOn.IsZero() {
			page.Alone = append(page.Alone, nameOf(l.Service))
		} else {
			page.Risky = append(page.Risky, newAccessLine(v, l))
		}
	}
	for _, l := range b.Lines {
		if len(l.Gaps) == 0 {
			page.Sound = append(page.Sound, nameOf(l.Service))
		}
	}
	grave := 0
	for _, l := range risky {
		if weightOf(l) >= serious {
			grave++
		}
	}
	switch {
	case page.None:
		page.Heading = w.Parts("access.heading_empty")
	case grave > 0:
		page.Heading = w.Parts("access.heading", "count", w.N("access.services", grave))
	}
	page.Coverage = coverage(v, b)
	for _, l := range b.ToTrain() {
		page.Training = append(page.Training, newTrainingLine(v, l))
	}
	for _, l := range b.Lines {
		if !l.NoReferent && l.Service.Access.TrainLeft() == 0 {
			page.Trained = append(page.Trained, nameOf(l.Service))
		}
	}
	if b.TrainLeft > 0 {
		page.TrainLeft = hoursOf(w, b.TrainLeft)
	}
	sortNames(v, page.Alone)
	sortNames(v, page.Sound)
	sortNames(v, page.Trained)
	return page
}

func nameOf(s models.Service) boardName { return boardName{s.Name, servicePath(s.ID)} }

func sortNames(v *visit, names []boardName) {
	words.SortBy(v.words, names, func(n boardName) string { return n.Name })
}

// serious is the weight of the lightest gap by which something would really be lost.
const serious = 1 << 2

// gapWeights puts the gaps in order: two services compare by their gravest.
var gapWeights = map[models.AccessGap]int{
	models.GapClosing: 1 << 5, models.GapExportNone: 1 << 4, models.GapExportLate: 1 << 3, models.GapExportUnknown: serious, models.GapExportKept: 1 << 1, models.GapSecondAdmin: 1,
}

func weightOf(l models.AccessLine) int {
	n := 0
	for _, g := range l.Gaps {
		n += gapWeights[g]
	}
	return n
}

func newAccessLine(v *visit, l models.AccessLine) accessLine {
	w := v.words
	line := accessLine{Name: l.Service.Name, Link: servicePath(l.Service.ID), Edit: servicePath(l.Service.ID) + "/access"}
	for _, g := range l.Gaps {
		gap := accessGap{Text: w.Kind("access_gap", string(g))}
		if gapWeights[g] > serious {
			gap.Tone = "warning"
		}
		line.Gaps = append(line.Gaps, gap)
	}
	a := l.Service.Access
	if a.Export != models.ExtentUnknown && l.Service.ExportEvery > 0 {
		line.Facts = append(line.Facts, w.T("access.export_is", "extent", w.Kind("export", string(a.Export))))
	}
	switch {
	case !l.Service.ExportedOn.IsZero():
		line.Facts = append(line.Facts, exportedFact(v, l.Service))
	case l.Service.ExportEvery > 0:
		line.Facts = append(line.Facts, w.T("access.never"))
	}
	if !l.ExportDue.IsZero() && a.Export != models.ExtentNone && l.ExportDue.After(v.today) {
		line.Facts = append(line.Facts, w.T("access.due", "day", l.ExportDue))
	}
	if !l.Service.ClosesOn.IsZero() {
		line.Facts = append(line.Facts, w.T("access.closes", "day", l.Service.ClosesOn))
	}
	if a.ReplacedBy != "" {
		line.Facts = append(line.Facts, w.T("access.replaced_by", "name", a.ReplacedBy))
	}
	return line
}

// exportedFact is when a service's data were taken out last, by whom, and where they are.
func exportedFact(v *visit, s models.Service) string {
	w := v.words
	text := w.T("access.exported", "day", s.ExportedOn)
	if by, ok := v.register.Person(s.Access.ExportedBy); ok {
		text = w.T("access.exported_by", "day", s.ExportedOn, "name", by.Name)
	}
	if s.Access.ExportKept != "" {
		text += w.T("access.kept", "where", s.Access.ExportKept)
	}
	return text
}

// coverage groups the services by what they do without coverage.
func coverage(v *visit, b models.AccessBoard) []coverageRow {
	var rows []coverageRow
	for _, x := range []struct {
		extent models.Extent
		key    string
		tone   string
	}{{models.ExtentFull, "full", "premium"}, {models.ExtentPart, "part", ""}, {models.ExtentNone, "no", "warning"}, {models.ExtentUnknown, "unknown", "info"}} {
		row := coverageRow{Label: v.words.T("access.offline." + x.key), Note: v.words.T("access.offline_note." + x.key), Tone: x.tone}
		for _, l := range b.Offline(x.extent) {
			name := nameOf(l.Service)
			if x.extent == models.ExtentUnknown && v.actor.Role.MayEdit() {
				name.Link += "/access"
			}
			row.Services = append(row.Services, name)
		}
		if len(row.Services) > 0 {
			sortNames(v, row.Services)
			rows = append(rows, row)
		}
	}
	return rows
}

func newTrainingLine(v *visit, l models.AccessLine) trainingLine {
	w, a := v.words, l.Service.Access
	line := trainingLine{Name: l.Service.Name, Link: servicePath(l.Service.ID), Edit: servicePath(l.Service.ID) + "/access", Users: l.Users}
	if a.TrainPlanned > 0 || a.TrainDone > 0 {
		line.Planned, line.Done, line.Left = hoursOf(w, a.TrainPlanned), hoursOf(w, a.TrainDone), hoursOf(w, a.TrainLeft())
	}
	if p, ok := v.register.Person(a.Referent); ok && !l.NoReferent {
		line.Referent = p.Name
	}
	return line
}

// hoursOf is so many hours in words.
func hoursOf(w *words.Words, h models.Hours) string {
	return w.T("compare.hours", "hours", hoursFigure(w, h))
}

// processorsPage is the register of processors, ready to be printed.
type processorsPage struct {
	Organisation string
	SIREN        string   // empty when it has none
	Directors    []string // who answers for it, with their addresses
	Day          string
	Langs        []langTab
	Rows         []processorRow
	Missing      int
	Unsaid, None []boardName
}

// langTab leads to the same page in a language.
type langTab struct {
	Lang    models.Lang
	Name    string
	Current bool
}

type processorRow struct {
	Name, Link, Edit string
	Vendor           string
	Cells            []processorCell
}

// processorCell is one column of the register; Missing says what it lacks.
type processorCell struct {
	Label, Text, Note string
	Missing           []string
}

// processors shows the register in the reader's language, or in the one asked for: it is given to people outside.
func (w *Web) processors(c echo.Context) error {
	v := visitOf(c)
	if lang, ok := words.ParseLang(c.QueryParam("lang")); ok {
		v.speak(models.Lang(lang))
	}
	return w.kept(c, func() (screen, error) {
		return screen{status: http.StatusOK, name: "processors", nav: "services", title: "processors.title", page: newProcessorsPage(v)}, nil
	})
}

func newProcessorsPage(v *visit) processorsPage {
	all := v.register.Processors(v.today)
	o := v.register.Organisation
	page := processorsPage{Organisation: o.Name, SIREN: o.SIREN, Day: v.words.DayLong(v.today), Missing: all.Missing()}
	for _, p := range v.register.PeopleOn(v.today) {
		if p.Role == models.Director {
			name := p.Name
			if p.Email != "" {
				name += " (" + p.Email + ")"
			}
			page.Directors = append(page.Directors, name)
		}
	}
	for _, lang := range []models.Lang{models.French, models.English} {
		page.Langs = append(page.Langs, langTab{lang, words.In(words.Lang(lang)).Kind("lang", string(lang)), lang == v.lang})
	}
	words.SortBy(v.words, all.Known, func(p models.Processor) string { return p.Service.Name })
	for _, p := range all.Known {
		page.Rows = append(page.Rows, newProcessorRow(v, p))
	}
	for _, s := range all.Unsaid {
		name := nameOf(s)
		if v.actor.Role.MayEdit() {
			name.Link += "/access"
		}
		page.Unsaid = append(page.Unsaid, name)
	}
	for _, s := range all.None {
		page.None = append(page.None, nameOf(s))
	}
	sortNames(v, page.Unsaid)
	sortNames(v, page.None)
	return page
}

func newProcessorRow(v *visit, p models.Processor) processorRow {
	w, a := v.words, p.Service.Access
	row := processorRow{Name: p.Service.Name, Link: servicePath(p.Service.ID), Edit: servicePath(p.Service.ID) + "/access"}
	cell := func(column, text, note string, gaps ...models.ProcessorGap) {
		x := processorCell{Label: w.T("processors.column." + column), Text: text, Note: note}
		for _, g := range gaps {
			if p.Lacks(g) {
				x.Missing = append(x.Missing, w.Kind("processor_gap", string(g)))
			}
		}
		row.Cells = append(row.Cells, x)
	}
	country := ""
	if p.Vendor.Country != "" {
		country = w.Country(p.Vendor.Country)
	}
	dpa, transfer, little := "", "", ""
	if a.Personal == models.ExtentPart {
		little = w.Kind("personal", string(a.Personal))
	}
	if !a.DPAOn.IsZero() {
		dpa = w.DayLong(a.DPAOn)
	}
	if a.Transfer != models.TransferUnknown {
		transfer = w.Kind("transfer", string(a.Transfer))
	}
	cell("vendor", p.Vendor.Name, country, models.GapVendor, models.GapCountry)
	cell("purpose", a.Purpose, "", models.GapPurpose)
	cell("whose", a.PersonalWhose, little, models.GapWhose)
	cell("hosting", a.Hosting, transfer, models.GapHosting, models.GapTransfer, models.GapAbroad)
	cell("dpa", dpa, a.DPAWhere, models.GapDPA)
	cell("kept_for", a.KeptFor, "", models.GapKeptFor)
	return row
}
