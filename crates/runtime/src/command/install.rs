//! Installing the service: show, write, put into force, and see that it answers.

use std::time::{Duration, Instant};

use jamey_ipc::{Client, Folders, launch};
use jamey_protocol::{
    ApiError,
    life::{Manner, Shutdown},
};

use super::briefly;
use crate::{
    args::Install,
    service::{about::About, part::Part, way::Way},
};

/// How long a system may take to start what it was told to start.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) fn run(folders: &Folders, how: &Install) -> Result<u8, ApiError> {
    #[cfg(windows)]
    if how.system {
        return super::windows::install(how);
    }
    let about = About::this(folders)?;
    about.check()?;
    let (way, why) = Way::best(&about, wants_autostart(how));
    if let Some(why) = why {
        println!("{why}.\n");
    }
    // One that was chosen for want of a better is not tried to be bettered each time.
    let last = way.instead(&about).map(|(other, _)| other);
    let there = [Some(&way), last.as_ref()].into_iter().flatten().find(|way| is_in_force(folders, way));
    if let Some(there) = there.filter(|_| !how.dry_run) {
        return already(folders, &about, there);
    }
    show(&way, how.dry_run);
    for warning in about.warnings(folders) {
        println!("note: {warning}.");
    }
    if how.dry_run {
        println!("nothing was written, since --dry-run was given.");
        return Ok(0);
    }
    let (way, pid) = match put(folders, &way) {
        Ok(pid) => (way, pid),
        Err(error) => {
            let Some((other, why)) = way.instead(&about) else { return Err(error) };
            println!("{}, {why}.\n", error.message);
            show(&other, false);
            let pid = put(folders, &other)?;
            (other, pid)
        }
    };
    replace_others(&about, &way)?;
    println!("the runtime answers (process {pid}); it starts with your session from now on.");
    println!("undo: jamey runtime uninstall");
    Ok(0)
}

fn is_in_force(folders: &Folders, way: &Way) -> bool {
    way.parts().iter().all(Part::is_there) && way.is_active(folders)
}

fn already(folders: &Folders, about: &About, way: &Way) -> Result<u8, ApiError> {
    println!("installed already: {} starts {}", way.name(), about.program);
    let pid = answers(folders)?;
    println!("the runtime answers (process {pid})");
    Ok(0)
}

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
    for part in way.parts() {
        println!("{}", part.place());
        for line in part.text().lines() {
            println!("    {line}");
        }
        println!();
    }
}

/// Writes and starts it. What was there before comes back when it does not answer.
fn put(folders: &Folders, way: &Way) -> Result<u32, ApiError> {
    let parts = way.parts();
    let before: Vec<(&Part, Option<Part>)> = parts.iter().map(|part| (part, part.now())).collect();
    let done = parts
        .iter()
        .try_for_each(Part::write)
        // The one that runs now holds the lock; its turns may finish first.
        .and_then(|()| {
            let how = Shutdown { manner: Manner::Finish, grace_seconds: 30, restart: true };
            if way.keeps() { briefly(launch::end(folders, &how)).map(drop) } else { Ok(()) }
        })
        .and_then(|()| way.activate())
        .and_then(|()| if way.starts_now() { comes(folders, way) } else { answers(folders) });
    if done.is_err() {
        let _ = way.deactivate();
        for (part, old) in before {
            let _ = match old {
                Some(old) => old.write(),
                None => part.remove().map(drop),
            };
        }
        way.forget();
        println!("it did not work; what was written has been taken back.");
    }
    done
}

/// Takes away another way that an earlier installation chose.
fn replace_others(about: &About, way: &Way) -> Result<(), ApiError> {
    let ours = way.parts();
    for other in Way::all(about).iter().filter(|other| other.name() != way.name()) {
        for part in other.parts().iter().filter(|part| !ours.contains(part)) {
            if part.remove()? {
                println!("removed {}, which did the same", part.place());
            }
        }
    }
    Ok(())
}

/// Waits for the runtime that the service started, and starts it where nobody else does.
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

/// Waits for the runtime that the system was told to start.
fn comes(folders: &Folders, way: &Way) -> Result<u32, ApiError> {
    briefly(async {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match Client::connect(folders, None).await {
                Ok(client) => return Ok(client.hello().await?.pid),
                Err(mut error) if Instant::now() >= deadline => {
                    error.message = format!(
                        "{} was told to start the runtime, which does not answer after {} seconds",
                        way.name(),
                        PATIENCE.as_secs()
                    );
                    return Err(error);
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    })
}
