package models

import (
	"fmt"
	"reflect"
	"testing"

	"enveloppe/models/cal"
	"enveloppe/models/money"

	"pgregory.net/rapid"
)

// amountsIn calls see with every amount and every text that a value holds, whatever it is.
func amountsIn(at string, v reflect.Value, see func(at string, a money.Amount), read func(at, text string)) {
	if v.Type() == reflect.TypeFor[money.Amount]() {
		see(at, v.Interface().(money.Amount))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				amountsIn(at+"."+v.Type().Field(i).Name, v.Field(i), see, read)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			amountsIn(fmt.Sprintf("%s[%d]", at, i), v.Index(i), see, read)
		}
	case reflect.String:
		read(at, v.String())
	default: // holds neither
	}
}

// setTexts puts a text into every field of a record that people write.
func setTexts(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			setTexts(v.Field(i), text)
		}
	case reflect.Slice:
		for i := range v.Len() {
			setTexts(v.Index(i), text)
		}
	case reflect.String:
		if v.CanSet() && v.Type() == reflect.TypeFor[string]() {
			v.SetString(text)
		}
	default: // no text
	}
}

// No amount follows from a register without amounts: it holds nothing but the stand-in and zero, whatever the register
// it is made of holds, and no text of it says one. A new field of a record that is forgotten fails here.
func TestARegisterWithoutAmountsHasNone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		on := drawDay(t, "on", 2024, 2027)
		f := drawFacts(t, on)
		f.Decisions = append(f.Decisions, Decision{ID: 9_000, ServiceID: f.Services[0].ID, Kind: Keep, On: on})
		for _, list := range []any{f.Services, f.Plans, f.Subscriptions, f.Decisions, f.Means} {
			setTexts(reflect.ValueOf(list), "à 91,20 € par an")
		}
		plain := NewRegister(f).WithoutAmounts()
		amountsIn("", reflect.ValueOf(plain.Facts), func(at string, a money.Amount) {
			if a != (money.Amount{}) && a != money.Zero(money.EUR) && a != standIn {
				t.Fatalf("%s is %v", at, a)
			}
		}, func(at, text string) {
			names := at[len(at)-min(len(at), 5):] == ".Name" && (len(at) < 6 || at[:6] != ".Means" && at[:6] != ".Plans")
			if money.Conceal(text) != text && !names {
				t.Fatalf("%s says %q", at, text)
			}
		})
		for _, c := range plain.Causes(on) {
			if !c.Amount.IsNone() || !c.Was.IsNone() {
				t.Fatalf("%v warns of %v, %v", c.Key, c.Amount, c.Was)
			}
		}
	})
}

// Two registers that differ in what things cost, and in nothing else, look the same without amounts: so does whatever is
// drawn from them.
func TestAmountsLeaveNoTrace(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		on := drawDay(t, "on", 2024, 2027)
		f := drawFacts(t, on)
		dearer := f
		dearer.Envelopes = nil
		dearer.Subscriptions = mapped(f.Subscriptions, func(s *Subscription) {
			s.Terms = mapped(s.Terms, func(t *Terms) { t.Price = t.Price.Times(3) })
		})
		a, b := NewRegister(f).WithoutAmounts(), NewRegister(dearer).WithoutAmounts()
		if !reflect.DeepEqual(a.Facts, b.Facts) {
			t.Fatal("the facts differ")
		}
	})
}

// What is asked of people is the same with and without amounts: what renews, what is to be decided, who holds what.
func TestTheRestStaysWithoutAmounts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		on := drawDay(t, "on", 2024, 2027)
		r := NewRegister(drawFacts(t, on))
		plain := r.WithoutAmounts()
		if plain.WithoutAmounts() != plain || r.WithoutAmounts() != plain {
			t.Fatal("it is made anew")
		}
		var want []FlagKey
		for _, c := range r.Causes(on) {
			switch c.Key.Kind {
			case FlagChargeDue, FlagEnvelope, FlagPriceChange, FlagRateMissing:
			default:
				want = append(want, c.Key)
			}
		}
		var got []FlagKey
		for _, c := range plain.Causes(on) {
			got = append(got, c.Key)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("causes %v, want %v", got, want)
		}
		span := cal.Span{From: on, To: on.AddMonths(12)}
		full, bare := r.Marks(span, on), plain.Marks(span, on)
		if len(full) != len(bare) {
			t.Fatalf("%d marks, want %d", len(bare), len(full))
		}
		for i, l := range r.Lines(on) {
			p := plain.Lines(on)[i]
			if p.Standing != l.Standing || p.Tier != l.Tier || p.Renewal != l.Renewal || p.Held != l.Held {
				t.Fatalf("%+v, want %+v", p, l)
			}
		}
	})
}
