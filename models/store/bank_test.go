package store

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models"
	"enveloppe/models/money"
)

func about(line models.ID, rule string) error { return invalid(fmt.Sprintf("match.%d", line), rule) }

func TestBankAccounts(t *testing.T) {
	h := newFurnishedHouse(t)
	id := h.id(h.AddBankAccount(h.ctx, h.by, models.BankAccount{Name: "Caisse", Number: "FR76 3000 1007"}))
	accounts := h.reg().BankAccounts
	b := accounts[len(accounts)-1]
	if b.ID != id || b.Number != "FR7630001007" {
		t.Errorf("added %+v", b)
	}
	b.Name, b.Version = " livret ", b.Version-1
	h.refuses(invalid("name", "duplicate"), func() error { return h.SaveBankAccount(h.ctx, h.by, b) })
	b.Name = "Caisse 2"
	h.refuses(models.Conflict{}, func() error { return conflictOf(h.SaveBankAccount(h.ctx, h.by, b)) })
	b.Version++
	b.Layout = "nonsense"
	h.refuses(invalid("layout", "statement.layout"), func() error { return h.SaveBankAccount(h.ctx, h.by, b) })
	b.Layout = ""
	h.ok(h.SaveBankAccount(h.ctx, h.by, b))
	h.refuses(invalid("name", "required"), func() error { return first(h.AddBankAccount(h.ctx, h.by, models.BankAccount{})) })
	h.refuses(refused("in_use"), func() error { return h.RemoveBankAccount(h.ctx, h.by, current) })
	h.ok(h.RemoveBankAccount(h.ctx, h.by, id))
	h.same()
}

func TestBankLines(t *testing.T) {
	h := newFurnishedHouse(t)
	for name, c := range map[string]struct {
		filter BankLineFilter
		want   []models.ID
	}{
		"all, last first": {BankLineFilter{}, []models.ID{aprilLine, refundLine, powerLine, marchLine, asideLine, paidLine}},
		"open":            {BankLineFilter{State: "open"}, []models.ID{aprilLine, refundLine, powerLine, marchLine}},
		"paid":            {BankLineFilter{State: "paid"}, []models.ID{paidLine}},
		"aside":           {BankLineFilter{State: "aside", Account: current}, []models.ID{asideLine}},
		"no such state":   {BankLineFilter{State: "x"}, nil},
		"another account": {BankLineFilter{Account: savings}, nil},
		"label":           {BankLineFilter{Text: " dropbox", State: "open"}, []models.ID{aprilLine, refundLine, marchLine}},
		"with accents":    {BankLineFilter{Text: "électricité"}, []models.ID{powerLine, asideLine}},
		"other side":      {BankLineFilter{Text: "intl"}, []models.ID{refundLine}},
		"amount":          {BankLineFilter{Text: "64,00"}, []models.ID{powerLine}},
		"foreign amount":  {BankLineFilter{Text: "13"}, []models.ID{refundLine}},
		"a wildcard":      {BankLineFilter{Text: "%"}, nil},
		"page":            {BankLineFilter{Before: refundLine, Limit: 2}, []models.ID{powerLine, marchLine}},
	} {
		lines, err := h.BankLines(h.ctx, h.org, c.filter)
		h.ok(err)
		var got []models.ID
		for _, l := range lines {
			got = append(got, l.ID)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	open, paid, aside, err := h.CountBankLines(h.ctx, h.org)
	if err != nil || open != 4 || paid != 1 || aside != 1 {
		t.Errorf("%d open, %d paid, %d aside, %v", open, paid, aside, err)
	}
	want := models.BankLine{
		ID: refundLine, AccountID: current, Day: day("2026-04-07"), Amount: money.Euros(1200), Original: usd(1300), Label: "AVOIR DROPBOX", Party: "Dropbox Intl",
	}
	if diff := cmp.Diff(want, h.bankLine(refundLine), exact); diff != "" {
		t.Error(diff)
	}
	if _, err := h.BankLine(h.ctx, h.org+1, refundLine); !refusedAs(err, models.ErrNotFound) {
		t.Errorf("another's line: %v", err)
	}
	all, err := h.OpenBankLines(h.ctx, h.org)
	if err != nil || len(all) != 4 || all[0].ID != marchLine {
		t.Errorf("open %+v, %v", all, err)
	}
}

func TestConfirmMatches(t *testing.T) {
	h := newFurnishedHouse(t)
	confirm := func(matches ...models.Match) (int, error) { return h.ConfirmMatches(h.ctx, h.by, matches, today) }
	byHand := h.id(h.RecordPayment(h.ctx, h.by, models.Payment{ServiceID: agenda, PaidOn: day("2026-04-04"), Billed: money.Euros(6400)}, today))
	matches := []models.Match{
		{Line: marchLine, SubscriptionID: dropboxSub, ServiceID: dropbox, ChargeOn: march},
		{Line: aprilLine, ServiceID: dropbox, Billed: usd(3200)},
		{Line: powerLine, PaymentID: byHand},
		{Line: refundLine, ServiceID: dropbox},
	}
	n, err := confirm(matches...)
	if err != nil || n != 4 {
		t.Fatalf("confirmed %d, %v", n, err)
	}
	paid := func(line models.ID) models.Payment { return h.payment(h.bankLine(line).PaymentID) }
	if p := paid(marchLine); p.PaidOn != day("2026-04-01") || p.Billed != money.Euros(3000) || p.ChargeOn != march || p.Period.From != march || !p.Debited.IsNone() {
		t.Errorf("March: %+v", p)
	}
	if p := paid(aprilLine); p.Billed != usd(3200) || p.Debited != money.Euros(3000) || p.RateSource != models.RateBank || p.EUR != money.Euros(3000) {
		t.Errorf("in dollars: %+v", p)
	}
	if p := paid(refundLine); p.Billed != money.Euros(-1200) || p.Cost != money.Euros(-1200) {
		t.Errorf("refund: %+v", p)
	}
	if p := paid(powerLine); p.ID != byHand {
		t.Errorf("by hand: %+v", p)
	}
	h.same()
	before := h.revision()
	if n, err := confirm(matches...); n != 0 || err != nil || h.revision() != before {
		t.Errorf("confirmed again: %d, %v", n, err)
	}
	habits, err := h.Habits(h.ctx, h.org)
	if err != nil || habits.Services[models.LabelKey("PRLV SEPA DROPBOX 1")] != dropbox || len(habits.Linked) != 5 {
		t.Errorf("habits %+v, %v", habits, err)
	}

	// What was recorded from a line is reversed with the match; what was there before stays.
	recorded := paid(marchLine).ID
	h.ok(h.UndoMatch(h.ctx, h.by, marchLine))
	h.ok(h.UndoMatch(h.ctx, h.by, powerLine))
	if !h.bankLine(marchLine).Open() || h.payment(recorded).ReversedByID == 0 || h.left() != money.Euros(3000) {
		t.Errorf("undone: %+v", h.payment(recorded))
	}
	if !h.bankLine(powerLine).Open() || !h.payment(byHand).Stands() {
		t.Errorf("untied: %+v", h.payment(byHand))
	}
	h.refuses(refused("match.none"), func() error { return h.UndoMatch(h.ctx, h.by, marchLine) })
	h.refuses(models.ErrNotFound, func() error { return h.UndoMatch(h.ctx, h.by, 99) })
	h.same()
	h.wellFormed()
}

// One bad match keeps all of them from being written, and each is told of its own trouble.
func TestMatchesThatAreRefused(t *testing.T) {
	h := newFurnishedHouse(t)
	h.id(h.CloseAccounts(h.ctx, h.by, models.Closing{Through: day("2026-04-30")}, today))
	h.ok(h.ReopenAccounts(h.ctx, h.by, h.closing(), "essai", today))
	charge := models.Match{Line: marchLine, SubscriptionID: dropboxSub, ChargeOn: march}
	with := func(set func(*models.Match)) models.Match { m := charge; set(&m); return m }
	h.line(bankLineRow{ID: 51, Day: today.AddDays(1), Amount: amountOf(money.Euros(-100)), Label: "DEMAIN"})
	for name, c := range map[string]struct {
		match models.Match
		want  error
	}{
		"no such line":     {with(func(m *models.Match) { m.Line = 99 }), about(99, "not_found")},
		"set aside":        {with(func(m *models.Match) { m.Line = asideLine }), about(asideLine, "match.taken")},
		"paid otherwise":   {with(func(m *models.Match) { m.Line = paidLine }), about(paidLine, "match.taken")},
		"no such charge":   {with(func(m *models.Match) { m.ChargeOn = today }), about(marchLine, "charge.none")},
		"settled":          {with(func(m *models.Match) { m.ChargeOn = day("2026-02-28") }), about(marchLine, "charge.settled")},
		"nothing said":     {models.Match{Line: marchLine}, about(marchLine, "choose")},
		"a refund for it":  {with(func(m *models.Match) { m.Line = refundLine }), about(refundLine, "negative")},
		"part in dollars":  {with(func(m *models.Match) { m.Part, m.Billed = true, usd(1000) }), about(marchLine, "part.currency")},
		"to come":          {models.Match{Line: 51, ServiceID: dropbox}, about(51, "date.future")},
		"payment gone":     {models.Match{Line: marchLine, PaymentID: 99}, about(marchLine, "match.payment")},
		"payment has one":  {models.Match{Line: marchLine, PaymentID: aPayment}, about(marchLine, "match.linked")},
		"the other way":    {models.Match{Line: refundLine, PaymentID: aPayment}, about(refundLine, "match.payment")},
		"the charge twice": {with(func(m *models.Match) { m.Line = aprilLine }), about(aprilLine, "charge.settled")},
	} {
		t.Run(name, func(t *testing.T) {
			h.TB = t
			good := models.Match{Line: powerLine, ServiceID: agenda}
			if name == "the charge twice" {
				good = charge
			}
			h.refuses(c.want, func() error { return firstInt(h.ConfirmMatches(h.ctx, h.by, []models.Match{good, c.match}, today)) })
		})
	}
	h.TB = t
	h.id(h.CloseAccounts(h.ctx, h.by, models.Closing{Through: day("2026-04-30")}, today))
	h.refuses(about(marchLine, "closed"), func() error { return firstInt(h.ConfirmMatches(h.ctx, h.by, []models.Match{charge}, today)) })
	// A payment that lies in closed accounts may be tied to its line, and untied: no figure changes.
	h.ok(h.UndoMatch(h.ctx, h.by, paidLine))
	if undo := h.payment(h.payment(aPayment).ReversedByID); undo.PaidOn != today {
		t.Errorf("undone on %v", undo.PaidOn)
	}
}

func firstInt(_ int, err error) error { return err }

func TestSetAside(t *testing.T) {
	h := newFurnishedHouse(t)
	h.refuses(about(paidLine, "match.taken"), func() error { return h.SetAside(h.ctx, h.by, []models.ID{marchLine, paidLine}) })
	h.refuses(about(99, "not_found"), func() error { return h.SetAside(h.ctx, h.by, []models.ID{99}) })
	h.ok(h.SetAside(h.ctx, h.by, []models.ID{marchLine, asideLine}))
	if !h.bankLine(marchLine).Aside {
		t.Error("not set aside")
	}
	before := h.revision()
	h.ok(h.SetAside(h.ctx, h.by, []models.ID{marchLine}))
	h.ok(h.TakeBack(h.ctx, h.by, paidLine))
	if h.revision() != before {
		t.Error("nothing changed, and yet the revision has")
	}
	h.ok(h.TakeBack(h.ctx, h.by, marchLine))
	if !h.bankLine(marchLine).Open() {
		t.Error("not taken back")
	}

	key := models.LabelKey("EDF ELECTRICITE")
	n, err := h.SetAsideLabel(h.ctx, h.by, key)
	if err != nil || n != 1 || !h.bankLine(powerLine).Aside {
		t.Errorf("%d set aside, %v", n, err)
	}
	habits, err := h.Habits(h.ctx, h.org)
	if err != nil || !habits.Aside[key] {
		t.Errorf("habits %+v, %v", habits, err)
	}
	before = h.revision()
	if n, err := h.SetAsideLabel(h.ctx, h.by, key); n != 0 || err != nil || h.revision() != before {
		t.Errorf("again: %d, %v", n, err)
	}
	h.ok(h.TakeBackLabel(h.ctx, h.by, key))
	if !h.bankLine(powerLine).Open() || !h.bankLine(asideLine).Open() {
		t.Error("not taken back")
	}
	h.refuses(models.ErrNotFound, func() error { return h.TakeBackLabel(h.ctx, h.by, key) })
	h.refuses(invalid("label", "required"), func() error { return firstInt(h.SetAsideLabel(h.ctx, h.by, "")) })
}
