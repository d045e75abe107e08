//! The detached process itself: no terminal, no inherited descriptors, no working folder.

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

    let leaked = inherited();
    let mut command = if leaked.is_empty() { Command::new(runtime) } else { closing(&leaked, runtime) };
    command.args(["start", "--foreground"]).args(more).current_dir("/");
    let inner = CommandWrap::from(prepared(command, log)?).wrap(ProcessSession).spawn()?;
    Ok(Child { inner })
}

/// A shell closes what our own caller leaked to us (a lock held on descriptor 9 would else be held
/// as long as the runtime lives), then becomes the runtime. The standard library cannot close
/// descriptors that it did not open.
#[cfg(unix)]
fn closing(descriptors: &[u32], runtime: &Path) -> Command {
    let closes: String = descriptors.iter().map(|fd| format!(" {fd}>&-")).collect();
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(format!("exec{closes}; exec \"$0\" \"$@\"")).arg(runtime);
    command
}

/// The descriptors from 3 to 9 that a child would inherit. Shells close no higher ones by number,
/// and scripts use no higher ones either.
#[cfg(unix)]
fn inherited() -> Vec<u32> {
    (3..=9).filter(|fd| flags(*fd).is_some_and(|flags| flags & CLOSE_ON_EXEC == 0)).collect()
}

/// In the kernel's octal notation.
#[cfg(unix)]
const CLOSE_ON_EXEC: u32 = 0o2_000_000;

#[cfg(unix)]
fn flags(fd: u32) -> Option<u32> {
    let text = std::fs::read_to_string(format!("/proc/self/fdinfo/{fd}")).ok()?;
    let flags = text.lines().find_map(|line| line.strip_prefix("flags:"))?;
    u32::from_str_radix(flags.trim(), 8).ok()
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
