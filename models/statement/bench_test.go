package statement_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"enveloppe/models/cal"
	"enveloppe/models/statement"
)

// manyMovements are those of some years of a busy account.
func manyMovements(n int) []movement {
	first := cal.MustNew(2016, 1, 1)
	out := make([]movement, n)
	for i := range out {
		out[i] = movement{first.AddDays(i * 3650 / n), int64(i*7919%500_000) - 400_000, fmt.Sprintf("PAIEMENT CB %04d DROPBOX*K%d DUBLIN IE CARTE 1234", i%3112, i)}
	}
	return out
}

// heapPeak watches the heap while run runs, and tells the most of it above what stood there before.
func heapPeak(run func()) (megabytes float64) {
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var done atomic.Bool
	peak := make(chan uint64)
	go func() {
		var most uint64
		for tick := time.NewTicker(2 * time.Millisecond); !done.Load(); <-tick.C {
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapInuse)
		}
		peak <- most
	}()
	run()
	done.Store(true)
	return float64(max(<-peak, before.HeapInuse)-before.HeapInuse) / (1 << 20)
}

func benchmarkRead(b *testing.B, content []byte, lines int) {
	h, err := statement.Inspect(content, nil)
	if err != nil || h.Count != lines {
		b.Fatalf("%v, %d lines", err, h.Count)
	}
	read := func() {
		n := 0
		err := statement.Read(content, h.Layout, func(statement.Line) error { n++; return nil }, nil, nil)
		if err != nil || n != lines {
			b.Fatalf("%v, %d lines", err, n)
		}
	}
	peak := heapPeak(read) // apart: watching stops the world
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		read()
	}
	b.ReportMetric(peak, "peak-MB")
	b.ReportMetric(float64(lines), "lines")
}

func csvOf(n int, e statement.Encoding) []byte {
	s := style{encoding: e, comma: ";", order: statement.DMY, separator: "/", mark: ",", group: " ", header: 1, split: true}
	var b strings.Builder
	for i, m := 0, manyMovements(n); i < n; i += 1000 { // write copies what it has for each row
		part := string(s.write(m[i:min(n, i+1000)]))
		if i > 0 {
			_, part, _ = strings.Cut(part, "\n")
		}
		b.WriteString(part)
	}
	return []byte(b.String())
}

func BenchmarkReadCSV(b *testing.B) { benchmarkRead(b, csvOf(100_000, statement.UTF8), 100_000) }

func BenchmarkReadCSV1252(b *testing.B) {
	benchmarkRead(b, csvOf(100_000, statement.Windows1252), 100_000)
}

func BenchmarkReadOFX(b *testing.B) { benchmarkRead(b, ofxOf(manyMovements(100_000), true), 100_000) }

func BenchmarkReadCAMT(b *testing.B) { benchmarkRead(b, camtOf(manyMovements(80_000), true), 80_000) }

func BenchmarkInspectCSV(b *testing.B) {
	content := csvOf(100_000, statement.UTF8)
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := statement.Inspect(content, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkInspectOneMonth(b *testing.B) {
	content := load(b, "testdata/caisse-epargne.csv")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := statement.Inspect(content, nil); err != nil {
			b.Fatal(err)
		}
	}
}
