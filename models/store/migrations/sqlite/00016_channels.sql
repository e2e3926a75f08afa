-- +goose Up
-- Places that messages go to beside people's e-mail. What they are sent with, the address and the secret, stands in a
-- table of its own, which only sending reads: the register knows the host and the last characters.

CREATE TABLE channels (
    organisation_id INTEGER NOT NULL REFERENCES organisations ON DELETE RESTRICT,
    id              INTEGER NOT NULL CHECK (id > 0),
    version         INTEGER NOT NULL,
    name            TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    name_key        TEXT    NOT NULL,
    kind            TEXT    NOT NULL CHECK (kind IN ('webhook', 'slack', 'mattermost', 'discord', 'teams', 'ntfy', 'gotify', 'telegram')),
    host            TEXT    NOT NULL,
    address_end     TEXT    NOT NULL CHECK (length(address_end) <= 4),
    secret_end      TEXT    NOT NULL CHECK (length(secret_end) <= 4),
    keyed_at        INTEGER,
    target          TEXT    NOT NULL CHECK (length(target) <= 120),
    lang            TEXT    NOT NULL CHECK (lang IN ('fr', 'en')),
    amounts         INTEGER NOT NULL CHECK (amounts IN (0, 1)),
    digest          INTEGER NOT NULL CHECK (digest IN (0, 1)),
    leads           TEXT    NOT NULL CHECK (json_valid(leads)),
    paused          INTEGER NOT NULL CHECK (paused IN (0, 1)),
    added_by        INTEGER,
    removed_at      INTEGER, -- a removed one can be put back until its keys are forgotten
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, added_by) REFERENCES people (organisation_id, id) ON DELETE RESTRICT
) STRICT;
CREATE INDEX channels_version ON channels (organisation_id, version);
CREATE INDEX channels_added_by ON channels (organisation_id, added_by);
CREATE UNIQUE INDEX channels_name ON channels (organisation_id, name_key) WHERE removed_at IS NULL;

CREATE TABLE channel_keys (
    organisation_id INTEGER NOT NULL,
    channel_id      INTEGER NOT NULL,
    address         TEXT    NOT NULL CHECK (length(address) BETWEEN 1 AND 2000),
    secret          TEXT    NOT NULL CHECK (length(secret) <= 2000),
    PRIMARY KEY (organisation_id, channel_id),
    FOREIGN KEY (organisation_id, channel_id) REFERENCES channels (organisation_id, id) ON DELETE CASCADE
) STRICT;
