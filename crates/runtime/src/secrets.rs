//! The token of the loopback API: made by itself, kept where only the owner reads it.

use std::{fs, path::Path, sync::Arc};

use jamey_protocol::{ApiError, ErrorCode};

use crate::{config::store, redact::Redactor};

/// 256 bits as hex.
const LENGTH: usize = 64;

/// Reads the token, or makes a new one when there is none, it is damaged, or others could read it.
///
/// # Errors
/// When it cannot be made or kept.
pub fn token(path: &Path) -> Result<Arc<str>, ApiError> {
    let token = read_or_make(path)?;
    Redactor::shared().learn([&*token]);
    Ok(token)
}

fn read_or_make(path: &Path) -> Result<Arc<str>, ApiError> {
    if let Ok(text) = fs::read_to_string(path) {
        let text = text.trim();
        let is_whole = text.len() == LENGTH && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_whole && is_private(path) {
            return Ok(text.into());
        }
    }
    let failed = |error: &dyn std::fmt::Display| {
        ApiError::new(ErrorCode::Storage, format!("the API token {} cannot be made: {error}", path.display()))
            .hint("check the folder's permissions, or start with --no-tcp")
    };
    let mut bytes = [0_u8; LENGTH / 2];
    getrandom::fill(&mut bytes).map_err(|error| failed(&error))?;
    let token: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    store(path, &format!("{token}\n")).map_err(|error| failed(&error))?;
    Ok(token.into())
}

#[cfg(unix)]
fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::symlink_metadata(path).is_ok_and(|facts| facts.is_file() && facts.permissions().mode() & 0o077 == 0)
}

/// On Windows the profile's own access list guards the file.
#[cfg(not(unix))]
fn is_private(_path: &Path) -> bool {
    true
}
