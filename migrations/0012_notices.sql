-- Notices: what an operator or a customer is to be told, each once.

CREATE TABLE notice (
  notice      INTEGER PRIMARY KEY,
  key         TEXT    NOT NULL UNIQUE,               -- one notice for each key, whoever sees the cause first
  audience    TEXT    NOT NULL CHECK (audience IN ('operator', 'customer')),
  customer    INTEGER REFERENCES customer,
  kind        TEXT    NOT NULL,                      -- receipt, payment_failed, upcoming_charge, trial_ending, card_removed, cap, …
  severity    TEXT    NOT NULL CHECK (severity IN ('info', 'warning', 'urgent', 'critical')),
  subject     TEXT    NOT NULL,
  text        TEXT    NOT NULL,
  facts       TEXT    NOT NULL,                      -- JSON object: the figures of the text
  created_at  INTEGER NOT NULL,
  run         INTEGER NOT NULL REFERENCES run
) STRICT;
CREATE INDEX notice_by_customer ON notice (customer, created_at);
