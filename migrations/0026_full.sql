-- What `reconcile --full` has compared so far: a run that was killed, or had no calls left, is gone on with by the next one.
-- Empty when the last one came to its end.
CREATE TABLE full_mark (
  scope        TEXT    NOT NULL,                     -- what was asked for, as in reconcile_run
  customer     INTEGER NOT NULL REFERENCES customer,
  meter        INTEGER NOT NULL REFERENCES meter,
  from_at      INTEGER NOT NULL,
  to_at        INTEGER NOT NULL,
  revision     INTEGER NOT NULL,                     -- of its period then: another one is asked again
  run          INTEGER NOT NULL REFERENCES run,
  state        TEXT    NOT NULL CHECK (state IN ('matched', 'asked', 'noted')), -- asked: it differs, and its findings are not stored yet
  PRIMARY KEY (scope, customer, meter, from_at)
) STRICT, WITHOUT ROWID;
