package store

import (
	"context"
	"slices"

	"enveloppe/models"
)

// anybody is every role there is.
func anybody(r models.Role) bool { return slices.Contains(models.Roles, r) }

// Propose notes what somebody asks the director for; its day is the organisation's today. A person has so many open
// proposals at most ("proposal.many").
func (s *Store) Propose(ctx context.Context, by models.Actor, p models.ServiceProposal) (models.ID, error) {
	return s.add(ctx, by, "proposal.add", anybody, func(a *act) (models.ID, error) {
		if p.ServiceID != 0 {
			p.Name = ""
		}
		v := p.Check()
		if err := a.lacks(&v, "service", "services", p.ServiceID); err != nil {
			return 0, err
		}
		if err := v.Err(); err != nil {
			return 0, err
		}
		if by.Person == 0 {
			return 0, models.ErrForbidden
		}
		n, err := a.count("proposals", "proposed_by = ? AND state = 'open'", by.Person)
		if err == nil && n >= models.MaxOpenProposals {
			err = models.Refused{Rule: "proposal.many", Args: []any{"n", n}}
		}
		if err != nil {
			return 0, err
		}
		p = p.Reopened()
		p.ProposedOn, p.ProposedBy, p.RegisteredID = a.today(), by.Person, 0
		return insert(a, &proposalRow{}, p, a.proposed(p))
	})
}

// AnswerProposal is the director's answer to an open proposal ("proposal.answered"): accepted, or declined with a reason.
func (s *Store) AnswerProposal(ctx context.Context, by models.Actor, id models.ID, accept bool, answer string) error {
	return s.setProposal(ctx, by, "proposal.answer", mayManage, id, func(a *act, p models.ServiceProposal) (models.ServiceProposal, error) {
		return p.Answered(accept, answer, a.today(), by.Person)
	})
}

// WithdrawProposal takes an open proposal back: whoever made it does.
func (s *Store) WithdrawProposal(ctx context.Context, by models.Actor, id models.ID) error {
	return s.setProposal(ctx, by, "proposal.withdraw", anybody, id, func(a *act, p models.ServiceProposal) (models.ServiceProposal, error) {
		if err := ownProposal(by, p); err != nil {
			return p, err
		}
		if p.State != models.ProposalOpen {
			return p, models.Refused{Rule: "proposal.answered"}
		}
		p.State, p.AnsweredOn, p.AnsweredBy = models.ProposalWithdrawn, a.today(), by.Person
		return p, nil
	})
}

// ReopenProposal undoes an answer, which is the director's, or a withdrawal, which is the proposer's. What was accepted
// and registered stays so ("proposal.registered").
func (s *Store) ReopenProposal(ctx context.Context, by models.Actor, id models.ID) error {
	return s.setProposal(ctx, by, "proposal.reopen", anybody, id, func(_ *act, p models.ServiceProposal) (models.ServiceProposal, error) {
		switch {
		case p.State == models.ProposalWithdrawn:
			if err := ownProposal(by, p); err != nil {
				return p, err
			}
		case !by.Role.MayManage():
			return p, ownOr(by, p, models.ErrForbidden)
		case p.RegisteredID != 0:
			return p, models.Refused{Rule: "proposal.registered"}
		}
		return p.Reopened(), nil
	})
}

// ownProposal refuses what only the proposer may do. For staff, others' proposals are not there.
func ownProposal(by models.Actor, p models.ServiceProposal) error {
	if by.Person != 0 && p.ProposedBy == by.Person {
		return nil
	}
	return ownOr(by, p, models.ErrForbidden)
}

func ownOr(by models.Actor, p models.ServiceProposal, err error) error {
	if by.Role == models.Staff && p.ProposedBy != by.Person {
		return models.ErrNotFound
	}
	return err
}

// fulfil notes the service that was registered for a proposal; registering it accepts it, which is the director's to do
// ("proposal.unanswered").
func (a *act) fulfil(id, service models.ID) error {
	p, err := fetch(a, &proposalRow{}, id)
	if err != nil {
		return err
	}
	before := p
	if p.State == models.ProposalOpen {
		if !a.by.Role.MayManage() {
			return models.Refused{Rule: "proposal.unanswered"}
		}
		if p, err = p.Answered(true, "", a.today(), a.by.Person); err != nil {
			return err
		}
	}
	if !p.ToRegister() {
		return models.Refused{Rule: "proposal.answered"}
	}
	p.RegisteredID = service
	return change(a, &proposalRow{}, before, p, a.proposed(p))
}

func (s *Store) setProposal(
	ctx context.Context, by models.Actor, verb string, may func(models.Role) bool, id models.ID,
	set func(*act, models.ServiceProposal) (models.ServiceProposal, error),
) error {
	return s.write(ctx, by, verb, may, func(a *act) error {
		before, err := fetch(a, &proposalRow{}, id)
		if err != nil {
			return err
		}
		after, err := set(a, before)
		if err != nil {
			return err
		}
		return change(a, &proposalRow{}, before, after, a.proposed(after))
	})
}

// proposed is the name people know a proposal by: the service's.
func (a *act) proposed(p models.ServiceProposal) string {
	if p.ServiceID == 0 {
		return p.Name
	}
	s, err := fetch(a, &serviceRow{}, p.ServiceID)
	if err != nil {
		return ""
	}
	return s.Name
}
