package reports_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"enveloppe/models"
	"enveloppe/models/money"
	"enveloppe/reports"
	"enveloppe/templates/words"
)

// reminded is an association with something to be reminded of: facts changed, and the day.
type reminded struct {
	name, on string
	kind     models.ReminderKind
	change   func(*models.Facts)
}

var reminders = []reminded{
	{"to decide", "2026-11-06", models.RemindDecideBy, nil},
	{"to decide on a Sunday", "2026-11-09", models.RemindDecideBy, func(f *models.Facts) { f.Organisation.MarginDays = 3 }},
	{"to decide today", "2026-11-16", models.RemindDecideBy, nil},
	{"to decide about seats, by hand", "2026-12-02", models.RemindDecideBy, func(f *models.Facts) {
		f.Subscriptions = f.Subscriptions[2:3]
		f.Subscriptions[0].AutoRenew = false
	}},
	{"to decide, by hand, today", "2026-11-16", models.RemindDecideBy, func(f *models.Facts) { f.Subscriptions[0].AutoRenew = false }},
	{"renewal, locked", "2026-12-11", models.RemindRenewal, nil},
	{"renewal, avoidable", "2026-12-11", models.RemindRenewal, func(f *models.Facts) {
		f.Subscriptions[0].Notice.N, f.Organisation.MarginDays = 0, 0
		f.Subscriptions[0].Notice.Unit = ""
	}},
	{"renewal, decided", "2026-12-11", models.RemindRenewal, func(f *models.Facts) {
		f.Decisions = []models.Decision{{ID: 700, ServiceID: dropbox, SubscriptionID: 300, Kind: models.Keep, Renewal: day("2026-12-18"), On: day("2026-11-02"), By: claire}}
	}},
	{"renewal, by hand", "2026-12-11", models.RemindRenewal, func(f *models.Facts) { f.Subscriptions[0].AutoRenew = false }},
	{"renewal today", "2026-12-18", models.RemindRenewal, nil},
	{"due, without a rate", "2026-12-21", models.RemindChargeDue, func(f *models.Facts) { f.Rates = nil }},
	{"due", "2026-12-21", models.RemindChargeDue, nil},
	{"trial", "2026-12-11", models.RemindTrialEnd, trial},
	{"grant, with nothing to follow", "2026-12-11", models.RemindTrialEnd, func(f *models.Facts) {
		trial(f)
		s := &f.Subscriptions[0]
		s.TrialEnds, s.GrantEnds, s.Terms[0].Price = s.GrantEnds, s.TrialEnds, money.Zero(money.EUR)
	}},
	{"over the ceiling", "2026-11-24", models.RemindEnvelope, func(f *models.Facts) {
		f.Envelopes[0].Floor, f.Envelopes[0].Ceiling = money.Zero(money.EUR), money.Euros(20000)
		f.Flags = []models.Flag{outside("2026-01-01", "2026-11-24")}
	}},
	{"under the floor", "2026-11-24", models.RemindEnvelope, func(f *models.Facts) {
		f.Flags = []models.Flag{outside("2026-12-31", "2026-11-20")}
	}},
	{"back under the ceiling", "2026-11-24", models.RemindEnvelope, back},
	{"back between the bounds", "2026-11-24", models.RemindEnvelope, func(f *models.Facts) {
		back(f)
		f.Envelopes[0].Floor = money.Euros(20000)
	}},
}

func outside(key, raised string) models.Flag {
	return models.Flag{ID: 800, FlagKey: models.FlagKey{Kind: models.FlagEnvelope, Subject: 1, On: day(key)}, RaisedOn: day(raised)}
}

func back(f *models.Facts) {
	f.Envelopes[0].Floor = money.Zero(money.EUR)
	f.Cleared = []models.Flag{outside("2026-01-01", "2026-09-01")}
	f.Cleared[0].ClearedOn = day("2026-11-23")
}

func trial(f *models.Facts) {
	s := &f.Subscriptions[0]
	s.StartedOn, s.Anchor, s.TrialEnds = day("2026-11-18"), day("2026-12-18"), day("2026-12-18")
	s.Terms[0].From = s.StartedOn
}

// recipients are one for each way a reminder is told.
func recipients() map[string]models.Addressee {
	person := models.Person{ID: claire, Name: "Claire Morel", Email: "claire@passerelles.example", Role: models.Director, Lang: models.French, Reminders: true}
	staff := person
	staff.Role = models.Staff
	return map[string]models.Addressee{
		"director": {Person: person}, "staff": {Person: staff},
		"channel": {Channel: &models.Channel{ID: 900, Name: "#abonnements", Kind: models.ChannelMattermost, Lang: models.French, Amounts: true}},
		"without": {Channel: &models.Channel{ID: 901, Name: "#accueil", Kind: models.ChannelSlack, Lang: models.French}},
	}
}

func (c reminded) letter(t *testing.T, to models.Addressee, lang words.Lang) (reports.ReminderLetter, bool) {
	t.Helper()
	f := facts()
	f.Organisation.StaffWithoutAmounts = true
	f.Payments = slices.DeleteFunc(f.Payments, func(p models.Payment) bool { return p.SubscriptionID == 300 })
	if c.change != nil {
		c.change(&f)
	}
	r := models.NewRegister(f)
	for _, m := range r.Reminders(day(c.on), to) {
		if m.Kind == c.kind {
			l := reports.NewReminderLetter(r, m, to, models.Lang(lang), base)
			if to.Channel == nil {
				l.UnsubscribeURL = base + "/unsubscribe/4f1c/reminders"
			}
			return l, true
		}
	}
	return reports.ReminderLetter{}, false
}

func reminderText(t *testing.T, l reports.ReminderLetter) (text, page string) {
	t.Helper()
	text, err := l.Text()
	if err != nil {
		t.Fatal(err)
	}
	page, err = l.HTML()
	if err != nil {
		t.Fatal(err)
	}
	return text, page
}

func TestGoldenReminders(t *testing.T) {
	for _, lang := range words.Langs() {
		var all strings.Builder
		for i, c := range reminders {
			l, ok := c.letter(t, recipients()["director"], lang)
			if !ok {
				t.Errorf("%s: there is no reminder on %s", c.name, c.on)
				continue
			}
			text, page := reminderText(t, l)
			all.WriteString("======== " + c.name + "\n" + l.Subject() + "\n\n" + text + "\n")
			if i == 0 {
				golden(t, "reminder-"+string(lang)+".html", []byte(page))
			}
		}
		golden(t, "reminders-"+string(lang)+".txt", []byte(all.String()))
	}
}

func TestReminderIsAPageByItself(t *testing.T) {
	for _, c := range reminders {
		for who, to := range recipients() {
			for _, lang := range words.Langs() {
				l, ok := c.letter(t, to, lang)
				if !ok {
					if who == "staff" && c.kind == models.RemindEnvelope {
						continue // not theirs
					}
					t.Fatalf("%s: nothing for %s", c.name, who)
				}
				text, page := reminderText(t, l)
				title, body, link := l.Short()
				if strings.Contains(text+page+title+body, "⟦") {
					t.Errorf("%s: a text is missing:\n%s", c.name, text)
				}
				if title == "" || body == "" || strings.ContainsAny(title, "\n") || !strings.HasPrefix(link, base+"/") {
					t.Errorf("%s in short: %q, %q, %q", c.name, title, body, link)
				}
				doc, err := html.Parse(strings.NewReader(page))
				if err != nil {
					t.Fatal(err)
				}
				checkPage(t, doc, string(lang))
				checkTextIsComplete(t, doc, text)
				for _, line := range strings.Split(text, "\n") {
					if n := len([]rune(line)); n > 72 && !strings.Contains(line, base) {
						t.Errorf("%s: a line of %d characters: %q", c.name, n, line)
					}
				}
			}
		}
	}
}

// An amount is a figure with a sign of money before or after it.
var anyAmount = regexp.MustCompile(`[€$£]|EUR|USD`)

func TestRemindersKeepAmountsFromThoseWhoMayNotReadThem(t *testing.T) {
	said := 0
	for _, c := range reminders {
		for who, to := range recipients() {
			for _, lang := range words.Langs() {
				l, ok := c.letter(t, to, lang)
				if !ok {
					continue
				}
				text, page := reminderText(t, l)
				title, body, _ := l.Short()
				found := anyAmount.FindString(strings.Join([]string{l.Subject(), text, page, title, body}, "\n"))
				if may := who == "director" || who == "channel"; !may && found != "" {
					t.Errorf("%s tells %s %q:\n%s", c.name, who, found, text)
				} else if may && found != "" {
					said++
				}
			}
		}
	}
	if said < 60 {
		t.Errorf("only %d of the others hold an amount: the test looks at nothing", said)
	}
}

func TestReminderLeadsToWhereOneActs(t *testing.T) {
	want := map[string][2]string{ // who may act, who may not
		"to decide": {base + "/subscriptions/300/answer?renewal=2026-12-18", base + "/services/100"},
		"due":       {base + "/payments/new?subscription=300&on=2026-12-18", base + "/services/100"},
		"trial":     {base + "/subscriptions/300/answer?renewal=2026-12-18", base + "/services/100"},

		"renewal, locked":  {base + "/services/100", base + "/services/100"},
		"over the ceiling": {base + "/envelope", base + "/envelope"},
	}
	seen := 0
	for _, c := range reminders {
		links, ok := want[c.name]
		if !ok {
			continue
		}
		seen++
		for i, who := range []string{"director", "staff"} {
			l, told := c.letter(t, recipients()[who], words.FR)
			if !told {
				continue // the envelope is no business of staff
			}
			if _, _, link := l.Short(); link != links[i] {
				t.Errorf("%s: %s is led to %s, want %s", c.name, who, link, links[i])
			}
		}
	}
	if seen != len(want) {
		t.Errorf("%d of %d were looked at", seen, len(want))
	}
}

func TestOnlyACopyForSomebodyCanLeaveReminders(t *testing.T) {
	l, _ := reminders[0].letter(t, recipients()["channel"], words.FR)
	if text, page := reminderText(t, l); strings.Contains(text+page, "unsubscribe") {
		t.Error("a channel is told how to leave")
	}
	l, _ = reminders[0].letter(t, recipients()["director"], words.FR)
	if text, page := reminderText(t, l); !strings.Contains(text, l.UnsubscribeURL) || !strings.Contains(page, l.UnsubscribeURL) ||
		!strings.Contains(text, base+"/account/reminders?subscription=300") {
		t.Errorf("no way to get fewer:\n%s", text)
	}
}
