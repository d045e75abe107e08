//! Backups, restoring and room on the disk with the real programs, as a person uses them.
#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use jamey_tests::{Fake, Home, Reply, Runtime, wait};
use serde_json::json;

fn data(home: &Home) -> PathBuf {
    home.jamey_home().join("data")
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn sessions(home: &Home) -> usize {
    home.jamey(&["sessions", "--json"]).exits(0).json()["data"].as_array().unwrap().len()
}

fn said(home: &Home, word: &str) -> usize {
    home.jamey(&["sessions", "search", word, "--json"]).exits(0).json()["data"].as_array().unwrap().len()
}

/// Makes a session look as if nobody had touched it since 1970.
fn age(db: &Path, title: &str) {
    use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut by_hand = SqliteConnectOptions::new().filename(db).connect().await.unwrap();
        let aged = sqlx::query("UPDATE sessions SET updated_at = 1000 WHERE instr(title, ?)")
            .bind(title)
            .execute(&mut by_hand)
            .await
            .unwrap();
        assert_eq!(aged.rows_affected(), 1);
        by_hand.close().await.unwrap();
    });
}

#[test]
fn a_backup_is_made_listed_shown_and_put_elsewhere() {
    let fake = Fake::new(|_| Reply::text("certainly"));
    let home = Home::with(&fake);
    let _runtime = Runtime::start(&home);
    let _ = home.ask(&["remember the heron"]).exits(0);
    let made = home.jamey(&["backup"]).exits(0);
    let place = PathBuf::from(made.stdout.trim());
    assert!(place.is_file() && place.starts_with(data(&home).join("backups")), "{place:?}");
    let elsewhere = home.path().join("mine.db");
    let to = elsewhere.to_str().unwrap();
    let told = home.jamey(&["backup", "--to", to, "--json"]).exits(0).json();
    assert_eq!(told["to"], to);
    assert_eq!(fs::metadata(&elsewhere).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(&elsewhere).unwrap().len(), told["backup"]["bytes"].as_u64().unwrap());
    let before = fs::read(&elsewhere).unwrap();
    let copies = names(&data(&home).join("backups")).len();
    let refused = home.jamey(&["backup", "--to", to]).exits(2);
    assert!(refused.stderr.contains("not overwritten"), "{}", refused.stderr);
    assert_eq!(fs::read(&elsewhere).unwrap(), before);
    assert_eq!(names(&data(&home).join("backups")).len(), copies, "the refused one was not even made");
    let list = home.jamey(&["backup", "--list"]).exits(0);
    assert_eq!(list.stdout.lines().count(), copies + 1, "{}", list.stdout);
    let status = home.jamey(&["status"]).exits(0);
    assert!(
        status.stdout.contains("keeps") && status.stdout.contains(&format!("backups    {copies} of")),
        "{}",
        status.stdout
    );
    let status = home.jamey(&["status", "--json"]).exits(0).json();
    assert!(status["data"]["payloadBytes"].as_u64().unwrap() > 0, "{status}");
    assert_eq!(status["data"]["backups"], copies);
}

#[test]
fn as_many_copies_are_kept_as_the_person_says() {
    let fake = Fake::new(|_| Reply::text("certainly"));
    let home = Home::with(&fake);
    let _runtime = Runtime::start(&home);
    let _ = home.ask(&["hello"]).exits(0);
    let _ = home.jamey(&["config", "set", "data.backups", "2"]).exits(0);
    for _ in 0..3 {
        let _ = home.jamey(&["backup"]).exits(0);
    }
    assert_eq!(names(&data(&home).join("backups")).len(), 2);
    let _ = home.jamey(&["config", "set", "data.backups", "0"]).exits(78);
}

#[test]
fn a_restore_ends_the_runtime_sets_the_present_aside_and_starts_it_again() {
    let fake = Fake::new(|_| Reply::text("certainly"));
    let home = Home::with(&fake);
    let _ = home.ask(&["the heron"]).exits(0);
    let _ = home.jamey(&["backup"]).exits(0);
    let _ = home.ask(&["the kingfisher"]).exits(0);
    assert_eq!((sessions(&home), said(&home, "kingfisher")), (2, 1));
    // Nobody is here to say yes.
    let refused = home.jamey(&["restore", "--newest"]).exits(4);
    assert!(
        refused.stderr.contains("2 sessions") && refused.stderr.contains("1 session,"),
        "{}",
        refused.stderr
    );
    assert!(refused.stderr.contains("--yes"), "{}", refused.stderr);
    let pid = home.jamey(&["status", "--json"]).exits(0).json()["pid"].as_u64().unwrap();
    let done = home.jamey(&["restore", "--newest", "--yes"]).exits(0);
    assert!(done.stderr.contains("runs again") && done.stderr.contains("quarantine"), "{}", done.stderr);
    let status = home.jamey(&["status", "--no-start", "--json"]).exits(0).json();
    assert_ne!(status["pid"].as_u64().unwrap(), pid);
    assert_eq!((sessions(&home), said(&home, "heron"), said(&home, "kingfisher")), (1, 1, 0));
    // The other one comes back the same way, now with no runtime at all.
    let _ = home.jamey(&["runtime", "stop"]).exits(0);
    let aside = data(&home).join("quarantine");
    let old = aside.join(&names(&aside)[0]).join("jamey.db");
    let done = home.jamey(&["restore", old.to_str().unwrap(), "--yes", "--json"]).exits(0).json();
    assert_eq!(done["holds"]["sessions"], 2);
    let _ = home.jamey(&["status", "--no-start"]).exits(3);
    assert_eq!((sessions(&home), said(&home, "kingfisher")), (2, 1));
    let _ = home.jamey(&["runtime", "stop"]).exits(0);
}

#[test]
fn a_copy_that_will_not_do_is_refused_and_the_runtime_goes_on() {
    let fake = Fake::new(|_| Reply::text("certainly"));
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let _ = home.ask(&["the heron"]).exits(0);
    let copy = PathBuf::from(home.jamey(&["backup"]).exits(0).stdout.trim());
    let bad = home.file("bad.db", "no database at all");
    let mut torn = fs::read(&copy).unwrap();
    let middle = torn.len() / 2;
    torn[middle - 3000..middle].fill(0xA5);
    let torn_file = home.path().join("torn.db");
    fs::write(&torn_file, torn).unwrap();
    for file in [bad.to_str().unwrap(), torn_file.to_str().unwrap(), "jamey-19990101T000000Z.db"] {
        let refused = home.jamey(&["restore", file, "--yes"]);
        assert!(refused.code != 0, "{file}: {}", refused.stderr);
        assert!(refused.stderr.contains("jamey backup --list"), "{file}: {}", refused.stderr);
    }
    let status = home.jamey(&["status", "--no-start", "--json"]).exits(0).json();
    assert_eq!(status["pid"], runtime.pid());
    assert!(!data(&home).join("quarantine").exists());
    assert_eq!(said(&home, "heron"), 1);
}

#[test]
fn a_kill_in_the_middle_of_a_restore_loses_nothing() {
    let fake = Fake::new(|_| Reply::text("certainly"));
    let home = Home::with(&fake);
    let _ = home.ask(&["the heron"]).exits(0);
    let _ = home.jamey(&["backup"]).exits(0);
    let _ = home.ask(&["the kingfisher"]).exits(0);
    let _ = home.jamey(&["runtime", "stop"]).exits(0);
    let copy = data(&home).join("backups").join(&names(&data(&home).join("backups"))[0]);
    for round in 0..10u32 {
        let mut command = home.command("jamey-runtime");
        let mut child = command.args(["restore", "--apply", "--"]).arg(&copy).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(u64::from(round) * 3));
        child.kill().unwrap();
        child.wait().unwrap();
        let count = sessions(&home);
        assert!(count == 1 || count == 2, "round {round}: {count} sessions");
        let _ = home.jamey(&["runtime", "stop"]).exits(0);
        if count == 1 {
            // Whatever was in use before lies aside, whole.
            let aside = data(&home).join("quarantine");
            let newest = names(&aside).pop().unwrap();
            let old = aside.join(newest).join("jamey.db");
            let _ = home.jamey(&["restore", old.to_str().unwrap(), "--yes"]).exits(0);
            assert_eq!((sessions(&home), said(&home, "kingfisher")), (2, 1), "round {round}");
            let _ = home.jamey(&["runtime", "stop"]).exits(0);
        }
    }
}

#[test]
fn a_session_takes_its_files_with_it() {
    let fake = Fake::new(|seen| match seen.number {
        0 => Reply::call("shell_exec", &json!({"command": "seq 1 200000"})),
        _ => Reply::text("done"),
    });
    let home = Home::with(&fake);
    let _runtime = Runtime::start(&home);
    let _ = home.ask(&["--mode", "full", "count"]).exits(0);
    let blobs = data(&home).join("blobs");
    let folders = names(&blobs);
    assert_eq!(folders.len(), 1, "{folders:?}");
    assert_eq!(names(&blobs.join(&folders[0])).len(), 1);
    let status = home.jamey(&["status", "--json"]).exits(0).json();
    assert!(status["data"]["fileBytes"].as_u64().unwrap() > 1_000_000, "{status}");
    let _ = home.jamey(&["sessions", "delete", &folders[0], "--yes"]).exits(0);
    assert!(names(&blobs).is_empty());
}

#[test]
fn old_sessions_are_erased_when_the_person_wants_that_and_it_is_told() {
    let fake = Fake::new(|_| Reply::text("certainly"));
    let home = Home::with(&fake);
    let _ = home.ask(&["the heron"]).exits(0);
    let _ = home.ask(&["the kingfisher"]).exits(0);
    let _ = home.jamey(&["config", "set", "data.keep_days", "30"]).exits(0);
    let _ = home.jamey(&["runtime", "stop"]).exits(0);
    age(&data(&home).join("jamey.db"), "heron");
    let _runtime = Runtime::start(&home);
    let mended = wait::until_within(Duration::from_secs(30), "the old session to go", || {
        let status = home.jamey(&["status", "--json"]).exits(0).json();
        status["mended"].as_array()?.iter().find_map(|one| Some(one["text"].as_str()?.to_owned()))
    });
    assert!(mended.contains("1 session that") && mended.contains("30 days"), "{mended}");
    assert_eq!((sessions(&home), said(&home, "kingfisher")), (1, 1));
    assert_eq!(names(&data(&home).join("backups")).len(), 1, "a copy still has it");
}
