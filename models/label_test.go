package models

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// labels are written as the banks of France write them, with the key and the name they must give.
var labels = []struct{ label, key, name string }{
	// Cards
	{"CB DROPBOX*K2JX FACT 120326", "dropbox", "Dropbox"},
	{"CARTE 12/03/26 DROPBOX*4XNC2PLHYMMJ CB*1234", "dropbox", "Dropbox"},
	{"CARTE 12/03 DROPBOX DUBLIN IRL", "dropbox", "Dropbox"},
	{"CARTE X1234 12/03 DROPBOX*K2JX 99,00 USD IRLANDE", "dropbox", "Dropbox"},
	{"CARTE X1234 REMBT 12/03 DROPBOX*K2JX COMMERCE ELECTRONIQUE", "dropbox", "Dropbox"},
	{"PAIEMENT PAR CARTE X1234 DROPBOX DUBLIN 12/03", "dropbox", "Dropbox"},
	{"PAIEMENT PAR CARTE XXXXXX1234 ZOOM.US 888-799-9666 12/03", "zoom us", "Zoom.us"},
	{"PAIEMENT CB 1203 DUBLIN DROPBOX CARTE 49741234", "dropbox", "Dropbox"},
	{"PAIEMENT CB 1203 PARIS MINDMEISTER CARTE 49741234", "mindmeister", "Mindmeister"},
	{"ACHAT CB MINDMEISTER.COM 12.03.26 CARTE NUMERO 123", "mindmeister", "Mindmeister"},
	{"FACTURE CARTE DU 120326 ZOOM.US SAN JOSE USA CARTE 4974XXXXXXXX1234", "zoom us", "Zoom.us"},
	{"FACTURE CARTE DU 120326 OVH ROUBAIX CARTE 4974XXXXXXXX1234 FRA", "ovh", "OVH"},
	{"120326 CB****1234 BITWARDEN 75PARIS", "bitwarden", "Bitwarden"},
	{"CB  CANVA* I04126-33301  SYDNEY AUS", "canva", "Canva"},
	{"CANVA* I04126-33301-7731 CANVA.COM DE", "canva", "Canva"},
	{"PAYPAL *SPOTIFY 35314369001 LUX", "paypal spotify", "Spotify"},
	{"PAYPAL *DOODLE AG 4029357733 GB", "paypal doodle", "Doodle"},
	{"CB PAYPAL *FLICKR FACT 030226", "paypal flickr", "Flickr"},
	{"GOOGLE *GSUITE_asso.fr cc@google.com IE", "google gsuite asso", "GOOGLE GSUITE asso"},
	{"GOOGLE*WORKSPACE LES A DUBLIN IRL", "google workspace", "Google Workspace"},
	{"GOOGLE *ADS1234567890 CC GOOGLE COM", "google ads", "Google ADS"},
	{"APPLE.COM/BILL ITUNES.COM IRL", "apple bill itunes", "Apple Bill Itunes"},
	{"AMAZON PRIME*1A2B3C4D AMAZON.FR", "amazon prime", "Amazon Prime"},
	{"AMZN MKTP FR*T88TT1AA5 LUX", "amzn mktp", "Amzn MKTP"},
	{"MICROSOFT*OFFICE 365 MSBILL.INFO IE", "microsoft office msbill info", "Microsoft Office Msbill.info"},
	{"MSFT *<E0400ABCD> DUBLIN", "msft", "MSFT"},
	{"ADOBE *CREATIVE CLOUD ADOBE.LY/ENIE IRL", "adobe creative cloud", "Adobe Creative Cloud"},
	{"PADDLE.NET* MINDMEISTER LONDON GBR", "paddle mindmeister", "Mindmeister"},
	{"Paddle.net*MINDMEISTER", "paddle mindmeister", "MINDMEISTER"},
	{"SumUp *LE PETIT CAFE LYON", "sumup petit cafe", "PETIT CAFE"},
	{"SQ *CAFE DES ARTS PARIS", "sq cafe arts", "Cafe des Arts"},
	{"UBER *TRIP HELP.UBER.COM", "uber trip help", "Uber Trip Help"},
	{"OPENAI *CHATGPT SUBSCR SAN FRANCISCO CA USA", "openai chatgpt subscr", "Openai Chatgpt Subscr"},
	{"NOTION LABS, INC. NEW YORK NY USA", "notion labs", "Notion Labs"},
	{"SLACK T02ABCDEF SAN FRANCISCO", "slack", "Slack"},
	{"CB SCOOP.IT SAN FRANCIS 08/02/26 132,00EUR", "scoop it san francis", "Scoop.it SAN Francis"},
	{"CB*1234 O2SWITCH 02/11/25", "oswitch", "O2switch"},
	{"1PASSWORD TORONTO CAN", "password", "1password"},
	{"CARTE 31/01 LINODE*AKAMAI 12,00 USD 1 EUR = 1,0714 USD", "linode", "Linode"},
	{"CB NAME-CHEAP.COM* ABCD12", "name cheap", "Name-Cheap"},
	{"SNCF INTERNET PARIS 10", "sncf internet", "SNCF Internet"},
	{"CB TOTAL ACCESS 4123 59LILLE", "total access", "Total Access"},
	{"PAIEMENT SANS CONTACT CB BOULANGERIE DU PORT 12/03", "boulangerie port", "Boulangerie du Port"},
	{"CONSTANT CONTACT WALTHAM", "constant contact waltham", "Constant Contact Waltham"},
	{"CB H&M 123 12/03", "h m", "H&M"},
	// Direct debits
	{"PRLV SEPA OVH SAS ECH/120326 ID EMETTEUR/FR68ZZZ424761 MDT/OVH-1234-RCUR REF/FR1234567 LIB/FR1234567", "ovh", "OVH"},
	{"PRLV SEPA OVH SAS", "ovh", "OVH"},
	{"PRELEVEMENT EUROPEEN 1234567890 DE: OVH SAS ID: FR68ZZZ424761 MOTIF: FACTURE FR1234567", "ovh", "OVH"},
	{"PRLV OVH SAS 12/03", "ovh", "OVH"},
	{"PRLV SEPA SENDINBLUE : FR12ZZZ123456 SIB-2026-0312 DE SENDINBLUE : 84512", "sendinblue", "Sendinblue"},
	{"PRLV SEPA FREE MOBILE FR2612345678 JANVIER 2026", "free mobile", "Free Mobile"},
	{"PRLV SEPA FREE MOBILE FR2698765432 MARS 2026", "free mobile", "Free Mobile"},
	{"PRLV SEPA PAYPAL EUROPE S.A.R.L. ET CIE S.C.A 1029384756 /PAYPAL", "paypal", "Paypal"},
	{"PRLV SEPA ORANGE SA-ORANGE REF 0123456789", "orange", "Orange"},
	{"PRLV EDF clients particuliers Numero de client : 6001234567", "edf clients particuliers", "EDF clients particuliers"},
	{"Prélèvement Électricité de France", "electricite", "Électricité"},
	{"PRLVT SEPA STRIPE MAILJET SAS", "stripe mailjet", "Mailjet"},
	{"SEPA DIRECT DEBIT SCOOP.IT SAS MANDATE ABC-123", "direct scoop it", "Direct Scoop.it"},
	// Transfers and the bank itself
	{"VIR SEPA MEISTERLABS GMBH", "meisterlabs", "Meisterlabs"},
	{"VIR INST VERS LES AMIS DU FLEUVE", "amis fleuve", "Amis du Fleuve"},
	{"VIREMENT SEPA EMIS 12/03 BITWARDEN INC /MOTIF FACTURE 2026-031", "bitwarden", "Bitwarden"},
	{"VIR RECU 1234567890S DE: DROPBOX IRELAND MOTIF: REFUND", "dropbox ireland refund", "Dropbox Ireland Refund"},
	{"COTISATION CARTE BUSINESS MARS", "cotisation business", "Cotisation Business"},
	{"FRAIS PAIEMENT HORS ZONE EURO 12/03", "frais paiement hors zone euro", "FRAIS PAIEMENT HORS ZONE EURO"},
	{"COMMISSION SUR OPERATION A L ETRANGER", "commission sur operation a l etranger", "COMMISSION SUR OPERATION A L ETRANGER"},
	{"VIREMENT", "virement", "VIREMENT"},
	{"CARTE X1234", "carte", "CARTE"},
	{"FRAIS DE TENUE DE COMPTE", "tenue", "Frais de Tenue de Compte"},
	{"FRAIS DE TENUE 11/2026", "tenue", "Frais de Tenue"},
	{"VIR SEPA LOYER LOCAL SCI DU PORT", "loyer local port", "Loyer Local SCI du Port"},
	{"PRLV SEPA COMPAGNIE DE L'ENERGIE", "compagnie energie", "Compagnie de l'Energie"},
	{"PRLV SEPA OVH DU 12/03", "ovh", "OVH"},
	{"PRELEVEMENT DE DROPBOX", "dropbox", "Dropbox"},
	{"VIR DROPBOX DE: NADIA", "dropbox nadia", "Dropbox Nadia"},
	// What no bank writes
	{"", "", ""},
	{"   ", "", ""},
	{"1234 12/03", "", "1234 12/03"},
	{"****", "", "****"},
	{"Ωμέγα 12", "ωμεγα", "Ωμέγα"},
	{"CAFÉ ﬁlm ͺ", "cafe film ͺ", "CAFÉ ﬁlm ͺ"},
	{"\xff\xfe\x00", "", "\xff\xfe\x00"},
}

func TestLabelKeyAndName(t *testing.T) {
	t.Parallel()
	for _, c := range labels {
		if got := LabelKey(c.label); got != c.key {
			t.Errorf("%q: key %q, want %q", c.label, got, c.key)
		}
		if got := LabelName(c.label); got != c.name {
			t.Errorf("%q: name %q, want %q", c.label, got, c.name)
		}
	}
}

func TestBankLineKeyAndName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ label, party, key, name string }{
		{"PRLV SEPA OVH SAS 123", "", "ovh", "OVH"},
		{"PRLV SEPA OVH SAS 123", "DROPBOX", "ovh", "OVH"},
		{"PRLV SEPA 123", "OVH SAS", "ovh", "OVH"},
		{"PAYPAL *SPOTIFY", "PAYPAL EUROPE", "paypal spotify", "Spotify"},
		{"PAYPAL 1029384756", "SPOTIFY AB", "spotify", "Spotify"},
		{"PRLV SEPA 123", "", "prlv sepa", "PRLV SEPA"},
		{"PRLV SEPA 123", "PAYPAL", "prlv sepa", "PRLV SEPA"},
		{"", "PAYPAL", "paypal", "Paypal"},
		{"", "", "", ""},
	} {
		l := BankLine{Label: c.label, Party: c.party}
		if l.Key() != c.key || l.Name() != c.name {
			t.Errorf("%q, %q: key %q, name %q, want %q, %q", c.label, c.party, l.Key(), l.Name(), c.key, c.name)
		}
	}
}

// What changes from one line to the next changes no key, and capitals do not count.
func TestLabelKeyIgnoresWhatChanges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(labels).Draw(t, "label")
		if !utf8.ValidString(c.label) || c.key == "" {
			return // not text
		}
		day := drawDay(t, "day", 2024, 2027)
		label := c.label + " " + rapid.StringMatching(`[0-9]{2,10}`).Draw(t, "number")
		if strings.HasPrefix(label, "CB ") {
			label = "CB " + day.String() + label[2:]
		}
		if rapid.Bool().Draw(t, "small") {
			label = strings.ToLower(label)
		}
		if got := LabelKey(label); got != c.key {
			t.Fatalf("%q: key %q, want %q", label, got, c.key)
		}
	})
}

func TestLabelKeyOfAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		label := rapid.OneOf(rapid.String(), rapid.StringMatching(`([A-Z]{1,8}[ */.@&'-]{0,2}[0-9x]{0,9} ?){0,12}`)).Draw(t, "label")
		key := LabelKey(label)
		if strings.ContainsAny(key, "0123456789*/") || key != strings.TrimSpace(key) || strings.Contains(key, "  ") {
			t.Fatalf("%q: key %q", label, key)
		}
		if len(strings.Fields(key)) > maxKeyWords {
			t.Fatalf("%q: key %q is too long", label, key)
		}
		if name := LabelName(label); (name == "") != (strings.TrimSpace(label) == "") || len(name) > MaxName+4 {
			t.Fatalf("%q: name %q", label, name)
		}
	})
}
