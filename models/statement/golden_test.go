package statement_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models/statement"
)

var update = flag.Bool("update", false, "write the golden files anew")

// fixtures are files after the public layouts of banks and of formats; what they tell is invented.
func fixtures(t testing.TB) []string {
	t.Helper()
	names, err := filepath.Glob("testdata/*.*")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, name := range names {
		if !strings.HasSuffix(name, ".golden") {
			out = append(out, name)
		}
	}
	if len(out) < 25 {
		t.Fatalf("%d fixtures only", len(out))
	}
	return out
}

func load(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// described writes all that a head says, one fact a line.
func described(h statement.Head) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\naccount %q of %v\ncurrency %s\ncolumns %q\n%d lines, %d faults, %s to %s\n",
		h.Format, h.Layout, h.Account, h.Accounts, h.Currency, h.Columns, h.Count, h.FaultCount, h.From, h.To)
	for _, l := range h.Lines {
		fmt.Fprintf(&b, "%d | %s | %s | %s | %q | %q | %s\n", l.Row, l.Day, l.Amount, l.Original, l.Label, l.Party, l.Key)
	}
	for _, f := range h.Faults {
		fmt.Fprintf(&b, "fault %d | %s | %q\n", f.Row, f.Rule, f.Text)
	}
	return b.String()
}

func TestFixtures(t *testing.T) {
	for _, name := range fixtures(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			h, err := statement.Inspect(load(t, name), nil)
			if err != nil {
				t.Fatal(err)
			}
			got := described(h)
			golden := name + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(load(t, golden)), got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
