-- Each body is kept once. Events hold nothing but what happened; whose they are is said once for each
-- span of events that follow each other; a finished item is the event that finished it. Events keep
-- their numbers and their bodies, byte for byte. Never edit this file: add the next one.
PRAGMA user_version = 2;

-- The log. Bodies of more than 700 bytes lie in `bodies`, since small rows fill pages better among
-- themselves.
CREATE TABLE log (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    version INTEGER NOT NULL,
    body    TEXT CHECK (json_valid(body))
) STRICT;
CREATE TABLE bodies (
    event INTEGER PRIMARY KEY,
    body  TEXT NOT NULL CHECK (json_valid(body))
) STRICT;
INSERT INTO log SELECT id, at, version, iif(octet_length(body) <= 700, body, NULL) FROM events ORDER BY id;
INSERT INTO bodies SELECT id, body FROM events WHERE octet_length(body) > 700 ORDER BY id;
-- Numbers of erased events are not given again.
DELETE FROM sqlite_sequence WHERE name = 'log';
INSERT INTO sqlite_sequence (name, seq) SELECT 'log', seq FROM sqlite_sequence WHERE name = 'events';

-- From `first` on up to the next span, events belong to this session and turn, and their places in the
-- session count up from `seq`.
CREATE TABLE spans (
    first   INTEGER PRIMARY KEY,
    session INTEGER NOT NULL REFERENCES sessions (key),
    seq     INTEGER NOT NULL CHECK (seq > 0),
    turn    BLOB
) STRICT;
INSERT INTO spans
SELECT id, session, seq, unhex(turn, '-')
FROM (
    SELECT id, session, seq, turn,
           lag(id - seq) OVER numbered AS distance_before,
           lag(session) OVER numbered AS session_before,
           lag(turn) OVER numbered AS turn_before
    FROM events WINDOW numbered AS (ORDER BY id)
)
WHERE session_before IS NOT session OR turn_before IS NOT turn OR distance_before IS NOT id - seq;
CREATE UNIQUE INDEX spans_by_session ON spans (session, seq);

-- Finished items: `seq` is the place of the event in which it first appeared, `event` the one that
-- finished it and holds it.
CREATE TABLE done (
    session INTEGER NOT NULL REFERENCES sessions (key),
    seq     INTEGER NOT NULL,
    event   INTEGER NOT NULL,
    PRIMARY KEY (session, seq)
) STRICT, WITHOUT ROWID;
INSERT OR REPLACE INTO done
SELECT items.session, items.seq, events.id
FROM events CROSS JOIN items ON items.session = events.session AND items.id = events.body ->> '$.item.id'
WHERE events.kind = 'itemCompleted' AND items.status = 'done'
ORDER BY events.id;

-- Items that are not finished, as they are now.
CREATE TABLE open_items (
    session INTEGER NOT NULL REFERENCES sessions (key),
    id      BLOB NOT NULL,
    seq     INTEGER NOT NULL,
    item    TEXT NOT NULL CHECK (json_valid(item)),
    PRIMARY KEY (session, id)
) STRICT, WITHOUT ROWID;
INSERT INTO open_items
SELECT session, unhex(id, '-'), seq,
       json_object('id', id, 'turn', turn, 'step', step, 'at', at, 'body', json(body))
FROM items WHERE status = 'open';

-- Events that finished an item which another event finished again. A turn does not do this.
CREATE TABLE superseded (event INTEGER PRIMARY KEY) STRICT;
INSERT INTO superseded
SELECT events.id
FROM events CROSS JOIN items ON items.session = events.session AND items.id = events.body ->> '$.item.id'
LEFT JOIN done ON done.session = items.session AND done.seq = items.seq
WHERE (SELECT count(*) FROM events WHERE kind = 'itemCompleted') > (SELECT count(*) FROM done)
  AND events.kind = 'itemCompleted' AND done.event IS NOT events.id;

-- Bytes of the session's event bodies, and the newest of its items, now and before the last append: an
-- item that is newer still is new.
ALTER TABLE sessions ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN newest_item BLOB NOT NULL DEFAULT x'';
ALTER TABLE sessions ADD COLUMN newest_before BLOB NOT NULL DEFAULT x'';
UPDATE sessions SET
    bytes = coalesce((SELECT sum(octet_length(body)) FROM events WHERE session = sessions.key), 0),
    newest_item = coalesce((SELECT max(unhex(id, '-')) FROM items WHERE session = sessions.key), x'');

-- Ops are remembered by their fingerprint; of those before, only that they were accepted.
CREATE TABLE accepted (
    session INTEGER NOT NULL REFERENCES sessions (key),
    op_id   BLOB NOT NULL,
    print   TEXT NOT NULL,
    turn    BLOB,
    at      INTEGER NOT NULL,
    PRIMARY KEY (session, op_id)
) STRICT, WITHOUT ROWID;
INSERT INTO accepted SELECT session, unhex(op_id, '-'), '', unhex(turn, '-'), at FROM ops;
DROP TABLE ops;
ALTER TABLE accepted RENAME TO ops;

CREATE TABLE partial (
    session INTEGER NOT NULL REFERENCES sessions (key),
    item    BLOB NOT NULL,
    n       INTEGER NOT NULL,
    text    TEXT NOT NULL,
    PRIMARY KEY (session, item, n)
) STRICT, WITHOUT ROWID;
INSERT INTO partial SELECT session, unhex(item, '-'), n, text FROM open_text;
DROP TABLE open_text;
ALTER TABLE partial RENAME TO open_text;

-- When the database was last looked after, in milliseconds since 1970, and how large it was then.
CREATE TABLE upkeep (
    what    TEXT PRIMARY KEY CHECK (what IN ('check', 'vacuum', 'erasure')),
    at      INTEGER NOT NULL,
    bytes   INTEGER NOT NULL,
    payload INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

DROP TABLE items_fts;
DROP VIEW items_text;
DROP TABLE items;
DROP TRIGGER events_never_change;
DROP TRIGGER events_stay;
DROP TABLE events;
ALTER TABLE log RENAME TO events;

CREATE TRIGGER events_never_change BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'events never change');
END;
CREATE TRIGGER events_stay BEFORE DELETE ON events
WHEN NOT EXISTS (
    SELECT 1 FROM erasing WHERE session = (SELECT session FROM spans WHERE first <= OLD.id ORDER BY first DESC LIMIT 1)
)
BEGIN
    SELECT RAISE(ABORT, 'events are only erased with their session');
END;
CREATE TRIGGER bodies_never_change BEFORE UPDATE ON bodies
BEGIN
    SELECT RAISE(ABORT, 'events never change');
END;
CREATE TRIGGER bodies_stay BEFORE DELETE ON bodies
WHEN EXISTS (SELECT 1 FROM events WHERE id = OLD.event)
BEGIN
    SELECT RAISE(ABORT, 'events are only erased with their session');
END;
CREATE TRIGGER spans_never_change BEFORE UPDATE ON spans
BEGIN
    SELECT RAISE(ABORT, 'events never change');
END;
CREATE TRIGGER spans_stay BEFORE DELETE ON spans
WHEN NOT EXISTS (SELECT 1 FROM erasing WHERE session = OLD.session)
BEGIN
    SELECT RAISE(ABORT, 'events are only erased with their session');
END;

-- What search looks through: finished messages, the first million bytes of each. Cut as bytes, since
-- SQLite's own substr of text ends at a NUL, which a message may hold. The index knows which words a
-- message holds and not where: that is a third of the size, and search looks for itself.
CREATE VIEW items_text (key, text) AS
SELECT events.id,
       CAST(substr(CAST(coalesce(events.body, bodies.body) ->> '$.item.body.text' AS BLOB), 1, 1000000) AS TEXT)
FROM events LEFT JOIN bodies ON bodies.event = events.id
WHERE coalesce(events.body, bodies.body) ->> '$.type' = 'itemCompleted'
  AND coalesce(events.body, bodies.body) ->> '$.item.body.type' IN ('userMessage', 'agentMessage')
  AND NOT EXISTS (SELECT 1 FROM superseded WHERE superseded.event = events.id);
CREATE VIRTUAL TABLE items_fts USING fts5 (
    text, content = 'items_text', content_rowid = 'key', tokenize = 'unicode61 remove_diacritics 2',
    detail = 'none', columnsize = 0
);
-- Words of erased sessions leave the index at once instead of with some later merge.
INSERT INTO items_fts (items_fts, rank) VALUES ('secure-delete', 1);
INSERT INTO items_fts (items_fts) VALUES ('rebuild');
