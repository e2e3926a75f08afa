package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"enveloppe/models"
	"enveloppe/models/eurofxref"
	"enveloppe/models/statement"
	"enveloppe/models/store"
	"enveloppe/templates/words"
)

// ImportOptions say which file, into which account ("": the one the file names), and whether only to say what would
// happen.
type ImportOptions struct {
	File    string
	Account string
	DryRun  bool
}

// namedFaults is how many bad lines of a file are printed.
const namedFaults = 100

// Import reads a file somebody has: reference rates or a bank statement, told apart by its content. It fails when
// nothing of it can be read.
func (a *App) Import(ctx context.Context, out io.Writer, o ImportOptions) error {
	content, err := readFile(o.File)
	if err != nil {
		return err
	}
	r, err := a.Organisation(ctx)
	if err != nil {
		return err
	}
	if eurofxref.Is(content) {
		if o.Account != "" {
			return fmt.Errorf("%s holds reference rates, which belong to no account; leave --account out", o.File)
		}
		return a.importRates(ctx, out, r, content, o.DryRun)
	}
	return a.importStatement(ctx, out, r, content, o)
}

// readFile reads a file that may be no larger than a statement.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	content, err := io.ReadAll(io.LimitReader(f, statement.MaxSize+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if len(content) > statement.MaxSize {
		return nil, fmt.Errorf("%s is larger than %d MB; take a shorter period", path, statement.MaxSize>>20)
	}
	return content, nil
}

func (a *App) importRates(ctx context.Context, out io.Writer, r *models.Register, content []byte, dry bool) error {
	published, faults, err := eurofxref.Parse(content, nil)
	w := words.In(words.EN)
	for i, f := range faults {
		if i == namedFaults {
			fmt.Fprintf(out, "and %s more\n", countLines(len(faults)-i))
			break
		}
		fmt.Fprintf(out, "line %d passed over: %s: %q\n", f.Row, w.T("rates.fault."+strings.TrimPrefix(f.Rule, "rates.")), f.Text)
	}
	if bad, ok := errors.AsType[*eurofxref.Unreadable](err); ok {
		return models.Invalid{{Field: "file", Rule: bad.Rule}}
	}
	if len(published) == 0 {
		return models.Invalid{{Field: "file", Rule: "rates.empty"}}
	}
	rates := make([]models.ReferenceRate, len(published))
	for i, p := range published {
		rates[i] = models.ReferenceRate{Currency: p.Currency, Day: p.Day, Rate: p.Rate, Source: models.RateECB}
	}
	today := r.Organisation.Today(a.Now())
	var got store.RatesImported
	verb := "added"
	if dry {
		got, err = a.Store.WeighRates(ctx, r.Organisation.ID, rates, today)
		verb = "would be added"
	} else {
		got, err = a.Store.ImportRates(ctx, a.Program(r), rates, today)
	}
	if err != nil {
		return err
	}
	days := ""
	if got.Added > 0 {
		days = fmt.Sprintf(", from %s to %s", got.From, got.To)
	}
	_, err = fmt.Fprintf(out, "rates: %d %s%s; %d known, %d known with another figure, %d of days to come, %d of no use\n",
		got.Added, verb, days, got.Known, got.Differ, got.Future, got.Unused)
	return err
}

func (a *App) importStatement(ctx context.Context, out io.Writer, r *models.Register, content []byte, o ImportOptions) error {
	head, err := inspect(content, nil)
	if err != nil {
		return err
	}
	account, head, err := accountOf(r, content, head, o.Account)
	if err != nil {
		return err
	}
	if head.Count == 0 {
		printFaults(out, head.Faults, head.FaultCount)
		return fmt.Errorf("no line of %s could be read; on the screen Bank statements one can say where its columns stand", o.File)
	}
	kind := "account"
	if account.ID == 0 {
		kind = "new account"
	}
	if o.DryRun {
		printFaults(out, head.Faults, head.FaultCount)
		_, err = fmt.Fprintf(out, "%s: %s from %s to %s would be read into the %s %s; those known already are not added again\n",
			head.Format, countLines(head.Count), head.From, head.To, kind, account.Name)
		return err
	}
	got, err := a.enterStatement(ctx, r, account, head, filepath.Base(o.File), content)
	if err != nil {
		return err
	}
	printFaults(out, got.Faults, got.FaultCount)
	_, err = fmt.Fprintf(out, "%s: %s added to the %s %s, %d known already, from %s to %s\n",
		head.Format, countLines(got.Added), kind, account.Name, got.Known, got.From, got.To)
	return err
}

// enterStatement stages the file and imports it. When that breaks, neither the file nor a new account stays behind.
func (a *App) enterStatement(ctx context.Context, r *models.Register, account models.BankAccount, head statement.Head, name string, content []byte) (store.Imported, error) {
	by := a.Program(r)
	file := store.StatementFile{AccountID: account.ID, Name: name, Content: content}
	if account.ID == 0 {
		file.Account = account
	}
	if head.Format == statement.CSV || head.Layout.Account != "" {
		file.Layout = head.Layout.String()
	}
	id, err := a.Store.StageStatement(ctx, by, file)
	if err != nil {
		return store.Imported{}, err
	}
	got, err := a.Store.ImportStatement(ctx, by, id, nil)
	if err != nil {
		err = errors.Join(err, a.takeBack(context.WithoutCancel(ctx), by, id, account.ID == 0))
	}
	return got, err
}

// takeBack drops a file that could not be imported, and the account added for it.
func (a *App) takeBack(ctx context.Context, by models.Actor, id models.ID, fresh bool) error {
	file, err := a.Store.Statement(ctx, by.Organisation, id)
	if err != nil {
		return err
	}
	err = a.Store.DropStatement(ctx, by, id)
	if fresh && err == nil {
		err = a.Store.RemoveBankAccount(ctx, by, file.AccountID)
	}
	return err
}

// inspect is statement.Inspect with its refusal in words.
func inspect(content []byte, known *statement.Layout) (statement.Head, error) {
	head, err := statement.Inspect(content, known)
	if bad, ok := errors.AsType[*statement.Unreadable](err); ok {
		return head, models.Invalid{{Field: "file", Rule: bad.Rule, Args: []any{"row", bad.Row}}}
	}
	return head, err
}

// accountOf finds the account a file is of: the one named, else the one whose number the file has. One that is not
// known yet comes without ID. The head is of that account alone, and read as its earlier files were.
func accountOf(r *models.Register, content []byte, head statement.Head, name string) (models.BankAccount, statement.Head, error) {
	account, found := knownAccount(r, name)
	number := head.Account
	if len(head.Accounts) > 1 {
		chosen := slices.IndexFunc(head.Accounts, func(x statement.Account) bool {
			return (found && account.Bears(x.Number)) || models.BankAccount{Number: x.Number}.Bears(name)
		})
		if chosen < 0 {
			return account, head, fmt.Errorf("the file is of several accounts; give one of these numbers with --account: %s", numbersOf(head.Accounts))
		}
		number = head.Accounts[chosen].Number
	}
	switch {
	case found && account.Number != "" && number != "" && !account.Bears(number):
		return account, head, fmt.Errorf("the file is of the account %s, and %s has the number %s", number, account.Name, account.Number)
	case found:
	case name != "":
		account = models.BankAccount{Name: name, Number: number}
	case number == "":
		return account, head, errors.New("the file does not say of which account it is; give its name with --account")
	default:
		if account, found = knownAccount(r, number); !found {
			account = models.BankAccount{Name: number, Number: number}
		}
	}
	known := statement.Layout{}
	if account.Layout != "" {
		var err error
		if known, err = statement.ParseLayout(account.Layout); err != nil {
			return account, head, fmt.Errorf("read the layout of %s: %w", account.Name, err)
		}
	}
	if len(head.Accounts) > 1 {
		known.Account = number
	} else if account.Layout == "" {
		return account, head, nil
	}
	head, err := inspect(content, &known)
	return account, head, err
}

// knownAccount finds an account by its name or number.
func knownAccount(r *models.Register, name string) (models.BankAccount, bool) {
	if strings.TrimSpace(name) == "" {
		return models.BankAccount{}, false
	}
	for _, b := range r.BankAccounts {
		if strings.EqualFold(b.Name, strings.TrimSpace(name)) || b.Bears(name) {
			return b, true
		}
	}
	return models.BankAccount{}, false
}

func numbersOf(accounts []statement.Account) string {
	list := make([]string, len(accounts))
	for i, x := range accounts {
		list[i] = x.Number
	}
	return strings.Join(list, ", ")
}

// printFaults names the lines of a statement that could not be read.
func printFaults(out io.Writer, faults []statement.Fault, count int) {
	w := words.In(words.EN)
	for _, f := range faults {
		fmt.Fprintf(out, "line %d passed over: %s: %q\n", f.Row, w.T("statements.fault."+f.Rule), f.Text)
	}
	if more := count - len(faults); more > 0 {
		fmt.Fprintf(out, "and %s more\n", countLines(more))
	}
}

func countLines(n int) string {
	if n == 1 {
		return "1 line"
	}
	return strconv.Itoa(n) + " lines"
}
