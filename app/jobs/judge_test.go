package jobs_test

import (
	"slices"
	"time"

	"enveloppe/models"
	"enveloppe/models/store"
)

// judge holds what came against what should have.
func (s *simulation) judge(length time.Duration) {
	known, zones := map[string]place{}, map[models.ID]*time.Location{}
	states := map[store.MessageState]int{}
	for _, t := range s.truths {
		zones[t.org] = t.zone
		for _, m := range s.ledger(t.org) {
			known[m.MessageID] = place{t.org, m.MessageKey}
			states[m.State]++
		}
	}
	first, times := map[place]time.Time{}, map[string]int{}
	kinds := map[string]int{}
	for _, a := range s.came {
		p, ok := known[a.id]
		if !ok {
			s.Errorf("%s came to %s and is not in the ledger", a.id, a.to)
			continue
		}
		if times[a.id]++; times[a.id] > 1 {
			s.by["duplicates"]++
			if times[a.id] > 1+s.died[a.id] {
				s.Errorf("%v came to %s again at %s, and no crash explains it", p, a.to, a.at)
			}
		} else {
			first[p] = a.at
			kinds[p.Kind]++
		}
		local := a.at.In(zones[p.org])
		earliest := 7*60 + 30
		if p.Kind == store.KindDigest {
			earliest = 7 * 60
		}
		if local.Hour()*60+local.Minute() < earliest || local.Hour() == 2 {
			s.Errorf("%v came at %s", p, local)
		}
		if !slices.ContainsFunc(s.marks[p], func(m mark) bool { return m.at.Equal(a.at) }) {
			s.by["late or unasked"]++
			s.Errorf("%v came to %s at %s, when it was over, or not wanted", p, a.to, local)
		}
	}
	refused := map[place]bool{}
	s.out.refused.Range(func(id, _ any) bool { refused[known[id.(string)]] = true; return true })
	for p, marks := range s.marks {
		if _, came := first[p]; came {
			s.by["told"]++
			s.timely(p, marks, first)
			continue
		}
		if refused[p] {
			s.by["refused for good"]++
			continue
		}
		if by, should := s.mustBy(p, marks, first); should {
			s.by["missed"]++
			s.Errorf("%v never came; it should have by %s", p, by.In(zones[p.org]))
			continue
		}
		s.by["no chance"]++
	}
	s.Logf("%.0f days, %d organisations, %d rounds, off %.0f %% of the time, %d crashes, %d stops",
		length.Hours()/24, len(s.truths), s.by["rounds"], float64(s.by["minutes off"])/length.Minutes()*100, s.by["crashes"], s.by["stops"])
	s.Logf("%d choices, %d acknowledged, %d snoozed, %d subscriptions dropped", s.by["choices"], s.by["acknowledged"], s.by["snoozed"], s.by["dropped"])
	s.Logf("%d messages to be told: %d told, %d refused for good, %d had no chance; missed %d, late or unasked %d, duplicates %d of which a crash explains all",
		len(s.marks), s.by["told"], s.by["refused for good"], s.by["no chance"], s.by["missed"], s.by["late or unasked"], s.by["duplicates"])
	s.Logf("by kind: %v; the ledger: %v", kinds, states)
	if s.by["told"] < 2000 || s.by["duplicates"] < 10 || s.by["crashes"] < 50 || s.by["no chance"] < 20 || s.by["refused for good"] < 3 || len(kinds) != 6 {
		s.Error("the world was too kind to prove anything")
	}
}

// mustBy is by when a message should have come; false when it never had the time to.
func (s *simulation) mustBy(p place, marks []mark, first map[place]time.Time) (time.Time, bool) {
	follows, waits := s.follows[p]
	var since time.Time
	for i, m := range marks {
		told, came := first[follows]
		open := m.works && (!waits || came && told.Before(m.at))
		if i > 0 && s.interrupted(marks[i-1].at, m.at) {
			since = time.Time{}
		}
		switch {
		case !open:
			since = time.Time{}
		case since.IsZero():
			since = m.at
		case m.at.Sub(since) >= slowest:
			return m.at, true
		}
	}
	return time.Time{}, false
}

// interrupted tells whether something was not to be told between two rounds at which it was, so that it begins anew.
func (s *simulation) interrupted(before, after time.Time) bool {
	return after.Sub(before) > 12*time.Hour
}

// timely checks that what came did not come later than it should have.
func (s *simulation) timely(p place, marks []mark, first map[place]time.Time) {
	if by, should := s.mustBy(p, marks, first); should && first[p].After(by) {
		s.by["delayed"]++
		s.Errorf("%v came at %s and should have by %s", p, first[p], by)
	}
}
