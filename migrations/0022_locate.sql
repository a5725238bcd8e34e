-- Findings about usage say until when they can be mended, and what is known of their cause beyond its word; a run of
-- reconcile says how many calls it could have taken.

ALTER TABLE finding ADD COLUMN detail TEXT;
ALTER TABLE finding ADD COLUMN fix_deadline INTEGER;             -- seconds; NULL where nothing ends
ALTER TABLE reconcile_run ADD COLUMN calls_bound INTEGER NOT NULL DEFAULT 0;
-- What Stripe had counted of a customer, meter and period when it was last asked.
ALTER TABLE pair_period ADD COLUMN stripe INTEGER;

-- History that changed what bills a stretch: what was sent there is compared again.
CREATE TRIGGER pair_period_counts_new_spans AFTER INSERT ON span
BEGIN
  UPDATE pair_period SET revision = revision + 1
  WHERE customer = NEW.customer AND meter = NEW.meter AND period_start < NEW.to_at AND period_end > NEW.from_at;
END;
