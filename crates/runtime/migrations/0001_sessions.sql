-- Events are the truth; everything else here follows from them in the same transaction and can be
-- rebuilt. Ids are the text of their UUID; bodies are the protocol's JSON. Never edit this file: add
-- the next one.
PRAGMA application_id = 0x4A4D4559; -- "JMEY"
PRAGMA user_version = 1;

CREATE TABLE sessions (
    key        INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    name       TEXT UNIQUE,
    title      TEXT,
    cwd        TEXT NOT NULL,
    settings   TEXT NOT NULL CHECK (json_valid(settings)),
    status     TEXT NOT NULL CHECK (status IN ('idle', 'running', 'waiting')),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    head       INTEGER NOT NULL CHECK (head >= 0),
    -- Where the turn began that has no end yet. Recovery asks for these and scans nothing else.
    open_since INTEGER
) STRICT;
CREATE INDEX sessions_by_time ON sessions (updated_at);
CREATE INDEX sessions_by_cwd ON sessions (cwd, updated_at);
CREATE INDEX sessions_open ON sessions (open_since) WHERE open_since IS NOT NULL;
CREATE INDEX sessions_busy ON sessions (status) WHERE status <> 'idle';

CREATE TABLE events (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    session INTEGER NOT NULL REFERENCES sessions (key),
    seq     INTEGER NOT NULL CHECK (seq > 0),
    at      INTEGER NOT NULL,
    turn    TEXT,
    kind    TEXT NOT NULL,
    version INTEGER NOT NULL,
    body    TEXT NOT NULL CHECK (json_valid(body)),
    UNIQUE (session, seq)
) STRICT;

-- Sessions that are being erased on a person's word. Only their events may go.
CREATE TABLE erasing (
    session INTEGER PRIMARY KEY
) STRICT;
CREATE TRIGGER events_never_change BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'events never change');
END;
CREATE TRIGGER events_stay BEFORE DELETE ON events
WHEN NOT EXISTS (SELECT 1 FROM erasing WHERE session = OLD.session)
BEGIN
    SELECT RAISE(ABORT, 'events are only erased with their session');
END;

CREATE TABLE items (
    key     INTEGER PRIMARY KEY,
    session INTEGER NOT NULL REFERENCES sessions (key),
    id      TEXT NOT NULL,
    -- The event in which it first appeared: its place in the session.
    seq     INTEGER NOT NULL,
    turn    TEXT NOT NULL,
    step    INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    status  TEXT NOT NULL CHECK (status IN ('open', 'done')),
    body    TEXT NOT NULL CHECK (json_valid(body)),
    UNIQUE (session, id),
    UNIQUE (session, seq)
) STRICT;

-- What search looks through: finished messages, the first million bytes of each. Cut as bytes, since
-- SQLite's own substr of text ends at a NUL, which a message may hold.
CREATE VIEW items_text (key, text) AS
SELECT key, CAST(substr(CAST(body ->> '$.text' AS BLOB), 1, 1000000) AS TEXT)
FROM items
WHERE status = 'done' AND kind IN ('userMessage', 'agentMessage');
CREATE VIRTUAL TABLE items_fts USING fts5 (
    text, content = 'items_text', content_rowid = 'key', tokenize = 'unicode61 remove_diacritics 2'
);
-- Words of erased sessions leave the index at once instead of with some later merge.
INSERT INTO items_fts (items_fts, rank) VALUES ('secure-delete', 1);

CREATE TABLE ops (
    session INTEGER NOT NULL REFERENCES sessions (key),
    op_id   TEXT NOT NULL,
    body    TEXT NOT NULL CHECK (json_valid(body)),
    turn    TEXT,
    at      INTEGER NOT NULL,
    PRIMARY KEY (session, op_id)
) STRICT, WITHOUT ROWID;

-- Streamed text of open items that no event holds yet: appended, gone when the item completes.
CREATE TABLE open_text (
    session INTEGER NOT NULL REFERENCES sessions (key),
    item    TEXT NOT NULL,
    n       INTEGER NOT NULL,
    text    TEXT NOT NULL,
    PRIMARY KEY (session, item, n)
) STRICT, WITHOUT ROWID;
