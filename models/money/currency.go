package money

import (
	"strings"

	iso "github.com/bojanz/currency"
)

// Currency is an ISO 4217 code in capitals, such as "EUR".
type Currency string

// EUR is the currency every total is kept in.
const EUR Currency = "EUR"

// ParseCurrency reads a currency code in any case, with spaces around it.
// The error is a *ParseError: CurrencyEmpty or CurrencyUnknown.
func ParseCurrency(s string) (Currency, error) {
	code := strings.ToUpper(strings.TrimSpace(s))
	switch {
	case code == "":
		return "", &ParseError{CurrencyEmpty}
	case !iso.IsValid(code):
		return "", &ParseError{CurrencyUnknown}
	}
	return Currency(code), nil
}

// Digits returns how many decimals the currency is paid in: 2 for the euro, 0 for the yen, 3 for the dinar.
// An unknown currency has 2.
func (c Currency) Digits() int {
	if c == EUR {
		return 2
	}
	if digits, ok := iso.GetDigits(string(c)); ok {
		return min(int(digits), scale)
	}
	return 2
}

// scale is the number of decimals an Amount can hold.
const scale = 4

// minor is the currency's smallest payable sum, in units: 100 for a cent.
func (c Currency) minor() uint64 {
	return [scale + 1]uint64{10_000, 1_000, 100, 10, 1}[c.Digits()]
}

// symbols lists the signs people put beside a sum in that currency; its code is always understood.
// A sign shared by several currencies belongs to each: the currency itself is chosen apart.
var symbols = map[Currency][]string{
	EUR:   {"€"},
	"USD": {"US$", "$US", "$"},
	"CAD": {"CA$", "$CA", "C$", "$"},
	"AUD": {"AU$", "$AU", "A$", "$"},
	"NZD": {"NZ$", "$NZ", "$"},
	"SGD": {"S$", "$"},
	"HKD": {"HK$", "$"},
	"GBP": {"£"},
	"JPY": {"¥"},
	"CNY": {"¥"},
	"INR": {"₹"},
	"PLN": {"zł"},
	"CZK": {"Kč"},
	"HUF": {"Ft"},
	"SEK": {"kr"},
	"NOK": {"kr"},
	"DKK": {"kr"},
}
