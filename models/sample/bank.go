package sample

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"

	"golang.org/x/text/encoding/charmap"
)

// bankAccount is the account the sample's statement is of.
func (b *builder) bankAccount() {
	b.f.BankAccounts = []models.BankAccount{{ID: b.next(), Name: b.say(text{"Compte courant", "Current account"}), Number: "FR7630001007941234567890185"}}
}

// booking is one line of the invented statement; cents are negative when money left.
type booking struct {
	on    cal.Date
	label string
	cents int64
}

// Statement is the file the sample association would download from its bank on a day: four months of its account, with
// what it has recorded, what it has not, a subscription nobody registered, and the rest of an association's life. It
// is a CSV file as French banks write them, in Windows-1252.
func Statement(f models.Facts, today cal.Date) []byte {
	from := today.AddMonths(-4)
	lines := slices.Concat(servicesPaid(f, from, today), everyMonth(from, today))
	slices.SortStableFunc(lines, func(a, b booking) int {
		return cmp.Or(b.on.Compare(a.on), strings.Compare(a.label, b.label))
	})
	var out strings.Builder
	fmt.Fprintf(&out, "Téléchargement du %s;;;\r\n\r\n", french(today))
	fmt.Fprintf(&out, "%s;Compte courant n° 12345678901;;\r\nSolde au %s;2 418,07 €;;\r\n\r\n", f.Organisation.Name, french(today))
	out.WriteString("Date;Libellé;Débit euros;Crédit euros;\r\n")
	for _, l := range lines {
		amount := money.Euros(max(l.cents, -l.cents)).Comma()
		if l.cents < 0 {
			fmt.Fprintf(&out, "%s;%q;%s;;\r\n", french(l.on), l.label, amount)
		} else {
			fmt.Fprintf(&out, "%s;%q;;%s;\r\n", french(l.on), l.label, amount)
		}
	}
	encoded, err := charmap.Windows1252.NewEncoder().String(out.String())
	if err != nil {
		panic(err) // everything above is in that alphabet
	}
	return []byte(encoded)
}

// servicesPaid are the debits of what the register holds: of payments recorded, and of charges still to be.
func servicesPaid(f models.Facts, from, today cal.Date) []booking {
	r := models.NewRegister(f)
	var lines []booking
	add := func(on cal.Date, service models.ID, cost money.Amount) {
		on = on.AddDays(1) // a bank takes its time
		if cost.IsNone() || on.Before(from) || on.After(today) {
			return
		}
		sv, _ := r.Service(service)
		s, _ := r.CurrentOn(service, on)
		label := fmt.Sprintf("PRLV SEPA %s REF %s", strings.ToUpper(sv.Name), strings.ReplaceAll(on.String(), "-", ""))
		if m, ok := r.PaidBy(s.MeansID); ok && !m.ExpiresOn.IsZero() {
			label = fmt.Sprintf("CARTE %02d/%02d %s", on.Day(), on.Month(), strings.ToUpper(sv.Name))
		}
		lines = append(lines, booking{on, label, -cost.Units() / 100})
	}
	for _, p := range r.Payments {
		if p.Stands() {
			add(p.PaidOn, p.ServiceID, p.EUR)
		}
	}
	for _, c := range r.Due(today) {
		add(c.On, c.ServiceID, c.Conversion.EUR)
	}
	return lines
}

// everyMonth is what an association's account shows besides: among it a subscription nobody has registered.
func everyMonth(from, today cal.Date) []booking {
	var lines []booking
	for m := from.MonthStart(); m.Before(today); m = m.AddMonths(1) {
		for _, l := range []booking{
			{m.AddDays(1), "VIR SEPA LOYER LOCAL SCI DU PORT", -31000},
			{m.AddDays(4), "CARTE " + fmt.Sprintf("%02d/%02d", 4, m.Month()) + " ADOBE *CREATIVE DUBLIN IRL", -2399},
			{m.AddDays(9), "REMISE CHEQUES COTISATIONS " + fmt.Sprintf("%02d/%d", m.Month(), m.Year()), 24000},
			{m.AddDays(11), "CARTE " + fmt.Sprintf("%02d/%02d", 11, m.Month()) + " SNCF INTERNET PARIS", -4650 - int64(m.Month())*730},
			{m.AddDays(14), "PRLV SEPA EDF ELECTRICITE", -6212 - int64(m.Month())*41},
			{m.AddDays(27), "FRAIS DE TENUE DE COMPTE", -850},
		} {
			if !l.on.Before(from) && !l.on.After(today) {
				lines = append(lines, l)
			}
		}
	}
	return lines
}

// french writes a day as French banks do.
func french(d cal.Date) string { return fmt.Sprintf("%02d/%02d/%d", d.Day(), d.Month(), d.Year()) }
