package sample

import (
	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// service is one online service of the sample, as it is told.
type service struct {
	name, vendor, country, function string
	about, note                     text
	url, cancel                     string
	exportEvery, exported           int // days; exported counts from today
	closes                          int // days from today; 0 for never
	plans                           []plan
	uses                            []use
}

type plan struct {
	name    string
	tier    models.Tier
	cents   int64
	dollars string // currency when not the euro
	perSeat bool
	cadence cal.Cadence
	limits  text
}

func (p plan) currency() money.Currency {
	if p.dollars != "" {
		return money.Currency(p.dollars)
	}
	return money.EUR
}

// use is one subscription: which plan, and the next renewal in days from today.
type use struct {
	plan                   int
	renews                 int
	years, months          int // how long ago it began, counted back from that renewal
	notice                 int // days
	seats                  []int
	unused                 int // paid places nobody holds
	owner                  int
	look                   int // days until a free plan is looked at again
	wasCents, risesTo      int64
	card                   bool
	trial, grant, switched bool
	analytic               string
}

var everybody = []int{claire, karim, lucie, hugo, ines}

// paid are the ten services with a premium plan.
var paid = []service{
	{
		name: "Dropbox", vendor: "Dropbox International Unlimited Company", country: "IE", function: "data",
		about: text{"50 Go partagés et synchronisés", "50 GB shared and in sync"}, url: "https://www.dropbox.com/", cancel: "https://www.dropbox.com/account/plan",
		note:        text{"Sert à tous en déplacement ; lecture hors ligne sur les portables.", "Everybody uses it on the road; readable off line on the laptops."},
		exportEvery: 90, exported: -33,
		plans: []plan{
			{name: "Basic", tier: models.Free, cadence: cal.Yearly, limits: text{"2 Go, trois appareils", "2 GB, three devices"}},
			{name: "Pro 50", tier: models.Premium, cents: 9900, dollars: "USD", cadence: cal.Yearly, limits: text{"50 Go, tous les appareils, versions sur 30 jours", "50 GB, every device, versions for 30 days"}},
		},
		uses: []use{{plan: 1, renews: 25, years: 4, notice: 1, seats: everybody, owner: claire, card: true, risesTo: 11000}},
	},
	{
		name: "MindMeister", vendor: "MeisterLabs GmbH", country: "DE", function: "mapping",
		about: text{"cartes mentales des projets", "mind maps of our projects"}, url: "https://www.mindmeister.com/", cancel: "https://accounts.meister.co/",
		exportEvery: 180, exported: -70,
		plans: []plan{
			{name: "Basic", tier: models.Free, cadence: cal.Yearly, limits: text{"3 cartes", "3 maps"}},
			{name: "Personal", tier: models.Premium, cents: 2940, perSeat: true, cadence: cal.Yearly, limits: text{"cartes illimitées, export PDF", "maps without limit, PDF export"}},
		},
		uses: []use{{plan: 1, renews: 49, years: 3, notice: 30, seats: []int{claire}, unused: 1, owner: claire, card: true}},
	},
	{
		name: "Scoop.it", vendor: "Scoop.it SAS", country: "FR", function: "monitoring",
		about: text{"trois thèmes publics", "three public topics"}, url: "https://www.scoop.it/", exportEvery: 90, exported: -94,
		plans: []plan{
			{name: "Free", tier: models.Free, cadence: cal.Yearly, limits: text{"un thème", "one topic"}},
			{name: "Pro", tier: models.Premium, cents: 13200, cadence: cal.Yearly, limits: text{"trois thèmes, statistiques", "three topics, statistics"}},
			{name: "Plus", tier: models.Premium, cents: 16800, cadence: cal.Yearly, limits: text{"cinq thèmes, export", "five topics, export"}},
		},
		uses: []use{
			{plan: 2, renews: 150, years: 4, notice: 30, owner: karim, seats: []int{karim}},
			{plan: 1, renews: 150, years: 1, notice: 30, owner: karim, seats: []int{karim}, switched: true},
		},
	},
	{
		name: "OVHcloud", vendor: "OVH SAS", country: "FR", function: "outreach",
		about: text{"nom de domaine et hébergement du site", "domain name and hosting of our site"}, url: "https://www.ovhcloud.com/", cancel: "https://www.ovh.com/manager/",
		exportEvery: 30, exported: -12,
		plans: []plan{{name: "Perso", tier: models.Premium, cents: 7188, cadence: cal.Yearly, limits: text{"100 Go, un domaine, 10 adresses", "100 GB, one domain, 10 addresses"}}},
		uses:  []use{{renews: 12, years: 5, notice: 30, owner: karim, analytic: "COM"}},
	},
	{
		name: monthly, vendor: "Sendinblue SAS", country: "FR", function: "outreach",
		about: text{"lettre aux adhérents", "newsletter to our members"}, url: "https://www.brevo.com/", exportEvery: 90, exported: -45,
		plans: []plan{
			{name: "Free", tier: models.Free, cadence: cal.Monthly, limits: text{"300 courriels par jour, logo de l’éditeur", "300 e-mails a day, vendor’s logo"}},
			{name: "Starter", tier: models.Premium, cents: 1800, cadence: cal.Monthly, limits: text{"20 000 courriels par mois", "20,000 e-mails a month"}},
		},
		uses: []use{{plan: 1, renews: -3, months: 31, owner: karim, analytic: "COM"}},
	},
	{
		name: "Zoom", vendor: "Zoom Communications, Inc.", country: "US", function: "meeting",
		about: text{"réunions du conseil, au-delà de 40 minutes", "board meetings beyond 40 minutes"}, url: "https://zoom.us/",
		plans: []plan{
			{name: "Basic", tier: models.Free, cadence: cal.Yearly, limits: text{"40 minutes à trois et plus", "40 minutes for three and more"}},
			{name: "Pro", tier: models.Premium, cents: 13990, perSeat: true, cadence: cal.Yearly, limits: text{"30 heures, 100 personnes", "30 hours, 100 people"}},
		},
		uses: []use{{plan: 1, renews: 201, years: 3, notice: 1, seats: []int{lucie}, owner: lucie, card: true, wasCents: 13190}},
	},
	{
		name: "Flickr", vendor: "Flickr, Inc.", country: "US", function: "outreach",
		about: text{"photothèque des tournées", "photographs of our tours"}, url: "https://www.flickr.com/", exportEvery: 180, exported: -110,
		plans: []plan{
			{name: "Free", tier: models.Free, cadence: cal.Yearly, limits: text{"1 000 photos", "1,000 photographs"}},
			{name: "Pro", tier: models.Premium, cents: 5500, cadence: cal.Yearly, limits: text{"sans limite, statistiques", "without limit, statistics"}},
		},
		uses: []use{{plan: 1, renews: 101, years: 3, notice: 1, owner: paul, card: true}},
	},
	{
		name: "Canva", vendor: "Canva Pty Ltd", country: "AU", function: "collaboration",
		about: text{"visuels et affiches, à l’essai", "visuals and posters, on trial"}, url: "https://www.canva.com/",
		plans: []plan{
			{name: "Free", tier: models.Free, cadence: cal.Yearly, limits: text{"modèles gratuits", "free templates"}},
			{name: "Pro", tier: models.Premium, cents: 11000, cadence: cal.Yearly, limits: text{"tous les modèles, charte", "every template, brand kit"}},
		},
		uses: []use{{plan: 1, renews: 9, owner: hugo, seats: []int{hugo}, card: true, trial: true}},
	},
	{
		name: "Doodle", vendor: "Doodle AG", country: "CH", function: "planning",
		about: text{"sondages de dates, offert cette année", "date polls, granted for this year"}, url: "https://doodle.com/",
		plans: []plan{
			{name: "Free", tier: models.Free, cadence: cal.Yearly, limits: text{"avec publicité", "with advertising"}},
			{name: "Pro", tier: models.Premium, cents: 8388, dollars: "CHF", cadence: cal.Yearly, limits: text{"sans publicité, relances", "no advertising, reminders"}},
		},
		uses: []use{{plan: 1, grant: true, owner: ines, seats: []int{ines}}},
	},
	{
		name: "Bitwarden", vendor: "Bitwarden, Inc.", country: "US", function: "data",
		about: text{"mots de passe de l’équipe", "the team’s passwords"}, url: "https://bitwarden.com/", exportEvery: 90, exported: -20,
		plans: []plan{
			{name: "Free", tier: models.Free, cadence: cal.Yearly, limits: text{"deux personnes", "two people"}},
			{name: "Families", tier: models.Premium, cents: 1000, dollars: "USD", perSeat: true, cadence: cal.Yearly, limits: text{"coffres partagés", "shared vaults"}},
		},
		uses: []use{{plan: 1, renews: 262, years: 3, notice: 1, seats: everybody, owner: karim, card: true}},
	},
}

// free are the seven services for which the free plan is enough, one of them about to end.
var free = []service{
	{
		name: "Gmail", vendor: "Google Ireland Limited", country: "IE", function: "messaging", about: text{"messagerie de chacun", "everybody’s mail"}, url: "https://mail.google.com/",
		exportEvery: 180, exported: -90,
		plans: []plan{{name: "Gmail", tier: models.Free, cadence: cal.Yearly, limits: text{"15 Go", "15 GB"}}},
		uses:  []use{{renews: 115, years: 6, look: 115}},
	},
	{
		name: "Google Agenda", vendor: "Google Ireland Limited", country: "IE", function: "planning", about: text{"agendas partagés des tournées", "shared calendars of our tours"}, url: "https://calendar.google.com/",
		plans: []plan{{name: "Agenda", tier: models.Free, cadence: cal.Yearly, limits: text{"sans limite utile", "no limit that matters"}}},
		uses:  []use{{renews: 42, years: 6, look: 82}},
	},
	{
		name: "Google Apps", vendor: "Google Ireland Limited", country: "IE", function: "collaboration", about: text{"édition payante envisagée, déclinée", "paid edition considered, declined"}, url: "https://workspace.google.com/",
		plans: []plan{
			{name: "Édition gratuite", tier: models.Free, cadence: cal.Yearly, limits: text{"documents partagés, adresses personnelles", "shared documents, personal addresses"}},
			{name: "Business", tier: models.Premium, cents: 4000, perSeat: true, cadence: cal.Yearly, limits: text{"notre domaine, 30 Go chacun, support", "our own domain, 30 GB each, support"}},
		},
		uses: []use{{renews: 38, years: 5, look: 38, seats: everybody}},
	},
	{
		name: "Google Talk", vendor: "Google Ireland Limited", country: "IE", function: "collaboration", about: text{"messagerie instantanée", "instant messages"}, url: "https://hangouts.google.com/",
		plans: []plan{{name: "Talk", tier: models.Free, cadence: cal.Yearly}},
		uses:  []use{{renews: 200, years: 6, look: 200}},
	},
	{
		name: "Skype", vendor: "Skype Communications SARL", country: "LU", function: "meeting", about: text{"appels à distance", "calls at a distance"}, url: "https://www.skype.com/",
		note:   text{"Fin annoncée par l’éditeur : récupérer les conversations avant.", "The vendor has announced its end: save the conversations first."},
		closes: 75, exportEvery: 180, exported: -120,
		plans: []plan{{name: "Skype", tier: models.Free, cadence: cal.Yearly}},
		uses:  []use{{renews: 210, years: 6, look: 210}},
	},
	{
		name: "Framadate", vendor: "Framasoft", country: "FR", function: "planning", about: text{"sondages de dates publics", "public date polls"}, url: "https://framadate.org/",
		plans: []plan{{name: "Framadate", tier: models.Free, cadence: cal.Yearly, limits: text{"don bienvenu", "gift welcome"}}},
		uses:  []use{{renews: 170, years: 2, look: 170}},
	},
	{
		name: "Feedly", vendor: "Feedly, Inc.", country: "US", function: "monitoring", about: text{"lecture des fils de veille", "reading of our news feeds"}, url: "https://feedly.com/",
		plans: []plan{
			{name: "Basic", tier: models.Free, cadence: cal.Yearly, limits: text{"100 sources", "100 sources"}},
			{name: "Pro", tier: models.Premium, cents: 7200, dollars: "USD", cadence: cal.Yearly, limits: text{"1 000 sources, recherche", "1,000 sources, search"}},
		},
		uses: []use{{renews: 140, years: 4, look: 140}},
	},
}
