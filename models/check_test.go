package models

import (
	"math"
	"strings"
	"testing"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// said writes problems as "field rule, field rule".
func said(v Invalid) string {
	var all []string
	for _, p := range v {
		all = append(all, p.Field+" "+p.Rule)
	}
	return strings.Join(all, ", ")
}

// What people, programs and attackers type, on every record: all problems are said at once, by field.
func TestBadInput(t *testing.T) {
	t.Parallel()
	long, huge := strings.Repeat("é", 10_000), money.New(math.MaxInt64, money.EUR)
	organisation := func(change func(*Organisation)) Invalid { o := association(); change(&o); return o.Check() }
	person := func(change func(*Person)) Invalid {
		p := Person{Name: "Awa", Email: "awa@example.org", Role: Editor, Lang: French}
		change(&p)
		return p.Check()
	}
	service := func(change func(*Service)) Invalid {
		s := Service{Name: "Dropbox", FunctionID: 7}
		change(&s)
		return s.Check()
	}
	plan := func(change func(*Plan)) Invalid {
		p := Plan{Name: "Plus", Tier: Premium, Price: eur(9120), Cadence: cal.Yearly}
		change(&p)
		return p.Check()
	}
	sub := func(change func(*Subscription)) Invalid {
		s := Subscription{PlanID: 3, StartedOn: day("2026-03-15"), Anchor: day("2026-03-15"), Cadence: cal.Yearly}
		change(&s)
		return s.Check()
	}
	terms := func(change func(*Terms)) Invalid {
		t := Terms{From: day("2026-03-15"), Price: eur(9120), Seats: 1}
		change(&t)
		return t.Check(Premium)
	}
	payment := func(change func(*Payment)) Invalid {
		p := Payment{ServiceID: 3, PaidOn: today, Billed: eur(9120)}
		change(&p)
		return p.Check(today)
	}
	envelope := func(change func(*Envelope)) Invalid {
		e := Envelope{Year: 2026, Floor: eur(80_000), Ceiling: eur(100_000)}
		change(&e)
		return e.Check()
	}
	reference := func(change func(*ReferenceRate)) Invalid {
		r := ReferenceRate{Currency: usd, Day: today, Rate: rate("1.0714"), Source: RateTyped}
		change(&r)
		return r.Check(today)
	}
	for _, c := range []struct {
		name string
		got  Invalid
		want string
	}{
		{"a good organisation", organisation(func(*Organisation) {}), ""},
		{"all wrong at once", Organisation{SIREN: "12345678x", Headcount: -1, MarginDays: 61}.Check(), "name required, year_start year_start, zone timezone, headcount number.range, margin_days number.range, decide_window number.range, renewal_window number.range, siren siren, lang choose"},
		{"zone of the machine", organisation(func(o *Organisation) { o.Zone = "Local" }), "zone timezone"},
		{"zone as a path", organisation(func(o *Organisation) { o.Zone = "../../etc/passwd" }), "zone timezone"},
		{"year from the 29th", organisation(func(o *Organisation) { o.YearStart.Day = 29 }), "year_start year_start"},
		{"VAT of no kind", organisation(func(o *Organisation) { o.VAT = []VATStatus{{Kind: "d"}} }), "vat choose"},
		{"VAT twice from one day", organisation(func(o *Organisation) {
			o.VAT = []VATStatus{{From: today, Kind: NotTaxable}, {From: today, Kind: NoDeduction}}
		}), "vat not_before"},

		{"empty name", person(func(p *Person) { p.Name = "" }), "name required"},
		{"spaces for a name", person(func(p *Person) { p.Name = " \t\u00a0\u202f" }), "name required"},
		{"name of no width", person(func(p *Person) { p.Name = "\u200b\ufeff" }), "name required"},
		{"10 000 characters", person(func(p *Person) { p.Name = long }), "name too_long"},
		{"as long as may be", person(func(p *Person) { p.Name = strings.Repeat("é", MaxName) }), ""},
		{"control character", person(func(p *Person) { p.Name = "Awa\x00" }), "name characters"},
		{"line break", person(func(p *Person) { p.Name = "Awa\r\nBcc: x@example.org" }), "name characters"},
		{"written backwards", person(func(p *Person) { p.Name = "Awa\u202egro" }), "name characters"},
		{"not UTF-8", person(func(p *Person) { p.Name = "Awa\xff" }), "name characters"},
		{"accents and an apostrophe", person(func(p *Person) { p.Name = "Éloïse N’Diaye-Müller 🌊" }), ""},
		{"e-mail with a header", person(func(p *Person) { p.Email = "awa@example.org\r\nBcc: x@example.org" }), "email email.malformed"},
		{"e-mail with a name", person(func(p *Person) { p.Email = "Awa <awa@example.org>" }), "email email.malformed"},
		{"two e-mails", person(func(p *Person) { p.Email = "awa@example.org, x@example.org" }), "email email.malformed"},
		{"e-mail without a dot", person(func(p *Person) { p.Email = "awa@localhost" }), "email email.malformed"},
		{"e-mail without a name", person(func(p *Person) { p.Email = "@example.org" }), "email email.malformed"},
		{"digest to nowhere", person(func(p *Person) { p.Email, p.Digest = "", true }), "email email.for_digest"},
		{"role and language of nobody", person(func(p *Person) { p.Role, p.Lang = "root", "xx" }), "role choose, lang choose"},

		{"account of letters", Function{Name: "Données", Account: "65A1"}.Check(), "account account"},
		{"no account", Function{Name: "Données"}.Check(), "account required"},
		{"country in words", Vendor{Name: "Dropbox", Country: "Irlande"}.Check(), "country country"},
		{"small country", Vendor{Name: "Dropbox", Country: "ie"}.Check(), "country country"},
		{"nameless card", Means{}.Check(), "name required"},

		{"no function", service(func(s *Service) { s.FunctionID = 0 }), "function choose"},
		{"script in a link", service(func(s *Service) { s.URL = "javascript:alert(1)" }), "url url"},
		{"script after a space", service(func(s *Service) { s.URL = " javascript:alert(1)" }), "url url"},
		{"script with a host", service(func(s *Service) { s.URL = "javascript://example.org/%0aalert(1)" }), "url url"},
		{"another protocol", service(func(s *Service) { s.URL = "ftp://example.org/" }), "url url"},
		{"file", service(func(s *Service) { s.CancelURL = "file:///etc/passwd" }), "cancel_url url"},
		{"no host", service(func(s *Service) { s.URL = "https://" }), "url url"},
		{"only a port", service(func(s *Service) { s.URL = "https://:443/" }), "url url"},
		{"no scheme", service(func(s *Service) { s.URL = "www.example.org" }), "url url"},
		{"break in a link", service(func(s *Service) { s.URL = "https://example.org/\r\nx" }), "url url"},
		{"good links", service(func(s *Service) { s.URL, s.CancelURL = "https://example.org/a?b=c#d", "http://example.org" }), ""},
		{"note of lines", service(func(s *Service) { s.Note = "un\r\n\tdeux" }), ""},
		{"note too long", service(func(s *Service) { s.Note = long }), "note too_long"},
		{"note with a bell", service(func(s *Service) { s.Note = "\a" }), "note characters"},
		{"export never, minus one", service(func(s *Service) { s.ExportEvery = -1 }), "export_every number.range"},

		{"a good plan", plan(func(*Plan) {}), ""},
		{"no tier", plan(func(p *Plan) { p.Tier = "gold" }), "tier choose"},
		{"no price", plan(func(p *Plan) { p.Price = money.Amount{} }), "price required"},
		{"nothing to pay", plan(func(p *Plan) { p.Price = eur(0) }), "price price.zero"},
		{"negative", plan(func(p *Plan) { p.Price = eur(-1) }), "price negative"},
		{"huge", plan(func(p *Plan) { p.Price = huge }), "price amount.too_large"},
		{"largest typed", plan(func(p *Plan) { p.Price = money.New(money.MaxTyped, money.EUR) }), ""},
		{"currency of nowhere", plan(func(p *Plan) { p.Price = money.Cents(100, "ZZZ") }), "price currency.unknown"},
		{"free with a price", plan(func(p *Plan) { p.Tier = Free }), "price price.free"},
		{"free and negative", plan(func(p *Plan) { p.Tier, p.Price = Free, eur(-1) }), "price price.free"},
		{"cadence 0", plan(func(p *Plan) { p.Cadence.Every = 0 }), "every cadence.zero"},
		{"cadence of -1", plan(func(p *Plan) { p.Cadence.Every = -1 }), "every cadence.range"},
		{"cadence of 1 000", plan(func(p *Plan) { p.Cadence.Every = 1000 }), "every cadence.range"},
		{"cadence of no unit", plan(func(p *Plan) { p.Cadence.Unit = "fortnight" }), "every cadence.unit"},

		{"a good subscription", sub(func(*Subscription) {}), ""},
		{"nothing at all", Subscription{}.Check(), "plan choose, started_on date.empty, anchor date.empty, every cadence.unit"},
		{"anchor before the start", sub(func(s *Subscription) { s.Anchor = day("2026-03-14") }), "anchor not_before"},
		{"end before the start", sub(func(s *Subscription) { s.EndsOn = day("2026-03-14") }), "ends_on end.before_start"},
		{"end on the start", sub(func(s *Subscription) { s.EndsOn = s.StartedOn }), "ends_on end.before_start"},
		{"called off before it began", sub(func(s *Subscription) { s.EndsOn, s.CancelledOn = s.StartedOn, day("2026-03-01") }), ""},
		{"trial, grant and term over before the start", sub(func(s *Subscription) {
			s.TrialEnds, s.GrantEnds, s.FixedUntil = s.StartedOn, s.StartedOn, s.StartedOn
		}), "trial_ends end.before_start, grant_ends end.before_start, fixed_until end.before_start"},
		{"negative notice", sub(func(s *Subscription) { s.Notice = cal.Notice{N: -1, Unit: cal.Day} }), "notice notice.range"},
		{"notice of no unit", sub(func(s *Subscription) { s.Notice = cal.Notice{N: 1, Unit: cal.Once} }), "notice notice.unit"},
		{"notice of ten years", sub(func(s *Subscription) { s.Notice = cal.Notice{N: 10, Unit: cal.Year} }), ""},
		{"notice of a lifetime", sub(func(s *Subscription) { s.Notice = cal.Notice{N: 3650, Unit: cal.Year} }), "notice notice.range"},

		{"good terms", terms(func(*Terms) {}), ""},
		{"nothing of terms", Terms{}.Check(Premium), "from date.empty, seats number.range, price required"},
		{"free of charge for a while", terms(func(t *Terms) { t.Price = eur(0) }), ""},
		{"negative price", terms(func(t *Terms) { t.Price = eur(-9120) }), "price negative"},
		{"too many seats", terms(func(t *Terms) { t.Seats, t.PerSeat = MaxSeats+1, true }), "seats number.range"},
		{"seats times price too large", terms(func(t *Terms) { t.Price, t.Seats, t.PerSeat = money.New(money.MaxTyped, usd), 2, true }), "price amount.too_large"},
		{"huge seats, huge price", terms(func(t *Terms) { t.Price, t.Seats, t.PerSeat = huge, math.MaxInt, true }), "seats number.range, price amount.too_large"},
		{"free terms with a price", Terms{From: today, Seats: 1, Price: eur(1)}.Check(Free), "price price.free"},
		{"free terms", Terms{From: today, Seats: 1}.Check(Free), ""},

		{"a good payment", payment(func(*Payment) {}), ""},
		{"nothing of a payment", Payment{}.Check(today), "service choose, paid_on date.empty, billed required"},
		{"tomorrow", payment(func(p *Payment) { p.PaidOn = today.AddDays(1) }), "paid_on date.future"},
		{"payment of nothing", payment(func(p *Payment) { p.Billed = eur(0) }), "billed positive"},
		{"huge payment", payment(func(p *Payment) { p.Billed = huge }), "billed amount.too_large"},
		{"credit note", payment(func(p *Payment) { p.Billed, p.VAT, p.Debited = eur(-6000), eur(-1000), eur(-6000) }), ""},
		{"credit note with a positive tax and debit", payment(func(p *Payment) { p.Billed, p.VAT, p.Debited = eur(-6000), eur(1000), eur(6000) }), "vat sign.same, debited sign.same"},
		{"credit note for a charge", payment(func(p *Payment) { p.Billed, p.SubscriptionID, p.ChargeOn = eur(-6000), 4, today }), "billed negative"},
		{"huge credit note", payment(func(p *Payment) { p.Billed = huge.Neg() }), "billed amount.too_large"},
		{"payment in no currency", payment(func(p *Payment) { p.Billed = money.Cents(100, "ZZZ") }), "billed currency.unknown"},
		{"tax above the total", payment(func(p *Payment) { p.VAT = eur(9121) }), "vat vat.above_total"},
		{"negative tax", payment(func(p *Payment) { p.VAT = eur(-1) }), "vat negative"},
		{"tax in another currency", payment(func(p *Payment) { p.VAT = dollars(1) }), "vat currency.same"},
		{"debit in dollars", payment(func(p *Payment) { p.Billed, p.Debited = dollars(9900), dollars(9900) }), "debited currency.same"},
		{"debit of nothing", payment(func(p *Payment) { p.Billed, p.Debited = dollars(9900), eur(0) }), "debited positive"},
		{"half a period", payment(func(p *Payment) { p.Period.From = today }), "period_to period.both"},
		{"period that ends before it starts", payment(func(p *Payment) { p.Period = cal.Span{From: today, To: today.AddDays(-1)} }), "period_to end.before_start"},
		{"charge of no subscription", payment(func(p *Payment) { p.ChargeOn = today }), "charge choose"},
		{"bad labels", payment(func(p *Payment) { p.InvoiceNumber, p.VendorName, p.Country, p.Analytic = "\x01", long, "fr", "\n" }), "invoice_number characters, vendor_name too_long, country country, analytic characters"},

		{"waiver of nothing, for no reason", Waiver{}.Check(), "charge choose, reason required"},
		{"decision of nothing", Decision{LookAgainOn: today}.Check(), "kind choose, on date.empty"},
		{"look again the same day", Decision{Kind: Keep, On: today, LookAgainOn: today}.Check(), "look_again_on after"},

		{"a good envelope", envelope(func(*Envelope) {}), ""},
		{"no floor", envelope(func(e *Envelope) { e.Floor = money.Amount{} }), ""},
		{"negative floor", envelope(func(e *Envelope) { e.Floor = eur(-1) }), "floor negative"},
		{"no ceiling", envelope(func(e *Envelope) { e.Ceiling = money.Amount{} }), "ceiling positive"},
		{"ceiling of nothing", envelope(func(e *Envelope) { e.Ceiling = eur(0) }), "ceiling positive"},
		{"floor above ceiling", envelope(func(e *Envelope) { e.Floor = eur(100_001) }), "ceiling floor_above_ceiling"},
		{"floor at the ceiling", envelope(func(e *Envelope) { e.Floor = e.Ceiling }), ""},
		{"two currencies", envelope(func(e *Envelope) { e.Ceiling = dollars(100_000) }), "ceiling currency.same"},
		{"huge ceiling", envelope(func(e *Envelope) { e.Ceiling = huge }), "ceiling amount.too_large"},
		{"year 0", envelope(func(e *Envelope) { e.Year = 0 }), "year number.range"},

		{"a good rate", reference(func(*ReferenceRate) {}), ""},
		{"rate of the euro", reference(func(r *ReferenceRate) { r.Currency = money.EUR }), "currency currency.foreign"},
		{"rate of nowhere", reference(func(r *ReferenceRate) { r.Currency = "ZZZ" }), "currency currency.unknown"},
		{"rate of nothing", ReferenceRate{}.Check(today), "currency currency.foreign, day date.empty, rate rate.empty"},
		{"rate of tomorrow", reference(func(r *ReferenceRate) { r.Day = today.AddDays(1) }), "day date.future"},
	} {
		if got := said(c.got); got != c.want {
			t.Errorf("%s: said %q, want %q", c.name, got, c.want)
		}
	}
}

// A rate that has lost its zeros converts nothing, rather than more than a total can hold.
func TestRatesOutOfProportion(t *testing.T) {
	t.Parallel()
	typed := []ReferenceRate{{ID: 50, Currency: usd, Day: today, Rate: rate("0.0001"), Source: RateTyped}}
	if got := NewRegister(Facts{Rates: typed}).Convert(money.New(money.MaxTyped, usd), today, today); got != (Conversion{}) {
		t.Errorf("a charge: %+v", got)
	}
	p := Payment{PaidOn: today, Billed: money.New(-money.MaxTyped, usd), Rate: typed[0].Rate, RateSource: RateInvoice}.Settle(statusB)
	if p.Converted() || !p.Rate.IsZero() {
		t.Errorf("a credit note: %v at %v", p.EUR, p.Rate)
	}
	if got := NewRegister(Facts{Rates: typed}).Convert(dollars(9900), today, today); got.EUR != eur(99_000_000) {
		t.Errorf("in proportion: %v", got.EUR)
	}
}

// The largest of everything adds up without breaking: a daily plan at the greatest price, at the smallest rate there is.
func TestLargestSumsAddUp(t *testing.T) {
	t.Parallel()
	f := Facts{Organisation: association()}
	f.Organisation.VAT = []VATStatus{{Kind: NoDeduction}}
	f.Vendors = []Vendor{{ID: 1, Name: "Ailleurs", Country: "IE"}}
	f.Services = []Service{{ID: 2, VendorID: 1, Name: "Cher"}}
	s := Subscription{
		ID: 3, ServiceID: 2, PlanID: 9, StartedOn: day("2026-01-01"), Anchor: day("2026-01-01"), Cadence: cal.Cadence{Every: 1, Unit: cal.Day},
		Terms: []Terms{{From: day("2026-01-01"), Price: money.New(money.MaxTyped, usd), Seats: 1}},
	}
	f.Rates = []ReferenceRate{{ID: 4, Currency: usd, Day: day("2026-01-01"), Rate: rate("1"), Source: RateTyped}}
	f.Subscriptions = []Subscription{s}
	if v := append(s.Check(), s.Terms[0].Check(Premium)...); len(v) > 0 {
		t.Fatal(said(v))
	}
	r := NewRegister(f)
	p := r.Position(r.Year(today), today)
	// 365 × 999 999 999,99 and 20 % of it, each day rounded.
	if want := eur(365 * 119_999_999_999); p.Forecast != want {
		t.Errorf("forecast %v, want %v", p.Forecast, want)
	}
	if total, ok := r.RunRate(today); !ok || total != p.Forecast {
		t.Errorf("run rate %v", total)
	}
}

func TestErrorsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	var v Invalid
	if v.Err() != nil {
		t.Error("nothing wrong is an error")
	}
	v.Add("name", "too_long", "max", MaxName)
	if got := v.Err().Error(); got != "invalid: name (too_long)" {
		t.Error(got)
	}
	if !v.Has("name") || v.Has("email") {
		t.Error("Has is wrong")
	}
	if got := (Conflict{By: "Awa"}).Error(); got != "saved meanwhile by Awa" {
		t.Error(got)
	}
	if got := (Refused{Rule: "ended"}).Error(); got != "refused: ended" {
		t.Error(got)
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		role                 Role
		edit, export, manage bool
	}{{Director, true, true, true}, {Editor, true, true, false}, {Accountant, false, true, false}, {Staff, false, false, false}} {
		if c.role.MayEdit() != c.edit || c.role.MayExport() != c.export || c.role.MayManage() != c.manage {
			t.Errorf("%s may edit %v, export %v, manage %v", c.role, c.role.MayEdit(), c.role.MayExport(), c.role.MayManage())
		}
	}
	if Role("root").MayEdit() || Role("root").MayManage() || Role("").MayExport() || Role("root").MayExport() {
		t.Error("an unknown role may do something")
	}
}
