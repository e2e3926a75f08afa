package password

import (
	"slices"
	"strings"
	"testing"
)

func TestFault(t *testing.T) {
	for _, c := range []struct{ plain, want string }{
		{"", "password.short"},
		{"onze lettre", "password.short"},
		{"douze lettre", ""},
		{"éléphant bleu", ""},
		{strings.Repeat("a", 12), "password.common"},
		{strings.Repeat("ab", 40), "password.common"},
		{"motdepasse2026", "password.common"},
		{"azertyazerty", "password.common"},
		{"123456789012", "password.common"},
		{"Claire-Morel-2026", "password.common"},
		{strings.Repeat("mot de passe ", 30), "password.long"},
		{"correct horse battery staple", ""},
		{"P@ssw0rd123456", "password.common"},
		{"footballmaster", "password.common"},
		{"dragon-2026-!!!", "password.common"},
		{"monkeymonkey", "password.common"},
		{"scandinavian", "password.common"},
		{"Masterb4ting!", "password.common"},
		{"trois chats gris dorment", ""},
		{"kQ7-vf2m-9xTe", ""},
	} {
		if got := Fault(c.plain, "Claire", "Morel", "claire@example.org"); got != c.want {
			t.Errorf("Fault(%q) = %q, want %q", c.plain, got, c.want)
		}
	}
}

func TestHashMatchesOnlyItsPassword(t *testing.T) {
	hash, err := Hash("un mot de passe à moi")
	if err != nil {
		t.Fatal(err)
	}
	again, err := Hash("un mot de passe à moi")
	if err != nil {
		t.Fatal(err)
	}
	if hash == again {
		t.Error("two hashes of one password are equal: the salt is not fresh")
	}
	if strings.Contains(hash, "mot") || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash is written %q", hash)
	}
	for plain, want := range map[string]bool{"un mot de passe à moi": true, "un mot de passe a moi": false, "": false, strings.Repeat("x", 300): false} {
		if got, err := Matches(hash, plain); err != nil || got != want {
			t.Errorf("Matches(%q) = %v, %v, want %v", plain, got, err, want)
		}
	}
}

func TestTheListIsSorted(t *testing.T) {
	list := common()
	if len(list) != 10_000 || !slices.IsSorted(list) {
		t.Errorf("%d words, sorted %v", len(list), slices.IsSorted(list))
	}
}

// One é is the other, however a keyboard composes it, in length and in what is compared.
func TestComposition(t *testing.T) {
	composed, apart := "\u00e9l\u00e9phants", "e\u0301le\u0301phants" // 9 characters, or 11
	if Fault(composed+"ab") != "password.short" || Fault(apart+"ab") != "password.short" {
		t.Error("marks are counted as characters")
	}
	hash, err := Hash(composed + " bleus")
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := Matches(hash, apart+" bleus"); !ok || err != nil {
		t.Errorf("composed otherwise: %v, %v", ok, err)
	}
}

func TestMatchesRefusesWhatItDidNotWrite(t *testing.T) {
	if ok, err := Matches("", "anything at all"); ok || err != nil {
		t.Errorf("no hash: %v, %v", ok, err)
	}
	for _, hash := range []string{"x", "$2a$12$abc", "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=19456,t=2,p=1$!$AAAA"} {
		if ok, err := Matches(hash, "x"); ok || err == nil {
			t.Errorf("Matches(%q) = %v, %v, want an error", hash, ok, err)
		}
	}
}
