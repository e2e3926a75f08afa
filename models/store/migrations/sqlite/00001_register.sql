-- +goose Up
-- The register of one or several organisations in one file. Every record is named by (organisation_id, id): nothing can
-- point at a record of another organisation, because the reference itself would not fit.
--
--   money      *_units, ten-thousandths, with *_currency beside it: both or neither
--   a day      text, 2026-03-31: sorts and compares as it stands
--   an instant integer, microseconds since 1970 in UTC
--   version    the organisation's revision at which the row was last written
PRAGMA application_id = 0x456E7631;

CREATE TABLE organisations (
    organisation_id  INTEGER PRIMARY KEY,
    version          INTEGER NOT NULL,
    revision         INTEGER NOT NULL CHECK (revision >= version),
    next_id          INTEGER NOT NULL CHECK (next_id > organisation_id),
    name             TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    year_start_month INTEGER NOT NULL CHECK (year_start_month BETWEEN 1 AND 12),
    year_start_day   INTEGER NOT NULL CHECK (year_start_day BETWEEN 1 AND 28),
    zone             TEXT    NOT NULL CHECK (length(zone) BETWEEN 1 AND 60),
    lang             TEXT    NOT NULL CHECK (lang IN ('fr', 'en')),
    headcount        INTEGER NOT NULL CHECK (headcount BETWEEN 0 AND 100000),
    siren            TEXT    NOT NULL CHECK (length(siren) IN (0, 9)),
    kept_from        TEXT    CHECK (length(kept_from) = 10),
    margin_days      INTEGER NOT NULL CHECK (margin_days BETWEEN 0 AND 60),
    decide_window    INTEGER NOT NULL CHECK (decide_window BETWEEN 1 AND 365),
    renewal_window   INTEGER NOT NULL CHECK (renewal_window BETWEEN 1 AND 365),
    sample           INTEGER NOT NULL CHECK (sample IN (0, 1))
) STRICT;

-- Which kinds of record changed last, and when: a reader that knows a revision asks here what to read again.
CREATE TABLE changes (
    organisation_id INTEGER NOT NULL REFERENCES organisations ON DELETE RESTRICT,
    kind            TEXT    NOT NULL,
    version         INTEGER NOT NULL,
    PRIMARY KEY (organisation_id, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE deletions (
    organisation_id INTEGER NOT NULL REFERENCES organisations ON DELETE RESTRICT,
    version         INTEGER NOT NULL,
    kind            TEXT    NOT NULL,
    id              INTEGER NOT NULL,
    PRIMARY KEY (organisation_id, version, kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE vat_statuses (
    organisation_id INTEGER NOT NULL REFERENCES organisations ON DELETE RESTRICT,
    n               INTEGER NOT NULL,
    from_on         TEXT    CHECK (length(from_on) = 10),
    kind            TEXT    NOT NULL CHECK (kind IN ('a', 'b', 'c')),
    share           TEXT    NOT NULL,
    PRIMARY KEY (organisation_id, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE people (
    organisation_id INTEGER NOT NULL REFERENCES organisations ON DELETE RESTRICT,
    id              INTEGER NOT NULL CHECK (id > 0),
    version         INTEGER NOT NULL,
    name            TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    email           TEXT    NOT NULL CHECK (length(email) <= 254),
    email_key       TEXT    NOT NULL CHECK ((email_key = '') = (email = '')), -- in small letters
    role            TEXT    NOT NULL CHECK (role IN ('director', 'editor', 'accountant', 'staff')),
    lang            TEXT    NOT NULL CHECK (lang IN ('fr', 'en')),
    digest          INTEGER NOT NULL CHECK (digest IN (0, 1)),
    left_on         TEXT    CHECK (length(left_on) = 10),
    signs_in        INTEGER NOT NULL CHECK (signs_in IN (0, 1)),
    PRIMARY KEY (organisation_id, id)
) STRICT;
CREATE INDEX people_version ON people (organisation_id, version);
CREATE UNIQUE INDEX people_email ON people (organisation_id, email_key) WHERE email_key <> '';
CREATE INDEX people_sign_in ON people (email_key) WHERE email_key <> ''; -- whose organisation is not known yet

-- Apart from people, so that no list, audit entry or export of people can carry a hash.
CREATE TABLE passwords (
    organisation_id INTEGER NOT NULL,
    person_id       INTEGER NOT NULL,
    hash            TEXT    NOT NULL CHECK (length(hash) BETWEEN 1 AND 400),
    set_at          INTEGER NOT NULL,
    PRIMARY KEY (organisation_id, person_id),
    FOREIGN KEY (organisation_id, person_id) REFERENCES people (organisation_id, id) ON DELETE RESTRICT
) STRICT, WITHOUT ROWID;

CREATE TABLE functions (
    organisation_id INTEGER NOT NULL REFERENCES organisations ON DELETE RESTRICT,
    id              INTEGER NOT NULL CHECK (id > 0),
    version         INTEGER NOT NULL,
    name            TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    name_key        TEXT    NOT NULL,
    account         TEXT    NOT NULL CHECK (length(account) <= 12),
    position        INTEGER NOT NULL CHECK (position BETWEEN 0 AND 10000),
    PRIMARY KEY (organisation_id, id)
) STRICT;
CREATE INDEX functions_version ON functions (organisation_id, version);
CREATE UNIQUE INDEX functions_name ON functions (organisation_id, name_key);

CREATE TABLE vendors (
    organisation_id INTEGER NOT NULL REFERENCES organisations ON DELETE RESTRICT,
    id              INTEGER NOT NULL CHECK (id > 0),
    version         INTEGER NOT NULL,
    name            TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    name_key        TEXT    NOT NULL,
    country         TEXT    NOT NULL CHECK (length(country) IN (0, 2)),
    account         TEXT    NOT NULL CHECK (length(account) <= 120),
    PRIMARY KEY (organisation_id, id)
) STRICT;
CREATE INDEX vendors_version ON vendors (organisation_id, version);
CREATE UNIQUE INDEX vendors_name ON vendors (organisation_id, name_key);

CREATE TABLE means (
    organisation_id INTEGER NOT NULL REFERENCES organisations ON DELETE RESTRICT,
    id              INTEGER NOT NULL CHECK (id > 0),
    version         INTEGER NOT NULL,
    name            TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    name_key        TEXT    NOT NULL,
    expires_on      TEXT    CHECK (length(expires_on) = 10),
    PRIMARY KEY (organisation_id, id)
) STRICT;
CREATE INDEX means_version ON means (organisation_id, version);
CREATE UNIQUE INDEX means_name ON means (organisation_id, name_key);

CREATE TABLE services (
    organisation_id INTEGER NOT NULL REFERENCES organisations ON DELETE RESTRICT,
    id              INTEGER NOT NULL CHECK (id > 0),
    version         INTEGER NOT NULL,
    name            TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    function_id     INTEGER NOT NULL,
    vendor_id       INTEGER,
    about           TEXT    NOT NULL CHECK (length(about) <= 120),
    url             TEXT    NOT NULL CHECK (length(url) <= 500),
    cancel_url      TEXT    NOT NULL CHECK (length(cancel_url) <= 500),
    note            TEXT    NOT NULL CHECK (length(note) <= 4000),
    archived_on     TEXT    CHECK (length(archived_on) = 10),
    export_every    INTEGER NOT NULL CHECK (export_every BETWEEN 0 AND 3650),
    exported_on     TEXT    CHECK (length(exported_on) = 10),
    closes_on       TEXT    CHECK (length(closes_on) = 10),
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, function_id) REFERENCES functions (organisation_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id, vendor_id) REFERENCES vendors (organisation_id, id) ON DELETE RESTRICT
) STRICT;
CREATE INDEX services_version ON services (organisation_id, version);
CREATE INDEX services_function ON services (organisation_id, function_id);
CREATE INDEX services_vendor ON services (organisation_id, vendor_id);

CREATE TABLE plans (
    organisation_id INTEGER NOT NULL,
    id              INTEGER NOT NULL CHECK (id > 0),
    version         INTEGER NOT NULL,
    service_id      INTEGER NOT NULL,
    name            TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    tier            TEXT    NOT NULL CHECK (tier IN ('free', 'premium')),
    price_units     INTEGER CHECK (price_units >= 0),
    price_currency  TEXT    CHECK (length(price_currency) = 3),
    per_seat        INTEGER NOT NULL CHECK (per_seat IN (0, 1)),
    cadence_every   INTEGER NOT NULL CHECK (cadence_every BETWEEN 1 AND 999),
    cadence_unit    TEXT    NOT NULL CHECK (cadence_unit IN ('day', 'week', 'month', 'year', 'once')),
    limits          TEXT    NOT NULL CHECK (length(limits) <= 4000),
    seen_on         TEXT    CHECK (length(seen_on) = 10),
    seen_at         TEXT    NOT NULL CHECK (length(seen_at) <= 120),
    retired_on      TEXT    CHECK (length(retired_on) = 10),
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, service_id) REFERENCES services (organisation_id, id) ON DELETE RESTRICT,
    CHECK ((price_units IS NULL) = (price_currency IS NULL)),
    CHECK (tier = 'premium' OR coalesce(price_units, 0) = 0)
) STRICT;
CREATE INDEX plans_version ON plans (organisation_id, version);
CREATE INDEX plans_service ON plans (organisation_id, service_id);

CREATE TABLE subscriptions (
    organisation_id INTEGER NOT NULL,
    id              INTEGER NOT NULL CHECK (id > 0),
    version         INTEGER NOT NULL, -- of the subscription with its terms and seats
    service_id      INTEGER NOT NULL,
    plan_id         INTEGER NOT NULL,
    started_on      TEXT    NOT NULL CHECK (length(started_on) = 10),
    anchor          TEXT    NOT NULL CHECK (anchor >= started_on),
    cadence_every   INTEGER NOT NULL CHECK (cadence_every BETWEEN 1 AND 999),
    cadence_unit    TEXT    NOT NULL CHECK (cadence_unit IN ('day', 'week', 'month', 'year', 'once')),
    notice_n        INTEGER NOT NULL CHECK (notice_n BETWEEN 0 AND 3650),
    notice_unit     TEXT    NOT NULL CHECK (notice_unit IN ('', 'day', 'week', 'month', 'year')),
    auto_renew      INTEGER NOT NULL CHECK (auto_renew IN (0, 1)),
    trial_ends      TEXT    CHECK (length(trial_ends) = 10),
    grant_ends      TEXT    CHECK (length(grant_ends) = 10),
    fixed_until     TEXT    CHECK (length(fixed_until) = 10),
    cancelled_on    TEXT    CHECK (length(cancelled_on) = 10),
    ends_on         TEXT    CHECK (ends_on >= started_on),
    cancel_reason   TEXT    NOT NULL CHECK (length(cancel_reason) <= 4000),
    successor_id    INTEGER CHECK (successor_id <> id),
    owner_id        INTEGER,
    means_id        INTEGER,
    account         TEXT    NOT NULL CHECK (length(account) <= 12),
    analytic        TEXT    NOT NULL CHECK (length(analytic) <= 120),
    look_on         TEXT    CHECK (length(look_on) = 10),
    note            TEXT    NOT NULL CHECK (length(note) <= 4000),
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, service_id) REFERENCES services (organisation_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id, plan_id) REFERENCES plans (organisation_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id, successor_id) REFERENCES subscriptions (organisation_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id, owner_id) REFERENCES people (organisation_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id, means_id) REFERENCES means (organisation_id, id) ON DELETE RESTRICT
) STRICT;
CREATE INDEX subscriptions_version ON subscriptions (organisation_id, version);
CREATE INDEX subscriptions_service ON subscriptions (organisation_id, service_id);
CREATE INDEX subscriptions_plan ON subscriptions (organisation_id, plan_id);
CREATE INDEX subscriptions_successor ON subscriptions (organisation_id, successor_id);
CREATE INDEX subscriptions_owner ON subscriptions (organisation_id, owner_id);
CREATE INDEX subscriptions_means ON subscriptions (organisation_id, means_id);

CREATE TABLE terms (
    organisation_id INTEGER NOT NULL,
    id              INTEGER NOT NULL CHECK (id > 0),
    subscription_id INTEGER NOT NULL,
    from_on         TEXT    NOT NULL CHECK (length(from_on) = 10),
    price_units     INTEGER CHECK (price_units >= 0),
    price_currency  TEXT    CHECK (length(price_currency) = 3),
    per_seat        INTEGER NOT NULL CHECK (per_seat IN (0, 1)),
    seats           INTEGER NOT NULL CHECK (seats BETWEEN 1 AND 10000),
    note            TEXT    NOT NULL CHECK (length(note) <= 120),
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, subscription_id) REFERENCES subscriptions (organisation_id, id) ON DELETE RESTRICT,
    CHECK ((price_units IS NULL) = (price_currency IS NULL))
) STRICT;
-- Not unique on the day: rows change one by one, and two that exchange their days pass through the same one.
CREATE INDEX terms_subscription ON terms (organisation_id, subscription_id, from_on);

CREATE TABLE seats (
    organisation_id INTEGER NOT NULL,
    id              INTEGER NOT NULL CHECK (id > 0),
    subscription_id INTEGER NOT NULL,
    person_id       INTEGER NOT NULL,
    from_on         TEXT    NOT NULL CHECK (length(from_on) = 10),
    to_on           TEXT    CHECK (to_on >= from_on),
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, subscription_id) REFERENCES subscriptions (organisation_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id, person_id) REFERENCES people (organisation_id, id) ON DELETE RESTRICT
) STRICT;
CREATE INDEX seats_subscription ON seats (organisation_id, subscription_id, person_id, from_on);
CREATE INDEX seats_person ON seats (organisation_id, person_id);

CREATE TABLE payments (
    organisation_id         INTEGER NOT NULL,
    id                      INTEGER NOT NULL CHECK (id > 0),
    version                 INTEGER NOT NULL,
    service_id              INTEGER NOT NULL,
    subscription_id         INTEGER,
    charge_on               TEXT    CHECK (length(charge_on) = 10),
    paid_on                 TEXT    NOT NULL CHECK (length(paid_on) = 10),
    invoice_number          TEXT    NOT NULL CHECK (length(invoice_number) <= 120),
    invoice_date            TEXT    CHECK (length(invoice_date) = 10),
    period_from             TEXT    CHECK (length(period_from) = 10),
    period_to               TEXT    CHECK (period_to > period_from),
    vendor_name             TEXT    NOT NULL CHECK (length(vendor_name) <= 120),
    country                 TEXT    NOT NULL CHECK (length(country) IN (0, 2)),
    abroad                  INTEGER NOT NULL CHECK (abroad IN (0, 1)),
    billed_units            INTEGER NOT NULL,
    billed_currency         TEXT    NOT NULL CHECK (length(billed_currency) = 3),
    vat_units               INTEGER,
    vat_currency            TEXT    CHECK (vat_currency = billed_currency),
    vat_rate                TEXT    NOT NULL,
    debited_units           INTEGER,
    debited_currency        TEXT    CHECK (debited_currency = 'EUR'),
    rate                    TEXT    CHECK (length(rate) <= 24),
    rate_day                TEXT    CHECK (length(rate_day) = 10),
    rate_source             TEXT    NOT NULL CHECK (rate_source IN ('', 'bank', 'invoice', 'ecb', 'typed')),
    eur_units               INTEGER,
    eur_currency            TEXT    CHECK (eur_currency = 'EUR'),
    vat_invoiced_units      INTEGER,
    vat_invoiced_currency   TEXT    CHECK (vat_invoiced_currency = 'EUR'),
    vat_due_units           INTEGER,
    vat_due_currency        TEXT    CHECK (vat_due_currency = 'EUR'),
    vat_deductible_units    INTEGER,
    vat_deductible_currency TEXT    CHECK (vat_deductible_currency = 'EUR'),
    cost_units              INTEGER,
    cost_currency           TEXT    CHECK (cost_currency = 'EUR'),
    vat_kind                TEXT    NOT NULL CHECK (vat_kind IN ('', 'a', 'b', 'c')),
    account                 TEXT    NOT NULL CHECK (length(account) <= 12),
    analytic                TEXT    NOT NULL CHECK (length(analytic) <= 120),
    note                    TEXT    NOT NULL CHECK (length(note) <= 4000),
    reverses_id             INTEGER CHECK (reverses_id <> id),
    reversed_by_id          INTEGER CHECK (reversed_by_id <> id),
    recorded_at             INTEGER,
    recorded_by             INTEGER,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, service_id) REFERENCES services (organisation_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id, subscription_id) REFERENCES subscriptions (organisation_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id, reverses_id) REFERENCES payments (organisation_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id, reversed_by_id) REFERENCES payments (organisation_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id, recorded_by) REFERENCES people (organisation_id, id) ON DELETE RESTRICT,
    CHECK ((period_from IS NULL) = (period_to IS NULL)),
    CHECK ((vat_units IS NULL) = (vat_currency IS NULL)),
    CHECK ((debited_units IS NULL) = (debited_currency IS NULL)),
    CHECK ((eur_units IS NULL) = (eur_currency IS NULL)),
    CHECK ((vat_invoiced_units IS NULL) = (vat_invoiced_currency IS NULL)),
    CHECK ((vat_due_units IS NULL) = (vat_due_currency IS NULL)),
    CHECK ((vat_deductible_units IS NULL) = (vat_deductible_currency IS NULL)),
    CHECK ((cost_units IS NULL) = (cost_currency IS NULL)),
    CHECK ((cost_units IS NULL) = (eur_units IS NULL)),
    CHECK (reverses_id IS NULL OR reversed_by_id IS NULL)
) STRICT;
CREATE INDEX payments_version ON payments (organisation_id, version);
CREATE INDEX payments_service ON payments (organisation_id, service_id);
CREATE INDEX payments_recorder ON payments (organisation_id, recorded_by);
CREATE INDEX payments_subscription ON payments (organisation_id, subscription_id, charge_on);
-- One expected charge is paid once, and one payment undone once.
CREATE UNIQUE INDEX payments_charge ON payments (organisation_id, subscription_id, charge_on)
    WHERE charge_on IS NOT NULL AND reverses_id IS NULL AND reversed_by_id IS NULL;
CREATE UNIQUE INDEX payments_reversed ON payments (organisation_id, reverses_id) WHERE reverses_id IS NOT NULL;
CREATE INDEX payments_reversing ON payments (organisation_id, reversed_by_id);

CREATE TABLE waivers (
    organisation_id INTEGER NOT NULL,
    id              INTEGER NOT NULL CHECK (id > 0),
    version         INTEGER NOT NULL,
    subscription_id INTEGER NOT NULL,
    charge_on       TEXT    NOT NULL CHECK (length(charge_on) = 10),
    reason          TEXT    NOT NULL CHECK (length(reason) BETWEEN 1 AND 120),
    by_id           INTEGER,
    on_day          TEXT    CHECK (length(on_day) = 10),
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, subscription_id) REFERENCES subscriptions (organisation_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id, by_id) REFERENCES people (organisation_id, id) ON DELETE RESTRICT
) STRICT;
CREATE INDEX waivers_version ON waivers (organisation_id, version);
CREATE INDEX waivers_person ON waivers (organisation_id, by_id);
CREATE UNIQUE INDEX waivers_charge ON waivers (organisation_id, subscription_id, charge_on);

CREATE TABLE envelopes (
    organisation_id  INTEGER NOT NULL REFERENCES organisations ON DELETE RESTRICT,
    id               INTEGER NOT NULL CHECK (id > 0),
    version          INTEGER NOT NULL,
    year             INTEGER NOT NULL CHECK (year BETWEEN 1970 AND 2199),
    floor_units      INTEGER CHECK (floor_units >= 0),
    floor_currency   TEXT    CHECK (floor_currency = 'EUR'),
    ceiling_units    INTEGER NOT NULL CHECK (ceiling_units > 0),
    ceiling_currency TEXT    NOT NULL CHECK (ceiling_currency = 'EUR'),
    PRIMARY KEY (organisation_id, id),
    CHECK ((floor_units IS NULL) = (floor_currency IS NULL)),
    CHECK (ceiling_units >= floor_units)
) STRICT;
CREATE INDEX envelopes_version ON envelopes (organisation_id, version);
CREATE UNIQUE INDEX envelopes_year ON envelopes (organisation_id, year);

CREATE TABLE rates (
    organisation_id INTEGER NOT NULL REFERENCES organisations ON DELETE RESTRICT,
    id              INTEGER NOT NULL CHECK (id > 0),
    version         INTEGER NOT NULL,
    currency        TEXT    NOT NULL CHECK (length(currency) = 3 AND currency <> 'EUR'),
    day             TEXT    NOT NULL CHECK (length(day) = 10),
    rate            TEXT    NOT NULL CHECK (length(rate) BETWEEN 1 AND 24),
    source          TEXT    NOT NULL CHECK (source IN ('ecb', 'typed')),
    PRIMARY KEY (organisation_id, id)
) STRICT;
CREATE INDEX rates_version ON rates (organisation_id, version);
CREATE UNIQUE INDEX rates_day ON rates (organisation_id, currency, day, source);

CREATE TABLE decisions (
    organisation_id INTEGER NOT NULL,
    id              INTEGER NOT NULL CHECK (id > 0),
    version         INTEGER NOT NULL,
    service_id      INTEGER NOT NULL,
    subscription_id INTEGER,
    kind            TEXT    NOT NULL CHECK (kind IN ('keep', 'upgrade', 'downgrade', 'replace', 'cancel', 'stay_free', 'decline')),
    on_day          TEXT    NOT NULL CHECK (length(on_day) = 10),
    by_id           INTEGER,
    reason          TEXT    NOT NULL CHECK (length(reason) <= 4000),
    look_again_on   TEXT    CHECK (look_again_on > on_day),
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, service_id) REFERENCES services (organisation_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id, subscription_id) REFERENCES subscriptions (organisation_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (organisation_id, by_id) REFERENCES people (organisation_id, id) ON DELETE RESTRICT
) STRICT;
CREATE INDEX decisions_version ON decisions (organisation_id, version);
CREATE INDEX decisions_service ON decisions (organisation_id, service_id);
CREATE INDEX decisions_subscription ON decisions (organisation_id, subscription_id);
CREATE INDEX decisions_person ON decisions (organisation_id, by_id);

-- A flag keeps the name of what it warns of, not a reference: what it was about may be removed, that it was raised stays.
CREATE TABLE flags (
    organisation_id INTEGER NOT NULL REFERENCES organisations ON DELETE RESTRICT,
    id              INTEGER NOT NULL CHECK (id > 0),
    version         INTEGER NOT NULL,
    kind            TEXT    NOT NULL CHECK (length(kind) BETWEEN 1 AND 40),
    subject         INTEGER NOT NULL,
    code            TEXT    NOT NULL CHECK (length(code) IN (0, 3)),
    on_day          TEXT    CHECK (length(on_day) = 10),
    raised_on       TEXT    CHECK (length(raised_on) = 10),
    cleared_on      TEXT    CHECK (length(cleared_on) = 10),
    acknowledged_on TEXT    CHECK (length(acknowledged_on) = 10),
    acknowledged_by INTEGER,
    snoozed_until   TEXT    CHECK (length(snoozed_until) = 10),
    PRIMARY KEY (organisation_id, id)
) STRICT;
CREATE INDEX flags_version ON flags (organisation_id, version);
CREATE UNIQUE INDEX flags_open ON flags (organisation_id, kind, subject, code, coalesce(on_day, '')) WHERE cleared_on IS NULL;

CREATE TABLE audit (
    organisation_id INTEGER NOT NULL REFERENCES organisations ON DELETE RESTRICT,
    id              INTEGER NOT NULL,
    revision        INTEGER NOT NULL,
    at              INTEGER NOT NULL,
    by_id           INTEGER NOT NULL, -- 0 for the program; no reference, the log outlives what it speaks of
    by_name         TEXT    NOT NULL,
    verb            TEXT    NOT NULL,
    kind            TEXT    NOT NULL,
    subject         INTEGER NOT NULL,
    name            TEXT    NOT NULL,
    changes         TEXT    NOT NULL CHECK (json_valid(changes)),
    PRIMARY KEY (organisation_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_subject ON audit (organisation_id, kind, subject, id);
CREATE INDEX audit_person ON audit (organisation_id, by_id, id);

-- +goose StatementBegin
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
BEGIN
    SELECT raise(ABORT, 'the audit log is only added to');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
BEGIN
    SELECT raise(ABORT, 'the audit log is only added to');
END;
-- +goose StatementEnd

-- What follows is not of the register: it has no revision.

CREATE TABLE sessions (
    token_hash      BLOB    NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32), -- the only way in that names no organisation
    id              INTEGER NOT NULL,
    organisation_id INTEGER NOT NULL,
    person_id       INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    seen_at         INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    agent           TEXT    NOT NULL CHECK (length(agent) <= 500),
    address         TEXT    NOT NULL CHECK (length(address) <= 100),
    FOREIGN KEY (organisation_id, person_id) REFERENCES people (organisation_id, id) ON DELETE RESTRICT
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_person ON sessions (organisation_id, person_id);

CREATE TABLE unsubscribe_tokens (
    token           TEXT    NOT NULL PRIMARY KEY,
    organisation_id INTEGER NOT NULL,
    person_id       INTEGER NOT NULL,
    FOREIGN KEY (organisation_id, person_id) REFERENCES people (organisation_id, id) ON DELETE RESTRICT
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX unsubscribe_person ON unsubscribe_tokens (organisation_id, person_id);

CREATE TABLE deliveries (
    organisation_id INTEGER NOT NULL,
    id              INTEGER NOT NULL,
    kind            TEXT    NOT NULL,
    period          TEXT    NOT NULL,
    recipient       INTEGER NOT NULL,
    address         TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    lang            TEXT    NOT NULL,
    state           TEXT    NOT NULL CHECK (state IN ('pending', 'sent', 'failed', 'given_up', 'not_configured')),
    attempts        INTEGER NOT NULL CHECK (attempts >= 0),
    next_at         INTEGER,
    last_error      TEXT    NOT NULL,
    message_id      TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    sent_at         INTEGER,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, recipient) REFERENCES people (organisation_id, id) ON DELETE RESTRICT,
    CHECK ((state = 'sent') = (sent_at IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX deliveries_once ON deliveries (organisation_id, kind, period, recipient);
CREATE INDEX deliveries_due ON deliveries (organisation_id, kind, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX deliveries_recipient ON deliveries (organisation_id, recipient);

-- The program's own, not an organisation's.

CREATE TABLE job_runs (
    job         TEXT    NOT NULL,
    slot        TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    finished_at INTEGER,
    outcome     TEXT    NOT NULL,
    detail      TEXT    NOT NULL,
    PRIMARY KEY (job, slot)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_runs_at ON job_runs (at);

CREATE TABLE attempts (
    key        TEXT    NOT NULL PRIMARY KEY,
    started_at INTEGER NOT NULL,
    count      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_started ON attempts (started_at);

CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
