//! A page that was taken over.

use serde_json::json;

use crate::{
    Home,
    desktop::{Driver, Panel, Screen},
};

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
  "value", "hours", "points", "change", "url", "height", "subscription",
  "provider", "attachment", "folder", "words", "by", "days"]
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
    "set_paused",
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
    "attachment_bytes",
    "find_files",
    "give_key",
    "remove_key",
    "test_provider",
    "usage",
    "models",
    "pull_model",
    "providers_past",
    "pulls",
    "cancel_pull",
    "discard_pull",
    "remove_model",
    "default_model",
    "shell",
    "set_shell",
    "show_main",
    "hide_quick",
    "resize_quick",
    "quick_to_main",
    "quick_text",
    "open_link",
];

pub(super) fn a_hostile_page_gets_errors() {
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
    // A page names a session or a token, never a folder of the machine.
    for given in [json!({"cwd": "/etc", "words": "pass"}), json!({"folder": "/etc", "words": "pass"})] {
        let found = page.invoke("find_files", &given);
        assert!(!found.to_string().contains("passwd"), "{given}: {found}");
    }
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
    // Styles come with the program: the page's own is in force, and none that is put in.
    let styled = page.run(
        "const own = document.querySelector('style'); const more = document.createElement('style');\
        more.textContent = 'body { outline: 9px solid red }'; document.head.append(more);\
        return [own.sheet?.cssRules.length > 0, getComputedStyle(document.body).outlineWidth === '9px']",
        &json!([]),
    );
    assert_eq!(styled, json!([true, false]));
    let frozen = page.run("return Object.isFrozen(Object.prototype)", &json!([]));
    assert_eq!(frozen, true);
    assert_eq!(page.run("return typeof window.__TAURI__", &json!([])), "undefined");
    let still = page.call("connection", &json!({}));
    assert!(still["state"].is_string(), "{still}");
    let log = std::fs::read_to_string(home.jamey_home().join("cache/logs/desktop.log")).unwrap_or_default();
    assert!(!log.contains("a fault of the shell's own"), "seed {seed}: {log}");
}

pub(super) fn the_quick_prompt_may_do_less() {
    let home = Home::new();
    let screen = Screen::begin(&home, Panel::Absent);
    let page = Driver::start_with(&screen, &home, &["--quick"]);
    page.is_ready();
    for (command, given) in [
        ("give_key", json!({"provider": "openai", "key": "sk-x"})),
        ("set_config", json!({"key": "permissions.mode", "value": "full"})),
        ("remove_model", json!({"name": "local/x"})),
        ("set_shell", json!({"change": {"hotkey": null}})),
        ("quit", json!({})),
    ] {
        let answer = page.invoke(command, &given);
        assert!(
            answer["error"].as_str().is_some_and(|why| why.contains("not allowed")),
            "{command}: {answer}"
        );
    }
    let session = page.call("create_session", &json!({"request": {}}));
    let settings = json!({"mode": "full"});
    for (command, given) in [
        ("create_session", json!({"request": {"mode": "full"}})),
        (
            "submit",
            json!({"session": session["id"], "opId": jamey_protocol::OpId::new(),
                "op": {"type": "configure", "settings": settings}}),
        ),
        (
            "submit",
            json!({"session": session["id"], "opId": jamey_protocol::OpId::new(),
                "op": {"type": "start_turn", "text": "x", "settings": settings}}),
        ),
    ] {
        let answer = page.invoke(command, &given);
        let said = answer["error"]["message"].as_str().unwrap_or_default();
        assert!(said.contains("main window"), "{command}: {answer}");
    }
    let sent = "const [session, done] = arguments; fetch('upload://localhost', {method: 'POST', body: 'x', \
        headers: {session, name: 'x'}}).then((got) => done(got.status), (error) => done(String(error)))";
    let sent = page.wait_for(sent, &json!([session["id"]]));
    assert_ne!(sent, 200, "a file from the quick prompt");
    let paused = page.call("set_paused", &json!({"paused": true}));
    assert_eq!(paused["values"]["runtime"]["paused"], true, "{paused}");
    let resumed = page.call("set_paused", &json!({"paused": false}));
    assert_eq!(resumed["values"]["runtime"]["paused"], false, "{resumed}");
}
