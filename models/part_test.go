package models

import (
	"slices"
	"testing"

	"enveloppe/models/cal"
	"enveloppe/models/money"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// part is a payment of a part of the yearly charge of 91,20 € of 15 March 2026.
func part(id ID, on string, billed money.Amount) Payment {
	return Payment{ID: id, ServiceID: 2, SubscriptionID: 4, ChargeOn: day("2026-03-15"), Part: true, PaidOn: day(on), Billed: billed}.Settle(statusA)
}

func TestAChargePaidInParts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		payments []Payment
		asOf     string
		left     int64 // of 91,20 €; 0 when settled
		settled  Settled
		by       ID
	}{
		{"nothing yet", nil, "2026-11-15", 9120, Open, 0},
		{"one part", []Payment{part(51, "2026-03-20", eur(4000))}, "2026-11-15", 5120, Open, 0},
		{"before it was paid", []Payment{part(51, "2026-03-20", eur(4000))}, "2026-03-19", 9120, Open, 0},
		{"on the day it was", []Payment{part(51, "2026-03-20", eur(4000))}, "2026-03-20", 5120, Open, 0},
		{"two, to the cent", []Payment{part(51, "2026-03-20", eur(4000)), part(52, "2026-04-20", eur(5120))}, "2026-11-15", 0, Paid, 52},
		{"as it was between the two", []Payment{part(51, "2026-03-20", eur(4000)), part(52, "2026-04-20", eur(5120))}, "2026-04-19", 5120, Paid, 52},
		{"recorded the other way round", []Payment{part(51, "2026-04-20", eur(5120)), part(52, "2026-03-20", eur(4000))}, "2026-11-15", 0, Paid, 51},
		{"a cent is missing", []Payment{part(51, "2026-03-20", eur(4000)), part(52, "2026-04-20", eur(5119))}, "2026-11-15", 1, Open, 0},
		{"more than the whole", []Payment{part(51, "2026-03-20", eur(10_000))}, "2026-11-15", 0, Paid, 51},
		{"in another currency: not a part of it", []Payment{part(51, "2026-03-20", dollars(4000))}, "2026-11-15", 9120, Open, 0},
		{"the rest in one", []Payment{part(51, "2026-03-20", eur(4000)), func() Payment { p := part(52, "2026-04-20", eur(5000)); p.Part = false; return p }()}, "2026-11-15", 0, Paid, 52},
	} {
		r := registerWith(yearly(), func(f *Facts) { f.Payments = c.payments })
		open, ok := r.OpenCharge(4, day("2026-03-15"), day(c.asOf))
		if ok != (c.left > 0) || (ok && (open.Billed != eur(c.left) || open.Cost != eur(c.left) || open.Conversion.EUR != eur(c.left))) {
			t.Errorf("%s: %v left of it (open: %v), want %v", c.name, open.Billed, ok, eur(c.left))
		}
		if ok && open.Paid.IsNone() != (c.left == 9120) || ok && open.Billed.Add(open.Paid) != eur(9120) {
			t.Errorf("%s: %v paid and %v left", c.name, open.Paid, open.Billed)
		}
		whole, _ := r.Charge(4, day("2026-03-15"), today)
		if whole.Billed != eur(9120) || !whole.Paid.IsNone() {
			t.Errorf("%s: the whole charge is %v", c.name, whole.Billed)
		}
		if how, by := r.Settlement(whole); how != c.settled || by != c.by || r.IsOpen(whole) != (how == Open) {
			t.Errorf("%s: %q by %d, want %q by %d", c.name, how, by, c.settled, c.by)
		}
		if r.HasSettlements(4) != (len(c.payments) > 0) {
			t.Errorf("%s: the anchor can be moved", c.name)
		}
	}
}

func TestPartsOf(t *testing.T) {
	t.Parallel()
	r := registerWith(yearly(), func(f *Facts) {
		f.Payments = []Payment{part(51, "2026-05-20", eur(1000)), part(52, "2026-03-20", eur(2000)), part(53, "2026-04-20", eur(4000))}
		*f = reverseOn(*f, 53, 54, day("2026-10-01"))
	})
	ids := func(all []Payment) (ids []ID) {
		for _, p := range all {
			ids = append(ids, p.ID)
		}
		return ids
	}
	if got := ids(r.PartsOf(4, day("2026-03-15"))); !slices.Equal(got, []ID{52, 51}) {
		t.Errorf("parts %v", got)
	}
	if got := r.PartsOf(4, day("2027-03-15")); len(got) > 0 {
		t.Errorf("parts of another charge: %v", got)
	}
	c, _ := r.OpenCharge(4, day("2026-03-15"), day("2026-09-30"))
	if c.Billed != eur(2120) {
		t.Errorf("before the part was taken back %v is left", c.Billed)
	}
	if c, _ = r.OpenCharge(4, day("2026-03-15"), day("2026-10-01")); c.Billed != eur(6120) {
		t.Errorf("then %v is left", c.Billed)
	}
	if got := ids(r.PaymentsFor(c)); !slices.Equal(got, []ID{52, 51}) {
		t.Errorf("paid by %v", got)
	}
}

// What is left of a charge is what is due, flagged, marked and told; what was paid is spent.
func TestPartsEverywhere(t *testing.T) {
	t.Parallel()
	r := registerWith(yearly(), func(f *Facts) {
		f.Organisation.KeptFrom = day("2026-01-01")
		f.Payments = []Payment{part(51, "2026-03-20", eur(4000))}
	})
	p := r.Position(r.Year(today), today)
	if p.Spent != eur(4000) || p.Due != eur(5120) || p.Forecast != eur(9120) {
		t.Errorf("spent %v, due %v, forecast %v", p.Spent, p.Due, p.Forecast)
	}
	if due := r.Due(today); len(due) != 1 || due[0].Billed != eur(5120) || due[0].Paid != eur(4000) {
		t.Errorf("due: %+v", due)
	}
	at := slices.IndexFunc(r.Causes(today), func(c Cause) bool { return c.Key.Kind == FlagChargeDue })
	if at < 0 || r.Causes(today)[at].Amount != eur(5120) {
		t.Error("not flagged with what is left")
	}
	marks := r.Marks(cal.Inclusive(day("2026-03-15"), day("2026-03-15")), today)
	if len(marks) != 1 || marks[0].Charge.Billed != eur(5120) {
		t.Errorf("marks: %+v", marks)
	}
	s, _ := r.Subscription(4)
	if open := r.Remaining(s, day("2027-01-01"), today); len(open) != 1 || open[0].Cost != eur(5120) {
		t.Errorf("remaining: %+v", open)
	}
	// 365 days from 15 March 2026, 292 of them in 2026: what was paid and what is left are shared by days, each.
	if got := r.Spread(r.Year(today), today); got != eur(4000).Prorate(292, 365).Add(eur(5120).Prorate(292, 365)) {
		t.Errorf("spread: %v", got)
	}
}

// A payment of closed accounts, undone months later: on the days between it still settled its charge.
func TestReversedLater(t *testing.T) {
	t.Parallel()
	paid := Payment{ID: 51, ServiceID: 2, SubscriptionID: 4, ChargeOn: day("2026-03-15"), PaidOn: day("2026-03-20"), Billed: eur(9120)}.Settle(statusA)
	r := registerWith(yearly(), func(f *Facts) {
		f.Organisation.KeptFrom = day("2026-01-01")
		f.Closings = []Closing{{ID: 40, Through: day("2026-06-30"), On: day("2026-07-01")}}
		f.Payments = []Payment{paid}
		*f = reverseOn(*f, 51, 52, day("2026-09-10"))
	})
	if on := NewRegister(Facts{}).ReversalDay(paid, today); on != paid.PaidOn {
		t.Errorf("nothing is closed, yet it is undone on %v", on)
	}
	if on := r.ReversalDay(paid, today); on != today {
		t.Errorf("closed, yet it is undone on %v", on)
	}
	for _, c := range []struct {
		on         string
		spent, due int64
	}{
		{"2026-03-14", 0, 0},
		{"2026-03-15", 0, 9120},
		{"2026-03-20", 9120, 0},
		{"2026-06-30", 9120, 0},
		{"2026-09-09", 9120, 0},
		{"2026-09-10", 0, 9120},
		{"2026-12-31", 0, 9120},
	} {
		p := r.Position(r.Year(day(c.on)), day(c.on))
		if p.Spent != eur(c.spent) || p.Due != eur(c.due) || p.Forecast != eur(9120) {
			t.Errorf("on %s: spent %v, due %v, forecast %v", c.on, p.Spent, p.Due, p.Forecast)
		}
	}
	if c, _ := r.Charge(4, day("2026-03-15"), today); !r.IsOpen(c) {
		t.Error("the charge is not open again")
	}
	if undo, _ := r.Payment(52); r.PeriodOf(undo) != r.PeriodOf(r.Payments[0]) {
		t.Error("the reversal is for other days of service")
	}
}

// A free-standing payment of December undone in January serves on the same day, and so in no year.
func TestPeriodOfAReversal(t *testing.T) {
	t.Parallel()
	f := Facts{Organisation: association(), Payments: []Payment{Payment{ID: 5, PaidOn: day("2025-12-31"), Billed: eur(5000)}.Settle(statusA)}}
	r := NewRegister(reverseOn(f, 5, 6, day("2026-01-31")))
	if got := r.PeriodOf(r.Payments[1]); got != cal.Inclusive(day("2025-12-31"), day("2025-12-31")) {
		t.Errorf("it is for %v", got)
	}
	for n, want := range map[int]int64{2025: 0, 2026: 0} {
		if got := r.Spread(cal.YearStart{}.Year(n), today); got != eur(want) {
			t.Errorf("%d bears %v", n, got)
		}
	}
	if p, q := r.Position(cal.YearStart{}.Year(2025), today), r.Position(cal.YearStart{}.Year(2026), today); p.Spent != eur(5000) || q.Spent != eur(-5000) {
		t.Errorf("spent %v and %v", p.Spent, q.Spent)
	}
}

// What is paid ahead needs neither a decision nor a reminder; what is paid in part, one of the rest.
func TestFlagsOfChargesPaidAhead(t *testing.T) {
	t.Parallel()
	on := day("2027-03-08") // a week before the renewal of 15 March, its decide-by day of 11 February past
	ahead := func(billed money.Amount, inPart bool) *Register {
		return registerWith(yearly(), func(f *Facts) {
			f.Payments = []Payment{{ID: 51, ServiceID: 2, SubscriptionID: 4, ChargeOn: day("2027-03-15"), Part: inPart, PaidOn: day("2027-01-04"), Billed: billed}}
		})
	}
	amount := func(r *Register, kind FlagKind, day cal.Date) money.Amount {
		for _, c := range r.Causes(day) {
			if c.Key.Kind == kind {
				return c.Amount
			}
		}
		return money.Amount{}
	}
	for _, c := range []struct {
		kind FlagKind
		on   cal.Date
	}{{FlagRenewal, on}, {FlagDecideBy, day("2027-02-01")}} {
		if got := amount(registerWith(yearly()), c.kind, c.on); got != eur(9120) {
			t.Errorf("%s: flagged with %v", c.kind, got)
		}
		if got := amount(ahead(eur(9120), false), c.kind, c.on); !got.IsNone() {
			t.Errorf("%s, paid ahead: flagged with %v", c.kind, got)
		}
		if got := amount(ahead(eur(4000), true), c.kind, c.on); got != eur(5120) {
			t.Errorf("%s, paid in part: flagged with %v", c.kind, got)
		}
	}
}

// Without a rate, a payment is said in the year it was made, until it is undone in that year.
func TestUnconvertedAndReversedLater(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		undone, on string
		said       int
	}{
		{"2026-08-01", "2026-07-31", 1}, {"2026-08-01", "2026-08-01", 0}, {"2027-02-01", "2027-03-01", 1}, {"2027-02-01", "2026-12-31", 1},
	} {
		f := Facts{Organisation: association(), Payments: []Payment{{ID: 5, PaidOn: day("2026-05-05"), Billed: money.Cents(5000, "CHF")}}}
		r := NewRegister(reverseOn(f, 5, 6, day(c.undone)))
		if got := r.Position(r.Year(today), day(c.on)).UnconvertedPayments; len(got) != c.said {
			t.Errorf("undone on %s, of 2026 on %s: %d", c.undone, c.on, len(got))
		}
		if got := r.Position(r.Year(day("2027-03-01")), day("2027-03-01")).UnconvertedPayments; len(got) != 0 {
			t.Errorf("undone on %s: said again in 2027", c.undone)
		}
	}
}

func TestPartsUpToTheWholeSettleExactly(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, on cal.Date, year cal.FiscalYear) {
		f.Organisation.VAT = nil // the cents of a VAT computed part by part are the only ones that may differ
		r := NewRegister(f)
		before := r.Position(year, on)
		euros := slices.DeleteFunc(dueInOne(r, before), func(c Charge) bool { return c.Billed.Currency() != money.EUR })
		if len(euros) == 0 {
			return // nothing due in euros
		}
		c := rapid.SampledFrom(euros).Draw(t, "charge")
		sizes := c.Billed.Split(rapid.IntRange(1, 7).Draw(t, "parts"))
		sizes = slices.DeleteFunc(sizes, money.Amount.IsZero)
		id := freeID(f)
		f.Payments = slices.Clone(f.Payments)
		left := c.Billed
		for i, size := range sizes {
			open, ok := NewRegister(f).OpenCharge(c.SubscriptionID, c.On, on)
			if !ok || open.Billed != left {
				t.Fatalf("%v left (open: %v) after %d parts, want %v", open.Billed, ok, i, left)
			}
			piece := c
			piece.Billed = size
			r.value(&piece, on)
			p := paymentOf(r, piece, countsOn(&c))
			p.ID, p.Part = id+ID(i), true
			f.Payments = append(f.Payments, p)
			left = left.Sub(size)
			after := NewRegister(f).Position(year, on)
			same(t, "forecast", before.Forecast, after.Forecast)
			same(t, "due", before.Due.Sub(c.Cost).Add(left), after.Due)
		}
		after := NewRegister(f)
		if _, ok := after.OpenCharge(c.SubscriptionID, c.On, on); ok {
			t.Fatal("still open")
		}
		if how, _ := after.Settlement(c); c.Paid.IsNone() && how != Paid { // a part paid before may be taken back later
			t.Fatalf("settled as %q", how)
		}
	})
}

// Over all years, and once every reversal is known, what is spent is what the payments cost that nothing undid.
func TestSpentIsTheSumOfUnreversedPayments(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, on cal.Date, year cal.FiscalYear) {
		r := NewRegister(f)
		want, got := money.Zero(money.EUR), money.Zero(money.EUR)
		for _, p := range f.Payments {
			if p.Stands() && p.Converted() {
				want = want.Add(p.Cost)
			}
		}
		for n := 2020; n <= 2032; n++ {
			got = got.Add(r.Position(f.Organisation.YearStart.Year(n), day("2035-01-01")).Spent)
		}
		same(t, "of all years", want, got)
		want = money.Zero(money.EUR)
		for _, p := range f.Payments {
			undo, _ := r.Payment(p.ReversedByID)
			within := func(d cal.Date) bool { return year.Span().Contains(d) && !d.After(on) }
			switch {
			case !p.Converted() || !within(p.PaidOn) || p.ReversesID != 0 && within(r.undone(p).PaidOn):
			case p.ReversedByID == 0 || !within(undo.PaidOn):
				want = want.Add(p.Cost)
			}
		}
		same(t, "of one", want, r.Position(year, on).Spent)
	})
}

func (r *Register) undone(p Payment) Payment {
	x, _ := r.Payment(p.ReversesID)
	return x
}

// A reversal on a later day changes nothing before it and restores every total from it on.
func TestReversingLaterRestoresEveryTotal(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, on cal.Date, year cal.FiscalYear) {
		standing := slices.DeleteFunc(slices.Clone(f.Payments), func(p Payment) bool { return !p.Stands() || p.PaidOn.After(on) })
		if len(standing) == 0 {
			return // nothing to undo
		}
		p := rapid.SampledFrom(standing).Draw(t, "payment")
		without := f
		without.Payments = slices.DeleteFunc(slices.Clone(f.Payments), func(x Payment) bool { return x.ID == p.ID })
		at := p.PaidOn.AddDays(rapid.IntRange(0, 60).Draw(t, "undone after"))
		before, never, after := NewRegister(f), NewRegister(without), NewRegister(reverseOn(f, p.ID, freeID(f), at))
		for _, d := range []cal.Date{p.PaidOn.AddDays(-1), p.PaidOn, at.AddDays(-1), at, at.AddDays(30)} {
			want := before
			if !d.Before(at) {
				want = never
			}
			same(t, "due on "+d.String(), want.Due(d), after.Due(d))
			if year.Span().Contains(at) == year.Span().Contains(p.PaidOn) {
				same(t, "forecast on "+d.String(), want.Position(year, d).Forecast, after.Position(year, d).Forecast)
			}
			same(t, "spread on "+d.String(), want.Spread(year, d), after.Spread(year, d))
		}
	})
}

func TestUnderKeepsTheEuros(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, _ cal.Date, _ cal.FiscalYear) {
		r := NewRegister(f)
		s := VATStatus{Kind: rapid.SampledFrom([]VATKind{NotTaxable, NoDeduction, PartDeducts}).Draw(t, "kind"), Share: percent("37")}
		under := r.Under(s)
		for i, p := range under.Payments {
			was := r.Payments[i]
			same(t, "euros", []money.Amount{was.EUR, was.VATInvoiced, was.Billed}, []money.Amount{p.EUR, p.VATInvoiced, p.Billed})
			if p.Converted() && p.Cost != p.EUR.Add(p.VATDue).Sub(p.VATDeductible) {
				t.Fatalf("%v cost %v", p.EUR, p.Cost)
			}
			if undone, ok := under.Payment(p.ReversesID); ok && p.Converted() {
				same(t, "reversal", undone.Cost.Neg(), p.Cost)
			}
		}
		same(t, "twice", under.Payments, under.Under(s).Payments)
	})
}

func TestReversalOnALaterDay(t *testing.T) {
	t.Parallel()
	p := Payment{ID: 7, ServiceID: 2, PaidOn: day("2026-01-31"), Billed: eur(12_000), Net: eur(10_000), VAT: eur(2000)}.Settle(statusC)
	for on, want := range map[string]string{"": "2026-01-31", "2026-01-30": "2026-01-31", "2026-01-31": "2026-01-31", "2026-04-30": "2026-04-30"} {
		d := cal.Date{}
		if on != "" {
			d = day(on)
		}
		undo, err := p.Reversal(d)
		if err != nil || undo.PaidOn != day(want) {
			t.Errorf("on %q: %v, %v", on, undo.PaidOn, err)
		}
		got := []money.Amount{undo.Billed, undo.Net, undo.VAT, undo.EUR, undo.VATDeductible, undo.Cost}
		if d := cmp.Diff([]money.Amount{eur(-12_000), eur(-10_000), eur(-2000), eur(-12_000), eur(-740), eur(-11_260)}, got); d != "" {
			t.Errorf("amounts (-want +got):\n%s", d)
		}
	}
}
