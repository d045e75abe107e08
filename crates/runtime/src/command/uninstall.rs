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
    service::{about::About, files, purge, way::Way},
};

pub(super) fn run(folders: &Folders, how: &Uninstall) -> Result<u8, ApiError> {
    #[cfg(windows)]
    super::windows::uninstall(how)?;
    #[cfg(not(windows))]
    service(folders)?;
    if how.purge { everything(folders, how.yes) } else { Ok(0) }
}

fn service(folders: &Folders) -> Result<(), ApiError> {
    let about = About::this(folders)?;
    let mut removed = false;
    for way in Way::all(&about) {
        if !way.files().iter().any(|file| file.path.exists()) {
            continue;
        }
        let stopped = way.deactivate();
        for file in way.files() {
            if files::remove(&file.path)? {
                println!("removed {}", file.path.display());
                removed = true;
            }
            if let Some(folder) = file.path.parent() {
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
    // One that an autostart entry started still runs.
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

fn everything(folders: &Folders, yes: bool) -> Result<u8, ApiError> {
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
    let how = Shutdown { manner: Manner::Interrupt, ..Shutdown::default() };
    briefly(launch::end(folders, &how))?;
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
