package words

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bojanz/currency"
	"pgregory.net/rapid"

	"enveloppe/models/money"
)

func TestMoney(t *testing.T) {
	t.Parallel()
	usd, jpy, chf, tnd := money.Currency("USD"), money.Currency("JPY"), money.Currency("CHF"), money.Currency("TND")
	for _, c := range []struct {
		amount money.Amount
		fr, en string
	}{
		{money.Euros(123456), "1_234,56~€", "€1,234.56"},
		{money.Euros(9120), "91,20~€", "€91.20"},
		{money.Euros(0), "0,00~€", "€0.00"},
		{money.Euros(5), "0,05~€", "€0.05"},
		{money.Euros(-6000), "−60,00~€", "−€60.00"},
		{money.Euros(-100000005), "−1_000_000,05~€", "−€1,000,000.05"},
		{money.New(125, money.EUR), "0,0125~€", "€0.0125"},
		{money.New(9_1230, money.EUR), "9,123~€", "€9.123"},
		{money.Cents(9900, usd), "99,00~$US", "US$99.00"},
		{money.Cents(150000, jpy), "1_500~¥", "JP¥1,500"},
		{money.Cents(1200, chf), "12,00~CHF", "CHF~12.00"},
		{money.Cents(1250, tnd), "12,500~TND", "TND~12.500"},
		{money.Amount{}, "—", "—"},
	} {
		for lang, want := range map[Lang]string{FR: c.fr, EN: c.en} {
			if got := In(lang).Money(c.amount); got != spaced(want) {
				t.Errorf("%s Money(%v) = %q, want %q", lang, c.amount, got, spaced(want))
			}
		}
	}
}

func TestMoneyForOtherPlaces(t *testing.T) {
	t.Parallel()
	fr, en := In(FR), In(EN)
	for _, c := range []struct{ name, got, want string }{
		{"round, whole", fr.MoneyRound(money.Euros(100000)), "1_000~€"},
		{"round, not whole", fr.MoneyRound(money.Euros(92740)), "927,40~€"},
		{"round, one cent", en.MoneyRound(money.Euros(1)), "€0.01"},
		{"round, below zero", en.MoneyRound(money.Euros(-80000)), "−€800"},
		{"round, none", en.MoneyRound(money.Amount{}), "—"},
		{"signed, more", fr.MoneySigned(money.Euros(4500)), "+45,00~€"},
		{"signed, less", fr.MoneySigned(money.Euros(-4500)), "−45,00~€"},
		{"signed, same", fr.MoneySigned(money.Euros(0)), "0,00~€"},
		{"signed, English", en.MoneySigned(money.Euros(4500)), "+€45.00"},
		{"short", fr.MoneyShort(money.Euros(21040)), "210"},
		{"short, half goes up", fr.MoneyShort(money.Euros(21050)), "211"},
		{"short, half goes away from zero", fr.MoneyShort(money.Euros(-21050)), "−211"},
		{"short, nearly nothing", fr.MoneyShort(money.Euros(-40)), "0"},
		{"short, grouped", en.MoneyShort(money.Euros(1234567)), "12,346"},
		{"short, none", en.MoneyShort(money.Amount{}), "—"},
		{"input", fr.MoneyInput(money.Euros(-123450)), "-1234,50"},
		{"input, English", en.MoneyInput(money.Euros(123450)), "1234.50"},
		{"input, none", fr.MoneyInput(money.Amount{}), ""},
		{"symbol", fr.Symbol("USD"), "$US"},
		{"symbol, unknown", en.Symbol("ZZZ"), "ZZZ"},
		{"unknown currency", en.Money(money.Cents(100, "ZZZ")), "ZZZ~1.00"},
	} {
		if c.got != spaced(c.want) {
			t.Errorf("%s: %q, want %q", c.name, c.got, spaced(c.want))
		}
	}
}

// Money is written by hand because it is written hundreds of times a page; CLDR is the judge.
func TestMoneyAgreesWithCLDR(t *testing.T) {
	t.Parallel()
	formatters := map[Lang]*currency.Formatter{
		FR: currency.NewFormatter(currency.NewLocale("fr-FR")),
		EN: currency.NewFormatter(currency.NewLocale("en-GB")),
	}
	rapid.Check(t, func(t *rapid.T) {
		units := rapid.Int64().Draw(t, "units")
		code := rapid.SampledFrom(currency.GetCurrencyCodes()).Draw(t, "currency")
		lang := rapid.SampledFrom(Langs()).Draw(t, "lang")
		a := money.New(units, money.Currency(code))
		exact, err := currency.NewAmount(a.Decimal().String(), code)
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Replace(formatters[lang].Format(exact), "-", minus, 1)
		if got := In(lang).Money(a); got != want {
			t.Fatalf("%s Money(%v) = %q, CLDR says %q", lang, a, got, want)
		}
	})
}

// What is shown can be copied into a form.
func TestMoneyShownCanBeTyped(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := money.Euros(rapid.Int64Range(-99_999_999_999, 99_999_999_999).Draw(t, "cents"))
		w := In(rapid.SampledFrom(Langs()).Draw(t, "lang"))
		for _, shown := range []string{strings.Replace(w.Money(a), minus, "-", 1), w.MoneyInput(a)} {
			back, err := money.ParseAmount(shown, money.EUR)
			if err != nil || back != a {
				t.Fatalf("%s %q reads as %v, %v; it was %v", w.Lang(), shown, back, err, a)
			}
		}
	})
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	fr, en := In(FR), In(EN)
	rate := func(s string) money.Rate {
		r, err := money.ParseRate(s)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	percent := func(s string) money.Percent {
		p, err := money.ParsePercent(s)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for _, c := range []struct{ got, want string }{
		{fr.Number(0), "0"},
		{fr.Number(999), "999"},
		{fr.Number(1000), "1_000"},
		{en.Number(1234567), "1,234,567"},
		{fr.Number(-1234), "−1_234"},
		{fr.Number(-1 << 63), "−9_223_372_036_854_775_808"},
		{fr.ChangePercent(41), "+4,1_%"},
		{en.ChangePercent(41), "+4.1%"},
		{fr.ChangePercent(-5), "−0,5_%"},
		{en.ChangePercent(-120), "−12.0%"},
		{fr.ChangePercent(0), "0,0_%"},
		{fr.ChangePercent(123456), "+12_345,6_%"},
		{fr.Percent(percent("20")), "20_%"},
		{fr.Percent(percent("5,5")), "5,5_%"},
		{en.Percent(percent("5.5")), "5.5%"},
		{fr.Rate(rate("1.0714")), "1,0714"},
		{en.Rate(rate("1,0714")), "1.0714"},
		{fr.Rate(rate("16235.5")), "16_235,5"},
		{en.Rate(money.Rate{}), "—"},
		{fr.FileSize(0), "0~ko"},
		{fr.FileSize(1), "1~ko"},
		{fr.FileSize(85_000), "85~ko"},
		{en.FileSize(999_000), "999~kB"},
		{fr.FileSize(999_001), "1,0~Mo"},
		{fr.FileSize(2_345_678), "2,4~Mo"},
		{en.FileSize(1_234_000_000), "1,234.0~MB"},
	} {
		if c.got != spaced(c.want) {
			t.Errorf("%q, want %q", c.got, spaced(c.want))
		}
	}
}

func ExampleWords_Money() {
	fmt.Printf("%q\n", In(FR).Money(money.Euros(123456)))
	fmt.Println(In(EN).Money(money.Euros(123456)))
	// Output:
	// "1\u202f234,56\u00a0€"
	// €1,234.56
}

func BenchmarkMoney(b *testing.B) {
	w, a := In(FR), money.Euros(123456)
	for b.Loop() {
		w.Money(a)
	}
}
