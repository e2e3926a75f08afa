package outbound

import "net/netip"

// internal are the networks that no stranger's address may lead to, by RFC 6890 and the registries of special-purpose
// addresses: this machine, the house's own networks, what only looks like an address, and what hides another in it.
var internal = prefixes(
	"0.0.0.0/8",       // this host; 0.0.0.0 reaches loopback on Linux
	"10.0.0.0/8",      // private
	"100.64.0.0/10",   // shared by a provider's customers
	"127.0.0.0/8",     // loopback
	"169.254.0.0/16",  // link-local, where clouds keep their credentials
	"172.16.0.0/12",   // private
	"192.0.0.0/24",    // protocol assignments
	"192.0.2.0/24",    // documentation
	"192.88.99.0/24",  // relays from 6to4, given up
	"192.168.0.0/16",  // private
	"198.18.0.0/15",   // benchmarks
	"198.51.100.0/24", // documentation
	"203.0.113.0/24",  // documentation
	"224.0.0.0/4",     // multicast
	"240.0.0.0/4",     // reserved, and broadcast
	"2001::/23",       // protocol assignments, among them Teredo, which hides an IPv4 address
	"2001:db8::/32",   // documentation
	"2002::/16",       // 6to4, which hides an IPv4 address
	"3fff::/20",       // documentation
)

// global is where all public IPv6 addresses lie. Outside are loopback, link-local, unique local, multicast, and
// 64:ff9b::/96, which a gateway turns into any IPv4 address.
var global = netip.MustParsePrefix("2000::/3")

func prefixes(list ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(list))
	for i, text := range list {
		all[i] = netip.MustParsePrefix(text)
	}
	return all
}

// public tells whether an address may be one of somebody else's machines.
func public(a netip.Addr) bool {
	a = a.Unmap() // ::ffff:127.0.0.1 is 127.0.0.1
	if !a.IsValid() || a.Zone() != "" || (a.Is6() && !global.Contains(a)) {
		return false
	}
	for _, p := range internal {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
