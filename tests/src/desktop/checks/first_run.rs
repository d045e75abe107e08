//! A person who has nothing yet.

use serde_json::json;

use crate::{
    Home,
    desktop::{Driver, Panel, Screen},
    wait::until,
};

pub(super) fn it_ends_in_a_chat() {
    let home = Home::new();
    let screen = Screen::begin(&home, Panel::Absent);
    let page = Driver::start(&screen, &home);
    page.is_ready();
    page.shows("Choose who answers");
    page.shows("On this computer");
    drop(page);
    // The weights arrive; here they are put where a download puts them.
    let weights = std::env::var("JAMEY_MODELS_DIR").expect("`cargo xtask desktop` says where weights are");
    let home = Home::new().env("JAMEY_MODELS_DIR", weights);
    let screen = Screen::begin(&home, Panel::Absent);
    let page = Driver::start(&screen, &home);
    page.is_ready();
    until("a field to write into", || {
        (page.run("return document.querySelector('textarea') !== null", &json!([])) == true).then_some(())
    });
    page.say("What is the capital of France?");
    page.shows("Paris");
}
