-- Backups and restores: which were made of this store, and in a backup itself, when it was made; which backup took the
-- place of which store.

ALTER TABLE store ADD COLUMN backed_up_at INTEGER;   -- in a backup: when it was made; NULL in the store that is used

CREATE TABLE backup (
  backup      INTEGER PRIMARY KEY,
  path        TEXT    NOT NULL,
  at          INTEGER NOT NULL,
  bytes       INTEGER NOT NULL CHECK (bytes > 0),
  run         INTEGER NOT NULL REFERENCES run
) STRICT;
CREATE TRIGGER backup_is_immutable BEFORE UPDATE ON backup
BEGIN SELECT RAISE(ABORT, 'a backup is noted once'); END;
CREATE TRIGGER backup_is_kept BEFORE DELETE ON backup
BEGIN SELECT RAISE(ABORT, 'backups stay noted'); END;

-- Rises with each restore: a process that has the store open since before must not go on writing.
ALTER TABLE store ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;

CREATE TABLE restore (
  restore        INTEGER PRIMARY KEY,
  at             INTEGER NOT NULL,
  file           TEXT    NOT NULL,                   -- the backup
  backed_up_at   INTEGER NOT NULL,                   -- what was recorded later is not in it
  postings       INTEGER NOT NULL,                   -- of the ledger, up to this one: what the backup had
  replaced       TEXT,                               -- where the store stands that was here; NULL when there was none
  recovered_run  INTEGER REFERENCES run,             -- from when on it may send again
  run            INTEGER NOT NULL REFERENCES run
) STRICT;
CREATE TRIGGER restore_is_immutable BEFORE UPDATE OF at, file, backed_up_at, postings, replaced, run ON restore
BEGIN SELECT RAISE(ABORT, 'a restore is noted once'); END;
CREATE TRIGGER restore_is_kept BEFORE DELETE ON restore
BEGIN SELECT RAISE(ABORT, 'restores stay noted'); END;
