package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/store"
	"enveloppe/templates/words"
)

func (w *Web) messageRoutes(g *echo.Group) {
	g.GET("/messages", w.messages)
	g.POST("/messages/:id/retry", w.retryMessage)
}

// messagePage is the ledger of messages: what was sent, to whom, when, and what did not leave and why. A director sees
// everybody's, the others their own.
type messagePage struct {
	Asked         messageAsked
	All           bool // the visitor sees everybody's
	Configured    bool // mail can leave
	States        []stateTab
	Kinds, To     []Option
	Messages      []messageLine
	Older, Newest string // addresses; empty where there is nothing
}

// stateTab is a filter with how many it lets through.
type stateTab struct {
	Name, Href string
	Count      int
	Here       bool
}

// messageAsked is the part of the ledger somebody asks for, as typed.
type messageAsked struct {
	State, Kind, To string
}

// Any tells whether anything narrows it.
func (a messageAsked) Any() bool { return a.State+a.Kind+a.To != "" }

// toChannel marks a channel in the list of recipients; a number alone is a person's.
const toChannel = "c"

func (a messageAsked) address(before models.ID) string {
	q := url.Values{}
	for name, value := range map[string]string{"state": a.State, "kind": a.Kind, "to": a.To, "before": typedID(before)} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return "/messages"
	}
	return "/messages?" + q.Encode()
}

// messageKinds are what messages are about, as the ledger names them.
func messageKinds() []string {
	all := []string{store.KindDigest}
	for _, k := range models.ReminderKinds {
		all = append(all, string(k))
	}
	return all
}

// askMessages reads what is asked for; what makes no sense narrows nothing.
func askMessages(c echo.Context) (messageAsked, store.MessageFilter) {
	v := visitOf(c)
	a := messageAsked{State: cut(c.QueryParam("state")), Kind: cut(c.QueryParam("kind")), To: cut(c.QueryParam("to"))}
	if !slices.Contains(store.MessageStates, store.MessageState(a.State)) {
		a.State = ""
	}
	if !slices.Contains(messageKinds(), a.Kind) {
		a.Kind = ""
	}
	f := store.MessageFilter{State: store.MessageState(a.State), Kind: a.Kind, Before: queryID(c, "before"), Limit: pageLength + 1}
	if number, isChannel := strings.CutPrefix(a.To, toChannel); isChannel {
		f.Channel = typedAsID(number)
	} else {
		f.Recipient = typedAsID(a.To)
	}
	if f.Channel+f.Recipient == 0 {
		a.To = ""
	}
	if !v.actor.Role.MayManage() {
		a.To, f.Channel, f.Recipient = "", 0, v.actor.Person
	}
	return a, f
}

func (w *Web) messages(c echo.Context) error {
	v, ctx := visitOf(c), c.Request().Context()
	asked, f := askMessages(c)
	list, err := w.store.Messages(ctx, v.actor.Organisation, f)
	if err != nil {
		return err
	}
	count, err := w.store.CountMessages(ctx, v.actor.Organisation, f)
	if err != nil {
		return err
	}
	page := messagePage{Asked: asked, All: v.actor.Role.MayManage(), Configured: w.Post.Configured()}
	page.States = messageStates(v, asked, count)
	page.Kinds = []Option{{"", v.words.T("messages.all_kinds")}}
	for _, k := range messageKinds() {
		page.Kinds = append(page.Kinds, Option{k, v.words.Kind("message", k)})
	}
	if page.All {
		page.To = messageRecipients(v)
	}
	if len(list) > pageLength {
		list = list[:pageLength]
		page.Older = asked.address(list[pageLength-1].ID)
	}
	if f.Before != 0 {
		page.Newest = asked.address(0)
	}
	for _, m := range list {
		page.Messages = append(page.Messages, newMessageLine(v, m, w.Now()))
	}
	return w.render(c, screen{status: http.StatusOK, name: "messages", title: "messages.title", page: page})
}

// messageStates are the states there are messages in, and the one asked for.
func messageStates(v *visit, asked messageAsked, count map[store.MessageState]int) []stateTab {
	all := 0
	for _, n := range count {
		all += n
	}
	tab := func(state store.MessageState, name string, n int) stateTab {
		to := asked
		to.State = string(state)
		return stateTab{Name: name, Href: to.address(0), Count: n, Here: asked.State == string(state)}
	}
	tabs := []stateTab{tab("", v.words.T("messages.all_states"), all)}
	for _, s := range store.MessageStates {
		if count[s] > 0 || asked.State == string(s) {
			tabs = append(tabs, tab(s, v.words.Kind("message_state", string(s)), count[s]))
		}
	}
	return tabs
}

// messageRecipients are whom messages may have gone to.
func messageRecipients(v *visit) []Option {
	out := []Option{{"", v.words.T("messages.everybody")}}
	people := slices.Clone(v.register.People)
	words.SortBy(v.words, people, func(p models.Person) string { return p.Name })
	for _, p := range people {
		out = append(out, Option{typedID(p.ID), p.Name})
	}
	for _, ch := range v.register.Channels {
		out = append(out, Option{toChannel + typedID(ch.ID), ch.Name})
	}
	return out
}

// messageLine is one message as people read it.
type messageLine struct {
	ID        models.ID
	What      string // its subject, or what it will be about
	Kind      string
	Href      string // page of what it is about, while it has one
	About     string // the service, when the subject does not tell it yet
	Name      string // of who it is for
	Address   string
	State     string
	Tone      string // class of the state's tag
	When      string // sent, next try, or when it was over
	Why       string // why it did not leave
	Attempts  int
	Retryable bool
}

func newMessageLine(v *visit, m store.Message, now time.Time) messageLine {
	zone := v.register.Organisation.Location()
	line := messageLine{
		ID: m.ID, What: m.Subject, Kind: v.words.Kind("message", m.Kind), Name: m.Name, Address: m.Address, Attempts: m.Attempts,
		State: v.words.Kind("message_state", string(m.State)), Why: whyNotSent(v, m.LastError),
	}
	line.Href, line.About = aboutMessage(v, m)
	if line.What == "" {
		line.What = line.Kind
		if line.About != "" {
			line.What = v.words.T("messages.about", "kind", line.Kind, "about", line.About)
		}
	}
	// What was refused, and what waits for its next try, may be sent at once, while it still helps.
	line.Retryable = m.State != store.MessageSent && m.State != store.MessagePending && m.Until.After(now)
	moment := func(at time.Time) string { return v.words.Moment(at.In(zone)) }
	switch m.State {
	case store.MessageSent:
		line.Tone, line.When, line.Why = "premium", moment(m.SentAt), ""
	case store.MessagePending, store.MessageFailed, store.MessageNotConfigured:
		if line.Tone = "warning"; !m.NextAt.IsZero() {
			line.When = v.words.T("digest.next_try", "at", moment(m.NextAt))
		}
	case store.MessageGivenUp:
		line.Tone = "danger"
	case store.MessageLapsed:
		if !m.Until.After(now) {
			line.When = v.words.T("messages.over", "at", moment(m.Until))
		}
	}
	return line
}

// whyNotSent is the program's own reason in words, or what the other side said.
func whyNotSent(v *visit, detail string) string {
	if key := "messages.why." + detail; detail != "" && v.words.Has(key) {
		return v.words.T(key)
	}
	return detail
}

// aboutMessage is the page of what a message is about, and what it is called there.
func aboutMessage(v *visit, m store.Message) (href, name string) {
	switch m.Kind {
	case store.KindDigest:
		if month, err := cal.Parse(m.Occurrence + "-01"); err == nil {
			return "/digest?month=" + m.Occurrence, v.words.Month(month)
		}
		return "/digest", ""
	case string(models.RemindEnvelope):
		return "/envelope", ""
	}
	s, ok := v.register.Subscription(m.Item)
	if !ok {
		return "", ""
	}
	service, _ := v.register.Service(s.ServiceID)
	return servicePath(service.ID), service.Name
}

// retryMessage puts a message that did not leave back in the queue: the next round of the jobs sends it.
func (w *Web) retryMessage(c echo.Context) error {
	v := visitOf(c)
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	m, err := w.store.Message(ctx, v.actor.Organisation, id)
	if err != nil {
		return err
	}
	if err := w.store.RetryMessage(ctx, v.actor, id, w.Now()); err != nil {
		return err
	}
	back := "/messages"
	if c.FormValue("from") == "digest" {
		back = "/digest"
	}
	return w.done(c, back, Notice{Key: "message_queued", Args: []string{"name", m.Name}})
}
