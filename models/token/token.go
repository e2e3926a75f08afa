// Package token writes and recognises the secrets that programs sign in with.
package token

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"hash/crc32"
	"math/big"
	"strings"

	"enveloppe/models"
)

// The text of a token is env_<scope>_<secret><checksum>: a beginning that scanners of source code look for, and a
// checksum by which they, and we, tell a token from anything else without asking anybody.
const (
	prefix      = "env_"
	secretLen   = 43 // 32 bytes in 62 signs
	checksumLen = 6  // 32 bits in 62 signs
)

// Pattern matches every token, for scanners of secrets.
const Pattern = `env_(read|write|calendar)_[0-9A-Za-z]{49}`

const signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// New draws a token; only the hash of it is to be kept.
func New(scope models.TokenScope) (text string, hash [32]byte) {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // it never fails: a system without randomness stops the program
	text = prefix + string(scope) + "_" + base62(secret[:], secretLen)
	text += checksum(text)
	return text, sha256.Sum256([]byte(text))
}

// Parse tells the scope and the hash of what may be a token; false for anything that is none, mistyped or cut.
func Parse(text string) (scope models.TokenScope, hash [32]byte, ok bool) {
	rest, ours := strings.CutPrefix(text, prefix)
	kind, signed, cut := strings.Cut(rest, "_")
	if !ours || !cut || len(signed) != secretLen+checksumLen {
		return "", hash, false
	}
	for _, s := range models.Scopes {
		if kind == string(s) {
			scope = s
		}
	}
	body := len(text) - checksumLen
	if scope == "" || text[body:] != checksum(text[:body]) {
		return "", hash, false
	}
	return scope, sha256.Sum256([]byte(text)), true
}

func checksum(text string) string {
	sum := binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(text)))
	return base62(sum, checksumLen)
}

// base62 writes a number in so many signs.
func base62(number []byte, length int) string {
	n, base, digit := new(big.Int).SetBytes(number), big.NewInt(int64(len(signs))), new(big.Int)
	text := make([]byte, length)
	for i := length - 1; i >= 0; i-- {
		n.DivMod(n, base, digit)
		text[i] = signs[digit.Int64()]
	}
	return string(text)
}
