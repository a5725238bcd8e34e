-- Notices: what an operator or a customer is to be told, each once, and where it was sent. Ticks: what the last one did.

CREATE TABLE notice (
  notice      INTEGER PRIMARY KEY,
  key         TEXT    NOT NULL UNIQUE,               -- one notice for each key, whoever sees the cause first
  audience    TEXT    NOT NULL CHECK (audience IN ('operator', 'customer')),
  customer    INTEGER REFERENCES customer,
  kind        TEXT    NOT NULL,                      -- receipt, payment_failed, upcoming_charge, trial_ending, card_removed, cap, …
  severity    TEXT    NOT NULL CHECK (severity IN ('info', 'warning', 'urgent', 'critical')),
  subject     TEXT    NOT NULL,
  text        TEXT    NOT NULL,
  facts       TEXT    NOT NULL,                      -- JSON object: the figures of the text
  created_at  INTEGER NOT NULL,
  run         INTEGER NOT NULL REFERENCES run,
  routed_at   INTEGER                                -- when its deliveries were made; NULL until then
) STRICT;
CREATE INDEX notice_by_customer ON notice (customer, created_at);
CREATE INDEX notice_not_routed ON notice (notice) WHERE routed_at IS NULL;
CREATE TRIGGER notice_is_kept BEFORE DELETE ON notice
BEGIN SELECT RAISE(ABORT, 'notices are kept'); END;
CREATE TRIGGER notice_is_immutable BEFORE UPDATE OF key, audience, customer, kind, severity, subject, text, facts, created_at, run ON notice
BEGIN SELECT RAISE(ABORT, 'a notice keeps what it says'); END;
CREATE TRIGGER notice_is_routed_once BEFORE UPDATE OF routed_at ON notice WHEN OLD.routed_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a notice is routed once'); END;

-- A notice on its way to one sink. Claimed (sending, attempt counted) before anything is sent; a claim whose sender died is
-- settled by the sink's kind: sent again where a second one does no harm, else unknown.
CREATE TABLE notice_delivery (
  delivery    INTEGER PRIMARY KEY,
  notice      INTEGER NOT NULL REFERENCES notice,
  sink        TEXT    NOT NULL,                      -- its name in the settings
  address     TEXT,                                  -- of a mail
  state       TEXT    NOT NULL CHECK (state IN ('due', 'sending', 'sent', 'unknown', 'dead', 'dropped')),
  attempts    INTEGER NOT NULL DEFAULT 0,
  next_at     INTEGER NOT NULL,                      -- not before this
  claimed_at  INTEGER,
  sent_at     INTEGER,
  last_error  TEXT,
  run         INTEGER NOT NULL REFERENCES run,       -- that moved it last
  UNIQUE (notice, sink),
  CHECK ((state = 'sent') = (sent_at IS NOT NULL))
) STRICT;
CREATE INDEX notice_delivery_open ON notice_delivery (next_at) WHERE state IN ('due', 'sending');
CREATE TRIGGER notice_delivery_moves_forward BEFORE UPDATE OF state ON notice_delivery
WHEN OLD.state <> NEW.state AND (OLD.state || ' ' || NEW.state) NOT IN
  ('due sending', 'due dropped', 'sending sent', 'sending due', 'sending unknown', 'sending dead', 'unknown due', 'dead due')
BEGIN SELECT RAISE(ABORT, 'a notice delivery does not move so'); END;
CREATE TRIGGER notice_delivery_is_kept BEFORE DELETE ON notice_delivery
BEGIN SELECT RAISE(ABORT, 'notice deliveries are kept'); END;

-- What a customer wants to be told. A customer without a row wants everything, at its billing address.
CREATE TABLE notice_preference (
  customer    INTEGER PRIMARY KEY REFERENCES customer,
  only_kinds  TEXT,                                  -- JSON list: nothing else; NULL for everything
  muted       TEXT    NOT NULL DEFAULT '[]',         -- JSON list: not these
  email       TEXT,                                  -- instead of the billing address
  changed_at  INTEGER NOT NULL,
  run         INTEGER NOT NULL REFERENCES run
) STRICT;

-- The highest step of a ladder that was told: once for each period and limit. Another limit is another row.
CREATE TABLE alert (
  customer     INTEGER NOT NULL REFERENCES customer,
  subject      TEXT    NOT NULL,                     -- meter.tokens, spend.tokens, credits, …
  period_start INTEGER NOT NULL,
  "limit"      TEXT    NOT NULL,                     -- the limit, in figures
  step         INTEGER NOT NULL,                     -- percent
  at           INTEGER NOT NULL,
  run          INTEGER NOT NULL REFERENCES run,
  PRIMARY KEY (customer, subject, period_start, "limit")
) STRICT, WITHOUT ROWID;
CREATE TRIGGER alert_rises BEFORE UPDATE OF step ON alert WHEN NEW.step <= OLD.step
BEGIN SELECT RAISE(ABORT, 'a step is told once'); END;

-- What each step of the last tick did.
CREATE TABLE tick_step (
  step        TEXT    PRIMARY KEY,
  at          INTEGER NOT NULL,
  run         INTEGER NOT NULL REFERENCES run,
  done        INTEGER NOT NULL,
  failed      INTEGER NOT NULL,
  exit        INTEGER NOT NULL,
  seconds     INTEGER NOT NULL,
  verdict     TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
