package models

import (
	"strings"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// BankAccount is an account statements are imported from, with what has been learnt of its files.
type BankAccount struct {
	ID      ID
	Version int64
	Name    string
	Number  string // IBAN or number as the bank's files write it; empty when they do not
	Layout  string // how its CSV files are to be read, as package statement writes it; empty until one has been
}

// Check says what is wrong with the account as typed.
func (b BankAccount) Check() Invalid {
	var v Invalid
	checkName(&v, "name", b.Name)
	checkLabel(&v, "number", b.Number)
	return v
}

// How much of an account's number tells it from others: at least, and where bank and branch come before it.
const (
	leastOfNumber = 5
	mostOfNumber  = 11
)

// Bears tells whether a number in a bank's file may be the account's: the same but for spaces and case, or one whose
// end the other holds, as OFX files give bank and account of an IBAN without its branch or key. Either without a number
// answers no.
func (b BankAccount) Bears(number string) bool {
	long, short := bareNumber(b.Number), bareNumber(number)
	if len(short) > len(long) {
		long, short = short, long
	}
	end := short[max(0, len(short)-mostOfNumber):]
	return short != "" && (long == short || len(end) >= leastOfNumber && strings.Contains(long, end))
}

func bareNumber(number string) string { return strings.ToUpper(strings.ReplaceAll(number, " ", "")) }

// BankLine is one line of a bank statement, kept so that no file adds it twice. It is no payment: it becomes one, or is
// set aside, when somebody says so.
type BankLine struct {
	ID        ID
	AccountID ID
	Day       cal.Date     // booked
	Amount    money.Amount // of the account; negative when money left
	Original  money.Amount // in the currency of the purchase, where the bank says it; same sign
	Label     string       // as the bank writes it
	Party     string       // the other side, where the bank says it apart
	PaymentID ID           // the payment it is; 0 while open or set aside
	Aside     bool         // none of this program's business
}

// Open tells whether nobody has said yet what the line is.
func (l BankLine) Open() bool { return l.PaymentID == 0 && !l.Aside }

// Match says what a bank line is: a payment recorded before, or the charge, or the service, that it pays.
type Match struct {
	Line      ID
	PaymentID ID // recorded before; the rest is then not asked
	ServiceID ID
	// SubscriptionID and ChargeOn name the expected charge it settles; both empty for a payment of the service that
	// settles none. Part tells that it settles a part only.
	SubscriptionID ID
	ChargeOn       cal.Date
	Part           bool
	Billed         money.Amount // as invoiced, when that was in another currency; none for the line's own amount
}

// Habits is what earlier lines have taught about labels, each by its LabelKey.
type Habits struct {
	Services map[string]ID   // the service such a line paid last
	Aside    map[string]bool // such lines are none of this program's business
	Linked   map[ID]bool     // payments that have their bank line already
}
