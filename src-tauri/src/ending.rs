//! The shell's end, and the runtime's with it where that is right.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use jamey_ipc::Client;
use jamey_protocol::{
    life::{Manner, Shutdown},
    status::Status,
};
use tauri::{AppHandle, Manager as _, async_runtime::spawn};
use tauri_plugin_dialog::{DialogExt as _, MessageDialogButtons, MessageDialogKind};

use crate::{desk::Desk, windows};

/// How long the runtime may take to say how it is, and to hear that it shall end.
const PATIENCE: Duration = Duration::from_secs(3);

/// One end is enough.
static IS_ENDING: AtomicBool = AtomicBool::new(false);

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
/// turn runs.
pub fn quit(app: &AppHandle) {
    if IS_ENDING.swap(true, Ordering::SeqCst) {
        return;
    }
    let app = app.clone();
    spawn(async move {
        let client = app.state::<Desk>().link.client_now();
        let fate = fate(&app, client.as_ref()).await;
        let is_wanted = match fate {
            Fate::Interrupts(running) => asked(&app, running).await,
            Fate::Stays | Fate::Ends => true,
        };
        if !is_wanted {
            IS_ENDING.store(false, Ordering::SeqCst);
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
/// they shall end.
pub fn closed(app: &AppHandle) {
    if IS_ENDING.swap(true, Ordering::SeqCst) {
        return;
    }
    let app = app.clone();
    spawn(async move {
        let client = app.state::<Desk>().link.client_now();
        if fate(&app, client.as_ref()).await == Fate::Ends
            && let Some(client) = client
        {
            end(&client).await;
        }
        leave(&app);
    });
}

fn leave(app: &AppHandle) {
    let handle = app.clone();
    // Where the main thread does not answer any more, the process ends all the same.
    let _ = app.run_on_main_thread(move || {
        windows::close_main(&handle);
        handle.exit(0);
    });
}

async fn fate(app: &AppHandle, client: Option<&Client>) -> Fate {
    let Some(client) = client.filter(|_| app.state::<Desk>().link.has_started()) else { return Fate::Stays };
    match tokio::time::timeout(PATIENCE, client.status()).await {
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

async fn asked(app: &AppHandle, running: u64) -> bool {
    let text = match running {
        1 => "A turn is still running. It stops when you quit; what it did so far is kept.".to_owned(),
        more => format!("{more} turns are still running. They stop when you quit; what they did is kept."),
    };
    let (told, answer) = tokio::sync::oneshot::channel();
    let buttons = MessageDialogButtons::OkCancelCustom("Stop and quit".to_owned(), "Cancel".to_owned());
    app.dialog().message(text).title("Quit Jamey?").kind(MessageDialogKind::Warning).buttons(buttons).show(
        move |is_yes| {
            let _ = told.send(is_yes);
        },
    );
    answer.await.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
