-- +goose Up
-- Money that left: invoices and their files, closed periods, bank statements, comparisons. Columns are added and tables
-- made; nothing that holds data is built anew.

ALTER TABLE payments ADD COLUMN part INTEGER NOT NULL DEFAULT 0 CHECK (part IN (0, 1));
ALTER TABLE payments ADD COLUMN invoice_id INTEGER; -- the first payment of an invoice over several services
ALTER TABLE payments ADD COLUMN net_units INTEGER;
ALTER TABLE payments ADD COLUMN net_currency TEXT
    CHECK ((net_units IS NULL) = (net_currency IS NULL)) CHECK (net_currency = billed_currency);
ALTER TABLE payments ADD COLUMN exempt INTEGER NOT NULL DEFAULT 0 CHECK (exempt IN (0, 1));

-- One expected charge is paid once as a whole, or in any number of parts.
DROP INDEX payments_charge;
CREATE UNIQUE INDEX payments_charge ON payments (organisation_id, subscription_id, charge_on)
    WHERE charge_on IS NOT NULL AND reverses_id IS NULL AND reversed_by_id IS NULL AND part = 0;
CREATE INDEX payments_invoice ON payments (organisation_id, invoice_id) WHERE invoice_id IS NOT NULL;

-- A column that is added cannot refer by two others, so what the reference would refuse is refused here.
-- +goose StatementBegin
CREATE TRIGGER payments_of_an_invoice AFTER INSERT ON payments WHEN NEW.invoice_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM payments WHERE organisation_id = NEW.organisation_id AND id = NEW.invoice_id)
BEGIN
    SELECT raise(ABORT, 'the invoice has no first payment');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER payments_stay_on_their_invoice BEFORE UPDATE OF invoice_id ON payments WHEN OLD.invoice_id IS NOT NEW.invoice_id
BEGIN
    SELECT raise(ABORT, 'a payment stays on its invoice');
END;
-- +goose StatementEnd

-- The content of files, once however often it is attached. It goes with its last attachment.
CREATE TABLE documents (
    organisation_id INTEGER NOT NULL REFERENCES organisations ON DELETE RESTRICT,
    hash            TEXT    NOT NULL CHECK (length(hash) = 64), -- SHA-256, hexadecimal
    content         BLOB    NOT NULL CHECK (length(content) BETWEEN 1 AND 10485760),
    PRIMARY KEY (organisation_id, hash)
) STRICT;

CREATE TABLE attachments (
    organisation_id INTEGER NOT NULL,
    id              INTEGER NOT NULL CHECK (id > 0),
    version         INTEGER NOT NULL,
    payment_id      INTEGER NOT NULL,
    name            TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    media           TEXT    NOT NULL CHECK (media IN ('application/pdf', 'image/png', 'image/jpeg', 'image/webp', 'application/xml')),
    size            INTEGER NOT NULL CHECK (size BETWEEN 1 AND 10485760),
    hash            TEXT    NOT NULL CHECK (length(hash) = 64),
    added_at        INTEGER,
    added_by        INTEGER,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, payment_id) REFERENCES payments (organisation_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id, hash) REFERENCES documents (organisation_id, hash) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id, added_by) REFERENCES people (organisation_id, id) ON DELETE RESTRICT
) STRICT;
CREATE INDEX attachments_version ON attachments (organisation_id, version);
CREATE UNIQUE INDEX attachments_once ON attachments (organisation_id, payment_id, hash);
CREATE INDEX attachments_document ON attachments (organisation_id, hash);
CREATE INDEX attachments_person ON attachments (organisation_id, added_by);

CREATE TABLE closings (
    organisation_id INTEGER NOT NULL REFERENCES organisations ON DELETE RESTRICT,
    id              INTEGER NOT NULL CHECK (id > 0),
    version         INTEGER NOT NULL,
    through         TEXT    NOT NULL CHECK (length(through) = 10), -- the last day closed
    on_day          TEXT    NOT NULL CHECK (length(on_day) = 10),
    by_id           INTEGER,
    note            TEXT    NOT NULL CHECK (length(note) <= 4000),
    reopened_on     TEXT    CHECK (length(reopened_on) = 10),
    reopened_by     INTEGER,
    reason          TEXT    NOT NULL CHECK (length(reason) <= 4000),
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, by_id) REFERENCES people (organisation_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id, reopened_by) REFERENCES people (organisation_id, id) ON DELETE RESTRICT,
    CHECK (reopened_on IS NOT NULL OR (reopened_by IS NULL AND reason = ''))
) STRICT;
CREATE INDEX closings_version ON closings (organisation_id, version);
CREATE INDEX closings_person ON closings (organisation_id, by_id);
CREATE INDEX closings_reopener ON closings (organisation_id, reopened_by);
CREATE UNIQUE INDEX closings_through ON closings (organisation_id, through) WHERE reopened_on IS NULL;

CREATE TABLE bank_accounts (
    organisation_id INTEGER NOT NULL REFERENCES organisations ON DELETE RESTRICT,
    id              INTEGER NOT NULL CHECK (id > 0),
    version         INTEGER NOT NULL,
    name            TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    name_key        TEXT    NOT NULL,
    number          TEXT    NOT NULL CHECK (length(number) <= 120),
    layout          TEXT    NOT NULL CHECK (length(layout) <= 65536), -- of its CSV files
    PRIMARY KEY (organisation_id, id)
) STRICT;
CREATE INDEX bank_accounts_version ON bank_accounts (organisation_id, version);
CREATE UNIQUE INDEX bank_accounts_name ON bank_accounts (organisation_id, name_key);

-- Lines of statements. They are not of the register: no version, and readers ask for those they show.
CREATE TABLE bank_lines (
    organisation_id   INTEGER NOT NULL,
    id                INTEGER NOT NULL CHECK (id > 0),
    account_id        INTEGER NOT NULL,
    line_key          TEXT    NOT NULL CHECK (length(line_key) BETWEEN 1 AND 400), -- names the line within its account for ever
    day               TEXT    NOT NULL CHECK (length(day) = 10),
    amount_units      INTEGER NOT NULL,
    amount_currency   TEXT    NOT NULL CHECK (length(amount_currency) = 3),
    original_units    INTEGER,
    original_currency TEXT    CHECK (length(original_currency) = 3),
    label             TEXT    NOT NULL,
    party             TEXT    NOT NULL,
    label_key         TEXT    NOT NULL, -- what labels of one sender share
    payment_id        INTEGER,          -- NULL while open or set aside
    recorded          INTEGER NOT NULL CHECK (recorded IN (0, 1)), -- the payment was recorded from this line, not before it
    aside             INTEGER NOT NULL CHECK (aside IN (0, 1)),
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, account_id) REFERENCES bank_accounts (organisation_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id, payment_id) REFERENCES payments (organisation_id, id) ON DELETE RESTRICT,
    CHECK ((original_units IS NULL) = (original_currency IS NULL)),
    CHECK (payment_id IS NULL OR aside = 0),
    CHECK (payment_id IS NOT NULL OR recorded = 0)
) STRICT;
-- The same file twice, or two that overlap, add a line once; and no payment is two lines.
CREATE UNIQUE INDEX bank_lines_once ON bank_lines (organisation_id, account_id, line_key);
CREATE UNIQUE INDEX bank_lines_payment ON bank_lines (organisation_id, payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX bank_lines_day ON bank_lines (organisation_id, day, id);
CREATE INDEX bank_lines_open ON bank_lines (organisation_id, day, id) WHERE payment_id IS NULL AND aside = 0;
CREATE INDEX bank_lines_label ON bank_lines (organisation_id, label_key) WHERE payment_id IS NULL;

-- Senders that are none of this program's business: their lines are set aside as they come.
CREATE TABLE aside_labels (
    organisation_id INTEGER NOT NULL REFERENCES organisations ON DELETE RESTRICT,
    label_key       TEXT    NOT NULL CHECK (length(label_key) BETWEEN 1 AND 1000),
    PRIMARY KEY (organisation_id, label_key)
) STRICT, WITHOUT ROWID;

-- Files waiting for somebody to say how they are to be read.
CREATE TABLE statement_files (
    organisation_id INTEGER NOT NULL REFERENCES organisations ON DELETE RESTRICT,
    id              INTEGER NOT NULL CHECK (id > 0),
    account_id      INTEGER,
    name            TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    size            INTEGER NOT NULL CHECK (size BETWEEN 1 AND 33554432),
    layout          TEXT    NOT NULL CHECK (length(layout) <= 65536),
    added_at        INTEGER NOT NULL,
    added_by        INTEGER,
    content         BLOB    NOT NULL, -- last, so that the rest is read without it
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, account_id) REFERENCES bank_accounts (organisation_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id, added_by) REFERENCES people (organisation_id, id) ON DELETE RESTRICT,
    CHECK (length(content) = size)
) STRICT;
CREATE INDEX statement_files_account ON statement_files (organisation_id, account_id);
CREATE INDEX statement_files_person ON statement_files (organisation_id, added_by);

CREATE TABLE comparisons (
    organisation_id    INTEGER NOT NULL REFERENCES organisations ON DELETE RESTRICT,
    id                 INTEGER NOT NULL CHECK (id > 0),
    version            INTEGER NOT NULL,
    service_id         INTEGER,
    name               TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    on_day             TEXT    CHECK (length(on_day) = 10),
    years              INTEGER NOT NULL CHECK (years BETWEEN 1 AND 100),
    users              INTEGER NOT NULL CHECK (users BETWEEN 1 AND 1000000),
    hour_cost_units    INTEGER CHECK (hour_cost_units >= 0),
    hour_cost_currency TEXT    CHECK (hour_cost_currency = 'EUR'),
    online             TEXT    NOT NULL CHECK (json_valid(online)),    -- the lines of either side, in their order
    installed          TEXT    NOT NULL CHECK (json_valid(installed)), -- and with their amounts in ten-thousandths of a euro
    note               TEXT    NOT NULL CHECK (length(note) <= 4000),
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, service_id) REFERENCES services (organisation_id, id) ON DELETE RESTRICT,
    CHECK ((hour_cost_units IS NULL) = (hour_cost_currency IS NULL))
) STRICT;
CREATE INDEX comparisons_version ON comparisons (organisation_id, version);
CREATE INDEX comparisons_service ON comparisons (organisation_id, service_id);
