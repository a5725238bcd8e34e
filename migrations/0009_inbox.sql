-- Received Stripe events: stored raw, then handled.

CREATE TABLE inbox (
  seq           INTEGER PRIMARY KEY,                 -- order of arrival
  event         TEXT    NOT NULL UNIQUE,             -- evt_…: a second delivery of one event is no second row
  thin          INTEGER NOT NULL CHECK (thin IN (0, 1)),
  type          TEXT    NOT NULL,
  created_at    INTEGER NOT NULL,                    -- when it happened, by Stripe
  received_at   INTEGER NOT NULL,
  source        TEXT    NOT NULL CHECK (source IN ('endpoint', 'file', 'stripe', 'backfill')),
  object        TEXT,                                -- id of the object concerned
  cus           TEXT,                                -- cus_… of the object, as the event says
  customer      INTEGER REFERENCES customer,         -- whose, once it was handled
  body          BLOB,                                -- as it came; NULL once it was dropped, or never ours
  state         TEXT    NOT NULL CHECK (state IN ('new', 'handling', 'failed', 'done', 'dead', 'ignored')),
  attempts      INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  lease_until   INTEGER,
  next_attempt  INTEGER,
  effect        TEXT,                                -- what it did
  last_error    TEXT,
  handled_at    INTEGER,                             -- when it was done or given up
  handled_run   INTEGER REFERENCES run,
  run           INTEGER NOT NULL REFERENCES run,
  CHECK ((state = 'handling') = (lease_until IS NOT NULL)),
  CHECK ((state = 'failed') = (next_attempt IS NOT NULL)),
  CHECK ((state IN ('done', 'dead')) = (handled_at IS NOT NULL)),
  CHECK (state NOT IN ('done', 'ignored') OR effect IS NOT NULL),
  CHECK (state NOT IN ('failed', 'dead') OR last_error IS NOT NULL)
) STRICT;
CREATE INDEX inbox_open ON inbox (created_at) WHERE state IN ('new', 'handling', 'failed');
CREATE INDEX inbox_by_cus ON inbox (cus, created_at);
CREATE INDEX inbox_by_type ON inbox (type, created_at);
CREATE INDEX inbox_with_body ON inbox (received_at) WHERE body IS NOT NULL AND state = 'done';

CREATE TRIGGER inbox_is_what_came BEFORE UPDATE OF event, thin, type, created_at, received_at, source, object, cus, run ON inbox
BEGIN SELECT RAISE(ABORT, 'an event stays as it came'); END;
CREATE TRIGGER inbox_body_is_what_came BEFORE UPDATE OF body ON inbox WHEN NEW.body IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'an event stays as it came'); END;
CREATE TRIGGER inbox_is_kept BEFORE DELETE ON inbox
BEGIN SELECT RAISE(ABORT, 'events are kept'); END;

-- What was refused at the door, by reason: nothing else is kept of it.
CREATE TABLE inbox_refused (
  reason        TEXT    PRIMARY KEY,
  count         INTEGER NOT NULL CHECK (count > 0),
  last_at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Up to when events were read from Stripe's lists without a gap. At most one row.
CREATE TABLE inbox_backfill (
  one           INTEGER PRIMARY KEY CHECK (one = 1),
  upto          INTEGER NOT NULL,
  run           INTEGER NOT NULL REFERENCES run
) STRICT;

-- What Stripe says that it did not count, by report and code. Samples name some deliveries; the rest is unattributed.
CREATE TABLE meter_report (
  event         TEXT    NOT NULL REFERENCES inbox (event),
  code          TEXT    NOT NULL,
  meter         TEXT,                                -- mtr_…; NULL where there is none
  errors        INTEGER NOT NULL CHECK (errors >= 0),
  attributed    INTEGER NOT NULL CHECK (attributed BETWEEN 0 AND errors),
  message       TEXT    NOT NULL,                    -- the first sample's
  from_at       INTEGER,
  to_at         INTEGER,
  at            INTEGER NOT NULL,                    -- when Stripe reported it
  PRIMARY KEY (event, code)
) STRICT, WITHOUT ROWID;

-- A delivery that was accepted and then, by a report, not counted. `reconcile` decides whether it is lost.
ALTER TABLE delivery ADD COLUMN report_code TEXT;
ALTER TABLE delivery ADD COLUMN report_event TEXT;
ALTER TABLE delivery ADD COLUMN report_at INTEGER;
CREATE INDEX delivery_reported ON delivery (report_code) WHERE report_code IS NOT NULL;
