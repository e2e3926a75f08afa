package models

import (
	"slices"
	"testing"
	"time"

	"enveloppe/models/cal"
)

// What was recorded after a file was handed out is told by the day of its entry, which is where the accountant will
// look for it.
func TestWhatCameSinceAnExport(t *testing.T) {
	at := func(on string) time.Time { return day(on).Time(time.UTC).Add(9 * time.Hour) }
	march := cal.Inclusive(day("2026-03-01"), day("2026-03-31"))
	r := ledger(VATStatus{},
		Payment{ID: 10, Billed: eur(10_00), PaidOn: day("2026-03-02"), RecordedAt: at("2026-03-03")},
		Payment{ID: 11, Billed: eur(20_00), PaidOn: day("2026-03-30"), RecordedAt: at("2026-04-05")},                                    // late
		Payment{ID: 12, Billed: eur(30_00), PaidOn: day("2026-04-04"), InvoiceDate: day("2026-03-20"), RecordedAt: at("2026-04-05")},    // an invoice of March
		Payment{ID: 13, Billed: eur(40_00), PaidOn: day("2026-04-04"), RecordedAt: at("2026-04-06")},                                    // of April
		Payment{ID: 14, Billed: eur(50_00), PaidOn: day("2026-03-31"), InvoiceDate: day("2026-02-27"), RecordedAt: at("2026-04-06")},    // an invoice of February
		Payment{ID: 15, Billed: eur(60_00), PaidOn: day("2025-12-31"), RecordedAt: at("2026-04-06"), InvoiceDate: day("2025-12-30")},    // of the year before
		Payment{ID: 16, Billed: dollars(5_00), PaidOn: day("2026-03-31"), RecordedAt: at("2026-04-07"), InvoiceDate: day("2026-03-31")}, // not converted yet
	)
	since := func(in cal.Span, kinds ...string) (ids []ID) {
		for _, p := range r.SinceExport(in, kinds...) {
			ids = append(ids, p.ID)
		}
		return ids
	}
	year := r.Organisation.YearStart.Year(2026).Span()
	if got := since(year, "journal", "fec"); got != nil {
		t.Errorf("nothing was handed out yet, so nothing is late: %v", got)
	}
	r.Exports = []ExportMark{{ID: 20, Kind: "journal", Span: march, ThroughID: 10}}
	for _, c := range []struct {
		name  string
		in    cal.Span
		kinds []string
		want  []ID
	}{
		{"of March", march, []string{"journal", "fec"}, []ID{11, 12, 16}},
		{"of the year: only March was handed out", year, []string{"journal", "fec"}, []ID{11, 12, 16}},
		{"another kind of file was not", march, []string{"fec"}, nil},
	} {
		if got := since(c.in, c.kinds...); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	r.Exports = append(r.Exports, ExportMark{ID: 21, Kind: "fec", Span: year, ThroughID: 12})
	if got := since(year, "journal", "fec"); !slices.Equal(got, []ID{13, 14, 16}) {
		t.Errorf("after a later export of the year: %v", got)
	}
}
