-- Rows whose tokens nobody told.

ALTER TABLE ledger ADD COLUMN estimated INTEGER NOT NULL DEFAULT 0;
