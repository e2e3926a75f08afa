-- +goose Up
-- Sets of changes that might be made, and rates planned for days to come.

CREATE TABLE scenarios (
    organisation_id INTEGER NOT NULL REFERENCES organisations ON DELETE RESTRICT,
    id              INTEGER NOT NULL CHECK (id > 0),
    version         INTEGER NOT NULL,
    name            TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    note            TEXT    NOT NULL CHECK (length(note) <= 4000),
    -- In their order. What they name is no reference: a plan that goes meanwhile is told when the scenario is looked at.
    changes         TEXT    NOT NULL CHECK (json_valid(changes)),
    made_on         TEXT    CHECK (length(made_on) = 10),
    made_by         INTEGER,
    applied_at      INTEGER,
    applied_by      INTEGER CHECK (applied_by IS NULL OR applied_at IS NOT NULL),
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, made_by) REFERENCES people (organisation_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id, applied_by) REFERENCES people (organisation_id, id) ON DELETE RESTRICT
) STRICT;
CREATE INDEX scenarios_version ON scenarios (organisation_id, version);
CREATE INDEX scenarios_made_by ON scenarios (organisation_id, made_by);
CREATE INDEX scenarios_applied_by ON scenarios (organisation_id, applied_by);

-- Charges still to come, from the rate's day on, count at a planned one before any other.
ALTER TABLE rates ADD COLUMN planned INTEGER NOT NULL DEFAULT 0 CHECK (planned IN (0, 1)) CHECK (planned = 0 OR source = 'typed');
DROP INDEX rates_day;
CREATE UNIQUE INDEX rates_day ON rates (organisation_id, currency, day, source, planned);
