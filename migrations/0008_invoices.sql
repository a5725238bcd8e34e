-- Invoices of subscriptions as last seen at Stripe: what waits for a payment (credits), for a failed one (grace) and
-- what is final (late usage).

CREATE TABLE invoice (
  invoice         TEXT    PRIMARY KEY,               -- in_…
  customer        INTEGER NOT NULL REFERENCES customer,
  sub             TEXT    REFERENCES subscription,   -- NULL on invoices without a subscription of ours
  number          TEXT,
  status          TEXT    NOT NULL CHECK (status IN ('draft', 'open', 'paid', 'uncollectible', 'void', 'deleted')),
  reason          TEXT,                              -- Stripe's billing_reason
  currency        TEXT    NOT NULL,
  total           INTEGER NOT NULL,                  -- minor units
  amount_due      INTEGER NOT NULL,
  amount_paid     INTEGER NOT NULL,
  created_at      INTEGER NOT NULL,
  usage_from      INTEGER NOT NULL,                  -- period_start: the stretch whose usage it bills
  usage_to        INTEGER NOT NULL,
  covers_from     INTEGER,                           -- what its lines without proration charge in advance; NULL: nothing
  covers_to       INTEGER,
  finalized_at    INTEGER,
  paid_at         INTEGER,
  due_at          INTEGER,
  next_attempt_at INTEGER,
  first_failed_at INTEGER,                           -- the first payment that failed: grace starts here and does not move
  seen_at         INTEGER NOT NULL,
  CHECK ((covers_from IS NULL) = (covers_to IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX invoice_by_customer ON invoice (customer, created_at);
CREATE INDEX invoice_by_sub ON invoice (sub) WHERE sub IS NOT NULL;

CREATE TRIGGER invoice_keeps_its_customer BEFORE UPDATE OF customer ON invoice WHEN OLD.customer <> NEW.customer
BEGIN SELECT RAISE(ABORT, 'an invoice keeps its customer'); END;
