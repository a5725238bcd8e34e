-- Deliveries: one row for each meter event of ours at Stripe.

CREATE TABLE delivery (
  delivery        INTEGER PRIMARY KEY,
  customer        INTEGER NOT NULL REFERENCES customer,
  meter           INTEGER NOT NULL REFERENCES meter,
  from_at         INTEGER NOT NULL,                  -- the window, seconds, half-open, cut at span ends
  to_at           INTEGER NOT NULL CHECK (to_at > from_at),
  after_seq       INTEGER NOT NULL,                  -- the events with after_seq < seq <= upto_seq
  upto_seq        INTEGER NOT NULL CHECK (upto_seq > after_seq),
  events          INTEGER NOT NULL CHECK (events >= 0),
  value           INTEGER NOT NULL,                  -- units sent
  timestamp       INTEGER NOT NULL,                  -- seconds: the newest event's, floored
  period_start    INTEGER NOT NULL,
  period_end      INTEGER NOT NULL,
  price           TEXT    NOT NULL,
  grace_s         INTEGER NOT NULL CHECK (grace_s >= 0),
  event_name      TEXT    NOT NULL,                  -- the payload, frozen
  cus             TEXT    NOT NULL,
  identifier      TEXT    NOT NULL UNIQUE CHECK (length(identifier) <= 100),
  state           TEXT    NOT NULL CHECK (state IN ('due', 'sending', 'accepted', 'rejected', 'unknown', 'late', 'too_late', 'closed', 'lost', 'cancelled')),
  attempts        INTEGER NOT NULL DEFAULT 0,
  server_errors   INTEGER NOT NULL DEFAULT 0,        -- 5xx answers so far: part of the Idempotency-Key
  first_attempt   INTEGER,
  indefinite_at   INTEGER,                           -- first attempt whose outcome was indefinite; 23 h run from it
  last_attempt    INTEGER,
  next_attempt    INTEGER,
  accepted_at     INTEGER,
  last_error      TEXT,
  request_id      TEXT,
  replaces        INTEGER REFERENCES delivery,
  evidence        TEXT,                              -- how a state was decided other than by an answer
  created_at      INTEGER NOT NULL,
  run             INTEGER NOT NULL REFERENCES run
) STRICT;
CREATE INDEX delivery_by_pair ON delivery (customer, meter, from_at);
CREATE INDEX delivery_open ON delivery (state, next_attempt) WHERE state IN ('due', 'sending', 'unknown', 'late', 'too_late', 'rejected');
-- One in flight per customer x meter: Stripe's own rule.
CREATE UNIQUE INDEX delivery_one_in_flight ON delivery (customer, meter) WHERE state = 'sending';
CREATE UNIQUE INDEX delivery_replaced_once ON delivery (replaces) WHERE replaces IS NOT NULL;

CREATE TRIGGER delivery_payload_is_immutable
BEFORE UPDATE OF customer, meter, from_at, to_at, after_seq, upto_seq, events, value, timestamp, period_start, period_end, price, event_name, cus, identifier, replaces ON delivery
BEGIN SELECT RAISE(ABORT, 'a delivery keeps its payload'); END;
CREATE TRIGGER delivery_is_kept BEFORE DELETE ON delivery
BEGIN SELECT RAISE(ABORT, 'deliveries are kept'); END;
CREATE TRIGGER delivery_moves_legally BEFORE UPDATE OF state ON delivery
WHEN OLD.state <> NEW.state AND NOT (
     (OLD.state = 'due'      AND NEW.state IN ('sending', 'late', 'too_late'))
  OR (OLD.state = 'sending'  AND NEW.state IN ('due', 'accepted', 'rejected', 'unknown'))
  OR (OLD.state = 'unknown'  AND NEW.state IN ('accepted', 'due', 'late', 'too_late') AND NEW.evidence IS NOT NULL)
  OR (OLD.state = 'accepted' AND NEW.state IN ('lost', 'cancelled') AND NEW.evidence IS NOT NULL)
  OR (OLD.state = 'rejected' AND NEW.state IN ('cancelled') AND NEW.evidence IS NOT NULL)
  OR (OLD.state IN ('late', 'too_late') AND NEW.state = 'cancelled' AND NEW.evidence IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'a delivery cannot move that way'); END;
