package statement

import (
	"slices"
	"strings"

	"enveloppe/models/money"
)

// role is what a column is for.
type role int

const (
	roleDay role = iota
	roleAmount
	roleDebit
	roleCredit
	roleBalance
	roleLabel
	roleParty
	roleDirection
	roleFee
	roleCurrency
	roleOriginal
	roleOriginalCurrency
	roleReference
	roleState
	roleAccount
	roles
)

// names are how banks call their columns, folded, each role's best first. One that ends in a space begins other names
// too; the rest are whole names, what stands in parentheses and currencies at their end taken off.
var names = [roles][]string{
	roleDay: {
		"date de comptabilisation", "date comptabilisation", "date comptable", "date de comptabilite", "booking date", "completed date", "date completed ",
		"date de fin", "posting date", "settlement date ", "date de reglement ", "date operation", "date de l operation ", "date d operation", "dateop", "date op",
		"operation date ", "date", "jour", "transaction date", "date transaction", "date de transaction", "date de la transaction", "date mouvement",
		"date de valeur", "date valeur", "dateval", "date val", "date de la valeur ", "value date", "started date", "date de debut", "date ",
	},
	roleAmount: {
		"montant", "amount", "montant operation", "montant de l operation", "montant operation en", "montant net", "net", "montant total ttc", "total amount incl vat ",
		"total amount", "montant total", "montant ttc", "somme", "valeur", "montant de la transaction", "transaction amount", "montant en", "mouvement", "montant ", "amount ",
	},
	roleDebit:   {"debit", "debits", "montant debit", "debit en", "depense", "depenses", "sortie", "sorties", "paid out", "money out", "withdrawals", "montant au debit", "debit "},
	roleCredit:  {"credit", "credits", "montant credit", "credit en", "recette", "recettes", "entree", "entrees", "paid in", "money in", "deposits", "montant au credit", "credit "},
	roleBalance: {"solde ", "balance ", "running balance", "accountbalance", "account balance", "nouveau solde", "solde"},
	roleLabel:   {"libelle ", "label", "description ", "intitule ", "detail ", "details ", "communication ", "motif ", "memo", "payment reference", "reference de paiement", "informations complementaires", "information ", "objet", "wording", "narrative"},
	roleParty:   {"nom de la contrepartie", "contrepartie", "counterparty name", "counterparty", "partner name", "payee name", "payee", "beneficiaire", "nom du tiers", "tiers", "merchant", "supplierfound", "nom du beneficiaire", "destinataire", "payer name", "name", "nom"},
	roleDirection: {
		"sens", "side", "direction", "sens operation", "sens de l operation", "debit credit", "credit debit", "d c", "type", "type operation", "transaction type",
	},
	roleFee:              {"fee", "frais"},
	roleCurrency:         {"devise", "currency", "monnaie", "code devise", "currency code", "devise du compte", "devise du montant", "source currency"},
	roleOriginal:         {"original amount", "montant d origine", "montant original", "montant initial", "amount foreign currency", "montant devise etrangere", "montant en devise ", "montant devise", "local amount ", "montant total ttc local", "total amount incl vat local", "exchange to amount", "montant local"},
	roleOriginalCurrency: {"original currency", "devise d origine", "devise originale", "devise initiale", "type foreign currency", "selectionnez la devise etrangere", "devise etrangere", "local currency", "currency local", "devise local", "devise locale", "exchange to"},
	roleReference:        {"transaction id", "transferwise id", "id transaction", "identifiant de transaction", "identifiant transaction", "identifiant de la transaction", "id de transaction", "numero de transaction"},
	roleState:            {"state", "etat", "status", "statut"},
	roleAccount:          {"accountnum", "compte", "numero du compte", "iban du compte", "account iban", "numero de compte", "n de compte"},
}

// never are words in a name that keep it from being a sum of the account.
var never = []string{"franc", "etrangere", "foreign", "origin", "local", "hors taxe", " ht", "tva", "vat amount", "brut", "gross", "solde", "balance", "frais", "fee", "taux", "rate", "exchange", "devise", "nombre", "commission"}

// columnName is a header's cell as it is compared.
type columnName struct {
	folded   string
	bare     string // without the currency at its end, as in "Montant (EUR)"
	currency money.Currency
}

func columnNameOf(cell string) columnName {
	n := columnName{folded: fold(cell)}
	n.bare = n.folded
	for word := range strings.FieldsSeq(strings.NewReplacer("(", " ", ")", " ", "_", " ").Replace(cell)) {
		switch folded := fold(word); {
		case folded == "euros", folded == "euro", word == "€", folded == "eur":
			n.currency = money.EUR
		case len(word) == 3 && strings.ToUpper(word) == word && purchases[word]:
			n.currency = money.Currency(word)
		}
	}
	if n.currency != "" {
		for _, end := range []string{"euros", "euro", strings.ToLower(string(n.currency))} {
			n.bare = strings.TrimSuffix(n.bare, " "+end)
		}
	}
	return n
}

// rank tells how well a name fits a role: 0 best, -1 not at all.
func (n columnName) rank(r role) int {
	if n.folded == "" {
		return -1
	}
	if r == roleAmount && slices.ContainsFunc(never, func(w string) bool { return strings.Contains(n.folded, w) }) {
		return -1
	}
	if r == roleLabel && (strings.Contains(n.folded, "compte") || strings.Contains(n.folded, "account")) {
		return -1
	}
	for i, name := range names[r] {
		if whole, begins := strings.CutSuffix(name, " "); begins {
			if n.bare == whole || strings.HasPrefix(n.folded, name) {
				return i
			}
		} else if n.bare == name || n.folded == name {
			return i
		}
	}
	return -1
}

// headerLine finds the row that names the columns: the first with a day and a sum among its names and neither in its
// cells; -1 when there is none.
func headerLine(sample [][]string) int {
	for i, row := range sample {
		var hasDay, hasSum bool
		plain := true
		for _, cell := range row {
			n := columnNameOf(cell)
			hasDay = hasDay || n.rank(roleDay) >= 0
			hasSum = hasSum || n.rank(roleAmount) >= 0 || n.rank(roleDebit) >= 0 || n.rank(roleCredit) >= 0
			plain = plain && orders([]byte(cell)) == [3]bool{}
		}
		if hasDay && hasSum && plain {
			return i
		}
	}
	return -1
}
