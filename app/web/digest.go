package web

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/store"
	"enveloppe/reports"
	"enveloppe/templates/words"
)

func (w *Web) digestRoutes(g *echo.Group) {
	g.GET("/digest", w.digestPage)
	g.GET("/digest/preview", w.digestPreview)
	g.POST("/digest/test", w.testDigest)
	g.POST("/digest/recipients/:person", w.chooseRecipient)
}

// maxDigests is how far back the digests sent are shown.
const maxDigests = 20

// digestPage is the monthly message as it will be mailed, who gets it, and what became of those already sent.
type digestPage struct {
	Form       Form
	Answer     string // what the other side said to a test that failed
	Month      cal.Date
	Prev, Next cal.Date
	Lang       models.Lang
	Letter     Letter
	Configured bool
	Me         models.Person
	People     []recipientLine
	Wanting    int
	Sent       []messageLine
}

type recipientLine struct {
	models.Person
	Mine bool // the visitor, who decides for themselves
}

// askedMonth is the first day of the month in the address; without one, this month's.
func askedMonth(c echo.Context) (cal.Date, error) {
	typed := c.QueryParam("month")
	if typed == "" {
		return visitOf(c).today.MonthStart(), nil
	}
	month, err := cal.Parse(typed + "-01")
	if err != nil {
		return cal.Date{}, models.ErrNotFound
	}
	return month, nil
}

// askedLang is the language of the preview: the reader's unless the address says otherwise.
func askedLang(c echo.Context) (models.Lang, error) {
	switch lang := models.Lang(c.QueryParam("lang")); lang {
	case "":
		return visitOf(c).lang, nil
	case models.French, models.English:
		return lang, nil
	}
	return "", models.ErrNotFound
}

func (w *Web) digestPage(c echo.Context) error {
	return w.showDigest(c, digestPage{}, http.StatusOK)
}

func (w *Web) showDigest(c echo.Context, page digestPage, status int) error {
	v := visitOf(c)
	var err error
	if page.Month, err = askedMonth(c); err != nil {
		return err
	}
	if page.Lang, err = askedLang(c); err != nil {
		return err
	}
	page.Prev, page.Next = page.Month.AddMonths(-1), page.Month.AddMonths(1)
	page.Configured = w.Post.Configured()
	page.Me, _ = v.register.Person(v.actor.Person)
	if page.Letter, err = w.writeDigest(c, page.Month, page.Lang); err != nil {
		return err
	}
	for _, p := range v.register.People {
		if !p.HereOn(v.today) {
			continue
		}
		page.People = append(page.People, recipientLine{p, p.ID == v.actor.Person})
		if p.Digest && p.Email != "" {
			page.Wanting++
		}
	}
	words.SortBy(v.words, page.People, func(p recipientLine) string { return p.Name })
	if page.Sent, err = w.digestsSent(c); err != nil {
		return err
	}
	c.Response().Header().Set("Content-Security-Policy", policy+"; frame-src 'self'")
	return w.render(c, screen{status: status, name: "digest", nav: "digest", title: "digest.title", args: []any{"month", v.words.Month(page.Month)}, page: page})
}

// writeDigest is the message of a month for the visitor, in a language. A preview holds no way to unsubscribe: that
// belongs to the copy of one person.
func (w *Web) writeDigest(c echo.Context, month cal.Date, lang models.Lang) (Letter, error) {
	v := visitOf(c)
	me, _ := v.register.Person(v.actor.Person)
	me.Lang = lang
	changes, err := w.store.Audit(c.Request().Context(), v.actor.Organisation, store.AuditFilter{Limit: reports.LatestChanges})
	if err != nil {
		return Letter{}, err
	}
	in := w.books[lang].words
	d := reports.NewDigest(v.register, month, v.today, me, w.Base.String(), changes)
	text, err := d.Text(in)
	if err != nil {
		return Letter{}, fmt.Errorf("write the digest's text: %w", err)
	}
	html, err := d.HTML(in)
	if err != nil {
		return Letter{}, fmt.Errorf("write the digest: %w", err)
	}
	return Letter{Address: me.Email, Name: me.Name, Lang: lang, Subject: d.Subject(in), Text: text, HTML: html}, nil
}

// digestsSent are the latest digests in the ledger, as far as the visitor may see them.
func (w *Web) digestsSent(c echo.Context) ([]messageLine, error) {
	v := visitOf(c)
	f := store.MessageFilter{Kind: store.KindDigest, Limit: maxDigests}
	if !v.actor.Role.MayManage() {
		f.Recipient = v.actor.Person
	}
	all, err := w.store.Messages(c.Request().Context(), v.actor.Organisation, f)
	if err != nil {
		return nil, err
	}
	out := make([]messageLine, 0, len(all))
	for _, m := range all {
		out = append(out, newMessageLine(v, m, w.Now()))
	}
	return out, nil
}

// previewPolicy lets the message wear the styles written in it, and be framed by this site's own page; it may fetch
// nothing, run nothing and send nothing.
const previewPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"

// digestPreview is the HTML of the message by itself, byte for byte as it will be mailed.
func (w *Web) digestPreview(c echo.Context) error {
	month, err := askedMonth(c)
	if err != nil {
		return err
	}
	lang, err := askedLang(c)
	if err != nil {
		return err
	}
	letter, err := w.writeDigest(c, month, lang)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Security-Policy", previewPolicy)
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("Cache-Control", "private, no-store")
	return w.send(c, http.StatusOK, []byte(letter.HTML), nil)
}

// testDigest mails the month's message to the visitor, and to nobody else.
func (w *Web) testDigest(c echo.Context) error {
	v := visitOf(c)
	me, err := addressee(v)
	if err != nil {
		return w.digestUndelivered(c, err)
	}
	month, err := askedMonth(c)
	if err != nil {
		return err
	}
	letter, err := w.writeDigest(c, month, me.Lang)
	if err != nil {
		return err
	}
	if err := w.Post.Mail(c.Request().Context(), letter); err != nil {
		return w.digestUndelivered(c, err)
	}
	return w.done(c, "/digest?month="+month.String()[:len("2006-01")], Notice{Key: "mail_sent", Args: []string{"address", me.Email}})
}

func (w *Web) digestUndelivered(c echo.Context, err error) error {
	return w.undelivered(c, err, func(status int, f Form, answer string) error {
		return w.showDigest(c, digestPage{Form: f, Answer: answer}, status)
	})
}

// chooseRecipient says whether a person gets the digest: one's own choice, or the director's.
func (w *Web) chooseRecipient(c echo.Context) error {
	v := visitOf(c)
	id, err := pathID(c, "person")
	if err != nil {
		return err
	}
	p, ok := v.register.Person(id)
	if !ok {
		return models.ErrNotFound
	}
	wants := c.FormValue("wants") != ""
	if err := w.store.SetDigestChoice(c.Request().Context(), v.actor, id, wants); err != nil {
		return err
	}
	n := Notice{Key: "digest_stopped", Args: []string{"name", p.Name}, Undo: "/digest/recipients/" + typedID(id) + "?wants=on"}
	if wants {
		n.Key, n.Undo = "digest_wanted", "/digest/recipients/"+typedID(id)
	}
	return w.done(c, "/digest", n)
}
