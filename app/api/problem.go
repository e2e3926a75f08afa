package api

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/store"
	"enveloppe/templates/words"
)

// problem is a request that is not answered as asked, for a reason of the API's own.
type problem struct {
	status int
	kind   string
	args   []any
	wait   time.Duration // before it is worth trying again
}

func (p problem) Error() string { return "refused: " + p.kind }

// told is a problem as RFC 9457 writes it.
type told struct {
	Type     string  `json:"type"` // "urn:enveloppe:problem:" and the kind
	Title    string  `json:"title"`
	Status   int     `json:"status"`
	Detail   string  `json:"detail"`
	Instance string  `json:"instance,omitempty"` // of a fault: the reference to quote
	Rule     string  `json:"rule,omitempty"`     // that forbids what was asked, as a whole
	Errors   []fault `json:"errors,omitempty"`
}

// fault is one thing wrong with what was sent, in the words the screens have for it.
type fault struct {
	Pointer   string `json:"pointer,omitempty"`   // into the body (RFC 6901)
	Parameter string `json:"parameter,omitempty"` // or of the address
	Rule      string `json:"rule"`
	Detail    string `json:"detail"`
}

const problemType = "application/problem+json"

// answerError is the one place where an error becomes an answer. What nobody foresaw is a fault: it is logged, and all
// that the asker sees of it is a reference.
func (a *API) answerError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	w := wordsOf(c)
	t := tell(w, err)
	if t.Status >= http.StatusInternalServerError {
		t.Instance = "urn:enveloppe:request:" + c.Response().Header().Get(echo.HeaderXRequestID)
		a.Logger.Error("fault", "route", c.Path(), "id", c.Response().Header().Get(echo.HeaderXRequestID), "error", err)
	}
	h := c.Response().Header()
	h.Del("ETag")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Language", string(w.Lang()))
	if p, ok := errors.AsType[problem](err); ok && p.wait > 0 {
		h.Set("Retry-After", strconv.Itoa(int((p.wait+time.Second-1)/time.Second)))
	}
	if err := send(c, t.Status, problemType, t); err != nil {
		a.Logger.Debug("answer a problem", "error", err)
	}
}

// wordsOf are those of the language the request asks for, else of the token's owner.
func wordsOf(c echo.Context) *words.Words {
	lang := words.FR
	if b, ok := c.Get(bearerKey).(store.Bearer); ok && b.Lang != "" {
		lang = words.Lang(b.Lang)
	}
	return words.In(words.Match(c.Request().Header.Get("Accept-Language"), lang))
}

func tell(w *words.Words, err error) told {
	p := classify(err)
	t := told{Type: "urn:enveloppe:problem:" + p.kind, Status: p.status, Title: w.T("api.problem." + p.kind)}
	if refused, ok := errors.AsType[models.Refused](err); ok {
		t.Rule, t.Detail = refused.Rule, w.Refusal(refused.Rule, refused.Args...)
		return t
	}
	t.Detail = w.T("api.problem."+p.kind+".text", p.args...)
	if bad, ok := errors.AsType[badQuery](err); ok {
		t.Errors = []fault{{Parameter: bad.parameter, Rule: bad.rule, Detail: w.Problem(bad.rule, bad.args...)}}
	}
	if invalid, ok := errors.AsType[models.Invalid](err); ok {
		for _, x := range invalid {
			t.Errors = append(t.Errors, fault{Pointer: pointerTo(x.Field), Rule: x.Rule, Detail: w.Problem(x.Rule, x.Args...)})
		}
	}
	return t
}

func classify(err error) problem {
	var (
		own     problem
		invalid models.Invalid
		refused models.Refused
		query   badQuery
		http4xx *echo.HTTPError
	)
	switch {
	case errors.As(err, &own):
		return own
	case errors.Is(err, models.ErrNotFound):
		return problem{status: http.StatusNotFound, kind: "not_found"}
	case errors.Is(err, models.ErrForbidden):
		return problem{status: http.StatusForbidden, kind: "forbidden"}
	case errors.As(err, &refused) && refused.Rule == "request.key":
		return problem{status: http.StatusUnprocessableEntity, kind: "refused"}
	case errors.As(err, &refused):
		return problem{status: http.StatusConflict, kind: "refused"}
	case errors.As(err, &invalid):
		return problem{status: http.StatusUnprocessableEntity, kind: "invalid"}
	case errors.As(err, &query):
		return problem{status: http.StatusBadRequest, kind: "query"}
	case errors.As(err, &http4xx):
		switch http4xx.Code {
		case http.StatusNotFound:
			return problem{status: http.StatusNotFound, kind: "not_found"}
		case http.StatusMethodNotAllowed:
			return problem{status: http.StatusMethodNotAllowed, kind: "method"}
		case http.StatusRequestEntityTooLarge:
			return problem{status: http.StatusRequestEntityTooLarge, kind: "too_large", args: []any{"max", maxBody}}
		case http.StatusServiceUnavailable:
			return problem{status: http.StatusServiceUnavailable, kind: "busy"}
		}
	}
	return problem{status: http.StatusInternalServerError, kind: "fault"}
}

// badQuery is a parameter of the address that says nothing we understand.
type badQuery struct {
	parameter, rule string
	args            []any
}

func (b badQuery) Error() string { return fmt.Sprintf("parameter %s: %s", b.parameter, b.rule) }

// members are the members of a body that the domain calls otherwise.
var members = map[string]string{
	"service": "service_id", "subscription": "subscription_id", "charge": "charge_on", "period_to": "period/last", "period_from": "period/first",
}

// pointerTo is where in the body a field of the domain stands.
func pointerTo(field string) string {
	if field == "" {
		return ""
	}
	if m, ok := members[field]; ok {
		field = m
	}
	return "/" + field
}
