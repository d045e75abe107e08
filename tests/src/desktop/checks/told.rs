//! Notifications, clicked.

use std::time::Duration;

use serde_json::json;

use super::{MAIN, close, faces::open_session, is_shown};
use crate::{
    Fake, Gate, Home, Reply,
    desktop::{Bell, Driver, Panel, Screen, is_renewed},
    door::Door,
    home::MODEL,
    wait::until,
};

/// The desktop gives memory back so long after its last page is gone, and somewhat later on a busy machine.
const RENEWED_BY: Duration = Duration::from_secs(25);

pub(super) fn a_click_on_a_notification_opens_its_session() {
    let command = json!({"command": "echo <b>asked"});
    let fake = Fake::script(std::array::from_fn::<_, 3, _>(|_| Reply::call("shell_exec", &command)));
    let home = Home::with(&fake);
    let screen = Screen::begin(&home, Panel::Shown);
    let bell = Bell::hang(&screen);
    let page = Driver::start(&screen, &home);
    page.is_ready();
    let made =
        page.call("create_session", &json!({"request": {"model": MODEL, "name": "Waits for a click"}}));
    let waiting: jamey_protocol::SessionId = made["id"].as_str().unwrap().parse().unwrap();
    let _ = open_session(&screen, &home, &page);
    // The window shows another session and is out of sight.
    screen.hide_all(&home);
    let door = Door::new(&home.jamey_home().join("run/runtime.sock"));
    let mut events = door.events(waiting, 0);
    door.say(waiting, "run it");
    let shown = bell.rung("Needs you");
    assert_eq!(shown.summary, "Waits for a click");
    assert!(shown.body.contains("echo &lt;b&gt;asked"), "{} is read as markup", shown.body);
    bell.click(&shown);
    page.shows("Run this command?");
    page.shows("echo <b>asked");
    until("the window to come back", || is_shown(&screen, &home, MAIN));
    bell.taken_back(&shown);
    close(&screen, &home);
    // What is answered elsewhere waits for nobody any more.
    let mut deny = || {
        let approval = events.until("approvalRequested")["body"]["approval"]["id"].clone();
        let denied = door.decide(waiting, &approval, &json!({"type": "deny", "reason": ""}));
        assert!(matches!(denied.status, 200 | 202), "{denied:?}");
    };
    deny();
    let shown = bell.rung("Needs you");
    deny();
    bell.taken_back(&shown);
    // Nor does a click need the window to be there.
    bell.click(&bell.rung("Needs you"));
    until("the window to open again", || is_shown(&screen, &home, MAIN));
}

pub(super) fn memory_is_given_back_when_nothing_waits_any_more() {
    let gate = Gate::new();
    let fake = Fake::script([Reply::stream().delta("begun ").gate(&gate).delta("and done").stop()]);
    let home = Home::with(&fake);
    let screen = Screen::begin(&home, Panel::Shown);
    let bell = Bell::hang(&screen);
    let page = Driver::start(&screen, &home);
    let _ = open_session(&screen, &home, &page);
    page.say("go");
    gate.reached(1);
    let (desktop, _) =
        home.processes().into_iter().find(|(_, line)| line.contains("jamey-desktop")).expect("the desktop");
    close(&screen, &home);
    // Nothing tells that it stays as it is.
    std::thread::sleep(RENEWED_BY);
    assert!(!is_renewed(desktop), "a turn that was begun here still runs");
    gate.open();
    let shown = bell.rung("The answer is there");
    std::thread::sleep(RENEWED_BY);
    assert!(!is_renewed(desktop), "nobody would hear a click on the notification");
    bell.put_away(&shown);
    until("the memory to be given back", || is_renewed(desktop).then_some(()));
}
