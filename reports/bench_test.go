package reports_test

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/reports"
)

// many is a year of so many payments.
func many(n int) *models.Register {
	f := facts()
	f.Payments = f.Payments[:0]
	for i := range n {
		p := models.Payment{
			ID: models.ID(1000 + i), ServiceID: []models.ID{dropbox, domain, maps}[i%3], PaidOn: day("2026-01-01").AddDays(i * 7919 % 365),
			InvoiceNumber: "F-2026-" + strconv.Itoa(i), VendorName: "Dropbox International", Country: "IE", Foreign: i%3 == 0,
			Billed: money.Euros(int64(100 + i%9973)), Account: "6511",
		}
		p.Period = cal.Span{From: p.PaidOn, To: p.PaidOn.AddMonths(12)}
		if i%2 == 0 {
			p.Billed, p.Rate, p.RateSource = money.Cents(int64(100+i%9973), "USD"), rate("1.0714"), models.RateECB
		}
		f.Payments = append(f.Payments, p.Settle(models.VATStatus{Kind: models.NoDeduction}))
	}
	return models.NewRegister(f)
}

// counter counts what is written, and in how many pieces.
type counter struct{ bytes, writes int }

func (c *counter) Write(b []byte) (int, error) {
	c.bytes += len(b)
	c.writes++
	return len(b), nil
}

// yearFiles are the files a year of payments is written to.
var yearFiles = []string{reports.Journal, reports.FEC, reports.Paheko, reports.Invoices, reports.Prepaid, reports.Workbook}

func TestFilesAreStreamed(t *testing.T) {
	r := many(5_000)
	for _, kind := range yearFiles[:4] {
		var c counter
		if err := reports.Export(kind, &c, r, reports.Whole(year2026), cal.Date{}, reports.Options{}); err != nil {
			t.Fatal(err)
		}
		if c.writes < c.bytes/(70<<10) || c.writes < 10 {
			t.Errorf("%s: %d bytes in %d writes", kind, c.bytes, c.writes)
		}
	}
}

// What an export takes grows with the payments and no faster: a year of 50 000 stays within what a small machine has.
func TestAllocationsAreBounded(t *testing.T) {
	const payments = 2_000
	r := many(payments)
	for kind, most := range map[string]float64{reports.Journal: 40, reports.FEC: 130, reports.Invoices: 40} {
		got := testing.AllocsPerRun(2, func() {
			if err := reports.Export(kind, &counter{}, r, reports.Whole(year2026), cal.Date{}, reports.Options{}); err != nil {
				t.Fatal(err)
			}
		})
		if per := got / payments; per > most {
			t.Errorf("%s: %v allocations a payment", kind, per)
		}
	}
}

// BenchmarkExport writes a year of 50 000 payments, and says how much memory lived at once beside the register.
func BenchmarkExport(b *testing.B) {
	r := many(50_000)
	for _, kind := range yearFiles {
		for _, closing := range []bool{false, true} {
			if file, _ := reports.FileOf(kind); closing && !file.Entries {
				continue
			}
			b.Run(fmt.Sprintf("%s/closing=%v", kind, closing), func(b *testing.B) {
				b.ReportAllocs()
				write := func() {
					var c counter
					if err := reports.Export(kind, &c, r, reports.Whole(year2026), day("2026-11-23"), reports.Options{Closing: closing}); err != nil {
						b.Fatal(err)
					}
					b.SetBytes(int64(c.bytes))
				}
				peak := highest(write)
				for b.Loop() {
					write()
				}
				b.ReportMetric(float64(peak)/(1<<20), "peak-MB")
			})
		}
	}
}

// highest is how many bytes were in use at most while something ran, above what was before; what is no longer used is
// collected at once, so that it is what the work needs rather than what the collector leaves.
func highest(run func()) uint64 {
	defer debug.SetGCPercent(debug.SetGCPercent(1))
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before := m.HeapAlloc
	var stop atomic.Bool
	done := make(chan uint64)
	go func() {
		most, tick := before, time.NewTicker(2*time.Millisecond)
		defer tick.Stop()
		for !stop.Load() {
			<-tick.C
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
		done <- most
	}()
	run()
	stop.Store(true)
	return <-done - before
}
