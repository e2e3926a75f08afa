package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/statement"
	"enveloppe/models/store"
)

// How an import is waited for and remembered.
const (
	importPatience = 700 * time.Millisecond // one that is over by then is answered without a page of waiting
	importRefresh  = "1"                    // seconds between two looks at one that goes on
	importsKept    = 100                    // whose outcome is remembered
)

// importKey names a waiting file of an organisation.
type importKey struct{ organisation, file models.ID }

// importing is one file being imported, or imported a while ago.
type importing struct {
	account     models.ID
	read, whole atomic.Int64 // lines
	stop        context.CancelFunc
	over        chan struct{}
	// Both stand once over is closed.
	result store.Imported
	err    error
}

// under tells whether the import goes on.
func (i *importing) under() bool {
	select {
	case <-i.over:
		return false
	default:
		return true
	}
}

// wait gives an import a moment to end.
func (i *importing) wait(ctx context.Context, patience time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case <-i.over:
	case <-ctx.Done():
	}
}

// imports are the imports of one start of the program. Each runs beside the requests, for as long as it takes; one that
// is stopped has added nothing, and its file goes on waiting.
type imports struct {
	mu      sync.Mutex
	known   map[importKey]*importing
	order   []importKey // oldest first
	ended   bool
	running sync.WaitGroup
}

// begin starts the import of a file, or gives the one that goes on already: a button pressed twice imports once. ctx
// lends its values, not its end.
func (m *imports) begin(ctx context.Context, key importKey, account models.ID, run func(context.Context, *importing) (store.Imported, error)) (*importing, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ended {
		return nil, echo.ErrServiceUnavailable // the program is stopping
	}
	if i, ok := m.known[key]; ok && i.under() {
		return i, nil
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	i := &importing{account: account, stop: stop, over: make(chan struct{})}
	m.remember(key, i)
	m.running.Go(func() {
		defer stop()
		defer close(i.over)
		defer func() {
			if p := recover(); p != nil {
				i.err = fmt.Errorf("%w: %v", errPanic, p)
			}
		}()
		i.result, i.err = run(ctx, i)
	})
	return i, nil
}

// remember keeps the import and lets the oldest that are over go.
func (m *imports) remember(key importKey, i *importing) {
	if m.known == nil {
		m.known = map[importKey]*importing{}
	}
	if _, again := m.known[key]; !again {
		m.order = append(m.order, key)
	}
	m.known[key] = i
	for len(m.order) > importsKept && !m.known[m.order[0]].under() {
		delete(m.known, m.order[0])
		m.order = m.order[1:]
	}
}

func (m *imports) of(key importKey) (*importing, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i, ok := m.known[key]
	return i, ok
}

// end stops what goes on and waits until it has stopped.
func (m *imports) end() {
	m.mu.Lock()
	m.ended = true
	for _, i := range m.known {
		i.stop()
	}
	m.mu.Unlock()
	m.running.Wait()
}

// Close stops what goes on beside the requests. What was half done is undone: the files wait as before.
func (w *Web) Close() error {
	w.imports.end()
	w.settle()
	return nil
}

// importPage is an import that goes on, has failed, or has something to say that a sentence cannot hold.
type importPage struct {
	File    models.ID // 0 when it does not wait any more
	Account models.BankAccount
	Running bool
	Read    int64
	Whole   int64 // 0 while not known
	Failed  string
	Result  store.Imported
	Faults  []faultLine
	More    int // faults not listed
}

// faultLine is a line of a file that cannot be read, with the reason in words.
type faultLine struct {
	statement.Fault
	Why string
}

func faultLines(v *visit, faults []statement.Fault) []faultLine {
	out := make([]faultLine, len(faults))
	for i, f := range faults {
		out[i] = faultLine{f, v.words.T("statements.fault." + f.Rule)}
	}
	return out
}

// importStatement imports a file as it was shown: if its account or its layout was changed meanwhile elsewhere, what
// the person saw counts.
func (w *Web) importStatement(c echo.Context) error {
	v := visitOf(c)
	file, err := w.askedFile(c)
	if err != nil {
		return err
	}
	ctx, key := c.Request().Context(), importKey{v.actor.Organisation, file.ID}
	if _, ok := bankAccount(v, file.AccountID); !ok {
		return w.done(c, statementPath(file.ID), Notice{Key: "statement_needs_account"})
	}
	if shown := c.FormValue("layout"); shown != file.Layout {
		return w.done(c, statementPath(file.ID), Notice{Key: "statement_changed"})
	}
	job, err := w.imports.begin(ctx, key, file.AccountID, func(ctx context.Context, i *importing) (store.Imported, error) {
		return w.store.ImportStatement(ctx, v.actor, file.ID, func(done, total int) {
			i.read.Store(int64(done))
			i.whole.Store(int64(total))
		})
	})
	if err != nil {
		return err
	}
	job.wait(ctx, importPatience)
	return c.Redirect(http.StatusSeeOther, statementPath(file.ID)+"/import")
}

// importPage tells how far the import of a file is. A browser looks again by itself, without a script.
func (w *Web) importPage(c echo.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	v := visitOf(c)
	job, ok := w.imports.of(importKey{v.actor.Organisation, id})
	if !ok { // the program was started again: the file waits, or there is none
		if _, err := w.askedFile(c); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, statementPath(id))
	}
	if !job.under() {
		return w.imported(c, id, job)
	}
	page := importPage{File: id, Running: true, Read: job.read.Load(), Whole: job.whole.Load()}
	page.Account, _ = bankAccount(v, job.account)
	c.Response().Header().Set("Refresh", importRefresh)
	return w.showImport(c, http.StatusOK, page)
}

// imported answers an import that is over: one that went well leads on to the matching, one with lines that could not
// be read lists them first.
func (w *Web) imported(c echo.Context, file models.ID, job *importing) error {
	v := visitOf(c)
	page := importPage{File: file, Result: job.result}
	page.Account, _ = bankAccount(v, job.account)
	switch {
	case errors.Is(job.err, models.ErrForbidden), errors.Is(job.err, models.ErrNotFound):
		return job.err
	case job.err != nil:
		page.Failed = w.importFailure(v, job.err)
		return w.showImport(c, http.StatusOK, page)
	case job.result.FaultCount == 0:
		return w.done(c, "/statements/matching", Notice{Key: "statement_imported", Args: []string{
			"account", page.Account.Name, "lines", v.words.N("statements.added", job.result.Added), "known", v.words.N("statements.known", job.result.Known),
		}})
	}
	page.File = 0
	page.Faults = faultLines(v, job.result.Faults)
	page.More = job.result.FaultCount - len(page.Faults)
	return w.showImport(c, http.StatusOK, page)
}

// importFailure says why an import failed; what nobody can foresee is logged and said to be a fault.
func (w *Web) importFailure(v *visit, err error) string {
	var unreadable *statement.Unreadable
	var refused models.Refused
	var bad models.Invalid
	switch {
	case errors.As(err, &unreadable):
		return v.words.Problem(unreadable.Rule)
	case errors.As(err, &refused):
		return v.words.Refusal(refused.Rule, refused.Args...)
	case errors.As(err, &bad):
		return v.words.Problem(bad[0].Rule, bad[0].Args...)
	case errors.Is(err, context.Canceled):
		return v.words.T("statements.stopped")
	}
	w.Logger.Error("import a statement", slog.Any("error", err))
	return v.words.T("error.fault.text")
}

func (w *Web) showImport(c echo.Context, status int, page importPage) error {
	return w.render(c, screen{status: status, name: "statement-import", nav: "payments", title: "statements.import_title", args: []any{"account", page.Account.Name}, page: page})
}
