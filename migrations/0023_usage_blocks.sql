-- Usage events in a form that takes millions of rows quickly and holds them in little space: ids in a table of their own,
-- written in their own order; events of a customer and meter side by side, found by blocks in place of an index; who
-- recorded them and when once for each transaction; sums by day.

DROP VIEW v_usage;
DROP TRIGGER usage_event_is_immutable;
DROP TRIGGER usage_event_is_kept;
ALTER TABLE usage_event RENAME TO usage_event_before;

-- One row of recorded usage. at = at_s and at_us together: most events happen at whole seconds, and then at_us takes no space.
CREATE TABLE usage_event (
  seq         INTEGER PRIMARY KEY,
  meter       INTEGER NOT NULL REFERENCES meter,
  customer    INTEGER NOT NULL REFERENCES customer,
  id          BLOB    NOT NULL CHECK (length(id) = 16),
  quantity    INTEGER NOT NULL CHECK (quantity <> 0),  -- negative only in a counter-entry
  at_s        INTEGER NOT NULL,                      -- seconds
  at_us       INTEGER NOT NULL CHECK (at_us BETWEEN 0 AND 999999),
  action      INTEGER REFERENCES action,
  end_user    INTEGER REFERENCES end_user,
  line        INTEGER,                               -- of the imported file
  over_quota  INTEGER NOT NULL DEFAULT 0 CHECK (over_quota IN (0, 1)),
  voids       INTEGER REFERENCES usage_event,        -- the event that this one counters
  at          INTEGER GENERATED ALWAYS AS (at_s * 1000000 + at_us) VIRTUAL -- microseconds
) STRICT;

-- Which event has an id: 16 bytes, unique per meter: a UUID as it is, any other id as the first half of its SHA-256.
CREATE TABLE usage_id (
  id          BLOB    NOT NULL,
  meter       INTEGER NOT NULL,
  seq         INTEGER NOT NULL,
  PRIMARY KEY (id, meter)
) STRICT, WITHOUT ROWID;

-- Events first_seq to last_seq are all of one customer and meter and happened from from_at to to_at (microseconds, both
-- inclusive). Each event is in exactly one block: this is the way to the events of a customer, meter and stretch of time.
CREATE TABLE usage_block (
  customer    INTEGER NOT NULL,
  meter       INTEGER NOT NULL,
  to_at       INTEGER NOT NULL,
  first_seq   INTEGER NOT NULL,
  from_at     INTEGER NOT NULL CHECK (from_at <= to_at),
  last_seq    INTEGER NOT NULL CHECK (last_seq >= first_seq),
  PRIMARY KEY (customer, meter, to_at, first_seq)
) STRICT, WITHOUT ROWID;

-- Events first_seq to last_seq were recorded in one transaction.
CREATE TABLE usage_batch (
  first_seq   INTEGER PRIMARY KEY,
  last_seq    INTEGER NOT NULL CHECK (last_seq >= first_seq),
  run         INTEGER NOT NULL REFERENCES run,
  recorded_at INTEGER NOT NULL                       -- seconds
) STRICT;

INSERT INTO usage_event (seq, meter, customer, id, quantity, at_s, at_us, action, end_user, line, over_quota, voids)
  SELECT seq, meter, customer, id, quantity, at / 1000000, at % 1000000, action, end_user, line, over_quota, voids
  FROM usage_event_before ORDER BY seq;
INSERT INTO usage_id (id, meter, seq) SELECT id, meter, seq FROM usage_event_before ORDER BY id, meter;
INSERT INTO usage_block (customer, meter, to_at, first_seq, from_at, last_seq)
  SELECT customer, meter, at, seq, at, seq FROM usage_event_before ORDER BY customer, meter, at, seq;
INSERT INTO usage_batch (first_seq, last_seq, run, recorded_at)
  SELECT min(seq), max(seq), run, recorded_at FROM (
    SELECT seq, run, recorded_at, row_number() OVER (ORDER BY seq) - row_number() OVER (PARTITION BY run, recorded_at ORDER BY seq) AS island
    FROM usage_event_before) GROUP BY run, recorded_at, island;

CREATE TABLE usage_event_name_now (
  seq   INTEGER PRIMARY KEY REFERENCES usage_event,
  name  TEXT NOT NULL
) STRICT;
INSERT INTO usage_event_name_now SELECT seq, name FROM usage_event_name ORDER BY seq;
DROP TABLE usage_event_name;
ALTER TABLE usage_event_name_now RENAME TO usage_event_name;
DROP TABLE usage_event_before;

-- An event is voided at most once; without a counter-entry this index is empty.
CREATE UNIQUE INDEX usage_event_voided_once ON usage_event (voids) WHERE voids IS NOT NULL;

CREATE TRIGGER usage_event_is_immutable BEFORE UPDATE ON usage_event
BEGIN SELECT RAISE(ABORT, 'usage is append-only: record a counter-entry'); END;
CREATE TRIGGER usage_event_is_kept BEFORE DELETE ON usage_event
BEGIN SELECT RAISE(ABORT, 'usage is append-only'); END;
CREATE TRIGGER usage_id_is_immutable BEFORE UPDATE ON usage_id
BEGIN SELECT RAISE(ABORT, 'an id keeps its event'); END;
CREATE TRIGGER usage_id_is_kept BEFORE DELETE ON usage_id
BEGIN SELECT RAISE(ABORT, 'ids of usage are kept'); END;
CREATE TRIGGER usage_block_is_immutable BEFORE UPDATE ON usage_block
BEGIN SELECT RAISE(ABORT, 'a block keeps its events'); END;
CREATE TRIGGER usage_block_is_kept BEFORE DELETE ON usage_block
BEGIN SELECT RAISE(ABORT, 'blocks of usage are kept'); END;
CREATE TRIGGER usage_batch_is_immutable BEFORE UPDATE ON usage_batch
BEGIN SELECT RAISE(ABORT, 'a batch of usage keeps its run'); END;
CREATE TRIGGER usage_batch_is_kept BEFORE DELETE ON usage_batch
BEGIN SELECT RAISE(ABORT, 'batches of usage are kept'); END;

-- Events by customer, meter and time: WHERE customer = ? AND meter = ? AND block_to >= :from AND block_from < :to
-- AND at >= :from AND at < :to.
CREATE VIEW usage_of_pair AS
  SELECT b.customer, b.meter, b.from_at AS block_from, b.to_at AS block_to,
    e.seq, e.id, e.quantity, e.at, e.action, e.end_user, e.line, e.over_quota, e.voids
  FROM usage_block b CROSS JOIN usage_event e ON e.seq BETWEEN b.first_seq AND b.last_seq;

-- Sums by UTC day in place of hours: where an hour matters it is read from its events, which lie side by side.
ALTER TABLE rollup RENAME TO rollup_before;
CREATE TABLE rollup (
  customer    INTEGER NOT NULL,
  meter       INTEGER NOT NULL,
  day         INTEGER NOT NULL,                      -- whole UTC days since 1970
  span        INTEGER NOT NULL REFERENCES span,
  sum         INTEGER NOT NULL,
  events      INTEGER NOT NULL CHECK (events > 0),
  last_seq    INTEGER NOT NULL,
  PRIMARY KEY (customer, meter, day, span)
) STRICT, WITHOUT ROWID;
INSERT INTO rollup (customer, meter, day, span, sum, events, last_seq)
  SELECT customer, meter, hour / 24, span, SUM(sum), SUM(events), MAX(last_seq) FROM rollup_before
  GROUP BY customer, meter, hour / 24, span;
DROP TABLE rollup_before;

-- The view for people's own SQL, with the same columns as before.
CREATE VIEW v_usage AS
SELECT COALESCE(n.name, lower(substr(hex(e.id), 1, 8) || '-' || substr(hex(e.id), 9, 4) || '-' || substr(hex(e.id), 13, 4)
                        || '-' || substr(hex(e.id), 17, 4) || '-' || substr(hex(e.id), 21))) AS event,
       c.id AS customer, m.key AS meter, e.quantity,
       strftime('%Y-%m-%dT%H:%M:%S', e.at / 1000000, 'unixepoch')
         || CASE e.at % 1000000 WHEN 0 THEN '' ELSE rtrim(printf('.%06d', e.at % 1000000), '0') END || 'Z' AS at,
       strftime('%Y-%m-%dT%H:%M:%SZ', b.recorded_at, 'unixepoch') AS recorded_at,
       a.key AS action, u.id AS user, b.run AS import_run, e.line, s.span, s.exempt AS exempt_reason, e.over_quota,
       (SELECT d.delivery FROM delivery d
        WHERE d.customer = e.customer AND d.meter = e.meter
          AND d.from_at BETWEEN e.at / 1000000 - 86400 AND e.at / 1000000 AND d.to_at > e.at / 1000000
          AND d.after_seq < e.seq AND e.seq <= d.upto_seq AND d.state NOT IN ('lost', 'cancelled', 'replaced')) AS delivery,
       CASE WHEN v.id IS NOT NULL THEN lower(substr(hex(v.id), 1, 8) || '-' || substr(hex(v.id), 9, 4) || '-' || substr(hex(v.id), 13, 4)
             || '-' || substr(hex(v.id), 17, 4) || '-' || substr(hex(v.id), 21)) END AS voided_by
FROM usage_event e
JOIN usage_batch b ON b.first_seq = (SELECT max(f.first_seq) FROM usage_batch f WHERE f.first_seq <= e.seq)
JOIN customer c ON c.customer = e.customer
JOIN meter m ON m.meter = e.meter
LEFT JOIN usage_event_name n ON n.seq = e.seq
LEFT JOIN action a ON a.action = e.action
LEFT JOIN end_user u ON u.end_user = e.end_user
LEFT JOIN usage_event v ON v.voids = e.seq
LEFT JOIN span s ON s.customer = e.customer AND s.meter = e.meter
      AND s.from_at <= e.at / 1000000 AND s.to_at > e.at / 1000000;
