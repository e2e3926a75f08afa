package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// file is what is known of a file in its columns.
type file struct {
	Name    string
	Media   models.Media
	Size    int64
	Hash    string
	AddedAt instant
	AddedBy ref
}

func fileOf(m models.File) file {
	return file{m.Name, m.Media, m.Size, m.Hash, at(m.AddedAt), ref(m.AddedBy)}
}

func (f file) file() models.File {
	return models.File{Name: f.Name, Media: f.Media, Size: f.Size, Hash: f.Hash, AddedAt: f.AddedAt.Time, AddedBy: models.ID(f.AddedBy)}
}

type attachmentRow struct {
	Rec       record `gorm:"embedded"`
	PaymentID models.ID
	File      file `gorm:"embedded"`
}

func (*attachmentRow) TableName() string { return "attachments" }
func (*attachmentRow) kind() string      { return "attachment" }
func (r *attachmentRow) rec() *record    { return &r.Rec }

func (r *attachmentRow) model() models.Attachment {
	return models.Attachment{ID: r.Rec.ID, Version: r.Rec.Version, PaymentID: r.PaymentID, File: r.File.file()}
}

func (r *attachmentRow) fill(m models.Attachment) {
	r.Rec.ID, r.PaymentID, r.File = m.ID, m.PaymentID, fileOf(m.File)
}

type closingRow struct {
	Rec        record `gorm:"embedded"`
	Through    cal.Date
	OnDay      cal.Date
	ByID       ref
	Note       string
	ReopenedOn cal.Date
	ReopenedBy ref
	Reason     string
}

func (*closingRow) TableName() string { return "closings" }
func (*closingRow) kind() string      { return "closing" }
func (r *closingRow) rec() *record    { return &r.Rec }

func (r *closingRow) model() models.Closing {
	return models.Closing{
		ID: r.Rec.ID, Version: r.Rec.Version, Through: r.Through, On: r.OnDay, By: models.ID(r.ByID), Note: r.Note,
		ReopenedOn: r.ReopenedOn, ReopenedBy: models.ID(r.ReopenedBy), Reason: r.Reason,
	}
}

func (r *closingRow) fill(m models.Closing) {
	r.Rec.ID, r.Through, r.OnDay, r.ByID, r.Note = m.ID, m.Through, m.On, ref(m.By), m.Note
	r.ReopenedOn, r.ReopenedBy, r.Reason = m.ReopenedOn, ref(m.ReopenedBy), m.Reason
}

type exportRow struct {
	Rec          record `gorm:"embedded"`
	Kind         string
	FromOn, ToOn cal.Date
	ThroughID    models.ID
	At           instant
	ByID         ref
}

func (*exportRow) TableName() string { return "exports" }
func (*exportRow) kind() string      { return "export" }
func (r *exportRow) rec() *record    { return &r.Rec }

func (r *exportRow) model() models.ExportMark {
	return models.ExportMark{
		ID: r.Rec.ID, Version: r.Rec.Version, Kind: r.Kind, Span: cal.Span{From: r.FromOn, To: r.ToOn}, ThroughID: r.ThroughID,
		At: r.At.Time, By: models.ID(r.ByID),
	}
}

func (r *exportRow) fill(m models.ExportMark) {
	r.Rec.ID, r.Kind, r.FromOn, r.ToOn, r.ThroughID, r.At, r.ByID = m.ID, m.Kind, m.Span.From, m.Span.To, m.ThroughID, at(m.At), ref(m.By)
}

type bankAccountRow struct {
	Rec                   record `gorm:"embedded"`
	Name, NameKey, Number string
	Layout                string
}

func (*bankAccountRow) TableName() string { return "bank_accounts" }
func (*bankAccountRow) kind() string      { return "bank_account" }
func (r *bankAccountRow) rec() *record    { return &r.Rec }

func (r *bankAccountRow) model() models.BankAccount {
	return models.BankAccount{ID: r.Rec.ID, Version: r.Rec.Version, Name: r.Name, Number: r.Number, Layout: r.Layout}
}

func (r *bankAccountRow) fill(m models.BankAccount) {
	r.Rec.ID, r.Name, r.NameKey, r.Number, r.Layout = m.ID, m.Name, nameKey(m.Name), m.Number, m.Layout
}

type comparisonRow struct {
	Rec               record `gorm:"embedded"`
	ServiceID         ref
	Name              string
	OnDay             cal.Date
	Years, Users      int
	HourCost          amount `gorm:"embedded;embeddedPrefix:hour_cost_"`
	Online, Installed costItems
	Note              string
}

func (*comparisonRow) TableName() string { return "comparisons" }
func (*comparisonRow) kind() string      { return "comparison" }
func (r *comparisonRow) rec() *record    { return &r.Rec }

func (r *comparisonRow) model() models.Comparison {
	return models.Comparison{
		ID: r.Rec.ID, Version: r.Rec.Version, ServiceID: models.ID(r.ServiceID), Name: r.Name, On: r.OnDay, Years: r.Years, Users: r.Users,
		HourCost: r.HourCost.money(), Online: r.Online, Installed: r.Installed, Note: r.Note,
	}
}

func (r *comparisonRow) fill(m models.Comparison) {
	r.Rec.ID, r.ServiceID, r.Name, r.OnDay, r.Years, r.Users = m.ID, ref(m.ServiceID), m.Name, m.On, m.Years, m.Users
	r.HourCost, r.Online, r.Installed, r.Note = amountOf(m.HourCost), m.Online, m.Installed, m.Note
}

// costItems are the lines of one side of a comparison. Nobody asks for one of them alone, so a side is one text.
type costItems []models.CostItem

// costItem is a line as it is written: amounts in ten-thousandths of a euro, absent for none.
type costItem struct {
	Label       string       `json:"label"`
	Once        *int64       `json:"once,omitempty"`
	Yearly      *int64       `json:"yearly,omitempty"`
	Share       string       `json:"share,omitempty"`
	HoursOnce   models.Hours `json:"hours_once,omitempty"`
	HoursYearly models.Hours `json:"hours_yearly,omitempty"`
}

// Value stores JSON.
func (l costItems) Value() (driver.Value, error) {
	units := func(a money.Amount) *int64 {
		if a.IsNone() {
			return nil
		}
		n := a.Units()
		return &n
	}
	list := make([]costItem, len(l))
	for i, m := range l {
		list[i] = costItem{m.Label, units(m.Once), units(m.Yearly), "", m.HoursOnce, m.HoursYearly}
		if !m.YearlyShare.IsZero() {
			list[i].Share = m.YearlyShare.String()
		}
	}
	text, err := json.Marshal(list)
	return string(text), err
}

// Scan reads what Value stored.
func (l *costItems) Scan(stored any) error {
	var list []costItem
	if err := scanList(stored, &list); err != nil {
		return fmt.Errorf("read the lines of a comparison: %w", err)
	}
	euros := func(n *int64) money.Amount {
		if n == nil {
			return money.Amount{}
		}
		return money.New(*n, money.EUR)
	}
	*l = nil
	for _, item := range list {
		m := models.CostItem{
			Label: item.Label, Once: euros(item.Once), Yearly: euros(item.Yearly), HoursOnce: item.HoursOnce, HoursYearly: item.HoursYearly,
		}
		if item.Share != "" {
			share, err := money.ParsePercent(item.Share)
			if err != nil {
				return fmt.Errorf("read the lines of a comparison: %w", err)
			}
			m.YearlyShare = share
		}
		*l = append(*l, m)
	}
	return nil
}
