package models

import (
	"slices"
	"sync"
	"time"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Organisation is whose services these are, and the settings its figures rest on. Its base currency is the euro.
type Organisation struct {
	ID        ID
	Version   int64 // revision at which this record was last saved
	Name      string
	YearStart cal.YearStart // first day of its fiscal year
	Zone      string        // IANA time zone; "today" is its civil day there
	Lang      Lang          // of new people and of documents addressed to nobody in particular
	Headcount int           // salaried people the cost is shared over; 0 when not said
	SIREN     string        // 9 digits, empty when it has none

	// KeptFrom is the day the register begins: charges before it are history, nobody is asked to record them.
	KeptFrom cal.Date
	// MarginDays are taken off every decide-by day for the post, the holidays and human nature.
	MarginDays int
	// DecideWindow and RenewalWindow say how many days ahead a decide-by day and a renewal are flagged.
	DecideWindow, RenewalWindow int
	// StaffWithoutAmounts keeps every amount from people of the role staff, on screen, in mail and in files.
	StaffWithoutAmounts bool
	// Leads are the lead times of reminders where neither the subscription nor whoever is reminded has others.
	Leads Leads
	// Sample marks the invented association, whose screens say so.
	Sample bool

	VAT   []VATStatus // by From, ascending
	Books Bookkeeping
}

// Defaults of a new organisation.
const (
	DefaultMarginDays    = 2
	DefaultDecideWindow  = 45
	DefaultRenewalWindow = 21
	DefaultZone          = "Europe/Paris"
	DefaultExportEvery   = 90 // days between two exports of a service's data
)

// Location is the organisation's time zone; UTC if the name is not known to this machine.
func (o Organisation) Location() *time.Location {
	if loc, ok := zones.Load(o.Zone); ok {
		return loc.(*time.Location)
	}
	loc, err := time.LoadLocation(o.Zone)
	if err != nil {
		return time.UTC
	}
	zones.Store(o.Zone, loc)
	return loc
}

// zones are those asked for already: every page asks for today, and the machine reads a zone from its disk.
var zones sync.Map

// Today is the organisation's civil day at an instant.
func (o Organisation) Today(at time.Time) cal.Date { return cal.Of(at.In(o.Location())) }

// ShowsAmounts tells whether people of a role read amounts here.
func (o Organisation) ShowsAmounts(to Role) bool { return to != Staff || !o.StaffWithoutAmounts }

// VATStatusOn is the status in force on a day; without one, not taxable (A), the safe reading for an association.
func (o Organisation) VATStatusOn(d cal.Date) VATStatus { return *o.vatStatusOn(d) }

var notTaxable = VATStatus{Kind: NotTaxable}

func (o *Organisation) vatStatusOn(d cal.Date) *VATStatus {
	for i := len(o.VAT) - 1; i >= 0; i-- {
		if !o.VAT[i].From.After(d) {
			return &o.VAT[i]
		}
	}
	return &notTaxable
}

// Check says what is wrong with the settings.
func (o Organisation) Check() Invalid {
	var v Invalid
	checkName(&v, "name", o.Name)
	if o.YearStart.Validate() != nil {
		v.Add("year_start", "year_start")
	}
	if _, err := time.LoadLocation(o.Zone); err != nil || o.Zone == "" || o.Zone == "Local" {
		v.Add("zone", "timezone")
	}
	checkRange(&v, "headcount", o.Headcount, 0, 100_000)
	checkRange(&v, "margin_days", o.MarginDays, 0, 60)
	checkRange(&v, "decide_window", o.DecideWindow, 1, 365)
	checkRange(&v, "renewal_window", o.RenewalWindow, 1, 365)
	if o.SIREN != "" && !isDigits(o.SIREN, 9) {
		v.Add("siren", "siren")
	}
	if o.Lang != French && o.Lang != English {
		v.Add("lang", "choose")
	}
	v = append(v, o.Leads.Check()...)
	for i, s := range o.VAT {
		if s.Kind != NotTaxable && s.Kind != NoDeduction && s.Kind != PartDeducts {
			v.Add("vat", "choose")
		}
		if i > 0 && !s.From.After(o.VAT[i-1].From) {
			v.Add("vat", "not_before", "day", o.VAT[i-1].From.AddDays(1))
		}
	}
	return v
}

// VATKind is how the organisation stands towards VAT.
type VATKind string

// The three statuses of an organisation towards VAT.
const (
	NotTaxable  VATKind = "a" // not a taxable person: bears the price with its VAT
	NoDeduction VATKind = "b" // taxable, deducts nothing (exempt, franchise)
	PartDeducts VATKind = "c" // taxable, deducts a share
)

// VATStatus is the status from a day on.
type VATStatus struct {
	From  cal.Date
	Kind  VATKind
	Share money.Percent // deducted share, PartDeducts only
}

// Role is what a person may do.
type Role string

// The roles, from most to least.
const (
	Director   Role = "director"   // decides, and manages people and settings
	Editor     Role = "editor"     // keeps the register and the payments
	Accountant Role = "accountant" // reads everything, takes the files
	Staff      Role = "staff"      // reads the register
)

// Roles are all of them, in the order they are offered.
var Roles = []Role{Director, Editor, Accountant, Staff}

// MayEdit tells whether the role keeps the register and the payments.
func (r Role) MayEdit() bool { return r == Director || r == Editor }

// MayExport tells whether the role takes the accountant's files.
func (r Role) MayExport() bool { return r == Director || r == Editor || r == Accountant }

// MayBook tells whether the role settles accounting questions: the account, the analytic code and the invoice of a payment.
func (r Role) MayBook() bool { return r == Director || r == Editor || r == Accountant }

// MayClose tells whether the role closes the accounts; opening them again is MayManage.
func (r Role) MayClose() bool { return r == Director || r == Accountant }

// MayManage tells whether the role manages people, envelope and settings.
func (r Role) MayManage() bool { return r == Director }

// Person is somebody of the organisation: who can sign in, or only hold seats.
type Person struct {
	ID      ID
	Version int64
	Name    string
	Email   string // empty for somebody who neither signs in nor gets mail
	Role    Role
	Lang    Lang
	Digest  bool // wants the monthly digest
	// Reminders tells whether the person wants reminders by e-mail: of everything when they keep the register, else of
	// what they answer for.
	Reminders bool
	Leads     Leads    // the person's own lead times
	Mutes     []Mute   // what the person does not want to be reminded of, each once
	LeftOn    cal.Date // first day no longer here; zero while here
	SignsIn   bool     // has an account, and thereby some means to sign in
	Post      string   // what the person does here, in the organisation's own word; empty when not said
}

// HereOn tells whether the person belongs to the organisation on a day.
func (p Person) HereOn(d cal.Date) bool { return p.LeftOn.IsZero() || d.Before(p.LeftOn) }

// Check says what is wrong with the person as typed.
func (p Person) Check() Invalid {
	var v Invalid
	checkName(&v, "name", p.Name)
	if p.Email != "" {
		checkEmail(&v, "email", p.Email)
	} else if p.Digest {
		v.Add("email", "email.for_digest")
	}
	checkLabel(&v, "post", p.Post)
	v = append(v, p.Leads.Check()...)
	checkMutes(&v, p.Mutes)
	if !slices.Contains(Roles, p.Role) {
		v.Add("role", "choose")
	}
	if p.Lang != French && p.Lang != English {
		v.Add("lang", "choose")
	}
	return v
}

// Function is what services are for, and the account their cost goes to unless a subscription says otherwise.
type Function struct {
	ID       ID
	Version  int64
	Name     string // as the organisation writes it
	Account  string // expense account, digits
	Position int    // order on the screens
}

// DefaultAccount is the expense account of a function that names none: fees for software and the like.
const DefaultAccount = "6511"

// Check says what is wrong with the function as typed.
func (f Function) Check() Invalid {
	var v Invalid
	checkName(&v, "name", f.Name)
	checkAccount(&v, "account", f.Account, true)
	checkRange(&v, "position", f.Position, 0, 10_000)
	return v
}

// Vendor is the company that invoices a service. Country is the invoicing entity's, not the brand's: VAT depends on it.
type Vendor struct {
	ID      ID
	Version int64
	Name    string
	Country string // ISO 3166-1 alpha-2, empty when not known
	Account string // auxiliary supplier account, may be empty
}

// Foreign tells whether invoices come from outside France; not known counts as French.
func (v Vendor) Foreign() bool { return v.Country != "" && v.Country != "FR" }

// Check says what is wrong with the vendor as typed.
func (v Vendor) Check() Invalid {
	var bad Invalid
	checkName(&bad, "name", v.Name)
	if v.Country != "" && !isUpper(v.Country, 2) {
		bad.Add("country", "country")
	}
	checkLabel(&bad, "account", v.Account)
	return bad
}

// Means is what pays: a card, a direct debit, a transfer.
type Means struct {
	ID        ID
	Version   int64
	Name      string
	ExpiresOn cal.Date // last day a card is good; zero for what does not expire
}

// Check says what is wrong with the means of payment as typed.
func (m Means) Check() Invalid {
	var v Invalid
	checkName(&v, "name", m.Name)
	return v
}

// Envelope is what one fiscal year's services may cost: at least the floor, at most the ceiling, in euros.
type Envelope struct {
	ID      ID
	Version int64
	Year    int // number of the fiscal year: the calendar year it begins in
	Floor   money.Amount
	Ceiling money.Amount
	Shares  []Share // of its functions, by function; those not named share what is left
}

// Share is what one function may cost in a year, in euros.
type Share struct {
	FunctionID ID
	Ceiling    money.Amount
}

// Check says what is wrong with the envelope as typed.
func (e Envelope) Check() Invalid {
	var v Invalid
	checkRange(&v, "year", e.Year, 1970, 2199)
	floor := e.Floor.IsNone() || checkEuros(&v, "floor", e.Floor)
	switch {
	case !e.Ceiling.IsPositive():
		v.Add("ceiling", "positive")
	case checkEuros(&v, "ceiling", e.Ceiling) && floor && !e.Floor.IsNone() && e.Ceiling.Less(e.Floor):
		v.Add("ceiling", "floor_above_ceiling")
	}
	e.checkShares(&v)
	return v
}

// checkEuros holds a sum in the organisation's base currency.
func checkEuros(v *Invalid, field string, a money.Amount) bool {
	if a.Currency() != money.EUR {
		v.Add(field, "currency.same")
		return false
	}
	return checkAmount(v, field, a)
}
