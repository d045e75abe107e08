//! The detached process itself: no terminal and no working folder. What it inherits besides, it
//! closes by itself.

use std::{
    ffi::OsString,
    fs::File,
    io,
    path::Path,
    process::{Command, ExitStatus, Stdio},
};

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

fn prepared(mut command: Command, log: File) -> io::Result<Command> {
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    command.env_remove("PWD").env_remove("OLDPWD");
    Ok(command)
}

#[cfg(unix)]
pub(super) fn spawn(runtime: &Path, more: &[OsString], log: File) -> io::Result<Child> {
    use process_wrap::std::{CommandWrap, ProcessSession};

    let mut command = Command::new(runtime);
    command.args(["start", "--foreground"]).args(more).current_dir("/");
    let inner = CommandWrap::from(prepared(command, log)?).wrap(ProcessSession).spawn()?;
    Ok(Child { inner })
}

/// Windows passes no handles on unless they were marked; compiled, not verified on a real one.
#[cfg(windows)]
pub(super) fn spawn(runtime: &Path, more: &[OsString], log: File) -> io::Result<Child> {
    use std::os::windows::process::CommandExt as _;

    const DETACHED_PROCESS: u32 = 0x0000_0008;
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
    let mut command = Command::new(runtime);
    command.args(["start", "--foreground"]).args(more);
    if let Some(home) = std::env::home_dir() {
        command.current_dir(home);
    }
    let inner =
        prepared(command, log)?.creation_flags(DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP).spawn()?;
    Ok(Child { inner })
}
