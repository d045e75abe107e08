//! What happens to a runtime that lives: the machine stops in the middle of an answer, a bit of the
//! database flips below it, the terminal that it was started in is closed.
#![cfg(target_os = "linux")]

use std::{fs, os::unix::fs::FileExt, path::Path, process::Command};

use jamey_tests::{
    Fake, Gate, Home, Live, Ran, Reply, Runtime,
    home::MODEL,
    process,
    runtime::{is_alive, signal},
    wait,
};
use rustix::process::Signal;

/// Whether a process is stopped.
fn is_stopped(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| rest.trim().starts_with('T'))
}

/// A model whose first answer begins, waits at the first gate, and tells at the second that all was sent.
fn in_the_middle(end: &'static str) -> (Gate, Gate, Fake) {
    let (begun, sent) = (Gate::new(), Gate::new());
    sent.open();
    let gates = (begun.clone(), sent.clone());
    let fake = Fake::new(move |seen| {
        if seen.prompt() != "speak" {
            return Reply::text("I go on.");
        }
        let reply = Reply::stream().words("before it ").gate(&gates.0);
        match end {
            "whole" => reply.words("and after it").stop().gate(&gates.1),
            "cut" => reply.gate(&gates.1).cut(),
            _ => reply.gate(&gates.1).reset(),
        }
    });
    (begun, sent, fake)
}

#[test]
fn an_answer_that_went_on_while_the_machine_stood_still_is_there_whole_afterwards() {
    let (begun, sent, fake) = in_the_middle("whole");
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let face = home.spawn(&["ask", "-m", MODEL, "speak"]);
    face.expect("before it");
    begun.reached(1);
    signal(runtime.pid(), Signal::STOP);
    wait::until("the runtime to stand still", || is_stopped(runtime.pid()).then_some(()));
    begun.open();
    sent.reached(1);
    signal(runtime.pid(), Signal::CONT);
    let ran = face.wait().exits(0);
    assert_eq!(ran.stdout, "before it and after it\n");
    assert_eq!(fake.seen().len(), 1);
    runtime.stop();
}

#[test]
fn an_answer_that_broke_while_the_machine_stood_still_ends_with_what_had_come() {
    for end in ["cut", "reset"] {
        let (begun, sent, fake) = in_the_middle(end);
        let home = Home::with(&fake);
        let runtime = Runtime::start(&home);
        let face = home.spawn(&["ask", "-m", MODEL, "speak"]);
        face.expect("before it");
        begun.reached(1);
        signal(runtime.pid(), Signal::STOP);
        wait::until("the runtime to stand still", || is_stopped(runtime.pid()).then_some(()));
        begun.open();
        sent.reached(1);
        signal(runtime.pid(), Signal::CONT);
        let ran = face.wait().exits(5);
        assert!(ran.stdout.starts_with("before it") && ran.stderr.contains("hint: "), "{end}: {ran:?}");
        assert_eq!(fake.seen().len(), 1, "{end}: what was begun in front of the person was begun again");
        let _ = home.ask(&["-c", "go on"]).exits(0);
        assert!(fake.seen()[1].body.to_string().contains("before it"), "{end}: the model forgot its half");
        runtime.stop();
    }
}

/// Bytes of a page of the database.
const PAGE: u64 = 1024;

/// Flips one bit of a file that others have open.
fn flip(path: &Path, at: u64, bit: u8) {
    let file = fs::File::options().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    byte[0] ^= 1 << bit;
    file.write_all_at(&byte, at).unwrap();
}

/// How often damaged files were set aside.
fn set_aside(home: &Home) -> usize {
    fs::read_dir(home.jamey_home().join("data/quarantine")).map_or(0, Iterator::count)
}

#[track_caller]
fn answers_or_says_damaged(ran: &Ran, what: &str) {
    assert!(!ran.stderr.contains("panicked"), "{what}: {ran:?}");
    if ran.code != 0 {
        // 3 while it begins anew.
        assert!(matches!(ran.code, 1 | 2 | 3 | 5), "{what}: {ran:?}");
        assert!(ran.stderr.contains("jamey: "), "{what}: {ran:?}");
    }
}

#[test]
fn a_bit_that_flips_in_the_database_of_a_living_runtime_ends_no_runtime_and_no_history() {
    let fake = Fake::new(|seen| Reply::text(&format!("heron {} {}", seen.prompt(), "word ".repeat(300))));
    let home = Home::with(&fake);
    let database = home.jamey_home().join("data/jamey.db");
    let backups = home.jamey_home().join("data/backups");
    let runtime = Runtime::start(&home);
    for number in 0..8 {
        let _ = home.ask(&["-q", &format!("question {number}")]).exits(0);
    }
    wait::until("the first backup", || {
        let is_copy = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with("jamey-");
        fs::read_dir(&backups).ok()?.flatten().find(is_copy)
    });
    runtime.stop();
    let sound = fs::read(&database).unwrap();
    let pages = sound.len() as u64 / PAGE;
    assert!(pages > 20, "{pages} pages");
    let mut met = 0;
    // In the first bytes of a page stands what kind it is and where its cells are; behind, what they hold.
    for (page, byte, bit) in (1..pages)
        .step_by(3)
        .zip([0, 3, 9, 500].into_iter().cycle())
        .zip([0, 2, 6].into_iter().cycle())
        .map(|((page, byte), bit)| (page, byte, bit))
    {
        for old in ["jamey.db-wal", "jamey.db-shm", "jamey.db-suspect"] {
            let _ = fs::remove_file(database.with_file_name(old));
        }
        fs::write(&database, &sound).unwrap();
        let runtime = Runtime::start(&home);
        flip(&database, page * PAGE + byte, bit);
        let before = set_aside(&home);
        let what = format!("bit {bit} of byte {byte} of page {page}");
        let list = home.jamey(&["sessions", "--json"]);
        answers_or_says_damaged(&list, &what);
        for words in [&["sessions", "search", "heron"][..], &["ask", "-m", MODEL, "-q", "-c", "more"]] {
            answers_or_says_damaged(&home.jamey(words), &what);
        }
        if list.code == 0 {
            for one in list.json()["data"].as_array().unwrap() {
                answers_or_says_damaged(
                    &home.jamey(&["sessions", "show", one["id"].as_str().unwrap()]),
                    &what,
                );
            }
        }
        assert!(is_alive(runtime.pid()), "{what}");
        // It may be on its way to begin anew.
        let door = runtime.door();
        wait::until("the runtime to answer", || door.call("GET", "/v1/hello", None).ok());
        runtime.stop();
        // What was met is mended from the backup: at once, but once an hour at most, or by the next start.
        let runtime = Runtime::start(&home);
        let status = runtime.door().get("/v1/status").json();
        if set_aside(&home) > before {
            met += 1;
            let found = home.jamey(&["sessions", "search", "heron"]);
            assert!(found.stdout.contains("heron"), "{what}: {found:?} {status:#}");
        }
        let _ = home.ask(&["-q", "after"]).exits(0);
        runtime.stop();
    }
    println!("damage was met {met} times");
    assert!(met > 0, "no flipped bit was ever met");
}

/// Starts a program in a terminal of its own, which is gone when the result is. It takes the shell's place: the kernel
/// hangs up on the leader of the session alone, and a shell that was itself started under `nohup`, as these tests may
/// be, does not hear that and passes nothing on.
fn in_a_terminal(home: &Home, command: &str) -> Live {
    let mut terminal = home.dress(Command::new("script"));
    let command = format!("exec {command}");
    terminal.args(["--quiet", "--flush", "--command", &command, "/dev/null"]).env("SHELL", "/bin/sh");
    Live::spawn(&mut terminal)
}

fn pid_in(home: &Home) -> u32 {
    let socket = home.jamey_home().join("run/runtime.sock");
    let door = jamey_tests::Door::new(&socket);
    let hello = wait::until("the runtime to answer", || door.call("GET", "/v1/hello", None).ok());
    u32::try_from(hello.json()["pid"].as_u64().unwrap()).unwrap()
}

fn log(home: &Home) -> String {
    fs::read_to_string(home.jamey_home().join("cache/logs/runtime.log")).unwrap_or_default()
}

/// Shows what the runtime said and how the kernel sees it if the test fails while this lives.
struct Told<'a> {
    home: &'a Home,
    pid: u32,
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap_or_default();
            let is_of_interest =
                |line: &&str| ["State", "Sig", "Shd", "Threads"].iter().any(|name| line.starts_with(name));
            let state: Vec<&str> = status.lines().filter(is_of_interest).collect();
            println!("process {}: {state:?}\nits log:\n{}", self.pid, log(self.home));
        }
    }
}

#[test]
fn under_nohup_a_runtime_outlives_its_terminal_and_without_it_ends_cleanly() {
    let runtime = jamey_tests::bins::bin("jamey-runtime");
    let home = Home::new();
    let terminal = in_a_terminal(&home, &format!("nohup {} start --foreground", runtime.display()));
    let pid = pid_in(&home);
    let told = Told { home: &home, pid };
    // The master's side goes, and the kernel hangs up on the leader behind it.
    drop(terminal);
    wait::until("the hang-up to be heard", || {
        log(&home).contains("was read again, as a signal asked").then_some(())
    });
    assert_eq!(home.jamey(&["runtime", "status", "--json"]).exits(0).json()["pid"], pid);
    let _ = home.jamey(&["runtime", "stop"]).exits(0);
    drop(told);

    let home = Home::new();
    let terminal = in_a_terminal(&home, &format!("{} start --foreground", runtime.display()));
    let pid = pid_in(&home);
    let told = Told { home: &home, pid };
    drop(terminal);
    wait::until("the runtime to end with its terminal", || (!is_alive(pid)).then_some(()));
    assert!(log(&home).contains("the runtime ended"), "it ended without closing what was open");
    let _ = process::run(home.command("jamey").args(["runtime", "stop"]), b"").exits(0);
    drop(told);
}
