-- Customers, what they were on and when, and their subscriptions as last seen at Stripe.

CREATE TABLE customer (
  customer    INTEGER PRIMARY KEY,
  id          TEXT    NOT NULL UNIQUE,               -- the operator's own id
  cus         TEXT    UNIQUE,                        -- cus_…; NULL while the intent to create it is all there is
  email       TEXT,
  name        TEXT,
  created_at  INTEGER NOT NULL,
  run         INTEGER NOT NULL REFERENCES run
) STRICT;

CREATE TRIGGER customer_id_is_immutable BEFORE UPDATE OF id ON customer
BEGIN SELECT RAISE(ABORT, 'a customer keeps its own id'); END;
CREATE TRIGGER customer_link_is_kept BEFORE UPDATE OF cus ON customer WHEN OLD.cus IS NOT NULL AND OLD.cus IS NOT NEW.cus
BEGIN SELECT RAISE(ABORT, 'a customer stays linked to one Stripe customer'); END;

-- A subscription as last seen at Stripe.
CREATE TABLE subscription (
  sub             TEXT    PRIMARY KEY,               -- sub_…
  customer        INTEGER NOT NULL REFERENCES customer,
  status          TEXT    NOT NULL,                  -- Stripe's word
  collection      TEXT    NOT NULL,                  -- charge_automatically | send_invoice
  currency        TEXT    NOT NULL,
  start_at        INTEGER NOT NULL,
  anchor_at       INTEGER NOT NULL,                  -- billing_cycle_anchor
  trial_end       INTEGER,
  cancel_at       INTEGER,
  ended_at        INTEGER,
  latest_invoice  TEXT,
  seen_at         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX subscription_by_customer ON subscription (customer);

CREATE TABLE subscription_item (
  item          TEXT    PRIMARY KEY,                 -- si_…
  sub           TEXT    NOT NULL REFERENCES subscription,
  price         TEXT    NOT NULL,
  role          TEXT    NOT NULL,                    -- 'month', 'year', 'usage.<meter>' or 'other'
  quantity      INTEGER,                             -- NULL on metered items
  period_start  INTEGER NOT NULL,
  period_end    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX subscription_item_by_sub ON subscription_item (sub);

-- What a customer was on, from when to when. Half-open, without overlap; the open one is the current.
-- anchor_at: the billing anchor (Stripe's for a subscription, the assignment itself without one). Before the
-- anchor (a trial) there is one period from from_at to anchor_at; after it periods are monthly from the anchor.
CREATE TABLE tier_assignment (
  assignment  INTEGER PRIMARY KEY,
  customer    INTEGER NOT NULL REFERENCES customer,
  tier        TEXT    NOT NULL,
  digest      TEXT    NOT NULL,
  interval    TEXT    CHECK (interval IN ('month', 'year')),
  seats       INTEGER CHECK (seats > 0),
  sub         TEXT    REFERENCES subscription,
  from_at     INTEGER NOT NULL,
  to_at       INTEGER CHECK (to_at >= from_at),
  anchor_at   INTEGER NOT NULL,
  run         INTEGER NOT NULL REFERENCES run,
  actor       TEXT    NOT NULL,
  host        TEXT    NOT NULL,
  reason      TEXT,
  ref         TEXT,
  FOREIGN KEY (tier, digest) REFERENCES revision (tier, digest)
) STRICT;
CREATE INDEX tier_assignment_by_customer ON tier_assignment (customer, from_at);
CREATE UNIQUE INDEX tier_assignment_one_is_open ON tier_assignment (customer) WHERE to_at IS NULL;

CREATE TRIGGER tier_assignment_does_not_overlap BEFORE INSERT ON tier_assignment
WHEN EXISTS (SELECT 1 FROM tier_assignment a WHERE a.customer = NEW.customer
             AND a.from_at < COALESCE(NEW.to_at, 9000000000000) AND NEW.from_at < COALESCE(a.to_at, 9000000000000))
BEGIN SELECT RAISE(ABORT, 'a customer is on one tier at a time'); END;
CREATE TRIGGER tier_assignment_is_history BEFORE UPDATE OF customer, tier, digest, interval, from_at, run, actor, host, reason, ref ON tier_assignment
BEGIN SELECT RAISE(ABORT, 'an assignment is history: close it and open another'); END;
CREATE TRIGGER tier_assignment_is_kept BEFORE DELETE ON tier_assignment
BEGIN SELECT RAISE(ABORT, 'assignments are kept'); END;

-- An intent that was stored before Stripe was called; it carries the idempotency key of the call.
CREATE TABLE intent (
  intent      INTEGER PRIMARY KEY,
  kind        TEXT    NOT NULL,                      -- 'customer', 'tier'
  customer    INTEGER NOT NULL REFERENCES customer,
  key         TEXT    NOT NULL UNIQUE,               -- Idempotency-Key
  body        TEXT    NOT NULL,                      -- what is to be done, as JSON
  state       TEXT    NOT NULL CHECK (state IN ('open', 'done', 'dropped')),
  created_at  INTEGER NOT NULL,
  run         INTEGER NOT NULL REFERENCES run,
  actor       TEXT    NOT NULL,
  host        TEXT    NOT NULL,
  reason      TEXT,
  ref         TEXT
) STRICT;
CREATE UNIQUE INDEX intent_one_is_open ON intent (customer, kind) WHERE state = 'open';
