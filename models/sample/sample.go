// Package sample invents an association whose register shows everything Enveloppe does. All its amounts are examples,
// and its days count from today, so that it never looks stale.
package sample

import (
	"cmp"
	"slices"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Association is the sample as it stands on a day, with its texts in a language. The same day and language give the
// same facts. The instant at is when it all was written down.
func Association(today cal.Date, lang models.Lang, at time.Time) models.Facts {
	b := &builder{today: today, lang: lang, at: at.UTC()}
	b.organisation()
	b.people()
	b.functions()
	b.means()
	b.rates()
	for _, s := range paid {
		b.service(s)
	}
	for _, s := range free {
		b.service(s)
	}
	b.access()
	b.decisions()
	b.answers()
	b.waiver()
	b.payments()
	b.attachments()
	b.bankAccount()
	b.comparison()
	b.scenarios()
	b.review()
	b.proposals()
	b.flags()
	b.channel()
	slices.SortFunc(b.f.Decisions, func(x, y models.Decision) int { return cmp.Compare(x.ID, y.ID) })
	return b.f
}

// builder lays the facts down one after the other and numbers them.
type builder struct {
	f     models.Facts
	last  models.ID
	today cal.Date
	lang  models.Lang
	at    time.Time

	functionByKey map[string]models.ID
	serviceByName map[string]models.ID
	vendorByName  map[string]models.ID
	card, debit   models.ID
}

func (b *builder) next() models.ID { b.last++; return b.last }

// text is something written in both languages.
type text struct{ fr, en string }

func (b *builder) say(t text) string {
	if b.lang == models.English && t.en != "" {
		return t.en
	}
	return t.fr
}

func (b *builder) year() cal.FiscalYear { return b.f.Organisation.YearStart.YearOf(b.today) }

func (b *builder) organisation() {
	start := cal.YearStart{Month: time.January, Day: 1}
	o := models.Organisation{
		ID: 1, Name: "Association Passerelles", YearStart: start, Zone: models.DefaultZone, Lang: b.lang, Headcount: 5,
		MarginDays: models.DefaultMarginDays, DecideWindow: models.DefaultDecideWindow, RenewalWindow: models.DefaultRenewalWindow,
		KeptFrom: start.YearOf(b.today).Prev().Span().From, Sample: true,
	}
	o.VAT = []models.VATStatus{{From: o.KeptFrom, Kind: models.NotTaxable}}
	b.f.Organisation = o
	year := start.YearOf(b.today)
	b.f.Envelopes = []models.Envelope{
		{ID: b.next(), Year: year.Prev().Number(), Floor: money.Euros(75000), Ceiling: money.Euros(95000)},
		{ID: b.next(), Year: year.Number(), Floor: money.Euros(80000), Ceiling: money.Euros(100000)},
	}
}

// The people, in the order they are numbered; the last one has left.
const (
	claire = iota
	karim
	lucie
	hugo
	ines
	paul
)

func (b *builder) people() {
	for i, p := range []models.Person{
		{Name: "Claire Morel", Email: "claire@passerelles.example", Role: models.Director, Digest: true, Post: b.say(text{"direction", "director"})},
		{Name: "Karim Benali", Email: "karim@passerelles.example", Role: models.Editor, Digest: true, Post: b.say(text{"projets", "projects"})},
		{Name: "Lucie Perrin", Email: "lucie@passerelles.example", Role: models.Accountant, Digest: true, Post: b.say(text{"comptabilité", "accounts"})},
		{Name: "Hugo Lemaire", Email: "hugo@passerelles.example", Role: models.Staff, Post: b.say(text{"animation", "outreach"})},
		{Name: "Inès Faure", Role: models.Staff, Post: b.say(text{"animation", "outreach"})},
		{Name: "Paul Garnier", Role: models.Staff, Post: b.say(text{"animation", "outreach"})},
	} {
		p.ID, p.Lang, p.Reminders = b.next(), b.lang, true
		if i == paul {
			p.LeftOn = b.today.AddDays(-60)
		}
		b.f.People = append(b.f.People, p)
	}
}

func (b *builder) functions() {
	b.functionByKey = map[string]models.ID{}
	for i, f := range []struct {
		key, account string
		name         text
	}{
		{"data", models.DefaultAccount, text{"Accès aux données", "Data access"}},
		{"messaging", "626", text{"Messagerie", "Messaging"}},
		{"planning", models.DefaultAccount, text{"Planification", "Planning"}},
		{"collaboration", models.DefaultAccount, text{"Collaboration", "Collaboration"}},
		{"meeting", "626", text{"Visioconférence", "Videoconference"}},
		{"monitoring", models.DefaultAccount, text{"Veille", "Monitoring"}},
		{"mapping", models.DefaultAccount, text{"Cartes mentales", "Mind mapping"}},
		{"outreach", "626", text{"Diffusion", "Outreach"}},
	} {
		id := b.next()
		b.functionByKey[f.key] = id
		b.f.Functions = append(b.f.Functions, models.Function{ID: id, Name: b.say(f.name), Account: f.account, Position: i + 1})
	}
}

func (b *builder) means() {
	b.card, b.debit = b.next(), b.next()
	b.f.Means = []models.Means{
		{ID: b.card, Name: b.say(text{"Carte de l’association ··42", "Association card ··42"}), ExpiresOn: b.today.AddDays(24)},
		{ID: b.debit, Name: b.say(text{"Prélèvement", "Direct debit"})},
	}
}

func (b *builder) rates() {
	for _, r := range []struct {
		day  int
		rate string
	}{{-370, "1.0714"}, {-3, "1.0855"}} {
		rate, err := money.ParseRate(r.rate)
		if err != nil {
			panic(err) // a literal of this file
		}
		b.f.Rates = append(b.f.Rates, models.ReferenceRate{ID: b.next(), Currency: "USD", Day: b.today.AddDays(r.day), Rate: rate, Source: models.RateTyped})
	}
}

func (b *builder) vendor(name, country string) models.ID {
	if id, ok := b.vendorByName[name]; ok {
		return id
	}
	if b.vendorByName == nil {
		b.vendorByName = map[string]models.ID{}
	}
	id := b.next()
	b.vendorByName[name] = id
	b.f.Vendors = append(b.f.Vendors, models.Vendor{ID: id, Name: name, Country: country})
	return id
}

// service lays down a service with its plans and the subscriptions we have had of it.
func (b *builder) service(s service) {
	if b.serviceByName == nil {
		b.serviceByName = map[string]models.ID{}
	}
	vendor := b.vendor(s.vendor, s.country)
	id := b.next()
	b.serviceByName[s.name] = id
	sv := models.Service{
		ID: id, Name: s.name, FunctionID: b.functionByKey[s.function], VendorID: vendor, About: b.say(s.about),
		URL: s.url, CancelURL: s.cancel, Note: b.say(s.note), ExportEvery: s.exportEvery,
	}
	if s.exported != 0 {
		sv.ExportedOn = b.today.AddDays(s.exported)
	}
	if s.closes != 0 {
		sv.ClosesOn = b.today.AddDays(s.closes)
	}
	b.f.Services = append(b.f.Services, sv)
	var plans []models.Plan
	for _, p := range s.plans {
		plan := models.Plan{
			ID: b.next(), ServiceID: id, Name: p.name, Tier: p.tier, PerSeat: p.perSeat, Cadence: p.cadence,
			Price: money.Cents(p.cents, p.currency()), Limits: b.say(p.limits), SeenOn: b.today.AddDays(-40), SeenAt: b.say(text{"site de l’éditeur", "vendor’s site"}),
		}
		plans = append(plans, plan)
	}
	b.f.Plans = append(b.f.Plans, plans...)
	for _, u := range s.uses {
		b.use(sv, plans[u.plan], u)
	}
}

// use lays down a subscription. Renewals are set by how many days from today the next one falls.
func (b *builder) use(sv models.Service, p models.Plan, u use) {
	anchor := b.today.AddDays(u.renews)
	if u.years > 0 {
		anchor = anchor.AddMonths(-12 * u.years)
	}
	if u.months > 0 {
		anchor = anchor.AddMonths(-u.months)
	}
	s := models.Subscription{
		ID: b.next(), ServiceID: sv.ID, PlanID: p.ID, StartedOn: anchor, Anchor: anchor, Cadence: p.Cadence,
		Notice: cal.Notice{N: u.notice, Unit: cal.Day}, AutoRenew: p.Tier == models.Premium, Analytic: u.analytic,
		OwnerID: b.f.People[u.owner].ID, MeansID: b.debit,
	}
	if p.Tier == models.Free {
		s.MeansID, s.OwnerID = 0, 0
		s.LookOn = b.today.AddDays(u.look)
	} else if u.card {
		s.MeansID = b.card
	}
	switch {
	case u.trial:
		s.StartedOn, s.TrialEnds = b.today.AddDays(-21), anchor
	case u.grant:
		s.Anchor = b.year().Next().Span().From
		s.StartedOn, s.GrantEnds = s.Anchor.AddMonths(-12), s.Anchor
	}
	price, seats := p.Price, max(len(u.seats)+u.unused, 1)
	if u.wasCents != 0 {
		price = money.Cents(u.wasCents, p.Price.Currency())
	}
	s.Terms = []models.Terms{{ID: b.next(), From: s.StartedOn, Price: price, PerSeat: p.PerSeat, Seats: seats}}
	if u.wasCents != 0 { // today's price holds since the last renewal
		s.Terms = append(s.Terms, models.Terms{ID: b.next(), From: s.Anchor.AddMonths(12 * (u.years - 1)), Price: p.Price, PerSeat: p.PerSeat, Seats: seats})
	}
	if u.risesTo != 0 {
		s.Terms = append(s.Terms, models.Terms{
			ID: b.next(), From: b.today.AddDays(u.renews), Price: money.Cents(u.risesTo, p.Price.Currency()), PerSeat: p.PerSeat, Seats: seats,
			Note: b.say(text{"annoncé par courriel", "announced by e-mail"}),
		})
	}
	for _, person := range u.seats {
		s.Seats = append(s.Seats, models.Seat{ID: b.next(), PersonID: b.f.People[person].ID, From: s.StartedOn})
	}
	if u.switched { // took over from the subscription laid down just before
		before := &b.f.Subscriptions[len(b.f.Subscriptions)-1]
		s.Anchor = before.Cadence.Occurrence(before.Anchor, before.Cadence.IndexOn(before.Anchor, b.today))
		s.StartedOn, s.Terms[0].From = s.Anchor, s.Anchor
		for i := range s.Seats {
			s.Seats[i].From = s.Anchor
		}
		before.CancelledOn, before.EndsOn, before.SuccessorID = s.Anchor, s.Anchor, s.ID
		before.CancelReason = b.say(text{"le thème le moins lu n’est pas renouvelé", "the least read topic is not renewed"})
	}
	b.f.Subscriptions = append(b.f.Subscriptions, s)
}
