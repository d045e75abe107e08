//! The shell in the tray: hotkey, second start, closing, quitting.

use std::time::{Duration, Instant};

use super::{MAIN, QUICK, close, is_gone, is_shown, mebibytes, runtime_of};
use crate::{
    Fake, Gate, Home, Reply,
    bins::bin,
    desktop::{Panel, Screen, Shell, Tray},
    wait::until,
};

pub(super) fn shell_lives_in_the_tray() {
    let home = Home::new();
    let mut screen = Screen::begin(&home, Panel::Shown);
    let mut shell = Shell::start(&screen, &home, &["--background"]);
    let tray = Tray::find(&screen, &home);
    tray.expect("Ready");
    assert!(screen.windows(&home, "Jamey").is_empty(), "a start in the background shows nothing");
    std::thread::sleep(Duration::from_secs(5));
    println!("    in the tray, never opened: {:.1} MiB", mebibytes(shell.memory()));
    println!("    wakeups in the tray: {:.1} a second", shell.wakeups(Duration::from_secs(10)));

    let began = Instant::now();
    screen.xdotool(&home, &["key", "ctrl+shift+space"]);
    until("the quick prompt on the hotkey", || is_shown(&screen, &home, QUICK));
    println!("    hotkey to quick prompt, cold: {:?}", began.elapsed());
    std::thread::sleep(Duration::from_secs(1));
    screen.xdotool(&home, &["key", "ctrl+shift+space"]);
    until("the hotkey to hide it again", || is_gone(&screen, &home, QUICK));
    std::thread::sleep(Duration::from_secs(1));
    let began = Instant::now();
    screen.xdotool(&home, &["key", "ctrl+shift+space"]);
    until("the quick prompt once more", || is_shown(&screen, &home, QUICK));
    println!("    hotkey to quick prompt, warm: {:?}", began.elapsed());
    std::thread::sleep(Duration::from_secs(1));

    tray.choose("Open Jamey");
    until("the main window", || is_shown(&screen, &home, MAIN));
    until("the quick prompt to yield", || is_gone(&screen, &home, QUICK));
    screen.work_elsewhere(&home);
    let began = Instant::now();
    let mut second = Shell::start(&screen, &home, &[]);
    assert_eq!(second.ended(), 0, "a second start hands over and ends");
    until("the window in front", || screen.is_in_front(&home, MAIN).then_some(()));
    println!("    a second start until its window is in front: {:?}", began.elapsed());
    assert_eq!(screen.windows(&home, MAIN).len(), 1);
    println!("    with its window: {:.1} MiB", mebibytes(shell.memory()));

    close(&screen, &home);
    assert!(shell.is_alive(), "closing leaves the tray");
    println!("    just closed: {:.1} MiB", mebibytes(shell.memory()));

    let tray = Tray::find(&screen, &home);
    tray.choose("Start at login");
    let entries = home.path().join(".config/autostart");
    let names = || std::fs::read_dir(&entries).into_iter().flatten().flatten();
    // Quoted, so that it works wherever the program lies. Between the file and its words it may be read.
    let program = bin("jamey-desktop").canonicalize().unwrap();
    let wanted = format!("Exec=\"{}\" --background", program.display());
    until("an entry to start at login", || {
        let entry = std::fs::read_to_string(names().next()?.path()).ok()?;
        entry.lines().any(|line| line == wanted).then_some(())
    });
    tray.choose("Start at login");
    until("no entry to start at login", || (names().count() == 0).then_some(()));

    tray.choose("Quit");
    assert_eq!(shell.ended(), 0);
    until("the runtime that it had started to end", || {
        home.processes().iter().all(|(_, line)| !line.contains("jamey-runtime")).then_some(())
    });
}

pub(super) fn a_hidden_quick_prompt_holds_no_memory() {
    let home = Home::new();
    let screen = Screen::begin(&home, Panel::Shown);
    let shell = Shell::start(&screen, &home, &[]);
    Tray::find(&screen, &home).expect("Ready");
    until("the main window", || is_shown(&screen, &home, MAIN));
    let program = crate::bins::bin("jamey-desktop").display().to_string();
    let toggle = || drop(screen.output(&home, &program, &["--quick"]));
    toggle();
    until("the quick prompt", || is_shown(&screen, &home, QUICK));
    close(&screen, &home);
    until("the quick prompt to be hidden", || {
        // It yields when another window takes the focus, which the screen's manager may see otherwise here. What yields
        // in this very moment is there again then.
        if is_shown(&screen, &home, QUICK).is_some() {
            toggle();
        }
        is_gone(&screen, &home, QUICK)
    });
    until("the memory to be given back within a minute", || shell.is_renewed().then_some(()));
}

pub(super) fn everything_is_paused_from_the_tray() {
    let fake = Fake::script([Reply::text("at last")]);
    let home = Home::with(&fake);
    let screen = Screen::begin(&home, Panel::Shown);
    let mut shell = Shell::start(&screen, &home, &["--background"]);
    let tray = Tray::find(&screen, &home);
    tray.expect("Ready");
    tray.choose("Pause");
    tray.expect("Paused");
    let status = home.jamey(&["status", "--json"]).exits(0).json();
    assert_eq!(status["paused"], true, "{status}");
    let live = home.spawn(&["ask", "-m", crate::home::MODEL, "are you there"]);
    live.expect_stderr("Paused: ");
    assert!(fake.seen().is_empty(), "a model was asked during the pause");
    // What another face does is seen here at once.
    let began = Instant::now();
    let _ = home.jamey(&["runtime", "resume"]).exits(0);
    tray.expect("Ready");
    println!("    a resume in the terminal to the tray: {:?}", began.elapsed());
    assert_eq!(live.end().exits(0).stdout, "at last\n");
    tray.choose("Quit");
    assert_eq!(shell.ended(), 0);
}

pub(super) fn a_runtime_that_a_terminal_started_stays() {
    let home = Home::new();
    let screen = Screen::begin(&home, Panel::Shown);
    let mut shell = Shell::start(&screen, &home, &["--background"]);
    let tray = Tray::find(&screen, &home);
    tray.expect("Ready");
    let first = runtime_of(&home).expect("a runtime");
    let _ = home.jamey(&["runtime", "restart"]).exits(0);
    let second = until("another runtime", || runtime_of(&home).filter(|pid| *pid != first));
    // The desktop and whoever asks.
    until("the desktop to be connected again", || {
        (home.jamey(&["status", "--json"]).exits(0).json()["faces"] == 2).then_some(())
    });
    tray.choose("Quit");
    assert_eq!(shell.ended(), 0);
    let status = home.jamey(&["status", "--json"]).exits(0).json();
    assert_eq!(status["pid"], second, "{status}");
}

/// Chooses to quit while a turn is held at the gate; then the question is there.
fn quit_in_a_turn(screen: &Screen, home: &Home, tray: &Tray, gate: &Gate) {
    begin_a_turn(home);
    gate.reached(1);
    tray.expect("1 turn running");
    tray.choose("Quit");
    until("the question", || is_shown(screen, home, "Quit Jamey"));
}

pub(super) fn a_start_during_the_end_is_not_lost() {
    let gate = Gate::new();
    let fake = Fake::script([Reply::stream().delta("begun ").gate(&gate).delta("and done").stop()]);
    let home = Home::with(&fake);
    let screen = Screen::begin(&home, Panel::Shown);
    let mut shell = Shell::start(&screen, &home, &["--background"]);
    let tray = Tray::find(&screen, &home);
    tray.expect("Ready");
    let first = runtime_of(&home).expect("a runtime");
    quit_in_a_turn(&screen, &home, &tray, &gate);
    let mut second = Shell::start(&screen, &home, &[]);
    assert_eq!(second.ended(), 0);
    assert!(screen.windows(&home, MAIN).is_empty(), "the first one is about to end");
    screen.xdotool(&home, &["key", "Return"]);
    assert_eq!(shell.ended(), 0);
    gate.open();
    until("the window that was asked for", || is_shown(&screen, &home, MAIN));
    until("a runtime of its own", || runtime_of(&home).filter(|pid| *pid != first));
    let tray = Tray::find(&screen, &home);
    tray.expect("Ready");
    tray.choose("Quit");
    until("the end of it", || runtime_of(&home).is_none().then_some(()));
}

pub(super) fn trouble_goes_with_its_cause_and_the_tray_speaks_as_the_window() {
    let fake = Fake::script([Reply::status(401, "the key is wrong")]);
    let home = Home::with(&fake);
    let screen = Screen::begin(&home, Panel::Shown);
    let page = crate::desktop::Driver::start(&screen, &home);
    page.is_ready();
    let tray = Tray::find(&screen, &home);
    tray.expect("Ready");
    let idle = tray.icon();
    let _ = home.jamey(&["ask", "-m", crate::home::MODEL, "are you there"]).exits(5);
    let trouble = tray.other_icon(&idle);
    // What may mend it is done in a terminal; the next turn would tell if it did not help.
    let _ = home.jamey(&["config", "set", "limits.max_turns", "7"]).exits(0);
    let _ = tray.other_icon(&trouble);
    tray.expect("Ready");
    let _ = home.jamey(&["config", "set", "desktop.language", "de"]).exits(0);
    tray.expect("Bereit");
    tray.expect("Beenden");
    let kept = home.jamey_home().join("data/window");
    assert!(kept.is_dir(), "what pages keep lies with the rest: {}", kept.display());
    let elsewhere = home.path().join(".local/share/dev.jamey.desktop");
    assert!(!elsewhere.exists(), "{}", elsewhere.display());
}

pub(super) fn without_a_home_it_says_so_and_ends() {
    let home = Home::new();
    let screen = Screen::begin(&home, Panel::Absent);
    // One that is none, and one in which nothing can be made, also not by root.
    for (folder, why) in [("none", "this account has no home folder"), ("/proc/none", "/proc/none")] {
        let mut start = screen.command(&home, "timeout");
        start.args(["20", &bin("jamey-desktop").display().to_string()]);
        let ran = crate::process::run(start.env_remove("JAMEY_HOME").env("HOME", folder), b"").exits(1);
        assert!(ran.stderr.contains(why), "{}", ran.stderr);
    }
}

pub(super) fn without_a_tray_it_ends() {
    let home = Home::new();
    let screen = Screen::begin(&home, Panel::Absent);
    let began = Instant::now();
    let mut shell = Shell::start(&screen, &home, &[]);
    until("the main window", || is_shown(&screen, &home, MAIN));
    println!("    start to window: {:?}", began.elapsed());
    until("a runtime", || runtime_of(&home));
    close(&screen, &home);
    assert_eq!(shell.ended(), 0);
}

pub(super) fn quitting_asks_while_a_turn_runs() {
    let gate = Gate::new();
    let fake = Fake::script([Reply::stream().delta("begun ").gate(&gate).delta("and done").stop()]);
    let home = Home::with(&fake);
    let screen = Screen::begin(&home, Panel::Shown);
    let mut shell = Shell::start(&screen, &home, &["--background"]);
    let tray = Tray::find(&screen, &home);
    tray.expect("Ready");
    quit_in_a_turn(&screen, &home, &tray, &gate);
    screen.xdotool(&home, &["key", "Escape"]);
    until("the question to go", || is_gone(&screen, &home, "Quit Jamey"));
    assert!(shell.is_alive(), "it was told not to end");
    assert!(runtime_of(&home).is_some());
    tray.choose("Quit");
    until("the question again", || is_shown(&screen, &home, "Quit Jamey"));
    screen.xdotool(&home, &["key", "Return"]);
    assert_eq!(shell.ended(), 0);
    until("the runtime to end with its turn", || runtime_of(&home).is_none().then_some(()));
    gate.open();
}

pub(super) fn what_a_terminal_sets_the_desktop_follows() {
    let home = Home::new();
    let screen = Screen::begin(&home, Panel::Shown);
    let page = crate::desktop::Driver::start(&screen, &home);
    page.is_ready();
    let set = |key: &str, value: &str| {
        let _ = home.jamey(&["config", "set", key, value]).exits(0);
    };
    let theme = || page.run("return document.documentElement.dataset.theme", &serde_json::json!([]));
    set("desktop.theme", "dark");
    until("the dark theme", || (theme() == "dark").then_some(()));
    set("desktop.theme", "light");
    until("the light theme", || (theme() == "light").then_some(()));
    // A key that is none is told, and the one before stays.
    let shell = || page.call("shell", &serde_json::json!({}));
    page.press("Skip for now");
    page.press("Settings");
    set("desktop.hotkey", "Shift+Nonsense");
    page.shows("Shift+Nonsense cannot be the hotkey");
    set("desktop.hotkey", "Ctrl+Alt+K");
    until("another hotkey", || (shell()["hotkey"] == "Ctrl+Alt+K").then_some(()));
    assert!(shell()["hotkeyProblem"].is_null(), "{}", shell());
    page.shows("Ctrl+Alt+K");
    screen.xdotool(&home, &["key", "ctrl+alt+k"]);
    until("the quick prompt", || is_shown(&screen, &home, super::QUICK));
    // And what is chosen in the window stands in the file.
    let _ = page.call("set_shell", &serde_json::json!({"change": {"hotkey": null, "closeToTray": false}}));
    let file = std::fs::read_to_string(home.jamey_home().join("config/runtime.toml")).unwrap();
    assert!(file.contains("hotkey = \"\"") && file.contains("close_to_tray = false"), "{file}");
}

/// Begins a turn in the runtime that is there, as a face that goes at once.
fn begin_a_turn(home: &Home) {
    let session = home.jamey(&["new"]).exits(0).stdout.trim().parse().unwrap();
    let door = crate::door::Door::new(&home.jamey_home().join("run/runtime.sock"));
    let configured = serde_json::json!({"type": "configure", "settings": {"model": crate::home::MODEL}});
    let _ = door.op(session, &configured);
    door.say(session, "go");
}
