//! Why the store refused, in words for the person, and what may be done about it.
//!
//! SQLite's result codes are translated here and nowhere else. Corruption is a kind of its own: the
//! next start repairs it.

use std::path::PathBuf;

use jamey_engine::ports::JournalError;
use jamey_protocol::{ApiError, ErrorCode, SessionId};

/// Why the store refused. Nothing of the refused request was kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The database was written by a later Jamey; it was not touched.
    #[error("the database {} has version {found}, and this Jamey knows versions up to {known}", path.display())]
    Newer {
        /// Where it is.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version that this program can use.
        known: i64,
    },
    /// The file is a database of another program; it was not touched.
    #[error("{} is a database, but not one of Jamey's", path.display())]
    Foreign {
        /// Where it is.
        path: PathBuf,
    },
    /// No space is left.
    #[error("could not write to the database: the disk is full")]
    Full,
    /// What is to be written would not fit.
    #[error("there is not enough room on the disk: {} MB are needed beside the database, {} MB are free", needed / 1_000_000 + 1, free / 1_000_000)]
    NoRoom {
        /// Bytes that would be written.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// The folder or the file system may not be written.
    #[error("could not write to the database: {place} is read-only")]
    ReadOnly {
        /// What is read-only.
        place: String,
    },
    /// A file or folder of the store cannot be used.
    #[error("could not {action} {}: {reason}", path.display())]
    File {
        /// What was tried, such as `open`.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The disk failed under a read or write.
    #[error("the disk failed under the database ({reason})")]
    Disk {
        /// What SQLite said.
        reason: String,
    },
    /// The database is damaged.
    #[error("the database is damaged ({reason})")]
    Corrupt {
        /// What SQLite said.
        reason: String,
    },
    /// Another program holds the database.
    #[error("another program keeps the database locked")]
    Busy,
    /// Another session has this name.
    #[error("another session is already named \"{0}\"")]
    NameTaken(String),
    /// A session with this id is already there.
    #[error("session {0} already exists")]
    Exists(SessionId),
    /// There is no such session.
    #[error("there is no session {0}")]
    Missing(String),
    /// The beginning of an id fits more than one session.
    #[error("more than one session begins with {0}")]
    Ambiguous(String),
    /// A search or a cursor is not usable.
    #[error("{0}")]
    BadRequest(String),
    /// The entry does not continue what is stored: a fault of ours.
    #[error("session {session} stands at event {stored}, not at {given}")]
    Conflict {
        /// Which session.
        session: SessionId,
        /// Where it stands.
        stored: u64,
        /// Where the entry thought it stood.
        given: u64,
    },
    /// A value nests deeper than can be read back.
    #[error("a value nests more than {0} levels deep")]
    TooDeep(usize),
    /// The store was closed.
    #[error("the runtime is ending, or beginning anew")]
    Closed,
    /// A fault of ours.
    #[error("the store failed: {0}")]
    Internal(String),
}

impl StoreError {
    /// What a program may act on.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Newer { .. } => ErrorCode::Version,
            Self::Foreign { .. }
            | Self::Full
            | Self::NoRoom { .. }
            | Self::ReadOnly { .. }
            | Self::File { .. }
            | Self::Disk { .. }
            | Self::Corrupt { .. }
            | Self::Busy => ErrorCode::Storage,
            Self::NameTaken(_) | Self::Exists(_) => ErrorCode::Conflict,
            Self::Missing(_) => ErrorCode::NotFound,
            Self::Ambiguous(_) | Self::BadRequest(_) | Self::TooDeep(_) => ErrorCode::BadRequest,
            Self::Closed => ErrorCode::ShuttingDown,
            Self::Conflict { .. } | Self::Internal(_) => ErrorCode::Internal,
        }
    }

    /// The next step, where there is one.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Newer { .. } => "use the newer Jamey, or move the database away to begin a new one",
            Self::Foreign { .. } => "move that file away, or choose another folder with JAMEY_HOME",
            Self::Full | Self::NoRoom { .. } => {
                "free some space and try again; nothing that was saved is lost"
            }
            Self::ReadOnly { .. } => "make it writable, or choose another folder with JAMEY_HOME",
            Self::File { .. } => "check that the folder exists and belongs to you",
            Self::Disk { .. } => "check the disk, then try again",
            Self::Corrupt { .. } => {
                "restart Jamey: it sets the damaged file aside and restores the newest backup"
            }
            Self::Busy => "end the other program that uses jamey.db, then try again",
            Self::NameTaken(_) => "choose another name",
            Self::Ambiguous(_) => "give more of the id",
            Self::Missing(_) => "list the sessions with: jamey sessions",
            Self::Closed => "try again in a moment",
            Self::Exists(_)
            | Self::BadRequest(_)
            | Self::Conflict { .. }
            | Self::TooDeep(_)
            | Self::Internal(_) => return None,
        })
    }

    /// Tells whether the same request may succeed later without a change to it.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Full | Self::NoRoom { .. } | Self::ReadOnly { .. } | Self::Disk { .. } | Self::Busy
        )
    }

    /// Tells whether the connection that reported it should be replaced.
    pub(super) fn spoils_connection(&self) -> bool {
        matches!(
            self,
            Self::Full
                | Self::ReadOnly { .. }
                | Self::File { .. }
                | Self::Disk { .. }
                | Self::Corrupt { .. }
                | Self::Internal(_)
        )
    }

    /// Wraps a failed file operation.
    pub(super) fn file(action: &'static str, path: impl Into<PathBuf>, error: &std::io::Error) -> Self {
        let path = path.into();
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            std::io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { place: path.display().to_string() },
            std::io::ErrorKind::PermissionDenied => {
                Self::File { action, path, reason: "permission denied".into() }
            }
            _ => Self::File { action, path, reason: without_number(error) },
        }
    }
}

/// The system's words without the trailing `(os error 13)`.
fn without_number(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) => {
                let code = database.code().and_then(|code| code.parse::<i32>().ok()).unwrap_or(0);
                from_result_code(code, database.message())
            }
            sqlx::Error::PoolClosed => Self::Closed,
            sqlx::Error::PoolTimedOut => Self::Busy,
            _ => Self::Internal(error.to_string()),
        }
    }
}

fn from_result_code(code: i32, message: &str) -> StoreError {
    use libsqlite3_sys as sqlite;
    let reason = message.to_owned();
    match code & 0xff {
        sqlite::SQLITE_FULL => StoreError::Full,
        sqlite::SQLITE_READONLY => StoreError::ReadOnly { place: "its file or folder".into() },
        sqlite::SQLITE_IOERR => StoreError::Disk { reason },
        sqlite::SQLITE_CANTOPEN => StoreError::Disk { reason: "its files cannot be opened".into() },
        sqlite::SQLITE_PERM => StoreError::ReadOnly { place: "its file".into() },
        sqlite::SQLITE_CORRUPT | sqlite::SQLITE_NOTADB => StoreError::Corrupt { reason },
        sqlite::SQLITE_BUSY | sqlite::SQLITE_LOCKED => StoreError::Busy,
        sqlite::SQLITE_ERROR if speaks_of_the_schema(message) => StoreError::Corrupt { reason },
        _ => StoreError::Internal(format!("{message} (SQLite code {code})")),
    }
}

/// All statements are ours and fit our tables. When SQLite finds that they do not, or cannot read how a table
/// was made, a bit has flipped in what the file says of its tables.
fn speaks_of_the_schema(message: &str) -> bool {
    ["no such ", "parse error in ", "vtable constructor failed", "malformed database schema"]
        .iter()
        .any(|words| message.contains(words))
}

impl From<StoreError> for JournalError {
    fn from(error: StoreError) -> Self {
        Self { message: error.to_string(), hint: error.hint().map(Into::into) }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self {
            code: error.code(),
            message: error.to_string(),
            hint: error.hint().map(Into::into),
            retryable: error.is_passing(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_result_code_of_a_bad_disk_becomes_its_own_sentence() {
        use libsqlite3_sys as sqlite;
        assert_eq!(from_result_code(sqlite::SQLITE_FULL, "x"), StoreError::Full);
        assert!(matches!(from_result_code(sqlite::SQLITE_IOERR_WRITE, "x"), StoreError::Disk { .. }));
        assert!(matches!(
            from_result_code(sqlite::SQLITE_READONLY_DIRECTORY, "x"),
            StoreError::ReadOnly { .. }
        ));
        assert!(matches!(from_result_code(sqlite::SQLITE_CORRUPT_VTAB, "x"), StoreError::Corrupt { .. }));
        assert!(matches!(from_result_code(sqlite::SQLITE_NOTADB, "x"), StoreError::Corrupt { .. }));
        assert_eq!(from_result_code(sqlite::SQLITE_BUSY_SNAPSHOT, "x"), StoreError::Busy);
        let flipped = "parse error in \"c/lumnsize = 0\"";
        assert!(matches!(from_result_code(sqlite::SQLITE_ERROR, flipped), StoreError::Corrupt { .. }));
        assert!(matches!(from_result_code(sqlite::SQLITE_ERROR, "interrupted"), StoreError::Internal(_)));
        assert!(matches!(from_result_code(sqlite::SQLITE_CONSTRAINT_UNIQUE, "x"), StoreError::Internal(_)));
    }

    #[test]
    fn what_the_engine_is_told_names_the_cause_and_the_next_step() {
        let told = JournalError::from(StoreError::Full);
        assert_eq!(told.message, "could not write to the database: the disk is full");
        assert!(told.hint.is_some_and(|hint| hint.contains("free some space")));
        assert!(ApiError::from(StoreError::Full).retryable);
        assert_eq!(ApiError::from(StoreError::Missing("x".into())).code, ErrorCode::NotFound);
    }
}
