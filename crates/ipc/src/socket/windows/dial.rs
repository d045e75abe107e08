//! The client's end.

use std::{
    fs::{File, OpenOptions},
    io,
    os::windows::{fs::OpenOptionsExt as _, io::OwnedHandle},
    path::Path,
    time::Duration,
};

use interprocess::os::windows::named_pipe::{pipe_mode::Bytes, tokio::DuplexPipeStream};

use super::Stream;
use crate::peer::account;

/// The system's answer while all instances of a pipe are taken.
const ERROR_PIPE_BUSY: i32 = 231;
/// `FILE_FLAG_OVERLAPPED`: reading and writing do not wait.
const OVERLAPPED: u32 = 0x4000_0000;
/// `SECURITY_IDENTIFICATION`: the other end may learn who we are, but not act in our name.
const IDENTIFICATION: u32 = 0x0001_0000;
/// How often, and how long apart, a busy pipe is tried again: two seconds.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(20);

/// Connects to the runtime, which must be ours; waits a little while all instances of the pipe are
/// taken.
///
/// # Errors
/// The system's error when nobody listens; `PermissionDenied` when another account does.
pub async fn dial(path: &Path) -> io::Result<Stream> {
    for _ in 0..TRIES {
        match open(path) {
            Err(error) if error.raw_os_error() == Some(ERROR_PIPE_BUSY) => tokio::time::sleep(PAUSE).await,
            opened => return checked(opened?, path),
        }
    }
    Err(io::Error::from_raw_os_error(ERROR_PIPE_BUSY))
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(OVERLAPPED)
        .security_qos_flags(IDENTIFICATION)
        .open(path)
}

/// Refuses a pipe that somebody else serves under the runtime's name.
fn checked(file: File, path: &Path) -> io::Result<Stream> {
    let pipe = DuplexPipeStream::<Bytes>::try_from(OwnedHandle::from(file)).map_err(io::Error::from)?;
    // Nothing was written yet.
    pipe.assume_flushed();
    let server = account::of(pipe.server_process_id()?);
    match (server, account::ours()) {
        (Some(theirs), Some(ours)) if theirs == ours => Ok(Stream::from(pipe)),
        (theirs, _) => {
            let who = theirs.map_or_else(|| "an unknown account".to_owned(), |sid| format!("account {sid}"));
            let message = format!("the pipe {} is served by {who}, not by you", path.display());
            Err(io::Error::new(io::ErrorKind::PermissionDenied, message))
        }
    }
}
