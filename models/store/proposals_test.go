package store

import (
	"errors"
	"testing"

	"enveloppe/models"
	"enveloppe/models/cal"
)

// asking is a house where Paul, of the staff, has asked for something.
func asking(t *testing.T) (h *house, paulHere models.Actor) {
	t.Helper()
	h = newFurnishedHouse(t)
	paulHere = models.Actor{Organisation: h.org, Person: paul, Name: "Paul", Role: models.Staff, At: noon}
	return h, paulHere
}

func wanted() models.ServiceProposal {
	return models.ServiceProposal{Name: "Canva", Plan: "Pro", URL: "https://www.canva.com/", Need: "Affiches", For: "l’animation", Places: 2}
}

func TestProposalComesAndIsAnswered(t *testing.T) {
	h, staff := asking(t)
	id := h.id(h.Propose(h.ctx, staff, wanted()))
	p, _ := h.reg().Proposal(id)
	if p.State != models.ProposalOpen || p.ProposedOn != today || p.ProposedBy != paul || p.Name != "Canva" || p.Places != 2 {
		t.Errorf("proposed as %+v", p)
	}
	h.same()
	h.refuses(invalid("answer", "proposal.reason"), func() error { return h.AnswerProposal(h.ctx, h.by, id, false, "") })
	h.ok(h.AnswerProposal(h.ctx, h.by, id, false, "Trop cher"))
	h.refuses(models.Refused{Rule: "proposal.answered"}, func() error { return h.AnswerProposal(h.ctx, h.by, id, true, "") })
	h.refuses(models.Refused{Rule: "proposal.answered"}, func() error { return h.WithdrawProposal(h.ctx, staff, id) })
	h.refuses(models.ErrForbidden, func() error { return h.ReopenProposal(h.ctx, staff, id) })
	h.ok(h.ReopenProposal(h.ctx, h.by, id))
	h.refuses(models.ErrForbidden, func() error { return h.WithdrawProposal(h.ctx, h.by, id) })
	h.ok(h.WithdrawProposal(h.ctx, staff, id))
	h.refuses(models.ErrForbidden, func() error { return h.ReopenProposal(h.ctx, h.by, id) })
	h.ok(h.ReopenProposal(h.ctx, staff, id))
	if got, _ := h.reg().Proposal(id); got.State != models.ProposalOpen || got.Answer != "" {
		t.Errorf("reopened as %+v", got)
	}
	h.same()
	h.wellFormed()
}

// For staff, what others propose is not there; another organisation's is for nobody.
func TestProposalsOfOthersAreNotThereForStaff(t *testing.T) {
	h, staff := asking(t)
	id := h.id(h.Propose(h.ctx, h.by, wanted()))
	for _, do := range map[string]func() error{
		"withdraw": func() error { return h.WithdrawProposal(h.ctx, staff, id) },
		"reopen":   func() error { return h.ReopenProposal(h.ctx, staff, id) },
		"missing":  func() error { return h.WithdrawProposal(h.ctx, staff, 99_999) },
	} {
		h.refuses(models.ErrNotFound, do)
	}
	h.refuses(models.ErrForbidden, func() error { return h.AnswerProposal(h.ctx, staff, id, true, "") })
	h.refuses(invalid("service", "choose"), func() error {
		p := wanted()
		p.ServiceID = 99_999
		return first(h.Propose(h.ctx, staff, p))
	})
}

// Registering the service accepts the proposal, for a director; everybody else waits for the answer. All of it or nothing.
func TestRegisteringAProposalAcceptsIt(t *testing.T) {
	h, staff := asking(t)
	id := h.id(h.Propose(h.ctx, staff, wanted()))
	entry := ServiceEntry{
		Service: models.Service{Name: "Canva", FunctionID: access}, Plan: models.Plan{Name: "Pro", Tier: models.Free, Cadence: cal.Yearly}, Proposal: id,
	}
	editor := h.by
	editor.Role = models.Editor
	h.refuses(models.Refused{Rule: "proposal.unanswered"}, func() error { return first(h.AddServiceWithPlan(h.ctx, editor, entry)) })
	service := h.id(h.AddServiceWithPlan(h.ctx, h.by, entry))
	p, _ := h.reg().Proposal(id)
	if p.State != models.ProposalAccepted || p.RegisteredID != service || p.AnsweredBy != h.by.Person {
		t.Errorf("registered as %+v", p)
	}
	entry.Service.Name = "Canva encore"
	h.refuses(models.Refused{Rule: "proposal.answered"}, func() error { return first(h.AddServiceWithPlan(h.ctx, h.by, entry)) })
	h.refuses(models.Refused{Rule: "proposal.registered"}, func() error { return h.ReopenProposal(h.ctx, h.by, id) })
	second := h.id(h.Propose(h.ctx, staff, wanted()))
	h.ok(h.AnswerProposal(h.ctx, h.by, second, true, "D’accord"))
	entry.Proposal = second
	h.id(h.AddServiceWithPlan(h.ctx, editor, entry))
	if p, _ := h.reg().Proposal(second); p.Answer != "D’accord" || p.RegisteredID == 0 {
		t.Errorf("registered by an editor as %+v", p)
	}
	h.same()
	h.wellFormed()
}

func TestSoManyProposalsAtMost(t *testing.T) {
	h, staff := asking(t)
	var last models.ID
	for range models.MaxOpenProposals {
		last = h.id(h.Propose(h.ctx, staff, wanted()))
	}
	err := first(h.Propose(h.ctx, staff, wanted()))
	if refused, ok := errors.AsType[models.Refused](err); !ok || refused.Rule != "proposal.many" {
		t.Errorf("one more: %v", err)
	}
	h.ok(h.WithdrawProposal(h.ctx, staff, last))
	h.id(h.Propose(h.ctx, staff, wanted()))
}

// proposalVerbs are those of services people ask for.
func proposalVerbs() map[string]verb {
	return map[string]verb{
		"Propose": {anybody, func(s *Store, h *house, by models.Actor) error {
			p := wanted()
			p.ServiceID = dropbox
			return first(s.Propose(h.ctx, by, p))
		}, false},
		"AnswerProposal": {mayManage, func(s *Store, h *house, by models.Actor) error {
			return s.AnswerProposal(h.ctx, by, h.proposal(), true, "")
		}, false},
		"WithdrawProposal": {anybody, func(s *Store, h *house, by models.Actor) error {
			return s.WithdrawProposal(h.ctx, by, h.proposal())
		}, false},
		"ReopenProposal": {anybody, func(s *Store, h *house, by models.Actor) error {
			return s.ReopenProposal(h.ctx, by, h.proposal())
		}, false},
	}
}

// proposal is the last there is; one that is not while there is none.
func (h *house) proposal() models.ID {
	if all := h.reg().Proposals; len(all) > 0 {
		return all[len(all)-1].ID
	}
	return 99_999
}

// The same of proposals, as of all verbs: asked for, answered, withdrawn, put back and registered in whatever order.
func TestRandomVerbsOnProposals(t *testing.T) { atRandom(t, newHouse, proposalActs, 60) }

var proposalActs = []func(*chance) error{
	func(c *chance) error {
		p := models.ServiceProposal{Name: c.name(), Need: "x", For: "x"}
		if s := c.r.Services; c.IntN(2) == 0 && len(s) > 0 {
			p.ServiceID = pickOf(c, s).ID
		}
		return first(c.Propose(c.ctx, c.by, p))
	},
	func(c *chance) error {
		if len(c.r.Proposals) == 0 {
			return models.ErrNotFound
		}
		switch p := pickOf(c, c.r.Proposals); c.IntN(4) {
		case 0:
			return c.WithdrawProposal(c.ctx, c.by, p.ID)
		case 1:
			return c.ReopenProposal(c.ctx, c.by, p.ID)
		default:
			return c.AnswerProposal(c.ctx, c.by, p.ID, c.IntN(2) == 0, "parce que")
		}
	},
	func(c *chance) error {
		if len(c.r.Proposals) == 0 {
			return models.ErrNotFound
		}
		return first(c.AddServiceWithPlan(c.ctx, c.by, ServiceEntry{
			Service: models.Service{Name: c.name(), FunctionID: access}, Plan: models.Plan{Name: "Pro", Tier: models.Free, Cadence: cal.Yearly},
			Proposal: pickOf(c, c.r.Proposals).ID,
		}))
	},
}
