package reports_test

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/models/sample"
	"enveloppe/reports"
	"enveloppe/templates/words"
)

// reviewed is a register with something for every part of a review, and the review itself.
func reviewed() (models.Facts, models.Review) {
	f := facts()
	f.Organisation.KeptFrom = day("2025-01-01")
	f.Services[0].Access = models.Access{Export: models.ExtentNone, Offline: models.ExtentFull, TrainPlanned: 1050, TrainDone: 800}
	f.Services[1].ExportEvery, f.Services[1].ClosesOn = 30, day("2027-06-30")
	f.Services[2].Access = models.Access{SecondAdmin: claire, Offline: models.ExtentPart}
	f.Subscriptions[2].FixedUntil = day("2027-03-01")
	f.Subscriptions[1].Terms = append(f.Subscriptions[1].Terms, models.Terms{ID: 390, From: day("2027-10-01"), Price: money.Euros(13000), Seats: 1})
	f.Envelopes = append(f.Envelopes, models.Envelope{ID: 511, Year: 2025, Ceiling: money.Euros(20000)})
	f.Envelopes[0].Shares = []models.Share{{FunctionID: dataAccess, Ceiling: money.Euros(10000)}}
	f.Decisions = []models.Decision{
		{ID: 700, ServiceID: dropbox, Kind: models.Keep, On: day("2025-12-01"), By: claire, Reason: "Indispensable."},
		{ID: 701, ServiceID: domain, Kind: models.Keep, On: day("2026-03-01"), By: claire, Reason: "Notre nom,\r\net notre site."},
		{ID: 702, ServiceID: domain, Kind: models.Replace, On: day("2026-09-01"), ReplacedBy: "Gandi"},
		{ID: 703, ServiceID: domain, Kind: models.Drop, On: day("2027-01-01"), By: claire, Reason: "plus tard"},
	}
	return f, models.Review{
		Year: 2026, Summary: "Une année tenue.\r\n\r\nRien n’a manqué à l’équipe (→ voir 硬盘).", Outlook: "Quitter Gandi ?",
		Notes: []models.ReviewNote{{ServiceID: dropbox, Text: "À revoir au-dessus de 120 €."}}, NextFloor: money.Euros(30000), NextCeiling: money.Euros(50000),
	}
}

var reviewDay = day("2026-11-24")

func document(t testing.TB, r *models.Register, v models.Review, on cal.Date) (reports.ReviewDocument, []byte) {
	t.Helper()
	d := reports.NewReviewDocument(r, v, on)
	b, err := d.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return d, b
}

func pdf(t testing.TB, d reports.ReviewDocument, lang words.Lang) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := reports.WriteReviewPDF(&b, d, words.In(lang)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGoldenReview(t *testing.T) {
	f, v := reviewed()
	v.ClosedOn, v.ClosedBy = reviewDay, claire
	d, b := document(t, models.NewRegister(f), v, reviewDay)
	golden(t, "review.json", b)
	for _, lang := range words.Langs() {
		told, err := json.MarshalIndent(reports.TellReview(d, words.In(lang)), "", " ")
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "review-"+string(lang)+".json", append(told, '\n'))
	}
}

// The sample's review of last year, with everything in it: what it says must be found on its pages.
func TestPagesSayEverything(t *testing.T) {
	f, v := reviewed()
	today := day("2026-11-24")
	s := sample.Association(today, models.French, today.Time(time.UTC))
	draft := models.Review{Year: 2026}
	closed := s.Reviews[0]
	closed.ClosedOn, closed.ClosedBy = sample.ReviewClosedOn(s, today), s.People[0].ID
	for name, d := range map[string]reports.ReviewDocument{
		"rich":   reports.NewReviewDocument(models.NewRegister(f), v, reviewDay),
		"draft":  reports.NewReviewDocument(models.NewRegister(s), draft, today),
		"closed": reports.NewReviewDocument(models.NewRegister(s), closed, closed.ClosedOn),
		"empty":  reports.NewReviewDocument(models.NewRegister(models.Facts{Organisation: f.Organisation}), draft, today),
	} {
		for _, lang := range words.Langs() {
			t.Run(name+" "+string(lang), func(t *testing.T) {
				b := pdf(t, d, lang)
				if again := pdf(t, d, lang); !bytes.Equal(b, again) {
					t.Error("the same review is other bytes")
				}
				said := readers(t, b)
				told := reports.TellReview(d, words.In(lang))
				if d.Result.Forecast.IsZero() {
					told.Months = nil // said in one sentence
				}
				for _, text := range textsOf(told) {
					for reader, page := range said {
						if !strings.Contains(page, squeezed(text)) {
							t.Errorf("%s does not find %q", reader, text)
						}
					}
				}
				if d.ClosedOn.IsZero() == strings.Contains(said["parser"], "sha-256") {
					t.Error("a hash belongs on a closed review, and on no other")
				}
			})
		}
	}
}

// textsOf are all texts of a review, wherever in it.
func textsOf(told reports.ReviewText) []string {
	b, err := json.Marshal(told)
	if err != nil {
		panic(err)
	}
	var tree any
	if err := json.Unmarshal(b, &tree); err != nil {
		panic(err)
	}
	var all []string
	var walk func(key string, x any)
	walk = func(key string, x any) {
		switch x := x.(type) {
		case string:
			if !slices.Contains([]string{"Lang", "Class", "Draft"}, key) {
				all = append(all, x)
			}
		case []any:
			for _, y := range x {
				walk(key, y)
			}
		case map[string]any:
			for k, y := range x {
				if _, place := x["Text"]; k != "Name" || !place || len(x) > 2 { // the name of a place in a sentence is not said
					walk(k, y)
				}
			}
		}
	}
	walk("", tree)
	return all
}

// squeezed leaves out what a page need not keep: spaces, by which lines are broken, capitals, and letters that no face has.
func squeezed(text string) string {
	text = strings.ReplaceAll(strings.ToLower(text), "硬盘", "??")
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \u00a0\u202f\u2060\n\r\t\f", r) {
			return -1
		}
		return r
	}, text)
}

// readers are the texts of a PDF as programs that know nothing of each other read it: a parser of its own, below, and
// pdftotext where this machine has it, which the checks before a merge see to.
func readers(t *testing.T, b []byte) map[string]string {
	t.Helper()
	said := map[string]string{"parser": squeezed(parsed(t, b))}
	path, err := exec.LookPath("pdftotext")
	if err != nil {
		if os.Getenv("ENVELOPPE_REQUIRE_PDFTOTEXT") != "" {
			t.Fatal("pdftotext is wanted, and there is none: install poppler-utils")
		}
		t.Log("THE PAGES ARE NOT READ BY pdftotext: install poppler-utils")
	} else {
		cmd := exec.CommandContext(t.Context(), path, "-raw", "-enc", "UTF-8", "-", "-")
		cmd.Stdin = bytes.NewReader(b)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("pdftotext: %v", err)
		}
		said["pdftotext"] = squeezed(string(out))
	}
	return said
}

var (
	streams = regexp.MustCompile(`(?s)<<[^>]*/Length (\d+)[^>]*>>\s*stream\r?\n`)
	shown   = regexp.MustCompile(`(?s)BT [^(]*\(((?:[^\\)]|\\.)*)\) Tj ET`)
)

// parsed are the texts shown in a PDF, in the order they are drawn: two bytes a letter, big end first.
func parsed(t *testing.T, b []byte) string {
	t.Helper()
	var all strings.Builder
	for _, m := range streams.FindAllSubmatchIndex(b, -1) {
		n, err := strconv.Atoi(string(b[m[2]:m[3]]))
		if err != nil || m[1]+n > len(b) {
			t.Fatalf("a stream of %d bytes", n)
		}
		r, err := zlib.NewReader(bytes.NewReader(b[m[1] : m[1]+n]))
		if err != nil {
			continue // not compressed: no page
		}
		page, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range shown.FindAllSubmatch(page, -1) {
			raw := unescaped(s[1])
			units := make([]uint16, len(raw)/2)
			for i := range units {
				units[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
			}
			all.WriteString(string(utf16.Decode(units)))
		}
	}
	return all.String()
}

func unescaped(s []byte) []byte {
	var out []byte
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
			if s[i] == 'r' {
				out = append(out, '\r')
				continue
			}
		}
		out = append(out, s[i])
	}
	return out
}

func TestDocumentIsReadBack(t *testing.T) {
	f, v := reviewed()
	d, b := document(t, models.NewRegister(f), v, reviewDay)
	back, err := reports.ParseReviewDocument(b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d, back, cmp.AllowUnexported(money.Amount{}, cal.Date{})); diff != "" {
		t.Errorf("(-written +read)\n%s", diff)
	}
	if again, err := back.JSON(); err != nil || !bytes.Equal(b, again) {
		t.Errorf("written again as other bytes, %v", err)
	}
	for _, lang := range words.Langs() {
		if !bytes.Equal(pdf(t, d, lang), pdf(t, back, lang)) {
			t.Errorf("the pages of the document read back differ in %s", lang)
		}
	}
	if _, err := reports.ParseReviewDocument([]byte(`{"format":2}`)); !errors.Is(err, reports.ErrReviewFormat) {
		t.Errorf("another form: %v", err)
	}
	if _, err := reports.ParseReviewDocument(b[:len(b)/2]); err == nil {
		t.Error("half a document is read")
	}
}

// What is frozen is the draft of that moment with the signature, and a register that changes afterwards does not reach it.
func TestFrozenIsWhatWasSeen(t *testing.T) {
	f, v := reviewed()
	frozen, err := reports.FreezeReview(models.NewRegister(f), v, claire, reviewDay)
	if err != nil {
		t.Fatal(err)
	}
	kept := slices.Clone(frozen.Document)
	d, err := reports.ParseReviewDocument(frozen.Document)
	if err != nil || d.ClosedOn != reviewDay || d.ClosedBy != "Claire Morel" {
		t.Fatalf("closed on %v by %q, %v", d.ClosedOn, d.ClosedBy, err)
	}
	draft, _ := document(t, models.NewRegister(f), v, reviewDay)
	draft.ClosedOn, draft.ClosedBy = d.ClosedOn, d.ClosedBy
	if diff := cmp.Diff(draft, d, cmp.AllowUnexported(money.Amount{}, cal.Date{})); diff != "" {
		t.Errorf("frozen is not what was seen:\n%s", diff)
	}
	for lang, in := range map[models.Lang]words.Lang{models.French: words.FR, models.English: words.EN} {
		if !bytes.Equal(frozen.PDFs[lang], pdf(t, d, in)) || !strings.Contains(readers(t, frozen.PDFs[lang])["parser"], models.DocumentHash(kept)) {
			t.Errorf("the pages in %s are not the document's, or do not say its hash", lang)
		}
	}
	f.Services[0].Name, f.Organisation.Name, f.People[0].Name = "X", "X", "X"
	f.Subscriptions[0].Terms[0].Price, f.Payments = money.Euros(1), nil
	if !bytes.Equal(frozen.Document, kept) {
		t.Error("the frozen document follows the register")
	}
}

// Of any register, in any year: the document is read back as it was, its figures sum, and its pages can be written.
func TestReviewsOfAnyRegister(t *testing.T) {
	facts := facts()
	rapid.Check(t, func(t *rapid.T) {
		f := facts
		on := day("2024-01-01").AddDays(rapid.IntRange(0, 1500).Draw(t, "day"))
		if rapid.Bool().Draw(t, "at month end") {
			on = on.MonthEnd()
		}
		f.Organisation.YearStart = cal.YearStart{Month: time.Month(rapid.IntRange(1, 12).Draw(t, "start")), Day: 1}
		year := f.Organisation.YearStart.YearOf(on).Number() - rapid.IntRange(0, 2).Draw(t, "back")
		d := reports.NewReviewDocument(models.NewRegister(f), models.Review{Year: year}, on)
		b, err := d.JSON()
		if err != nil {
			t.Fatal(err)
		}
		back, err := reports.ParseReviewDocument(b)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(d, back, cmp.AllowUnexported(money.Amount{}, cal.Date{})); diff != "" {
			t.Fatalf("(-written +read)\n%s", diff)
		}
		months, functions, services := money.Zero(money.EUR), money.Zero(money.EUR), money.Zero(money.EUR)
		for _, m := range d.Months {
			months = months.Add(m.Sum())
		}
		for _, x := range d.Functions {
			functions = functions.Add(x.Cost)
		}
		for _, s := range d.Services {
			services = services.Add(s.Cost)
		}
		if forecast := d.Result.Forecast; months != forecast || functions != forecast || services != forecast {
			t.Fatalf("%v is %v by month, %v by function, %v by service", forecast, months, functions, services)
		}
		if err := reports.WriteReviewPDF(io.Discard, d, words.In(words.FR)); err != nil {
			t.Fatal(err)
		}
	})
}
