package reports

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

// CalendarOptions is what a calendar feed is to hold.
type CalendarOptions struct {
	Owner   models.ID // only subscriptions this person answers for; 0 for all
	Amounts bool      // without them nothing of the feed depends on one, nor on what was paid
	BaseURL string    // of the pages, without a slash at the end; its host stands in the UIDs
	Host    string
	// Changed is when the organisation's revision was written, for the days of the records' last change.
	Changed func(revision int64) time.Time
}

// Calendar is the renewals of an organisation as a calendar that other programs subscribe to.
type Calendar struct {
	Name   string // of the organisation
	Mine   bool   // only what one person answers for
	Span   cal.Span
	Events []CalendarEvent

	CalendarOptions
	register *models.Register
}

// CalendarEvent is one whole day of the calendar.
type CalendarEvent struct {
	Kind      models.MarkKind // MarkDecide or MarkRenewal
	On        cal.Date
	UID       string // of this occurrence for as long as it falls on its day
	ChangedAt time.Time
	Renewal   Renewal
}

// CalendarSpan is what a feed covers on a day: the month before that of the day, and 24 after it. Whole months, so that
// the feed stays the same, byte for byte, until the register changes or the month does.
func CalendarSpan(today cal.Date) cal.Span {
	first := today.MonthStart()
	return cal.Span{From: first.AddMonths(-1), To: first.AddMonths(25)}
}

// NewCalendar gathers the renewals around a day, each with the last day to decide on it while it is to be decided.
// Those that were waived, and those of archived services, are left out.
func NewCalendar(r *models.Register, today cal.Date, o CalendarOptions) Calendar {
	c := Calendar{Name: r.Organisation.Name, Mine: o.Owner != 0, Span: CalendarSpan(today), CalendarOptions: o, register: r}
	// A decide-by day is moved to the last working day before, whatever today is: what stands in somebody's calendar
	// does not wander. Marks moves it with today, but never to before that day, nor past the span's end.
	for _, m := range r.Marks(c.Span, today) {
		if m.Kind != models.MarkRenewal && m.Kind != models.MarkDecide {
			continue
		}
		on := m.On
		if m.Kind == models.MarkDecide {
			on = cal.WorkdayOnOrBefore(m.Charge.DecideBy)
		}
		s, _ := r.Subscription(m.SubscriptionID)
		renewal := renewalOf(r, m.Charge)
		if c.Span.Contains(on) && renewal.Settled != models.Waived && (o.Owner == 0 || s.OwnerID == o.Owner) {
			c.Events = append(c.Events, CalendarEvent{
				Kind: m.Kind, On: on, UID: c.uid(m), ChangedAt: c.changedAt(s, renewal), Renewal: renewal,
			})
		}
	}
	slices.SortFunc(c.Events, func(a, b CalendarEvent) int {
		x, y := a.Renewal.Charge, b.Renewal.Charge
		return cmp.Or(a.On.Compare(b.On), cmp.Compare(a.Kind, b.Kind), cmp.Compare(x.SubscriptionID, y.SubscriptionID), x.On.Compare(y.On))
	})
	return c
}

// uid names the event by the renewal it is about, not by its own day: a longer notice moves the day to decide, and the
// calendar moves the event it has.
func (c Calendar) uid(m models.Mark) string {
	number := func(id models.ID) string { return strconv.FormatInt(int64(id), 10) }
	return string(m.Kind) + "-" + number(c.register.Organisation.ID) + "-" + number(m.SubscriptionID) + "-" + m.Charge.On.String() + "@" + c.Host
}

// changedAt is when anything the event says was last written: one of its records, or the rate it is converted with.
func (c Calendar) changedAt(s models.Subscription, renewal Renewal) time.Time {
	r := c.register
	service, _ := r.Service(s.ServiceID)
	vendor, _ := r.Vendor(service.VendorID)
	plan, _ := r.Plan(s.PlanID)
	owner, _ := r.Person(s.OwnerID)
	revision := max(r.Organisation.Version, s.Version, service.Version, vendor.Version, plan.Version, owner.Version)
	if c.Amounts {
		for _, p := range r.PaymentsFor(renewal.Charge) {
			revision = max(revision, p.Version)
		}
	}
	at := c.Changed(revision).UTC()
	converted := c.Amounts && renewal.Conversion.Source != "" && renewal.Settled == models.Open
	if rate := renewal.Conversion.Day.Time(time.UTC); converted && rate.After(at) {
		return rate
	}
	return at
}

// CalendarSince is the instant since when nothing but a change of the register has changed a feed: its span moves with
// the month, and its amounts, where there are foreign ones, follow each day's rates.
func CalendarSince(r *models.Register, today cal.Date, amounts bool) time.Time {
	since := today.MonthStart()
	foreign := func(s models.Subscription) bool {
		return slices.ContainsFunc(s.Terms, func(t models.Terms) bool { return t.Price.Currency() != money.EUR })
	}
	if amounts && slices.ContainsFunc(r.Subscriptions, foreign) {
		since = today
	}
	return since.Time(r.Organisation.Location())
}

// title is the event in one line: « À décider : Dropbox », « Renouvellement Dropbox : 91,20 € ».
func (c Calendar) title(e CalendarEvent, w *words.Words) string {
	service, _ := c.register.Service(e.Renewal.ServiceID)
	if e.Kind == models.MarkDecide {
		return w.T("calendar.decide", "service", service.Name)
	}
	start := e.Renewal.K == 0
	switch {
	case start && c.Amounts:
		return w.T("calendar.start", "service", service.Name, "amount", c.amount(e, w))
	case start:
		return w.T("calendar.start_bare", "service", service.Name)
	case c.Amounts:
		return w.T("calendar.renewal", "service", service.Name, "amount", c.amount(e, w))
	}
	return w.T("calendar.renewal_bare", "service", service.Name)
}

// amount is the event's, in the currency it is billed in when it has no euros; of a charge paid in part, what is left.
func (c Calendar) amount(e CalendarEvent, w *words.Words) string {
	a := w.Money(e.Renewal.Amount)
	if e.Renewal.Amount.IsNone() {
		a = w.Money(e.Renewal.Billed)
	}
	if !e.Renewal.Paid.IsNone() && e.Renewal.Settled == models.Open {
		a = w.T("calendar.left", "amount", a)
	}
	return a
}

// lines say more of the event, a sentence each.
func (c Calendar) lines(e CalendarEvent, w *words.Words) []string {
	r, charge := c.register, e.Renewal.Charge
	s, _ := r.Subscription(charge.SubscriptionID)
	plan, _ := r.Plan(s.PlanID)
	var lines []string
	switch {
	case e.Kind == models.MarkDecide && s.AutoRenew:
		lines = append(lines, w.T("calendar.last_day", "day", charge.On))
	case e.Kind == models.MarkDecide:
		lines = append(lines, w.T("calendar.last_day_manual", "day", charge.On))
	case e.Renewal.Settled == models.Paid && c.Amounts:
		lines = append(lines, w.T("calendar.paid"))
	}
	if !c.Amounts {
		plan.Name = money.Conceal(plan.Name) // « Plus à 9,99 € »
	}
	if s.Cadence.Unit == cal.Once {
		lines = append(lines, w.T("calendar.plan_once", "plan", plan.Name))
	} else {
		lines = append(lines, w.T("calendar.plan", "plan", plan.Name, "cadence", w.Cadence(s.Cadence)))
	}
	if c.Amounts {
		lines = append(lines, c.amountLines(e, w)...)
	}
	if owner, ok := r.Person(s.OwnerID); ok {
		lines = append(lines, w.T("calendar.owner", "name", owner.Name))
	}
	return lines
}

// amountLines say what is at stake where the title does not, and what a foreign amount was converted from.
func (c Calendar) amountLines(e CalendarEvent, w *words.Words) []string {
	var lines []string
	if e.Kind == models.MarkDecide {
		lines = append(lines, w.T("calendar.stake", "amount", c.amount(e, w)))
	}
	charge := e.Renewal.Charge
	switch {
	case e.Renewal.Amount.IsNone():
		lines = append(lines, w.T("calendar.not_converted"))
	case charge.Conversion.Source != "" && e.Renewal.Settled == models.Open:
		lines = append(lines, w.T("calendar.converted", "amount", charge.Billed, "rate", charge.Conversion.Rate,
			"source", w.Kind("rate", string(charge.Conversion.Source)), "day", charge.Conversion.Day))
	}
	return lines
}
