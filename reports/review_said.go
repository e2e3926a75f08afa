package reports

import (
	"cmp"
	"strconv"
	"strings"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

// services are grouped by function, which they come in the order of.
func (t reviewTeller) services() []ReviewServiceGroup {
	var groups []ReviewServiceGroup
	var sums []money.Amount
	for _, s := range t.d.Services {
		name := cmp.Or(s.Function, t.w.T("reviewed.no_function"))
		if n := len(groups); n == 0 || groups[n-1].Name != name {
			groups, sums = append(groups, ReviewServiceGroup{Name: name}), append(sums, money.Zero(money.EUR))
		}
		at := len(groups) - 1
		groups[at].Services = append(groups[at].Services, t.service(s))
		sums[at] = sums[at].Add(s.Cost)
	}
	for i := range groups {
		groups[i].Cost, groups[i].Nothing = t.w.Money(sums[i]), sums[i].IsZero()
	}
	return groups
}

func (t reviewTeller) service(s ReviewService) ReviewServiceText {
	w := t.w
	out := ReviewServiceText{ID: s.ID, Name: s.Name, Cost: w.Money(s.Cost), Nothing: s.Cost.IsZero() && s.Complete, Plan: t.plan(s), Note: paragraphs(s.Note)}
	for _, d := range s.Decisions {
		out.Decisions = append(out.Decisions, t.decision(d))
	}
	if len(s.Decisions) == 0 && !s.Standing.On.IsZero() {
		out.Decisions = append(out.Decisions, t.decision(s.Standing))
	} else if len(s.Decisions) == 0 && s.Tier == models.Premium {
		out.Undecided = w.T("reviewed.undecided")
	}
	return out
}

// plan says what was paid for at the end: plan, price, people, and the days it began or ended.
func (t reviewTeller) plan(s ReviewService) string {
	w := t.w
	var parts []string
	per := w.CadencePer(cal.Cadence{Every: s.Every, Unit: s.Unit})
	switch {
	case s.Plan == "":
	case s.Tier == models.Free:
		parts = append(parts, w.T("reviewed.plan.free", "plan", s.Plan))
	case s.Price.IsZero():
		parts = append(parts, w.T("reviewed.plan.nothing", "plan", s.Plan))
	case s.PerSeat:
		parts = append(parts, w.N("reviewed.plan.seats", s.Seats, "plan", s.Plan, "price", s.Price, "per", per))
	default:
		parts = append(parts, w.T("reviewed.plan.flat", "plan", s.Plan, "price", s.Price, "per", per))
	}
	if s.Held > 0 && (!s.PerSeat || s.Held != s.Seats) {
		parts = append(parts, w.N("reviewed.held", s.Held))
	}
	for _, on := range []struct {
		key string
		day cal.Date
	}{{"reviewed.since", s.Since}, {"reviewed.ended", s.EndedOn}, {"reviewed.ending", s.EndsOn}} {
		if !on.day.IsZero() {
			parts = append(parts, w.T(on.key, "day", on.day))
		}
	}
	return strings.Join(parts, " · ")
}

func (t reviewTeller) decision(d ReviewDecision) ReviewDecisionText {
	w := t.w
	said := capital(w.Kind("decision", string(d.Kind)))
	if d.ReplacedBy != "" {
		said = w.T("reviewed.replaced_by", "decision", said, "service", d.ReplacedBy)
	}
	key := "reviewed.decided"
	if d.By != "" {
		key = "reviewed.decided_by"
	}
	out := ReviewDecisionText{Text: w.T(key, "decision", said, "day", d.On, "person", d.By)}
	if reason := strings.Join(paragraphs(d.Reason), " "); reason != "" {
		out.Reason = w.T("reviewed.quote", "text", reason)
	}
	return out
}

func (t reviewTeller) next() ReviewNextText {
	w, n := t.w, t.d.Next
	label := reviewLabel(n.Year)
	out := ReviewNextText{
		Title: w.T("reviewed.next", "year", label),
		Leads: []string{
			w.T("reviewed.next.run_rate", "day", t.d.Day, "amount", n.RunRate),
			w.T("reviewed.next.forecast", "year", label, "amount", n.Forecast),
		},
	}
	if !n.Complete || !n.RunRateComplete {
		out.Leads = append(out.Leads, w.T("reviewed.incomplete"))
	}
	for _, a := range n.Announced {
		args := []any{"was", a.Was, "now", a.Now}
		switch a.Kind {
		case models.AnnouncedSeats:
			args = []any{"was", w.Number(a.SeatsWas), "now", w.Number(a.Seats)}
		case models.AnnouncedSwitch:
			args = []any{"was", a.PlanWas, "now", a.PlanNow}
		case models.AnnouncedPrice, models.AnnouncedStart, models.AnnouncedTrial, models.AnnouncedEnd, models.AnnouncedCost, models.AnnouncedClose:
		}
		out.Announced = append(out.Announced, ReviewRow{Day: w.DayLong(a.On), Name: a.Service, Text: w.T("reviewed.announced."+string(a.Kind), args...)})
	}
	for _, x := range n.Locked {
		out.Locked = append(out.Locked, ReviewRow{w.DayLong(x.On), x.Service, w.T("reviewed.locked.by", "day", x.DecideBy), w.Money(x.Cost)})
	}
	if len(n.Locked) == 0 {
		out.Unlocked = w.T("reviewed.no_locked", "year", label)
	}
	t.propose(&out)
	return out
}

func (t reviewTeller) propose(out *ReviewNextText) {
	w, n := t.w, t.d.Next
	floor, ceiling := reviewFloor(w, n.Floor), w.MoneyRound(n.Ceiling)
	switch {
	case n.Ceiling.IsNone():
		out.Proposal = w.T("reviewed.next.nothing")
		return
	case n.Floor.IsZero():
		out.Proposal = w.T("reviewed.next.up_to", "ceiling", ceiling)
	default:
		out.Proposal = w.T("reviewed.next.proposed", "floor", floor, "ceiling", ceiling)
	}
	c := n.Calculated
	switch {
	case n.Chosen && !c.Ceiling.IsNone() && (c.Floor != n.Floor || c.Ceiling != n.Ceiling):
		out.Why = []string{w.T("reviewed.next.chosen", "floor", reviewFloor(w, c.Floor), "ceiling", w.MoneyRound(c.Ceiling))}
	case n.Why != models.ProposalNothing:
		out.Why = []string{w.T("reviewed.next.why." + string(n.Why))}
	}
}

// risks answers the three limits, each in a few lines.
func (t reviewTeller) risks() []ReviewRiskText {
	w, k := t.w, t.d.Risks
	out := []ReviewRiskText{
		{Title: w.T("reviewed.risks.data")}, {Title: w.T("reviewed.risks.coverage")}, {Title: w.T("reviewed.risks.training")},
	}
	names := func(at int, key string, list []string) {
		if len(list) > 0 {
			out[at].Lines = append(out[at].Lines, w.T("reviewed.risks."+key, "names", w.List(list)))
		}
	}
	count := func(at int, key string, n int) {
		if n > 0 {
			out[at].Lines = append(out[at].Lines, w.N("reviewed.risks."+key, n))
		}
	}
	if k.InUse == 0 {
		for i := range out {
			out[i].Lines = []string{w.T("reviewed.risks.none")}
		}
		return out
	}
	names(0, "no_way", k.NoWay)
	names(0, "late", k.Late)
	names(0, "closing", k.Closing)
	if len(out[0].Lines) == 0 {
		out[0].Lines = []string{w.T("reviewed.risks.safe")}
	}
	count(0, "alone", k.Alone)
	names(1, "offline", k.Offline)
	names(1, "reading", k.Reading)
	count(1, "online", k.OnlineOnly)
	count(1, "unknown", k.OfflineUnknown)
	if k.Planned > 0 {
		out[2].Lines = append(out[2].Lines, w.T("reviewed.risks.hours", "done", hoursIn(w, k.Done), "planned", hoursIn(w, k.Planned)))
	} else {
		out[2].Lines = append(out[2].Lines, w.T("reviewed.risks.no_training"))
	}
	names(2, "behind", k.Behind)
	return out
}

// hoursIn writes hours as people do: "1,5".
func hoursIn(w *words.Words, h models.Hours) string {
	const hundredths = 100
	text := w.Number(int(h / hundredths))
	if rest := int(h % hundredths); rest > 0 {
		mark := "."
		if w.Lang() == words.FR {
			mark = ","
		}
		text += mark + strings.TrimSuffix(strconv.Itoa(hundredths + rest)[1:], "0")
	}
	return text
}
