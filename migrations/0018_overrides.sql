-- What one customer may have beside what its tier says, agreed with a person. The newest row of a key counts.

CREATE TABLE tier_override (
  tier_override  INTEGER PRIMARY KEY,
  customer       INTEGER NOT NULL REFERENCES customer,
  key            TEXT    NOT NULL,                   -- 'limits.<limit>'
  value          TEXT,                               -- a number or 'unlimited'; NULL: what came before it ends
  from_at        INTEGER NOT NULL,
  until_at       INTEGER CHECK (until_at > from_at), -- NULL: until it is ended
  run            INTEGER NOT NULL REFERENCES run,
  actor          TEXT    NOT NULL,
  host           TEXT    NOT NULL,
  reason         TEXT    NOT NULL,
  ref            TEXT,
  CHECK (value IS NOT NULL OR until_at IS NULL)
) STRICT;
CREATE INDEX tier_override_by_customer ON tier_override (customer, key, tier_override);

CREATE TRIGGER tier_override_is_immutable BEFORE UPDATE ON tier_override
BEGIN SELECT RAISE(ABORT, 'an override is history: write another'); END;
CREATE TRIGGER tier_override_is_kept BEFORE DELETE ON tier_override
BEGIN SELECT RAISE(ABORT, 'overrides are kept'); END;
