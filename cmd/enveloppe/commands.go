package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"strings"

	"enveloppe/app"
)

type command func(ctx context.Context, args []string, t terminal) error

var commands = map[string]command{
	"serve": serve, "demo": demo, "digest": digest, "export": export, "import": importFile, "backup": backup, "restore": restore, "audit": audit, "user": user, "jobs": runJobs,
	"version": version,
}

// line reads one command's flags and words, in any order.
type line struct {
	*flag.FlagSet
	settings app.Settings
	help     func()
}

func newLine(name, usage string, t terminal) *line {
	l := &line{FlagSet: flag.NewFlagSet(name, flag.ContinueOnError)}
	l.settings.Getenv = t.getenv
	l.SetOutput(io.Discard)
	l.StringVar(&l.settings.DB, "db", "", "`FILE` of the register (ENVELOPPE_DB; enveloppe.db)")
	l.StringVar(&l.settings.Today, "today", "", "act as if it were this `DAY`, 2026-12-01 (ENVELOPPE_TODAY; the real one)")
	l.StringVar(&l.settings.Lang, "lang", "", "`LANGUAGE`, fr or en (ENVELOPPE_LANG; each person's own)")
	l.BoolVar(&l.settings.Verbose, "v", false, "log more")
	l.Usage = func() {} // the package prints it after every mistake; here it is for who asks
	l.help = func() {
		fmt.Fprintf(t.out, "Usage: enveloppe %s\n\n", usage)
		l.SetOutput(t.out)
		l.PrintDefaults()
		l.SetOutput(io.Discard)
	}
	return l
}

func (l *line) listening() {
	l.StringVar(&l.settings.Addr, "addr", "", "`HOST:PORT` to listen on (ENVELOPPE_ADDR; localhost:8080)")
}

// parse reads flags before, between and after the words, and wants so many words.
func (l *line) parse(args []string, want int, what string) ([]string, error) {
	var words []string
	for {
		if err := l.FlagSet.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				l.help()
				return nil, err
			}
			return nil, usagef("%s; enveloppe %s -h lists the flags", err, l.Name())
		}
		if l.NArg() == 0 {
			break
		}
		words, args = append(words, l.Arg(0)), l.Args()[1:]
	}
	if len(words) != want {
		return nil, usagef("%s; enveloppe %s -h says more", what, l.Name())
	}
	return words, nil
}

// open reads the settings and opens the register.
func (l *line) open(ctx context.Context, access app.Access, t terminal) (*app.App, error) {
	c, err := l.settings.Read()
	if err != nil {
		return nil, err
	}
	if access == app.Beside {
		if _, err := os.Stat(c.DB); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("there is no file %s; give the register's with --db", c.DB)
		}
	}
	return app.Open(ctx, c, access, t.err)
}

func serve(ctx context.Context, args []string, t terminal) error {
	l := newLine("serve", "[serve] [--addr HOST:PORT] [--db FILE]", t)
	l.listening()
	if _, err := l.parse(args, 0, "serve takes no words"); err != nil {
		return err
	}
	a, err := l.open(ctx, app.Alone, t)
	if err != nil {
		return err
	}
	code, err := a.FirstRunCode(ctx)
	if err == nil {
		err = a.Serve(ctx, false, func(base *url.URL) {
			fmt.Fprintf(t.out, "Enveloppe is open on %s\n", base)
			if code != "" {
				fmt.Fprintf(t.out, "First run: open %s/setup and type the code %s\n", base, code)
			}
		})
	}
	return errors.Join(err, a.Close())
}

func demo(ctx context.Context, args []string, t terminal) error {
	l := newLine("demo", "demo [--addr HOST:PORT] [--db NEWFILE]", t)
	l.listening()
	if _, err := l.parse(args, 0, "demo takes no words"); err != nil {
		return err
	}
	// The demonstration is on a throw-away file whatever the environment says: only a flag keeps one.
	kept, remove := l.settings.DB, func() error { return nil }
	if kept == "" {
		path, away, err := app.DemoFile()
		if err != nil {
			return err
		}
		l.settings.DB, remove = path, away
	} else if _, err := os.Stat(kept); err == nil {
		return usagef("%s is there already; give demo a new file, or open this one with enveloppe serve --db %s", kept, kept)
	}
	a, err := l.open(ctx, app.Alone, t)
	if err != nil {
		return errors.Join(err, remove())
	}
	if _, err = a.PlantSample(ctx, a.Config.Lang); err == nil {
		err = a.Serve(ctx, true, func(base *url.URL) {
			fmt.Fprintf(t.out, "The sample association is open on %s (Ctrl-C ends the demonstration)\n", base)
		})
	}
	return errors.Join(err, a.Close(), remove())
}

func digest(ctx context.Context, args []string, t terminal) error {
	l := newLine("digest", "digest [--month 2026-12] [--format text|html|eml] [--send]", t)
	var o app.DigestOptions
	l.StringVar(&o.Month, "month", "", "`MONTH` of the digest, 2026-12 (this month)")
	l.StringVar(&o.Format, "format", "text", "text, html or eml")
	l.BoolVar(&o.Send, "send", false, "send it to the people who chose it")
	if _, err := l.parse(args, 0, "digest takes no words"); err != nil {
		return err
	}
	if err := o.Check(); err != nil {
		return err
	}
	return with(ctx, l, t, func(a *app.App) error { return a.Digest(ctx, t.out, o) })
}

// with opens the register beside a server that may run, and closes it.
func with(ctx context.Context, l *line, t terminal, do func(*app.App) error) error {
	a, err := l.open(ctx, app.Beside, t)
	if err != nil {
		return err
	}
	return errors.Join(do(a), a.Close())
}

func export(ctx context.Context, args []string, t terminal) error {
	known := strings.Join(app.ExportKinds(), ", ")
	l := newLine("export", "export KIND [--year 2026] [--from 2026-01 --to 2026-03] [--out FILE]; KIND is one of\n"+known+".\nreview is the annual review as PDF pages in the --lang asked for: those kept when it was closed, else a draft.\nWhat the register notes: that the file was handed out, so that what is recorded after it can be told", t)
	o := app.ExportOptions{}
	l.IntVar(&o.Year, "year", 0, "fiscal `YEAR`, by the calendar year it begins in (that of --from, else this one)")
	l.StringVar(&o.From, "from", "", "first `MONTH`, 2026-01 (the year's first)")
	l.StringVar(&o.To, "to", "", "last `MONTH`, 2026-03 (the year's last)")
	l.StringVar(&o.Out, "out", "", "`FILE` to write; fec gets its description beside it (standard output)")
	l.StringVar(&o.Encoding, "encoding", "", "utf-8 or windows-1252; for fec and fec-notice utf-8 or iso-8859-15 (utf-8)")
	l.IntVar(&o.Digits, "accounts", 0, "fill accounts up with zeros to so many `DIGITS`, 6 or 8 (as they are)")
	l.BoolVar(&o.Closing, "closing", false, "with the closing entries of account 486")
	l.BoolVar(&o.Program, "import", false, "for a program that imports it, rather than for people who open it")
	words, err := l.parse(args, 1, "say which file: "+known)
	if err != nil {
		return err
	}
	o.Kind = words[0]
	if err := o.Check(); err != nil {
		return err
	}
	return with(ctx, l, t, func(a *app.App) error { return a.Export(ctx, t.out, t.err, o) })
}

func importFile(ctx context.Context, args []string, t terminal) error {
	l := newLine("import", "import FILE [--account NAME] [--dry-run]; FILE is a bank statement (CSV, OFX, CAMT.053) or the\n"+
		"European Central Bank's reference rates (daily or 90-day XML, historical zip or CSV), told apart by its content", t)
	var o app.ImportOptions
	l.StringVar(&o.Account, "account", "", "`NAME` or number of the account the statement is of; a name not known yet makes a new account\n(the account whose number the file has)")
	l.BoolVar(&o.DryRun, "dry-run", false, "say what would happen, and change nothing")
	words, err := l.parse(args, 1, "say which file: import FILE")
	if err != nil {
		return err
	}
	o.File = words[0]
	return with(ctx, l, t, func(a *app.App) error { return a.Import(ctx, t.out, o) })
}

func backup(ctx context.Context, args []string, t terminal) error {
	l := newLine("backup", "backup FILE", t)
	words, err := l.parse(args, 1, "say where to: backup FILE")
	if err != nil {
		return err
	}
	return with(ctx, l, t, func(a *app.App) error { return a.Backup(ctx, t.out, words[0]) })
}

func restore(ctx context.Context, args []string, t terminal) error {
	l := newLine("restore", "restore FILE", t)
	words, err := l.parse(args, 1, "say what from: restore FILE")
	if err != nil {
		return err
	}
	c, err := l.settings.Read()
	if err != nil {
		return err
	}
	return app.Restore(ctx, t.out, c, words[0])
}

func audit(ctx context.Context, args []string, t terminal) error {
	l := newLine("audit", "audit verify [--head HASH] | audit export [--from DAY] [--to DAY] [--out FILE]", t)
	var o app.AuditOptions
	l.StringVar(&o.Head, "head", "", "`HASH` noted earlier, to be found again, for verify")
	l.StringVar(&o.From, "from", "", "first `DAY`, 2026-12-01, for export (the first entry's)")
	l.StringVar(&o.To, "to", "", "last `DAY`, for export (the last entry's)")
	l.StringVar(&o.Out, "out", "", "`FILE` to write, for export (standard output)")
	words, err := l.parse(args, 1, "write audit verify or audit export")
	if err != nil {
		return err
	}
	if err := o.Check(); err != nil {
		return err
	}
	switch words[0] {
	case "verify":
		if o.From+o.To+o.Out != "" {
			return usagef("audit verify reads the whole log: --from, --to and --out are for audit export")
		}
		return with(ctx, l, t, func(a *app.App) error { return a.VerifyAudit(ctx, t.out, o) })
	case "export":
		if o.Head != "" {
			return usagef("--head is for audit verify")
		}
		return with(ctx, l, t, func(a *app.App) error { return a.ExportAudit(ctx, t.out, o) })
	}
	return usagef("there is no audit %q; write audit verify or audit export", words[0])
}

func user(ctx context.Context, args []string, t terminal) error {
	l := newLine("user", "user add|password --email ADDRESS; the password is read from standard input", t)
	var p app.NewUser
	l.StringVar(&p.Email, "email", "", "`ADDRESS` to sign in with")
	l.StringVar(&p.Name, "name", "", "`NAME` of the person, for add")
	l.StringVar(&p.Role, "role", "staff", "director, editor, accountant or staff, for add")
	l.BoolVar(&p.Digest, "digest", false, "the person wants the monthly digest, for add")
	over := l.Bool("start-over", false, "take passkeys, app and recovery codes away too, for password: when they are lost")
	words, err := l.parse(args, 1, "write user add or user password")
	if err != nil {
		return err
	}
	if p.Email == "" {
		return usagef("give the person's address with --email")
	}
	if words[0] != "add" && words[0] != "password" {
		return usagef("there is no user %q; write user add or user password", words[0])
	}
	if *over && words[0] != "password" {
		return usagef("--start-over is for user password")
	}
	plain, err := bufio.NewReader(t.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the password: %w", err)
	}
	plain = strings.TrimRight(plain, "\r\n")
	return with(ctx, l, t, func(a *app.App) error {
		if words[0] == "add" {
			return a.AddUser(ctx, t.out, p, plain)
		}
		return a.SetUserPassword(ctx, t.out, p.Email, plain, *over)
	})
}

func runJobs(ctx context.Context, args []string, t terminal) error {
	l := newLine("jobs", "jobs list | jobs run NAME", t)
	if len(args) > 0 && args[0] == "list" {
		if _, err := l.parse(args, 1, "write jobs list"); err != nil {
			return err
		}
		return with(ctx, l, t, func(a *app.App) error { return a.ListJobs(ctx, t.out) })
	}
	words, err := l.parse(args, 2, "write jobs list or jobs run NAME")
	if err != nil {
		return err
	}
	if words[0] != "run" {
		return usagef("there is no jobs %q; write jobs list or jobs run NAME", words[0])
	}
	return with(ctx, l, t, func(a *app.App) error { return a.RunJob(ctx, t.out, words[1]) })
}

func version(_ context.Context, _ []string, t terminal) error {
	_, err := fmt.Fprintln(t.out, app.Version)
	return err
}
