package words

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bojanz/currency"

	"enveloppe/models/money"
)

// unitsPerOne is how many of an amount's units make one euro.
const unitsPerOne = 10_000

// currencySymbols are CLDR's standard symbols ($US and US$ rather than $, which several countries
// share), each with the no-break space that separates it from the figures.
func currencySymbols(s *style) map[string]string {
	symbols := make(map[string]string)
	locale := currency.NewLocale(s.locale)
	for _, code := range currency.GetCurrencyCodes() {
		symbol, _ := currency.GetSymbol(code, locale)
		symbols[code] = s.spaced(symbol)
	}
	return symbols
}

func (s *style) spaced(symbol string) string {
	if s.symbolAfter {
		return nbsp + symbol
	}
	if r, _ := utf8.DecodeLastRuneInString(symbol); unicode.IsLetter(r) {
		return symbol + nbsp
	}
	return symbol
}

// Money writes an amount with its currency: "1 234,56 €", "€1,234.56". It shows the digits the
// currency has, more when the amount has more (a price of 0,0125 € a call), and "—" for no amount.
func (w *Words) Money(a money.Amount) string {
	switch {
	case w.conceals:
		return money.Concealed
	case a.IsNone():
		return none
	}
	return w.money(a, sign(a, ""), a.Currency().Digits())
}

// MoneyRound leaves out the decimals of a whole amount: "800 €", but "927,40 €".
func (w *Words) MoneyRound(a money.Amount) string {
	switch {
	case w.conceals:
		return money.Concealed
	case a.IsNone():
		return none
	}
	digits := a.Currency().Digits()
	if a.Units()%unitsPerOne == 0 {
		digits = 0
	}
	return w.money(a, sign(a, ""), digits)
}

// MoneySigned writes a difference, with a plus sign when it is one: "+45,00 €", "−45,00 €".
func (w *Words) MoneySigned(a money.Amount) string {
	switch {
	case w.conceals:
		return money.Concealed
	case a.IsNone():
		return none
	}
	return w.money(a, sign(a, "+"), a.Currency().Digits())
}

// MoneyShort is an amount rounded to whole units without its currency, for the labels of a chart.
func (w *Words) MoneyShort(a money.Amount) string {
	switch {
	case w.conceals:
		return money.Concealed
	case a.IsNone():
		return none
	}
	rounded := (magnitude(a.Units()) + unitsPerOne/2) / unitsPerOne
	if rounded == 0 {
		return "0"
	}
	return string(w.style.appendGrouped([]byte(sign(a, "")), rounded))
}

// MoneyInput is an amount as somebody would type it, for the field of a form: "1234,56".
// No amount is an empty field.
func (w *Words) MoneyInput(a money.Amount) string {
	switch {
	case w.conceals, a.IsNone():
		return ""
	case w.style.decimal == ",":
		return a.Comma()
	default:
		return a.Plain()
	}
}

// Symbol is how a currency is written beside a figure: "€", "$US" or "US$".
func (w *Words) Symbol(c money.Currency) string {
	if symbol, ok := w.symbols[string(c)]; ok {
		return strings.Trim(symbol, nbsp)
	}
	return string(c)
}

// sign is what stands before the figure; plus is what a positive amount gets.
func sign(a money.Amount, plus string) string {
	switch {
	case a.IsNegative():
		return minus
	case a.IsPositive():
		return plus
	default:
		return ""
	}
}

func (w *Words) money(a money.Amount, sign string, digits int) string {
	symbol, ok := w.symbols[string(a.Currency())]
	if !ok {
		symbol = w.style.spaced(string(a.Currency()))
	}
	var room [64]byte
	b := append(room[:0], sign...)
	if !w.style.symbolAfter {
		b = append(b, symbol...)
	}
	units := magnitude(a.Units())
	b = w.style.appendGrouped(b, units/unitsPerOne)
	b = w.style.appendFraction(b, units%unitsPerOne, digits)
	if w.style.symbolAfter {
		b = append(b, symbol...)
	}
	return string(b)
}

// appendFraction writes ten-thousandths with at least so many digits, and those beyond only when
// they are not zeros.
func (s *style) appendFraction(b []byte, tenThousandths uint64, digits int) []byte {
	const figures = "0123456789"
	all := [4]byte{
		figures[tenThousandths/1000%10], figures[tenThousandths/100%10],
		figures[tenThousandths/10%10], figures[tenThousandths%10],
	}
	last := len(all)
	for last > digits && all[last-1] == '0' {
		last--
	}
	if last == 0 {
		return b
	}
	b = append(b, s.decimal...)
	return append(b, all[:last]...)
}
