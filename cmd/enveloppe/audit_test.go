package main

import (
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestAuditFindsWhatWasNotedAndWhatWasChanged(t *testing.T) {
	db := sampleFile(t)
	_, out, _ := call(t, "", "audit", "verify", "--db", db)
	noted := regexp.MustCompile(`[0-9a-f]{64}`).FindString(out)
	if noted == "" {
		t.Fatalf("no hash to note down: %q", out)
	}
	file := filepath.Join(t.TempDir(), "journal.csv")
	if code, _, err := call(t, "", "audit", "export", "--from", "2020-01-01", "--out", file, "--db", db); code != done {
		t.Fatal(err)
	}
	if body, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(body), "\ufeffNuméro;Quand;Qui") || !strings.Contains(string(body), noted) {
		t.Errorf("the file holds %.200q, %v", body, err)
	}
	if code, out, err := call(t, "", "audit", "verify", "--head", strings.ToUpper(noted), "--db", db); code != done || !strings.Contains(out, "nothing has changed up to there") {
		t.Errorf("exit %d, %q, %q", code, out, err)
	}
	file2, err := sql.Open(sql.Drivers()[0], db)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"DROP TRIGGER audit_stays", "UPDATE audit SET name = 'x' WHERE id = (SELECT min(id) FROM audit)"} {
		if _, err := file2.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	if err := file2.Close(); err != nil {
		t.Fatal(err)
	}
	if code, _, err := call(t, "", "audit", "verify", "--db", db); code != failed || !strings.Contains(err, "is not whole: entry") {
		t.Errorf("exit %d, %q", code, err)
	}
}
