package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/store"
	"enveloppe/templates/words"
)

// ChannelDesk tries channels for the screens. It belongs to the outside, so the program hands it in.
type ChannelDesk interface {
	// Check says why an address cannot be asked, as the rule of a sentence; empty when it can.
	Check(address models.Secret) (rule string)
	// Try sends a message to a channel, whose address and secret must be there.
	Try(ctx context.Context, ch models.Channel, title, body string) Tried
}

// Tried is what came of a message to a channel.
type Tried struct {
	Rule   string // why it was not taken, as the rule of a sentence; empty when it was
	Host   string
	Status int    // of the answer; 0 when none came
	Answer string // what the other side said, one line without secrets
}

func (w *Web) channelRoutes(g *echo.Group) {
	g.GET("/settings/channels", w.channelsPage, mayManage)
	g.GET("/settings/channels/new", w.newChannel, mayManage, w.fresh)
	g.POST("/settings/channels", w.addChannel, mayManage, w.fresh)
	g.GET("/settings/channels/:id", w.channelPage, mayManage)
	g.GET("/settings/channels/:id/edit", w.editChannel, mayManage, w.fresh)
	g.POST("/settings/channels/:id/edit", w.saveChannel, mayManage, w.fresh)
	g.GET("/settings/channels/:id/keys", w.channelKeys, mayManage, w.fresh)
	g.POST("/settings/channels/:id/keys", w.rekeyChannel, mayManage, w.fresh)
	g.POST("/settings/channels/:id/test", w.tryChannel, mayManage)
	g.POST("/settings/channels/:id/pause", w.pauseChannel, mayManage)
	g.POST("/settings/channels/:id/removal", w.removeChannel, mayManage)
	g.POST("/settings/channels/:id/restoration", w.restoreChannel, mayManage, w.fresh)
}

// channelsPage lists the channels in use, those that can be put back, and the kinds there are.
type channelsPage struct {
	Lines   []channelLine
	Removed []removedLine
	Kinds   []models.ChannelKind
	Room    bool // another one may be added
}

// channelLine is a channel as it is shown: what it is sent with by host and end alone.
type channelLine struct {
	models.Channel
	Gets []string // in words
}

type removedLine struct {
	models.Channel
	Until string // in words
}

// channelPage is one channel, with what can be done to it.
type channelPage struct {
	Form      Form // of a test that failed
	Answer    string
	Line      channelLine
	Reminders []channelReminder
	KeyedAt   string
	AddedBy   string
}

// channelReminder is what a channel is told of events of a kind.
type channelReminder struct {
	Kind models.ReminderKind
	Told string // when, in words; empty for never
	Own  bool   // by its own choice, not as the service or the organisation chose
}

func channelReminders(v *visit, c models.Channel) []channelReminder {
	usual := usualLeads(v.register.Organisation)
	list := make([]channelReminder, 0, len(models.ReminderKinds))
	for _, kind := range models.ReminderKinds {
		line := channelReminder{Kind: kind}
		days, own := c.Leads[kind]
		if !own {
			days = usual[kind]
		}
		if getsReminder(c, kind) {
			line.Told, line.Own = leadsTold(v.words, kind, numbers(days)), own
		}
		list = append(list, line)
	}
	return list
}

func channelPath(id models.ID, rest ...string) string {
	path := "/settings/channels/" + typedID(id)
	for _, r := range rest {
		path += "/" + r
	}
	return path
}

// Href is where the channel is looked at.
func (l channelLine) Href() string { return channelPath(l.ID) }

// getsReminder tells whether a channel is told of events of a kind, as far as its own choice goes.
func getsReminder(c models.Channel, kind models.ReminderKind) bool {
	days, said := c.Leads[kind]
	return !said || len(days) > 0
}

func newChannelLine(v *visit, c models.Channel) channelLine {
	line := channelLine{Channel: c}
	for _, kind := range models.ReminderKinds {
		if getsReminder(c, kind) {
			line.Gets = append(line.Gets, v.words.T("channels.gets."+string(kind)))
		}
	}
	if c.Digest {
		line.Gets = append(line.Gets, v.words.T("channels.gets.digest"))
	}
	return line
}

func (w *Web) channelsPage(c echo.Context) error {
	v := visitOf(c)
	page := channelsPage{Kinds: models.ChannelKinds, Room: len(v.register.Channels) < store.MaxChannels}
	all := slices.Clone(v.register.Channels)
	words.SortBy(v.words, all, func(c models.Channel) string { return c.Name })
	for _, ch := range all {
		page.Lines = append(page.Lines, newChannelLine(v, ch))
	}
	removed, err := w.store.RemovedChannels(c.Request().Context(), v.actor.Organisation)
	if err != nil {
		return err
	}
	for _, r := range removed {
		if r.Until.After(w.Now()) {
			page.Removed = append(page.Removed, removedLine{r.Channel, moment(v, r.Until)})
		}
	}
	return w.render(c, screen{status: http.StatusOK, name: "settings-channels", nav: "settings", title: "channels.title", page: page})
}

// moment is an instant in the organisation's time, in words.
func moment(v *visit, at time.Time) string {
	return v.words.Moment(at.In(v.register.Organisation.Location()))
}

func askedChannel(c echo.Context) (models.Channel, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return models.Channel{}, err
	}
	ch, ok := visitOf(c).register.Channel(id)
	if !ok {
		return ch, models.ErrNotFound
	}
	return ch, nil
}

func (w *Web) channelPage(c echo.Context) error {
	ch, err := askedChannel(c)
	if err != nil {
		return err
	}
	return w.showChannel(c, ch, http.StatusOK, Form{}, "")
}

func (w *Web) showChannel(c echo.Context, ch models.Channel, status int, f Form, answer string) error {
	v := visitOf(c)
	page := channelPage{Form: f, Answer: answer, Line: newChannelLine(v, ch), Reminders: channelReminders(v, ch)}
	if !ch.KeyedAt.IsZero() {
		page.KeyedAt = moment(v, ch.KeyedAt)
	}
	if p, ok := v.register.Person(ch.AddedBy); ok {
		page.AddedBy = p.Name
	}
	return w.render(c, screen{status: status, name: "settings-channel", nav: "settings", title: "channels.one_title", args: []any{"name", ch.Name}, page: page})
}

// Tests of one organisation's channels: enough to put one right, too few to bother others with.
const (
	triesWindow = 10 * time.Minute
	tries       = 15
)

// tryChannel sends a sample message, and shows what the other side answered.
func (w *Web) tryChannel(c echo.Context) error {
	v, ctx := visitOf(c), c.Request().Context()
	ch, err := askedChannel(c)
	if err != nil {
		return err
	}
	allowed, _, err := w.store.CountAttempt(ctx, hashed("channels of "+typedID(v.actor.Organisation)), w.Now(), triesWindow, tries)
	if err != nil {
		return err
	}
	if !allowed {
		return w.showChannel(c, ch, http.StatusTooManyRequests, Form{Errors: Errors{"": v.words.Refusal("channel.patience")}}, "")
	}
	open, err := w.store.OpenChannel(ctx, v.actor.Organisation, ch.ID)
	if err != nil {
		return err
	}
	said := w.books[open.Lang].words
	tried := w.Channels.Try(ctx, open, said.T("channels.test_title"), said.T("channels.test_body", "name", open.Name, "organisation", v.register.Organisation.Name))
	if tried.Rule != "" {
		bad := models.Invalid{{Rule: tried.Rule, Args: []any{"host", tried.Host, "status", tried.Status}}}
		return w.showChannel(c, ch, http.StatusUnprocessableEntity, Form{Errors: sentences(v.words, bad)}, tried.Answer)
	}
	n := Notice{Key: "channel_tried", Args: []string{"name", ch.Name, "status", strconv.Itoa(tried.Status)}}
	if tried.Answer != "" {
		n.Key, n.Args = "channel_tried_said", append(n.Args, "answer", tried.Answer)
	}
	return w.done(c, channelPath(ch.ID), n)
}

// pauseChannel stops messages to a channel, or lets them go again.
func (w *Web) pauseChannel(c echo.Context) error {
	ch, err := askedChannel(c)
	if err != nil {
		return err
	}
	paused := c.FormValue("paused") != ""
	if err := w.store.PauseChannel(c.Request().Context(), visitOf(c).actor, ch.ID, paused); err != nil {
		return err
	}
	n := Notice{Key: "channel_resumed", Args: []string{"name", ch.Name}}
	if paused {
		n.Key = "channel_paused"
	}
	return w.done(c, channelPath(ch.ID), n)
}

func (w *Web) removeChannel(c echo.Context) error {
	ch, err := askedChannel(c)
	if err != nil {
		return err
	}
	if err := w.store.RemoveChannel(c.Request().Context(), visitOf(c).actor, ch.ID); err != nil {
		return err
	}
	return w.done(c, "/settings/channels", Notice{Key: "item_removed", Args: []string{"name", ch.Name}, Undo: channelPath(ch.ID, "restoration")})
}

func (w *Web) restoreChannel(c echo.Context) error {
	v, ctx := visitOf(c), c.Request().Context()
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if err := w.store.RestoreChannel(ctx, v.actor, id); err != nil {
		return err
	}
	r, err := w.store.Register(ctx, v.actor.Organisation)
	if err != nil {
		return err
	}
	ch, _ := r.Channel(id)
	return w.done(c, channelPath(id), Notice{Key: "channel_restored", Args: []string{"name", ch.Name}})
}
