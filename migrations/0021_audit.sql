-- The audit chain: what was done and what was posted, each row sealed with a hash over all rows before it.

-- What the chain says of a row, as the row is now. Only what must not change afterwards, or whose change is an entry of
-- its own.
CREATE VIEW audit_source AS
SELECT 'run' AS kind, run AS row, json_object('command', command, 'actor', actor, 'host', host, 'reason', reason, 'ref', ref,
       'started_at', started_at, 'exit', exit, 'wrote', wrote, 'calls', calls, 'verdict', verdict) AS content FROM run
UNION ALL
SELECT 'assignment', assignment, json_object('customer', customer, 'tier', tier, 'digest', digest, 'interval', interval,
       'seats', seats, 'sub', sub, 'from_at', from_at, 'to_at', to_at, 'anchor_at', anchor_at, 'run', run, 'actor', actor,
       'host', host, 'reason', reason, 'ref', ref) FROM tier_assignment
UNION ALL
SELECT 'posting', posting, json_object('customer', customer, 'movement', movement, 'credits', credits, 'at', at, 'key', key,
       'digest', digest, 'action', action, 'source_id', source_id, 'hold', hold, 'until_at', until_at, 'refunds', refunds,
       'run', run, 'actor', actor, 'host', host, 'reason', reason, 'ref', ref) FROM ledger_posting
UNION ALL
SELECT 'lot', lot, json_object('posting', posting, 'customer', customer, 'kind', kind, 'granted', granted,
       'expires_at', expires_at) FROM ledger_lot
UNION ALL
SELECT 'entry', entry, json_object('posting', posting, 'customer', customer, 'lot', lot, 'credits', credits,
       'balance_after', balance_after, 'held_after', held_after) FROM ledger_entry
UNION ALL
SELECT 'finding', finding, json_object('ack_run', ack_run, 'ack_by', ack_by, 'ack_reason', ack_reason, 'ack_ref', ack_ref)
FROM finding WHERE ack_run IS NOT NULL
UNION ALL
SELECT 'finding', finding, json_object('ack_run', ack_run, 'ack_by', ack_by, 'ack_reason', ack_reason, 'ack_ref', ack_ref)
FROM state_finding WHERE ack_run IS NOT NULL
UNION ALL
SELECT 'store', one, json_object('store_id', store_id, 'epoch', epoch, 'target', target, 'account', account,
       'namespace', namespace, 'fenced', fenced, 'taken_over_at', taken_over_at) FROM store;

-- at, run and hash are there once the transaction that wrote the row was committed.
CREATE TABLE audit (
  audit       INTEGER PRIMARY KEY,                   -- 1, 2, 3 …: gapless
  at          INTEGER,                               -- seconds
  run         INTEGER REFERENCES run,
  kind        TEXT    NOT NULL CHECK (kind IN ('run', 'assignment', 'posting', 'lot', 'entry', 'finding', 'store')),
  row         INTEGER NOT NULL,                      -- of the table that the kind names
  content     TEXT    NOT NULL,                      -- JSON
  hash        BLOB    CHECK (length(hash) = 32),
  CHECK ((hash IS NULL) = (at IS NULL) AND (hash IS NULL) = (run IS NULL))
) STRICT;
CREATE INDEX audit_not_sealed ON audit (audit) WHERE hash IS NULL;
CREATE INDEX audit_by_row ON audit (kind, row, audit);

CREATE TRIGGER audit_is_gapless BEFORE INSERT ON audit
WHEN NEW.audit IS NOT NULL AND NEW.audit <> -1 AND NEW.audit <> (SELECT COALESCE(MAX(audit), 0) + 1 FROM audit)
BEGIN SELECT RAISE(ABORT, 'the audit chain has no gaps'); END;
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit chain is append-only'); END;
CREATE TRIGGER audit_is_sealed_once BEFORE UPDATE ON audit
WHEN OLD.hash IS NOT NULL OR NEW.audit IS NOT OLD.audit OR NEW.kind IS NOT OLD.kind OR NEW.row IS NOT OLD.row OR NEW.content IS NOT OLD.content
BEGIN SELECT RAISE(ABORT, 'the audit chain is append-only'); END;

-- A store of an earlier version begins with all that it holds.
INSERT INTO audit (kind, row, content) SELECT kind, row, content FROM audit_source
ORDER BY CASE kind WHEN 'store' THEN 0 WHEN 'run' THEN 1 WHEN 'assignment' THEN 2 WHEN 'posting' THEN 3 WHEN 'lot' THEN 4
         WHEN 'entry' THEN 5 ELSE 6 END, row;

-- Every command that writes has a run: said here without the view, which would be prepared each time.
CREATE TRIGGER audit_of_new_run AFTER INSERT ON run
BEGIN INSERT INTO audit (kind, row, content) VALUES ('run', NEW.run,
  json_object('command', NEW.command, 'actor', NEW.actor, 'host', NEW.host, 'reason', NEW.reason, 'ref', NEW.ref, 'started_at', NEW.started_at, 'exit', NEW.exit, 'wrote', NEW.wrote, 'calls', NEW.calls, 'verdict', NEW.verdict)); END;
CREATE TRIGGER audit_of_ended_run AFTER UPDATE ON run
BEGIN INSERT INTO audit (kind, row, content) VALUES ('run', NEW.run,
  json_object('command', NEW.command, 'actor', NEW.actor, 'host', NEW.host, 'reason', NEW.reason, 'ref', NEW.ref, 'started_at', NEW.started_at, 'exit', NEW.exit, 'wrote', NEW.wrote, 'calls', NEW.calls, 'verdict', NEW.verdict)); END;
CREATE TRIGGER audit_of_new_assignment AFTER INSERT ON tier_assignment
BEGIN INSERT INTO audit (kind, row, content) SELECT kind, row, content FROM audit_source WHERE kind = 'assignment' AND row = NEW.assignment; END;
CREATE TRIGGER audit_of_changed_assignment AFTER UPDATE ON tier_assignment
BEGIN INSERT INTO audit (kind, row, content) SELECT kind, row, content FROM audit_source WHERE kind = 'assignment' AND row = NEW.assignment; END;
CREATE TRIGGER audit_of_new_posting AFTER INSERT ON ledger_posting
BEGIN INSERT INTO audit (kind, row, content) SELECT kind, row, content FROM audit_source WHERE kind = 'posting' AND row = NEW.posting; END;
CREATE TRIGGER audit_of_new_lot AFTER INSERT ON ledger_lot
BEGIN INSERT INTO audit (kind, row, content) SELECT kind, row, content FROM audit_source WHERE kind = 'lot' AND row = NEW.lot; END;
CREATE TRIGGER audit_of_changed_lot AFTER UPDATE OF expires_at ON ledger_lot
BEGIN INSERT INTO audit (kind, row, content) SELECT kind, row, content FROM audit_source WHERE kind = 'lot' AND row = NEW.lot; END;
CREATE TRIGGER audit_of_new_entry AFTER INSERT ON ledger_entry
BEGIN INSERT INTO audit (kind, row, content) SELECT kind, row, content FROM audit_source WHERE kind = 'entry' AND row = NEW.entry; END;
CREATE TRIGGER audit_of_acknowledged_finding AFTER UPDATE OF ack_run, ack_by, ack_reason, ack_ref ON finding WHEN NEW.ack_run IS NOT NULL
BEGIN INSERT INTO audit (kind, row, content) SELECT kind, row, content FROM audit_source WHERE kind = 'finding' AND row = NEW.finding; END;
CREATE TRIGGER audit_of_acknowledged_state_finding AFTER UPDATE OF ack_run, ack_by, ack_reason, ack_ref ON state_finding WHEN NEW.ack_run IS NOT NULL
BEGIN INSERT INTO audit (kind, row, content) SELECT kind, row, content FROM audit_source WHERE kind = 'finding' AND row = NEW.finding; END;
CREATE TRIGGER audit_of_new_store AFTER INSERT ON store
BEGIN INSERT INTO audit (kind, row, content) SELECT kind, row, content FROM audit_source WHERE kind = 'store' AND row = NEW.one; END;
CREATE TRIGGER audit_of_changed_store AFTER UPDATE ON store
BEGIN INSERT INTO audit (kind, row, content) SELECT kind, row, content FROM audit_source WHERE kind = 'store' AND row = NEW.one; END;
