//! What must hold of the desktop on a real screen.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Driver, Panel, Screen, Shell, Tray};
use crate::{
    Fake, Home, Reply,
    home::MODEL,
    wait::{until, until_within},
};

/// The title of the main window; that of the quick prompt goes on behind it.
const MAIN: &str = "^Jamey$";
const QUICK: &str = "quick prompt";
/// So many pieces does the long answer have.
const PIECES: usize = 10_000;

/// A check with its name.
pub type Check = (&'static str, fn());

/// All checks, in the order in which they are made.
pub const ALL: &[Check] = &[
    ("the tray, the hotkey, a second start, closing and quitting", shell_lives_in_the_tray),
    ("a turn reaches the page, and a long answer in few messages", a_turn_reaches_the_page),
    ("nothing that a page sends does harm", a_hostile_page_gets_errors),
    ("a killed runtime is noticed and mended", a_killed_runtime_is_mended),
    ("a page that dies comes back", a_dead_page_comes_back),
    ("without a tray the last window ends the desktop", without_a_tray_it_ends),
];

fn is_shown(screen: &Screen, home: &Home, title: &str) -> Option<()> {
    (!screen.windows(home, title).is_empty()).then_some(())
}

fn is_gone(screen: &Screen, home: &Home, title: &str) -> Option<()> {
    screen.windows(home, title).is_empty().then_some(())
}

#[allow(clippy::cast_precision_loss)]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

fn shell_lives_in_the_tray() {
    let home = Home::new();
    let screen = Screen::begin(&home, Panel::Shown);
    let mut shell = Shell::start(&screen, &home, &["--background"]);
    let tray = Tray::find(&screen, &home);
    tray.expect("Ready");
    assert!(screen.windows(&home, "Jamey").is_empty(), "a start in the background shows nothing");
    std::thread::sleep(Duration::from_secs(5));
    println!("    in the tray, never opened: {:.1} MiB", mebibytes(shell.memory()));
    println!("    wakeups in the tray: {:.1} a second", shell.wakeups(Duration::from_secs(10)));

    let began = Instant::now();
    screen.xdotool(&home, &["key", "ctrl+shift+space"]);
    until("the quick prompt on the hotkey", || is_shown(&screen, &home, QUICK));
    println!("    hotkey to quick prompt, cold: {:?}", began.elapsed());
    std::thread::sleep(Duration::from_secs(1));
    screen.xdotool(&home, &["key", "ctrl+shift+space"]);
    until("the hotkey to hide it again", || is_gone(&screen, &home, QUICK));
    std::thread::sleep(Duration::from_secs(1));
    let began = Instant::now();
    screen.xdotool(&home, &["key", "ctrl+shift+space"]);
    until("the quick prompt once more", || is_shown(&screen, &home, QUICK));
    println!("    hotkey to quick prompt, warm: {:?}", began.elapsed());
    std::thread::sleep(Duration::from_secs(1));

    tray.choose("Open Jamey");
    until("the main window", || is_shown(&screen, &home, MAIN));
    until("the quick prompt to yield", || is_gone(&screen, &home, QUICK));
    let began = Instant::now();
    let mut second = Shell::start(&screen, &home, &[]);
    assert_eq!(second.ended(), 0, "a second start hands over and ends");
    println!("    a second start: {:?}", began.elapsed());
    assert_eq!(screen.windows(&home, MAIN).len(), 1);
    println!("    with its window: {:.1} MiB", mebibytes(shell.memory()));

    close(&screen, &home);
    until("the window to close", || is_gone(&screen, &home, MAIN));
    assert!(shell.is_alive(), "closing leaves the tray");
    println!("    just closed: {:.1} MiB", mebibytes(shell.memory()));

    let tray = Tray::find(&screen, &home);
    tray.choose("Start at login");
    let entries = home.path().join(".config/autostart");
    let names = || std::fs::read_dir(&entries).into_iter().flatten().flatten().count();
    until("an entry to start at login", || (names() == 1).then_some(()));
    tray.choose("Start at login");
    until("no entry to start at login", || (names() == 0).then_some(()));

    tray.choose("Quit");
    assert_eq!(shell.ended(), 0);
    until("the runtime that it had started to end", || {
        home.processes().iter().all(|(_, line)| !line.contains("jamey-runtime")).then_some(())
    });
}

/// Closes the main window as its cross does.
fn close(screen: &Screen, home: &Home) {
    for window in screen.windows(home, MAIN) {
        let _ = screen.output(home, "wmctrl", &["-i", "-c", &window]);
        let id = window.parse::<u64>().map(|id| format!("{id:#x}")).unwrap_or_default();
        let _ = screen.output(home, "wmctrl", &["-i", "-c", &id]);
    }
}

/// Follows a session in the page, begins a turn, and gives what came: the text, the number of messages, the longest
/// time between two frames in milliseconds.
const TURN: &str = r#"
const [session, after, opId, done] = arguments
const tauri = window.__TAURI_INTERNALS__
let text = "", messages = 0, longest = 0, last = performance.now(), over = false
const frame = (now) => { longest = Math.max(longest, now - last); last = now; if (!over) requestAnimationFrame(frame) }
requestAnimationFrame(frame)
const channel = tauri.transformCallback((sent) => {
  if (!sent.message) return
  messages += 1
  for (const { body } of sent.message.events) {
    if (body.type === "itemDelta" && body.delta.type === "text") text += body.delta.text
    if (body.type === "turnEnded") { over = true; done({ text, messages, longest, outcome: body.outcome }) }
  }
})
tauri.invoke("follow", { session, after, channel: `__CHANNEL__:${channel}` })
  .then(() => tauri.invoke("submit", { session, opId, op: { type: "start_turn", text: "go", settings: {} } }))
  .catch((error) => done({ error }))
"#;

fn a_turn_reaches_the_page() {
    let long = (0..PIECES).fold(Reply::stream(), |reply, at| reply.delta(&format!("{at} ")));
    let fake = Fake::script([Reply::text("hello from the model"), long.stop()]);
    let home = Home::with(&fake);
    let screen = Screen::begin(&home, Panel::Shown);
    let began = Instant::now();
    let page = Driver::start(&screen, &home);
    page.is_ready();
    println!("    start to a page that answers, driver included: {:?}", began.elapsed());
    let ready = page.call("connection", &json!({}));
    assert!(matches!(ready["state"].as_str(), Some("ready" | "starting" | "connecting")), "{ready}");
    let session = page.call("create_session", &json!({"request": {"model": MODEL}}));
    let id = session["id"].as_str().unwrap();
    let turn = || {
        let head = page.call("session", &json!({"id": id}))["head"].clone();
        page.wait_for(TURN, &json!([id, head, jamey_protocol::OpId::new()]))
    };
    let short = turn();
    assert_eq!(short["text"], "hello from the model", "{short}");
    let long = turn();
    println!("    {PIECES} pieces in {} messages; longest frame {} ms", long["messages"], long["longest"]);
    let whole: String = (0..PIECES).map(|at| format!("{at} ")).collect();
    assert!(long["text"] == whole, "the text differs: {:?}", long["text"].as_str().map(str::len));
    assert!(
        long["messages"].as_u64().is_some_and(|messages| messages < PIECES as u64 / 10),
        "{}",
        long["messages"]
    );
    let tray = Tray::find(&screen, &home);
    tray.expect("go");
}

/// Calls every command with random values and gives each answer that is no `ApiError`.
const FUZZ: &str = r#"
const [commands, seed, rounds, done] = arguments
let state = seed
const random = (below) => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return state % below }
const strings = ["", "../../etc/passwd", "--help", "\u0000", "a\nb", "x".repeat(5000), "💥", "javascript:alert(1)",
  "file:///etc/passwd", "00000000-0000-0000-0000-000000000000", "__CHANNEL__:1", "CmdOrCtrl+Nonsense", "Shift+A"]
const value = (depth) => {
  switch (random(depth > 3 ? 6 : 9)) {
    case 0: return null
    case 1: return random(2) === 0
    case 2: return random(1000) - 500
    case 3: return 1e308 * (random(3) - 1)
    case 4: case 5: return strings[random(strings.length)]
    case 6: return Array.from({ length: random(4) }, () => value(depth + 1))
    default: return Object.fromEntries(Array.from({ length: random(4) }, () =>
      [["type", "text", "hotkey", "exec", "folder", "name", "model", "settings"][random(8)], value(depth + 1)]))
  }
}
const names = ["session", "id", "cursor", "limit", "text", "opId", "op", "request", "name", "after", "channel", "key",
  "value", "hours", "points", "change", "url", "height", "subscription"]
const wrong = []
const one = async () => {
  const command = commands[random(commands.length)]
  const given = {}
  for (const name of names) if (random(4) > 0) given[name] = name === "channel" ? "__CHANNEL__:0" : value(0)
  try { await window.__TAURI_INTERNALS__.invoke(command, given) }
  catch (error) {
    const typed = error && typeof error.code === "string" && typeof error.message === "string"
    if (!typed) wrong.push([command, String(error?.message ?? error).slice(0, 200)])
  }
}
;(async () => { for (let round = 0; round < rounds; round += 1) await one(); done(wrong) })()
"#;

/// All but those that open a dialog of the system, end the desktop, or restart the runtime again and again.
const COMMANDS: &[&str] = &[
    "connection",
    "status",
    "monitor",
    "providers",
    "tools",
    "config",
    "set_config",
    "sessions",
    "session",
    "create_session",
    "rename_session",
    "delete_session",
    "items",
    "search",
    "submit",
    "follow",
    "follow_all",
    "unfollow",
    "models",
    "pull_model",
    "cancel_pull",
    "remove_model",
    "default_model",
    "shell",
    "set_shell",
    "show_main",
    "hide_quick",
    "resize_quick",
    "quick_to_main",
    "open_link",
];

fn a_hostile_page_gets_errors() {
    let seed = crate::seed::Chance::from_environment().split(0).number() & 0xffff_ffff;
    let home = Home::new();
    let screen = Screen::begin(&home, Panel::Absent);
    let page = Driver::start(&screen, &home);
    page.is_ready();
    let wrong = page.wait_for(FUZZ, &json!([COMMANDS, seed, 2_000]));
    assert_eq!(wrong, json!([]), "answers that are no ApiError; seed {seed}");
    let refused = page.invoke("plugin:shell|open", &json!({"path": "https://example.com"}));
    assert!(refused.get("error").is_some(), "a page may not use a plugin: {refused}");
    let refused = page.invoke("plugin:dialog|message", &json!({"message": "x"}));
    assert!(refused.get("error").is_some(), "a page may not use a plugin: {refused}");
    let moved = page.run(
        "window.open('https://example.com'); location.href = 'https://example.com'; return 1",
        &json!([]),
    );
    assert_eq!(moved, 1);
    let here = page.run("return location.href", &json!([]));
    assert!(here.as_str().is_some_and(|here| here.starts_with("tauri://localhost")), "{here}");
    let fetched = page.wait_for(
        "const done = arguments[0]; fetch('http://127.0.0.1:9/').then(() => done('yes'), (error) => done(String(error)))",
        &json!([]),
    );
    assert_ne!(fetched, "yes");
    let frozen = page.run("return Object.isFrozen(Object.prototype)", &json!([]));
    assert_eq!(frozen, true);
    assert_eq!(page.run("return typeof window.__TAURI__", &json!([])), "undefined");
    let still = page.call("connection", &json!({}));
    assert!(still["state"].is_string(), "{still}");
}

fn runtime_of(home: &Home) -> Option<u32> {
    let all = home.processes();
    all.into_iter().find(|(_, line)| line.contains("jamey-runtime start")).map(|(pid, _)| pid)
}

fn a_killed_runtime_is_mended() {
    let home = Home::new();
    let screen = Screen::begin(&home, Panel::Shown);
    let page = Driver::start(&screen, &home);
    page.is_ready();
    let state = |wanted: &str| {
        until(&format!("the connection to be {wanted}"), || {
            let connection = page.call("connection", &json!({}));
            (connection["state"] == wanted).then_some(connection)
        })
    };
    state("ready");
    let _ = page.call("create_session", &json!({"request": {}}));
    crate::runtime::signal(runtime_of(&home).unwrap(), rustix::process::Signal::KILL);
    let failed = state("failed");
    assert!(failed["error"]["message"].is_string(), "{failed}");
    Tray::find(&screen, &home).expect("no runtime answers");
    assert_eq!(page.call("mend", &json!({})), Value::Null);
    state("ready");
    let sessions = page.call("sessions", &json!({"cursor": null, "limit": 10}));
    assert_eq!(sessions["data"].as_array().map(Vec::len), Some(1), "{sessions}");
    // One that hangs is noticed when it is asked to be mended.
    let pid = runtime_of(&home).unwrap();
    crate::runtime::signal(pid, rustix::process::Signal::STOP);
    assert_eq!(page.call("mend", &json!({})), Value::Null);
    assert_ne!(runtime_of(&home), Some(pid));
    state("ready");
}

fn a_dead_page_comes_back() {
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
    until("the window to close", || is_gone(&screen, &home, MAIN));
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

fn without_a_tray_it_ends() {
    let home = Home::new();
    let screen = Screen::begin(&home, Panel::Absent);
    let began = Instant::now();
    let mut shell = Shell::start(&screen, &home, &[]);
    until("the main window", || is_shown(&screen, &home, MAIN));
    println!("    start to window: {:?}", began.elapsed());
    until("a runtime", || runtime_of(&home));
    close(&screen, &home);
    assert_eq!(shell.ended(), 0);
}
