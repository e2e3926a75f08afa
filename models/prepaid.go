package models

import (
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// PrepaidMethod is how the share of a cost that serves after a closing is measured.
type PrepaidMethod string

// The methods an organisation chooses from.
const (
	PrepaidDays   PrepaidMethod = "days"   // exact days of service; the one unless another is chosen
	PrepaidMonths PrepaidMethod = "months" // months counted from the first day; one begun by the closing belongs to that year
	Prepaid360    PrepaidMethod = "360"    // months of thirty days, as European bonds count them
)

// PrepaidMethods are all of them, in the order they are offered.
var PrepaidMethods = []PrepaidMethod{PrepaidDays, PrepaidMonths, Prepaid360}

// Parts are how much of a half-open period lies after a closing day, which itself still belongs to the year, and how
// much it is in all: days, months or thirtieths of months by the method.
func (m PrepaidMethod) Parts(period cal.Span, closing cal.Date) (deferred, total int) {
	total = period.Days()
	if total == 0 || closing.IsZero() {
		return 0, total
	}
	switch m {
	case PrepaidMonths:
		months, after := 0, 0
		for k := 0; ; k++ {
			begins := period.From.AddMonths(k)
			if !begins.Before(period.To) {
				break
			}
			months++
			if begins.After(closing) {
				after++
			}
		}
		return after, months
	case Prepaid360:
		// A period of one 31st has no day of thirty: it is counted as it is.
		if whole := days360(period.From, period.To); whole > 0 {
			after := days360(cal.Max(period.From, closing.AddDays(1)), period.To)
			return min(max(after, 0), whole), whole
		}
	case PrepaidDays:
	}
	return min(max(closing.DaysUntil(period.Last()), 0), total), total
}

// days360 counts the days of [from, to) as if each month had thirty: a 31st counts as the 30th.
func days360(from, to cal.Date) int {
	return 360*(to.Year()-from.Year()) + 30*(int(to.Month())-int(from.Month())) + min(to.Day(), 30) - min(from.Day(), 30)
}

// Deferred is the part of a cost that serves after a closing day: what account 486 holds of it on that day, rounded half
// up once to the cent. A credit note gives the same with its sign.
//
// The year bears the remainder. When the period spans several closings, a year bears the difference between the balance
// at the closing before and the balance at its own: rounding each year alone would lose or invent a cent.
func (m PrepaidMethod) Deferred(cost money.Amount, period cal.Span, closing cal.Date) money.Amount {
	after, total := m.Parts(period, closing)
	if cost.IsNone() || total == 0 {
		return money.Zero(money.EUR)
	}
	return cost.Prorate(int64(after), int64(total))
}
