//! The database takes little more than what must be kept, and gives back what came free.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use jamey_engine::ports::{Count, Journal, Spent};
use jamey_protocol::{EventBody, Session, TurnId};
use jamey_runtime::store::Store;
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
use tempfile::tempdir;

use crate::{
    sample::{answered, append, append_spent, assert_whole, create, ended, open, partial, paths, started},
    talk::{Random, bare, turn},
};

/// The most that all files of the database may take, for each byte of the bodies of its events.
const BOUND: f64 = 1.2;

async fn talk(store: &Store, random: &mut Random, sessions: usize, turns: usize) -> (Vec<Session>, usize) {
    let (mut all, mut text) = (Vec::new(), 0);
    for _ in 0..sessions {
        all.push(create(store, "/home/me/work").await);
    }
    // Some talk at the same time, as people do in two windows.
    for number in 0..sessions * turns {
        let at = if number % 3 == 0 { random.below(sessions) } else { number / turns };
        let turn_id = TurnId::new();
        for bodies in turn(random) {
            text += bodies.iter().map(bare).sum::<usize>();
            spend(store, &mut all[at], turn_id, bodies).await;
        }
    }
    (all, text)
}

/// Appends events; those that tell the end of a model call have its row of the ledger with them.
async fn spend(store: &Store, session: &mut Session, turn: TurnId, bodies: Vec<EventBody>) {
    let used = bodies.iter().find_map(|body| match body {
        EventBody::UsageUpdated { usage } => Some(*usage),
        _ => None,
    });
    let spent = used.map(|used| Spent {
        model: "anthropic/claude-sonnet-4-6".into(),
        used,
        count: Count::Told,
        cost_micros: Some(18_579),
    });
    append_spent(store, session, Some(turn), bodies, spent).await;
}

/// Bytes of all files of the database, of the bodies in it, and of the rows of the ledger, which stay when their
/// session goes: numbers by their digits, as they would stand in a body.
async fn sizes(folder: &Path) -> (u64, u64, u64) {
    let files = ["jamey.db", "jamey.db-wal", "jamey.db-shm"];
    let bytes =
        files.iter().filter_map(|name| fs::metadata(folder.join(name)).ok()).map(|meta| meta.len()).sum();
    let options = SqliteConnectOptions::new().filename(folder.join("jamey.db")).read_only(true);
    let mut by_hand = options.connect().await.unwrap();
    let payload: i64 = sqlx::query_scalar(
        "SELECT (SELECT sum(octet_length(body)) FROM events) + (SELECT sum(octet_length(body)) FROM bodies)",
    )
    .fetch_one(&mut by_hand)
    .await
    .unwrap();
    let ledger: i64 = sqlx::query_scalar(
        "SELECT coalesce(sum(octet_length(turn) + length(at) + length(session) + length(model) + length(input) \
         + length(cached) + length(cache_written) + length(output) + length(reasoning) + length(cost)), 0) \
         + (SELECT coalesce(sum(octet_length(id)), 0) FROM gone) FROM ledger",
    )
    .fetch_one(&mut by_hand)
    .await
    .unwrap();
    by_hand.close().await.unwrap();
    (bytes, payload as u64, ledger as u64)
}

async fn assert_bounded(folder: &Path, store: &Store, when: &str) {
    store.rest().await;
    store.pack().await.unwrap();
    store.rest().await;
    let (bytes, payload, ledger) = sizes(folder).await;
    let ratio = bytes as f64 / (payload + ledger) as f64;
    println!("{when}: {bytes} bytes for {payload} and {ledger} of the ledger, {ratio:.3}");
    assert!(ratio <= BOUND, "{when}: {bytes} bytes for a payload of {payload}: {ratio:.3}");
    assert_eq!(store.storage().await.unwrap().payload_bytes, payload, "{when}");
}

#[tokio::test]
async fn the_files_of_the_database_stay_within_a_fifth_of_what_must_be_kept() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut random = Random(7);
    let (mut sessions, text) = talk(&store, &mut random, 14, 16).await;
    assert_bounded(folder.path(), &store, "after many turns").await;
    let (bytes, payload, _) = sizes(folder.path()).await;
    println!("bare text {text}: {:.3} for each byte of it; payload {payload}", bytes as f64 / text as f64);

    // Sessions come and go.
    for _ in 0..2 {
        for session in sessions.drain(..8) {
            store.delete(session.id).await.unwrap();
        }
        sessions.extend(talk(&store, &mut random, 8, 12).await.0);
    }
    for session in sessions.drain(..7) {
        store.delete(session.id).await.unwrap();
    }
    assert_bounded(folder.path(), &store, "after sessions were made and deleted").await;

    let reply = answered("");
    let one = &mut sessions[0];
    append(&store, one, vec![started(), EventBody::ItemStarted { item: reply.clone() }]).await;
    let piece = "streamed words ".repeat(70);
    for _ in 0..500 {
        store.keep_text(one.id, vec![partial(&reply, &piece)]).await.unwrap();
    }
    let mut whole = reply.clone();
    if let jamey_protocol::ItemBody::AgentMessage { text, .. } = &mut whole.body {
        *text = piece.repeat(500);
    }
    append(&store, one, vec![EventBody::ItemCompleted { item: whole }, ended()]).await;
    assert_bounded(folder.path(), &store, "after a long streamed turn").await;
    assert_whole(&store).await;
    store.close().await;
    assert_whole(&open(folder.path()).await).await;
}

#[tokio::test]
async fn packing_frees_room_once_and_nothing_is_lost() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let (mut sessions, _) = talk(&store, &mut Random(3), 6, 12).await;
    for gone in sessions.drain(..4) {
        store.delete(gone.id).await.unwrap();
    }
    let before = sizes(folder.path()).await.0;
    let hits = store.search("session", 100).await.unwrap();
    assert!(store.pack().await.unwrap());
    assert!(sizes(folder.path()).await.0 < before / 2);
    assert!(!store.pack().await.unwrap(), "there is nothing more to free");
    assert_eq!(store.search("session", 100).await.unwrap(), hits);
    assert!(store.storage().await.unwrap().packed_at.is_some());
    append(&store, &mut sessions[0], vec![started(), ended()]).await;
    assert_whole(&store).await;
    store.close().await;
    assert_whole(&open(folder.path()).await).await;
}

#[tokio::test]
async fn packing_gives_way_to_whoever_asks_for_something() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let (mut sessions, _) = talk(&store, &mut Random(5), 6, 12).await;
    for gone in sessions.drain(..4) {
        store.delete(gone.id).await.unwrap();
    }
    let packing = store.pack();
    let asked = append(&store, &mut sessions[0], vec![started(), ended()]);
    let (packed, events) = tokio::join!(packing, asked);
    packed.unwrap();
    assert_eq!(events.len(), 2);
    assert!(!folder.path().join("jamey.db-packed").exists());
    assert_whole(&store).await;
}

const FOLDER: &str = "JAMEY_TEST_PACK_FOLDER";

/// Runs itself again as the program that is killed.
#[test]
fn a_kill_while_the_database_is_packed_loses_nothing() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    if let Ok(folder) = std::env::var(FOLDER) {
        runtime.block_on(pack_for_ever(Path::new(&folder)));
        return;
    }
    let folder = tempdir().unwrap();
    let seed = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64;
    println!("seed {seed}");
    let mut random = Random(seed);
    let kept = runtime.block_on(async {
        let store = open(folder.path()).await;
        let (sessions, _) = talk(&store, &mut random, 4, 10).await;
        store.close().await;
        sessions
    });
    for round in 0..8 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["lean::a_kill_while_the_database_is_packed_loses_nothing", "--exact", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let wanted = 1 + random.below(3);
        let packings = lines.by_ref().map_while(Result::ok).filter(|line| line == "packing").take(wanted);
        assert_eq!(packings.count(), wanted);
        // Somewhere in the middle of it, wherever that is this time.
        for _ in 0..random.below(400_000) {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        runtime.block_on(async {
            let (store, notices) = Store::open(paths(folder.path())).await.unwrap();
            assert!(notices.is_empty(), "round {round}: {notices:?}");
            for session in &kept {
                let now = store.session(session.id).await.unwrap();
                assert_eq!(now.map(|now| now.head), Some(session.head), "round {round}");
            }
            assert_whole(&store).await;
            store.close().await;
            assert!(!folder.path().join("jamey.db-packed").exists());
        });
    }
}

/// Makes a session and deletes it, so that there is something to free each time.
async fn pack_for_ever(folder: &Path) {
    let (store, _) = Store::open(paths(folder)).await.unwrap();
    loop {
        let mut gone = create(&store, "/work").await;
        let long = "x y z ".repeat(150_000);
        append(&store, &mut gone, crate::sample::turn(&long, "ok")).await;
        store.delete(gone.id).await.unwrap();
        println!("packing");
        store.pack().await.unwrap();
    }
}
