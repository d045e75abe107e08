//! `jamey backup`: a copy of everything that was said, now.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::Path,
};

use jamey_protocol::{ApiError, ErrorCode, backup::Backup};
use serde_json::json;

use super::wait_for;
use crate::{
    args::BackupArgs,
    exit,
    link::Link,
    render::{self, ago, bytes, table},
};

pub fn run(link: &Link, how: &BackupArgs) -> Result<u8, ApiError> {
    wait_for(async {
        let client = link.reach().await?;
        if how.list {
            list(link, &client.backups().await?.data);
            return Ok(());
        }
        // Before anything is made: what is there is never overwritten.
        let to = how.to.as_deref().map(begin).transpose()?;
        let made = client.make_backup().await;
        if made.is_err()
            && let Some((_, path)) = &to
        {
            // Nothing is in it yet.
            let _ = fs::remove_file(path);
        }
        let made = made?;
        let place = match to {
            Some((file, path)) => {
                finish(&made, file, path)?;
                path.display().to_string()
            }
            None => made.path.clone(),
        };
        if link.globals.json {
            render::print_json(&match &how.to {
                Some(_) => json!({ "backup": made, "to": place }),
                None => json!({ "backup": made }),
            });
        } else {
            render::print(&format!("{place}\n"));
            if !link.globals.quiet {
                render::note(&format!("a verified copy of {}", bytes(made.bytes)));
            }
        }
        Ok(())
    })?;
    Ok(exit::DONE)
}

fn list(link: &Link, copies: &[Backup]) {
    if link.globals.json {
        render::print_json(&json!({ "data": copies }));
        return;
    }
    if copies.is_empty() {
        render::note("there is no backup yet; make one with: jamey backup");
        return;
    }
    let rows: Vec<_> = copies
        .iter()
        .map(|copy| [copy.name.clone(), copy.at.map(ago).unwrap_or_default(), bytes(copy.bytes)])
        .collect();
    render::print(&table(["BACKUP", "MADE", "SIZE"], &rows));
}

/// Makes the file that the copy goes to, for the owner alone.
fn begin(path: &Path) -> Result<(File, &Path), ApiError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(file) => Ok((file, path)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(ApiError::new(
            ErrorCode::BadRequest,
            format!("{} exists already and is not overwritten", path.display()),
        )
        .hint("give another name")),
        Err(error) => Err(failed(path, &error)),
    }
}

fn finish(made: &Backup, mut file: File, path: &Path) -> Result<(), ApiError> {
    let copied = File::open(&made.path)
        .and_then(|mut from| io::copy(&mut from, &mut file))
        .and_then(|copied| file.sync_all().map(|()| copied));
    match copied {
        Ok(copied) if copied == made.bytes => Ok(()),
        Ok(_) => Err(part_removed(path, "it is not whole")),
        Err(error) => Err(part_removed(path, &error.to_string())),
    }
}

/// Part of a copy would pass for the whole.
fn part_removed(path: &Path, why: &str) -> ApiError {
    let _ = fs::remove_file(path);
    ApiError::new(ErrorCode::Storage, format!("the copy {} cannot be written: {why}", path.display()))
        .hint("look at the disk's free space; the copy among the backups is made: jamey backup --list")
}

fn failed(path: &Path, error: &io::Error) -> ApiError {
    ApiError::new(ErrorCode::Storage, format!("{} cannot be written: {error}", path.display()))
        .hint("look at the folder's permissions and at the disk's free space")
}
