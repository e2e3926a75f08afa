package store

import (
	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

type paymentRow struct {
	Rec                      record `gorm:"embedded"`
	ServiceID                models.ID
	SubscriptionID           ref
	ChargeOn, PaidOn         cal.Date
	Part                     bool
	InvoiceID                ref
	InvoiceNumber            string
	InvoiceDate              cal.Date
	PeriodFrom, PeriodTo     cal.Date
	VendorName, Country      string
	Abroad                   bool
	Billed                   amount `gorm:"embedded;embeddedPrefix:billed_"`
	VAT                      amount `gorm:"embedded;embeddedPrefix:vat_"`
	VATRate                  money.Percent
	Net                      amount `gorm:"embedded;embeddedPrefix:net_"`
	Exempt                   bool
	Debited                  amount `gorm:"embedded;embeddedPrefix:debited_"`
	Rate                     money.Rate
	RateDay                  cal.Date
	RateSource               models.RateSource
	EUR                      amount `gorm:"embedded;embeddedPrefix:eur_"`
	VATInvoiced              amount `gorm:"embedded;embeddedPrefix:vat_invoiced_"`
	VATDue                   amount `gorm:"embedded;embeddedPrefix:vat_due_"`
	VATDeductible            amount `gorm:"embedded;embeddedPrefix:vat_deductible_"`
	Cost                     amount `gorm:"embedded;embeddedPrefix:cost_"`
	VATKind                  models.VATKind
	Account, Analytic, Note  string
	ReversesID, ReversedByID ref
	RecordedAt               instant
	RecordedBy               ref
}

func (*paymentRow) TableName() string { return "payments" }
func (*paymentRow) kind() string      { return "payment" }
func (r *paymentRow) rec() *record    { return &r.Rec }

func (r *paymentRow) model() models.Payment {
	return models.Payment{
		ID: r.Rec.ID, Version: r.Rec.Version, ServiceID: r.ServiceID, SubscriptionID: models.ID(r.SubscriptionID),
		ChargeOn: r.ChargeOn, Part: r.Part, InvoiceID: models.ID(r.InvoiceID), PaidOn: r.PaidOn,
		InvoiceNumber: r.InvoiceNumber, InvoiceDate: r.InvoiceDate,
		Period: cal.Span{From: r.PeriodFrom, To: r.PeriodTo}, VendorName: r.VendorName, Country: r.Country, Foreign: r.Abroad,
		Billed: r.Billed.money(), Net: r.Net.money(), VAT: r.VAT.money(), VATRate: r.VATRate, Exempt: r.Exempt, Debited: r.Debited.money(),
		Rate: r.Rate, RateDay: r.RateDay, RateSource: r.RateSource,
		EUR: r.EUR.money(), VATInvoiced: r.VATInvoiced.money(), VATDue: r.VATDue.money(),
		VATDeductible: r.VATDeductible.money(), Cost: r.Cost.money(), VATKind: r.VATKind,
		Account: r.Account, Analytic: r.Analytic, Note: r.Note,
		ReversesID: models.ID(r.ReversesID), ReversedByID: models.ID(r.ReversedByID),
		RecordedAt: r.RecordedAt.Time, RecordedBy: models.ID(r.RecordedBy),
	}
}

func (r *paymentRow) fill(m models.Payment) {
	r.Rec.ID, r.ServiceID, r.SubscriptionID, r.ChargeOn, r.PaidOn = m.ID, m.ServiceID, ref(m.SubscriptionID), m.ChargeOn, m.PaidOn
	r.Part, r.InvoiceID, r.Net, r.Exempt = m.Part, ref(m.InvoiceID), amountOf(m.Net), m.Exempt
	r.InvoiceNumber, r.InvoiceDate, r.PeriodFrom, r.PeriodTo = m.InvoiceNumber, m.InvoiceDate, m.Period.From, m.Period.To
	r.VendorName, r.Country, r.Abroad = m.VendorName, m.Country, m.Foreign
	r.Billed, r.VAT, r.VATRate, r.Debited = amountOf(m.Billed), amountOf(m.VAT), m.VATRate, amountOf(m.Debited)
	r.Rate, r.RateDay, r.RateSource = m.Rate, m.RateDay, m.RateSource
	r.EUR, r.VATInvoiced, r.VATDue = amountOf(m.EUR), amountOf(m.VATInvoiced), amountOf(m.VATDue)
	r.VATDeductible, r.Cost, r.VATKind = amountOf(m.VATDeductible), amountOf(m.Cost), m.VATKind
	r.Account, r.Analytic, r.Note = m.Account, m.Analytic, m.Note
	r.ReversesID, r.ReversedByID = ref(m.ReversesID), ref(m.ReversedByID)
	r.RecordedAt, r.RecordedBy = at(m.RecordedAt), ref(m.RecordedBy)
}

type waiverRow struct {
	Rec            record `gorm:"embedded"`
	SubscriptionID models.ID
	ChargeOn       cal.Date
	Reason         string
	ByID           ref
	OnDay          cal.Date
}

func (*waiverRow) TableName() string { return "waivers" }
func (*waiverRow) kind() string      { return "waiver" }
func (r *waiverRow) rec() *record    { return &r.Rec }

func (r *waiverRow) model() models.Waiver {
	return models.Waiver{
		ID: r.Rec.ID, Version: r.Rec.Version, SubscriptionID: r.SubscriptionID, ChargeOn: r.ChargeOn, Reason: r.Reason,
		By: models.ID(r.ByID), On: r.OnDay,
	}
}

func (r *waiverRow) fill(m models.Waiver) {
	r.Rec.ID, r.SubscriptionID, r.ChargeOn, r.Reason, r.ByID, r.OnDay = m.ID, m.SubscriptionID, m.ChargeOn, m.Reason, ref(m.By), m.On
}

type flagRow struct {
	Rec            record `gorm:"embedded"`
	Kind           models.FlagKind
	Subject        models.ID
	Code           money.Currency
	OnDay          cal.Date
	RaisedOn       cal.Date
	ClearedOn      cal.Date
	AcknowledgedOn cal.Date
	AcknowledgedBy ref
	SnoozedUntil   cal.Date
}

func (*flagRow) TableName() string { return "flags" }
func (*flagRow) kind() string      { return "flag" }
func (r *flagRow) rec() *record    { return &r.Rec }

func (r *flagRow) model() models.Flag {
	return models.Flag{
		ID: r.Rec.ID, Version: r.Rec.Version,
		FlagKey:  models.FlagKey{Kind: r.Kind, Subject: r.Subject, Code: r.Code, On: r.OnDay},
		RaisedOn: r.RaisedOn, ClearedOn: r.ClearedOn, AcknowledgedOn: r.AcknowledgedOn,
		AcknowledgedBy: models.ID(r.AcknowledgedBy), SnoozedUntil: r.SnoozedUntil,
	}
}

func (r *flagRow) fill(m models.Flag) {
	r.Rec.ID, r.Kind, r.Subject, r.Code, r.OnDay = m.ID, m.FlagKey.Kind, m.FlagKey.Subject, m.FlagKey.Code, m.FlagKey.On
	r.RaisedOn, r.ClearedOn, r.AcknowledgedOn = m.RaisedOn, m.ClearedOn, m.AcknowledgedOn
	r.AcknowledgedBy, r.SnoozedUntil = ref(m.AcknowledgedBy), m.SnoozedUntil
}
