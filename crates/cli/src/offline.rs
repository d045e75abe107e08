//! What is done without a running runtime: the configuration, the support bundle, and putting a backup back.
//! `jamey-runtime` does
//! it, with the code that a running one has, and answers in JSON; nothing is started and left.

use std::{
    ffi::{OsStr, OsString},
    path::Path,
    process::Command,
};

use jamey_ipc::launch::find_runtime;
use jamey_protocol::{ApiError, ErrorCode, backup::Restore, config::ConfigView};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

/// What is wrong with the file.
#[derive(Debug, Deserialize)]
pub struct Checked {
    /// Why nothing of it holds.
    pub fault: Option<String>,
    /// What of it does not hold.
    pub warnings: Vec<String>,
}

/// The archive that was made.
#[derive(Debug, Deserialize, Serialize)]
pub struct Bundle {
    /// Where it lies.
    pub path: String,
    /// How large it is.
    pub bytes: u64,
    /// What is in it.
    pub parts: Vec<Part>,
    /// What is not.
    pub left_out: String,
}

/// One file of it.
#[derive(Debug, Deserialize, Serialize)]
pub struct Part {
    pub name: String,
    /// Before it was packed.
    pub bytes: u64,
    pub about: String,
}

/// Every value that the next start would find.
pub fn view() -> Result<ConfigView, ApiError> {
    ask("config", &["view"])
}

/// Changes one value in the file.
pub fn set(key: &str, value: &Value) -> Result<ConfigView, ApiError> {
    ask("config", &["set", "--", key, &value.to_string()])
}

/// Reads the file alone.
pub fn check() -> Result<Checked, ApiError> {
    ask("config", &["check"])
}

/// Makes the archive for whoever helps.
pub fn support_bundle(output: Option<&Path>) -> Result<Bundle, ApiError> {
    let mut words: Vec<OsString> = Vec::new();
    words.extend(output.into_iter().flat_map(|path| ["--output".into(), path.into()]));
    ask("support-bundle", &words)
}

/// What putting a copy back would do. `which` is the name of a backup or a file, none the newest backup.
pub fn look_at_restore(which: Option<&Path>) -> Result<Restore, ApiError> {
    ask("restore", &restore_words(which, None))
}

/// Puts a copy back.
pub fn restore(copy: &Path) -> Result<Restore, ApiError> {
    ask("restore", &restore_words(Some(copy), Some("--apply")))
}

fn restore_words(which: Option<&Path>, flag: Option<&str>) -> Vec<OsString> {
    let mut words: Vec<OsString> = flag.into_iter().map(Into::into).collect();
    words.extend(which.into_iter().flat_map(|which| ["--".into(), which.into()]));
    words
}

fn ask<T: DeserializeOwned>(what: &str, words: &[impl AsRef<OsStr>]) -> Result<T, ApiError> {
    let failed = |why: String| {
        ApiError::new(ErrorCode::Internal, format!("jamey-runtime {what} gave no answer: {why}"))
            .hint("reinstall Jamey, so that jamey-runtime lies beside jamey")
    };
    let mut command = Command::new(find_runtime()?);
    let output = command.arg(what).args(words).output().map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()));
    }
    Err(serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| failed(String::from_utf8_lossy(&output.stderr).trim().to_owned())))
}
