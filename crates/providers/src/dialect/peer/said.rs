//! What a server says about a failure, whichever of the usual shapes its words have.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::{
    classify::{NO_QUOTA, PASSING, USED_UP},
    is_page,
};

/// Who asks for a longer wait, with a date in ten years say, is asked again after this. How long a turn waits is the
/// engine's decision.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// What a body says, whichever of the usual shapes it has.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) message: String,
    pub(super) code: String,
    /// Message, code and type in lower case, to look for words in.
    pub(super) lower: String,
    /// How long to wait, where the body says so (Gemini's `RetryInfo`).
    pub(super) retry_after: Option<Duration>,
    /// What is used up comes back the next day at the earliest.
    is_daily: bool,
}

/// Names of failures that come without a status, and the status that they have otherwise.
const NAMES: [(&str, u16); 13] = [
    ("authentication_error", 401),
    ("unauthenticated", 401),
    ("invalid_api_key", 401),
    ("billing_error", 402),
    ("permission_error", 403),
    ("permission_denied", 403),
    ("not_found_error", 404),
    ("request_too_large", 413),
    ("rate_limit", 429),
    ("resource_exhausted", 429),
    ("timeout_error", 408),
    ("overloaded_error", 529),
    ("server_error", 500),
];

impl Said {
    pub(super) fn read(body: &[u8]) -> Self {
        let mut said = Self::default();
        if let Ok(value) = serde_json::from_slice::<Value>(body) {
            said.look(&value, 0);
        } else if !is_page("", body) {
            said.say(&String::from_utf8_lossy(body.get(..2000).unwrap_or(body)));
        }
        said
    }

    /// Tells whether waiting does not help.
    pub(super) fn is_used_up(&self) -> bool {
        let has = |words: &[&str]| words.iter().any(|word| self.lower.contains(word));
        let passes = self.retry_after.is_some() || has(&PASSING);
        self.is_daily || has(&[NO_QUOTA]) || (!passes && has(&USED_UP))
    }

    pub(super) fn status(&self) -> Option<u16> {
        NAMES.iter().find(|(name, _)| self.lower.contains(name)).map(|(_, status)| *status)
    }

    /// Finds `message`, `detail`, `code` and `type`, also inside of `error`.
    pub(super) fn look(&mut self, value: &Value, depth: u8) {
        match value {
            Value::String(text) => self.say(text),
            Value::Array(list) if depth < 4 => {
                for item in list.iter().take(4) {
                    self.look(item, depth + 1);
                }
            }
            Value::Object(map) if depth < 4 => {
                for name in ["code", "type", "status"] {
                    let word = match map.get(name) {
                        Some(Value::String(text)) => text.clone(),
                        Some(Value::Number(number)) => number.to_string(),
                        _ => continue,
                    };
                    self.lower.push_str(&word.to_lowercase());
                    self.lower.push(' ');
                    if name == "code" && self.code.is_empty() {
                        self.code = word;
                    }
                }
                if let Some(Value::Array(details)) = map.get("details") {
                    self.details(details);
                }
                for name in ["error", "message", "msg", "detail", "errors"] {
                    if let Some(inner) = map.get(name) {
                        self.look(inner, depth + 1);
                    }
                }
                if let Some(raw) = map.get("metadata").and_then(|metadata| metadata["raw"].as_str()) {
                    self.pass_on(raw);
                }
            }
            _ => {}
        }
    }

    /// Google's typed details: why it failed, how long to wait, and which quota it was.
    fn details(&mut self, details: &[Value]) {
        for detail in details.iter().take(16) {
            if let Some(reason) = detail["reason"].as_str() {
                self.lower.push_str(&reason.to_lowercase());
                self.lower.push(' ');
            }
            if let Some(seconds) = detail["retryDelay"].as_str().and_then(|delay| delay.strip_suffix('s')) {
                self.retry_after = wait(seconds, SystemTime::UNIX_EPOCH);
            }
            let violations = detail["violations"].as_array().into_iter().flatten();
            self.is_daily |= violations
                .filter_map(|violation| violation["quotaId"].as_str())
                .any(|quota| quota.contains("PerDay"));
        }
    }

    /// What a router was told by the server behind it; its own message says no more than that there was an error.
    fn pass_on(&mut self, raw: &str) {
        let behind = Self::read(raw.as_bytes());
        if !behind.message.is_empty() {
            self.message = format!("{}: {}", self.message.trim_end_matches('.'), behind.message);
        }
        self.lower.push_str(&behind.lower);
    }

    fn say(&mut self, text: &str) {
        if self.message.is_empty() {
            text.clone_into(&mut self.message);
        }
        self.lower.push_str(&text.to_lowercase());
        self.lower.push(' ');
    }
}

/// Reads `Retry-After`: seconds, or a date; anything else is no wish.
pub(super) fn wait(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    let asked = match value.parse::<f64>() {
        Ok(seconds) if seconds.is_finite() && seconds >= 0.0 => {
            Duration::from_secs_f64(seconds.min(LONGEST_WAIT.as_secs_f64()))
        }
        Ok(_) => return None,
        Err(_) => httpdate::parse_http_date(value).ok()?.duration_since(now).unwrap_or_default(),
    };
    Some(asked.min(LONGEST_WAIT))
}
