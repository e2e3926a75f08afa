package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// knocker signs in with a wrong password, again and again, at the site itself: no wire between, and a clock that moves
// on so that no limit is met.
func knocker(t testing.TB, s *site) func(email string) time.Duration {
	h := s.web.Handler()
	return func(email string) time.Duration {
		s.later(2 * knockWindow)
		form := url.Values{"email": {email}, "password": {"certainly not the one"}}
		r := httptest.NewRequest(http.MethodPost, "/sign-in", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		rec := httptest.NewRecorder()
		began := time.Now() //nolint:forbidigo // what is measured is real time
		h.ServeHTTP(rec, r)
		took := time.Since(began) //nolint:forbidigo // likewise
		if rec.Code != http.StatusUnprocessableEntity {
			t.Fatalf("%s: status %d", email, rec.Code)
		}
		return took
	}
}

// apart tells whether one of two samples is longer than chance explains, by the rank-sum test of Mann and Whitney, and
// by how many percent their medians differ. 3.29 is a chance of one in a thousand.
func apart(a, b []time.Duration) (beyondChance bool, percent int) {
	type one struct {
		took time.Duration
		of   int
	}
	var all []one
	for _, d := range a {
		all = append(all, one{d, 0})
	}
	for _, d := range b {
		all = append(all, one{d, 1})
	}
	slices.SortFunc(all, func(x, y one) int { return cmp.Compare(x.took, y.took) })
	rank := 0
	for i, x := range all {
		if x.of == 0 {
			rank += i + 1
		}
	}
	n, m := len(a), len(b)
	u := rank - n*(n+1)/2
	// z = (u − nm/2) / √(nm(n+m+1)/12), compared squared and in whole numbers.
	off := 2*u - n*m
	beyondChance = 1000*3*off*off > 10824*n*m*(n+m+1)
	median := func(list []time.Duration) time.Duration {
		list = slices.Clone(list)
		slices.Sort(list)
		return list[len(list)/2]
	}
	x, y := median(a), median(b)
	return beyondChance, int(100 * (max(x, y) - min(x, y)) / min(x, y))
}

func TestApart(t *testing.T) {
	var even, odd, later []time.Duration
	for i := range 20 {
		even, odd, later = append(even, time.Duration(100+2*i)), append(odd, time.Duration(101+2*i)), append(later, time.Duration(200+i))
	}
	if chance, _ := apart(even, odd); chance {
		t.Error("two samples of one kind are said to be apart")
	}
	if chance, percent := apart(even, later); !chance || percent < 50 {
		t.Errorf("two samples of two kinds are said to be alike: %v, %d %%", chance, percent)
	}
}

// How long an answer takes does not tell whether an account exists, nor whether its owner has left. Samples are taken in
// turn, so that what else the machine does falls on all alike; a difference counts when it is beyond chance, larger
// than a network would hide, and there three times out of three.
func TestTheTimeOfSigningInTellsNothing(t *testing.T) {
	s := newSite(t)
	p := withPassword(t, s)
	knock := knocker(t, s)
	knock(p.Email)
	const size, rounds = 14, 3
	for round := 1; ; round++ {
		var known, unknown, noAddress []time.Duration
		for i := range size {
			known = append(known, knock(p.Email))
			unknown = append(unknown, knock(fmt.Sprintf("nobody%d@example.org", round*size+i)))
			noAddress = append(noAddress, knock("x"))
		}
		found := ""
		for name, sample := range map[string][]time.Duration{"an unknown address": unknown, "no address": noAddress} {
			if chance, percent := apart(known, sample); chance && percent > 20 {
				found = fmt.Sprintf("%s is told by time: %d %% apart (known %v, other %v)", name, percent, known, sample)
			}
		}
		if found == "" {
			return
		}
		if round == rounds {
			t.Fatal(found)
		}
	}
}

func BenchmarkSignInRefused(b *testing.B) {
	s := newSite(b)
	known := s.withPassword(testPassword).Email
	knock := knocker(b, s)
	for name, email := range map[string]string{"known": known, "unknown": "nobody@example.org"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				knock(email)
			}
		})
	}
}
