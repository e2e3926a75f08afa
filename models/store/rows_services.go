package store

import (
	"enveloppe/models"
	"enveloppe/models/cal"
)

type serviceRow struct {
	Rec                         record `gorm:"embedded"`
	Name                        string
	FunctionID                  models.ID
	VendorID                    ref
	About, URL, CancelURL, Note string
	ArchivedOn                  cal.Date
	ExportEvery                 int64
	ExportedOn, ClosesOn        cal.Date
	Access                      accessRow `gorm:"embedded"`
}

func (*serviceRow) TableName() string { return "services" }
func (*serviceRow) kind() string      { return "service" }
func (r *serviceRow) rec() *record    { return &r.Rec }

func (r *serviceRow) model() models.Service {
	return models.Service{
		ID: r.Rec.ID, Version: r.Rec.Version, Name: r.Name, FunctionID: r.FunctionID, VendorID: models.ID(r.VendorID),
		About: r.About, URL: r.URL, CancelURL: r.CancelURL, Note: r.Note, ArchivedOn: r.ArchivedOn,
		ExportEvery: int(r.ExportEvery), ExportedOn: r.ExportedOn, ClosesOn: r.ClosesOn,
		Access: r.Access.model(),
	}
}

func (r *serviceRow) fill(m models.Service) {
	r.Rec.ID, r.Name, r.FunctionID, r.VendorID = m.ID, m.Name, m.FunctionID, ref(m.VendorID)
	r.About, r.URL, r.CancelURL, r.Note, r.ArchivedOn = m.About, m.URL, m.CancelURL, m.Note, m.ArchivedOn
	r.ExportEvery, r.ExportedOn, r.ClosesOn = int64(m.ExportEvery), m.ExportedOn, m.ClosesOn
	r.Access = accessRowOf(m.Access)
}

// cadence is a cadence in its two columns.
type cadence struct {
	Every int64
	Unit  cal.Unit
}

func cadenceOf(c cal.Cadence) cadence  { return cadence{int64(c.Every), c.Unit} }
func (c cadence) cadence() cal.Cadence { return cal.Cadence{Every: int(c.Every), Unit: c.Unit} }

type planRow struct {
	Rec       record `gorm:"embedded"`
	ServiceID models.ID
	Name      string
	Tier      models.Tier
	Price     amount `gorm:"embedded;embeddedPrefix:price_"`
	PerSeat   bool
	Cadence   cadence `gorm:"embedded;embeddedPrefix:cadence_"`
	Limits    string
	SeenOn    cal.Date
	SeenAt    string
	RetiredOn cal.Date
}

func (*planRow) TableName() string { return "plans" }
func (*planRow) kind() string      { return "plan" }
func (r *planRow) rec() *record    { return &r.Rec }

func (r *planRow) model() models.Plan {
	return models.Plan{
		ID: r.Rec.ID, Version: r.Rec.Version, ServiceID: r.ServiceID, Name: r.Name, Tier: r.Tier, Price: r.Price.money(),
		PerSeat: r.PerSeat, Cadence: r.Cadence.cadence(), Limits: r.Limits, SeenOn: r.SeenOn, SeenAt: r.SeenAt, RetiredOn: r.RetiredOn,
	}
}

func (r *planRow) fill(m models.Plan) {
	r.Rec.ID, r.ServiceID, r.Name, r.Tier, r.Price = m.ID, m.ServiceID, m.Name, m.Tier, amountOf(m.Price)
	r.PerSeat, r.Cadence, r.Limits = m.PerSeat, cadenceOf(m.Cadence), m.Limits
	r.SeenOn, r.SeenAt, r.RetiredOn = m.SeenOn, m.SeenAt, m.RetiredOn
}

// subscriptionRow is a subscription without its terms and seats, which have tables of their own.
type subscriptionRow struct {
	Rec               record `gorm:"embedded"`
	ServiceID, PlanID models.ID
	StartedOn, Anchor cal.Date
	Cadence           cadence `gorm:"embedded;embeddedPrefix:cadence_"`
	NoticeN           int64
	NoticeUnit        cal.Unit
	AutoRenew         bool

	TrialEnds, GrantEnds, FixedUntil cal.Date
	CancelledOn, EndsOn              cal.Date
	CancelReason                     string
	SuccessorID, OwnerID, MeansID    ref
	Account, Analytic                string
	LookOn                           cal.Date
	Note                             string
	Leads                            leadTimes
}

func (*subscriptionRow) TableName() string { return "subscriptions" }
func (*subscriptionRow) kind() string      { return "subscription" }
func (r *subscriptionRow) rec() *record    { return &r.Rec }

func (r *subscriptionRow) model() models.Subscription {
	return models.Subscription{
		ID: r.Rec.ID, Version: r.Rec.Version, ServiceID: r.ServiceID, PlanID: r.PlanID, StartedOn: r.StartedOn, Anchor: r.Anchor,
		Cadence: r.Cadence.cadence(), Notice: cal.Notice{N: int(r.NoticeN), Unit: r.NoticeUnit}, AutoRenew: r.AutoRenew,
		TrialEnds: r.TrialEnds, GrantEnds: r.GrantEnds, FixedUntil: r.FixedUntil,
		CancelledOn: r.CancelledOn, EndsOn: r.EndsOn, CancelReason: r.CancelReason, SuccessorID: models.ID(r.SuccessorID),
		OwnerID: models.ID(r.OwnerID), MeansID: models.ID(r.MeansID), Account: r.Account, Analytic: r.Analytic,
		LookOn: r.LookOn, Note: r.Note, Leads: models.Leads(r.Leads),
	}
}

func (r *subscriptionRow) fill(m models.Subscription) {
	r.Rec.ID, r.ServiceID, r.PlanID, r.StartedOn, r.Anchor = m.ID, m.ServiceID, m.PlanID, m.StartedOn, m.Anchor
	r.Cadence, r.NoticeN, r.NoticeUnit, r.AutoRenew = cadenceOf(m.Cadence), int64(m.Notice.N), m.Notice.Unit, m.AutoRenew
	r.TrialEnds, r.GrantEnds, r.FixedUntil = m.TrialEnds, m.GrantEnds, m.FixedUntil
	r.CancelledOn, r.EndsOn, r.CancelReason = m.CancelledOn, m.EndsOn, m.CancelReason
	r.SuccessorID, r.OwnerID, r.MeansID = ref(m.SuccessorID), ref(m.OwnerID), ref(m.MeansID)
	r.Account, r.Analytic, r.LookOn, r.Note = m.Account, m.Analytic, m.LookOn, m.Note
	r.Leads = leadTimes(m.Leads.Tidy())
}

type termsRow struct {
	OrganisationID models.ID `gorm:"primaryKey;autoIncrement:false"`
	ID             models.ID `gorm:"primaryKey;autoIncrement:false"`
	SubscriptionID models.ID
	FromOn         cal.Date
	Price          amount `gorm:"embedded;embeddedPrefix:price_"`
	PerSeat        bool
	Seats          int64
	Note           string
}

func (*termsRow) TableName() string { return "terms" }

func (r *termsRow) model() models.Terms {
	return models.Terms{ID: r.ID, From: r.FromOn, Price: r.Price.money(), PerSeat: r.PerSeat, Seats: int(r.Seats), Note: r.Note}
}

func termsRowOf(org, sub models.ID, t models.Terms) termsRow {
	return termsRow{
		OrganisationID: org, ID: t.ID, SubscriptionID: sub, FromOn: t.From, Price: amountOf(t.Price),
		PerSeat: t.PerSeat, Seats: int64(t.Seats), Note: t.Note,
	}
}

type seatRow struct {
	OrganisationID models.ID `gorm:"primaryKey;autoIncrement:false"`
	ID             models.ID `gorm:"primaryKey;autoIncrement:false"`
	SubscriptionID models.ID
	PersonID       models.ID
	FromOn, ToOn   cal.Date
}

func (*seatRow) TableName() string { return "seats" }

func (r *seatRow) model() models.Seat {
	return models.Seat{ID: r.ID, PersonID: r.PersonID, From: r.FromOn, To: r.ToOn}
}

func seatRowOf(org, sub models.ID, s models.Seat) seatRow {
	return seatRow{OrganisationID: org, ID: s.ID, SubscriptionID: sub, PersonID: s.PersonID, FromOn: s.From, ToOn: s.To}
}

type decisionRow struct {
	Rec            record `gorm:"embedded"`
	ServiceID      models.ID
	SubscriptionID ref
	Kind           models.DecisionKind
	OnDay          cal.Date
	ByID           ref
	Reason         string
	LookAgainOn    cal.Date
	Renewal        cal.Date
	Seats          int64
	SeatsWas       int64
	ReplacedBy     string
	How            models.CancelBy
}

func (*decisionRow) TableName() string { return "decisions" }
func (*decisionRow) kind() string      { return "decision" }
func (r *decisionRow) rec() *record    { return &r.Rec }

func (r *decisionRow) model() models.Decision {
	return models.Decision{
		ID: r.Rec.ID, Version: r.Rec.Version, ServiceID: r.ServiceID, SubscriptionID: models.ID(r.SubscriptionID), Kind: r.Kind,
		On: r.OnDay, By: models.ID(r.ByID), Reason: r.Reason, LookAgainOn: r.LookAgainOn,
		Renewal: r.Renewal, Seats: int(r.Seats), SeatsWas: int(r.SeatsWas), ReplacedBy: r.ReplacedBy, How: r.How,
	}
}

func (r *decisionRow) fill(m models.Decision) {
	r.Rec.ID, r.ServiceID, r.SubscriptionID, r.Kind = m.ID, m.ServiceID, ref(m.SubscriptionID), m.Kind
	r.OnDay, r.ByID, r.Reason, r.LookAgainOn = m.On, ref(m.By), m.Reason, m.LookAgainOn
	r.Renewal, r.Seats, r.SeatsWas, r.ReplacedBy, r.How = m.Renewal, int64(m.Seats), int64(m.SeatsWas), m.ReplacedBy, m.How
}
