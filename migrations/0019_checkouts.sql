-- Hosted pages on which a customer subscribes to a tier: stored before Stripe is asked.

CREATE TABLE tier_checkout (
  tier_checkout  INTEGER PRIMARY KEY,
  customer       INTEGER NOT NULL REFERENCES customer,
  op             TEXT    NOT NULL UNIQUE,            -- in the metadata of the session and of the subscription that it makes
  tier           TEXT    NOT NULL,
  digest         TEXT    NOT NULL,
  interval       TEXT    CHECK (interval IN ('month', 'year')),
  seats          INTEGER CHECK (seats > 0),
  body           TEXT    NOT NULL,                   -- what the session is made with, as JSON
  state          TEXT    NOT NULL CHECK (state IN ('begun', 'open', 'complete', 'over')),
  session        TEXT    UNIQUE,                     -- cs_…
  url            TEXT,
  sub            TEXT,                               -- what it made
  created_at     INTEGER NOT NULL,
  ended_at       INTEGER,
  run            INTEGER NOT NULL REFERENCES run,
  actor          TEXT    NOT NULL,
  host           TEXT    NOT NULL,
  reason         TEXT,
  ref            TEXT,
  CHECK ((state IN ('begun', 'open')) = (ended_at IS NULL)),
  FOREIGN KEY (tier, digest) REFERENCES revision (tier, digest)
) STRICT;
CREATE UNIQUE INDEX tier_checkout_one_is_open ON tier_checkout (customer) WHERE state IN ('begun', 'open');
CREATE INDEX tier_checkout_by_customer ON tier_checkout (customer);

CREATE TRIGGER tier_checkout_is_kept BEFORE DELETE ON tier_checkout
BEGIN SELECT RAISE(ABORT, 'pages are kept'); END;
CREATE TRIGGER tier_checkout_keeps_its_terms BEFORE UPDATE OF customer, op, tier, digest, interval, seats, body, created_at, run, actor, host, reason, ref ON tier_checkout
BEGIN SELECT RAISE(ABORT, 'a page sells what it was made for'); END;
CREATE TRIGGER tier_checkout_ends_once BEFORE UPDATE ON tier_checkout WHEN OLD.state IN ('complete', 'over') AND NEW.state <> 'complete'
BEGIN SELECT RAISE(ABORT, 'a page that is over stays so'); END;
