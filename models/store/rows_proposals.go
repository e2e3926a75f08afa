package store

import (
	"enveloppe/models"
	"enveloppe/models/cal"
)

type proposalRow struct {
	Rec          record `gorm:"embedded"`
	ServiceID    ref
	Name, Plan   string
	URL          string
	Need         string
	ForWhom      string
	Places       int64
	ProposedOn   cal.Date
	ProposedBy   models.ID
	State        models.ProposalState
	AnsweredOn   cal.Date
	AnsweredBy   ref
	Answer       string
	RegisteredID ref
}

func (*proposalRow) TableName() string { return "proposals" }
func (*proposalRow) kind() string      { return "proposal" }
func (r *proposalRow) rec() *record    { return &r.Rec }

func (r *proposalRow) model() models.ServiceProposal {
	return models.ServiceProposal{
		ID: r.Rec.ID, Version: r.Rec.Version, ServiceID: models.ID(r.ServiceID), Name: r.Name, Plan: r.Plan, URL: r.URL, Need: r.Need,
		For: r.ForWhom, Places: int(r.Places), ProposedOn: r.ProposedOn, ProposedBy: r.ProposedBy, State: r.State,
		AnsweredOn: r.AnsweredOn, AnsweredBy: models.ID(r.AnsweredBy), Answer: r.Answer, RegisteredID: models.ID(r.RegisteredID),
	}
}

func (r *proposalRow) fill(m models.ServiceProposal) {
	r.Rec.ID, r.ServiceID, r.Name, r.Plan, r.URL, r.Need = m.ID, ref(m.ServiceID), m.Name, m.Plan, m.URL, m.Need
	r.ForWhom, r.Places, r.ProposedOn, r.ProposedBy, r.State = m.For, int64(m.Places), m.ProposedOn, m.ProposedBy, m.State
	r.AnsweredOn, r.AnsweredBy, r.Answer, r.RegisteredID = m.AnsweredOn, ref(m.AnsweredBy), m.Answer, ref(m.RegisteredID)
}
