-- +goose Up
-- An account may sign in by a provider (OpenID Connect) that vouches for it: what the provider calls it is linked here,
-- by an act of the account's owner and never by an address that happens to be equal.

CREATE TABLE identities (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts ON DELETE RESTRICT,
    issuer     TEXT    NOT NULL CHECK (length(issuer) BETWEEN 1 AND 500),
    subject    TEXT    NOT NULL CHECK (length(subject) BETWEEN 1 AND 255), -- what the issuer calls them, for ever
    label      TEXT    NOT NULL CHECK (length(label) BETWEEN 1 AND 200), -- what they call themselves there, to tell it by
    linked_at  INTEGER NOT NULL,
    used_at    INTEGER -- last sign-in with it
) STRICT;
CREATE UNIQUE INDEX identities_subject ON identities (issuer, subject);
CREATE INDEX identities_account ON identities (account_id);

-- A visit to the provider under way. Its secret is a cookie of the browser that set out, of which the hash stands here:
-- what comes back in another browser finds nothing.
CREATE TABLE provider_visits (
    hash            BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    purpose         TEXT    NOT NULL CHECK (purpose IN ('sign_in', 'link', 'confirm', 'invite')),
    session_hash    BLOB    CHECK (length(session_hash) = 32), -- whose act it is; NULL for a stranger's
    invitation_hash BLOB    CHECK (length(invitation_hash) = 32),
    target          TEXT    NOT NULL, -- local address to go on to
    fields          TEXT    NOT NULL, -- JSON of the form to carry on, '' for none
    started_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    returned_at     INTEGER, -- it comes back once
    issuer          TEXT    NOT NULL DEFAULT '', -- who it proved to be, with the two below
    subject         TEXT    NOT NULL DEFAULT '',
    label           TEXT    NOT NULL DEFAULT '',
    CHECK ((purpose IN ('link', 'confirm')) = (session_hash IS NOT NULL)),
    CHECK ((purpose = 'invite') = (invitation_hash IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX provider_visits_expiry ON provider_visits (expires_at);
