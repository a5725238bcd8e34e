-- Changes that wait for their day: a schedule carries them out, or the end of the subscription does.

-- The schedule that manages a subscription, as last seen.
ALTER TABLE subscription ADD COLUMN schedule TEXT;

CREATE TABLE pending_change (
  pending     INTEGER PRIMARY KEY,
  customer    INTEGER NOT NULL REFERENCES customer,
  sub         TEXT    NOT NULL REFERENCES subscription,
  schedule    TEXT,                                  -- sub_sched_…; NULL where the end of the subscription does it
  op          TEXT    NOT NULL,                      -- in the subscription's metadata once it has come
  tier        TEXT,                                  -- what comes; NULL: nothing, it just ends
  digest      TEXT,
  interval    TEXT CHECK (interval IN ('month', 'year')),
  seats       INTEGER CHECK (seats > 0),
  at          INTEGER NOT NULL,
  state       TEXT    NOT NULL CHECK (state IN ('waiting', 'done', 'undone')),
  made_at     INTEGER NOT NULL,
  run         INTEGER NOT NULL REFERENCES run,
  actor       TEXT    NOT NULL,
  host        TEXT    NOT NULL,
  reason      TEXT,
  ref         TEXT,
  ended_at    INTEGER,
  ended_run   INTEGER REFERENCES run,
  CHECK ((tier IS NULL) = (digest IS NULL)),
  CHECK ((state = 'waiting') = (ended_at IS NULL)),
  FOREIGN KEY (tier, digest) REFERENCES revision (tier, digest)
) STRICT;
CREATE UNIQUE INDEX pending_change_one_waits ON pending_change (customer) WHERE state = 'waiting';
CREATE INDEX pending_change_by_schedule ON pending_change (schedule) WHERE schedule IS NOT NULL;
CREATE TRIGGER pending_change_is_kept BEFORE DELETE ON pending_change
BEGIN SELECT RAISE(ABORT, 'changes that waited are kept'); END;
CREATE TRIGGER pending_change_is_history BEFORE UPDATE OF pending, customer, sub, schedule, op, tier, digest, interval, seats, made_at, run, actor, host, reason, ref ON pending_change
BEGIN SELECT RAISE(ABORT, 'a change that waits stays what it is: undo it and make another'); END;
CREATE TRIGGER pending_change_ends_once BEFORE UPDATE OF state, at, ended_at, ended_run ON pending_change WHEN OLD.state <> 'waiting'
BEGIN SELECT RAISE(ABORT, 'a change waits once'); END;
