//! The quick prompt, as a person uses it.

use super::{MAIN, QUICK, is_gone, is_shown};
use crate::{
    Fake, Home, Reply,
    desktop::{Panel, Screen, Shell, Tray},
    wait::until,
};

pub(super) fn the_quick_prompt_answers_and_moves() {
    let fake = Fake::new(|seen| Reply::text(&format!("you said {}", seen.prompt())));
    let home = Home::with(&fake);
    let _ = home.jamey(&["models", "default", crate::home::MODEL]).exits(0);
    let screen = Screen::begin(&home, Panel::Shown);
    let _shell = Shell::start(&screen, &home, &["--background"]);
    let tray = Tray::find(&screen, &home);
    tray.expect("Ready");
    screen.xdotool(&home, &["key", "ctrl+shift+space"]);
    until("the quick prompt", || is_shown(&screen, &home, QUICK));
    // Typed on the keyboard of the screen, into whatever has the focus.
    until("the question to reach the model", || {
        screen.xdotool(&home, &["key", "--clearmodifiers", "ctrl+a"]);
        screen.xdotool(&home, &["type", "--delay", "20", "what is it"]);
        screen.xdotool(&home, &["key", "Return"]);
        fake.seen().iter().any(|seen| seen.prompt() == "what is it").then_some(())
    });
    screen.xdotool(&home, &["key", "Escape"]);
    until("the quick prompt to hide", || is_gone(&screen, &home, QUICK));
    screen.xdotool(&home, &["key", "ctrl+shift+space"]);
    until("the quick prompt again", || is_shown(&screen, &home, QUICK));
    until("the session in the window", || {
        screen.xdotool(&home, &["key", "ctrl+Return"]);
        is_shown(&screen, &home, MAIN)
    });
    until("the quick prompt to yield", || is_gone(&screen, &home, QUICK));
    // What was typed before the page listened may be missing from the first try.
    tray.expect(fake.seen()[0].prompt());
}
