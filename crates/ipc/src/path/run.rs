//! The folder of socket and lock. Its path must fit into a socket address, which is short.

#[cfg(unix)]
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Socket addresses hold 104 bytes on macOS and 108 on Linux, with a closing NUL; a new socket is
/// first bound under a name that is four bytes longer.
#[cfg(unix)]
const LONGEST_SOCKET_PATH: usize = 99;

#[cfg(unix)]
pub(super) fn socket(run: &Path) -> PathBuf {
    run.join("runtime.sock")
}

/// The name of the run folder that the system's customs give; `JAMEY_HOME` never makes one of this
/// name.
#[cfg(windows)]
pub(super) const CUSTOMARY: &str = "door";

/// The pipe's name stands for the account; under `JAMEY_HOME` for the run folder too, so that two homes
/// have two pipes.
#[cfg(windows)]
pub(super) fn socket(run: &Path) -> PathBuf {
    // An account that cannot be told has a name, but no runtime: binding needs to know it.
    let account = crate::peer::account::ours().unwrap_or("unknown");
    let mut name = format!(r"\\.\pipe\jamey-{account}");
    if run.file_name().is_none_or(|last| last != CUSTOMARY) {
        name.push_str(&format!("-{:08x}", hash(run.as_os_str().as_encoded_bytes())));
    }
    name.into()
}

/// Chooses `$XDG_RUNTIME_DIR/jamey`, or what stands for it, else a folder in the data folder.
///
/// A variable that was inherited from another user, or whose folder is gone, does not count; a
/// client without the variable finds the same folder as one with it.
#[cfg(unix)]
pub(super) fn customary(given: Option<OsString>, data: &Path) -> PathBuf {
    let mut candidates: Vec<PathBuf> = given.map(PathBuf::from).into_iter().collect();
    if cfg!(target_os = "linux") {
        candidates.push(format!("/run/user/{}", rustix::process::geteuid().as_raw()).into());
    }
    candidates
        .into_iter()
        .find(|folder| folder.is_absolute() && is_ours(folder))
        .map_or_else(|| shortened(data.join("run")), |folder| shortened(folder.join("jamey")))
}

#[cfg(unix)]
fn is_ours(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(folder)
        .is_ok_and(|meta| meta.is_dir() && meta.uid() == rustix::process::geteuid().as_raw())
}

/// Keeps `run`, or stands a short folder in for it when the socket's path would be too long.
#[cfg(unix)]
pub(super) fn shortened(run: PathBuf) -> PathBuf {
    if socket(&run).as_os_str().len() <= LONGEST_SOCKET_PATH {
        return run;
    }
    short_parent().join(format!("{:08x}", hash(run.as_os_str().as_encoded_bytes())))
}

#[cfg(windows)]
pub(super) fn shortened(run: PathBuf) -> PathBuf {
    run
}

/// Tells whether `run` stands in a folder that we share with nobody but have to make ourselves.
#[cfg(unix)]
pub(super) fn is_shortened(run: &Path) -> bool {
    run.parent() == Some(&short_parent())
}

#[cfg(windows)]
pub(super) fn is_shortened(_run: &Path) -> bool {
    false
}

#[cfg(unix)]
fn short_parent() -> PathBuf {
    format!("/tmp/jamey-{}", rustix::process::geteuid().as_raw()).into()
}

/// FNV-1a, folded to 32 bits: the same in every build, which the standard hasher does not promise.
pub(super) fn hash(bytes: &[u8]) -> u32 {
    let wide = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let [a, b, c, d, e, f, g, h] = wide.to_be_bytes();
    u32::from_be_bytes([a ^ e, b ^ f, c ^ g, d ^ h])
}
