-- Reconcile reads what has changed since the last match, and nothing else.

-- Whatever changes what a period is compared by raises its revision, whoever writes it. Stripe counts a delivery at its
-- timestamp: in the last minute before a period begins that is the minute of both periods, and it is compared with the
-- later one.
DROP TRIGGER pair_period_counts_new_deliveries;
DROP TRIGGER pair_period_counts_moves;
CREATE TRIGGER pair_period_counts_new_deliveries AFTER INSERT ON delivery
BEGIN
  INSERT INTO pair_period (customer, meter, period_start, period_end) VALUES (NEW.customer, NEW.meter, NEW.period_start, NEW.period_end)
  ON CONFLICT DO UPDATE SET revision = revision + 1, period_end = excluded.period_end;
  UPDATE pair_period SET revision = revision + 1
  WHERE customer = NEW.customer AND meter = NEW.meter AND period_start > NEW.period_start AND period_start < NEW.timestamp + 60;
END;
CREATE TRIGGER pair_period_counts_moves AFTER UPDATE OF state ON delivery WHEN OLD.state <> NEW.state
BEGIN
  UPDATE pair_period SET revision = revision + 1
  WHERE customer = NEW.customer AND meter = NEW.meter
    AND (period_start = NEW.period_start OR period_start > NEW.period_start AND period_start < NEW.timestamp + 60);
END;
CREATE TRIGGER pair_period_counts_reports AFTER UPDATE OF report_code ON delivery WHEN OLD.report_code IS NOT NEW.report_code
BEGIN
  UPDATE pair_period SET revision = revision + 1
  WHERE customer = NEW.customer AND meter = NEW.meter AND period_start = NEW.period_start;
END;
CREATE TRIGGER pair_period_counts_new_openings AFTER INSERT ON opening
BEGIN
  UPDATE pair_period SET revision = revision + 1
  WHERE customer = NEW.customer AND meter = NEW.meter
    AND period_start < (NEW.hour + 1) * 3600 AND period_end > NEW.hour * 3600;
END;
CREATE TRIGGER pair_period_counts_openings AFTER UPDATE OF amount, used ON opening
BEGIN
  UPDATE pair_period SET revision = revision + 1
  WHERE customer = NEW.customer AND meter = NEW.meter
    AND period_start < (NEW.hour + 1) * 3600 AND period_end > NEW.hour * 3600;
END;

-- Units of the period's accepted deliveries when they matched: what is taken as verified must still be so.
ALTER TABLE pair_period ADD COLUMN verified_sum INTEGER;

-- Usage that was moved into another period has a timestamp outside its window; all else is found by its window.
CREATE INDEX delivery_moved ON delivery (customer, meter, timestamp) WHERE replaces IS NOT NULL;
-- What a run resolved, without reading every finding there ever was.
CREATE INDEX finding_by_gone_run ON finding (gone_run) WHERE gone_run IS NOT NULL;
