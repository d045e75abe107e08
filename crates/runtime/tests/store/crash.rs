//! Killed at any instant: what was acknowledged is there, and the next start goes on.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
};

use jamey_engine::ports::{AcceptedOp, Durability, Entry, Journal};
use jamey_protocol::{EventBody, OpId, SessionId, SessionStatus};
use jamey_runtime::store::Store;
use tempfile::tempdir;

use crate::sample::{answered, assert_whole, create, ended, partial, paths, said, started};

const FOLDER: &str = "JAMEY_TEST_STORE_FOLDER";
const ROUNDS: u64 = 12;

/// Runs itself again as the program that is killed.
#[test]
fn whatever_was_acknowledged_survives_a_kill_at_any_instant() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    if let Ok(folder) = std::env::var(FOLDER) {
        runtime.block_on(write_for_ever(Path::new(&folder)));
        return;
    }
    let folder = tempdir().unwrap();
    let seed = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64;
    println!("seed {seed}");
    let mut random = seed;
    for round in 0..ROUNDS {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let acknowledged = run_and_kill(folder.path(), 1 + (random >> 33) as usize % 120);
        runtime.block_on(assert_kept(folder.path(), &acknowledged, round));
    }
}

/// What the program said was safe before it was killed.
struct Acknowledged {
    session: SessionId,
    head: u64,
    op: Option<OpId>,
}

fn run_and_kill(folder: &Path, after_lines: usize) -> Vec<Acknowledged> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["crash::whatever_was_acknowledged_survives_a_kill_at_any_instant", "--exact", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut told = Vec::new();
    while told.len() < after_lines {
        match lines.next() {
            Some(line) => told.push(line.unwrap()),
            None => panic!("the program ended by itself: {told:?}"),
        }
    }
    child.kill().unwrap();
    // What it said between our last look and its death counts as well; a torn last line does not.
    told.extend(lines.map_while(Result::ok));
    child.wait().unwrap();
    told.iter().filter_map(|line| read(line)).collect()
}

fn read(line: &str) -> Option<Acknowledged> {
    let words: Vec<&str> = line.split(' ').collect();
    let ["safe", session, head, op, "."] = words.as_slice() else { return None };
    Some(Acknowledged { session: session.parse().ok()?, head: head.parse().ok()?, op: op.parse().ok() })
}

async fn assert_kept(folder: &Path, acknowledged: &[Acknowledged], round: u64) {
    let (store, notices) = Store::open(paths(folder)).await.unwrap();
    assert!(notices.iter().all(|notice| notice.contains("interrupted")), "round {round}: {notices:?}");
    for safe in acknowledged {
        let session = store.session(safe.session).await.unwrap().expect("an acknowledged session");
        assert!(session.head >= safe.head, "round {round}: {} of {}", session.head, safe.head);
        assert_eq!(session.status, SessionStatus::Idle);
        if let Some(op) = safe.op {
            assert!(
                store.accepted(safe.session, op).await.unwrap().is_some(),
                "round {round}: an op is gone"
            );
        }
    }
    assert_whole(&store).await;
    store.close().await;
}

async fn write_for_ever(folder: &Path) {
    let (store, _) = Store::open(paths(folder)).await.unwrap();
    loop {
        let mut session = create(&store, "/work").await;
        tell(&format!("safe {} {} - .", session.id, session.head));
        for number in 0..4 {
            let op = AcceptedOp::new(OpId::new(), "{}", None);
            let reply = answered("");
            let entries = [
                (vec![started(), EventBody::ItemCompleted { item: said("hello") }], Durability::Disk),
                (vec![EventBody::ItemStarted { item: reply.clone() }], Durability::Process),
                (vec![EventBody::ItemCompleted { item: reply.clone() }], Durability::Process),
                (vec![ended()], Durability::Process),
            ];
            for (place, (bodies, durability)) in entries.into_iter().enumerate() {
                let op = (place == 0).then(|| op.clone());
                let told = op.as_ref().map_or("-".into(), |op| op.op_id.to_string());
                let entry = Entry {
                    session: session.clone(),
                    turn: None,
                    at: number,
                    bodies,
                    op,
                    spent: None,
                    durability,
                };
                session.head += store.append(entry).await.unwrap().len() as u64;
                tell(&format!("safe {} {} {told} .", session.id, session.head));
                if place == 1 {
                    store.keep_text(session.id, vec![partial(&reply, "some text")]).await.unwrap();
                }
            }
        }
    }
}

fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
    out.flush().unwrap();
}
