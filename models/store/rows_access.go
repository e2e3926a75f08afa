package store

import (
	"enveloppe/models"
	"enveloppe/models/cal"
)

// accessRow is the part of a service's row that says what is known of it besides its cost.
type accessRow struct {
	Export                  models.Extent
	ExportHow               string
	ExportedBy              ref
	ExportKept              string
	SecondAdmin             ref
	ReplacedBy              string
	Offline                 models.Extent
	TrainPlanned, TrainDone int64
	Referent                ref

	Personal               models.Extent
	PersonalWhose, Purpose string
	DPAOn                  cal.Date `gorm:"column:dpa_on"`
	DPAWhere               string   `gorm:"column:dpa_where"`
	Hosting                string
	Transfer               models.Transfer
	KeptFor                string
}

func (r *accessRow) model() models.Access {
	return models.Access{
		Export: r.Export, ExportHow: r.ExportHow, ExportedBy: models.ID(r.ExportedBy), ExportKept: r.ExportKept,
		SecondAdmin: models.ID(r.SecondAdmin), ReplacedBy: r.ReplacedBy, Offline: r.Offline,
		TrainPlanned: models.Hours(r.TrainPlanned), TrainDone: models.Hours(r.TrainDone), Referent: models.ID(r.Referent),
		Personal: r.Personal, PersonalWhose: r.PersonalWhose, Purpose: r.Purpose, DPAOn: r.DPAOn, DPAWhere: r.DPAWhere,
		Hosting: r.Hosting, Transfer: r.Transfer, KeptFor: r.KeptFor,
	}
}

func accessRowOf(m models.Access) accessRow {
	return accessRow{
		Export: m.Export, ExportHow: m.ExportHow, ExportedBy: ref(m.ExportedBy), ExportKept: m.ExportKept,
		SecondAdmin: ref(m.SecondAdmin), ReplacedBy: m.ReplacedBy, Offline: m.Offline,
		TrainPlanned: int64(m.TrainPlanned), TrainDone: int64(m.TrainDone), Referent: ref(m.Referent),
		Personal: m.Personal, PersonalWhose: m.PersonalWhose, Purpose: m.Purpose, DPAOn: m.DPAOn, DPAWhere: m.DPAWhere,
		Hosting: m.Hosting, Transfer: m.Transfer, KeptFor: m.KeptFor,
	}
}
