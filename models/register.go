package models

import (
	"cmp"
	"slices"
	"sync"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Facts is everything one organisation has recorded, as it is stored: each list by ID, ascending.
type Facts struct {
	Organisation  Organisation
	Revision      int64
	People        []Person
	Functions     []Function
	Vendors       []Vendor
	Means         []Means
	Services      []Service
	Plans         []Plan
	Subscriptions []Subscription
	Payments      []Payment
	Waivers       []Waiver
	Envelopes     []Envelope
	Rates         []ReferenceRate
	Decisions     []Decision
	Flags         []Flag // open ones: raised and not cleared
	Cleared       []Flag // those of the envelope that were raised and cleared: the forecast came back
	Attachments   []Attachment
	Closings      []Closing
	BankAccounts  []BankAccount
	Comparisons   []Comparison
	Exports       []ExportMark
	Scenarios     []Scenario
	Reviews       []Review
	Proofs        []Proof
	Proposals     []ServiceProposal
	Channels      []Channel // in use
}

// Register is the facts of one organisation at one revision, ready to be asked. It never changes: a new revision is a
// new register, so it may be shared by everybody who reads.
type Register struct {
	Facts

	rates          rateTable
	plansOf        map[ID][]int            // by service, indices into Plans
	subsOf         map[ID][]int            // by service, indices into Subscriptions
	settled        map[chargeKey]answer    // what answers a charge in whole and stands
	passing        map[chargeKey][]passing // parts of a charge, and answers taken back on a later day; few
	takenBack      []chargeKey             // those of passing with an answer taken back, each once
	spending       func() *spending        // worked out when a year is first added up
	invoices       map[ID][]int            // by InvoiceID, indices into Payments
	attached       map[ID][]int            // by payment, indices into Attachments
	numbered       func() map[string][]int // standing payments by invoice number, indices into Payments; likewise
	closedThrough  cal.Date
	vendorsAbroad  map[ID]bool      // by service: its vendor invoices from outside France
	plain          bool             // it has no amounts
	concealed      func() *Register // without amounts, made when it is first asked for
	currentOf      map[ID]int       // by service: the subscription that goes on or ended last, index into Subscriptions
	decisionsOf    map[ID][]int
	paymentsByServ map[ID][]int
}

// NewRegister readies facts for questions. The facts belong to the register from then on.
func NewRegister(f Facts) *Register {
	r := &Register{
		Facts: f, rates: newRateTable(f.Rates),
		plansOf:       make(map[ID][]int, len(f.Services)),
		settled:       make(map[chargeKey]answer, len(f.Payments)+len(f.Waivers)),
		vendorsAbroad: map[ID]bool{}, decisionsOf: map[ID][]int{}, paymentsByServ: make(map[ID][]int, len(f.Services)),
	}
	for i := range f.Plans {
		r.plansOf[f.Plans[i].ServiceID] = append(r.plansOf[f.Plans[i].ServiceID], i)
	}
	r.concealed = sync.OnceValue(func() *Register { return newConcealed(r) })
	r.indexPayments()
	for _, w := range f.Waivers {
		r.settled[chargeKey{w.SubscriptionID, w.ChargeOn}] = answer{w.ID, w.On}
	}
	for i := range f.Decisions {
		r.decisionsOf[f.Decisions[i].ServiceID] = append(r.decisionsOf[f.Decisions[i].ServiceID], i)
	}
	for i := range f.Services {
		if v, ok := r.Vendor(f.Services[i].VendorID); ok && v.Foreign() {
			r.vendorsAbroad[f.Services[i].ID] = true
		}
	}
	for i := range f.Attachments {
		if r.attached == nil {
			r.attached = make(map[ID][]int, len(f.Attachments))
		}
		r.attached[f.Attachments[i].PaymentID] = append(r.attached[f.Attachments[i].PaymentID], i)
	}
	for i := range f.Closings {
		if c := &f.Closings[i]; c.Stands() {
			r.closedThrough = cal.Max(r.closedThrough, c.Through)
		}
	}
	r.indexSubscriptions()
	return r
}

func (r *Register) indexPayments() {
	r.numbered = sync.OnceValue(r.byNumber)
	r.spending = sync.OnceValue(func() *spending { return newSpending(r.Payments) })
	for i := range r.Payments {
		p := &r.Payments[i]
		r.paymentsByServ[p.ServiceID] = append(r.paymentsByServ[p.ServiceID], i)
		if p.InvoiceID != 0 {
			if r.invoices == nil {
				r.invoices = map[ID][]int{}
			}
			r.invoices[p.InvoiceID] = append(r.invoices[p.InvoiceID], i)
		}
		if p.SubscriptionID != 0 && !p.ChargeOn.IsZero() && p.ReversesID == 0 {
			r.indexAnswer(p)
		}
	}
}

// indexAnswer notes which charge a payment answers, and until when one that was taken back later did.
func (r *Register) indexAnswer(p *Payment) {
	key, a := chargeKey{p.SubscriptionID, p.ChargeOn}, passing{answer: answer{by: p.ID, on: p.PaidOn}}
	if p.ReversedByID == 0 && !p.Part {
		r.settled[key] = a.answer
		return
	}
	if p.ReversedByID != 0 {
		undo, ok := find(r.Payments, p.ReversedByID, func(x *Payment) ID { return x.ID })
		if !ok || !undo.PaidOn.After(p.PaidOn) {
			return // as if it had never been
		}
		a.until = undo.PaidOn
		if !slices.ContainsFunc(r.passing[key], func(x passing) bool { return !x.until.IsZero() }) {
			r.takenBack = append(r.takenBack, key)
		}
	}
	if p.Part {
		a.part = p.Billed
	}
	if r.passing == nil {
		r.passing = map[chargeKey][]passing{}
	}
	r.passing[key] = append(r.passing[key], a)
}

func (r *Register) indexSubscriptions() {
	r.subsOf, r.currentOf = make(map[ID][]int, len(r.Services)), make(map[ID]int, len(r.Services))
	for i := range r.Subscriptions {
		s := &r.Subscriptions[i]
		r.subsOf[s.ServiceID] = append(r.subsOf[s.ServiceID], i)
		if at, ok := r.currentOf[s.ServiceID]; !ok || later(s, &r.Subscriptions[at]) {
			r.currentOf[s.ServiceID] = i
		}
	}
}

// later tells whether a, rather than b, is the one to show for their service: it goes on longer, or began later. What
// was called off before it began comes after all that did begin.
func later(a, b *Subscription) bool {
	if a.neverBegan() != b.neverBegan() {
		return b.neverBegan()
	}
	if a.EndsOn.IsZero() != b.EndsOn.IsZero() {
		return a.EndsOn.IsZero()
	}
	if c := a.EndsOn.Compare(b.EndsOn); c != 0 {
		return c > 0
	}
	return a.StartedOn.After(b.StartedOn)
}

// find looks a record up in a list kept by ID, without copying those it passes.
func find[T any](list []T, id ID, idOf func(*T) ID) (*T, bool) {
	low, high := 0, len(list)
	for low < high {
		if mid := (low + high) / 2; idOf(&list[mid]) < id {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low == len(list) || idOf(&list[low]) != id {
		return nil, false
	}
	return &list[low], true
}

func found[T any](list []T, id ID, idOf func(*T) ID) (T, bool) {
	if x, ok := find(list, id, idOf); ok {
		return *x, true
	}
	var none T
	return none, false
}

// Person looks a person up.
func (r *Register) Person(id ID) (Person, bool) {
	return found(r.People, id, func(x *Person) ID { return x.ID })
}

// Function looks a function up.
func (r *Register) Function(id ID) (Function, bool) {
	return found(r.Functions, id, func(x *Function) ID { return x.ID })
}

// Vendor looks a vendor up.
func (r *Register) Vendor(id ID) (Vendor, bool) {
	return found(r.Vendors, id, func(x *Vendor) ID { return x.ID })
}

// PaidBy looks a means of payment up.
func (r *Register) PaidBy(id ID) (Means, bool) {
	return found(r.Means, id, func(x *Means) ID { return x.ID })
}

// Service looks a service up.
func (r *Register) Service(id ID) (Service, bool) {
	return found(r.Services, id, func(x *Service) ID { return x.ID })
}

func (r *Register) service(id ID) (*Service, bool) {
	return find(r.Services, id, func(x *Service) ID { return x.ID })
}

// Plan looks a plan up.
func (r *Register) Plan(id ID) (Plan, bool) {
	return found(r.Plans, id, func(x *Plan) ID { return x.ID })
}

// Subscription looks a subscription up.
func (r *Register) Subscription(id ID) (Subscription, bool) {
	return found(r.Subscriptions, id, func(x *Subscription) ID { return x.ID })
}

// Payment looks a payment up.
func (r *Register) Payment(id ID) (Payment, bool) {
	return found(r.Payments, id, func(x *Payment) ID { return x.ID })
}

// Waiver looks a waiver up.
func (r *Register) Waiver(id ID) (Waiver, bool) {
	return found(r.Waivers, id, func(x *Waiver) ID { return x.ID })
}

// Decision looks a decision up.
func (r *Register) Decision(id ID) (Decision, bool) {
	return found(r.Decisions, id, func(x *Decision) ID { return x.ID })
}

// Envelope is the one set for the fiscal year that begins in calendar year n.
func (r *Register) Envelope(year int) (Envelope, bool) {
	for _, e := range r.Envelopes {
		if e.Year == year {
			return e, true
		}
	}
	return Envelope{}, false
}

func pick[T any](list []T, at []int) []T {
	out := make([]T, len(at))
	for i, n := range at {
		out[i] = list[n]
	}
	return out
}

// PlansOf are the plans of a service, by ID.
func (r *Register) PlansOf(service ID) []Plan { return pick(r.Plans, r.plansOf[service]) }

// SubscriptionsOf are the subscriptions of a service, by ID.
func (r *Register) SubscriptionsOf(service ID) []Subscription {
	return pick(r.Subscriptions, r.subsOf[service])
}

// PaymentsOf are the payments of a service, by ID.
func (r *Register) PaymentsOf(service ID) []Payment {
	return pick(r.Payments, r.paymentsByServ[service])
}

// DecisionsOf are the decisions on a service, by ID.
func (r *Register) DecisionsOf(service ID) []Decision {
	return pick(r.Decisions, r.decisionsOf[service])
}

// Current is the subscription that has the last word on a service: the one that goes on, begun or not, else the one that
// ended last. While a switch is planned for a later day that is the successor; CurrentOn tells what runs meanwhile.
func (r *Register) Current(service ID) (Subscription, bool) {
	at, ok := r.currentOf[service]
	if !ok {
		return Subscription{}, false
	}
	return r.Subscriptions[at], true
}

// CurrentOn is the subscription to show for a service on a day: the one that runs, else Current.
func (r *Register) CurrentOn(service ID, day cal.Date) (Subscription, bool) {
	if s, ok := r.running(service, day); ok {
		return *s, true
	}
	return r.Current(service)
}

// running is the subscription of a service in use on a day.
func (r *Register) running(service ID, day cal.Date) (*Subscription, bool) {
	for _, at := range r.subsOf[service] {
		if s := &r.Subscriptions[at]; s.RunsOn(day) {
			return s, true
		}
	}
	return nil, false
}

// Year is the fiscal year that holds a day.
func (r *Register) Year(d cal.Date) cal.FiscalYear { return r.Organisation.YearStart.YearOf(d) }

// Convert turns an amount of day d into euros, as known on day asOf.
func (r *Register) Convert(a money.Amount, d, asOf cal.Date) Conversion {
	return r.rates.convert(a, d, asOf)
}

// TierOf tells whether a subscription is of a free or of a premium plan; a plan not known counts as premium.
func (r *Register) TierOf(s Subscription) Tier {
	return r.tierOf(s.PlanID)
}

func (r *Register) tierOf(plan ID) Tier {
	if p, ok := find(r.Plans, plan, func(x *Plan) ID { return x.ID }); ok {
		return p.Tier
	}
	return Premium
}

// AccountOf is the expense account a payment for the subscription is proposed: its own, else its function's.
func (r *Register) AccountOf(s Subscription) string {
	if s.Account != "" {
		return s.Account
	}
	return r.AccountOfService(s.ServiceID)
}

// AccountOfService is the expense account of the service's function.
func (r *Register) AccountOfService(service ID) string {
	sv, _ := r.Service(service)
	if f, ok := r.Function(sv.FunctionID); ok && f.Account != "" {
		return f.Account
	}
	return DefaultAccount
}

// With is the register with one subscription changed, or added when its ID is not known yet: what would be, not what is.
func (r *Register) With(s Subscription) *Register {
	next := *r
	next.Subscriptions = slices.Clone(r.Subscriptions)
	at, ok := slices.BinarySearchFunc(next.Subscriptions, s.ID, func(x Subscription, id ID) int { return cmp.Compare(x.ID, id) })
	if ok {
		next.Subscriptions[at] = s
	} else {
		next.Subscriptions = slices.Insert(next.Subscriptions, at, s)
	}
	next.concealed = sync.OnceValue(func() *Register { return newConcealed(&next) })
	next.indexSubscriptions()
	return &next
}
