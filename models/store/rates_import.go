package store

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// RatesImported is what a file of reference rates has brought.
type RatesImported struct {
	Added  int
	Known  int // there already, with the same figure
	Differ int // there already with another figure, which stays
	Future int // of a day that has not come
	Unused int // of a currency nothing is in, or of a day before anything was
	From   cal.Date
	To     cal.Date // days of those added, first and last
}

// ImportRates notes published reference rates, of the currencies in use and from the first day one is needed. A day that has
// a rate keeps it. Where nothing is new, nothing is written.
func (s *Store) ImportRates(ctx context.Context, by models.Actor, rates []models.ReferenceRate, today cal.Date) (RatesImported, error) {
	var im RatesImported
	err := s.write(ctx, by, "rate.import", mayEdit, func(a *act) error {
		r, err := a.register()
		if err != nil {
			return err
		}
		fresh := sift(r, rates, today, &im)
		if len(fresh) == 0 {
			return nil
		}
		rows := make([]rateRow, len(fresh))
		for i, rate := range fresh {
			rate.ID = a.nextID()
			rows[i].fill(rate)
			rows[i].Rec.OrganisationID, rows[i].Rec.Version = a.org.OrganisationID, a.revision()
		}
		if err := a.tx.CreateInBatches(rows, batch).Error; err != nil {
			return err
		}
		a.written["rates"] = true
		a.note("rate", 0, currenciesOf(fresh), []models.Change{
			{Field: "added", After: strconv.Itoa(im.Added)},
			{Field: "from", After: im.From.String()},
			{Field: "to", After: im.To.String()},
		})
		return nil
	})
	if err != nil {
		return RatesImported{}, err
	}
	return im, nil
}

// WeighRates is what ImportRates would bring; nothing is written.
func (s *Store) WeighRates(ctx context.Context, organisation models.ID, rates []models.ReferenceRate, today cal.Date) (RatesImported, error) {
	r, err := s.Register(ctx, organisation)
	if err != nil {
		return RatesImported{}, err
	}
	var im RatesImported
	sift(r, rates, today, &im)
	return im, nil
}

// sift keeps the rates that are new and of use.
func sift(r *models.Register, rates []models.ReferenceRate, today cal.Date, im *RatesImported) []models.ReferenceRate {
	needed := ratesNeeded(r, today)
	type day struct {
		currency money.Currency
		on       cal.Date
	}
	known := map[day]money.Rate{}
	for _, rate := range r.Rates {
		if rate.Source == models.RateECB {
			known[day{rate.Currency, rate.Day}] = rate.Rate
		}
	}
	var fresh []models.ReferenceRate
	for _, rate := range rates {
		rate.Source = models.RateECB
		from, used := needed[rate.Currency]
		before, there := known[day{rate.Currency, rate.Day}]
		switch {
		case rate.Day.After(today):
			im.Future++
		case there && before.String() == rate.Rate.String():
			im.Known++
		case there:
			im.Differ++
		case !used || rate.Day.Before(from) || len(rate.Check(today)) > 0:
			im.Unused++
		default:
			known[day{rate.Currency, rate.Day}] = rate.Rate
			fresh = append(fresh, rate)
			im.From, im.To = earlier(im.From, rate.Day), cal.Max(im.To, rate.Day)
		}
	}
	im.Added = len(fresh)
	slices.SortStableFunc(fresh, func(a, b models.ReferenceRate) int { return a.Day.Compare(b.Day) })
	return fresh
}

// currenciesOf are the codes of rates, as the log names them.
func currenciesOf(rates []models.ReferenceRate) string {
	var codes []string
	for _, rate := range rates {
		if code := string(rate.Currency); !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	slices.Sort(codes)
	return lineName(strings.Join(codes, ", "))
}

// ratesNeeded are the first days a published rate of each currency in use would have been used, whatever is known.
func ratesNeeded(r *models.Register, today cal.Date) map[money.Currency]cal.Date {
	f := r.Facts
	f.Rates = nil
	needed := map[money.Currency]cal.Date{}
	for _, rate := range r.Rates {
		if rate.Source == models.RateTyped {
			f.Rates = append(f.Rates, rate)
			needed[rate.Currency] = earlier(needed[rate.Currency], rate.Day.AddDays(-models.PublishedHolds))
		}
	}
	for _, w := range models.NewRegister(f).RatesWanted(today) {
		needed[w.Currency] = earlier(needed[w.Currency], w.From)
	}
	return needed
}
