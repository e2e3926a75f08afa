package models

import (
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Prepaid is the part of a cost that serves after the closing day of a fiscal year: the balance of account 486 on that
// day, by exact days of service, rounded half up once to the cent. The period is half-open as everywhere; the closing
// day still belongs to the year. A credit note gives the same with its sign.
//
// The year bears the remainder. When the period spans several closings, a year bears the difference between the balance
// at the closing before and the balance at its own: rounding each year alone would lose or invent a cent.
func Prepaid(cost money.Amount, period cal.Span, closing cal.Date) (deferred money.Amount) {
	total := period.Days()
	if cost.IsNone() || total == 0 || closing.IsZero() {
		return money.Zero(money.EUR)
	}
	after := min(max(closing.DaysUntil(period.Last()), 0), total)
	return cost.Prorate(int64(after), int64(total))
}
