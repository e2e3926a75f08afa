package reports

import (
	"fmt"
	"io"

	"enveloppe/models"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

var invoiceColumns = []column{
	{"Date facture", dayColumn},
	{"Date paiement", dayColumn},
	{"Fournisseur", textColumn},
	{"Pays", codeColumn},
	{"N° facture", textColumn},
	{"Service", textColumn},
	{"Catégorie", textColumn},
	{"Compte", codeColumn},
	{"Période du", dayColumn},
	{"Période au", dayColumn},
	{"Devise", codeColumn},
	{"Montant devise", amountColumn},
	{"Taux", rateColumn},
	{"Source du taux", textColumn},
	{"HT EUR", amountColumn},
	{"Taux TVA", percentColumn},
	{"TVA facturée", amountColumn},
	{"TVA autoliquidée", amountColumn},
	{"TVA déductible", amountColumn},
	{"TTC EUR", amountColumn},
	{"Coût retenu EUR", amountColumn},
	{"Débité en banque EUR", amountColumn},
	{"Exercice", codeColumn},
	{"Dont CCA EUR", amountColumn},
}

// InvoicesCSV writes the payments of a period, one line each, reversed ones and their reversals too, so that the
// column "Coût retenu EUR" adds up to what was spent in it. "Dont CCA EUR" is the part of that cost that serves after
// the year's closing, as the books are kept. A payment not converted has its amount and no euros.
func InvoicesCSV(w io.Writer, r *models.Register, p Period, o Options) error {
	t, err := newTable(w, o, invoiceColumns)
	if err != nil {
		return fmt.Errorf("export the invoices of %s: %w", p.Label(), err)
	}
	newLedger(r, p, o).invoices(t)
	if err := t.close(); err != nil {
		return fmt.Errorf("export the invoices of %s: %w", p.Label(), err)
	}
	return nil
}

func (l *ledger) invoices(t *table) {
	for _, p := range l.paymentsOf(l.period) {
		l.invoiceCells(t, p)
		if t.end(); t.err != nil {
			return
		}
	}
}

func (l *ledger) invoiceCells(t *table, p *models.Payment) {
	vendor, country := l.vendorOf(p)
	sv, _ := l.Service(p.ServiceID)
	function, _ := l.Function(sv.FunctionID)
	t.day(p.InvoiceDate)
	t.day(p.PaidOn)
	t.text(vendor)
	t.code(country)
	t.text(p.InvoiceNumber)
	t.text(sv.Name)
	t.text(function.Name)
	t.code(l.account(l.accountOf(p)))
	t.day(p.Period.From)
	t.day(p.Period.Last())
	t.code(string(p.Billed.Currency()))
	t.amount(p.Billed)
	t.rate(p.Rate)
	t.text(rateSource(p))
	l.writeEuros(t, p)
}

func (l *ledger) writeEuros(t *table, p *models.Payment) {
	t.amount(netInEuros(p))
	if rate, ok := vatRate(p); ok && p.Converted() {
		t.percent(rate)
	} else {
		t.blank()
	}
	t.amount(p.VATInvoiced)
	t.amount(p.VATDue)
	t.amount(p.VATDeductible)
	t.amount(p.EUR)
	t.amount(p.Cost)
	t.amount(p.Debited)
	t.code(l.period.Year.Label())
	if p.Converted() {
		t.amount(l.Deferred(*p, l.period.Year.Last()))
	} else {
		t.blank()
	}
}

// netInEuros is the total without VAT: as the invoice prints it, else what is left when its VAT is taken away. In euros it
// follows the total, so that a net and a VAT that make up the total on the invoice do so in the file, too.
func netInEuros(p *models.Payment) money.Amount {
	switch {
	case !p.Converted():
		return money.Amount{}
	case p.Net.IsNone(), p.Net.Add(p.VAT) == p.Billed:
		return p.EUR.Sub(p.VATInvoiced)
	case p.Billed.Currency() == money.EUR:
		return p.Net
	}
	return p.EUR.Prorate(p.Net.Abs().Units(), p.Billed.Abs().Units())
}

// rateSource says in French where the euros come from; nothing for what was billed in euros.
func rateSource(p *models.Payment) string {
	fr := words.In(words.FR)
	switch {
	case !p.Converted():
		return fr.Kind("payment", "unconverted")
	case p.RateSource == "":
		return ""
	}
	return fr.Kind("rate", string(p.RateSource))
}
