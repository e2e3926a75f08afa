package models

import "testing"

func TestTheMeansALabelSpeaksOf(t *testing.T) {
	t.Parallel()
	until := day("2028-12-31")
	one := []Means{{ID: 1, Name: "Carte de l’association ··42", ExpiresOn: until}, {ID: 2, Name: "Prélèvement"}, {ID: 3, Name: "Virement"}}
	two := append([]Means{{ID: 4, Name: "Carte de Nadia ··1877", ExpiresOn: until}}, one...)
	for _, c := range []struct {
		name  string
		means []Means
		label string
		want  ID
	}{
		{"a card", one, "CARTE 04/11 ADOBE *CREATIVE DUBLIN IRL", 1},
		{"a direct debit", one, "PRLV SEPA BREVO REF 20261121", 2},
		{"a direct debit in English", one, "SEPA DIRECT DEBIT SCOOP.IT SAS", 2},
		{"a transfer", one, "VIR SEPA LOYER LOCAL SCI DU PORT", 3},
		{"nothing said", one, "ADOBE CREATIVE", 0},
		{"only cards expire", []Means{{ID: 5, Name: "Crédit Coop", ExpiresOn: until}}, "CB DROPBOX", 5},
		{"none paid so", []Means{{ID: 2, Name: "Prélèvement"}}, "CB DROPBOX", 0},
		{"no means", nil, "CB DROPBOX", 0},
		{"one of two cards", two, "CB DROPBOX", 0},
		{"of two, the one with these figures", two, "DROPBOX CARTE 4974XXXXXXXX1877", 4},
		{"the other", two, "DROPBOX CARTE 49741242", 1},
		{"a day is no card", two, "CARTE 42/11 DROPBOX", 0},
	} {
		r := NewRegister(Facts{Means: c.means})
		m, ok := r.MeansFor(c.label)
		if ok != (c.want != 0) || m.ID != c.want {
			t.Errorf("%s: %q is paid by %d, %v; want %d", c.name, c.label, m.ID, ok, c.want)
		}
	}
}
