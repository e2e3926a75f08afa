package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"enveloppe/models"
)

const issuer = "https://login.example.org"

// proves takes a visit to the provider and back, with a proof of who it was.
func (h *house) proves(purpose models.VisitPurpose, secretText, subject string, change func(*ProviderVisit)) [32]byte {
	h.Helper()
	v := ProviderVisit{Purpose: purpose, Target: "/", StartedAt: noon}
	switch purpose {
	case models.VisitLink, models.VisitConfirm:
		v.Session = secret("session")
	case models.VisitInvite:
		v.Invitation = secret("invitation")
	case models.VisitSignIn:
	}
	if change != nil {
		change(&v)
	}
	hash := secret(secretText)
	h.ok(h.StartVisit(h.ctx, hash, v))
	_, err := h.ReturnVisit(h.ctx, hash, noon)
	h.ok(err)
	h.ok(h.KeepProof(h.ctx, hash, models.Identity{Issuer: issuer, Subject: subject, Label: subject + "@example.org"}))
	return hash
}

// vouched is the director with an account, where a provider is asked.
func (h *house) vouched() models.Actor {
	h.Helper()
	h.issuer = issuer
	h.ok(h.SetPassword(h.ctx, h.program(), nadia, "nadia's"))
	by := h.by
	by.Account = h.account(nadia)
	return by
}

func TestLinkIdentity(t *testing.T) {
	h := newHouse(t)
	by := h.vouched()
	linked, err := h.LinkIdentity(h.ctx, by, h.proves(models.VisitLink, "one", "42", nil))
	h.ok(err)
	want := models.Identity{ID: linked.ID, Issuer: issuer, Subject: "42", Label: "42@example.org", LinkedAt: noon}
	list, err := h.Identities(h.ctx, by.Account)
	h.ok(err)
	if len(list) != 1 || list[0] != want || linked != want {
		t.Errorf("identities %+v, linked %+v, want %+v", list, linked, want)
	}
	if a, _ := h.Account(h.ctx, by.Account); !a.HasIdentity() || !a.CanProve() {
		t.Errorf("account %+v", a)
	}
	e := h.last()
	if e.Verb != "person.identity.link" || len(e.Changes) != 1 || e.Changes[0] != (models.Change{Field: "identity", After: issuer}) {
		t.Errorf("the log says %+v", e)
	}
	who, err := h.IdentityAccount(h.ctx, issuer, "42")
	h.ok(err)
	if who.Account != by.Account || len(who.Memberships) != 1 {
		t.Errorf("belongs to %+v", who)
	}
	// Neither another subject, nor the subject of another issuer, nor another writing of either.
	for _, other := range [][2]string{{issuer, "43"}, {issuer + "/", "42"}, {"https://evil.example", "42"}, {strings.ToUpper(issuer), "42"}, {issuer, " 42"}, {issuer, ""}, {"", "42"}} {
		if _, err := h.IdentityAccount(h.ctx, other[0], other[1]); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("%q: %v", other, err)
		}
	}
	h.ok(h.UseIdentity(h.ctx, models.Identity{Issuer: issuer, Subject: "42", Label: "nadia@new.example"}, noon.Add(time.Hour)))
	list, _ = h.Identities(h.ctx, by.Account)
	if !list[0].UsedAt.Equal(noon.Add(time.Hour)) || list[0].Label != "nadia@new.example" {
		t.Errorf("used: %+v", list[0])
	}
	if err := h.UseIdentity(h.ctx, models.Identity{Issuer: issuer, Subject: "43", Label: "x"}, noon); !errors.Is(err, models.ErrNotFound) {
		t.Error(err)
	}
	h.same()
}

func TestAnIdentityIsOfOneAccount(t *testing.T) {
	h := newHouse(t)
	by := h.vouched()
	h.ok(h.SetPassword(h.ctx, h.program(), paul, "paul's"))
	other := by
	other.Account, other.Person = h.account(paul), paul
	_, err := h.LinkIdentity(h.ctx, by, h.proves(models.VisitLink, "one", "42", nil))
	h.ok(err)
	try := func(by models.Actor, visit [32]byte) func() error {
		return func() error { _, err := h.LinkIdentity(h.ctx, by, visit); return err }
	}
	h.refuses(models.ErrNotFound, try(by, secret("one"))) // its proof was used
	h.refuses(refused("identity.known"), try(by, h.proves(models.VisitLink, "two", "42", nil)))
	h.refuses(refused("identity.taken"), try(other, h.proves(models.VisitLink, "three", "42", nil)))
	h.refuses(models.ErrNotFound, try(by, h.proves(models.VisitInvite, "four", "43", nil))) // proved for something else
	h.refuses(models.ErrNotFound, try(by, h.proves(models.VisitConfirm, "five", "43", nil)))
	late := by
	late.At = noon.Add(models.VisitLife)
	h.refuses(models.ErrNotFound, try(late, h.proves(models.VisitLink, "six", "43", nil)))
	for i := range maxIdentities - 1 {
		_, err := h.LinkIdentity(h.ctx, by, h.proves(models.VisitLink, fmt.Sprint("more ", i), fmt.Sprint("more ", i), nil))
		h.ok(err)
	}
	h.refuses(refused("identity.many"), try(by, h.proves(models.VisitLink, "seven", "44", nil)))
	h.same()
}

func TestUnlinkingKeepsAnotherMeans(t *testing.T) {
	h := newHouse(t)
	h.issuer = issuer
	h.ok(h.Invite(h.ctx, h.by, paul, secret("invitation")))
	actor, err := h.AcceptInvitationWith(h.ctx, h.proves(models.VisitInvite, "one", "42", nil), "192.0.2.1", noon)
	h.ok(err)
	if actor.Person != paul || actor.From != "192.0.2.1" {
		t.Errorf("joined as %+v", actor)
	}
	if p, _ := h.reg().Person(paul); !p.SignsIn {
		t.Error("does not sign in")
	}
	list, err := h.Identities(h.ctx, actor.Account)
	h.ok(err)
	gone := func() error { _, err := h.UnlinkIdentity(h.ctx, actor, list[0].ID); return err }
	h.refuses(refused("identity.last"), gone)
	second, err := h.LinkIdentity(h.ctx, actor, h.proves(models.VisitLink, "two", "43", nil))
	h.ok(err)
	h.ok(gone())
	h.refuses(models.ErrNotFound, gone)
	// One of a provider that is no longer asked is no means, and goes freely once there is another.
	h.issuer = "https://other.example"
	if a, _ := h.Account(h.ctx, actor.Account); a.HasIdentity() {
		t.Error("signs in by a provider that is not asked")
	}
	last := func() error { _, err := h.UnlinkIdentity(h.ctx, actor, second.ID); return err }
	h.refuses(refused("identity.last"), last)
	h.ok(h.SetAccountPassword(h.ctx, actor, "paul's"))
	h.ok(last())
	// Another's is not there.
	by := h.vouched()
	third, err := h.LinkIdentity(h.ctx, by, h.proves(models.VisitLink, "three", "44", nil))
	h.ok(err)
	h.refuses(models.ErrNotFound, func() error { _, err := h.UnlinkIdentity(h.ctx, actor, third.ID); return err })
	h.same()
}

// Starting over leaves nothing but the new password: whoever linked something else to the account is out.
func TestStartingOverUnlinks(t *testing.T) {
	h := newHouse(t)
	by := h.vouched()
	_, err := h.LinkIdentity(h.ctx, by, h.proves(models.VisitLink, "one", "42", nil))
	h.ok(err)
	h.ok(h.StartOver(h.ctx, h.program(), nadia, "new"))
	if _, err := h.IdentityAccount(h.ctx, issuer, "42"); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("still linked: %v", err)
	}
	if e := h.last(); !slices.Contains(e.Changes, models.Change{Field: "identity", Before: issuer}) {
		t.Errorf("the log says %+v", e)
	}
	// A new password alone unlinks nothing: it is another means.
	_, err = h.LinkIdentity(h.ctx, by, h.proves(models.VisitLink, "two", "42", nil))
	h.ok(err)
	h.ok(h.SetAccountPassword(h.ctx, by, "newer"))
	_, err = h.IdentityAccount(h.ctx, issuer, "42")
	h.ok(err)
	h.same()
}

func TestAcceptInvitationWith(t *testing.T) {
	h := newHouse(t)
	by := h.vouched()
	_, err := h.LinkIdentity(h.ctx, by, h.proves(models.VisitLink, "one", "42", nil))
	h.ok(err)
	org := h.neighbour()
	voisine := models.Actor{Organisation: org, Person: 2, Name: "Voisine", Role: models.Director, At: noon}
	invite := func(email, text string) {
		h.id(h.InvitePerson(h.ctx, voisine, models.Person{Name: email, Email: email, Role: models.Staff, Lang: models.French}, secret(text)))
	}
	to := func(text string) func(*ProviderVisit) {
		return func(v *ProviderVisit) { v.Invitation = secret(text) }
	}
	// The address of an account does not open it for somebody else.
	nadias, _ := h.Account(h.ctx, by.Account)
	invite(nadias.Email, "known")
	thief := h.proves(models.VisitInvite, "two", "thief", to("known"))
	h.refuses(refused("invite.known"), func() error { _, err := h.AcceptInvitationWith(h.ctx, thief, "", noon); return err })
	if _, err := h.IdentityAccount(h.ctx, issuer, "thief"); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("the thief has an account: %v", err)
	}
	// Who has an account joins with it, whatever the address.
	invite("any@voisins.example", "any")
	actor, err := h.AcceptInvitationWith(h.ctx, h.proves(models.VisitInvite, "three", "42", to("any")), "", noon)
	h.ok(err)
	if actor.Account != by.Account || actor.Organisation != org {
		t.Errorf("joined as %+v", actor)
	}
	for name, visit := range map[string][32]byte{
		"once":      secret("three"),
		"no such":   h.proves(models.VisitInvite, "four", "45", to("never")),
		"linking":   h.proves(models.VisitLink, "five", "45", nil),
		"no visit":  secret("six"),
		"used link": h.proves(models.VisitInvite, "seven", "45", to("any")),
	} {
		if _, err := h.AcceptInvitationWith(h.ctx, visit, "", noon); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	h.same()
}

func TestAVisitComesBackOnce(t *testing.T) {
	h := newHouse(t)
	h.ok(h.StartVisit(h.ctx, secret("one"), ProviderVisit{Purpose: models.VisitSignIn, Target: "/services", Fields: `[]`, StartedAt: noon}))
	if _, err := h.ReturnVisit(h.ctx, secret("other"), noon); !errors.Is(err, models.ErrNotFound) {
		t.Error(err)
	}
	if _, err := h.ReturnVisit(h.ctx, secret("one"), noon.Add(models.VisitLife)); !errors.Is(err, models.ErrNotFound) {
		t.Error(err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	came := 0
	for range 8 {
		all.Go(func() {
			v, err := h.ReturnVisit(h.ctx, secret("one"), noon)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				if came++; v.Purpose != models.VisitSignIn || v.Target != "/services" || v.Fields != `[]` || !v.StartedAt.Equal(noon) {
					t.Errorf("came back %+v", v)
				}
			} else if !errors.Is(err, models.ErrNotFound) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if came != 1 {
		t.Errorf("came back %d times", came)
	}
	// Without a proof there is nothing to act on.
	if _, err := h.ReturnedVisit(h.ctx, models.VisitSignIn, secret("one"), noon); !errors.Is(err, models.ErrNotFound) {
		t.Error(err)
	}
	h.ok(h.StartVisit(h.ctx, secret("two"), ProviderVisit{Purpose: models.VisitSignIn, Target: "/", StartedAt: noon}))
	h.ok(h.KeepProof(h.ctx, secret("two"), models.Identity{Issuer: issuer, Subject: "42", Label: "x"})) // has not come back
	if _, err := h.ReturnedVisit(h.ctx, models.VisitSignIn, secret("two"), noon); !errors.Is(err, models.ErrNotFound) {
		t.Error(err)
	}
	h.ok(h.EndVisit(h.ctx, secret("two")))
	h.ok(h.EndVisit(h.ctx, secret("two")))
	if _, err := h.ReturnVisit(h.ctx, secret("two"), noon); !errors.Is(err, models.ErrNotFound) {
		t.Error(err)
	}
	// What has run out is forgotten.
	h.ok(h.StartVisit(h.ctx, secret("three"), ProviderVisit{Purpose: models.VisitSignIn, Target: "/", StartedAt: noon.Add(models.VisitLife)}))
	if kept := h.everything()["provider_visits"]; len(kept) != 1 {
		t.Errorf("%d visits are kept", len(kept))
	}
}
