//! The shell's end, and the runtime's with it where that is right.

use std::{
    process::{Command, Stdio},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jamey_ipc::Client;
use jamey_protocol::{
    life::{Manner, Shutdown},
    status::Status,
};
use tauri::{AppHandle, Manager as _, async_runtime::spawn};
use tauri_plugin_dialog::{DialogExt as _, MessageDialogButtons, MessageDialogKind};

use crate::{desk::Desk, flags::Wish, trouble, windows, words::Words};

/// How long the runtime may take to say how it is, and to hear that it shall end.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long it is waited for one that is being found or started: ended now, it would be left behind.
const STARTED: Duration = Duration::from_secs(5);

/// One end is enough.
static IS_ENDING: AtomicBool = AtomicBool::new(false);

/// What a second start wished for while this one was ending, in the order in which it came.
static WISHES: Mutex<Vec<Wish>> = Mutex::new(Vec::new());

/// What the runtime shall do when the shell ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It was here before, or others use it: it goes on.
    Stays,
    /// It ends too.
    Ends,
    /// It ends too, and turns with it: a person must want that.
    Interrupts(u64),
}

/// Ends the shell, and the runtime when this shell started it and no other face uses it; asks first while a
/// turn runs that would end with it, or a download of this shell.
pub fn quit(app: &AppHandle) {
    if IS_ENDING.swap(true, Ordering::SeqCst) {
        return;
    }
    let app = app.clone();
    spawn(async move {
        let client = client(&app).await;
        let fate = fate(&app, client.as_ref()).await;
        let turns = match fate {
            Fate::Interrupts(running) => running,
            Fate::Stays | Fate::Ends => 0,
        };
        if !is_wanted(&app, turns).await {
            stay(&app);
            return;
        }
        if fate != Fate::Stays
            && let Some(client) = client
        {
            end(&client).await;
        }
        leave(&app);
    });
}

/// Ends the shell because its last window was closed where no tray would hold it. Turns go on: nobody said that
/// they shall end. A download cannot, so that is asked for.
pub fn closed(app: &AppHandle) {
    if IS_ENDING.swap(true, Ordering::SeqCst) {
        return;
    }
    let app = app.clone();
    spawn(async move {
        if !is_wanted(&app, 0).await {
            // Without a tray the window is the only way to what goes on.
            let _ = takes(Wish::Main);
            stay(&app);
            return;
        }
        let client = client(&app).await;
        if fate(&app, client.as_ref()).await == Fate::Ends
            && let Some(client) = client
        {
            end(&client).await;
        }
        leave(&app);
    });
}

/// Ends this process and starts the program that lies in its place now, with its window, as after an update. Turns and
/// the runtime go on.
pub fn begin_anew(app: &AppHandle) {
    if !IS_ENDING.swap(true, Ordering::SeqCst) {
        let _ = takes(Wish::Main);
        leave(app);
    }
}

/// Takes what a second start wishes for while this one ends; false when it does not end.
#[must_use]
pub fn takes(wish: Wish) -> bool {
    let mut wishes = WISHES.lock().unwrap_or_else(PoisonError::into_inner);
    let is_ending = IS_ENDING.load(Ordering::SeqCst);
    if is_ending {
        wishes.push(wish);
    }
    is_ending
}

/// It does not end after all.
fn stay(app: &AppHandle) {
    let mut waiting = WISHES.lock().unwrap_or_else(PoisonError::into_inner);
    IS_ENDING.store(false, Ordering::SeqCst);
    let wishes = std::mem::take(&mut *waiting);
    drop(waiting);
    let handle = app.clone();
    let _ =
        app.run_on_main_thread(move || wishes.into_iter().for_each(|wish| windows::fulfil(&handle, wish)));
}

/// Starts what was asked for meanwhile: whoever asked has gone, in the belief that it will be done.
fn hand_on(app: &AppHandle) {
    // First: a start from now on finds nobody and is the first one itself. What came before is taken on below.
    tauri_plugin_single_instance::destroy(app);
    let Some(wish) = WISHES.lock().unwrap_or_else(PoisonError::into_inner).pop() else { return };
    #[cfg(target_os = "linux")]
    let program = crate::renewal::own_program();
    #[cfg(not(target_os = "linux"))]
    let program = std::env::current_exe().ok();
    let Some(program) = program else { return };
    let mut command = Command::new(program);
    command.args(wish.arguments()).stdin(Stdio::null()).stdout(Stdio::null());
    // It takes nobody's place.
    #[cfg(target_os = "linux")]
    command.env_remove(crate::renewal::RENEWED);
    let started = command.spawn();
    if let Err(error) = started {
        trouble::note(format_args!("the start that was asked for failed: {error}"));
    }
}

fn leave(app: &AppHandle) {
    let handle = app.clone();
    // Where the main thread does not answer any more, the process ends all the same.
    let _ = app.run_on_main_thread(move || {
        windows::close_main(&handle);
        hand_on(&handle);
        handle.exit(0);
    });
}

async fn client(app: &AppHandle) -> Option<Client> {
    let link = &app.state::<Desk>().link;
    let mut changes = link.changes();
    let settled = changes.wait_for(|connection| !connection.is_on_its_way());
    let _ = tokio::time::timeout(STARTED, settled).await;
    link.client_now()
}

async fn fate(app: &AppHandle, client: Option<&Client>) -> Fate {
    let started = app.state::<Desk>().link.started();
    let Some(client) = client.filter(|_| started.is_some()) else { return Fate::Stays };
    match tokio::time::timeout(PATIENCE, client.status()).await {
        // Somebody else put another in its place, to stay.
        Ok(Ok(status)) if Some(status.pid) != started => Fate::Stays,
        Ok(Ok(status)) => fate_of(&status),
        // One that does not answer is left to whoever looks after it.
        Ok(Err(_)) | Err(_) => Fate::Stays,
    }
}

fn fate_of(status: &Status) -> Fate {
    match (status.faces, status.running + status.waiting) {
        // This shell is one of them; a runtime that does not count them may have others.
        (None | Some(2..), _) => Fate::Stays,
        (Some(_), 0) => Fate::Ends,
        (Some(_), running) => Fate::Interrupts(running),
    }
}

async fn end(client: &Client) {
    let how = Shutdown { manner: Manner::Interrupt, ..Shutdown::default() };
    // What it does not hear it need not obey: it serves whoever comes next.
    let _ = tokio::time::timeout(PATIENCE, client.shut_down(&how)).await;
}

/// Whether the shell shall end although so many turns and its own downloads would end with it.
async fn is_wanted(app: &AppHandle, turns: u64) -> bool {
    let desk = app.state::<Desk>();
    let words = desk.settings.words();
    let Some(text) = question(words, turns, desk.pulls.running()) else { return true };
    let (told, answer) = tokio::sync::oneshot::channel();
    let buttons =
        MessageDialogButtons::OkCancelCustom(words.stop_and_quit.to_owned(), words.cancel.to_owned());
    app.dialog()
        .message(text)
        .title(words.quit_title)
        .kind(MessageDialogKind::Warning)
        .buttons(buttons)
        .show(move |is_yes| {
            let _ = told.send(is_yes);
        });
    answer.await.unwrap_or(false)
}

/// What a person must know first, if anything.
fn question(words: &Words, turns: u64, downloads: usize) -> Option<String> {
    let turns = (turns > 0).then(|| (words.still_running)(turns));
    let downloads = (downloads > 0).then(|| (words.still_fetching)(downloads));
    let all: Vec<String> = turns.into_iter().chain(downloads).collect();
    (!all.is_empty()).then(|| all.join("\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    fn status(faces: Option<u64>, running: u64) -> Status {
        Status { faces, running, ..Status::default() }
    }

    #[test]
    fn the_runtime_ends_with_the_shell_only_when_nobody_else_uses_it() {
        assert_eq!(fate_of(&status(Some(1), 0)), Fate::Ends);
        assert_eq!(fate_of(&status(Some(1), 2)), Fate::Interrupts(2));
        assert_eq!(fate_of(&status(Some(2), 0)), Fate::Stays);
        assert_eq!(fate_of(&status(None, 0)), Fate::Stays);
    }

    #[test]
    fn a_person_is_asked_for_what_would_be_cut_and_for_nothing_else() {
        let words = Language::En.words();
        assert_eq!(question(words, 0, 0), None);
        let both = question(words, 2, 1).unwrap();
        assert!(both.contains("2 turns") && both.contains("A download"), "{both}");
        assert!(!question(words, 0, 2).unwrap().contains("turn"));
    }
}
