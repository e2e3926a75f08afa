// Package app puts the program together: settings, store, web, jobs and mail, from the start to the stop.
package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"enveloppe/app/api"
	"enveloppe/app/jobs"
	"enveloppe/app/mail"
	"enveloppe/app/web"
	"enveloppe/models"
	"enveloppe/models/sample"
	"enveloppe/models/store"
)

// Version of the program, said by -version and in the logs.
const Version = "0.1.0"

// App is the program over one store.
type App struct {
	Config Config
	Store  *store.Store
	Jobs   *jobs.Jobs
	Now    Clock
	Logger *slog.Logger
	post   *post
}

// Access is how a command uses the file of the register.
type Access int

// A server has the file to itself; another command may work beside it.
const (
	Alone Access = iota
	Beside
)

// Open opens the store and puts the parts together. log is where the program's own log goes.
func Open(ctx context.Context, c Config, access Access, log io.Writer) (*App, error) {
	level := slog.LevelInfo
	if c.Verbose {
		level = slog.LevelDebug
	}
	a := &App{Config: c, Now: SystemClock, Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: level}))}
	if !c.Today.IsZero() {
		a.Now = ActingOn(c.Today, SystemClock)
	}
	open := store.Open
	if access == Beside {
		open = store.OpenShared
	}
	var err error
	if a.Store, err = open(ctx, store.Options{Path: c.DB, Logger: a.Logger, Issuer: c.OIDC.Issuer}); err != nil {
		return nil, err
	}
	a.post = &post{sender: mail.New(c.Mail), config: c.Mail, base: c.Base, now: a.Now, notes: newNotes(c)}
	a.Jobs = &jobs.Jobs{
		Store: a.Store, Post: a.post, Notifier: notifier{a.post.notes, a.Now}, Base: c.Base.String(), Logger: a.Logger, Published: newECB(c),
	}
	return a, nil
}

// Close closes the store.
func (a *App) Close() error { return a.Store.Close() }

// Serve listens, runs the jobs, and answers until the context ends; then it lets what is under way finish. ready is
// called with the address once the program answers.
func (a *App) Serve(ctx context.Context, demo bool, ready func(base *url.URL)) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", a.Config.Addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w; give another address with --addr", a.Config.Addr, err)
	}
	base := *a.Config.Base
	if host, port, err := net.SplitHostPort(base.Host); err == nil && port == "0" { // any free port: say which
		_, port, _ = net.SplitHostPort(listener.Addr().String())
		base.Host = net.JoinHostPort(host, port)
	}
	a.post.base, a.Jobs.Base, a.Jobs.RatesByHand = &base, base.String(), demo
	site, err := a.Site(&base, demo)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	running, stopJobs := context.WithCancel(ctx)
	defer stopJobs()
	stop, err := a.Jobs.Start(running, a.Now)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	server := web.Server(a.both(site, &base))
	server.ErrorLog = slog.NewLogLogger(a.Logger.Handler(), slog.LevelDebug)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	ready(&base)
	select {
	case err = <-failed:
	case <-ctx.Done():
		err = nil
	}
	stopJobs()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	return errors.Join(ignoreClosed(err), server.Shutdown(grace), site.Close(), stop())
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Site is the web app of this program at an address.
func (a *App) Site(base *url.URL, demo bool) (*web.Web, error) {
	return web.New(a.Store, web.Options{
		Base: base, Now: a.Now, Logger: a.Logger, Post: a.post, Version: Version, Demo: demo,
		Proxies: a.Config.Proxies, Sample: a.PlantSample, Rates: newRateDesk(a.Config, a.Jobs), Provider: newProvider(a.Config.OIDC, demo),
		Channels: channelDesk{a.post.notes, base, a.Now},
	})
}

// both answers programs under the API's address, and browsers everywhere else.
func (a *App) both(site *web.Web, base *url.URL) http.Handler {
	pages := site.Handler()
	programs := api.New(a.Store, api.Options{Now: a.Now, Logger: a.Logger, Address: site.Address, Secure: base.Scheme == "https"}).Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == api.Root || strings.HasPrefix(r.URL.Path, api.Root+"/") {
			programs.ServeHTTP(w, r)
			return
		}
		pages.ServeHTTP(w, r)
	})
}

// PlantSample writes the sample association into an empty store and gives its director.
func (a *App) PlantSample(ctx context.Context, lang models.Lang) (models.Actor, error) {
	if lang == "" {
		lang = models.French
	}
	at := a.Now()
	day := models.Organisation{Zone: models.DefaultZone}.Today(at)
	facts := sample.Association(day, lang, at)
	id, err := a.Store.Plant(ctx, facts, at, sample.Contents(facts)...)
	if err != nil {
		return models.Actor{}, fmt.Errorf("plant the sample association: %w", err)
	}
	director := facts.People[0]
	account, err := a.Store.AccountFor(ctx, id, director.ID, director.Email, at)
	if err != nil {
		return models.Actor{}, err
	}
	by := models.Actor{Organisation: id, Person: director.ID, Name: director.Name, Role: director.Role, Account: account, At: at.UTC()}
	for _, v := range facts.Reviews {
		if err := a.closeReview(ctx, by, v.Year, sample.ReviewClosedOn(facts, day)); err != nil {
			return models.Actor{}, fmt.Errorf("plant the sample association: %w", err)
		}
	}
	return by, nil
}

// FirstRunCode draws the code that founds the organisation and keeps its hash; empty when there is an organisation.
// Each start draws a new one.
func (a *App) FirstRunCode(ctx context.Context) (string, error) {
	first, err := a.Store.FirstRun(ctx)
	if err != nil || !first {
		return "", err
	}
	code := rand.Text()[:8]
	if err := a.Store.SetMeta(ctx, web.SetupCodeKey, web.HashSetupCode(code)); err != nil {
		return "", fmt.Errorf("keep the first-run code: %w", err)
	}
	return code[:4] + "-" + code[4:], nil
}

// Organisation is the one the command line speaks of: the only one there is.
func (a *App) Organisation(ctx context.Context) (*models.Register, error) {
	all, err := a.Store.Organisations(ctx)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s holds no organisation yet; start enveloppe and open it in a browser first", a.Config.DB)
	}
	return a.Store.Register(ctx, all[0])
}

// Program is who signs what the command line does.
func (a *App) Program(r *models.Register) models.Actor {
	return models.Actor{Organisation: r.Organisation.ID, Name: "enveloppe", Role: models.Director, From: "command line", At: a.Now().UTC()}
}

// DemoFile gives a new place for the demonstration's file, and takes it away again.
func DemoFile() (path string, remove func() error, err error) {
	dir, err := os.MkdirTemp("", "enveloppe-demo-")
	if err != nil {
		return "", nil, fmt.Errorf("make a place for the demonstration: %w", err)
	}
	return filepath.Join(dir, "demo.db"), func() error { return os.RemoveAll(dir) }, nil
}
