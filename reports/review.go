package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Review is the kind of file that holds the pages of an annual review.
const Review = "review"

// reviewFormat numbers the form of ReviewDocument, so that one frozen long ago is read as it was written.
const reviewFormat = 1

// ErrReviewFormat is answered for a document of another form than this program reads.
var ErrReviewFormat = errors.New("the review is written in a form this program does not read")

// ReviewDocument is the review of a fiscal year with everything it says: plain figures, days, kinds, texts and names, so
// that nothing that happens in the register afterwards changes it. Amounts are in euros unless their currency says
// otherwise; every amount is written, for one of nothing is not none.
type ReviewDocument struct {
	Format       int        `json:"format"`
	Organisation string     `json:"organisation"`
	SIREN        string     `json:"siren,omitzero"`
	Sample       bool       `json:"sample,omitzero"` // of the invented association
	Year         ReviewYear `json:"year"`
	Day          cal.Date   `json:"day"` // figures are as known on it

	ClosedOn cal.Date `json:"closed_on,omitzero"` // zero for a draft
	ClosedBy string   `json:"closed_by,omitzero"`

	Summary string `json:"summary,omitzero"`
	Outlook string `json:"outlook,omitzero"`

	Result    ReviewResult     `json:"result"`
	Months    []ReviewMonth    `json:"months"`
	Functions []ReviewFunction `json:"functions,omitzero"`
	Change    ReviewChange     `json:"change"`
	Services  []ReviewService  `json:"services,omitzero"` // in use during the year, by function and name
	Next      ReviewNext       `json:"next"`
	Risks     ReviewRisks      `json:"risks"`
	Open      []ReviewOpen     `json:"open,omitzero"`
}

// ReviewYear is a fiscal year: its first and its last day, and how it is called.
type ReviewYear struct {
	Label string   `json:"label"`
	From  cal.Date `json:"from"`
	Last  cal.Date `json:"last"`
}

// Over tells whether a day lies after the year.
func (y ReviewYear) Over(day cal.Date) bool { return day.After(y.Last) }

// Span is the days of the year.
func (y ReviewYear) Span() cal.Span { return cal.Inclusive(y.From, y.Last) }

// Fiscal is the year as the calendar knows it.
func (y ReviewYear) Fiscal() cal.FiscalYear { return cal.FiscalYear{Start: y.From} }

// ReviewResult is where the year stands against its envelope. Floor and Ceiling are none without one.
type ReviewResult struct {
	Status    models.Status `json:"status"`
	Floor     money.Amount  `json:"floor"`
	Ceiling   money.Amount  `json:"ceiling"`
	Spent     money.Amount  `json:"spent"`
	Due       money.Amount  `json:"due"`
	Committed money.Amount  `json:"committed"`
	Locked    money.Amount  `json:"locked"`
	Avoidable money.Amount  `json:"avoidable"`
	Forecast  money.Amount  `json:"forecast"`
	Complete  bool          `json:"complete"` // nothing is left out for want of a rate
	CrossedOn cal.Date      `json:"crossed_on,omitzero"`
	CrossedBy string        `json:"crossed_by,omitzero"` // service
	Headcount int           `json:"headcount,omitzero"`  // salaried people
	PerHead   money.Amount  `json:"per_head"`
	Paid      int           `json:"paid"` // services in use on the day, with a premium plan
	InUse     int           `json:"in_use"`
}

// ReviewMonth is a month of the year; Total is cumulated.
type ReviewMonth struct {
	From      cal.Date     `json:"from"`
	Spent     money.Amount `json:"spent"`
	Due       money.Amount `json:"due"`
	Committed money.Amount `json:"committed"`
	Total     money.Amount `json:"total"`
}

// Sum is the month's own cost.
func (m ReviewMonth) Sum() money.Amount { return m.Spent.Add(m.Due).Add(m.Committed) }

// ReviewFunction is what one function costs in the year; Name is empty for services whose function is not known.
type ReviewFunction struct {
	Name  string       `json:"name"`
	Share money.Amount `json:"share"` // what it might cost; none when nothing was said
	Cost  money.Amount `json:"cost"`
}

// ReviewChange is why the year costs more or less than the one before.
type ReviewChange struct {
	From     ReviewYear            `json:"from"`
	Before   money.Amount          `json:"before"`
	After    money.Amount          `json:"after"`
	Change   money.Amount          `json:"change"`
	Complete bool                  `json:"complete"`
	KeptFrom cal.Date              `json:"kept_from,omitzero"` // first day of the register, when it lies after the first of the year before
	Parts    []ReviewPart          `json:"parts,omitzero"`
	Services []ReviewServiceChange `json:"services,omitzero"`
}

// Comparable tells whether the register reaches into the year before and something is in one of the two.
func (c ReviewChange) Comparable() bool {
	return len(c.Services) > 0 && (c.KeptFrom.IsZero() || !c.From.Over(c.KeptFrom))
}

// ReviewPart is one reason of a difference, told with what a service bought before and after.
type ReviewPart struct {
	Kind    models.PartKind `json:"kind"`
	Amount  money.Amount    `json:"amount"`
	Charges int             `json:"charges,omitzero"`
	Was     ReviewBought    `json:"was,omitzero"`
	Now     ReviewBought    `json:"now,omitzero"`
	On      cal.Date        `json:"on,omitzero"`
}

// ReviewBought is what one charge bought.
type ReviewBought struct {
	Plan  string       `json:"plan,omitzero"`
	Every int          `json:"every,omitzero"`
	Unit  cal.Unit     `json:"unit,omitzero"`
	Price money.Amount `json:"price"`
	Seats int          `json:"seats,omitzero"`
	EUR   money.Amount `json:"eur"`
}

// ReviewServiceChange is one service's share of the difference.
type ReviewServiceChange struct {
	Name   string       `json:"name"`
	Before money.Amount `json:"before"`
	After  money.Amount `json:"after"`
	Parts  []ReviewPart `json:"parts,omitzero"`
}

// ReviewService is one service in use during the year.
type ReviewService struct {
	ID        models.ID        `json:"id"`
	Name      string           `json:"name"`
	Function  string           `json:"function,omitzero"`
	Vendor    string           `json:"vendor,omitzero"`
	Country   string           `json:"country,omitzero"`
	Plan      string           `json:"plan,omitzero"` // of the last subscription of the year
	Tier      models.Tier      `json:"tier,omitzero"`
	Price     money.Amount     `json:"price"` // of a period, and of one place where places are paid for one by one
	Every     int              `json:"every,omitzero"`
	Unit      cal.Unit         `json:"unit,omitzero"`
	PerSeat   bool             `json:"per_seat,omitzero"`
	Seats     int              `json:"seats,omitzero"` // paid for one by one; 0 where they are not
	Held      int              `json:"held,omitzero"`
	Since     cal.Date         `json:"since,omitzero"`  // first day of use, when it lies in the year
	EndedOn   cal.Date         `json:"ended,omitzero"`  // last day of use, when it lies in the year
	EndsOn    cal.Date         `json:"ending,omitzero"` // last day of use, when it lies after the year
	Cost      money.Amount     `json:"cost"`
	Complete  bool             `json:"complete"`
	Decisions []ReviewDecision `json:"decisions,omitzero"` // of the year, in order
	Standing  ReviewDecision   `json:"standing,omitzero"`  // the last one before, when there is none of the year
	Note      string           `json:"note,omitzero"`      // the director's words
}

// ReviewDecision is what was decided of a service.
type ReviewDecision struct {
	Kind       models.DecisionKind `json:"kind"`
	On         cal.Date            `json:"on"`
	By         string              `json:"by,omitzero"`
	Reason     string              `json:"reason,omitzero"`
	ReplacedBy string              `json:"replaced_by,omitzero"`
	Seats      int                 `json:"seats,omitzero"`
}

// ReviewNext is the year after, as known on the day.
type ReviewNext struct {
	Year            ReviewYear        `json:"year"`
	RunRate         money.Amount      `json:"run_rate"` // of the twelve months after the day
	RunRateComplete bool              `json:"run_rate_complete"`
	Forecast        money.Amount      `json:"forecast"`
	Complete        bool              `json:"complete"`
	Locked          []ReviewRenewal   `json:"locked,omitzero"`
	Announced       []ReviewAnnounced `json:"announced,omitzero"`
	// What is proposed: by the director, or else what follows from the forecast. Ceiling is none for nothing.
	Floor      money.Amount          `json:"floor"`
	Ceiling    money.Amount          `json:"ceiling"`
	Chosen     bool                  `json:"chosen,omitzero"` // by the director
	Why        models.ProposalReason `json:"why"`             // of what follows from the forecast
	Calculated ReviewEnvelope        `json:"calculated,omitzero"`
}

// ReviewEnvelope is an envelope's two ends.
type ReviewEnvelope struct {
	Floor   money.Amount `json:"floor"`
	Ceiling money.Amount `json:"ceiling"`
}

// ReviewRenewal is a charge that cannot be prevented any more.
type ReviewRenewal struct {
	Service  string       `json:"service"`
	On       cal.Date     `json:"on"`
	DecideBy cal.Date     `json:"decide_by"`
	Cost     money.Amount `json:"cost"` // in euros, or as invoiced when there was no rate
}

// ReviewAnnounced is a change known of ahead.
type ReviewAnnounced struct {
	Kind     models.AnnouncedKind `json:"kind"`
	Service  string               `json:"service"`
	On       cal.Date             `json:"on"`
	Was      money.Amount         `json:"was"`
	Now      money.Amount         `json:"now"`
	SeatsWas int                  `json:"seats_was,omitzero"`
	Seats    int                  `json:"seats,omitzero"`
	PlanWas  string               `json:"plan_was,omitzero"`
	PlanNow  string               `json:"plan_now,omitzero"`
}

// ReviewRisks is what is known of the three limits: data, coverage and training, of the services in use on the day.
type ReviewRisks struct {
	InUse   int      `json:"in_use"`
	NoWay   []string `json:"no_way,omitzero"`  // their data cannot be taken out
	Late    []string `json:"late,omitzero"`    // not taken out for longer than is wanted
	Closing []string `json:"closing,omitzero"` // about to be ended by their vendor
	Alone   int      `json:"alone,omitzero"`   // with a cost or data to take out, and no second administrator

	Offline        []string `json:"offline,omitzero"` // serve without coverage
	Reading        []string `json:"reading,omitzero"` // for reading
	OnlineOnly     int      `json:"online_only,omitzero"`
	OfflineUnknown int      `json:"offline_unknown,omitzero"`

	Planned models.Hours `json:"planned,omitzero"` // hundredths of an hour of training
	Done    models.Hours `json:"done,omitzero"`
	Behind  []string     `json:"behind,omitzero"` // services whose training is not done
}

// OpenKind is what is left to settle of a year.
type OpenKind string

// What is left open.
const (
	OpenUnpaid      OpenKind = "unpaid"      // a charge nobody recorded a payment of
	OpenUnconverted OpenKind = "unconverted" // an amount without a rate, in no total
	OpenNoInvoice   OpenKind = "no_invoice"  // a payment without its invoice
)

// ReviewOpen is one thing left open.
type ReviewOpen struct {
	Kind    OpenKind     `json:"kind"`
	Service string       `json:"service"`
	On      cal.Date     `json:"on"`
	Amount  money.Amount `json:"amount"`
}

// JSON writes the document, the same bytes for the same document.
func (d ReviewDocument) JSON() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(d); err != nil {
		return nil, fmt.Errorf("write the review: %w", err)
	}
	return b.Bytes(), nil
}

// ParseReviewDocument reads what JSON wrote.
func ParseReviewDocument(document []byte) (ReviewDocument, error) {
	var d ReviewDocument
	if err := json.Unmarshal(document, &d); err != nil {
		return ReviewDocument{}, fmt.Errorf("read the review: %w", err)
	}
	if d.Format != reviewFormat {
		return ReviewDocument{}, fmt.Errorf("%w: %d", ErrReviewFormat, d.Format)
	}
	return d, nil
}
