-- Deliveries that are settled, in sum: of these there are ever more, and a look at how things stand must not read them all.
CREATE TABLE delivery_total (
  meter       INTEGER NOT NULL REFERENCES meter,
  state       TEXT    NOT NULL CHECK (state IN ('accepted', 'closed')),
  deliveries  INTEGER NOT NULL CHECK (deliveries >= 0),
  events      INTEGER NOT NULL,
  value       INTEGER NOT NULL,
  oldest      INTEGER NOT NULL,                      -- the earliest timestamp that was ever among them
  PRIMARY KEY (meter, state)
) STRICT, WITHOUT ROWID;
INSERT INTO delivery_total (meter, state, deliveries, events, value, oldest)
SELECT meter, state, COUNT(*), SUM(events), SUM(value), MIN(timestamp) FROM delivery
WHERE state IN ('accepted', 'closed') GROUP BY meter, state;

CREATE TRIGGER delivery_total_counts_closed AFTER INSERT ON delivery WHEN NEW.state = 'closed'
BEGIN
  INSERT INTO delivery_total VALUES (NEW.meter, NEW.state, 1, NEW.events, NEW.value, NEW.timestamp)
  ON CONFLICT DO UPDATE SET deliveries = deliveries + 1, events = events + excluded.events,
    value = value + excluded.value, oldest = MIN(oldest, excluded.oldest);
END;
CREATE TRIGGER delivery_total_counts_accepted AFTER UPDATE OF state ON delivery
WHEN NEW.state = 'accepted' AND OLD.state <> NEW.state
BEGIN
  INSERT INTO delivery_total VALUES (NEW.meter, NEW.state, 1, NEW.events, NEW.value, NEW.timestamp)
  ON CONFLICT DO UPDATE SET deliveries = deliveries + 1, events = events + excluded.events,
    value = value + excluded.value, oldest = MIN(oldest, excluded.oldest);
END;
CREATE TRIGGER delivery_total_lets_go AFTER UPDATE OF state ON delivery
WHEN OLD.state IN ('accepted', 'closed') AND OLD.state <> NEW.state
BEGIN
  UPDATE delivery_total SET deliveries = deliveries - 1, events = events - OLD.events, value = value - OLD.value
  WHERE meter = OLD.meter AND state = OLD.state;
END;

-- Those that cover nothing any more are few.
CREATE INDEX delivery_ended ON delivery (state, meter) WHERE state IN ('lost', 'cancelled', 'replaced');
