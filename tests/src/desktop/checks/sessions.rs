//! What a person does with sessions and answers, in the real window.

use serde_json::json;

use super::faces::open_session;
use crate::{
    Fake, Gate, Home, Reply,
    desktop::{Driver, Panel, Screen},
    wait::until,
};

/// Keys as `WebDriver` names them.
const DELETE: &str = "\u{e017}";
const F2: &str = "\u{e032}";
const ENTER: &str = "\u{e007}";

pub(super) fn sessions_are_renamed_and_deletions_taken_back() {
    let home = Home::new();
    let screen = Screen::begin(&home, Panel::Absent);
    let page = Driver::start(&screen, &home);
    let id = open_session(&screen, &home, &page);
    let row = format!("[data-session='{id}']");
    page.write(&row, F2);
    page.write(".session-rename", &format!("Another name{ENTER}"));
    until("the runtime to know it", || {
        (page.call("session", &json!({"id": id}))["name"] == "Another name").then_some(())
    });
    page.write(&row, DELETE);
    page.shows("is deleted");
    // With the key that does the same.
    page.press("UndoCtrl+Z");
    page.hides("is deleted");
    assert_eq!(page.call("session", &json!({"id": id}))["name"], "Another name");
    page.write(&row, DELETE);
    until("the session to be gone", || page.invoke("session", &json!({"id": id})).get("error").cloned());
}

pub(super) fn an_answer_is_steered_tried_again_and_copied() {
    let gate = Gate::new();
    let listing = json!({"path": "."});
    let fake = Fake::script([
        Reply::stream().delta("looking ").gate(&gate).tool(0, "list_directory", &listing).calls_end(),
        Reply::text("steered answer"),
        Reply::status(400, "not today"),
        Reply::text("the answer to be copied"),
    ]);
    let home = Home::with(&fake);
    let screen = Screen::begin(&home, Panel::Absent);
    let page = Driver::start(&screen, &home);
    let id = open_session(&screen, &home, &page);
    page.say("begin");
    page.shows("looking");
    page.say("and mind the beans");
    // The page shows it before that.
    until("the runtime to have it", || {
        let items = page.call("items", &json!({"session": id, "cursor": null, "limit": 50}));
        items.to_string().contains("and mind the beans").then_some(())
    });
    gate.open();
    page.shows("steered answer");
    let second = fake.seen()[1].messages().iter().map(ToString::to_string).collect::<String>();
    assert!(second.contains("and mind the beans"), "the model was not told: {second}");
    page.say("once more");
    page.shows("not today");
    page.press("Try again with another model");
    until("a model to choose", || {
        let chosen = "const one = document.querySelector('[role^=menuitem]'); if (!one) return false; one.click(); return true";
        (page.run(chosen, &json!([])) == true).then_some(())
    });
    page.shows("the answer to be copied");
    until("the answer in the clipboard", || {
        // While the answer still moves, a click may miss the button, whose name is another once it was pressed.
        page.click(".end-footer.last button");
        let copied = screen.output(&home, "xclip", &["-o", "-selection", "clipboard"]);
        (copied == "the answer to be copied").then_some(())
    });
}

pub(super) fn a_session_is_called_by_its_first_words_and_another_takes_its_place() {
    let fake = Fake::script([Reply::text("`ring` was renamed."), Reply::text("The beans go south.")]);
    let home = Home::with(&fake);
    let screen = Screen::begin(&home, Panel::Absent);
    let page = Driver::start(&screen, &home);
    page.is_ready();
    let told = |selector: &str| {
        let texts = "return Array.from(document.querySelectorAll(arguments[0]), (one) => one.innerText)";
        page.run(texts, &json!([selector]))
    };
    page.say("Why does the build fail?");
    page.shows("was renamed");
    page.press("New session");
    page.shows("What can I do for you?");
    page.say("Where do the beans go?");
    page.shows("go south");
    until("both sessions to be called by their first words", || {
        (told(".session-title") == json!(["Where do the beans go?", "Why does the build fail?"]))
            .then_some(())
    });
    assert_eq!(told("h1"), json!(["Where do the beans go?"]));
    let _ = page.run("document.querySelectorAll('.session-open')[1].click()", &json!([]));
    until("the first session alone", || {
        let all = told(".conversation");
        let shown = all.get(0).and_then(|text| text.as_str()).unwrap_or_default();
        (all.as_array().is_some_and(|all| all.len() == 1) && shown.contains("was renamed")).then_some(())
    });
    assert!(!page.has("go south"), "the session before is still on the page");
    assert_eq!(told("h1"), json!(["Why does the build fail?"]));
}

pub(super) fn a_turn_is_stopped() {
    let gate = Gate::new();
    let fake = Fake::script([Reply::stream().delta("begun and ").gate(&gate).delta("done").stop()]);
    let home = Home::with(&fake);
    let screen = Screen::begin(&home, Panel::Absent);
    let page = Driver::start(&screen, &home);
    let id = open_session(&screen, &home, &page);
    page.say("go");
    gate.reached(1);
    page.shows("begun and");
    page.press("Stop");
    until("the turn to end", || (page.call("session", &json!({"id": id}))["status"] == "idle").then_some(()));
    page.shows("begun and");
    gate.open();
}
