//! The configuration when no runtime runs. `jamey-runtime` reads and writes it, with the code that a
//! running one has, and answers in JSON; nothing is started and left.

use std::{ffi::OsStr, process::Command};

use jamey_ipc::launch::find_runtime;
use jamey_protocol::{ApiError, ErrorCode, config::ConfigView};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

/// What is wrong with the file.
#[derive(Debug, Deserialize)]
pub struct Checked {
    /// Why nothing of it holds.
    pub fault: Option<String>,
    /// What of it does not hold.
    pub warnings: Vec<String>,
}

/// Every value that the next start would find.
pub fn view() -> Result<ConfigView, ApiError> {
    ask(&["view"])
}

/// Changes one value in the file.
pub fn set(key: &str, value: &Value) -> Result<ConfigView, ApiError> {
    ask(&["set", "--", key, &value.to_string()])
}

/// Reads the file alone.
pub fn check() -> Result<Checked, ApiError> {
    ask(&["check"])
}

fn ask<T: DeserializeOwned>(words: &[impl AsRef<OsStr>]) -> Result<T, ApiError> {
    let failed = |why: String| {
        ApiError::new(ErrorCode::Internal, format!("the configuration cannot be read: {why}"))
            .hint("reinstall Jamey, so that jamey-runtime lies beside jamey")
    };
    let mut command = Command::new(find_runtime()?);
    let output = command.arg("config").args(words).output().map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()));
    }
    Err(serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| failed(String::from_utf8_lossy(&output.stderr).trim().to_owned())))
}
