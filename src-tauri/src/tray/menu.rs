//! The menu. Its lines stay; their texts change, and the list of sessions is made anew only when it differs.

use jamey_protocol::config::SetConfig;
use tauri::{
    AppHandle, Manager as _, Wry,
    menu::{CheckMenuItem, IsMenuItem, Menu, MenuItem, PredefinedMenuItem, Submenu},
};
use tauri_specta::Event as _;

use super::view::View;
use crate::{autostart, bridge::ShellChanged, desk::Desk, ending, trouble, windows, words::Words};

const QUICK: &str = "quick";
const OPEN: &str = "open";
const WAITING: &str = "waiting";
const PAUSE: &str = "pause";
const AUTOSTART: &str = "autostart";
const QUIT: &str = "quit";
/// What stands before a session's id.
const SESSION: &str = "session:";

/// The lines: all change when the language does.
pub(super) struct Lines {
    quick: MenuItem<Wry>,
    open: MenuItem<Wry>,
    quit: MenuItem<Wry>,
    status: MenuItem<Wry>,
    load: MenuItem<Wry>,
    waiting: MenuItem<Wry>,
    model: MenuItem<Wry>,
    recent: Submenu<Wry>,
    pause: CheckMenuItem<Wry>,
    autostart: CheckMenuItem<Wry>,
}

/// Makes the menu and its lines.
pub(super) fn build(app: &AppHandle) -> tauri::Result<(Menu<Wry>, Lines)> {
    let line = |id: &str, text: &str, enabled: bool| MenuItem::with_id(app, id, text, enabled, None::<&str>);
    let words = app.state::<Desk>().settings.words();
    let check = |id: &str, text: &str, enabled: bool, checked: bool| {
        CheckMenuItem::with_id(app, id, text, enabled, checked, None::<&str>)
    };
    let lines = Lines {
        quick: line(QUICK, words.quick, true)?,
        open: line(OPEN, words.open, true)?,
        quit: line(QUIT, words.quit, true)?,
        status: line("status", words.starting, false)?,
        load: line("load", words.load_unknown, false)?,
        waiting: line(WAITING, words.nothing_waits, false)?,
        model: line("model", &(words.model)("…"), false)?,
        recent: Submenu::with_id(app, "recent", words.recent, false)?,
        pause: check(PAUSE, words.pause, false, false)?,
        autostart: check(AUTOSTART, words.autostart, true, autostart::is_on(app))?,
    };
    let rule = || PredefinedMenuItem::separator(app);
    let (first, second, third) = (rule()?, rule()?, rule()?);
    let all: [&dyn IsMenuItem<Wry>; 13] = [
        &lines.quick,
        &lines.open,
        &lines.recent,
        &first,
        &lines.status,
        &lines.load,
        &lines.waiting,
        &lines.model,
        &lines.pause,
        &second,
        &lines.autostart,
        &third,
        &lines.quit,
    ];
    Ok((Menu::with_items(app, &all)?, lines))
}

impl Lines {
    /// Writes what differs. A line that the desktop does not take stays as it is.
    pub(super) fn show(&self, app: &AppHandle, old: &View, new: &View) {
        let words = new.language.words();
        let is_told_anew = old.language != new.language;
        if is_told_anew {
            self.speak(words);
        }
        if is_told_anew || old.status != new.status {
            let _ = self.status.set_text(&new.status);
        }
        if is_told_anew || old.load != new.load {
            let _ = self.load.set_text(new.load.as_deref().unwrap_or(words.load_unknown));
        }
        if is_told_anew || old.waiting != new.waiting {
            let _ = self.waiting.set_text(new.waiting.as_deref().unwrap_or(words.nothing_waits));
            let _ = self.waiting.set_enabled(new.waiting.is_some());
        }
        if is_told_anew || old.model != new.model {
            let _ = self.model.set_text((words.model)(&new.model));
        }
        if old.can_pause != new.can_pause {
            let _ = self.pause.set_enabled(new.can_pause);
        }
        // A choice checks the line by itself, whatever comes of it.
        let _ = self.pause.set_checked(new.paused);
        let _ = self.autostart.set_checked(new.autostart);
        if old.recent != new.recent {
            let _ = self.list(app, new);
        }
    }

    /// Says in this language what else never changes.
    fn speak(&self, words: &Words) {
        let lines = [(&self.quick, words.quick), (&self.open, words.open), (&self.quit, words.quit)];
        for (line, text) in lines {
            let _ = line.set_text(text);
        }
        let _ = self.recent.set_text(words.recent);
        let _ = self.pause.set_text(words.pause);
        let _ = self.autostart.set_text(words.autostart);
    }

    fn list(&self, app: &AppHandle, view: &View) -> tauri::Result<()> {
        while self.recent.remove_at(0)?.is_some() {}
        for (session, title) in &view.recent {
            // An ampersand would underline the letter behind it.
            let title = title.replace('&', "&&");
            let line = MenuItem::with_id(app, format!("{SESSION}{session}"), title, true, None::<&str>)?;
            self.recent.append(&line)?;
        }
        self.recent.set_enabled(!view.recent.is_empty())
    }
}

/// Does what was chosen.
pub(super) fn chosen(app: &AppHandle, id: &str) {
    match id {
        QUICK => windows::show_quick(app),
        OPEN => windows::show_main(app, None),
        WAITING => {
            let desk = app.state::<Desk>();
            let first = desk.tray.shown.lock().ok().and_then(|view| view.first_waiting);
            windows::show_main(app, first);
        }
        PAUSE => {
            let desk = app.state::<Desk>();
            let held = desk.tray.shown.lock().is_ok_and(|view| view.paused);
            tauri::async_runtime::spawn(hold(app.clone(), !held));
        }
        AUTOSTART => {
            match autostart::set(app, (!autostart::is_on(app)).into()) {
                // No page, nobody to tell.
                Ok(()) => drop(ShellChanged.emit(app)),
                Err(error) => trouble::tell(app, error),
            }
            super::changed(app);
        }
        QUIT => ending::quit(app),
        _ => {
            if let Some(session) = id.strip_prefix(SESSION).and_then(|id| id.parse().ok()) {
                windows::show_main(app, Some(session));
            }
        }
    }
}

/// Holds everything, or lets it go on.
async fn hold(app: AppHandle, held: bool) {
    let set = SetConfig { key: "runtime.paused".to_owned(), value: held.into() };
    let answer = match app.state::<Desk>().link.client().await {
        Ok(client) => client.set_config(&set).await,
        Err(error) => Err(error),
    };
    if let Err(error) = answer {
        trouble::tell(&app, error);
    }
    // The line shows what holds, not what was chosen.
    super::changed(&app);
}
