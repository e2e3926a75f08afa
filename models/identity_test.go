package models

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestIdentityLabel(t *testing.T) {
	for _, c := range []struct {
		names []string
		want  string
	}{
		{[]string{"", " ", "claire", "Claire"}, "claire"},
		{[]string{"\u202e\x00", "Claire Morel"}, "Claire Morel"},
		{[]string{"cla\u202eire\n@example.org"}, "claire@example.org"},
		{[]string{strings.Repeat("é", 300)}, strings.Repeat("é", 100)},
		{[]string{"\xff\xfe", "\xffx"}, "x"},
		{nil, ""},
	} {
		if got := IdentityLabel(c.names...); got != c.want {
			t.Errorf("label of %q is %q, want %q", c.names, got, c.want)
		}
	}
}

// Whatever a provider says, a label can be read, and stored, and is one where there is anything to see.
func TestIdentityLabelIsReadable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOf(rapid.String()).Draw(t, "names")
		got := IdentityLabel(names...)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > maxIdentityLabel || strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsGraphic(r) }) {
			t.Errorf("%q becomes %q", names, got)
		}
		if got == "" && strings.ContainsFunc(strings.Join(names, ""), unicode.IsLetter) {
			t.Errorf("%q becomes nothing", names)
		}
	})
}

func TestIdentityCheck(t *testing.T) {
	good := Identity{Issuer: "https://login.example.org", Subject: "42", Label: "claire"}
	for name, c := range map[string]struct {
		change func(*Identity)
		good   bool
	}{
		"good":               {func(*Identity) {}, true},
		"the longest":        {func(i *Identity) { i.Subject, i.Issuer = strings.Repeat("x", 255), strings.Repeat("x", 500) }, true},
		"no issuer":          {func(i *Identity) { i.Issuer = "" }, false},
		"no subject":         {func(i *Identity) { i.Subject = "" }, false},
		"no label":           {func(i *Identity) { i.Label = "" }, false},
		"too long":           {func(i *Identity) { i.Subject = strings.Repeat("x", 256) }, false},
		"too long an issuer": {func(i *Identity) { i.Issuer = strings.Repeat("x", 501) }, false},
	} {
		i := good
		c.change(&i)
		if got := len(i.Check()) == 0; got != c.good {
			t.Errorf("%s: %v", name, i.Check())
		}
	}
}
