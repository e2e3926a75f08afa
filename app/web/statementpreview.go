package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/money"
	"enveloppe/models/statement"
	"enveloppe/models/store"
)

// How much of a file the page shows: enough to see whether it is understood.
const (
	shownFaults = 20
	shownLines  = 12
)

// statementPage shows what a file would give before anything of it is kept.
type statementPage struct {
	Form       Form
	File       waitingFile
	Account    models.BankAccount
	Head       statement.Head
	Lines      []statement.Line // the first
	Summary    string           // format, encoding
	In, Out    string           // sums by currency
	Cells      []cellRow
	Names      []string
	Faults     []faultLine
	More       int // faults not named
	Choices    layoutChoices
	Other      string // the account the file says it is of, when that is another than the one chosen
	Stranger   string // the end of the number the file bears, when no account has it and the one chosen has another
	Several    int    // accounts in the file, when all of them would be read together
	Unreadable string // why nothing can be read this way
	Problems   bool   // the form of the layout is open
}

// cellRow is a row of the file as it stands there.
type cellRow struct {
	Line  int
	Cells []string
	Head  bool // it names the columns, or stands above them
}

// openedFile is the waiting file of the address with what reading it would give.
func (w *Web) openedFile(c echo.Context) (store.StatementFile, statement.Head, error) {
	v := visitOf(c)
	id, err := pathID(c, "id")
	if err != nil {
		return store.StatementFile{}, statement.Head{}, err
	}
	file, err := w.store.Statement(c.Request().Context(), v.actor.Organisation, id)
	if err != nil {
		return file, statement.Head{}, err
	}
	l := layoutOf(file.Layout)
	if l == nil {
		head, err := statement.Inspect(file.Content, nil)
		return file, head, err
	}
	head, err := statement.Preview(file.Content, *l)
	return file, head, err
}

func (w *Web) statementPage(c echo.Context) error {
	file, head, err := w.openedFile(c)
	var unreadable *statement.Unreadable
	if err != nil && !errors.As(err, &unreadable) {
		return err
	}
	if unreadable != nil { // it could be read once: this program has become stricter, or its layout has been spoilt
		return w.showUnreadable(c, file, unreadable)
	}
	f := typedLayout(head.Layout, head.Accounts)
	f["account"] = typedID(file.AccountID)
	return w.showStatement(c, file, head, http.StatusOK, Form{Fields: f})
}

func (w *Web) showUnreadable(c echo.Context, file store.StatementFile, why *statement.Unreadable) error {
	v := visitOf(c)
	page := statementPage{File: w.waiting(v, file), Unreadable: v.words.Problem(why.Rule)}
	return w.render(c, screen{status: http.StatusOK, name: "statement", nav: "payments", title: "statements.one_title", args: []any{"name", file.Name}, page: page})
}

func (w *Web) showStatement(c echo.Context, file store.StatementFile, head statement.Head, status int, f Form) error {
	v := visitOf(c)
	page := statementPage{Form: f, File: w.waiting(v, file), Head: head, Choices: newLayoutChoices(v, head, f)}
	page.Account, _ = bankAccount(v, file.AccountID)
	page.Problems = len(f.Errors) > 0 || head.Count == 0
	page.Summary = v.words.T("statements.format." + strings.ToLower(string(head.Format)))
	if head.Format == statement.CSV {
		page.Summary = v.words.T("statements.summary_csv", "encoding", v.words.T("layout.encoding."+encodingKey(head.Layout.Encoding)),
			"delimiter", v.words.T("layout.delimiter."+delimiterNames[head.Layout.Delimiter]))
		page.cells(v, head)
	}
	page.Lines = head.Lines[:min(len(head.Lines), shownLines)]
	page.Faults = faultLines(v, head.Faults[:min(len(head.Faults), shownFaults)])
	page.More = head.FaultCount - len(page.Faults)
	page.whose(v, head.Account)
	if len(head.Accounts) > 1 && head.Layout.Account == "" {
		page.Several = len(head.Accounts)
	}
	if head.Count > 0 { // else its layout may be one nothing can be read by
		page.sum(v, file.Content, head)
	}
	return w.render(c, screen{status: status, name: "statement", nav: "payments", title: "statements.one_title", args: []any{"name", file.Name}, page: page})
}

// whose notes when the file bears the number of an account that is not the one chosen: the name of that account, or
// else the end of the number.
func (page *statementPage) whose(v *visit, number string) {
	if number == "" || page.Account.Bears(number) {
		return
	}
	for _, a := range v.register.BankAccounts {
		if a.ID != page.Account.ID && a.Bears(number) {
			page.Other = accountLabel(v, a)
			return
		}
	}
	if page.Account.Number != "" {
		page.Stranger = ending(number)
	}
}

func encodingKey(e statement.Encoding) string { return strings.ReplaceAll(string(e), "-", "_") }

// cells shows the first rows as they stand, the widest row's columns all named.
func (page *statementPage) cells(v *visit, head statement.Head) {
	for i, name := range head.Columns {
		if strings.TrimSpace(name) == "" {
			name = v.words.T("layout.column_n", "n", strconv.Itoa(i+1))
		}
		page.Names = append(page.Names, cutShort(name))
	}
	for i, row := range head.Rows[:min(len(head.Rows), max(shownLines, head.Layout.Header+shownLines/2))] {
		cells := make([]string, len(head.Columns))
		for j := range min(len(row), len(cells)) {
			cells[j] = cutShort(row[j])
		}
		line := 0
		if i < len(head.RowLines) {
			line = head.RowLines[i]
		}
		page.Cells = append(page.Cells, cellRow{Line: line, Cells: cells, Head: line > 0 && line <= head.Layout.Header})
	}
}

// sum adds up what came in and what went out, each currency by itself.
func (page *statementPage) sum(v *visit, content []byte, head statement.Head) {
	in, out := sums{}, sums{}
	err := statement.Read(content, head.Layout, func(l statement.Line) error {
		if l.Amount.IsNegative() {
			out.add(l.Amount.Neg())
		} else {
			in.add(l.Amount)
		}
		return nil
	}, nil, nil)
	var unreadable *statement.Unreadable
	if errors.As(err, &unreadable) {
		page.Unreadable = v.words.Problem(unreadable.Rule)
	}
	page.In, page.Out = in.said(v, head.Currency), out.said(v, head.Currency)
}

// sums are totals by currency.
type sums map[money.Currency]money.Amount

func (s sums) add(a money.Amount) { s[a.Currency()] = s[a.Currency()].Add(a) }

// said lists the totals; nothing at all is zero of the currency given.
func (s sums) said(v *visit, standard money.Currency) string {
	var all []string
	for _, a := range s {
		all = append(all, v.words.Money(a))
	}
	if len(all) == 0 {
		if standard == "" {
			standard = money.EUR
		}
		return v.words.Money(money.Zero(standard))
	}
	slices.Sort(all)
	return v.words.List(all)
}
