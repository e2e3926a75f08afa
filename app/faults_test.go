package app

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"enveloppe/app/jobs"
	smtp "enveloppe/app/mail"
	"enveloppe/models"
	"enveloppe/models/store"
)

// childTask holds what a copy of the test program does instead of testing.
const childTask = "ENVELOPPE_TEST_CHILD"

// task is a round of one job, in a process of its own.
type task struct {
	DB, Host string
	Port     int
	Job      string
	Org      models.ID
	At       time.Time
	Hang     string // "before" the first message is sent, or "after" it was; empty for not
}

// runChild does a task and says "done". One that hangs says "sending" or "sent" and waits to be killed.
func runChild(text string) int {
	var t task
	err := json.Unmarshal([]byte(text), &t)
	if err == nil {
		err = t.run()
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("done")
	return 0
}

func (t task) run() (err error) {
	a, err := Open(context.Background(), Config{
		DB: t.DB, Base: &url.URL{Scheme: "https", Host: "enveloppe.passerelles.example"},
		Mail: smtp.Config{Host: t.Host, Port: t.Port, Security: smtp.Clear, From: "Enveloppe <enveloppe@passerelles.example>"},
	}, Beside, io.Discard)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	a.Jobs.Post = hanging{a.post, t.Hang}
	job, _ := a.Jobs.Named(t.Job)
	r, err := a.Organisation(context.Background())
	if err != nil {
		return err
	}
	_, err = job.Run(context.Background(), t.Org, r.Organisation.Today(t.At), t.At)
	return err
}

// hanging is a post that stops at its first letter, and says where.
type hanging struct {
	jobs.Post
	when string
}

func (h hanging) Send(ctx context.Context, l jobs.Letter) (jobs.Fate, string) {
	if h.when == "before" {
		fmt.Println("sending")
		select {}
	}
	fate, detail := h.Post.Send(ctx, l)
	if h.when == "after" {
		fmt.Println("sent")
		select {}
	}
	return fate, detail
}

// child starts a task in a process of its own.
func (h *house) child(job, hang string, at time.Time) (*exec.Cmd, *bufio.Scanner) {
	h.t.Helper()
	text, err := json.Marshal(task{DB: h.Config.DB, Host: h.post.Host, Port: h.post.Port, Job: job, Org: h.org, At: at, Hang: hang})
	if err != nil {
		h.t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		h.t.Fatal(err)
	}
	cmd := exec.CommandContext(h.t.Context(), self)
	cmd.Env = append(os.Environ(), childTask+"="+string(text))
	out, err := cmd.StdoutPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

// killed starts a job in a process of its own and kills it at its first message.
func (h *house) killed(job, hang string, at time.Time) {
	h.t.Helper()
	cmd, says := h.child(job, hang, at)
	if want := map[string]string{"before": "sending", "after": "sent"}[hang]; !says.Scan() || says.Text() != want {
		h.t.Fatalf("the process says %q, want %q", says.Text(), want)
	}
	if err := cmd.Process.Kill(); err != nil {
		h.t.Fatal(err)
	}
	_ = cmd.Wait() // killed, as it should
}

// reminded makes everybody with an address want reminders.
func (h *house) reminded() {
	h.t.Helper()
	ctx := context.Background()
	r, err := h.Store.Register(ctx, h.org)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, p := range r.People {
		if p.Email == "" || p.Reminders {
			continue
		}
		p.Reminders = true
		if err := h.Store.SavePerson(ctx, h.Program(r), p); err != nil {
			h.t.Fatal(err)
		}
	}
}

// ids are the Message-IDs the server took, each with how often.
func (h *house) ids() map[string]int {
	h.t.Helper()
	seen := map[string]int{}
	for _, m := range h.post.Messages() {
		seen[strings.Trim(idOf(h.t, m), "<>")]++
	}
	return seen
}

func (h *house) ledger() []store.Message {
	h.t.Helper()
	all, err := h.Store.Messages(context.Background(), h.org, store.MessageFilter{Limit: 1000})
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

// everythingOnce checks that each message of the ledger was taken once, but for so many that came twice.
func (h *house) everythingOnce(twice int) {
	h.t.Helper()
	seen, doubled := h.ids(), 0
	all := h.ledger()
	for _, m := range all {
		if m.State != store.MessageSent {
			h.t.Errorf("%s for %s is %s: %s", m.Kind, m.Name, m.State, m.LastError)
		}
		if seen[m.MessageID] > 1 {
			doubled += seen[m.MessageID] - 1
		}
		if seen[m.MessageID] == 0 {
			h.t.Errorf("%s for %s never came", m.Kind, m.Name)
		}
	}
	if len(seen) != len(all) || len(all) < 10 || doubled != twice {
		h.t.Errorf("%d messages of %d in the ledger, %d came twice, want %d", len(seen), len(all), doubled, twice)
	}
}

// What was written down and never sent goes out once its ten minutes are over; the others do not wait for it.
func TestKilledBetweenWritingDownAndSending(t *testing.T) {
	for _, job := range []string{"digest", "reminders"} {
		t.Run(job, func(t *testing.T) {
			h := newHouse(t)
			h.reminded()
			h.killed(job, "before", testNow)
			if n := len(h.post.Messages()); n != 0 {
				t.Fatalf("%d messages came", n)
			}
			h.round(testNow.Add(5 * time.Minute))
			open := slices.DeleteFunc(h.ledger(), func(m store.Message) bool { return m.State == store.MessageSent })
			if len(open) != 1 || open[0].Attempts != 1 {
				t.Fatalf("while it may still be on its way: %+v", open)
			}
			h.round(testNow.Add(11 * time.Minute))
			h.everythingOnce(0)
		})
	}
}

// What was sent and never marked comes a second time, under the same Message-ID, and nothing else does.
func TestKilledBetweenSendingAndMarking(t *testing.T) {
	for _, job := range []string{"digest", "reminders"} {
		t.Run(job, func(t *testing.T) {
			h := newHouse(t)
			h.reminded()
			h.killed(job, "after", testNow)
			if n := len(h.post.Messages()); n != 1 {
				t.Fatalf("%d messages came", n)
			}
			for _, later := range []time.Duration{0, 5 * time.Minute, 11 * time.Minute, 20 * time.Minute, 10 * time.Hour} {
				h.round(testNow.Add(later))
			}
			h.everythingOnce(1)
		})
	}
}

func TestThreeProcessesOnOneFileSendOnce(t *testing.T) {
	h := newHouse(t)
	h.reminded()
	for _, job := range []string{"digest", "reminders"} {
		var all sync.WaitGroup
		for range 3 {
			cmd, says := h.child(job, "", testNow)
			all.Go(func() {
				if !says.Scan() || says.Text() != "done" {
					t.Errorf("the process says %q", says.Text())
				}
				if err := cmd.Wait(); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	h.everythingOnce(0)
}

// mailTo points the program at another mail server.
func (h *house) mailTo(host string, port int, timeout time.Duration) {
	h.App.post.sender = smtp.New(smtp.Config{
		Host: host, Port: port, Security: smtp.Clear, From: "Enveloppe <enveloppe@passerelles.example>", Timeout: timeout,
	})
}

func TestAServerThatIsDownIsAskedLessAndLessOften(t *testing.T) {
	h := newHouse(t)
	h.reminded()
	free, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody, _ := free.Addr().(*net.TCPAddr)
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	h.mailTo("127.0.0.1", nobody.Port, time.Second)
	asked := map[int]int{} // attempts, by minutes
	for minute := 0; minute <= 480; minute += 10 {
		h.round(testNow.Add(time.Duration(minute) * time.Minute))
		m := h.ledger()[0]
		asked[m.Attempts] = minute
		if m.State != store.MessageFailed {
			t.Fatalf("%s", m.State)
		}
	}
	if len(asked) != 6 || asked[5] != 450 { // 0, 10, 40, 100, 220, 460
		t.Errorf("asked until minute: %v", asked)
	}
	h.mailTo(h.post.Host, h.post.Port, time.Second)
	h.round(testNow.Add(461 * time.Minute))
	if len(h.post.Messages()) != 0 {
		t.Error("asked again before its time")
	}
	h.round(testNow.Add(705 * time.Minute))
	h.everythingOnce(0)
}

func TestASlowServerCountsAsFailed(t *testing.T) {
	h := newHouse(t)
	h.reminded()
	h.mailTo(h.post.Host, h.post.Port, 100*time.Millisecond)
	h.post.StallDuringData(true)
	h.round(testNow)
	for _, m := range h.ledger() {
		if m.Attempts > 0 && (m.State != store.MessageFailed || !strings.Contains(m.LastError, "gave up waiting")) || m.Attempts > 1 {
			t.Errorf("%s: %s, %s, %d attempts", m.Name, m.State, m.LastError, m.Attempts)
		}
	}
	h.post.StallDuringData(false)
	h.mailTo(h.post.Host, h.post.Port, 5*time.Second)
	h.round(testNow.Add(10 * time.Minute))
	h.everythingOnce(0)
}

func TestRefusedForNowAndTakenLaterIsOneMessage(t *testing.T) {
	for name, fail := range map[string]func(h *house, on bool){
		"451 at the end": func(h *house, on bool) { h.post.RefuseContent(map[bool]int{true: 451}[on], "greylisted") },
		"451 for the sender": func(h *house, on bool) {
			h.post.RefuseSender(map[bool]int{true: 451}[on], "too many")
		},
		"closed in the middle": func(h *house, on bool) { h.post.DropDuringData(on) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.reminded()
			fail(h, true)
			h.round(testNow)
			before := map[string]bool{}
			for _, m := range h.ledger() {
				before[m.MessageID] = true
				if m.State == store.MessageSent || m.Attempts > 1 {
					t.Errorf("%s: %s after %d attempts", m.Name, m.State, m.Attempts)
				}
			}
			fail(h, false)
			h.round(testNow.Add(10 * time.Minute))
			h.everythingOnce(0)
			for id := range h.ids() {
				if !before[id] {
					t.Errorf("%s is another message than the one that failed", id)
				}
			}
		})
	}
}

// However many messages wait for somebody whose server refuses them, everybody else gets theirs in the same round.
func TestOneRefusedRecipientHoldsUpNobody(t *testing.T) {
	for code, want := range map[int]store.MessageState{451: store.MessageFailed, 550: store.MessageGivenUp} {
		h := newHouse(t)
		h.reminded()
		h.post.RefuseRecipient("claire@passerelles.example", code, "no") // the director, who gets the most
		h.round(testNow)
		for _, m := range h.ledger() {
			refused := m.Address == "claire@passerelles.example"
			switch {
			case !refused && m.State != store.MessageSent:
				t.Errorf("%d: %s for %s is %s", code, m.Kind, m.Name, m.State)
			case refused && m.State != want && (m.State != store.MessagePending || code != 451):
				t.Errorf("%d: %s for %s is %s", code, m.Kind, m.Name, m.State)
			}
		}
	}
}

// panickingFor is a post that has no paper for one of its recipients.
type panickingFor struct {
	jobs.Post
	to string
}

func (p panickingFor) Send(ctx context.Context, l jobs.Letter) (jobs.Fate, string) {
	if l.To == p.to {
		panic("no paper")
	}
	return p.Post.Send(ctx, l)
}

func TestAPanicOverOneMessageIsThatMessagesOwn(t *testing.T) {
	h := newHouse(t)
	h.reminded()
	h.Jobs.Post = panickingFor{h.App.post, "claire@passerelles.example"}
	var log bytes.Buffer
	h.Jobs.Logger = slog.New(slog.NewTextHandler(&log, nil))
	if err := h.Jobs.Round(context.Background(), testNow); err == nil || !strings.Contains(err.Error(), "no paper") {
		t.Errorf("of the panic is said %v", err)
	}
	for _, m := range h.ledger() {
		if refused := m.Address == "claire@passerelles.example"; refused == (m.State == store.MessageSent) {
			t.Errorf("%s for %s is %s", m.Kind, m.Name, m.State)
		}
	}
	if !strings.Contains(log.String(), "faults_test.go") {
		t.Error("the log does not say where")
	}
	h.Jobs.Post = h.App.post
	for minutes := range 12 { // one a round of what was left alone
		h.round(testNow.Add(time.Duration(10+10*minutes) * time.Minute))
	}
	h.everythingOnce(0)
}
