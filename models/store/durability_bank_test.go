package store

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"enveloppe/models"
)

// What a copy of the test program does to the file the variable names, when it was started for it.
const (
	importInto  = "ENVELOPPE_TEST_IMPORT_INTO"  // import the file that waits, saying how far it is
	confirmIn   = "ENVELOPPE_TEST_CONFIRM_IN"   // confirm two matches and undo them, again and again
	confirmOnce = "ENVELOPPE_TEST_CONFIRM_ONCE" // confirm them once, at a word on standard input
)

// playPart is what TestMain calls before any test.
func playPart() {
	ctx := context.Background()
	for name, part := range map[string]func(context.Context, *Store) error{
		importInto: importAloud, confirmIn: confirmAndUndo, confirmOnce: confirmAtAWord,
	} {
		path := os.Getenv(name)
		if path == "" {
			continue
		}
		s, err := OpenShared(ctx, Options{Path: path})
		if err == nil {
			err = part(ctx, s)
		}
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
}

var director = models.Actor{Organisation: 1, Person: nadia, Name: "Nadia", Role: models.Director, At: noon}

func importAloud(ctx context.Context, s *Store) error {
	files, err := s.Statements(ctx, 1)
	if err != nil || len(files) == 0 {
		return fmt.Errorf("nothing waits: %w", err)
	}
	_, err = s.ImportStatement(ctx, director, files[0].ID, func(done, total int) { fmt.Println(done, "of", total) })
	return err
}

// bothMatches pay March's and April's charges.
var bothMatches = []models.Match{
	{Line: marchLine, SubscriptionID: dropboxSub, ChargeOn: march},
	{Line: aprilLine, SubscriptionID: dropboxSub, ChargeOn: day("2026-04-30")},
}

func confirmAndUndo(ctx context.Context, s *Store) error {
	for {
		n, err := s.ConfirmMatches(ctx, director, bothMatches, today)
		if err != nil {
			return err
		}
		fmt.Println(n)
		for _, m := range bothMatches {
			if err := s.UndoMatch(ctx, director, m.Line); err != nil {
				return err
			}
		}
	}
}

func confirmAtAWord(ctx context.Context, s *Store) error {
	fmt.Println("ready")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return err
	}
	n, err := s.ConfirmMatches(ctx, director, bothMatches, today)
	fmt.Println(n)
	return err
}

// child starts a copy of the test program in one of its parts.
func child(t *testing.T, part, path string) (*exec.Cmd, *bufio.Scanner, io.Writer) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), part+"="+path)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out), in
}

// furnishedFile is a furnished house that has been left.
func furnishedFile(t *testing.T) (path string) {
	t.Helper()
	h := newFurnishedHouse(t)
	path = h.path
	h.stage(statementText(30_000))
	h.ok(h.Close())
	return path
}

func reopened(t *testing.T, path string) *house {
	t.Helper()
	return &house{t, open1(t, path), t.Context(), 1, director}
}

// A process killed in the middle of an import leaves nothing of it, and the file still waits.
func TestKilledWhileImporting(t *testing.T) {
	path := furnishedFile(t)
	for round := range 3 {
		cmd, said, _ := child(t, importInto, path)
		for n := 0; said.Scan(); n++ {
			if !strings.Contains(said.Text(), " of ") {
				t.Fatalf("the import says %q", said.Text())
			}
			if n == 1+round {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
				break
			}
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("the import was over before it was killed: give it more lines")
		}
		h := reopened(t, path)
		if lines := len(h.everything()["bank_lines"]); lines != 6 || h.stagedFile() == 0 {
			t.Errorf("round %d: %d lines, file %d", round, lines, h.stagedFile())
		}
		h.ok(h.Close())
	}
	h := reopened(t, path)
	im, err := h.ImportStatement(h.ctx, h.by, h.stagedFile(), nil)
	if err != nil || im.Added != 30_000 {
		t.Errorf("imported %+v, %v", im, err)
	}
	h.wellFormed()
}

// A process killed while it confirms matches and undoes them leaves each confirmation whole or undone.
func TestKilledWhileConfirming(t *testing.T) {
	path := furnishedFile(t)
	for round := range 5 {
		cmd, said, _ := child(t, confirmIn, path)
		for n := 0; n < 2+3*round && said.Scan(); n++ {
			// After a kill some of both may be confirmed already.
			if !slices.Contains([]string{"0", "1", "2"}, said.Text()) {
				t.Fatalf("it says %q", said.Text())
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		h := reopened(t, path)
		standing := 0
		for _, p := range h.reg().Payments {
			if p.Stands() && p.ID != aPayment {
				standing++
			}
		}
		lines, err := h.BankLines(h.ctx, h.org, BankLineFilter{State: "paid"})
		h.ok(err)
		if standing != len(lines)-1 {
			t.Errorf("round %d: %d payments stand, %d lines are paid", round, standing, len(lines))
		}
		// Both are confirmed together; they are undone one by one, March first.
		if !h.bankLine(marchLine).Open() && h.bankLine(aprilLine).Open() {
			t.Errorf("round %d: half of a confirmation", round)
		}
		h.wellFormed()
		h.ok(h.Close())
	}
}

// Two processes that confirm the same lines at once record each payment once.
func TestTwoProcessesConfirmOnce(t *testing.T) {
	path := furnishedFile(t)
	keeper := reopened(t, path) // so that nobody migrates or checks in between
	var said []*bufio.Scanner
	var words []io.Writer
	var cmds []*exec.Cmd
	for range 2 {
		cmd, out, in := child(t, confirmOnce, path)
		if !out.Scan() || out.Text() != "ready" {
			t.Fatalf("it says %q", out.Text())
		}
		cmds, said, words = append(cmds, cmd), append(said, out), append(words, in)
	}
	for _, w := range words {
		if _, err := io.WriteString(w, "go\n"); err != nil {
			t.Fatal(err)
		}
	}
	var answers []string
	for i, cmd := range cmds {
		for said[i].Scan() {
			answers = append(answers, said[i].Text())
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %v", answers, err)
		}
	}
	if slices.Sort(answers); !slices.Equal(answers, []string{"0", "2"}) {
		t.Errorf("confirmed %v", answers)
	}
	if n := len(keeper.reg().Payments); n != 3 {
		t.Errorf("%d payments", n)
	}
	keeper.same()
	keeper.wellFormed()
}

// A table that refuses a row in the middle of a batch leaves nothing of it.
func TestHalfABatchIsNone(t *testing.T) {
	h := newFurnishedHouse(t)
	id := h.stage(statementText(250))
	for table, do := range map[string]func() error{
		"payments": func() error { return firstInt(h.ConfirmMatches(h.ctx, h.by, bothMatches, today)) },
		"bank_lines": func() error {
			_, err := h.ImportStatement(h.ctx, h.by, id, nil)
			return err
		},
		"attachments": func() error { return first(h.Attach(h.ctx, h.by, aPayment, NamedFile{"x.pdf", other})) },
		"audit":       func() error { return first(h.CloseAccounts(h.ctx, h.by, models.Closing{Through: march}, today)) },
	} {
		t.Run(table, func(t *testing.T) {
			h.TB = t
			h.ok(h.writer.Exec("CREATE TABLE seen (n INTEGER)").Error)
			h.ok(h.writer.Exec(`CREATE TRIGGER broken AFTER INSERT ON ` + table + ` BEGIN INSERT INTO seen VALUES (1);
				SELECT raise(ABORT, 'broken') WHERE (SELECT count(*) FROM seen) > CASE '` + table + `' WHEN 'payments' THEN 1 WHEN 'bank_lines' THEN 210 ELSE 0 END; END`).Error)
			h.refuses(errBroken, func() error {
				err := do()
				if err != nil && strings.Contains(err.Error(), "broken") {
					return errBroken
				}
				return err
			})
			h.ok(h.writer.Exec("DROP TRIGGER broken").Error)
			h.ok(h.writer.Exec("DROP TABLE seen").Error)
		})
	}
}

// A backup carries files, lines and what waits.
func TestBackupCarriesFilesAndLines(t *testing.T) {
	h := newFurnishedHouse(t)
	h.stage(statementText(3))
	to := filepath.Join(t.TempDir(), "copy.db")
	h.ok(h.Backup(h.ctx, to))
	copied := reopened(t, to)
	if _, content, err := copied.Content(h.ctx, h.org, aFile); err != nil || string(content) != string(pdf) {
		t.Errorf("content %q, %v", content, err)
	}
	if a, b := h.everything(), copied.everything(); !slices.Equal(a["bank_lines"], b["bank_lines"]) || !slices.Equal(a["statement_files"], b["statement_files"]) {
		t.Error("the copy differs")
	}
}
