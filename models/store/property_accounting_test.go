package store

import (
	"fmt"

	"enveloppe/models"
	"enveloppe/models/money"
)

func (c *chance) payment() models.Payment { return pickOf(c, c.r.Payments) }

// line is a bank line, of any state.
func (c *chance) line() models.BankLine {
	lines, err := c.BankLines(c.ctx, c.org, BankLineFilter{})
	c.ok(err)
	return pickOf(c, lines)
}

func (c *chance) openLine() models.BankLine {
	lines, err := c.OpenBankLines(c.ctx, c.org)
	c.ok(err)
	return pickOf(c, lines)
}

func (c *chance) content() []byte { return fmt.Appendf(nil, "%%PDF-%d", c.IntN(4)) }

// moneyActs are what can happen to money that left.
var moneyActs = []func(*chance) error{
	func(c *chance) error {
		charge := c.charge()
		return first(c.RecordPayment(c.ctx, c.by, models.Payment{
			SubscriptionID: charge.SubscriptionID, ChargeOn: charge.On, Part: true, PaidOn: c.past(), Billed: money.Euros(int64(1 + c.IntN(3000))),
		}, today))
	},
	func(c *chance) error {
		charge, a, b := c.charge(), c.price(), c.price()
		if a.Currency() != b.Currency() {
			b = a
		}
		_, err := c.RecordInvoice(c.ctx, c.by, models.Invoice{
			Payment: models.Payment{PaidOn: c.past(), Billed: a.Add(b).Add(a), Debited: money.Euros(int64(1 + c.IntN(9000)))},
			Lines: []models.InvoiceLine{
				{ServiceID: c.service(), Billed: a},
				{ServiceID: c.service(), Billed: b},
				{SubscriptionID: charge.SubscriptionID, ChargeOn: charge.On, Part: c.IntN(2) == 0, Billed: a},
			},
		}, today)
		return err
	},
	func(c *chance) error {
		charge := c.charge()
		return first(c.RecordPayment(c.ctx, c.by, models.Payment{
			SubscriptionID: charge.SubscriptionID, ChargeOn: charge.On, PaidOn: c.past(), Billed: c.price(),
		}, today))
	},
	func(c *chance) error { return first(c.ReversePayment(c.ctx, c.by, c.payment().ID, c.name())) },
	func(c *chance) error {
		charge := c.charge()
		return first(c.Waive(c.ctx, c.by, models.Waiver{SubscriptionID: charge.SubscriptionID, ChargeOn: charge.On, Reason: c.name()}))
	},
	func(c *chance) error { return c.Unwaive(c.ctx, c.by, pickOf(c, c.r.Waivers).ID) },
	func(c *chance) error {
		m := c.subscription()
		return c.AddTerms(c.ctx, c.by, m.ID, m.Version, models.Terms{From: c.day(), Price: money.Euros(int64(c.IntN(5000))), Seats: 1 + c.IntN(2)})
	},
	func(c *chance) error { return c.ReverseInvoice(c.ctx, c.by, c.payment().ID, c.name()) },
	func(c *chance) error {
		p := c.payment()
		p.PaidOn, p.Note = c.past(), c.name()
		return first(c.CorrectPayment(c.ctx, c.by, p.ID, p, today))
	},
	func(c *chance) error {
		return first(c.Attach(c.ctx, c.by, c.payment().ID, NamedFile{c.name(), c.content()}))
	},
	func(c *chance) error {
		return first(c.Attach(c.ctx, c.by, c.payment().ID, NamedFile{c.name(), c.content()}))
	},
	func(c *chance) error { return c.Detach(c.ctx, c.by, pickOf(c, c.r.Attachments).ID) },
	func(c *chance) error {
		return first(c.CloseAccounts(c.ctx, c.by, models.Closing{Through: today.AddDays(-c.IntN(400))}, today))
	},
	func(c *chance) error {
		return c.ReopenAccounts(c.ctx, c.by, pickOf(c, c.r.Closings).ID, c.name(), today)
	},
	func(c *chance) error {
		return c.ReopenAccounts(c.ctx, c.by, pickOf(c, c.r.Closings).ID, c.name(), today)
	},
	func(c *chance) error {
		return first(c.AddComparison(c.ctx, c.by, comparison()))
	},
	func(c *chance) error {
		m := pickOf(c, c.r.Comparisons)
		m.Years, m.Version = 1+c.IntN(9), c.version(m.Version)
		return c.SaveComparison(c.ctx, c.by, m)
	},
	func(c *chance) error { return c.RemoveComparison(c.ctx, c.by, pickOf(c, c.r.Comparisons).ID) },
	func(c *chance) error {
		m := slackChannel()
		m.Name = c.name()
		return first(c.AddChannel(c.ctx, c.by, m))
	},
	func(c *chance) error {
		m := pickOf(c, c.r.Channels)
		m.Name, m.Digest, m.Version = c.name(), c.IntN(2) == 0, c.version(m.Version)
		return c.EditChannel(c.ctx, c.by, m)
	},
	func(c *chance) error { return c.RemoveChannel(c.ctx, c.by, pickOf(c, c.r.Channels).ID) },
	func(c *chance) error {
		gone, err := c.RemovedChannels(c.ctx, c.org)
		if err != nil {
			return err
		}
		return c.RestoreChannel(c.ctx, c.by, pickOf(c, gone).ID)
	},
	func(c *chance) error {
		return firstRates(c.ImportRates(c.ctx, c.by, []models.ReferenceRate{{Currency: "USD", Day: c.day(), Rate: rate("1.2")}, {Currency: "USD", Day: c.day(), Rate: rate("1.1")}}, today))
	},
	func(c *chance) error {
		return first(c.AddBankAccount(c.ctx, c.by, models.BankAccount{Name: c.name()}))
	},
	func(c *chance) error { return c.RemoveBankAccount(c.ctx, c.by, pickOf(c, c.r.BankAccounts).ID) },
	func(c *chance) error {
		if id := c.stagedFile(); id != 0 {
			_, err := c.ImportStatement(c.ctx, c.by, id, nil)
			return err
		}
		c.stage(statementText(1 + c.IntN(20)))
		return nil
	},
	func(c *chance) error {
		charge := c.charge()
		return firstInt(c.ConfirmMatches(c.ctx, c.by, []models.Match{
			{Line: c.openLine().ID, SubscriptionID: charge.SubscriptionID, ChargeOn: charge.On, Part: c.IntN(3) == 0},
		}, today))
	},
	func(c *chance) error {
		return firstInt(c.ConfirmMatches(c.ctx, c.by, []models.Match{
			{Line: c.openLine().ID, ServiceID: c.service()}, {Line: c.openLine().ID, ServiceID: c.service()},
		}, today))
	},
	func(c *chance) error {
		return firstInt(c.ConfirmMatches(c.ctx, c.by, []models.Match{{Line: c.openLine().ID, PaymentID: c.payment().ID}}, today))
	},
	func(c *chance) error { return c.UndoMatch(c.ctx, c.by, c.line().ID) },
	func(c *chance) error { return c.SetAside(c.ctx, c.by, []models.ID{c.openLine().ID}) },
	func(c *chance) error { return c.TakeBack(c.ctx, c.by, c.line().ID) },
	func(c *chance) error {
		return firstInt(c.SetAsideLabel(c.ctx, c.by, models.LabelKey(c.line().Label)))
	},
	func(c *chance) error { return c.TakeBackLabel(c.ctx, c.by, models.LabelKey(c.line().Label)) },
}

func firstRates(_ RatesImported, err error) error { return err }

// accountingIsWellFormed looks for what no verb may leave behind of payments, files and bank lines.
var accountingIsWellFormed = map[string]string{
	"a document nobody has":          "SELECT 1 FROM documents d WHERE NOT EXISTS (SELECT 1 FROM attachments a WHERE a.organisation_id = d.organisation_id AND a.hash = d.hash) AND NOT EXISTS (SELECT 1 FROM proofs p WHERE p.organisation_id = d.organisation_id AND p.hash = d.hash)",
	"a line that is no standing one": "SELECT l.id FROM bank_lines l JOIN payments p ON p.id = l.payment_id WHERE p.reverses_id IS NOT NULL OR p.reversed_by_id IS NOT NULL",
	"a charge answered whole twice": `SELECT p.id FROM payments p JOIN waivers w ON w.subscription_id = p.subscription_id AND w.charge_on = p.charge_on
		WHERE p.reverses_id IS NULL AND p.reversed_by_id IS NULL AND p.part = 0`,
	"a part in another currency than its fellows": `SELECT p.id FROM payments p JOIN payments q ON q.subscription_id = p.subscription_id
		AND q.charge_on = p.charge_on AND q.billed_currency <> p.billed_currency AND q.part = 1 AND p.part = 1`,
	"two payments of one invoice with one line each": `SELECT p.invoice_id FROM payments p JOIN bank_lines l ON l.payment_id = p.id
		WHERE p.invoice_id IS NOT NULL GROUP BY p.invoice_id HAVING count(*) > 1`,
	"a closing that stands before one taken back later": `SELECT a.id FROM closings a JOIN closings b ON b.through = a.through AND a.id < b.id
		WHERE a.reopened_on IS NULL AND b.reopened_on IS NULL`,
}
