//! What a service has to know about the runtime that it starts.

use std::{env, path::PathBuf};

use jamey_ipc::{Folders, path::service_name};
use jamey_protocol::{ApiError, ErrorCode};

use super::quote;

/// Variables that decide where everything lies, and where commands are found. A service manager starts
/// with an environment of its own, so they are written down.
#[cfg(windows)]
const KEPT: &[&str] = &super::keeper::VARIABLES;
#[cfg(not(windows))]
const KEPT: &[&str] =
    &["JAMEY_HOME", "JAMEY_MODELS_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "PATH"];
/// Variables with keys, which are never written into a file that is not made for keys.
const KEYS: &[&str] = &["OPENAI_API_KEY", "OPENAI_BASE_URL", "HTTPS_PROXY"];

/// The runtime that a service is to start.
#[derive(Clone, Debug)]
pub struct About {
    /// The program.
    pub program: String,
    /// The name by which the service manager knows it, such as `jamey`.
    pub name: String,
    /// The environment that it needs.
    pub environment: Vec<(String, String)>,
    /// Its socket.
    pub socket: String,
    /// The folder of the person's own configuration files.
    pub config_home: PathBuf,
    /// The program `jamey-keeper` beside it, which Windows starts in its place.
    pub keeper: String,
    /// Where word is left that the keeper is wanted.
    pub kept: PathBuf,
    /// The person's account, as Windows writes it; elsewhere empty.
    pub account: String,
}

impl About {
    /// Describes the runtime of these folders, which is this very program.
    ///
    /// # Errors
    /// When the program or the home folder is not known, or a path cannot be written down.
    pub fn this(folders: &Folders) -> Result<Self, ApiError> {
        let unknown = |what: &str| ApiError::new(ErrorCode::Internal, format!("{what} cannot be found"));
        let program = jamey_ipc::launch::own_program().map_err(|_| unknown("this program's own file"))?;
        let text = |path: &std::path::Path| {
            let text = path.to_str().ok_or_else(|| {
                let message = format!("the name of {} is not Unicode", path.display());
                ApiError::new(ErrorCode::BadRequest, message).hint("move it to a folder with a plain name")
            })?;
            quote::plain(text).map(str::to_owned)
        };
        let mut environment = Vec::new();
        for name in KEPT {
            if let Some(value) = env::var(name).ok().filter(|value| !value.is_empty()) {
                environment.push(((*name).to_owned(), quote::plain(&value)?.to_owned()));
            }
        }
        let config_home = match env::var_os("XDG_CONFIG_HOME").filter(|value| !value.is_empty()) {
            Some(folder) => PathBuf::from(folder),
            None => env::home_dir().ok_or_else(|| unknown("your home folder"))?.join(".config"),
        };
        let keeper = jamey_ipc::launch::keep::beside(&program);
        #[cfg(windows)]
        let account = jamey_ipc::peer::own_account().ok_or_else(|| unknown("your account"))?.to_owned();
        #[cfg(not(windows))]
        let account = String::new();
        Ok(Self {
            program: text(&program)?,
            name: service_name("jamey"),
            environment,
            socket: text(&folders.socket())?,
            config_home,
            keeper: text(&keeper)?,
            kept: folders.kept(),
            account,
        })
    }

    /// Makes sure that what the system is to start is there.
    ///
    /// # Errors
    /// On Windows, when the keeper is missing.
    pub fn check(&self) -> Result<(), ApiError> {
        if cfg!(not(windows)) || std::path::Path::new(&self.keeper).is_file() {
            return Ok(());
        }
        let message = format!("{} is missing, which starts the runtime without a window", self.keeper);
        Err(ApiError::new(ErrorCode::Internal, message).hint("install Jamey again: install.ps1"))
    }

    /// What the person should know before such a service starts, if anything.
    #[must_use]
    pub fn warnings(&self, folders: &Folders) -> Vec<String> {
        let mut warnings = Vec::new();
        if ["/target/release/", "/target/debug/", "\\target\\release\\"]
            .iter()
            .any(|part| self.program.contains(part))
        {
            warnings.push(format!(
                "{} lies in a build folder: when that is emptied, the service cannot start. {} puts the \
                 programs into a place that stays",
                self.program,
                if cfg!(windows) { "install.ps1" } else { "install.sh" }
            ));
        }
        let set: Vec<&str> = KEYS.iter().copied().filter(|name| env::var_os(name).is_some()).collect();
        if !set.is_empty() {
            warnings.push(format!(
                "{} of this terminal {} be seen by a service; keep such settings in {}",
                set.join(", "),
                // There a variable may belong to the account, which cannot be told from here.
                if cfg!(windows) { "may not" } else { "will not" },
                folders.dotenv().display()
            ));
        }
        warnings
    }
}
