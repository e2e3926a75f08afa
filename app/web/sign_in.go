package web

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/password"
	"enveloppe/models/store"
)

// How often one may knock: per account and per address, so that neither guessing one password nor trying one password
// on everybody gets far. A success forgets the account's count; a limit reached again doubles the wait.
const (
	knockWindow     = 15 * time.Minute
	knocksAccount   = 8
	knocksAddress   = 40
	maxAgent        = 200
	demoSessionLife = 24 * time.Hour
)

func (w *Web) signInRoutes(g *echo.Group) {
	g.GET("/sign-in", w.signInPage)
	g.POST("/sign-in", w.signIn)
	w.secondRoutes(g)
	w.passkeyEntryRoutes(g)
	w.resetRoutes(g)
	w.invitationRoutes(g)
	w.providerRoutes(g)
	w.newAddressRoutes(g)
}

type signInPage struct {
	Form Form
	To   string
	Demo bool
	Mail bool // a forgotten password can be set anew by a letter
	// Passkey tells that browsers would use passkeys here.
	Passkey bool
}

func (w *Web) signInPage(c echo.Context) error {
	if visitOf(c).signedIn {
		return c.Redirect(http.StatusSeeOther, "/")
	}
	first, err := w.store.FirstRun(c.Request().Context())
	if err != nil {
		return err
	}
	if first {
		return c.Redirect(http.StatusSeeOther, "/setup")
	}
	return w.showSignIn(c, http.StatusOK, Form{Fields: Fields{"to": c.QueryParam("to")}})
}

func (w *Web) showSignIn(c echo.Context, status int, f Form) error {
	page := signInPage{Form: f, To: localPath(f.Value("to")), Demo: w.Demo, Mail: w.Post.Configured(), Passkey: w.party != nil}
	return w.render(c, screen{status: status, name: "sign-in", title: "signin.title", page: page})
}

func (w *Web) signIn(c echo.Context) error {
	e := entry{Fields: fields(c, "email", "to")}
	plain := c.FormValue("password") // not trimmed: a space is a character like any other
	who, err := w.proven(c, e.text("email"), plain)
	if err == nil && len(who.Memberships) == 0 { // left everywhere
		err = errWrong
	}
	if err != nil {
		return w.refuseEntry(c, err, &e, func(status int, f Form) error { return w.showSignIn(c, status, f) })
	}
	return w.afterPassword(c, who.Account, localPath(e.text("to")))
}

// knockedTooOften is too many attempts, with how long to wait.
type knockedTooOften struct{ wait time.Duration }

func (knockedTooOften) Error() string { return "too many attempts" }

// errWrong is a wrong address, a wrong password, or somebody who has left everywhere: nothing tells them apart.
var errWrong = errors.New("wrong address or password")

// proven is the account of an address when the password is its own. The work is the same whether the account exists
// or not, and so is what the answer says.
func (w *Web) proven(c echo.Context, email, plain string) (store.Credential, error) {
	ctx := c.Request().Context()
	if err := w.knock(c, accountKey(email), knocksAccount); err != nil {
		return store.Credential{}, err
	}
	who, err := w.store.AccountByEmail(ctx, email)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return store.Credential{}, err
	}
	good, err := password.Matches(who.PasswordHash, plain)
	if err != nil {
		return store.Credential{}, err
	}
	if !good {
		return store.Credential{}, errWrong
	}
	return who, w.store.ClearAttempts(ctx, accountKey(email))
}

// knock counts an attempt under the visitor's address and under a key. The address comes first: who is stopped there has
// no more attempts to spend on other people's accounts.
func (w *Web) knock(c echo.Context, key string, limit int) error {
	for _, gate := range []struct {
		key   string
		limit int
	}{{hashed("address " + models.NetworkOf(c.RealIP())), knocksAddress}, {key, limit}} {
		allowed, wait, err := w.store.CountAttempt(c.Request().Context(), gate.key, w.Now(), knockWindow, gate.limit)
		if err != nil {
			return err
		}
		if !allowed {
			return knockedTooOften{wait}
		}
	}
	return nil
}

func accountKey(email string) string {
	return hashed("account " + strings.ToLower(strings.TrimSpace(email)))
}

// refuseEntry shows the page again with what stands against an entry; any other error goes on.
func (w *Web) refuseEntry(c echo.Context, err error, e *entry, show func(int, Form) error) error {
	return w.refuseKnock(c, err, e, "email", "password", "signin.wrong", show)
}

// refuseKnock is refuseEntry with the fields beside which it stands that there were too many attempts, and what was wrong.
func (w *Web) refuseKnock(c echo.Context, err error, e *entry, often, wrong, rule string, show func(int, Form) error) error {
	status := http.StatusUnprocessableEntity
	var tooOften knockedTooOften
	switch {
	case errors.As(err, &tooOften):
		status = http.StatusTooManyRequests
		minutes := int((tooOften.wait + time.Minute - 1) / time.Minute)
		c.Response().Header().Set("Retry-After", typedVersion(int64(minutes)*60))
		e.bad.Add(often, "signin.wait", "minutes", minutes)
	case errors.Is(err, errWrong):
		e.bad.Add(wrong, rule)
	default:
		return err
	}
	return show(status, Form{Fields: e.Fields, Errors: sentences(visitOf(c).words, e.bad)})
}

// signedInAs opens a session of an account, after all its factors, in the organisation it looked at last. proved is when
// its owner showed who they are, which may be long ago where somebody else asked them.
func (w *Web) signedInAs(c echo.Context, account models.AccountID, proved time.Time) error {
	list, err := w.store.Memberships(c.Request().Context(), account)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return models.ErrForbidden
	}
	return w.openProved(c, account, list[0].Organisation, list[0].Person, proved)
}

// open begins a session of an account in an organisation, whose owner has just proved who they are.
func (w *Web) open(c echo.Context, account models.AccountID, organisation, person models.ID) error {
	return w.openProved(c, account, organisation, person, w.Now())
}

// openProved begins a session and hands the browser its cookie.
func (w *Web) openProved(c echo.Context, account models.AccountID, organisation, person models.ID, proved time.Time) error {
	var token [32]byte
	if _, err := rand.Read(token[:]); err != nil {
		return err
	}
	now := w.Now()
	session := w.newSession(c, token, account, organisation, person, now)
	session.FreshAt = proved
	if err := w.store.StartSession(c.Request().Context(), session); err != nil {
		return err
	}
	w.setCookie(c, "session", base64.RawURLEncoding.EncodeToString(token[:]), wholeLife)
	actor := &visitOf(c).actor // for the log: who came in
	actor.Account, actor.Organisation, actor.Person = account, organisation, person
	return nil
}

func (w *Web) newSession(c echo.Context, token [32]byte, account models.AccountID, organisation, person models.ID, now time.Time) store.Session {
	agent := c.Request().UserAgent()
	if len(agent) > maxAgent {
		agent = strings.ToValidUTF8(agent[:maxAgent], "")
	}
	life := idleLife
	if w.Demo {
		life = demoSessionLife
	}
	return store.Session{
		TokenHash: sha256.Sum256(token[:]), Account: account, Organisation: organisation, Person: person,
		CreatedAt: now, ExpiresAt: now.Add(life), Agent: agent, Address: c.RealIP(),
	}
}
