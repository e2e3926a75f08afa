package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/eurofxref"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

// Published brings the files of reference rates from where they are published.
type Published interface {
	// File brings one of package eurofxref's files. What keeps it from coming is an Unfetched.
	File(ctx context.Context, name string) ([]byte, error)
}

// Unfetched is a file that did not come: the rule of a sentence for people, and what it speaks of.
type Unfetched struct {
	Rule   string // "fetch.timeout"
	Host   string
	Status int    // of an answer that was refused
	Detail string // in English; may be empty
}

func (u Unfetched) Error() string {
	said := words.In(words.EN).Problem(u.Rule, "host", u.Host, "status", u.Status)
	if u.Detail != "" {
		said += " (" + u.Detail + ")"
	}
	return said
}

// ErrRatesOff is answered when the program was told to fetch no rates.
var ErrRatesOff = errors.New("reference rates are not fetched: ENVELOPPE_RATES_URL is off, or the program acts as if it were another day")

// Rates fetches the reference rates that the register misses, and that are published by now and not asked for yet. What
// fails is tried again an hour later, and changes nothing but the record of it.
func (j *Jobs) Rates(ctx context.Context, organisation models.ID, today cal.Date, at time.Time) (string, error) {
	if j.Published == nil || j.RatesByHand {
		return "not fetched by itself", nil
	}
	last, err := j.LastRates(ctx, organisation)
	if err != nil {
		return "", err
	}
	r, err := j.Store.Register(ctx, organisation)
	if err != nil {
		return "", err
	}
	published := publishedBy(at)
	missing := last.Missing(wants(r, today), published)
	if len(missing) == 0 {
		return "nothing missing", nil
	}
	// A currency new to the register makes another slot, and so is fetched at once.
	file := eurofxref.FileFor(missing, published)
	name, slot := fmt.Sprintf("rates/%d", organisation), at.UTC().Format("2006-01-02 15h ")+file+" "+codes(missing)
	mine, err := j.Store.ClaimRun(ctx, name, slot, at)
	if err != nil || !mine {
		return "tried this hour already", err
	}
	by := models.Actor{Organisation: organisation, Name: "enveloppe", Role: models.Director, From: "job", At: at.UTC()}
	now, err := j.fetchRates(ctx, by, today, last, missing)
	if ctx.Err() != nil { // stopped in the middle: not the other side's fault
		return "", errors.Join(err, j.Store.ForgetRun(context.WithoutCancel(ctx), name, slot))
	}
	outcome, detail := "done", fetched(now)
	if err != nil {
		outcome, detail = "failed", err.Error()
	}
	return detail, errors.Join(err, j.Store.FinishRun(ctx, name, slot, at, outcome, detail))
}

// RatesNow is the job run by hand: it does not wait for the next hour.
func (j *Jobs) RatesNow(ctx context.Context, organisation models.ID, today cal.Date, at time.Time) (string, error) {
	now, err := j.FetchRates(ctx, models.Actor{Organisation: organisation, Name: "enveloppe", Role: models.Director, From: "job", At: at.UTC()}, today)
	return fetched(now), err
}

// fetched says what a fetch brought; nothing was asked when nothing is missing.
func fetched(f eurofxref.Fetch) string {
	if f.At.IsZero() {
		return "nothing missing"
	}
	return fmt.Sprintf("%s up to %s: %d added, %d known with another figure, %d bad lines", f.File, f.Last, f.Added, f.Differ, f.Faults)
}

// FetchRates fetches at once for whoever asks, whatever was asked for before. A fetch without an instant means that
// nothing is missing. The error is ErrRatesOff, an Unfetched, an *eurofxref.Unreadable, or a fault.
func (j *Jobs) FetchRates(ctx context.Context, by models.Actor, today cal.Date) (eurofxref.Fetch, error) {
	if j.Published == nil {
		return eurofxref.Fetch{}, ErrRatesOff
	}
	last, err := j.LastRates(ctx, by.Organisation)
	if err != nil {
		return eurofxref.Fetch{}, err
	}
	r, err := j.Store.Register(ctx, by.Organisation)
	if err != nil {
		return eurofxref.Fetch{}, err
	}
	missing := eurofxref.Fetch{}.Missing(wants(r, today), publishedBy(by.At))
	if len(missing) == 0 {
		return eurofxref.Fetch{}, nil
	}
	return j.fetchRates(ctx, by, today, last, missing)
}

// fetchRates fetches what is missing, enters it, and keeps what became of it.
func (j *Jobs) fetchRates(ctx context.Context, by models.Actor, today cal.Date, last eurofxref.Fetch, missing []eurofxref.Want) (eurofxref.Fetch, error) {
	published := publishedBy(by.At)
	now := eurofxref.Fetch{At: by.At, File: eurofxref.FileFor(missing, published), DoneAt: last.DoneAt, Asked: last.Asked}
	err := j.enterRates(ctx, by, today, &now, missing)
	var off Unfetched
	var unreadable *eurofxref.Unreadable
	switch {
	case err == nil:
		now.DoneAt, now.Asked = by.At, now.Done(missing, published, now.Last)
	case ctx.Err() != nil:
		return now, err
	case errors.As(err, &off):
		now.Rule, now.Host, now.Status, now.Detail = off.Rule, off.Host, off.Status, off.Detail
	case errors.As(err, &unreadable):
		now.Rule = unreadable.Rule
	default:
		return now, err
	}
	return now, errors.Join(err, j.keepRates(ctx, by.Organisation, now))
}

// enterRates takes from the file what is missed and enters it into the register.
func (j *Jobs) enterRates(ctx context.Context, by models.Actor, today cal.Date, now *eurofxref.Fetch, missing []eurofxref.Want) error {
	content, err := j.download(ctx, now.File, by.At)
	if err != nil {
		return err
	}
	published, faults, err := eurofxref.Parse(content, nil)
	if err != nil {
		return err
	}
	now.Faults = len(faults)
	first := make(map[money.Currency]cal.Date, len(missing))
	for _, w := range missing {
		first[w.Currency] = w.From
	}
	var rates []models.ReferenceRate
	for _, p := range published {
		now.Last = cal.Max(now.Last, p.Day)
		if from, ok := first[p.Currency]; ok && !p.Day.Before(from) {
			rates = append(rates, models.ReferenceRate{Currency: p.Currency, Day: p.Day, Rate: p.Rate, Source: models.RateECB})
		}
	}
	if len(rates) == 0 {
		return nil
	}
	imported, err := j.Store.ImportRates(ctx, by, rates, today)
	now.Added, now.Differ = imported.Added, imported.Differ
	return err
}

// round is what was downloaded at one instant: all organisations of a round share it.
type round struct {
	at    time.Time
	files map[string]downloaded
}

type downloaded struct {
	content []byte
	err     error
}

// download brings a file, once a round.
func (j *Jobs) download(ctx context.Context, file string, at time.Time) ([]byte, error) {
	j.fetching.Lock()
	defer j.fetching.Unlock()
	if j.fetched.files == nil || !j.fetched.at.Equal(at) {
		j.fetched = round{at, map[string]downloaded{}}
	}
	d, ok := j.fetched.files[file]
	if !ok {
		d.content, d.err = j.Published.File(ctx, file)
		if ctx.Err() != nil {
			return nil, errors.Join(d.err, ctx.Err())
		}
		j.fetched.files[file] = d
	}
	return d.content, d.err
}

// LastRates is what became of the last fetch for an organisation.
func (j *Jobs) LastRates(ctx context.Context, organisation models.ID) (eurofxref.Fetch, error) {
	text, err := j.Store.Meta(ctx, ratesKey(organisation))
	var f eurofxref.Fetch
	if err == nil && text != "" {
		err = json.Unmarshal([]byte(text), &f)
	}
	if err != nil {
		return f, fmt.Errorf("read what became of the last rates: %w", err)
	}
	return f, nil
}

func (j *Jobs) keepRates(ctx context.Context, organisation models.ID, f eurofxref.Fetch) error {
	text, err := json.Marshal(f)
	if err == nil {
		err = j.Store.SetMeta(ctx, ratesKey(organisation), string(text))
	}
	if err != nil {
		return fmt.Errorf("keep what became of the rates: %w", err)
	}
	return nil
}

func ratesKey(organisation models.ID) string { return fmt.Sprintf("rates/%d", organisation) }

// wants are the rates the register misses.
func wants(r *models.Register, today cal.Date) []eurofxref.Want {
	wanted := r.RatesWanted(today)
	list := make([]eurofxref.Want, len(wanted))
	for i, w := range wanted {
		list[i] = eurofxref.Want(w)
	}
	return list
}

func codes(list []eurofxref.Want) string {
	all := make([]string, len(list))
	for i, w := range list {
		all[i] = string(w.Currency)
	}
	return strings.Join(all, "+")
}

// publishedBy is the last day whose rates are out at an instant: the Bank lives by Frankfurt's clock, wherever the
// organisation is.
func publishedBy(at time.Time) cal.Date {
	zone, err := time.LoadLocation(eurofxref.Zone)
	if err != nil {
		zone = time.UTC // an hour or two late, never early
	}
	local := at.In(zone)
	return eurofxref.Published(cal.Of(local), local.Hour())
}
