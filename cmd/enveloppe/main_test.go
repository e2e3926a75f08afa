package main

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"enveloppe/app"
)

// call runs a command as the shell would and gives its exit code and what it wrote.
func call(t *testing.T, input string, args ...string) (code int, out, err string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, terminal{strings.NewReader(input), &stdout, &stderr, func(string) string { return "" }})
	return code, stdout.String(), stderr.String()
}

// sampleFile is a register with the sample association.
func sampleFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sample.db")
	a, err := app.Open(context.Background(), app.Config{DB: path, Base: &url.URL{Scheme: "http", Host: "localhost"}}, app.Alone, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.PlantSample(context.Background(), "fr"); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWrongUsageIsTwoAndSaysWhatToDo(t *testing.T) {
	db := sampleFile(t)
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"frobnicate"}, "enveloppe -h"},
		{[]string{"export"}, "register"},
		{[]string{"export", "secrets", "--db", db}, "journal, invoices, paheko, fec, fec-notice, prepaid, register, workbook, archive"},
		{[]string{"export", "fec", "--encoding", "windows-1252", "--db", db}, "iso-8859-15"},
		{[]string{"export", "workbook", "--encoding", "utf-8", "--db", db}, "no text"},
		{[]string{"export", "journal", "--accounts", "7", "--db", db}, "6 or 8"},
		{[]string{"export", "paheko", "--accounts", "6", "--db", db}, "as they are"},
		{[]string{"export", "invoices", "--closing", "--db", db}, "no entries"},
		{[]string{"export", "fec", "--import", "--db", db}, "one form"},
		{[]string{"export", "prepaid", "--from", "2026-01", "--db", db}, "not taken by months"},
		{[]string{"export", "archive", "--to", "2026-01", "--db", db}, "not taken by months"},
		{[]string{"export", "register", "--year", "2026", "--db", db}, "--today"},
		{[]string{"export", "journal", "--from", "January", "--db", db}, "2026-03"},
		{[]string{"export", "journal", "--year", "2026", "--from", "2025-12", "--db", db}, "2026-01 to 2026-12"},
		{[]string{"export", "journal", "--from", "2026-04", "--to", "2026-02", "--db", db}, "comes before"},
		{[]string{"export", "journal", "--year", "twelve"}, "year"},
		{[]string{"export", "journal", "--year", "12", "--db", db}, "2026"},
		{[]string{"export", "journal", "--encoding", "ebcdic", "--db", db}, "windows-1252"},
		{[]string{"digest", "--month", "December", "--db", db}, "2026-12"},
		{[]string{"digest", "--format", "pdf", "--db", db}, "text, html or eml"},
		{[]string{"jobs", "walk", "flags", "--db", db}, "jobs run"},
		{[]string{"user", "add", "--db", db}, "--email"},
		{[]string{"user", "love", "--email", "a@example.org", "--db", db}, "user add"},
		{[]string{"user", "add", "--start-over", "--email", "a@example.org", "--db", db}, "user password"},
		{[]string{"audit"}, "audit verify"},
		{[]string{"audit", "burn", "--db", db}, "audit export"},
		{[]string{"audit", "verify", "--head", "12ab", "--db", db}, "64 signs"},
		{[]string{"audit", "verify", "--out", "x.csv", "--db", db}, "audit export"},
		{[]string{"audit", "export", "--head", strings.Repeat("ab", 32), "--db", db}, "audit verify"},
		{[]string{"audit", "export", "--from", "hier", "--db", db}, "2026-12-01"},
		{[]string{"audit", "export", "--from", "2026-02-01", "--to", "2026-01-01", "--db", db}, "comes before"},
		{[]string{"backup"}, "FILE"},
		{[]string{"serve", "--addr", "nowhere"}, "host:port"},
		{[]string{"demo", "--db", db}, "new file"},
		{[]string{"--today", "yesterday"}, "2026-12-01"},
		{[]string{"--db", db, "export", "journal"}, "no words"}, // without a command first it is serve's
		{[]string{"export", "register", "--colour"}, "-h"},
	} {
		code, out, err := call(t, "", c.args...)
		if code != misuse || !strings.Contains(err, c.says) || out != "" {
			t.Errorf("%v: exit %d, out %q, err %q; want 2 and %q", c.args, code, out, err, c.says)
		}
	}
}

func TestFailuresAreOne(t *testing.T) {
	db := sampleFile(t)
	for _, args := range [][]string{
		{"export", "journal", "--db", db + ".absent"},
		{"jobs", "run", "nonsense", "--db", db},
		{"backup", db, "--db", db},
		{"restore", db + ".absent", "--db", db},
		{"export", "journal", "--db", db, "--out", filepath.Dir(db)},
		{"export", "journal", "--db", db, "--out", filepath.Join(db+".absent", "journal.csv")},
		{"audit", "verify", "--head", strings.Repeat("ab", 32), "--db", db},
		{"digest", "--send", "--db", db},
		{"user", "password", "--email", "nobody@example.org", "--db", db},
	} {
		if code, _, err := call(t, "une phrase assez longue\n", args...); code != failed || strings.Count(strings.TrimSpace(err), "\n") > 0 {
			t.Errorf("%v: exit %d, err %q; want 1 and one sentence", args, code, err)
		}
	}
	if _, err := os.Stat(db + ".absent"); err == nil {
		t.Error("a file that was not there has been made")
	}
}

func TestCommandsDoTheirWork(t *testing.T) {
	db := sampleFile(t)
	dir := t.TempDir()
	file, archive, copied := filepath.Join(dir, "journal.csv"), filepath.Join(dir, "factures.zip"), filepath.Join(dir, "copy.db")
	extract := filepath.Join(dir, "extrait.txt")
	for _, c := range []struct {
		args        []string
		input, says string
	}{
		{[]string{"-h"}, "", "enveloppe demo"},
		{[]string{"export", "-h"}, "", "-encoding"},
		{[]string{"export", "register", "--db", db}, "", "Dropbox"},
		{[]string{"export", "--out", file, "journal", "--db", db}, "", ""},
		{[]string{"export", "fec", "--from", "2026-01", "--to", "2026-03", "--accounts", "8", "--closing", "--encoding", "iso-8859-15", "--out", extract, "--db", db}, "", ""},
		{[]string{"export", "fec", "--db", db}, "", "JournalCode\tJournalLib"},
		{[]string{"export", "workbook", "--accounts", "6", "--db", db}, "", "PK"},
		{[]string{"export", "prepaid", "--db", db}, "", "Clôture débit"},
		{[]string{"export", "archive", "--db", db}, "", "PK"},
		{[]string{"export", "archive", "--out", archive, "--db", db}, "", ""},
		{[]string{"digest", "--db", db, "--lang", "en"}, "", "To decide now"},
		{[]string{"digest", "--db", db, "--format", "html"}, "", "<html"},
		{[]string{"digest", "--db", db, "--format", "eml"}, "", "Message-ID"},
		{[]string{"audit", "verify", "--db", db}, "", "the chain is whole: 10 entries"},
		{[]string{"audit", "export", "--db", db, "--lang", "en"}, "", "command line"},
		{[]string{"jobs", "list", "--db", db}, "", "digest"},
		{[]string{"jobs", "run", "flags", "--db", db}, "", "0 raised, 0 cleared"},
		{[]string{"backup", copied, "--db", db}, "", "copy"},
		{[]string{"restore", copied, "--db", db}, "", "before-restore"},
		{[]string{"user", "add", "--db", db, "--name", "Nadia", "--email", "nadia@example.org", "--role", "editor"}, "une phrase assez longue\n", "nadia@example.org"},
		{[]string{"user", "password", "--db", db, "--email", "Nadia@Example.org"}, "une autre phrase longue", "changed"},
		{[]string{"user", "password", "--start-over", "--db", db, "--email", "nadia@example.org"}, "encore une autre phrase", "passkeys, app and recovery codes are gone"},
		{[]string{"version"}, "", app.Version},
	} {
		code, out, err := call(t, c.input, c.args...)
		if code != done || !strings.Contains(strings.ToLower(out), strings.ToLower(c.says)) {
			t.Errorf("%v: exit %d, err %q, out %.300q; want 0 and %q", c.args, code, err, out, c.says)
		}
	}
	body, err := os.ReadFile(file)
	if err != nil || !strings.HasPrefix(string(body), "\ufeffJournal;Date;") {
		t.Errorf("the file holds %.60q, %v", body, err)
	}
	for path, begins := range map[string]string{extract: "JournalCode\t", filepath.Join(dir, "extrait_description.txt"): "Description du fichier"} {
		if body, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(body), begins) {
			t.Errorf("%s holds %.60q, %v", path, body, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".enveloppe-*")); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
	z, err := zip.OpenReader(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	if _, err := z.Open("factures.csv"); err != nil {
		t.Errorf("the archive has no index: %v", err)
	}
}
