package store

import (
	"strings"
	"testing"
	"time"

	"enveloppe/models"
)

// digests are June's digest for people, planned.
func digests(until time.Time, people ...models.Person) []Planned {
	var list []Planned
	for _, p := range people {
		list = append(list, Planned{
			MessageKey: MessageKey{Kind: KindDigest, Item: 1, Occurrence: "2026-06", Recipient: p.ID}, Name: p.Name, Address: p.Email, Lang: p.Lang, Until: until,
		})
	}
	return list
}

// plan writes messages down at noon.
func (h *house) plan(list []Planned) {
	h.Helper()
	_, err := h.PlanMessages(h.ctx, h.org, list, noon)
	h.ok(err)
}

var post = Lane{Digest: true}

func TestMessages(t *testing.T) {
	h := newHouse(t)
	revision, july := h.revision(), noon.AddDate(0, 0, 15)
	list := digests(july, h.reg().People...)
	added, err := h.PlanMessages(h.ctx, h.org, list, noon)
	h.ok(err)
	again, err := h.PlanMessages(h.ctx, h.org, list, noon.Add(time.Hour))
	h.ok(err)
	if added != 2 || again != 0 { // Claire has no address
		t.Errorf("planned %d, then %d", added, again)
	}
	if _, due, err := h.ClaimMessage(h.ctx, h.org, post, noon.Add(-time.Second)); due || err != nil {
		t.Errorf("claimed too early: %v", err)
	}
	if _, due, err := h.ClaimMessage(h.ctx, h.org, Lane{}, noon); due || err != nil {
		t.Errorf("a digest was claimed as a reminder: %v", err)
	}
	first, due, err := h.ClaimMessage(h.ctx, h.org, post, noon)
	h.ok(err)
	if !due || first.Address != "Nadia@example.org" || first.Attempts != 1 || !strings.HasPrefix(first.MessageID, "digest.2026-06.") {
		t.Errorf("claimed %+v", first)
	}
	second, due, err := h.ClaimMessage(h.ctx, h.org, post, noon)
	h.ok(err)
	if !due || second.ID == first.ID || second.MessageID == first.MessageID {
		t.Errorf("claimed %+v after %+v", second, first)
	}
	if _, due, _ := h.ClaimMessage(h.ctx, h.org, post, noon.Add(9*time.Minute)); due {
		t.Error("the same message was given out twice")
	}
	h.ok(h.FinishMessage(h.ctx, h.org, first.ID, Outcome{State: MessageSent, Subject: "Juin", At: noon.Add(time.Second)}))
	h.ok(h.FinishMessage(h.ctx, h.org, second.ID, Outcome{State: MessageFailed, Detail: "451 later", NextAt: noon.Add(5 * time.Minute), At: noon}))
	retried, due, err := h.ClaimMessage(h.ctx, h.org, post, noon.Add(5*time.Minute))
	h.ok(err)
	if !due || retried.ID != second.ID || retried.Attempts != 2 || retried.LastError != "451 later" || retried.MessageID != second.MessageID {
		t.Errorf("retried %+v", retried)
	}
	// A process that died while sending: its lease runs out.
	if lost, due, _ := h.ClaimMessage(h.ctx, h.org, post, noon.Add(15*time.Minute)); !due || lost.ID != second.ID || lost.Attempts != 3 {
		t.Errorf("after the lease: %+v", lost)
	}
	h.ok(h.FinishMessage(h.ctx, h.org, second.ID, Outcome{State: MessageNotConfigured, Detail: "no server", At: noon}))
	if _, due, _ := h.ClaimMessage(h.ctx, h.org, post, noon.AddDate(0, 0, 10)); due {
		t.Error("tried again without a day to")
	}
	h.refuses(models.ErrNotFound, func() error { return h.FinishMessage(h.ctx, 99, first.ID, Outcome{State: MessageSent, At: noon}) })
	got, err := h.Messages(h.ctx, h.org, MessageFilter{})
	h.ok(err)
	if len(got) != 2 || got[0].State != MessageNotConfigured || got[1].State != MessageSent || !got[1].SentAt.Equal(noon.Add(time.Second)) || got[1].Subject != "Juin" {
		t.Errorf("messages %+v", got)
	}
	if h.revision() != revision {
		t.Error("mail raised the register's revision")
	}
}

func TestMessagesLapse(t *testing.T) {
	h := newHouse(t)
	july := noon.AddDate(0, 0, 15)
	h.plan(digests(july, h.reg().People...))
	m, _, err := h.ClaimMessage(h.ctx, h.org, post, noon)
	h.ok(err)
	h.ok(h.FinishMessage(h.ctx, h.org, m.ID, Outcome{State: MessageGivenUp, Detail: "550", At: noon}))
	if n, err := h.LapseMessages(h.ctx, h.org, july.Add(-time.Microsecond)); n != 0 || err != nil {
		t.Errorf("%d lapsed too early, %v", n, err)
	}
	if lanes, err := h.DueLanes(h.ctx, h.org, true, july.Add(-time.Second)); len(lanes) != 1 || err != nil {
		t.Errorf("due on %v, %v", lanes, err)
	}
	if _, due, _ := h.ClaimMessage(h.ctx, h.org, post, july); due {
		t.Error("what is over was given out to be sent")
	}
	if lanes, _ := h.DueLanes(h.ctx, h.org, true, july); len(lanes) != 0 {
		t.Errorf("what is over is due on %v", lanes)
	}
	if n, err := h.LapseMessages(h.ctx, h.org, july); n != 1 || err != nil { // who was given up stays so
		t.Errorf("%d lapsed, %v", n, err)
	}
	if n, err := h.PlanMessages(h.ctx, h.org, digests(july, h.reg().People...), july); n != 0 || err != nil {
		t.Errorf("planned %d that are over, %v", n, err)
	}
	count, err := h.CountMessages(h.ctx, h.org, MessageFilter{State: MessageSent, Kind: KindDigest})
	h.ok(err)
	if len(count) != 2 || count[MessageGivenUp] != 1 || count[MessageLapsed] != 1 {
		t.Errorf("counted %v", count)
	}
}

// What lapsed unsent and stands again is told after all; what was sent never is again.
func TestALapsedMessageThatStandsAgainWaitsAgain(t *testing.T) {
	h := newHouse(t)
	list := digests(noon.AddDate(0, 0, 15), h.reg().People...)
	h.plan(list)
	gone, _, err := h.ClaimMessage(h.ctx, h.org, post, noon)
	h.ok(err)
	h.ok(h.FinishMessage(h.ctx, h.org, gone.ID, Outcome{State: MessageSent, At: noon}))
	muted, _, err := h.ClaimMessage(h.ctx, h.org, post, noon)
	h.ok(err)
	h.ok(h.FinishMessage(h.ctx, h.org, muted.ID, Outcome{State: MessageLapsed, Detail: "unwanted", At: noon}))
	if n, err := h.PlanMessages(h.ctx, h.org, list, noon.Add(time.Hour)); n != 1 || err != nil {
		t.Errorf("planned %d again, %v", n, err)
	}
	back, due, err := h.ClaimMessage(h.ctx, h.org, post, noon.Add(time.Hour))
	if err != nil || !due || back.ID != muted.ID || back.MessageID != muted.MessageID || back.LastError != "" {
		t.Errorf("claimed %+v, %v", back, err)
	}
	// One whose time was over, and is longer now.
	h.ok(h.FinishMessage(h.ctx, h.org, back.ID, Outcome{State: MessageFailed, At: noon, NextAt: noon.AddDate(0, 1, 0)}))
	later := noon.AddDate(0, 0, 16)
	first, err := h.LapseMessages(h.ctx, h.org, later)
	h.ok(err)
	for i := range list {
		list[i].Until = later.AddDate(0, 0, 2)
	}
	if n, err := h.PlanMessages(h.ctx, h.org, list, later); first != 1 || n != 1 || err != nil {
		t.Errorf("%d lapsed, %d planned with more time, %v", first, n, err)
	}
	if m, due, _ := h.ClaimMessage(h.ctx, h.org, post, later); !due || !m.Until.Equal(list[0].Until) {
		t.Errorf("claimed %+v", m)
	}
}

// The good news is for whoever has had the bad.
func TestAMessageWaitsForTheOneItFollows(t *testing.T) {
	h := newHouse(t)
	out := Planned{MessageKey: MessageKey{Kind: "envelope", Item: h.org, Occurrence: "out/2026-06-15", Recipient: nadia}, Name: "Nadia", Address: "n@example.org", Until: noon.AddDate(0, 0, 14)}
	back := out
	back.Occurrence, back.After = "back/2026-06-20", out.Occurrence
	h.plan([]Planned{back})
	h.plan([]Planned{out})
	if n, err := h.PlanMessages(h.ctx, h.org, []Planned{back}, noon); n != 0 || err != nil {
		t.Errorf("planned before the other was sent: %d, %v", n, err)
	}
	m, _, err := h.ClaimMessage(h.ctx, h.org, Lane{}, noon)
	h.ok(err)
	h.ok(h.FinishMessage(h.ctx, h.org, m.ID, Outcome{State: MessageSent, At: noon}))
	if n, err := h.PlanMessages(h.ctx, h.org, []Planned{back}, noon); n != 1 || err != nil {
		t.Errorf("planned after the other was sent: %d, %v", n, err)
	}
}

func TestRetryMessage(t *testing.T) {
	h := newHouse(t)
	july := noon.AddDate(0, 0, 15)
	h.plan(digests(july, h.reg().People...))
	open, sent := models.ID(0), models.ID(0)
	for _, state := range []MessageState{MessageSent, MessageGivenUp} {
		m, _, err := h.ClaimMessage(h.ctx, h.org, post, noon)
		h.ok(err)
		h.ok(h.FinishMessage(h.ctx, h.org, m.ID, Outcome{State: state, At: noon}))
		open, sent = m.ID, open
	}
	to, err := h.Message(h.ctx, h.org, open)
	h.ok(err)
	own := models.Actor{Organisation: h.org, Person: to.Recipient, Role: models.Staff}
	h.refuses(refused("already_sent"), func() error { return h.RetryMessage(h.ctx, h.by, sent, noon) })
	h.refuses(refused("message_over"), func() error { return h.RetryMessage(h.ctx, h.by, open, july) })
	for _, other := range []models.Actor{{Organisation: h.org, Role: models.Editor}, {Organisation: h.org, Person: to.Recipient + 1, Role: models.Editor}, {Organisation: 99, Person: to.Recipient, Role: models.Director}} {
		h.refuses(models.ErrNotFound, func() error { return h.RetryMessage(h.ctx, other, open, noon) })
	}
	h.refuses(models.ErrNotFound, func() error { return h.RetryMessage(h.ctx, h.by, 999, noon) })
	h.refuses(models.ErrNotFound, func() error { _, err := h.Message(h.ctx, 99, open); return err })
	h.ok(h.RetryMessage(h.ctx, own, open, noon.Add(time.Hour)))
	if _, due, _ := h.ClaimMessage(h.ctx, h.org, post, noon.Add(time.Hour-1)); due {
		t.Error("due before it was asked for")
	}
	if m, due, _ := h.ClaimMessage(h.ctx, h.org, post, noon.Add(time.Hour)); !due || m.ID != open {
		t.Errorf("claimed %+v", m)
	}
}

func TestMessagesOnAChannelHaveALaneOfTheirOwn(t *testing.T) {
	h := newHouse(t)
	list := digests(noon.AddDate(0, 0, 15), h.reg().People...)
	list = append(list, Planned{MessageKey: MessageKey{Kind: "renewal", Item: 20, Occurrence: "2026-06-20/7", Channel: 50}, Name: "Équipe", Lang: models.French, Until: noon.AddDate(0, 0, 5)})
	h.plan(list)
	for digest, want := range map[bool]models.ID{true: 0, false: 50} {
		lanes, err := h.DueLanes(h.ctx, h.org, digest, noon)
		if err != nil || len(lanes) != 1 || lanes[0] != want {
			t.Errorf("due on %v, want %d, %v", lanes, want, err)
		}
	}
	if _, due, err := h.ClaimMessage(h.ctx, h.org, Lane{Channel: 50, Except: []models.ID{0}}, noon); due || err != nil {
		t.Errorf("a channel left alone was given out, %v", err)
	}
	m, due, err := h.ClaimMessage(h.ctx, h.org, Lane{Channel: 50}, noon)
	h.ok(err)
	if !due || m.Recipient != 0 || m.Name != "Équipe" || !strings.HasPrefix(m.MessageID, "msg_") || strings.Contains(m.MessageID, ".") {
		t.Errorf("claimed %+v", m)
	}
	for _, f := range []MessageFilter{{Channel: 50}, {Kind: "renewal"}, {Recipient: nadia}, {Before: m.ID, Limit: 1}, {State: MessagePending, Kind: KindDigest, Recipient: nadia}} {
		if got, err := h.Messages(h.ctx, h.org, f); err != nil || len(got) != 1 {
			t.Errorf("%+v: %d messages, %v", f, len(got), err)
		}
	}
}

// The deliveries of a file from before the ledger stay told, and those that waited still go out in their month.
func TestDeliveriesGoOverIntoTheLedger(t *testing.T) {
	path := released(t, 8, crowd(3))
	raw(t, path,
		`INSERT INTO deliveries VALUES (1, 9001, 'digest', '2026-05', 2, 'a@example.org', 'A', 'fr', 'sent', 1, NULL, '', 'm1@x', 10, 20)`,
		`INSERT INTO deliveries VALUES (1, 9002, 'digest', '2026-06', 2, 'a@example.org', 'A', 'fr', 'failed', 2, 1000, '451', 'm2@x', 10, NULL)`,
		`INSERT INTO deliveries VALUES (1, 9003, 'digest', '2026-04', 2, 'a@example.org', 'A', 'fr', 'given_up', 2, 1000, '550', 'm3@x', 10, NULL)`)
	s := open1(t, path)
	got, err := s.Messages(t.Context(), 1, MessageFilter{})
	if err != nil || len(got) != 3 {
		t.Fatal(got, err)
	}
	failed, sent := got[1], got[2]
	if failed.Occurrence != "2026-06" || failed.MessageID != "m2@x" || failed.State != MessageFailed || failed.Item != 1 || failed.LastError != "451" ||
		!failed.Until.Equal(time.Date(2026, time.June, 30, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", failed)
	}
	if sent.State != MessageSent || !sent.SentAt.Equal(time.UnixMicro(20)) || sent.Recipient != 2 {
		t.Errorf("%+v", sent)
	}
	if m, due, err := s.ClaimMessage(t.Context(), 1, post, noon); err != nil || !due || m.ID != failed.ID {
		t.Errorf("due: %+v, %v", m, err)
	}
}

func TestUnsubscribe(t *testing.T) {
	h := newHouse(t)
	token, err := h.UnsubscribeToken(h.ctx, h.org, nadia)
	h.ok(err)
	again, err := h.UnsubscribeToken(h.ctx, h.org, nadia)
	h.ok(err)
	other, err := h.UnsubscribeToken(h.ctx, h.org, paul)
	h.ok(err)
	if token != again || token == other || len(token) < 32 {
		t.Errorf("tokens %q, %q, %q", token, again, other)
	}
	org, person, name, lang, wants, err := h.PersonByUnsubscribe(h.ctx, token)
	if err != nil || org != h.org || person != nadia || name != "Nadia" || lang != models.French || !wants {
		t.Errorf("%d %d %q %q %v, %v", org, person, name, lang, wants, err)
	}
	h.ok(h.Unsubscribe(h.ctx, token, noon))
	revision := h.revision()
	h.ok(h.Unsubscribe(h.ctx, token, noon))
	if p, _ := h.reg().Person(nadia); p.Digest || h.revision() != revision {
		t.Errorf("%+v, and revision %d after %d", p, h.revision(), revision)
	}
	if e := h.last(); e.By != nadia || e.Verb != "person.digest" {
		t.Errorf("log %+v", e)
	}
	h.refuses(models.ErrNotFound, func() error { return h.Unsubscribe(h.ctx, token+"x", noon) })
	h.refuses(models.ErrNotFound, func() error { _, err := h.UnsubscribeToken(h.ctx, h.org, 999); return err })
	h.same()
}

func TestJobRuns(t *testing.T) {
	h := newHouse(t)
	claim := func(slot string, at time.Time) bool {
		t.Helper()
		ok, err := h.ClaimRun(h.ctx, "flags", slot, at)
		h.ok(err)
		return ok
	}
	if !claim("2026-06-15", noon) || claim("2026-06-15", noon) || !claim("2026-06-16", noon.Add(24*time.Hour)) {
		t.Error("a slot is claimed once, and another beside it")
	}
	if later := noon.Add(24*time.Hour + lease); claim("2026-06-16", later.Add(-time.Second)) || !claim("2026-06-16", later) || claim("2026-06-16", later) {
		t.Error("the run of a process that died is taken over once, after ten minutes")
	}
	h.ok(h.FinishRun(h.ctx, "flags", "2026-06-15", noon.Add(time.Second), "done", "3 raised"))
	if claim("2026-06-15", noon.Add(time.Hour)) {
		t.Error("a run that is done was taken over")
	}
	h.refuses(models.ErrNotFound, func() error { return h.FinishRun(h.ctx, "flags", "2020-01-01", noon, "", "") })
	runs, err := h.Runs(h.ctx, 10)
	h.ok(err)
	if len(runs) != 2 || runs[0].Slot != "2026-06-16" || !runs[0].FinishedAt.IsZero() || runs[1].Outcome != "done" || !runs[1].FinishedAt.Equal(noon.Add(time.Second)) {
		t.Errorf("runs %+v", runs)
	}
	h.ok(h.ForgetRun(h.ctx, "flags", "2026-06-15"))
	if !claim("2026-06-15", noon) {
		t.Error("not forgotten")
	}
	claim("2028-01-01", noon.AddDate(2, 0, 0))
	if runs, _ := h.Runs(h.ctx, 10); len(runs) != 1 {
		t.Errorf("old runs are kept: %+v", runs)
	}
}

func TestMeta(t *testing.T) {
	h := newHouse(t)
	for _, value := range []string{"hash", "other", ""} {
		h.ok(h.SetMeta(h.ctx, "setup", value))
		if got, err := h.Meta(h.ctx, "setup"); err != nil || got != value {
			t.Errorf("%q, %v, want %q", got, err, value)
		}
	}
}
