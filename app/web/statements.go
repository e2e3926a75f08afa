package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/statement"
	"enveloppe/models/store"
	"enveloppe/templates/words"
)

// Limits of what is sent with a statement.
const (
	maxDrained     = 256 << 20 // bytes of a file that is too large still taken, so that the answer reaches the browser
	maxWaiting     = 20        // files that wait at a time
	maxUploadField = 4 << 10   // bytes of a field beside the file
	maxParts       = 20        // parts of the form, which has three
)

func (w *Web) statementRoutes(g *echo.Group) {
	g.GET("/statements", w.statementsPage, mayExport) // what a bank tells is private: not for the whole staff
	g.POST("/statements", w.receiveStatement, mayEdit)
	g.GET("/statements/:id", w.statementPage, mayEdit)
	g.POST("/statements/:id/layout", w.saveLayout, mayEdit)
	g.POST("/statements/:id/removal", w.dropStatement, mayEdit)
	g.GET("/statements/:id/import", w.importPage, mayEdit)
	g.POST("/statements/:id/import", w.importStatement, mayEdit)
	w.matchingRoutes(g)
	w.bankAccountRoutes(g)
	w.bankLineRoutes(g)
}

func statementPath(id models.ID) string { return "/statements/" + typedID(id) }

// statementsPage is where statements come in: the accounts, the files that wait, a form to send one.
type statementsPage struct {
	Form     Form
	Accounts []accountRow
	Waiting  []waitingFile
	Choices  []Option // accounts to choose from; empty before the first
	Open     int      // lines nobody has answered
	Empty    bool     // no line has been imported yet
}

// accountRow is an account as the list shows it.
type accountRow struct {
	models.BankAccount
	Ending string   // the last characters of its number
	Last   cal.Date // day of its latest line; zero when it has none
	Open   int
}

// waitingFile is a file that was sent and not imported yet.
type waitingFile struct {
	store.StatementFile
	Account  string
	SizeSaid string
	Sent     string // when and by whom
	Running  bool
}

const (
	newAccount = "new" // choice of the form: an account of a name typed beside it
	shownEnd   = 4     // characters of an account's number that are ever shown
)

// ending is what is shown of an account's number: its end.
func ending(number string) string {
	runes := []rune(strings.ReplaceAll(number, " ", ""))
	if len(runes) <= shownEnd {
		return ""
	}
	return string(runes[len(runes)-shownEnd:])
}

// bankAccount finds an account of the organisation.
func bankAccount(v *visit, id models.ID) (models.BankAccount, bool) {
	i := slices.IndexFunc(v.register.BankAccounts, func(a models.BankAccount) bool { return a.ID == id })
	if i < 0 {
		return models.BankAccount{}, false
	}
	return v.register.BankAccounts[i], true
}

// accountsByName are the accounts in the order of their names.
func accountsByName(v *visit) []models.BankAccount {
	all := slices.Clone(v.register.BankAccounts)
	words.SortBy(v.words, all, func(a models.BankAccount) string { return a.Name })
	return all
}

func (w *Web) statementsPage(c echo.Context) error {
	f := Form{Fields: Fields{"account": c.QueryParam("account")}}
	return w.showStatements(c, http.StatusOK, f)
}

func (w *Web) showStatements(c echo.Context, status int, f Form) error {
	v, ctx := visitOf(c), c.Request().Context()
	page := statementsPage{Form: f}
	known, err := w.matchingOf(ctx, v)
	if err != nil {
		return err
	}
	page.Open, page.Empty = known.open, known.none
	files, err := w.store.Statements(ctx, v.actor.Organisation)
	if err != nil {
		return err
	}
	for _, a := range accountsByName(v) {
		row := accountRow{BankAccount: a, Ending: ending(a.Number), Open: known.openIn[a.ID]}
		if row.Last, err = w.lastDay(c, a.ID); err != nil {
			return err
		}
		page.Accounts = append(page.Accounts, row)
		page.Choices = append(page.Choices, Option{typedID(a.ID), accountLabel(v, a)})
	}
	if len(page.Accounts) > 0 {
		page.Choices = append(page.Choices, Option{newAccount, v.words.T("statements.new_account")})
	}
	for _, file := range files {
		page.Waiting = append(page.Waiting, w.waiting(v, file))
	}
	return w.render(c, screen{status: status, name: "statements", nav: "payments", title: "statements.title", page: page})
}

// accountLabel tells two accounts of like names apart by the ends of their numbers.
func accountLabel(v *visit, a models.BankAccount) string {
	if end := ending(a.Number); end != "" {
		return v.words.T("statements.account_ending", "name", a.Name, "end", end)
	}
	return a.Name
}

func (w *Web) waiting(v *visit, file store.StatementFile) waitingFile {
	a, _ := bankAccount(v, file.AccountID)
	by, _ := v.register.Person(file.AddedBy)
	at := v.words.Moment(file.AddedAt.In(v.register.Organisation.Location()))
	line := waitingFile{StatementFile: file, Account: a.Name, SizeSaid: v.words.FileSize(int64(file.Size)), Sent: at}
	if by.Name != "" {
		line.Sent = v.words.T("payments.recorded_by", "at", at, "by", by.Name)
	}
	if job, ok := w.imports.of(importKey{v.actor.Organisation, file.ID}); ok {
		line.Running = job.under()
	}
	return line
}

// sentFile is a file as it came, with the account it is said to be of.
type sentFile struct {
	name    string
	content []byte
	whole   bool // false when there was more than a statement may have
	fields  Fields
}

// receiveStatement takes a file of the bank's and keeps it waiting: nothing is imported before it has been shown.
func (w *Web) receiveStatement(c echo.Context) error {
	takeTime(c)
	v := visitOf(c)
	sent, err := readSent(c)
	if err != nil {
		return err
	}
	// The time for the work itself begins when the whole file has arrived.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request().Context()), requestTime)
	defer cancel()
	c.SetRequest(c.Request().WithContext(ctx))
	e := entry{Fields: sent.fields}
	head := e.inspect(v, sent)
	if waiting, err := w.store.Statements(ctx, v.actor.Organisation); err != nil {
		return err
	} else if len(waiting) >= maxWaiting {
		e.bad.Add("file", "statement.waiting", "max", maxWaiting)
	}
	file := store.StatementFile{Name: sent.name, Size: len(sent.content), Content: sent.content}
	if head.Format == statement.CSV {
		file.Layout = head.Layout.String()
	}
	if err = e.bad.Err(); err == nil {
		file.AccountID, file.Account, err = accountFor(v, &e, head)
	}
	var id models.ID
	if err == nil {
		id, err = w.store.StageStatement(ctx, v.actor, file)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showStatements(c, status, f) })
	}
	return c.Redirect(http.StatusSeeOther, statementPath(id))
}

// inspect looks at the file and notes what keeps it from being read.
func (e *entry) inspect(v *visit, sent sentFile) statement.Head {
	switch {
	case sent.name == "" && len(sent.content) == 0:
		e.bad.Add("file", "file.missing")
		return statement.Head{}
	case !sent.whole:
		e.bad.Add("file", "statement.too_large")
		return statement.Head{}
	}
	var known *statement.Layout
	if a, ok := bankAccount(v, e.chosenAccount()); ok {
		known = layoutOf(a.Layout)
	}
	head, err := statement.Inspect(sent.content, known)
	var unreadable *statement.Unreadable
	if errors.As(err, &unreadable) {
		e.bad.Add("file", unreadable.Rule)
	} else if err != nil {
		e.bad.Add("file", "statement.unknown")
	}
	return head
}

// layoutOf reads a remembered layout; none when there is none, or none that this program understands any more.
func layoutOf(text string) *statement.Layout {
	if text == "" {
		return nil
	}
	l, err := statement.ParseLayout(text)
	if err != nil {
		return nil
	}
	return &l
}

// chosenAccount is the account chosen in the form; 0 for a new one.
func (e *entry) chosenAccount() models.ID {
	if e.text("account") == newAccount {
		return 0
	}
	return e.id("account")
}

// accountFor gives the account a file goes to: the one chosen, else the one whose number the file bears, else a new one,
// to be added with the file.
func accountFor(v *visit, e *entry, head statement.Head) (known models.ID, fresh models.BankAccount, err error) {
	if id := e.chosenAccount(); id != 0 {
		if _, ok := bankAccount(v, id); !ok {
			e.bad.Add("account", "not_found")
		}
		return id, fresh, e.bad.Err()
	}
	if e.bad != nil {
		return 0, fresh, e.bad
	}
	name := e.text("account_name")
	for _, a := range v.register.BankAccounts {
		if name == "" && a.Bears(head.Account) || name != "" && words.Fold(a.Name) == words.Fold(name) {
			return a.ID, fresh, nil
		}
	}
	if name == "" {
		name = v.words.T("statements.default_account")
	}
	return 0, models.BankAccount{Name: name, Number: head.Account}, nil
}

// readSent reads the form as it comes, holding the file once. Of a file that is too large the rest is taken and thrown
// away: a browser that is still sending would not read the answer.
func readSent(c echo.Context) (sentFile, error) {
	sent := sentFile{whole: true, fields: Fields{"account": "", "account_name": ""}}
	r := c.Request()
	r.Body = http.MaxBytesReader(c.Response().Writer, r.Body, maxDrained)
	form, err := r.MultipartReader()
	if err != nil {
		return sent, echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}
	for parts := 0; ; parts++ {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return sent, nil
		}
		if err == nil && parts == maxParts {
			err = errManyParts
		}
		if err == nil {
			err = sent.take(part, r.ContentLength)
		}
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return sent, echo.ErrStatusRequestEntityTooLarge
		}
		if err != nil {
			return sent, echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
		}
	}
}

// errManyParts is a form no page of this program has.
var errManyParts = errors.New("the form has more parts than it can have")

// take reads one part of the form.
func (s *sentFile) take(part *multipart.Part, length int64) error {
	if part.FormName() != "file" {
		text, err := io.ReadAll(io.LimitReader(part, maxUploadField))
		if _, asked := s.fields[part.FormName()]; asked {
			s.fields[part.FormName()] = strings.TrimSpace(strings.ToValidUTF8(string(text), ""))
		}
		return err
	}
	if name := part.FileName(); name != "" {
		s.name = models.CleanFileName(name)
	}
	var content bytes.Buffer
	content.Grow(int(min(max(length, 0), statement.MaxSize) + bytes.MinRead))
	_, err := io.Copy(&content, io.LimitReader(part, statement.MaxSize+1))
	if s.content = content.Bytes(); len(s.content) > statement.MaxSize {
		s.whole, s.content = false, nil
		if err == nil {
			_, err = io.Copy(io.Discard, part)
		}
	}
	return err
}

// askedFile is the waiting file of the address, without its content.
func (w *Web) askedFile(c echo.Context) (store.StatementFile, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return store.StatementFile{}, err
	}
	files, err := w.store.Statements(c.Request().Context(), visitOf(c).actor.Organisation)
	if err != nil {
		return store.StatementFile{}, err
	}
	i := slices.IndexFunc(files, func(f store.StatementFile) bool { return f.ID == id })
	if i < 0 {
		return store.StatementFile{}, models.ErrNotFound
	}
	return files[i], nil
}

func (w *Web) dropStatement(c echo.Context) error {
	file, err := w.askedFile(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	if job, ok := w.imports.of(importKey{v.actor.Organisation, file.ID}); ok && job.under() {
		return models.Refused{Rule: "statement.importing"}
	}
	if err := w.store.DropStatement(c.Request().Context(), v.actor, file.ID); err != nil {
		return err
	}
	return w.done(c, "/statements", Notice{Key: "statement_dropped", Args: []string{"name", file.Name}})
}

// lastDay is the day of the latest line of an account; zero when it has none.
func (w *Web) lastDay(c echo.Context, account models.ID) (cal.Date, error) {
	lines, err := w.store.BankLines(c.Request().Context(), visitOf(c).actor.Organisation, store.BankLineFilter{Account: account, Limit: 1})
	if err != nil || len(lines) == 0 {
		return cal.Date{}, err
	}
	return lines[0].Day, nil
}
