-- +goose Up
-- An organisation may keep its amounts from people of the role staff, on every screen, in mail and in files.

ALTER TABLE organisations ADD COLUMN staff_without_amounts INTEGER NOT NULL DEFAULT 0 CHECK (staff_without_amounts IN (0, 1));
