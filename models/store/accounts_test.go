package store

import (
	"crypto/sha256"
	"database/sql"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models"
)

// secret is the hash of what stands in a link.
func secret(text string) [32]byte { return sha256.Sum256([]byte(text)) }

// neighbour is a second organisation of the file, whose director Voisine is its person 2.
func (h *house) neighbour() models.ID {
	h.Helper()
	f := models.Facts{Organisation: sample().Organisation, People: []models.Person{
		{ID: 2, Name: "Voisine", Email: "voisine@example.org", Role: models.Director, Lang: models.French},
	}}
	f.Organisation.Name = "Voisins"
	org, err := h.Plant(h.ctx, f, noon)
	h.ok(err)
	return org
}

// guest invites somebody to the neighbour's and lets an account take it up.
func (h *house) guest(org models.ID, account models.AccountID, role models.Role) models.ID {
	h.Helper()
	by := models.Actor{Organisation: org, Person: 2, Name: "Voisine", Role: models.Director, At: noon}
	id := h.id(h.InvitePerson(h.ctx, by, models.Person{Name: "Nadia V.", Email: "nadia@voisins.example", Role: role, Lang: models.English}, secret("guest")))
	actor, err := h.AcceptInvitation(h.ctx, secret("guest"), account, "", "192.0.2.7", noon)
	h.ok(err)
	want := models.Actor{Organisation: org, Person: id, Name: "Nadia V.", Role: role, Account: account, From: "192.0.2.7", At: noon}
	if actor != want {
		h.Errorf("joined as %+v, want %+v", actor, want)
	}
	return id
}

func TestInvitation(t *testing.T) {
	h := newHouse(t)
	later := noon.Add(models.InviteLife)
	h.ok(h.Invite(h.ctx, h.by, paul, secret("one")))
	list, err := h.Invitations(h.ctx, h.org)
	h.ok(err)
	want := models.Invitation{Organisation: h.org, Person: paul, Email: "paul@example.org", MadeAt: noon, ExpiresAt: later, By: nadia}
	if list[paul] != want || len(list) != 1 {
		t.Errorf("invitations %+v, want %+v", list, want)
	}
	// Reading uses nothing up; a second letter makes the first no good.
	for range 2 {
		i, err := h.OpenInvitation(h.ctx, secret("one"), later.Add(-time.Second))
		h.ok(err)
		if i.Invitation != want || i.OrganisationName != "Les Chemins" || i.Name != "Paul" || i.Role != models.Editor || i.Lang != models.English || i.Account != 0 {
			t.Errorf("invited %+v", i)
		}
	}
	h.ok(h.Invite(h.ctx, h.by, paul, secret("two")))
	for name, at := range map[string]time.Time{"one": noon, "two": later, "three": noon} {
		if _, err := h.OpenInvitation(h.ctx, secret(name), at); !refusedAs(err, models.ErrNotFound) {
			t.Errorf("%s at %v: %v", name, at, err)
		}
		if _, err := h.AcceptInvitation(h.ctx, secret(name), 0, "hash", "", at); !refusedAs(err, models.ErrNotFound) {
			t.Errorf("%s is taken up at %v: %v", name, at, err)
		}
	}
	if _, err := h.AcceptInvitation(h.ctx, secret("two"), 0, "", "", noon); err == nil {
		t.Error("taken up without any means to sign in")
	}
	actor, err := h.AcceptInvitation(h.ctx, secret("two"), 0, "hash", "192.0.2.1", noon)
	h.ok(err)
	c, err := h.AccountByEmail(h.ctx, "PAUL@example.org")
	h.ok(err)
	if c.PasswordHash != "hash" || c.Account != actor.Account || len(c.Memberships) != 1 || c.Memberships[0].Person != paul {
		t.Errorf("account %+v of %+v", c, actor)
	}
	if p, _ := h.reg().Person(paul); !p.SignsIn {
		t.Error("does not sign in")
	}
	if _, err := h.AcceptInvitation(h.ctx, secret("two"), 0, "other", "", noon); !refusedAs(err, models.ErrNotFound) {
		t.Errorf("taken up twice: %v", err)
	}
	if list, _ := h.Invitations(h.ctx, h.org); len(list) != 0 {
		t.Errorf("still open: %+v", list)
	}
	h.refuses(refused("invite.account"), func() error { return h.Invite(h.ctx, h.by, paul, secret("four")) })
	h.refuses(refused("invite.left"), func() error { return h.Invite(h.ctx, h.by, claire, secret("four")) })
	h.refuses(models.ErrNotFound, func() error { return h.Invite(h.ctx, h.by, 99, secret("four")) })
	nobody := models.Person{Name: "X", Role: models.Staff, Lang: models.French}
	h.refuses(invalid("email", "email.to_invite"), func() error { _, err := h.InvitePerson(h.ctx, h.by, nobody, secret("four")); return err })
	h.same()
}

// An invitation is no good any more once it is withdrawn, its address is another, or its person has left.
func TestInvitationEnds(t *testing.T) {
	for name, end := range map[string]func(h *house) error{
		"withdrawn": func(h *house) error { return h.WithdrawInvitation(h.ctx, h.by, paul) },
		"left":      func(h *house) error { return h.PersonLeaves(h.ctx, h.by, paul, today) },
		"moved": func(h *house) error {
			p, _ := h.reg().Person(paul)
			p.Email = "paul@elsewhere.example"
			return h.SavePerson(h.ctx, h.by, p)
		},
	} {
		h := newHouse(t)
		h.ok(h.Invite(h.ctx, h.by, paul, secret("paul")))
		h.ok(end(h))
		if _, err := h.AcceptInvitation(h.ctx, secret("paul"), 0, "hash", "", noon); !refusedAs(err, models.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
		if list, _ := h.Invitations(h.ctx, h.org); len(list) != 0 {
			t.Errorf("%s: still shown: %+v", name, list)
		}
		h.ok(h.WithdrawInvitation(h.ctx, h.by, paul))
		h.same()
	}
}

// Somebody who has an account joins with it, never by the address alone.
func TestInvitationOfAnAccount(t *testing.T) {
	h := newHouse(t)
	h.ok(h.SetPassword(h.ctx, h.program(), paul, "paul's"))
	org := h.neighbour()
	by := models.Actor{Organisation: org, Person: 2, Name: "Voisine", Role: models.Director, At: noon}
	person := models.Person{Name: "Paul", Email: "Paul@example.org", Role: models.Accountant, Lang: models.French}
	h.id(h.InvitePerson(h.ctx, by, person, secret("join")))
	h.refuses(refused("invite.known"), func() error {
		_, err := h.AcceptInvitation(h.ctx, secret("join"), 0, "stolen", "", noon)
		return err
	})
	if c, _ := h.AccountByEmail(h.ctx, "paul@example.org"); c.PasswordHash != "paul's" || len(c.Memberships) != 1 {
		t.Errorf("the account is touched: %+v", c)
	}
	i, err := h.OpenInvitation(h.ctx, secret("join"), noon)
	h.ok(err)
	if i.Account != h.account(paul) {
		t.Errorf("known account %d", i.Account)
	}
	_, err = h.AcceptInvitation(h.ctx, secret("join"), i.Account, "", "", noon)
	h.ok(err)
	if c, _ := h.AccountByEmail(h.ctx, "paul@example.org"); len(c.Memberships) != 2 {
		t.Errorf("memberships %+v", c.Memberships)
	}
	// Not twice in one organisation.
	h.id(h.InvitePerson(h.ctx, by, models.Person{Name: "Paul bis", Email: "bis@example.org", Role: models.Staff, Lang: models.French}, secret("bis")))
	h.refuses(refused("invite.member"), func() error {
		_, err := h.AcceptInvitation(h.ctx, secret("bis"), i.Account, "", "", noon)
		return err
	})
	if _, err := h.OpenInvitation(h.ctx, secret("bis"), noon); err != nil {
		t.Errorf("a refused invitation is used up: %v", err)
	}
}

func TestSwitching(t *testing.T) {
	h := newHouse(t)
	org := h.neighbour()
	account := h.account(nadia)
	phone := h.signIn(nadia, "phone")
	h.refuses(models.ErrNotFound, func() error { return h.SwitchOrganisation(h.ctx, phone, org) })
	person := h.guest(org, account, models.Staff)
	for _, other := range []models.ID{0, 99} {
		h.refuses(models.ErrNotFound, func() error { return h.SwitchOrganisation(h.ctx, phone, other) })
	}
	h.refuses(models.ErrNotFound, func() error { return h.SwitchOrganisation(h.ctx, secret("nobody's"), org) })
	h.ok(h.SwitchOrganisation(h.ctx, phone, org))
	v, err := h.Visit(h.ctx, phone, noon)
	h.ok(err)
	if v.Organisation != org || v.Person != person || v.Role != models.Staff || v.Lang != models.English || v.Memberships != 2 || v.Account != account {
		t.Errorf("visit %+v", v)
	}
	list, err := h.Memberships(h.ctx, account)
	h.ok(err)
	if len(list) != 2 || list[0].Organisation != org || list[1].Organisation != h.org {
		t.Errorf("memberships %+v, the one looked at last comes first", list)
	}
	// A membership that ends takes its sessions to the other, and the last one ends them.
	by := models.Actor{Organisation: org, Person: 2, Name: "Voisine", Role: models.Director, At: noon}
	h.ok(h.PersonLeaves(h.ctx, by, person, today))
	if v, err := h.Visit(h.ctx, phone, noon); err != nil || v.Organisation != h.org || v.Person != nadia || v.Memberships != 1 {
		t.Errorf("after leaving: %+v, %v", v, err)
	}
	h.refuses(models.ErrNotFound, func() error { return h.SwitchOrganisation(h.ctx, phone, org) })
	p, _ := h.reg().Person(paul)
	p.Role = models.Director
	h.ok(h.SavePerson(h.ctx, h.by, p))
	self := h.by
	self.Role = models.Staff // leaving oneself asks no role
	h.ok(h.PersonLeaves(h.ctx, self, nadia, today))
	if _, err := h.Visit(h.ctx, phone, noon); !refusedAs(err, models.ErrNotFound) {
		t.Errorf("after leaving everywhere: %v", err)
	}
}

func TestMarkFresh(t *testing.T) {
	h := newHouse(t)
	phone := h.signIn(nadia, "phone")
	h.ok(h.MarkFresh(h.ctx, phone, noon.Add(time.Hour/2)))
	if v, err := h.Visit(h.ctx, phone, noon); err != nil || !v.FreshAt.Equal(noon.Add(time.Hour/2)) {
		t.Errorf("visit %+v, %v", v, err)
	}
	h.refuses(models.ErrNotFound, func() error { return h.MarkFresh(h.ctx, secret("nobody's"), noon) })
}

func TestReset(t *testing.T) {
	h := newHouse(t)
	h.ok(h.SetPassword(h.ctx, h.program(), paul, "old"))
	phone := h.signIn(paul, "phone")
	late := noon.Add(models.ResetLife)
	for _, email := range []string{"nobody@example.org", "", "claire"} {
		if _, _, err := h.StartReset(h.ctx, email, secret("x"), noon); !refusedAs(err, models.ErrNotFound) {
			t.Errorf("%q: %v", email, err)
		}
	}
	// The letter goes to the account's own address, whatever a director makes of the person's.
	p, _ := h.reg().Person(paul)
	p.Email = "director@example.org"
	h.ok(h.SavePerson(h.ctx, h.by, p))
	if _, _, err := h.StartReset(h.ctx, "director@example.org", secret("x"), noon); !refusedAs(err, models.ErrNotFound) {
		t.Errorf("by the person's address: %v", err)
	}
	account, m, err := h.StartReset(h.ctx, "PAUL@example.org", secret("one"), noon)
	h.ok(err)
	if account.Email != "paul@example.org" || m.Person != paul || m.Lang != models.English {
		t.Errorf("letter to %+v, %+v", account, m)
	}
	_, _, err = h.StartReset(h.ctx, "paul@example.org", secret("two"), noon)
	h.ok(err)
	for name, at := range map[string]time.Time{"one": noon, "two": late} {
		if _, err := h.OpenReset(h.ctx, secret(name), at); !refusedAs(err, models.ErrNotFound) {
			t.Errorf("%s at %v: %v", name, at, err)
		}
		if _, err := h.UseReset(h.ctx, secret(name), "stolen", "", at); !refusedAs(err, models.ErrNotFound) {
			t.Errorf("%s is used at %v: %v", name, at, err)
		}
	}
	for range 2 {
		if c, err := h.OpenReset(h.ctx, secret("two"), late.Add(-time.Second)); err != nil || c.Account != account.ID {
			t.Errorf("reset of %+v, %v", c, err)
		}
	}
	if _, err := h.OpenInvitation(h.ctx, secret("two"), noon); !refusedAs(err, models.ErrNotFound) {
		t.Errorf("a reset invites: %v", err)
	}
	id, err := h.UseReset(h.ctx, secret("two"), "new", "192.0.2.9", noon)
	h.ok(err)
	if c, _ := h.AccountByEmail(h.ctx, "paul@example.org"); id != account.ID || c.PasswordHash != "new" {
		t.Errorf("credential %+v", c)
	}
	if _, err := h.Visit(h.ctx, phone, noon); !refusedAs(err, models.ErrNotFound) {
		t.Errorf("a session outlives a reset: %v", err)
	}
	if _, err := h.UseReset(h.ctx, secret("two"), "again", "", noon); !refusedAs(err, models.ErrNotFound) {
		t.Errorf("used twice: %v", err)
	}
	if e := h.last(); e.Verb != "person.reset" || e.By != paul || e.ByName != "Paul" || e.Subject != paul {
		t.Errorf("log %+v", e)
	}
	h.same()
}

// What is done to an account is told in every organisation it is of, as done by its person there, with no hash.
func TestAccountIsToldOfEverywhere(t *testing.T) {
	h := newHouse(t)
	h.ok(h.SetPassword(h.ctx, h.by, nadia, "first"))
	org := h.neighbour()
	person := h.guest(org, h.account(nadia), models.Staff)
	phone := h.signIn(nadia, "phone")
	by := h.by
	by.Account = h.account(nadia)
	h.ok(h.SetAccountPassword(h.ctx, by, "second"))
	for _, at := range []struct{ org, person models.ID }{{h.org, nadia}, {org, person}} {
		list, err := h.Audit(h.ctx, at.org, AuditFilter{Limit: 1})
		h.ok(err)
		if e := list[0]; e.Verb != "person.password" || e.By != at.person || e.Subject != at.person || len(e.Changes) != 0 {
			t.Errorf("log of %d: %+v", at.org, e)
		}
	}
	if _, err := h.Visit(h.ctx, phone, noon); !refusedAs(err, models.ErrNotFound) {
		t.Errorf("a session outlives its password: %v", err)
	}
	h.refuses(invalid("password", "required"), func() error { return h.SetAccountPassword(h.ctx, by, "") })
	a, err := h.Account(h.ctx, by.Account)
	h.ok(err)
	if !a.HasPassword() || !a.PasswordSetAt.Equal(noon) || a.Email != "Nadia@example.org" {
		t.Errorf("account %+v", a)
	}
	if _, err := h.Account(h.ctx, 99); !refusedAs(err, models.ErrNotFound) {
		t.Errorf("no such account: %v", err)
	}
	for table, lines := range h.everything() {
		if table != "account_passwords" && slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, "second") }) {
			t.Errorf("%s holds the hash", table)
		}
	}
	h.same()
}

// Passwords of the first releases, which were of persons, let the same people in: of two with one address the one that
// has let them in until now.
func TestPasswordsBecomeAccounts(t *testing.T) {
	f := sample()
	path := released(t, 3, f)
	raw(t, path,
		"INSERT INTO organisations SELECT 2, version, revision, next_id, 'Voisins', "+strings.Join(columnsAfter(t, path, "organisations", "name"), ", ")+" FROM organisations",
		"INSERT INTO people (organisation_id, id, version, name, email, email_key, role, lang, digest, left_on, signs_in) VALUES "+
			"(2, 2, 1, 'Nadia', 'NADIA@example.org', 'nadia@example.org', 'staff', 'fr', 0, NULL, 1), (2, 3, 1, 'Paul', 'paul@example.org', 'paul@example.org', 'director', 'fr', 0, NULL, 0)",
		"UPDATE people SET signs_in = 1 WHERE organisation_id = 1 AND id IN (2, 3)",
		"INSERT INTO passwords VALUES (1, 2, 'nadia', 5), (1, 3, 'paul', 6), (2, 2, 'nadia elsewhere', 4)",
		"INSERT INTO sessions VALUES (zeroblob(32), 50, 1, 3, 1, 1, 9000000000000000, '', ''), (randomblob(32), 51, 2, 3, 1, 1, 9000000000000000, '', '')",
	)
	s := open1(t, path)
	h := &house{t, s, t.Context(), 1, models.Actor{Organisation: 1, Person: nadia, Name: "Nadia", Role: models.Director, At: noon}}
	var got []string
	for _, email := range []string{"nadia@example.org", "paul@example.org"} {
		c, err := h.AccountByEmail(h.ctx, email)
		h.ok(err)
		line := c.PasswordHash
		for _, m := range c.Memberships {
			line += " " + m.OrganisationName
		}
		got = append(got, line)
	}
	if diff := cmp.Diff([]string{"nadia Les Chemins Voisins", "paul Les Chemins"}, got); diff != "" {
		t.Errorf("accounts (-want +got):\n%s", diff)
	}
	if v, err := h.Visit(h.ctx, [32]byte{}, noon); err != nil || v.Person != paul || v.FreshAt.Unix() != 0 {
		t.Errorf("the session has ended: %+v, %v", v, err)
	}
	if n := len(h.everything()["sessions"]); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

// columnsAfter are a table's columns after the one named.
func columnsAfter(t *testing.T, path, table, name string) []string {
	t.Helper()
	s, err := sql.Open(driverName, migratorDSN(path))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	all, err := column[string](t.Context(), s, "SELECT name FROM pragma_table_info(?)", table)
	if err != nil {
		t.Fatal(err)
	}
	return all[slices.Index(all, name)+1:]
}

// Who takes an account back by a new password has it for themselves: nothing that was begun before goes on.
func TestANewPasswordEndsWhatIsUnderWay(t *testing.T) {
	for name, renew := range map[string]func(h *house, by models.Actor) error{
		"changed": func(h *house, by models.Actor) error { return h.SetAccountPassword(h.ctx, by, "new") },
		"reset": func(h *house, _ models.Actor) error {
			_, _, err := h.StartReset(h.ctx, "paul@example.org", secret("reset"), noon)
			h.ok(err)
			_, err = h.UseReset(h.ctx, secret("reset"), "new", "", noon)
			return err
		},
		"set at the terminal": func(h *house, _ models.Actor) error { return h.SetPassword(h.ctx, h.program(), paul, "new") },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			by := h.owner()
			h.ok(h.StartAddress(h.ctx, by, "thief@example.org", secret("address")))
			h.ok(h.BeginProof(h.ctx, secret("cookie"), Begun{Purpose: "second", Account: by.Account, ExpiresAt: noon.Add(time.Hour)}, noon))
			h.ok(renew(h, by))
			if _, _, err := h.UseAddress(h.ctx, secret("address"), "", noon); !refusedAs(err, models.ErrNotFound) {
				t.Errorf("a change of address goes on: %v", err)
			}
			if _, err := h.BegunProof(h.ctx, secret("cookie"), "second", noon); !refusedAs(err, models.ErrNotFound) {
				t.Errorf("a sign-in with the old password goes on: %v", err)
			}
		})
	}
}

// A letter at an address that was given up opens nothing: somebody else may read there.
func TestAnAddressGivenUpResetsNothing(t *testing.T) {
	h := newHouse(t)
	by := h.owner()
	h.ok(h.StartAddress(h.ctx, by, "paul@elsewhere.example", secret("address")))
	_, err := h.StartFactorReset(h.ctx, h.by, paul, secret("reset"))
	h.ok(err)
	_, _, err = h.UseAddress(h.ctx, secret("address"), "", noon)
	h.ok(err)
	if _, err := h.UseReset(h.ctx, secret("reset"), "stolen", "", noon); !refusedAs(err, models.ErrNotFound) {
		t.Errorf("the old address sets a password: %v", err)
	}
}
