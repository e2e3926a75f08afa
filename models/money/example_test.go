package money_test

import (
	"errors"
	"fmt"

	"enveloppe/models/money"
)

func ExampleAmount_Add() {
	fmt.Println(money.Euros(10).Add(money.Euros(20)))
	// Output: 0.30 EUR
}

func ExampleAmount_Split() {
	fmt.Println(money.Euros(100_00).Split(3))
	// Output: [33.34 EUR 33.33 EUR 33.33 EUR]
}

func ExampleAmount_Allocate() {
	// A year paid on 1 October: 92 days of this fiscal year, 273 of the next.
	fmt.Println(money.Euros(120_00).Allocate(92, 273))
	// Output: [30.25 EUR 89.75 EUR]
}

func ExampleAmount_Prorate() {
	fmt.Println(money.Euros(120_00).Prorate(273, 365))
	// Output: 89.75 EUR
}

func ExampleParseAmount() {
	for _, typed := range []string{"1 234,56 €", "1,234.56", "1,234"} {
		amount, err := money.ParseAmount(typed, money.EUR)
		var refused *money.ParseError
		if errors.As(err, &refused) {
			fmt.Println(typed, "→", refused.Reason)
			continue
		}
		fmt.Println(typed, "→", amount)
	}
	// Output:
	// 1 234,56 € → 1234.56 EUR
	// 1,234.56 → 1234.56 EUR
	// 1,234 → amount.ambiguous
}

func ExampleRate_ToEUR() {
	published, err := money.ParseRate("1.0714")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(published.ToEUR(money.Cents(99_00, "USD")))
	// Output: 92.40 EUR
}

func ExamplePercent_Included() {
	fmt.Println(money.PercentOf(20).Included(money.Euros(99_00)))
	// Output: 82.50 EUR 16.50 EUR
}

func ExampleChangePercent() {
	tenths, ok := money.ChangePercent(money.Euros(91_20), money.Euros(94_94))
	fmt.Println(tenths, ok)
	// Output: 41 true
}
