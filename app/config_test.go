package app

import (
	"errors"
	"strings"
	"testing"
	"time"

	"enveloppe/models/cal"
)

func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if "ENVELOPPE_"+pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestSettingsComeFromFlagsThenVariables(t *testing.T) {
	c, err := Settings{Getenv: env()}.Read()
	if err != nil {
		t.Fatal(err)
	}
	if c.DB != "enveloppe.db" || c.Addr != "localhost:8080" || c.Base.String() != "http://localhost:8080" || c.Mail.Configured() {
		t.Errorf("defaults are %+v", c)
	}
	c, err = Settings{DB: "flag.db", Getenv: env("DB", "variable.db", "ADDR", ":9000", "BASE_URL", "https://asso.example.org/", "LANG", "EN", "PROXIES", "10.0.0.1, 192.168.0.0/16")}.Read()
	if err != nil {
		t.Fatal(err)
	}
	if c.DB != "flag.db" || c.Addr != ":9000" || c.Base.String() != "https://asso.example.org" || c.Lang != "en" || len(c.Proxies) != 2 {
		t.Errorf("settings are %+v", c)
	}
}

func TestWhereRatesComeFrom(t *testing.T) {
	for _, c := range []struct {
		hosts, rates, want string // want is empty when none are fetched
		wrong              string
	}{
		{rates: "", want: "https://www.ecb.europa.eu/stats/eurofxref/"},
		{rates: "off"},
		{rates: "OFF"},
		{rates: "https://mirror.example.org/ecb", want: "https://mirror.example.org/ecb"},
		{rates: "http://rates.lan:8080/ecb/", hosts: "rates.lan:8080", want: "http://rates.lan:8080/ecb/"},
		{rates: "http://127.0.0.1:9/", hosts: "10.0.0.1, 127.0.0.1", want: "http://127.0.0.1:9/"},
		{rates: "http://rates.lan/ecb/", wrong: "ENVELOPPE_OUTBOUND_HOSTS"},
		{rates: "https://10.0.0.5/ecb/", wrong: "ENVELOPPE_OUTBOUND_HOSTS"},
		{rates: "http://www.ecb.europa.eu/", wrong: "https://"},
		{rates: "ecb", wrong: "folder"},
		{rates: "ftp://ecb.example/", wrong: "folder"},
		{rates: "https://ecb.example/?file=x", wrong: "folder"},
		{rates: "https://me:secret@ecb.example/", wrong: "password"},
		{hosts: "rates.lan,http://x", wrong: "ENVELOPPE_OUTBOUND_HOSTS"},
	} {
		got, err := Settings{Getenv: env("RATES_URL", c.rates, "OUTBOUND_HOSTS", c.hosts)}.Read()
		if c.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("%+v: %v", c, err)
			}
			continue
		}
		folder := ""
		if got.Rates != nil {
			folder = got.Rates.String()
		}
		if err != nil || folder != c.want {
			t.Errorf("%+v: %q, %v", c, folder, err)
		}
	}
}

func TestEverythingWrongIsSaidTogetherByName(t *testing.T) {
	_, err := Settings{
		Addr: "nowhere", Lang: "de", Today: "2026-02-30", DB: "postgres://localhost/x",
		Getenv: env("BASE_URL", "ftp://x", "PROXIES", "10.0.0.0/99", "SMTP_HOST", "mail.example.org", "SMTP_PORT", "0", "SMTP_SECURITY", "ssl",
			"RATES_URL", "nowhere", "OUTBOUND_HOSTS", "a/b", "OIDC_ISSUER", "login.example.org", "OIDC_NAME", "a\u202eb"),
	}.Read()
	var faults Faults
	if !errors.As(err, &faults) {
		t.Fatalf("error is %v", err)
	}
	for _, name := range []string{
		"ENVELOPPE_ADDR", "ENVELOPPE_LANG", "ENVELOPPE_TODAY", "ENVELOPPE_DB", "ENVELOPPE_BASE_URL", "ENVELOPPE_PROXIES",
		"ENVELOPPE_SMTP_PORT", "ENVELOPPE_SMTP_SECURITY", "ENVELOPPE_SMTP_FROM", "ENVELOPPE_RATES_URL", "ENVELOPPE_OUTBOUND_HOSTS",
		"ENVELOPPE_OIDC_ISSUER", "ENVELOPPE_OIDC_CLIENT_ID", "ENVELOPPE_OIDC_CLIENT_SECRET", "ENVELOPPE_OIDC_NAME",
	} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("nothing is said of %s in:\n%s", name, err)
		}
	}
}

func TestSettingsNeverPrintThePassword(t *testing.T) {
	_, err := Settings{Getenv: env("SMTP_PASSWORD", "s3cret-word", "SMTP_HOST", "")}.Read()
	if err != nil && strings.Contains(err.Error(), "s3cret-word") {
		t.Errorf("the password stands in %q", err)
	}
}

func TestAProviderIsSetByItsVariables(t *testing.T) {
	c, err := Settings{Getenv: env()}.Read()
	if err != nil || c.OIDC.Given() || newProvider(c.OIDC, false) != nil {
		t.Errorf("without any: %+v, %v", c.OIDC, err)
	}
	c, err = Settings{Getenv: env("OIDC_ISSUER", "https://login.example.org/", "OIDC_CLIENT_ID", "enveloppe", "OIDC_CLIENT_SECRET", "s3cret-word", "OIDC_NAME", "Maison")}.Read()
	if err != nil {
		t.Fatal(err)
	}
	p := newProvider(c.OIDC, false)
	if p == nil || p.Name() != "Maison" || p.Issuer() != "https://login.example.org/" {
		t.Errorf("provider %+v of %+v", p, c.OIDC)
	}
	if newProvider(c.OIDC, true) != nil {
		t.Error("the demonstration lets everybody in, and asks no provider")
	}
	_, err = Settings{Getenv: env("OIDC_ISSUER", "http://login.lan", "OIDC_CLIENT_ID", "enveloppe", "OIDC_CLIENT_SECRET", "s3cret-word")}.Read()
	if err == nil || !strings.Contains(err.Error(), "ENVELOPPE_OUTBOUND_HOSTS") || strings.Contains(err.Error(), "s3cret-word") {
		t.Errorf("without TLS: %v", err)
	}
	if _, err = (Settings{Getenv: env("OIDC_ISSUER", "http://login.lan", "OIDC_CLIENT_ID", "enveloppe", "OIDC_CLIENT_SECRET", "s3cret-word", "OUTBOUND_HOSTS", "login.lan")}).Read(); err != nil {
		t.Errorf("named: %v", err)
	}
}

func TestActingOnAnotherDayKeepsTheTimeOfDayGoing(t *testing.T) {
	now := time.Date(2026, time.November, 23, 15, 4, 5, 0, time.UTC)
	clock := ActingOn(cal.MustNew(2028, time.February, 29), func() time.Time { return now })
	if got, want := clock(), time.Date(2028, time.February, 29, 15, 4, 5, 0, time.UTC); !got.Equal(want) {
		t.Errorf("clock shows %s, want %s", got, want)
	}
	now = now.Add(time.Hour)
	if got := clock().Hour(); got != 16 {
		t.Errorf("an hour later the clock shows %d h", got)
	}
}
