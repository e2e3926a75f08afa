package web

import (
	"strings"
	"testing"

	"enveloppe/templates/words"
)

func TestChangesOfAScenarioAreInWords(t *testing.T) {
	for plain, want := range map[string]string{
		"":                                 "",
		"seats Dropbox Pro 2027-01-01 × 4": "Plus ou moins de sièges — Dropbox Pro 1er janvier 2027 × 4",
		"plan Dropbox Pro Plus 2026-06-30 9.99 USD / seat × 1; drop Agenda 365": "Changer de formule — Dropbox Pro Plus 30 juin 2026 9,99 $US par siège × 1 · Arrêter un service — Agenda 365",
		"cadence Zoom Pro 2026-12-31 12.00 EUR 1 month; rate USD 1.2":           "Une autre périodicité — Zoom Pro 31 décembre 2026 12,00 € par mois · Un autre cours — 1,2 USD",
	} {
		got := strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(auditValue(words.In(words.FR), "changes", plain))
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", plain, got, want)
		}
	}
}
