package models

import (
	"slices"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Service is something the organisation uses, or has considered using, on line.
type Service struct {
	ID         ID
	Version    int64
	Name       string
	FunctionID ID
	VendorID   ID // 0 when not known
	About      string
	URL        string // where one signs in
	CancelURL  string // where, or how, one cancels
	Note       string
	ArchivedOn cal.Date // out of sight since; zero while in use

	ExportEvery int      // days between two exports of its data; 0 when there is nothing to lose
	ExportedOn  cal.Date // last export; zero for never
	ClosesOn    cal.Date // day the vendor ends the service; zero while it says nothing

	Access Access
}

// Archived tells whether the service is out of sight.
func (s Service) Archived() bool { return !s.ArchivedOn.IsZero() }

// Check says what is wrong with the service as typed.
func (s Service) Check() Invalid {
	var v Invalid
	checkName(&v, "name", s.Name)
	if s.FunctionID == 0 {
		v.Add("function", "choose")
	}
	checkLabel(&v, "about", s.About)
	checkURL(&v, "url", s.URL)
	checkURL(&v, "cancel_url", s.CancelURL)
	checkText(&v, "note", s.Note)
	checkRange(&v, "export_every", s.ExportEvery, 0, 3650)
	return v
}

// Tier tells a free plan from a paid one.
type Tier string

// The two tiers.
const (
	Free    Tier = "free"
	Premium Tier = "premium"
)

// Plan is an offer of a service. A service has several; that is what makes free and premium comparable.
type Plan struct {
	ID        ID
	Version   int64
	ServiceID ID
	Name      string
	Tier      Tier
	Price     money.Amount // of one period (and one seat, when PerSeat); zero in EUR for a free plan
	PerSeat   bool
	Cadence   cal.Cadence
	Limits    string   // what it gives and where it stops, in words
	SeenOn    cal.Date // when the price was seen
	SeenAt    string   // and where
	RetiredOn cal.Date // no longer offered since; zero while it is
}

// Check says what is wrong with the plan as typed.
func (p Plan) Check() Invalid {
	var v Invalid
	checkName(&v, "name", p.Name)
	checkText(&v, "limits", p.Limits)
	checkLabel(&v, "seen_at", p.SeenAt)
	switch p.Tier {
	case Free:
		if !p.Price.IsZero() {
			v.Add("price", "price.free")
		}
	case Premium:
		checkPrice(&v, "price", p.Price)
	default:
		v.Add("tier", "choose")
	}
	if err := p.Cadence.Validate(); err != nil {
		v.Add("every", reasonOf(err))
	}
	return v
}

// checkPrice holds what something paid costs: more than nothing.
func checkPrice(v *Invalid, field string, a money.Amount) {
	switch {
	case a.IsNone():
		v.Add(field, "required")
	case a.IsZero():
		v.Add(field, "price.zero")
	default:
		checkAmount(v, field, a)
	}
}

// PeriodPrice is what the plan costs a period for so many seats, in the plan's currency.
func (p Plan) PeriodPrice(seats int) money.Amount {
	if p.PerSeat {
		return p.Price.Times(int64(seats))
	}
	return p.Price
}

// DecisionKind is what was decided of a service.
type DecisionKind string

// The decisions a director takes.
const (
	Keep      DecisionKind = "keep"
	Upgrade   DecisionKind = "upgrade"
	Downgrade DecisionKind = "downgrade"
	Replace   DecisionKind = "replace"
	Drop      DecisionKind = "cancel"
	StayFree  DecisionKind = "stay_free"
	Decline   DecisionKind = "decline" // considered and not taken
)

// DecisionKinds are all of them, in the order they are offered.
var DecisionKinds = []DecisionKind{Keep, Upgrade, Downgrade, Replace, Drop, StayFree, Decline}

// Decision is what was decided, by whom, on which day and why.
type Decision struct {
	ID             ID
	Version        int64
	ServiceID      ID
	SubscriptionID ID // 0 when it is of the service as such
	Kind           DecisionKind
	On             cal.Date
	By             ID // the person; 0 when not recorded
	Reason         string
	LookAgainOn    cal.Date // day to look at it again; zero for none
	Renewal        cal.Date // the renewal it answers, so that the flag before it is dealt with; zero for none
	Seats          int      // how many it leaves, when it was about their number; 0 when not
	SeatsWas       int      // how many there were before
	ReplacedBy     string   // what takes the service's place, Replace only
	How            CancelBy // by which way it was cancelled; empty when not said
}

// CancelBy is a way to cancel.
type CancelBy string

// The ways to cancel.
const (
	CancelOnline CancelBy = "online" // on the vendor's pages
	CancelMail   CancelBy = "mail"   // by e-mail
	CancelLetter CancelBy = "letter"
	CancelPhone  CancelBy = "phone"
)

// CancelWays are all of them, in the order they are offered.
var CancelWays = []CancelBy{CancelOnline, CancelMail, CancelLetter, CancelPhone}

// Check says what is wrong with the decision as typed.
func (d Decision) Check() Invalid {
	var v Invalid
	switch d.Kind {
	case Keep, Upgrade, Downgrade, Replace, Drop, StayFree, Decline:
	default:
		v.Add("kind", "choose")
	}
	if d.On.IsZero() {
		v.Add("on", "date.empty")
	}
	checkText(&v, "reason", d.Reason)
	checkLabel(&v, "replaced_by", d.ReplacedBy)
	if d.How != "" && !slices.Contains(CancelWays, d.How) {
		v.Add("how", "choose")
	}
	if !d.LookAgainOn.IsZero() && !d.LookAgainOn.After(d.On) {
		v.Add("look_again_on", "after", "day", d.On)
	}
	return v
}
