package reports

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/templates/words"
)

var registerColumns = []column{
	{"Service", textColumn},
	{"Éditeur", textColumn},
	{"Pays", codeColumn},
	{"Fonction", textColumn},
	{"Compte", codeColumn},
	{"Formule", textColumn},
	{"Niveau", textColumn},
	{"État", textColumn},
	{"Prix", amountColumn},
	{"Devise", codeColumn},
	{"Par siège", textColumn},
	{"Périodicité", textColumn},
	{"Sièges payés", countColumn},
	{"Sièges attribués", countColumn},
	{"Début", dayColumn},
	{"Prochaine échéance", dayColumn},
	{"À décider avant le", dayColumn},
	{"À revoir le", dayColumn},
	{"Fin", dayColumn},
	{"Coût annuel EUR", amountColumn},
	{"Responsable", textColumn},
	{"Moyen de paiement", textColumn},
	{"Analytique", textColumn},
	{"Dernier export des données", dayColumn},
	{"Archivé le", dayColumn},
}

// RegisterCSV writes the services as they stand on a day, by function and name, each with the subscription that goes on
// or ended last. "Coût annuel EUR" is the charges of the twelve months that follow, empty when one of them could not be
// converted. A decide-by day that falls on a day off is given as the working day before.
func RegisterCSV(w io.Writer, r *models.Register, day cal.Date, o Options) error {
	t, err := newTable(w, o, registerColumns)
	if err != nil {
		return fmt.Errorf("export the register: %w", err)
	}
	l := newInventory(r, day)
	l.write(t)
	if err := t.close(); err != nil {
		return fmt.Errorf("export the register: %w", err)
	}
	return nil
}

// inventory is the services as they stand on a day.
type inventory struct {
	*models.Register
	*table
	words *words.Words
	day   cal.Date
}

func newInventory(r *models.Register, day cal.Date) *inventory {
	return &inventory{Register: r, words: words.In(words.FR), day: day}
}

func (l *inventory) write(t *table) {
	l.table = t
	for _, sv := range l.inOrder() {
		l.writeService(sv)
		if t.err != nil {
			return
		}
	}
}

// inOrder are the services by function as the organisation orders them, then by name as a French dictionary does.
func (l *inventory) inOrder() []models.Service {
	rank := make(map[models.ID]int, len(l.Functions))
	for _, f := range l.Functions {
		rank[f.ID] = f.Position
	}
	all := append([]models.Service(nil), l.Services...)
	words.SortBy(l.words, all, func(s models.Service) string { return s.Name })
	slices.SortStableFunc(all, func(a, b models.Service) int {
		return cmp.Or(cmp.Compare(rank[a.FunctionID], rank[b.FunctionID]), cmp.Compare(a.FunctionID, b.FunctionID))
	})
	return all
}

func (l *inventory) writeService(sv models.Service) {
	vendor, _ := l.Vendor(sv.VendorID)
	function, _ := l.Function(sv.FunctionID)
	s, used := l.CurrentOn(sv.ID, l.day)
	l.text(sv.Name)
	l.text(vendor.Name)
	l.code(vendor.Country)
	l.text(function.Name)
	if used {
		l.code(l.AccountOf(s))
		l.writeSubscription(s)
	} else {
		l.code(l.AccountOfService(sv.ID))
		for l.at < len(l.columns)-2 {
			l.blank()
		}
	}
	l.table.day(sv.ExportedOn)
	l.table.day(sv.ArchivedOn)
	l.end()
}

func (l *inventory) writeSubscription(s models.Subscription) {
	plan, _ := l.Plan(s.PlanID)
	terms := s.TermsOn(l.day)
	l.text(plan.Name)
	l.text(l.words.Kind("tier", string(l.TierOf(s))))
	l.text(l.words.Kind("state", string(s.StateOn(l.day))))
	l.amount(terms.Price)
	l.code(string(terms.Price.Currency()))
	perSeat := "non"
	if terms.PerSeat {
		perSeat = "oui"
	}
	l.text(perSeat)
	l.text(l.words.Cadence(s.Cadence))
	l.count(terms.Seats)
	l.count(s.SeatsHeld(l.day))
	l.table.day(s.StartedOn)
	renewal, by := l.renewalOf(s)
	l.table.day(renewal)
	l.table.day(by)
	l.table.day(s.LookOn)
	l.table.day(s.EndsOn)
	if yearly, complete := l.YearlyCost(s, l.day); complete {
		l.amount(yearly)
	} else {
		l.blank()
	}
	owner, _ := l.Person(s.OwnerID)
	means, _ := l.PaidBy(s.MeansID)
	l.text(owner.Name)
	l.text(means.Name)
	l.text(s.Analytic)
}

// renewalOf is the next day something is charged and the last working day to prevent it; that day is left out once it
// has passed, and both for what costs nothing.
func (l *inventory) renewalOf(s models.Subscription) (renewal, by cal.Date) {
	renewal, ok := s.NextRenewal(l.day)
	if !ok || s.Over(l.day) || s.TermsOn(renewal).Billed().IsZero() {
		return cal.Date{}, cal.Date{}
	}
	c := models.Charge{DecideBy: s.DecideBy(renewal, l.Organisation.MarginDays)}
	if c.DecideBy.Before(l.day) {
		return renewal, cal.Date{}
	}
	return renewal, c.SaidBy(l.day)
}
