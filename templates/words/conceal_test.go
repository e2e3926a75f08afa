package words

import (
	"strings"
	"testing"

	"enveloppe/models/money"
)

func TestConcealingWordsWriteNoAmount(t *testing.T) {
	t.Parallel()
	rate, err := money.ParseRate("1.0714")
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range Langs() {
		w := In(lang).WithoutAmounts()
		if !w.Conceals() || In(lang).Conceals() || w.WithoutAmounts() != w || w.Lang() != lang {
			t.Fatal("not the words that conceal")
		}
		a := money.Euros(9120)
		for _, said := range []string{
			w.Money(a), w.MoneyRound(a), w.MoneySigned(a), w.MoneyShort(a), w.MoneyInput(a), w.Rate(rate), w.ChangePercent(41),
			w.T("chrome.foot", "day", a), w.Parts("settings.vat_effect.a", "cost", a, "year", 2026)[1].Text,
		} {
			if strings.ContainsAny(said, "9€") {
				t.Errorf("%s: %q", lang, said)
			}
		}
		if got := w.Number(91); got != "91" {
			t.Errorf("a number is written %q", got)
		}
	}
}
