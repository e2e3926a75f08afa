package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

func (w *Web) decideRoutes(g *echo.Group) {
	g.GET("/decisions", w.decide)
	g.GET("/subscriptions/:id/answer", w.answerPage, mayEdit)
	g.POST("/subscriptions/:id/answer", w.answer, mayEdit, receive)
	g.POST("/decisions/:id/undo", w.undoAnswer, mayEdit)
	g.POST("/decisions/:id/proofs", w.addProofs, mayEdit, receive)
	g.GET("/proofs/:id", w.downloadProof)
	g.GET("/proofs/:id/removal", w.proofRemovalPage, mayEdit)
	g.POST("/proofs/:id/removal", w.removeProof, mayEdit)
}

// decidePage is what is to be decided within a year, what cannot be any more, and what has been answered.
type decidePage struct {
	Heading  []words.Part
	Lead     string
	Partial  string // says that amounts are missing from the heading's total
	Tabs     []viewTab
	Open     []questionLine
	Pages    paging
	Shown    string
	Locked   []questionLine
	LockedOf string // what they cost together
	Answered []answerLine
	None     bool // nothing is renewed at all
}

// decisionsShown is how many of the locked renewals and of the answers given are listed.
const decisionsShown = 50

// questionLine is one renewal to answer, in words.
type questionLine struct {
	On     cal.Date // the day to show: the last to say so; of a locked one the charge's
	Day    string
	When   string
	Name   string
	Link   string // of the service
	Title  string
	Facts  []string
	Amount string
	Per    string
	Tag    string
	Tone   string
	Answer string // where it is answered
}

// answerLine is one answer given.
type answerLine struct {
	Decision models.Decision
	Name     string
	Link     string
	What     string
	Day      string
	Detail   string
	Proofs   []fileLine
	Ends     string // until when it runs, when it ends
	Undo     string
}

// decide lists what must be decided by when, with what is at stake and what one decides on.
func (w *Web) decide(c echo.Context) error {
	return w.kept(c, func() (screen, error) {
		return screen{status: http.StatusOK, name: "decisions", nav: "renewals", title: "decide.title", page: newDecidePage(visitOf(c), pageNumber(c))}, nil
	})
}

func newDecidePage(v *visit, number int) decidePage {
	w := v.words
	page := decidePage{Tabs: renewalTabs(v, "decide", "")}
	var open, locked []models.Question
	for _, q := range v.register.Questions(v.today) {
		switch {
		case q.Locked:
			locked = append(locked, q)
		case !q.Answered():
			open = append(open, q)
		}
	}
	page.None = len(open)+len(locked) == 0
	page.Heading = w.Parts("decide.heading_none")
	if len(open) > 0 && w.Conceals() {
		page.Heading = w.Parts("decide.heading_plain", "count", w.N("decide.count", len(open)))
	} else if len(open) > 0 {
		page.Heading = w.Parts("decide.heading", "count", w.N("decide.count", len(open)), "amount", atStake(open))
		if n := unconvertedQuestions(open); n > 0 {
			page.Partial = w.N("renewals.partial", n)
		}
	}
	if len(open) > 0 {
		first, _ := v.register.Service(open[0].ServiceID)
		page.Lead = w.T("decide.first", "service", first.Name, "day", w.DayLong(open[0].SaidBy), "when", w.Relative(v.today, open[0].SaidBy))
	}
	page.Pages = newPaging(len(open), number, func(n int) string { return "/decisions?page=" + strconv.Itoa(n) })
	if page.Pages.Long() {
		page.Shown = w.T("renewals.shown", "first", page.Pages.First(), "last", page.Pages.To, "count", page.Pages.Of)
	}
	for _, q := range open[page.Pages.From:page.Pages.To] {
		page.Open = append(page.Open, newQuestionLine(v, q))
	}
	if len(locked) > 0 {
		page.LockedOf = w.Money(atStake(locked))
	}
	for _, q := range locked[:min(len(locked), decisionsShown)] {
		page.Locked = append(page.Locked, newQuestionLine(v, q))
	}
	page.Answered = answersGiven(v)
	return page
}

// atStake adds up what is at stake in euros.
func atStake(questions []models.Question) money.Amount {
	total := money.Zero(money.EUR)
	for _, q := range questions {
		if q.Stake.Currency() == money.EUR {
			total = total.Add(q.Stake)
		}
	}
	return total
}

func unconvertedQuestions(questions []models.Question) int {
	n := 0
	for _, q := range questions {
		if q.Stake.Currency() != money.EUR {
			n++
		}
	}
	return n
}

func newQuestionLine(v *visit, q models.Question) questionLine {
	w, r := v.words, v.register
	service, _ := r.Service(q.ServiceID)
	plan, _ := r.Plan(q.Subscription.PlanID)
	l := questionLine{
		On: q.SaidBy, Name: service.Name, Link: servicePath(q.ServiceID), Amount: w.Money(q.Stake), Per: w.CadencePer(q.Subscription.Cadence),
		Title:  w.T("decide.renews", "plan", plan.Name, "day", q.Charge.On),
		Answer: answerPath(q.Subscription.ID, q.Charge.On),
	}
	if !q.Subscription.AutoRenew {
		l.Title = w.T("decide.runs_out", "plan", plan.Name, "day", q.Charge.On)
	}
	if q.Locked {
		l.On, l.Per = q.Charge.On, ""
		l.Title = w.N("decide.locked", q.Count, "plan", plan.Name, "day", w.DayLong(lastLocked(r, q, v.today)))
		if q.Subscription.FixedUntil.After(q.Charge.On) {
			l.Tag = w.T("decide.fixed_term")
		}
	}
	l.Day, l.When = w.DayShort(l.On), w.Relative(v.today, l.On)
	if !q.Charge.Conversion.OK() {
		l.Per, l.Tag, l.Tone = w.T("flag.not_converted"), w.Kind("payment", "unconverted"), "warning"
	}
	l.Facts = questionFacts(v, q)
	return l
}

// lastLocked is the day of the last charge that is locked.
func lastLocked(r *models.Register, q models.Question, today cal.Date) cal.Date {
	last := q.Charge.On
	for _, c := range r.ChargesOf(q.Subscription, cal.Span{From: q.Charge.On, To: today.AddMonths(12).AddDays(1)}, today) {
		if c.Locked {
			last = c.On
		}
	}
	return last
}

// questionFacts are what one decides on, a sentence each.
func questionFacts(v *visit, q models.Question) []string {
	w, r := v.words, v.register
	var facts []string
	if !q.Locked && !q.Charge.DecideBy.IsZero() && q.SaidBy != q.Charge.DecideBy && !cal.Workday(q.Charge.DecideBy) {
		facts = append(facts, w.T("flag.not_workday", "day", w.Day(q.Charge.DecideBy)))
	}
	if q.Yearly.IsPositive() && q.Yearly != q.Stake && !w.Conceals() {
		facts = append(facts, w.T("decide.yearly", "amount", q.Yearly))
	}
	if !q.PriceWas.IsNone() && !w.Conceals() {
		now := q.Subscription.TermsOn(q.Charge.On).Billed()
		change := ""
		if tenths, ok := money.ChangePercent(q.PriceWas, now); ok && tenths != 0 {
			change = " " + w.T("decide.change", "change", w.ChangePercent(tenths))
		}
		facts = append(facts, w.T("decide.price_was", "was", q.PriceWas, "now", now)+change)
	}
	switch seats := q.Subscription.TermsOn(q.Charge.On).Seats; {
	case q.FreeSeats > 0 && w.Conceals():
		facts = append(facts, w.N("decide.free_seats_plain", q.FreeSeats, "seats", seats))
	case q.FreeSeats > 0:
		facts = append(facts, w.N("decide.free_seats", q.FreeSeats, "seats", seats, "amount", q.FreeYearly))
	}
	if q.ExportLate {
		facts = append(facts, dataFact(v, q.ServiceID))
	}
	if d := q.LastDecision; d.ID != 0 {
		last := w.T("decide.last", "what", w.Kind("decided", string(d.Kind)), "day", d.On)
		facts = append(facts, strings.TrimSpace(last+" "+quote(v, d.Reason)))
	} else {
		facts = append(facts, w.T("decide.never"))
	}
	if sv, ok := r.Service(q.ServiceID); ok && !sv.ClosesOn.IsZero() {
		facts = append(facts, w.T("decide.closes", "day", sv.ClosesOn))
	}
	for i := range facts {
		facts[i] = capital(facts[i])
	}
	return facts
}

// dataFact says since when the data of a service have not been taken out.
func dataFact(v *visit, service models.ID) string {
	sv, _ := v.register.Service(service)
	if sv.ExportedOn.IsZero() {
		return v.words.T("decide.never_exported")
	}
	return v.words.T("decide.exported", "day", sv.ExportedOn)
}

// answersGiven are the answers to renewals of the last twelve months and to come, the latest first.
func answersGiven(v *visit) []answerLine {
	w, r := v.words, v.register
	var given []models.Decision
	for _, d := range r.Decisions {
		if !d.Renewal.IsZero() && d.Renewal.After(v.today.AddMonths(-12)) {
			given = append(given, d)
		}
	}
	slices.SortStableFunc(given, func(a, b models.Decision) int {
		if c := b.On.Compare(a.On); c != 0 {
			return c
		}
		return int(b.ID - a.ID)
	})
	lines := make([]answerLine, 0, min(len(given), decisionsShown))
	for _, d := range given[:min(len(given), decisionsShown)] {
		service, _ := r.Service(d.ServiceID)
		by, _ := r.Person(d.By)
		l := answerLine{
			Decision: d, Name: service.Name, Link: servicePath(d.ServiceID), What: decided(v, d), Day: v.dayAndYear(d.On),
			Detail: join(w.T("decide.renewal_of", "day", w.DayLong(d.Renewal)), quote(v, d.Reason), by.Name), Proofs: proofLines(v, d.ID),
		}
		if s, ok := r.Subscription(d.SubscriptionID); ok && !s.EndsOn.IsZero() && s.SuccessorID == 0 && leaves(d.Kind) {
			l.Ends = w.T("decide.ends", "day", lastDay(s.EndsOn))
		}
		if lastAnswer(r, d) && d.Renewal.After(v.today) {
			l.Undo = decisionPath(d.ID) + "/undo"
		}
		lines = append(lines, l)
	}
	return lines
}

func leaves(k models.DecisionKind) bool { return k == models.Drop || k == models.Replace }

// lastAnswer tells whether no later answer was given to the same subscription.
func lastAnswer(r *models.Register, d models.Decision) bool {
	return !slices.ContainsFunc(r.DecisionsOf(d.ServiceID), func(x models.Decision) bool {
		return x.SubscriptionID == d.SubscriptionID && !x.Renewal.IsZero() && x.ID > d.ID
	})
}

// decided says what was decided with what belongs to it: the seats, what takes its place, the way it was cancelled.
func decided(v *visit, d models.Decision) string {
	w := v.words
	what := w.Kind("decision", string(d.Kind))
	switch {
	case d.Seats > 0:
		what = w.T("decide.seats_to", "was", w.N("decide.seats_n", d.SeatsWas), "seats", w.Number(d.Seats))
	case d.Kind == models.Replace && d.ReplacedBy != "":
		what = w.T("decide.replaced_by", "name", d.ReplacedBy)
	}
	if d.How != "" {
		what = join(what, w.Kind("cancel_by", string(d.How)))
	}
	return what
}

// undoAnswer takes an answer back with what followed from it.
func (w *Web) undoAnswer(c echo.Context) error {
	d, sv, err := decisionAt(c)
	if err != nil {
		return err
	}
	if err := w.store.UndoAnswer(c.Request().Context(), visitOf(c).actor, d.ID); err != nil {
		return err
	}
	return w.done(c, "/decisions", Notice{Key: "answer_undone", Args: []string{"service", sv.Name}})
}
