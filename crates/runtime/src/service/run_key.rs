//! A value of the registry's Run key: Windows starts it when this person logs on. For those whom Task
//! Scheduler refuses. The line is made and tested everywhere.

use jamey_protocol::{ApiError, ErrorCode};

use super::{about::About, keeper};

/// Windows leaves longer ones out, without a word.
const LONGEST: usize = 260;

/// A value as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// Its name.
    pub name: String,
    /// The command line.
    pub line: String,
}

impl Value {
    /// Makes it for this runtime.
    #[must_use]
    pub fn new(about: &About) -> Self {
        Self { name: about.name.replacen('j', "J", 1), line: keeper::line(about) }
    }

    /// Refuses what Windows would not start.
    ///
    /// # Errors
    /// `BadRequest` when the line is too long.
    pub fn check(&self) -> Result<(), ApiError> {
        let length = self.line.encode_utf16().count();
        if length <= LONGEST {
            return Ok(());
        }
        let message = format!(
            "the command line has {length} characters; Windows starts at most {LONGEST} at log-on: {}",
            self.line
        );
        Err(ApiError::new(ErrorCode::BadRequest, message)
            .hint("install Jamey into a folder with a shorter name"))
    }
}

#[cfg(windows)]
mod registry {
    //! Asking the registry.

    use jamey_protocol::{ApiError, ErrorCode};
    use windows_registry::{CURRENT_USER, Key};

    use super::Value;

    const RUN: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";
    /// Where Windows notes that a person has switched an entry off.
    const SWITCHES: &str = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run";

    impl Value {
        /// Where it is, for people.
        #[must_use]
        pub fn place(&self) -> String {
            format!(r"HKEY_CURRENT_USER\{RUN}, {}", self.name)
        }

        /// The value of this name as it is.
        #[must_use]
        pub fn now(&self) -> Option<Self> {
            let line = CURRENT_USER.open(RUN).and_then(|key| key.get_string(&self.name)).ok()?;
            Some(Self { name: self.name.clone(), line })
        }

        /// Writes it.
        ///
        /// # Errors
        /// When it is too long, or the registry refuses.
        pub fn write(&self) -> Result<(), ApiError> {
            self.check()?;
            CURRENT_USER
                .create(RUN)
                .and_then(|key| key.set_string(&self.name, &self.line))
                .map_err(|error| self.failed("written", &error.message()))
        }

        /// Removes it, and what Windows noted about it.
        ///
        /// # Errors
        /// When it is there and stays.
        pub fn remove(&self) -> Result<bool, ApiError> {
            if let Ok(key) = open(SWITCHES) {
                // Most often none is there.
                let _ = key.remove_value(&self.name);
            }
            if self.now().is_none() {
                return Ok(false);
            }
            open(RUN)
                .and_then(|key| key.remove_value(&self.name))
                .map_err(|error| self.failed("removed", &error.message()))?;
            Ok(true)
        }

        fn failed(&self, what: &str, why: &str) -> ApiError {
            let message = format!("{} cannot be {what}: {why}", self.place());
            ApiError::new(ErrorCode::Storage, message)
                .hint("look whether your organisation forbids programs that start at log-on")
        }
    }

    fn open(path: &str) -> windows_registry::Result<Key> {
        CURRENT_USER.options().read().write().open(path)
    }
}
