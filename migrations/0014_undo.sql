-- Undo: counter-entries may take units back at Stripe, and a meter event that Stripe took may be cancelled.

-- A CHECK cannot be altered: the table is made anew, with the same rows. What refers to it is looked at when all is back.
PRAGMA defer_foreign_keys = ON;
CREATE TABLE delivery_kept AS SELECT * FROM delivery;
DROP TABLE delivery;
CREATE TABLE delivery (
  delivery        INTEGER PRIMARY KEY,
  customer        INTEGER NOT NULL REFERENCES customer,
  meter           INTEGER NOT NULL REFERENCES meter,
  from_at         INTEGER NOT NULL,                  -- the window, seconds, half-open, cut at span ends
  to_at           INTEGER NOT NULL CHECK (to_at > from_at),
  after_seq       INTEGER NOT NULL,                  -- the events with after_seq < seq <= upto_seq
  upto_seq        INTEGER NOT NULL CHECK (upto_seq > after_seq),
  events          INTEGER NOT NULL CHECK (events >= 0),
  value           INTEGER NOT NULL,                  -- units sent; below zero takes back what was sent and then voided
  opening         INTEGER NOT NULL DEFAULT 0 CHECK (opening >= 0), -- units of its events that Stripe held before this store sent any: value + opening is their sum
  timestamp       INTEGER NOT NULL,                  -- seconds: the newest event's, floored
  period_start    INTEGER NOT NULL,
  period_end      INTEGER NOT NULL,
  price           TEXT    NOT NULL,
  must_arrive_by  INTEGER NOT NULL,                  -- end of the period and its grace, or the second at which a swap or cancel ended the span
  event_name      TEXT    NOT NULL,                  -- the payload, frozen
  cus             TEXT    NOT NULL,
  identifier      TEXT    NOT NULL UNIQUE CHECK (length(identifier) <= 100),
  state           TEXT    NOT NULL CHECK (state IN ('due', 'sending', 'accepted', 'rejected', 'unknown', 'late', 'too_late', 'closed', 'lost', 'cancelled', 'replaced')),
  attempts        INTEGER NOT NULL DEFAULT 0,
  server_errors   INTEGER NOT NULL DEFAULT 0,        -- 5xx answers so far: part of the Idempotency-Key
  first_attempt   INTEGER,
  indefinite_at   INTEGER,                           -- first attempt whose outcome was indefinite, stamped before its socket opened; 23 h run from it
  last_attempt    INTEGER,
  next_attempt    INTEGER,
  accepted_at     INTEGER,
  last_error      TEXT,
  request_id      TEXT,
  replaces        INTEGER REFERENCES delivery,
  evidence        TEXT,                              -- how a state was decided other than by an answer
  created_at      INTEGER NOT NULL,
  run             INTEGER NOT NULL REFERENCES run,
  report_code     TEXT,                              -- why Stripe did not count it, by its error report
  report_event    TEXT,
  report_at       INTEGER
) STRICT;
INSERT INTO delivery SELECT * FROM delivery_kept;
DROP TABLE delivery_kept;

CREATE INDEX delivery_by_pair ON delivery (customer, meter, from_at);
CREATE INDEX delivery_reported ON delivery (report_code) WHERE report_code IS NOT NULL;
CREATE INDEX delivery_open ON delivery (state, customer, meter) WHERE state IN ('due', 'sending', 'unknown', 'late', 'too_late', 'rejected');
-- One in flight per customer x meter: Stripe's own rule.
CREATE UNIQUE INDEX delivery_one_in_flight ON delivery (customer, meter) WHERE state = 'sending';
CREATE UNIQUE INDEX delivery_replaced_once ON delivery (replaces) WHERE replaces IS NOT NULL;

CREATE TRIGGER delivery_payload_is_immutable
BEFORE UPDATE OF customer, meter, from_at, to_at, after_seq, upto_seq, events, value, opening, timestamp, period_start, period_end, price, event_name, cus, identifier, replaces, created_at, run ON delivery
BEGIN SELECT RAISE(ABORT, 'a delivery keeps its payload'); END;
CREATE TRIGGER delivery_is_kept BEFORE DELETE ON delivery
BEGIN SELECT RAISE(ABORT, 'deliveries are kept'); END;
CREATE TRIGGER delivery_begins_due_or_closed BEFORE INSERT ON delivery
WHEN NOT (NEW.state = 'due' AND NEW.value <> 0 OR NEW.state = 'closed' AND NEW.value = 0)
BEGIN SELECT RAISE(ABORT, 'a delivery begins due, or closed when there is nothing to send'); END;
CREATE TRIGGER delivery_moves_legally BEFORE UPDATE OF state ON delivery
WHEN OLD.state <> NEW.state AND NOT (
     (OLD.state = 'due'      AND NEW.state IN ('sending', 'late', 'too_late') AND (NEW.state = 'sending' OR OLD.indefinite_at IS NULL))
  OR (OLD.state = 'due'      AND NEW.state = 'cancelled' AND OLD.indefinite_at IS NULL AND NEW.evidence IS NOT NULL)
  OR (OLD.state IN ('due', 'sending') AND NEW.state = 'unknown' AND OLD.indefinite_at IS NOT NULL)
  OR (OLD.state = 'sending'  AND NEW.state IN ('due', 'accepted', 'rejected'))
  OR (OLD.state = 'unknown'  AND NEW.state IN ('accepted', 'due', 'late', 'too_late') AND NEW.evidence IS NOT NULL)
  OR (OLD.state = 'accepted' AND NEW.state IN ('lost', 'cancelled') AND NEW.evidence IS NOT NULL)
  OR (OLD.state IN ('rejected', 'late', 'too_late') AND NEW.state IN ('cancelled', 'replaced') AND NEW.evidence IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'a delivery cannot move that way'); END;
-- The stamp is there before the socket opens.
CREATE TRIGGER delivery_is_stamped_before_it_is_sent BEFORE UPDATE OF state ON delivery
WHEN NEW.state = 'sending' AND (NEW.indefinite_at IS NULL OR NEW.first_attempt IS NULL OR NEW.last_attempt IS NULL)
BEGIN SELECT RAISE(ABORT, 'a delivery is stamped before it is sent'); END;
CREATE TRIGGER pair_learns_of_uncovered_events AFTER UPDATE OF state ON delivery
WHEN NEW.state IN ('lost', 'cancelled', 'replaced') AND OLD.state <> NEW.state
BEGIN
  INSERT INTO pair (customer, meter, left_from) VALUES (NEW.customer, NEW.meter, NEW.from_at)
  ON CONFLICT DO UPDATE SET left_from = MIN(COALESCE(left_from, excluded.left_from), excluded.left_from);
END;
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

-- A wish to take an accepted delivery back at Stripe (a meter event adjustment). Stored, with its key, before Stripe is
-- called; open until Stripe, or a person, has said whether it happened.
CREATE TABLE cancellation (
  cancellation INTEGER PRIMARY KEY,
  delivery     INTEGER NOT NULL REFERENCES delivery,
  state        TEXT    NOT NULL CHECK (state IN ('begun', 'done', 'refused')),
  answer       TEXT,                                 -- what decided it
  request_id   TEXT,
  at           INTEGER NOT NULL,
  ended_at     INTEGER,
  run          INTEGER NOT NULL REFERENCES run,
  actor        TEXT    NOT NULL,
  host         TEXT    NOT NULL,
  reason       TEXT,
  ref          TEXT,
  CHECK ((state = 'begun') = (ended_at IS NULL)),
  CHECK (state = 'begun' OR answer IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX cancellation_one_is_open ON cancellation (delivery) WHERE state <> 'refused';
CREATE INDEX cancellation_open ON cancellation (cancellation) WHERE state = 'begun';
CREATE TRIGGER cancellation_is_decided_once BEFORE UPDATE ON cancellation
WHEN OLD.state <> 'begun' OR NEW.delivery <> OLD.delivery OR NEW.at <> OLD.at OR NEW.run <> OLD.run
BEGIN SELECT RAISE(ABORT, 'a cancellation is decided once and keeps where it came from'); END;
CREATE TRIGGER cancellation_is_kept BEFORE DELETE ON cancellation
BEGIN SELECT RAISE(ABORT, 'cancellations are kept'); END;
