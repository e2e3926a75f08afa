package models

import (
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Recurring is a debit that comes back regularly and that nobody knows: a service nobody registered, as a rule.
type Recurring struct {
	Key         string // LabelKey of its lines
	Name        string // as to show: the label without its noise
	Cadence     cal.Cadence
	Amount      money.Amount // of the last one, as money that left: positive
	Original    money.Amount // likewise, in the currency of the purchase; none when the bank does not say it
	First, Last cal.Date
	Yearly      money.Amount // what a year of it costs at the last amount
	Lines       []BankLine   // by day
}
