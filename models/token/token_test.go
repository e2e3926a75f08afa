package token

import (
	"crypto/sha256"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"enveloppe/models"
)

func TestATokenIsKnownByItsText(t *testing.T) {
	pattern := regexp.MustCompile("^" + Pattern + "$")
	seen := map[string]bool{}
	for _, scope := range models.Scopes {
		for range 200 {
			text, hash := New(scope)
			got, parsed, ok := Parse(text)
			if !ok || got != scope || parsed != hash || hash != sha256.Sum256([]byte(text)) {
				t.Fatalf("%s is read as %s, %t", text, got, ok)
			}
			if !pattern.MatchString(text) || seen[text] {
				t.Fatalf("%s is not of the pattern, or drawn twice", text)
			}
			seen[text] = true
		}
	}
}

// No single sign can be mistyped without the checksum telling, and nothing else is taken for a token.
func TestWhatIsNoTokenIsRefused(t *testing.T) {
	text, _ := New(models.ScopeRead)
	for i := range len(text) {
		for _, other := range "aZ0_ é" {
			if wrong := text[:i] + string(other) + text[i+1:]; wrong != text {
				if _, _, ok := Parse(wrong); ok {
					t.Fatalf("%s passes for %s", wrong, text)
				}
			}
		}
	}
	body := strings.TrimPrefix(text, "env_read_")
	for _, wrong := range []string{
		"", "env_", "env_read_", text + "0", text[:len(text)-1], "env_write_" + body, "env_admin_" + body, "env__" + body,
		strings.ToUpper(text), " " + text, text + "\n", "ENV_read_" + body, "env_read" + body,
	} {
		if _, _, ok := Parse(wrong); ok {
			t.Errorf("%q passes", wrong)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		if _, _, ok := Parse(rapid.String().Draw(t, "text")); ok {
			t.Error("a text by chance passes")
		}
	})
}

func TestSignsAreWrittenInFull(t *testing.T) {
	for _, c := range []struct {
		number []byte
		want   string
	}{{[]byte{0}, "000000"}, {[]byte{61}, "00000z"}, {[]byte{62}, "000010"}, {[]byte{0xff, 0xff, 0xff, 0xff}, "4gfFC3"}} {
		if got := base62(c.number, 6); got != c.want {
			t.Errorf("%x is written %s, want %s", c.number, got, c.want)
		}
	}
}
