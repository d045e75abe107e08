//! Notifications, clicked.

use serde_json::json;

use super::{MAIN, close, faces::open_session, is_shown};
use crate::{
    Fake, Home, Reply,
    desktop::{Bell, Driver, Panel, Screen},
    door::Door,
    home::MODEL,
    wait::until,
};

pub(super) fn a_click_on_a_notification_opens_its_session() {
    let command = json!({"command": "echo asked"});
    let fake = Fake::script([Reply::call("shell_exec", &command), Reply::call("shell_exec", &command)]);
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
    let _ = screen.output(&home, "wmctrl", &["-k", "on"]);
    Door::new(&home.jamey_home().join("run/runtime.sock")).say(waiting, "run it");
    let shown = bell.rung("Needs you");
    assert_eq!(shown.summary, "Waits for a click");
    bell.click(&shown);
    page.shows("Run this command?");
    page.shows("echo asked");
    until("the window to come back", || is_shown(&screen, &home, MAIN));
    // Nor does it need the window to be there.
    page.press("Deny");
    close(&screen, &home);
    bell.click(&shown);
    until("the window to open again", || is_shown(&screen, &home, MAIN));
}
