//! The detached process itself: no terminal and no working folder. What it inherits besides, it
//! closes by itself.

use std::{
    ffi::OsString,
    fs::File,
    io,
    path::Path,
    process::{Command, ExitStatus, Stdio},
};

#[cfg(windows)]
const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
#[cfg(windows)]
const CREATE_NO_WINDOW: u32 = 0x0800_0000;
#[cfg(windows)]
const ALONE: u32 = CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW;

/// A runtime that was just started.
#[derive(Debug)]
pub(super) struct Child {
    #[cfg(unix)]
    inner: Box<dyn process_wrap::std::ChildWrapper>,
    #[cfg(windows)]
    inner: std::process::Child,
}

impl Child {
    /// Its exit status, if it has ended.
    pub(super) fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.inner.try_wait()
    }
}

/// Starts a runtime for its keeper, which waits for it: as above, but in the keeper's own session and job.
pub(super) fn spawn_kept(mut program: Command, log: File) -> io::Result<std::process::Child> {
    program.args(["start", "--foreground"]);
    let mut command = prepared(program, log)?;
    #[cfg(windows)]
    std::os::windows::process::CommandExt::creation_flags(&mut command, ALONE);
    command.spawn()
}

fn prepared(mut command: Command, log: File) -> io::Result<Command> {
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    command.env_remove("PWD").env_remove("OLDPWD");
    Ok(command)
}

#[cfg(unix)]
pub(super) fn spawn(program: &Path, words: &[OsString], log: File) -> io::Result<Child> {
    use process_wrap::std::{CommandWrap, ProcessSession};

    let mut command = Command::new(program);
    command.args(words).current_dir("/");
    let inner = CommandWrap::from(prepared(command, log)?).wrap(ProcessSession).spawn()?;
    Ok(Child { inner })
}

/// With a console that nobody sees, so that no program that the runtime starts opens one, and outside the
/// job of whoever asks, where that job allows it: a terminal that closes ends its job.
#[cfg(windows)]
pub(super) fn spawn(program: &Path, words: &[OsString], log: File) -> io::Result<Child> {
    use std::os::windows::process::CommandExt as _;

    const CREATE_BREAKAWAY_FROM_JOB: u32 = 0x0100_0000;
    let mut command = Command::new(program);
    command.args(words);
    if let Some(home) = std::env::home_dir() {
        command.current_dir(home);
    }
    let mut command = prepared(command, log)?;
    super::handles::keep_own_streams();
    let inner = match command.creation_flags(ALONE | CREATE_BREAKAWAY_FROM_JOB).spawn() {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            command.creation_flags(ALONE).spawn()?
        }
        spawned => spawned?,
    };
    Ok(Child { inner })
}
