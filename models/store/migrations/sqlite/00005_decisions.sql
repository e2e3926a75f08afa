-- +goose Up
-- What a decision answers and how it was carried out, and the files that prove it.

ALTER TABLE decisions ADD COLUMN renewal TEXT CHECK (length(renewal) = 10); -- the renewal it answers
ALTER TABLE decisions ADD COLUMN seats INTEGER NOT NULL DEFAULT 0 CHECK (seats >= 0); -- left, when it was about their number
ALTER TABLE decisions ADD COLUMN seats_was INTEGER NOT NULL DEFAULT 0 CHECK (seats_was >= 0);
ALTER TABLE decisions ADD COLUMN replaced_by TEXT NOT NULL DEFAULT '' CHECK (length(replaced_by) <= 120);
ALTER TABLE decisions ADD COLUMN how TEXT NOT NULL DEFAULT '' CHECK (how IN ('', 'online', 'mail', 'letter', 'phone'));

CREATE TABLE proofs (
    organisation_id INTEGER NOT NULL,
    id              INTEGER NOT NULL CHECK (id > 0),
    version         INTEGER NOT NULL,
    decision_id     INTEGER NOT NULL,
    name            TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    media           TEXT    NOT NULL CHECK (media IN ('application/pdf', 'image/png', 'image/jpeg', 'image/webp', 'application/xml')),
    size            INTEGER NOT NULL CHECK (size BETWEEN 1 AND 10485760),
    hash            TEXT    NOT NULL CHECK (length(hash) = 64),
    added_at        INTEGER,
    added_by        INTEGER,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, decision_id) REFERENCES decisions (organisation_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id, hash) REFERENCES documents (organisation_id, hash) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id, added_by) REFERENCES people (organisation_id, id) ON DELETE RESTRICT
) STRICT;
CREATE INDEX proofs_version ON proofs (organisation_id, version);
CREATE UNIQUE INDEX proofs_once ON proofs (organisation_id, decision_id, hash);
CREATE INDEX proofs_document ON proofs (organisation_id, hash);
CREATE INDEX proofs_person ON proofs (organisation_id, added_by);
