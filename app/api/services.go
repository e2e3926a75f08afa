package api

import (
	"enveloppe/models"
	"enveloppe/models/cal"
)

type serviceAnswer struct {
	ID         models.ID       `json:"id"`
	Name       string          `json:"name"`
	About      *string         `json:"about"`
	URL        *string         `json:"url"`
	Function   *named          `json:"function"`
	Vendor     *vendorAnswer   `json:"vendor"`
	Standing   models.Standing `json:"standing"`
	Tier       *models.Tier    `json:"tier"`
	Current    *models.ID      `json:"subscription_id"` // the one in use, or the last one
	Renewal    *string         `json:"next_renewal"`
	Yearly     *sum            `json:"yearly_cost"` // of the next twelve months
	ArchivedOn *string         `json:"archived_on"`
	ClosesOn   *string         `json:"closes_on"`
	Plans      []planAnswer    `json:"plans"`
}

type vendorAnswer struct {
	named
	Country *string `json:"country"`
}

type planAnswer struct {
	ID        models.ID   `json:"id"`
	Name      string      `json:"name"`
	Tier      models.Tier `json:"tier"`
	Price     *sum        `json:"price"`
	PerSeat   bool        `json:"per_seat"`
	Cadence   string      `json:"cadence"`
	SeenOn    *string     `json:"seen_on"`
	RetiredOn *string     `json:"retired_on"`
}

func services(c *call) (any, error) {
	if err := c.asks("after", "limit"); err != nil {
		return nil, err
	}
	today := c.today()
	return page(c, c.register.Services, func(s *models.Service) models.ID { return s.ID }, func(s *models.Service) serviceAnswer {
		return c.showService(s.ID, today)
	})
}

func service(c *call) (any, error) {
	id, err := c.one()
	if err != nil {
		return nil, err
	}
	if _, ok := c.register.Service(id); !ok {
		return nil, models.ErrNotFound
	}
	return c.showService(id, c.today()), c.asks()
}

func (c *call) showService(id models.ID, today cal.Date) serviceAnswer {
	r := c.register
	l, _ := r.Line(id, today)
	s := l.Service
	function, _ := r.Function(s.FunctionID)
	a := serviceAnswer{
		ID: s.ID, Name: s.Name, About: text(s.About), URL: text(s.URL), Function: namedOf(function.ID, function.Name),
		Standing: l.Standing, Tier: text(l.Tier), Current: number(l.Subscription.ID), Renewal: date(l.Renewal),
		Yearly: c.known(l.Yearly, l.Complete), ArchivedOn: date(s.ArchivedOn), ClosesOn: date(s.ClosesOn), Plans: []planAnswer{},
	}
	if v, ok := r.Vendor(s.VendorID); ok {
		a.Vendor = &vendorAnswer{named{v.ID, v.Name}, text(v.Country)}
	}
	for _, p := range r.PlansOf(id) {
		a.Plans = append(a.Plans, planAnswer{
			ID: p.ID, Name: p.Name, Tier: p.Tier, Price: c.sum(p.Price), PerSeat: p.PerSeat, Cadence: p.Cadence.String(),
			SeenOn: date(p.SeenOn), RetiredOn: date(p.RetiredOn),
		})
	}
	return a
}

type subscriptionAnswer struct {
	ID          models.ID     `json:"id"`
	Service     *named        `json:"service"`
	Plan        *named        `json:"plan"`
	Tier        *models.Tier  `json:"tier"`
	State       models.State  `json:"state"`
	StartedOn   string        `json:"started_on"`
	Cadence     string        `json:"cadence"`
	Notice      *string       `json:"notice"`
	AutoRenew   bool          `json:"auto_renew"`
	TrialEnds   *string       `json:"trial_ends"`
	GrantEnds   *string       `json:"grant_ends"`
	FixedUntil  *string       `json:"fixed_until"`
	CancelledOn *string       `json:"cancelled_on"`
	EndsOn      *string       `json:"ends_on"`
	Successor   *models.ID    `json:"successor_id"`
	Renewal     *string       `json:"next_renewal"`
	DecideBy    *string       `json:"decide_by"`
	Yearly      *sum          `json:"yearly_cost"`
	Owner       *named        `json:"owner"`
	Means       *named        `json:"means"`
	Account     string        `json:"account"`
	Analytic    *string       `json:"analytic"`
	Terms       []termsAnswer `json:"terms"`
	SeatsHeld   int           `json:"seats_held"`
}

type termsAnswer struct {
	From    string `json:"from"`
	Price   *sum   `json:"price"`
	PerSeat bool   `json:"per_seat"`
	Seats   int    `json:"seats"`
	Billed  *sum   `json:"billed"`
}

func subscriptions(c *call) (any, error) {
	if err := c.asks("service", "after", "limit"); err != nil {
		return nil, err
	}
	id, err := c.number("service", 0, 1, maxID)
	if err != nil {
		return nil, err
	}
	all := c.register.Subscriptions
	if id != 0 {
		all = c.register.SubscriptionsOf(models.ID(id))
	}
	return page(c, all, func(s *models.Subscription) models.ID { return s.ID }, c.showSubscription)
}

func subscription(c *call) (any, error) {
	id, err := c.one()
	if err != nil {
		return nil, err
	}
	s, ok := c.register.Subscription(id)
	if !ok {
		return nil, models.ErrNotFound
	}
	return c.showSubscription(&s), c.asks()
}

func (c *call) showSubscription(s *models.Subscription) subscriptionAnswer {
	r, today := c.register, c.today()
	plan, _ := r.Plan(s.PlanID)
	means, _ := r.PaidBy(s.MeansID)
	yearly, complete := r.YearlyCost(*s, today)
	a := subscriptionAnswer{
		ID: s.ID, Service: c.service(s.ServiceID), Plan: namedOf(plan.ID, plan.Name), Tier: text(plan.Tier), State: s.StateOn(today),
		StartedOn: s.StartedOn.String(), Cadence: s.Cadence.String(), Notice: text(s.Notice.String()), AutoRenew: s.AutoRenew,
		TrialEnds: date(s.TrialEnds), GrantEnds: date(s.GrantEnds), FixedUntil: date(s.FixedUntil), CancelledOn: date(s.CancelledOn),
		EndsOn: date(s.EndsOn), Successor: number(s.SuccessorID), Yearly: c.known(yearly, complete),
		Owner: c.person(s.OwnerID), Means: namedOf(means.ID, means.Name), Account: r.AccountOf(*s), Analytic: text(s.Analytic),
		Terms: []termsAnswer{}, SeatsHeld: s.SeatsHeld(today),
	}
	if on, ok := s.NextRenewal(today); ok && !s.TermsOn(on).Billed().IsZero() {
		a.Renewal = date(on)
		if charge, ok := r.Charge(s.ID, on, today); ok {
			a.DecideBy = date(charge.DecideBy)
		}
	}
	for _, t := range s.Terms {
		a.Terms = append(a.Terms, termsAnswer{t.From.String(), c.sum(t.Price), t.PerSeat, t.Seats, c.sum(t.Billed())})
	}
	return a
}
