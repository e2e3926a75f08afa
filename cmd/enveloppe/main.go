// Command enveloppe keeps a small organisation's online services inside their budget.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // time zones also where the machine has none

	"enveloppe/app"
)

// Exit codes.
const (
	done   = 0
	failed = 1
	misuse = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], terminal{os.Stdin, os.Stdout, os.Stderr, os.Getenv})
	stop()
	os.Exit(code)
}

// terminal is what the program has around it.
type terminal struct {
	in       io.Reader
	out, err io.Writer
	getenv   func(string) string
}

// errUsage is wrong usage; its text says what to write instead.
type errUsage struct{ text string }

func (e errUsage) Error() string { return e.text }

func usagef(format string, args ...any) error { return errUsage{fmt.Sprintf(format, args...)} }

// run does what the arguments say and gives the exit code.
func run(ctx context.Context, args []string, t terminal) int {
	name := "serve"
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		name, args = args[0], args[1:]
	}
	if name == "help" || (name == "serve" && len(args) == 1 && (args[0] == "-h" || args[0] == "--help" || args[0] == "-help")) {
		fmt.Fprint(t.out, overview)
		return done
	}
	cmd, ok := commands[name]
	if !ok {
		fmt.Fprintf(t.err, "enveloppe: there is no command %q; enveloppe -h lists them\n", name)
		return misuse
	}
	err := cmd(ctx, args, t)
	var usage errUsage
	var faults app.Faults
	switch {
	case err == nil:
		return done
	case errors.Is(err, flag.ErrHelp):
		return done
	case errors.As(err, &usage), errors.As(err, &faults):
		fmt.Fprintf(t.err, "enveloppe %s: %s\n", name, err)
		return misuse
	}
	fmt.Fprintf(t.err, "enveloppe %s: %s\n", name, app.Explain(err))
	return failed
}

const overview = `enveloppe keeps a small organisation's online services inside their budget.

  enveloppe [serve]            the web app, by default on http://localhost:8080 with its data in ./enveloppe.db
  enveloppe demo               the same with a sample association, signed in, on a throw-away database
  enveloppe digest             print the monthly digest; --send sends it
  enveloppe export KIND        write a file for the accountant: journal, invoices, fec, prepaid, workbook and others
  enveloppe import FILE        read a bank statement or reference rates; --dry-run only says what would happen
  enveloppe backup FILE        copy the database while it is in use
  enveloppe restore FILE       put a copy in its place
  enveloppe audit verify       check that the audit log is whole; audit export writes it as CSV
  enveloppe user add|password  add a person who signs in, or give a new password
  enveloppe jobs list|run      the scheduled jobs, and running one by hand

Every command takes --db FILE, --today YYYY-MM-DD (act as if it were that day), --lang fr|en and -v.
Settings can also be given as variables: ENVELOPPE_DB, ENVELOPPE_ADDR, ENVELOPPE_BASE_URL, ENVELOPPE_LANG,
ENVELOPPE_TODAY, ENVELOPPE_PROXIES, ENVELOPPE_RATES_URL, ENVELOPPE_OUTBOUND_HOSTS, ENVELOPPE_SMTP_HOST, _PORT, _SECURITY,
_USER, _PASSWORD, _FROM, _REPLY_TO.
enveloppe COMMAND -h says more of a command. Exit codes: 0 done, 1 failed, 2 wrong usage.
`
