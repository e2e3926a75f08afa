-- +goose Up
-- What is known of a service besides its cost, and what each person does here.

ALTER TABLE people ADD COLUMN post TEXT NOT NULL DEFAULT '' CHECK (length(post) <= 120);

-- Columns that name people cannot be references without rebuilding the table: the verbs look that they are there, and
-- people are never removed.
ALTER TABLE services ADD COLUMN export TEXT NOT NULL DEFAULT '' CHECK (export IN ('', 'no', 'part', 'full'));
ALTER TABLE services ADD COLUMN export_how TEXT NOT NULL DEFAULT '' CHECK (length(export_how) <= 4000);
ALTER TABLE services ADD COLUMN exported_by INTEGER CHECK (exported_by > 0);
ALTER TABLE services ADD COLUMN export_kept TEXT NOT NULL DEFAULT '' CHECK (length(export_kept) <= 120);
ALTER TABLE services ADD COLUMN second_admin INTEGER CHECK (second_admin > 0);
ALTER TABLE services ADD COLUMN replaced_by TEXT NOT NULL DEFAULT '' CHECK (length(replaced_by) <= 120);
ALTER TABLE services ADD COLUMN offline TEXT NOT NULL DEFAULT '' CHECK (offline IN ('', 'no', 'part', 'full'));
ALTER TABLE services ADD COLUMN train_planned INTEGER NOT NULL DEFAULT 0 CHECK (train_planned BETWEEN 0 AND 10000000); -- hundredths of an hour
ALTER TABLE services ADD COLUMN train_done INTEGER NOT NULL DEFAULT 0 CHECK (train_done BETWEEN 0 AND 10000000);
ALTER TABLE services ADD COLUMN referent INTEGER CHECK (referent > 0);
ALTER TABLE services ADD COLUMN personal TEXT NOT NULL DEFAULT '' CHECK (personal IN ('', 'no', 'part', 'full'));
ALTER TABLE services ADD COLUMN personal_whose TEXT NOT NULL DEFAULT '' CHECK (length(personal_whose) <= 4000);
ALTER TABLE services ADD COLUMN purpose TEXT NOT NULL DEFAULT '' CHECK (length(purpose) <= 4000);
ALTER TABLE services ADD COLUMN dpa_on TEXT CHECK (length(dpa_on) = 10);
ALTER TABLE services ADD COLUMN dpa_where TEXT NOT NULL DEFAULT '' CHECK (length(dpa_where) <= 120);
ALTER TABLE services ADD COLUMN hosting TEXT NOT NULL DEFAULT '' CHECK (length(hosting) <= 120);
ALTER TABLE services ADD COLUMN transfer TEXT NOT NULL DEFAULT '' CHECK (transfer IN ('', 'none', 'adequacy', 'clauses', 'other'));
ALTER TABLE services ADD COLUMN kept_for TEXT NOT NULL DEFAULT '' CHECK (length(kept_for) <= 120);
