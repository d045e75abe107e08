//! Which shell runs commands.

use std::{ffi::OsString, path::PathBuf};

/// A shell, and the options before the command line.
#[derive(Clone, Debug)]
pub(super) struct Shell {
    pub program: PathBuf,
    pub options: Vec<OsString>,
}

/// Finds bash, else the system's `sh`. Only in places that belong to the system, never by `PATH`.
#[cfg(unix)]
pub(super) fn shell() -> Shell {
    const BASH: [&str; 5] = [
        "/bin/bash",
        "/usr/bin/bash",
        "/usr/local/bin/bash",
        "/opt/homebrew/bin/bash",
        "/run/current-system/sw/bin/bash",
    ];
    let bash = BASH.iter().map(PathBuf::from).find(|path| path.is_file());
    Shell { program: bash.unwrap_or_else(|| "/bin/sh".into()), options: vec!["-c".into()] }
}

/// PowerShell from the system's folder. Never `cmd.exe`, whose quoting cannot be made safe.
#[cfg(not(unix))]
pub(super) fn shell() -> Shell {
    let root = std::env::var_os("SystemRoot").unwrap_or_else(|| r"C:\Windows".into());
    let program = PathBuf::from(root).join(r"System32\WindowsPowerShell\v1.0\powershell.exe");
    Shell { program, options: ["-NoProfile", "-NonInteractive", "-Command"].map(OsString::from).to_vec() }
}
