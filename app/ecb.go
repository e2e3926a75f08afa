package app

import (
	"context"
	"errors"
	"net/url"
	"time"

	"enveloppe/app/jobs"
	"enveloppe/app/outbound"
	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/eurofxref"
)

// ecb brings the files of reference rates from their folder.
type ecb struct {
	client *outbound.Client
	folder *url.URL
}

// fetchTime bounds the fetch of a file: a page that asks for one has time left to say that it did not come.
const fetchTime = 20 * time.Second

// newECB is where rates come from; none when they are not to be fetched, or when the program acts on another day, which
// must not get the rates of the real one.
func newECB(c Config) jobs.Published {
	if c.Rates == nil || !c.Today.IsZero() {
		return nil
	}
	client := outbound.New(outbound.Options{Allow: c.Internal, Timeout: fetchTime, MaxBytes: eurofxref.MaxSize, Agent: "enveloppe/" + Version})
	return ecb{client, c.Rates}
}

// File brings one file, by name.
func (e ecb) File(ctx context.Context, name string) ([]byte, error) {
	content, err := e.client.Get(ctx, e.folder.JoinPath(name).String())
	if failed, ok := errors.AsType[*outbound.Error](err); ok {
		return nil, jobs.Unfetched{Rule: "fetch." + string(failed.Reason), Host: failed.Host, Status: failed.Status, Detail: failed.Detail}
	}
	return content, err
}

// rateDesk is how the screens ask for rates.
type rateDesk struct {
	jobs *jobs.Jobs
	// off says why rates are not fetched: "off" by the settings, "today" because the program acts on another day.
	off string
}

func newRateDesk(c Config, j *jobs.Jobs) rateDesk {
	switch {
	case c.Rates == nil:
		return rateDesk{j, "off"}
	case !c.Today.IsZero():
		return rateDesk{j, "today"}
	}
	return rateDesk{jobs: j}
}

// Off says why rates are not fetched; empty when they can be.
func (d rateDesk) Off() string { return d.off }

// Alone tells whether they come without anybody asking.
func (d rateDesk) Alone() bool { return d.off == "" && !d.jobs.RatesByHand }

// Last is what became of the last fetch.
func (d rateDesk) Last(ctx context.Context, organisation models.ID) (eurofxref.Fetch, error) {
	return d.jobs.LastRates(ctx, organisation)
}

// Fetch fetches what is missing now.
func (d rateDesk) Fetch(ctx context.Context, by models.Actor, today cal.Date) (eurofxref.Fetch, error) {
	asked, err := d.jobs.FetchRates(ctx, by, today)
	if failed, ok := errors.AsType[jobs.Unfetched](err); ok {
		return asked, models.Invalid{{Rule: failed.Rule, Args: []any{"host", failed.Host, "status", failed.Status}}}
	}
	if unreadable, ok := errors.AsType[*eurofxref.Unreadable](err); ok {
		return asked, models.Invalid{{Rule: unreadable.Rule}}
	}
	return asked, err
}
