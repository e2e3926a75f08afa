package models

import (
	"slices"
	"strings"
	"testing"
)

func someProposal() ServiceProposal {
	return ServiceProposal{Name: "Canva", Plan: "Pro", URL: "https://www.canva.com/", Need: "Affiches", For: "l’animation", Places: 2, State: ProposalOpen}
}

func TestProposalIsChecked(t *testing.T) {
	for name, c := range map[string]struct {
		change      func(*ServiceProposal)
		field, rule string
	}{
		"as it should be":       {func(*ServiceProposal) {}, "", ""},
		"another plan":          {func(p *ServiceProposal) { p.Name, p.ServiceID = "", 7 }, "", ""},
		"the least":             {func(p *ServiceProposal) { p.Plan, p.URL, p.Places = "", "", 0 }, "", ""},
		"of nothing":            {func(p *ServiceProposal) { p.Name = " " }, "name", "required"},
		"what for":              {func(p *ServiceProposal) { p.Need = "\n " }, "need", "required"},
		"for whom":              {func(p *ServiceProposal) { p.For = "" }, "for", "required"},
		"of a script's address": {func(p *ServiceProposal) { p.URL = "javascript:alert(1)" }, "url", "url"},
		"with a long plan":      {func(p *ServiceProposal) { p.Plan = strings.Repeat("é", MaxName+1) }, "plan", "too_long"},
		"with a long need":      {func(p *ServiceProposal) { p.Need = strings.Repeat("é", MaxText+1) }, "need", "too_long"},
		"for fewer than nobody": {func(p *ServiceProposal) { p.Places = -1 }, "places", "number.range"},
	} {
		p := someProposal()
		c.change(&p)
		v := p.Check()
		if c.rule == "" && len(v) > 0 {
			t.Errorf("%s: %v", name, v)
		}
		if c.rule != "" && !slices.ContainsFunc(v, func(x Problem) bool { return x.Field == c.field && x.Rule == c.rule }) {
			t.Errorf("%s: %v, want %s of %s", name, v, c.rule, c.field)
		}
	}
}

func TestProposalIsAnswered(t *testing.T) {
	on := day("2026-11-20")
	p := someProposal()
	if _, err := p.Answered(false, " ", on, 1); err == nil {
		t.Error("declined without a reason")
	}
	yes, err := p.Answered(true, "", on, 1)
	if err != nil || yes.State != ProposalAccepted || yes.AnsweredOn != on || yes.AnsweredBy != 1 || !yes.ToRegister() {
		t.Errorf("accepted as %+v, %v", yes, err)
	}
	if _, err := yes.Answered(false, "Trop cher", on, 1); err == nil {
		t.Error("answered twice")
	}
	if again := yes.Reopened(); again != p {
		t.Errorf("reopened as %+v", again)
	}
	no, err := p.Answered(false, "Trop cher", on, 1)
	if err != nil || no.State != ProposalDeclined || no.Answer != "Trop cher" || no.ToRegister() {
		t.Errorf("declined as %+v, %v", no, err)
	}
}

// Staff read their own, everybody else all: first what waits, the oldest first, then what was dealt with last.
func TestProposalsForEachRole(t *testing.T) {
	r := NewRegister(Facts{Proposals: []ServiceProposal{
		{ID: 1, ProposedBy: 4, State: ProposalDeclined, ProposedOn: day("2026-01-01"), AnsweredOn: day("2026-02-01")},
		{ID: 2, ProposedBy: 5, State: ProposalOpen, ProposedOn: day("2026-03-02")},
		{ID: 3, ProposedBy: 4, State: ProposalOpen, ProposedOn: day("2026-03-01")},
		{ID: 4, ProposedBy: 4, State: ProposalAccepted, ProposedOn: day("2026-01-03"), AnsweredOn: day("2026-02-02")},
	}})
	ids := func(person ID, role Role) (ids []ID) {
		for _, p := range r.ProposalsFor(person, role) {
			ids = append(ids, p.ID)
		}
		return ids
	}
	if got := ids(4, Staff); !slices.Equal(got, []ID{3, 4, 1}) {
		t.Errorf("staff read %v", got)
	}
	for _, role := range []Role{Director, Editor, Accountant} {
		if got := ids(4, role); !slices.Equal(got, []ID{3, 2, 4, 1}) {
			t.Errorf("%s read %v", role, got)
		}
	}
	if n := r.OpenProposals(); n != 2 {
		t.Errorf("%d are open", n)
	}
}
