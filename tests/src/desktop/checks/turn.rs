//! A turn on its way to the page.

use std::time::Instant;

use serde_json::json;

use crate::{
    Fake, Home, Reply,
    desktop::{Driver, Panel, Screen, Tray},
    home::MODEL,
};

/// So many pieces does the long answer have.
const PIECES: usize = 10_000;

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

pub(super) fn a_turn_reaches_the_page() {
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

/// Sends a file of so many bytes as a page does, and fetches it again.
const FILE: &str = r#"
const [session, size, done] = arguments
const { invoke, convertFileSrc } = window.__TAURI_INTERNALS__
const bytes = new TextEncoder().encode("h\u00e9llo\n".repeat(size / 7 + 1)).slice(0, size)
const began = performance.now()
const headers = { session, name: encodeURIComponent("n\u00f6te 100%.txt") }
fetch(convertFileSrc("", "upload"), { method: "POST", headers, body: bytes })
  .then((answer) => answer.json())
  .then((kept) => invoke("attachment_bytes", { session, attachment: kept.id }).then((back) => {
    const same = new Uint8Array(back).every((byte, at) => byte === bytes[at])
    done({ kept, same: same && back.byteLength === bytes.length, took: performance.now() - began })
  }))
  .catch((error) => done({ error }))
"#;

pub(super) fn a_file_goes_along() {
    let home = Home::new();
    let screen = Screen::begin(&home, Panel::Absent);
    let page = Driver::start(&screen, &home);
    page.is_ready();
    let session = page.call("create_session", &json!({"request": {"model": MODEL}}))["id"].clone();
    for size in [7 * 1_000, 7 << 17, 20 << 20] {
        let sent = page.wait_for(FILE, &json!([session, size]));
        assert_eq!(sent["kept"]["name"], "n\u{f6}te 100%.txt", "{sent}");
        assert_eq!((&sent["same"], &sent["kept"]["bytes"]), (&json!(true), &json!(size)), "{sent}");
        println!("    {size} bytes there and back: {} ms", sent["took"]);
    }
}
