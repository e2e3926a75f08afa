package statement

import (
	"crypto/sha256"
	"encoding/base64"
	"strconv"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// keys gives the lines of one file their keys. Hashes rather than texts: a file of 200 000 lines is remembered in a few
// megabytes.
type keys struct {
	seen map[[16]byte]uint32
	room []byte
}

func newKeys() *keys { return &keys{seen: map[[16]byte]uint32{}} }

// ofText gives the key of a line for which the bank has no reference: two files that overlap hold whole days, so that
// the equal lines of a day are as many in both.
func (k *keys) ofText(day cal.Date, amount money.Amount, label string) string {
	k.begin('t', day, amount)
	h := k.hash(label)
	k.seen[h]++
	return k.text(h, k.seen[h])
}

// ofReference gives the key of a line that the bank has a reference for, within an account of the file's. Day and amount
// belong to it because some banks count their references from one in every file. ok is false when the file had the same
// line before. Lines of one reference that differ in their labels are two.
func (k *keys) ofReference(account, reference string, day cal.Date, amount money.Amount, label string) (key string, ok bool) {
	k.begin('r', day, amount)
	k.room = append(append(k.room, account...), 0)
	plain := k.hash(reference)
	k.room = append(append(k.room, reference...), 0)
	full := k.hash(label)
	k.seen[full]++
	if k.seen[full] > 1 {
		return "", false
	}
	if k.seen[plain]++; k.seen[plain] == 1 {
		return k.text(plain, 1), true
	}
	return k.text(full, 1), true
}

// begin starts a key's text with what every key holds.
func (k *keys) begin(kind byte, day cal.Date, amount money.Amount) {
	k.room = append(k.room[:0], kind)
	k.room = strconv.AppendInt(k.room, int64(day.Year()*10_000+int(day.Month())*100+day.Day()), 10)
	k.room = append(k.room, ' ')
	k.room = strconv.AppendInt(k.room, amount.Units(), 10)
	k.room = append(append(k.room, amount.Currency()...), 0)
}

// hash ends the text for the time of one hash.
func (k *keys) hash(end string) [16]byte {
	n := len(k.room)
	k.room = append(k.room, end...)
	h := sha256.Sum256(k.room)
	k.room = k.room[:n]
	return [16]byte(h[:16])
}

// text writes a key: 22 characters, and the number of the line among its equals from the second on.
func (k *keys) text(h [16]byte, n uint32) string {
	b := base64.RawURLEncoding.AppendEncode(make([]byte, 0, 32), h[:])
	if n > 1 {
		b = strconv.AppendUint(append(b, '.'), uint64(n), 10)
	}
	return string(b)
}

// usableReference tells whether a bank's reference names a line at all: some write 0, or that there is none.
func usableReference(s string) bool {
	if len(s) < 4 {
		return false
	}
	switch fold(s) {
	case "nonref", "notprovided", "none", "null":
		return false
	}
	for i := range len(s) {
		if s[i] != '0' {
			return true
		}
	}
	return false
}
