package store

import (
	"log/slog"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
)

// Options say which file to open.
type Options struct {
	Path   string
	Logger *slog.Logger // told of migrations; nil for nobody
	// Issuer is the provider whose identities sign in, as it names itself; empty for none. Those of another one, as
	// before a change of settings, are kept and count for nothing.
	Issuer string
}

// Founding is what the first run writes: the organisation and the director who can sign in.
type Founding struct {
	Organisation models.Organisation
	Director     models.Person
	PasswordHash string
	Envelope     *models.Envelope // of the first year; nil when none is set yet
	Functions    []models.Function
	At           time.Time
}

// ServiceEntry is what the form that adds a service holds: the service, and all that is known of it at once.
type ServiceEntry struct {
	Service      models.Service
	NewVendor    models.Vendor // found by name, or added, when it has one
	Plan         models.Plan
	Subscription *models.Subscription  // nil for a service only considered; with one Terms
	Rate         *models.ReferenceRate // typed beside a foreign price
	Proposal     models.ID             // the proposal it is registered for; 0 for none
}

// Switch is a change of plan: the subscription ends on a day and another takes over on that day.
type Switch struct {
	Subscription models.ID
	Version      int64
	Plan         models.ID
	On           cal.Date
	Terms        models.Terms // From is On, whatever it says
	Reason       string
}

// AuditFilter narrows the audit log; zero values narrow nothing.
type AuditFilter struct {
	Kind    string
	Subject models.ID
	By      models.ID
	// ByProgram asks for what nobody did: the command line and the jobs.
	ByProgram    bool
	Since, Until time.Time                    // the second is no longer in it
	Before       models.ID                    // entries older than this one, for paging
	Keep         func(models.AuditEntry) bool // which of them; nil for all
	Limit        int                          // for Audit 100 when 0; for EachAudit none
}

// Credential is what signing in compares with, and where it leads.
type Credential struct {
	Account      models.AccountID
	Email        string
	PasswordHash string // empty for an account without a password
	HasTOTP      bool   // a code is asked for after the password
	Memberships  []Membership
}

// Reset is an account that sets a new password by a link.
type Reset struct {
	Credential
	Clears bool // its passkeys, its app and its recovery codes go
}

// Membership is an account as a person of one organisation.
type Membership struct {
	Organisation, Person   models.ID
	OrganisationName, Name string
	Role                   models.Role
	Lang                   models.Lang
}

// Session is a sign-in to remember: only the token's hash is stored.
type Session struct {
	TokenHash            [32]byte
	Account              models.AccountID
	Organisation, Person models.ID // it looks at
	CreatedAt, ExpiresAt time.Time
	FreshAt              time.Time // when its owner last proved who they are
	Agent, Address       string
}

// SessionInfo is one of an account's sessions.
type SessionInfo struct {
	ID                           models.ID // says nothing of the token
	TokenHash                    [32]byte
	CreatedAt, SeenAt, ExpiresAt time.Time
	Agent, Address               string
}

// Visit is who makes a request, and the organisation's revision at that moment.
type Visit struct {
	Account              models.AccountID
	Organisation, Person models.ID
	Memberships          int // organisations the account can switch between
	Name                 string
	Role                 models.Role
	Lang                 models.Lang
	Revision             int64
	SessionID            models.ID
	CreatedAt            time.Time // the session began
	SeenAt, ExpiresAt    time.Time
	FreshAt              time.Time // when its owner last proved who they are
}

// Invited is an open invitation as its guest reads it.
type Invited struct {
	models.Invitation
	OrganisationName, Name string
	Role                   models.Role
	Lang                   models.Lang
	Account                models.AccountID // that has the address already; 0 for a newcomer
}

// JobRun is one run of a scheduled job.
type JobRun struct {
	Job        string
	Slot       string // the moment it was due, which it is claimed by
	At         time.Time
	FinishedAt time.Time // zero while it runs, or when it was cut short
	Outcome    string
	Detail     string
}
