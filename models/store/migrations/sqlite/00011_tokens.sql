-- +goose Up
-- Keys for programs and calendars. Only the hash of what stands in one is kept; one that is revoked is gone.

CREATE TABLE tokens (
    organisation_id INTEGER NOT NULL REFERENCES organisations ON DELETE RESTRICT,
    id              INTEGER NOT NULL CHECK (id > 0),
    person_id       INTEGER, -- whose; NULL for the organisation's own
    hash            BLOB    NOT NULL CHECK (length(hash) = 32),
    name            TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    scope           TEXT    NOT NULL CHECK (scope IN ('read', 'write', 'calendar')),
    feed_mine       INTEGER NOT NULL CHECK (feed_mine IN (0, 1)),
    feed_amounts    INTEGER NOT NULL CHECK (feed_amounts IN (0, 1)),
    feed_lang       TEXT    NOT NULL CHECK (feed_lang IN ('', 'fr', 'en')),
    expires_on      TEXT    CHECK (length(expires_on) = 10), -- last day it is good
    made_at         INTEGER NOT NULL,
    made_by         INTEGER NOT NULL,
    used_at         INTEGER, -- last use, to the hour or so
    used_from       TEXT    NOT NULL CHECK (length(used_from) <= 100),
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, person_id) REFERENCES people (organisation_id, id) ON DELETE RESTRICT,
    CHECK (person_id IS NOT NULL OR scope = 'calendar'),
    CHECK ((scope = 'calendar') = (feed_lang <> ''))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX tokens_hash ON tokens (hash); -- whose organisation is not known yet
CREATE INDEX tokens_person ON tokens (organisation_id, person_id);

-- What a program asked for once, under a key of its own choosing, and the payment it made: asked again, the same one is
-- answered. A key belongs to the person and not to the token, so that a new token does not pay twice.
CREATE TABLE requests (
    organisation_id INTEGER NOT NULL REFERENCES organisations ON DELETE RESTRICT,
    person_id       INTEGER NOT NULL,
    key             TEXT    NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
    digest          BLOB    NOT NULL CHECK (length(digest) = 32), -- SHA-256 of what was asked
    payment_id      INTEGER NOT NULL,
    at              INTEGER NOT NULL,
    PRIMARY KEY (organisation_id, person_id, key),
    FOREIGN KEY (organisation_id, person_id) REFERENCES people (organisation_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id, payment_id) REFERENCES payments (organisation_id, id) ON DELETE RESTRICT
) STRICT, WITHOUT ROWID;
CREATE INDEX requests_person ON requests (organisation_id, person_id);
CREATE INDEX requests_payment ON requests (organisation_id, payment_id);
CREATE INDEX requests_at ON requests (organisation_id, at);
