//! Installing the service: show, write, put into force, and see that it answers.

use jamey_ipc::{Client, Folders, launch};
use jamey_protocol::{
    ApiError,
    life::{Manner, Shutdown},
};

use super::briefly;
use crate::{
    args::Install,
    service::{about::About, files, files::Planned, way::Way},
};

pub(super) fn run(folders: &Folders, how: &Install) -> Result<u8, ApiError> {
    #[cfg(windows)]
    return super::windows::install(folders, how);
    #[cfg(not(windows))]
    {
        let about = About::this(folders)?;
        let (way, why) = Way::best(&about, wants_autostart(how));
        if let Some(why) = why {
            println!("{why}.\n");
        }
        if way.files().iter().all(|file| file.is_there()) && way.is_active(folders) && !how.dry_run {
            println!("installed already: {} starts {}", way.name(), about.program);
            return answers(folders).map(|pid| {
                println!("the runtime answers (process {pid})");
                0
            });
        }
        show(&way, how.dry_run);
        for warning in about.warnings(folders) {
            println!("note: {warning}.");
        }
        if how.dry_run {
            println!("nothing was written, since --dry-run was given.");
            return Ok(0);
        }
        let pid = put(folders, &way)?;
        replace_others(&about, &way)?;
        println!("the runtime answers (process {pid}); it starts with your session from now on.");
        println!("undo: jamey runtime uninstall");
        Ok(0)
    }
}

#[cfg(not(windows))]
fn wants_autostart(how: &Install) -> bool {
    #[cfg(target_os = "macos")]
    {
        let _ = how;
        false
    }
    #[cfg(not(target_os = "macos"))]
    how.autostart
}

fn show(way: &Way, is_dry: bool) {
    println!("{} {}:\n", if is_dry { "would write" } else { "writing" }, way.name());
    for file in way.files() {
        println!("{}", file.path.display());
        for line in file.text.lines() {
            println!("    {line}");
        }
        println!();
    }
}

/// Writes and starts it. What was there before comes back when it does not answer.
fn put(folders: &Folders, way: &Way) -> Result<u32, ApiError> {
    let before: Vec<(&Planned, Option<String>)> =
        way.files().into_iter().map(|file| (file, std::fs::read_to_string(&file.path).ok())).collect();
    let done = way
        .files()
        .iter()
        .try_for_each(|file| file.write())
        // The one that runs now holds the lock; its turns may finish first.
        .and_then(|()| {
            let how = Shutdown { manner: Manner::Finish, grace_seconds: 30, restart: true };
            if way.keeps() { briefly(launch::end(folders, &how)).map(drop) } else { Ok(()) }
        })
        .and_then(|()| way.activate())
        .and_then(|()| answers(folders));
    if done.is_err() {
        let _ = way.deactivate();
        for (file, text) in before {
            let _ = match text {
                Some(text) => Planned { path: file.path.clone(), text }.write(),
                None => files::remove(&file.path).map(drop),
            };
        }
        way.forget();
        println!("it did not work; what was written has been taken back.");
    }
    done
}

/// Takes away another way that an earlier installation chose.
#[cfg(not(windows))]
fn replace_others(about: &About, way: &Way) -> Result<(), ApiError> {
    for other in Way::all(about).iter().filter(|other| other.name() != way.name()) {
        for file in other.files() {
            if files::remove(&file.path)? {
                println!("removed {}, which did the same", file.path.display());
            }
        }
    }
    Ok(())
}

/// Waits for the runtime that the service started.
fn answers(folders: &Folders) -> Result<u32, ApiError> {
    briefly(async {
        let program = std::env::current_exe().unwrap_or_default();
        let client = match Client::connect(folders, None).await {
            Ok(client) => client,
            Err(_) => launch::start(folders, &program, &[]).await?,
        };
        Ok(client.hello().await?.pid)
    })
}
