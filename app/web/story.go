package web

import (
	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// storyLine is one thing of a service's story in words.
type storyLine struct {
	On     cal.Date
	Day    string
	Class  string // future, now, warning or none
	Text   string
	Strong string // ends the text
	Tag    string
	Note   string
	Link   string
}

// newStory tells a service's story, newest first, with today between what is coming and what is past.
func newStory(v *visit, service models.ID) []storyLine {
	events := v.register.Story(service, v.today)
	lines := make([]storyLine, 0, len(events)+1)
	told := false
	for _, e := range events {
		if v.words.Conceals() && e.Kind == models.EventTerms && e.Before.Seats == e.Terms.Seats {
			continue // another price, and nothing else
		}
		if !told && !e.On.After(v.today) {
			told = true
			lines = append(lines, nowLine(v, service))
		}
		l := storyLine{On: e.On, Day: v.dayAndYear(e.On)}
		if e.On.After(v.today) {
			l.Class = "future"
		}
		l.tell(v, e)
		lines = append(lines, l)
	}
	return lines
}

func nowLine(v *visit, service models.ID) storyLine {
	l := storyLine{On: v.today, Day: v.words.T("service.today"), Class: "now", Text: v.words.T("service.not_used")}
	if s, ok := v.register.CurrentOn(service, v.today); ok {
		l.Text = v.words.T("service.now", "state", v.words.Kind("state", string(s.StateOn(v.today))))
	}
	return l
}

func (l *storyLine) tell(v *visit, e models.Event) {
	w, r := v.words, v.register
	switch e.Kind {
	case models.EventStart:
		plan, _ := r.Plan(e.Subscription.PlanID)
		l.Text, l.Strong = w.T("story.start"), plan.Name
		l.Note = termsNote(v, e.Terms, e.Subscription.Cadence)
	case models.EventTerms:
		l.terms(v, e)
	case models.EventPayment:
		l.Text, l.Strong = w.T("story.payment"), w.Money(e.Payment.Billed)
		if e.Payment.Billed.Currency() != money.EUR && e.Payment.Converted() {
			l.Strong, l.Note = w.Money(e.Payment.EUR), convertedNote(v, e.Payment.Billed, e.Payment.Conversion())
		}
		l.Link = "/payments/" + typedID(e.Payment.ID)
		if !e.Payment.Converted() {
			l.Tag = w.Kind("payment", "unconverted")
		}
	case models.EventWaiver:
		l.Text, l.Note = w.T("story.waiver"), e.Waiver.Reason
	case models.EventDecision:
		l.decision(v, e.Decision)
	case models.EventCancel:
		l.Text, l.Strong, l.Note = w.T("story.cancel"), w.DayLong(e.Subscription.EndsOn), e.Subscription.CancelReason
	case models.EventEnd:
		l.Text = w.T("story.end")
		if e.Subscription.CancelledOn == e.On {
			l.Note = e.Subscription.CancelReason
		}
	case models.EventSwitch:
		from, _ := r.Plan(e.Subscription.PlanID)
		to, _ := r.Plan(e.Next.PlanID)
		l.Text, l.Strong = w.T("story.switch", "plan", from.Name), to.Name
		l.Note = e.Subscription.CancelReason
	case models.EventTrial:
		l.Text = w.T("story.trial")
		if !e.Subscription.GrantEnds.IsZero() {
			l.Text = w.T("story.grant")
		}
	case models.EventRenewal:
		if l.Text = w.T("story.renewal"); w.Conceals() {
			return
		}
		l.Text, l.Strong = w.T("story.renewal"), w.Money(e.Charge.Billed)
		if e.Charge.Conversion.OK() {
			l.Strong = w.Money(e.Charge.Cost)
			if e.Charge.Billed.Currency() != money.EUR {
				l.Note = convertedNote(v, e.Charge.Billed, e.Charge.Conversion)
			}
		}
	}
}

// terms tells a change of price, or of seats, or of both.
func (l *storyLine) terms(v *visit, e models.Event) {
	w := v.words
	switch {
	case e.Before.Price != e.Terms.Price:
		l.Text, l.Strong = w.T("story.price", "was", w.Money(e.Before.Price)), w.Money(e.Terms.Price)
		if tenths, ok := money.ChangePercent(e.Before.Price, e.Terms.Price); ok && tenths != 0 {
			l.Tag = w.ChangePercent(tenths)
			if tenths > 0 && l.Class == "" {
				l.Class = "warning"
			}
		}
	case e.Before.Seats != e.Terms.Seats:
		l.Text, l.Strong = w.T("story.seats", "was", e.Before.Seats), w.Number(e.Terms.Seats)
	default:
		l.Text = w.T("story.terms")
	}
	l.Note = e.Terms.Note
}

func (l *storyLine) decision(v *visit, d models.Decision) {
	w := v.words
	l.Text, l.Strong, l.Note = w.T("story.decision"), decided(v, d), d.Reason
	if by, ok := v.register.Person(d.By); ok {
		l.Note = join(quote(v, d.Reason), by.Name)
	}
}

func quote(v *visit, text string) string {
	if text == "" {
		return ""
	}
	return v.words.T("story.quote", "text", text)
}

// termsNote is a price with its cadence and seats; nothing for what is free.
func termsNote(v *visit, t models.Terms, c cal.Cadence) string {
	w := v.words
	if t.Price.IsZero() || t.Price.IsNone() || w.Conceals() {
		return ""
	}
	price := w.Money(t.Price) + " " + w.CadencePer(c)
	if t.PerSeat {
		return w.N("service.price_seats", t.Seats, "price", price)
	}
	return price
}
