package outbound

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// Host is a machine the operator allows although it is internal: a name or an address, at one port or at any.
type Host struct {
	Name string // in lower case and ASCII, as it stands in an address
	Port string // "" is any
}

func (h Host) String() string {
	if h.Port == "" {
		return h.Name
	}
	return net.JoinHostPort(h.Name, h.Port)
}

var errHost = errors.New("is not the name or address of a machine")

// ParseHost reads "rates.lan", "10.0.0.5", "rates.lan:8080" or "[::1]:8080".
func ParseHost(s string) (Host, error) {
	name, port := s, ""
	if a, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return Host{Name: a.String()}, nil
	}
	if strings.Contains(s, ":") {
		var err error
		if name, port, err = net.SplitHostPort(s); err != nil {
			return Host{}, errHost
		}
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 || strconv.Itoa(n) != port {
			return Host{}, errHost
		}
	}
	if a, err := netip.ParseAddr(name); err == nil {
		return Host{Name: a.String(), Port: port}, nil
	}
	name, err := idna.Lookup.ToASCII(strings.TrimSuffix(name, "."))
	if err != nil || name == "" || strings.ContainsAny(name, " /@?#*,") {
		return Host{}, errHost
	}
	return Host{Name: strings.ToLower(name), Port: port}, nil
}

// hostOf is the machine and port an address leads to.
func hostOf(u *url.URL) (Host, error) {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	h, err := ParseHost(u.Hostname())
	h.Port = port
	return h, err
}

// allowed are the hosts the operator named.
type allowed map[Host]bool

func (a allowed) has(h Host) bool { return a[h] || a[Host{Name: h.Name}] }
