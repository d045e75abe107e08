//! A page whose process dies, and a desktop whose window is closed.

use std::time::{Duration, Instant};

use super::{
    DRAFT, MAIN, close, faces::open_session, field, is_gone, is_kept, is_shown, mebibytes, runtime_of,
};
use crate::{
    Fake, Home, Reply,
    bins::bin,
    desktop::{Driver, Panel, Screen, Shell, Tray},
    wait::{until, until_within},
};

pub(super) fn a_dead_page_comes_back() {
    let fake = Fake::new(|_| Reply::text("heard"));
    let home = Home::with(&fake);
    let _ = home.jamey(&["models", "default", crate::home::MODEL]).exits(0);
    let id = home.jamey(&["new"]).exits(0).stdout.trim().to_owned();
    let screen = Screen::begin(&home, Panel::Shown);
    let mut shell = Shell::start(&screen, &home, &["--session", &id]);
    until("the main window", || is_shown(&screen, &home, MAIN));
    let engine = || engine(&home);
    let first = until("the page's process", engine);
    // Its page has asked for what it shows, so it is there.
    Tray::find(&screen, &home).expect("Ready");
    // A page may get to all keys of one try during the next; so none looks like another.
    let mut tries = 0;
    let draft = until("a draft in the field", || {
        tries += 1;
        let draft = format!("{DRAFT} {tries}");
        screen.xdotool(&home, &["key", "--clearmodifiers", "ctrl+l", "ctrl+a"]);
        screen.xdotool(&home, &["type", "--delay", "5", &draft]);
        // It copies when it gets to that key, which may be after the clipboard was read.
        (0..30).any(|_| field(&screen, &home) == draft).then_some(draft)
    });
    is_kept(&home, &draft);
    crate::runtime::signal(first, rustix::process::Signal::KILL);
    until("another process for the page", || engine().filter(|pid| *pid != first));
    assert!(shell.is_alive());
    assert!(runtime_of(&home).is_some());
    // It shows the session that it showed, and in its field what stood there: that is said in it.
    until("the draft in the page that came back", || {
        screen.xdotool(&home, &["key", "--clearmodifiers", "ctrl+l", "Return"]);
        (!fake.seen().is_empty()).then_some(())
    });
    assert_eq!(fake.seen()[0].prompt(), draft);
    until("it in the session", || {
        home.jamey(&["sessions", "show", &id]).stdout.contains(&draft).then_some(())
    });
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

fn engine(home: &Home) -> Option<u32> {
    let all = home.processes();
    all.into_iter().find(|(_, line)| line.contains("WebKitWebProcess")).map(|(pid, _)| pid)
}

/// A process of the engine without a page takes less, in kilobytes.
const PAGE: u64 = 100_000;

fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kilobytes| kilobytes.parse().ok()).unwrap_or_default()
}

/// Nor does that end the desktop where no tray holds it.
pub(super) fn a_page_that_dies_again_and_again_is_given_up() {
    let home = Home::new();
    let screen = Screen::begin(&home, Panel::Absent);
    let mut shell = Shell::start(&screen, &home, &[]);
    until("the main window", || is_shown(&screen, &home, MAIN));
    until("the runtime", || runtime_of(&home));
    let mut last = None;
    for _ in 0..4 {
        // One that dies before it has its page is none that anybody saw.
        let next = until("the page's process with its page", || {
            engine(&home).filter(|pid| Some(*pid) != last && resident(*pid) > PAGE)
        });
        crate::runtime::signal(next, rustix::process::Signal::KILL);
        last = Some(next);
    }
    until("the question", || is_shown(&screen, &home, "window failed"));
    until("the window to go", || is_gone(&screen, &home, MAIN));
    assert!(shell.is_alive(), "the desktop ended");
    assert!(runtime_of(&home).is_some(), "the runtime ended");
    let log = std::fs::read_to_string(home.jamey_home().join("cache/logs/desktop.log")).unwrap();
    assert!(log.contains("the page main died") && log.contains("is not begun again"), "{log}");
    let mut second = Shell::start(&screen, &home, &[]);
    assert_eq!(second.ended(), 0, "the first one is there");
    until("the window", || is_shown(&screen, &home, MAIN));
}

pub(super) fn a_dead_page_shows_again_what_it_showed() {
    let fake = Fake::new(|_| Reply::text("the answer from before"));
    let home = Home::with(&fake);
    let screen = Screen::begin(&home, Panel::Shown);
    let page = Driver::start(&screen, &home);
    let id = open_session(&screen, &home, &page);
    page.say("something");
    page.shows("the answer from before");
    let at = page.run("return location.hash", &serde_json::json!([]));
    assert_eq!(at, format!("#session/{id}"));
    page.write("textarea", DRAFT);
    // As a page that begins anew does.
    let _ = page.run("location.reload()", &serde_json::json!([]));
    page.is_ready();
    page.shows("the answer from before");
    page.holds(DRAFT);
}

/// As a package manager does it: the old file goes, the new one comes.
pub(super) fn a_program_that_was_replaced_stays_the_only_one() {
    let home = Home::new();
    let screen = Screen::begin(&home, Panel::Shown);
    let folder = home.path().join("installed");
    std::fs::create_dir(&folder).unwrap();
    let program = folder.join("jamey-desktop");
    for name in ["jamey-desktop", "jamey-runtime"] {
        std::fs::copy(bin(name), folder.join(name)).unwrap();
    }
    let mut shell = Shell::start_program(&screen, &home, &program, &[]);
    until("the main window", || is_shown(&screen, &home, MAIN));
    Tray::find(&screen, &home).expect("Ready");
    std::fs::remove_file(&program).unwrap();
    close(&screen, &home);
    // Nothing tells that it tried in vain to become a fresh process.
    std::thread::sleep(Duration::from_secs(25));
    let mut second = Shell::start(&screen, &home, &[]);
    assert_eq!(second.ended(), 0, "the first one still has its name");
    until("its window", || is_shown(&screen, &home, MAIN));
    assert!(shell.is_alive() && !shell.is_renewed());
    std::fs::copy(bin("jamey-desktop"), &program).unwrap();
    close(&screen, &home);
    until("the new program in its place", || shell.is_renewed().then_some(()));
    Tray::find(&screen, &home).expect("Ready");
    let mut third = Shell::start(&screen, &home, &[]);
    assert_eq!(third.ended(), 0, "and that has the name again");
    until("its window", || is_shown(&screen, &home, MAIN));
}
