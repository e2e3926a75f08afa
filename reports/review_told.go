package reports

import (
	"cmp"
	"strings"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

// ReviewText is a review in the words of one language: what its pages say, in their order.
type ReviewText struct {
	Lang         words.Lang
	Organisation string
	Title        string
	Subject      string // the days it is of
	Status       string // settled by whom, or a draft
	Draft        bool
	Headline     []words.Part
	Class        string   // of the headline's amount: "", "warning", "danger"
	Leads        []string // what is to be known of the figures
	Figures      []ReviewPair
	Word         []string // the director's, by paragraph

	Months    []ReviewMonthText
	Functions []ReviewFunctionText
	Shared    bool // some function has a share

	Change   ReviewChangeText
	Services []ReviewServiceGroup
	Next     ReviewNextText
	Outlook  []string
	Risks    []ReviewRiskText
	Open     []ReviewRow // Day, Name, Text, Amount; none when all is settled
	Footer   string
}

// ReviewPair is a figure with its name.
type ReviewPair struct{ Name, Value string }

// ReviewRow is one line of a list.
type ReviewRow struct{ Day, Name, Text, Amount string }

// ReviewMonthText is one month's figures.
type ReviewMonthText struct{ Name, Spent, Due, Committed, Sum, Total string }

// ReviewFunctionText is one function's cost against its share.
type ReviewFunctionText struct {
	Name, Share, Cost, Left string
	Over                    bool
}

// ReviewChangeText is why the year differs from the one before.
type ReviewChangeText struct {
	Headline []words.Part
	Leads    []string
	Services []ReviewChangeRow
}

// ReviewChangeRow is one service in both years.
type ReviewChangeRow struct {
	Name, Before, After, Change string
	Reasons                     []string
}

// ReviewServiceGroup is the services of one function.
type ReviewServiceGroup struct {
	Name, Cost string
	Nothing    bool // it costs nothing
	Services   []ReviewServiceText
}

// ReviewServiceText is one service of the year.
type ReviewServiceText struct {
	ID        models.ID
	Name      string
	Plan      string // what is paid for, since when or until when
	Cost      string
	Nothing   bool // it costs nothing
	Decisions []ReviewDecisionText
	Undecided string   // said of a paid service nobody decided anything of
	Note      []string // the director's, by paragraph
}

// ReviewDecisionText is one decision; Reason is quoted, or empty.
type ReviewDecisionText struct{ Text, Reason string }

// ReviewNextText is the year after.
type ReviewNextText struct {
	Title     string
	Leads     []string
	Announced []ReviewRow // Day, Name, Text
	Locked    []ReviewRow // Day, Name, Text, Amount
	Unlocked  string      // said when nothing is locked
	Proposal  string
	Why       []string
}

// ReviewRiskText answers one of the three limits.
type ReviewRiskText struct {
	Title string
	Lines []string
}

// TellReview puts a review in words.
func TellReview(d ReviewDocument, w *words.Words) ReviewText {
	t := reviewTeller{d, w}
	label := reviewLabel(d.Year)
	out := ReviewText{
		Lang: w.Lang(), Organisation: d.Organisation, Title: w.T("reviewed.title", "year", label), Draft: d.ClosedOn.IsZero(),
		Subject: w.T("reviewed.subject", "span", w.Span(d.Year.Span())), Word: paragraphs(d.Summary), Outlook: paragraphs(d.Outlook),
		Footer: w.T("reviewed.footer", "organisation", d.Organisation, "year", label),
	}
	switch {
	case out.Draft:
		out.Status = w.T("reviewed.draft", "day", d.Day)
	case d.ClosedBy == "":
		out.Status = w.T("reviewed.closed_bare", "day", d.ClosedOn)
	default:
		out.Status = w.T("reviewed.closed", "day", d.ClosedOn, "person", d.ClosedBy)
	}
	t.head(&out)
	t.months(&out)
	out.Change, out.Services, out.Next, out.Risks = t.change(), t.services(), t.next(), t.risks()
	for _, x := range d.Open {
		out.Open = append(out.Open, ReviewRow{w.DayLong(x.On), x.Service, w.T("reviewed.open." + string(x.Kind)), w.Money(x.Amount)})
	}
	return out
}

type reviewTeller struct {
	d ReviewDocument
	w *words.Words
}

func reviewLabel(y ReviewYear) string { return strings.ReplaceAll(y.Label, "-", "–") }

// paragraphs cuts what somebody wrote at its line ends.
func paragraphs(text string) []string {
	var list []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

// head is the year in one sentence, what is to be known of it, and its figures.
func (t reviewTeller) head(out *ReviewText) {
	w, r := t.w, t.d.Result
	tense := "head."
	if t.d.Year.Over(t.d.Day) {
		tense = "past."
	}
	args := []any{"year", reviewLabel(t.d.Year), "forecast", w.Money(r.Forecast), "floor", reviewFloor(w, r.Floor), "ceiling", w.MoneyRound(r.Ceiling)}
	if r.Status != models.NoEnvelope {
		args = append(args, "room", w.Money(r.Ceiling.Sub(r.Forecast).Abs()), "gap", w.Money(r.Floor.Sub(r.Forecast).Abs()))
	}
	out.Headline = w.Parts("envelope."+tense+string(r.Status), args...)
	switch r.Status {
	case models.Under:
		out.Class = "warning"
	case models.Over:
		out.Class = "danger"
		key := "reviewed.crossed"
		if r.CrossedOn.After(t.d.Day) {
			key = "reviewed.crossing"
		}
		if !r.CrossedOn.IsZero() {
			out.Leads = append(out.Leads, w.T(key, "day", r.CrossedOn, "service", r.CrossedBy))
		}
	case models.Within, models.NoEnvelope:
	}
	if tense == "head." {
		out.Leads = append(out.Leads, w.T("reviewed.early", "day", t.d.Day))
	}
	if !r.Due.IsZero() {
		out.Leads = append(out.Leads, w.T("reviewed.due", "amount", r.Due))
	}
	if !r.Complete {
		out.Leads = append(out.Leads, w.T("reviewed.incomplete"))
	}
	if t.d.Sample {
		out.Leads = append(out.Leads, w.T("reviewed.sample"))
	}
	t.figures(out)
}

// reviewFloor writes the lower end of a range whose upper end carries the currency's sign.
func reviewFloor(w *words.Words, a money.Amount) string {
	if w.Lang() == words.FR && a.Units()%money.UnitsPerOne == 0 {
		return w.MoneyShort(a)
	}
	return w.MoneyRound(a)
}

func (t reviewTeller) figures(out *ReviewText) {
	w, r := t.w, t.d.Result
	add := func(key, value string) {
		out.Figures = append(out.Figures, ReviewPair{w.T("reviewed.figure." + key), value})
	}
	add("spent", w.Money(r.Spent))
	if !r.Due.IsZero() {
		add("due", w.Money(r.Due))
	}
	if !r.Committed.IsZero() {
		add("committed", w.Money(r.Committed))
	}
	if r.Status == models.Over {
		add("over", w.Money(r.Forecast.Sub(r.Ceiling)))
	} else if r.Status != models.NoEnvelope {
		add("room", w.Money(r.Ceiling.Sub(r.Forecast)))
	}
	if r.Headcount > 0 {
		add("per_head", w.Money(r.PerHead))
	}
	add("services", w.T("reviewed.figure.of", "paid", w.Number(r.Paid), "all", w.Number(r.InUse)))
	if c := t.d.Change; c.Comparable() && c.KeptFrom.IsZero() {
		add("before", w.Money(c.Before))
	}
}

func (t reviewTeller) months(out *ReviewText) {
	w := t.w
	blank := func(a money.Amount) string {
		if a.IsZero() {
			return "–"
		}
		return w.Money(a)
	}
	for _, m := range t.d.Months {
		out.Months = append(out.Months, ReviewMonthText{
			w.Month(m.From), blank(m.Spent), blank(m.Due), blank(m.Committed), blank(m.Sum()), w.Money(m.Total),
		})
	}
	for _, f := range t.d.Functions {
		line := ReviewFunctionText{Name: cmp.Or(f.Name, w.T("reviewed.no_function")), Cost: w.Money(f.Cost)}
		if !f.Share.IsNone() {
			out.Shared = true
			line.Share, line.Left, line.Over = w.Money(f.Share), w.MoneySigned(f.Share.Sub(f.Cost)), f.Share.Less(f.Cost)
		}
		out.Functions = append(out.Functions, line)
	}
}

func (t reviewTeller) change() ReviewChangeText {
	w, c := t.w, t.d.Change
	var out ReviewChangeText
	if !c.Comparable() {
		out.Leads = []string{w.T("reviewed.not_comparable")}
		return out
	}
	tense, how := "years.head.", "more"
	if t.d.Year.Over(t.d.Day) {
		tense = "years.past."
	}
	switch {
	case c.Change.IsZero():
		how = "same"
	case c.Change.IsNegative():
		how = "less"
	}
	args := []any{
		"from", reviewLabel(c.From), "to", reviewLabel(t.d.Year), "change", w.Money(c.Change.Abs()), "before", w.Money(c.Before),
		"after", w.Money(c.After), "day", c.KeptFrom,
	}
	out.Headline = w.Parts(tense+how, args...)
	if !c.KeptFrom.IsZero() {
		out.Leads = append(out.Leads, w.T("years.kept_from", args...))
	}
	if !c.Complete {
		out.Leads = append(out.Leads, w.T("reviewed.incomplete"))
	}
	for _, s := range c.Services {
		row := ReviewChangeRow{Name: s.Name, Before: w.Money(s.Before), After: w.Money(s.After), Change: w.MoneySigned(s.After.Sub(s.Before))}
		for _, p := range s.Parts {
			row.Reasons = append(row.Reasons, w.T("years.reason", "name", t.reason(p), "amount", w.MoneySigned(p.Amount)))
		}
		out.Services = append(out.Services, row)
	}
	if len(out.Services) == 0 {
		out.Leads = append(out.Leads, w.T("reviewed.no_change"))
	}
	return out
}

// reason says what changed: "prix : 10,00 € → 12,00 €, sur 6 échéances".
func (t reviewTeller) reason(p ReviewPart) string {
	w := t.w
	var text string
	switch p.Kind {
	case models.PartPrice:
		was, now := cmp.Or(w.Money(p.Was.Price), "0"), w.Money(p.Now.Price)
		switch {
		case p.Was.Price.IsNone() || p.Now.Price.IsNone():
			text = w.T("years.why.given")
		case p.Was.Seats > 0 && p.Now.Seats > 0:
			text = w.T("years.why.seat_price", "was", was, "now", now)
		default:
			text = w.T("years.why.price", "was", was, "now", now)
		}
	case models.PartSeats:
		text = w.T("years.why.seats", "was", w.Number(p.Was.Seats), "now", w.Number(p.Now.Seats))
	case models.PartPlan:
		if p.Was.Plan == p.Now.Plan {
			return w.T("years.why.cadence", "was", w.Cadence(p.Was.cadence()), "now", w.Cadence(p.Now.cadence()))
		}
		return w.T("years.why.plan", "was", cmp.Or(p.Was.Plan, "–"), "now", cmp.Or(p.Now.Plan, "–"))
	case models.PartCurrency:
		text = t.currency(p)
	case models.PartAdded, models.PartDropped:
		if p.On.IsZero() {
			return w.T("years.why." + string(p.Kind) + ".bare")
		}
		return w.T("years.why."+string(p.Kind)+".on", "day", p.On)
	case models.PartCalendar, models.PartWaived:
		if p.Amount.IsNegative() {
			return w.N("years.why."+string(p.Kind)+".less", p.Charges)
		}
		return w.N("years.why."+string(p.Kind)+".more", p.Charges)
	default:
		return w.T("years.why." + string(p.Kind))
	}
	if p.Charges > 1 {
		text = w.N("years.on_charges", p.Charges, "text", text)
	}
	return text
}

func (b ReviewBought) cadence() cal.Cadence { return cal.Cadence{Every: b.Every, Unit: b.Unit} }

func (t reviewTeller) currency(p ReviewPart) string {
	w := t.w
	switch {
	case !p.Was.EUR.IsNone() && p.Was.Price.Currency() == p.Now.Price.Currency():
		return w.T("years.why.rate", "price", p.Now.Price, "was", p.Was.EUR, "now", p.Now.EUR)
	case !p.Was.EUR.IsNone():
		return w.T("years.why.rate", "price", p.Was.Price, "was", p.Was.EUR, "now", p.Now.EUR)
	case p.Was.Price.Currency() != p.Now.Price.Currency():
		return w.T("years.why.currency", "was", string(p.Was.Price.Currency()), "now", string(p.Now.Price.Currency()))
	}
	return w.T("years.why.no_rate")
}
