package sample

import (
	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// review is what the director wrote about last year, still to be closed: ReviewClosedOn says when she did.
func (b *builder) review() {
	note := func(service string, said text) models.ReviewNote {
		return models.ReviewNote{ServiceID: b.serviceByName[service], Text: b.say(said)}
	}
	b.f.Reviews = []models.Review{models.Review{
		ID: b.next(), Year: b.year().Prev().Number(),
		Summary: b.say(text{
			"Une année tenue : tout ce que nous voulions garder est resté dans l’enveloppe, et rien n’a manqué à ceux qui étaient sur la route.\n" +
				"Ce qui nous coûte le plus reste ce que nous faisons paraître : la lettre, le site et les photographies.",
			"A year that held: everything we wanted to keep stayed within the envelope, and those on the road lacked nothing.\n" +
				"What costs us most is still what we publish: the newsletter, the site and the photographs.",
		}),
		Outlook: b.say(text{
			"Passer Scoop.it à trois thèmes, essayer une charte graphique commune, et trouver ce qui remplacera Skype avant sa fermeture.",
			"Take Scoop.it down to three topics, try a common visual identity, and find what will replace Skype before it closes.",
		}),
		Notes: []models.ReviewNote{
			note("Dropbox", text{"Les tournées vivent dessus. À revoir si le prix dépasse 120 € par an.", "Our tours live on it. To be looked at again above €120 a year."}),
			note("Skype", text{"Gratuit, mais il ferme : récupérer les conversations.", "Free, but it closes: save the conversations."}),
		},
		NextFloor: money.Euros(80000), NextCeiling: money.Euros(100000),
	}.Tidy()}
}

// ReviewClosedOn is the day on which the sample's director closed the review of the year before; today, while that day is
// still to come.
func ReviewClosedOn(f models.Facts, today cal.Date) cal.Date {
	return cal.Min(f.Organisation.YearStart.YearOf(today).Start.AddDays(19), today)
}
