package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/mail"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"enveloppe/app/jobs"
	smtp "enveloppe/app/mail"
	"enveloppe/app/mail/mailtest"
	"enveloppe/models"
	"enveloppe/models/store"
)

// house is the program without its screens, on a file with the sample association, posting to a real mail server.
type house struct {
	*App
	t    *testing.T
	post *mailtest.Server
	org  models.ID
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, post: mailtest.Start(t, mailtest.Options{Security: mailtest.Clear})}
	h.App = h.open(filepath.Join(t.TempDir(), "test.db"), Alone)
	by, err := h.PlantSample(context.Background(), models.French)
	if err != nil {
		t.Fatal(err)
	}
	h.org = by.Organisation
	return h
}

func (h *house) open(path string, access Access) *App {
	h.t.Helper()
	a, err := Open(context.Background(), Config{
		DB: path, Base: &url.URL{Scheme: "https", Host: "enveloppe.passerelles.example"},
		Mail: smtp.Config{Host: h.post.Host, Port: h.post.Port, Security: smtp.Clear, From: "Enveloppe <enveloppe@passerelles.example>", Timeout: 5 * time.Second},
	}, access, io.Discard)
	if err != nil {
		h.t.Fatal(err)
	}
	a.Now = func() time.Time { return testNow }
	h.t.Cleanup(func() {
		if err := a.Close(); err != nil {
			h.t.Error(err)
		}
	})
	return a
}

func (h *house) round(at time.Time) {
	h.t.Helper()
	if err := h.Jobs.Round(context.Background(), at); err != nil {
		h.t.Fatal(err)
	}
}

// recipients are who the server took a digest for, in order of the alphabet.
func (h *house) recipients() []string {
	var to []string
	for _, m := range h.post.Messages() {
		if strings.HasPrefix(idOf(h.t, m), "<digest.") {
			to = append(to, m.To...)
		}
	}
	slices.Sort(to)
	return to
}

// idOf is the Message-ID of a message the server took.
func idOf(t *testing.T, m mailtest.Message) string {
	t.Helper()
	read, err := mail.ReadMessage(bytes.NewReader(m.Data))
	if err != nil {
		t.Fatal(err)
	}
	return read.Header.Get("Message-Id")
}

func (h *house) deliveries() map[string]store.Message {
	h.t.Helper()
	all, err := h.Store.Messages(context.Background(), h.org, store.MessageFilter{Kind: store.KindDigest})
	if err != nil {
		h.t.Fatal(err)
	}
	byAddress := map[string]store.Message{}
	for _, d := range all {
		byAddress[d.Occurrence+" "+d.Address] = d
	}
	return byAddress
}

var threePeople = []string{"claire@passerelles.example", "karim@passerelles.example", "lucie@passerelles.example"}

func TestDigestGoesOnceToThoseWhoChoseIt(t *testing.T) {
	h := newHouse(t)
	for i := range 5 {
		h.round(testNow.Add(time.Duration(i) * time.Hour))
	}
	if got := h.recipients(); !slices.Equal(got, threePeople) {
		t.Fatalf("posted to %v, want %v", got, threePeople)
	}
	m, err := mail.ReadMessage(bytes.NewReader(h.post.Messages()[0].Data))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Auto-Submitted": "auto-generated", "List-Unsubscribe": "https://enveloppe.passerelles.example/unsubscribe/", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		"Message-Id": "@", "From": "enveloppe@passerelles.example",
	} {
		if !strings.Contains(m.Header.Get(name), want) {
			t.Errorf("%s is %q, want %q in it", name, m.Header.Get(name), want)
		}
	}
}

func TestDigestWaitsForTheHourOfTheOrganisationsDay(t *testing.T) {
	h := newHouse(t)
	h.round(time.Date(2026, time.December, 1, 5, 59, 0, 0, time.UTC)) // 06:59 in Paris
	if got := h.recipients(); len(got) > 0 {
		t.Fatalf("posted before seven to %v", got)
	}
	h.round(time.Date(2026, time.December, 1, 6, 0, 0, 0, time.UTC)) // 07:00 in Paris
	if got := h.recipients(); len(got) != 3 {
		t.Fatalf("posted at seven to %v", got)
	}
}

func TestDigestIsCaughtUpInItsMonthAndNeverAfter(t *testing.T) {
	h := newHouse(t)
	h.post.RefuseContent(451, "try later")
	h.round(testNow)
	h.post.RefuseContent(0, "")
	h.round(time.Date(2026, time.December, 14, 9, 0, 0, 0, time.UTC)) // off for three weeks
	if got := h.recipients(); !slices.Equal(got, threePeople) {
		t.Errorf("posted to %v, want December's to %v", got, threePeople)
	}
	all := h.deliveries()
	if d := all["2026-11 claire@passerelles.example"]; d.State != store.MessageLapsed {
		t.Errorf("November's digest is %s", d.State)
	}
	if d := all["2026-12 claire@passerelles.example"]; d.State != store.MessageSent {
		t.Errorf("December's digest is %s", d.State)
	}
}

func TestAFailedRecipientTouchesNobodyElse(t *testing.T) {
	h := newHouse(t)
	h.post.RefuseRecipient("karim@passerelles.example", 550, "no such user")
	h.post.RefuseRecipient("lucie@passerelles.example", 451, "greylisted")
	h.round(testNow)
	all := h.deliveries()
	for address, want := range map[string]store.MessageState{
		"claire@passerelles.example": store.MessageSent, "karim@passerelles.example": store.MessageGivenUp, "lucie@passerelles.example": store.MessageFailed,
	} {
		if d := all["2026-11 "+address]; d.State != want {
			t.Errorf("%s: %s (%s), want %s", address, d.State, d.LastError, want)
		}
	}
	if d := all["2026-11 karim@passerelles.example"]; !strings.Contains(d.LastError, "no such user") {
		t.Errorf("the server's words are lost: %q", d.LastError)
	}
	h.post.RefuseRecipient("lucie@passerelles.example", 0, "")
	h.round(testNow.Add(5 * time.Minute)) // not due yet
	if got := len(h.recipients()); got != 1 {
		t.Errorf("tried again too early: %v", h.recipients())
	}
	h.round(testNow.Add(time.Hour))
	h.round(testNow.Add(2 * time.Hour))
	if got := h.recipients(); !slices.Equal(got, []string{"claire@passerelles.example", "lucie@passerelles.example"}) {
		t.Errorf("posted to %v", got)
	}
}

func TestALetterThatWaitsFollowsItsRecipient(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	h.post.RefuseContent(451, "try later")
	h.round(testNow)
	h.post.RefuseContent(0, "")
	r, err := h.Store.Register(ctx, h.org)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range r.People { // meanwhile one leaves the digest and another's address is corrected
		switch p.Email {
		case "karim@passerelles.example":
			err = h.Store.SetDigestChoice(ctx, h.Program(r), p.ID, false)
		case "lucie@passerelles.example":
			p.Email = "lucie.bernard@passerelles.example"
			err = h.Store.SavePerson(ctx, h.Program(r), p)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	h.round(testNow.Add(time.Hour))
	if got := h.recipients(); !slices.Equal(got, []string{"claire@passerelles.example", "lucie.bernard@passerelles.example"}) {
		t.Errorf("posted to %v", got)
	}
	all := h.deliveries()
	if d := all["2026-11 karim@passerelles.example"]; d.State != store.MessageLapsed || d.LastError != jobs.Unwanted {
		t.Errorf("to somebody who left the digest: %s", d.State)
	}
	if d := all["2026-11 lucie.bernard@passerelles.example"]; d.State != store.MessageSent {
		t.Errorf("to the corrected address: %s", d.State)
	}
}

func TestADigestSentByHandLeavesPastMonthsAlone(t *testing.T) {
	h := newHouse(t)
	h.post.RefuseContent(451, "try later")
	h.round(testNow)
	h.post.RefuseContent(0, "")
	h.Now = func() time.Time { return testNow.AddDate(0, 1, 0) }
	if err := h.Digest(context.Background(), io.Discard, DigestOptions{Format: "text", Send: true}); err != nil {
		t.Fatal(err)
	}
	if got := h.recipients(); !slices.Equal(got, threePeople) {
		t.Errorf("posted to %v, want December's once each", got)
	}
}

func TestAJobCutShortIsTakenUpAgain(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	for job, slot := range map[string]string{"flags": "2026-11-23", "digest": "2026-11"} {
		if mine, err := h.Store.ClaimRun(ctx, fmt.Sprintf("%s/%d", job, h.org), slot, testNow); err != nil || !mine {
			t.Fatal(mine, err) // and then the power went
		}
	}
	h.round(testNow.Add(time.Hour))
	runs, err := h.Store.Runs(ctx, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(runs) != 2 || runs[0].Outcome != "done" || runs[1].Outcome != "done" {
		t.Errorf("the runs of that day: %+v", runs)
	}
	if got := h.recipients(); !slices.Equal(got, threePeople) {
		t.Errorf("the month's digest went to %v", got)
	}
}

func TestMailServerDownIsNotSent(t *testing.T) {
	h := newHouse(t)
	h.post.DropDuringData(true)
	h.round(testNow)
	for address, d := range h.deliveries() {
		if d.State == store.MessageSent {
			t.Errorf("%s counts as sent", address)
		}
	}
	h.post.DropDuringData(false)
	h.round(testNow.Add(time.Hour))
	if got := h.recipients(); !slices.Equal(got, threePeople) {
		t.Errorf("after it came back: posted to %v", got)
	}
}

func TestWithoutAMailServerNothingCountsAsSent(t *testing.T) {
	h := newHouse(t)
	a := h.open(h.Config.DB, Beside)
	a.post.config, a.post.sender = smtp.Config{}, smtp.New(smtp.Config{})
	if err := a.Jobs.Round(context.Background(), testNow); err != nil {
		t.Fatal(err)
	}
	for address, d := range h.deliveries() {
		if d.State == store.MessageSent {
			t.Errorf("%s counts as sent", address)
		}
	}
	h.round(testNow.Add(time.Hour)) // set up meanwhile: the month's digest still helps
	if got := h.recipients(); !slices.Equal(got, threePeople) {
		t.Errorf("posted to %v", got)
	}
}

func TestTwoProgramsOnOneFilePostOnce(t *testing.T) {
	h := newHouse(t)
	other := h.open(h.Config.DB, Beside)
	var both sync.WaitGroup
	for _, a := range []*App{h.App, other, h.App, other} {
		both.Go(func() {
			if err := a.Jobs.Round(context.Background(), testNow); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if got := h.recipients(); !slices.Equal(got, threePeople) {
		t.Errorf("posted to %v", got)
	}
}

func TestFlagsAreRaisedOnceADayAndClearedWithTheirCause(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	before, err := h.Store.Revision(ctx, h.org)
	if err != nil {
		t.Fatal(err)
	}
	h.round(testNow)
	h.round(testNow.Add(time.Minute))
	after, err := h.Store.Revision(ctx, h.org)
	if err != nil {
		t.Fatal(err)
	}
	if after > before+1 {
		t.Errorf("two rounds on one day wrote %d times", after-before)
	}
	r, err := h.Store.Register(ctx, h.org)
	if err != nil {
		t.Fatal(err)
	}
	var due models.Charge
	for _, c := range r.Due(r.Organisation.Today(testNow)) {
		due = c
	}
	by := h.Program(r)
	if _, err := h.Store.Waive(ctx, by, models.Waiver{SubscriptionID: due.SubscriptionID, ChargeOn: due.On, Reason: "offert", On: r.Organisation.Today(testNow)}); err != nil {
		t.Fatal(err)
	}
	h.round(testNow.AddDate(0, 0, 1))
	r, err = h.Store.Register(ctx, h.org)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Flags {
		if f.FlagKey.Kind == models.FlagChargeDue && f.FlagKey.On == due.On {
			t.Errorf("the flag of the waived charge stands")
		}
	}
}

func TestJobsRunByHandDoNothingTwice(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	for _, want := range []string{"", "flags: 0 raised, 0 cleared\n"} {
		var out bytes.Buffer
		if err := h.RunJob(ctx, &out, "flags"); err != nil {
			t.Fatal(err)
		}
		if want != "" && out.String() != want {
			t.Errorf("said %q, want %q", out.String(), want)
		}
	}
	if err := h.RunJob(ctx, io.Discard, "nonsense"); err == nil {
		t.Error("a job that does not exist ran")
	}
	for range 2 {
		if err := h.RunJob(ctx, io.Discard, "digest"); err != nil {
			t.Fatal(err)
		}
	}
	if got := h.recipients(); !slices.Equal(got, threePeople) {
		t.Errorf("posted to %v", got)
	}
	if err := h.Digest(ctx, io.Discard, DigestOptions{Month: "2026-10", Format: "text", Send: true}); err == nil {
		t.Error("a past month's digest was sent")
	}
}

func TestAJobThatPanicsLeavesTheOthersAlone(t *testing.T) {
	h := newHouse(t)
	h.Jobs.Post = panicking{}
	if err := h.Jobs.Round(context.Background(), testNow); err == nil {
		t.Fatal("nothing is said of the panic")
	}
	runs, err := h.Store.Runs(context.Background(), 10)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(runs, func(r store.JobRun) bool { return strings.HasPrefix(r.Job, "flags") && r.Outcome == "done" }) {
		t.Errorf("the flags did not run: %v", runs)
	}
}

type panicking struct{}

func (panicking) Configured() bool { return true }

func (panicking) Send(context.Context, jobs.Letter) (jobs.Fate, string) { panic("no paper") }
