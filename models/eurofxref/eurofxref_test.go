package eurofxref_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models/cal"
	"enveloppe/models/eurofxref"
	"enveloppe/models/money"
)

// The files as the Bank writes them: the rates of 26 April 2024, 1 December 2021 and 10 April 2019 are the published
// ones.
const (
	daily = `<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
	<gesmes:subject>Reference rates</gesmes:subject>
	<gesmes:Sender>
		<gesmes:name>European Central Bank</gesmes:name>
	</gesmes:Sender>
	<Cube>
		<Cube time='2024-04-26'>
			<Cube currency='USD' rate='1.0714'/>
			<Cube currency='JPY' rate='168.03'/>
			<Cube currency='GBP' rate='0.85643'/>
			<Cube currency='PLN' rate='4.3205'/></Cube></Cube></gesmes:Envelope>`
	recent = `<?xml version="1.0" encoding="UTF-8"?><gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><gesmes:subject>Reference rates</gesmes:subject><gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender><Cube><Cube time="2024-04-26"><Cube currency="USD" rate="1.0714"/><Cube currency="GBP" rate="0.85643"/></Cube><Cube time="2024-04-25"><Cube currency="USD" rate="1.0720"/></Cube></Cube></gesmes:Envelope>`

	history = "Date,USD,JPY,BGN,CYP,GBP,PLN,\n" +
		"2024-04-26,1.0714,168.03,1.9558,N/A,0.85643,4.3205,\n" +
		"2021-12-01,1.1314,N/A,1.9558,N/A,N/A,N/A,\n" +
		"2019-04-10,1.1279,125.38,1.9558,N/A,0.86083,N/A,\n"
)

func rate(t *testing.T, day, currency, figure string) eurofxref.Rate {
	t.Helper()
	d, err := cal.Parse(day)
	if err != nil {
		t.Fatal(err)
	}
	r, err := money.ParseRate(figure)
	if err != nil {
		t.Fatal(err)
	}
	return eurofxref.Rate{Day: d, Currency: money.Currency(currency), Rate: r}
}

func only(currencies ...money.Currency) func(money.Currency) bool {
	return func(c money.Currency) bool {
		for _, one := range currencies {
			if c == one {
				return true
			}
		}
		return false
	}
}

// packed is a zip with one file.
func packed(t testing.TB, name string, body []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	f, err := w.Create(name)
	if err == nil {
		_, err = f.Write(body)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestFilesOfTheBankAreRead(t *testing.T) {
	april := []eurofxref.Rate{
		rate(t, "2024-04-26", "GBP", "0.85643"), rate(t, "2024-04-26", "JPY", "168.03"),
		rate(t, "2024-04-26", "PLN", "4.3205"), rate(t, "2024-04-26", "USD", "1.0714"),
	}
	dollars := []eurofxref.Rate{
		rate(t, "2019-04-10", "USD", "1.1279"), rate(t, "2021-12-01", "USD", "1.1314"), rate(t, "2024-04-26", "USD", "1.0714"),
	}
	for _, c := range []struct {
		name    string
		content []byte
		wanted  func(money.Currency) bool
		want    []eurofxref.Rate
	}{
		{"daily", []byte(daily), nil, april},
		{"daily with a byte order mark", []byte("\ufeff" + daily), nil, april},
		{"ninety days", []byte(recent), only("USD"), []eurofxref.Rate{rate(t, "2024-04-25", "USD", "1.072"), rate(t, "2024-04-26", "USD", "1.0714")}},
		{"history", packed(t, "eurofxref-hist.csv", []byte(history)), only("USD"), dollars},
		{"history unpacked", []byte(history), only("USD"), dollars},
		{"with the ends of line of Windows", []byte(strings.ReplaceAll(history, "\n", "\r\n")), only("USD"), dollars},
		{"saved by a French spreadsheet", []byte("Date;USD;GBP\n26/04/2024;1,0714;0,85643\n01/12/2021;1,1314;N/A\n"), only("USD"), dollars[1:]},
		{"saved with quotes", []byte("\"Date\",\"USD\"\n\"2024-04-26\",\"1,0714\"\n"), nil, dollars[2:]},
		{"daily CSV", []byte("Date, USD, JPY, GBP, PLN, \n26 April 2024, 1.0714, 168.03, 0.85643, 4.3205, \n"), nil, april},
		{"oldest first", []byte("Date,USD,\n2019-04-10,1.1279,\n2021-12-01,1.1314,\n2024-04-26,1.0714,\n"), nil, dollars},
		{"the same day twice, alike", []byte("Date,USD,\n2024-04-26,1.0714,\n2024-04-26,1.07140,\n"), nil, dollars[2:]},
		{"a currency nobody has heard of", []byte("Date,XQZ,\n2024-04-26,3.5,\n"), nil, []eurofxref.Rate{rate(t, "2024-04-26", "XQZ", "3.5")}},
		{"a currency that is not there", []byte(daily), only("BGN"), []eurofxref.Rate{}},
		{"a day to come", []byte("Date,USD,\n2031-01-02,1.2,\n"), nil, []eurofxref.Rate{rate(t, "2031-01-02", "USD", "1.2")}},
	} {
		got, faults, err := eurofxref.Parse(c.content, c.wanted)
		if err != nil || len(faults) > 0 || !cmp.Equal(got, c.want) {
			t.Errorf("%s: %v, faults %v\n%s", c.name, err, faults, cmp.Diff(c.want, got))
		}
		if !eurofxref.Is(c.content) {
			t.Errorf("%s is not told to be a file of rates", c.name)
		}
	}
}

func TestBadLinesAreNamedAndTheOthersRead(t *testing.T) {
	good := []eurofxref.Rate{rate(t, "2024-04-26", "USD", "1.0714")}
	const first = "Date,USD,JPY,\n2024-04-26,1.0714,N/A,\n"
	for _, c := range []struct {
		name, content string
		fault         eurofxref.Fault
	}{
		{"no day", first + "yesterday,1.2,2,\n", eurofxref.Fault{Row: 3, Rule: "rates.day", Text: "yesterday"}},
		{"a day that is not", first + "2024-02-30,1.2,2,\n", eurofxref.Fault{Row: 3, Rule: "rates.day", Text: "2024-02-30"}},
		{"negative", first + "\n2024-04-25,-1.2,N/A,\n", eurofxref.Fault{Row: 4, Rule: "rates.figure", Text: "USD -1.2"}},
		{"nothing", first + "2024-04-25,0,N/A,\n", eurofxref.Fault{Row: 3, Rule: "rates.figure", Text: "USD 0"}},
		{"no number", first + "2024-04-25,NaN,N/A,\n", eurofxref.Fault{Row: 3, Rule: "rates.figure", Text: "USD NaN"}},
		{"exponent", first + "2024-04-25,1e9999,N/A,\n", eurofxref.Fault{Row: 3, Rule: "rates.figure", Text: "USD 1e9999"}},
		{"huge", first + "2024-04-25," + strings.Repeat("9", 500) + ",N/A,\n", eurofxref.Fault{Row: 3, Rule: "rates.figure", Text: ("USD " + strings.Repeat("9", 500))[:80]}},
		{"cut in the middle of a figure", first + "2024-04-25,1.0", eurofxref.Fault{Row: 3, Rule: "rates.columns", Text: "2024-04-25,1.0"}},
		{"cut in its last figure", first + "2024-04-25,1.2,168", eurofxref.Fault{Row: 3, Rule: "rates.columns", Text: "2024-04-25,1.2,168"}},
		{"another figure for the day", first + "2024-04-26,1.3,N/A,\n", eurofxref.Fault{Row: 3, Rule: "rates.twice", Text: "2024-04-26 USD 1.3"}},
		{"a stray quote", first + "\"2024-04-25,1.2,2,\n", eurofxref.Fault{Row: 3, Rule: "rates.columns", Text: "2024-04-25,1.2,2,"}},
		{
			"without a rate", strings.Replace(recent, ` rate="0.85643"`, "", 1),
			eurofxref.Fault{Row: 1, Rule: "rates.figure", Text: "GBP"},
		},
		{
			"without a code", "<Envelope><Cube><Cube time='2024-04-26'><Cube currency='USD' rate='1.0714'/>\n<Cube currency='dollar' rate='2'/></Cube></Cube></Envelope>",
			eurofxref.Fault{Row: 2, Rule: "rates.columns", Text: "dollar"},
		},
		{
			"in a day that is not", "<Envelope><Cube><Cube time='2024-04-26'><Cube currency='USD' rate='1.0714'/></Cube>\n<Cube time='soon'><Cube currency='USD' rate='2'/></Cube></Cube></Envelope>",
			eurofxref.Fault{Row: 2, Rule: "rates.day", Text: "soon"},
		},
	} {
		got, faults, err := eurofxref.Parse([]byte(c.content), func(m money.Currency) bool { return m != "JPY" })
		if c.name == "without a rate" {
			got = got[len(got)-1:]
		}
		if err != nil || !cmp.Equal(faults, []eurofxref.Fault{c.fault}) || !cmp.Equal(got, good) {
			t.Errorf("%s: %v\nfaults %+v\nwant   %+v\n%s", c.name, err, faults, c.fault, cmp.Diff(good, got))
		}
	}
}

func TestWhatIsNoFileOfRatesIsRefusedWhole(t *testing.T) {
	many := "Date,USD,\n" + strings.Repeat("soon,1,\n", eurofxref.MaxFaults+1)
	deep := strings.Repeat("<Envelope>", 100_000)
	archive := packed(t, "eurofxref-hist.csv", []byte(history))
	broken := bytes.Clone(archive)
	broken[60] ^= 0xff // in the packed bytes: its checksum no longer holds
	for _, c := range []struct{ name, content, rule string }{
		{"empty", "", "rates.empty"},
		{"blank", " \n\n", "rates.empty"},
		{"no day in it", "Date,USD,JPY,\n", "rates.empty"},
		{"an envelope of something else", "<Envelope><Body/></Envelope>", "rates.empty"},
		{"a page of a website", "<html><body>Please sign in</body></html>", "rates.unknown"},
		{"a bank statement", "Date;Libellé;Débit\n26/04/2024;CB DROPBOX;99,00\n", "rates.unknown"},
		{"text", "Hello", "rates.unknown"},
		{"a picture", "\x89PNG\r\n\x1a\n", "rates.unknown"},
		{"cut XML", daily[:len(daily)-30], "rates.truncated"},
		{"XML cut in a word", daily[:len(daily)-60], "rates.truncated"},
		{"XML that is none", "<Envelope><Cube time=2024></Envelope>", "rates.malformed"},
		{"words of its own", `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><Envelope>&b;</Envelope>`, "rates.entities"},
		{"a file of the machine", `<!DOCTYPE x SYSTEM "file:///etc/passwd"><Envelope/>`, "rates.entities"},
		{"a word it does not define", "<Envelope>&secret;</Envelope>", "rates.malformed"},
		{"nested without end", deep, "rates.malformed"},
		{"closed before it is opened", "<Envelope></Envelope></Envelope>", "rates.malformed"},
		{"more bad lines than good", many, "rates.malformed"},
		{"cut archive", string(archive[:len(archive)-10]), "rates.packed"},
		{"broken archive", string(broken), "rates.packed"},
		{"archive of something else", string(packed(t, "word/document.doc", []byte("hello"))), "rates.packed"},
		{"archive in an archive", string(packed(t, "inner.csv", archive)), "rates.unknown"},
		{"200 MB", strings.Repeat("x", 200<<20), "rates.too_large"},
		{"a bomb", string(packed(t, "eurofxref-hist.csv", make([]byte, 200<<20))), "rates.too_large"},
	} {
		rates, _, err := eurofxref.Parse([]byte(c.content), nil)
		var bad *eurofxref.Unreadable
		if !errors.As(err, &bad) || bad.Rule != c.rule || len(rates) > 0 {
			t.Errorf("%s: %v, want %s; %d rates", c.name, err, c.rule, len(rates))
		}
	}
}

// A file claims what size it likes: what counts is what comes out.
func TestABombTakesBoundedMemory(t *testing.T) {
	bomb := packed(t, "eurofxref-hist.csv", make([]byte, 200<<20))
	if len(bomb) > 1<<20 {
		t.Fatalf("the bomb has %d bytes", len(bomb))
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, _, err := eurofxref.Parse(bomb, nil); err == nil {
		t.Fatal("the bomb was read")
	}
	runtime.ReadMemStats(&after)
	if taken := after.TotalAlloc - before.TotalAlloc; taken > 8*eurofxref.MaxSize {
		t.Errorf("refusing it took %d MB", taken>>20)
	}
}

func TestPublishedDays(t *testing.T) {
	for _, c := range []struct {
		day  string
		hour int
		want string
	}{
		{"2026-11-23", 16, "2026-11-20"},
		{"2026-11-23", 17, "2026-11-23"},
		{"2026-11-22", 23, "2026-11-20"},
		{"2024-04-01", 18, "2024-03-28"},
		{"2024-04-02", 9, "2024-03-28"},
		{"2026-12-26", 17, "2026-12-24"},
	} {
		day, err := cal.Parse(c.day)
		if err != nil {
			t.Fatal(err)
		}
		if got := eurofxref.Published(day, c.hour).String(); got != c.want {
			t.Errorf("on %s at %d the last published day is %s, want %s", c.day, c.hour, got, c.want)
		}
	}
}

// FuzzParse holds that no file breaks the reader, and that what it gives is what the register may hold.
func FuzzParse(f *testing.F) {
	for _, s := range []string{daily, recent, history, "Date;USD\n26/04/2024;1,0714\n", string(packed(f, "a.csv", []byte(history)))} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		rates, faults, err := eurofxref.Parse(content, nil)
		var bad *eurofxref.Unreadable
		if err != nil && !errors.As(err, &bad) {
			t.Fatalf("error is %v", err)
		}
		seen := map[string]bool{}
		for i, r := range rates {
			key := r.Day.String() + string(r.Currency)
			if r.Day.IsZero() || r.Rate.IsZero() || len(r.Currency) != 3 || seen[key] || (i > 0 && r.Day.Before(rates[i-1].Day)) {
				t.Fatalf("rate %d is %+v", i, r)
			}
			seen[key] = true
		}
		if len(faults) > eurofxref.MaxFaults {
			t.Fatalf("%d faults", len(faults))
		}
	})
}

// BenchmarkHistory reads one currency out of 27 years of 41.
func BenchmarkHistory(b *testing.B) {
	var s strings.Builder
	s.WriteString("Date,USD")
	for i := range 40 {
		fmt.Fprintf(&s, ",X%c%c", 'A'+i/26, 'A'+i%26)
	}
	s.WriteString(",\n")
	for d := cal.MustNew(2026, 11, 23); d.Year() >= 1999; d = cal.TargetDayOnOrBefore(d.AddDays(-1)) {
		s.WriteString(d.String() + ",1.0714" + strings.Repeat(",168.0345", 40) + ",\n")
	}
	file := packed(b, "eurofxref-hist.csv", []byte(s.String()))
	b.SetBytes(int64(s.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if rates, _, err := eurofxref.Parse(file, only("USD")); err != nil || len(rates) < 7000 {
			b.Fatal(len(rates), err)
		}
	}
}
