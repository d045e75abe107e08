//! A database of the first version is brought up: what was in it is in it afterwards, and it takes less
//! than half the room.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use jamey_engine::{ports::Journal, session::fold};
use jamey_protocol::{EventBody, ItemBody, TurnId};
use jamey_runtime::store::Store;
use sqlx::{ConnectOptions, Connection, Row, sqlite::SqliteConnectOptions};
use tempfile::tempdir;

use crate::{
    old::{self, Log},
    sample::{answered, append, assert_whole, paths, started, turn as small},
    talk::{Random, turn},
};

/// Some sessions whose turns came by turns, one erased, one with an open turn.
async fn old_database(folder: &Path, sessions: usize, turns: usize) -> Vec<Log> {
    let mut connection = old::begin(&folder.join("jamey.db")).await;
    let mut random = Random(11);
    let mut logs = Vec::new();
    sqlx::query("BEGIN").execute(&mut connection).await.unwrap();
    for _ in 0..sessions {
        logs.push(old::create(&mut connection, "/work").await);
    }
    for number in 0..sessions * turns {
        let log = &mut logs[if number % 3 == 0 { random.below(sessions) } else { number / turns }];
        let id = TurnId::new();
        old::accept(&mut connection, log, Some(id)).await;
        for bodies in turn(&mut random) {
            old::append(&mut connection, log, Some(id), bodies).await;
        }
    }
    let open = answered("");
    let bodies = vec![started(), EventBody::ItemStarted { item: open.clone() }];
    let last = logs.last_mut().unwrap();
    let since = last.session.head + 1;
    old::append(&mut connection, last, Some(TurnId::new()), bodies).await;
    sqlx::query("UPDATE sessions SET open_since = ?, status = 'running' WHERE key = ?")
        .bind(since as i64)
        .bind(last.key)
        .execute(&mut connection)
        .await
        .unwrap();
    sqlx::query("INSERT INTO open_text VALUES (?, ?, 1, 'as far as ')")
        .bind(last.key)
        .bind(open.id.to_string())
        .execute(&mut connection)
        .await
        .unwrap();
    // One that was erased at the end leaves numbers that are not given again.
    let mut gone = old::create(&mut connection, "/gone").await;
    old::append(&mut connection, &mut gone, None, small("zebra", "zebra")).await;
    for statement in [
        "INSERT INTO erasing VALUES (?)",
        "DELETE FROM events WHERE session = ?",
        "DELETE FROM sessions WHERE key = ?",
        "DELETE FROM erasing WHERE session = ?",
    ] {
        sqlx::query(statement).bind(gone.key).execute(&mut connection).await.unwrap();
    }
    sqlx::query("COMMIT").execute(&mut connection).await.unwrap();
    old::finish(connection, &logs).await;
    logs
}

const WORDS: &[&str] =
    &["session", "the runtime", "jamey-runtime", "SQLite", "turnEnded", "nowherefound", "127.0.0.1"];

/// What the first version's search finds, as the ids of the items, newest first.
async fn old_hits(db: &Path, words: &str) -> Vec<String> {
    let options = SqliteConnectOptions::new().filename(db).read_only(true);
    let mut connection = options.connect().await.unwrap();
    let quoted: Vec<String> = words.split(' ').map(|word| format!("\"{word}\"")).collect();
    let rows =
        sqlx::query("SELECT id FROM items_fts JOIN items ON key = items_fts.rowid WHERE items_fts MATCH ?")
            .bind(quoted.join(" "))
            .fetch_all(&mut connection)
            .await
            .unwrap();
    connection.close().await.unwrap();
    let mut ids: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    ids.sort();
    ids
}

async fn new_hits(store: &Store, words: &str) -> Vec<String> {
    let hits = store.search(words, 100_000).await.unwrap();
    let mut ids: Vec<String> = hits.into_iter().map(|hit| hit.item.id.to_string()).collect();
    ids.sort();
    ids
}

async fn assert_same(store: &Store, logs: &[Log]) {
    for log in logs {
        let events = store.read(log.session.id, 0).await.unwrap();
        assert_eq!(events[..log.events.len()], log.events[..]);
        let items = store.items(log.session.id, 0, 100_000).await.unwrap().data;
        assert_eq!(items, fold(&events));
        for op in &log.ops {
            let known = store.accepted(log.session.id, *op).await.unwrap().unwrap();
            assert!(known.turn.is_some() && known.is("whatever it was"));
        }
    }
    assert_whole(store).await;
}

#[tokio::test]
async fn an_old_database_says_the_same_afterwards_and_takes_half_the_room() {
    let folder = tempdir().unwrap();
    let logs = old_database(folder.path(), 8, 12).await;
    let db = folder.path().join("jamey.db");
    let before = fs::metadata(&db).unwrap().len();
    let mut hits = Vec::new();
    for words in WORDS {
        hits.push(old_hits(&db, words).await);
    }
    assert!(hits.iter().filter(|hits| !hits.is_empty()).count() >= 4, "{hits:?}");
    let highest: Vec<i64> = events_seq(&db).await;
    let (store, notices) = Store::open(paths(folder.path())).await.unwrap();
    assert!(
        notices[0].contains("from version 1 to 4") && notices[0].contains("a copy of the old one"),
        "{notices:?}"
    );
    assert!(notices[1].contains("interrupted"), "{notices:?}");
    assert_eq!(notices.len(), 2, "{notices:?}");
    assert_same(&store, &logs).await;
    for (words, hits) in WORDS.iter().zip(&hits) {
        assert_eq!(&new_hits(&store, words).await, hits, "{words}");
    }
    let open = &logs.last().unwrap().session;
    let last = store.items(open.id, 0, 100_000).await.unwrap().data.pop().unwrap();
    assert!(matches!(&last.body, ItemBody::AgentMessage { text, partial: true, .. } if text == "as far as "));
    // Life goes on, and no number is given twice.
    let mut one = store.session(logs[0].session.id).await.unwrap().unwrap();
    append(&store, &mut one, small("and", "on")).await;
    assert!(store.newest().await.unwrap() > highest[0]);
    store.delete(logs[1].session.id).await.unwrap();
    assert_whole(&store).await;
    store.rest().await;
    store.pack().await.unwrap();
    let after = fs::metadata(&db).unwrap().len();
    println!("{before} bytes became {after}");
    assert!(after * 2 < before, "{before} bytes became {after}");
    let copy = fs::read_dir(folder.path().join("backups")).unwrap().next().unwrap().unwrap().path();
    assert_eq!(old_hits(&copy, "session").await, hits[0], "the copy is of the old version");
    store.close().await;
    let (store, notices) = Store::open(paths(folder.path())).await.unwrap();
    assert!(notices.is_empty(), "{notices:?}");
    assert_whole(&store).await;
}

async fn events_seq(db: &Path) -> Vec<i64> {
    let mut by_hand = SqliteConnectOptions::new().filename(db).connect().await.unwrap();
    let found = sqlx::query_scalar("SELECT seq FROM sqlite_sequence WHERE name = 'events'");
    let found = found.fetch_all(&mut by_hand).await.unwrap();
    by_hand.close().await.unwrap();
    found
}

const FOLDER: &str = "JAMEY_TEST_UPGRADE_FOLDER";

/// Runs itself again as the program that is killed.
#[test]
fn a_kill_at_any_instant_of_the_upgrade_leaves_the_old_database_or_the_new_one() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    if let Ok(folder) = std::env::var(FOLDER) {
        let (store, _) = runtime.block_on(Store::open(paths(Path::new(&folder)))).unwrap();
        runtime.block_on(store.close());
        return;
    }
    let original = tempdir().unwrap();
    let logs = runtime.block_on(old_database(original.path(), 4, 10));
    // How long it takes here, undisturbed, and then parts of that.
    let whole = {
        let folder = copied(original.path());
        let began = std::time::Instant::now();
        assert!(upgrade(folder.path()).wait().unwrap().success());
        began.elapsed()
    };
    let mut cut = 0;
    for part in 1..=8 {
        let folder = copied(original.path());
        let mut child = upgrade(folder.path());
        std::thread::sleep(whole * part / 9);
        child.kill().unwrap();
        cut += u32::from(!child.wait().unwrap().success());
        runtime.block_on(async {
            let (store, notices) = Store::open(paths(folder.path())).await.unwrap();
            assert!(notices.iter().all(|notice| !notice.contains("damaged")), "part {part}: {notices:?}");
            assert_same(&store, &logs).await;
            store.close().await;
        });
        for left in ["jamey.db-packed", "jamey.db-wal", "quarantine"] {
            assert!(!folder.path().join(left).exists(), "part {part}: {left}");
        }
    }
    assert!(cut > 0, "no kill came before the end");
}

fn copied(original: &Path) -> tempfile::TempDir {
    let folder = tempdir().unwrap();
    fs::copy(original.join("jamey.db"), folder.path().join("jamey.db")).unwrap();
    folder
}

fn upgrade(folder: &Path) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "upgrade::a_kill_at_any_instant_of_the_upgrade_leaves_the_old_database_or_the_new_one",
            "--exact",
        ])
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}
