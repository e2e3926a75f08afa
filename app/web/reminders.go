package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/store"
	"enveloppe/templates/words"
)

func (w *Web) reminderRoutes(g *echo.Group) {
	g.GET("/account/reminders", w.myReminders)
	g.POST("/account/reminders", w.saveMyReminders)
	g.POST("/account/reminders/mute", w.mute)
	g.POST("/account/reminders/unmute", w.unmute)
	g.GET("/settings/reminders", w.remindersPage)
	g.POST("/settings/reminders", w.saveReminders, mayManage)
}

// leadLine is one kind of reminder on a form: whether it is wanted, in the field "gets.KIND", and when, in "leads.KIND".
type leadLine struct {
	Kind  models.ReminderKind
	Usual string // what holds where nothing is typed
	Timed bool
}

// leadLines are the kinds on a form of one's own, the organisation's or a subscription's.
func leadLines(w *words.Words, usual models.Leads, kinds ...models.ReminderKind) []leadLine {
	list := make([]leadLine, len(kinds))
	for i, kind := range kinds {
		list[i] = leadLine{Kind: kind, Usual: leadsTold(w, kind, numbers(usual[kind])), Timed: kind.Timed()}
	}
	return list
}

// leadsTold says lead times: "30 et 7 jours avant".
func leadsTold(w *words.Words, kind models.ReminderKind, days []string) string {
	switch {
	case len(days) == 0:
		return w.T("reminders.told_none")
	case !kind.Timed():
		return w.T("reminders.told_change")
	case len(days) == 1 && days[0] == "0":
		return w.T("reminders.told_day")
	case kind == models.RemindChargeDue:
		return w.T("reminders.told_after", "days", w.List(days))
	}
	return w.T("reminders.told_before", "days", w.List(days))
}

// usualLeads are the organisation's, with the default where it said nothing.
func usualLeads(o models.Organisation) models.Leads {
	usual := models.DefaultLeads()
	for kind, days := range o.Leads {
		usual[kind] = days
	}
	return usual
}

func leadFields(kinds ...models.ReminderKind) []string {
	var names []string
	for _, kind := range kinds {
		names = append(names, "gets."+string(kind), "leads."+string(kind))
	}
	return names
}

// leadsTyped adds lead times to a form as somebody would have typed them; a kind without any is not ticked.
func (f Fields) leadsTyped(l models.Leads, kinds ...models.ReminderKind) {
	for _, kind := range kinds {
		days, said := l[kind]
		f["gets."+string(kind)] = typedTick(!said || len(days) > 0)
		if kind.Timed() {
			f["leads."+string(kind)] = strings.Join(numbers(days), ", ")
		}
	}
}

// leads reads them: what is not ticked has none, what is left empty is left to the level above.
func (e *entry) leads(kinds ...models.ReminderKind) models.Leads {
	l := models.Leads{}
	for _, kind := range kinds {
		switch field := "leads." + string(kind); {
		case !e.tick("gets." + string(kind)):
			l[kind] = []int{}
		case kind.Timed() && e.is(field):
			l[kind] = e.days(field)
		}
	}
	return l.Tidy()
}

// myRemindersPage is where people choose which messages they get, and when.
type myRemindersPage struct {
	Form     Form
	Person   models.Person
	Keeps    bool // the register, and so is told of everything
	Lines    []leadLine
	About    models.Subscription // asked for by a reminder's link; zero for none
	Name     string              // its service's
	Silent   bool                // the whole of it is muted
	Muted    []muteLine
	Services []Option // that can be muted
	Kinds    []Option
}

// muteLine is what somebody muted of one subscription.
type muteLine struct {
	models.Mute
	Name string
	What string
}

func (w *Web) myReminders(c echo.Context) error {
	v := visitOf(c)
	p, ok := v.register.Person(v.actor.Person)
	if !ok {
		return models.ErrNotFound
	}
	f := Fields{"reminders": typedTick(p.Reminders), "digest": typedTick(p.Digest)}
	f.leadsTyped(p.Leads, models.ReminderKinds...)
	for _, kind := range models.ReminderKinds { // one's own kinds are left by muting them: their lead times stay
		name := "gets." + string(kind)
		f[name] = typedTick(f[name] != "" && !slices.Contains(p.Mutes, models.Mute{Kind: kind}))
	}
	return w.showMyReminders(c, http.StatusOK, Form{Fields: f})
}

func (w *Web) showMyReminders(c echo.Context, status int, f Form) error {
	v := visitOf(c)
	r := v.register
	p, ok := r.Person(v.actor.Person)
	if !ok {
		return models.ErrNotFound
	}
	page := myRemindersPage{
		Form: f, Person: p, Keeps: p.Role.MayEdit(), Lines: leadLines(v.words, usualLeads(r.Organisation), kindsFor(p)...),
		Kinds: []Option{{"", v.words.T("reminders.all_kinds")}},
	}
	for _, kind := range kindsFor(p) {
		if kind != models.RemindEnvelope {
			page.Kinds = append(page.Kinds, Option{string(kind), v.words.Kind("reminder", string(kind))})
		}
	}
	for _, m := range p.Mutes {
		if m.Subscription != 0 {
			page.Muted = append(page.Muted, newMuteLine(v, m))
		}
	}
	words.SortBy(v.words, page.Muted, func(l muteLine) string { return l.Name })
	page.Services = mutable(v, p)
	if s, ok := r.Subscription(queryID(c, "subscription")); ok {
		sv, _ := r.Service(s.ServiceID)
		page.About, page.Name, page.Silent = s, sv.Name, slices.Contains(p.Mutes, models.Mute{Subscription: s.ID})
	}
	return w.render(c, screen{status: status, name: "reminders", nav: "account", title: "reminders.title", page: page})
}

// kindsFor are the kinds a person is ever told of: the envelope is the business of those who keep the register.
func kindsFor(p models.Person) []models.ReminderKind {
	return slices.DeleteFunc(slices.Clone(models.ReminderKinds), func(k models.ReminderKind) bool {
		return k == models.RemindEnvelope && !p.Role.MayEdit()
	})
}

func newMuteLine(v *visit, m models.Mute) muteLine {
	s, _ := v.register.Subscription(m.Subscription)
	sv, _ := v.register.Service(s.ServiceID)
	line := muteLine{Mute: m, Name: sv.Name, What: v.words.T("reminders.all_kinds")}
	if m.Kind != "" {
		line.What = v.words.Kind("reminder", string(m.Kind))
	}
	return line
}

// mutable are the running subscriptions a person is reminded of, by the names of their services.
func mutable(v *visit, p models.Person) []Option {
	var list []Option
	for _, s := range v.register.Subscriptions {
		sv, ok := v.register.Service(s.ServiceID)
		if !ok || sv.Archived() || s.Over(v.today) || (!p.Role.MayEdit() && s.OwnerID != p.ID) || slices.Contains(p.Mutes, models.Mute{Subscription: s.ID}) {
			continue
		}
		if v.register.TierOf(s) != models.Free {
			list = append(list, Option{typedID(s.ID), sv.Name})
		}
	}
	words.SortBy(v.words, list, func(o Option) string { return o.Label })
	return list
}

func (w *Web) saveMyReminders(c echo.Context) error {
	v := visitOf(c)
	p, ok := v.register.Person(v.actor.Person)
	if !ok {
		return models.ErrNotFound
	}
	kinds := kindsFor(p)
	e := entry{Fields: fields(c, append(leadFields(kinds...), "reminders", "digest")...)}
	choice := store.ReminderChoice{Wants: e.tick("reminders"), Digest: e.tick("digest") && p.Email != "", Leads: models.Leads{}}
	for _, kind := range kinds {
		if field := "leads." + string(kind); kind.Timed() && e.is(field) {
			choice.Leads[kind] = e.days(field)
		}
		if !e.tick("gets." + string(kind)) {
			choice.Muted = append(choice.Muted, kind)
		}
	}
	e.merge(choice.Leads.Check(), nil)
	err := e.bad.Err()
	if err == nil {
		err = w.store.SetReminders(c.Request().Context(), v.actor, p.ID, choice)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showMyReminders(c, status, f) })
	}
	return w.done(c, "/account/reminders", Notice{Key: "reminders_saved"})
}

// muteAsked is what somebody wants to hear no more of, or again.
func muteAsked(c echo.Context) (models.Mute, string, error) {
	s, ok := visitOf(c).register.Subscription(typedAsID(c.FormValue("subscription")))
	if !ok {
		return models.Mute{}, "", models.ErrNotFound
	}
	m := models.Mute{Kind: models.ReminderKind(c.FormValue("kind")), Subscription: s.ID}
	if m.Kind != "" && !slices.Contains(models.ReminderKinds, m.Kind) {
		return m, "", models.ErrNotFound
	}
	sv, _ := visitOf(c).register.Service(s.ServiceID)
	return m, sv.Name, nil
}

func (w *Web) mute(c echo.Context) error {
	m, name, err := muteAsked(c)
	if err == nil {
		err = w.store.Mute(c.Request().Context(), visitOf(c).actor, visitOf(c).actor.Person, m)
	}
	if err != nil {
		return err
	}
	return w.done(c, "/account/reminders", Notice{Key: "muted", Args: []string{"service", name}})
}

func (w *Web) unmute(c echo.Context) error {
	m, name, err := muteAsked(c)
	if err == nil {
		err = w.store.Unmute(c.Request().Context(), visitOf(c).actor, visitOf(c).actor.Person, m)
	}
	if err != nil {
		return err
	}
	return w.done(c, "/account/reminders", Notice{Key: "unmuted", Args: []string{"service", name}})
}

// remindersSettings are the organisation's lead times.
type remindersSettings struct {
	Form  Form
	Lines []leadLine
	Told  []leadLine // for those who only read
	Mail  bool       // mail can leave at all
}

func (w *Web) remindersPage(c echo.Context) error {
	o := visitOf(c).register.Organisation
	f := Fields{"version": typedVersion(o.Version)}
	f.leadsTyped(o.Leads, models.ReminderKinds...)
	return w.showReminders(c, http.StatusOK, Form{Fields: f})
}

func (w *Web) showReminders(c echo.Context, status int, f Form) error {
	v := visitOf(c)
	page := remindersSettings{
		Form: f, Mail: w.Post.Configured(), Lines: leadLines(v.words, models.DefaultLeads(), models.ReminderKinds...),
		Told: leadLines(v.words, usualLeads(v.register.Organisation), models.ReminderKinds...),
	}
	return w.render(c, screen{status: status, name: "settings-reminders", nav: "settings", title: "reminders.settings_title", page: page})
}

func (w *Web) saveReminders(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: fields(c, leadFields(models.ReminderKinds...)...)}
	o := v.register.Organisation
	o.Version, o.Leads = e.version(), e.leads(models.ReminderKinds...)
	e.merge(o.Leads.Check(), nil)
	err := e.bad.Err()
	if err == nil {
		err = w.store.SaveOrganisation(c.Request().Context(), v.actor, o)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showReminders(c, status, f) })
	}
	return w.done(c, "/settings/reminders", Notice{Key: "settings_saved"})
}
