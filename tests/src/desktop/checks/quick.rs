//! The quick prompt, as a person uses it.

use super::{MAIN, QUICK, close, is_gone, is_shown};
use crate::{
    Fake, Home, Reply,
    desktop::{Driver, Panel, Screen, Shell, Tray},
    wait::until,
};

pub(super) fn the_quick_prompt_answers_and_moves() {
    let fake = Fake::new(|seen| Reply::text(&format!("you said {}", seen.prompt())));
    let home = Home::with(&fake);
    let _ = home.jamey(&["models", "default", crate::home::MODEL]).exits(0);
    let mut screen = Screen::begin(&home, Panel::Shown);
    screen.work_elsewhere(&home);
    let _shell = Shell::start(&screen, &home, &["--background"]);
    let tray = Tray::find(&screen, &home);
    tray.expect("Ready");
    screen.xdotool(&home, &["key", "ctrl+shift+space"]);
    until("the quick prompt", || is_shown(&screen, &home, QUICK));
    // Typed at once on the keyboard of the screen, into whatever has the focus: the page is not there yet.
    screen.xdotool(&home, &["type", "--delay", "5", "what is ot"]);
    // Corrected, as in any field.
    screen.xdotool(&home, &["key", "BackSpace", "BackSpace", "i", "t", "Return"]);
    until("the question to reach the model", || (!fake.seen().is_empty()).then_some(()));
    let asked = "what is it";
    assert_eq!(fake.seen()[0].prompt(), asked);
    let window = screen.windows(&home, QUICK).pop().expect("the quick prompt");
    let state = screen.output(&home, "xprop", &["-id", &window, "_NET_WM_STATE"]);
    assert!(state.contains("_NET_WM_STATE_ABOVE"), "it is not over everything: {state}");
    screen.xdotool(&home, &["key", "Escape"]);
    until("the quick prompt to hide", || is_gone(&screen, &home, QUICK));
    screen.xdotool(&home, &["key", "ctrl+shift+space"]);
    until("the quick prompt again", || is_shown(&screen, &home, QUICK));
    until("the session in the window", || {
        screen.xdotool(&home, &["key", "ctrl+Return"]);
        is_shown(&screen, &home, MAIN)
    });
    until("the quick prompt to yield", || is_gone(&screen, &home, QUICK));
    tray.expect(asked);
    tray.expect(&format!("Model: {}", crate::home::MODEL));
    // Each line of the menu that opens something.
    close(&screen, &home);
    tray.choose("Quick prompt");
    until("the quick prompt from the tray", || is_shown(&screen, &home, QUICK));
    tray.choose(asked);
    until("the session from the tray", || is_shown(&screen, &home, MAIN));
}

/// Whoever begins to type and wants more room need not wait for the page either.
pub(super) fn what_is_typed_at_once_moves_into_the_window() {
    let fake = Fake::new(|_| Reply::text("an answer"));
    let home = Home::with(&fake);
    let _ = home.jamey(&["models", "default", crate::home::MODEL]).exits(0);
    let screen = Screen::begin(&home, Panel::Shown);
    let _shell = Shell::start(&screen, &home, &["--background"]);
    Tray::find(&screen, &home).expect("Ready");
    screen.xdotool(&home, &["key", "ctrl+shift+space"]);
    until("the quick prompt", || is_shown(&screen, &home, QUICK));
    screen.xdotool(&home, &["type", "--delay", "5", "half a qu"]);
    screen.xdotool(&home, &["key", "ctrl+Return"]);
    until("the window", || is_shown(&screen, &home, MAIN));
    until("the quick prompt to yield", || is_gone(&screen, &home, QUICK));
    assert!(fake.seen().is_empty(), "nobody asked");
    until("the window to ask what was typed", || {
        screen.xdotool(&home, &["key", "Return"]);
        (!fake.seen().is_empty()).then_some(())
    });
    assert_eq!(fake.seen()[0].prompt(), "half a qu");
}

/// A person marks a text in another program, calls the prompt, and asks about it.
pub(super) fn the_selection_is_offered_and_goes_along_when_chosen() {
    let fake = Fake::new(|_| Reply::text("about the fox"));
    let home = Home::with(&fake);
    let _ = home.jamey(&["models", "default", crate::home::MODEL]).exits(0);
    let mut screen = Screen::begin(&home, Panel::Absent);
    screen.select(&home, "the quick brown fox");
    let page = Driver::start_with(&screen, &home, &["--quick"]);
    page.shows("Selected text");
    // No word of it before it is chosen.
    page.press("Add: Selected text, 19 letters");
    page.shows("the quick brown fox");
    page.say("what is it");
    page.shows("about the fox");
    assert_eq!(fake.seen()[0].prompt(), "> the quick brown fox\n\nwhat is it");
}

/// A second question goes into the same session, and what was begun to be written is there the next time.
pub(super) fn the_quick_prompt_goes_on_where_it_was() {
    let fake = Fake::new(|seen| Reply::text(&format!("you said {}", seen.prompt())));
    let home = Home::with(&fake);
    let _ = home.jamey(&["models", "default", crate::home::MODEL]).exits(0);
    let screen = Screen::begin(&home, Panel::Shown);
    let page = Driver::start_with(&screen, &home, &["--quick"]);
    page.is_ready();
    page.say("what is it");
    page.shows("you said what is it");
    page.say("and why");
    page.shows("you said and why");
    let seen = fake.seen();
    let last = seen.iter().find(|seen| seen.prompt() == "and why").expect("the second question");
    assert!(last.messages().len() > seen[0].messages().len(), "it goes on in the same session");
    page.write("textarea", "half a qu\u{e00c}");
    until("the quick prompt to hide", || is_gone(&screen, &home, QUICK));
    // The command that is bound where no program may take a key does what the key would, with the desktop's token.
    let program = crate::bins::bin("jamey-desktop").display().to_string();
    let command =
        || drop(screen.output(&home, "env", &["XDG_ACTIVATION_TOKEN=of-a-test", &program, "--quick"]));
    command();
    until("the quick prompt again", || is_shown(&screen, &home, QUICK));
    command();
    until("the command to hide it", || is_gone(&screen, &home, QUICK));
    command();
    until("the quick prompt once more", || is_shown(&screen, &home, QUICK));
    assert_eq!(page.draft(), "half a qu");
    page.shows("you said and why");
    // The window shows that very session, and has in its field what was begun.
    page.press("Open in the window Ctrl+\u{21b5}");
    page.go_on_in_the_other();
    page.shows("you said and why");
    page.holds("half a qu");
}
