package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/store"
)

// passkeyTime is how long a challenge waits for its answer: long enough to look for a telephone.
const passkeyTime = 5 * time.Minute

// passkeyField is where a form carries what a device answered, but for one that confirms another act.
const passkeyField = "credential"

// What a challenge was given out for; an answer is good for nothing else.
const (
	toSignIn  = "sign_in"
	toConfirm = "confirm"
	toAdd     = "add"
	toJoin    = "join"
)

// errPasskey is an answer that proves nothing: whatever the reason, visitors read one sentence.
var errPasskey = errors.New("the passkey was not recognised")

// newParty is what browsers know this site as when they make and use passkeys; nil where none of them would: a passkey
// belongs to a name and not to a number, and needs https but for one's own machine.
func newParty(base *url.URL) *webauthn.WebAuthn {
	host := base.Hostname()
	if net.ParseIP(host) != nil || (base.Scheme != "https" && host != "localhost") {
		return nil
	}
	party, err := webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: "Enveloppe", RPOrigins: []string{base.Scheme + "://" + base.Host},
		AttestationPreference: protocol.PreferNoAttestation, // which make of device it is, is nobody's business
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired, // it signs in alone: the device must know its owner
		},
	})
	if err != nil {
		return nil
	}
	return party
}

// holder is an account as the library wants to know it.
type holder struct {
	handle     []byte
	name, full string
	keys       []models.Passkey
}

// WebAuthnID is what devices call the account.
func (h holder) WebAuthnID() []byte { return h.handle }

// WebAuthnName tells one's accounts apart on the device.
func (h holder) WebAuthnName() string { return h.name }

// WebAuthnDisplayName is the person's own.
func (h holder) WebAuthnDisplayName() string { return h.full }

// WebAuthnCredentials are the account's passkeys.
func (h holder) WebAuthnCredentials() []webauthn.Credential {
	list := make([]webauthn.Credential, len(h.keys))
	for i, k := range h.keys {
		list[i] = webauthn.Credential{
			ID: k.Credential, PublicKey: k.PublicKey, Transport: transportsOf(k.Transports),
			Flags:         webauthn.CredentialFlags{UserPresent: true, UserVerified: true, BackupEligible: k.MayTravel, BackupState: k.Travelled},
			Authenticator: webauthn.Authenticator{AAGUID: k.Model, SignCount: k.SignCount},
		}
	}
	return list
}

func transportsOf(words []string) []protocol.AuthenticatorTransport {
	list := make([]protocol.AuthenticatorTransport, len(words))
	for i, w := range words {
		list[i] = protocol.AuthenticatorTransport(w)
	}
	return list
}

// keyOf is what is kept of a passkey just made.
func keyOf(made *webauthn.Credential, name string) models.Passkey {
	k := models.Passkey{
		Name: name, Credential: made.ID, PublicKey: made.PublicKey, Model: made.Authenticator.AAGUID, SignCount: made.Authenticator.SignCount,
		MayTravel: made.Flags.BackupEligible, Travelled: made.Flags.BackupState,
	}
	for _, t := range made.Transport {
		k.Transports = append(k.Transports, string(t))
	}
	return k
}

// challenge gives the browser what its device is to sign, and keeps under a cookie what the answer is held against.
func (w *Web) challenge(c echo.Context, purpose string, account models.AccountID, session *webauthn.SessionData, options any) error {
	data, err := json.Marshal(session)
	if err != nil {
		return err
	}
	secret, hash := newLink()
	b := store.Begun{Purpose: purpose, Account: account, Data: string(data), ExpiresAt: w.Now().Add(passkeyTime)}
	if err := w.store.BeginProof(c.Request().Context(), hash, b, w.Now()); err != nil {
		return err
	}
	w.setCookie(c, "passkey", secret, passkeyTime)
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(http.StatusOK, options)
}

// challenged is what a challenge was given out with, once; errPasskey when there is none for this purpose.
func (w *Web) challenged(c echo.Context, purpose string) (store.Begun, webauthn.SessionData, error) {
	var session webauthn.SessionData
	hash, err := w.cookieHash(c, "passkey")
	if err != nil {
		return store.Begun{}, session, errPasskey
	}
	w.setCookie(c, "passkey", "", 0)
	b, err := w.store.EndProof(c.Request().Context(), hash, purpose, w.Now())
	if errors.Is(err, models.ErrNotFound) {
		return b, session, errPasskey
	}
	if err == nil {
		err = json.Unmarshal([]byte(b.Data), &session)
	}
	return b, session, err
}

// challengeNew gives out what a device makes a passkey for: for the account of a handle, with the keys it has already.
func (w *Web) challengeNew(c echo.Context, purpose string, account models.AccountID, h holder) error {
	if w.party == nil {
		return models.ErrNotFound
	}
	has := webauthn.Credentials(h.WebAuthnCredentials()).CredentialDescriptors()
	options, session, err := w.party.BeginRegistration(h, webauthn.WithExclusions(has))
	if err != nil {
		return err
	}
	return w.challenge(c, purpose, account, session, options)
}

// newPasskey is the passkey a device answers to have made, with the handle it was made for; errPasskey when it is none.
func (w *Web) newPasskey(c echo.Context, purpose, name string) (models.Passkey, []byte, error) {
	if w.party == nil {
		return models.Passkey{}, nil, models.ErrNotFound
	}
	b, session, err := w.challenged(c, purpose)
	if err != nil {
		return models.Passkey{}, nil, err
	}
	if b.Account != visitOf(c).actor.Account {
		return models.Passkey{}, nil, w.unproven(c, purpose, errors.New("begun by another account"))
	}
	answer, err := protocol.ParseCredentialCreationResponseBytes([]byte(c.FormValue(passkeyField)))
	if err != nil {
		return models.Passkey{}, nil, w.unproven(c, purpose, err)
	}
	made, err := w.party.CreateCredential(holder{handle: session.UserID}, session, answer)
	if err != nil {
		return models.Passkey{}, nil, w.unproven(c, purpose, err)
	}
	return keyOf(made, name), session.UserID, nil
}

// unproven notes why an answer proves nothing, for whoever runs the program, and tells the visitor only that.
func (w *Web) unproven(c echo.Context, purpose string, why error) error {
	w.Logger.Info("passkey refused", "for", purpose, "from", c.RealIP(), "reason", why)
	return errPasskey
}

// provenByPasskey is the passkey whose device has signed the challenge. For an account, it must be one of its own; for
// none, whoever the device says it is. The answer stands in a field of the form.
func (w *Web) provenByPasskey(c echo.Context, purpose, field string, account models.AccountID) (models.Passkey, error) {
	if w.party == nil {
		return models.Passkey{}, models.ErrNotFound
	}
	b, session, err := w.challenged(c, purpose)
	if err != nil {
		return models.Passkey{}, err
	}
	if b.Account != account {
		return models.Passkey{}, w.unproven(c, purpose, errors.New("begun by another account"))
	}
	answer, err := protocol.ParseCredentialRequestResponseBytes([]byte(c.FormValue(field)))
	if err != nil {
		return models.Passkey{}, w.unproven(c, purpose, err)
	}
	ctx := c.Request().Context()
	var signed *webauthn.Credential
	var key models.Passkey
	if account != 0 {
		var h holder
		if h, err = w.holderOf(ctx, account); err != nil {
			return key, err
		}
		if signed, err = w.party.ValidateLogin(h, session, answer); err == nil {
			key = h.key(signed.ID)
		}
	} else {
		_, signed, err = w.party.ValidatePasskeyLogin(func(id, handle []byte) (webauthn.User, error) {
			var err error
			key, err = w.store.PasskeyOf(ctx, id, handle)
			return holder{handle: handle, keys: []models.Passkey{key}}, err
		}, session, answer)
	}
	if err != nil {
		return key, w.unproven(c, purpose, err)
	}
	return w.usedPasskey(c, purpose, key, signed)
}

// usedPasskey notes the use of a passkey that has signed. One whose counter does not go on may have a twin: it is refused.
func (w *Web) usedPasskey(c echo.Context, purpose string, key models.Passkey, signed *webauthn.Credential) (models.Passkey, error) {
	if signed.Authenticator.CloneWarning {
		return key, w.unproven(c, purpose, errors.New("the device's counter went back: the key may have been copied"))
	}
	key.SignCount, key.Travelled = signed.Authenticator.SignCount, signed.Flags.BackupState
	err := w.store.UsePasskey(c.Request().Context(), key, w.Now())
	if errors.Is(err, models.ErrNotFound) {
		err = w.unproven(c, purpose, errors.New("removed or used meanwhile"))
	}
	return key, err
}

// holderOf is an account with all its passkeys.
func (w *Web) holderOf(ctx context.Context, account models.AccountID) (h holder, err error) {
	if h.handle, err = w.store.Handle(ctx, account); err != nil {
		return h, err
	}
	h.keys, err = w.store.Passkeys(ctx, account)
	return h, err
}

// key is the passkey that a device calls so.
func (h holder) key(credential []byte) models.Passkey {
	for _, k := range h.keys {
		if bytes.Equal(k.Credential, credential) {
			return k
		}
	}
	return models.Passkey{}
}
