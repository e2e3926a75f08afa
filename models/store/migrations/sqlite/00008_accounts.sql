-- +goose Up
-- Who signs in is an account, of no organisation: one account may be a person of several. A person's password becomes
-- that of the account of its address. Of two persons with one address both are linked, and the password stays that of
-- the first, which is the one that has let them in until now.

CREATE TABLE accounts (
    id                   INTEGER PRIMARY KEY AUTOINCREMENT,
    email                TEXT    NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    email_key            TEXT    NOT NULL CHECK (email_key <> ''), -- in small letters
    created_at           INTEGER NOT NULL,
    last_organisation_id INTEGER NOT NULL DEFAULT 0 -- looked at last; 0 before the first sign-in
) STRICT;
CREATE UNIQUE INDEX accounts_email ON accounts (email_key);

-- Apart from accounts, so that no list of them can carry a hash.
CREATE TABLE account_passwords (
    account_id INTEGER NOT NULL PRIMARY KEY REFERENCES accounts ON DELETE RESTRICT,
    hash       TEXT    NOT NULL CHECK (length(hash) BETWEEN 1 AND 400),
    set_at     INTEGER NOT NULL
) STRICT;

INSERT INTO accounts (email, email_key, created_at)
    SELECT p.email, p.email_key, w.set_at FROM passwords w
    JOIN people p ON p.organisation_id = w.organisation_id AND p.id = w.person_id
    WHERE p.email_key <> '' ORDER BY p.left_on IS NOT NULL, w.organisation_id, w.person_id
    ON CONFLICT (email_key) DO NOTHING;
INSERT INTO account_passwords (account_id, hash, set_at)
    SELECT a.id, w.hash, w.set_at FROM passwords w
    JOIN people p ON p.organisation_id = w.organisation_id AND p.id = w.person_id
    JOIN accounts a ON a.email_key = p.email_key
    WHERE true ORDER BY p.left_on IS NOT NULL, w.organisation_id, w.person_id
    ON CONFLICT (account_id) DO NOTHING;

-- Only who had a password is linked: an address alone, which a director typed, proves nothing.
ALTER TABLE people ADD COLUMN account_id INTEGER REFERENCES accounts ON DELETE RESTRICT;
UPDATE people SET account_id = (SELECT a.id FROM accounts a WHERE a.email_key = people.email_key)
    WHERE EXISTS (SELECT 1 FROM passwords w WHERE w.organisation_id = people.organisation_id AND w.person_id = people.id);
CREATE UNIQUE INDEX people_account ON people (organisation_id, account_id) WHERE account_id IS NOT NULL;
CREATE INDEX people_of_account ON people (account_id) WHERE account_id IS NOT NULL; -- whose organisation is not known yet

ALTER TABLE sessions ADD COLUMN account_id INTEGER REFERENCES accounts ON DELETE RESTRICT;
ALTER TABLE sessions ADD COLUMN fresh_at INTEGER NOT NULL DEFAULT 0; -- when its owner last proved who they are
UPDATE sessions SET account_id = (SELECT p.account_id FROM people p WHERE p.organisation_id = sessions.organisation_id AND p.id = sessions.person_id);
DELETE FROM sessions WHERE account_id IS NULL;
CREATE INDEX sessions_account ON sessions (account_id);

DROP TABLE passwords;

-- How often a limit was reached in a row: each time the next wait is twice as long.
ALTER TABLE attempts ADD COLUMN level INTEGER NOT NULL DEFAULT 0;

-- What a letter lets its reader do once: only the hash of what stands in it is kept.
CREATE TABLE links (
    hash            BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    kind            TEXT    NOT NULL CHECK (kind IN ('invite', 'reset', 'email')),
    account_id      INTEGER REFERENCES accounts ON DELETE RESTRICT,
    organisation_id INTEGER,
    person_id       INTEGER,
    email           TEXT    NOT NULL CHECK (length(email) BETWEEN 3 AND 254), -- where it went, or the new address it proves
    made_at         INTEGER NOT NULL,
    made_by         INTEGER NOT NULL, -- person of the organisation; 0 for the account's own doing
    expires_at      INTEGER NOT NULL,
    used_at         INTEGER,
    FOREIGN KEY (organisation_id, person_id) REFERENCES people (organisation_id, id) ON DELETE RESTRICT,
    CHECK ((kind = 'invite') = (person_id IS NOT NULL)),
    CHECK ((kind = 'invite') OR account_id IS NOT NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX links_person ON links (organisation_id, person_id) WHERE person_id IS NOT NULL;
CREATE INDEX links_account ON links (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX links_expiry ON links (expires_at);
