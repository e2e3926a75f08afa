package models

import "time"

// Passkey is a key kept by a phone, a computer or a security key, which signs an account in by itself: its owner proves
// to the device who they are. Nothing of it is secret here.
type Passkey struct {
	ID         ID // among all passkeys
	Account    AccountID
	Name       string // its owner's
	Credential []byte // what the device calls it
	PublicKey  []byte // COSE
	Model      []byte // AAGUID of the device that made it; 16 bytes
	Transports []string
	SignCount  uint32 // how often the device says it was used; 0 for devices that do not count
	MayTravel  bool   // it can be copied to its owner's other devices, which never changes
	Travelled  bool   // it is
	AddedAt    time.Time
	UsedAt     time.Time // zero before the first time
}

// CheckPasskeyName says what is wrong with the name of a passkey.
func CheckPasskeyName(name string) Invalid {
	var v Invalid
	checkName(&v, "name", name)
	return v
}

// Factors are what an account proves itself by, a password aside.
type Factors struct {
	TOTPSetAt  time.Time // since when codes of an app are asked for after the password; zero for not
	CodesLeft  int       // recovery codes not used yet
	CodesSetAt time.Time
	Passkeys   []Passkey // in the order they were added
}

// HasTOTP tells whether codes of an app are asked for after the password.
func (f Factors) HasTOTP() bool { return !f.TOTPSetAt.IsZero() }
