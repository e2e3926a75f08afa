package reports

import (
	"strconv"
	"strings"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

// teller puts a digest's parts in one language's words.
type teller struct {
	Digest
	w *words.Words
}

// dayOf is « 12 déc. »; how far it is stands beside it and tells the year.
func (t teller) dayOf(d cal.Date) string {
	if d.IsZero() {
		return ""
	}
	return t.w.DayShort(d)
}

func (t teller) next() string {
	sv, _ := t.register.Service(t.Next.ServiceID)
	if t.WithoutAmounts {
		return t.w.T("letter.next_plain", "service", sv.Name, "day", t.w.Day(t.Next.On))
	}
	return t.w.T("letter.next", "service", sv.Name, "day", t.w.Day(t.Next.On), "amount", t.amount(t.Next))
}

// amount is a renewal's, in the currency it is billed in when it has no euros; empty where it is not shown.
func (t teller) amount(r Renewal) string {
	if t.WithoutAmounts {
		return ""
	}
	if r.Amount.IsNone() {
		return t.w.Money(r.Billed)
	}
	return t.w.Money(r.Amount)
}

// decide tells what can still be refused. The end of a trial or a new price that comes with a renewal is told with the
// last day to prevent that renewal, not beside it.
func (t teller) decide() section {
	s := section{Title: t.w.T("letter.decide"), Caption: t.w.T("letter.decide_caption")}
	type renewal struct {
		subscription models.ID
		on           cal.Date
	}
	with := map[renewal][]string{}
	for _, c := range t.Decide {
		if c.Key.Kind == models.FlagDecideBy {
			with[renewal{c.SubscriptionID, c.Renewal}] = nil
		}
	}
	var causes []models.Cause
	for _, c := range t.Decide {
		about := renewal{c.SubscriptionID, c.On}
		_, told := with[about]
		if told && (c.Key.Kind == models.FlagTrialEnd || c.Key.Kind == models.FlagPriceChange) {
			with[about] = append(with[about], capital(t.cause(c).What))
			continue
		}
		causes = append(causes, c)
	}
	t.addCauses(&s, causes)
	if s.More.Href == "" {
		s.More = newLink(t.w, t.w.T("letter.decide_all"), t.BaseURL+"/decisions")
	}
	for i := range s.Rows {
		if c := causes[i]; c.Key.Kind == models.FlagDecideBy {
			s.Rows[i].Details = append(s.Rows[i].Details, with[renewal{c.SubscriptionID, c.Renewal}]...)
		}
	}
	return s
}

func (t teller) missing() section {
	s := section{Title: t.w.T("letter.missing"), Caption: t.w.T("letter.missing_caption")}
	causes, _ := models.Pressing(t.Missing, len(t.Missing))
	t.addCauses(&s, causes)
	return s
}

func (t teller) addCauses(s *section, causes []models.Cause) {
	for i, c := range causes {
		if i == maxRows {
			s.More = newLink(t.w, t.w.N("letter.more", len(causes)-maxRows), t.BaseURL+"/renewals")
			return
		}
		s.Rows = append(s.Rows, t.cause(c))
	}
}

func (t teller) renewals() section {
	s := section{
		Title: t.w.T("letter.renewals", "of", t.ofMonth(t.w)), Caption: t.avoidable(),
	}
	for i, r := range t.Renewals {
		if i == maxRenewals {
			s.More = newLink(t.w, t.w.N("letter.more", len(t.Renewals)-maxRenewals), t.BaseURL+"/renewals")
			break
		}
		s.Rows = append(s.Rows, t.renewalRow(r))
	}
	return s
}

// avoidable says how much of the month nothing can prevent any more.
func (t teller) avoidable() string {
	locked, open := money.Zero(money.EUR), 0
	for _, r := range t.Renewals {
		switch {
		case r.Settled != models.Open:
		case r.Locked:
			locked = locked.Add(r.Amount)
		default:
			open++
		}
	}
	switch {
	case open == 0:
		return t.w.T("letter.none_avoidable")
	case locked.IsZero():
		return t.w.T("letter.all_avoidable")
	case t.WithoutAmounts:
		return t.w.T("letter.some_avoidable_plain")
	}
	return t.w.T("letter.some_avoidable", "locked", locked)
}

func (t teller) renewalRow(r Renewal) row {
	sv, _ := t.register.Service(r.ServiceID)
	out := row{
		Day: t.dayOf(r.On), When: t.w.Relative(t.Today, r.On), Late: r.Settled == models.Open && r.On.Before(t.Today),
		Name: sv.Name, Href: t.BaseURL + servicePath(sv.ID),
	}
	if !t.WithoutAmounts {
		if out.Amount = t.amount(r); r.Amount.IsNone() {
			out.Note = t.w.T("flag.not_converted")
		}
	}
	switch {
	case r.Settled == models.Paid:
		out.What = t.w.Kind("payment", "paid")
	case !r.On.After(t.Today):
		out.What = t.w.T("flag.charge_due")
	case r.Locked:
		out.What = t.w.T("letter.locked")
	default:
		out.What = t.w.T("letter.avoidable", "day", t.w.DayMedium(r.SaidBy(t.Today)))
	}
	if r.Settled == models.Open {
		out.Details = join(t.converted(r.Charge))
	}
	return out
}

// converted says what a foreign price was converted from, and with which rate.
func (t teller) converted(c models.Charge) string {
	if c.Conversion.Source == "" || t.WithoutAmounts {
		return ""
	}
	return t.w.T("flag.converted", "amount", c.Billed, "rate", c.Conversion.Rate,
		"source", t.w.Kind("rate", string(c.Conversion.Source)), "day", t.w.DayShort(c.Conversion.Day))
}

// join keeps the details that say something.
func join(details ...string) []string {
	var kept []string
	for _, d := range details {
		if d != "" {
			kept = append(kept, d)
		}
	}
	return kept
}

// cause is a reason to act as a row: what it is, what hangs on it, where to go.
func (t teller) cause(c models.Cause) row {
	sv, _ := t.register.Service(c.ServiceID)
	s, _ := t.register.Subscription(c.SubscriptionID)
	out := row{
		Day: t.dayOf(c.On), Late: !c.On.IsZero() && c.On.Before(t.Today), Name: sv.Name, Href: t.BaseURL + servicePath(c.ServiceID),
		What: t.w.Kind("flag", string(c.Key.Kind)),
	}
	if !c.On.IsZero() {
		out.When = t.w.Relative(t.Today, c.On)
	}
	switch c.Key.Kind {
	case models.FlagDecideBy:
		t.tellDecideBy(&out, c, s)
	case models.FlagTrialEnd:
		t.tellTrialEnd(&out, c, s)
	case models.FlagServiceClosing:
		t.tellClosing(&out, sv)
	case models.FlagPriceChange:
		t.tellPriceChange(&out, c, s)
	case models.FlagFreeLook:
		out.What = t.w.T("flag.free_look")
	case models.FlagChargeDue:
		t.tellDue(&out, c)
	case models.FlagRateMissing:
		out.Name, out.Href = string(c.Key.Code), t.BaseURL+"/settings"
		out.What, out.Details = t.w.T("flag.rate_missing"), join(t.w.N("flag.rate_missing.detail", c.Count))
	case models.FlagCardExpiring:
		t.tellCard(&out, c)
	case models.FlagDataExport:
		if out.What = t.w.T("flag.data_export.never"); !sv.ExportedOn.IsZero() {
			out.What = t.w.T("flag.data_export", "day", sv.ExportedOn)
		}
	case models.FlagSeatsFree:
		out.What = t.w.N("flag.seats_unassigned", c.Count, "seats", s.TermsOn(t.Today).Seats)
		t.tellAmount(&out, c.Amount, t.w.CadencePer(cal.Yearly))
	case models.FlagNoOwner:
		out.What = t.w.T("flag.no_owner")
	case models.FlagRenewal, models.FlagEnvelope: // told elsewhere in the letter
	}
	return out
}

// tellAmount says what is at stake, and of what could not be converted, that it is not in the totals.
func (t teller) tellAmount(out *row, a money.Amount, note string) {
	if !a.IsPositive() || t.WithoutAmounts {
		return
	}
	if a.Currency() != money.EUR {
		note = t.w.T("flag.not_converted")
	}
	out.Amount, out.Note = t.w.Money(a), note
}

// per says how often a charge comes, or that its amount is what is left of it.
func (t teller) per(c models.Charge, every cal.Cadence) string {
	if !c.Paid.IsNone() {
		return t.w.T("flag.left")
	}
	return t.w.CadencePer(every)
}

func (t teller) tellDecideBy(out *row, c models.Cause, s models.Subscription) {
	if out.What = t.w.T("flag.decide_by"); !s.AutoRenew {
		out.What = t.w.T("flag.decide_by_manual")
	}
	charge, _ := t.register.OpenCharge(s.ID, c.Renewal, t.Today)
	t.tellAmount(out, c.Amount, t.per(charge, s.Cadence))
	terms := s.TermsOn(t.Today)
	unused := ""
	if free := terms.Seats - s.SeatsHeld(t.Today); terms.PerSeat && free > 0 {
		unused = t.w.N("flag.unused", free, "seats", terms.Seats)
	}
	out.Details = join(t.w.T("flag.renews_on", "day", c.Renewal), unused, t.converted(charge))
}

func (t teller) tellTrialEnd(out *row, c models.Cause, s models.Subscription) {
	if out.What = t.w.T("flag.trial_end"); c.On == s.GrantEnds {
		out.What = t.w.T("flag.grant_end")
	}
	if c.Renewal.IsZero() {
		out.Details = join(t.w.T("flag.trial_end.free"))
		return
	}
	first, _ := t.register.OpenCharge(s.ID, c.Renewal, t.Today)
	t.tellAmount(out, c.Amount, t.per(first, s.Cadence))
	out.Details = join(t.w.T("flag.trial_end.detail", "day", first.On), t.converted(first))
}

func (t teller) tellClosing(out *row, sv models.Service) {
	if out.What = t.w.T("flag.service_closing"); out.Late {
		out.What = t.w.T("flag.service_closed")
	}
	out.Details = join(t.w.T("flag.service_closing.never"))
	if !sv.ExportedOn.IsZero() {
		out.Details = join(t.w.T("flag.service_closing.exported", "day", sv.ExportedOn))
	}
}

func (t teller) tellPriceChange(out *row, c models.Cause, s models.Subscription) {
	if t.WithoutAmounts { // that it changes is what its kind says
		return
	}
	per := t.w.CadencePer(s.Cadence)
	if s.TermsOn(c.On).PerSeat {
		per = t.w.T("flag.per_seat", "per", per)
	}
	out.What = t.w.T("flag.price_change", "was", c.Was, "now", c.Amount, "per", per)
	if tenths, ok := money.ChangePercent(c.Was, c.Amount); ok {
		out.Note = t.w.ChangePercent(tenths)
	}
}

// tellDue tells of a payment to record, or of many in one row, which has no service.
func (t teller) tellDue(out *row, c models.Cause) {
	out.What = t.w.T("flag.charge_due")
	if c.ServiceID == 0 {
		out.Name, out.What, out.Href = t.w.N("dashboard.due", c.Count), t.w.T("dashboard.due_oldest"), t.BaseURL+"/renewals"
		if n := t.dueUnconverted(); n > 0 {
			out.Details = join(t.w.N("dashboard.missing", n))
		}
	} else {
		out.Href = t.BaseURL + "/payments/new?subscription=" + strconv.FormatInt(int64(c.SubscriptionID), 10) + "&on=" + c.On.String()
	}
	t.tellAmount(out, c.Amount, "")
}

func (t teller) dueUnconverted() int {
	n := 0
	for _, c := range t.Missing {
		if c.Key.Kind == models.FlagChargeDue && c.Amount.Currency() != money.EUR {
			n++
		}
	}
	return n
}

func (t teller) tellCard(out *row, c models.Cause) {
	m, _ := t.register.PaidBy(c.Key.Subject)
	service := out.Name
	out.Name, out.Href = m.Name, t.BaseURL+"/settings"
	if out.What = t.w.T("flag.card_expiring"); out.Late {
		out.What = t.w.T("flag.card_expired")
	}
	out.Details = join(t.w.N("flag.card_expiring.pays", c.Count, "service", service))
}

// changes tells the acts of the audit log that mean something to everybody, the newest first and each once; an act
// without words, such as a password set, is nobody else's business.
func (t teller) changes() section {
	s := section{Title: t.w.T("letter.changes"), Caption: t.w.T("letter.changes_caption", "day", t.Since)}
	zone := t.register.Organisation.Location()
	told := map[string]int{}
	var counts []int
	left := 0
	for _, e := range t.Changes {
		key := "letter.did." + e.Verb
		// An answer to a renewal writes what follows from it too: the decision alone is told.
		if !t.w.Has(key) || (strings.HasPrefix(e.Verb, "renewal.") && e.Kind != "decision") {
			continue
		}
		same := e.Verb + "\x00" + e.Name
		if at, ok := told[same]; ok {
			counts[at]++
			continue
		}
		if len(s.Rows) == maxRows {
			left++
			continue
		}
		told[same] = len(s.Rows)
		counts = append(counts, 1)
		s.Rows = append(s.Rows, row{
			Day: t.dayOf(cal.Of(e.At.In(zone))), Name: e.Name, What: t.w.T(key), Details: join(by(t.w, e)), Href: t.hrefOf(e),
		})
	}
	for i, n := range counts {
		if n > 1 {
			s.Rows[i].Note = t.w.N("letter.times", n)
		}
	}
	if left > 0 {
		s.More = newLink(t.w, t.w.N("letter.more_changes", left), t.BaseURL+"/audit")
	}
	return s
}

func by(w *words.Words, e models.AuditEntry) string {
	if e.ByName == "" {
		return ""
	}
	return w.T("letter.by", "name", e.ByName)
}

// hrefOf is the page of what was changed, when it is a service's or the envelope.
func (t teller) hrefOf(e models.AuditEntry) string {
	switch kind, _, _ := strings.Cut(e.Verb, "."); kind {
	case "service":
		if _, ok := t.register.Service(e.Subject); ok {
			return t.BaseURL + servicePath(e.Subject)
		}
	case "subscription":
		if s, ok := t.register.Subscription(e.Subject); ok {
			return t.BaseURL + servicePath(s.ServiceID)
		}
	case "payment":
		if p, ok := t.register.Payment(e.Subject); ok {
			return t.BaseURL + servicePath(p.ServiceID)
		}
	case "decision", "renewal":
		if x, ok := t.register.Decision(e.Subject); ok {
			return t.BaseURL + servicePath(x.ServiceID)
		}
	case "envelope":
		return t.BaseURL + "/envelope"
	}
	return ""
}
