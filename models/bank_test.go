package models

import "testing"

func TestABankAccountBearsItsNumber(t *testing.T) {
	iban := "FR76 3000 1007 9412 3456 7890 185" // bank 30001, branch 00794, account 12345678901, key 85
	for _, x := range []struct {
		kept, file string
		want       bool
	}{
		{iban, "FR7630001007941234567890185", true},
		{iban, "fr76 30001007941234567890185", true},
		{iban, "12345678901", true}, // as OFX files write it
		{"12345678901", iban, true},
		{iban, "3000112345678901", true}, // its branch left out
		{iban, "3000112345678902", false},
		{"4711", "4711", true},
		{iban, "0185", false}, // the end of many numbers
		{iban, "12345678902", false},
		{iban, "", false},
		{"", iban, false},
		{"", " ", false},
	} {
		if got := (BankAccount{Number: x.kept}).Bears(x.file); got != x.want {
			t.Errorf("%q bears %q: %t", x.kept, x.file, got)
		}
	}
}
