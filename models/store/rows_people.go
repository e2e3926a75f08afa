package store

import (
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

type organisationRow struct {
	OrganisationID models.ID `gorm:"primaryKey;autoIncrement:false"`
	Version        int64
	Revision       int64
	NextID         models.ID
	Name           string
	YearStartMonth int64
	YearStartDay   int64
	Zone           string
	Lang           models.Lang
	Headcount      int64
	Siren          string
	KeptFrom       cal.Date
	MarginDays     int64
	DecideWindow   int64
	RenewalWindow  int64
	Leads          leadTimes
	Sample         bool

	StaffWithoutAmounts bool

	PurchaseJournal, ClosingJournal, BankJournal                                   string
	SupplierAccount, DeductibleAccount, DueVATAccount, PrepaidAccount, BankAccount string

	Settlements   bool
	PrepaidMethod models.PrepaidMethod
	Threshold     amount `gorm:"embedded;embeddedPrefix:threshold_"`

	AuditCount int64  // entries of the log
	AuditHead  digest // hash of the last one
}

func (*organisationRow) TableName() string { return "organisations" }

func (o *organisationRow) model(vat []models.VATStatus) models.Organisation {
	return models.Organisation{
		ID: o.OrganisationID, Version: o.Version, Name: o.Name,
		YearStart: cal.YearStart{Month: time.Month(o.YearStartMonth), Day: int(o.YearStartDay)},
		Zone:      o.Zone, Lang: o.Lang, Headcount: int(o.Headcount), SIREN: o.Siren, KeptFrom: o.KeptFrom,
		MarginDays: int(o.MarginDays), DecideWindow: int(o.DecideWindow), RenewalWindow: int(o.RenewalWindow), Leads: models.Leads(o.Leads),
		StaffWithoutAmounts: o.StaffWithoutAmounts, Sample: o.Sample, VAT: vat,
		Books: models.Bookkeeping{
			PurchaseJournal: o.PurchaseJournal, ClosingJournal: o.ClosingJournal, BankJournal: o.BankJournal,
			Supplier: o.SupplierAccount, Deductible: o.DeductibleAccount, DueVAT: o.DueVATAccount, PrepaidAcct: o.PrepaidAccount,
			Bank: o.BankAccount, Settlements: o.Settlements, Method: o.PrepaidMethod, Threshold: o.Threshold.money(),
		},
	}
}

func (o *organisationRow) fill(m models.Organisation) {
	o.Name, o.Zone, o.Lang, o.Siren, o.KeptFrom, o.Sample = m.Name, m.Zone, m.Lang, m.SIREN, m.KeptFrom, m.Sample
	o.YearStartMonth, o.YearStartDay, o.Headcount = int64(m.YearStart.Month), int64(m.YearStart.Day), int64(m.Headcount)
	o.MarginDays, o.DecideWindow, o.RenewalWindow = int64(m.MarginDays), int64(m.DecideWindow), int64(m.RenewalWindow)
	o.StaffWithoutAmounts, o.Leads = m.StaffWithoutAmounts, leadTimes(m.Leads.Tidy())
	b := m.Books
	o.PurchaseJournal, o.ClosingJournal, o.BankJournal = b.PurchaseJournal, b.ClosingJournal, b.BankJournal
	o.SupplierAccount, o.DeductibleAccount, o.DueVATAccount, o.PrepaidAccount = b.Supplier, b.Deductible, b.DueVAT, b.PrepaidAcct
	o.BankAccount, o.Settlements, o.PrepaidMethod, o.Threshold = b.Bank, b.Settlements, b.Method, amountOf(b.Threshold)
}

type vatRow struct {
	OrganisationID models.ID `gorm:"primaryKey;autoIncrement:false"`
	N              int64     `gorm:"primaryKey;autoIncrement:false"`
	FromOn         cal.Date
	Kind           models.VATKind
	Share          money.Percent
}

func (*vatRow) TableName() string { return "vat_statuses" }

type personRow struct {
	Rec                   record `gorm:"embedded"`
	Name, Email, EmailKey string
	Role                  models.Role
	Lang                  models.Lang
	Digest                bool
	Reminders             bool
	Leads                 leadTimes
	Mutes                 mutes
	LeftOn                cal.Date
	SignsIn               bool
	Post                  string
}

func (*personRow) TableName() string { return "people" }
func (*personRow) kind() string      { return "person" }
func (r *personRow) rec() *record    { return &r.Rec }

func (r *personRow) model() models.Person {
	return models.Person{
		ID: r.Rec.ID, Version: r.Rec.Version, Name: r.Name, Email: r.Email, Role: r.Role, Lang: r.Lang,
		Digest: r.Digest, LeftOn: r.LeftOn, SignsIn: r.SignsIn, Post: r.Post,
		Reminders: r.Reminders, Leads: models.Leads(r.Leads), Mutes: r.Mutes,
	}
}

func (r *personRow) fill(m models.Person) {
	r.Rec.ID, r.Name, r.Email, r.EmailKey = m.ID, m.Name, m.Email, nameKey(m.Email)
	r.Role, r.Lang, r.Digest, r.LeftOn, r.SignsIn, r.Post = m.Role, m.Lang, m.Digest, m.LeftOn, m.SignsIn, m.Post
	r.Reminders, r.Leads, r.Mutes = m.Reminders, leadTimes(m.Leads.Tidy()), m.Mutes
}

type functionRow struct {
	Rec                    record `gorm:"embedded"`
	Name, NameKey, Account string
	Position               int64
}

func (*functionRow) TableName() string { return "functions" }
func (*functionRow) kind() string      { return "function" }
func (r *functionRow) rec() *record    { return &r.Rec }

func (r *functionRow) model() models.Function {
	return models.Function{ID: r.Rec.ID, Version: r.Rec.Version, Name: r.Name, Account: r.Account, Position: int(r.Position)}
}

func (r *functionRow) fill(m models.Function) {
	r.Rec.ID, r.Name, r.NameKey, r.Account, r.Position = m.ID, m.Name, nameKey(m.Name), m.Account, int64(m.Position)
}

type vendorRow struct {
	Rec                             record `gorm:"embedded"`
	Name, NameKey, Country, Account string
}

func (*vendorRow) TableName() string { return "vendors" }
func (*vendorRow) kind() string      { return "vendor" }
func (r *vendorRow) rec() *record    { return &r.Rec }

func (r *vendorRow) model() models.Vendor {
	return models.Vendor{ID: r.Rec.ID, Version: r.Rec.Version, Name: r.Name, Country: r.Country, Account: r.Account}
}

func (r *vendorRow) fill(m models.Vendor) {
	r.Rec.ID, r.Name, r.NameKey, r.Country, r.Account = m.ID, m.Name, nameKey(m.Name), m.Country, m.Account
}

type meansRow struct {
	Rec           record `gorm:"embedded"`
	Name, NameKey string
	ExpiresOn     cal.Date
}

func (*meansRow) TableName() string { return "means" }
func (*meansRow) kind() string      { return "means" }
func (r *meansRow) rec() *record    { return &r.Rec }

func (r *meansRow) model() models.Means {
	return models.Means{ID: r.Rec.ID, Version: r.Rec.Version, Name: r.Name, ExpiresOn: r.ExpiresOn}
}

func (r *meansRow) fill(m models.Means) {
	r.Rec.ID, r.Name, r.NameKey, r.ExpiresOn = m.ID, m.Name, nameKey(m.Name), m.ExpiresOn
}

type envelopeRow struct {
	Rec     record `gorm:"embedded"`
	Year    int64
	Floor   amount `gorm:"embedded;embeddedPrefix:floor_"`
	Ceiling amount `gorm:"embedded;embeddedPrefix:ceiling_"`
	Shares  envelopeShares
}

func (*envelopeRow) TableName() string { return "envelopes" }
func (*envelopeRow) kind() string      { return "envelope" }
func (r *envelopeRow) rec() *record    { return &r.Rec }

func (r *envelopeRow) model() models.Envelope {
	return models.Envelope{ID: r.Rec.ID, Version: r.Rec.Version, Year: int(r.Year), Floor: r.Floor.money(), Ceiling: r.Ceiling.money(), Shares: r.Shares}
}

func (r *envelopeRow) fill(m models.Envelope) {
	r.Rec.ID, r.Year, r.Floor, r.Ceiling, r.Shares = m.ID, int64(m.Year), amountOf(m.Floor), amountOf(m.Ceiling), m.Shares
}

type rateRow struct {
	Rec      record `gorm:"embedded"`
	Currency money.Currency
	Day      cal.Date
	Rate     money.Rate
	Source   models.RateSource
	Planned  bool
}

func (*rateRow) TableName() string { return "rates" }
func (*rateRow) kind() string      { return "rate" }
func (r *rateRow) rec() *record    { return &r.Rec }

func (r *rateRow) model() models.ReferenceRate {
	return models.ReferenceRate{ID: r.Rec.ID, Version: r.Rec.Version, Currency: r.Currency, Day: r.Day, Rate: r.Rate, Source: r.Source, Planned: r.Planned}
}

func (r *rateRow) fill(m models.ReferenceRate) {
	r.Rec.ID, r.Currency, r.Day, r.Rate, r.Source, r.Planned = m.ID, m.Currency, m.Day, m.Rate, m.Source, m.Planned
}
