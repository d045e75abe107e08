//! Ending the running runtime.

use jamey_ipc::{Folders, launch};
use jamey_protocol::{
    ApiError,
    life::{Manner, Shutdown},
};

use super::briefly;

pub(super) fn run(folders: &Folders, now: bool) -> Result<u8, ApiError> {
    let manner = if now { Manner::Now } else { Manner::Interrupt };
    let how = Shutdown { manner, ..Shutdown::default() };
    let ended = briefly(launch::end(folders, &how))?;
    println!("{}", if ended.is_some() { "the runtime has ended" } else { "no runtime is running" });
    Ok(0)
}
