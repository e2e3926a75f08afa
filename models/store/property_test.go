package store

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// chance does things at random to a house, mostly sensible ones, some not.
type chance struct {
	*house
	*rand.Rand
	r *models.Register // as last read
}

func pickOf[T any](c *chance, list []T) T {
	if len(list) == 0 {
		var none T
		return none
	}
	return list[c.IntN(len(list))]
}

// day falls around the tests' day, half the time at the end of a month.
func (c *chance) day() cal.Date {
	d := today.AddDays(c.IntN(700) - 500)
	if c.IntN(2) == 0 {
		return d.MonthEnd()
	}
	return d
}

func (c *chance) past() cal.Date { return cal.Min(c.day(), today) }

func (c *chance) price() money.Amount {
	if c.IntN(3) == 0 {
		return usd(int64(c.IntN(9000)))
	}
	return money.Euros(int64(c.IntN(9000)))
}

func (c *chance) name() string { return fmt.Sprintf("%c%d", 'A'+rune(c.IntN(26)), c.IntN(1000)) }

func (c *chance) person() models.ID  { return pickOf(c, c.r.People).ID }
func (c *chance) service() models.ID { return pickOf(c, c.r.Services).ID }

// version is the record's, or now and then one that is out of date.
func (c *chance) version(v int64) int64 {
	if c.IntN(12) == 0 {
		return v - 1
	}
	return v
}

func (c *chance) subscription() models.Subscription { return pickOf(c, c.r.Subscriptions) }

// subscriptionWith is one of those a verb has a chance with, if there is any.
func (c *chance) subscriptionWith(it func(models.Subscription) bool) models.Subscription {
	return pickOf(c, slices.DeleteFunc(slices.Clone(c.r.Subscriptions), func(m models.Subscription) bool { return !it(m) }))
}

func (c *chance) charge() models.Charge {
	return pickOf(c, c.r.Charges(cal.Span{From: day("2025-06-01"), To: today.AddDays(60)}, today))
}

// acts are what can happen.
var acts = []func(*chance) error{
	func(c *chance) error {
		o := c.r.Organisation
		o.MarginDays, o.Version = c.IntN(10), c.version(o.Version)
		o.VAT = append(slices.Clone(o.VAT), models.VATStatus{From: c.day(), Kind: models.NoDeduction})
		return c.SaveOrganisation(c.ctx, c.by, o)
	},
	func(c *chance) error {
		return first(c.AddPerson(c.ctx, c.by, models.Person{Name: c.name(), Role: pickOf(c, models.Roles), Lang: models.French}))
	},
	func(c *chance) error {
		p := pickOf(c, c.r.People)
		p.Name, p.Version = c.name(), c.version(p.Version)
		return c.SavePerson(c.ctx, c.by, p)
	},
	func(c *chance) error { return c.PersonLeaves(c.ctx, c.by, c.person(), c.day()) },
	func(c *chance) error { return c.PersonReturns(c.ctx, c.by, c.person()) },
	func(c *chance) error { return c.UndoPersonLeaves(c.ctx, c.by, c.person()) },
	func(c *chance) error { return c.SetDigestChoice(c.ctx, c.by, c.person(), c.IntN(2) == 0) },
	func(c *chance) error { return c.SetPassword(c.ctx, c.program(), c.person(), c.name()) },
	func(c *chance) error { // an invitation, withdrawn or taken up the next time
		p := pickOf(c, slices.DeleteFunc(slices.Clone(c.r.People), func(p models.Person) bool { return p.Email == "" })).ID
		link := secret(fmt.Sprint(p))
		if _, err := c.OpenInvitation(c.ctx, link, noon); err != nil {
			return c.Invite(c.ctx, c.by, p, link)
		}
		if c.IntN(3) == 0 {
			return c.WithdrawInvitation(c.ctx, c.by, p)
		}
		_, err := c.AcceptInvitation(c.ctx, link, 0, c.name(), "", noon)
		return err
	},
	func(c *chance) error {
		return first(c.AddFunction(c.ctx, c.by, models.Function{Name: c.name(), Account: "6511", Position: c.IntN(9)}))
	},
	func(c *chance) error { return c.RemoveFunction(c.ctx, c.by, pickOf(c, c.r.Functions).ID) },
	func(c *chance) error { return first(c.EnsureVendor(c.ctx, c.by, c.name(), "FR")) },
	func(c *chance) error { return c.RemoveVendor(c.ctx, c.by, pickOf(c, c.r.Vendors).ID) },
	func(c *chance) error {
		return first(c.AddMeans(c.ctx, c.by, models.Means{Name: c.name(), ExpiresOn: c.day()}))
	},
	func(c *chance) error { return c.RemoveMeans(c.ctx, c.by, pickOf(c, c.r.Means).ID) },
	func(c *chance) error {
		e := entry()
		e.Service.Name, e.NewVendor.Name, e.Plan.Price = c.name(), c.name(), c.price()
		start := c.day()
		e.Subscription.StartedOn, e.Subscription.Anchor, e.Subscription.OwnerID = start, start, c.person()
		e.Subscription.MeansID = 0
		return first(c.AddServiceWithPlan(c.ctx, c.by, e))
	},
	func(c *chance) error {
		v := pickOf(c, c.r.Services)
		v.Note, v.ExportEvery, v.Version = c.name(), c.IntN(200), c.version(v.Version)
		return c.SaveService(c.ctx, c.by, v)
	},
	func(c *chance) error { return c.ArchiveService(c.ctx, c.by, c.service(), c.day()) },
	func(c *chance) error { return c.RestoreService(c.ctx, c.by, c.service()) },
	func(c *chance) error {
		return first(c.AddPlan(c.ctx, c.by, models.Plan{
			ServiceID: c.service(), Name: c.name(), Tier: models.Premium, Price: c.price(), PerSeat: c.IntN(2) == 0, Cadence: cal.Quarterly,
		}))
	},
	func(c *chance) error { return c.RemovePlan(c.ctx, c.by, pickOf(c, c.r.Plans).ID) },
	func(c *chance) error { return c.RetirePlan(c.ctx, c.by, pickOf(c, c.r.Plans).ID, c.day()) },
	func(c *chance) error {
		start := c.day()
		return first(c.Subscribe(c.ctx, c.by, models.Subscription{
			PlanID: pickOf(c, c.r.Plans).ID, StartedOn: start, Anchor: start, Cadence: cal.Monthly, OwnerID: c.person(),
			Terms: []models.Terms{{Price: c.price(), PerSeat: true, Seats: 1 + c.IntN(3)}, {From: start.AddDays(100), Price: c.price(), Seats: 4}},
			Seats: []models.Seat{{PersonID: c.person()}},
		}))
	},
	func(c *chance) error {
		m := c.subscription()
		m.Anchor, m.LookOn, m.Version = cal.Max(m.StartedOn, c.day()), c.day(), c.version(m.Version)
		return c.SaveSubscription(c.ctx, c.by, m)
	},
	func(c *chance) error {
		m := c.subscription()
		return c.AddTerms(c.ctx, c.by, m.ID, c.version(m.Version), models.Terms{From: c.day(), Price: c.price(), PerSeat: true, Seats: 1 + c.IntN(4)})
	},
	func(c *chance) error {
		m := c.subscription()
		t := pickOf(c, m.Terms)
		t.From, t.Price = c.day(), c.price()
		return c.SaveTerms(c.ctx, c.by, m.ID, c.version(m.Version), t)
	},
	func(c *chance) error {
		m := c.subscriptionWith(func(m models.Subscription) bool { return len(m.Terms) > 1 })
		return c.RemoveTerms(c.ctx, c.by, m.ID, pickOf(c, m.Terms).ID)
	},
	func(c *chance) error {
		m := c.subscription()
		return c.Cancel(c.ctx, c.by, m.ID, c.version(m.Version), c.day(), cal.Date{}, c.name())
	},
	func(c *chance) error { return c.Reopen(c.ctx, c.by, c.subscription().ID) },
	func(c *chance) error {
		m := c.subscriptionWith(func(m models.Subscription) bool { return m.EndsOn.IsZero() })
		return first(c.SwitchPlan(c.ctx, c.by, Switch{
			Subscription: m.ID, Version: c.version(m.Version), Plan: pickOf(c, c.r.PlansOf(m.ServiceID)).ID, On: c.day(),
			Terms: models.Terms{Price: c.price(), Seats: 1 + c.IntN(3)},
		}))
	},
	func(c *chance) error {
		m := c.subscriptionWith(func(m models.Subscription) bool { return m.SuccessorID != 0 })
		return c.UndoSwitch(c.ctx, c.by, m.ID)
	},
	func(c *chance) error { return c.AssignSeat(c.ctx, c.by, c.subscription().ID, c.person(), c.day()) },
	func(c *chance) error {
		m := c.subscription()
		return c.FreeSeat(c.ctx, c.by, m.ID, pickOf(c, m.Seats).ID, c.day())
	},
	func(c *chance) error {
		m := c.subscription()
		return c.UndoFreeSeat(c.ctx, c.by, m.ID, pickOf(c, m.Seats).ID)
	},
	func(c *chance) error {
		charge := c.charge()
		return first(c.RecordPayment(c.ctx, c.by, models.Payment{
			ServiceID: charge.ServiceID, SubscriptionID: charge.SubscriptionID, ChargeOn: charge.On, PaidOn: cal.Min(charge.On, today), Billed: charge.Billed,
		}, today))
	},
	func(c *chance) error {
		return first(c.RecordPayment(c.ctx, c.by, models.Payment{ServiceID: c.service(), PaidOn: c.past(), Billed: c.price()}, today))
	},
	func(c *chance) error { return first(c.ReversePayment(c.ctx, c.by, pickOf(c, c.r.Payments).ID, "")) },
	func(c *chance) error {
		p := pickOf(c, c.r.Payments)
		p.Billed, p.VAT = c.price(), money.Amount{}
		return first(c.CorrectPayment(c.ctx, c.by, p.ID, p, today))
	},
	func(c *chance) error {
		charge := c.charge()
		return first(c.Waive(c.ctx, c.by, models.Waiver{SubscriptionID: charge.SubscriptionID, ChargeOn: charge.On, Reason: c.name()}))
	},
	func(c *chance) error { return c.Unwaive(c.ctx, c.by, pickOf(c, c.r.Waivers).ID) },
	func(c *chance) error {
		e := pickOf(c, c.r.Envelopes)
		e.Ceiling = money.Euros(int64(1000 + c.IntN(200_000)))
		if c.IntN(2) == 0 {
			e = models.Envelope{Year: 2020 + c.IntN(10), Ceiling: e.Ceiling}
		}
		return c.SetEnvelope(c.ctx, c.by, e)
	},
	func(c *chance) error {
		e := pickOf(c, c.r.Envelopes)
		e.Shares = []models.Share{{FunctionID: pickOf(c, c.r.Functions).ID, Ceiling: c.price()}, {FunctionID: pickOf(c, c.r.Functions).ID, Ceiling: c.price()}}
		return c.SetEnvelope(c.ctx, c.by, e)
	},
	func(c *chance) error {
		v, _ := c.r.ReviewOf(2023 + c.IntN(5))
		v.Summary, v.Notes = c.name(), []models.ReviewNote{{ServiceID: pickOf(c, c.r.Services).ID, Text: c.name()}}
		return c.SaveReview(c.ctx, c.by, v)
	},
	func(c *chance) error {
		v, _ := c.r.ReviewOf(2023 + c.IntN(5))
		return c.CloseReview(c.ctx, c.by, v.Year, c.version(v.Version), []byte(c.name()), pagesOf(c.name()), today)
	},
	func(c *chance) error { return c.RemoveEnvelope(c.ctx, c.by, pickOf(c, c.r.Envelopes).Year) },
	func(c *chance) error {
		return first(c.AddRate(c.ctx, c.by, models.ReferenceRate{Currency: "USD", Day: c.past(), Rate: rate(fmt.Sprintf("1.%d", 1+c.IntN(99)))}, today))
	},
	func(c *chance) error { return c.RemoveRate(c.ctx, c.by, pickOf(c, c.r.Rates).ID) },
	func(c *chance) error {
		m := c.subscription()
		return first(c.AddDecision(c.ctx, c.by, models.Decision{SubscriptionID: m.ID, Kind: models.Keep, On: today, LookAgainOn: today.AddDays(1 + c.IntN(400))}))
	},
	func(c *chance) error {
		m := c.subscription()
		renewal, _ := m.NextRenewal(today.AddDays(c.IntN(200)))
		kind := models.AnswerKinds[c.IntN(len(models.AnswerKinds))]
		return first(c.AnswerRenewal(c.ctx, c.by, Answer{
			Decision: models.Decision{SubscriptionID: m.ID, Kind: kind, On: today, Renewal: renewal, ReplacedBy: c.name()}, Version: c.version(m.Version),
			Plan: pickOf(c, append(c.r.PlansOf(m.ServiceID), models.Plan{})).ID, Terms: models.Terms{Seats: 2, Price: money.Euros(int64(c.IntN(5000)))},
			Seats: c.IntN(2), Proofs: []NamedFile{{c.name(), fmt.Appendf(nil, "%%PDF-%d", c.IntN(3))}}, Exported: c.IntN(2) == 0,
		}, today))
	},
	func(c *chance) error { return c.UndoAnswer(c.ctx, c.by, pickOf(c, c.r.Decisions).ID) },
	func(c *chance) error {
		return first(c.AddProof(c.ctx, c.by, pickOf(c, c.r.Decisions).ID, NamedFile{c.name(), fmt.Appendf(nil, "%%PDF-%d", c.IntN(3))}))
	},
	func(c *chance) error { return c.RemoveProof(c.ctx, c.by, pickOf(c, c.r.Proofs).ID) },
	func(c *chance) error { return c.RemoveDecision(c.ctx, c.by, pickOf(c, c.r.Decisions).ID) },
	func(c *chance) error {
		_, _, err := c.FlagPass(c.ctx, c.org, c.day(), noon)
		return err
	},
	func(c *chance) error {
		return c.AcknowledgeFlag(c.ctx, c.by, pickOf(c, c.r.Causes(today)).Key, today)
	},
	func(c *chance) error { return c.ReopenFlag(c.ctx, c.by, pickOf(c, c.r.Flags).FlagKey) },
}

// allowed tells a refusal people are told of from a fault.
func allowed(err error) bool {
	var invalid models.Invalid
	var refused models.Refused
	var conflict models.Conflict
	return err == nil || errors.Is(err, models.ErrNotFound) || errors.As(err, &invalid) || errors.As(err, &refused) || errors.As(err, &conflict)
}

// Whatever is done, in whatever order: nothing breaks, a refusal writes nothing, a verb raises the revision by one at
// most, and the register kept up to date is the one read afresh. Now and then it is not asked for between two verbs.
func TestRandomVerbs(t *testing.T) { atRandom(t, newHouse, acts, 240) }

// The same of money: payments, invoices, files, closed periods and bank lines.
func TestRandomVerbsOnMoney(t *testing.T) { atRandom(t, newFurnishedHouse, moneyActs, 240) }

func atRandom(t *testing.T, house func(testing.TB) *house, acts []func(*chance) error, steps int) {
	t.Helper()
	done := make([]int, len(acts))
	for seed := range uint64(5) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			c := &chance{house: house(t), Rand: rand.New(rand.NewPCG(seed, 2026))}
			for step := range steps {
				c.r = c.reg()
				var before models.Facts
				watched := c.IntN(4) == 0
				if watched {
					before = c.fresh()
				}
				n := c.IntN(len(acts))
				err := acts[n](c)
				if !allowed(err) {
					t.Fatalf("step %d, act %d: %v", step, n, err)
				}
				switch after := c.revision(); {
				case err != nil && after != c.r.Revision:
					t.Fatalf("step %d, act %d is refused (%v) and raises the revision", step, n, err)
				case after > c.r.Revision+1:
					t.Fatalf("step %d, act %d raises the revision by %d", step, n, after-c.r.Revision)
				case err == nil:
					done[n]++
				}
				if watched || c.IntN(2) == 0 {
					c.same()
				}
				if diff := diffFacts(before, c.r.Facts); watched && diff != "" {
					t.Fatalf("step %d, act %d changes a register somebody holds:\n%s", step, n, diff)
				}
			}
			c.same()
			c.wellFormed()
		})
	}
	for n, times := range done {
		if times == 0 {
			t.Errorf("act %d never worked: it tests nothing", n)
		}
	}
}

// wellFormed looks for what no sequence of verbs may leave behind.
func (h *house) wellFormed() {
	h.Helper()
	broken, err := column[string](h.ctx, h.readers, `SELECT "table" FROM pragma_foreign_key_check`)
	if err != nil || len(broken) > 0 {
		h.Errorf("references broken in %v, %v", broken, err)
	}
	rules := map[string]string{
		"an ID twice": `SELECT id FROM (SELECT id FROM people UNION ALL SELECT id FROM functions UNION ALL SELECT id FROM vendors
			UNION ALL SELECT id FROM means UNION ALL SELECT id FROM services UNION ALL SELECT id FROM plans UNION ALL SELECT id FROM subscriptions
			UNION ALL SELECT id FROM terms UNION ALL SELECT id FROM seats UNION ALL SELECT id FROM payments UNION ALL SELECT id FROM waivers
			UNION ALL SELECT id FROM envelopes UNION ALL SELECT id FROM rates UNION ALL SELECT id FROM decisions UNION ALL SELECT id FROM flags
			UNION ALL SELECT id FROM attachments UNION ALL SELECT id FROM closings UNION ALL SELECT id FROM bank_accounts UNION ALL SELECT id FROM bank_lines
			UNION ALL SELECT id FROM statement_files UNION ALL SELECT id FROM proofs UNION ALL SELECT id FROM comparisons UNION ALL SELECT id FROM scenarios
			UNION ALL SELECT id FROM reviews UNION ALL SELECT id FROM proposals UNION ALL SELECT id FROM channels
			UNION ALL SELECT id FROM audit) GROUP BY id HAVING count(*) > 1`,
		"a subscription without terms": "SELECT id FROM subscriptions s WHERE NOT EXISTS (SELECT 1 FROM terms t WHERE t.subscription_id = s.id)",
		"first terms on another day":   "SELECT id FROM subscriptions s WHERE started_on <> (SELECT min(from_on) FROM terms t WHERE t.subscription_id = s.id)",
		"two terms of one day":         "SELECT subscription_id FROM terms GROUP BY subscription_id, from_on HAVING count(*) > 1",
		"two subscriptions at once": `SELECT a.id FROM subscriptions a JOIN subscriptions b ON a.service_id = b.service_id AND a.id < b.id
			WHERE a.started_on < coalesce(b.ends_on, '9999') AND b.started_on < coalesce(a.ends_on, '9999')
			AND a.started_on < coalesce(a.ends_on, '9999') AND b.started_on < coalesce(b.ends_on, '9999')`,
		"a payment undone by one that does not": `SELECT a.id FROM payments a LEFT JOIN payments b ON b.id = a.reversed_by_id
			WHERE a.reversed_by_id IS NOT NULL AND b.reverses_id IS NOT a.id`,
		"a version from the future": "SELECT s.id FROM subscriptions s, organisations o WHERE s.version > o.revision",
	}
	maps.Copy(rules, accountingIsWellFormed)
	for what, query := range rules {
		found, err := column[int64](h.ctx, h.readers, query)
		if err != nil || len(found) > 0 {
			h.Errorf("%s: %v, %v", what, found, err)
		}
	}
}

// Readers who ask while others write always get a register of one moment: no row of a revision after its own.
func TestReadersSeeOneMoment(t *testing.T) {
	h := newHouse(t)
	stop := make(chan struct{})
	failed := make(chan string, 4)
	finished := make(chan struct{}, 4)
	for range 4 {
		go func() {
			defer func() { finished <- struct{}{} }()
			for last := int64(0); ; {
				select {
				case <-stop:
					return
				default:
				}
				r, err := h.Register(h.ctx, h.org)
				switch {
				case err != nil:
					failed <- err.Error()
					return
				case r.Revision < last:
					failed <- fmt.Sprintf("revision %d after %d", r.Revision, last)
					return
				}
				last = r.Revision
				service, _ := r.Service(dropbox)
				p, _ := r.Person(paul)
				if service.Version > last || p.Version > last {
					failed <- fmt.Sprintf("rows of %d and %d in revision %d", service.Version, p.Version, last)
					return
				}
			}
		}()
	}
	for n := range 60 {
		h.ok(h.SetDigestChoice(h.ctx, h.by, paul, n%2 == 0))
		h.ok(h.RecordExport(h.ctx, h.by, dropbox, today.AddDays(n)))
	}
	close(stop)
	for range 4 {
		<-finished
	}
	close(failed)
	for text := range failed {
		t.Error(text)
	}
}
