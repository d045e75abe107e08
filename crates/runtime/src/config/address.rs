//! Refuses an address when it is set, not only when it is first asked.

use jamey_protocol::{ApiError, ErrorCode};
use jamey_providers::{PlainHttp, http::AddressError, http::base_url};
use serde_json::Value;

use super::{load::Values, vendors::ollama};

/// Checks the address that was just set, if `name` is one.
///
/// # Errors
/// When it is no URL, or one that is not spoken to.
pub(super) fn check(name: &str, values: &Values) -> Result<(), ApiError> {
    let Some(provider) = name.strip_prefix("providers.").and_then(|rest| rest.strip_suffix(".base_url"))
    else {
        return Ok(());
    };
    let get = |name: &str| values.get(name).map(|setting| &setting.value);
    let text = get(name).and_then(Value::as_str).unwrap_or_default();
    if text.is_empty() {
        return Ok(());
    }
    let text = if provider == "ollama" { ollama(text) } else { text.to_owned() };
    let flag = format!("providers.{provider}.plain_http");
    let plain = match get(&flag).and_then(Value::as_bool) {
        Some(true) => PlainHttp::Anywhere,
        _ => PlainHttp::Loopback,
    };
    base_url(&text, plain).map(drop).map_err(|error| {
        let hint = match error {
            AddressError::Unencrypted(_) => format!(
                "{}; if whoever can read the network may read key and prompts, first: jamey config set {flag} true",
                error.hint()
            ),
            _ => error.hint().to_owned(),
        };
        ApiError::new(ErrorCode::Config, error.to_string()).hint(hint)
    })
}
