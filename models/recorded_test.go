package models

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

func TestRecordedNearGivesWhatALineMayBe(t *testing.T) {
	t.Parallel()
	day := cal.MustNew(2026, 11, 21)
	paid := func(id ID, on cal.Date, cents int64) Payment {
		a := money.Euros(cents)
		return Payment{ID: id, PaidOn: on, Billed: a, EUR: a}
	}
	dollars, err := money.ParseAmount("20", "USD")
	if err != nil {
		t.Fatal(err)
	}
	foreign := paid(4, day.AddDays(2), 1799)
	foreign.Billed = dollars
	unknown := Payment{ID: 5, PaidOn: day, Billed: dollars} // not converted: nothing tells what was debited
	undone, undoing := paid(6, day, 1800), paid(7, day, -1800)
	undone.ReversedByID, undoing.ReversesID = 7, 6
	r := NewRegister(Facts{Payments: []Payment{
		paid(1, day.AddDays(-60), 1800), paid(2, day.AddDays(-61), 1800), paid(3, day, 1800), foreign, unknown, undone, undoing,
		paid(8, day.AddDays(1), 1800), paid(9, day, -1800), paid(10, day, 5000), paid(11, day, 2500), paid(12, day, 9000),
	}})
	ids := func(amount money.Amount, linked map[ID]bool) []ID {
		var out []ID
		for _, p := range r.RecordedNear(BankLine{Day: day, Amount: amount}, linked) {
			out = append(out, p.ID)
		}
		return out
	}
	for _, x := range []struct {
		name   string
		amount money.Amount
		linked map[ID]bool
		want   []ID
	}{
		{"the same amount first, the nearest day before the others", money.Euros(-1800), nil, []ID{3, 8, 1, 4, 11}},
		{"what has its line already is left out", money.Euros(-1800), map[ID]bool{3: true, 8: true}, []ID{1, 4, 11, 10, 12}},
		{"money that came in is a credit note", money.Euros(1800), nil, []ID{9}},
	} {
		if diff := cmp.Diff(x.want, ids(x.amount, x.linked)); diff != "" {
			t.Errorf("%s:\n%s", x.name, diff)
		}
	}
}
