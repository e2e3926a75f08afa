package models

import (
	"cmp"
	"slices"
	"strings"

	"enveloppe/models/cal"
)

// ProposalState is what became of somebody's proposal.
type ProposalState string

// The states of a proposal.
const (
	ProposalOpen      ProposalState = "open"
	ProposalAccepted  ProposalState = "accepted"
	ProposalDeclined  ProposalState = "declined"
	ProposalWithdrawn ProposalState = "withdrawn" // by whoever made it
)

// Limits of proposals.
const (
	MaxOpenProposals  = 20 // of one person: a list nobody reads helps nobody
	maxProposedPlaces = 10_000
)

// ServiceProposal is a service that somebody asks the director for, or another plan of one there is: what for, which
// plan, for whom.
type ServiceProposal struct {
	ID           ID
	Version      int64
	ServiceID    ID     // of the register, when another plan of it is asked for
	Name         string // of the service, when it is not in the register; empty otherwise
	Plan         string // in words; empty when the proposer does not know
	URL          string
	Need         string // what for
	For          string // for whom
	Places       int    // how many people; 0 when not said
	ProposedOn   cal.Date
	ProposedBy   ID
	State        ProposalState
	AnsweredOn   cal.Date // accepted, declined or withdrawn that day; zero while open
	AnsweredBy   ID
	Answer       string // reason or remark
	RegisteredID ID     // the service registered for it
}

// Check finds what is wrong with a proposal as typed.
func (p ServiceProposal) Check() Invalid {
	var v Invalid
	if p.ServiceID == 0 {
		checkName(&v, "name", p.Name)
	}
	checkLabel(&v, "plan", p.Plan)
	checkURL(&v, "url", p.URL)
	checkName(&v, "for", p.For)
	checkText(&v, "need", p.Need)
	if strings.TrimSpace(p.Need) == "" {
		v.Add("need", "required")
	}
	checkRange(&v, "places", p.Places, 0, maxProposedPlaces)
	return v
}

// Answered gives the proposal as it is after the director's answer; declining takes a reason.
func (p ServiceProposal) Answered(accept bool, answer string, on cal.Date, by ID) (ServiceProposal, error) {
	var v Invalid
	checkText(&v, "answer", answer)
	if !accept && strings.TrimSpace(answer) == "" {
		v.Add("answer", "proposal.reason")
	}
	if err := v.Err(); err != nil {
		return p, err
	}
	if p.State != ProposalOpen {
		return p, Refused{Rule: "proposal.answered"}
	}
	p.State = ProposalDeclined
	if accept {
		p.State = ProposalAccepted
	}
	p.Answer, p.AnsweredOn, p.AnsweredBy = answer, on, by
	return p, nil
}

// Reopened gives the proposal as it was before it was answered or withdrawn.
func (p ServiceProposal) Reopened() ServiceProposal {
	p.State, p.Answer, p.AnsweredOn, p.AnsweredBy = ProposalOpen, "", cal.Date{}, 0
	return p
}

// ToRegister tells whether the proposal was accepted for a service that nobody has registered yet.
func (p ServiceProposal) ToRegister() bool {
	return p.State == ProposalAccepted && p.ServiceID == 0 && p.RegisteredID == 0
}

// Proposal looks a proposal up.
func (r *Register) Proposal(id ID) (ServiceProposal, bool) {
	return found(r.Proposals, id, func(x *ServiceProposal) ID { return x.ID })
}

// ProposalsFor are those a person reads: their own, and everybody's for all but staff. The open ones come first, the
// oldest of them before the others; then those with an answer, the latest first.
func (r *Register) ProposalsFor(person ID, role Role) []ServiceProposal {
	var all []ServiceProposal
	for _, p := range r.Proposals {
		if role != Staff || p.ProposedBy == person {
			all = append(all, p)
		}
	}
	slices.SortStableFunc(all, func(a, b ServiceProposal) int {
		if a.State == ProposalOpen && b.State == ProposalOpen {
			return cmp.Or(a.ProposedOn.Compare(b.ProposedOn), cmp.Compare(a.ID, b.ID))
		}
		if a.State == ProposalOpen || b.State == ProposalOpen {
			if a.State == ProposalOpen {
				return -1
			}
			return 1
		}
		return cmp.Or(b.AnsweredOn.Compare(a.AnsweredOn), cmp.Compare(b.ID, a.ID))
	})
	return all
}

// OpenProposals is how many wait for an answer.
func (r *Register) OpenProposals() (n int) {
	for i := range r.Proposals {
		if r.Proposals[i].State == ProposalOpen {
			n++
		}
	}
	return n
}
