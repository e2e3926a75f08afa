package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"enveloppe/models"
)

const (
	slackAddress = "https://hooks.slack.com/services/T00000000/B00000000/aSecretThatIsLongQz7x"
	gotifyToken  = "AbCdEfGhIjKlMnOp"
)

func slackChannel() models.Channel {
	return models.Channel{
		Name: " Salon ", Kind: models.ChannelSlack, Address: slackAddress + "\n", Secret: "not used", Target: "nor this", Lang: models.French, Amounts: true,
		Leads: models.Leads{models.RemindDecideBy: {3, 30, 3}, models.RemindRenewal: {}},
	}
}

func gotifyChannel() models.Channel {
	return models.Channel{Name: "Téléphone", Kind: models.ChannelGotify, Address: "https://gotify.example.org", Secret: gotifyToken, Lang: models.English}
}

// saved is the refusal of a change that somebody else's came before.
func saved(version int64) error { return models.Conflict{By: "Nadia", At: noon, Current: version} }

// channel is the one added last, 0 for none.
func (h *house) channel() models.ID {
	h.Helper()
	if all := h.reg().Channels; len(all) > 0 {
		return all[len(all)-1].ID
	}
	return 0
}

// channelVerbs are those of the channels.
func channelVerbs() map[string]verb {
	return map[string]verb{
		"AddChannel": {mayManage, func(s *Store, h *house, by models.Actor) error { return first(s.AddChannel(h.ctx, by, slackChannel())) }, true},
		"EditChannel": {mayManage, func(s *Store, h *house, by models.Actor) error {
			c, _ := h.reg().Channel(h.channel())
			c.Name = "Autre"
			return s.EditChannel(h.ctx, by, c)
		}, false},
		"RekeyChannel": {mayManage, func(s *Store, h *house, by models.Actor) error {
			c, _ := h.reg().Channel(h.channel())
			return s.RekeyChannel(h.ctx, by, Rekey{ID: c.ID, Version: c.Version, Address: "https://hooks.slack.com/services/another"})
		}, false},
		"PauseChannel":  {mayManage, func(s *Store, h *house, by models.Actor) error { return s.PauseChannel(h.ctx, by, h.channel(), true) }, false},
		"RemoveChannel": {mayManage, func(s *Store, h *house, by models.Actor) error { return s.RemoveChannel(h.ctx, by, h.channel()) }, false},
		"RestoreChannel": {mayManage, func(s *Store, h *house, by models.Actor) error {
			gone, err := h.RemovedChannels(h.ctx, h.org)
			h.ok(err)
			var id models.ID
			if len(gone) > 0 {
				id = gone[0].ID
			}
			return s.RestoreChannel(h.ctx, by, id)
		}, false},
	}
}

func TestAChannelKeepsItsKeysApart(t *testing.T) {
	h := newHouse(t)
	id := h.id(h.AddChannel(h.ctx, h.by, slackChannel()))
	c, ok := h.reg().Channel(id)
	if !ok || c.Name != "Salon" || c.Host != "hooks.slack.com" || c.AddressEnd != "Qz7x" || c.SecretEnd != "" || c.Target != "" ||
		c.Address != "" || c.Secret != "" || c.AddedBy != nadia || !c.KeyedAt.Equal(noon) || c.Leads.String() != "decide_by 30 3, renewal none" {
		t.Errorf("the register has %#v", c)
	}
	open, err := h.OpenChannel(h.ctx, h.org, id)
	h.ok(err)
	if open.Address.Reveal() != slackAddress || open.Secret != "" || open.Name != "Salon" || open.Host != c.Host {
		t.Errorf("sent with %q and %q", open.Address.Reveal(), open.Secret.Reveal())
	}
	h.id(h.AddChannel(h.ctx, h.by, gotifyChannel()))
	if g := h.reg().Channels[1]; g.SecretEnd != "MnOp" || g.Host != "gotify.example.org" || g.AddressEnd != "" {
		t.Errorf("the register has %#v", g)
	}
	for table, rows := range h.everything() {
		for _, row := range rows {
			if table != "channel_keys" && (strings.Contains(row, "aSecretThat") || strings.Contains(row, gotifyToken)) {
				t.Errorf("%s holds a secret: %s", table, row)
			}
			if table == "audit" && (strings.Contains(row, "Qz7x") || strings.Contains(row, "MnOp")) {
				t.Errorf("the log holds the end of a secret: %s", row)
			}
		}
	}
	for _, text := range []string{fmt.Sprintf("%v %+v %#v %s %q %x", open, open, open, open.Address, open.Address, open.Address)} {
		if strings.Contains(text, "aSecretThat") || strings.Contains(text, "6153656372") {
			t.Errorf("printed: %s", text)
		}
	}
	h.same()
}

func TestAChannelsKeysChange(t *testing.T) {
	h := newHouse(t)
	id := h.id(h.AddChannel(h.ctx, h.by, gotifyChannel()))
	later := h.by
	later.At = noon.Add(time.Hour)
	rekey := func(k Rekey) error {
		c, _ := h.reg().Channel(id)
		k.ID, k.Version = id, c.Version
		return h.RekeyChannel(h.ctx, later, k)
	}
	opened := func() string {
		c, err := h.OpenChannel(h.ctx, h.org, id)
		h.ok(err)
		return c.Address.Reveal() + " " + c.Secret.Reveal()
	}
	h.refuses(invalid("secret_address", "channel.nothing"), func() error { return rekey(Rekey{}) })
	h.refuses(invalid("secret_address", "channel.nothing"), func() error { return rekey(Rekey{NoSecret: true}) })
	h.refuses(invalid("secret", "channel.again"), func() error { return rekey(Rekey{Address: "https://elsewhere.example.net"}) })
	h.refuses(invalid("secret", "channel.again"), func() error { return rekey(Rekey{Address: "http://gotify.example.org"}) })
	h.refuses(invalid("secret_address", "channel.server"), func() error { return rekey(Rekey{Address: "https://gotify.example.org/?x=1"}) })
	h.refuses(saved(h.reg().Channels[0].Version), func() error {
		return h.RekeyChannel(h.ctx, later, Rekey{ID: id, Version: 1, Secret: "QrStUvWxYz012345"})
	})

	h.ok(rekey(Rekey{Secret: "QrStUvWxYz012345"}))
	c, _ := h.reg().Channel(id)
	if opened() != "https://gotify.example.org QrStUvWxYz012345" || c.SecretEnd != "2345" || !c.KeyedAt.Equal(later.At) {
		t.Errorf("%s, %+v", opened(), c)
	}
	if e := h.last(); e.Verb != "channel.rekey" || len(e.Changes) != 0 {
		t.Errorf("the log says %+v", e)
	}
	h.ok(rekey(Rekey{Address: "https://gotify.example.org/under"})) // the same host may keep the token
	if opened() != "https://gotify.example.org/under QrStUvWxYz012345" {
		t.Error(opened())
	}
	revision := h.revision()
	h.ok(rekey(Rekey{Secret: "QrStUvWxYz012345"}))
	if h.revision() != revision {
		t.Error("the same keys again are a change")
	}
	h.ok(rekey(Rekey{Address: "https://elsewhere.example.net", Secret: "QrStUvWxYz012345"}))
	if e := h.last(); len(e.Changes) != 1 || e.Changes[0] != (models.Change{Field: "host", Before: "gotify.example.org", After: "elsewhere.example.net"}) {
		t.Errorf("the log says %+v", e)
	}

	// A topic of ntfy may do without a token; nothing else can.
	id = h.id(h.AddChannel(h.ctx, h.by, models.Channel{Name: "Sujet", Kind: models.ChannelNtfy, Address: "https://ntfy.sh/a-topic", Secret: "tk_0123456789abcdef", Lang: models.French}))
	h.ok(rekey(Rekey{NoSecret: true}))
	if opened() != "https://ntfy.sh/a-topic " {
		t.Error(opened())
	}
	// A key that only signs is not sent: it may stay when the address leads elsewhere.
	id = h.id(h.AddChannel(h.ctx, h.by, models.Channel{Name: "Programme", Kind: models.ChannelWebhook, Address: "https://a.example/", Secret: models.NewWebhookKey(make([]byte, 32)), Lang: models.French}))
	h.ok(rekey(Rekey{Address: "https://b.example/"}))
	h.same()
}

func TestAChannelsSettingsChangeWithoutItsKeys(t *testing.T) {
	h := newHouse(t)
	id := h.id(h.AddChannel(h.ctx, h.by, slackChannel()))
	c, _ := h.reg().Channel(id)
	c.Name, c.Kind, c.Address, c.Paused, c.Host, c.Digest = "Équipe", models.ChannelDiscord, "https://elsewhere.example.net/x", true, "elsewhere", true
	h.ok(h.EditChannel(h.ctx, h.by, c))
	now, _ := h.reg().Channel(id)
	open, err := h.OpenChannel(h.ctx, h.org, id)
	h.ok(err)
	if now.Name != "Équipe" || now.Kind != models.ChannelSlack || now.Paused || now.Host != "hooks.slack.com" || !now.Digest || open.Address.Reveal() != slackAddress {
		t.Errorf("changed to %+v", now)
	}
	if e := h.last(); len(e.Changes) != 2 {
		t.Errorf("the log says %+v", e.Changes)
	}
	h.refuses(saved(now.Version), func() error { return h.EditChannel(h.ctx, h.by, c) })
	h.id(h.AddChannel(h.ctx, h.by, gotifyChannel()))
	now.Name = "  TÉLÉPHONE "
	h.refuses(invalid("name", "duplicate"), func() error { return h.EditChannel(h.ctx, h.by, now) })
	h.refuses(invalid("name", "duplicate"), func() error { return first(h.AddChannel(h.ctx, h.by, gotifyChannel())) })
	h.refuses(invalid("leads.renewal", "number.range"), func() error {
		now.Name, now.Leads = "Équipe", models.Leads{models.RemindRenewal: {-1}}
		return h.EditChannel(h.ctx, h.by, now)
	})
	h.refuses(models.ErrNotFound, func() error {
		return h.EditChannel(h.ctx, h.by, models.Channel{ID: dropbox, Name: "x", Lang: models.French})
	})
	h.same()
}

func TestARemovedChannelCanBePutBackForAWeek(t *testing.T) {
	h := newHouse(t)
	id := h.id(h.AddChannel(h.ctx, h.by, slackChannel()))
	h.ok(h.RemoveChannel(h.ctx, h.by, id))
	if len(h.reg().Channels) != 0 {
		t.Error("it is still in use")
	}
	h.same()
	if _, err := h.OpenChannel(h.ctx, h.org, id); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("opened: %v", err)
	}
	for what, do := range map[string]func() error{
		"removed again": func() error { return h.RemoveChannel(h.ctx, h.by, id) },
		"paused":        func() error { return h.PauseChannel(h.ctx, h.by, id, true) },
		"rekeyed":       func() error { return h.RekeyChannel(h.ctx, h.by, Rekey{ID: id, Address: slackAddress}) },
	} {
		t.Run(what, func(*testing.T) { h.refuses(models.ErrNotFound, do) })
	}
	gone, err := h.RemovedChannels(h.ctx, h.org)
	if err != nil || len(gone) != 1 || gone[0].Name != "Salon" || !gone[0].Until.Equal(noon.Add(7*24*time.Hour)) {
		t.Errorf("removed %+v, %v", gone, err)
	}
	namesake := h.id(h.AddChannel(h.ctx, h.by, slackChannel()))
	h.refuses(refused("channel.name"), func() error { return h.RestoreChannel(h.ctx, h.by, id) })
	h.ok(h.RemoveChannel(h.ctx, h.by, namesake))
	h.ok(h.RestoreChannel(h.ctx, h.by, id))
	if c, err := h.OpenChannel(h.ctx, h.org, id); err != nil || c.Address.Reveal() != slackAddress {
		t.Errorf("put back: %+v, %v", c, err)
	}
	h.same()

	h.ok(h.ForgetChannels(h.ctx, h.org, noon.Add(7*24*time.Hour-time.Second)))
	if gone, err := h.RemovedChannels(h.ctx, h.org); err != nil || len(gone) != 1 {
		t.Errorf("a second too early %d are left, %v", len(gone), err)
	}
	revision := h.revision()
	h.ok(h.ForgetChannels(h.ctx, h.org, noon.Add(7*24*time.Hour)))
	if gone, err := h.RemovedChannels(h.ctx, h.org); err != nil || len(gone) != 0 || h.revision() != revision {
		t.Errorf("a week later %d are left, %v", len(gone), err)
	}
	if _, err := h.OpenChannel(h.ctx, h.org, id); err != nil {
		t.Errorf("one in use was forgotten: %v", err)
	}
	h.refuses(refused("channel.forgotten"), func() error { return h.RestoreChannel(h.ctx, h.by, namesake) })
}

func TestAnOrganisationHasAFewChannels(t *testing.T) {
	h := newHouse(t)
	c := slackChannel()
	for n := range MaxChannels {
		c.Name = fmt.Sprintf("Salon %d", n)
		h.id(h.AddChannel(h.ctx, h.by, c))
	}
	c.Name = "Un de trop"
	h.refuses(refused("channel.many"), func() error { return first(h.AddChannel(h.ctx, h.by, c)) })
	one := h.channel()
	h.ok(h.RemoveChannel(h.ctx, h.by, one))
	h.id(h.AddChannel(h.ctx, h.by, c))
	h.refuses(refused("channel.many"), func() error { return h.RestoreChannel(h.ctx, h.by, one) })
}

// What an organisation sends with is not another's to open.
func TestKeysAreOfOneOrganisation(t *testing.T) {
	h := newHouse(t)
	id := h.id(h.AddChannel(h.ctx, h.by, slackChannel()))
	for _, org := range []models.ID{0, h.org + 1, id} {
		if _, err := h.OpenChannel(context.Background(), org, id); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("organisation %d opens it: %v", org, err)
		}
	}
}
