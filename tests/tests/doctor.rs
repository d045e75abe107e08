//! `jamey doctor` and what the runtime does for itself, with the real binaries.
#![cfg(unix)]

use std::{
    fs,
    io::{Seek, SeekFrom, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use jamey_tests::{Fake, Home, Reply, Runtime, wait};
use serde_json::{Value, json};

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

#[track_caller]
fn part<'a>(report: &'a Value, name: &str) -> &'a Value {
    let checks = report["checks"].as_array().unwrap();
    checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("no {name} in {report:#}"))
}

#[test]
fn a_runtime_that_is_well_gets_a_clean_bill() {
    let fake = Fake::new(|_| Reply::text("well"));
    let home = Home::with(&fake).env("JAMEY_MODELS_DEFAULT", "openai/scripted");
    let runtime = Runtime::start(&home);
    let report = home.jamey(&["doctor", "--json"]).exits(0).json();
    assert_eq!(report["ok"], true, "{report:#}");
    for name in ["folders", "config", "programs", "runtime", "socket", "database", "disk", "clock", "model"] {
        assert_ne!(part(&report, name)["state"], "broken", "{report:#}");
    }
    assert!(
        part(&report, "provider")["finding"].as_str().unwrap().starts_with("openai: answers"),
        "{report:#}"
    );
    let shown = home.jamey(&["doctor"]).exits(0).stdout;
    assert!(shown.contains("✓ database") && !shown.contains('\u{1b}'), "{shown}");
    let status = home.jamey(&["status"]).exits(0).stdout;
    assert!(status.contains("health "), "{status}");
    runtime.stop();
}

#[test]
fn what_is_loose_or_left_behind_is_mended_and_the_runtime_is_started() {
    let fake = Fake::new(|_| Reply::text("well"));
    let home = Home::with(&fake).env("JAMEY_MODELS_DEFAULT", "openai/scripted");
    // A runtime that was killed leaves its socket.
    Runtime::start(&home).kill();
    let jamey = home.jamey_home();
    fs::write(jamey.join("config/.env"), "X=y\n").unwrap();
    chmod(&jamey.join("config/.env"), 0o644);
    chmod(&jamey.join("data"), 0o755);
    chmod(&jamey.join("run"), 0o755);
    fs::remove_dir_all(jamey.join("cache")).unwrap();

    let report = home.jamey(&["doctor", "--json"]).exits(1).json();
    assert!(part(&report, "folders")["canMend"].as_bool().unwrap(), "{report:#}");
    assert_eq!(part(&report, "runtime")["finding"], "none is running");
    let told = home.jamey(&["doctor"]).exits(1).stdout;
    assert!(told.contains("jamey doctor --fix"), "{told}");

    let mended = home.jamey(&["doctor", "--fix"]).exits(0).stdout;
    for word in [
        "mended: closed",
        "mended: made the folder",
        "mended: removed the socket",
        "mended: started the runtime",
    ] {
        assert!(mended.contains(word), "{word}: {mended}");
    }
    let mode = |path: &str| fs::metadata(jamey.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!([mode("config/.env"), mode("data"), mode("run"), mode("cache")], [0o600, 0o700, 0o700, 0o700]);
    let again = home.jamey(&["doctor", "--fix", "--json"]).exits(0).json();
    assert!(
        again["checks"].as_array().unwrap().iter().all(|check| check.get("mended").is_none()),
        "{again:#}"
    );
    let _ = home.jamey(&["runtime", "stop"]).exits(0);
}

/// Writes over the database from its second page on, under the hands of a running runtime.
fn damage(db: &Path) {
    let mut file = fs::OpenOptions::new().write(true).open(db).unwrap();
    let bytes = file.metadata().unwrap().len();
    file.seek(SeekFrom::Start(4096)).unwrap();
    file.write_all(&vec![0xa5; usize::try_from(bytes - 4096).unwrap()]).unwrap();
    file.sync_all().unwrap();
}

/// A home with a session in its backup, its runtime, and damage that was not met yet.
fn damaged() -> (Home, Runtime, Fake, String) {
    let fake = Fake::new(|_| Reply::text("kept"));
    let home = Home::with(&fake).env("JAMEY_MODELS_DEFAULT", "openai/scripted");
    let runtime = Runtime::start(&home);
    let _ = home.ask(&["first"]).exits(0);
    let session = runtime.door().get("/v1/sessions").json()["data"][0]["id"].as_str().unwrap().to_owned();
    let backups = home.jamey_home().join("data/backups");
    wait::until("the daily backup", || {
        fs::read_dir(&backups)
            .ok()?
            .flatten()
            .find(|it| it.file_name().to_string_lossy().starts_with("jamey-"))
    });
    // The next life reads nothing from memory.
    runtime.stop();
    let runtime = Runtime::start(&home);
    damage(&home.jamey_home().join("data/jamey.db"));
    (home, runtime, fake, session)
}

#[test]
fn a_database_that_is_damaged_while_running_is_restored_by_the_runtime_itself() {
    let (home, runtime, _fake, session) = damaged();
    let door = runtime.door();
    // Somebody reads, and meets the damage.
    let _ = door.get(&format!("/v1/sessions/{session}/items"));
    let status = wait::until("the runtime to come back", || {
        let answer = door.call("GET", "/v1/status", None).ok().filter(|answer| answer.status == 200)?;
        Some(answer.json()).filter(|status| status["notices"].to_string().contains("was restored"))
    });
    assert_eq!(status["pid"], runtime.pid(), "it is the same process: {status:#}");
    assert!(status["mended"].to_string().contains("restarted the runtime"), "{status:#}");
    let items = door.get(&format!("/v1/sessions/{session}/items")).json();
    assert!(items["data"].to_string().contains("kept"), "{items:#}");
    assert!(home.jamey_home().join("data/quarantine").is_dir());
    // It is a whole runtime again: turns, a clean end.
    let _ = home.ask(&["and on"]).exits(0);
    runtime.stop();
}

#[test]
fn the_doctor_has_a_damaged_database_restored() {
    let (home, runtime, _fake, session) = damaged();
    // As if it had begun anew a moment ago, so that it does not again by itself.
    fs::write(home.jamey_home().join("cache/begun-anew"), "").unwrap();
    let door = runtime.door();
    let _ = door.get(&format!("/v1/sessions/{session}/items"));
    wait::until("the damage to be noticed", || {
        let report = door.get("/v1/health").json();
        Some(()).filter(|()| part(&report, "database")["state"] == "broken")
    });
    let mended = home.jamey(&["doctor", "--fix", "--json"]).exits(0).json();
    let database = part(&mended, "database");
    assert_eq!(database["state"], "fine", "{mended:#}");
    assert!(database["mended"].as_str().unwrap().contains("begins anew"), "{mended:#}");
    assert!(mended.to_string().contains("was restored"), "{mended:#}");
    assert_eq!(door.get("/v1/status").json()["pid"], json!(runtime.pid()));
    runtime.stop();
}
