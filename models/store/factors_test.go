package store

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models"
	"enveloppe/models/onetime"
)

// owner is Paul acting on his own account, which has a password.
func (h *house) owner() models.Actor {
	h.Helper()
	h.ok(h.SetPassword(h.ctx, h.program(), paul, "hash"))
	return models.Actor{Organisation: h.org, Person: paul, Name: "Paul", Role: models.Editor, Account: h.account(paul), From: "192.0.2.9", At: noon}
}

var testSecret = onetime.Secret("12345678901234567890")

// app takes an app into service, with the recovery codes one to three.
func (h *house) app(by models.Actor) {
	h.Helper()
	h.ok(h.OfferTOTP(h.ctx, by, testSecret))
	h.ok(h.TakeTOTP(h.ctx, by, testSecret.Code(onetime.Step(by.At)), [][32]byte{secret("one"), secret("two"), secret("three")}))
}

func handleOf(name string) []byte { h := secret("handle of " + name); return h[:] }

// aKey is a passkey as a device makes it.
func aKey(name string) models.Passkey {
	return models.Passkey{
		Name: name, Credential: []byte("credential " + name), PublicKey: []byte("public half of " + name), Model: make([]byte, 16),
		Transports: []string{"internal", "hybrid"}, SignCount: 4, MayTravel: true, Travelled: true,
	}
}

func TestAnAppProvesItselfBeforeItsCodesAreAskedFor(t *testing.T) {
	h := newHouse(t)
	by := h.owner()
	now := onetime.Step(noon)
	none := func() error { return h.TakeTOTP(h.ctx, by, testSecret.Code(now), nil) }
	h.refuses(models.ErrNotFound, none)
	h.ok(h.OfferTOTP(h.ctx, by, onetime.Secret("another secret of 20")))
	h.ok(h.OfferTOTP(h.ctx, by, testSecret)) // the last one shown counts
	shown, err := h.OfferedTOTP(h.ctx, by.Account, noon.Add(offerLife-time.Second))
	h.ok(err)
	if !bytes.Equal(shown, testSecret) {
		t.Errorf("shown %q", shown)
	}
	if _, err := h.OfferedTOTP(h.ctx, by.Account, noon.Add(offerLife)); !refusedAs(err, models.ErrNotFound) {
		t.Errorf("still shown after its time: %v", err)
	}
	if _, err := h.OfferedTOTP(h.ctx, h.account(nadia), noon); !refusedAs(err, models.ErrNotFound) {
		t.Errorf("shown to somebody else: %v", err)
	}
	h.refuses(invalid("code", "totp.wrong"), func() error { return h.TakeTOTP(h.ctx, by, testSecret.Code(now+2), nil) })
	late := by
	late.At = noon.Add(offerLife)
	h.refuses(models.ErrNotFound, func() error {
		return h.TakeTOTP(h.ctx, late, testSecret.Code(onetime.Step(late.At)), nil)
	})
	if c, _ := h.Credential(h.ctx, by.Account); c.HasTOTP {
		t.Error("codes are asked for already")
	}
	h.app(by)
	c, err := h.Credential(h.ctx, by.Account)
	h.ok(err)
	a, err := h.Account(h.ctx, by.Account)
	h.ok(err)
	f, err := h.Factors(h.ctx, by.Account)
	h.ok(err)
	if !c.HasTOTP || !a.TOTPSetAt.Equal(noon) || !f.TOTPSetAt.Equal(noon) || f.CodesLeft != 3 || !f.CodesSetAt.Equal(noon) {
		t.Errorf("credential %+v, account %+v, factors %+v", c, a, f)
	}
	if e := h.last(); e.Verb != "person.totp" || e.Subject != paul || e.By != paul || e.From != "192.0.2.9" || fmt.Sprint(e.Changes) != "[{totp  on}]" {
		t.Errorf("told as %+v", e)
	}
	h.refuses(models.ErrNotFound, none) // what was shown is used up
	h.same()
}

func TestACodeIsTakenOnce(t *testing.T) {
	h := newHouse(t)
	by := h.owner()
	h.app(by)
	now := onetime.Step(noon)
	take := func(step int64, at time.Time) bool {
		t.Helper()
		good, err := h.TakeCode(h.ctx, by.Account, testSecret.Code(step), at)
		h.ok(err)
		return good
	}
	if take(now, noon) || take(now-1, noon) {
		t.Error("the code that took the app into service, or one before, is taken again")
	}
	if take(now+2, noon) {
		t.Error("a code of the minute after is taken")
	}
	if !take(now+1, noon) || take(now+1, noon) || take(now+1, noon.Add(30*time.Second)) {
		t.Error("the next code is not taken exactly once")
	}
	if good, err := h.TakeCode(h.ctx, h.account(nadia), testSecret.Code(now+3), noon.Add(90*time.Second)); good || err != nil {
		t.Errorf("an account without an app takes a code: %t, %v", good, err)
	}
	// Many at once: one comes in.
	at := noon.Add(10 * time.Minute)
	var in sync.WaitGroup
	var mu sync.Mutex
	taken := 0
	for range 8 {
		in.Go(func() {
			good, err := h.TakeCode(h.ctx, by.Account, testSecret.Code(onetime.Step(at)), at)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			if good {
				taken++
			}
		})
	}
	in.Wait()
	if taken != 1 {
		t.Errorf("one code let %d in", taken)
	}
}

func TestRecoveryCodes(t *testing.T) {
	h := newHouse(t)
	by := h.owner()
	h.refuses(refused("totp.none"), func() error { return h.RenewRecoveries(h.ctx, by, [][32]byte{secret("x")}) })
	h.refuses(refused("totp.none"), func() error { return h.RemoveTOTP(h.ctx, by) })
	h.app(by)
	left, err := h.TakeRecovery(h.ctx, by, secret("two"))
	h.ok(err)
	if e := h.last(); left != 2 || e.Verb != "person.recovery_used" || e.Subject != paul {
		t.Errorf("%d left, told as %+v", left, e)
	}
	for _, bad := range []string{"two", "four", ""} {
		h.refuses(models.ErrNotFound, func() error { _, err := h.TakeRecovery(h.ctx, by, secret(bad)); return err })
	}
	other := by
	other.Account, other.Person, other.Name = h.account(nadia), nadia, "Nadia"
	h.refuses(models.ErrNotFound, func() error { _, err := h.TakeRecovery(h.ctx, other, secret("one")); return err })
	h.ok(h.RenewRecoveries(h.ctx, by, [][32]byte{secret("five"), secret("six")}))
	h.refuses(models.ErrNotFound, func() error { _, err := h.TakeRecovery(h.ctx, by, secret("one")); return err })
	if left, err := h.TakeRecovery(h.ctx, by, secret("six")); err != nil || left != 1 {
		t.Errorf("%d left, %v", left, err)
	}
	h.ok(h.RemoveTOTP(h.ctx, by))
	if e := h.last(); e.Verb != "person.totp" || fmt.Sprint(e.Changes) != "[{totp on }]" {
		t.Errorf("told as %+v", e)
	}
	h.refuses(models.ErrNotFound, func() error { _, err := h.TakeRecovery(h.ctx, by, secret("five")); return err })
	f, err := h.Factors(h.ctx, by.Account)
	h.ok(err)
	if f.HasTOTP() || f.CodesLeft != 0 || !f.CodesSetAt.IsZero() {
		t.Errorf("left behind: %+v", f)
	}
	h.same()
}

func TestPasskeysAreKeptAndLookedUp(t *testing.T) {
	h := newHouse(t)
	by := h.owner()
	if handle, err := h.Handle(h.ctx, by.Account); err != nil || handle != nil {
		t.Errorf("before the first, the handle is %x, %v", handle, err)
	}
	id := h.id(h.AddPasskey(h.ctx, by, aKey("téléphone"), handleOf("paul")))
	if e := h.last(); e.Verb != "person.passkey" || e.Subject != paul || fmt.Sprint(e.Changes) != "[{passkey  téléphone}]" {
		t.Errorf("told as %+v", e)
	}
	want := aKey("téléphone")
	want.ID, want.Account, want.AddedAt = id, by.Account, noon
	got, err := h.PasskeyOf(h.ctx, want.Credential, handleOf("paul"))
	h.ok(err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("looked up (-want +got):\n%s", diff)
	}
	for what, look := range map[string][2][]byte{
		"another credential": {[]byte("credential portable"), handleOf("paul")}, "another handle": {want.Credential, handleOf("nadia")},
		"no handle": {want.Credential, nil}, "nothing": {nil, nil},
	} {
		if _, err := h.PasskeyOf(h.ctx, look[0], look[1]); !refusedAs(err, models.ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
	h.id(h.AddPasskey(h.ctx, by, aKey("portable"), handleOf("paul")))
	list, err := h.Passkeys(h.ctx, by.Account)
	h.ok(err)
	a, err := h.Account(h.ctx, by.Account)
	h.ok(err)
	if len(list) != 2 || list[0].Name != "téléphone" || list[1].Name != "portable" || a.Passkeys != 2 || !a.HasPasskey() {
		t.Errorf("kept %+v, counted %d", list, a.Passkeys)
	}
	h.refuses(refused("passkey.known"), func() error { _, err := h.AddPasskey(h.ctx, by, aKey("portable"), handleOf("paul")); return err })
	h.refuses(models.ErrNotFound, func() error { _, err := h.AddPasskey(h.ctx, by, aKey("clé"), handleOf("nadia")); return err })
	h.refuses(invalid("name", "required"), func() error { _, err := h.AddPasskey(h.ctx, by, aKey(" "), handleOf("paul")); return err })
	for i := len(list); i < maxPasskeys; i++ {
		h.id(h.AddPasskey(h.ctx, by, aKey(fmt.Sprint(i)), handleOf("paul")))
	}
	h.refuses(refused("passkey.many"), func() error { _, err := h.AddPasskey(h.ctx, by, aKey("une de trop"), handleOf("paul")); return err })
}

func TestPasskeysAreUsedRenamedAndRemoved(t *testing.T) {
	h := newHouse(t)
	by := h.owner()
	id := h.id(h.AddPasskey(h.ctx, by, aKey("téléphone"), handleOf("paul")))
	used := aKey("téléphone")
	used.ID, used.SignCount, used.Travelled = id, 5, false
	h.ok(h.UsePasskey(h.ctx, used, noon.Add(time.Hour)))
	if got, _ := h.PasskeyOf(h.ctx, used.Credential, handleOf("paul")); got.SignCount != 5 || got.Travelled || !got.UsedAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("used: %+v", got)
	}
	h.refuses(models.ErrNotFound, func() error { return h.UsePasskey(h.ctx, used, noon) }) // a twin has counted as far
	used.ID = 99
	h.refuses(models.ErrNotFound, func() error { return h.UsePasskey(h.ctx, used, noon) })
	// Devices that do not count say 0 for ever.
	silent := aKey("nuage")
	silent.SignCount = 0
	silent.ID = h.id(h.AddPasskey(h.ctx, by, silent, handleOf("paul")))
	h.ok(h.UsePasskey(h.ctx, silent, noon))
	h.ok(h.UsePasskey(h.ctx, silent, noon))

	h.ok(h.RenamePasskey(h.ctx, by, id, "le vieux"))
	if e := h.last(); fmt.Sprint(e.Changes) != "[{passkey téléphone le vieux}]" {
		t.Errorf("told as %+v", e)
	}
	h.refuses(invalid("name", "too_long"), func() error { return h.RenamePasskey(h.ctx, by, id, strings.Repeat("é", 121)) })
	stranger := by
	stranger.Account, stranger.Person = h.account(nadia), nadia
	h.refuses(models.ErrNotFound, func() error { return h.RenamePasskey(h.ctx, stranger, id, "à moi") })
	h.refuses(models.ErrNotFound, func() error { _, err := h.RemovePasskey(h.ctx, stranger, id); return err })

	name, err := h.RemovePasskey(h.ctx, by, id)
	h.ok(err)
	if e := h.last(); name != "le vieux" || fmt.Sprint(e.Changes) != "[{passkey le vieux }]" {
		t.Errorf("removed %q, told as %+v", name, e)
	}
	h.ok(h.RemovePassword(h.ctx, by)) // one passkey is left
	if e := h.last(); e.Verb != "person.password_removed" {
		t.Errorf("told as %+v", e)
	}
	h.refuses(refused("factors.last"), func() error { _, err := h.RemovePasskey(h.ctx, by, silent.ID); return err })
	h.refuses(refused("password.none"), func() error { return h.RemovePassword(h.ctx, by) })
	h.ok(h.SetAccountPassword(h.ctx, by, "again"))
	_, err = h.RemovePasskey(h.ctx, by, silent.ID)
	h.ok(err)
	h.refuses(refused("factors.last"), func() error { return h.RemovePassword(h.ctx, by) })
	if p, _ := h.reg().Person(paul); !p.SignsIn {
		t.Error("does not sign in any more")
	}
	h.same()
}

func TestAnInvitationIsTakenUpByPasskey(t *testing.T) {
	h := newHouse(t)
	h.ok(h.Invite(h.ctx, h.by, paul, secret("link")))
	actor, err := h.AcceptByPasskey(h.ctx, secret("link"), aKey("téléphone"), handleOf("paul"), "192.0.2.1", noon)
	h.ok(err)
	c, err := h.AccountByEmail(h.ctx, "paul@example.org")
	h.ok(err)
	a, err := h.Account(h.ctx, actor.Account)
	h.ok(err)
	if c.Account != actor.Account || c.PasswordHash != "" || a.HasPassword() || !a.CanProve() || a.Passkeys != 1 || actor.Person != paul {
		t.Errorf("joined as %+v: %+v, %+v", actor, c, a)
	}
	if p, _ := h.reg().Person(paul); !p.SignsIn {
		t.Error("does not sign in")
	}
	if e := h.last(); e.Verb != "person.join" || e.From != "192.0.2.1" {
		t.Errorf("told as %+v", e)
	}
	h.refuses(models.ErrNotFound, func() error {
		_, err := h.AcceptByPasskey(h.ctx, secret("link"), aKey("autre"), handleOf("x"), "", noon)
		return err
	})
	h.same()
}

// What goes wrong while a passkey is kept leaves the invitation to be taken up.
func TestAnInvitationOutlivesABadPasskey(t *testing.T) {
	h := newHouse(t)
	h.id(h.AddPasskey(h.ctx, func() models.Actor {
		by := h.by
		by.Account = h.account(nadia)
		return by
	}(), aKey("téléphone"), handleOf("nadia")))
	h.ok(h.Invite(h.ctx, h.by, paul, secret("link")))
	h.refuses(refused("passkey.known"), func() error {
		_, err := h.AcceptByPasskey(h.ctx, secret("link"), aKey("téléphone"), handleOf("paul"), "", noon)
		return err
	})
	if _, err := h.OpenInvitation(h.ctx, secret("link"), noon); err != nil {
		t.Errorf("the invitation is lost: %v", err)
	}
}

func TestADirectorOffersToStartOver(t *testing.T) {
	h := newHouse(t)
	by := h.owner()
	h.app(by)
	h.id(h.AddPasskey(h.ctx, by, aKey("téléphone"), handleOf("paul")))
	h.signIn(paul, "laptop")
	editor := h.by
	editor.Role = models.Editor
	h.refuses(models.ErrForbidden, func() error { _, err := h.StartFactorReset(h.ctx, editor, paul, secret("link")); return err })
	h.refuses(models.ErrNotFound, func() error { _, err := h.StartFactorReset(h.ctx, h.by, 99, secret("link")); return err })
	h.refuses(models.ErrNotFound, func() error { _, err := h.StartFactorReset(h.ctx, h.by, claire, secret("link")); return err })
	c, err := h.StartFactorReset(h.ctx, h.by, paul, secret("link"))
	h.ok(err)
	if e := h.last(); c.Email != "paul@example.org" || e.Verb != "person.factors_offer" || e.By != nadia || e.Subject != paul {
		t.Errorf("goes to %s, told as %+v", c.Email, e)
	}
	// Offering changes nothing, and neither does looking.
	r, err := h.OpenReset(h.ctx, secret("link"), noon)
	h.ok(err)
	f, err := h.Factors(h.ctx, by.Account)
	h.ok(err)
	if !r.Clears || r.Account != by.Account || !f.HasTOTP() || f.CodesLeft != 3 || len(f.Passkeys) != 1 {
		t.Errorf("offered: %+v, %+v", r, f)
	}
	if list, _ := h.Sessions(h.ctx, by.Account); len(list) != 1 {
		t.Errorf("%d sessions", len(list))
	}
	_, err = h.UseReset(h.ctx, secret("link"), "new", "192.0.2.3", noon.Add(time.Minute))
	h.ok(err)
	f, err = h.Factors(h.ctx, by.Account)
	h.ok(err)
	if f.HasTOTP() || f.CodesLeft != 0 || len(f.Passkeys) != 0 {
		t.Errorf("left behind: %+v", f)
	}
	if list, _ := h.Sessions(h.ctx, by.Account); len(list) != 0 {
		t.Errorf("%d sessions go on", len(list))
	}
	if c, _ := h.Credential(h.ctx, by.Account); c.PasswordHash != "new" {
		t.Errorf("the password is %q", c.PasswordHash)
	}
	if e := h.last(); e.Verb != "person.factors_reset" || e.By != paul || fmt.Sprint(e.Changes) != "[{totp on } {passkey téléphone }]" {
		t.Errorf("told as %+v", e)
	}
	if _, err := h.OpenReset(h.ctx, secret("link"), noon); !refusedAs(err, models.ErrNotFound) {
		t.Errorf("good a second time: %v", err)
	}
	h.same()
}

// The terminal of the machine helps when nobody else can.
func TestTheTerminalStartsOver(t *testing.T) {
	h := newHouse(t)
	by := h.owner()
	h.app(by)
	h.id(h.AddPasskey(h.ctx, by, aKey("téléphone"), handleOf("paul")))
	h.signIn(paul, "laptop")
	h.refuses(models.ErrForbidden, func() error { return h.StartOver(h.ctx, h.by, paul, "new") })
	h.refuses(models.ErrNotFound, func() error { return h.StartOver(h.ctx, h.program(), claire, "new") })
	h.refuses(invalid("password", "required"), func() error { return h.StartOver(h.ctx, h.program(), paul, "") })
	h.ok(h.StartOver(h.ctx, h.program(), paul, "new"))
	f, err := h.Factors(h.ctx, by.Account)
	h.ok(err)
	c, err := h.Credential(h.ctx, by.Account)
	h.ok(err)
	if f.HasTOTP() || len(f.Passkeys) != 0 || c.PasswordHash != "new" {
		t.Errorf("left %+v, %+v", f, c)
	}
	if list, _ := h.Sessions(h.ctx, by.Account); len(list) != 0 {
		t.Errorf("%d sessions go on", len(list))
	}
	if e := h.last(); e.Verb != "person.factors_reset" || e.By != 0 || e.Subject != paul || fmt.Sprint(e.Changes) != "[{totp on } {passkey téléphone }]" {
		t.Errorf("told as %+v", e)
	}
	h.same()
}

// A reset that its owner asked for takes nothing away but the password, and one sort of link takes the other's place.
func TestAResetOfThePasswordKeepsTheRest(t *testing.T) {
	h := newHouse(t)
	by := h.owner()
	h.app(by)
	h.id(h.AddPasskey(h.ctx, by, aKey("téléphone"), handleOf("paul")))
	_, err := h.StartFactorReset(h.ctx, h.by, paul, secret("over"))
	h.ok(err)
	_, _, err = h.StartReset(h.ctx, "paul@example.org", secret("reset"), noon)
	h.ok(err)
	if _, err := h.OpenReset(h.ctx, secret("over"), noon); !refusedAs(err, models.ErrNotFound) {
		t.Errorf("the earlier link is still good: %v", err)
	}
	_, err = h.UseReset(h.ctx, secret("reset"), "new", "", noon)
	h.ok(err)
	if f, _ := h.Factors(h.ctx, by.Account); !f.HasTOTP() || f.CodesLeft != 3 || len(f.Passkeys) != 1 {
		t.Errorf("left: %+v", f)
	}
}

func TestAProofUnderWay(t *testing.T) {
	h := newHouse(t)
	account := h.account(paul)
	b := Begun{Purpose: "second", Account: account, Data: "{}", ExpiresAt: noon.Add(time.Minute)}
	h.ok(h.BeginProof(h.ctx, secret("cookie"), b, noon))
	for range 2 {
		got, err := h.BegunProof(h.ctx, secret("cookie"), "second", noon.Add(time.Minute-time.Microsecond))
		h.ok(err)
		if got.Account != account || got.Data != "{}" || got.Purpose != "second" || !got.ExpiresAt.Equal(b.ExpiresAt.Truncate(time.Microsecond)) {
			t.Errorf("kept %+v", got)
		}
	}
	for _, wrong := range []struct {
		cookie, purpose string
		at              time.Time
	}{{"cookie", "confirm", noon}, {"other", "second", noon}, {"cookie", "second", b.ExpiresAt}} {
		h.refuses(models.ErrNotFound, func() error {
			_, err := h.EndProof(h.ctx, secret(wrong.cookie), wrong.purpose, wrong.at)
			return err
		})
	}
	_, err := h.EndProof(h.ctx, secret("cookie"), "second", noon)
	h.ok(err)
	if _, err := h.EndProof(h.ctx, secret("cookie"), "second", noon); !refusedAs(err, models.ErrNotFound) {
		t.Errorf("ended twice: %v", err)
	}
	// Of nobody yet; and what has run out is swept away by the next.
	h.ok(h.BeginProof(h.ctx, secret("stranger"), Begun{Purpose: "sign_in", Data: "x", ExpiresAt: noon.Add(time.Minute)}, noon))
	h.ok(h.BeginProof(h.ctx, secret("next"), Begun{Purpose: "sign_in", Data: "y", ExpiresAt: noon.Add(time.Hour)}, noon.Add(time.Minute)))
	if rows := h.everything()["proofs_begun"]; len(rows) != 1 {
		t.Errorf("kept %v", rows)
	}
}

// What is done to an account is told in each of its organisations, and nothing of it is secret.
func TestFactorsAreToldEverywhereWithoutSecrets(t *testing.T) {
	h := newHouse(t)
	by := h.owner()
	org := h.neighbour()
	guest := h.guest(org, by.Account, models.Accountant)
	h.app(by)
	id := h.id(h.AddPasskey(h.ctx, by, aKey("téléphone"), handleOf("paul")))
	_, err := h.RemovePasskey(h.ctx, by, id)
	h.ok(err)
	for org, person := range map[models.ID]models.ID{h.org: paul, org: guest} {
		list, err := h.Audit(h.ctx, org, AuditFilter{Kind: "person", Subject: person, Limit: 3})
		h.ok(err)
		var verbs []string
		for _, e := range list {
			verbs = append(verbs, e.Verb)
			for _, hidden := range []string{string(testSecret), testSecret.Text(), "credential ", "public half", "handle"} {
				if strings.Contains(fmt.Sprint(e), hidden) {
					t.Errorf("the log holds %q: %+v", hidden, e)
				}
			}
		}
		if !slices.Equal(verbs, []string{"person.passkey", "person.passkey", "person.totp"}) {
			t.Errorf("organisation %d was told %v", org, verbs)
		}
	}
}
