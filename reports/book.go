package reports

import (
	"cmp"
	"slices"

	"enveloppe/models"
	"enveloppe/models/money"
)

// book is a register with what the accountant's files ask of it for each payment.
type book struct{ *models.Register }

func newBook(r *models.Register) *book { return &book{r} }

// paymentsOf are those made in a period, by day and then in the order they were recorded: what was reversed and what
// reverses it both appear, as they do in Position.Spent.
func (b *book) paymentsOf(period Period) []*models.Payment {
	var all []*models.Payment
	for i := range b.Payments {
		if p := &b.Payments[i]; period.Span.Contains(p.PaidOn) {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(x, y *models.Payment) int {
		return cmp.Or(x.PaidOn.Compare(y.PaidOn), cmp.Compare(x.ID, y.ID))
	})
	return all
}

// vendorOf is who invoiced a payment, as it was copied then.
func (b *book) vendorOf(p *models.Payment) (name, country string) {
	if p.VendorName != "" {
		return p.VendorName, p.Country
	}
	sv, _ := b.Service(p.ServiceID)
	v, _ := b.Vendor(sv.VendorID)
	return v.Name, cmp.Or(p.Country, v.Country)
}

// accountOf is the expense account copied onto a payment, or the one proposed today for an old payment without.
func (b *book) accountOf(p *models.Payment) string {
	if p.Account != "" {
		return p.Account
	}
	return b.AccountOfService(p.ServiceID)
}

// vatRate is the rate a payment's VAT was reckoned at; ok is false when it bears none.
func vatRate(p *models.Payment) (rate money.Percent, ok bool) {
	switch {
	case !p.VATRate.IsZero():
		return p.VATRate, true
	case !p.VATDue.IsZero():
		return money.PercentOf(models.StandardVAT), true
	}
	return money.Percent{}, false
}
