package web

import (
	"cmp"
	"crypto/rand"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/store"
)

// channelForm is the form of a channel: a new one with what it is sent with, one that is known without.
type channelForm struct {
	Form      Form
	Kind      models.ChannelKind
	Known     models.Channel // zero for a new one
	Secret    string         // how much a secret is asked for: "none", "optional", "needed"
	Langs     []Option
	Reminders []leadLine
	Amounts   bool // staff reads amounts here, so a room everybody reads may
}

// channelFields are those of the form.
func channelFields() []string {
	names := []string{"kind", "name", "target", "lang", "amounts", "digest", "secret_address", "secret"}
	return append(names, leadFields(models.ReminderKinds...)...)
}

func numbers(days []int) []string {
	text := make([]string, len(days))
	for i, n := range days {
		text[i] = strconv.Itoa(n)
	}
	return text
}

// channelFieldsOf is a channel as somebody would have typed it; its address and secret never are.
func channelFieldsOf(c models.Channel) Fields {
	f := Fields{
		"version": typedVersion(c.Version), "kind": string(c.Kind), "name": c.Name, "target": c.Target, "lang": string(c.Lang),
		"amounts": typedTick(c.Amounts), "digest": typedTick(c.Digest),
	}
	f.leadsTyped(c.Leads, models.ReminderKinds...)
	return f
}

// channel reads the settings of a channel.
func (e *entry) channel() models.Channel {
	return models.Channel{
		Version: e.version(), Kind: models.ChannelKind(e.text("kind")), Name: e.text("name"), Target: e.text("target"), Lang: models.Lang(e.text("lang")),
		Amounts: e.tick("amounts"), Digest: e.tick("digest"), Leads: e.leads(models.ReminderKinds...),
	}
}

// days is a list of numbers of days, as people write one: "30, 7" or "30 et 7".
func (e *entry) days(field string) []int {
	var days []int
	for part := range strings.FieldsFuncSeq(e.text(field), func(r rune) bool { return strings.ContainsRune(" ,;/\u00a0\u202f", r) }) {
		if part == "et" || part == "and" {
			continue
		}
		n, err := strconv.Atoi(part)
		if err != nil {
			e.bad.Add(field, "number.malformed")
			return nil
		}
		days = append(days, n)
	}
	return days
}

// hushed is a form without what it was given in confidence: no page repeats it.
func hushed(f Fields) Fields {
	delete(f, "secret")
	delete(f, "secret_address")
	return f
}

func (w *Web) newChannel(c echo.Context) error {
	v := visitOf(c)
	kind := models.ChannelKind(c.QueryParam("kind"))
	if !slices.Contains(models.ChannelKinds, kind) {
		return c.Redirect(http.StatusSeeOther, "/settings/channels")
	}
	o := v.register.Organisation
	f := channelFieldsOf(models.Channel{Kind: kind, Lang: o.Lang, Amounts: !o.StaffWithoutAmounts})
	if kind == models.ChannelWebhook {
		f["secret"] = newWebhookKey()
	}
	return w.showChannelForm(c, models.Channel{Kind: kind}, http.StatusOK, Form{Fields: f})
}

// newWebhookKey draws a key for the form: it can be copied there, and never again.
func newWebhookKey() string {
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails
	return models.NewWebhookKey(key[:]).Reveal()
}

func (w *Web) showChannelForm(c echo.Context, ch models.Channel, status int, f Form) error {
	v := visitOf(c)
	page := channelForm{
		Form: f, Kind: ch.Kind, Known: ch, Secret: secretUse(ch.Kind), Langs: langOptions(v), Reminders: leadLines(v.words, usualLeads(v.register.Organisation), models.ReminderKinds...),
		Amounts: !v.register.Organisation.StaffWithoutAmounts,
	}
	title, args := "channels.new_title", []any{"kind", v.words.Kind("channel", string(ch.Kind))}
	if ch.ID != 0 {
		title, args = "channels.one_title", []any{"name", ch.Name}
	}
	return w.render(c, screen{status: status, name: "settings-channel-form", nav: "settings", title: title, args: args, page: page})
}

func langOptions(v *visit) []Option {
	var list []Option
	for _, l := range []models.Lang{models.French, models.English} {
		list = append(list, Option{string(l), v.words.Kind("lang", string(l))})
	}
	return list
}

func secretUse(kind models.ChannelKind) string {
	switch kind.Secret() {
	case models.SecretNeeded:
		return "needed"
	case models.SecretOptional:
		return "optional"
	case models.SecretNone:
	}
	return "none"
}

// askable is a typed address that the program may ask.
func (w *Web) askable(e *entry) models.Secret {
	const field = "secret_address"
	a := models.Secret(e.text(field))
	if a != "" {
		if rule := w.Channels.Check(a); rule != "" {
			e.bad.Add(field, rule)
		}
	}
	return a
}

func (w *Web) addChannel(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: fields(c, channelFields()...)}
	ch := e.channel()
	ch.Address, ch.Secret = w.askable(&e), models.Secret(e.text("secret"))
	ch = ch.Tidy()
	if !slices.Contains(models.ChannelKinds, ch.Kind) {
		return models.ErrNotFound
	}
	e.merge(ch.Check(), nil)
	err := e.bad.Err()
	var id models.ID
	if err == nil {
		id, err = w.store.AddChannel(c.Request().Context(), v.actor, ch)
	}
	if err != nil {
		return w.retry(c, err, hushed(e.Fields), func(status int, f Form) error {
			return w.showChannelForm(c, models.Channel{Kind: ch.Kind}, status, f)
		})
	}
	return w.done(c, channelPath(id), Notice{Key: "channel_added", Args: []string{"name", ch.Name}})
}

func (w *Web) editChannel(c echo.Context) error {
	ch, err := askedChannel(c)
	if err != nil {
		return err
	}
	return w.showChannelForm(c, ch, http.StatusOK, Form{Fields: channelFieldsOf(ch)})
}

func (w *Web) saveChannel(c echo.Context) error {
	v := visitOf(c)
	known, err := askedChannel(c)
	if err != nil {
		return err
	}
	e := entry{Fields: fields(c, channelFields()...)}
	ch := e.channel()
	ch.ID, ch.Kind = known.ID, known.Kind
	e.merge(ch.Tidy().CheckSettings(), nil)
	if err = e.bad.Err(); err == nil {
		err = w.store.EditChannel(c.Request().Context(), v.actor, ch)
	}
	if err != nil {
		return w.retry(c, err, hushed(e.Fields), func(status int, f Form) error { return w.showChannelForm(c, known, status, f) })
	}
	return w.done(c, channelPath(ch.ID), Notice{Key: "item_saved", Args: []string{"name", ch.Name}})
}

// channelKeysPage takes another address or secret. It stands apart from the settings, so that what is typed is never
// taken for left as it was.
type channelKeysPage struct {
	Form    Form
	Channel models.Channel
	Secret  string // as in channelForm
}

func (w *Web) channelKeys(c echo.Context) error {
	ch, err := askedChannel(c)
	if err != nil {
		return err
	}
	f := Fields{"version": typedVersion(ch.Version)}
	if ch.Kind == models.ChannelWebhook && c.QueryParam("draw") != "" {
		f["secret"] = newWebhookKey()
	}
	return w.showChannelKeys(c, ch, http.StatusOK, Form{Fields: f})
}

func (w *Web) showChannelKeys(c echo.Context, ch models.Channel, status int, f Form) error {
	page := channelKeysPage{Form: f, Channel: ch, Secret: secretUse(ch.Kind)}
	return w.render(c, screen{status: status, name: "settings-channel-keys", nav: "settings", title: "channels.one_title", args: []any{"name", ch.Name}, page: page})
}

func (w *Web) rekeyChannel(c echo.Context) error {
	v := visitOf(c)
	ch, err := askedChannel(c)
	if err != nil {
		return err
	}
	e := entry{Fields: fields(c, "secret_address", "secret", "no_secret")}
	k := store.Rekey{ID: ch.ID, Version: e.version(), Address: w.askable(&e), Secret: models.Secret(e.text("secret")), NoSecret: e.tick("no_secret")}
	if err = e.bad.Err(); err == nil {
		err = w.store.RekeyChannel(c.Request().Context(), v.actor, k)
	}
	if err != nil {
		return w.retry(c, err, hushed(e.Fields), func(status int, f Form) error { return w.showChannelKeys(c, ch, status, f) })
	}
	return w.done(c, channelPath(ch.ID), Notice{Key: "channel_rekeyed", Args: []string{"name", cmp.Or(ch.Name, ch.Host)}})
}
