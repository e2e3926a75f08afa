package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/templates/words"
)

func (w *Web) meansRoutes(g *echo.Group) {
	g.GET("/settings/means", w.meansListPage)
	g.POST("/settings/means", w.addMeans, mayEdit)
	g.GET("/settings/means/:id", w.meansPage, mayEdit)
	g.POST("/settings/means/:id", w.saveMeans, mayEdit)
	g.POST("/settings/means/:id/removal", w.removeMeans, mayEdit)
}

// meansListPage is what pays: cards, direct debits, transfers; with a form to add one.
type meansListPage struct {
	Form  Form
	Lines []meansLine
}

type meansLine struct {
	models.Means
	Used    int  // subscriptions that go on
	Expired bool // on the day of the visit
}

// meansPage changes one of them.
type meansPage struct {
	Form  Form
	Means models.Means
	Used  int
}

func (w *Web) meansListPage(c echo.Context) error {
	return w.showMeansList(c, http.StatusOK, Form{Fields: Fields{}})
}

func newMeansLine(v *visit, m models.Means) meansLine {
	line := meansLine{Means: m, Expired: !m.ExpiresOn.IsZero() && m.ExpiresOn.Before(v.today)}
	for _, s := range v.register.Subscriptions {
		if s.MeansID == m.ID && !s.Over(v.today) {
			line.Used++
		}
	}
	return line
}

func (w *Web) showMeansList(c echo.Context, status int, f Form) error {
	v := visitOf(c)
	page := meansListPage{Form: f}
	all := slices.Clone(v.register.Means)
	words.SortBy(v.words, all, func(m models.Means) string { return m.Name })
	for _, m := range all {
		page.Lines = append(page.Lines, newMeansLine(v, m))
	}
	return w.render(c, screen{status: status, name: "settings-means", nav: "settings", title: "settings.means_title", page: page})
}

func parseMeans(e *entry) models.Means {
	m := models.Means{Version: e.version(), Name: e.text("name"), ExpiresOn: e.day("expires_on")}
	e.merge(m.Check(), nil)
	return m
}

func (w *Web) addMeans(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: fields(c, "name", "expires_on")}
	m := parseMeans(&e)
	err := e.bad.Err()
	if err == nil {
		_, err = w.store.AddMeans(c.Request().Context(), v.actor, m)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showMeansList(c, status, f) })
	}
	return w.done(c, "/settings/means", Notice{Key: "item_added", Args: []string{"name", m.Name}})
}

func askedMeans(c echo.Context) (models.Means, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return models.Means{}, err
	}
	m, ok := visitOf(c).register.PaidBy(id)
	if !ok {
		return m, models.ErrNotFound
	}
	return m, nil
}

func (w *Web) meansPage(c echo.Context) error {
	m, err := askedMeans(c)
	if err != nil {
		return err
	}
	return w.showMeans(c, m, http.StatusOK, Form{Fields: Fields{"version": typedVersion(m.Version), "name": m.Name, "expires_on": m.ExpiresOn.String()}})
}

func (w *Web) showMeans(c echo.Context, m models.Means, status int, f Form) error {
	page := meansPage{Form: f, Means: m, Used: newMeansLine(visitOf(c), m).Used}
	return w.render(c, screen{status: status, name: "settings-means-one", nav: "settings", title: "settings.means_one_title", args: []any{"name", m.Name}, page: page})
}

func (w *Web) saveMeans(c echo.Context) error {
	v := visitOf(c)
	known, err := askedMeans(c)
	if err != nil {
		return err
	}
	e := entry{Fields: fields(c, "name", "expires_on")}
	m := parseMeans(&e)
	m.ID = known.ID
	if err = e.bad.Err(); err == nil {
		err = w.store.SaveMeans(c.Request().Context(), v.actor, m)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showMeans(c, known, status, f) })
	}
	return w.done(c, "/settings/means", Notice{Key: "item_saved", Args: []string{"name", m.Name}})
}

func (w *Web) removeMeans(c echo.Context) error {
	m, err := askedMeans(c)
	if err != nil {
		return err
	}
	if err := w.store.RemoveMeans(c.Request().Context(), visitOf(c).actor, m.ID); err != nil {
		return err
	}
	back := url.Values{"name": {m.Name}, "expires_on": {m.ExpiresOn.String()}}
	return w.done(c, "/settings/means", Notice{Key: "item_removed", Args: []string{"name", m.Name}, Undo: "/settings/means?" + back.Encode()})
}
