package store

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"enveloppe/models"
)

// MaxChannels is how many an organisation may have: each one more is one more to wait for at every message.
const MaxChannels = 20

// KeepRemoved is how long the keys of a removed channel are kept, so that it can be put back.
const KeepRemoved = 7 * 24 * time.Hour

// AddChannel adds a channel, with its address and secret.
func (s *Store) AddChannel(ctx context.Context, by models.Actor, c models.Channel) (models.ID, error) {
	return s.add(ctx, by, "channel.add", mayManage, func(a *act) (models.ID, error) {
		c = c.Tidy()
		bad := c.Check()
		if err := a.freeChannel(&bad, c.Name, 0); err != nil {
			return 0, err
		}
		if err := bad.Err(); err != nil {
			return 0, err
		}
		if err := a.roomForChannel(); err != nil {
			return 0, err
		}
		kept := c.Masked()
		kept.KeyedAt, kept.AddedBy = a.by.At, a.by.Person
		id, err := insert(a, &channelRow{}, kept, kept.Name)
		if err != nil {
			return 0, err
		}
		return id, a.tx.Create(&channelKeysRow{a.org.OrganisationID, id, c.Address.Reveal(), c.Secret.Reveal()}).Error
	})
}

func (a *act) roomForChannel() error {
	n, err := a.count("channels", "removed_at IS NULL")
	if err == nil && n >= MaxChannels {
		return models.Refused{Rule: "channel.many", Args: []any{"max", MaxChannels}}
	}
	return err
}

// freeChannel notes a problem when another channel in use has the name.
func (a *act) freeChannel(v *models.Invalid, name string, self models.ID) error {
	if v.Has("name") {
		return nil
	}
	n, err := a.count("channels", "name_key = ? AND id <> ? AND removed_at IS NULL", nameKey(name), self)
	if err == nil && n > 0 {
		v.Add("name", "duplicate")
	}
	return err
}

// EditChannel changes the settings of a channel. Its kind stays, and what it is sent with: RekeyChannel changes that.
func (s *Store) EditChannel(ctx context.Context, by models.Actor, c models.Channel) error {
	return s.write(ctx, by, "channel.save", mayManage, func(a *act) error {
		before, _, err := a.channel(c.ID)
		if err != nil {
			return err
		}
		after := before
		after.Name, after.Target, after.Lang, after.Amounts, after.Digest, after.Leads = c.Name, c.Target, c.Lang, c.Amounts, c.Digest, c.Leads
		after = after.Tidy()
		after.Address = "" // which Tidy gives a Telegram bot
		bad := after.CheckSettings()
		if err := a.freeChannel(&bad, after.Name, c.ID); err != nil {
			return err
		}
		if err := bad.Err(); err != nil {
			return err
		}
		if err := a.expect("channel", c.ID, before.Version, c.Version); err != nil {
			return err
		}
		return change(a, &channelRow{}, before, after, after.Name)
	})
}

// Rekey is another address, another secret, or both, for a channel. What is empty stays as it is kept.
type Rekey struct {
	ID              models.ID
	Version         int64
	Address, Secret models.Secret
	NoSecret        bool // the secret goes, where the kind can do without
}

// RekeyChannel changes what a channel is sent with.
func (s *Store) RekeyChannel(ctx context.Context, by models.Actor, k Rekey) error {
	return s.write(ctx, by, "channel.rekey", mayManage, func(a *act) error {
		before, kept, err := a.channel(k.ID)
		if err != nil {
			return err
		}
		c, bad := k.onto(before, kept)
		if len(bad) == 0 {
			bad = c.Check()
		}
		if err := bad.Err(); err != nil {
			return err
		}
		if err := a.expect("channel", c.ID, before.Version, k.Version); err != nil {
			return err
		}
		keys := channelKeysRow{a.org.OrganisationID, c.ID, c.Address.Reveal(), c.Secret.Reveal()}
		if keys == kept {
			return nil
		}
		after := c.Masked()
		after.KeyedAt = a.by.At
		if err := a.tx.Select("*").Updates(&keys).Error; err != nil {
			return err
		}
		changes, err := a.differences(before, after) // the host at the most: the log says that the keys changed, not which they are
		if err != nil {
			return err
		}
		var r channelRow
		r.fill(after)
		if err := rewrite(a, &r); err != nil {
			return err
		}
		a.note("channel", c.ID, c.Name, changes)
		return nil
	})
}

// onto is the channel with its keys after the change. A token is not taken along to another host, which would learn it:
// whoever changes the host types it again. A key that only signs is not sent, and may stay.
func (k Rekey) onto(c models.Channel, kept channelKeysRow) (models.Channel, models.Invalid) {
	var bad models.Invalid
	c.Address, c.Secret = models.Secret(strings.TrimSpace(k.Address.Reveal())), models.Secret(strings.TrimSpace(k.Secret.Reveal()))
	drop := k.NoSecret && c.Kind.Secret() == models.SecretOptional
	if c.Address == "" && c.Secret == "" && !drop {
		bad.Add("secret_address", "channel.nothing")
		return c, bad
	}
	if c.Address == "" {
		c.Address = models.Secret(kept.Address)
	}
	switch {
	case drop:
		c.Secret = ""
	case c.Secret == "" && kept.Secret != "":
		if c.Kind != models.ChannelWebhook && hostOf(c.Address.Reveal()) != hostOf(kept.Address) {
			bad.Add("secret", "channel.again")
		}
		c.Secret = models.Secret(kept.Secret)
	}
	return c.Tidy(), bad
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Scheme + "://" + u.Host)
}

// keysOf are the keys of channels that have some, to be planted apart from them.
func keysOf(org models.ID, channels []models.Channel) []channelKeysRow {
	var keys []channelKeysRow
	for _, c := range channels {
		if c.Address != "" {
			keys = append(keys, channelKeysRow{org, c.ID, c.Address.Reveal(), c.Secret.Reveal()})
		}
	}
	return keys
}

// masked are channels as the register has them.
func masked(channels []models.Channel) []models.Channel {
	channels = slices.Clone(channels)
	for i, c := range channels {
		if c.Address != "" {
			channels[i] = c.Masked()
		}
	}
	return channels
}

// PauseChannel stops messages to a channel, or lets them go again.
func (s *Store) PauseChannel(ctx context.Context, by models.Actor, id models.ID, paused bool) error {
	verb := "channel.resume"
	if paused {
		verb = "channel.pause"
	}
	return s.write(ctx, by, verb, mayManage, func(a *act) error {
		before, _, err := a.channel(id)
		if err != nil {
			return err
		}
		after := before
		after.Paused = paused
		return change(a, &channelRow{}, before, after, after.Name)
	})
}

// RemoveChannel takes a channel out of use. For a week it can be put back; then its address and secret are forgotten.
func (s *Store) RemoveChannel(ctx context.Context, by models.Actor, id models.ID) error {
	return s.write(ctx, by, "channel.remove", mayManage, func(a *act) error {
		before, _, err := a.channel(id)
		if err != nil {
			return err
		}
		changes, err := a.differences(before, nil)
		if err != nil {
			return err
		}
		var r channelRow
		r.fill(before)
		r.RemovedAt = at(a.by.At)
		if err := rewrite(a, &r); err != nil {
			return err
		}
		a.note("channel", id, before.Name, changes)
		return nil
	})
}

// RestoreChannel puts a removed channel back as it was; models.ErrNotFound for any other. Refused when its keys are
// forgotten ("channel.forgotten"), or another channel has its name by now ("channel.name").
func (s *Store) RestoreChannel(ctx context.Context, by models.Actor, id models.ID) error {
	return s.write(ctx, by, "channel.restore", mayManage, func(a *act) error {
		var r channelRow
		if err := a.mine().Where("id = ? AND removed_at IS NOT NULL", id).Take(&r).Error; err != nil {
			return absent("read the channel", err)
		}
		keys, err := a.count("channel_keys", "channel_id = ?", id)
		if err != nil {
			return err
		}
		if keys == 0 {
			return models.Refused{Rule: "channel.forgotten"}
		}
		var bad models.Invalid
		if err := a.freeChannel(&bad, r.Name, id); err != nil {
			return err
		}
		if len(bad) > 0 {
			return models.Refused{Rule: "channel.name", Args: []any{"name", r.Name}}
		}
		if err := a.roomForChannel(); err != nil {
			return err
		}
		changes, err := a.differences(nil, r.model())
		if err != nil {
			return err
		}
		r.RemovedAt = instant{}
		if err := rewrite(a, &r); err != nil {
			return err
		}
		a.note("channel", id, r.Name, changes)
		return nil
	})
}

// channel is one in use, and what it is sent with.
func (a *act) channel(id models.ID) (models.Channel, channelKeysRow, error) {
	var r channelRow
	var keys channelKeysRow
	err := a.mine().Where("id = ? AND removed_at IS NULL", id).Take(&r).Error
	if err == nil {
		err = a.mine().Where("channel_id = ?", id).Take(&keys).Error
	}
	if err != nil {
		return models.Channel{}, keys, absent("read the channel", err)
	}
	return r.model(), keys, nil
}

// OpenChannel is a channel in use with its address and secret, for sending and for nothing else. It takes what is kept
// now, paused or not; models.ErrNotFound for a channel that is not in use.
func (s *Store) OpenChannel(ctx context.Context, org, id models.ID) (models.Channel, error) {
	row, err := s.texts.row(ctx, "SELECT "+channelShape.list+`, k.address, k.secret FROM channels t
		JOIN channel_keys k ON k.organisation_id = t.organisation_id AND k.channel_id = t.id
		WHERE t.organisation_id = ? AND t.id = ? AND t.removed_at IS NULL`, int64(org), int64(id))
	var r channelRow
	var address, secret string
	if err == nil {
		err = row.Scan(append(channelShape.into(&r), &address, &secret)...)
	}
	if err != nil {
		return models.Channel{}, absent("read a channel with its keys", err)
	}
	c := r.model()
	c.Address, c.Secret = models.Secret(address), models.Secret(secret)
	return c, nil
}

// RemovedChannel is a channel that can still be put back.
type RemovedChannel struct {
	models.Channel
	Until time.Time // its keys are forgotten from then on
}

// RemovedChannels are those that can be put back, the last removed first.
func (s *Store) RemovedChannels(ctx context.Context, org models.ID) ([]RemovedChannel, error) {
	var list []RemovedChannel
	var r channelRow
	err := read(ctx, s.readers, channelShape, &r, func() {
		list = append(list, RemovedChannel{r.model(), r.RemovedAt.Add(KeepRemoved)})
	}, "SELECT "+channelShape.list+` FROM channels t JOIN channel_keys k ON k.organisation_id = t.organisation_id AND k.channel_id = t.id
		WHERE t.organisation_id = ? AND t.removed_at IS NOT NULL ORDER BY t.removed_at DESC, t.id DESC`, int64(org))
	return list, err
}

var channelShape = shapeOf[channelRow]()

// ForgetChannels forgets the keys of channels removed a week before an instant. It changes nothing the register knows.
func (s *Store) ForgetChannels(ctx context.Context, org models.ID, now time.Time) error {
	const old = `organisation_id = ? AND channel_id IN
		(SELECT id FROM channels c WHERE c.organisation_id = channel_keys.organisation_id AND c.removed_at <= ?)`
	err := s.direct(ctx, "forget removed channels", func(tx *gorm.DB) error {
		return tx.Where(old, org, at(now.Add(-KeepRemoved))).Delete(&channelKeysRow{}).Error
	})
	if err != nil {
		return fmt.Errorf("forget the keys of removed channels: %w", err)
	}
	return nil
}
