package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/app/web/pagecache"
	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/store"
	"enveloppe/models/token"
	"enveloppe/reports"
	"enveloppe/templates/words"
)

// feedRoutes are those of calendar programs: the secret in the address is their right to them, and no session is asked.
func (w *Web) feedRoutes(g *echo.Group) {
	g.GET("/calendar/:token", w.feed)
	g.HEAD("/calendar/:token", w.feed)
}

// robots keeps search engines out. Servers of calendars heed it too, and are let in: nobody finds an address of theirs.
const robots = "User-agent: *\nAllow: /calendar/\nDisallow: /\n"

// calendarEnding follows the token in a feed's address, for programs that go by it.
const calendarEnding = ".ics"

// feedAddress is where a calendar program finds the feed of a token.
func (w *Web) feedAddress(text string) string { return w.address("/calendar/" + text + calendarEnding) }

// wrongFeeds is how many unknown addresses one network may ask for in a while. A known one is answered all the same:
// nobody guesses 256 bits, and the calendar servers of many people ask from one address.
const wrongFeeds = 40

// calendarChoice is what of the renewals a calendar holds.
type calendarChoice struct {
	owner   models.ID // 0 for everything
	amounts bool
	lang    models.Lang
}

// feed answers with the renewals its owner may read at this moment, or that they have not changed.
func (w *Web) feed(c echo.Context) error {
	ctx, now := c.Request().Context(), w.Now()
	b, wait, err := w.feedBearer(c)
	if wait > 0 {
		c.Response().Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
		return c.String(http.StatusTooManyRequests, visitOf(c).words.T("calendars.too_often")+"\n")
	}
	if err != nil {
		return err
	}
	if err := w.store.UseToken(ctx, b, c.RealIP(), now); err != nil {
		return err
	}
	r, err := w.store.Register(ctx, b.Organisation)
	if err != nil {
		return err
	}
	choice := calendarChoice{amounts: b.Feed.Amounts, lang: b.Feed.Lang}
	if b.PersonID != 0 { // the organisation's own is a director's to have made
		choice.amounts = choice.amounts && r.Organisation.ShowsAmounts(b.Role)
	}
	if b.Feed.Mine {
		choice.owner = b.PersonID
	}
	return w.sendCalendar(c, r, choice, "inline")
}

// feedBearer is who stands behind the address. It is not found whatever is wrong with it, and how long to wait is said
// to who has asked for too many such.
func (w *Web) feedBearer(c echo.Context) (b store.Bearer, wait time.Duration, err error) {
	ctx, now := c.Request().Context(), w.Now()
	text, named := strings.CutSuffix(c.Param("token"), calendarEnding)
	scope, hash, ok := token.Parse(text)
	if named && ok && scope == models.ScopeCalendar {
		b, err = w.store.Bearer(ctx, hash, now)
		if !errors.Is(err, models.ErrNotFound) {
			return b, 0, err
		}
	}
	allowed, wait, err := w.store.CountAttempt(ctx, hashed("calendar "+models.NetworkOf(c.RealIP())), now, knockWindow, wrongFeeds)
	switch {
	case err != nil:
		return b, 0, err
	case !allowed:
		return b, max(wait, time.Second), nil
	}
	return b, 0, models.ErrNotFound
}

// downloadCalendar gives a signed-in person the calendar as a file, of the same choices as a feed.
func (w *Web) downloadCalendar(c echo.Context) error {
	v := visitOf(c)
	// Whoever reads no amounts reads a register without payments, in which a paid renewal is not told from a waived one.
	r, err := w.store.Register(c.Request().Context(), v.actor.Organisation)
	if err != nil {
		return err
	}
	choice := calendarChoice{amounts: c.QueryParam("amounts") != "" && v.amounts, lang: v.lang}
	if l, ok := words.ParseLang(c.QueryParam("lang")); ok {
		choice.lang = models.Lang(l)
	}
	if c.QueryParam("shows") == showsMine {
		choice.owner = v.actor.Person
	}
	return w.sendCalendar(c, r, choice, "attachment")
}

// sendCalendar sends a calendar whole, or says that the asker has it. Its tag is of its bytes: a change of the register
// that shows nowhere in it is none.
func (w *Web) sendCalendar(c echo.Context, r *models.Register, choice calendarChoice, as string) error {
	ctx, today := c.Request().Context(), r.Organisation.Today(w.Now())
	file, err := w.calendarOf(c, r, today, choice)
	if err != nil {
		return err
	}
	written, err := w.store.LastWritten(ctx, r.Organisation.ID)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(file.Plain)
	tag, body := base64.RawURLEncoding.EncodeToString(sum[:12]), file.Plain
	h := c.Response().Header()
	if strings.Contains(c.Request().Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		tag, body = tag+"-gzip", file.Gzip
	}
	name := words.In(words.Lang(choice.lang)).T("calendars.file") + calendarEnding
	h.Set("Content-Disposition", as+`; filename="`+name+`"`)
	h.Set(echo.HeaderContentType, reports.CalendarType)
	h.Set("Cache-Control", "private, no-cache")
	h.Set("X-Robots-Tag", "noindex")
	h.Set("ETag", `"`+tag+`"`)
	h.Add(echo.HeaderVary, "Accept-Encoding")
	since := reports.CalendarSince(r, today, choice.amounts)
	if written.After(since) {
		since = written
	}
	http.ServeContent(c.Response(), c.Request(), name, since, bytes.NewReader(body))
	return nil
}

// calendarOf makes the bytes of a calendar, or finds them: everybody who has chosen alike has the same.
func (w *Web) calendarOf(c echo.Context, r *models.Register, today cal.Date, choice calendarChoice) (*pagecache.Page, error) {
	key := pagecache.Key{
		Organisation: int64(r.Organisation.ID), Revision: r.Revision, Day: today.String(), Lang: string(choice.lang),
		Address: fmt.Sprintf("calendar %d %t", choice.owner, choice.amounts), Start: w.start,
	}
	if page, ok := w.cache.Get(key); ok {
		return page, nil
	}
	changed, err := w.store.Written(c.Request().Context(), r.Organisation.ID)
	if err != nil {
		return nil, err
	}
	says := words.In(words.Lang(choice.lang))
	if !choice.amounts {
		says = says.WithoutAmounts()
	}
	made := reports.NewCalendar(r, today, reports.CalendarOptions{
		Owner: choice.owner, Amounts: choice.amounts, BaseURL: strings.TrimSuffix(w.Base.String(), "/"), Host: w.Base.Hostname(), Changed: changed,
	})
	return w.cache.Put(key, made.Bytes(says)), nil
}
