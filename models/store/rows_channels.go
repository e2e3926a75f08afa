package store

import "enveloppe/models"

// channelRow is a channel without what it is sent with, so that the facts cannot hold it.
type channelRow struct {
	Rec                         record `gorm:"embedded"`
	Name, NameKey               string
	Kind                        models.ChannelKind
	Host, AddressEnd, SecretEnd string
	KeyedAt                     instant
	Target                      string
	Lang                        models.Lang
	Amounts, Digest             bool
	Leads                       leadTimes
	Paused                      bool
	AddedBy                     ref
	RemovedAt                   instant
}

func (*channelRow) TableName() string { return "channels" }
func (*channelRow) kind() string      { return "channel" }
func (r *channelRow) rec() *record    { return &r.Rec }

func (r *channelRow) model() models.Channel {
	return models.Channel{
		ID: r.Rec.ID, Version: r.Rec.Version, Name: r.Name, Kind: r.Kind, Host: r.Host, AddressEnd: r.AddressEnd, SecretEnd: r.SecretEnd,
		KeyedAt: r.KeyedAt.Time, Target: r.Target, Lang: r.Lang, Amounts: r.Amounts, Digest: r.Digest, Leads: models.Leads(r.Leads),
		Paused: r.Paused, AddedBy: models.ID(r.AddedBy),
	}
}

func (r *channelRow) fill(m models.Channel) {
	r.Rec.ID, r.Name, r.NameKey, r.Kind = m.ID, m.Name, nameKey(m.Name), m.Kind
	r.Host, r.AddressEnd, r.SecretEnd, r.KeyedAt = m.Host, m.AddressEnd, m.SecretEnd, at(m.KeyedAt)
	r.Target, r.Lang, r.Amounts, r.Digest = m.Target, m.Lang, m.Amounts, m.Digest
	r.Leads, r.Paused, r.AddedBy = leadTimes(m.Leads), m.Paused, ref(m.AddedBy)
}

// channelKeysRow is what a channel is sent with.
type channelKeysRow struct {
	OrganisationID  models.ID `gorm:"primaryKey;autoIncrement:false"`
	ChannelID       models.ID `gorm:"primaryKey;autoIncrement:false"`
	Address, Secret string
}

func (channelKeysRow) TableName() string { return "channel_keys" }
