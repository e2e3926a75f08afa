package reports_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"enveloppe/models"
	"enveloppe/models/sample"
	"enveloppe/reports"
	"enveloppe/templates/words"
)

// anAmount is a figure with decimals, a currency, or the sign of one.
var anAmount = regexp.MustCompile(`\d[.,]\d\d|[€$£%]|\b(EUR|USD)\b`)

// visible is what a reader of the HTML sees.
func visible(page string) string {
	_, body, _ := strings.Cut(page, "<body")
	return regexp.MustCompile(`<[^>]*>`).ReplaceAllString("<body"+body, " ")
}

func TestStaffWithoutAmountsReadNone(t *testing.T) {
	for _, lang := range []models.Lang{models.French, models.English} {
		f := sample.Association(day("2026-11-23"), lang, time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
		own := facts() // with prices in dollars and a change of price
		own.Payments = nil
		for name, f := range map[string]models.Facts{"sample": f, "own": own} {
			w := words.In(words.Lang(lang))
			to := f.People[0]
			to.Role = models.Staff
			for _, month := range []string{"2026-12-01", "2027-03-01", "2027-07-01"} {
				f.Organisation.StaffWithoutAmounts = false
				d := reports.NewDigest(models.NewRegister(f), day(month), day("2026-11-23"), to, base, changes)
				text, page := written(t, d, w)
				if !anAmount.MatchString(text) || !anAmount.MatchString(visible(page)) {
					t.Fatalf("%s %s: no amount to leave out\n%s", name, month, text)
				}
				f.Organisation.StaffWithoutAmounts = true
				d = reports.NewDigest(models.NewRegister(f), day(month), day("2026-11-23"), to, base, changes)
				text, page = written(t, d, w)
				title, short, _ := d.Short(w)
				for where, said := range map[string]string{"subject": d.Subject(w), "text": text, "page": visible(page), "title": title, "short": short} {
					if found := anAmount.FindString(said); found != "" {
						t.Errorf("%s %s %s: the %s holds %q\n%s", name, lang, month, where, found, said)
					}
				}
				if len(d.Decide) > 0 && !strings.Contains(text, "/decisions") {
					t.Errorf("%s %s: what is to be decided is gone", name, month)
				}
			}
		}
	}
}

func TestDigestInShort(t *testing.T) {
	d := december(open())
	title, body, href := d.Short(words.In(words.FR))
	if title != d.Subject(words.In(words.FR)) || href != base+"/digest?month=2026-12" {
		t.Errorf("%q, %q", title, href)
	}
	lines := strings.Split(body, "\n")
	if len(lines) < 4 || len(lines) > 10 || !strings.HasPrefix(lines[1], "Vous finirez l’année") || !strings.Contains(body, "\n• ") {
		t.Errorf("%s", body)
	}
	for _, all := range samples(t) {
		if _, body, _ := all.Short(words.In(words.EN)); len(body) > 2000 || body == "" || strings.Contains(body, "\n\n") {
			t.Errorf("%d bytes:\n%s", len(body), body)
		}
	}
}
