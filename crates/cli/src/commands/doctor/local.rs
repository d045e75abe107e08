//! What can be seen without the runtime.

use std::path::Path;

use jamey_ipc::{Folders, launch::find_runtime, path};

use super::Check;
use crate::render::bytes;

/// Below this the next download or a long session may not fit.
const LITTLE_SPACE: u64 = 1_000_000_000;
/// Below this even messages may not be kept.
const NO_SPACE: u64 = 50_000_000;

pub(super) fn checks(folders: &Folders) -> Vec<Check> {
    let mut checks: Vec<Check> = [
        ("config", &folders.config),
        ("data", &folders.data),
        ("cache", &folders.cache),
        ("models", &folders.models),
    ]
    .into_iter()
    .map(|(name, folder)| folder_check(name, folder))
    .collect();
    checks.push(run_folder(folders));
    checks.extend(secret(&folders.dotenv()));
    checks.extend(secret(&folders.token()));
    checks.push(config(folders));
    checks.push(programs());
    checks.extend(space(&folders.data));
    checks
}

fn folder_check(name: &str, folder: &Path) -> Check {
    let shown = folder.display();
    match std::fs::metadata(folder) {
        Ok(meta) if !meta.is_dir() => Check::broken(
            name,
            format!("{shown} is not a folder"),
            "move the file away, so that a folder can be made",
        ),
        Ok(_) => match tempfile_in(folder) {
            Ok(()) => loose(name, folder).unwrap_or_else(|| Check::fine(name, shown.to_string())),
            Err(error) => Check::broken(
                name,
                format!("{shown} cannot be written to: {error}"),
                "make it writable for you, or set JAMEY_HOME to a folder that is",
            ),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Check::fine(name, format!("{shown} (made at the first start)"))
        }
        Err(error) => Check::broken(
            name,
            format!("{shown} cannot be looked at: {error}"),
            "make it readable for you, or set JAMEY_HOME to a folder that is",
        ),
    }
}

/// Writes and removes an empty file, the only sure proof that one can be made.
fn tempfile_in(folder: &Path) -> std::io::Result<()> {
    let path = folder.join(format!(".doctor-{}", std::process::id()));
    std::fs::File::create_new(&path)?;
    std::fs::remove_file(path)
}

#[cfg(unix)]
fn loose(name: &str, folder: &Path) -> Option<Check> {
    use std::os::unix::fs::MetadataExt;
    let mode = std::fs::metadata(folder).ok()?.mode() & 0o777;
    let is_secret = matches!(name, "config" | "data");
    (is_secret && mode & 0o077 != 0).then(|| {
        let finding = format!("{} can be read by other users (mode {mode:o})", folder.display());
        Check::warning(name, finding, format!("close it: chmod 700 '{}'", folder.display()))
    })
}

#[cfg(not(unix))]
fn loose(_name: &str, _folder: &Path) -> Option<Check> {
    None
}

fn run_folder(folders: &Folders) -> Check {
    let shown = folders.run.display().to_string();
    if !folders.run.exists() && folders.run.symlink_metadata().is_err() {
        return Check::fine("run", format!("{shown} (made at the first start)"));
    }
    match path::private_fault(&folders.run) {
        None => Check::fine("run", shown),
        Some((fault, remedy)) => Check::broken("run", fault, remedy),
    }
}

/// A file with keys must be its owner's alone.
#[cfg(unix)]
fn secret(path: &Path) -> Option<Check> {
    use std::os::unix::fs::MetadataExt;
    let mode = std::fs::metadata(path).ok()?.mode() & 0o777;
    let shown = path.display();
    Some(if mode & 0o077 == 0 {
        Check::fine("secret", shown.to_string())
    } else {
        let finding = format!("{shown} can be read by other users (mode {mode:o})");
        Check::broken("secret", finding, format!("close it: chmod 600 '{shown}'"))
    })
}

#[cfg(not(unix))]
fn secret(_path: &Path) -> Option<Check> {
    None
}

fn config(folders: &Folders) -> Check {
    let path = folders.runtime_toml();
    match path::config_fault(folders) {
        Some(fault) => Check::broken("config", fault, format!("mend it: {}", path.display())),
        None if path.exists() => Check::fine("config", format!("{} can be read", path.display())),
        None => Check::fine("config", format!("{} (made at the first start)", path.display())),
    }
}

fn programs() -> Check {
    let runtime = match find_runtime() {
        Ok(runtime) => runtime,
        Err(error) => return Check::of_error("programs", &error),
    };
    let model = runtime.with_file_name(format!("jamey-local-model{}", std::env::consts::EXE_SUFFIX));
    if model.is_file() {
        return Check::fine("programs", runtime.display().to_string());
    }
    let finding = format!("{} is missing, so no local model can run", model.display());
    Check::warning(
        "programs",
        finding,
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

    use super::{super::State, *};

    #[test]
    fn a_file_with_keys_that_others_can_read_is_found() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join(".env");
        assert!(secret(&path).is_none());
        std::fs::write(&path, "").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let check = secret(&path).unwrap();
        assert_eq!(check.state, State::Broken);
        assert!(check.remedy.unwrap().contains("chmod 600"));
    }

    #[test]
    fn a_fresh_machine_is_in_order_and_a_broken_configuration_is_found() {
        let temp = tempfile::tempdir().unwrap();
        let folders = Folders::under(temp.path());
        assert!(
            checks(&folders).iter().all(|check| check.state != State::Broken || check.name == "programs")
        );
        std::fs::create_dir(&folders.config).unwrap();
        std::fs::write(folders.runtime_toml(), "[api]\nport = \n").unwrap();
        assert_eq!(config(&folders).state, State::Broken);
        assert!(config(&folders).finding.contains("line 2"), "{:?}", config(&folders));
    }
}
