-- +goose Up
-- Lead times of reminders, for the organisation, a subscription and a person: JSON, days by kind of reminder. A kind
-- that is not named is left to the level above. What a person muted is a list of kinds and subscriptions. Everybody who
-- is here wants reminders until they say otherwise: of what they keep, or of what they answer for.

ALTER TABLE organisations ADD COLUMN leads TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(leads));
ALTER TABLE subscriptions ADD COLUMN leads TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(leads));
ALTER TABLE people ADD COLUMN reminders INTEGER NOT NULL DEFAULT 1 CHECK (reminders IN (0, 1));
ALTER TABLE people ADD COLUMN leads TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(leads));
ALTER TABLE people ADD COLUMN mutes TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(mutes));

-- Flags of the envelope that have been cleared: few, and asked for with the open ones.
CREATE INDEX flags_envelope_cleared ON flags (organisation_id, id) WHERE kind = 'envelope' AND cleared_on IS NOT NULL;
