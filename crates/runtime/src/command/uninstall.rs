//! Removing the service, and with `--purge` everything that was kept.

use std::io::{IsTerminal as _, Write as _};

use jamey_ipc::{Folders, launch};
use jamey_protocol::{
    ApiError, ErrorCode,
    life::{Manner, Shutdown},
};

use super::briefly;
use crate::{
    args::Uninstall,
    service::{about::About, files, part::Part, purge, way::Way},
};

pub(super) fn run(folders: &Folders, how: &Uninstall) -> Result<u8, ApiError> {
    #[cfg(windows)]
    if how.system {
        let folders = super::windows::uninstall()?;
        return match folders {
            // It has ended; who answers at our own pipe is somebody else.
            Some(folders) if how.purge => everything(&folders, how.yes, || Ok(())),
            _ => Ok(0),
        };
    }
    service(folders)?;
    if !how.purge {
        return Ok(0);
    }
    everything(folders, how.yes, || {
        let how = Shutdown { manner: Manner::Interrupt, ..Shutdown::default() };
        briefly(launch::end(folders, &how)).map(drop)
    })
}

fn service(folders: &Folders) -> Result<(), ApiError> {
    let about = About::this(folders)?;
    let mut removed = false;
    for way in Way::all(&about) {
        let parts = way.parts();
        if !parts.iter().any(Part::exists) {
            continue;
        }
        let stopped = way.deactivate();
        for part in &parts {
            if part.remove()? {
                println!("removed {}", part.place());
                removed = true;
            }
            if let Some(folder) = part.file().and_then(|file| file.path.parent()) {
                // Links that systemd made lie beside it.
                for target in ["default.target.wants", "sockets.target.wants"] {
                    files::remove_empty(&folder.join(target), 1);
                }
                files::remove_empty(folder, 2);
            }
        }
        way.forget();
        stopped?;
    }
    // One that an autostart entry or a task started still runs.
    let how = Shutdown { manner: Manner::Finish, grace_seconds: 30, restart: false };
    if removed && briefly(launch::end(folders, &how))?.is_some() {
        println!("the runtime has ended");
    }
    println!(
        "{}",
        if removed { "the service is gone; sessions and settings stay" } else { "no service is installed" }
    );
    Ok(())
}

fn everything(
    folders: &Folders,
    yes: bool,
    end: impl FnOnce() -> Result<(), ApiError>,
) -> Result<u8, ApiError> {
    let found = purge::folders(folders);
    if found.is_empty() {
        println!("there is no data to remove");
        return Ok(0);
    }
    println!("this removes all settings, keys, sessions, backups, logs and weights:");
    for folder in &found {
        println!("    {}", folder.display());
    }
    if !yes && !agreed()? {
        println!("nothing was removed");
        return Ok(1);
    }
    end()?;
    purge::purge(folders)?;
    println!("all of it is gone");
    Ok(0)
}

fn agreed() -> Result<bool, ApiError> {
    if !std::io::stdin().is_terminal() {
        return Err(ApiError::new(ErrorCode::BadRequest, "there is nobody to ask whether all data may go")
            .hint("say it with --yes"));
    }
    print!("remove them? This cannot be undone. [y/N] ");
    let _ = std::io::stdout().flush();
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|error| {
        ApiError::new(ErrorCode::BadRequest, format!("your answer could not be read: {error}"))
    })?;
    Ok(matches!(line.trim().to_lowercase().as_str(), "y" | "yes"))
}
