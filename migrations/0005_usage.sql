-- Usage events, append-only, and what is derived from them: spans and rollups.

-- Interned words of usage events.
CREATE TABLE action   (action   INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE end_user (end_user INTEGER PRIMARY KEY, id  TEXT NOT NULL UNIQUE) STRICT;

-- One row of recorded usage. id: 16 bytes, unique per meter: a UUID as it is, any other id as the first half of its SHA-256.
CREATE TABLE usage_event (
  seq         INTEGER PRIMARY KEY,
  meter       INTEGER NOT NULL REFERENCES meter,
  id          BLOB    NOT NULL CHECK (length(id) = 16),
  customer    INTEGER NOT NULL REFERENCES customer,
  quantity    INTEGER NOT NULL CHECK (quantity <> 0),  -- negative only in a counter-entry
  at          INTEGER NOT NULL,                      -- microseconds
  recorded_at INTEGER NOT NULL,                      -- seconds
  action      INTEGER REFERENCES action,
  end_user    INTEGER REFERENCES end_user,
  run         INTEGER NOT NULL REFERENCES run,
  line        INTEGER,                               -- of the imported file
  over_quota  INTEGER NOT NULL DEFAULT 0 CHECK (over_quota IN (0, 1)),
  voids       INTEGER REFERENCES usage_event         -- the event that this one counters
) STRICT;
CREATE UNIQUE INDEX usage_event_by_id ON usage_event (id, meter);
CREATE INDEX usage_event_by_time ON usage_event (customer, meter, at);

-- An event is voided at most once; without a counter-entry this index is empty.
CREATE UNIQUE INDEX usage_event_voided_once ON usage_event (voids) WHERE voids IS NOT NULL;

-- A caller's id that is not a UUID, beside its event.
CREATE TABLE usage_event_name (
  seq   INTEGER PRIMARY KEY REFERENCES usage_event,
  name  TEXT NOT NULL
) STRICT;

CREATE TRIGGER usage_event_is_immutable BEFORE UPDATE ON usage_event
BEGIN SELECT RAISE(ABORT, 'usage is append-only: record a counter-entry'); END;
CREATE TRIGGER usage_event_is_kept BEFORE DELETE ON usage_event
BEGIN SELECT RAISE(ABORT, 'usage is append-only'); END;

-- Derived from tier_assignment: the longest stretch in which a customer x meter keeps one billing period and one set of terms.
-- Rebuilt, with its rollups, when history changes; what was sent (delivery) keeps its own copy of the edges.
CREATE TABLE span (
  span          INTEGER PRIMARY KEY,
  customer      INTEGER NOT NULL REFERENCES customer,
  meter         INTEGER NOT NULL REFERENCES meter,
  from_at       INTEGER NOT NULL,
  to_at         INTEGER NOT NULL CHECK (to_at > from_at),
  period_start  INTEGER NOT NULL,
  period_end    INTEGER NOT NULL CHECK (period_end > period_start),
  assignment    INTEGER REFERENCES tier_assignment,
  price         TEXT,                                -- price_… where billable
  exempt        TEXT CHECK (exempt IN ('local', 'unlimited', 'block', 'credits', 'no_item', 'no_tier')),
  CHECK ((price IS NULL) <> (exempt IS NULL))
) STRICT;
CREATE UNIQUE INDEX span_by_start ON span (customer, meter, from_at);

CREATE TABLE rollup (
  customer    INTEGER NOT NULL,
  meter       INTEGER NOT NULL,
  hour        INTEGER NOT NULL,                      -- whole UTC hours since 1970
  span        INTEGER NOT NULL REFERENCES span,
  sum         INTEGER NOT NULL,
  events      INTEGER NOT NULL CHECK (events > 0),
  newest_at   INTEGER NOT NULL,                      -- microseconds, of the newest event
  last_seq    INTEGER NOT NULL,
  PRIMARY KEY (customer, meter, hour, span)
) STRICT, WITHOUT ROWID;

-- beyond = "credits": what is due and what was posted, per customer x meter x period. due - posted is uncovered.
CREATE TABLE usage_credit (
  customer      INTEGER NOT NULL REFERENCES customer,
  meter         INTEGER NOT NULL REFERENCES meter,
  period_start  INTEGER NOT NULL,
  beyond        INTEGER NOT NULL CHECK (beyond >= 0),  -- units beyond the included ones
  due           INTEGER NOT NULL CHECK (due >= 0),     -- credits
  posted        INTEGER NOT NULL CHECK (posted BETWEEN 0 AND due),
  PRIMARY KEY (customer, meter, period_start)
) STRICT, WITHOUT ROWID;
