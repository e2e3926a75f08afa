package money

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

func TestDocumentsKeepAmountsExactly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom([]Currency{EUR, "USD", "JPY", "TND"}).Draw(t, "currency")
		a := New(rapid.Int64().Draw(t, "units"), c)
		text, err := a.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var back Amount
		if err := back.UnmarshalText(text); err != nil || back != a {
			t.Fatalf("%q is read as %v, %v; it was %v", text, back, err, a)
		}
	})
}

func TestDocumentsSayNothingOfNoAmount(t *testing.T) {
	t.Parallel()
	type record struct {
		Some Amount `json:"some"`
		None Amount `json:"none,omitzero"`
	}
	text, err := json.Marshal(record{Some: Euros(12345)})
	if err != nil || string(text) != `{"some":"123.45 EUR"}` {
		t.Fatalf("written as %s, %v", text, err)
	}
	back := record{None: Euros(1)}
	if err := json.Unmarshal([]byte(`{"some":"-0.0001 EUR","none":""}`), &back); err != nil || back != (record{Some: New(-1, EUR)}) {
		t.Errorf("read as %+v, %v", back, err)
	}
	for _, bad := range []string{"12", "12 XXQ", "12,5 EUR", "EUR", "1e3000 EUR", "0.00001 EUR", "9999999999999999999 EUR", " EUR", "x EUR"} {
		var a Amount
		if err := a.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q is read as %v", bad, a)
		}
	}
}
