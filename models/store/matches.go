package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// ConfirmMatches says what bank lines are, all of them or none: it ties a line to the payment recorded before, or
// records the payment of a charge or a service, on the line's day. It answers how many lines it has answered; those
// answered the same way already are passed over, so that confirming twice changes nothing. Problems come under
// "match." and the line's ID: "match.taken" (answered otherwise meanwhile, or set aside), "match.linked" (the payment
// has its line already), "match.payment" (it does not stand, or money went the other way), "closed", and those of RecordPayment.
func (s *Store) ConfirmMatches(ctx context.Context, by models.Actor, matches []models.Match, today cal.Date) (done int, err error) {
	err = s.write(ctx, by, "bank.confirm", mayEdit, func(a *act) error {
		if _, err := a.register(); err != nil { // before anything is written
			return err
		}
		var v models.Invalid
		for _, m := range matches {
			answered, err := a.confirm(m, today)
			switch problem := aboutLine(m.Line, err); {
			case err == nil && answered:
				done++
			case problem != nil:
				v = append(v, *problem)
			case err != nil:
				return err
			}
		}
		return v.Err()
	})
	if err != nil {
		return 0, err
	}
	return done, nil
}

// aboutLine is a refusal as a problem of the line; nil when it is none.
func aboutLine(line models.ID, err error) *models.Problem {
	field := fmt.Sprintf("match.%d", line)
	var invalid models.Invalid
	var refused models.Refused
	switch {
	case errors.As(err, &invalid) && len(invalid) > 0:
		return &models.Problem{Field: field, Rule: invalid[0].Rule, Args: invalid[0].Args}
	case errors.As(err, &refused):
		return &models.Problem{Field: field, Rule: refused.Rule, Args: refused.Args}
	case errors.Is(err, models.ErrNotFound):
		return &models.Problem{Field: field, Rule: "not_found"}
	}
	return nil
}

func refuse(rule string) error { return models.Refused{Rule: rule} }

// confirm answers one line; false when it was answered so already.
func (a *act) confirm(m models.Match, today cal.Date) (bool, error) {
	l, err := a.line(m.Line)
	switch {
	case err != nil:
		return false, err
	case l.Aside:
		return false, refuse("match.taken")
	case l.PaymentID != 0:
		same, err := a.saysSame(m, models.ID(l.PaymentID))
		if err == nil && !same {
			err = refuse("match.taken")
		}
		return false, err
	case m.PaymentID != 0:
		return true, a.tie(l, m.PaymentID)
	}
	p, err := a.complete(paymentOf(l.model(), m), today, models.Payment{})
	if err != nil {
		return false, err
	}
	id, err := a.insertPayment(p)
	if err != nil {
		return false, err
	}
	l.Recorded = true
	return true, a.answerLine(l, id)
}

// paymentOf is what a line says of the payment it is: the bank's euros beside a bill in another currency, else the
// line's own amount as billed.
func paymentOf(l models.BankLine, m models.Match) models.Payment {
	p := models.Payment{
		ServiceID: m.ServiceID, SubscriptionID: m.SubscriptionID, ChargeOn: m.ChargeOn, Part: m.Part, PaidOn: l.Day, Billed: l.Amount.Neg(),
	}
	if c := m.Billed.Currency(); !m.Billed.IsNone() && c != money.EUR && c != l.Amount.Currency() {
		p.Billed = m.Billed
		if l.Amount.Currency() == money.EUR {
			p.Debited = l.Amount.Neg()
		}
	}
	return p
}

// saysSame tells whether a match says of a line what its payment says already.
func (a *act) saysSame(m models.Match, id models.ID) (bool, error) {
	p, err := fetch(a, &paymentRow{}, id)
	if err != nil || m.PaymentID == 0 {
		service := m.ServiceID == p.ServiceID || (m.ServiceID == 0 && m.SubscriptionID != 0)
		return service && m.SubscriptionID == p.SubscriptionID && m.ChargeOn == p.ChargeOn, err
	}
	invoice, err := a.invoiceOf(p)
	return slices.Contains(invoice, m.PaymentID), err
}

// tie names the payment a line is, which was recorded before.
func (a *act) tie(l bankLineRow, id models.ID) error {
	p, err := fetch(a, &paymentRow{}, id)
	if errors.Is(err, models.ErrNotFound) {
		return refuse("match.payment")
	} else if err != nil {
		return err
	}
	if !p.Stands() || p.Billed.IsNegative() == l.Amount.money().IsNegative() {
		return refuse("match.payment")
	}
	invoice, err := a.invoiceOf(p)
	if err != nil {
		return err
	}
	taken, err := a.count("bank_lines", "payment_id IN ?", invoice)
	if err != nil {
		return err
	}
	if taken > 0 {
		return refuse("match.linked")
	}
	l.Recorded = false
	return a.answerLine(l, id)
}

// line reads a line of the organisation.
func (a *act) line(id models.ID) (bankLineRow, error) {
	var l bankLineRow
	if err := a.mine().Where("id = ?", id).Take(&l).Error; err != nil {
		return l, absent("read the bank line", err)
	}
	return l, nil
}

// answerLine writes which payment a line is, 0 for none, and says so in the log.
func (a *act) answerLine(l bankLineRow, payment models.ID) error {
	change := models.Change{Field: "payment"}
	for id, text := range map[models.ID]*string{models.ID(l.PaymentID): &change.Before, payment: &change.After} {
		if id == 0 {
			continue
		}
		name, err := a.name(nameOfPayment, id)
		if err != nil {
			return err
		}
		*text = name
	}
	l.PaymentID, l.Recorded = ref(payment), l.Recorded && payment != 0
	if err := a.tx.Select("payment_id", "recorded").Updates(&l).Error; err != nil {
		return err
	}
	a.note(lineKind, l.ID, lineName(l.Label), []models.Change{change})
	return nil
}

// lineName is what the log calls a line: its label, cut to what a name may have.
func lineName(label string) string {
	if utf8.RuneCountInString(label) <= models.MaxName {
		return label
	}
	return string([]rune(label)[:models.MaxName-1]) + "…"
}

// lineOf is the line a payment is; false when it has none.
func (a *act) lineOf(payment models.ID) (bankLineRow, bool, error) {
	var found []bankLineRow
	err := a.mine().Where("payment_id = ?", payment).Find(&found).Error
	if err != nil || len(found) == 0 {
		return bankLineRow{}, false, err
	}
	return found[0], true, nil
}

// openLine opens the line of a payment again, if it has one.
func (a *act) openLine(payment models.ID) error {
	l, ok, err := a.lineOf(payment)
	if err != nil || !ok {
		return err
	}
	return a.answerLine(l, 0)
}

// moveLine gives the line of a payment to another, which has none.
func (a *act) moveLine(from, to models.ID) error {
	l, ok, err := a.lineOf(from)
	if err != nil || !ok {
		return err
	}
	return a.answerLine(l, to)
}

// UndoMatch takes back what was said of a line: the payment recorded from it is reversed, one recorded before is no
// longer tied to it. The line is open again. Refused ("match.none") when nothing was said.
func (s *Store) UndoMatch(ctx context.Context, by models.Actor, line models.ID) error {
	return s.write(ctx, by, "bank.undo", mayEdit, func(a *act) error {
		l, err := a.line(line)
		if err != nil {
			return err
		}
		if l.PaymentID == 0 {
			return refuse("match.none")
		}
		if l.Recorded {
			p, err := fetch(a, &paymentRow{}, models.ID(l.PaymentID))
			if err != nil {
				return err
			}
			if _, err := a.undo(p, ""); err != nil {
				return err
			}
		}
		return a.answerLine(l, 0)
	})
}

// SetAside notes that lines are none of this program's business, all of them or none. Those that are a payment are
// problems ("match.taken" under "match." and the line's ID).
func (s *Store) SetAside(ctx context.Context, by models.Actor, lines []models.ID) error {
	return s.write(ctx, by, "bank.aside", mayEdit, func(a *act) error {
		var v models.Invalid
		for _, id := range lines {
			l, err := a.line(id)
			if err == nil && l.PaymentID != 0 {
				err = refuse("match.taken")
			}
			if problem := aboutLine(id, err); problem != nil {
				v = append(v, *problem)
				continue
			}
			if err != nil {
				return err
			}
			if err := a.setAside(l, true); err != nil {
				return err
			}
		}
		return v.Err()
	})
}

// TakeBack opens a line again that was set aside.
func (s *Store) TakeBack(ctx context.Context, by models.Actor, line models.ID) error {
	return s.write(ctx, by, "bank.back", mayEdit, func(a *act) error {
		l, err := a.line(line)
		if err != nil {
			return err
		}
		return a.setAside(l, false)
	})
}

// setAside does nothing to a line that is so already, or that is a payment.
func (a *act) setAside(l bankLineRow, aside bool) error {
	if l.Aside == aside || l.PaymentID != 0 {
		return nil
	}
	l.Aside = aside
	if err := a.tx.Select("aside").Updates(&l).Error; err != nil {
		return err
	}
	a.note(lineKind, l.ID, lineName(l.Label), []models.Change{{Field: "aside", Before: fmt.Sprint(!aside), After: fmt.Sprint(aside)}})
	return nil
}
