//! A runtime that is missing, of another version, killed or hanging.

use std::time::Instant;

use serde_json::json;

use super::{DRAFT, faces::open_session, runtime_of};
use crate::{
    Fake, Home, Reply,
    bins::bin,
    desktop::{Driver, Panel, Screen, Tray},
    stranger,
    wait::until,
};

pub(super) fn a_killed_runtime_is_mended() {
    let fake = Fake::new(|_| Reply::text("here I am"));
    let home = Home::with(&fake);
    let screen = Screen::begin(&home, Panel::Shown);
    let page = Driver::start(&screen, &home);
    let _ = open_session(&screen, &home, &page);
    ready(&page);
    page.write("textarea", DRAFT);
    crate::runtime::signal(runtime_of(&home).unwrap(), rustix::process::Signal::KILL);
    page.shows("The connection to the runtime is lost");
    let tray = Tray::find(&screen, &home);
    tray.expect("no runtime answers");
    let trouble = tray.icon();
    page.press("Start it");
    page.hides("The connection to the runtime is lost");
    ready(&page);
    let _ = tray.other_icon(&trouble);
    page.holds(DRAFT);
    let sessions = page.call("sessions", &json!({"cursor": null, "limit": 10}));
    assert_eq!(sessions["data"].as_array().map(Vec::len), Some(1), "{sessions}");
}

pub(super) fn a_hanging_runtime_is_noticed_and_mended_with_the_button() {
    let fake = Fake::new(|_| Reply::text("here I am"));
    let home = Home::with(&fake);
    let screen = Screen::begin(&home, Panel::Absent);
    let page = Driver::start(&screen, &home);
    let _ = open_session(&screen, &home, &page);
    ready(&page);
    let pid = runtime_of(&home).unwrap();
    crate::runtime::signal(pid, rustix::process::Signal::STOP);
    let began = Instant::now();
    page.say("are you there");
    page.shows("The connection to the runtime is lost");
    println!("    a hang is told after {:?}", began.elapsed());
    page.press("Start it");
    page.hides("The connection to the runtime is lost");
    println!("    and mended after {:?}", began.elapsed());
    ready(&page);
    assert_ne!(runtime_of(&home), Some(pid));
    // The words are there, sent or not.
    let words = "return document.body.innerText + document.querySelector('textarea').value";
    // The session is read anew first.
    until("the words", || {
        let shown = page.run(words, &json!([]));
        shown.as_str().is_some_and(|shown| shown.contains("are you there")).then_some(())
    });
}

pub(super) fn a_missing_runtime_is_told() {
    let home = Home::new().env("PATH", "/usr/bin:/bin");
    let screen = Screen::begin(&home, Panel::Absent);
    let alone = home.path().join("alone");
    std::fs::create_dir(&alone).unwrap();
    let copied = |name: &str| {
        std::fs::copy(bin(name), alone.join(name)).unwrap();
        alone.join(name)
    };
    let page = Driver::start_program(&screen, &home, &copied("jamey-desktop"), &[]);
    page.is_ready();
    page.shows("runtime does not answer");
    page.shows("jamey-runtime is neither beside");
    page.press("Start it");
    // It still is not there, and the button stays.
    page.shows("runtime does not answer");
    let _ = copied("jamey-runtime");
    // The window may have found it by itself before the button is pressed.
    until("a runtime", || {
        let _ = page.presses("Start it");
        runtime_of(&home)
    });
    page.hides("runtime does not answer");
    ready(&page);
}

pub(super) fn an_older_runtime_is_told_and_replaced() {
    let fake = Fake::new(|_| Reply::text("here I am"));
    let home = Home::with(&fake);
    let screen = Screen::begin(&home, Panel::Absent);
    let other = stranger::of_another_protocol(&home, "0.9");
    let page = Driver::start(&screen, &home);
    page.is_ready();
    page.shows("The window and the runtime do not fit together");
    page.write("textarea", DRAFT);
    page.press("Restart it");
    page.hides("do not fit together");
    let _ = other.wait();
    ready(&page);
    page.holds(DRAFT);
}

pub(super) fn a_newer_runtime_is_told_and_the_window_begins_anew() {
    let home = Home::new();
    let screen = Screen::begin(&home, Panel::Absent);
    let other = stranger::of_another_protocol(&home, "2.0");
    let page = Driver::start(&screen, &home);
    page.is_ready();
    page.shows("The runtime is newer than this window");
    page.write("textarea", DRAFT);
    let desktops = || {
        let all = home.processes().into_iter();
        all.filter(|(_, line)| line.trim().ends_with("jamey-desktop")).map(|(pid, _)| pid).collect::<Vec<_>>()
    };
    let before = desktops();
    // The one that is pressed may be gone before it can say so.
    let _ = page.presses("Reopen the window");
    until("another desktop", || desktops().iter().any(|pid| !before.contains(pid)).then_some(()));
    until("its window", || screen.windows(&home, super::MAIN).pop());
    until("the first one to end", || (!desktops().iter().any(|pid| before.contains(pid))).then_some(()));
    // One that has ended has no command line any more.
    let line = std::fs::read(format!("/proc/{}/cmdline", other.pid())).unwrap_or_default();
    assert!(!line.is_empty(), "it has turns of others");
    until("the draft in the field", || (super::field(&screen, &home) == DRAFT).then_some(()));
}

pub(super) fn a_runtime_that_works_on_its_database_is_waited_for() {
    let home = Home::new();
    let screen = Screen::begin(&home, Panel::Shown);
    let other = stranger::that_prepares(&home);
    let page = Driver::start(&screen, &home);
    page.is_ready();
    page.shows("The runtime prepares its database");
    Tray::find(&screen, &home).expect("still prepares its database");
    // Nobody can end it from here.
    assert!(!page.presses("Start it"));
    let refused = page.invoke("mend", &json!({}));
    assert!(refused["error"]["message"].as_str().is_some_and(|text| text.contains("database")), "{refused}");
    drop(other);
    page.hides("The runtime prepares its database");
    ready(&page);
}

fn ready(page: &Driver) {
    until("the connection to be ready", || {
        (page.call("connection", &json!({}))["state"] == "ready").then_some(())
    });
}
