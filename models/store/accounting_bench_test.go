package store

import (
	"fmt"
	"runtime"
	"sync"
	"testing"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// peak watches the memory of the program while something runs, and tells how far above its beginning it has been.
func peak(do func(sample func())) uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	from, most := m.HeapInuse, m.HeapInuse
	var mu sync.Mutex
	do(func() {
		mu.Lock()
		defer mu.Unlock()
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapInuse)
	})
	return most - from
}

// BenchmarkImportStatement is a bank's file of 100 000 lines brought into an empty account; known is the same file again.
func BenchmarkImportStatement(b *testing.B) {
	const lines = 100_000
	content := statementText(lines)
	run := func(b *testing.B, h *house, want int) {
		b.Helper()
		var most uint64
		for b.Loop() {
			b.StopTimer()
			id := h.stage(content)
			if want > 0 {
				h.ok(h.writer.Exec("DELETE FROM bank_lines").Error)
			}
			b.StartTimer()
			most = max(most, peak(func(sample func()) {
				im, err := h.ImportStatement(h.ctx, h.by, id, func(_, _ int) { sample() })
				if err != nil || im.Added != want {
					b.Fatalf("imported %+v, %v", im, err)
				}
			}))
		}
		b.ReportMetric(float64(most)/(1<<20), "peak-MB")
		b.ReportMetric(float64(len(content))/(1<<20), "file-MB")
		b.ReportMetric(lines*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
	}
	h := houseOf(b, furniture(), pdf)
	b.Run("new", func(b *testing.B) {
		b.ReportAllocs()
		run(b, h, lines)
	})
	b.Run("known", func(b *testing.B) {
		b.ReportAllocs()
		run(b, h, 0)
	})
}

// manyPayments is the sample with n payments, a tenth of them of invoices over two services.
func manyPayments(n int) models.Facts {
	f := sample()
	for i := range n {
		p := models.Payment{
			ID: models.ID(100 + i), ServiceID: dropbox, PaidOn: day("2016-01-01").AddDays(i % 3650), InvoiceNumber: fmt.Sprint("F", i),
			VendorName: "Dropbox International", Country: "IE", Foreign: true, Billed: money.Euros(int64(100 + i%5000)), Account: "6511",
			RecordedAt: noon, RecordedBy: nadia,
		}
		p.Period = cal.Span{From: p.PaidOn, To: p.PaidOn.AddMonths(1)}
		if i%20 < 2 {
			p.InvoiceID = models.ID(100 + i - i%20)
		}
		f.Payments = append(f.Payments, p.Settle(f.Organisation.VATStatusOn(p.PaidOn)))
	}
	return f
}

func BenchmarkRegisterOf50000Payments(b *testing.B) {
	h := houseOf(b, manyPayments(50_000))
	b.Run("cold", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			h.cache = newCache()
			h.reg()
		}
	})
	b.Run("refresh", func(b *testing.B) {
		b.ReportAllocs()
		h.reg()
		for b.Loop() {
			b.StopTimer()
			h.id(h.RecordPayment(h.ctx, h.by, models.Payment{ServiceID: dropbox, PaidOn: today, Billed: money.Euros(100)}, today))
			b.StartTimer()
			h.reg()
		}
	})
}

// BenchmarkConfirmMatches confirms 200 lines at once, beside so many payments.
func BenchmarkConfirmMatches(b *testing.B) {
	for _, n := range []int{100, 50_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			f := manyPayments(n)
			f.BankAccounts = furniture().BankAccounts
			h := houseOf(b, f)
			next := models.ID(10_000_000)
			for b.Loop() {
				b.StopTimer()
				matches := make([]models.Match, 200)
				for i := range matches {
					next++
					h.line(bankLineRow{ID: next, Day: today, Amount: amountOf(money.Euros(-1000)), Label: "PRLV DROPBOX"})
					matches[i] = models.Match{Line: next, ServiceID: dropbox}
				}
				h.reg()
				b.StartTimer()
				if done, err := h.ConfirmMatches(h.ctx, h.by, matches, today); err != nil || done != 200 {
					b.Fatal(done, err)
				}
			}
		})
	}
}
