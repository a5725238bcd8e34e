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
  value           INTEGER NOT NULL CHECK (value >= 0), -- units sent
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
  run             INTEGER NOT NULL REFERENCES run
) STRICT;
CREATE INDEX delivery_by_pair ON delivery (customer, meter, from_at);
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
WHEN NOT (NEW.state = 'due' AND NEW.value > 0 OR NEW.state = 'closed' AND NEW.value = 0)
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

-- Customer x meter: from where on usage may be uncovered. Kept from three sides: new events (past the watermark, read
-- when it matters, so that recording usage pays nothing), spans that history made anew, deliveries that cover no more.
CREATE TABLE pair (
  customer    INTEGER NOT NULL REFERENCES customer,
  meter       INTEGER NOT NULL REFERENCES meter,
  left_from   INTEGER,                               -- nothing before this second is uncovered; NULL: nothing is
  PRIMARY KEY (customer, meter)
) STRICT, WITHOUT ROWID;
CREATE INDEX pair_with_something_left ON pair (customer, meter) WHERE left_from IS NOT NULL;

CREATE TABLE pair_watermark (
  one         INTEGER PRIMARY KEY CHECK (one = 1),
  seq         INTEGER NOT NULL                       -- events up to this one are accounted for in pair
) STRICT;
INSERT INTO pair_watermark (one, seq) VALUES (1, 0);

CREATE TRIGGER pair_learns_of_new_spans AFTER INSERT ON span WHEN NEW.price IS NOT NULL
BEGIN
  INSERT INTO pair (customer, meter, left_from) VALUES (NEW.customer, NEW.meter, NEW.from_at)
  ON CONFLICT DO UPDATE SET left_from = MIN(COALESCE(left_from, excluded.left_from), excluded.left_from);
END;
CREATE TRIGGER pair_learns_of_uncovered_events AFTER UPDATE OF state ON delivery
WHEN NEW.state IN ('lost', 'cancelled', 'replaced') AND OLD.state <> NEW.state
BEGIN
  INSERT INTO pair (customer, meter, left_from) VALUES (NEW.customer, NEW.meter, NEW.from_at)
  ON CONFLICT DO UPDATE SET left_from = MIN(COALESCE(left_from, excluded.left_from), excluded.left_from);
END;

-- What Stripe held of a customer, meter and UTC hour before this store sent anything: its summary less our accepted
-- deliveries, read by `store recover`. used: what deliveries formed there have left out of their values.
CREATE TABLE opening (
  customer    INTEGER NOT NULL REFERENCES customer,
  meter       INTEGER NOT NULL REFERENCES meter,
  hour        INTEGER NOT NULL,                      -- whole UTC hours since 1970
  amount      INTEGER NOT NULL CHECK (amount > 0),
  used        INTEGER NOT NULL DEFAULT 0 CHECK (used BETWEEN 0 AND amount),
  run         INTEGER NOT NULL REFERENCES run,
  PRIMARY KEY (customer, meter, hour)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER opening_only_grows BEFORE UPDATE OF amount ON opening WHEN NEW.amount < OLD.amount
BEGIN SELECT RAISE(ABORT, 'an opening amount is never taken back'); END;

-- The owner mark at Stripe as last read or written. At most one row.
CREATE TABLE owner (
  one         INTEGER PRIMARY KEY CHECK (one = 1),
  product     TEXT    NOT NULL,                      -- <ns>-paygrade
  store_id    TEXT    NOT NULL,
  epoch       INTEGER NOT NULL,
  host        TEXT    NOT NULL,
  events      TEXT    NOT NULL,                      -- event names of its meters, comma-separated
  seen_at     INTEGER NOT NULL
) STRICT;
-- When this store took the right to send over; `store recover` waits until Stripe has counted what came before.
ALTER TABLE store ADD COLUMN taken_over_at INTEGER;
