-- The store itself, and one row for each run of a command that wrote.

-- Exactly one row: which store this is and what it is bound to.
CREATE TABLE store (
  one         INTEGER PRIMARY KEY CHECK (one = 1),
  store_id    TEXT    NOT NULL CHECK (length(store_id) = 32),
  epoch       INTEGER NOT NULL DEFAULT 1 CHECK (epoch > 0),
  target      TEXT    NOT NULL CHECK (target IN ('local', 'test', 'live')),
  account     TEXT,                                  -- Stripe account, once it was seen
  namespace   TEXT,                                  -- of the catalog that was applied last
  created_at  INTEGER NOT NULL,
  fenced      TEXT                                   -- why sending is forbidden until `store recover`; NULL when it is not
) STRICT;

CREATE TRIGGER store_identity_is_immutable BEFORE UPDATE OF store_id, target, created_at ON store
BEGIN SELECT RAISE(ABORT, 'the identity of a store never changes'); END;
CREATE TRIGGER store_account_is_bound_once BEFORE UPDATE OF account ON store WHEN OLD.account IS NOT NULL AND OLD.account IS NOT NEW.account
BEGIN SELECT RAISE(ABORT, 'a store is bound to one Stripe account'); END;
CREATE TRIGGER store_epoch_rises BEFORE UPDATE OF epoch ON store WHEN NEW.epoch < OLD.epoch
BEGIN SELECT RAISE(ABORT, 'the epoch of a store only rises'); END;
CREATE TRIGGER store_is_kept BEFORE DELETE ON store
BEGIN SELECT RAISE(ABORT, 'the store row stays'); END;

-- One execution of a command. Who, where, why, and how it ended.
CREATE TABLE run (
  run         INTEGER PRIMARY KEY,
  command     TEXT    NOT NULL,
  actor       TEXT    NOT NULL,
  host        TEXT    NOT NULL,
  reason      TEXT,
  ref         TEXT,
  started_at  INTEGER NOT NULL,
  seconds     INTEGER,                               -- NULL while running, or when it was killed
  exit        INTEGER,
  wrote       INTEGER,                               -- rows of the store and writes at Stripe that the command counts
  calls       INTEGER,                               -- calls to Stripe
  verdict     TEXT
) STRICT;

CREATE TRIGGER run_origin_is_immutable BEFORE UPDATE OF command, actor, host, reason, ref, started_at ON run
BEGIN SELECT RAISE(ABORT, 'a run keeps who, where and why'); END;
CREATE TRIGGER run_is_kept BEFORE DELETE ON run
BEGIN SELECT RAISE(ABORT, 'runs are kept'); END;
