//! Where the window is.

use super::{MAIN, close};
use crate::{
    Home,
    desktop::{Panel, Screen, Shell, Tray},
    wait::until,
};

pub(super) fn the_window_stands_where_it_was() {
    let home = Home::new();
    let screen = Screen::begin(&home, Panel::Shown);
    let mut shell = Shell::start(&screen, &home, &[]);
    let tray = Tray::find(&screen, &home);
    tray.expect("Ready");
    let window = until("the main window", || screen.windows(&home, MAIN).pop());
    screen.xdotool(&home, &["windowsize", "--sync", &window, "900", "600"]);
    screen.xdotool(&home, &["windowmove", "--sync", &window, "140", "90"]);
    let left = screen.place(&home, &window);
    assert!(left.contains("WIDTH=900") && left.contains("HEIGHT=600"), "{left}");
    let stands = |when: &str| {
        // The window manager may put it there in a second step.
        until(&format!("the window where it was {when}: {left}"), || {
            let window = screen.windows(&home, MAIN).pop()?;
            (screen.place(&home, &window) == left).then_some(())
        });
    };
    close(&screen, &home);
    assert_eq!(Shell::start(&screen, &home, &[]).ended(), 0);
    stands("before it was closed");
    tray.choose("Quit");
    assert_eq!(shell.ended(), 0);
    let _shell = Shell::start(&screen, &home, &[]);
    stands("before the desktop ended");
}
