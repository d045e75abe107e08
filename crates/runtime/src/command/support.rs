//! Making the archive for whoever helps, for `jamey support-bundle`: answers as JSON, which that program
//! shows to people.

use std::path::{Path, PathBuf};

use jamey_ipc::Folders;
use jamey_protocol::{ApiError, ErrorCode};

use crate::{args::Args, support};

pub(super) fn run(folders: &Folders, args: &Args, output: Option<&Path>) -> Result<u8, ApiError> {
    match make(folders, args, output) {
        Ok(made) => super::config::answer(&made)?,
        Err(error) => {
            super::config::answer(&error)?;
            return Ok(super::exit_code(error.code));
        }
    }
    Ok(0)
}

fn make(folders: &Folders, args: &Args, output: Option<&Path>) -> Result<support::Made, ApiError> {
    let path = place(output)?;
    // Asked before the work, so that nobody waits for nothing. It is asked again when the file is made.
    if path.symlink_metadata().is_ok() {
        return support::write(&path, &[]);
    }
    let file = super::start::config_file(args)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| {
        ApiError::new(ErrorCode::Internal, format!("the threads could not be made: {error}"))
    })?;
    let parts = runtime.block_on(support::gather(folders, file));
    // What hangs in the system ends with this process.
    runtime.shutdown_background();
    support::write(&path, &parts)
}

/// The file that was named, or one in the working folder that is named by the time.
fn place(output: Option<&Path>) -> Result<PathBuf, ApiError> {
    let name = chrono::Local::now().format("jamey-support-%Y%m%d-%H%M%S.zip").to_string();
    let path = output.map_or_else(|| PathBuf::from(name), Path::to_path_buf);
    std::path::absolute(&path).map_err(|error| {
        ApiError::new(ErrorCode::BadRequest, format!("{} cannot be used: {error}", path.display()))
            .hint("name a file with --output")
    })
}
