//! A clock that is set wrong and right again while the runtime lives: the wall clock of the real program
//! is moved by a library between it and the system, its other clocks stay true.
#![cfg(target_os = "linux")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use jamey_tests::{Fake, Gate, Home, Reply, Runtime, wait};
use serde_json::{Value, json};

/// The library that moves the clock.
fn library() -> PathBuf {
    let mut places = vec![PathBuf::from("/usr/lib/faketime")];
    for entry in fs::read_dir("/usr/lib").unwrap().flatten() {
        places.push(entry.path().join("faketime"));
    }
    let found = places.into_iter().map(|place| place.join("libfaketimeMT.so.1")).find(|path| path.exists());
    found.expect("libfaketime is missing: apt-get install libfaketime")
}

/// A clock that can be set.
struct Wall(PathBuf);

impl Wall {
    fn new(home: &Home) -> Self {
        let wall = Self(home.path().join("clock"));
        wall.set("+0");
        wall
    }

    /// Moves it, such as by `+1d`. Readers see the old or the new, never half.
    fn set(&self, by: &str) {
        let new = self.0.with_extension("new");
        fs::write(&new, format!("{by}\n")).unwrap();
        fs::rename(new, &self.0).unwrap();
    }

    /// The runtime with this clock.
    fn runtime(&self, home: &Home) -> Runtime {
        let mut command = home.command("jamey-runtime");
        command
            .env("LD_PRELOAD", library())
            .env("FAKETIME_TIMESTAMP_FILE", &self.0)
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("DONT_FAKE_MONOTONIC", "1")
            .env("NO_FAKE_STAT", "1");
        Runtime::start_as(home, command)
    }
}

fn kinds(history: &[String], kind: &str) -> usize {
    let is_kind = |line: &&String| serde_json::from_str::<Value>(line).unwrap()["body"]["type"] == kind;
    history.iter().filter(is_kind).count()
}

fn at(line: &str) -> i64 {
    serde_json::from_str::<Value>(line).unwrap()["at"].as_i64().unwrap()
}

const DAY: i64 = 86_400_000;

#[test]
fn a_turn_goes_on_and_ends_once_when_the_clock_jumps_a_day_either_way() {
    let gate = Gate::new();
    let held = gate.clone();
    let fake = Fake::new(move |seen| match (seen.prompt(), seen.number, seen.outputs().as_slice()) {
        ("stream", _, _) => Reply::stream().words("begun ").gate(&held).words("and finished").stop(),
        ("tool", _, []) => Reply::call(
            "shell_exec",
            &json!({"command": "echo began > mark; until [ -e go ]; do sleep 0.05; done; env; echo the tool ended"}),
        ),
        ("tool", _, outputs) => Reply::text(outputs[0]),
        ("retry", 3, _) => Reply::status(503, "busy").header("retry-after", "2"),
        _ => Reply::text("answered"),
    });
    let home = Home::with(&fake);
    let wall = Wall::new(&home);
    let runtime = wall.runtime(&home);
    let door = runtime.door();
    let session = door.new_session(&home.work(), json!({"mode": "full"}));
    let mut events = door.events(session, 0);
    let began = at(&door.history(session)[0]);

    door.say(session, "stream");
    gate.reached(1);
    wall.set("+1d");
    gate.open();
    assert_eq!(events.until("turnEnded")["body"]["outcome"]["type"], "completed");

    door.say(session, "tool");
    let mark = home.work().join("mark");
    wait::until("the tool to begin", || mark.exists().then_some(()));
    wall.set("-1d");
    home.file("go", "");
    let ended = events.until("turnEnded");
    assert_eq!(ended["body"]["outcome"]["type"], "completed");
    assert!(ended["at"].as_i64().unwrap() < began, "the clock was set back: {ended}");

    door.say(session, "retry");
    let _ = events.until("notice");
    wall.set("+1d");
    assert_eq!(events.until("turnEnded")["body"]["outcome"]["type"], "completed");

    let history = door.history(session);
    assert_eq!((kinds(&history, "turnStarted"), kinds(&history, "turnEnded")), (3, 3));
    assert_eq!(fake.seen().len(), 5, "each turn asked as often as it had to");
    for (number, line) in history.iter().enumerate() {
        assert_eq!(serde_json::from_str::<Value>(line).unwrap()["seq"], number as u64 + 1);
    }
    let times: Vec<i64> = history.iter().map(|line| at(line) - began).collect();
    assert!(times.iter().any(|at| *at > DAY / 2) && times.iter().any(|at| *at < -DAY / 2), "{times:?}");
    // What moves our clock is not handed to the commands of tools.
    let outputs: Vec<_> = history.iter().filter(|line| line.contains("PATH=")).collect();
    assert!(!outputs.is_empty(), "{history:?}");
    assert!(
        !outputs.iter().any(|line| line.contains("LD_PRELOAD") || line.contains("FAKETIME")),
        "{outputs:?}"
    );
    let took = history.iter().filter_map(|line| line.split("\"tookMs\":").nth(1)).map(|rest| {
        rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse::<i64>().unwrap()
    });
    assert!(took.into_iter().all(|took| took < DAY / 2), "a day is not how long the tool took");
    assert_eq!(door.get("/v1/status").json()["running"], 0);
    runtime.stop();
    let log = fs::read_to_string(log(&home)).unwrap_or_default() + &aside(&home);
    assert_eq!(log.matches("\"a turn ended\"").count(), 3, "{log}");
    assert!(log.contains("the runtime ended"));
}

#[test]
fn what_changed_last_is_known_after_a_day_on_which_the_clock_was_wrong() {
    let fake = Fake::new(|seen| Reply::text(&format!("to {}", seen.prompt())));
    let home = Home::with(&fake);
    let wall = Wall::new(&home);
    let runtime = wall.runtime(&home);
    let new = |name: &str| home.jamey(&["new", "--name", name, "-m", jamey_tests::home::MODEL]).exits(0);
    let listed = || -> Vec<String> {
        let list = home.jamey(&["sessions", "--json"]).exits(0).json();
        list["data"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    let _ = new("before");
    wall.set("+1d");
    let _ = new("ahead");
    let _ = home.jamey(&["ask", "-s", "ahead", "one"]).exits(0);
    wall.set("+0");
    let _ = new("after");
    assert_eq!(listed(), ["after", "ahead", "before"]);
    let _ = home.jamey(&["ask", "-s", "before", "two"]).exits(0);
    assert_eq!(listed(), ["before", "after", "ahead"]);
    let _ = home.jamey(&["ask", "-c", "three"]).exits(0);
    let history = runtime.door().get("/v1/sessions").json()["data"][0].clone();
    assert_eq!(history["name"], "before", "--continue goes on with what was last");
    runtime.stop();
    // Also after a start.
    let runtime = wall.runtime(&home);
    let _ = home.jamey(&["ask", "-s", "after", "four"]).exits(0);
    assert_eq!(listed(), ["after", "before", "ahead"]);
    // And the monitor, the log and the status go on.
    wall.set("-1d");
    let view = runtime.door().get("/v1/monitor?hours=24&points=10").json();
    assert!(view["now"]["memory"].is_object(), "{view}");
    let people = home.jamey(&["sessions"]).exits(0);
    assert!(people.stdout.contains("ahead"), "{people:?}");
    runtime.stop();
}

fn log(home: &Home) -> PathBuf {
    home.jamey_home().join("cache/logs/runtime.log")
}

/// What was put aside because the day changed.
fn aside(home: &Home) -> String {
    let folder = log(home);
    let folder: &Path = folder.parent().unwrap();
    let files = fs::read_dir(folder).unwrap().flatten();
    let aside = files.filter(|file| file.file_name().to_string_lossy().starts_with("runtime.log."));
    aside.map(|file| fs::read_to_string(file.path()).unwrap()).collect()
}
