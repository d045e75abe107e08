//! A page whose process dies, and a desktop whose window is closed.

use std::time::{Duration, Instant};

use super::{MAIN, close, is_shown, mebibytes, runtime_of};
use crate::{
    Home,
    desktop::{Panel, Screen, Shell, Tray},
    wait::{until, until_within},
};

pub(super) fn a_dead_page_comes_back() {
    let home = Home::new();
    let screen = Screen::begin(&home, Panel::Shown);
    let mut shell = Shell::start(&screen, &home, &[]);
    until("the main window", || is_shown(&screen, &home, MAIN));
    let engine = || {
        let all = home.processes();
        all.into_iter().find(|(_, line)| line.contains("WebKitWebProcess")).map(|(pid, _)| pid)
    };
    let first = until("the page's process", engine);
    // Its page has asked for what it shows, so it is there.
    Tray::find(&screen, &home).expect("Ready");
    crate::runtime::signal(first, rustix::process::Signal::KILL);
    until("another process for the page", || engine().filter(|pid| *pid != first));
    assert!(shell.is_alive());
    assert!(runtime_of(&home).is_some());
    // The desktop becomes a fresh process when its window has been closed for a while.
    close(&screen, &home);
    let closed = Instant::now();
    until_within(Duration::from_secs(90), "the memory to come back", || engine().is_none().then_some(()));
    let line = || std::fs::read_to_string(format!("/proc/{}/cmdline", shell.pid())).unwrap_or_default();
    until_within(Duration::from_secs(90), "a fresh process", || {
        line().contains("--background").then_some(())
    });
    Tray::find(&screen, &home).expect("Ready");
    std::thread::sleep(Duration::from_secs(5));
    println!("    {:?} after closing: {:.1} MiB", closed.elapsed(), mebibytes(shell.memory()));
    let mut second = Shell::start(&screen, &home, &[]);
    assert_eq!(second.ended(), 0, "the fresh process is the first one still");
    until("the main window", || is_shown(&screen, &home, MAIN));
}
