package statement

import (
	"bytes"
	"slices"
	"strings"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// outcome is what a row of a CSV file turned out to be.
type outcome int

const (
	passedOver outcome = iota // a header, a total, a title, a movement that is not booked or of another account
	isLine
	isFault
)

// rows reads the lines of a CSV file by a layout that was checked.
type rows struct {
	layout   Layout
	encoding Encoding
	table    *table
	keys     *keys
	mark     byte
	labels   []string
	room     []byte
	code     string         // the last cell read as a currency
	currency money.Currency // what it meant
	written  string         // the last cell read as an account
	account  string         // its number
	found    *accounts      // nil when nobody asks
}

func newRows(content []byte, l Layout) *rows {
	plain, encoding := plainBytes(content, l.Encoding)
	return &rows{
		layout: l, encoding: encoding, table: newTable(plain, l.Delimiter), keys: newKeys(), mark: l.Decimal[0],
		room: make([]byte, 0, 256),
	}
}

// next reads the next row that is a line or a fault; more is false at the end.
func (r *rows) next() (line Line, fault Fault, what outcome, more bool) {
	for r.table.next() {
		if r.table.row <= r.layout.Header {
			continue
		}
		line, fault, what = r.read()
		if what == isLine {
			if key, ok := r.key(line); ok {
				line.Key = key
			} else {
				what, fault = isFault, r.fault(FaultTwice, r.layout.Reference)
			}
		}
		if what != passedOver {
			return line, fault, what, true
		}
	}
	return Line{}, Fault{}, passedOver, false
}

func (r *rows) key(line Line) (string, bool) {
	if reference := r.text(r.layout.Reference); usableReference(reference) {
		return r.keys.ofReference("", reference, line.Day, line.Amount, line.Label)
	}
	return r.keys.ofText(line.Day, line.Amount, line.Label), true
}

// cell gives the cleaned bytes of a cell, good until the next is asked for; nothing when the row has no such cell.
func (r *rows) cell(column int) []byte {
	if column == 0 || column > len(r.table.cells) {
		return nil
	}
	c := r.table.cells[column-1]
	text := c.text
	if c.doubled {
		text = bytes.ReplaceAll(text, []byte(`""`), []byte(`"`))
	}
	r.room = appendClean(r.room[:0], text, r.encoding)
	return r.room
}

func (r *rows) text(column int) string { return string(r.cell(column)) }

// fault names the row at hand; column is the cell to show, 0 for the whole row.
func (r *rows) fault(rule string, column int) Fault {
	text := r.text(column)
	if text == "" {
		raw := r.table.raw
		text = clean(raw[:min(len(raw), 8*maxShown)], r.encoding)
	}
	return Fault{Row: r.table.row, Rule: rule, Text: cut(text, maxShown)}
}

func (r *rows) read() (Line, Fault, outcome) {
	l := r.layout
	if r.table.long {
		return Line{}, r.fault(FaultTooLong, 0), isFault
	}
	if l.State != 0 && !booked(r.text(l.State)) {
		return Line{}, Fault{}, passedOver
	}
	day, ok := parseDay(r.cell(l.Day), l.DayOrder)
	if !ok {
		return r.withoutDay()
	}
	if !r.isAsked() {
		return Line{}, Fault{}, passedOver
	}
	line := Line{Row: r.table.row, Day: day}
	amount, rule, column := r.amount()
	if rule != "" {
		if rule == FaultAmountEmpty {
			return r.withoutAmount()
		}
		return Line{}, r.fault(rule, column), isFault
	}
	line.Amount = amount
	line.Party = cut(r.text(l.Party), maxParty)
	r.labels = r.labels[:0]
	for _, column := range l.Labels {
		r.labels = append(r.labels, r.text(column))
	}
	if line.Label = joinTexts(r.labels); line.Label == "" {
		line.Label = line.Party
	}
	if isBalance(line.Label) {
		return Line{}, Fault{}, passedOver
	}
	if line.Original = r.original(amount); line.Original.IsNone() {
		line.Original = originalIn(line.Label, amount)
	}
	return line, Fault{}, isLine
}

// isAsked tells whether the row is of the account to be read.
func (r *rows) isAsked() bool {
	if r.layout.AccountColumn == 0 {
		return true
	}
	number := r.cell(r.layout.AccountColumn)
	if string(number) != r.written {
		r.written, r.account = string(number), compact(string(number))
	}
	if r.found != nil && r.account != "" {
		r.found.turn(r.account, r.layout.Currency)
		r.found.list[r.found.at].Count++
	}
	return r.layout.Account == "" || r.account == r.layout.Account
}

// withoutDay tells a line whose day cannot be read from what else stands in such files: titles, balances, totals, the
// header again.
func (r *rows) withoutDay() (Line, Fault, outcome) {
	l, text := r.layout, r.text(r.layout.Day)
	hasMoney := false
	for _, column := range []int{l.Amount, l.Debit, l.Credit} {
		hasMoney = hasMoney || bytes.ContainsAny(r.cell(column), "0123456789")
	}
	hasDigit := strings.ContainsAny(text, "0123456789")
	switch {
	case r.isHeader(), !isNumeric(text) && r.isSummary():
		return Line{}, Fault{}, passedOver
	case text == "" && hasMoney:
		return Line{}, r.fault(FaultDayEmpty, 0), isFault
	case !hasMoney && (text == "" || !hasDigit || len(r.table.cells) < l.needed()):
		// A day cut at the end of a broken download still is a line that was lost.
		if isNumeric(text) && len(text) <= len("31/01/2026") {
			return Line{}, r.fault(FaultColumns, 0), isFault
		}
		return Line{}, Fault{}, passedOver
	}
	return Line{}, r.fault(FaultDay, l.Day), isFault
}

// isNumeric tells digits and what stands between those of a day.
func isNumeric(s string) bool {
	return s != "" && isDigit(s[0]) && strings.Trim(s, "0123456789/-.") == ""
}

func (r *rows) withoutAmount() (Line, Fault, outcome) {
	switch {
	case r.isSummary():
		return Line{}, Fault{}, passedOver
	case len(r.table.cells) < r.layout.needed():
		return Line{}, r.fault(FaultColumns, 0), isFault
	}
	return Line{}, r.fault(FaultAmountEmpty, 0), isFault
}

// needed is how many cells a row must have to be a line. Empty ones at its end may be missing.
func (l Layout) needed() int {
	if l.Amount != 0 {
		return max(l.Day, l.Amount)
	}
	return max(l.Day, min(l.Debit, l.Credit))
}

// isHeader tells whether the row repeats the header, as files that were put together do.
func (r *rows) isHeader() bool {
	names := r.layout.Names
	if len(names) < 2 || len(r.table.cells) < len(names) {
		return false
	}
	for i, name := range names {
		if r.text(i+1) != name {
			return false
		}
	}
	return true
}

// isSummary tells a total or a balance by the word one of its cells begins with.
func (r *rows) isSummary() bool {
	for i := range r.table.cells {
		text := fold(r.text(i + 1))
		for _, word := range []string{"total", "sous total", "solde", "ancien solde", "nouveau solde", "balance", "opening balance", "closing balance", "report"} {
			if text == word || strings.HasPrefix(text, word+" ") || strings.HasPrefix(text, word+"s ") {
				return true
			}
		}
	}
	return false
}

// balances begin labels of rows that look like lines in every way and are none. Payers write "solde" too ("solde de
// tout compte"), so these are whole expressions.
var balances = []string{
	"ancien solde", "nouveau solde", "solde crediteur", "solde debiteur", "solde initial", "solde final", "solde precedent",
	"solde anterieur", "solde comptable", "solde au ", "solde en date", "solde reporte", "solde d ouverture", "solde de cloture",
	"total des operations", "total des mouvements", "total des debits", "total des credits", "opening balance", "closing balance",
}

func isBalance(label string) bool {
	if len(label) < 10 || !strings.ContainsAny(label[:1], "aAnNsStToOcC0123456789") {
		return false
	}
	text := fold(label)
	return slices.ContainsFunc(balances, func(b string) bool { return strings.HasPrefix(text, b) }) || isAccountNumber(label)
}

// isAccountNumber tells the label of the row with which LCL closes its files: "01234 567890A", nothing else.
func isAccountNumber(label string) bool {
	s := compact(label)
	if len(s) != 12 || !isCapital(s[11]) {
		return false
	}
	return strings.Trim(s[:11], "0123456789") == ""
}

// states are how files say that a movement is not, or not any more, one of the account.
var states = []string{
	"pending", "en attente", "en cours", "declined", "refuse", "rejet", "reverted", "annule", "cancel", "failed", "echou",
	"echec", "processing", "a venir", "expire", "denied", "removed",
}

// booked tells whether a state lets the movement count. What is not known does: a line too many is seen, one that is
// missing is not.
func booked(state string) bool {
	text := fold(state)
	return !slices.ContainsFunc(states, func(s string) bool { return strings.HasPrefix(text, s) })
}

// compact takes the spaces, and the quotes of a spreadsheet's text, out of a number.
func compact(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '"' || r == '=' || r == '\'' {
			return -1
		}
		return r
	}, s)
}

// amount reads the row's sum, negative when money left. column is the cell that cannot be read.
func (r *rows) amount() (amount money.Amount, rule string, column int) {
	l := r.layout
	c := l.Currency
	if text := r.cell(l.CurrencyColumn); len(text) > 0 {
		var ok bool
		if c, ok = r.currencyOf(text); !ok {
			return amount, FaultCurrencyUnknown, l.CurrencyColumn
		}
	}
	if l.Amount == 0 {
		return r.debitOrCredit(c)
	}
	if amount, rule = r.sum(l.Amount, c); rule != "" {
		return amount, rule, l.Amount
	}
	if l.Direction != 0 {
		leaves, ok := direction(r.text(l.Direction))
		if !ok {
			return amount, FaultDirection, l.Direction
		}
		if amount = amount.Abs(); leaves {
			amount = amount.Neg()
		}
	} else if l.Sign == SignPlus {
		amount = amount.Neg()
	}
	if l.Fee != 0 {
		fee, rule := r.sum(l.Fee, c)
		if rule != "" && rule != FaultAmountEmpty || rule == "" && fee.Currency() != amount.Currency() {
			return amount, FaultAmount, l.Fee
		}
		amount = amount.Sub(fee.Abs())
	}
	return amount, "", 0
}

func (r *rows) debitOrCredit(c money.Currency) (money.Amount, string, int) {
	l := r.layout
	debit, rule := r.sum(l.Debit, c)
	if rule != "" && rule != FaultAmountEmpty {
		return debit, rule, l.Debit
	}
	if l.Sign == SignPlus {
		debit = debit.Neg()
	}
	credit, ruleOfCredit := r.sum(l.Credit, c)
	switch {
	case ruleOfCredit != "" && ruleOfCredit != FaultAmountEmpty:
		return credit, ruleOfCredit, l.Credit
	case rule != "" && ruleOfCredit != "":
		return credit, FaultAmountEmpty, l.Debit
	case rule != "" || debit.IsZero() && ruleOfCredit == "":
		return credit, "", 0
	case ruleOfCredit == "" && !credit.IsZero():
		return credit, FaultAmountTwice, 0
	}
	return debit, "", 0
}

func (r *rows) sum(column int, c money.Currency) (money.Amount, string) {
	f, rule := parseFigure(r.cell(column), r.mark)
	if rule != "" {
		return money.Amount{}, rule
	}
	return f.amount(c)
}

// currencyOf reads a currency's code or sign, remembering the last: it is the same on nearly every line.
func (r *rows) currencyOf(text []byte) (money.Currency, bool) {
	if string(text) == r.code {
		return r.currency, r.currency != ""
	}
	r.code, r.currency = string(text), ""
	if c, ok := currencyIn(r.code); ok {
		r.currency = c
	}
	return r.currency, r.currency != ""
}

// original reads what the purchase cost in its own currency; none when that is the account's, or cannot be read: it is
// a help, and no reason to lose the line.
func (r *rows) original(amount money.Amount) money.Amount {
	l := r.layout
	if l.Original == 0 {
		return money.Amount{}
	}
	var c money.Currency
	if l.OriginalCurrency != 0 {
		c, _ = r.currencyOf(r.cell(l.OriginalCurrency))
	}
	f, rule := parseFigure(r.cell(l.Original), r.mark)
	if f.currency == "" {
		f.currency = c
	}
	if rule != "" || f.currency == "" || f.currency == amount.Currency() || f.units == 0 {
		return money.Amount{}
	}
	sum, rule := f.amount(c)
	if rule != "" {
		return money.Amount{}
	}
	return signedAs(sum, amount)
}

// direction reads a word that says whether money left.
func direction(word string) (leaves, ok bool) {
	switch text := fold(word); {
	case word == "-", word == "−", text == "d", strings.HasPrefix(text, "deb"), text == "dr", text == "db", text == "dbit", text == "out",
		strings.HasPrefix(text, "sort"), strings.HasPrefix(text, "depense"), strings.HasPrefix(text, "withdr"):
		return true, true
	case word == "+", text == "c", strings.HasPrefix(text, "cre"), text == "cr", text == "crdt", text == "in",
		strings.HasPrefix(text, "entr"), strings.HasPrefix(text, "recette"), strings.HasPrefix(text, "deposit"):
		return false, true
	}
	return false, false
}

// span widens a head's days by one.
func (h *Head) span(day cal.Date) {
	if h.From.IsZero() || day.Before(h.From) {
		h.From = day
	}
	h.To = cal.Max(h.To, day)
}
