package web

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/reports"
	"enveloppe/reports/chart"
	"enveloppe/templates/words"
)

// prepaidPage is what a fiscal year paid for the years after it, and what the one before had paid for it.
type prepaidPage struct {
	Tabs    []bookTab
	Period  bookPeriod
	Year    cal.FiscalYear
	Closing cal.Date
	Items   []prepaidLine
	Total   prepaidTotal
	Figure  *prepaidFigure
	Entries []prepaidEntry
	Method  models.PrepaidMethod
	Under   money.Amount // the threshold; none when every cost is spread
	Open    bool         // the year is not over: payments will still come
}

// prepaidLine is one payment that serves past a closing.
type prepaidLine struct {
	models.PrepaidItem
	Service string
}

// prepaidTotal is what a year's payments cost, what account 486 holds at both its ends and what the year bears in all:
// what it spent, with what came from the year before and without what goes to the next.
type prepaidTotal struct {
	Cost, Before, Balance, Year money.Amount // of the schedule
	Spent, Borne                money.Amount // of the whole year
	Within                      money.Amount // of Borne: payments that serve the year alone, which the schedule leaves out
}

// prepaidEntry is the entries of account 486 of one day in words.
type prepaidEntry struct {
	On      cal.Date
	Back    bool // they bring back what the closing before had put away
	Journal string
	Count   int
	Prepaid entrySide
	Others  []entrySide
}

// entrySide is what an account has on one side.
type entrySide struct {
	Account, Name string
	Debit         bool
	Amount        money.Amount
}

// prepaidFigure is a year's cost over the fiscal years that bear it, drawn for a page and for a phone.
type prepaidFigure struct {
	Wide, Phone chart.Served
	Parts       []servedPart
	Cost        money.Amount
	Name, Said  string
}

type servedPart struct {
	Name   string
	Amount money.Amount
	Own    bool // the year itself
}

func (w *Web) prepaidPage(c echo.Context) error {
	year, err := askedYear(c)
	if err != nil {
		return err
	}
	return w.kept(c, func() (screen, error) {
		return screen{
			status: http.StatusOK, name: "prepaid", nav: "accounting", title: "prepaid.title", args: []any{"year", year.Label()},
			page: newPrepaidPage(visitOf(c), year),
		}, nil
	})
}

func newPrepaidPage(v *visit, year cal.FiscalYear) prepaidPage {
	r := v.register
	books := r.Organisation.Books.OrDefault()
	period := newBookPeriod(v, reports.Whole(year), false)
	page := prepaidPage{
		Tabs: bookTabs(v, period, bookPrepaid), Period: period, Year: year, Closing: year.Last(),
		Method: books.Method, Under: books.Threshold, Open: !year.Last().Before(v.today), Total: prepaidIn(r, year),
	}
	if !page.Under.IsNone() && page.Under.IsZero() {
		page.Under = money.Amount{}
	}
	for _, item := range r.PrepaidSchedule(year) {
		sv, _ := r.Service(item.Payment.ServiceID)
		page.Items = append(page.Items, prepaidLine{item, sv.Name})
	}
	if len(page.Items) > 0 {
		page.Entries = prepaidEntries(v, year)
	}
	if !page.Total.Balance.IsZero() {
		page.Figure = newPrepaidFigure(v.words, r, year, page.Total.Spent)
	}
	return page
}

// prepaidIn adds a year up as its books are kept.
func prepaidIn(r *models.Register, year cal.FiscalYear) prepaidTotal {
	zero := money.Zero(money.EUR)
	t := prepaidTotal{Cost: zero, Before: zero, Balance: zero, Year: zero, Spent: zero}
	for _, item := range r.PrepaidSchedule(year) {
		t.Cost, t.Before = t.Cost.Add(item.Payment.Cost), t.Before.Add(item.Before)
		t.Balance, t.Year = t.Balance.Add(item.Balance), t.Year.Add(item.Year)
	}
	for i := range r.Payments {
		if p := &r.Payments[i]; p.Converted() && year.Span().Contains(p.PaidOn) {
			t.Spent = t.Spent.Add(p.Cost)
		}
	}
	t.Borne = t.Spent.Add(t.Before).Sub(t.Balance)
	t.Within = t.Borne.Sub(t.Year)
	return t
}

// prepaidEntries puts the entries of account 486 in words, those of a day together.
func prepaidEntries(v *visit, year cal.FiscalYear) []prepaidEntry {
	prepaid := v.register.Organisation.Books.OrDefault().PrepaidAcct
	var days []prepaidEntry
	for _, e := range v.register.PrepaidEntries(year) {
		back := e.Kind == models.EntryPrepaidBack
		if n := len(days); n == 0 || days[n-1].Back != back {
			days = append(days, prepaidEntry{On: e.On, Back: back, Journal: e.Journal, Prepaid: entrySide{Account: prepaid, Name: reports.AccountName(prepaid), Amount: money.Zero(money.EUR)}})
		}
		day := &days[len(days)-1]
		day.Count++
		for _, line := range e.Lines {
			side := &day.Prepaid
			if line.Account != prepaid {
				side = day.other(line.Account)
			}
			side.add(line)
		}
	}
	for i := range days {
		days[i].Prepaid.settle()
		for k := range days[i].Others {
			days[i].Others[k].settle()
		}
		slices.SortFunc(days[i].Others, func(a, b entrySide) int { return cmp.Compare(a.Account, b.Account) })
	}
	return days
}

func (e *prepaidEntry) other(account string) *entrySide {
	for i := range e.Others {
		if e.Others[i].Account == account {
			return &e.Others[i]
		}
	}
	e.Others = append(e.Others, entrySide{Account: account, Name: reports.AccountName(account), Amount: money.Zero(money.EUR)})
	return &e.Others[len(e.Others)-1]
}

// add counts debits up and credits down.
func (s *entrySide) add(l models.EntryLine) {
	if l.Debit.IsNone() {
		s.Amount = s.Amount.Sub(l.Credit)
	} else {
		s.Amount = s.Amount.Add(l.Debit)
	}
}

// settle tells the side by the sign.
func (s *entrySide) settle() {
	s.Debit, s.Amount = !s.Amount.IsNegative(), s.Amount.Abs()
}

// newPrepaidFigure draws what a year paid over the years that bear it: each bears the difference between two balances of
// what was paid then.
func newPrepaidFigure(w *words.Words, r *models.Register, year cal.FiscalYear, spent money.Amount) *prepaidFigure {
	const most = 6 // years; the last one holds all that follow
	f := prepaidFigure{Cost: spent, Name: w.T("prepaid.paid_in", "year", year.Label())}
	left := spent
	for at := year; len(f.Parts) < most; at = at.Next() {
		after := prepaidAfter(r, year, at.Last())
		part := servedPart{Name: w.T("prepaid.borne_by", "year", at.Label()), Amount: left.Sub(after), Own: at == year}
		if len(f.Parts) == most-1 && !after.IsZero() {
			part.Name, part.Amount, after = w.T("prepaid.borne_later", "year", at.Label()), left, money.Zero(money.EUR)
		}
		f.Parts, left = append(f.Parts, part), after
		if after.IsZero() {
			break
		}
	}
	figures := chart.ServedFigures{Name: f.Name, Cost: spent, Amount: w.Money}
	var said []string
	for _, p := range f.Parts {
		figures.Years = append(figures.Years, chart.ServedYear{Name: p.Name, Amount: p.Amount})
		said = append(said, w.T("prepaid.part", "name", p.Name, "amount", p.Amount))
	}
	f.Said = w.T("prepaid.said", "name", f.Name, "cost", spent, "parts", w.List(said))
	f.Wide, f.Phone = chart.NewServed(figures, chart.WideServed), chart.NewServed(figures, chart.PhoneServed)
	return &f
}

// prepaidAfter is what a year's payments still hold of account 486 at a closing. What was undone after the year had
// closed is left as the year had it: the year that undid it bears that.
func prepaidAfter(r *models.Register, year cal.FiscalYear, closing cal.Date) money.Amount {
	sum := money.Zero(money.EUR)
	for i := range r.Payments {
		if p := &r.Payments[i]; p.Converted() && year.Span().Contains(p.PaidOn) {
			sum = sum.Add(r.Deferred(*p, closing))
		}
	}
	return sum
}

// methodEffect is one way of spreading with its consequence for a year in words.
type methodEffect struct {
	Method models.PrepaidMethod
	Label  string
	Text   string
}

// methodEffects shows what each way would put off from a year, as its payments stand.
func methodEffects(v *visit, books models.Bookkeeping) []methodEffect {
	year := v.register.Year(v.today)
	var out []methodEffect
	for _, m := range models.PrepaidMethods {
		f := v.register.Facts
		f.Organisation.Books = books
		f.Organisation.Books.Method = m
		t := prepaidIn(models.NewRegister(f), year)
		out = append(out, methodEffect{
			Method: m, Label: v.words.T("bookkeeping.method." + string(m)),
			Text: v.words.T("bookkeeping.effect", "after", t.Balance, "day", v.words.DayLong(year.Last()), "year", year.Label(), "borne", t.Borne),
		})
	}
	return out
}
