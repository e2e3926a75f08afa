package models

import "enveloppe/models/cal"

// Access is what is known of a service besides its cost: what would be lost without it, whether it serves where there is
// no coverage, who was trained on it, and what personal data its vendor holds.
type Access struct {
	Export       Extent // whether its data can be taken out
	ExportHow    string
	ExportedBy   ID     // who took it out last
	ExportKept   string // where the copy is kept
	SecondAdmin  ID     // who else can administer it; 0 for nobody
	ReplacedBy   string // what takes its place once it closes, or could
	Offline      Extent // whether it works without coverage: ExtentPart is for reading only
	TrainPlanned Hours
	TrainDone    Hours
	Referent     ID // whom one asks; 0 for nobody

	Personal      Extent   // whether it holds personal data; ExtentPart for contact details alone
	PersonalWhose string   // whose and which, in words
	Purpose       string   // what the data are processed for
	DPAOn         cal.Date // the day its agreement on processing (GDPR art. 28) was accepted; zero while it was not
	DPAWhere      string   // where the agreement is found
	Hosting       string   // countries where the data lie, in words
	Transfer      Transfer // what allows them to leave the European Union
	KeptFor       string   // how long they are kept
}

// Extent is how far something goes.
type Extent string

// The extents.
const (
	ExtentUnknown Extent = ""
	ExtentNone    Extent = "no"
	ExtentPart    Extent = "part"
	ExtentFull    Extent = "full"
)

// Transfer is what personal data leave the European Union by (GDPR chapter V).
type Transfer string

// The bases of a transfer.
const (
	TransferUnknown  Transfer = ""
	TransferNone     Transfer = "none"     // they do not leave
	TransferAdequacy Transfer = "adequacy" // a decision of adequacy, the Data Privacy Framework among them
	TransferClauses  Transfer = "clauses"  // standard contractual clauses
	TransferOther    Transfer = "other"
)
