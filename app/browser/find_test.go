package browser

import (
	"os/exec"
	"testing"
)

func TestFind(t *testing.T) {
	cases := []struct {
		name      string
		chosen    string
		installed map[string]string
		want      string
	}{
		{"Debian's", "", map[string]string{"chromium": "/usr/bin/chromium", "google-chrome": "/opt/chrome"}, "/usr/bin/chromium"},
		{"Google's alone", "", map[string]string{"google-chrome": "/opt/chrome"}, "/opt/chrome"},
		{"the one that was chosen", "/my/chrome", map[string]string{"/my/chrome": "/my/chrome", "chromium": "/usr/bin/chromium"}, "/my/chrome"},
		{"a wrong choice is not replaced", "/my/chrom", map[string]string{"chromium": "/usr/bin/chromium"}, ""},
		{"none", "", nil, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := find(func(string) string { return c.chosen }, func(name string) (string, error) {
				if path, found := c.installed[name]; found {
					return path, nil
				}
				return "", &exec.Error{Name: name, Err: exec.ErrNotFound}
			})
			if got != c.want || (err == nil) != (c.want != "") {
				t.Errorf("find = %q, %v, want %q", got, err, c.want)
			}
		})
	}
}

func TestIsOutside(t *testing.T) {
	for address, want := range map[string]bool{
		"http://127.0.0.1:8080/x":        false,
		"http://localhost/":              false,
		"http://[::1]:80/":               false,
		"ws://127.0.0.1/":                false,
		"data:,":                         false,
		"blob:http://127.0.0.1/1":        false,
		"about:blank":                    false,
		"https://fonts.example.com/":     true,
		"http://127.0.0.1.example.com/":  true,
		"wss://example.com/":             true,
		"http://localhost@example.com/":  true,
		"http://exa mple.com/not-an-url": true,
	} {
		if got := isOutside(address); got != want {
			t.Errorf("isOutside(%s) = %v", address, got)
		}
	}
}
