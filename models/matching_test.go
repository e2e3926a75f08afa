package models

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"enveloppe/models/cal"
	"enveloppe/models/money"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// bankable is a register of services with names of their own, and charges around 2026; nothing is recorded yet.
func bankable(change func(*Facts)) *Register {
	f := Facts{Organisation: association()}
	f.Rates = []ReferenceRate{
		{ID: 900, Currency: usd, Day: day("2025-12-31"), Rate: rate("1.10"), Source: RateTyped},
		{ID: 901, Currency: "CHF", Day: day("2025-12-31"), Rate: rate("0.95"), Source: RateTyped},
	}
	f.Vendors = []Vendor{
		{ID: 10, Name: "Dropbox International Unlimited Company", Country: "IE"},
		{ID: 11, Name: "OVH SAS", Country: "FR"},
		{ID: 12, Name: "Google Ireland Limited", Country: "IE"},
		{ID: 13, Name: "MeisterLabs GmbH", Country: "DE"},
		{ID: 14, Name: "Zoom Communications, Inc.", Country: "US"},
		{ID: 15, Name: "Spotify AB", Country: "SE"},
	}
	add := func(id ID, name string, vendor ID, price money.Amount, c cal.Cadence, anchor string) {
		f.Services = append(f.Services, Service{ID: id, Name: name, VendorID: vendor})
		f.Plans = append(f.Plans, Plan{ID: id + 100, ServiceID: id, Name: "Formule", Tier: Premium, Price: price, Cadence: c})
		f.Subscriptions = append(f.Subscriptions, Subscription{
			ID: id + 200, ServiceID: id, PlanID: id + 100, StartedOn: day(anchor), Anchor: day(anchor), Cadence: c, AutoRenew: true,
			Terms: []Terms{{ID: id + 300, From: day(anchor), Price: price, Seats: 1}},
		})
	}
	add(20, "Dropbox", 10, dollars(9900), cal.Yearly, "2025-03-10")
	add(21, "OVHcloud hébergement", 11, eur(1199), cal.Monthly, "2025-06-05")
	add(22, "Google Workspace", 12, eur(690), cal.Monthly, "2025-01-31")
	add(23, "Google One", 12, eur(690), cal.Monthly, "2025-01-31")
	add(24, "MindMeister", 13, eur(2940), cal.Yearly, "2025-04-20")
	add(25, "Zoom", 14, eur(1399), cal.Monthly, "2025-02-15")
	add(26, "Spotify", 15, eur(1399), cal.Monthly, "2025-02-15")
	add(27, "Veille", 0, dollars(1000), cal.Cadence{Every: 1, Unit: cal.Week}, "2026-01-02")
	if change != nil {
		change(&f)
	}
	return NewRegister(f)
}

// bankLine is one that took so many cents on a day.
func bankLine(id ID, on string, cents int64, label string) BankLine {
	return BankLine{ID: id, AccountID: 1, Day: day(on), Amount: eur(-cents), Label: label}
}

// inShort is a proposal in short: what it is for, and whether it is sure.
func inShort(p Proposal) string {
	s := fmt.Sprintf("%d=%d", p.Line.ID, p.ServiceID)
	if p.PaymentID != 0 {
		s += fmt.Sprintf(" payment %d", p.PaymentID)
	}
	if !p.Charge.On.IsZero() {
		s += " " + p.Charge.On.String()
	}
	if p.Charge.On.IsZero() && !p.Billed.IsNone() {
		s += " " + p.Billed.String()
	}
	if p.Sure {
		s += " sure"
	}
	return s
}

func allTold(m Matching) string {
	var all []string
	for _, p := range m.Proposals {
		all = append(all, inShort(p))
	}
	return strings.Join(all, "; ")
}

func TestMatch(t *testing.T) {
	t.Parallel()
	recorded := func(p Payment) func(*Facts) {
		return func(f *Facts) {
			p.ServiceID = cmp.Or(p.ServiceID, 25)
			f.Payments = append(f.Payments, p.Settle(VATStatus{Kind: NotTaxable}))
		}
	}
	for _, c := range []struct {
		name   string
		change func(*Facts)
		habits Habits
		lines  []BankLine
		want   string
	}{
		{name: "nothing"},
		{name: "named, exact, on its day", lines: []BankLine{bankLine(1, "2026-02-15", 1399, "CB ZOOM.US 888-799-9666")}, want: "1=25 2026-02-15 sure"},
		{name: "two of one price told apart by name", lines: []BankLine{
			bankLine(1, "2026-02-16", 1399, "PAYPAL *SPOTIFY 35314369001"), bankLine(2, "2026-02-16", 1399, "CB ZOOM.US"),
		}, want: "1=26 2026-02-15 sure; 2=25 2026-02-15 sure"},
		{name: "two of one price that nothing tells apart", lines: []BankLine{
			bankLine(1, "2026-02-16", 1399, "PAYPAL EUROPE"), bankLine(2, "2026-02-16", 1399, "PAYPAL EUROPE"),
		}, want: "1=25 2026-02-15; 2=26 2026-02-15"},
		{name: "two of one vendor and one price", lines: []BankLine{bankLine(1, "2026-02-28", 690, "GOOGLE IRELAND")}, want: "1=22 2026-02-28"},
		{name: "of which the label names one", lines: []BankLine{bankLine(1, "2026-02-28", 690, "GOOGLE *ONE DUBLIN")}, want: "1=23 2026-02-28 sure"},
		{
			name: "of which habit knows one", habits: Habits{Services: map[string]ID{LabelKey("GOOGLE *GSUITE_asso.fr"): 22}},
			lines: []BankLine{bankLine(1, "2026-03-02", 690, "GOOGLE *GSUITE_asso.fr")}, want: "1=22 2026-02-28 sure",
		},
		{
			name: "habit of who collects for others, two of one price", habits: Habits{Services: map[string]ID{"paypal": 26}},
			lines: []BankLine{bankLine(1, "2026-02-16", 1399, "PAYPAL EUROPE")}, want: "1=26 2026-02-15",
		},
		{
			name: "habit of who collects for others, nothing else of the price", habits: Habits{Services: map[string]ID{"paypal": 24}},
			lines: []BankLine{bankLine(1, "2026-04-20", 2940, "PAYPAL EUROPE"), bankLine(2, "2026-04-21", 2500, "PAYPAL EUROPE")}, want: "1=24 2026-04-20 sure",
		},
		{name: "months in order, both late", lines: []BankLine{
			bankLine(2, "2026-03-18", 1399, "ZOOM.US"), bankLine(1, "2026-02-20", 1399, "ZOOM.US"),
		}, want: "1=25 2026-02-15 sure; 2=25 2026-03-15 sure"},
		{name: "early by three days", lines: []BankLine{bankLine(1, "2026-02-12", 1399, "ZOOM.US")}, want: "1=25 2026-02-15 sure"},
		{name: "early by four", lines: []BankLine{bankLine(1, "2026-02-11", 1399, "ZOOM.US")}},
		{name: "early by four, of a year", lines: []BankLine{bankLine(1, "2026-04-16", 2940, "MINDMEISTER")}},
		{name: "two of one vendor, each two days late", change: func(f *Facts) {
			s := f.Subscriptions[2]
			s.ID, s.ServiceID, s.StartedOn, s.Anchor = 800, 801, day("2025-02-02"), day("2025-02-02")
			f.Subscriptions, f.Services = append(f.Subscriptions, s), append(f.Services, Service{ID: 801, Name: "Google Voice", VendorID: 12})
			f.Subscriptions[3].EndsOn = day("2026-01-01")
		}, lines: []BankLine{bankLine(1, "2026-02-02", 690, "GOOGLE"), bankLine(2, "2026-02-04", 690, "GOOGLE")}, want: "1=22 2026-01-31; 2=801 2026-02-02"},
		{name: "late by ten", lines: []BankLine{bankLine(1, "2026-02-25", 1399, "ZOOM.US")}, want: "1=25 2026-02-15 sure"},
		{name: "late by eleven", lines: []BankLine{bankLine(1, "2026-02-26", 1399, "ZOOM.US")}},
		{name: "by the week: three days late and no more", lines: []BankLine{
			{ID: 1, Day: day("2026-02-09"), Amount: eur(-909), Original: dollars(-1000), Label: "VEILLE"},
			{ID: 2, Day: day("2026-02-12"), Amount: eur(-909), Original: dollars(-1000), Label: "VEILLE"},
		}, want: "1=27 2026-02-06 sure"},
		{name: "cut by the card network", lines: []BankLine{bankLine(1, "2026-04-21", 2940, "CB MINDMEISTE 12/04")}, want: "1=24 2026-04-20 sure"},
		{name: "a reference glued behind", lines: []BankLine{bankLine(1, "2026-03-10", 9000, "DROPBOX*K2JX DUBLIN IRL")}, want: "1=20 2026-03-10 sure"},
		{name: "written on without a blank", lines: []BankLine{bankLine(1, "2026-03-10", 9000, "DROPBOXINTERNATIONAL")}, want: "1=20 2026-03-10 sure"},
		{name: "by the other side only", lines: []BankLine{{ID: 1, Day: day("2026-02-15"), Amount: eur(-1399), Label: "PRLV SEPA 123456", Party: "ZOOM COMMUNICATIONS"}}, want: "1=25 2026-02-15 sure"},
		{name: "dollars at another rate and with a fee", lines: []BankLine{bankLine(1, "2026-03-11", 9310, "DROPBOX*K2JX")}, want: "1=20 2026-03-10 sure"},
		{name: "dollars too far off", lines: []BankLine{bankLine(1, "2026-03-11", 9990, "DROPBOX*K2JX")}, want: "1=20 2026-03-10"},
		{name: "the dollars themselves, whatever the euros", lines: []BankLine{
			{ID: 1, Day: day("2026-03-11"), Amount: eur(-9990), Original: dollars(-9900), Label: "DROPBOX*K2JX"},
		}, want: "1=20 2026-03-10 sure"},
		{name: "other dollars than billed", lines: []BankLine{
			{ID: 1, Day: day("2026-03-11"), Amount: eur(-9000), Original: dollars(-9990), Label: "DROPBOX*K2JX"},
		}, want: "1=20 2026-03-10"},
		{name: "an account in dollars", lines: []BankLine{{ID: 1, Day: day("2026-03-11"), Amount: dollars(-9900), Label: "DROPBOX"}}, want: "1=20 2026-03-10 sure"},
		{name: "a new price", lines: []BankLine{bankLine(1, "2026-02-15", 1599, "ZOOM.US")}, want: "1=25 2026-02-15"},
		{name: "no price of it", lines: []BankLine{bankLine(1, "2026-02-15", 13990, "ZOOM.US")}},
		{name: "an exact amount that nothing names", lines: []BankLine{bankLine(1, "2026-04-20", 2940, "PRLV SEPA TRUCMUCHE")}, want: "1=24 2026-04-20"},
		{
			name: "but not of a service whose label has been learnt", habits: Habits{Services: map[string]ID{"mindmeister": 24}},
			lines: []BankLine{bankLine(1, "2026-04-20", 2940, "PRLV SEPA TRUCMUCHE")},
		},
		{name: "what names another is not taken by its amount", lines: []BankLine{bankLine(1, "2026-04-20", 2940, "CB SPOTIFY")}},
		{
			name: "habit with nothing expected", habits: Habits{Services: map[string]ID{"kiosque presse": 27}},
			lines: []BankLine{bankLine(1, "2026-06-01", 5000, "CB KIOSQUE PRESSE")}, want: "1=27",
		},
		{
			name: "habit of a service that is gone", habits: Habits{Services: map[string]ID{"kiosque presse": 7777}},
			lines: []BankLine{bankLine(1, "2026-06-01", 5000, "CB KIOSQUE PRESSE")},
		},
		{name: "money that comes in", lines: []BankLine{bankLine(1, "2026-02-15", -1399, "REMBT ZOOM.US")}},
		{
			name: "a refund recorded as a credit note", change: recorded(Payment{ID: 500, PaidOn: day("2026-02-20"), Billed: eur(-1399)}),
			lines: []BankLine{bankLine(1, "2026-02-21", -1399, "REMBT ZOOM.US")}, want: "1=25 payment 500 sure",
		},
		{
			name: "recorded by hand", change: recorded(Payment{ID: 500, SubscriptionID: 225, ChargeOn: day("2026-02-15"), PaidOn: day("2026-02-17"), Billed: eur(1399)}),
			lines: []BankLine{bankLine(1, "2026-02-15", 1399, "ZOOM.US")}, want: "1=25 payment 500 sure",
		},
		{
			name: "recorded by hand without its charge", change: recorded(Payment{ID: 500, PaidOn: day("2026-02-17"), Billed: eur(1399)}),
			lines: []BankLine{bankLine(1, "2026-02-15", 1399, "ZOOM.US")}, want: "1=25 payment 500 sure",
		},
		{
			name: "recorded, and its line tied", habits: Habits{Linked: map[ID]bool{500: true}},
			change: recorded(Payment{ID: 500, SubscriptionID: 225, ChargeOn: day("2026-02-15"), PaidOn: day("2026-02-17"), Billed: eur(1399)}),
			lines:  []BankLine{bankLine(1, "2026-02-15", 1399, "ZOOM.US")},
		},
		{name: "recorded and taken back", change: func(f *Facts) {
			recorded(Payment{ID: 500, SubscriptionID: 225, ChargeOn: day("2026-02-15"), PaidOn: day("2026-02-17"), Billed: eur(1399)})(f)
			*f = reverse(*f, 500, 501)
		}, lines: []BankLine{bankLine(1, "2026-02-16", 1399, "ZOOM.US")}, want: "1=25 2026-02-15 sure"},
		{
			name: "recorded in dollars with the debit", change: recorded(Payment{ID: 500, ServiceID: 20, PaidOn: day("2026-03-10"), Billed: dollars(9900), Debited: eur(9212)}),
			lines: []BankLine{bankLine(1, "2026-03-11", 9212, "DROPBOX*K2JX")}, want: "1=20 payment 500 sure",
		},
		{name: "an invoice over three services, by its sum", change: func(f *Facts) {
			recorded(Payment{ID: 500, InvoiceID: 500, ServiceID: 22, PaidOn: day("2026-05-02"), Billed: eur(690)})(f)
			recorded(Payment{ID: 501, InvoiceID: 500, ServiceID: 23, PaidOn: day("2026-05-02"), Billed: eur(691)})(f)
			recorded(Payment{ID: 502, InvoiceID: 500, ServiceID: 21, PaidOn: day("2026-05-02"), Billed: eur(19)})(f)
		}, lines: []BankLine{bankLine(1, "2026-05-04", 1400, "GOOGLE IRELAND")}, want: "1=22 payment 500 sure"},
		{
			name: "what is left of a charge paid in part", change: recorded(Payment{ID: 500, SubscriptionID: 224, ServiceID: 24, ChargeOn: day("2026-04-20"), Part: true, PaidOn: day("2026-01-20"), Billed: eur(1000)}),
			lines: []BankLine{bankLine(1, "2026-04-20", 1940, "MINDMEISTER")}, want: "1=24 2026-04-20 sure",
		},
		{name: "waived", change: func(f *Facts) {
			f.Waivers = []Waiver{{ID: 500, SubscriptionID: 225, ChargeOn: day("2026-02-15"), On: day("2026-02-15")}}
		}, lines: []BankLine{bankLine(1, "2026-02-15", 1399, "ZOOM.US")}},
		{
			name: "closed accounts", change: func(f *Facts) { f.Closings = []Closing{{ID: 500, Through: day("2026-02-28"), On: day("2026-03-05")}} },
			lines: []BankLine{
				bankLine(1, "2026-02-15", 1399, "ZOOM.US"), bankLine(2, "2026-03-15", 1399, "ZOOM.US"), bankLine(3, "2026-03-02", 690, "GOOGLE ONE"),
			}, want: "2=25 2026-03-15 sure",
		},
		{
			name: "the last closed day, for the day after", change: func(f *Facts) { f.Closings = []Closing{{ID: 500, Through: day("2026-02-14"), On: day("2026-03-05")}} },
			lines: []BankLine{bankLine(1, "2026-02-14", 1399, "ZOOM.US")},
		},
		{name: "before the register began", lines: []BankLine{bankLine(1, "2025-12-15", 1399, "ZOOM.US")}},
		{name: "days to come", lines: []BankLine{bankLine(1, "2026-12-15", 1399, "ZOOM.US")}},
		{
			name: "set aside by label, but asked again", habits: Habits{Aside: map[string]bool{"zoom us": true}},
			lines: []BankLine{bankLine(1, "2026-02-15", 1399, "ZOOM.US"), bankLine(2, "2026-03-15", 1599, "ZOOM.US")}, want: "1=25 2026-02-15",
		},
		{name: "one charge and two debits", lines: []BankLine{
			bankLine(1, "2026-02-18", 1399, "ZOOM.US"), bankLine(2, "2026-02-16", 1399, "ZOOM.US"),
		}, want: "2=25 2026-02-15 sure"},
		{name: "the same line twice", lines: []BankLine{
			bankLine(1, "2026-02-16", 1399, "ZOOM.US"), bankLine(1, "2026-02-16", 1399, "ZOOM.US"),
		}, want: "1=25 2026-02-15 sure"},
	} {
		m := bankable(c.change).Match(c.lines, c.habits, today)
		if got := allTold(m); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		ids := map[ID]bool{}
		for _, l := range c.lines {
			ids[l.ID] = true
		}
		if n := len(m.Proposals) + len(m.Rest); n != len(ids) {
			t.Errorf("%s: %d of %d lines are there", c.name, n, len(ids))
		}
	}
}

func TestProposalSays(t *testing.T) {
	t.Parallel()
	r := bankable(nil)
	m := r.Match([]BankLine{
		{ID: 1, Day: day("2026-03-15"), Amount: eur(-9105), Original: dollars(-9900), Label: "DROPBOX*K2JX"},
		bankLine(2, "2026-02-28", 700, "GOOGLE IRELAND"),
		bankLine(3, "2026-04-21", 2940, "MINDMEISTER"),
		{ID: 4, Day: day("2026-03-11"), Amount: eur(-950), Label: "VEILLE"},
	}, Habits{Services: map[string]ID{"mindmeister": 24}}, today)
	type said struct {
		Line        ID
		Match       Match
		Billed, Gap money.Amount
		Reasons     []Reason
		Others      []ID
	}
	var got []said
	for _, p := range m.Proposals {
		s := said{Line: p.Line.ID, Match: p.Match(), Billed: p.Billed, Gap: p.Gap, Reasons: p.Reasons}
		for _, c := range p.Others {
			s.Others = append(s.Others, c.ServiceID)
		}
		got = append(got, s)
	}
	want := []said{
		{Line: 2, Match: Match{Line: 2, ServiceID: 22, SubscriptionID: 222, ChargeOn: day("2026-02-28")}, Gap: eur(10), Reasons: []Reason{ByVendor, ByNearAmount, ByDay}, Others: []ID{23}},
		{Line: 1, Match: Match{Line: 1, ServiceID: 20, SubscriptionID: 220, ChargeOn: day("2026-03-10"), Billed: dollars(9900)}, Billed: dollars(9900), Gap: eur(105), Reasons: []Reason{ByVendor, ByAmount}},
		{Line: 3, Match: Match{Line: 3, ServiceID: 24, SubscriptionID: 224, ChargeOn: day("2026-04-20")}, Gap: eur(0), Reasons: []Reason{ByHabit, ByVendor, ByAmount, ByDay}},
	}
	if d := gocmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if len(m.Rest) != 1 || m.Rest[0].ID != 4 {
		t.Errorf("rest is %v", m.Rest)
	}
}

// debit is the line a bank would write for a charge.
func debit(c Charge, id ID, late int, label string) BankLine {
	l := BankLine{ID: id, AccountID: 1, Day: c.On.AddDays(late), Amount: c.Conversion.EUR.Neg(), Label: label}
	if c.Billed.Currency() != money.EUR {
		l.Original = c.Billed.Neg()
	}
	return l
}

// nouns are names no two of which a label could confuse.
var nouns = strings.Fields("Abricot Bergamote Cardamome Dattier Estragon Fenouil Genievre Hibiscus Igname Jujubier Kumquat Lavande Mandarine Noisette Origan Pamplemousse")

// drawBank draws a register whose services have names of their own, and the debits of its open charges, each as the bank
// would write it; right tells which charge each line is.
func drawBank(t *rapid.T) (r *Register, lines []BankLine, right map[ID]chargeKey, on cal.Date) {
	on = drawDay(t, "today", 2025, 2027)
	f := drawFacts(t, on)
	for i := range f.Services {
		f.Services[i].Name = nouns[i]
	}
	f.Payments, f.Attachments, f.Closings = nil, nil, nil
	f.Organisation.KeptFrom = on.AddDays(-400)
	r = NewRegister(f)
	right = map[ID]chargeKey{}
	id := ID(100_000)
	for _, c := range r.Charges(cal.Span{From: f.Organisation.KeptFrom, To: on.AddDays(-12)}, on) {
		if !r.IsOpen(c) || !c.Conversion.OK() || !c.Conversion.EUR.IsPositive() {
			continue
		}
		s, _ := r.Subscription(c.SubscriptionID)
		early, late := window(s.Cadence, mostEarly)
		sv, _ := r.Service(c.ServiceID)
		name := strings.ToUpper(sv.Name)
		label := rapid.SampledFrom([]string{"CB " + name + " 12/03", name + "*K2JX DUBLIN IRL", "PRLV SEPA " + name + " SAS REF/123", "PAYPAL *" + name}).Draw(t, "label")
		id++
		lines = append(lines, debit(c, id, rapid.IntRange(-early, late).Draw(t, "late"), label))
		right[id] = chargeKey{c.SubscriptionID, c.On}
	}
	return r, lines, right, on
}

func TestMatchingPairsItsOwnCharges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, lines, right, on := drawBank(t)
		m := r.Match(lines, Habits{}, on)
		if len(m.Proposals) != len(lines) {
			t.Fatalf("%d of %d lines paired; rest %v", len(m.Proposals), len(lines), m.Rest)
		}
		for _, p := range m.Proposals {
			if got := (chargeKey{p.Charge.SubscriptionID, p.Charge.On}); got != right[p.Line.ID] || !p.Sure {
				t.Fatalf("line of %v %q is paired with %v, sure %v; %v is right", p.Line.Day, p.Line.Label, got, p.Sure, right[p.Line.ID])
			}
		}
	})
}

// The order of the lines, and lines that have nothing to do with it, change no pair.
func TestMatchingIgnoresOrderAndNoise(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, lines, _, on := drawBank(t)
		whole := r.Match(lines, Habits{}, on)
		mixed := rapid.Permutation(lines).Draw(t, "order")
		same(t, "shuffled", whole, r.Match(mixed, Habits{}, on))
		noise := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) BankLine {
			l := BankLine{
				ID: ID(rapid.IntRange(200_000, 900_000).Draw(t, "id")), Day: drawDay(t, "day", 2024, 2027), Amount: eur(rapid.Int64Range(-50_000, 50_000).Draw(t, "cents")),
				Label: rapid.SampledFrom([]string{"CB BOULANGERIE", "PRLV SEPA EDF", "", "VIR LOYER", "PAYPAL EUROPE", "CARTE X1234"}).Draw(t, "label"),
			}
			if len(lines) > 0 && rapid.Bool().Draw(t, "same amount and day") {
				as := rapid.SampledFrom(lines).Draw(t, "as")
				l.Amount, l.Day = as.Amount, as.Day
			}
			return l
		}), 0, 12).Draw(t, "noise")
		noisy := r.Match(append(mixed, noise...), Habits{}, on)
		got := map[ID]string{}
		for _, p := range noisy.Proposals {
			got[p.Line.ID] = inShort(p)
		}
		for _, p := range whole.Proposals {
			if got[p.Line.ID] != inShort(p) {
				t.Fatalf("%s became %s", inShort(p), got[p.Line.ID])
			}
		}
	})
}

// once fails when something is proposed twice, or a line is lost.
func once(t *rapid.T, m Matching, lines int) {
	t.Helper()
	charges, payments, seen := map[chargeKey]bool{}, map[ID]bool{}, map[ID]int{}
	for _, p := range m.Proposals {
		key := chargeKey{p.Charge.SubscriptionID, p.Charge.On}
		if key != (chargeKey{}) && charges[key] || payments[p.PaymentID] && p.PaymentID != 0 {
			t.Fatalf("%s is proposed twice", inShort(p))
		}
		charges[key], payments[p.PaymentID] = true, true
		seen[p.Line.ID]++
	}
	for _, l := range m.Rest {
		seen[l.ID]++
	}
	for _, c := range m.Recurring {
		for _, l := range c.Lines {
			seen[l.ID]++
		}
	}
	for id, n := range seen {
		if n != 1 {
			t.Fatalf("line %d is there %d times", id, n)
		}
	}
	if len(seen) != lines {
		t.Fatalf("%d of %d lines are there", len(seen), lines)
	}
}

// Whatever the lines, nothing is proposed twice, and what was confirmed is not proposed again.
func TestMatchingIsIdempotent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		on := drawDay(t, "today", 2025, 2027)
		f := drawFacts(t, on)
		for i := range f.Services {
			f.Services[i].Name = nouns[rapid.IntRange(0, 2).Draw(t, "name")]
		}
		r := NewRegister(f)
		charges := r.Charges(cal.Span{From: on.AddDays(-300), To: on.AddDays(20)}, on)
		h := Habits{Services: map[string]ID{}, Linked: map[ID]bool{}, Aside: map[string]bool{}}
		var lines []BankLine
		for i := range rapid.IntRange(0, 25).Draw(t, "lines") {
			l := BankLine{ID: ID(100_000 + i), Day: on.AddDays(-rapid.IntRange(0, 300).Draw(t, "ago")), Amount: eur(-rapid.Int64Range(0, 20_000).Draw(t, "cents"))}
			l.Label = rapid.SampledFrom([]string{"CB ABRICOT", "BERGAMOTE*K2", "CARDAMOME", "", "PAYPAL", "CB EDF"}).Draw(t, "label")
			if len(charges) > 0 && rapid.IntRange(0, 3).Draw(t, "of a charge") > 0 {
				c := rapid.SampledFrom(charges).Draw(t, "charge")
				l.Day = c.On.AddDays(rapid.IntRange(-6, 12).Draw(t, "late"))
				l.Amount = c.Conversion.EUR.Neg()
			}
			lines = append(lines, l)
		}
		if rapid.Bool().Draw(t, "habit") {
			h.Services["edf"] = f.Services[0].ID
		}
		m := r.Match(lines, h, on)
		once(t, m, len(lines))
		left := confirm(t, &f, h, m)
		if again := NewRegister(f).Match(left, h, on); len(again.Proposals) > 0 {
			t.Fatalf("proposed again: %s", allTold(again))
		}
	})
}

// confirm records what is proposed, as the store would, and answers the lines that are still open.
func confirm(t *rapid.T, f *Facts, h Habits, m Matching) []BankLine {
	t.Helper()
	f.Payments = slices.Clone(f.Payments)
	id := freeID(*f)
	for _, p := range m.Proposals {
		if p.PaymentID != 0 {
			h.Linked[p.PaymentID] = true
			continue
		}
		match := p.Match()
		pay := Payment{ID: id, ServiceID: match.ServiceID, SubscriptionID: match.SubscriptionID, ChargeOn: match.ChargeOn, PaidOn: p.Line.Day, Billed: p.Line.Amount.Neg()}
		if !match.Billed.IsNone() {
			pay.Billed, pay.Debited = match.Billed, p.Line.Amount.Neg()
		}
		f.Payments = append(f.Payments, pay.Settle(f.Organisation.VATStatusOn(pay.PaidOn)))
		h.Linked[id] = true
		id++
	}
	left := slices.Clone(m.Rest)
	for _, c := range m.Recurring {
		left = append(left, c.Lines...)
	}
	return left
}

// What no bank writes is answered all the same, and soon.
func TestMatchHostileLines(t *testing.T) {
	t.Parallel()
	many := func(n int, line func(i int) BankLine) []BankLine {
		lines := make([]BankLine, n)
		for i := range lines {
			lines[i] = line(i)
		}
		return lines
	}
	crowd := bankable(func(f *Facts) { // two hundred subscriptions of one service, all alike
		s := f.Subscriptions[5]
		for i := range 200 {
			s.ID = ID(5000 + i)
			f.Subscriptions = append(f.Subscriptions, s)
		}
	})
	for _, c := range []struct {
		name      string
		r         *Register
		lines     []BankLine
		proposals int
	}{
		{"ten thousand equal lines", bankable(nil), many(10_000, func(i int) BankLine { return bankLine(ID(i+1), "2026-02-15", 1399, "ZOOM.US") }), 1},
		{"ten thousand equal lines, two hundred equal charges", crowd, many(10_000, func(i int) BankLine { return bankLine(ID(i+1), "2026-02-15", 1399, "ZOOM.US") }), 201},
		{"ten thousand lines nearly equal, two hundred equal charges", crowd, many(10_000, func(i int) BankLine {
			return bankLine(ID(i+1), "2026-02-15", 1399, "ZOOM.US "+nouns[i%16]+nouns[i/16%16]+nouns[i/256%16])
		}), 32},
		{"of equal IDs", bankable(nil), many(100, func(i int) BankLine { return bankLine(1, "2026-02-15", 1350+int64(i), "ZOOM.US") }), 1},
		{"empty", bankable(nil), many(1000, func(i int) BankLine { return BankLine{ID: ID(i + 1)} }), 0},
		{"zero amounts", bankable(nil), many(1000, func(i int) BankLine { return bankLine(ID(i+1), "2026-02-15", 0, "ZOOM.US") }), 0},
		{"days to come", bankable(nil), many(1000, func(i int) BankLine { return bankLine(ID(i+1), "2027-02-15", 1399, "ZOOM.US") }), 0},
		{"the ends of the calendar", bankable(nil), []BankLine{bankLine(1, "0001-01-01", 1399, "ZOOM.US"), bankLine(2, "9999-12-31", 1399, "ZOOM.US")}, 0},
		{"sums that fit nowhere", bankable(nil), []BankLine{
			{ID: 1, Day: day("2026-02-15"), Amount: money.New(-1<<63, money.EUR), Label: "ZOOM.US"},
			{ID: 2, Day: day("2026-02-15"), Amount: money.New(1<<63-1, money.EUR), Label: "ZOOM.US"},
			{ID: 3, Day: day("2026-02-15"), Amount: eur(-1399), Original: money.New(-1<<63, usd), Label: "ZOOM.US"},
		}, 0},
		{"a label without end", bankable(nil), []BankLine{bankLine(1, "2026-02-15", 1399, "ZOOM.US"+strings.Repeat(" ZOOM*A", 100_000))}, 1},
	} {
		m := c.r.Match(c.lines, Habits{}, today)
		n := len(m.Rest) + len(m.Proposals)
		for _, x := range m.Recurring {
			n += len(x.Lines)
		}
		if len(m.Proposals) < c.proposals || c.proposals == 0 && len(m.Proposals) > 0 || n != len(c.lines) {
			t.Errorf("%s: %d proposals, want %d; %d of %d lines are there", c.name, len(m.Proposals), c.proposals, n, len(c.lines))
		}
	}
}

// The method answers what trying everything would.
func TestCheapestIsTheLeast(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(t, "rows")
		m := n + rapid.IntRange(0, 2).Draw(t, "more columns")
		cost := rapid.SliceOfN(rapid.IntRange(-9, 9), n*m, n*m).Draw(t, "cost")
		got, used := 0, map[int]bool{}
		for c, row := range cheapest(cost, n, m) {
			if row >= 0 {
				got += cost[row*m+c]
				used[row] = true
			}
		}
		var least func(row int, taken int) int
		least = func(row, taken int) int {
			if row == n {
				return 0
			}
			low := 1 << 30
			for c := range m {
				if taken>>c&1 == 0 {
					low = min(low, cost[row*m+c]+least(row+1, taken|1<<c))
				}
			}
			return low
		}
		if want := least(0, 0); got != want || len(used) != n {
			t.Fatalf("%d with %d rows, want %d with %d", got, len(used), want, n)
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	for _, size := range []struct{ lines, services int }{{1000, 50}, {10_000, 50}, {10_000, 500}, {20_000, 500}} {
		r, lines := bigBank(size.lines, size.services)
		b.Run(fmt.Sprintf("%d lines, %d charges", size.lines, len(r.Due(today))), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.Match(lines, Habits{}, today)
			}
		})
	}
}

// bigBank is a register with that many open charges, and a year of lines: its debits among shops, salaries and rents.
func bigBank(n, charges int) (*Register, []BankLine) {
	rnd := rand.New(rand.NewPCG(7, uint64(n)))
	f := Facts{Organisation: association()}
	for i := range charges / 10 {
		id := ID(100 + i*10)
		name := nouns[i%16] + nouns[(i/16+i)%16]
		s := Subscription{ID: id + 1, ServiceID: id, PlanID: id + 2, StartedOn: day("2026-01-01").AddDays(rnd.IntN(28)), Cadence: cal.Monthly, AutoRenew: true}
		s.Anchor = s.StartedOn
		s.Terms = []Terms{{ID: id + 3, From: s.StartedOn, Price: eur(500 + 100*rnd.Int64N(40)), Seats: 1}}
		s.EndsOn = s.StartedOn.AddMonths(10)
		f.Services = append(f.Services, Service{ID: id, Name: name})
		f.Plans = append(f.Plans, Plan{ID: id + 2, ServiceID: id, Tier: Premium})
		f.Subscriptions = append(f.Subscriptions, s)
	}
	r := NewRegister(f)
	var lines []BankLine
	for i, c := range r.Due(today) {
		sv, _ := r.Service(c.ServiceID)
		lines = append(lines, debit(c, ID(i+1), rnd.IntN(5), fmt.Sprintf("CB %s FACT %06d", strings.ToUpper(sv.Name), rnd.IntN(1e6))))
	}
	for i := len(lines); i < n; i++ {
		l := BankLine{ID: ID(i + 1), Day: day("2026-01-01").AddDays(rnd.IntN(318)), Amount: eur(-rnd.Int64N(30_000))}
		l.Label = fmt.Sprintf("CARTE %02d/%02d MAGASIN %c%c%c CB*%04d", rnd.IntN(28)+1, rnd.IntN(12)+1, 'A'+rnd.IntN(26), 'A'+rnd.IntN(26), 'A'+rnd.IntN(26), rnd.IntN(1e4))
		lines = append(lines, l)
	}
	rnd.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	return r, lines
}
