package web

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/store"
)

// Provider signs people in: an OpenID provider of the operator's choice. It belongs to the outside, so the program
// hands it in.
type Provider interface {
	// Name is what people know it by.
	Name() string
	// Issuer is how it names itself.
	Issuer() string
	// Address is where to send somebody who sets out. The error is an Unidentified.
	Address(ctx context.Context, v ProviderVisit) (string, error)
	// Identify tells who came back, from the code they brought. issuer is who the answer says it comes from; empty when
	// it says nothing. The error is an Unidentified.
	Identify(ctx context.Context, v ProviderVisit, code, issuer string) (Identified, error)
}

// ProviderVisit is what a way to the provider and back is bound by.
type ProviderVisit struct {
	Redirect, State, Nonce, Verifier string
	Lang                             models.Lang
	Again                            bool // whoever it is proves themselves once more
}

// Identified is who the provider says somebody is.
type Identified struct {
	models.Identity
	// Told tells whether it says when they proved themselves, and Ago how long ago that was.
	Told bool
	Ago  time.Duration
}

// Unidentified is a provider of whom nobody learned who came, and why, as the sentence for it.
type Unidentified struct {
	Rule   string
	Args   []any
	Detail string // for the log
}

func (u Unidentified) Error() string { return "nobody was identified: " + u.Rule + ": " + u.Detail }

// The addresses of a visit to the provider; the operator gives the second one to the provider.
const (
	providerRoute = "/sign-in/oidc"
	// ProviderReturn is where the provider sends people back to.
	ProviderReturn = providerRoute + "/callback"
)

// setsOut is how often one address may set out within the window.
const setsOut = 60

// providerRoutes are open to strangers; that a provider is there is asked by each.
func (w *Web) providerRoutes(g *echo.Group) {
	g.POST(providerRoute, w.signInByProvider, w.hasProvider)
	g.GET(ProviderReturn, w.providerReturn, w.hasProvider)
	g.GET(providerRoute+"/unknown", w.unknownPage, w.hasProvider)
	g.POST("/invitation/:token/oidc", w.joinByProvider, w.hasProvider)
	g.GET(providerRoute+"/invitation", w.joinPage, w.hasProvider)
	g.POST(providerRoute+"/invitation", w.joinAsIdentity, w.hasProvider)
}

func (w *Web) hasProvider(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if w.Provider == nil {
			return models.ErrNotFound
		}
		return next(c)
	}
}

// providerName is what people know the provider by; empty when there is none.
func (w *Web) providerName() string {
	if w.Provider == nil {
		return ""
	}
	return w.Provider.Name()
}

// visitSecret is what a visit to the provider is bound to one browser by: its cookie, from which all else follows, so
// that nothing of it can be had from the database or from an address.
type visitSecret [32]byte

func (s visitSecret) derived(what string) string {
	mac := hmac.New(sha256.New, s[:])
	mac.Write([]byte(what))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (s visitSecret) hash() [32]byte { return sha256.Sum256(s[:]) }

func (w *Web) providerVisit(c echo.Context, s visitSecret, purpose models.VisitPurpose) ProviderVisit {
	return ProviderVisit{
		Redirect: w.address(ProviderReturn), State: s.derived("state"), Nonce: s.derived("nonce"), Verifier: s.derived("verifier"),
		Lang: visitOf(c).lang, Again: purpose == models.VisitConfirm,
	}
}

const providerCookie = "provider"

// secretOf is the secret of the visit this browser is on.
func (w *Web) secretOf(c echo.Context) (visitSecret, bool) {
	cookie, err := c.Cookie(w.cookieName(providerCookie))
	if err != nil {
		return visitSecret{}, false
	}
	token, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil || len(token) != len(visitSecret{}) {
		return visitSecret{}, false
	}
	return visitSecret(token), true
}

// endVisit forgets the visit this browser is on.
func (w *Web) endVisit(c echo.Context, s visitSecret) error {
	w.setCookie(c, providerCookie, "", 0)
	return w.store.EndVisit(c.Request().Context(), s.hash())
}

type onwardPage struct{ Provider, Address string }

// setOut sends the visitor to the provider. A form's answer may not lead out of the site (the policy's form-action), so
// it is a page that goes on by itself, with a link for whoever it does not take along.
func (w *Web) setOut(c echo.Context, v store.ProviderVisit) error {
	ctx, now := c.Request().Context(), w.Now()
	allowed, wait, err := w.store.CountAttempt(ctx, hashed("provider "+models.NetworkOf(c.RealIP())), now, knockWindow, setsOut)
	if err != nil {
		return err
	}
	if !allowed {
		minutes := int((wait + time.Minute - 1) / time.Minute)
		c.Response().Header().Set("Retry-After", typedVersion(int64(minutes)*60))
		return w.unidentified(c, http.StatusTooManyRequests, v, Unidentified{Rule: "signin.wait", Args: []any{"minutes", minutes}})
	}
	token, _ := newLink()
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return err
	}
	secret := visitSecret(raw)
	address, err := w.Provider.Address(ctx, w.providerVisit(c, secret, v.Purpose))
	if err != nil {
		return w.failedVisit(c, v, err)
	}
	v.StartedAt = now
	if err := w.store.StartVisit(ctx, secret.hash(), v); err != nil {
		return err
	}
	w.setCookie(c, providerCookie, token, models.VisitLife)
	c.Response().Header().Set("Refresh", "0; url="+address)
	page := onwardPage{w.Provider.Name(), address}
	return w.render(c, screen{status: http.StatusOK, name: "provider-onward", title: "provider.onward_title", args: []any{"name", page.Provider}, page: page})
}

func (w *Web) signInByProvider(c echo.Context) error {
	return w.setOut(c, store.ProviderVisit{Purpose: models.VisitSignIn, Target: localPath(c.FormValue("to"))})
}

// providerReturn is where the provider sends people back to, with a code that is good for nothing in another browser:
// state, nonce and PKCE all follow from this one's cookie, and a visit comes back once.
func (w *Web) providerReturn(c echo.Context) error {
	ctx := c.Request().Context()
	secret, ok := w.secretOf(c)
	if !ok || subtle.ConstantTimeCompare([]byte(c.QueryParam("state")), []byte(secret.derived("state"))) != 1 {
		return w.unidentified(c, http.StatusBadRequest, store.ProviderVisit{}, Unidentified{Rule: "provider.elsewhere"})
	}
	visit, err := w.store.ReturnVisit(ctx, secret.hash(), w.Now())
	if errors.Is(err, models.ErrNotFound) {
		return w.unidentified(c, http.StatusBadRequest, store.ProviderVisit{}, Unidentified{Rule: "provider.elsewhere"})
	}
	if err != nil {
		return err
	}
	if v := visitOf(c); visit.Session != [32]byte{} && (!v.signedIn || v.token != visit.Session) {
		return w.unidentified(c, http.StatusForbidden, visit, Unidentified{Rule: "provider.session"})
	}
	who, err := w.identify(c, secret, visit)
	if err != nil {
		return errors.Join(w.store.EndVisit(ctx, secret.hash()), w.failedVisit(c, visit, err))
	}
	switch visit.Purpose {
	case models.VisitLink, models.VisitInvite:
		if err := w.store.KeepProof(ctx, secret.hash(), who.Identity); err != nil {
			return err
		}
		to := providerRoute + "/invitation"
		if visit.Purpose == models.VisitLink {
			to = "/account/identities/new"
		}
		return c.Redirect(http.StatusSeeOther, to)
	case models.VisitConfirm:
		return w.confirmedByProvider(c, secret, visit, who)
	case models.VisitSignIn:
	}
	return w.signedInByProvider(c, secret, visit, who)
}

// identify asks the provider who came back.
func (w *Web) identify(c echo.Context, secret visitSecret, visit store.ProviderVisit) (Identified, error) {
	switch said := c.QueryParam("error"); said {
	case "":
	case "access_denied":
		return Identified{}, Unidentified{Rule: "provider.declined"}
	default:
		return Identified{}, Unidentified{Rule: "provider.refused", Detail: said[:min(len(said), 60)]}
	}
	code := c.QueryParam("code")
	if code == "" {
		return Identified{}, Unidentified{Rule: "provider.answer", Detail: "no code came with it"}
	}
	who, err := w.Provider.Identify(c.Request().Context(), w.providerVisit(c, secret, visit.Purpose), code, c.QueryParam("iss"))
	if err != nil {
		return who, err
	}
	who.Label = models.IdentityLabel(who.Label, who.Subject)
	if len(who.Check()) > 0 {
		return who, Unidentified{Rule: "provider.answer", Detail: "it names nobody"}
	}
	return who, nil
}

// signedInByProvider opens a session of the account the identity was linked to; a second factor of our own is asked
// all the same, since how well the provider looks is not known here.
func (w *Web) signedInByProvider(c echo.Context, secret visitSecret, visit store.ProviderVisit, who Identified) error {
	ctx := c.Request().Context()
	known, err := w.store.IdentityAccount(ctx, who.Issuer, who.Subject)
	if errors.Is(err, models.ErrNotFound) || (err == nil && len(known.Memberships) == 0) { // nobody's, or left everywhere
		if err := w.store.KeepProof(ctx, secret.hash(), who.Identity); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, providerRoute+"/unknown")
	}
	if err != nil {
		return err
	}
	if err := errors.Join(w.endVisit(c, secret), w.store.UseIdentity(ctx, who.Identity, w.Now())); err != nil {
		return err
	}
	proved, err := w.provedAt(ctx, known.Account, who)
	if err != nil {
		return err
	}
	return w.afterProof(c, known.Account, localPath(visit.Target), proved)
}

// longAgo is when somebody proved who they are of whom it is not known.
var longAgo = time.Unix(0, 0)

// provedAt is when somebody whom the provider signs in proved who they are: it may know them since this morning, and let
// whoever sits there through without a question. Where it does not say, they are asked by what else their account has; an
// account that has nothing else is believed, since it could not be asked.
func (w *Web) provedAt(ctx context.Context, account models.AccountID, who Identified) (time.Time, error) {
	if who.Told {
		return w.Now().Add(-max(who.Ago, 0)), nil
	}
	a, err := w.store.Account(ctx, account)
	if err == nil && (a.HasPassword() || a.HasPasskey()) {
		return longAgo, nil
	}
	return w.Now(), err
}

type unknownPage struct{ Provider, Label string }

// unknownPage says what to do to somebody whom the provider knows and nobody here does.
func (w *Web) unknownPage(c echo.Context) error {
	visit, _, err := w.provedVisit(c, models.VisitSignIn)
	if err != nil {
		return w.lostVisit(c, err)
	}
	page := unknownPage{Provider: w.Provider.Name(), Label: visit.Identity.Label}
	return w.render(c, screen{status: http.StatusForbidden, name: "provider-unknown", title: "provider.unknown_title", page: page})
}

type unidentifiedPage struct {
	Provider string
	Text     string
	Back     string // where to try again; empty when only the visitor knows
	BackText string
}

// failedVisit says why nothing came of a visit; what is no answer of the provider goes on.
func (w *Web) failedVisit(c echo.Context, v store.ProviderVisit, err error) error {
	var why Unidentified
	if !errors.As(err, &why) {
		return err
	}
	w.Logger.Warn("provider", "purpose", string(v.Purpose), "rule", why.Rule, "detail", why.Detail, "from", c.RealIP())
	return w.unidentified(c, http.StatusUnprocessableEntity, v, why)
}

// unidentified says why the provider identified nobody, where the visitor can try again.
func (w *Web) unidentified(c echo.Context, status int, v store.ProviderVisit, why Unidentified) error {
	words := visitOf(c).words
	args := append([]any{"name", w.Provider.Name()}, why.Args...)
	if v.Purpose == models.VisitConfirm && visitOf(c).signedIn {
		return w.confirmUnproved(c, status, v, models.Problem{Rule: why.Rule, Args: args})
	}
	page := unidentifiedPage{Provider: w.Provider.Name(), Text: words.Problem(why.Rule, args...)}
	switch {
	case v.Purpose == models.VisitInvite:
		page.Text += " " + words.T("provider.invite_again")
	case visitOf(c).signedIn:
		page.Back, page.BackText = "/account", words.T("account.title")
	default:
		page.Back, page.BackText = "/sign-in", words.T("signin.heading")
	}
	return w.render(c, screen{status: status, name: "provider-failed", title: "provider.failed_title", page: page})
}
