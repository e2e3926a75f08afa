package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
)

func (w *Web) functionRoutes(g *echo.Group) {
	g.GET("/settings/functions", w.functionsPage)
	g.POST("/settings/functions", w.addFunction, mayEdit)
	g.GET("/settings/functions/:id", w.functionPage, mayEdit)
	g.POST("/settings/functions/:id", w.saveFunction, mayEdit)
	g.POST("/settings/functions/:id/removal", w.removeFunction, mayEdit)
}

// functionsPage is what services are for, in the order of the screens, with a form to add one.
type functionsPage struct {
	Form     Form
	Lines    []functionLine
	Accounts []string
}

type functionLine struct {
	models.Function
	Used int // services
}

// functionPage changes one of them.
type functionPage struct {
	Form     Form
	Function models.Function
	Used     int
	Accounts []string
}

func (w *Web) functionsPage(c echo.Context) error {
	v := visitOf(c)
	next := 1
	for _, f := range v.register.Functions {
		next = max(next, f.Position+1)
	}
	return w.showFunctions(c, http.StatusOK, Form{Fields: Fields{"account": models.DefaultAccount, "position": strconv.Itoa(next)}})
}

func (w *Web) showFunctions(c echo.Context, status int, f Form) error {
	r := visitOf(c).register
	page := functionsPage{Form: f, Accounts: accountsUsed(r)}
	used := map[models.ID]int{}
	for _, s := range r.Services {
		used[s.FunctionID]++
	}
	for _, x := range r.Functions {
		page.Lines = append(page.Lines, functionLine{x, used[x.ID]})
	}
	slices.SortStableFunc(page.Lines, func(a, b functionLine) int { return a.Position - b.Position })
	return w.render(c, screen{status: status, name: "settings-functions", nav: "settings", title: "settings.functions_title", page: page})
}

func parseFunction(e *entry) models.Function {
	f := models.Function{Version: e.version(), Name: e.text("name"), Account: e.text("account"), Position: e.whole("position", 0)}
	e.merge(f.Check(), nil)
	return f
}

func (w *Web) addFunction(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: fields(c, "name", "account", "position")}
	f := parseFunction(&e)
	err := e.bad.Err()
	if err == nil {
		_, err = w.store.AddFunction(c.Request().Context(), v.actor, f)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showFunctions(c, status, f) })
	}
	return w.done(c, "/settings/functions", Notice{Key: "item_added", Args: []string{"name", f.Name}})
}

func askedFunction(c echo.Context) (models.Function, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return models.Function{}, err
	}
	f, ok := visitOf(c).register.Function(id)
	if !ok {
		return f, models.ErrNotFound
	}
	return f, nil
}

func (w *Web) functionPage(c echo.Context) error {
	f, err := askedFunction(c)
	if err != nil {
		return err
	}
	return w.showFunction(c, f, http.StatusOK, Form{Fields: Fields{
		"version": typedVersion(f.Version), "name": f.Name, "account": f.Account, "position": strconv.Itoa(f.Position),
	}})
}

func (w *Web) showFunction(c echo.Context, f models.Function, status int, form Form) error {
	r := visitOf(c).register
	page := functionPage{Form: form, Function: f, Accounts: accountsUsed(r)}
	for _, s := range r.Services {
		if s.FunctionID == f.ID {
			page.Used++
		}
	}
	return w.render(c, screen{status: status, name: "settings-function", nav: "settings", title: "settings.function_title", args: []any{"name", f.Name}, page: page})
}

func (w *Web) saveFunction(c echo.Context) error {
	v := visitOf(c)
	known, err := askedFunction(c)
	if err != nil {
		return err
	}
	e := entry{Fields: fields(c, "name", "account", "position")}
	f := parseFunction(&e)
	f.ID = known.ID
	if err = e.bad.Err(); err == nil {
		err = w.store.SaveFunction(c.Request().Context(), v.actor, f)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showFunction(c, known, status, f) })
	}
	return w.done(c, "/settings/functions", Notice{Key: "item_saved", Args: []string{"name", f.Name}})
}

func (w *Web) removeFunction(c echo.Context) error {
	f, err := askedFunction(c)
	if err != nil {
		return err
	}
	if err := w.store.RemoveFunction(c.Request().Context(), visitOf(c).actor, f.ID); err != nil {
		return err
	}
	back := url.Values{"name": {f.Name}, "account": {f.Account}, "position": {strconv.Itoa(f.Position)}}
	return w.done(c, "/settings/functions", Notice{Key: "item_removed", Args: []string{"name", f.Name}, Undo: "/settings/functions?" + back.Encode()})
}
