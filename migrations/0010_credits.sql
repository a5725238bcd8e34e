-- Allocations and sales of credits.

-- A month's credits of a tier, posted once. What it did to the lots before it is in allocation_end and in the ledger.
CREATE TABLE allocation (
  customer     INTEGER NOT NULL REFERENCES customer,
  tier         TEXT    NOT NULL,
  month_start  INTEGER NOT NULL,
  month_end    INTEGER NOT NULL CHECK (month_end > month_start),
  digest       TEXT    NOT NULL,                     -- of the revision whose terms gave it
  sub          TEXT    REFERENCES subscription,      -- it ends with this subscription; NULL on a tier without one
  invoice      TEXT    REFERENCES invoice,           -- the paid invoice that it waited for; NULL where none was due
  lot          INTEGER NOT NULL UNIQUE REFERENCES ledger_lot,
  at           INTEGER NOT NULL,
  PRIMARY KEY (customer, tier, month_start),
  FOREIGN KEY (tier, digest) REFERENCES revision (tier, digest)
) STRICT, WITHOUT ROWID;

-- When an allocation lot ends instead: earlier, because the next one was posted or its subscription has ended, or
-- later, because what is left was carried. The newest row counts; the lot follows it.
CREATE TABLE allocation_end (
  allocation_end  INTEGER PRIMARY KEY,
  lot             INTEGER NOT NULL REFERENCES allocation (lot),
  ends_at         INTEGER NOT NULL,
  why             TEXT    NOT NULL CHECK (why IN ('next', 'upgrade', 'ended', 'carried')),
  at              INTEGER NOT NULL,
  run             INTEGER NOT NULL REFERENCES run
) STRICT;
CREATE INDEX allocation_end_by_lot ON allocation_end (lot, allocation_end);

CREATE TRIGGER allocation_is_immutable BEFORE UPDATE ON allocation
BEGIN SELECT RAISE(ABORT, 'an allocation is posted once and stays'); END;
CREATE TRIGGER allocation_is_kept BEFORE DELETE ON allocation
BEGIN SELECT RAISE(ABORT, 'an allocation is posted once and stays'); END;
CREATE TRIGGER allocation_end_is_immutable BEFORE UPDATE ON allocation_end
BEGIN SELECT RAISE(ABORT, 'the ends of an allocation lot are history'); END;
CREATE TRIGGER allocation_end_is_kept BEFORE DELETE ON allocation_end
BEGIN SELECT RAISE(ABORT, 'the ends of an allocation lot are history'); END;

DROP TRIGGER ledger_lot_is_immutable;
CREATE TRIGGER ledger_lot_is_immutable BEFORE UPDATE OF lot, posting, customer, kind, granted ON ledger_lot
BEGIN SELECT RAISE(ABORT, 'a lot keeps what it was granted as'); END;
CREATE TRIGGER ledger_lot_end_is_history BEFORE UPDATE OF expires_at ON ledger_lot
WHEN NEW.expires_at IS NULL
     OR NEW.expires_at IS NOT (SELECT ends_at FROM allocation_end WHERE lot = OLD.lot ORDER BY allocation_end DESC LIMIT 1)
BEGIN SELECT RAISE(ABORT, 'only the end of an allocation lot moves, and only with a row that says why'); END;

-- What each hold still reserves: derived, the triggers below write it.
CREATE TABLE ledger_hold (
  hold      INTEGER PRIMARY KEY REFERENCES ledger_posting,
  customer  INTEGER NOT NULL REFERENCES customer,
  until_at  INTEGER NOT NULL,                        -- it releases itself then
  left      INTEGER NOT NULL CHECK (left >= 0)
) STRICT;
CREATE INDEX ledger_hold_open ON ledger_hold (customer, until_at) WHERE left > 0;
CREATE TRIGGER ledger_posting_holds AFTER INSERT ON ledger_posting WHEN NEW.movement = 'hold'
BEGIN INSERT INTO ledger_hold (hold, customer, until_at, left) VALUES (NEW.posting, NEW.customer, NEW.until_at, NEW.credits); END;
CREATE TRIGGER ledger_posting_ends_hold AFTER INSERT ON ledger_posting WHEN NEW.hold IS NOT NULL
BEGIN UPDATE ledger_hold SET left = left - NEW.credits WHERE hold = NEW.hold; END;
CREATE TRIGGER ledger_hold_is_kept BEFORE DELETE ON ledger_hold
BEGIN SELECT RAISE(ABORT, 'holds are kept'); END;

-- Credits for usage are charged as it grows. terms: those that it was charged by last. carried: what was due when these
-- terms came, less what the usage until then would cost by them: it stays at what it cost. due - posted is uncovered:
-- nothing charges it later by itself.
ALTER TABLE usage_credit ADD COLUMN terms TEXT;
ALTER TABLE usage_credit ADD COLUMN carried INTEGER NOT NULL DEFAULT 0;

-- A pack sold, or found to have been bought elsewhere. Stored, with the key of its calls, before Stripe is asked; what
-- it gives was decided here and never changes.
CREATE TABLE sale (
  sale           INTEGER PRIMARY KEY,
  customer       INTEGER NOT NULL REFERENCES customer,
  pack           TEXT    NOT NULL,
  credits        INTEGER NOT NULL CHECK (credits > 0),
  amount         INTEGER NOT NULL CHECK (amount >= 0),  -- minor units: the price of the pack
  currency       TEXT    NOT NULL,
  price          TEXT    NOT NULL,                   -- price_…
  expires_after  TEXT,                               -- how long the credits last, from when they are provisioned
  channel        TEXT    NOT NULL CHECK (channel IN ('checkout', 'invoice', 'elsewhere')),
  key            TEXT    NOT NULL UNIQUE,            -- Idempotency-Key of its calls; also on the object at Stripe
  digest         TEXT,                               -- of what the caller's own key stands for
  state          TEXT    NOT NULL CHECK (state IN ('begun', 'open', 'paid', 'dropped')),
  session        TEXT    UNIQUE,                     -- cs_…
  invoice        TEXT    UNIQUE,                     -- in_…
  payment        TEXT    UNIQUE,                     -- pi_…
  url            TEXT,
  paid           INTEGER,                            -- minor units that were paid
  refunded       INTEGER NOT NULL DEFAULT 0,         -- minor units given back
  revoked        INTEGER NOT NULL DEFAULT 0,         -- credits taken back for it
  lot            INTEGER UNIQUE REFERENCES ledger_lot,
  created_at     INTEGER NOT NULL,
  paid_at        INTEGER,
  run            INTEGER NOT NULL REFERENCES run,
  actor          TEXT    NOT NULL,
  host           TEXT    NOT NULL,
  reason         TEXT,
  ref            TEXT,
  CHECK ((state = 'paid') = (lot IS NOT NULL)),
  CHECK ((state = 'paid') = (paid IS NOT NULL)),
  CHECK (revoked BETWEEN 0 AND credits)
) STRICT;
CREATE INDEX sale_by_customer ON sale (customer, sale);

CREATE TRIGGER sale_keeps_its_terms BEFORE UPDATE OF sale, customer, pack, credits, amount, currency, price, expires_after, channel, key ON sale
BEGIN SELECT RAISE(ABORT, 'a sale keeps what was sold'); END;
CREATE TRIGGER sale_keeps_its_lot BEFORE UPDATE OF lot ON sale WHEN OLD.lot IS NOT NULL AND NEW.lot IS NOT OLD.lot
BEGIN SELECT RAISE(ABORT, 'a sale is provisioned once'); END;
CREATE TRIGGER sale_is_kept BEFORE DELETE ON sale
BEGIN SELECT RAISE(ABORT, 'sales are kept'); END;

-- Money given at Stripe for metered bills. Stored, with the key of its call, before Stripe is asked.
CREATE TABLE stripe_grant (
  stripe_grant  INTEGER PRIMARY KEY,
  customer      INTEGER NOT NULL REFERENCES customer,
  amount        INTEGER NOT NULL CHECK (amount > 0), -- minor units
  currency      TEXT    NOT NULL,
  category      TEXT    NOT NULL CHECK (category IN ('paid', 'promotional')),
  expires_at    INTEGER,
  name          TEXT,
  key           TEXT    NOT NULL UNIQUE,             -- Idempotency-Key; also in the grant's metadata
  digest        TEXT,                                -- of what the caller's own key stands for
  state         TEXT    NOT NULL CHECK (state IN ('begun', 'done', 'dropped')),
  grant_id      TEXT    UNIQUE,                      -- credgr_…
  created_at    INTEGER NOT NULL,
  run           INTEGER NOT NULL REFERENCES run,
  actor         TEXT    NOT NULL,
  host          TEXT    NOT NULL,
  reason        TEXT,
  ref           TEXT,
  CHECK ((state = 'done') = (grant_id IS NOT NULL))
) STRICT;
CREATE INDEX stripe_grant_by_customer ON stripe_grant (customer, stripe_grant);
CREATE TRIGGER stripe_grant_keeps_its_terms BEFORE UPDATE OF stripe_grant, customer, amount, currency, category, expires_at, key ON stripe_grant
BEGIN SELECT RAISE(ABORT, 'a grant keeps what it gives'); END;
CREATE TRIGGER stripe_grant_is_kept BEFORE DELETE ON stripe_grant
BEGIN SELECT RAISE(ABORT, 'grants are kept'); END;
