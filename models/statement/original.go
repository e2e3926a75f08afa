package statement

import (
	"bytes"

	"enveloppe/models/money"
)

// purchases are the currencies whose codes are looked for in labels. Codes that are words (ALL, TOP, MAD) are not: a
// label is written in capitals.
var purchases = map[string]bool{
	"AUD": true, "BGN": true, "BRL": true, "CAD": true, "CHF": true, "CNY": true, "CZK": true, "DKK": true, "EUR": true,
	"GBP": true, "HKD": true, "HUF": true, "IDR": true, "ILS": true, "INR": true, "ISK": true, "JPY": true, "KRW": true,
	"MXN": true, "MYR": true, "NOK": true, "NZD": true, "PHP": true, "PLN": true, "RON": true, "SEK": true, "SGD": true,
	"THB": true, "TND": true, "TRY": true, "USD": true, "ZAR": true,
}

// originalIn finds what a purchase cost in its own currency in the bank's label: "DROPBOX 119,88USD COURS 1,0823". The
// sum gets the sign of amount. None when the label says none, or several, or one whose beginning is not certain.
func originalIn(label string, amount money.Amount) money.Amount {
	var found money.Amount
	b := []byte(label)
	for i := 3; i+3 <= len(b); i++ {
		end := i
		if b[end-1] == ' ' {
			end--
		}
		// Asked in the order in which most letters of a label say no.
		if !isCapital(b[i]) || !isDigit(b[end-1]) || i+3 < len(b) && isWordByte(b[i+3]) || !purchases[string(b[i:i+3])] {
			continue
		}
		c := money.Currency(b[i : i+3])
		sum, ok := sumEndingAt(b[:end], c)
		if !ok || c == amount.Currency() || sum == found {
			continue
		}
		if !found.IsNone() {
			return money.Amount{}
		}
		found = sum
	}
	return signedAs(found, amount)
}

func isCapital(b byte) bool { return b >= 'A' && b <= 'Z' }

// sumEndingAt reads the sum at the end of a text.
func sumEndingAt(b []byte, c money.Currency) (money.Amount, bool) {
	begin := len(b)
	for begin > 0 && (isDigit(b[begin-1]) || b[begin-1] == ',' || b[begin-1] == '.') {
		begin--
	}
	mark, proves := marks(b[begin:])
	if begin == len(b) || continues(b, begin) || c.Digits() > 0 && !proves {
		return money.Amount{}, false
	}
	f, rule := parseFigure(b[begin:], mark)
	if rule != "" || f.units == 0 {
		return money.Amount{}, false
	}
	sum, rule := f.amount(c)
	return sum, rule == ""
}

// continues tells that the digits from begin on may be the end of a longer number: "12 119,88 USD" may be twelve
// thousand. After "29.01.26 " they are not.
func continues(b []byte, begin int) bool {
	at := begin - 1
	if at < 1 || b[at] != ' ' || !isDigit(b[at-1]) || len(bytes.TrimLeft(b[begin:], "0123456789"))+3 != len(b)-begin {
		return false
	}
	from := at
	for from > 0 && isDigit(b[from-1]) {
		from--
	}
	return at-from <= 3 && (from == 0 || b[from-1] == ' ')
}

// signedAs gives a sum the sign of another.
func signedAs(sum, as money.Amount) money.Amount {
	if sum.IsNone() || sum.IsNegative() == as.IsNegative() {
		return sum
	}
	return sum.Neg()
}
