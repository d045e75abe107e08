//! A database as the first version of Jamey wrote it: each finished item twice, once as its event and once
//! as itself.

use std::{borrow::Cow, collections::HashMap, path::Path};

use jamey_engine::session::fold;
use jamey_protocol::{Event, EventBody, ItemBody, ItemId, OpId, Session, TurnId};
use serde_json::to_string;
use sqlx::{
    ConnectOptions, Connection, SqliteConnection,
    migrate::{Migration, MigrationType, Migrator},
    query,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};

use crate::sample::session;

/// Begins a database of version 1.
pub async fn begin(db: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(db)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .pragma("synchronous", "OFF");
    let mut connection = options.connect().await.unwrap();
    let sql = sqlx::SqlStr::from_static(include_str!("../../migrations/0001_sessions.sql"));
    let step = Migration::new(1, Cow::Borrowed("sessions"), MigrationType::Simple, sql, false);
    Migrator::with_migrations(vec![step]).run(&mut connection).await.unwrap();
    connection
}

/// A session's log as it grows. Several may grow by turns.
pub struct Log {
    pub key: i64,
    pub session: Session,
    pub events: Vec<Event>,
    pub ops: Vec<OpId>,
}

pub async fn create(connection: &mut SqliteConnection, cwd: &str) -> Log {
    let session = Session { head: 1, ..session(cwd) };
    let key = query("INSERT INTO sessions (id, cwd, settings, status, created_at, updated_at, head) VALUES (?, ?, '{}', 'idle', 1000, 1000, 0)")
        .bind(session.id.to_string())
        .bind(cwd)
        .execute(&mut *connection)
        .await
        .unwrap()
        .last_insert_rowid();
    let mut log = Log { key, session: Session { head: 0, ..session.clone() }, events: vec![], ops: vec![] };
    append(connection, &mut log, None, vec![EventBody::SessionUpdated { session }]).await;
    log
}

pub async fn append(
    connection: &mut SqliteConnection,
    log: &mut Log,
    turn: Option<TurnId>,
    bodies: Vec<EventBody>,
) {
    for body in bodies {
        log.session.head += 1;
        let event =
            Event { session: log.session.id, seq: Some(log.session.head), at: 5, turn, body: body.clone() };
        let json = serde_json::to_value(&body).unwrap();
        query(
            "INSERT INTO events (session, seq, at, turn, kind, version, body) VALUES (?, ?, 5, ?, ?, 1, ?)",
        )
        .bind(log.key)
        .bind(log.session.head as i64)
        .bind(turn.map(|turn| turn.to_string()))
        .bind(json["type"].as_str().unwrap())
        .bind(to_string(&body).unwrap())
        .execute(&mut *connection)
        .await
        .unwrap();
        log.events.push(event);
    }
}

pub async fn accept(connection: &mut SqliteConnection, log: &mut Log, turn: Option<TurnId>) {
    let op = OpId::new();
    query("INSERT INTO ops (session, op_id, body, turn, at) VALUES (?, ?, '{\"type\":\"interrupt\"}', ?, 5)")
        .bind(log.key)
        .bind(op.to_string())
        .bind(turn.map(|turn| turn.to_string()))
        .execute(connection)
        .await
        .unwrap();
    log.ops.push(op);
}

/// Writes what follows from the logs, and closes.
pub async fn finish(mut connection: SqliteConnection, logs: &[Log]) {
    for log in logs {
        let mut first: HashMap<ItemId, u64> = HashMap::new();
        let mut done: HashMap<ItemId, bool> = HashMap::new();
        for event in &log.events {
            let (item, is_done) = match &event.body {
                EventBody::ItemStarted { item } => (item, false),
                EventBody::ItemCompleted { item } => (item, true),
                _ => continue,
            };
            first.entry(item.id).or_insert(event.seq.unwrap());
            done.insert(item.id, is_done);
        }
        for item in fold(&log.events) {
            let kind = match item.body {
                ItemBody::UserMessage { .. } => "userMessage",
                ItemBody::AgentMessage { .. } => "agentMessage",
                ItemBody::Reasoning { .. } => "reasoning",
                ItemBody::ToolCall { .. } => "toolCall",
                ItemBody::Summary { .. } => "summary",
            };
            query("INSERT INTO items (session, id, seq, turn, step, at, kind, status, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
                .bind(log.key)
                .bind(item.id.to_string())
                .bind(first[&item.id] as i64)
                .bind(item.turn.to_string())
                .bind(item.step)
                .bind(item.at)
                .bind(kind)
                .bind(if done[&item.id] { "done" } else { "open" })
                .bind(to_string(&item.body).unwrap())
                .execute(&mut connection)
                .await
                .unwrap();
        }
        query("UPDATE sessions SET head = ? WHERE key = ?")
            .bind(log.session.head as i64)
            .bind(log.key)
            .execute(&mut connection)
            .await
            .unwrap();
    }
    query("INSERT INTO items_fts (items_fts) VALUES ('rebuild')").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}
