package openidtest

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"
)

// Forgery is what a forger does otherwise than an honest provider; the zero value is honest.
type Forgery struct {
	Describe func(map[string]any)                 // changes what it says of itself
	Claims   func(map[string]any)                 // changes what it signs
	Header   func(map[string]any)                 // changes the head of what it signs
	Sign     func(part string) (signature []byte) // signs otherwise
	Token    http.HandlerFunc                     // answers in place of the token
	Keys     http.HandlerFunc                     // answers in place of the keys
	Return   func(url.Values)                     // changes what it sends people back with
}

// Forger is a provider in the test's own process that knows one person, asks nobody anything, and lies as told.
type Forger struct {
	Issuer string
	Public *rsa.PublicKey
	key    *rsa.PrivateKey

	mu      sync.Mutex
	forgery Forgery
	codes   map[string]url.Values // of the requests they answer
	seen    []http.Header         // of the questions for a token
}

// Now is the real time, by which what providers sign runs out.
func Now() time.Time {
	return time.Now() //nolint:forbidigo // see above
}

// Forge starts one.
func Forge(t testing.TB) *Forger {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	f := &Forger{key: key, Public: &key.PublicKey, codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", f.describe)
	mux.HandleFunc("GET /keys", f.keys)
	mux.HandleFunc("GET /authorize", f.authorise)
	mux.HandleFunc("POST /token", f.token)
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	f.Issuer = s.URL
	return f
}

// Lies makes it lie from now on.
func (f *Forger) Lies(how Forgery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.forgery = how
}

// Asked are the headers of every question for a token.
func (f *Forger) Asked() []http.Header {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen
}

func (f *Forger) lie() Forgery {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.forgery
}

func answer(w http.ResponseWriter, status int, what map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(what)
}

func (f *Forger) describe(w http.ResponseWriter, _ *http.Request) {
	d := map[string]any{
		"issuer": f.Issuer, "authorization_endpoint": f.Issuer + "/authorize", "token_endpoint": f.Issuer + "/token", "jwks_uri": f.Issuer + "/keys",
		"id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"}, "response_types_supported": []string{"code"},
	}
	if change := f.lie().Describe; change != nil {
		change(d)
	}
	answer(w, http.StatusOK, d)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (f *Forger) keys(w http.ResponseWriter, r *http.Request) {
	if instead := f.lie().Keys; instead != nil {
		instead(w, r)
		return
	}
	answer(w, http.StatusOK, map[string]any{"keys": []any{map[string]any{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "one",
		"n": encode(f.key.N.Bytes()), "e": encode(big.NewInt(int64(f.key.E)).Bytes()),
	}}})
}

// authorise lets whoever comes through at once.
func (f *Forger) authorise(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	code := rand.Text()
	f.mu.Lock()
	f.codes[code] = q
	f.mu.Unlock()
	back := url.Values{"code": {code}, "state": {q.Get("state")}}
	if change := f.lie().Return; change != nil {
		change(back)
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound) //nolint:gosec // G710: it is what a provider of no conscience does
}

// token exchanges a code once, for who set out and keeps the program's secret.
func (f *Forger) token(w http.ResponseWriter, r *http.Request) {
	lie := f.lie()
	if err := r.ParseForm(); err != nil {
		answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_request"})
		return
	}
	code := r.PostForm.Get("code")
	f.mu.Lock()
	f.seen = append(f.seen, r.Header.Clone())
	asked, known := f.codes[code]
	delete(f.codes, code)
	f.mu.Unlock()
	id, secret, basic := r.BasicAuth()
	if basic { // RFC 6749, section 2.3.1: both are escaped as in a form
		id, _ = url.QueryUnescape(id)
		secret, _ = url.QueryUnescape(secret)
	} else {
		id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	challenge := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
	switch {
	case lie.Token != nil:
		lie.Token(w, r)
	case id != ClientID || secret != ClientSecret:
		answer(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client"})
	case !known || asked.Get("redirect_uri") != r.PostForm.Get("redirect_uri") || asked.Get("code_challenge") != encode(challenge[:]) || asked.Get("code_challenge_method") != "S256":
		answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
	default:
		answer(w, http.StatusOK, map[string]any{
			"access_token": rand.Text(), "token_type": "Bearer", "expires_in": 300, "id_token": f.signed(lie, asked.Get("nonce")),
		})
	}
}

func (f *Forger) signed(lie Forgery, nonce string) string {
	now := Now()
	head := map[string]any{"alg": "RS256", "typ": "JWT", "kid": "one"}
	claims := map[string]any{
		"iss": f.Issuer, "sub": "subject-1", "aud": ClientID, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "nonce": nonce,
		"auth_time": now.Unix(), "email": "somebody@example.org", "email_verified": true,
	}
	if lie.Header != nil {
		lie.Header(head)
	}
	if lie.Claims != nil {
		lie.Claims(claims)
	}
	sign := lie.Sign
	if sign == nil {
		sign = WithKey(f.key)
	}
	part := jsonPart(head) + "." + jsonPart(claims)
	return part + "." + encode(sign(part))
}

func jsonPart(m map[string]any) string {
	text, err := json.Marshal(maps.Clone(m))
	if err != nil {
		panic(err) // of the test's own making
	}
	return encode(text)
}

// WithKey signs with a key, as RS256 does.
func WithKey(key *rsa.PrivateKey) func(part string) []byte {
	return func(part string) []byte {
		sum := sha256.Sum256([]byte(part))
		signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
		if err != nil {
			panic(err) // of the test's own making
		}
		return signature
	}
}

// WithSecret signs with a secret both sides know, as HS256 does.
func WithSecret(secret []byte) func(part string) []byte {
	return func(part string) []byte {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(part))
		return mac.Sum(nil)
	}
}
