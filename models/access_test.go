package models

import (
	"strings"
	"testing"
)

func TestAccessCheck(t *testing.T) {
	t.Parallel()
	good := Access{Export: ExtentPart, Offline: ExtentNone, Personal: ExtentFull, Transfer: TransferClauses, TrainPlanned: 1050, ExportHow: "menu\npuis ZIP"}
	if bad := good.Check(); len(bad) > 0 || len((Access{}).Check()) > 0 {
		t.Errorf("good access is refused: %v", bad)
	}
	for _, c := range []struct {
		field, rule string
		spoil       func(*Access)
	}{
		{"export", "choose", func(a *Access) { a.Export = "yes" }},
		{"offline", "choose", func(a *Access) { a.Offline = "1" }},
		{"personal", "choose", func(a *Access) { a.Personal = "none" }},
		{"transfer", "choose", func(a *Access) { a.Transfer = "no" }},
		{"export_how", "too_long", func(a *Access) { a.ExportHow = strings.Repeat("x", MaxText+1) }},
		{"personal_whose", "characters", func(a *Access) { a.PersonalWhose = "a\x00" }},
		{"purpose", "characters", func(a *Access) { a.Purpose = "\u202e" }},
		{"export_kept", "too_long", func(a *Access) { a.ExportKept = strings.Repeat("é", MaxName+1) }},
		{"replaced_by", "characters", func(a *Access) { a.ReplacedBy = "a\nb" }},
		{"dpa_where", "too_long", func(a *Access) { a.DPAWhere = strings.Repeat("x", MaxName+1) }},
		{"hosting", "characters", func(a *Access) { a.Hosting = "\xff" }},
		{"kept_for", "too_long", func(a *Access) { a.KeptFor = strings.Repeat("x", MaxName+1) }},
		{"train_planned", "number.range", func(a *Access) { a.TrainPlanned = -1 }},
		{"train_done", "number.range", func(a *Access) { a.TrainDone = MaxHours + 1 }},
	} {
		a := good
		c.spoil(&a)
		if bad := a.Check(); len(bad) != 1 || bad[0].Field != c.field || bad[0].Rule != c.rule {
			t.Errorf("%s: %v, want %s", c.field, bad, c.rule)
		}
	}
	if left := (Access{TrainPlanned: 100, TrainDone: 250}).TrainLeft(); left != 0 {
		t.Errorf("%d left of training that is more than done", left)
	}
}
