-- A store that took over, or was restored, does not know what the ledger before it had given. 1: it does, posting by posting,
-- from the store that was replaced.
ALTER TABLE store ADD COLUMN ledger_rebuilt INTEGER NOT NULL DEFAULT 0 CHECK (ledger_rebuilt IN (0, 1));
