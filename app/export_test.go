package app

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"enveloppe/models"
	"enveloppe/reports"
)

func TestExportIsNotedAndWhole(t *testing.T) {
	p := startProgram(t, true)
	ctx := context.Background()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	marks := func() []models.ExportMark {
		t.Helper()
		r, err := p.Organisation(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return r.Exports
	}
	var said bytes.Buffer
	o := ExportOptions{Kind: reports.FEC, From: "2026-02", To: "2026-03", Digits: 6, Out: at("extrait.txt")}
	if err := p.Export(ctx, io.Discard, &said, o); err != nil {
		t.Fatal(err)
	}
	if want := "One payment has no invoice number"; !strings.Contains(said.String(), want) {
		t.Errorf("%q does not say %q", said.String(), want)
	}
	all := marks()
	if len(all) != 1 || all[0].Kind != reports.FEC || all[0].Span.String() != "[2026-02-01, 2026-04-01)" || all[0].By != 0 || all[0].ThroughID == 0 || !all[0].At.Equal(testNow) {
		t.Fatalf("noted as %+v", all)
	}
	body, err := os.ReadFile(at("extrait.txt"))
	if err != nil || !strings.Contains(string(body), "\t401000\t") || strings.Contains(string(body), "\t20260412\t") {
		t.Errorf("the extract is %.200q, %v", body, err)
	}
	if _, err := os.Stat(at("extrait_description.txt")); err != nil {
		t.Error(err)
	}

	// What cannot be written leaves what stood there, nothing beside it, and no note.
	if err := os.Mkdir(at("taken_description.txt"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at("taken.txt"), []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	o.Out = at("taken.txt")
	if err := p.Export(ctx, io.Discard, &said, o); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("a folder in the way is answered %v", err)
	}
	if body, _ := os.ReadFile(at("taken.txt")); string(body) != "before" {
		t.Errorf("it is overwritten by %.40q", body)
	}
	if left, _ := filepath.Glob(at(".enveloppe-*")); len(left) > 0 || len(marks()) != 1 {
		t.Errorf("%v are left, %d notes", left, len(marks()))
	}
	failing := errors.New("no")
	err = writeWhole([]fileToWrite{{at("taken.txt"), func(w io.Writer) error { _, err := io.WriteString(w, "after"); return err }}}, func() error { return failing })
	if body, _ := os.ReadFile(at("taken.txt")); !errors.Is(err, failing) || string(body) != "before" {
		t.Errorf("what could not be noted gives %v and %.40q", err, body)
	}

	said.Reset()
	p.Config.Lang = models.French
	var out bytes.Buffer
	if err := p.Export(ctx, &out, &said, ExportOptions{Kind: reports.Archive}); err != nil || !strings.HasPrefix(out.String(), "PK") || len(marks()) != 2 {
		t.Errorf("%v, %.10q, %d notes", err, out.String(), len(marks()))
	}
	if want := "pas de numéro de facture"; !strings.Contains(said.String(), want) {
		t.Errorf("%q does not say %q in the language asked for", said.String(), want)
	}
}

// A fiscal year that begins on another day has the months that begin in it.
func TestExportMonthsOfAnotherYear(t *testing.T) {
	r := models.NewRegister(models.Facts{Organisation: models.Organisation{}})
	r.Organisation.YearStart.Month, r.Organisation.YearStart.Day = 9, 15
	for _, c := range []struct {
		o    ExportOptions
		want string // or the refusal
	}{
		{ExportOptions{From: "2026-08"}, "[2026-08-15, 2026-09-15)"},
		{ExportOptions{To: "2026-09"}, "[2026-09-15, 2026-10-15)"},
		{ExportOptions{Year: 2025, To: "2026-01"}, "[2025-09-15, 2026-02-15)"},
		{ExportOptions{Year: 2026, From: "2026-08"}, "2026-09 to 2027-08"},
		{ExportOptions{From: "2026-10", To: "2026-09"}, "comes before"},
		{ExportOptions{}, "[2026-09-15, 2027-09-15)"},
	} {
		p, err := c.o.period(r, r.Organisation.Today(testNow))
		got := p.Span.String()
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%+v gives %s, want %s", c.o, got, c.want)
		}
	}
}
