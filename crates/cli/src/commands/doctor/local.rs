//! What can be seen, and put right, without the runtime.

use std::path::Path;

use jamey_ipc::{
    Folders,
    instance::Lock,
    launch::{find_runtime, is_activatable},
    path::{self, Fault},
};
use jamey_protocol::health::Check;

use super::{Treatment, of_error};
use crate::render::bytes;

const FOLDERS: &str = "folders";
/// Below this the next download or a long session may not fit.
const LITTLE_SPACE: u64 = 1_000_000_000;
/// Below this even messages may not be kept.
const NO_SPACE: u64 = 50_000_000;

pub(super) fn checks(folders: &Folders, treatment: Treatment) -> Vec<Check> {
    let mut checks = places(folders, treatment);
    checks.extend(
        [&folders.config, &folders.data, &folders.cache, &folders.models]
            .into_iter()
            .filter_map(|folder| unwritable(folder)),
    );
    if checks.is_empty() {
        checks.push(Check::fine(FOLDERS, "config, data, cache and run are yours alone"));
    }
    checks.extend(left_behind(folders, treatment));
    checks.push(config(folders));
    checks.extend(permissions(folders));
    checks.push(programs());
    checks.extend(space(&folders.data));
    checks
}

/// Folders and files that must be their owner's alone. Before the first start none is there, and that is well.
fn places(folders: &Folders, treatment: Treatment) -> Vec<Check> {
    let mut checks = Vec::new();
    // Before the first start nothing is missing.
    let is_fresh = !folders.data.exists();
    for place in folders.private_places() {
        let Some(fault) = place.fault() else { continue };
        match treatment {
            _ if fault == Fault::Missing && is_fresh => {}
            Treatment::Look if fault == Fault::Missing => {}
            Treatment::Look => checks.push(place.check(FOLDERS, &fault)),
            Treatment::Fix => checks.push(place.mended_check(FOLDERS, &fault)),
        }
    }
    // The folder of socket and lock must not even be a link.
    if folders.run.is_symlink()
        && let Some((fault, remedy)) = path::private_fault(&folders.run)
    {
        checks.push(Check::broken(FOLDERS, fault, remedy));
    }
    checks
}

/// Writes and removes an empty file, the only sure proof that one can be made.
fn unwritable(folder: &Path) -> Option<Check> {
    if !folder.is_dir() {
        return None;
    }
    let path = folder.join(format!(".doctor-{}", std::process::id()));
    let written = std::fs::File::create_new(&path).and_then(|_| std::fs::remove_file(path));
    let error = written.err()?;
    Some(Check::broken(
        FOLDERS,
        format!("{} cannot be written to: {error}", folder.display()),
        "make it writable for you, or set JAMEY_HOME to a folder that is",
    ))
}

/// A socket that a killed runtime left. The next start replaces it, so it is only worth a word when asked to
/// mend.
fn left_behind(folders: &Folders, treatment: Treatment) -> Option<Check> {
    let socket = folders.socket();
    let is_left = cfg!(unix)
        && socket.symlink_metadata().is_ok()
        && Lock::holder(folders).is_none()
        && !is_activatable(folders);
    if !is_left || treatment == Treatment::Look {
        return None;
    }
    let shown = socket.display();
    Some(match std::fs::remove_file(&socket) {
        Ok(()) => Check::fine("socket", "none is left behind")
            .mended(format!("removed the socket {shown}, which a runtime that is gone had left")),
        Err(error) => {
            Check::warning("socket", format!("{shown} is left behind: {error}"), "remove it yourself")
        }
    })
}

fn config(folders: &Folders) -> Check {
    let path = folders.runtime_toml();
    match path::config_fault(folders) {
        Some(fault) => Check::broken("config", fault, "mend it: jamey config edit"),
        None if path.exists() => Check::fine("config", format!("{} can be read", path.display())),
        None => Check::fine("config", format!("{} is made at the first start", path.display())),
    }
}

/// Where a person sees, and takes back, what they allowed for good. Whether it can be read the runtime says.
fn permissions(folders: &Folders) -> Option<Check> {
    let path = folders.permissions();
    let finding =
        format!("{} lists what is always allowed; take an entry out to be asked again", path.display());
    path.exists().then(|| Check::fine("permissions", finding))
}

fn programs() -> Check {
    let runtime = match find_runtime() {
        Ok(runtime) => runtime,
        Err(error) => return of_error("programs", &error),
    };
    let model = runtime.with_file_name(format!("jamey-local-model{}", std::env::consts::EXE_SUFFIX));
    if model.is_file() {
        return Check::fine("programs", runtime.display().to_string());
    }
    Check::warning(
        "programs",
        format!("{} is missing, so no local model can run", model.display()),
        "reinstall Jamey, so that jamey-local-model lies beside jamey-runtime",
    )
}

#[cfg(unix)]
fn space(folder: &Path) -> Option<Check> {
    let there = folder.ancestors().find(|folder| folder.exists())?;
    let stat = rustix::fs::statvfs(there).ok()?;
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    let finding = format!("{} free on the disk of {}", bytes(free), there.display());
    Some(match free {
        0..NO_SPACE => Check::broken("disk", finding, "free some space; messages cannot be kept without it"),
        NO_SPACE..LITTLE_SPACE => Check::warning("disk", finding, "free some space before you fetch a model"),
        _ => Check::fine("disk", finding),
    })
}

#[cfg(not(unix))]
fn space(_folder: &Path) -> Option<Check> {
    let _ = (bytes, LITTLE_SPACE, NO_SPACE);
    None
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use jamey_protocol::health::State;

    use super::*;

    #[test]
    fn a_file_with_keys_that_others_can_read_is_found_and_closed() {
        let temp = tempfile::tempdir().unwrap();
        let folders = Folders::under(temp.path());
        folders.create().unwrap();
        std::fs::write(folders.dotenv(), "").unwrap();
        std::fs::set_permissions(folders.dotenv(), PermissionsExt::from_mode(0o644)).unwrap();
        let found = places(&folders, Treatment::Look);
        let [check] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(check.state, State::Broken);
        assert!(check.remedy.as_ref().unwrap().contains("chmod 600") && check.can_mend);
        let mended = places(&folders, Treatment::Fix);
        assert!(
            mended.iter().all(|check| check.state == State::Fine && check.mended.is_some()),
            "{mended:?}"
        );
        assert_eq!(places(&folders, Treatment::Fix), []);
    }

    #[test]
    fn a_fresh_machine_is_in_order_and_a_broken_configuration_is_found() {
        let temp = tempfile::tempdir().unwrap();
        let folders = Folders::under(temp.path());
        let checks = checks(&folders, Treatment::Look);
        assert!(
            checks.iter().all(|check| check.state != State::Broken || check.name == "programs"),
            "{checks:?}"
        );
        std::fs::create_dir(&folders.config).unwrap();
        std::fs::write(folders.runtime_toml(), "[api]\nport = \n").unwrap();
        assert_eq!(config(&folders).state, State::Broken);
        assert_eq!(permissions(&folders), None);
        std::fs::write(folders.permissions(), "").unwrap();
        assert!(permissions(&folders).unwrap().finding.contains("permissions.toml"));
        assert!(config(&folders).finding.contains("line 2"), "{:?}", config(&folders));
    }

    #[test]
    fn a_socket_that_nobody_holds_is_removed_when_that_is_asked() {
        let temp = tempfile::tempdir().unwrap();
        let folders = Folders::under(temp.path());
        folders.prepare_run_dir().unwrap();
        assert_eq!(left_behind(&folders, Treatment::Fix), None);
        drop(std::os::unix::net::UnixListener::bind(folders.socket()).unwrap());
        assert_eq!(left_behind(&folders, Treatment::Look), None);
        let lock = Lock::acquire(&folders).unwrap();
        assert_eq!(left_behind(&folders, Treatment::Fix), None, "a runtime lives");
        drop(lock);
        assert!(left_behind(&folders, Treatment::Fix).unwrap().mended.is_some());
        assert!(!folders.socket().exists());
    }
}
