//! What the runtime says about itself.
//!
//! What was added after the first version has a default, so that an older runtime is understood; an older
//! reader skips what it does not know.

use serde::{Deserialize, Serialize};

use crate::{
    health::{Check, Dated, ProviderHealth},
    monitor::Sample,
};

/// The answer of `GET /v1/status`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The runtime's version.
    pub version: String,
    /// Its process id.
    pub pid: u32,
    /// Seconds since it started.
    pub uptime_seconds: u64,
    /// Where it listens: the socket, and the loopback address when that is open.
    pub listening: Vec<String>,
    /// Its folders.
    pub folders: Folders,
    /// Sessions in the store.
    pub sessions: u64,
    /// Sessions with a running turn.
    pub running: u64,
    /// Sessions that wait for a person.
    pub waiting: u64,
    /// Whether everything is held: nothing is asked of a model, and no tool begins.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub paused: bool,
    /// Programs that are connected now (windows, terminals, scripts), whoever asks included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub faces: Option<u64>,
    /// Its resident memory in bytes, where the system tells.
    pub memory_bytes: Option<u64>,
    /// Its asynchronous tasks that live now: what grows without end here is a fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tasks: Option<u64>,
    /// Child processes it started that run now (name and process id).
    pub children: Vec<Child>,
    /// What is kept, and what it takes on the disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Storage>,
    /// What a person should know: what happened at the start (recovered turns, a restored database), and
    /// what holds now (a full disk, a setting that is not in force).
    pub notices: Vec<String>,
    /// The machine and the runtime's share of it at the last look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<Sample>,
    /// How the calls of each provider went.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<ProviderHealth>,
    /// What confines the commands of tools; absent when nothing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sandbox: Option<String>,
    /// When everything was last looked at, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_at: Option<i64>,
    /// What was not in order then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Check>,
    /// What the runtime put right by itself, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mended: Vec<Dated>,
    /// The last errors of the log, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Dated>,
}

impl Status {
    /// What a person is told while `paused` holds.
    pub const PAUSED: &str =
        "nothing is asked of a model and no tool begins; go on with: jamey runtime resume";
}

/// What is kept, and what it takes on the disk. Times are in milliseconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Storage {
    /// All files of the database.
    pub database_bytes: u64,
    /// The bodies of the events in it, which are what must be kept.
    pub payload_bytes: u64,
    /// Files beside it that belong to sessions: what tools said at length.
    pub file_bytes: u64,
    /// How many copies there are.
    pub backups: u64,
    /// What they take.
    pub backup_bytes: u64,
    /// When the newest was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest_backup: Option<i64>,
    /// When the database was last checked as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_at: Option<i64>,
    /// When it was last written anew to free room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packed_at: Option<i64>,
    /// When sessions were last erased because nobody had touched them for as long as `data.keep_days` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<i64>,
}

/// A child process of the runtime.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Child {
    /// What it is.
    pub name: String,
    /// Its process id.
    pub pid: u32,
    /// Its memory in RAM at the last look, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// Its processor time before the last look; 100 is one core.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_percent: Option<f32>,
}

/// Where things are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Folders {
    /// `runtime.toml`, `.env`.
    pub config: String,
    /// The database, backups, blobs.
    pub data: String,
    /// Logs and temporary files.
    pub cache: String,
    /// The weights.
    pub models: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the first version of the runtime said.
    const FIRST: &str = r#"{"version":"0.1.0","pid":7,"uptimeSeconds":1,"listening":["/s"],
        "folders":{"config":"c","data":"d","cache":"e","models":"m"},"sessions":1,"running":0,"waiting":0,
        "memoryBytes":5,"children":[{"name":"n","pid":8}],"notices":[]}"#;

    #[test]
    fn an_older_runtime_is_understood_and_a_later_one_too() {
        let old: Status = serde_json::from_str(FIRST).unwrap();
        assert_eq!((old.pid, old.children[0].pid, old.machine.is_none()), (7, 8, true));
        let later = FIRST.replacen('{', r#"{"mood":"good","sandbox":"full","#, 1);
        let new: Status = serde_json::from_str(&later).unwrap();
        assert_eq!(new.sandbox.as_deref(), Some("full"));
    }

    #[test]
    fn nothing_is_said_of_what_is_not_there() {
        let status: Status = serde_json::from_str(FIRST).unwrap();
        let said = serde_json::to_string(&status).unwrap();
        for name in ["paused", "sandbox", "machine", "providers", "problems", "errors", "cpuPercent"] {
            assert!(!said.contains(name), "{said}");
        }
    }
}
