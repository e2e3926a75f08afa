package web

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
)

// device is a telephone with one passkey, in software: what it says can be bent as an attacker would.
type device struct {
	t      testing.TB
	key    *ecdsa.PrivateKey
	id     []byte
	handle []byte // that the site gave its account
	count  uint32
	flags  byte
	host   string // it believes to be asked by
	origin string
	bend   func(*saying)
}

// saying is what a device is about to sign.
type saying struct {
	kind, challenge, origin, host string
	cross                         bool
	flags                         byte
	count                         uint32
	id, handle                    []byte
	key                           *ecdsa.PrivateKey
}

const (
	present  = 0x01
	verified = 0x04
	travels  = 0x08
	attested = 0x40
)

// withPasskeys opens the site under a name, as browsers want it for passkeys, and gives a device that knows it.
func (s *site) withPasskeys() *device {
	s.t.Helper()
	base, err := url.Parse(s.server.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	base.Host = "localhost:" + base.Port()
	if s.web.party = newParty(base); s.web.party == nil {
		s.t.Fatal("no passkeys here")
	}
	return newDevice(s.t, base)
}

func newDevice(t testing.TB, base *url.URL) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 16)
	_, _ = rand.Read(id)
	return &device{t: t, key: key, id: id, flags: present | verified | travels, host: base.Hostname(), origin: base.Scheme + "://" + base.Host}
}

// another is a second device of the same owner.
func (d *device) another() *device {
	return newDevice(d.t, &url.URL{Scheme: "http", Host: d.origin[len("http://"):]})
}

type asked struct {
	PublicKey struct {
		Challenge string
		RPID      string `json:"rpId"`
		RP        struct{ ID string }
		User      struct{ ID, Name, DisplayName string }
		Exclude   []struct{ ID string } `json:"excludeCredentials"`
		Allow     []struct{ ID string } `json:"allowCredentials"`
		UV        string                `json:"userVerification"`
		Selection struct {
			ResidentKey, UserVerification string
		} `json:"authenticatorSelection"`
		Attestation string
	}
}

// challenged gets what a device is to sign.
func (s *site) challenged(path string) asked {
	s.t.Helper()
	a := s.submit(path)
	var o asked
	if err := json.Unmarshal([]byte(a.body), &o); a.status != http.StatusOK || err != nil || len(o.PublicKey.Challenge) < 22 {
		s.t.Fatalf("%s answers %d: %s", path, a.status, a.body)
	}
	if got := a.header.Get("Cache-Control"); got != "no-store" {
		s.t.Errorf("a challenge may be kept: %q", got)
	}
	return o
}

func (d *device) says(kind string, o asked) *saying {
	say := &saying{kind: kind, challenge: o.PublicKey.Challenge, origin: d.origin, host: d.host, flags: d.flags, id: d.id, handle: d.handle, key: d.key}
	d.count++
	say.count = d.count
	if d.bend != nil {
		d.bend(say)
	}
	return say
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (say *saying) client() []byte {
	text, err := json.Marshal(map[string]any{"type": say.kind, "challenge": say.challenge, "origin": say.origin, "crossOrigin": say.cross})
	if err != nil {
		panic(err)
	}
	return text
}

// data is the authenticator data of WebAuthn §6.1, with the key for one just made.
func (say *saying) data(made bool) []byte {
	hash := sha256.Sum256([]byte(say.host))
	out := append([]byte{}, hash[:]...)
	flags := say.flags
	if made {
		flags |= attested
	}
	out = binary.BigEndian.AppendUint32(append(out, flags), say.count)
	if !made {
		return out
	}
	out = append(out, make([]byte, 16)...)
	out = binary.BigEndian.AppendUint16(out, uint16(len(say.id)))
	out = append(out, say.id...)
	point, err := say.key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		panic(err)
	}
	// {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}
	out = append(out, 0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21)
	out = append(append(out, cborBytes(point[1:33])...), 0x22)
	return append(out, cborBytes(point[33:])...)
}

// cborBytes is a byte string as CBOR has it.
func cborBytes(b []byte) []byte {
	head := []byte{0x58, byte(len(b))}
	if len(b) > 0xff {
		head = binary.BigEndian.AppendUint16([]byte{0x59}, uint16(len(b)))
	}
	return append(head, b...)
}

func cborText(s string) []byte { return append([]byte{0x60 | byte(len(s))}, s...) }

// makes is the answer to being asked for a new passkey.
func (d *device) makes(o asked) string {
	d.t.Helper()
	var err error
	if d.handle, err = base64.RawURLEncoding.DecodeString(o.PublicKey.User.ID); err != nil {
		d.t.Fatal(err)
	}
	say := d.says("webauthn.create", o)
	object := bytes.Join([][]byte{{0xa3}, cborText("fmt"), cborText("none"), cborText("attStmt"), {0xa0}, cborText("authData"), cborBytes(say.data(true))}, nil)
	return d.answer(say, map[string]any{"clientDataJSON": b64(say.client()), "attestationObject": b64(object), "transports": []string{"internal"}})
}

// signs is the answer to being asked who one is.
func (d *device) signs(o asked) string {
	d.t.Helper()
	say := d.says("webauthn.get", o)
	client, data := say.client(), say.data(false)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, say.key, digest[:])
	if err != nil {
		d.t.Fatal(err)
	}
	response := map[string]any{"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature)}
	if say.handle != nil {
		response["userHandle"] = b64(say.handle)
	}
	return d.answer(say, response)
}

func (d *device) answer(say *saying, response map[string]any) string {
	text, err := json.Marshal(map[string]any{"id": b64(say.id), "rawId": b64(say.id), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{}})
	if err != nil {
		d.t.Fatal(err)
	}
	return string(text)
}
