package web

import "strings"

// deviceOf tells a browser and its system from what the browser says of itself, as far as people know their names;
// empty when nothing is known. It helps to recognise one's own sessions and decides nothing.
func deviceOf(agent string) string {
	return join(firstNamed(agent, [][2]string{
		{"Edg/", "Edge"},
		{"OPR/", "Opera"},
		{"SamsungBrowser/", "Samsung Internet"},
		{"Firefox/", "Firefox"},
		{"FxiOS/", "Firefox"},
		{"CriOS/", "Chrome"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
		{"curl/", "curl"},
	}), firstNamed(agent, [][2]string{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"},
	}))
}

// firstNamed is the name of the first mark found: browsers carry the marks of those they descend from.
func firstNamed(agent string, marks [][2]string) string {
	for _, m := range marks {
		if strings.Contains(agent, m[0]) {
			return m[1]
		}
	}
	return ""
}
