-- What every model call used and cost. Rows are written with the events that tell the call's end and stay
-- when their session is deleted: the money was spent. Never edit this file: add the next one.
PRAGMA user_version = 3;

-- Names of models, `provider/model`, each once.
CREATE TABLE models (
    key  INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE ledger (
    key           INTEGER PRIMARY KEY,
    at            INTEGER NOT NULL,
    -- `sessions.key`, which is never given again, or `gone.session`.
    session       INTEGER NOT NULL,
    turn          BLOB,
    model         INTEGER NOT NULL REFERENCES models (key),
    input         INTEGER NOT NULL,
    cached        INTEGER NOT NULL,
    cache_written INTEGER NOT NULL,
    output        INTEGER NOT NULL,
    reasoning     INTEGER NOT NULL,
    -- Millionths of a US dollar; nothing where the price was not known.
    cost          INTEGER
) STRICT;

-- Ids of deleted sessions that the ledger speaks of; nothing else is left of them.
CREATE TABLE gone (
    session INTEGER PRIMARY KEY,
    id      BLOB NOT NULL
) STRICT;
