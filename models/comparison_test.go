package models

import (
	"fmt"
	"strings"
	"testing"

	"enveloppe/models/money"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// fivePeople is what it pays on line, and what a server of its own would cost it.
func fivePeople() Comparison {
	return Comparison{
		Name: "Dropbox ou un serveur", On: day("2026-11-15"), Years: 3, Users: 5, HourCost: eur(2500),
		Online: []CostItem{
			{Label: "Abonnement", Yearly: eur(11_988)},
			{Label: "Formation", HoursOnce: 1000},
			{Label: "Suivi", HoursYearly: 1200},
		},
		Installed: []CostItem{
			{Label: "Licences", Once: eur(50_000), YearlyShare: percent("20")},
			{Label: "Serveur", Once: eur(90_000)},
			{Label: "Administration", HoursYearly: 4800},
			{Label: "Formation", HoursOnce: 1500},
			{Label: "Énergie et sauvegarde", Yearly: eur(12_000)},
		},
	}
}

func TestComparisonResult(t *testing.T) {
	t.Parallel()
	r := fivePeople().Result()
	if r.Online.Yearly != eur(50_321) || r.Installed.Yearly != eur(201_167) {
		t.Errorf("a year: %v on line, %v installed", r.Online.Yearly, r.Installed.Yearly)
	}
	if r.Cheaper != OnLine || r.Ahead != OnLine || r.CrossesAfter != 0 || r.Gap != eur(150_846) {
		t.Errorf("cheaper %s, ahead %s, crossing %d, gap %v", r.Cheaper, r.Ahead, r.CrossesAfter, r.Gap)
	}
	want := Side{
		Lines: []SideLine{
			{"Licences", eur(50_000), eur(10_000)},
			{"Serveur", eur(90_000), eur(0)},
			{"Administration", eur(0), eur(120_000)},
			{"Formation", eur(37_500), eur(0)},
			{"Énergie et sauvegarde", eur(0), eur(12_000)},
		},
		Once: eur(177_500), Recurring: eur(142_000), Hours: eur(397_500), Yearly: eur(201_167), Each: eur(40_233),
		Cumulated: []money.Amount{eur(177_500), eur(319_500), eur(461_500), eur(603_500)},
	}
	if d := cmp.Diff(want, r.Installed, cmp.Comparer(money.Amount.Equal)); d != "" {
		t.Errorf("installed (-want +got):\n%s", d)
	}
	if got := r.Online.Cumulated[3]; got != eur(150_964) {
		t.Errorf("on line over three years: %v", got)
	}
}

// oneLineEach is a comparison of one line a side: what is paid once, and each year.
func oneLineEach(years int, onlineOnce, onlineYearly, installedOnce, installedYearly int64) Comparison {
	return Comparison{
		Name: "x", On: today, Years: years, Users: 4,
		Online:    []CostItem{{Label: "a", Once: eur(onlineOnce), Yearly: eur(onlineYearly)}},
		Installed: []CostItem{{Label: "b", Once: eur(installedOnce), Yearly: eur(installedYearly)}},
	}
}

func TestComparisonComesOutEitherWay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name           string
		c              Comparison
		cheaper, ahead Way
		crosses        int
		gap            int64
	}{
		{"on line all along", oneLineEach(3, 0, 10_000, 100_000, 20_000), OnLine, OnLine, 0, 43_333},
		{"on line at first, installed from the 20th month on", oneLineEach(5, 0, 60_000, 80_000, 10_000), Installed, OnLine, 20, 34_000},
		{"the same at the end of the 12th month", oneLineEach(3, 0, 60_000, 50_000, 10_000), Installed, OnLine, 12, 33_333},
		{"just after it", oneLineEach(3, 0, 60_000, 50_001, 10_000), Installed, OnLine, 13, 33_333},
		{"at the end of the last month", oneLineEach(2, 0, 60_000, 100_000, 10_000), SameCost, OnLine, 24, 0},
		{"a month too late", oneLineEach(2, 0, 60_000, 100_001, 10_000), OnLine, OnLine, 0, 1},
		{"installed at first: moving in is dear", oneLineEach(3, 30_000, 10_000, 0, 20_000), SameCost, Installed, 36, 0},
		{"installed all along: it is there already", oneLineEach(3, 10_000, 20_000, 0, 5000), Installed, Installed, 0, 18_333},
		{"the same", oneLineEach(3, 10_000, 20_000, 10_000, 20_000), SameCost, SameCost, 0, 0},
		{"the same at the start only", oneLineEach(3, 10_000, 20_000, 10_000, 10_000), Installed, SameCost, 0, 10_000},
		{"free on line", oneLineEach(1, 0, 0, 1, 0), OnLine, OnLine, 0, 1},
	} {
		r := c.c.Result()
		if r.Cheaper != c.cheaper || r.Ahead != c.ahead || r.CrossesAfter != c.crosses || r.Gap != eur(c.gap) {
			t.Errorf("%s: cheaper %s, ahead %s, crossing %d, gap %v", c.name, r.Cheaper, r.Ahead, r.CrossesAfter, r.Gap)
		}
	}
}

func TestHoursCost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		hours Hours
		cost  money.Amount
		want  string
	}{
		{1200, eur(2500), "300"},
		{150, eur(1875), "28.125"},
		{1, eur(1), "0.0001"},
		{0, eur(2500), "0"},
		{150, money.Amount{}, "0"},
		{MaxHours, money.New(maxHourCost, money.EUR), "1000000000"},
	} {
		if got := c.hours.Cost(c.cost); short(got) != c.want || got.Currency() != money.EUR {
			t.Errorf("%d hundredths at %v: %v, want %s", c.hours, c.cost, got, c.want)
		}
	}
}

// Three lines of 28,125 € are 84,38 € and not three times 28,13 €.
func TestComparisonRoundsOnce(t *testing.T) {
	t.Parallel()
	line := CostItem{Label: "Saisie", HoursYearly: 150}
	c := Comparison{Name: "x", On: today, Years: 2, Users: 3, HourCost: eur(1875), Online: []CostItem{line, line, line}, Installed: []CostItem{{Label: "y", Once: eur(1)}}}
	r := c.Result()
	shown := money.Zero(money.EUR)
	for _, l := range r.Online.Lines {
		shown = shown.Add(l.Recurring)
	}
	if r.Online.Recurring != eur(8438) || shown != eur(8438) || r.Online.Cumulated[2] != eur(16_875) || r.Online.Each != eur(2813) {
		t.Errorf("%+v", r.Online)
	}
	if r.Installed.Yearly != eur(1) { // half a cent
		t.Errorf("a cent over two years: %v", r.Installed.Yearly)
	}
}

func TestComparisonCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*Comparison)
		want   string
	}{
		{"well", func(*Comparison) {}, ""},
		{"free on line, typed as nought", func(c *Comparison) { c.Online = []CostItem{{Label: "Gratuit", Yearly: eur(0)}} }, ""},
		{"a line without figures among others", func(c *Comparison) { c.Installed = append(c.Installed, CostItem{Label: "Licences"}) }, ""},
		{"nothing", func(c *Comparison) { *c = Comparison{} }, "name required, on date.empty, years number.range, users number.range, online items.none, installed items.none"},
		{"sixteen years", func(c *Comparison) { c.Years = 16 }, "years number.range"},
		{"for nobody", func(c *Comparison) { c.Users = 0 }, "users number.range"},
		{"for a country", func(c *Comparison) { c.Users = 100_001 }, "users number.range"},
		{"work without what it costs", func(c *Comparison) { c.HourCost = money.Amount{} }, "hour_cost hours.cost"},
		{"work for nothing", func(c *Comparison) { c.HourCost = eur(0) }, ""},
		{"no work, no cost of it", func(c *Comparison) {
			c.HourCost, c.Online = money.Amount{}, c.Online[:1]
			c.Installed = c.Installed[:2]
		}, ""},
		{"work that costs less than nothing", func(c *Comparison) { c.HourCost = eur(-1) }, "hour_cost negative"},
		{"work in dollars", func(c *Comparison) { c.HourCost = dollars(100) }, "hour_cost currency.same"},
		{"work dearer than gold", func(c *Comparison) { c.HourCost = eur(1_000_001) }, "hour_cost amount.too_large"},
		{"a line without a name", func(c *Comparison) { c.Installed[1].Label = " " }, "installed.1.label required"},
		{"below nothing", func(c *Comparison) { c.Online[0].Yearly = eur(-1) }, "online.0.yearly negative"},
		{"beyond what can be typed", func(c *Comparison) { c.Installed[0].Once = money.New(money.MaxTyped+1, money.EUR) }, "installed.0.once amount.too_large"},
		{"a share of nothing", func(c *Comparison) { c.Online[0].YearlyShare = percent("5") }, "online.0.share share.of_nothing"},
		{"hours below nothing", func(c *Comparison) { c.Online[1].HoursOnce = -1 }, "online.1.hours_once number.range"},
		{"too many hours", func(c *Comparison) { c.Online[1].HoursYearly = MaxHours + 1 }, "online.1.hours_yearly number.range"},
		{"names alone on a side", func(c *Comparison) { c.Installed = []CostItem{{Label: "Serveur"}, {Label: "Licences"}} }, "installed items.none"},
		{"thirteen lines", func(c *Comparison) {
			for len(c.Online) < 13 {
				c.Online = append(c.Online, CostItem{Label: "Ligne", Yearly: eur(1)})
			}
		}, "online items.too_many"},
		{"a note of too many words", func(c *Comparison) { c.Note = strings.Repeat("x", MaxText+1) }, "note too_long"},
	} {
		x := fivePeople()
		c.change(&x)
		var got []string
		for _, p := range x.Check() {
			got = append(got, p.Field+" "+p.Rule)
		}
		if said := strings.Join(got, ", "); said != c.want {
			t.Errorf("%s: %s, want %s", c.name, said, c.want)
		}
	}
}

func TestComparisonLaws(t *testing.T) {
	t.Parallel()
	amount := func(t *rapid.T, label string) money.Amount {
		return eur(rapid.Int64Range(0, 2_000_000).Draw(t, label))
	}
	items := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) CostItem {
		return CostItem{
			Label: "x", Once: amount(t, "once"), Yearly: amount(t, "yearly"), YearlyShare: money.PercentOf(rapid.Int64Range(0, 100).Draw(t, "share")),
			HoursOnce: Hours(rapid.Int64Range(0, 9999).Draw(t, "hours")), HoursYearly: Hours(rapid.Int64Range(0, 9999).Draw(t, "hours a year")),
		}
	}), 1, MaxCostItems)
	rapid.Check(t, func(t *rapid.T) {
		c := Comparison{
			Name: "x", On: today, Years: rapid.IntRange(1, MaxComparedYears).Draw(t, "years"), Users: rapid.IntRange(1, 300).Draw(t, "users"),
			HourCost: eur(rapid.Int64Range(0, 9999).Draw(t, "hour")), Online: items.Draw(t, "online"), Installed: items.Draw(t, "installed"),
		}
		if bad := c.Check(); len(bad) > 0 {
			t.Fatal(bad)
		}
		r := c.Result()
		for _, s := range []Side{r.Online, r.Installed} {
			once, recurring := money.Zero(money.EUR), money.Zero(money.EUR)
			for _, l := range s.Lines {
				once, recurring = once.Add(l.Once), recurring.Add(l.Recurring)
			}
			same(t, "once", s.Once, once)
			same(t, "each year", s.Recurring, recurring)
			same(t, "start", s.Once, s.Cumulated[0])
			if whole := s.Yearly.Times(int64(c.Years)).Sub(s.Cumulated[c.Years]).Abs(); eur(int64(c.Years)).Less(whole) {
				t.Fatalf("%v a year is %v over %d years", s.Yearly, s.Cumulated[c.Years], c.Years)
			}
		}
		c.Online, c.Installed = c.Installed, c.Online
		swapped := c.Result()
		turned := map[Way]Way{OnLine: Installed, Installed: OnLine, SameCost: SameCost}
		same(t, "the other way round", fmt.Sprint(turned[r.Cheaper], turned[r.Ahead], r.CrossesAfter, r.Gap), fmt.Sprint(swapped.Cheaper, swapped.Ahead, swapped.CrossesAfter, swapped.Gap))
		if crossed := r.Cheaper != r.Ahead && r.Ahead != SameCost; crossed != (r.CrossesAfter > 0) {
			t.Fatalf("begins %s, ends %s, crosses after %d months", r.Ahead, r.Cheaper, r.CrossesAfter)
		}
	})
}

func ExampleComparison_Result() {
	c := Comparison{
		Years: 5, Users: 10,
		Online:    []CostItem{{Label: "Abonnement", Yearly: money.Euros(60_000)}},
		Installed: []CostItem{{Label: "Licences", Once: money.Euros(80_000), YearlyShare: money.PercentOf(10)}},
	}
	r := c.Result()
	fmt.Println(r.Online.Yearly, r.Installed.Yearly, r.Cheaper, "after", r.CrossesAfter, "months")
	// Output: 600.00 EUR 240.00 EUR installed after 19 months
}
