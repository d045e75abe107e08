//! A desktop that lacks what others have, and a person who gives too much.

use std::net::TcpListener;

use serde_json::json;

use super::{DRAFT, MAIN, faces::open_session, is_shown};
use crate::{
    Fake, Gate, Home, Reply,
    desktop::{Driver, Panel, Screen, Shell, Tray},
    wait::until,
};

/// What a person binds instead of a hotkey.
const COMMAND: &str = "jamey-desktop --quick";
/// Opens a page of the settings.
const SETTINGS: &str = "Settings";
/// Leaves the page of the first start, which has no list beside it.
const LATER: &str = "Skip for now";

pub(super) fn without_services_everything_else_works() {
    let gate = Gate::new();
    let fake = Fake::script([Reply::stream().delta("said while ").gate(&gate).delta("away").stop()]);
    let home = Home::with(&fake);
    let screen = Screen::begin(&home, Panel::Poor);
    let page = Driver::start(&screen, &home);
    let _ = open_session(&screen, &home, &page);
    // Nobody shows the notification; the window has the answer.
    page.say("go");
    gate.reached(1);
    page.shows("said while");
    screen.hide_all(&home);
    gate.open();
    // Its last words are there before its end is, and whoever is back by then is not told of it.
    page.shows("Jamey could not notify you");
    screen.show_all(&home);
    page.shows("said while away");
    page.shows("Jamey could not notify you");
    let shell = page.call("shell", &json!({}));
    assert_eq!(shell["tray"], false, "{shell}");
    page.press(SETTINGS);
    page.shows("This desktop has no tray");
    page.shows("This desktop shows no notifications");
    // Nobody keeps secrets: the key is kept in a file, and the page says where.
    page.press("Providers");
    page.press("Add a key: Anthropic");
    page.write("input[type=password]", "sk-ant-nowhere");
    page.press("Save key");
    page.shows("The key is kept in");
    page.shows(".env");
    let kept = home.jamey_home().join("config/.env");
    assert!(std::fs::read_to_string(&kept).unwrap().contains("sk-ant-nowhere"), "{}", kept.display());
}

/// Nobody can be told or asked there, and a second start knows nothing of the first.
pub(super) fn without_a_bus_everything_else_works() {
    let fake = Fake::new(|seen| Reply::text(&format!("you said {}", seen.prompt())));
    let home = Home::with(&fake);
    let _ = home.jamey(&["models", "default", crate::home::MODEL]).exits(0);
    let mut screen = Screen::begin(&home, Panel::Absent);
    screen.lose_bus();
    let page = Driver::start(&screen, &home);
    page.is_ready();
    page.say("go");
    page.shows("you said go");
    assert_eq!(page.call("shell", &json!({}))["tray"], false);
    screen.xdotool(&home, &["key", "ctrl+shift+space"]);
    until("the quick prompt", || is_shown(&screen, &home, super::QUICK));
}

pub(super) fn a_hotkey_that_is_taken_is_told() {
    let (first, second) = (Home::new(), Home::new());
    let screen = Screen::begin(&first, Panel::Shown);
    let _shell = Shell::start(&screen, &first, &["--background"]);
    Tray::find(&screen, &first).expect("Ready");
    let page = Driver::start(&screen, &second);
    page.is_ready();
    let shell = until("the hotkey to be refused", || {
        Some(page.call("shell", &json!({}))).filter(|shell| shell["hotkeyProblem"].is_string())
    });
    let problem = shell["hotkeyProblem"].as_str().unwrap();
    assert!(problem.contains("another program has it") && problem.contains(COMMAND), "{problem}");
    page.press(LATER);
    page.press(SETTINGS);
    page.shows("another program has it");
    page.shows(COMMAND);
    // Another that is free is taken, and one that is not leaves it.
    let free = page.call("set_shell", &json!({"change": {"hotkey": "Ctrl+Alt+J"}}));
    assert!(free["hotkeyProblem"].is_null(), "{free}");
    let taken = page.invoke("set_shell", &json!({"change": {"hotkey": "Ctrl+Shift+Space"}}));
    assert!(taken["error"]["hint"].as_str().is_some_and(|hint| hint.contains(COMMAND)), "{taken}");
    screen.xdotool(&second, &["key", "ctrl+alt+j"]);
    until("the quick prompt of the second", || is_shown(&screen, &second, super::QUICK));
}

pub(super) fn under_wayland_the_command_is_told() {
    // What the session says; the windows themselves come to the X server that is there.
    let home = Home::new().env("WAYLAND_DISPLAY", "wayland-none").env("GDK_BACKEND", "x11");
    let screen = Screen::begin(&home, Panel::Absent);
    let page = Driver::start(&screen, &home);
    page.is_ready();
    until("the main window", || is_shown(&screen, &home, MAIN));
    page.press(LATER);
    page.press(SETTINGS);
    page.shows("lets no program take a key for itself");
    page.shows(COMMAND);
}

pub(super) fn without_a_network_nothing_is_lost() {
    // Nobody listens there any more.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let home = Home::new()
        .env("OPENAI_BASE_URL", format!("http://127.0.0.1:{port}/v1"))
        .env("OPENAI_API_KEY", crate::home::KEY);
    let screen = Screen::begin(&home, Panel::Absent);
    let page = Driver::start(&screen, &home);
    let id = open_session(&screen, &home, &page);
    page.say("are you there");
    page.shows("nothing answers at");
    page.shows("check the base URL");
    page.shows("Try again");
    page.shows("are you there");
    assert_eq!(page.call("session", &json!({"id": id}))["status"], "idle");
}

/// Drops files on the window: so many, of so many bytes, of a kind.
const DROP: &str = "const [count, bytes, type, name] = arguments; const data = new DataTransfer();\
    for (let n = 0; n < count; n += 1) data.items.add(new File([new Uint8Array(bytes)], `${n}-${name}`, { type }));\
    const given = { bubbles: true, cancelable: true, dataTransfer: data };\
    document.body.dispatchEvent(new DragEvent('dragover', given));\
    document.body.dispatchEvent(new DragEvent('drop', given)); return data.files.length";

pub(super) fn too_much_is_refused_and_nothing_lost() {
    let line = "x".repeat(1 << 20);
    let fake = Fake::script([Reply::stream().delta(&line).delta(" and its end").stop()]);
    let home = Home::with(&fake);
    let screen = Screen::begin(&home, Panel::Absent);
    let page = Driver::start(&screen, &home);
    let _ = open_session(&screen, &home, &page);
    page.say("say a long line");
    page.shows("and its end");
    let wide = "return document.documentElement.scrollWidth > innerWidth || document.querySelector('.scroller').scrollWidth > innerWidth";
    assert_eq!(page.run(wide, &json!([])), false, "the line widens the page");
    page.write("textarea", DRAFT);
    assert_eq!(page.run(DROP, &json!([200, 10, "text/plain", "note.txt"])), 200);
    page.shows("200 files are too many");
    assert_eq!(page.run(DROP, &json!([1, 50_000_000, "image/png", "holiday.png"])), 1);
    page.shows("a picture may have");
    assert_eq!(page.draft(), DRAFT);
    // What is small enough still goes along.
    assert_eq!(page.run(DROP, &json!([1, 10, "text/plain", "small.txt"])), 1);
    page.shows("0-small.txt");
}
