package sample

import (
	"enveloppe/models"
	"enveloppe/models/money"
)

// comparison holds the fifty gigabytes on line against a file server in the office, with the association's own figures.
func (b *builder) comparison() {
	b.f.Comparisons = []models.Comparison{{
		ID: b.next(), ServiceID: b.serviceByName["Dropbox"], Name: b.say(text{"Dropbox ou un serveur de fichiers", "Dropbox or a file server"}),
		On: b.today.AddDays(-40), Years: 3, Users: 5, HourCost: money.Euros(2500),
		Online: []models.CostItem{
			{Label: b.say(text{"Abonnement", "Subscription"}), Yearly: money.Euros(11988)},
			{Label: b.say(text{"Formation", "Training"}), HoursOnce: 1000},
			{Label: b.say(text{"Suivi", "Administration"}), HoursYearly: 1200},
		},
		Installed: []models.CostItem{
			{Label: b.say(text{"Licences et maintenance", "Licences and maintenance"}), Once: money.Euros(50000), YearlyShare: money.PercentOf(20)},
			{Label: b.say(text{"Serveur", "Server"}), Once: money.Euros(90000)},
			{Label: b.say(text{"Énergie et sauvegarde", "Energy and backup"}), Yearly: money.Euros(12000)},
			{Label: b.say(text{"Formation", "Training"}), HoursOnce: 1500},
			{Label: b.say(text{"Administration", "Administration"}), HoursYearly: 4800},
		},
		Note: b.say(text{"Devis du serveur d’octobre ; quatre heures de bénévole par mois.", "Server quoted in October; four hours of a volunteer a month."}),
	}}
}
