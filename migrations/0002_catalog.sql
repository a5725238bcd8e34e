-- What was sold: the last catalog that `seed` applied, every revision of every tier, and what they are at Stripe.

-- The newest row is the catalog in force (names, ranks, features, actions, packs, alerts, windows).
CREATE TABLE catalog (
  catalog     INTEGER PRIMARY KEY,
  body        TEXT    NOT NULL,                      -- canonical JSON of the whole catalog
  digest      TEXT    NOT NULL,
  applied_at  INTEGER NOT NULL,
  run         INTEGER NOT NULL REFERENCES run
) STRICT;

CREATE TRIGGER catalog_is_immutable BEFORE UPDATE ON catalog
BEGIN SELECT RAISE(ABORT, 'an applied catalog never changes'); END;

-- A revision never changes: what a subscriber bought stays.
CREATE TABLE revision (
  tier        TEXT    NOT NULL,
  digest      TEXT    NOT NULL,
  terms       TEXT    NOT NULL,                      -- canonical JSON of the terms
  created_at  INTEGER NOT NULL,
  run         INTEGER NOT NULL REFERENCES run,
  PRIMARY KEY (tier, digest)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER revision_is_immutable BEFORE UPDATE ON revision
BEGIN SELECT RAISE(ABORT, 'a revision never changes'); END;
CREATE TRIGGER revision_is_kept BEFORE DELETE ON revision
BEGIN SELECT RAISE(ABORT, 'revisions are kept'); END;

-- Which Stripe price plays which part in a revision. Prices may belong to several revisions.
CREATE TABLE revision_price (
  tier        TEXT    NOT NULL,
  digest      TEXT    NOT NULL,
  role        TEXT    NOT NULL,                      -- 'month', 'year' or 'usage.<meter>'
  price       TEXT    NOT NULL,                      -- price_…
  PRIMARY KEY (tier, digest, role),
  FOREIGN KEY (tier, digest) REFERENCES revision (tier, digest)
) STRICT, WITHOUT ROWID;

-- Meters, interned: events and rollups carry the number.
CREATE TABLE meter (
  meter       INTEGER PRIMARY KEY,
  key         TEXT    NOT NULL UNIQUE,
  event       TEXT    NOT NULL,                      -- event_name at Stripe
  stripe_id   TEXT,                                  -- mtr_…; NULL for a local meter
  name        TEXT    NOT NULL,
  unit        TEXT    NOT NULL,
  window      TEXT    NOT NULL CHECK (window IN ('each', 'minute', 'hour', 'day')),
  priced      INTEGER NOT NULL CHECK (priced IN (0, 1))
) STRICT;

-- One-time prices of packs.
CREATE TABLE pack_price (
  pack        TEXT    PRIMARY KEY,
  price       TEXT    NOT NULL,
  credits     INTEGER NOT NULL CHECK (credits > 0)
) STRICT, WITHOUT ROWID;
