package reports

import (
	"bytes"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	texttemplate "text/template"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/templates"
	"enveloppe/templates/words"
)

// ReminderLetter is one reminder in words: for a person's e-mail or, in short, for a channel. It says amounts only to
// those who may read them.
type ReminderLetter struct {
	models.Reminder
	To             models.Addressee
	BaseURL        string // of the pages, without a slash at the end
	UnsubscribeURL string // ends all reminders for this person; left out when empty

	register     *models.Register
	service      models.Service
	subscription models.Subscription
	charge       models.Charge // it is about; none for the envelope, and for a trial that nothing follows
	amounts      bool
	w            *words.Words
}

// NewReminderLetter readies a reminder, as the register gave it for a day, for being written in a language.
func NewReminderLetter(r *models.Register, m models.Reminder, to models.Addressee, lang models.Lang, baseURL string) ReminderLetter {
	l := ReminderLetter{Reminder: m, To: to, BaseURL: baseURL, register: r, w: words.In(words.Lang(lang))}
	l.service, _ = r.Service(m.Cause.ServiceID)
	l.subscription, _ = r.Subscription(m.Cause.SubscriptionID)
	if !m.Cause.Renewal.IsZero() {
		l.charge, _ = r.OpenCharge(m.Cause.SubscriptionID, m.Cause.Renewal, m.Day)
	}
	if l.amounts = r.Organisation.ShowsAmounts(to.Person.Role); to.Channel != nil {
		l.amounts = to.Channel.Amounts
	}
	return l
}

// reminder is the letter in words, the same for the text and for the HTML.
type reminder struct {
	Lang, Subject     string
	Eyebrow, Greeting string
	Headline          string
	Class             string // of the headline: "", "danger"
	Lead              []string
	Caption           string
	Facts             []fact
	Act               link
	Why               string
	Fewer, Leave      link // the second has no Href in a preview
}

// fact is one thing to know, as a line for the text too.
type fact struct{ Name, Value, Line string }

var (
	textReminder = texttemplate.Must(texttemplate.New("reminder.txt.tmpl").Funcs(texttemplate.FuncMap{"wrap": wrap}).
			ParseFS(templates.Files, "mails/reminder.txt.tmpl"))
	htmlReminder = template.Must(template.New("reminder.html.tmpl").ParseFS(templates.Files, "mails/reminder.html.tmpl"))
)

// Subject names the service, what to do, until when and, for those who may read it, at what price.
func (l ReminderLetter) Subject() string {
	subject := l.w.T("reminder.subject."+l.variant(), "service", l.service.Name, "day", l.w.DayMedium(l.Cause.On), "year", l.year().Label())
	amount := l.Cause.Amount
	if l.Kind == models.RemindEnvelope {
		amount = l.position().Forecast
	}
	if !l.amounts || !amount.IsPositive() {
		return subject
	}
	return l.w.T("reminder.at", "line", subject, "amount", amount)
}

// Text is the whole letter as plain text.
func (l ReminderLetter) Text() (string, error) {
	var b strings.Builder
	if err := textReminder.Execute(&b, l.letter()); err != nil {
		return "", fmt.Errorf("write reminder: %w", err)
	}
	return strings.TrimRight(b.String(), "\n") + "\n", nil
}

// HTML is the same letter as a page by itself: styles inside, nothing fetched.
func (l ReminderLetter) HTML() (string, error) {
	var b bytes.Buffer
	if err := htmlReminder.Execute(&b, l.letter()); err != nil {
		return "", fmt.Errorf("write reminder: %w", err)
	}
	return b.String(), nil
}

// Short is the reminder for a channel: a line, a few lines without markup, and the address where one acts.
func (l ReminderLetter) Short() (title, body, link string) {
	text := l.letter()
	lines := append([]string{text.Headline}, text.Lead...)
	return text.Subject, strings.Join(lines, "\n"), text.Act.Href
}

// variant is the sentence the event takes: its kind and, where the words differ, which of its kind it is.
func (l ReminderLetter) variant() string {
	today := l.Cause.On == l.Day
	switch l.Kind {
	case models.RemindDecideBy:
		if today {
			return "decide_by_today"
		}
	case models.RemindRenewal:
		switch {
		case !l.subscription.AutoRenew:
			return "renewal_manual"
		case today:
			return "renewal_today"
		}
	case models.RemindTrialEnd:
		if l.On == l.subscription.GrantEnds {
			return "grant_end"
		}
	case models.RemindEnvelope:
		switch {
		case l.Back():
			return "envelope_back"
		case l.Cause.Status == models.Under:
			return "envelope_under"
		}
	case models.RemindChargeDue:
	}
	return string(l.Kind)
}

func (l ReminderLetter) letter() reminder {
	o := l.register.Organisation
	out := reminder{
		Lang: string(l.w.Lang()), Subject: l.Subject(),
		Eyebrow: l.w.T("reminder.eyebrow", "organisation", o.Name), Caption: l.w.T("reminder.caption"),
		Fewer: newLink(l.w, l.w.T("reminder.fewer"), l.fewer()), Leave: newLink(l.w, l.w.T("reminder.leave"), l.UnsubscribeURL),
		Why: l.w.T("reminder.why", "organisation", o.Name),
	}
	if l.To.Channel == nil {
		out.Greeting = l.w.T("letter.greeting", "name", l.To.Person.Name)
		if l.Kind != models.RemindEnvelope && !l.To.Person.Role.MayEdit() {
			out.Why = l.w.T("reminder.why_owner", "organisation", o.Name, "service", l.service.Name)
		}
	}
	out.Act = l.act()
	switch l.Kind {
	case models.RemindDecideBy:
		l.tellDecideBy(&out)
	case models.RemindRenewal:
		l.tellRenewal(&out)
	case models.RemindTrialEnd:
		l.tellTrialEnd(&out)
	case models.RemindChargeDue:
		l.tellDue(&out)
	case models.RemindEnvelope:
		l.tellEnvelope(&out)
	}
	if l.Kind != models.RemindEnvelope {
		out.Facts = l.facts()
	}
	out.Lead = join(out.Lead...)
	return out
}

// fewer is where a person chooses their reminders, beginning with those of this subscription.
func (l ReminderLetter) fewer() string {
	if l.Kind == models.RemindEnvelope {
		return l.BaseURL + "/account/reminders"
	}
	return l.BaseURL + "/account/reminders?subscription=" + id(l.Item)
}

// act is the page where one acts; who cannot, reads there what is known.
func (l ReminderLetter) act() link {
	subscription, may := id(l.Item), l.To.Channel != nil || l.To.Person.Role.MayEdit()
	switch {
	case l.Kind == models.RemindEnvelope:
		return newLink(l.w, l.w.T("reminder.act.envelope"), l.BaseURL+"/envelope")
	case may && l.Kind == models.RemindChargeDue:
		return newLink(l.w, l.w.T("reminder.act.record"), l.BaseURL+"/payments/new?subscription="+subscription+"&on="+l.On.String())
	case may && l.open():
		return newLink(l.w, l.w.T("reminder.act.decide"), l.BaseURL+"/subscriptions/"+subscription+"/answer?renewal="+l.charge.On.String())
	}
	return newLink(l.w, l.w.T("reminder.act.service", "service", l.service.Name), l.BaseURL+servicePath(l.service.ID))
}

// open tells whether there is something to decide.
func (l ReminderLetter) open() bool {
	if l.Kind != models.RemindRenewal {
		return l.charge.On.After(l.Day)
	}
	_, answered := l.register.AnswerTo(l.subscription, l.On)
	return l.On.After(l.Day) && !answered && !l.charge.Locked && l.subscription.EndsOn.IsZero()
}

// headline is the sentence of the event, with its amount for those who may read it.
func (l ReminderLetter) headline(key string, args ...any) string {
	args = append(args, "service", l.service.Name)
	if l.amounts && l.Cause.Amount.IsPositive() && l.w.Has(key+"_for") {
		return l.w.T(key+"_for", append(args, "amount", l.Cause.Amount)...)
	}
	return l.w.T(key, args...)
}

func (l ReminderLetter) tellDecideBy(out *reminder) {
	key := "reminder.decide_by"
	if !l.subscription.AutoRenew {
		key = "reminder.decide_by_manual"
	}
	last := key + "_head"
	if l.Cause.On == l.Day {
		last = key + "_last"
	}
	out.Headline = l.w.T(last, "service", l.service.Name, "day", l.w.Day(l.Cause.On))
	out.Lead = append(out.Lead, l.headline(key, "renewal", l.w.Day(l.Cause.Renewal)))
	if l.Cause.On != l.On { // announced earlier, never later
		out.Lead = append(out.Lead, l.w.T("reminder.off", "day", l.w.Day(l.On)))
	}
	if terms := l.subscription.TermsOn(l.Day); terms.PerSeat {
		if free := terms.Seats - l.subscription.SeatsHeld(l.Day); free > 0 {
			out.Lead = append(out.Lead, capital(l.w.N("flag.unused", free, "seats", terms.Seats))+".")
		}
	}
}

func (l ReminderLetter) tellRenewal(out *reminder) {
	key := "reminder.renewal"
	if !l.subscription.AutoRenew {
		key = "reminder.renewal_manual"
	}
	out.Headline = l.headline(key, "day", l.w.Day(l.On))
	_, answered := l.register.AnswerTo(l.subscription, l.On)
	switch {
	case !l.subscription.EndsOn.IsZero() || !l.subscription.AutoRenew:
	case answered:
		out.Lead = append(out.Lead, l.w.T("reminder.answered"))
	case l.charge.Locked:
		out.Lead = append(out.Lead, l.w.T("reminder.locked"))
	default:
		out.Lead = append(out.Lead, l.w.T("reminder.avoidable", "day", l.w.Day(l.charge.SaidBy(l.Day))))
	}
}

func (l ReminderLetter) tellTrialEnd(out *reminder) {
	out.Headline = l.w.T("reminder."+l.variant(), "service", l.service.Name, "day", l.w.Day(l.On))
	if l.Cause.Renewal.IsZero() {
		out.Lead = append(out.Lead, l.w.T("flag.trial_end.free")+".")
		return
	}
	out.Lead = append(out.Lead, l.headline("reminder.first", "day", l.w.Day(l.Cause.Renewal)))
}

func (l ReminderLetter) tellDue(out *reminder) {
	out.Headline = l.headline("reminder.charge_due", "day", l.w.Day(l.On))
	out.Lead = append(out.Lead, l.w.T("flag.charge_due.detail")+".")
}

func (l ReminderLetter) tellEnvelope(out *reminder) {
	p := l.position()
	key, bounds := "reminder."+l.variant(), []any{
		"year", p.Year.Label(), "forecast", p.Forecast, "ceiling", l.w.MoneyRound(p.Envelope.Ceiling),
		"floor", l.w.MoneyRound(p.Envelope.Floor),
	}
	if l.variant() == string(models.RemindEnvelope) {
		out.Class = "danger"
	}
	if l.amounts {
		key += "_for"
		if l.Back() && p.Envelope.Floor.IsPositive() {
			key += "_band"
		}
	}
	out.Headline = l.w.T(key, bounds...)
	if by, ok := l.register.Service(p.CrossedBy); ok && p.Status == models.Over {
		crossing := "dashboard.will_cross"
		if !p.CrossedOn.After(l.Day) {
			crossing = "dashboard.crossed"
		}
		out.Lead = append(out.Lead, l.w.T(crossing, "day", l.w.Day(p.CrossedOn), "service", by.Name))
	}
}

// facts is what a decision needs, and nobody has to look up.
func (l ReminderLetter) facts() []fact {
	var all []fact
	add := func(key, value string) {
		if value != "" {
			name := l.w.T("reminder.fact." + key)
			all = append(all, fact{name, value, l.w.T("letter.line", "name", name, "what", value)})
		}
	}
	far := func(d cal.Date) string {
		return l.w.T("reminder.far", "day", l.w.DayLong(d), "relative", l.w.Relative(l.Day, d))
	}
	switch l.Kind {
	case models.RemindDecideBy:
		add("last", far(l.Cause.On))
		add("renewal", far(l.Cause.Renewal))
	case models.RemindChargeDue:
		add("due", far(l.On))
	case models.RemindTrialEnd:
		add("end", far(l.On))
	case models.RemindRenewal, models.RemindEnvelope:
		add("renewal", far(l.On))
	}
	if l.amounts && l.Cause.Amount.IsPositive() {
		add("amount", l.price())
	}
	if p, ok := l.register.Plan(l.subscription.PlanID); ok {
		add("plan", p.Name)
	}
	if m, ok := l.register.PaidBy(l.subscription.MeansID); ok {
		add("means", m.Name)
	}
	if owner, ok := l.register.Person(l.subscription.OwnerID); ok && owner.ID != l.To.Person.ID {
		add("owner", owner.Name)
	}
	return all
}

// price is the amount at stake with how often it comes, or why it is not in euros.
func (l ReminderLetter) price() string {
	a, note := l.Cause.Amount, l.w.CadencePer(l.subscription.Cadence)
	switch {
	case a.Currency() != money.EUR:
		note = "(" + l.w.T("flag.not_converted") + ")"
	case !l.charge.Paid.IsNone():
		note = l.w.T("flag.left")
	}
	return l.w.Money(a) + " " + note
}

func (l ReminderLetter) year() cal.FiscalYear { return l.register.Year(l.Day) }

func (l ReminderLetter) position() models.Position { return l.register.Position(l.year(), l.Day) }

func id(n models.ID) string { return strconv.FormatInt(int64(n), 10) }
