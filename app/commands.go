package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"enveloppe/app/jobs"
	"enveloppe/app/mail"
	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/password"
	"enveloppe/models/store"
	"enveloppe/templates/words"
)

// DigestOptions say which month's digest ("2026-12", "" for this one), in which format, and whether to send it.
type DigestOptions struct {
	Month, Format string
	Send          bool
}

// Check says what is wrong with the options, as wrong usage.
func (o DigestOptions) Check() error {
	var faults Faults
	if _, err := o.month(); err != nil {
		faults = append(faults, fmt.Sprintf("--month: %q is not a month; write for example 2026-12", o.Month))
	}
	if !slices.Contains([]string{"text", "html", "eml"}, o.Format) {
		faults = append(faults, fmt.Sprintf("--format: %q is not a format; write text, html or eml", o.Format))
	}
	return faults.err()
}

func (o DigestOptions) month() (cal.Date, error) {
	if o.Month == "" {
		return cal.Date{}, nil
	}
	return cal.Parse(o.Month + "-01")
}

// Digest prints a month's digest as text, html or eml, addressed to whoever gets it first; or sends it to all who chose it.
func (a *App) Digest(ctx context.Context, out io.Writer, o DigestOptions) error {
	month, err := o.month()
	if err != nil {
		return err
	}
	r, err := a.Organisation(ctx)
	if err != nil {
		return err
	}
	at := a.Now()
	today := r.Organisation.Today(at)
	if month.IsZero() {
		month = today.MonthStart()
	}
	if o.Send {
		said, err := a.Jobs.SendDigest(ctx, r.Organisation.ID, month, today, at)
		if err == nil {
			_, err = fmt.Fprintln(out, said)
		}
		return err
	}
	to := models.Person{Name: r.Organisation.Name, Lang: r.Organisation.Lang, Role: models.Director}
	if people := jobs.Recipients(r, today); len(people) > 0 {
		to = people[0]
	}
	if a.Config.Lang != "" {
		to.Lang = a.Config.Lang
	}
	l, err := a.Jobs.WriteDigest(ctx, r, month, today, to, "")
	if err != nil {
		return err
	}
	switch o.Format {
	case "html":
		_, err = io.WriteString(out, l.HTML)
	case "eml":
		var letter []byte
		from, address := a.Config.Mail.From, to.Email
		if from == "" {
			from = "enveloppe@" + a.Config.Base.Hostname()
		}
		if address == "" {
			address = from
		}
		letter, err = mail.Render(mail.Message{
			ID: "digest." + jobs.Period(month) + "@" + a.Config.Base.Hostname(), To: address, ToName: to.Name, Subject: l.Subject,
			Text: l.Text, HTML: l.HTML, Lang: string(l.Lang), Date: month.Time(r.Organisation.Location()),
		}, from)
		if err == nil {
			_, err = out.Write(letter)
		}
	default:
		_, err = fmt.Fprintf(out, "%s\n\n%s", l.Subject, l.Text)
	}
	return err
}

// ListJobs prints the jobs and their last runs.
func (a *App) ListJobs(ctx context.Context, out io.Writer) error {
	runs, err := a.Store.Runs(ctx, 10)
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for _, j := range a.Jobs.All() {
		zone := "local time"
		if j.Zone != "" {
			zone = j.Zone
		}
		fmt.Fprintf(t, "%s\tfrom %02d:%02d %s\t%s\n", j.Name, j.From, j.Minute, zone, j.About)
	}
	if len(runs) > 0 {
		fmt.Fprintf(t, "\nlast runs\n")
	}
	for _, r := range runs {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", r.Job, r.Slot, r.Outcome, r.Detail)
	}
	return t.Flush()
}

// RunJob runs a job by hand, for the day the program acts on.
func (a *App) RunJob(ctx context.Context, out io.Writer, name string) error {
	job, ok := a.Jobs.Named(name)
	if !ok {
		return fmt.Errorf("there is no job %q; enveloppe jobs list shows them", name)
	}
	r, err := a.Organisation(ctx)
	if err != nil {
		return err
	}
	at := a.Now()
	run := job.Run
	if job.ByHand != nil {
		run = job.ByHand
	}
	detail, err := run(ctx, r.Organisation.ID, r.Organisation.Today(at), at)
	if err == nil {
		_, err = fmt.Fprintf(out, "%s: %s\n", name, detail)
	}
	return err
}

// NewUser is a person to be added from the command line.
type NewUser struct {
	Name, Email, Role string
	Digest            bool
}

// AddUser adds a person who can sign in, as the terminal's owner may.
func (a *App) AddUser(ctx context.Context, out io.Writer, n NewUser, plain string) error {
	r, err := a.Organisation(ctx)
	if err != nil {
		return err
	}
	p := models.Person{Name: n.Name, Email: n.Email, Role: models.Role(n.Role), Digest: n.Digest, Reminders: true, SignsIn: true, Lang: cmp.Or(a.Config.Lang, r.Organisation.Lang)}
	hash, err := newPassword(plain, p.Name, p.Email)
	if err != nil {
		return err
	}
	by := a.Program(r)
	id, err := a.Store.AddPerson(ctx, by, p)
	if err == nil {
		err = a.Store.SetPassword(ctx, by, id, hash)
	}
	if err == nil {
		_, err = fmt.Fprintf(out, "%s can sign in as %s\n", p.Name, p.Email)
	}
	return err
}

// SetUserPassword gives the person with an address a new password and ends the sessions they had. Starting over takes
// their passkeys, their app and their recovery codes away, too.
func (a *App) SetUserPassword(ctx context.Context, out io.Writer, email, plain string, over bool) error {
	r, err := a.Organisation(ctx)
	if err != nil {
		return err
	}
	for _, p := range r.People {
		if p.Email == "" || !strings.EqualFold(p.Email, strings.TrimSpace(email)) { // as at sign-in
			continue
		}
		hash, err := newPassword(plain, p.Name, p.Email)
		if err != nil {
			return err
		}
		said := "the password of %s is changed\n"
		if over {
			said = "the password of %s is changed; passkeys, app and recovery codes are gone\n"
			err = a.Store.StartOver(ctx, a.Program(r), p.ID, hash)
		} else {
			err = a.Store.SetPassword(ctx, a.Program(r), p.ID, hash)
		}
		if errors.Is(err, models.ErrNotFound) {
			return fmt.Errorf("%s has no account yet; write user password without --start-over", p.Name)
		}
		if err == nil {
			_, err = fmt.Fprintf(out, said, p.Name)
		}
		return err
	}
	return fmt.Errorf("nobody has the address %q", email)
}

func newPassword(plain string, known ...string) (string, error) {
	switch password.Fault(plain, known...) {
	case "":
		return password.Hash(plain)
	case "password.short":
		return "", fmt.Errorf("the password is too short; write at least %d characters on standard input", password.MinLength)
	case "password.long":
		return "", fmt.Errorf("the password is too long; write at most %d characters", password.MaxLength)
	}
	return "", errors.New("the password is one of those tried first; choose another")
}

// Backup writes a copy of the register, while it is in use.
func (a *App) Backup(ctx context.Context, out io.Writer, path string) error {
	if err := a.Store.Backup(ctx, path); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%s holds a copy of %s\n", path, a.Config.DB)
	return err
}

// Restore puts a copy in the place of the register; what stood there is kept beside it.
func Restore(ctx context.Context, out io.Writer, c Config, from string) error {
	kept, err := store.Restore(ctx, from, c.DB)
	if err != nil {
		return err
	}
	if kept == "" {
		_, err = fmt.Fprintf(out, "%s is restored from %s\n", c.DB, from)
	} else {
		_, err = fmt.Fprintf(out, "%s is restored from %s; what stood there is kept as %s\n", c.DB, from, kept)
	}
	return err
}

// Explain puts an error of the command line in a sentence: what a rule refuses is said in the rule's words.
func Explain(err error) string {
	w := words.In(words.EN)
	var bad models.Invalid
	var refused models.Refused
	switch {
	case errors.As(err, &bad):
		said := make([]string, len(bad))
		for i, p := range bad {
			said[i] = p.Field + ": " + w.Problem(p.Rule, p.Args...)
		}
		return strings.Join(said, "\n")
	case errors.As(err, &refused):
		return w.Refusal(refused.Rule, refused.Args...)
	}
	return err.Error()
}
