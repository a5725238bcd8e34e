-- Indexes and triggers of deliveries compare a state with one after the other. A list of states (IN) was a temporary table
-- each time: fourteen of them for each delivery that is sent, a third of the work of sending it.

DROP INDEX delivery_open;
CREATE INDEX delivery_open ON delivery (state, customer, meter)
WHERE state = 'due' OR state = 'sending' OR state = 'unknown' OR state = 'late' OR state = 'too_late' OR state = 'rejected';
DROP INDEX delivery_ended;
CREATE INDEX delivery_ended ON delivery (state, meter)
WHERE state = 'lost' OR state = 'cancelled' OR state = 'replaced';

DROP TRIGGER delivery_moves_legally;
CREATE TRIGGER delivery_moves_legally BEFORE UPDATE OF state ON delivery
WHEN OLD.state <> NEW.state AND NOT (
     (OLD.state = 'due'      AND NEW.state = 'sending')
  OR (OLD.state = 'due'      AND (NEW.state = 'late' OR NEW.state = 'too_late') AND OLD.indefinite_at IS NULL)
  OR (OLD.state = 'due'      AND NEW.state = 'cancelled' AND OLD.indefinite_at IS NULL AND NEW.evidence IS NOT NULL)
  OR ((OLD.state = 'due' OR OLD.state = 'sending') AND NEW.state = 'unknown' AND OLD.indefinite_at IS NOT NULL)
  OR (OLD.state = 'sending'  AND (NEW.state = 'due' OR NEW.state = 'accepted' OR NEW.state = 'rejected'))
  OR (OLD.state = 'unknown'  AND (NEW.state = 'accepted' OR NEW.state = 'due' OR NEW.state = 'late' OR NEW.state = 'too_late')
      AND NEW.evidence IS NOT NULL)
  OR (OLD.state = 'accepted' AND (NEW.state = 'lost' OR NEW.state = 'cancelled') AND NEW.evidence IS NOT NULL)
  OR ((OLD.state = 'rejected' OR OLD.state = 'late' OR OLD.state = 'too_late')
      AND (NEW.state = 'cancelled' OR NEW.state = 'replaced') AND NEW.evidence IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'a delivery cannot move that way'); END;

DROP TRIGGER pair_learns_of_uncovered_events;
CREATE TRIGGER pair_learns_of_uncovered_events AFTER UPDATE OF state ON delivery
WHEN (NEW.state = 'lost' OR NEW.state = 'cancelled' OR NEW.state = 'replaced') AND OLD.state <> NEW.state
BEGIN
  INSERT INTO pair (customer, meter, left_from) VALUES (NEW.customer, NEW.meter, NEW.from_at)
  ON CONFLICT DO UPDATE SET left_from = MIN(COALESCE(left_from, excluded.left_from), excluded.left_from);
END;
