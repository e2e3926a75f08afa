package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

type reviewRow struct {
	Rec              record `gorm:"embedded"`
	Year             int64
	Summary, Outlook string
	Notes            reviewNotes
	NextFloor        amount `gorm:"embedded;embeddedPrefix:next_floor_"`
	NextCeiling      amount `gorm:"embedded;embeddedPrefix:next_ceiling_"`
	ClosedAt         instant
	ClosedOn         cal.Date
	ClosedBy         ref
	Hash             string
}

func (*reviewRow) TableName() string { return "reviews" }
func (*reviewRow) kind() string      { return "review" }
func (r *reviewRow) rec() *record    { return &r.Rec }

func (r *reviewRow) model() models.Review {
	return models.Review{
		ID: r.Rec.ID, Version: r.Rec.Version, Year: int(r.Year), Summary: r.Summary, Outlook: r.Outlook, Notes: r.Notes,
		NextFloor: r.NextFloor.money(), NextCeiling: r.NextCeiling.money(),
		ClosedAt: r.ClosedAt.Time, ClosedOn: r.ClosedOn, ClosedBy: models.ID(r.ClosedBy), Hash: r.Hash,
	}
}

func (r *reviewRow) fill(m models.Review) {
	r.Rec.ID, r.Year, r.Summary, r.Outlook, r.Notes = m.ID, int64(m.Year), m.Summary, m.Outlook, m.Notes
	r.NextFloor, r.NextCeiling = amountOf(m.NextFloor), amountOf(m.NextCeiling)
	r.ClosedAt, r.ClosedOn, r.ClosedBy, r.Hash = at(m.ClosedAt), m.ClosedOn, ref(m.ClosedBy), m.Hash
}

// reviewNotes are what a review says of services. Nobody asks for one of them alone, so they are one text.
type reviewNotes []models.ReviewNote

type reviewNote struct {
	Service models.ID `json:"service"`
	Text    string    `json:"text"`
}

// Value stores JSON.
func (l reviewNotes) Value() (driver.Value, error) {
	list := make([]reviewNote, len(l))
	for i, n := range l {
		list[i] = reviewNote{n.ServiceID, n.Text}
	}
	text, err := json.Marshal(list)
	return string(text), err
}

// Scan reads what Value stored.
func (l *reviewNotes) Scan(stored any) error {
	var list []reviewNote
	if err := scanList(stored, &list); err != nil {
		return fmt.Errorf("read the notes of a review: %w", err)
	}
	*l = nil
	for _, n := range list {
		*l = append(*l, models.ReviewNote{ServiceID: n.Service, Text: n.Text})
	}
	return nil
}

// envelopeShares are what functions may cost of an envelope, as one text.
type envelopeShares []models.Share

// envelopeShare is a share as it is written: in ten-thousandths of a euro.
type envelopeShare struct {
	Function models.ID `json:"function"`
	Ceiling  int64     `json:"ceiling"`
}

// Value stores JSON.
func (l envelopeShares) Value() (driver.Value, error) {
	list := make([]envelopeShare, len(l))
	for i, s := range l {
		list[i] = envelopeShare{s.FunctionID, s.Ceiling.Units()}
	}
	text, err := json.Marshal(list)
	return string(text), err
}

// Scan reads what Value stored.
func (l *envelopeShares) Scan(stored any) error {
	var list []envelopeShare
	if err := scanList(stored, &list); err != nil {
		return fmt.Errorf("read the shares of an envelope: %w", err)
	}
	*l = nil
	for _, s := range list {
		*l = append(*l, models.Share{FunctionID: s.Function, Ceiling: money.New(s.Ceiling, money.EUR)})
	}
	return nil
}

// reviewDocumentRow is one form of what was frozen when a review was closed.
type reviewDocumentRow struct {
	OrganisationID models.ID `gorm:"primaryKey;autoIncrement:false"`
	ReviewID       models.ID `gorm:"primaryKey;autoIncrement:false"`
	Form           string    `gorm:"primaryKey"`
	Hash           string
	Content        []byte
}

func (reviewDocumentRow) TableName() string { return "review_documents" }
