//! One session in several faces at once.

use serde_json::json;

use super::{DRAFT, runtime_of};
use crate::{
    Fake, Gate, Home, Reply,
    desktop::{Driver, Panel, Screen, Tray},
    door::Door,
    home::MODEL,
    wait::until,
};

const QUESTION: &str = "Run this command?";

fn door(home: &Home) -> Door {
    Door::new(&home.jamey_home().join("run/runtime.sock"))
}

/// Makes a session and shows it in the window, as a second start with `--session` does.
pub(super) fn open_session(screen: &Screen, home: &Home, page: &Driver) -> String {
    page.is_ready();
    let session = page.call("create_session", &json!({"request": {"model": MODEL, "name": "Handed over"}}));
    let id = session["id"].as_str().unwrap().to_owned();
    let program = crate::bins::bin("jamey-desktop").display().to_string();
    let _ = screen.output(home, &program, &["--session", &id]);
    page.shows("Handed over");
    id
}

pub(super) fn an_approval_is_one_everywhere() {
    let command = json!({"command": "echo allowed-$((20 + 3))"});
    let gate = Gate::new();
    let second = Reply::stream().gate(&gate).tool(0, "shell_exec", &command).calls_end();
    let fake = Fake::script([
        Reply::call("shell_exec", &command),
        Reply::text("first done"),
        second,
        Reply::text("second done"),
    ]);
    let home = Home::with(&fake);
    let mut screen = Screen::begin(&home, Panel::Shown);
    screen.note_notifications(&home);
    let page = Driver::start(&screen, &home);
    let id = open_session(&screen, &home, &page);
    let tray = Tray::find(&screen, &home);
    tray.expect("Ready");
    let idle = tray.icon();
    page.say("run it");
    page.shows(QUESTION);
    page.shows("echo allowed-$((20 + 3))");
    tray.expect("Needs you");
    tray.expect("1 session waits for you");
    let needs_you = tray.other_icon(&idle);
    page.press("Allow once");
    page.shows("first done");
    page.hides(QUESTION);
    tray.expect("Ready");
    // The second time the window is away, a notification tells, and the answer is given elsewhere.
    page.say("again");
    gate.reached(1);
    tray.expect("1 turn running");
    let working = tray.other_icon(&idle);
    assert_ne!(working, needs_you, "a turn that runs looks like one that waits");
    screen.hide_all(&home);
    gate.open();
    until("a notification", || screen.notified(&home).contains("Needs you").then_some(()));
    tray.expect("Needs you");
    screen.show_all(&home);
    page.shows(QUESTION);
    let session = id.parse().unwrap();
    let approval = page.run("return document.querySelector('[data-approval]').dataset.approval", &json!([]));
    assert!(approval.is_string(), "no approval in the page");
    let decided = door(&home).decide(session, &approval, &json!({"type": "allow-once"}));
    assert!(matches!(decided.status, 200 | 202), "{decided:?}");
    page.hides(QUESTION);
    page.shows("second done");
    tray.expect("Ready");
}

pub(super) fn turns_are_handed_over() {
    handed_over(Home::new());
}

pub(super) fn turns_are_handed_over_in_a_home_of_any_name() {
    handed_over(Home::named("jt- \u{e9} \u{1f331}"));
}

fn handed_over(home: Home) {
    let (one, two, three) = (Gate::new(), Gate::new(), Gate::new());
    let fake = Fake::script([
        Reply::stream().delta("from the command ").gate(&one).delta("line").stop(),
        Reply::stream().delta("from the ").gate(&two).delta("window").stop(),
        Reply::stream().gate(&three).delta("told you").stop(),
    ]);
    let home = home.answered_by(&fake);
    let mut screen = Screen::begin(&home, Panel::Shown);
    screen.note_notifications(&home);
    let page = Driver::start(&screen, &home);
    let id = open_session(&screen, &home, &page);
    let ask = home.spawn(&["ask", "-s", &id, "-m", MODEL, "asked in a terminal"]);
    page.shows("asked in a terminal");
    // While it streams: the model is still held at its gate.
    page.shows("from the command");
    assert!(!page.has("from the command line"));
    one.open();
    page.shows("from the command line");
    let _ = ask.wait().exits(0);
    // The other way round.
    let door = door(&home);
    let head = page.call("session", &json!({"id": id}))["head"].as_u64().unwrap();
    let mut events = door.events(id.parse().unwrap(), head);
    page.say("asked in the window");
    let _ = events.until("itemDelta");
    two.open();
    page.shows("from the window");
    // A turn that was begun here and ends while the window is away is told.
    page.say("tell me");
    three.reached(1);
    super::close(&screen, &home);
    three.open();
    until("a notification", || screen.notified(&home).contains("The answer is there").then_some(()));
}

pub(super) fn a_restart_loses_nothing() {
    let fake = Fake::script([Reply::text("said before"), Reply::text("said after")]);
    let home = Home::with(&fake);
    let screen = Screen::begin(&home, Panel::Shown);
    let page = Driver::start(&screen, &home);
    let id = open_session(&screen, &home, &page);
    page.say("one");
    page.shows("said before");
    page.write("textarea", DRAFT);
    let before = runtime_of(&home);
    let _ = home.jamey(&["runtime", "restart"]).exits(0);
    assert_ne!(runtime_of(&home), before);
    until("the connection to be there again", || {
        (page.call("connection", &json!({}))["state"] == "ready").then_some(())
    });
    page.shows("said before");
    page.holds(DRAFT);
    let _ = home.jamey(&["ask", "-s", &id, "-m", MODEL, "two"]).exits(0);
    page.shows("said after");
    page.counts("said before", 1);
}
