package models

import "strings"

// wordKind is what a word is in a bank's label.
type wordKind uint8

const (
	otherWord     wordKind = iota
	bankWord               // the bank speaking of itself, and small words
	legalForm              // SAS, GmbH
	monthName              // a month is never a sender
	monthShort             // MAR: a month only beside a figure
	referenceMark          // what stands behind it is a reference
	domainEnd              // .com
	secondWord             // noise behind certain words only
	processor              // collects for others and sells nothing itself
	collector              // sells several things, or is an application store: what stands behind the star says which
)

// The words of French and English labels, gathered from statements of the large banks of France.
var wordKinds = kinds(map[wordKind]string{
	bankWord: "cb carte cartes card bancaire paiement paiements payment payments pmt achat achats purchase facture factures fact fac " +
		"prlv prelevement prelevements prelevmnt prlvmt prlvt prel sepa europeen core sdd sct vir virement virements vrt inst instantane transfer recu emis " +
		"debit credit visa mastercard maestro mc cpt compte commerce electronique faveur benef beneficiaire dest destinataire " +
		"lib libelle motif objet de du des d l le la les au aux a en et un une par sur pour vers chez sans the for to of from your on " +
		"cours taux change eur euro euros usd gbp chf cad sek nok dkk pln jpy aud commission etranger hors zone contrevaleur valeur dont frais " +
		"www http https operation oper permanent recurrent recurring frst rcur fnal ooff heure date jour via cc com rembt remb remboursement",
	legalForm: "sas sasu sarl sa eurl scop sca snc sci rl cie gmbh ag kg ug ltd limited inc incorporated llc plc bv nv ab oy oyj srl spa pty sl slu " +
		"corp corporation company co aps as asa unlimited uc dac pbc sro",
	monthName:  "janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre january february april june july august september october november december",
	monthShort: "jan janv fev fevr mar avr mai jui juil sep sept oct nov dec feb apr may jun jul aug march",
	referenceMark: "ref refs reference rum ics mdt mandat mandate id emetteur ech echeance num numero no nr ntx dos dossier cmd commande contrat client " +
		"eref mref cred trn txn endtoend invoice inv order zzz n",
	domainEnd:  "net org fr eu io",
	secondWord: "contact internet web",
	processor: "paypal pp stripe sumup sq paddle fastspring fs klarna zettle izettle adyen mollie gocardless payplug helloasso " +
		"lemsqzy lemonsqueezy dri eig wpy sp checkout worldline payzen monetico stancer",
	collector: "google apple amazon amzn microsoft msft adobe uber openai itunes meta facebk",
})

// kinds turns the lists round; a word in two of them is a mistake that would change from run to run.
func kinds(lists map[wordKind]string) map[string]wordKind {
	of := map[string]wordKind{}
	for kind, list := range lists {
		for w := range strings.FieldsSeq(list) {
			if _, twice := of[w]; twice {
				panic("models: " + w + " is in two lists of words")
			}
			of[w] = kind
		}
	}
	return of
}

func kindOf(w []byte) wordKind { return wordKinds[string(w)] }

// collects tells whether the word behind a star says more than the one before it.
func collects(w []byte) bool { return kindOf(w) == processor || kindOf(w) == collector }

// pairs are words of the bank of which the second alone could be a name.
var pairs = set("sans contact|achat internet|paiement internet|paiement web|par internet|virement web|vir web|vir internet")

// countries are how card labels end: codes of two and three letters, and names.
var countries = set("fr|fra|france|ie|irl|irlande|ireland|lu|lux|luxembourg|gb|gbr|uk|us|usa|nl|nld|de|deu|ger|germany|allemagne|be|bel|belgique|belgium|" +
	"ch|che|suisse|switzerland|es|esp|espagne|spain|it|ita|italie|italy|pt|prt|portugal|se|swe|suede|sweden|dk|dnk|danemark|no|nor|norvege|fi|fin|" +
	"at|aut|autriche|austria|pl|pol|pologne|cz|cze|ee|est|estonia|lt|ltu|lituanie|lv|lva|mt|mlt|malte|cy|cyp|ca|can|canada|au|aus|australia|sg|sgp|singapore|" +
	"il|isr|israel|jp|jpn|japan|in|ind|inde|cn|chn|hk|hkg|nz|nzl|wa|ny|tx|europe|emea")

// towns are where online services, and the shops next door, are booked.
var towns = set("dublin|cork|london|londres|luxembourg|amsterdam|berlin|munchen|munich|hamburg|koeln|wien|vienna|zurich|zuerich|geneve|lausanne|bern|" +
	"stockholm|goteborg|copenhagen|kobenhavn|oslo|helsinki|tallinn|vilnius|riga|prague|praha|warszawa|brussels|bruxelles|madrid|barcelona|lisboa|lisbon|milano|roma|" +
	"paris|lyon|marseille|lille|roubaix|toulouse|bordeaux|nantes|rennes|strasbourg|montpellier|nice|grenoble|courbevoie|puteaux|nanterre|levallois|" +
	"san francisco|san jose|san mateo|mountain view|palo alto|menlo park|redwood city|los angeles|new york|las vegas|salt lake|seattle|bellevue|redmond|" +
	"cupertino|sunnyvale|santa clara|los gatos|chicago|boston|austin|atlanta|denver|portland|sydney|melbourne|perth|singapore|tel aviv|toronto|montreal|ottawa|vancouver|" +
	"francisco")

func set(list string) map[string]bool {
	of := map[string]bool{}
	for w := range strings.SplitSeq(list, "|") {
		of[w] = true
	}
	return of
}
