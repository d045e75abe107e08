//! The one function that decides the folders, so that every binary agrees.
//!
//! Only absolute names count: nothing is ever looked up in the working folder. Deciding touches no
//! disk except to see whether the system's runtime folder is there and ours.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use jamey_protocol::{ApiError, ErrorCode};

use super::{private, run};

/// The name of our folder inside the system's shared ones.
const OURS: &str = "jamey-code";

/// Where everything lies. All paths are absolute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    /// `runtime.toml`, `.env`, `permissions.toml`.
    pub config: PathBuf,
    /// `jamey.db`, `blobs/`, `backups/`, the API token, the history of the line editor.
    pub data: PathBuf,
    /// `logs/` and temporary files.
    pub cache: PathBuf,
    /// The weights of local models.
    pub models: PathBuf,
    /// The socket and the lock; only its owner may enter.
    pub run: PathBuf,
}

impl Folders {
    /// Decides the folders from the environment and the system's customs.
    ///
    /// # Errors
    /// `Config` when there is no home folder, or when `JAMEY_HOME` or `JAMEY_MODELS_DIR` is not
    /// absolute.
    pub fn resolve() -> Result<Self, ApiError> {
        Self::decide(&|name| std::env::var_os(name), std::env::home_dir().as_deref())
    }

    /// The same with some variables set to other values than this process has.
    ///
    /// # Errors
    /// See [`Folders::resolve`].
    pub fn resolve_with(environment: &[(String, String)]) -> Result<Self, ApiError> {
        let env = |name: &str| {
            let set = environment.iter().find(|(key, _)| key == name).map(|(_, value)| value.into());
            set.or_else(|| std::env::var_os(name))
        };
        Self::decide(&env, std::env::home_dir().as_deref())
    }

    /// Lays everything under one folder, as `JAMEY_HOME` does.
    #[must_use]
    pub fn under(home: &Path) -> Self {
        Self {
            config: home.join("config"),
            data: home.join("data"),
            cache: home.join("cache"),
            models: home.join("data").join("models"),
            run: run::shortened(home.join("run")),
        }
    }

    pub(super) fn decide(
        env: &dyn Fn(&str) -> Option<OsString>,
        home: Option<&Path>,
    ) -> Result<Self, ApiError> {
        let mut folders = match absolute(env, "JAMEY_HOME")? {
            Some(one) => Self::under(&one),
            None => Self::customary(env, home)?,
        };
        if let Some(models) = absolute(env, "JAMEY_MODELS_DIR")? {
            folders.models = models;
        }
        Ok(folders)
    }

    #[cfg(not(any(windows, target_os = "macos")))]
    fn customary(env: &dyn Fn(&str) -> Option<OsString>, home: Option<&Path>) -> Result<Self, ApiError> {
        let place = |name: &str, below: &str| -> Result<PathBuf, ApiError> {
            // The XDG rules say that a relative value is to be ignored.
            let given = env(name).map(PathBuf::from).filter(|path| path.is_absolute());
            match given {
                Some(path) => Ok(path.join(OURS)),
                None => Ok(usable(home)?.join(below).join(OURS)),
            }
        };
        let data = place("XDG_DATA_HOME", ".local/share")?;
        Ok(Self {
            config: place("XDG_CONFIG_HOME", ".config")?,
            cache: place("XDG_CACHE_HOME", ".cache")?,
            models: data.join("models"),
            run: run::customary(env("XDG_RUNTIME_DIR"), &data),
            data,
        })
    }

    #[cfg(target_os = "macos")]
    fn customary(_env: &dyn Fn(&str) -> Option<OsString>, home: Option<&Path>) -> Result<Self, ApiError> {
        let library = usable(home)?.join("Library");
        let data = library.join("Application Support").join(OURS);
        Ok(Self {
            config: data.clone(),
            cache: library.join("Caches").join(OURS),
            models: data.join("models"),
            run: run::customary(Some(std::env::temp_dir().into_os_string()), &data),
            data,
        })
    }

    #[cfg(windows)]
    fn customary(env: &dyn Fn(&str) -> Option<OsString>, home: Option<&Path>) -> Result<Self, ApiError> {
        let place = |name: &str, below: &str| -> Result<PathBuf, ApiError> {
            let given = env(name).map(PathBuf::from).filter(|path| path.is_absolute());
            match given {
                Some(path) => Ok(path.join(OURS)),
                None => Ok(usable(home)?.join("AppData").join(below).join(OURS)),
            }
        };
        let data = place("LOCALAPPDATA", "Local")?;
        Ok(Self {
            config: place("APPDATA", "Roaming")?,
            cache: data.join("cache"),
            models: data.join("models"),
            run: data.join(run::CUSTOMARY),
            data,
        })
    }

    /// The local socket; on Windows the name of the pipe.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        run::socket(&self.run)
    }

    /// The lock that one living runtime holds.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.run.join("runtime.lock")
    }

    /// The configuration file.
    #[must_use]
    pub fn runtime_toml(&self) -> PathBuf {
        self.config.join("runtime.toml")
    }

    /// What was allowed for good.
    #[must_use]
    pub fn permissions(&self) -> PathBuf {
        self.config.join("permissions.toml")
    }

    /// What the configuration file may hold, for editors.
    #[must_use]
    pub fn schema(&self) -> PathBuf {
        self.config.join("runtime.schema.json")
    }

    /// The file with the person's keys.
    #[must_use]
    pub fn dotenv(&self) -> PathBuf {
        self.config.join(".env")
    }

    /// The database.
    #[must_use]
    pub fn db(&self) -> PathBuf {
        self.data.join("jamey.db")
    }

    /// The folder of the log files.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.cache.join("logs")
    }

    /// What a started runtime printed before its log was open.
    #[must_use]
    pub fn start_log(&self) -> PathBuf {
        self.logs().join("start.log")
    }

    /// Word of `install` that a keeper shall start the runtime.
    #[must_use]
    pub fn kept(&self) -> PathBuf {
        self.data.join("kept.txt")
    }

    /// The token of the loopback API.
    #[must_use]
    pub fn token(&self) -> PathBuf {
        self.data.join("api-token")
    }

    /// Makes all folders but that of socket and lock, each closed to other users. Those that are
    /// there stay as they are.
    ///
    /// # Errors
    /// `Config` with the folder that cannot be made.
    pub fn create(&self) -> Result<(), ApiError> {
        [&self.config, &self.data, &self.cache, &self.logs(), &self.models]
            .into_iter()
            .try_for_each(|folder| private::create_with_parents(folder))
    }

    /// Makes the folder of socket and lock, or checks the one that is there: ours, no symbolic
    /// link, closed to everybody else.
    ///
    /// # Errors
    /// `Config` with what is wrong and how to put it right; then nothing in it may be trusted.
    pub fn prepare_run_dir(&self) -> Result<(), ApiError> {
        if let Some(parent) = self.run.parent() {
            if run::is_shortened(&self.run) {
                private::create_private(parent)?;
            } else {
                private::create_with_parents(parent)?;
            }
        }
        private::create_private(&self.run)
    }
}

fn absolute(env: &dyn Fn(&str) -> Option<OsString>, name: &str) -> Result<Option<PathBuf>, ApiError> {
    let Some(path) = env(name).filter(|value| !value.is_empty()).map(PathBuf::from) else { return Ok(None) };
    if path.is_absolute() {
        return Ok(Some(path));
    }
    let message = format!("{name} is \"{}\", which is not an absolute path", path.display());
    Err(ApiError::new(ErrorCode::Config, message)
        .hint(format!("set {name} to a path that begins at the root")))
}

fn usable(home: Option<&Path>) -> Result<&Path, ApiError> {
    home.filter(|home| home.is_absolute()).ok_or_else(|| {
        ApiError::new(ErrorCode::Config, "this account has no home folder")
            .hint("set JAMEY_HOME to a folder where Jamey may keep its files")
    })
}

/// What the folders are for somebody with these variables and this home.
#[cfg(all(test, not(target_os = "macos")))]
fn decide(vars: &[(&str, &str)], home: Option<&str>) -> Result<Folders, ApiError> {
    let env = |name: &str| vars.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value));
    Folders::decide(&env, home.map(Path::new))
}

#[cfg(test)]
#[cfg(not(any(windows, target_os = "macos")))]
mod tests {
    use super::*;

    #[test]
    fn without_variables_everything_lies_in_the_home_folder() {
        let folders = decide(&[], Some("/home/ada")).unwrap();
        assert_eq!(folders.runtime_toml(), Path::new("/home/ada/.config/jamey-code/runtime.toml"));
        assert_eq!(folders.db(), Path::new("/home/ada/.local/share/jamey-code/jamey.db"));
        assert_eq!(folders.logs(), Path::new("/home/ada/.cache/jamey-code/logs"));
        assert_eq!(folders.models, Path::new("/home/ada/.local/share/jamey-code/models"));
    }

    #[test]
    fn the_xdg_variables_win_and_relative_ones_are_ignored() {
        let folders =
            decide(&[("XDG_CONFIG_HOME", "/c"), ("XDG_DATA_HOME", "d")], Some("/home/ada")).unwrap();
        assert_eq!(folders.config, Path::new("/c/jamey-code"));
        assert_eq!(folders.data, Path::new("/home/ada/.local/share/jamey-code"));
    }

    #[test]
    fn jamey_home_moves_everything_and_jamey_models_dir_the_weights_alone() {
        let folders = decide(&[("JAMEY_HOME", "/j"), ("XDG_CONFIG_HOME", "/c")], None).unwrap();
        assert_eq!(folders, Folders::under(Path::new("/j")));
        assert_eq!(folders.socket(), Path::new("/j/run/runtime.sock"));
        let folders = decide(&[("JAMEY_HOME", "/j"), ("JAMEY_MODELS_DIR", "/w")], None).unwrap();
        assert_eq!(
            (folders.models.as_path(), folders.data.as_path()),
            (Path::new("/w"), Path::new("/j/data"))
        );
    }

    #[test]
    fn relative_places_and_a_missing_home_are_configuration_errors_with_a_hint() {
        for (vars, home) in [
            (vec![("JAMEY_HOME", "here")], None),
            (vec![("JAMEY_MODELS_DIR", "w")], Some("/h")),
            (vec![], None),
        ] {
            let error = decide(&vars, home).unwrap_err();
            assert_eq!(error.code, ErrorCode::Config);
            assert!(error.hint.is_some());
        }
    }

    #[test]
    fn a_socket_path_that_is_too_long_moves_to_a_short_one_that_is_always_the_same() {
        let long = format!("/{}", "x".repeat(200));
        let one = decide(&[("JAMEY_HOME", &long)], None).unwrap();
        let two = decide(&[("JAMEY_HOME", &long)], None).unwrap();
        assert_eq!(one, two);
        assert!(one.run.starts_with("/tmp"));
        assert!(one.socket().as_os_str().len() < 100);
        let other = decide(&[("JAMEY_HOME", &format!("{long}y"))], None).unwrap();
        assert_ne!(one.run, other.run);
    }

    #[test]
    fn a_runtime_folder_that_is_missing_or_foreign_is_not_used() {
        let folders = decide(&[("XDG_RUNTIME_DIR", "/nowhere/at/all")], Some("/home/ada")).unwrap();
        assert!(!folders.run.starts_with("/nowhere"));
        let ours = tempfile::tempdir().unwrap();
        let folders =
            decide(&[("XDG_RUNTIME_DIR", ours.path().to_str().unwrap())], Some("/home/ada")).unwrap();
        assert_eq!(folders.run, ours.path().join("jamey"));
    }
}

#[cfg(all(test, windows))]
mod windows_tests {
    use super::*;

    #[test]
    fn settings_roam_and_everything_else_stays_on_the_machine() {
        let vars = [("APPDATA", r"D:\Roaming"), ("LOCALAPPDATA", r"D:\Local")];
        for (folders, roaming, local) in [
            (decide(&vars, None).unwrap(), r"D:\Roaming", r"D:\Local"),
            (
                decide(&[], Some(r"C:\Users\ada")).unwrap(),
                r"C:\Users\ada\AppData\Roaming",
                r"C:\Users\ada\AppData\Local",
            ),
        ] {
            assert_eq!(folders.runtime_toml(), Path::new(roaming).join(r"jamey-code\runtime.toml"));
            assert_eq!(folders.db(), Path::new(local).join(r"jamey-code\jamey.db"));
            assert_eq!(folders.logs(), Path::new(local).join(r"jamey-code\cache\logs"));
            assert_eq!(folders.models, Path::new(local).join(r"jamey-code\models"));
        }
    }

    #[test]
    fn the_pipe_is_named_after_the_account_and_each_home_has_its_own() {
        let pipe = |vars: &[(&str, &str)]| {
            decide(vars, Some(r"C:\Users\ada")).unwrap().socket().into_os_string().into_string().unwrap()
        };
        let usual = pipe(&[]);
        assert!(usual.starts_with(r"\\.\pipe\jamey-S-1-"), "{usual}");
        let one = pipe(&[("JAMEY_HOME", r"C:\one\jamey-code")]);
        let two = pipe(&[("JAMEY_HOME", r"C:\two")]);
        assert!(one.starts_with(&usual) && two.starts_with(&usual));
        assert!(one != two && one != usual && two != usual);
    }
}
