package statement

import (
	"slices"

	"enveloppe/models/money"
)

// Inspect tells what a file seems to be and what reading it would give. known is the layout of the account's earlier
// files: it is taken when it fits, its header found again wherever it stands. The error is an *Unreadable. A CSV file
// in which no line is found is none: its Count is 0 and its Layout waits for corrections.
func Inspect(content []byte, known *Layout) (Head, error) {
	kind, err := sniff(content)
	if err != nil {
		return Head{}, err
	}
	if kind.format != CSV {
		l := Layout{}
		if known != nil {
			l.Account = known.Account
		}
		return inspectAccounts(content, kind, l)
	}
	if known != nil {
		if l, ok := known.fitted(content, kind.encoding); ok {
			return Preview(content, l)
		}
	}
	l, table := detect(content, kind.encoding)
	if !table && l.Day == 0 {
		return Head{}, &Unreadable{Rule: UnreadableUnknown}
	}
	if known != nil {
		l.Account = known.Account
	}
	return Preview(content, l)
}

// Preview is Inspect with the layout as it stands, however little it fits: what somebody who corrects it must see. With
// a layout that cannot be read by, which Check tells, the file's rows are shown and no lines.
func Preview(content []byte, l Layout) (Head, error) {
	kind, err := sniff(content)
	if err != nil {
		return Head{}, err
	}
	if kind.format != CSV {
		return inspectAccounts(content, kind, l)
	}
	if !slices.Contains(Encodings, l.Encoding) {
		l.Encoding = kind.encoding
	}
	if !slices.Contains(Delimiters, l.Delimiter) {
		l.Delimiter = Delimiters[0]
	}
	h := Head{Format: CSV, Layout: l, Currency: l.Currency}
	width := h.showRows(content)
	h.Columns = make([]string, width)
	if at := slices.Index(h.RowLines, l.Header); at >= 0 {
		copy(h.Columns, h.Rows[at])
	} else if l.Header > 0 {
		copy(h.Columns, l.Names)
	}
	if len(l.Check(width)) > 0 {
		return h, nil
	}
	err = h.fill(content, l)
	return h, err
}

// inspectAccounts reads a file that says by itself how it is to be read. A remembered account that it does not hold
// counts for nothing.
func inspectAccounts(content []byte, kind sniffed, l Layout) (Head, error) {
	h := Head{Format: kind.format, Layout: Layout{Account: l.Account}}
	err := h.fill(content, h.Layout)
	if err == nil && l.Account != "" && !slices.ContainsFunc(h.Accounts, func(a Account) bool { return a.Number == l.Account }) {
		h = Head{Format: kind.format}
		err = h.fill(content, h.Layout)
	}
	if err != nil {
		return Head{}, err
	}
	return h, nil
}

// fill reads the whole file and notes what a head says of it.
func (h *Head) fill(content []byte, l Layout) error {
	found := accounts{chosen: l.Account}
	err := read(content, l, &found, func(line Line) error {
		if h.Count++; len(h.Lines) < shownRows {
			h.Lines = append(h.Lines, line)
		}
		h.span(line.Day)
		return nil
	}, func(f Fault) {
		if h.FaultCount++; len(h.Faults) < shownFaults {
			h.Faults = append(h.Faults, f)
		}
	}, nil)
	if err != nil {
		return err
	}
	if len(h.Lines) > 0 {
		h.Currency = h.Lines[0].Amount.Currency()
	}
	if h.Accounts = found.list; l.Account != "" || len(found.list) == 1 {
		h.Account = l.Account
		if l.Account == "" {
			h.Account = found.list[0].Number
		}
	}
	if h.Format == CSV && len(h.Accounts) == 0 {
		if number := h.titleAccount(); number != "" {
			h.Account, h.Accounts = number, []Account{{Number: number, Currency: h.Currency, Count: h.Count}}
		}
	}
	return nil
}

// showRows takes the file's first rows and tells how many cells the widest of its beginning has.
func (h *Head) showRows(content []byte) int {
	plain, e := plainBytes(content[:min(len(content), sampleBytes)], h.Layout.Encoding)
	s := takeSample(plain, e, h.Layout.Delimiter)
	n := min(len(s.rows), shownRows)
	h.Rows, h.RowLines = make([][]string, n), s.lines[:n:n]
	for i, row := range s.rows[:n] {
		h.Rows[i] = make([]string, len(row))
		for j, cell := range row {
			h.Rows[i][j] = cut(cell, maxLabel)
		}
	}
	return s.width
}

// fitted gives the layout as it fits a new file of the same bank: the header where it stands now. ok is false when the
// file is another one.
func (l Layout) fitted(content []byte, e Encoding) (Layout, bool) {
	if len(l.Check(0)) > 0 {
		return l, false
	}
	// A layout made for one encoding must not spell a file in another wrongly; only 1252 and 8859-15 look alike.
	if single := []Encoding{Windows1252, Latin9}; !slices.Contains(single, e) || !slices.Contains(single, l.Encoding) {
		l.Encoding = e
	}
	plain, encoding := plainBytes(content, l.Encoding)
	s := takeSample(plain, encoding, l.Delimiter)
	if len(l.Check(s.width)) > 0 {
		return l, false
	}
	if len(trimRow(l.Names)) > 0 {
		at := slices.IndexFunc(s.rows, func(row []string) bool { return slices.Equal(trimRow(row), trimRow(l.Names)) })
		if at < 0 {
			return l, false
		}
		l.Header = s.lines[at]
		return l, true
	}
	return l, countIn(content, l) > 0
}

// Read gives each line of the file to each, in the file's order, and each line that cannot be read to bad. An error of
// each stops it and comes back as it is; otherwise the error is an *Unreadable, which may also come after lines were
// given: they are then to be forgotten. progress is told, now and then and at the end, how many bytes are done. bad and
// progress may be nil. Of the layout OFX and CAMT take Account only.
func Read(content []byte, l Layout, each func(Line) error, bad func(Fault), progress func(done, total int)) error {
	return read(content, l, nil, each, bad, progress)
}

// accounts gathers the accounts that a file names, with the lines of each.
type accounts struct {
	list   []Account
	chosen string
	at     int // of the account at hand
}

// turn makes an account the one at hand.
func (a *accounts) turn(number string, c money.Currency) {
	if a.at < len(a.list) && a.list[a.at].Number == number {
		return
	}
	if a.at = slices.IndexFunc(a.list, func(x Account) bool { return x.Number == number }); a.at < 0 {
		a.at = len(a.list)
		a.list = append(a.list, Account{Number: number, Currency: c})
	}
}

// sink is where a reader of a format puts what it reads.
type sink struct {
	each     func(Line) error
	bad      func(Fault)
	progress func(done, total int)
	accounts *accounts // nil when nobody asks
	total    int
	told     int // lines told since the last progress
	count    int
}

// progressEvery is how many lines or faults lie between two reports of progress.
const progressEvery = 500

var errTooManyLines = &Unreadable{Rule: UnreadableTooLarge}

func (s *sink) line(line Line, done int) error {
	if err := s.step(done); err != nil {
		return err
	}
	return s.each(line)
}

func (s *sink) fault(f Fault, done int) error {
	if err := s.step(done); err != nil {
		return err
	}
	if s.bad != nil {
		s.bad(f)
	}
	return nil
}

func (s *sink) step(done int) error {
	if s.count++; s.count > MaxLines {
		return errTooManyLines
	}
	if s.told++; s.told >= progressEvery && s.progress != nil {
		s.told = 0
		s.progress(done, s.total)
	}
	return nil
}

// of notes that a line belongs to an account.
func (s *sink) of(number string, c money.Currency) {
	if s.accounts != nil {
		s.accounts.turn(number, c)
		s.accounts.list[s.accounts.at].Count++
	}
}

func read(content []byte, l Layout, found *accounts, each func(Line) error, bad func(Fault), progress func(done, total int)) error {
	kind, err := sniff(content)
	if err != nil {
		return err
	}
	s := &sink{each: each, bad: bad, progress: progress, accounts: found, total: len(content)}
	switch kind.format {
	case OFX:
		err = readOFX(content, kind.encoding, l.Account, s)
	case CAMT:
		err = readCAMT(content, kind.encoding, l.Account, s)
	default:
		err = readCSV(content, l, s)
	}
	if err == nil && progress != nil {
		progress(s.total, s.total)
	}
	return err
}

func readCSV(content []byte, l Layout, s *sink) error {
	if len(l.Check(0)) > 0 {
		return &Unreadable{Rule: UnreadableLayout}
	}
	r := newRows(content, l)
	s.total = len(r.table.content)
	r.found = s.accounts
	for {
		line, fault, what, more := r.next()
		if !more {
			return nil
		}
		var err error
		if what == isLine {
			err = s.line(line, r.table.at)
		} else {
			err = s.fault(fault, r.table.at)
		}
		if err != nil {
			return err
		}
	}
}
