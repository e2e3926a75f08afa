// Package onetime makes and reads codes that are good once: those an app on a phone shows, and those on paper that stand
// in for it.
package onetime

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // G505: RFC 6238's and the only one every app knows; HMAC-SHA-1 stands
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// What an app takes for granted, and so do we.
const (
	period    = 30 * time.Second
	digits    = 6
	modulus   = 1_000_000
	secretLen = 20 // bytes; as long as the hash, as RFC 4226 §4 advises
	drift     = 1  // steps either way: a phone's clock is not ours
)

// A code to stand in for the app: so many of them, each of so many random bytes. At 80 bits the plain hash of one says
// nothing of it.
const (
	Recoveries  = 10
	recoveryLen = 10
)

var letters = base32.StdEncoding.WithPadding(base32.NoPadding)

// Secret is what an app and this program share.
type Secret []byte

// NewSecret draws one.
func NewSecret() Secret {
	s := make(Secret, secretLen)
	_, _ = rand.Read(s) // it never fails: a system without randomness stops the program
	return s
}

// Text is the secret as people type it into an app: letters and digits in groups of four.
func (s Secret) Text() string { return grouped(letters.EncodeToString(s), " ") }

// URI is what an app reads from a picture, as Google's key URI format has it: who asks for codes, and for which account.
func (s Secret) URI(issuer, account string) string {
	q := url.Values{
		"secret": {letters.EncodeToString(s)}, "issuer": {issuer}, "algorithm": {"SHA1"},
		"digits": {fmt.Sprint(digits)}, "period": {fmt.Sprint(int(period / time.Second))},
	}
	// Apps show a plus as it stands.
	return "otpauth://totp/" + url.PathEscape(issuer+":"+account) + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}

// Step is the number of the half minute an instant lies in.
func Step(at time.Time) int64 { return at.Unix() / int64(period/time.Second) }

// Code is what an app shows in a step: RFC 4226 with the step as its counter, which is RFC 6238.
func (s Secret) Code(step int64) string {
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step)) //nolint:gosec // G115: the same bits
	mac := hmac.New(sha1.New, s)
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%0*d", digits, binary.BigEndian.Uint32(sum[at:at+4])&0x7fffffff%modulus)
}

// Match tells in which step a code is shown: now, the one before or the one after, and only in one later than after, the
// step of the last code taken. Spaces in the code do not count.
func (s Secret) Match(code string, at time.Time, after int64) (step int64, ok bool) {
	code = strings.Join(strings.Fields(code), "")
	for d := int64(-drift); d <= drift; d++ {
		n := Step(at) + d
		if subtle.ConstantTimeCompare([]byte(s.Code(n)), []byte(code)) == 1 && n > after {
			step, ok = n, true
		}
	}
	return step, ok
}

// NewRecoveries draws a set of codes to be kept on paper, as people read them.
func NewRecoveries() []string {
	list := make([]string, Recoveries)
	for i := range list {
		var code [recoveryLen]byte
		_, _ = rand.Read(code[:])
		list[i] = grouped(strings.ToLower(letters.EncodeToString(code[:])), "-")
	}
	return list
}

// RecoveryHash is what is stored of a code, however it was typed: capitals, spaces and dashes do not count, and the
// digits that no code has are the letters they look like.
func RecoveryHash(typed string) [32]byte {
	plain := strings.Map(func(r rune) rune {
		switch r {
		case '0':
			return 'O'
		case '1':
			return 'I'
		case '8':
			return 'B'
		case '-', '\u2010', '\u2011', ' ', '\u00a0', '\u202f', '\t', '\n', '\r':
			return -1
		}
		return r
	}, strings.ToUpper(typed))
	return sha256.Sum256([]byte(plain))
}

// grouped puts a mark between every four letters.
func grouped(s, mark string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			b.WriteString(mark)
		}
		b.WriteRune(r)
	}
	return b.String()
}
