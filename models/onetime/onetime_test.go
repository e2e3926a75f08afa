package onetime

import (
	"encoding/base32"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// RFC 6238, appendix B, for SHA-1; the vectors have eight digits, of which an app shows the last six.
func TestCodesAreThoseOfTheRFC(t *testing.T) {
	secret := Secret("12345678901234567890")
	for _, v := range []struct {
		at         int64
		step       int64
		eight, six string
	}{
		{59, 0x1, "94287082", "287082"},
		{1111111109, 0x23523EC, "07081804", "081804"},
		{1111111111, 0x23523ED, "14050471", "050471"},
		{1234567890, 0x273EF07, "89005924", "005924"},
		{2000000000, 0x3F940AA, "69279037", "279037"},
		{20000000000, 0x27BC86AA, "65353130", "353130"},
	} {
		if got := Step(time.Unix(v.at, 0)); got != v.step {
			t.Errorf("step of %d is %x, want %x", v.at, got, v.step)
		}
		if got := secret.Code(v.step); got != v.six || !strings.HasSuffix(v.eight, got) {
			t.Errorf("code at %d is %s, want %s", v.at, got, v.six)
		}
	}
}

// RFC 4226, appendix D: the same by counter.
func TestCodesByCounterAreThoseOfTheRFC(t *testing.T) {
	secret := Secret("12345678901234567890")
	for counter, want := range []string{"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"} {
		if got := secret.Code(int64(counter)); got != want {
			t.Errorf("code %d is %s, want %s", counter, got, want)
		}
	}
}

func TestMatch(t *testing.T) {
	secret, at := Secret("12345678901234567890"), time.Unix(1234567890, 0)
	now := Step(at)
	for name, c := range map[string]struct {
		code  string
		after int64
		step  int64
		ok    bool
	}{
		"now":               {secret.Code(now), 0, now, true},
		"spaced":            {" 005 924\n", 0, now, true},
		"before":            {secret.Code(now - 1), 0, now - 1, true},
		"after":             {secret.Code(now + 1), 0, now + 1, true},
		"too old":           {secret.Code(now - 2), 0, 0, false},
		"too new":           {secret.Code(now + 2), 0, 0, false},
		"used":              {secret.Code(now), now, 0, false},
		"older than used":   {secret.Code(now - 1), now, 0, false},
		"newer than used":   {secret.Code(now + 1), now, now + 1, true},
		"empty":             {"", 0, 0, false},
		"the eight digits":  {"89005924", 0, 0, false},
		"without its zeros": {"5924", 0, 0, false},
	} {
		if step, ok := secret.Match(c.code, at, c.after); step != c.step || ok != c.ok {
			t.Errorf("%s: %d, %t, want %d, %t", name, step-now, ok, c.step-now, c.ok)
		}
	}
}

// A code taken is never taken again, whichever instants follow.
func TestNoCodeIsTakenTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := Secret(rapid.SliceOfN(rapid.Byte(), secretLen, secretLen).Draw(t, "secret"))
		at := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "at"), 0)
		var last int64 = -1
		taken := map[int64]bool{}
		for range 20 {
			step, ok := secret.Match(secret.Code(Step(at)+rapid.Int64Range(-2, 2).Draw(t, "shown")), at, last)
			if ok {
				if taken[step] || step <= last || step < Step(at)-1 || step > Step(at)+1 {
					t.Fatalf("step %d is taken at %d after %d", step, Step(at), last)
				}
				taken[step], last = true, step
			}
			at = at.Add(time.Duration(rapid.Int64Range(0, 90).Draw(t, "later")) * time.Second)
		}
	})
}

func TestWhatAnAppReads(t *testing.T) {
	secret := NewSecret()
	if len(secret) != 20 {
		t.Fatalf("a secret of %d bytes", len(secret))
	}
	if text := secret.Text(); !regexp.MustCompile(`^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$`).MatchString(text) {
		t.Errorf("typed as %q", text)
	}
	uri := secret.URI("Enveloppe · Les Passerelles", "claire+paie@passerelles.example")
	u, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	if u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/Enveloppe · Les Passerelles:claire+paie@passerelles.example" || strings.Contains(u.RawQuery, "+") {
		t.Errorf("read as %s", uri)
	}
	q := u.Query()
	back, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(q.Get("secret"))
	if err != nil || string(back) != string(secret) || q.Get("issuer") != "Enveloppe · Les Passerelles" || q.Get("digits") != "6" || q.Get("period") != "30" || q.Get("algorithm") != "SHA1" {
		t.Errorf("read as %s, %v", uri, err)
	}
}

func TestRecoveries(t *testing.T) {
	list := NewRecoveries()
	seen := map[[32]byte]bool{}
	for _, code := range list {
		if !regexp.MustCompile(`^[a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4}$`).MatchString(code) {
			t.Errorf("code %q", code)
		}
		hash := RecoveryHash(code)
		seen[hash] = true
		for _, typed := range []string{
			strings.ToUpper(code), " " + strings.ReplaceAll(code, "-", " ") + "\n", strings.ReplaceAll(code, "-", ""),
			strings.NewReplacer("o", "0", "i", "1", "b", "8").Replace(code), strings.ReplaceAll(code, "-", "\u2011"),
		} {
			if RecoveryHash(typed) != hash {
				t.Errorf("%q is not %q", typed, code)
			}
		}
		if RecoveryHash(code[:len(code)-1]) == hash || RecoveryHash("") == hash {
			t.Error("another code has its hash")
		}
	}
	if len(list) != Recoveries || len(seen) != Recoveries {
		t.Errorf("%d codes, %d different", len(list), len(seen))
	}
}
