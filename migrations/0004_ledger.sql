-- Credits: a double-entry ledger of lots. Everything here only grows; a mistake is answered by another posting.

-- What each movement does: the two accounts of its legs, and what it does to a customer's own two accounts. The other
-- accounts (granted, consumed, expired, revoked) are counter accounts without a floor.
CREATE TABLE ledger_movement (
  movement      TEXT    PRIMARY KEY,
  from_account  TEXT    NOT NULL,
  to_account    TEXT    NOT NULL,
  available     INTEGER NOT NULL CHECK (available = (to_account = 'available') - (from_account = 'available')),
  held          INTEGER NOT NULL CHECK (held = (to_account = 'held') - (from_account = 'held')),
  CHECK (from_account <> to_account)
) STRICT, WITHOUT ROWID;
INSERT INTO ledger_movement (movement, from_account, to_account, available, held) VALUES
  ('grant',   'granted',   'available',  1,  0),
  ('usage',   'available', 'consumed',  -1,  0),
  ('hold',    'available', 'held',      -1,  1),
  ('settle',  'held',      'consumed',   0, -1),
  ('release', 'held',      'available',  1, -1),
  ('expire',  'available', 'expired',   -1,  0),
  ('revoke',  'available', 'revoked',   -1,  0);

-- One thing that happened to one customer's credits: who, where, why, and under which key it happens only once.
CREATE TABLE ledger_posting (
  posting     INTEGER PRIMARY KEY,
  customer    INTEGER NOT NULL REFERENCES customer,
  movement    TEXT    NOT NULL REFERENCES ledger_movement,
  credits     INTEGER NOT NULL CHECK (credits > 0),  -- the sum of its entries
  at          INTEGER NOT NULL,                      -- seconds; never falls within one customer
  key         TEXT,                                  -- one effect for each key
  digest      TEXT,                                  -- of the canonical body that came with the key
  action      TEXT,                                  -- of the catalog, where its price decided
  source_id   TEXT,                                  -- what caused it: a payment, an invoice, a usage event
  hold        INTEGER REFERENCES ledger_posting,     -- the hold that is settled or released
  until_at    INTEGER,                               -- when a hold ends by itself
  refunds     INTEGER REFERENCES ledger_entry,       -- the usage entry that this grant gives back
  run         INTEGER NOT NULL REFERENCES run,
  actor       TEXT    NOT NULL,
  host        TEXT    NOT NULL,
  reason      TEXT,
  ref         TEXT,
  CHECK ((key IS NULL) = (digest IS NULL)),
  CHECK ((hold IS NOT NULL) = (movement IN ('settle', 'release'))),
  CHECK ((until_at IS NOT NULL) = (movement = 'hold')),
  CHECK (refunds IS NULL OR movement = 'grant')
) STRICT;
CREATE UNIQUE INDEX ledger_posting_by_key ON ledger_posting (key) WHERE key IS NOT NULL;
CREATE UNIQUE INDEX ledger_posting_refunds_once ON ledger_posting (refunds) WHERE refunds IS NOT NULL;
CREATE INDEX ledger_posting_by_source ON ledger_posting (source_id) WHERE source_id IS NOT NULL;
CREATE INDEX ledger_posting_by_hold ON ledger_posting (hold) WHERE hold IS NOT NULL;

-- Credits that came together, with one kind and one expiry. available and held are derived: the trigger on entries
-- writes them, and the one on lots lets nothing else do so.
CREATE TABLE ledger_lot (
  lot         INTEGER PRIMARY KEY,
  posting     INTEGER NOT NULL UNIQUE REFERENCES ledger_posting,  -- the grant
  customer    INTEGER NOT NULL REFERENCES customer,
  kind        TEXT    NOT NULL CHECK (kind IN ('trial', 'subscription_allocation', 'bonus', 'refund', 'opening', 'purchase')),
  granted     INTEGER NOT NULL CHECK (granted > 0),
  expires_at  INTEGER,                               -- seconds; unspendable from then on; NULL: never
  available   INTEGER NOT NULL DEFAULT 0 CHECK (available >= 0),
  held        INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0),
  last_entry  INTEGER REFERENCES ledger_entry,       -- the entry that made available and held what they are
  CHECK (available + held <= granted)
) STRICT;
CREATE INDEX ledger_lot_open ON ledger_lot (customer) WHERE available + held > 0;

-- One movement of one lot. Its two legs (view ledger_leg) sum to 0 because they are one row.
CREATE TABLE ledger_entry (
  entry          INTEGER PRIMARY KEY,
  posting        INTEGER NOT NULL REFERENCES ledger_posting,
  customer       INTEGER NOT NULL REFERENCES customer,
  lot            INTEGER NOT NULL REFERENCES ledger_lot,
  credits        INTEGER NOT NULL CHECK (credits > 0),
  balance_after  INTEGER NOT NULL CHECK (balance_after >= 0),  -- the customer's available credits
  held_after     INTEGER NOT NULL CHECK (held_after >= 0)
) STRICT;
CREATE INDEX ledger_entry_by_posting ON ledger_entry (posting);
CREATE INDEX ledger_entry_by_customer ON ledger_entry (customer, entry);

-- INSERT OR REPLACE would remove a row without asking the triggers on DELETE.
CREATE TRIGGER ledger_posting_is_new BEFORE INSERT ON ledger_posting
WHEN EXISTS (SELECT 1 FROM ledger_posting WHERE posting = NEW.posting OR key = NEW.key OR refunds = NEW.refunds)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: this posting or key is there already'); END;
CREATE TRIGGER ledger_posting_follows AFTER INSERT ON ledger_posting
BEGIN
  SELECT RAISE(ABORT, 'postings are numbered in order') WHERE NEW.posting <> (SELECT MAX(posting) FROM ledger_posting);
  SELECT RAISE(ABORT, 'the entries of the posting before do not make up its credits')
  WHERE EXISTS (SELECT 1 FROM ledger_posting p WHERE p.posting = (SELECT MAX(posting) FROM ledger_posting WHERE posting < NEW.posting)
                AND p.credits <> (SELECT COALESCE(SUM(credits), 0) FROM ledger_entry WHERE posting = p.posting));
  SELECT RAISE(ABORT, 'only a hold of the same customer can be settled or released')
  WHERE NEW.hold IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ledger_posting h WHERE h.posting = NEW.hold AND h.movement = 'hold' AND h.customer = NEW.customer);
END;
CREATE TRIGGER ledger_posting_is_immutable BEFORE UPDATE ON ledger_posting
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: post a correction'); END;
CREATE TRIGGER ledger_posting_is_kept BEFORE DELETE ON ledger_posting
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

CREATE TRIGGER ledger_lot_is_new BEFORE INSERT ON ledger_lot
WHEN NEW.available <> 0 OR NEW.held <> 0 OR NEW.last_entry IS NOT NULL
     OR EXISTS (SELECT 1 FROM ledger_lot WHERE lot = NEW.lot OR posting = NEW.posting)
BEGIN SELECT RAISE(ABORT, 'a lot starts empty: its grant fills it'); END;
CREATE TRIGGER ledger_lot_is_granted AFTER INSERT ON ledger_lot
WHEN NOT EXISTS (SELECT 1 FROM ledger_posting p WHERE p.posting = NEW.posting AND p.movement = 'grant'
                 AND p.customer = NEW.customer AND p.credits = NEW.granted)
BEGIN SELECT RAISE(ABORT, 'a lot comes from a grant of its size to its customer'); END;
CREATE TRIGGER ledger_lot_is_immutable BEFORE UPDATE OF lot, posting, customer, kind, granted, expires_at ON ledger_lot
BEGIN SELECT RAISE(ABORT, 'a lot keeps what it was granted as'); END;
CREATE TRIGGER ledger_lot_follows_its_entries BEFORE UPDATE OF available, held, last_entry ON ledger_lot
WHEN NOT EXISTS (
  SELECT 1 FROM ledger_entry e JOIN ledger_posting p ON p.posting = e.posting JOIN ledger_movement m ON m.movement = p.movement
  WHERE e.entry = NEW.last_entry AND e.entry > COALESCE(OLD.last_entry, 0) AND e.lot = OLD.lot
    AND NEW.available = OLD.available + m.available * e.credits AND NEW.held = OLD.held + m.held * e.credits)
BEGIN SELECT RAISE(ABORT, 'what is left of a lot follows from its entries'); END;
CREATE TRIGGER ledger_lot_is_kept BEFORE DELETE ON ledger_lot
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

CREATE TRIGGER ledger_entry_is_new BEFORE INSERT ON ledger_entry
WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE entry = NEW.entry)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: this entry is there already'); END;
CREATE TRIGGER ledger_entry_follows AFTER INSERT ON ledger_entry
BEGIN
  SELECT RAISE(ABORT, 'entries are numbered in order') WHERE NEW.entry <> (SELECT MAX(entry) FROM ledger_entry);
  SELECT RAISE(ABORT, 'an entry belongs to the newest posting') WHERE NEW.posting <> (SELECT MAX(posting) FROM ledger_posting);
  SELECT RAISE(ABORT, 'an entry, its posting and its lot belong to one customer')
  WHERE NOT EXISTS (SELECT 1 FROM ledger_posting p JOIN ledger_lot l ON l.lot = NEW.lot
                    WHERE p.posting = NEW.posting AND p.customer = NEW.customer AND l.customer = NEW.customer);
  SELECT RAISE(ABORT, 'the entries of a posting exceed its credits')
  WHERE (SELECT SUM(credits) FROM ledger_entry WHERE posting = NEW.posting) > (SELECT credits FROM ledger_posting WHERE posting = NEW.posting);
  SELECT RAISE(ABORT, 'a lot is granted by its own posting, whole, and first')
  WHERE ((SELECT movement FROM ledger_posting WHERE posting = NEW.posting) = 'grant')
        <> EXISTS (SELECT 1 FROM ledger_lot l WHERE l.lot = NEW.lot AND l.posting = NEW.posting AND l.granted = NEW.credits AND l.last_entry IS NULL);
  SELECT RAISE(ABORT, 'no more of a hold can be settled or released than was held')
  WHERE EXISTS (SELECT 1 FROM ledger_posting p WHERE p.posting = NEW.posting AND p.hold IS NOT NULL
    AND (SELECT COALESCE(SUM(e.credits), 0) FROM ledger_posting o JOIN ledger_entry e ON e.posting = o.posting WHERE o.hold = p.hold AND e.lot = NEW.lot)
      > (SELECT COALESCE(SUM(e.credits), 0) FROM ledger_entry e WHERE e.posting = p.hold AND e.lot = NEW.lot));
  SELECT RAISE(ABORT, 'the balance does not follow from the entry before')
  WHERE NOT EXISTS (SELECT 1 FROM ledger_posting p JOIN ledger_movement m ON m.movement = p.movement
    WHERE p.posting = NEW.posting
      AND NEW.balance_after = m.available * NEW.credits + COALESCE((SELECT balance_after FROM ledger_entry
            WHERE customer = NEW.customer AND entry < NEW.entry ORDER BY entry DESC LIMIT 1), 0)
      AND NEW.held_after = m.held * NEW.credits + COALESCE((SELECT held_after FROM ledger_entry
            WHERE customer = NEW.customer AND entry < NEW.entry ORDER BY entry DESC LIMIT 1), 0));
  UPDATE ledger_lot SET
    available = available + NEW.credits * (SELECT m.available FROM ledger_posting p JOIN ledger_movement m ON m.movement = p.movement WHERE p.posting = NEW.posting),
    held = held + NEW.credits * (SELECT m.held FROM ledger_posting p JOIN ledger_movement m ON m.movement = p.movement WHERE p.posting = NEW.posting),
    last_entry = NEW.entry
  WHERE lot = NEW.lot;
END;
CREATE TRIGGER ledger_entry_is_immutable BEFORE UPDATE ON ledger_entry
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: post a correction'); END;
CREATE TRIGGER ledger_entry_is_kept BEFORE DELETE ON ledger_entry
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

CREATE TRIGGER ledger_movement_is_fixed BEFORE UPDATE ON ledger_movement
BEGIN SELECT RAISE(ABORT, 'movements are fixed'); END;
CREATE TRIGGER ledger_movement_is_kept BEFORE DELETE ON ledger_movement
BEGIN SELECT RAISE(ABORT, 'movements are fixed'); END;

-- The two legs of each entry, account by account: what another accounting tool reads.
CREATE VIEW ledger_leg AS
SELECT e.entry, e.posting, e.customer, e.lot,
       m.from_account || CASE m.from_account WHEN 'granted' THEN ':' || l.kind ELSE '' END AS account, -e.credits AS credits
FROM ledger_entry e JOIN ledger_posting p ON p.posting = e.posting JOIN ledger_movement m ON m.movement = p.movement JOIN ledger_lot l ON l.lot = e.lot
UNION ALL
SELECT e.entry, e.posting, e.customer, e.lot, m.to_account, e.credits
FROM ledger_entry e JOIN ledger_posting p ON p.posting = e.posting JOIN ledger_movement m ON m.movement = p.movement;

-- For people's own SQL; its columns stay. credits: the change of the available balance, so they add up to balance_after.
CREATE VIEW v_ledger AS
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', p.at, 'unixepoch') AS at, e.entry, c.id AS customer,
       CASE p.movement WHEN 'grant' THEN l.kind ELSE p.movement END AS kind, m.available * e.credits AS credits, e.balance_after,
       e.lot, p.source_id, p.action, p.reason, p.ref, p.actor, p.host, p.key, p.run
FROM ledger_entry e
JOIN ledger_posting p ON p.posting = e.posting
JOIN ledger_movement m ON m.movement = p.movement
JOIN ledger_lot l ON l.lot = e.lot
JOIN customer c ON c.customer = e.customer;
