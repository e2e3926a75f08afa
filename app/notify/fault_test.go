package notify_test

import (
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"enveloppe/app/notify"
	"enveloppe/app/outbound"
	"enveloppe/models"
)

// answering is a server with one answer, and the sender that may ask it.
func answering(t *testing.T, status int, h http.Header, body string) (*httptest.Server, *notify.Sender) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		maps.Copy(w.Header(), h)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	return s, notify.New(outbound.Options{Allow: allow(t, s.URL), Timeout: 5 * time.Second})
}

func TestWhatAnAnswerMeans(t *testing.T) {
	in := func(d time.Duration) string { return written.Add(d).Format(http.TimeFormat) }
	for _, c := range []struct {
		name   string
		kind   models.ChannelKind
		status int
		header http.Header
		body   string
		fate   notify.Fate
		wait   time.Duration
	}{
		{"taken", models.ChannelWebhook, 204, nil, "", notify.Sent, 0},
		{"taken for later", models.ChannelTeams, 202, nil, "", notify.Sent, 0},
		{"gone", models.ChannelWebhook, 410, nil, "this endpoint is gone", notify.FailedForGood, 0},
		{"not there", models.ChannelSlack, 404, nil, "no_service", notify.FailedForGood, 0},
		{"not allowed", models.ChannelGotify, 401, nil, `{"error":"Unauthorized"}`, notify.FailedForGood, 0},
		{"malformed", models.ChannelDiscord, 400, nil, `{"message": "Cannot send an empty message", "code": 50006}`, notify.FailedForGood, 0},
		{"too large", models.ChannelNtfy, 413, nil, "", notify.FailedForGood, 0},
		{"slow down, in seconds", models.ChannelSlack, 429, header("Retry-After", "120"), "", notify.FailedForNow, 2 * time.Minute},
		{"slow down, until", models.ChannelWebhook, 429, header("Date", in(0), "Retry-After", in(time.Hour)), "", notify.FailedForNow, time.Hour},
		{"slow down, until before", models.ChannelWebhook, 503, header("Date", in(0), "Retry-After", in(-time.Hour)), "", notify.FailedForNow, 0},
		{"slow down for ever", models.ChannelWebhook, 429, header("Retry-After", "99999999999999999999"), "", notify.FailedForNow, 24 * time.Hour},
		{"slow down, who knows", models.ChannelWebhook, 429, header("Retry-After", "NaN"), "", notify.FailedForNow, 0},
		{"slow down, less than nothing", models.ChannelWebhook, 429, header("Retry-After", "-5"), "", notify.FailedForNow, 0},
		{"Discord's way", models.ChannelDiscord, 429, nil, `{"message": "You are being rate limited.", "retry_after": 64.57, "global": false}`, notify.FailedForNow, 64570 * time.Millisecond},
		{"Telegram's way", models.ChannelTelegram, 429, nil, `{"ok":false,"error_code":429,"parameters":{"retry_after":35}}`, notify.FailedForNow, 35 * time.Second},
		{"Telegram says no with a yes", models.ChannelTelegram, 200, nil, `{"ok":false,"description":"Bad Request: chat not found"}`, notify.FailedForGood, 0},
		{"Teams is full, with a yes", models.ChannelTeams, 200, nil, "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId x", notify.FailedForNow, 0},
		{"Teams refuses, with a yes", models.ChannelTeams, 200, nil, "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 413 with ContextId x", notify.FailedForGood, 0},
		{"broken for now", models.ChannelMattermost, 500, nil, "oops", notify.FailedForNow, 0},
		{"a gateway", models.ChannelMattermost, 502, nil, "<html>", notify.FailedForNow, 0},
		{"too slow", models.ChannelMattermost, 408, nil, "", notify.FailedForNow, 0},
	} {
		s, sender := answering(t, c.status, c.header, c.body)
		r := sender.Send(t.Context(), channel(c.kind, s.URL), reminder())
		if r.Fate != c.fate || r.RetryAfter != c.wait || r.Status != c.status || (r.Reason == outbound.Refused) == (r.Fate == notify.Sent) {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
}

func TestWhatTheOtherSideSaysIsOneShortLineWithoutSecrets(t *testing.T) {
	for _, kind := range models.ChannelKinds {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // repeats all it got
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, "Bad\r\n\x00\u202e<b>request</b>\t"+r.URL.RequestURI()+" ")
			for _, values := range r.Header {
				_, _ = io.WriteString(w, strings.Join(values, " ")+" ")
			}
			_, _ = io.WriteString(w, webhookKey+" "+strings.Repeat("é ", 500)+"\xff")
		}))
		t.Cleanup(s.Close)
		sender := notify.New(outbound.Options{Allow: allow(t, s.URL)})
		ch := channel(kind, s.URL)
		r := sender.Send(t.Context(), ch, reminder())
		if n := len([]rune(r.Detail)); n > 300 || n < 200 || !strings.HasPrefix(r.Detail, "Bad <b>request</b> ") || strings.ContainsAny(r.Detail, "\r\n\t\x00\u202e") {
			t.Errorf("%s: %d characters, %q", kind, n, r.Detail)
		}
		for _, secret := range []string{ch.Secret.Reveal(), "XXXXXXXX", "a-topic-hard", "T00000000", strings.TrimPrefix(ch.Secret.Reveal(), "whsec_")} {
			if secret != "" && strings.Contains(r.Detail, secret) {
				t.Errorf("%s: %q stands in %q", kind, secret, r.Detail)
			}
		}
	}
}

// names answers every question for an address with the ones given, and is asked over loopback.
func names(t *testing.T, addresses ...string) *net.Resolver {
	t.Helper()
	socket, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	go func() {
		packet := make([]byte, 1500)
		for {
			n, from, err := socket.ReadFrom(packet)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(packet[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			m.Response, m.Authoritative, m.Additionals = true, true, nil
			for _, a := range addresses {
				if v4 := net.ParseIP(a).To4(); v4 != nil && m.Questions[0].Type == dnsmessage.TypeA {
					head := dnsmessage.ResourceHeader{Name: m.Questions[0].Name, Class: dnsmessage.ClassINET}
					m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: [4]byte(v4)}})
				}
			}
			if answer, err := m.Pack(); err == nil {
				_, _ = socket.WriteTo(answer, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", socket.LocalAddr().String())
	}}
}

func TestAHostThatLeadsInsideGetsNothing(t *testing.T) {
	var asked atomic.Int32
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(inside.Close)
	port := inside.URL[strings.LastIndex(inside.URL, ":"):]
	for _, c := range []struct {
		address string
		leads   []string
		want    outbound.Reason
	}{
		{"https://hooks.example.org" + port + "/secret-path", []string{"127.0.0.1"}, outbound.Internal},
		{"https://hooks.example.org" + port + "/secret-path", []string{"10.0.0.8", "127.0.0.1"}, outbound.Internal},
		{"https://metadata.example.org/secret-path", []string{"169.254.169.254"}, outbound.Internal},
		{"https://127.0.0.1" + port + "/secret-path", nil, outbound.Internal},
		{"http://127.0.0.1" + port + "/secret-path", nil, outbound.NotSecure},
	} {
		sender := notify.New(outbound.Options{Resolver: names(t, c.leads...), Timeout: 5 * time.Second})
		r := sender.Send(t.Context(), models.Channel{Kind: models.ChannelSlack, Address: models.Secret(c.address)}, reminder())
		if r.Fate != notify.FailedForGood || r.Reason != c.want || strings.Contains(r.Detail, "secret") {
			t.Errorf("%s to %v: %+v", c.address, c.leads, r)
		}
	}
	// One that the operator allowed sends on to another that he did not: nobody follows.
	s := httptest.NewServer(http.RedirectHandler(inside.URL+"/secret-path", http.StatusTemporaryRedirect))
	t.Cleanup(s.Close)
	sender := notify.New(outbound.Options{Allow: allow(t, s.URL)})
	if r := sender.Send(t.Context(), channel(models.ChannelWebhook, s.URL), reminder()); r.Fate != notify.FailedForGood || r.Reason != outbound.Redirected || strings.Contains(r.Detail, "secret") {
		t.Errorf("redirected: %+v", r)
	}
	if asked.Load() > 0 {
		t.Error("the machine inside was asked")
	}
}

func TestAHostThatNeverAnswersIsTriedLater(t *testing.T) {
	over := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-over
	}))
	t.Cleanup(func() { close(over); s.Close() })
	sender := notify.New(outbound.Options{Allow: allow(t, s.URL), Timeout: 100 * time.Millisecond})
	if r := sender.Send(t.Context(), channel(models.ChannelWebhook, s.URL), reminder()); r.Fate != notify.FailedForNow || r.Reason != outbound.TimedOut {
		t.Errorf("never answers: %+v", r)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r := sender.Send(ctx, channel(models.ChannelWebhook, s.URL), reminder()); r.Fate != notify.FailedForNow || r.Reason != outbound.Stopped {
		t.Errorf("stopped: %+v", r)
	}
	nobody := httptest.NewServer(nil)
	nobody.Close()
	sender = notify.New(outbound.Options{Allow: allow(t, nobody.URL)})
	if r := sender.Send(t.Context(), channel(models.ChannelWebhook, nobody.URL), reminder()); r.Fate != notify.FailedForNow || r.Reason != outbound.Unreachable {
		t.Errorf("nobody there: %+v", r)
	}
}

// An answer of 10 GB is not read: its status was the answer. Taken for a failure, the message would come again.
func TestAnEndlessAnswerIsCutOff(t *testing.T) {
	var sent atomic.Int64
	for _, c := range []struct {
		status int
		fate   notify.Fate
	}{{200, notify.Sent}, {500, notify.FailedForNow}, {410, notify.FailedForGood}} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "10737418240")
			w.WriteHeader(c.status)
			block := []byte(strings.Repeat("go on ", 10<<10))
			for range 10 << 30 / len(block) {
				n, err := w.Write(block)
				if sent.Add(int64(n)); err != nil {
					return
				}
			}
		}))
		t.Cleanup(s.Close)
		sender := notify.New(outbound.Options{Allow: allow(t, s.URL)})
		r := sender.Send(t.Context(), channel(models.ChannelWebhook, s.URL), reminder())
		if r.Fate != c.fate || r.Status != c.status || !strings.HasPrefix(r.Detail, "go on go on") || len([]rune(r.Detail)) > 300 {
			t.Errorf("%d: %+v", c.status, r)
		}
	}
	if sent.Load() > 64<<20 {
		t.Errorf("%d MB were sent", sent.Load()>>20)
	}
}

// An answer that stops in the middle has said yes all the same; one that is packed is not unpacked.
func TestAYesThatBreaksOffIsAYes(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "tak")
	}))
	t.Cleanup(s.Close)
	sender := notify.New(outbound.Options{Allow: allow(t, s.URL)})
	if r := sender.Send(t.Context(), channel(models.ChannelWebhook, s.URL), reminder()); r.Fate != notify.Sent || r.Detail != "tak" {
		t.Errorf("broken off: %+v", r)
	}
	packed, sender := answering(t, http.StatusOK, header("Content-Encoding", "gzip"), "\x1f\x8b")
	if r := sender.Send(t.Context(), channel(models.ChannelWebhook, packed.URL), reminder()); r.Fate != notify.Sent || r.Detail != "" {
		t.Errorf("packed: %+v", r)
	}
}
