package models

import "time"

// AuditEntry is one change of the register: who, when, what, before and after. Entries are only ever added.
type AuditEntry struct {
	ID       ID
	Revision int64 // of the organisation, after the change
	At       time.Time
	By       ID // 0 for the program itself
	ByName   string
	From     string // address it came from, "job" or "command line"; empty for what is older than this field
	Verb     string // what was done: "subscription.cancel"
	Kind     string // of the record: "subscription"
	Subject  ID
	Name     string   // what people call the record
	Changes  []Change // fields that differ, in the order of the record
	Hash     [32]byte // of the entry before and of everything this one says
}

// Change is one field before and after, as plain text.
type Change struct {
	Field  string `json:"field"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}
