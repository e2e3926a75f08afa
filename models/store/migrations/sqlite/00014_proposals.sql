-- +goose Up
-- Services that people ask the director for.

CREATE TABLE proposals (
    organisation_id INTEGER NOT NULL,
    id              INTEGER NOT NULL CHECK (id > 0),
    version         INTEGER NOT NULL,
    service_id      INTEGER,          -- of the register, when another plan of it is asked for
    name            TEXT    NOT NULL CHECK (length(name) <= 120),
    plan            TEXT    NOT NULL CHECK (length(plan) <= 120),
    url             TEXT    NOT NULL,
    need            TEXT    NOT NULL CHECK (length(need) BETWEEN 1 AND 4000),
    for_whom        TEXT    NOT NULL CHECK (length(for_whom) BETWEEN 1 AND 120),
    places          INTEGER NOT NULL CHECK (places >= 0),
    proposed_on     TEXT    NOT NULL CHECK (length(proposed_on) = 10),
    proposed_by     INTEGER NOT NULL,
    state           TEXT    NOT NULL CHECK (state IN ('open', 'accepted', 'declined', 'withdrawn')),
    answered_on     TEXT    CHECK (length(answered_on) = 10),
    answered_by     INTEGER,
    answer          TEXT    NOT NULL CHECK (length(answer) <= 4000),
    registered_id   INTEGER,          -- the service registered for it
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, service_id) REFERENCES services (organisation_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id, registered_id) REFERENCES services (organisation_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id, proposed_by) REFERENCES people (organisation_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id, answered_by) REFERENCES people (organisation_id, id) ON DELETE RESTRICT,
    CHECK ((service_id IS NULL) = (name <> '')),
    CHECK ((state = 'open') = (answered_on IS NULL))
) STRICT;
CREATE INDEX proposals_version ON proposals (organisation_id, version);
CREATE INDEX proposals_service ON proposals (organisation_id, service_id);
CREATE INDEX proposals_registered ON proposals (organisation_id, registered_id);
CREATE INDEX proposals_proposer ON proposals (organisation_id, proposed_by);
CREATE INDEX proposals_answerer ON proposals (organisation_id, answered_by);
