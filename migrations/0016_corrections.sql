-- Corrections in money: an item on a customer's next invoice for a difference that cannot be mended at the meter any more.
-- Stored, with what it is worth, before Stripe is called; its number is part of the key and of the item's metadata.
CREATE TABLE correction (
  correction  INTEGER PRIMARY KEY,
  finding     INTEGER NOT NULL UNIQUE REFERENCES finding,
  customer    INTEGER NOT NULL REFERENCES customer,
  minor       INTEGER NOT NULL CHECK (minor <> 0),   -- minor units; below zero gives back
  currency    TEXT    NOT NULL,
  description TEXT    NOT NULL,
  state       TEXT    NOT NULL CHECK (state IN ('begun', 'done')),
  item        TEXT    UNIQUE,                        -- ii_…
  at          INTEGER NOT NULL,
  run         INTEGER NOT NULL REFERENCES run,
  actor       TEXT    NOT NULL,
  host        TEXT    NOT NULL,
  reason      TEXT,
  ref         TEXT,
  CHECK ((state = 'done') = (item IS NOT NULL))
) STRICT;
CREATE TRIGGER correction_keeps_its_worth BEFORE UPDATE OF correction, finding, customer, minor, currency, at, run ON correction
BEGIN SELECT RAISE(ABORT, 'a correction keeps what it is worth'); END;
CREATE TRIGGER correction_is_done_once BEFORE UPDATE ON correction WHEN OLD.state = 'done'
BEGIN SELECT RAISE(ABORT, 'a correction is done once'); END;
CREATE TRIGGER correction_is_kept BEFORE DELETE ON correction
BEGIN SELECT RAISE(ABORT, 'corrections are kept'); END;
