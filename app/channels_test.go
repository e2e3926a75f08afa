package app

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"enveloppe/app/outbound"
	"enveloppe/models"
	"enveloppe/models/store"
)

const testKey = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// receiver is a program that takes webhooks, checks who they are from, and answers as it is told.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	status  int
	ids     []string
	refused []error
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	verifier, err := webhooks.NewWebhook(testKey)
	if err != nil {
		t.Fatal(err)
	}
	r := &receiver{status: http.StatusOK}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		if err == nil {
			err = verifier.VerifyIgnoringTimestamp(body, q.Header)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.ids = append(r.ids, q.Header.Get("Webhook-Id"))
		if err != nil {
			r.refused = append(r.refused, err)
		}
		w.WriteHeader(r.status)
		_, _ = io.WriteString(w, "seen")
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) answers(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *receiver) host(t *testing.T) outbound.Host {
	t.Helper()
	u, err := url.Parse(r.URL)
	if err != nil {
		t.Fatal(err)
	}
	h, err := outbound.ParseHost(u.Host)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// withChannel is a house whose operator allows a receiver, and a channel to it.
func withChannel(t *testing.T, r *receiver) (*house, models.ID) {
	t.Helper()
	h := newHouse(t)
	c := h.Config
	c.Internal = []outbound.Host{r.host(t)}
	h.App.post.notes = newNotes(c)
	h.Jobs.Notifier = notifier{h.App.post.notes, h.Now}
	by := models.Actor{Organisation: h.org, Person: h.director(), Role: models.Director, At: testNow}
	id, err := h.Store.AddChannel(context.Background(), by, models.Channel{
		Name: "Programme", Kind: models.ChannelWebhook, Address: models.Secret(r.URL + "/hook"), Secret: testKey, Lang: models.English, Digest: true,
		Leads: models.Leads{models.RemindDecideBy: {}, models.RemindRenewal: {}, models.RemindTrialEnd: {}, models.RemindChargeDue: {}, models.RemindEnvelope: {}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return h, id
}

func (h *house) director() models.ID {
	h.t.Helper()
	r, err := h.Store.Register(context.Background(), h.org)
	if err != nil {
		h.t.Fatal(err)
	}
	return r.People[0].ID
}

func (h *house) toChannel(id models.ID) []store.Message {
	h.t.Helper()
	all, err := h.Store.Messages(context.Background(), h.org, store.MessageFilter{Channel: id})
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

// A receiver that is down gets the same message later, by the same name; people's e-mail does not wait for it.
func TestAChannelThatFailsIsTriedAgain(t *testing.T) {
	r := newReceiver(t)
	h, id := withChannel(t, r)
	r.answers(http.StatusServiceUnavailable)
	h.round(testNow)
	if got := h.recipients(); len(got) != len(threePeople) {
		t.Errorf("posted to %v", got)
	}
	sent := h.toChannel(id)
	if len(sent) != 1 || sent[0].State != store.MessageFailed || sent[0].LastError != "503 seen" || len(r.ids) != 1 {
		t.Fatalf("%+v, asked %d times", sent, len(r.ids))
	}
	r.answers(http.StatusOK)
	for i := range 5 {
		h.round(testNow.Add(time.Duration(1+i) * time.Hour))
	}
	sent = h.toChannel(id)
	if len(sent) != 1 || sent[0].State != store.MessageSent || len(r.ids) != 2 || r.ids[0] != r.ids[1] || len(r.refused) > 0 {
		t.Errorf("%+v, as %q, refused %v", sent, r.ids, r.refused)
	}
}

func TestAChannelThatIsGoneIsGivenUp(t *testing.T) {
	r := newReceiver(t)
	h, id := withChannel(t, r)
	r.answers(http.StatusGone)
	for i := range 5 {
		h.round(testNow.Add(time.Duration(i) * time.Hour))
	}
	if sent := h.toChannel(id); len(sent) != 1 || sent[0].State != store.MessageGivenUp || sent[0].LastError != "410 seen" || len(r.ids) != 1 {
		t.Errorf("%+v, asked %d times", sent, len(r.ids))
	}
}

// A channel to a host that is not allowed any more, as after a start with other settings, reaches nobody.
func TestAHostTakenOffTheListIsNotAsked(t *testing.T) {
	r := newReceiver(t)
	h, id := withChannel(t, r)
	h.Jobs.Notifier = notifier{newNotes(h.Config), h.Now}
	h.round(testNow)
	if sent := h.toChannel(id); len(sent) != 1 || sent[0].State != store.MessageGivenUp || len(r.ids) != 0 {
		t.Errorf("%+v, asked %d times", sent, len(r.ids))
	}
}

func TestTheDeskTellsWhatCameOfATest(t *testing.T) {
	r := newReceiver(t)
	h, id := withChannel(t, r)
	desk := channelDesk{h.App.post.notes, h.Config.Base, h.Now}
	ch, err := h.Store.OpenChannel(context.Background(), h.org, id)
	if err != nil {
		t.Fatal(err)
	}
	if got := desk.Try(t.Context(), ch, "Essai", "Rien à faire"); got.Rule != "" || got.Status != http.StatusOK || got.Answer != "seen" {
		t.Errorf("taken: %+v", got)
	}
	r.answers(http.StatusForbidden)
	if got := desk.Try(t.Context(), ch, "Essai", ""); got.Rule != "told.status" || got.Status != http.StatusForbidden || got.Answer != "seen" || got.Host != ch.Host {
		t.Errorf("refused: %+v", got)
	}
	ch.Address = "https://127.0.0.1:1/x"
	if got := desk.Try(t.Context(), ch, "Essai", ""); got.Rule != "told.internal" || got.Answer != "" {
		t.Errorf("inside: %+v", got)
	}
	for address, want := range map[models.Secret]string{
		models.Secret(r.URL): "", "https://hooks.slack.com/x": "", "http://hooks.slack.com/x": "channel.not_secure", "https://10.0.0.1/x": "channel.internal", "ftp://x": "channel.address",
	} {
		if got := desk.Check(address); got != want {
			t.Errorf("%s: %q, want %q", address.Reveal(), got, want)
		}
	}
	if len(r.refused) > 0 {
		t.Errorf("refused %v", r.refused)
	}
}
