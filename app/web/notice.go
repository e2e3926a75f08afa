package web

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// Notice is what the next page says once about what was just done, with a way back when there is one.
type Notice struct {
	Key  string   `json:"k"`           // of the sentence
	Args []string `json:"a,omitempty"` // its places, name and value in turn, already in words
	Undo string   `json:"u,omitempty"` // local address that takes a POST and undoes it
}

// Values gives the places of the sentence the way words take them.
func (n Notice) Values() []any {
	out := make([]any, len(n.Args))
	for i, a := range n.Args {
		out[i] = a
	}
	return out
}

const noticeLife = time.Minute

// done answers a successful act: the browser goes on to a page that says so once.
func (w *Web) done(c echo.Context, to string, n Notice) error {
	w.say(c, n)
	return c.Redirect(http.StatusSeeOther, to)
}

// say keeps a notice for the next page.
func (w *Web) say(c echo.Context, n Notice) {
	text, err := json.Marshal(n)
	if err == nil && len(text) < 2500 {
		w.setCookie(c, "notice", base64.RawURLEncoding.EncodeToString(text), noticeLife)
	}
}

// takeNotice reads the notice and takes it back, so that it is said once. Only a page that will show it takes it.
func (w *Web) takeNotice(c echo.Context) *Notice {
	if c.Request().Method != http.MethodGet {
		return nil
	}
	cookie, err := c.Cookie(w.cookieName("notice"))
	if err != nil {
		return nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return nil
	}
	var n Notice
	known := json.Unmarshal(text, &n) == nil && w.books["fr"].words.Has("notice."+n.Key) && len(n.Args)%2 == 0
	w.setCookie(c, "notice", "", 0)
	if !known || (n.Undo != "" && !strings.HasPrefix(n.Undo, "/")) {
		return nil
	}
	return &n
}
