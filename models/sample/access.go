package sample

import (
	"enveloppe/models"
	"enveloppe/models/cal"
)

// access is what the association knows of a service besides its cost, as it is told. Who is named is here, but for one
// who has left; what is left out is still to be found out, and shows as missing.
type access struct {
	service           string
	export, offline   models.Extent
	how, kept         text
	by, second, asked int // one more than the person's number; 0 for nobody
	planned, done     models.Hours
	replacedBy        string

	personal                models.Extent
	whose, purpose, hosting text
	dpa                     int // days before today; 0 while none was accepted
	dpaWhere, keptFor       text
	transfer                models.Transfer
}

const (
	no   = models.ExtentNone
	part = models.ExtentPart
	full = models.ExtentFull
)

// Texts that come again.
var (
	inUnion  = text{"Union européenne", "European Union"}
	inFrance = text{"France", "France"}
	inStates = text{"États-Unis", "United States"}
	online   = text{"en ligne, page « Confidentialité » de l’éditeur", "on line, the vendor’s privacy page"}
	onDisk   = text{"disque chiffré du bureau", "encrypted disk in the office"}
	aYear    = text{"un an après le départ", "a year after somebody has left"}
)

// known is told of most services; of Framadate, Feedly and Google Talk nobody has said anything yet.
var known = []access{
	{
		service: "Dropbox", export: full, offline: full, how: text{"copie du dossier synchronisé", "copy of the synchronised folder"}, kept: onDisk,
		by: karim + 1, second: karim + 1, asked: claire + 1, planned: 600, done: 600,
		personal: full, whose: text{"adhérents et bénéficiaires : dossiers, coordonnées", "members and beneficiaries: files, contact details"},
		purpose: text{"partager les dossiers de l’association", "share the association’s files"}, hosting: inStates, transfer: models.TransferAdequacy,
		dpa: 700, dpaWhere: online, keptFor: text{"cinq ans après la fin du suivi", "five years after the last contact"},
	},
	{
		service: "MindMeister", export: part, offline: no, how: text{"carte par carte, en PDF ou en Markdown", "map by map, as PDF or Markdown"},
		kept: text{"dossier « Cartes » de Dropbox", "“Maps” folder in Dropbox"}, by: claire + 1, asked: claire + 1, planned: 400, done: 250, personal: no,
	},
	{
		service: "Scoop.it", export: part, offline: no, how: text{"flux RSS des thèmes", "RSS feeds of the topics"}, second: claire + 1, asked: karim + 1,
		planned: 200, done: 200, personal: no,
	},
	{
		service: "OVHcloud", export: full, offline: no, how: text{"sauvegarde du site et de la base", "backup of the site and its database"}, kept: onDisk,
		by: karim + 1, second: claire + 1, asked: karim + 1, personal: part,
		whose:   text{"visiteurs qui écrivent par le formulaire", "visitors who write through the form"},
		purpose: text{"tenir le site public", "keep the public site"}, hosting: inFrance, transfer: models.TransferNone,
		dpa: 900, dpaWhere: text{"conditions du contrat", "terms of the contract"}, keptFor: text{"un an", "a year"},
	},
	{
		service: monthly, export: full, offline: no, how: text{"liste des contacts en CSV", "list of contacts as CSV"}, kept: onDisk, by: karim + 1, second: claire + 1,
		asked: karim + 1, planned: 300, done: 300, personal: part,
		whose: text{"adhérents et abonnés : nom, courriel", "members and subscribers: name, e-mail"}, purpose: text{"envoyer la lettre aux adhérents", "send the members’ newsletter"},
		hosting: inUnion, transfer: models.TransferNone, dpa: 650, dpaWhere: online, keptFor: text{"jusqu’au désabonnement", "until they unsubscribe"},
	},
	{
		service: "Zoom", export: no, offline: no, second: claire + 1, asked: lucie + 1, planned: 250, done: 250, personal: part,
		whose: text{"participants aux réunions : nom, image, voix", "people at meetings: name, picture, voice"}, purpose: text{"réunir le conseil à distance", "hold board meetings at a distance"},
		hosting: inStates, transfer: models.TransferAdequacy, keptFor: text{"rien n’est enregistré", "nothing is recorded"},
	},
	{
		service: "Flickr", export: full, offline: no, how: text{"« Request my data », en ZIP", "“Request my data”, as ZIP"}, by: paul + 1, second: paul + 1,
		asked: hugo + 1, planned: 150, done: 0, personal: part,
		whose: text{"personnes photographiées pendant les tournées", "people photographed on our tours"}, purpose: text{"garder la photothèque", "keep the photographs"},
		hosting: inStates, keptFor: text{"tant que l’autorisation vaut", "as long as permission is given"},
	},
	{service: "Canva", export: part, offline: no, asked: hugo + 1, planned: 300, done: 100, personal: no},
	{service: "Doodle", offline: no, asked: ines + 1, personal: part, whose: text{"participants aux sondages : nom", "people answering polls: name"}},
	{
		service: "Bitwarden", export: full, offline: part, how: text{"export chiffré du coffre", "encrypted export of the vault"}, kept: text{"coffre-fort du bureau", "safe in the office"},
		by: karim + 1, second: claire + 1, asked: karim + 1, planned: 500, done: 350, personal: part,
		whose: text{"équipe : identifiants", "the team: sign-ins"}, purpose: text{"garder les mots de passe", "keep passwords"}, hosting: inUnion,
		transfer: models.TransferClauses, dpa: 400, dpaWhere: online, keptFor: aYear,
	},
	{
		service: "Gmail", export: full, offline: part, how: text{"Google Takeout, au format MBOX", "Google Takeout, as MBOX"}, kept: onDisk, by: claire + 1, second: karim + 1,
		asked: claire + 1, personal: full, whose: text{"correspondants de chacun", "everybody’s correspondents"}, purpose: text{"écrire et recevoir les courriels", "write and receive e-mail"},
		hosting: text{"Union européenne, États-Unis", "European Union, United States"}, transfer: models.TransferAdequacy, keptFor: aYear,
	},
	{service: "Google Agenda", export: full, offline: part, second: karim + 1, asked: claire + 1, planned: 100, done: 100, personal: no},
	{
		service: "Google Apps", export: full, offline: part, second: karim + 1, asked: karim + 1, planned: 400, done: 400, personal: part,
		whose: text{"adhérents : listes partagées", "members: shared lists"}, purpose: text{"rédiger à plusieurs", "write together"}, hosting: text{"Union européenne, États-Unis", "European Union, United States"},
		transfer: models.TransferAdequacy, dpa: 500, dpaWhere: online, keptFor: aYear,
	},
	{
		service: "Skype", export: part, offline: no, how: text{"conversations, demandées par courriel", "conversations, asked for by e-mail"}, kept: onDisk, by: lucie + 1,
		asked: lucie + 1, replacedBy: "Zoom", personal: part, whose: text{"correspondants : nom, conversations", "correspondents: name, conversations"},
		purpose: text{"appeler à distance", "call at a distance"}, hosting: inUnion, transfer: models.TransferNone, dpa: 1100, keptFor: text{"jusqu’à la fermeture", "until it closes"},
	},
}

// access writes down what is known of each service.
func (b *builder) access() {
	person := func(n int) models.ID {
		if n == 0 {
			return 0
		}
		return b.f.People[n-1].ID
	}
	for _, x := range known {
		for i := range b.f.Services {
			sv := &b.f.Services[i]
			if sv.ID != b.serviceByName[x.service] {
				continue
			}
			sv.Access = models.Access{
				Export: x.export, ExportHow: b.say(x.how), ExportedBy: person(x.by), ExportKept: b.say(x.kept), SecondAdmin: person(x.second),
				ReplacedBy: x.replacedBy, Offline: x.offline, TrainPlanned: x.planned, TrainDone: x.done, Referent: person(x.asked),
				Personal: x.personal, PersonalWhose: b.say(x.whose), Purpose: b.say(x.purpose), DPAOn: before(b.today, x.dpa), DPAWhere: b.say(x.dpaWhere),
				Hosting: b.say(x.hosting), Transfer: x.transfer, KeptFor: b.say(x.keptFor),
			}
		}
	}
}

// before is so many days before a day; none for 0.
func before(day cal.Date, days int) cal.Date {
	if days == 0 {
		return cal.Date{}
	}
	return day.AddDays(-days)
}
