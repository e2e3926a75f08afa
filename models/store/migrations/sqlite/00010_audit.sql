-- +goose Up
-- Each entry of the log carries the hash of the one before it and its own, which is made of that one and of everything
-- the entry says: a changed, removed or moved entry no longer follows. The organisation keeps how many there are and
-- the last one's hash, so that entries missing at the end show too. Entries from before are chained by the program when
-- it next opens the file, once: until then they have no hash.

ALTER TABLE audit ADD COLUMN from_where TEXT NOT NULL DEFAULT ''; -- address the act came from, 'job' or 'command line'
ALTER TABLE audit ADD COLUMN prev BLOB CHECK (length(prev) = 32);
ALTER TABLE audit ADD COLUMN hash BLOB CHECK (length(hash) = 32);

ALTER TABLE organisations ADD COLUMN audit_count INTEGER NOT NULL DEFAULT 0 CHECK (audit_count >= 0);
ALTER TABLE organisations ADD COLUMN audit_head BLOB NOT NULL CHECK (length(audit_head) = 32)
    DEFAULT x'0000000000000000000000000000000000000000000000000000000000000000';

-- An entry without a hash may be given one, and nothing else.
DROP TRIGGER audit_stays;
-- +goose StatementBegin
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
WHEN OLD.hash IS NOT NULL OR NEW.hash IS NULL OR NEW.prev IS NULL
    OR (NEW.organisation_id, NEW.id, NEW.revision, NEW.at, NEW.by_id, NEW.by_name, NEW.from_where, NEW.verb, NEW.kind, NEW.subject, NEW.name, NEW.changes)
    IS NOT (OLD.organisation_id, OLD.id, OLD.revision, OLD.at, OLD.by_id, OLD.by_name, OLD.from_where, OLD.verb, OLD.kind, OLD.subject, OLD.name, OLD.changes)
BEGIN
    SELECT raise(ABORT, 'the audit log is only added to');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_is_chained BEFORE INSERT ON audit
WHEN NEW.hash IS NULL OR NEW.prev IS NULL
BEGIN
    SELECT raise(ABORT, 'an entry of the audit log needs its hash');
END;
-- +goose StatementEnd
