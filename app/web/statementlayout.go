package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"enveloppe/models/statement"
	"enveloppe/models/store"
)

// labelFields is how many columns of labels the form offers at least.
const labelFields = 3

// layoutColumns are the fields of the form that name a column, those for the labels apart, each with what it sets.
var layoutColumns = []struct {
	field string
	of    func(*statement.Layout) *int
}{
	{"day", func(l *statement.Layout) *int { return &l.Day }},
	{"amount", func(l *statement.Layout) *int { return &l.Amount }},
	{"debit", func(l *statement.Layout) *int { return &l.Debit }},
	{"credit", func(l *statement.Layout) *int { return &l.Credit }},
	{"party", func(l *statement.Layout) *int { return &l.Party }},
	{"direction", func(l *statement.Layout) *int { return &l.Direction }},
	{"fee", func(l *statement.Layout) *int { return &l.Fee }},
	{"currency_column", func(l *statement.Layout) *int { return &l.CurrencyColumn }},
	{"original", func(l *statement.Layout) *int { return &l.Original }},
	{"original_currency", func(l *statement.Layout) *int { return &l.OriginalCurrency }},
	{"reference", func(l *statement.Layout) *int { return &l.Reference }},
	{"state", func(l *statement.Layout) *int { return &l.State }},
	{"account_column", func(l *statement.Layout) *int { return &l.AccountColumn }},
}

// delimiterNames are the delimiters by a name that survives a form: a tab would be trimmed.
var delimiterNames = map[string]string{";": "semicolon", ",": "comma", "\t": "tab", "|": "bar"}

func labelField(i int) string { return "labels." + strconv.Itoa(i) }

// typedLayout is a layout as somebody would have filled it in.
func typedLayout(l statement.Layout, accounts []statement.Account) Fields {
	f := Fields{
		"encoding": string(l.Encoding), "delimiter": delimiterNames[l.Delimiter], "header": strconv.Itoa(l.Header),
		"day_order": string(l.DayOrder), "decimal": l.Decimal, "sign": string(l.Sign), "currency": string(l.Currency),
	}
	for _, c := range layoutColumns {
		if at := *c.of(&l); at != 0 {
			f[c.field] = strconv.Itoa(at)
		}
	}
	for i, at := range l.Labels {
		f[labelField(i)] = strconv.Itoa(at)
	}
	if i := slices.IndexFunc(accounts, func(a statement.Account) bool { return l.Account != "" && a.Number == l.Account }); i >= 0 {
		f["file_account"] = strconv.Itoa(i + 1)
	}
	return f
}

// layout reads the form over the layout the file was shown with. What the form does not ask stays.
func (e *entry) layout(shown statement.Layout) statement.Layout {
	l := shown
	l.Encoding, l.DayOrder, l.Decimal = statement.Encoding(e.text("encoding")), statement.DayOrder(e.text("day_order")), e.text("decimal")
	l.Sign, l.Currency = statement.Sign(e.text("sign")), e.currency()
	l.Delimiter = ""
	for mark, name := range delimiterNames {
		if name == e.text("delimiter") {
			l.Delimiter = mark
		}
	}
	l.Header = e.whole("header", 0)
	for _, c := range layoutColumns {
		*c.of(&l) = e.whole(c.field, 0)
	}
	l.Labels = nil
	for i := range labelFields + len(shown.Labels) {
		if at := e.whole(labelField(i), 0); at != 0 {
			l.Labels = append(l.Labels, at)
		}
	}
	return l
}

// named gives a layout the names its header has in a file, by which the header of the next file is known.
func named(l statement.Layout, content []byte) statement.Layout {
	l.Names = nil
	head, err := statement.Preview(content, l)
	if i := slices.Index(head.RowLines, l.Header); err == nil && i >= 0 {
		l.Names = head.Rows[i]
	}
	return l
}

// fileAccount reads which of the file's accounts is wanted; empty for all of them.
func (e *entry) fileAccount(accounts []statement.Account) string {
	n := e.whole("file_account", 0)
	if n < 0 || n > len(accounts) {
		e.bad.Add("file_account", "choose")
		return ""
	}
	if n == 0 {
		return ""
	}
	return accounts[n-1].Number
}

// layoutFields are the names of all fields of the form.
func layoutFields(shown statement.Layout) []string {
	names := []string{"encoding", "delimiter", "header", "day_order", "decimal", "sign", "currency", "file_account", "account", "account_name"}
	for _, c := range layoutColumns {
		names = append(names, c.field)
	}
	for i := range labelFields + len(shown.Labels) {
		names = append(names, labelField(i))
	}
	return names
}

// layoutChoices are the lists the form chooses from.
type layoutChoices struct {
	Columns, Encodings, Delimiters, DayOrders, Decimals, Signs, Accounts, FileAccounts []Option
	Labels                                                                             []string // names of the fields of the labels
	More                                                                               bool     // what few files need is open
}

func newLayoutChoices(v *visit, head statement.Head, f Form) layoutChoices {
	w := v.words
	ch := layoutChoices{
		Columns:  columnOptions(v, head),
		Decimals: []Option{{",", w.T("layout.decimal_comma")}, {".", w.T("layout.decimal_point")}},
	}
	for _, e := range statement.Encodings {
		ch.Encodings = append(ch.Encodings, Option{string(e), w.T("layout.encoding." + encodingKey(e))})
	}
	for _, d := range statement.Delimiters {
		ch.Delimiters = append(ch.Delimiters, Option{delimiterNames[d], w.T("layout.delimiter." + delimiterNames[d])})
	}
	for _, o := range statement.DayOrders {
		ch.DayOrders = append(ch.DayOrders, Option{string(o), w.T("layout.day_order." + string(o))})
	}
	for _, s := range statement.Signs {
		ch.Signs = append(ch.Signs, Option{string(s), w.T("layout.sign." + string(s))})
	}
	for i := range max(labelFields, len(head.Layout.Labels)+1) {
		ch.Labels = append(ch.Labels, labelField(i))
	}
	for _, rare := range []string{"direction", "fee", "currency_column", "original", "original_currency", "reference", "state", "account_column"} {
		ch.More = ch.More || f.Error(rare) != ""
	}
	for _, a := range accountsByName(v) {
		ch.Accounts = append(ch.Accounts, Option{typedID(a.ID), accountLabel(v, a)})
	}
	ch.Accounts = append(ch.Accounts, Option{newAccount, w.T("statements.new_account")})
	if len(head.Accounts) > 1 {
		ch.FileAccounts = []Option{{"", w.T("layout.all_accounts")}}
		for i, a := range head.Accounts {
			ch.FileAccounts = append(ch.FileAccounts, Option{strconv.Itoa(i + 1), w.N("layout.file_account", a.Count, "end", ending(a.Number))})
		}
	}
	return ch
}

// columnOptions names the columns of the file: by its header, else by what stands in them first.
func columnOptions(v *visit, head statement.Head) []Option {
	out := []Option{{"", v.words.T("layout.no_column")}}
	for i, name := range head.Columns {
		said := strings.TrimSpace(name)
		if said == "" {
			said = firstCell(head.Rows, i)
		}
		if said == "" {
			said = "—"
		}
		out = append(out, Option{strconv.Itoa(i + 1), v.words.T("layout.column", "n", strconv.Itoa(i+1), "name", cutShort(said))})
	}
	return out
}

// firstCell is what stands first in a column, the last row shown excepted first: the lines of a file say more of it
// than what stands above them.
func firstCell(rows [][]string, column int) string {
	for _, row := range slices.Backward(rows) {
		if column < len(row) && strings.TrimSpace(row[column]) != "" {
			return strings.TrimSpace(row[column])
		}
	}
	return ""
}

// cutShort keeps a cell from filling the page.
func cutShort(s string) string {
	const most = 60
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return string(runes[:most-1]) + "…"
}

// layoutFact is one thing known of how a file is read.
type layoutFact struct{ Name, Value string }

// layoutFacts tells in words how files are read.
func layoutFacts(v *visit, l statement.Layout) []layoutFact {
	w := v.words
	name := func(at int) string {
		if at > 0 && at <= len(l.Names) && strings.TrimSpace(l.Names[at-1]) != "" {
			return l.Names[at-1]
		}
		return w.T("layout.column_n", "n", strconv.Itoa(at))
	}
	labels := make([]string, len(l.Labels))
	for i, at := range l.Labels {
		labels[i] = name(at)
	}
	amount := name(l.Amount)
	if l.Amount == 0 {
		amount = w.T("layout.two_columns", "debit", name(l.Debit), "credit", name(l.Credit))
	}
	facts := []layoutFact{
		{w.T("layout.day"), name(l.Day)},
		{w.T("layout.labels"), w.List(labels)},
		{w.T("layout.amount"), amount},
		{w.T("layout.encoding_label"), w.T("layout.encoding." + encodingKey(l.Encoding))},
	}
	return slices.DeleteFunc(facts, func(f layoutFact) bool { return f.Value == "" })
}

// saveLayout keeps how the file is to be read, and shows it again so. Nothing is imported.
func (w *Web) saveLayout(c echo.Context) error {
	v, ctx := visitOf(c), c.Request().Context()
	file, head, err := w.openedFile(c)
	if err != nil {
		return err
	}
	e := entry{Fields: fields(c, layoutFields(head.Layout)...)}
	set := store.StatementFile{ID: file.ID}
	if _, ok := bankAccount(v, e.chosenAccount()); !ok && e.text("account") != newAccount {
		e.bad.Add("account", "choose")
	}
	layout := statement.Layout{}
	if head.Format == statement.CSV {
		layout = e.layout(head.Layout)
		for _, p := range layout.Check(len(head.Columns)) {
			e.bad.Add(p.Field, p.Rule)
		}
	}
	layout.Account = e.fileAccount(head.Accounts)
	if err = e.bad.Err(); err == nil {
		head.Account = cmp.Or(layout.Account, head.Account) // a new account takes the number of its lines
		set.AccountID, set.Account, err = accountFor(v, &e, head)
	}
	if err == nil {
		if head.Format == statement.CSV {
			layout = named(layout, file.Content)
		}
		if layout.Account != "" || head.Format == statement.CSV {
			set.Layout = layout.String()
		}
		err = w.store.SetStatement(ctx, v.actor, set)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showStatement(c, file, head, status, f) })
	}
	return c.Redirect(http.StatusSeeOther, statementPath(file.ID))
}
