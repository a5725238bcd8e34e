-- Differences of tiers, credits and the catalog, and batches of migrations.

-- One difference between what the store says and what Stripe says of the same thing, with exactly one class. Numbered
-- together with the findings about usage (table finding). A later run that sees it again updates it; one that looks and
-- does not see it notes when it was gone.
CREATE TABLE state_finding (
  finding     INTEGER PRIMARY KEY,
  subject     TEXT    NOT NULL CHECK (subject IN ('tiers', 'credits', 'catalog')),
  customer    INTEGER REFERENCES customer,           -- NULL where the store knows none
  object      TEXT    NOT NULL,                      -- what it is about: sub_…, cus_…, a lot, a key of the catalog
  class       TEXT    NOT NULL CHECK (class IN ('missing', 'extra', 'value', 'unknown')),
  cause       TEXT    NOT NULL,
  ours        TEXT,                                  -- what the store says
  stripe      TEXT,                                  -- what Stripe says
  minor       INTEGER,                               -- what it costs, in minor units; NULL where it has no price
  currency    TEXT,
  fix         TEXT,                                  -- the command that mends it; NULL: `paygrade repair`
  first_run   INTEGER NOT NULL REFERENCES run,
  last_run    INTEGER NOT NULL REFERENCES run,
  gone_run    INTEGER REFERENCES run,                -- looked, and did not see it any more
  ack_run     INTEGER REFERENCES run,
  ack_by      TEXT,
  ack_reason  TEXT,
  ack_ref     TEXT,
  CHECK ((ack_run IS NULL) = (ack_reason IS NULL))
) STRICT;
CREATE UNIQUE INDEX state_finding_by_place ON state_finding (subject, COALESCE(customer, 0), object, class, cause);
CREATE INDEX state_finding_open ON state_finding (subject, customer) WHERE gone_run IS NULL;
CREATE TRIGGER state_finding_is_kept BEFORE DELETE ON state_finding
BEGIN SELECT RAISE(ABORT, 'findings are kept'); END;
CREATE TRIGGER state_finding_place_is_immutable BEFORE UPDATE OF finding, subject, customer, object, class, cause, first_run ON state_finding
BEGIN SELECT RAISE(ABORT, 'a finding keeps its place and class'); END;

-- What each run saw, as it was then.
CREATE TABLE state_finding_seen (
  run         INTEGER NOT NULL REFERENCES run,
  finding     INTEGER NOT NULL REFERENCES state_finding,
  ours        TEXT,
  stripe      TEXT,
  minor       INTEGER,
  acknowledged INTEGER NOT NULL CHECK (acknowledged IN (0, 1)),
  PRIMARY KEY (run, finding)
) STRICT, WITHOUT ROWID;

-- Drafts that a person keeps open (auto_advance = false), and why. Stored before Stripe is called; the key of a call is
-- made of the number.
CREATE TABLE invoice_hold (
  hold        INTEGER PRIMARY KEY,
  invoice     TEXT    NOT NULL REFERENCES invoice,
  why         TEXT    NOT NULL,
  state       TEXT    NOT NULL CHECK (state IN ('holding', 'held', 'releasing', 'released', 'dropped')),
  at          INTEGER NOT NULL,
  run         INTEGER NOT NULL REFERENCES run,
  actor       TEXT    NOT NULL,
  host        TEXT    NOT NULL,
  ref         TEXT,
  ended_at    INTEGER,
  ended_run   INTEGER REFERENCES run,
  ended_why   TEXT,
  CHECK ((state IN ('released', 'dropped')) = (ended_at IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX invoice_hold_one_is_open ON invoice_hold (invoice) WHERE ended_at IS NULL;
CREATE TRIGGER invoice_hold_is_kept BEFORE DELETE ON invoice_hold
BEGIN SELECT RAISE(ABORT, 'holds are kept'); END;
