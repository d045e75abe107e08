//! `jamey-keeper`, which Windows starts at log-on, with the real runtime. What it does is the same on every
//! system, so it is seen here.
#![cfg(unix)]

use std::{
    fs,
    process::{Child, Stdio},
};

use jamey_tests::{Home, process, runtime::signal, wait};
use rustix::process::Signal;

/// A keeper that runs.
fn keeper(home: &Home) -> Child {
    let mut command = home.command("jamey-keeper");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// The process that answers, once one does that is another than `before`.
fn answering(home: &Home, before: u32) -> u32 {
    wait::until("another runtime", || {
        let ran = home.jamey(&["runtime", "status", "--json"]);
        let pid = (ran.code == 0).then(|| ran.json()["pid"].as_u64().unwrap())?;
        u32::try_from(pid).ok().filter(|pid| *pid != before)
    })
}

fn code(keeper: &mut Child) -> i32 {
    wait::until("the keeper's end", || keeper.try_wait().unwrap()).code().unwrap()
}

#[test]
fn a_killed_runtime_comes_again_and_a_stopped_one_does_not() {
    let home = Home::new();
    let mut keeper = keeper(&home);
    let first = answering(&home, 0);
    signal(first, Signal::KILL);
    answering(&home, first);
    assert!(keeper.try_wait().unwrap().is_none());
    let _ = home.jamey(&["runtime", "stop"]).exits(0);
    assert_eq!(code(&mut keeper), 0);
    let _ = home.jamey(&["runtime", "status"]).exits(3);
    let log = fs::read_to_string(home.jamey_home().join("cache/logs/start.log")).unwrap();
    assert!(log.contains("is started again"), "{log}");
}

#[test]
fn a_stop_at_once_ends_the_keeper_before_it_could_take_that_for_a_crash() {
    let home = Home::new();
    let mut keeper = keeper(&home);
    let pid = answering(&home, 0);
    // One that hangs is killed.
    signal(pid, Signal::STOP);
    let _ = home.jamey(&["runtime", "stop", "--now"]).exits(0);
    wait::until("the keeper's end", || keeper.try_wait().unwrap());
    let _ = home.jamey(&["runtime", "status"]).exits(3);
}

#[test]
fn where_a_keeper_is_wanted_every_start_and_restart_goes_through_it() {
    let home = Home::new();
    fs::create_dir_all(home.jamey_home().join("data")).unwrap();
    fs::write(home.jamey_home().join("data/kept.txt"), "").unwrap();
    let is_kept = || home.processes().iter().any(|(_, line)| line.contains("jamey-keeper"));
    let _ = home.jamey(&["runtime", "start"]).exits(0);
    let first = answering(&home, 0);
    assert!(is_kept());
    let _ = home.jamey(&["runtime", "restart"]).exits(0);
    answering(&home, first);
    assert!(is_kept());
    let refused = home.jamey(&["runtime", "restart", "--port", "4000"]).exits(2);
    assert!(refused.stderr.contains("when you log on"), "{}", refused.stderr);
    let _ = home.jamey(&["runtime", "stop"]).exits(0);
    assert!(!is_kept());
}

#[test]
fn a_wrong_configuration_is_no_crash() {
    let home = Home::new();
    fs::create_dir_all(home.jamey_home().join("config")).unwrap();
    fs::write(home.jamey_home().join("config/runtime.toml"), "[api\n").unwrap();
    assert_eq!(code(&mut keeper(&home)), 78);
    // And whoever starts it through the keeper is told why.
    fs::create_dir_all(home.jamey_home().join("data")).unwrap();
    fs::write(home.jamey_home().join("data/kept.txt"), "").unwrap();
    let ran = home.jamey(&["runtime", "start"]).exits(78);
    assert!(ran.stderr.contains("runtime.toml"), "{}", ran.stderr);
}

#[test]
fn words_that_are_no_variables_are_refused_and_a_home_is_taken() {
    let home = Home::new();
    let wrong = process::run(home.command("jamey-keeper").arg("start"), b"");
    assert_eq!(wrong.code, 2);
    let other = home.path().join("other home");
    let mut command = home.command("jamey-keeper");
    command.arg(format!("JAMEY_HOME={}", other.display())).stdin(Stdio::null());
    let mut keeper = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let status =
        || process::run(home.command("jamey").args(["runtime", "status"]).env("JAMEY_HOME", &other), b"");
    wait::until("the runtime of the other home", || (status().code == 0).then_some(()));
    let stop = process::run(home.command("jamey").args(["runtime", "stop"]).env("JAMEY_HOME", &other), b"");
    assert_eq!(stop.code, 0, "{stop:?}");
    assert_eq!(code(&mut keeper), 0);
}
