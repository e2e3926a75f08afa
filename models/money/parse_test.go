package money_test

import (
	"errors"
	"strings"
	"testing"

	"enveloppe/models/money"
)

// reason returns why err refused, "" for no error.
func reason(err error) money.Reason {
	var refused *money.ParseError
	if errors.As(err, &refused) {
		return refused.Reason
	}
	if err != nil {
		return money.Reason("not a *ParseError: " + err.Error())
	}
	return ""
}

func TestParseAmount(t *testing.T) {
	for _, tt := range []struct {
		typed string
		c     money.Currency
		want  string
	}{
		{"91", "EUR", "91.00"},
		{"91,2", "EUR", "91.20"},
		{"91.20", "EUR", "91.20"},
		{" 91,20 ", "EUR", "91.20"},
		{"1234.5", "EUR", "1234.50"},
		{"1 234,56", "EUR", "1234.56"},
		{"1\u00a0234,56", "EUR", "1234.56"},
		{"1\u202f234,56", "EUR", "1234.56"},
		{"1\u2009234,56", "EUR", "1234.56"},
		{"1,234.56", "EUR", "1234.56"},
		{"1.234,56", "EUR", "1234.56"},
		{"1,234,567", "EUR", "1234567.00"},
		{"1.234.567", "EUR", "1234567.00"},
		{"1.234.567,8", "EUR", "1234567.80"},
		{"1 234", "EUR", "1234.00"},
		{"-3,5", "EUR", "-3.50"},
		{"−3,5", "EUR", "-3.50"},
		{"- 3,5", "EUR", "-3.50"},
		{"+3,5", "EUR", "3.50"},
		{"-0", "EUR", "0.00"},
		{",50", "EUR", "0.50"},
		{"007", "EUR", "7.00"},
		{"12 €", "EUR", "12.00"},
		{"12€", "EUR", "12.00"},
		{"€12", "EUR", "12.00"},
		{"-€12", "EUR", "-12.00"},
		{"€-12", "EUR", "-12.00"},
		{"12 eur", "EUR", "12.00"},
		{"EUR 12", "EUR", "12.00"},
		{"1\u202f234,56\u00a0€", "EUR", "1234.56"},
		{"$12", "USD", "12.00"},
		{"US$12.50", "USD", "12.50"},
		{"12 $", "CAD", "12.00"},
		{"£25", "GBP", "25.00"},
		{"1500", "JPY", "1500"},
		{"¥1,500,000", "JPY", "1500000"},
		{"1,250", "TND", "1.250"},
		{"999 999 999,99", "EUR", "999999999.99"},
		{"-999999999.99", "EUR", "-999999999.99"},
	} {
		got, err := money.ParseAmount(tt.typed, tt.c)
		if err != nil || got != of(t, tt.want, tt.c) {
			t.Errorf("%q in %s: %v, %v, want %s", tt.typed, tt.c, got, err, tt.want)
		}
	}
}

func TestParseAmountRefuses(t *testing.T) {
	for _, tt := range []struct {
		typed string
		c     money.Currency
		want  money.Reason
	}{
		{"", "EUR", money.AmountEmpty},
		{" \t\u00a0", "EUR", money.AmountEmpty},
		{"abc", "EUR", money.AmountMalformed},
		{"€", "EUR", money.AmountMalformed},
		{"-", "EUR", money.AmountMalformed},
		{"--3", "EUR", money.AmountMalformed},
		{"-€-3", "EUR", money.AmountMalformed},
		{"3-", "EUR", money.AmountMalformed},
		{"(3)", "EUR", money.AmountMalformed},
		{"5,", "EUR", money.AmountMalformed},
		{".", "EUR", money.AmountMalformed},
		{"1 23,4", "EUR", money.AmountMalformed},
		{"1234 567", "EUR", money.AmountMalformed},
		{"1  234", "EUR", money.AmountMalformed},
		{"1\n234", "EUR", money.AmountMalformed},
		{"0 123", "EUR", money.AmountMalformed},
		{"1,23,456", "EUR", money.AmountMalformed},
		{"1,23,456.00", "EUR", money.AmountMalformed},
		{"1234,567.89", "EUR", money.AmountMalformed},
		{"1.234,5.6", "EUR", money.AmountMalformed},
		{"1 234.567,89", "EUR", money.AmountMalformed},
		{"1.234.56", "EUR", money.AmountMalformed},
		{"12 $", "EUR", money.AmountMalformed},
		{"$12", "EUR", money.AmountMalformed},
		{"12 €", "USD", money.AmountMalformed},
		{"12 USD", "EUR", money.AmountMalformed},
		{"€12€", "EUR", money.AmountMalformed},
		{"=1+1", "EUR", money.AmountMalformed},
		{"0x1F", "EUR", money.AmountMalformed},
		{"NaN", "EUR", money.AmountMalformed},
		{"Inf", "EUR", money.AmountMalformed},
		{"١٢", "EUR", money.AmountMalformed},
		{"1\xff2", "EUR", money.AmountMalformed},
		{strings.Repeat("1", 41), "EUR", money.AmountMalformed},
		{"1,234", "EUR", money.AmountAmbiguous},
		{"1.234", "EUR", money.AmountAmbiguous},
		{"12.500 €", "EUR", money.AmountAmbiguous},
		{"-123,456", "EUR", money.AmountAmbiguous},
		{"1,500", "JPY", money.AmountAmbiguous},
		{"0,500", "EUR", money.AmountDecimals},
		{",500", "EUR", money.AmountDecimals},
		{"1234,567", "EUR", money.AmountDecimals},
		{"1 234,567", "EUR", money.AmountDecimals},
		{"1,234.567", "EUR", money.AmountDecimals},
		{"3,1416", "EUR", money.AmountDecimals},
		{"15.5", "JPY", money.AmountDecimals},
		{"1e9", "EUR", money.AmountExponent},
		{"1E+9", "EUR", money.AmountExponent},
		{"-1.5e-3 €", "EUR", money.AmountExponent},
		{"1e9999", "EUR", money.AmountExponent},
		{"1000000000", "EUR", money.AmountTooLarge},
		{"999999999.999", "TND", money.AmountTooLarge},
		{strings.Repeat("9", 40), "EUR", money.AmountTooLarge},
	} {
		got, err := money.ParseAmount(tt.typed, tt.c)
		if reason(err) != tt.want || !got.IsNone() {
			t.Errorf("%q in %s: %v, %q, want %q", tt.typed, tt.c, got, reason(err), tt.want)
		}
	}
}

func FuzzParseAmount(f *testing.F) {
	for _, typed := range []string{
		"91,20", "1 234,56", "1\u00a0234,56", "1\u202f234,56 €", "1,234.56", "1.234.567,8", "-€12",
		"€-12", "12 eur", "1,234", "0,500", ",50", "1e9", "1 23,4", "999999999.99", "−3,5", "$12", "e5",
		"-", "", "1\xff2", "EUR", "..", "0e", strings.Repeat("9", 41),
	} {
		f.Add(typed, "EUR")
		f.Add(typed, "JPY")
		f.Add(typed, "TND")
	}
	f.Fuzz(func(t *testing.T, typed, code string) {
		c, err := money.ParseCurrency(code)
		if err != nil {
			c = money.EUR
		}
		got, err := money.ParseAmount(typed, c)
		if err != nil {
			if r := reason(err); !strings.HasPrefix(string(r), "amount.") || !got.IsNone() {
				t.Fatalf("%q: %v with %q", typed, got, r)
			}
			return
		}
		if got.Currency() != c || got.Abs().Units() > money.MaxTyped || got.Round() != got {
			t.Fatalf("%q gave %v", typed, got)
		}
		again, err := money.ParseAmount(got.Plain(), c)
		if err != nil || again != got {
			t.Fatalf("%q gave %v, whose own text gave %v, %v", typed, got, again, err)
		}
	})
}
