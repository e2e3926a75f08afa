package statement

import (
	"html"
	"math/big"
	"strings"

	"enveloppe/models/money"
)

// unescape reads the references to characters that XML and HTML have. No other can be declared: such files are refused.
func unescape(s string) string { return clean([]byte(html.UnescapeString(s)), UTF8) }

// parseRate reads a rate of OFX, exactly.
func parseRate(s string) (rate *big.Rat, bad string) {
	s = strings.Replace(s, ",", ".", 1)
	if s == "" || len(s) > 20 || strings.Trim(s, "0123456789.") != "" {
		return nil, FaultAmount
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok || r.Sign() <= 0 {
		return nil, FaultAmount
	}
	return r, ""
}

// times multiplies a sum by a rate, rounded once, half up, to the currency's decimals; ok is false without a rate or
// when the product does not fit.
func times(units int64, rate *big.Rat, c money.Currency) (money.Amount, bool) {
	if rate == nil {
		return money.Amount{}, false
	}
	step := int64(money.UnitsPerOne)
	for range c.Digits() {
		step /= 10
	}
	steps := new(big.Rat).Mul(new(big.Rat).SetFrac64(units, step), rate)
	n, d := new(big.Int).Abs(steps.Num()), steps.Denom()
	n.Lsh(n, 1).Add(n, d).Quo(n, new(big.Int).Lsh(d, 1)).Mul(n, big.NewInt(step))
	if steps.Sign() < 0 {
		n.Neg(n)
	}
	if !n.IsInt64() || n.CmpAbs(big.NewInt(money.MaxTyped)) > 0 {
		return money.Amount{}, false
	}
	return money.New(n.Int64(), c), true
}

// divided is times by the inverse, exactly.
func divided(units int64, rate *big.Rat, c money.Currency) (money.Amount, bool) {
	if rate == nil {
		return money.Amount{}, false
	}
	return times(units, new(big.Rat).Inv(rate), c)
}
