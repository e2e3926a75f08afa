package reports

import (
	"bytes"
	"cmp"
	"slices"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

// NewReviewDocument puts the review of a fiscal year together as known on a day. With v.ClosedOn it is the one to freeze,
// without it a draft.
func NewReviewDocument(r *models.Register, v models.Review, day cal.Date) ReviewDocument {
	year := r.Organisation.YearStart.Year(v.Year)
	m := reviewMaker{r: r, v: v, year: year, day: day, position: r.Position(year, day)}
	d := ReviewDocument{
		Format: reviewFormat, Organisation: r.Organisation.Name, SIREN: r.Organisation.SIREN, Sample: r.Organisation.Sample,
		Year: reviewYear(year), Day: day, Summary: v.Summary, Outlook: v.Outlook,
	}
	if !v.ClosedOn.IsZero() {
		d.ClosedOn = v.ClosedOn
		closer, _ := r.Person(v.ClosedBy)
		d.ClosedBy = closer.Name
	}
	d.Result, d.Months, d.Functions = m.result(), m.months(), m.functions()
	d.Change, d.Services, d.Next = m.change(), m.services(), m.next()
	d.Risks, d.Open = m.risks(), m.open()
	return d
}

// FrozenReview is what is kept of a review for ever: the document, and its pages in either language.
type FrozenReview struct {
	Document []byte
	PDFs     map[models.Lang][]byte
}

// FreezeReview makes what is kept when somebody closes a review on a day.
func FreezeReview(r *models.Register, v models.Review, by models.ID, on cal.Date) (FrozenReview, error) {
	v.ClosedOn, v.ClosedBy = on, by
	d := NewReviewDocument(r, v, on)
	document, err := d.JSON()
	if err != nil {
		return FrozenReview{}, err
	}
	f := FrozenReview{Document: document, PDFs: map[models.Lang][]byte{}}
	for lang, in := range map[models.Lang]words.Lang{models.French: words.FR, models.English: words.EN} {
		var b bytes.Buffer
		if err := WriteReviewPDF(&b, d, words.In(in)); err != nil {
			return FrozenReview{}, err
		}
		f.PDFs[lang] = b.Bytes()
	}
	return f, nil
}

// reviewMaker gathers what a review says.
type reviewMaker struct {
	r        *models.Register
	v        models.Review
	year     cal.FiscalYear
	day      cal.Date
	position models.Position
}

func reviewYear(y cal.FiscalYear) ReviewYear { return ReviewYear{y.Label(), y.Start, y.Last()} }

func (m *reviewMaker) serviceName(id models.ID) string {
	sv, _ := m.r.Service(id)
	return sv.Name
}

func (m *reviewMaker) planName(id models.ID) string {
	p, _ := m.r.Plan(id)
	return p.Name
}

func (m *reviewMaker) result() ReviewResult {
	p := m.position
	out := ReviewResult{
		Status: p.Status, Spent: p.Spent, Due: p.Due, Committed: p.Committed, Locked: p.Locked, Avoidable: p.Avoidable, Forecast: p.Forecast,
		Complete: p.Complete(), CrossedOn: p.CrossedOn, CrossedBy: m.serviceName(p.CrossedBy), Paid: p.PaidServices, InUse: p.Services,
	}
	if p.Status != models.NoEnvelope {
		out.Floor, out.Ceiling = p.Envelope.Floor, p.Envelope.Ceiling
		if out.Floor.IsNone() {
			out.Floor = money.Zero(money.EUR)
		}
	}
	if heads := m.r.Organisation.Headcount; heads > 0 {
		out.Headcount, out.PerHead = heads, p.PerHead(heads)
	}
	return out
}

func (m *reviewMaker) months() []ReviewMonth {
	list := make([]ReviewMonth, len(m.position.Months))
	for i, x := range m.position.Months {
		list[i] = ReviewMonth{x.Span.From, x.Spent, x.Due, x.Committed, x.Total}
	}
	return list
}

func (m *reviewMaker) functions() []ReviewFunction {
	var list []ReviewFunction
	for _, c := range m.r.CostByFunction(m.position) {
		f, _ := m.r.Function(c.FunctionID)
		list = append(list, ReviewFunction{f.Name, c.Share, c.Forecast})
	}
	return list
}

func (m *reviewMaker) change() ReviewChange {
	y := m.r.YearOnYear(m.year, m.day)
	c := ReviewChange{
		From: reviewYear(y.From), Before: y.Before, After: y.After, Change: y.Change, Complete: y.Complete, KeptFrom: y.KeptFrom, Parts: m.parts(y.Parts),
	}
	for _, s := range y.Services {
		if s.Change().IsZero() && len(s.Parts) == 0 {
			continue
		}
		c.Services = append(c.Services, ReviewServiceChange{m.serviceName(s.ServiceID), s.Before, s.After, m.parts(s.Parts)})
	}
	return c
}

func (m *reviewMaker) parts(parts []models.Part) []ReviewPart {
	var list []ReviewPart
	for _, p := range parts {
		list = append(list, ReviewPart{p.Kind, p.Amount, p.Charges, m.bought(p.Was), m.bought(p.Now), p.On})
	}
	return list
}

func (m *reviewMaker) bought(b models.Bought) ReviewBought {
	return ReviewBought{m.planName(b.PlanID), b.Cadence.Every, b.Cadence.Unit, b.Price, b.Seats, b.EUR}
}

// services are those in use during the year up to the day, and those that cost something in it.
func (m *reviewMaker) services() []ReviewService {
	costs := map[models.ID]models.ServiceCost{}
	for _, c := range m.r.CostByService(m.position) {
		costs[c.ServiceID] = c
	}
	order := map[models.ID]int{}
	for i, f := range m.r.ByPosition() {
		order[f.ID] = i
	}
	var list []ReviewService
	places := map[models.ID]int{}
	for _, sv := range m.r.Services {
		s, used := m.used(sv.ID)
		cost, costs := costs[sv.ID]
		if !used && !costs {
			continue
		}
		line := m.service(sv, s, used)
		line.Cost, line.Complete = money.Zero(money.EUR), true
		if costs {
			line.Cost, line.Complete = cost.Forecast, cost.Complete
		}
		at, known := order[sv.FunctionID]
		if !known {
			at = len(order)
		}
		places[sv.ID] = at
		list = append(list, line)
	}
	w := words.In(words.Lang(m.r.Organisation.Lang))
	slices.SortStableFunc(list, func(a, b ReviewService) int {
		return cmp.Or(cmp.Compare(places[a.ID], places[b.ID]), w.Compare(a.Name, b.Name))
	})
	return list
}

// used is the subscription of a service that ran last in the year, up to the day.
func (m *reviewMaker) used(service models.ID) (models.Subscription, bool) {
	in := m.year.Span()
	in.To = cal.Min(in.To, m.day.AddDays(1))
	var last models.Subscription
	for _, s := range m.r.SubscriptionsOf(service) {
		ran := s.StartedOn.Before(in.To) && (s.EndsOn.IsZero() || s.EndsOn.After(in.From) && s.EndsOn.After(s.StartedOn))
		if ran && (last.ID == 0 || !s.StartedOn.Before(last.StartedOn)) {
			last = s
		}
	}
	return last, last.ID != 0
}

func (m *reviewMaker) service(sv models.Service, s models.Subscription, used bool) ReviewService {
	vendor, _ := m.r.Vendor(sv.VendorID)
	function, _ := m.r.Function(sv.FunctionID)
	out := ReviewService{ID: sv.ID, Name: sv.Name, Function: function.Name, Vendor: vendor.Name, Country: vendor.Country, Note: m.v.NoteOn(sv.ID)}
	m.decisions(&out)
	if !used {
		return out
	}
	last := cal.Min(m.year.Last(), m.day) // what held at the end
	if !s.EndsOn.IsZero() {
		last = cal.Max(cal.Min(last, s.EndsOn.AddDays(-1)), s.StartedOn)
	}
	terms := s.TermsOn(last)
	out.Plan, out.Tier, out.Every, out.Unit = m.planName(s.PlanID), m.r.TierOf(s), s.Cadence.Every, s.Cadence.Unit
	out.Held = s.SeatsHeld(last)
	if out.Tier == models.Premium {
		out.Price, out.PerSeat = terms.Price, terms.PerSeat
		if terms.PerSeat {
			out.Seats = terms.Seats
		}
	}
	first := s.StartedOn
	for _, x := range m.r.SubscriptionsOf(sv.ID) {
		if !(!x.EndsOn.IsZero() && !x.EndsOn.After(x.StartedOn)) {
			first = cal.Min(first, x.StartedOn)
		}
	}
	if m.year.Span().Contains(first) {
		out.Since = first
	}
	if next, goesOn := m.r.Subscription(s.SuccessorID); !s.EndsOn.IsZero() && (!goesOn || next.StartedOn.After(s.EndsOn)) {
		if end := s.EndsOn.AddDays(-1); m.year.Span().Contains(end) {
			out.EndedOn = end
		} else {
			out.EndsOn = end
		}
	}
	return out
}

// decisions are those of the year; without any, the one that stood from before.
func (m *reviewMaker) decisions(out *ReviewService) {
	list := m.r.DecisionsOf(out.ID)
	slices.SortStableFunc(list, func(a, b models.Decision) int { return cmp.Or(a.On.Compare(b.On), cmp.Compare(a.ID, b.ID)) })
	for _, d := range list {
		by, _ := m.r.Person(d.By)
		told := ReviewDecision{d.Kind, d.On, by.Name, d.Reason, d.ReplacedBy, d.Seats}
		switch {
		case d.On.After(m.day) || d.On.After(m.year.Last()):
		case d.On.Before(m.year.Start):
			out.Standing = told
		default:
			out.Decisions = append(out.Decisions, told)
		}
	}
	if len(out.Decisions) > 0 {
		out.Standing = ReviewDecision{}
	}
}

func (m *reviewMaker) next() ReviewNext {
	year := m.year.Next()
	p := m.r.Position(year, m.day)
	proposal := m.r.ProposeEnvelope(year, m.day)
	n := ReviewNext{
		Year: reviewYear(year), Forecast: p.Forecast, Complete: p.Complete(), Why: proposal.Why,
		Floor: proposal.Floor, Ceiling: proposal.Ceiling, Calculated: ReviewEnvelope{proposal.Floor, proposal.Ceiling},
	}
	n.RunRate, n.RunRateComplete = m.r.RunRate(m.day)
	if !m.v.NextCeiling.IsNone() {
		n.Floor, n.Ceiling, n.Chosen = m.v.NextFloor, m.v.NextCeiling, true
		if n.Floor.IsNone() {
			n.Floor = money.Zero(money.EUR)
		}
	}
	for _, c := range append(slices.Clone(p.Still), p.UnconvertedCharges...) {
		if c.Locked && c.On.After(m.day) {
			n.Locked = append(n.Locked, ReviewRenewal{m.serviceName(c.ServiceID), c.On, c.DecideBy, c.Stake()})
		}
	}
	slices.SortStableFunc(n.Locked, func(a, b ReviewRenewal) int { return a.On.Compare(b.On) })
	for _, a := range m.r.Announced(cal.Span{From: m.year.Start, To: year.Span().To}, m.day) {
		n.Announced = append(n.Announced, ReviewAnnounced{
			a.Kind, m.serviceName(a.ServiceID), a.On, a.Was, a.Now, a.SeatsWas, a.Seats, m.planName(a.PlanWas), m.planName(a.PlanNow),
		})
	}
	return n
}

// risks looks at the services in use on the day.
func (m *reviewMaker) risks() ReviewRisks {
	var k ReviewRisks
	for _, sv := range m.r.Services {
		line, _ := m.r.Line(sv.ID, m.day)
		if line.Standing != models.InUse {
			continue
		}
		k.InUse++
		a := sv.Access
		if a.Export == models.ExtentNone {
			k.NoWay = append(k.NoWay, sv.Name)
		} else if sv.ExportEvery > 0 && (sv.ExportedOn.IsZero() || sv.ExportedOn.AddDays(sv.ExportEvery).Before(m.day)) {
			k.Late = append(k.Late, sv.Name)
		}
		if sv.ClosesOn.After(m.day) {
			k.Closing = append(k.Closing, sv.Name)
		}
		if a.SecondAdmin == 0 && (sv.ExportEvery > 0 || line.Tier == models.Premium) {
			k.Alone++
		}
		switch a.Offline {
		case models.ExtentFull:
			k.Offline = append(k.Offline, sv.Name)
		case models.ExtentPart:
			k.Reading = append(k.Reading, sv.Name)
		case models.ExtentNone:
			k.OnlineOnly++
		case models.ExtentUnknown:
			k.OfflineUnknown++
		}
		k.Planned, k.Done = k.Planned+a.TrainPlanned, k.Done+min(a.TrainDone, a.TrainPlanned)
		if a.TrainDone < a.TrainPlanned {
			k.Behind = append(k.Behind, sv.Name)
		}
	}
	return k
}

// open is what is left to settle of the year, by day.
func (m *reviewMaker) open() []ReviewOpen {
	var list []ReviewOpen
	for _, c := range m.position.DueCharges {
		list = append(list, ReviewOpen{OpenUnpaid, m.serviceName(c.ServiceID), c.On, c.Billed})
	}
	for _, c := range m.position.UnconvertedCharges {
		list = append(list, ReviewOpen{OpenUnconverted, m.serviceName(c.ServiceID), c.On, c.Billed})
	}
	for _, p := range m.position.UnconvertedPayments {
		list = append(list, ReviewOpen{OpenUnconverted, m.serviceName(p.ServiceID), p.PaidOn, p.Billed})
	}
	in := m.year.Span()
	in.To = cal.Min(in.To, m.day.AddDays(1))
	for _, p := range m.r.Payments {
		if in.Contains(p.PaidOn) && m.r.LacksInvoice(p) {
			list = append(list, ReviewOpen{OpenNoInvoice, m.serviceName(p.ServiceID), p.PaidOn, p.Billed})
		}
	}
	slices.SortStableFunc(list, func(a, b ReviewOpen) int { return cmp.Or(a.On.Compare(b.On), cmp.Compare(a.Service, b.Service)) })
	return list
}
