package web

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
)

// errorPage is a clear page for what cannot be answered.
type errorPage struct {
	Heading, Text string
	Request       string // id to quote, for faults only
	Back          string
}

// answerError is the one place where an error becomes a page: the few kinds the domain knows get their sentence,
// everything else is a fault, logged with the request's id, which is all of it that people see.
func (w *Web) answerError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	status, key, args := classify(err)
	page := errorPage{Back: "/"}
	v := visitOf(c)
	if key == "" {
		var refused models.Refused
		errors.As(err, &refused)
		page.Heading, page.Text = v.words.T("error.refused"), v.words.Refusal(refused.Rule, refused.Args...)
		page.Back = localPath(refererPath(c))
	} else {
		page.Heading, page.Text = v.words.T("error."+key), v.words.T("error."+key+".text", args...)
	}
	if status >= http.StatusInternalServerError {
		page.Request = c.Response().Header().Get(echo.HeaderXRequestID)
		w.Logger.Error("fault", "route", c.Path(), "id", page.Request, "error", err)
	}
	if c.Request().Method == http.MethodHead {
		_ = c.NoContent(status)
		return
	}
	if err := w.render(c, screen{status: status, name: "error", title: "error.title", page: page}); err != nil {
		w.Logger.Error("error page", "error", err)
		_ = c.String(http.StatusInternalServerError, "Internal error\n")
	}
}

// classify gives the status and the sentence of an error; an empty key means a refusal with a rule of its own.
func classify(err error) (status int, key string, args []any) {
	var (
		refused  models.Refused
		conflict models.Conflict
		invalid  models.Invalid
		http4xx  *echo.HTTPError
	)
	switch {
	case errors.Is(err, models.ErrNotFound):
		return http.StatusNotFound, "not_found", nil
	case errors.Is(err, errWithoutAmounts):
		return http.StatusForbidden, "amounts", nil
	case errors.Is(err, models.ErrForbidden):
		return http.StatusForbidden, "forbidden", nil
	case errors.As(err, &refused):
		return http.StatusConflict, "", nil
	case errors.As(err, &conflict):
		return http.StatusConflict, "conflict", []any{"by", conflict.By}
	case errors.As(err, &invalid):
		return http.StatusUnprocessableEntity, "invalid", nil
	case errors.As(err, &http4xx):
		switch http4xx.Code {
		case http.StatusNotFound, http.StatusMethodNotAllowed:
			return http4xx.Code, "not_found", nil
		case http.StatusRequestEntityTooLarge:
			return http4xx.Code, "too_large", nil
		case http.StatusForbidden:
			return http4xx.Code, "cross_site", nil
		case http.StatusServiceUnavailable:
			return http4xx.Code, "busy", nil
		}
		if http4xx.Code >= 400 && http4xx.Code < 500 {
			return http4xx.Code, "bad_request", nil
		}
	}
	return http.StatusInternalServerError, "fault", nil
}

// refererPath is the page the refused form stood on; only its path is used, on this site.
func refererPath(c echo.Context) string {
	const host = 2 // the scheme's slashes and the host come before the path
	from := c.Request().Referer()
	for i, slashes := 0, 0; i < len(from); i++ {
		if from[i] == '/' {
			if slashes++; slashes > host {
				return from[i:]
			}
		}
	}
	return "/"
}
