package reports

import (
	"strconv"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/templates/words"
)

// ReminderLetter is one reminder in words, for a person's e-mail or, in short, for a channel.
type ReminderLetter struct {
	models.Reminder
	To             models.Addressee
	BaseURL        string // of the pages, without a slash at the end
	UnsubscribeURL string // ends all reminders for this person; left out when empty

	register *models.Register
	w        *words.Words
}

// NewReminderLetter readies a reminder, as the register gave it for a day, for being written in a language.
func NewReminderLetter(r *models.Register, m models.Reminder, to models.Addressee, lang models.Lang, baseURL string) ReminderLetter {
	return ReminderLetter{Reminder: m, To: to, BaseURL: baseURL, register: r, w: words.In(words.Lang(lang))}
}

// Subject names the service, what to do and until when.
func (l ReminderLetter) Subject() string {
	sv, _ := l.register.Service(l.Cause.ServiceID)
	return l.w.Kind("flag", string(l.Cause.Key.Kind)) + " : " + sv.Name
}

// Text is the whole letter as plain text.
func (l ReminderLetter) Text() (string, error) { return l.Subject() + "\n", nil }

// HTML is the same letter as a page by itself: styles inside, nothing fetched.
func (l ReminderLetter) HTML() (string, error) { return "<p>" + l.Subject() + "</p>", nil }

// Short is the reminder for a channel: a line, a few lines without markup, and the address where one acts.
func (l ReminderLetter) Short() (title, body, link string) { return l.Subject(), l.Subject(), l.link() }

// link is the page where one acts.
func (l ReminderLetter) link() string {
	subscription := strconv.FormatInt(int64(l.Item), 10)
	switch l.Kind {
	case models.RemindChargeDue:
		return l.BaseURL + "/payments/new?subscription=" + subscription + "&on=" + l.On.String()
	case models.RemindDecideBy:
		return l.BaseURL + "/decisions/" + subscription + "?renewal=" + day(l.Cause.Renewal)
	case models.RemindEnvelope:
		return l.BaseURL + "/envelope"
	case models.RemindTrialEnd, models.RemindRenewal:
	}
	return l.BaseURL + servicePath(l.Cause.ServiceID)
}

func day(d cal.Date) string { return d.String() }
