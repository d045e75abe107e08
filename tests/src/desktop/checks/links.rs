//! Links that lead into the window, and those that lead out of it.

use std::{fs, os::unix::fs::PermissionsExt as _};

use serde_json::json;

use super::{MAIN, faces::open_session, is_shown};
use crate::{
    Fake, Home, Reply,
    desktop::{Driver, Panel, Screen, Shell},
    wait::until,
};

/// Which page the window shows.
const HERE: &str = "return location.hash";

pub(super) fn a_link_shows_a_session_and_nothing_else() {
    let fake = Fake::new(|_| Reply::text("never asked for"));
    let home = Home::with(&fake);
    let [first, second] = [(); 2].map(|()| home.jamey(&["new"]).exits(0).stdout.trim().to_owned());
    let screen = Screen::begin(&home, Panel::Absent);
    let page = Driver::start_with(&screen, &home, &[&format!("jamey://session/{first}")]);
    // Who asks whether it is ready takes the wish from the page, which is told of it when it asks that itself.
    let shows = |session: &str| {
        let at = format!("#session/{session}");
        until(&format!("the page {at}"), || (page.run(HERE, &json!([])) == at).then_some(()));
    };
    shows(&first);
    let follow = |link: &str| assert_eq!(Shell::start(&screen, &home, &[link]).ended(), 0);
    follow(&format!("jamey://session/{second}"));
    shows(&second);
    let sessions = || page.call("sessions", &json!({"cursor": null, "limit": 10}));
    let before = sessions();
    for link in [
        "jamey://session/../../x",
        "jamey://run?cmd=x",
        "jamey:--quick",
        &format!("jamey://session/{first}?prompt=x"),
        &format!("jamey://session/{}", "x".repeat(10_000)),
    ] {
        // Whatever it brings, it brings no later than the window.
        screen.hide_all(&home);
        follow(link);
        until("the window", || is_shown(&screen, &home, MAIN));
        assert_eq!(screen.windows(&home, "Jamey").len(), 1, "{link:.40} brought more than the window");
        shows(&second);
        assert_eq!(sessions(), before, "{link:.40} changed something");
    }
    assert!(fake.seen().is_empty(), "a link had something sent");
}

pub(super) fn an_address_is_opened_after_the_question() {
    const ADDRESS: &str = "https://example.com/a?b=c&d=%20e#f";
    let fake = Fake::new(|_| Reply::text(&format!("see [the page]({ADDRESS})")));
    let home = Home::with(&fake);
    // The system's own way to open something is a program that is looked for by its name.
    let programs = home.path().join("programs");
    fs::create_dir(&programs).unwrap();
    let opener = programs.join("xdg-open");
    fs::write(&opener, "#!/bin/sh\nprintf '%s\\n' \"$@\" >>\"$HOME/opened\"\n").unwrap();
    fs::set_permissions(&opener, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let home = home.env("PATH", path);
    let opened = || fs::read_to_string(home.path().join("opened")).unwrap_or_default();
    let screen = Screen::begin(&home, Panel::Absent);
    let page = Driver::start(&screen, &home);
    let _ = open_session(&screen, &home, &page);
    page.say("where is it");
    page.click(".md-link");
    page.shows("Open this link?");
    page.shows(ADDRESS);
    page.press("Cancel");
    page.hides("Open this link?");
    page.click(".md-link");
    page.shows("Open this link?");
    assert_eq!(opened(), "", "it was opened before anybody said so");
    page.press("Open in the browser");
    until("the address to be opened", || (opened() == format!("{ADDRESS}\n")).then_some(()));
}
