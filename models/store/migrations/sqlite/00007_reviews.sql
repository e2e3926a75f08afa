-- +goose Up
-- The review of each fiscal year, what was frozen when it was closed, and what each function may cost of an envelope.

ALTER TABLE envelopes ADD COLUMN shares TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(shares)); -- by function, in ten-thousandths of a euro

CREATE TABLE reviews (
    organisation_id       INTEGER NOT NULL REFERENCES organisations ON DELETE RESTRICT,
    id                    INTEGER NOT NULL CHECK (id > 0),
    version               INTEGER NOT NULL,
    year                  INTEGER NOT NULL CHECK (year BETWEEN 1970 AND 2199),
    summary               TEXT    NOT NULL CHECK (length(summary) <= 4000),
    outlook               TEXT    NOT NULL CHECK (length(outlook) <= 4000),
    notes                 TEXT    NOT NULL CHECK (json_valid(notes)), -- by service
    next_floor_units      INTEGER CHECK (next_floor_units >= 0),
    next_floor_currency   TEXT    CHECK (next_floor_currency = 'EUR'),
    next_ceiling_units    INTEGER CHECK (next_ceiling_units > 0),
    next_ceiling_currency TEXT    CHECK (next_ceiling_currency = 'EUR'),
    closed_at             INTEGER,
    closed_on             TEXT    CHECK (length(closed_on) = 10),
    closed_by             INTEGER CHECK (closed_by IS NULL OR closed_at IS NOT NULL),
    hash                  TEXT    NOT NULL CHECK (length(hash) IN (0, 64)), -- SHA-256 of the frozen document, hexadecimal
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, closed_by) REFERENCES people (organisation_id, id) ON DELETE RESTRICT,
    CHECK ((next_floor_units IS NULL) = (next_floor_currency IS NULL)),
    CHECK ((next_ceiling_units IS NULL) = (next_ceiling_currency IS NULL)),
    CHECK ((closed_at IS NULL) = (closed_on IS NULL) AND (closed_at IS NULL) = (hash = ''))
) STRICT;
CREATE INDEX reviews_version ON reviews (organisation_id, version);
CREATE UNIQUE INDEX reviews_year ON reviews (organisation_id, year);
CREATE INDEX reviews_person ON reviews (organisation_id, closed_by);

-- A closed review as it was read that day: its figures and texts, and the pages of either language.
CREATE TABLE review_documents (
    organisation_id INTEGER NOT NULL,
    review_id       INTEGER NOT NULL,
    form            TEXT    NOT NULL CHECK (form IN ('json', 'fr', 'en')),
    hash            TEXT    NOT NULL CHECK (length(hash) = 64),
    content         BLOB    NOT NULL CHECK (length(content) BETWEEN 1 AND 33554432),
    PRIMARY KEY (organisation_id, review_id, form),
    FOREIGN KEY (organisation_id, review_id) REFERENCES reviews (organisation_id, id) ON DELETE RESTRICT
) STRICT;

-- What is closed stays as it is, whoever asks.
-- +goose StatementBegin
CREATE TRIGGER reviews_stay_closed BEFORE UPDATE ON reviews WHEN OLD.closed_at IS NOT NULL
BEGIN
    SELECT raise(ABORT, 'a closed review stays as it is');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reviews_are_kept BEFORE DELETE ON reviews WHEN OLD.closed_at IS NOT NULL
BEGIN
    SELECT raise(ABORT, 'a closed review stays as it is');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER review_documents_stay BEFORE UPDATE ON review_documents
BEGIN
    SELECT raise(ABORT, 'a frozen document stays as it is');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER review_documents_are_kept BEFORE DELETE ON review_documents
BEGIN
    SELECT raise(ABORT, 'a frozen document stays as it is');
END;
-- +goose StatementEnd
-- Replacing a row deletes the one before without asking a trigger.
-- +goose StatementBegin
CREATE TRIGGER reviews_are_not_replaced BEFORE INSERT ON reviews
    WHEN EXISTS (SELECT 1 FROM reviews WHERE organisation_id = NEW.organisation_id AND (id = NEW.id OR year = NEW.year) AND closed_at IS NOT NULL)
BEGIN
    SELECT raise(ABORT, 'a closed review stays as it is');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER review_documents_are_not_replaced BEFORE INSERT ON review_documents
    WHEN EXISTS (SELECT 1 FROM review_documents WHERE organisation_id = NEW.organisation_id AND review_id = NEW.review_id AND form = NEW.form)
BEGIN
    SELECT raise(ABORT, 'a frozen document stays as it is');
END;
-- +goose StatementEnd
