package app

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"enveloppe/app/browser"
	"enveloppe/app/mail"
	"enveloppe/app/mail/mailtest"
	"enveloppe/app/openid/openidtest"
	"enveloppe/models"
)

func TestMain(m *testing.M) {
	if task := os.Getenv(childTask); task != "" { // started by a test, to be killed perhaps
		os.Exit(runChild(task))
	}
	os.Exit(openidtest.Main(func() int { return browser.Main(m) }))
}

// program is the whole program, running on a free port with a file of its own.
type program struct {
	*App
	base string
	post *mailtest.Server
	// ahead is what the program's clock is put forward by, in nanoseconds.
	ahead *atomic.Int64
	stop  func()
	log   string // file of the program's own log
}

// testNow is the instant the tested programs begin at: the morning of 23 November 2026 in Paris.
var testNow = time.Date(2026, time.November, 23, 7, 5, 0, 0, time.UTC)

// startProgram runs the program as the command line would, with a real mail server to post to. With demo it holds the
// sample association and signs everybody in. What else is changed of its settings is changed before.
func startProgram(t *testing.T, demo bool, change ...func(*Config)) *program {
	t.Helper()
	post := mailtest.Start(t, mailtest.Options{Username: "enveloppe", Password: "secret of the tests"})
	ctx, stop := context.WithCancel(context.Background())
	c := Config{
		DB: filepath.Join(t.TempDir(), "test.db"), Addr: "127.0.0.1:0", Base: &url.URL{Scheme: "http", Host: "127.0.0.1:0"},
		Mail: mail.Config{
			Host: post.Host, Port: post.Port, Security: mail.StartTLS, Username: "enveloppe", Password: "secret of the tests",
			From: "Enveloppe <enveloppe@passerelles.example>", RootCAs: post.Pool,
		},
	}
	for _, f := range change {
		f(&c)
	}
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		stop()
		t.Fatal(err)
	}
	a, err := Open(ctx, c, Alone, log)
	if err != nil {
		stop()
		t.Fatal(err)
	}
	ahead := new(atomic.Int64)
	a.Now = func() time.Time { return testNow.Add(time.Duration(ahead.Load())) }
	a.post.now = a.Now
	if demo {
		if _, err := a.PlantSample(ctx, models.French); err != nil {
			stop()
			t.Fatal(err)
		}
	}
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() { ended <- a.Serve(ctx, demo, func(base *url.URL) { ready <- base.String() }) }()
	end := sync.OnceFunc(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the program stopped with %v", err)
		}
		if err := errors.Join(a.Close(), log.Close()); err != nil {
			t.Errorf("the store closed with %v", err)
		}
	})
	t.Cleanup(end)
	select {
	case base := <-ready:
		return &program{App: a, base: base, post: post, ahead: ahead, stop: end, log: log.Name()}
	case err := <-ended:
		ended <- nil
		t.Fatalf("the program did not start: %v", err)
		return nil
	}
}
