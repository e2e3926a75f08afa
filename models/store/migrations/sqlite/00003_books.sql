-- +goose Up
-- How the books are kept, and what has been handed out of them. An empty text stands for the default, which may then
-- change with the law.

ALTER TABLE organisations ADD COLUMN purchase_journal TEXT NOT NULL DEFAULT '' CHECK (length(purchase_journal) <= 5);
ALTER TABLE organisations ADD COLUMN closing_journal TEXT NOT NULL DEFAULT '' CHECK (length(closing_journal) <= 5);
ALTER TABLE organisations ADD COLUMN bank_journal TEXT NOT NULL DEFAULT '' CHECK (length(bank_journal) <= 5);
ALTER TABLE organisations ADD COLUMN supplier_account TEXT NOT NULL DEFAULT '' CHECK (length(supplier_account) <= 12);
ALTER TABLE organisations ADD COLUMN deductible_account TEXT NOT NULL DEFAULT '' CHECK (length(deductible_account) <= 12);
ALTER TABLE organisations ADD COLUMN due_vat_account TEXT NOT NULL DEFAULT '' CHECK (length(due_vat_account) <= 12);
ALTER TABLE organisations ADD COLUMN prepaid_account TEXT NOT NULL DEFAULT '' CHECK (length(prepaid_account) <= 12);
ALTER TABLE organisations ADD COLUMN bank_account TEXT NOT NULL DEFAULT '' CHECK (length(bank_account) <= 12);
ALTER TABLE organisations ADD COLUMN settlements INTEGER NOT NULL DEFAULT 0 CHECK (settlements IN (0, 1));
ALTER TABLE organisations ADD COLUMN prepaid_method TEXT NOT NULL DEFAULT '' CHECK (prepaid_method IN ('', 'days', 'months', '360'));
ALTER TABLE organisations ADD COLUMN threshold_units INTEGER CHECK (threshold_units >= 0);
ALTER TABLE organisations ADD COLUMN threshold_currency TEXT CHECK (threshold_currency = 'EUR')
    CHECK ((threshold_units IS NULL) = (threshold_currency IS NULL));

-- A file that was handed out: which, of what days, and the last payment recorded by then.
CREATE TABLE exports (
    organisation_id INTEGER NOT NULL REFERENCES organisations ON DELETE RESTRICT,
    id              INTEGER NOT NULL CHECK (id > 0),
    version         INTEGER NOT NULL,
    kind            TEXT    NOT NULL CHECK (length(kind) BETWEEN 1 AND 40),
    from_on         TEXT    NOT NULL CHECK (length(from_on) = 10),
    to_on           TEXT    NOT NULL CHECK (to_on > from_on),
    through_id      INTEGER NOT NULL CHECK (through_id >= 0), -- no reference: payments stay, and 0 is before the first
    at              INTEGER NOT NULL,
    by_id           INTEGER,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, by_id) REFERENCES people (organisation_id, id) ON DELETE RESTRICT
) STRICT;
CREATE INDEX exports_version ON exports (organisation_id, version);
CREATE INDEX exports_person ON exports (organisation_id, by_id);
