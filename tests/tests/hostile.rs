//! Bad input from the machine itself: configuration, folders, disks, databases, and nonsense at the
//! door. Each ends in one sentence that names the cause and the next step; nothing is lost.
#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use jamey_tests::{Door, Fake, Home, Ran, Reply, Runtime, process, wait};
use serde_json::json;

/// Starts the runtime in the foreground where it must refuse.
#[track_caller]
fn refused(home: &Home, code: i32, words: &[&str]) -> Ran {
    let ran = process::run(home.command("jamey-runtime").args(["start", "--foreground"]), b"").exits(code);
    for word in words {
        assert!(ran.stderr.contains(word), "no {word:?} in {}", ran.stderr);
    }
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    ran
}

fn config_file(home: &Home) -> PathBuf {
    let file = PathBuf::from(home.jamey(&["config", "path"]).exits(0).stdout.trim());
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    file
}

fn database(home: &Home) -> PathBuf {
    home.jamey_home().join("data/jamey.db")
}

/// A home with one answered session, its runtime ended cleanly.
fn with_history(fake: &Fake) -> Home {
    let home = Home::with(fake);
    let runtime = Runtime::start(&home);
    let _ = home.ask(&["remember the heron"]).exits(0);
    runtime.stop();
    home
}

#[test]
fn a_broken_configuration_is_named_with_its_line() {
    for (text, words) in [
        ("[logging]\nlevel = \"info\"\nlevel = \"warn\"\n", &["runtime.toml:3"][..]),
        ("[logging\n", &["runtime.toml:1"]),
        ("[tools]\nexecution_timeout_seconds = \"soon\"\n", &["runtime.toml:2", "execution_timeout_seconds"]),
        ("[logging]\nlevel = \"loud\"\n", &["runtime.toml:2", "level"]),
    ] {
        let home = Home::new();
        fs::write(config_file(&home), text).unwrap();
        let _ = refused(&home, 78, words);
        let asked = home.jamey(&["ask", "hi"]).exits(78);
        assert!(asked.stderr.contains(words[0]), "{}", asked.stderr);
    }
}

#[test]
fn a_configuration_without_end_is_not_read() {
    let home = Home::new();
    fs::write(config_file(&home), "# filler\n".repeat(1_200_000)).unwrap();
    let _ = refused(&home, 78, &["runtime.toml"]);
    fs::remove_file(config_file(&home)).unwrap();
    fs::create_dir(config_file(&home)).unwrap();
    let _ = refused(&home, 78, &["runtime.toml"]);
}

#[test]
fn a_configuration_that_breaks_later_leaves_the_last_good_one_in_force() {
    let fake = Fake::new(|_| Reply::text("still here"));
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let file = config_file(&home);
    let good = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{good}\n[logging\n")).unwrap();
    let _ = home.ask(&["hi"]).exits(0);
    runtime.stop();
    let _runtime = Runtime::start(&home);
    let _ = home.ask(&["hi"]).exits(0);
    let checked = home.jamey(&["config", "check"]).exits(78);
    assert!(
        (checked.stdout + &checked.stderr).contains("runtime.toml:"),
        "the place of the fault is not told"
    );
}

#[test]
fn what_a_windows_editor_writes_is_understood_and_a_typo_is_pointed_out() {
    let home = Home::new();
    fs::write(config_file(&home), "\u{feff}[logging]\r\nlevl = \"info\"\r\nlevel = \"warn\"\r\n").unwrap();
    let _runtime = Runtime::start(&home);
    let checked = home.jamey(&["config", "check"]);
    let said = checked.stdout + &checked.stderr;
    assert!(said.contains("levl") && said.contains("level"), "{said}");
}

#[test]
fn a_working_folder_gives_no_orders() {
    let trap = Fake::new(|_| Reply::text("caught"));
    let fake = Fake::new(|_| Reply::text("the right one"));
    let home = Home::with(&fake);
    let redirect = format!("OPENAI_BASE_URL={}\nJAMEY_HOME=/tmp/elsewhere\n", trap.base_url());
    home.file(".env", &redirect);
    let config = format!("[providers.openai]\nbase_url = \"{}\"\n", trap.base_url());
    home.file("runtime.toml", &config);
    home.file("config/runtime.toml", &config);
    home.file(".jamey/runtime.toml", &config);
    let ran = home.ask(&["hi"]).exits(0);
    assert_eq!(ran.stdout, "the right one\n");
    assert!(trap.seen().is_empty());
}

#[test]
fn a_socket_folder_that_others_can_enter_is_refused() {
    let home = Home::new();
    let run = home.jamey_home().join("run");
    fs::create_dir(&run).unwrap();
    fs::set_permissions(&run, fs::Permissions::from_mode(0o777)).unwrap();
    let _ = refused(&home, 78, &["run", "chmod"]);
    fs::remove_dir(&run).unwrap();
    let elsewhere = home.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o700)).unwrap();
    symlink(&elsewhere, &run).unwrap();
    let _ = refused(&home, 78, &["run"]);
    fs::remove_file(&run).unwrap();
    if rustix::process::geteuid().is_root() {
        fs::create_dir(&run).unwrap();
        fs::set_permissions(&run, fs::Permissions::from_mode(0o700)).unwrap();
        std::os::unix::fs::chown(&run, Some(65534), Some(65534)).unwrap();
        let _ = refused(&home, 78, &["run"]);
        let asked = home.jamey(&["ask", "hi"]).exits(78);
        assert!(asked.stderr.contains("run"), "{}", asked.stderr);
    }
}

#[test]
fn a_home_that_cannot_be_written_is_named() {
    for place in ["/proc/jamey", "/dev/null/jamey"] {
        let home = Home::new().env("JAMEY_HOME", place);
        let _ = refused(&home, 78, &[place]);
        let asked = home.jamey(&["ask", "hi"]).exits(78);
        assert!(asked.stderr.contains(place), "{}", asked.stderr);
    }
    let home = Home::new().env("JAMEY_HOME", "relative/folder");
    let asked = home.jamey(&["ask", "hi"]).exits(78);
    assert!(asked.stderr.contains("JAMEY_HOME"), "{}", asked.stderr);
}

#[test]
fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    let fake = Fake::new(|_| Reply::text("noted"));
    let home = with_history(&fake);
    from_the_future(&database(&home));
    let bytes = fs::read(database(&home)).unwrap();
    let ran = process::run(home.command("jamey-runtime").args(["start", "--foreground"]), b"");
    assert!(!matches!(ran.code, 0 | 101), "{ran:?}");
    assert!(ran.stderr.contains("999") && ran.stderr.contains("newer"), "{}", ran.stderr);
    assert_eq!(fs::read(database(&home)).unwrap(), bytes);
}

/// Notes in the database that a step to version 999 was made.
fn from_the_future(database: &Path) {
    use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
    let note = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
        VALUES (999, 'later', true, x'00', 0)";
    let noted = async {
        let mut connection = SqliteConnectOptions::new().filename(database).connect().await?;
        sqlx::query(note).execute(&mut connection).await?;
        connection.close().await
    };
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(noted).unwrap();
}

#[test]
fn a_damaged_database_is_set_aside_and_the_backup_takes_its_place() {
    let fake = Fake::new(|_| Reply::text("noted"));
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let _ = home.ask(&["remember the heron"]).exits(0);
    let backups = home.jamey_home().join("data/backups");
    wait::until("the first backup", || {
        let is_copy = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with("jamey-");
        fs::read_dir(&backups).ok()?.flatten().find(is_copy)
    });
    runtime.stop();
    damage(&database(&home));
    let runtime = Runtime::start(&home);
    told_of_damage(&runtime.door(), "restored");
    let found = home.jamey(&["sessions", "search", "heron"]).exits(0);
    assert!(found.stdout.contains("heron"), "{found:?}");
    let quarantine = home.jamey_home().join("data/quarantine");
    assert!(fs::read_dir(quarantine).unwrap().count() > 0, "the damaged files are gone");
    let _ = home.ask(&["-c", "and?"]).exits(0);
}

#[test]
fn without_a_backup_a_damaged_history_is_not_silently_empty() {
    for ruin in [damage as fn(&Path), empty, replace_by_folder] {
        let fake = Fake::new(|_| Reply::text("noted"));
        let home = with_history(&fake);
        ruin(&database(&home));
        let ran = process::run(home.command("jamey-runtime").arg("start"), b"");
        if ran.code == 0 {
            let runtime = home.jamey(&["runtime", "status", "--json"]).exits(0).json();
            assert!(runtime["notices"].to_string().contains("EMPTY"), "{runtime}");
            let asked = home.ask(&["hi"]).exits(0);
            assert_eq!(asked.stdout, "noted\n");
        } else {
            assert!(ran.stderr.contains("jamey.db") && !ran.stderr.contains("panicked"), "{ran:?}");
        }
    }
}

fn damage(database: &Path) {
    let mut bytes = fs::read(database).unwrap();
    let pages = bytes.len() / 4096;
    assert!(pages > 4, "{pages} pages");
    for page in 1..pages {
        bytes[page * 4096..][..512].fill(0xA5);
    }
    fs::write(database, bytes).unwrap();
}

fn empty(database: &Path) {
    fs::write(database, b"").unwrap();
}

fn replace_by_folder(database: &Path) {
    fs::remove_file(database).unwrap();
    fs::create_dir(database).unwrap();
}

#[track_caller]
fn told_of_damage(door: &Door, word: &str) {
    let status = door.get("/v1/status").json();
    let notices = status["notices"].to_string();
    assert!(notices.contains("damaged") && notices.contains(word), "{notices}");
}

/// A disk of few megabytes at a folder, where the system lets us make one.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn at(folder: &Path) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=12m,mode=700", "none"])
            .arg(folder)
            .output();
        mounted.is_ok_and(|ran| ran.status.success()).then(|| Self(folder.to_path_buf()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

#[test]
fn a_full_disk_fails_one_prompt_and_loses_nothing() {
    let fake = Fake::new(|_| Reply::text("noted"));
    let home = Home::with(&fake);
    let Some(_disk) = SmallDisk::at(&home.jamey_home()) else {
        return full_by_limit(&home);
    };
    let runtime = Runtime::start(&home);
    let _ = home.ask(&["before"]).exits(0);
    let filler = home.jamey_home().join("filler");
    let filled = fs::write(&filler, vec![0; 16 << 20]);
    assert!(filled.is_err(), "the small disk is not small");
    // The last free bytes may still hold a prompt or two.
    let refused = (0..200).find_map(|_| {
        let ran = home.ask(&["-c", &"while it is full ".repeat(2_000)]);
        (ran.code != 0).then_some(ran)
    });
    let refused = refused.expect("two hundred prompts fit on a full disk");
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("disk is full"), "{}", refused.stderr);
    fs::remove_file(filler).unwrap();
    let _ = home.ask(&["-c", "after"]).exits(0);
    let said: Vec<String> = fake.seen().last().unwrap().messages().iter().map(ToString::to_string).collect();
    assert!(
        said.iter().any(|text| text.contains("before")) && said.iter().any(|text| text.contains("after"))
    );
    runtime.stop();
}

/// The same where no disk can be made: files of the runtime may not grow beyond a limit.
fn full_by_limit(home: &Home) {
    let runtime = Runtime::start(home);
    let _ = home.ask(&["before"]).exits(0);
    runtime.stop();
    let program = home.command("jamey-runtime").get_program().to_owned();
    let mut limited = home.dress(Command::new("sh"));
    limited.args(["-c", "trap '' XFSZ; ulimit -f 400; exec \"$0\" \"$@\""]).arg(program);
    let runtime = Runtime::start_as(home, limited);
    let refused = home.ask(&["-c", &"too much ".repeat(60_000)]);
    assert!(matches!(refused.code, 1 | 2), "{refused:?}");
    drop(runtime);
    let _runtime = Runtime::start(home);
    let _ = home.ask(&["-c", "after"]).exits(0);
}

#[test]
fn nonsense_at_the_door_is_refused_politely_and_the_runtime_lives() {
    let home = Home::new();
    let runtime = Runtime::start(&home);
    let door = runtime.door();
    let long = "x".repeat(200_000);
    let many = "X-A: b\r\n".repeat(10_000);
    let json_head = "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    for request in [
        b"GET /v1/hello\r\n\r\n".to_vec(),
        b"\0\0\0\0\r\n\r\n".to_vec(),
        format!("{json_head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").into_bytes(),
        format!("{json_head}Content-Length: 1099511627776\r\n\r\n{{}}").into_bytes(),
        b"GET /v1/sessions/%00%2e%2e/%c0%af HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(),
        b"GET /v1/sessions/..%2f..%2fetc/events?after=-1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            .to_vec(),
        format!("GET /{long} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").into_bytes(),
        format!("GET /v1/hello HTTP/1.1\r\nHost: x\r\n{many}\r\n").into_bytes(),
        b"GET /v1/hello HTTP/1.1\r\nHost: x\r\nOrigin: https://evil.example\r\nConnection: close\r\n\r\n"
            .to_vec(),
        b"OPTIONS /v1/sessions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(),
        vec![0xff; 100_000],
    ] {
        // Being cut off is an answer too.
        let answer = door.raw(&request).unwrap_or_default();
        let text = String::from_utf8_lossy(&answer).to_lowercase();
        let shown = String::from_utf8_lossy(&request[..request.len().min(80)]).into_owned();
        assert!(!text.contains("http/1.1 5"), "{shown:?}: {text}");
        assert!(!text.starts_with("http/1.1 2"), "{shown:?}: {text}");
        assert!(!text.contains("access-control-allow"), "{shown:?}: {text}");
    }
    for (method, path, body) in [
        ("POST", "/v1/sessions", json!({"cwd": "relative"})),
        ("POST", "/v1/sessions", json!({"cwd": "/no/such/folder"})),
        ("POST", "/v1/sessions", json!({"cwd": "/tmp", "unknown": 1})),
        ("POST", "/v1/sessions", json!([])),
        ("POST", "/v1/sessions", json!({"cwd": "/tmp", "name": "a\u{1b}b"})),
        ("PATCH", "/v1/config", json!({"key": "no.such.key", "value": 1})),
        ("GET", "/v1/sessions/nobody", json!(null)),
        ("GET", "/v1/sessions?after=%27%3B--", json!(null)),
        ("DELETE", "/v1/hello", json!(null)),
        ("GET", "/v2/hello", json!(null)),
    ] {
        let answer = door.call(method, path, Some(&body)).unwrap();
        assert!((400..500).contains(&answer.status), "{method} {path} {body}: {answer:?}");
        let error = answer.json();
        assert!(error["code"].is_string() && error["message"].is_string(), "{method} {path}: {answer:?}");
    }
    assert_eq!(door.get("/v1/status").status, 200);
}

#[test]
fn what_is_searched_for_is_words_and_never_a_query_language() {
    let fake = Fake::new(|_| Reply::text("noted"));
    let home = Home::with(&fake);
    let _ = home.ask(&["the heron said \"quark\" AND left"]).exits(0);
    for words in ["\" OR NEAR(* -- ;", "AND", "quark*", "col:heron", "(", "'; DROP TABLE events; --"] {
        let ran = home.jamey(&["sessions", "search", "--", words]);
        assert!(matches!(ran.code, 0..=2), "{words:?}: {ran:?}");
        assert!(
            !ran.stderr.to_lowercase().contains("sql") && !ran.stderr.contains("fts"),
            "{words:?}: {ran:?}"
        );
    }
    let found = home.jamey(&["sessions", "search", "heron"]).exits(0);
    assert!(found.stdout.contains("heron"), "{found:?}");
}

#[test]
fn a_face_that_never_reads_neither_stops_the_turn_nor_misses_anything_later() {
    let fake = Fake::new(|_| {
        let mut reply = Reply::stream();
        for number in 0..3_000 {
            reply = reply.delta(&format!("{number} {} ", "x".repeat(200)));
        }
        reply.stop()
    });
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let door = runtime.door();
    let session = door.new_session(&home.work(), json!({}));
    let mut sleeper = door.events(session, 0);
    for _ in 0..3 {
        let mut events = door.events(session, door.history(session).len() as u64);
        door.say(session, "speak at length");
        assert_eq!(events.until("turnEnded")["body"]["outcome"]["type"], "completed");
    }
    let all = door.history(session);
    let mut lines: Vec<String> = Vec::new();
    while lines.len() < all.len() {
        match sleeper.next_raw() {
            Some((Some(seq), text)) => {
                assert_eq!(seq, lines.len() as u64 + 1, "a gap");
                lines.push(text);
            }
            Some((None, _)) => {}
            // It was let go, and comes back with its place.
            None => sleeper = door.events(session, lines.len() as u64),
        }
    }
    assert_eq!(lines, all);
}

#[test]
fn a_folder_that_is_gone_is_named() {
    let fake = Fake::new(|_| Reply::text("noted"));
    let home = Home::with(&fake);
    let gone = home.work().join("gone");
    let ran = home.jamey(&["ask", "-m", jamey_tests::home::MODEL, "-C", gone.to_str().unwrap(), "hi"]);
    assert!(matches!(ran.code, 1 | 2), "{ran:?}");
    assert!(ran.stderr.contains("gone"), "{}", ran.stderr);
}
