//! What a way to start the runtime consists of, each part somewhere in the system: shown, compared, written
//! and removed.

use std::fs;

use jamey_protocol::ApiError;

use super::files::{self, Planned};
#[cfg(windows)]
use super::{run_key::Value, task::Task};

/// One part as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A file.
    File(Planned),
    /// A task of Windows' Task Scheduler.
    #[cfg(windows)]
    Task(Task),
    /// A value in the registry of what starts at log-on.
    #[cfg(windows)]
    Value(Value),
}

impl Part {
    /// Where it is, for people.
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Self::File(file) => file.path.display().to_string(),
            #[cfg(windows)]
            Self::Task(task) => task.place(),
            #[cfg(windows)]
            Self::Value(value) => value.place(),
        }
    }

    /// The file that it is, if it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Planned> {
        match self {
            Self::File(file) => Some(file),
            #[cfg(windows)]
            Self::Task(_) | Self::Value(_) => None,
        }
    }

    /// What is in it.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::File(file) => &file.text,
            #[cfg(windows)]
            Self::Task(task) => &task.xml,
            #[cfg(windows)]
            Self::Value(value) => &value.line,
        }
    }

    /// Whether it is so already.
    #[must_use]
    pub fn is_there(&self) -> bool {
        match self {
            Self::File(file) => file.is_there(),
            #[cfg(windows)]
            Self::Task(task) => task.is_there(),
            #[cfg(windows)]
            Self::Value(value) => value.now().as_ref() == Some(value),
        }
    }

    /// What is in its place now; nothing if nothing that could be put back.
    #[must_use]
    pub fn now(&self) -> Option<Self> {
        match self {
            Self::File(file) => {
                let text = fs::read_to_string(&file.path).ok()?;
                Some(Self::File(Planned { path: file.path.clone(), text }))
            }
            #[cfg(windows)]
            Self::Task(task) => task.now().map(Self::Task),
            #[cfg(windows)]
            Self::Value(value) => value.now().map(Self::Value),
        }
    }

    /// Whether anything is in its place.
    #[must_use]
    pub fn exists(&self) -> bool {
        match self {
            Self::File(file) => file.path.exists(),
            #[cfg(windows)]
            Self::Task(task) => task.exists(),
            #[cfg(windows)]
            Self::Value(value) => value.now().is_some(),
        }
    }

    /// Puts it in its place, whole or not at all.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn write(&self) -> Result<(), ApiError> {
        match self {
            Self::File(file) => file.write(),
            #[cfg(windows)]
            Self::Task(task) => task.write(),
            #[cfg(windows)]
            Self::Value(value) => value.write(),
        }
    }

    /// Removes what is in its place. Tells whether there was anything.
    ///
    /// # Errors
    /// When it is there and stays.
    pub fn remove(&self) -> Result<bool, ApiError> {
        match self {
            Self::File(file) => files::remove(&file.path),
            #[cfg(windows)]
            Self::Task(task) => task.remove(),
            #[cfg(windows)]
            Self::Value(value) => value.remove(),
        }
    }
}
