-- +goose Up
-- The ledger of messages: each one is written down before it is sent, once for what it is about, the occasion, the way
-- it goes and whom it goes to. It takes over the deliveries of the digest, whose rows keep their numbers and their
-- Message-IDs.

CREATE TABLE messages (
    organisation_id INTEGER NOT NULL REFERENCES organisations ON DELETE RESTRICT,
    id              INTEGER NOT NULL CHECK (id > 0),
    kind            TEXT    NOT NULL CHECK (length(kind) BETWEEN 1 AND 40),
    item            INTEGER NOT NULL, -- no reference: what was sent stays told when the record is gone
    occurrence      TEXT    NOT NULL CHECK (length(occurrence) BETWEEN 1 AND 60),
    channel         INTEGER NOT NULL, -- 0 for e-mail; no reference, likewise
    recipient       INTEGER,          -- person an e-mail is for
    name            TEXT    NOT NULL,
    address         TEXT    NOT NULL, -- of e-mail
    lang            TEXT    NOT NULL,
    subject         TEXT    NOT NULL, -- as it was last written; empty before the first attempt
    state           TEXT    NOT NULL CHECK (state IN ('pending', 'sent', 'failed', 'given_up', 'not_configured', 'lapsed')),
    attempts        INTEGER NOT NULL CHECK (attempts >= 0),
    next_at         INTEGER, -- not tried before; NULL for never by itself
    until_at        INTEGER NOT NULL, -- from then on it helps nobody
    last_error      TEXT    NOT NULL,
    message_id      TEXT    NOT NULL CHECK (message_id <> ''),
    created_at      INTEGER NOT NULL,
    sent_at         INTEGER,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, recipient) REFERENCES people (organisation_id, id) ON DELETE RESTRICT,
    CHECK ((channel = 0) = (recipient IS NOT NULL)),
    CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CHECK (next_at IS NULL OR state IN ('pending', 'failed', 'not_configured'))
) STRICT;

-- An organisation's identity is its item for what is about all of it. A month's digest helped until the month was over:
-- fourteen hours before it is in UTC, so that it is over in every zone.
INSERT INTO messages
    SELECT organisation_id, id, kind, organisation_id, period, 0, recipient, name, address, lang, '', state, attempts,
        iif(state IN ('pending', 'failed', 'not_configured'), next_at, NULL),
        coalesce((unixepoch(period || '-01', '+1 month') - 14 * 3600) * 1000000, created_at),
        last_error, message_id, created_at, sent_at
    FROM deliveries;
DROP TABLE deliveries;

CREATE UNIQUE INDEX messages_once ON messages (organisation_id, kind, item, occurrence, channel, coalesce(recipient, 0));
CREATE INDEX messages_due ON messages (organisation_id, channel, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX messages_until ON messages (organisation_id, until_at);
CREATE INDEX messages_open ON messages (organisation_id, until_at) WHERE state IN ('pending', 'failed', 'not_configured');
CREATE INDEX messages_recipient ON messages (organisation_id, recipient);
