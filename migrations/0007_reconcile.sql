-- Reconcile: what was compared with Stripe, and what differed.

-- A customer x meter x stretch of one period. revision rises with each delivery formed or moved there; at the last match
-- with Stripe it is noted, so that only what has changed is asked again, and once more when the grace is over.
CREATE TABLE pair_period (
  customer          INTEGER NOT NULL REFERENCES customer,
  meter             INTEGER NOT NULL REFERENCES meter,
  period_start      INTEGER NOT NULL,
  period_end        INTEGER NOT NULL,
  revision          INTEGER NOT NULL DEFAULT 1,
  verified_revision INTEGER NOT NULL DEFAULT 0 CHECK (verified_revision <= revision),
  verified_delivery INTEGER NOT NULL DEFAULT 0,      -- deliveries up to this one were compared with their events
  asked_after_close INTEGER NOT NULL DEFAULT 0 CHECK (asked_after_close IN (0, 1)),
  PRIMARY KEY (customer, meter, period_start)
) STRICT, WITHOUT ROWID;
CREATE INDEX pair_period_changed ON pair_period (customer, meter) WHERE revision <> verified_revision;
CREATE INDEX pair_period_not_closed ON pair_period (period_end) WHERE asked_after_close = 0;

CREATE TRIGGER pair_period_counts_new_deliveries AFTER INSERT ON delivery
BEGIN
  INSERT INTO pair_period (customer, meter, period_start, period_end) VALUES (NEW.customer, NEW.meter, NEW.period_start, NEW.period_end)
  ON CONFLICT DO UPDATE SET revision = revision + 1, period_end = excluded.period_end;
END;
CREATE TRIGGER pair_period_counts_moves AFTER UPDATE OF state ON delivery WHEN OLD.state <> NEW.state
BEGIN
  UPDATE pair_period SET revision = revision + 1
  WHERE customer = NEW.customer AND meter = NEW.meter AND period_start = NEW.period_start;
END;

-- One execution of reconcile.
CREATE TABLE reconcile_run (
  run         INTEGER PRIMARY KEY REFERENCES run,
  at          INTEGER NOT NULL,
  scope       TEXT    NOT NULL,                      -- what was asked for, as JSON
  asked       INTEGER NOT NULL,                      -- customer x meter x period compared with Stripe
  skipped     INTEGER NOT NULL,                      -- left out because --max-calls was used up
  matched     INTEGER NOT NULL,
  unsettled   INTEGER NOT NULL,
  calls       INTEGER NOT NULL
) STRICT;

-- One difference, with exactly one class. A later run that sees it again updates it; one that looks and does not see it
-- notes when it was gone.
CREATE TABLE finding (
  finding     INTEGER PRIMARY KEY,
  customer    INTEGER NOT NULL REFERENCES customer,
  meter       INTEGER NOT NULL REFERENCES meter,
  from_at     INTEGER NOT NULL,
  to_at       INTEGER NOT NULL CHECK (to_at > from_at),
  class       TEXT    NOT NULL CHECK (class IN ('missing', 'extra', 'value', 'unsettled', 'unknown', 'late')),
  cause       TEXT    NOT NULL,
  recorded    INTEGER NOT NULL,                      -- units of billable usage there
  sent        INTEGER NOT NULL,                      -- units that Stripe accepted from us, or held before us
  stripe      INTEGER,                               -- units by Stripe's summary; NULL where Stripe was not asked
  difference  INTEGER NOT NULL,                      -- units too many at Stripe (+) or too few (-)
  minor       INTEGER,                               -- what the difference costs, in minor units; NULL where it has no price
  currency    TEXT,
  events      INTEGER NOT NULL,                      -- usage events concerned
  first_run   INTEGER NOT NULL REFERENCES run,
  last_run    INTEGER NOT NULL REFERENCES run,
  gone_run    INTEGER REFERENCES run,                -- looked, and did not see it any more
  ack_run     INTEGER REFERENCES run,
  ack_by      TEXT,
  ack_reason  TEXT,
  ack_ref     TEXT,
  ack_difference INTEGER,                            -- what was acknowledged: another difference is news
  CHECK ((ack_run IS NULL) = (ack_reason IS NULL))
) STRICT;
CREATE UNIQUE INDEX finding_by_place ON finding (customer, meter, from_at, to_at, class, cause);
CREATE INDEX finding_open ON finding (customer, meter) WHERE gone_run IS NULL;
CREATE TRIGGER finding_is_kept BEFORE DELETE ON finding
BEGIN SELECT RAISE(ABORT, 'findings are kept'); END;
CREATE TRIGGER finding_place_is_immutable BEFORE UPDATE OF customer, meter, from_at, to_at, class, cause, first_run ON finding
BEGIN SELECT RAISE(ABORT, 'a finding keeps its place and class'); END;

-- The deliveries that a finding is about.
CREATE TABLE finding_delivery (
  finding     INTEGER NOT NULL REFERENCES finding,
  delivery    INTEGER NOT NULL REFERENCES delivery,
  PRIMARY KEY (finding, delivery)
) STRICT, WITHOUT ROWID;

-- What each run saw, as it was then.
CREATE TABLE finding_seen (
  run         INTEGER NOT NULL REFERENCES reconcile_run,
  finding     INTEGER NOT NULL REFERENCES finding,
  recorded    INTEGER NOT NULL,
  sent        INTEGER NOT NULL,
  stripe      INTEGER,
  difference  INTEGER NOT NULL,
  minor       INTEGER,
  acknowledged INTEGER NOT NULL CHECK (acknowledged IN (0, 1)),
  PRIMARY KEY (run, finding)
) STRICT, WITHOUT ROWID;
