//! Machines on which something is missing or forbidden: what a person is told, and what goes all the same.
#![cfg(unix)]

use std::fs;

use jamey_tests::{Fake, Home, ReadOnly, Reply, Runtime, process};

#[test]
fn a_home_on_a_read_only_disk_is_told_by_every_command_with_what_to_do() {
    let fake = Fake::new(|_| Reply::text("noted"));
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let _ = home.ask(&["before"]).exits(0);
    runtime.stop();
    let disk = ReadOnly::at(&home.jamey_home());
    for words in [&["ask", "hi"][..], &["runtime", "start"], &["sessions"], &["runtime", "restart"]] {
        let ran = home.jamey(words);
        assert!(matches!(ran.code, 1 | 3 | 78), "{words:?}: {ran:?}");
        assert!(ran.stderr.contains("hint: "), "{words:?}: {ran:?}");
        assert!(!ran.stderr.contains("panicked"), "{words:?}: {ran:?}");
    }
    let ran = process::run(home.command("jamey-runtime").args(["start", "--foreground"]), b"");
    assert!(matches!(ran.code, 1 | 78), "{ran:?}");
    let place = home.jamey_home().display().to_string();
    assert!(ran.stderr.contains(&place) && ran.stderr.contains("hint: "), "{ran:?}");
    // What only reads goes.
    assert_eq!(home.jamey(&["config", "get", "api.port"]).exits(0).stdout.trim(), "3000");
    let set = home.jamey(&["config", "set", "api.port", "4000"]).exits(1);
    assert!(
        set.stderr.contains("runtime.toml cannot be written") && set.stderr.contains("hint: "),
        "{set:?}"
    );
    let _ = home.jamey(&["runtime", "logs", "-n", "1"]).exits(0);
    let _ = home.jamey(&["runtime", "stop"]).exits(0);
    drop(disk);
    let _ = home.ask(&["-c", "after"]).exits(0);
}

#[cfg(target_os = "linux")]
#[test]
fn without_systemd_the_desktop_starts_the_runtime_and_uninstall_leaves_nothing() {
    // A PATH without systemctl, as on a system that has none.
    let home = Home::new().env("PATH", "/nowhere");
    let ran = home.jamey(&["runtime", "install", "--dry-run"]).exits(0);
    let said = ran.stdout + &ran.stderr;
    assert!(said.contains("no systemd of yours answers") && said.contains("autostart"), "{said}");
    let _ = home.jamey(&["runtime", "install"]).exits(0);
    let entries = || fs::read_dir(home.path().join(".config/autostart")).map_or(0, Iterator::count);
    assert_eq!(entries(), 1);
    let _ = home.jamey(&["runtime", "install"]).exits(0);
    assert_eq!(entries(), 1, "installing twice is installing once");
    let _ = home.jamey(&["runtime", "uninstall"]).exits(0);
    assert_eq!(entries(), 0);
    let _ = home.jamey(&["runtime", "stop"]).exits(0);
    assert_eq!(home.processes(), []);
}

#[test]
fn a_configuration_of_ten_megabytes_is_named_with_its_size_and_the_limit() {
    let home = Home::new();
    let folder = home.jamey_home().join("config");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("runtime.toml"), vec![b'#'; 10 << 20]).unwrap();
    for words in [&["ask", "hi"][..], &["runtime", "start"], &["config", "check"], &["config", "get"]] {
        let ran = home.jamey(words).exits(78);
        assert!(ran.stderr.contains("10485760 bytes") && ran.stderr.contains("1 MiB"), "{words:?}: {ran:?}");
    }
}
