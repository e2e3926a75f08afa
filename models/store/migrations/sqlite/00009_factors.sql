-- +goose Up
-- What an account proves itself by beside its password. Whoever reads this file has what apps make their codes from: it
-- must be there to check them. Of passkeys there is only the public half, of recovery codes only the hash.

CREATE TABLE account_totp (
    account_id INTEGER NOT NULL PRIMARY KEY REFERENCES accounts ON DELETE RESTRICT,
    secret     BLOB    NOT NULL CHECK (length(secret) = 20),
    set_at     INTEGER NOT NULL,
    last_step  INTEGER NOT NULL -- half minute of the last code taken: none of it or before is taken again
) STRICT;

-- Secrets shown to be taken into an app, until the app has shown a code of theirs.
CREATE TABLE totp_offers (
    account_id INTEGER NOT NULL PRIMARY KEY REFERENCES accounts ON DELETE RESTRICT,
    secret     BLOB    NOT NULL CHECK (length(secret) = 20),
    made_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE recovery_codes (
    account_id INTEGER NOT NULL REFERENCES accounts ON DELETE RESTRICT,
    hash       BLOB    NOT NULL CHECK (length(hash) = 32),
    made_at    INTEGER NOT NULL,
    used_at    INTEGER,
    PRIMARY KEY (account_id, hash)
) STRICT, WITHOUT ROWID;

-- What passkeys call an account: drawn at random, so that it says nothing of anybody. NULL before the first passkey.
ALTER TABLE accounts ADD COLUMN handle BLOB CHECK (length(handle) = 32);
CREATE UNIQUE INDEX accounts_handle ON accounts (handle) WHERE handle IS NOT NULL;

CREATE TABLE passkeys (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts ON DELETE RESTRICT,
    name       TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    credential BLOB    NOT NULL CHECK (length(credential) BETWEEN 1 AND 1023),
    public_key BLOB    NOT NULL CHECK (length(public_key) BETWEEN 1 AND 8192), -- COSE
    model      BLOB    NOT NULL CHECK (length(model) IN (0, 16)),              -- AAGUID
    transports TEXT    NOT NULL CHECK (length(transports) <= 200),             -- with spaces between
    sign_count INTEGER NOT NULL CHECK (sign_count BETWEEN 0 AND 4294967295),
    may_travel INTEGER NOT NULL CHECK (may_travel IN (0, 1)),
    travelled  INTEGER NOT NULL CHECK (travelled IN (0, may_travel)),
    added_at   INTEGER NOT NULL,
    used_at    INTEGER
) STRICT;
CREATE UNIQUE INDEX passkeys_credential ON passkeys (credential);
CREATE INDEX passkeys_account ON passkeys (account_id);

-- What is under way between two requests of somebody proving who they are: which challenge a passkey is to sign, or that
-- the password was right and a code is missing. Found by the hash of what stands in the browser's cookie.
CREATE TABLE proofs_begun (
    hash       BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    purpose    TEXT    NOT NULL CHECK (purpose <> ''),
    account_id INTEGER REFERENCES accounts ON DELETE CASCADE, -- NULL while it is not known who
    data       TEXT    NOT NULL CHECK (length(data) <= 20000),
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX proofs_begun_expiry ON proofs_begun (expires_at);
CREATE INDEX proofs_begun_account ON proofs_begun (account_id) WHERE account_id IS NOT NULL;

-- A reset that a director asked for, for somebody who has lost what they prove themselves by: it takes all of it away.
ALTER TABLE links ADD COLUMN clears INTEGER NOT NULL DEFAULT 0 CHECK (clears IN (0, 1)) CHECK (clears = 0 OR kind = 'reset');
