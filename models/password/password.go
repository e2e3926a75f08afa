// Package password turns a password into what may be stored of it, and tells whether one is good enough.
package password

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Bounds of a password in characters. Length is what counts; no rule asks for special characters.
const (
	MinLength = 12
	MaxLength = 256
)

// Argon2id's cost as OWASP advises it for sign-in: 19 MiB, two passes, one lane.
const (
	memory  = 19 * 1024 // KiB
	passes  = 2
	lanes   = 1
	saltLen = 16
	keyLen  = 32
)

// errHash is a stored hash this program did not write.
var errHash = errors.New("password hash is not in the format of this program")

// atOnce bounds how many are computed together, so that a crowd at the door cannot take all the memory.
var atOnce = make(chan struct{}, 2)

// Fault says why a password is refused, as the rule whose sentence people read; empty when it is good. known are words
// an attacker would try first for this person: the name, the address, the organisation.
func Fault(plain string, known ...string) string {
	plain = norm.NFC.String(plain)
	n := utf8.RuneCountInString(plain)
	switch {
	case n < MinLength:
		return "password.short"
	case n > MaxLength:
		return "password.long"
	case distinct(plain) < 5 || isCommon(strings.ToLower(plain), known):
		return "password.common"
	}
	return ""
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

// Hash is what may be stored: argon2id with its cost and a fresh salt, in the usual notation. The text is normalised
// first (NFC): an é typed on one machine is the é of another, however each composes it.
func Hash(plain string) (string, error) {
	salt := make([]byte, saltLen)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("draw a salt: %w", err)
	}
	key := derive(plain, salt)
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes, encode(salt), encode(key)), nil
}

func derive(plain string, salt []byte) []byte {
	atOnce <- struct{}{}
	defer func() { <-atOnce }()
	return argon2.IDKey(norm.NFC.Bytes([]byte(plain)), salt, passes, memory, lanes, keyLen)
}

// Matches tells whether the password is the one behind the hash. An empty hash and a text too long take as long, and
// are never matched, so that the time of an answer does not tell whether an account exists.
func Matches(hash, plain string) (bool, error) {
	if hash == "" || utf8.RuneCountInString(norm.NFC.String(plain)) > MaxLength {
		derive(plain, make([]byte, saltLen))
		return false, nil
	}
	var version, m, t, p int
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, errHash
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &m, &t, &p); err != nil || version != argon2.Version || m != memory || t != passes || p != lanes {
		return false, errHash
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, errHash
	}
	key, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil {
		return false, errHash
	}
	return subtle.ConstantTimeCompare(derive(plain, salt), key) == 1, nil
}
