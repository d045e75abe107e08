//! Turns what a server says about a failure into one of the engine's kinds.
//!
//! Vendors have no common vocabulary, so this is the one place that looks for words in a text. What
//! they wrote is shown in at most 300 characters, without control characters and without the key.

use std::time::{Duration, SystemTime};

use jamey_engine::ports::{ErrorKind, ProviderError};
use jamey_protocol::letters::turns_direction;
use serde_json::Value;

use crate::{Secret, http};

/// Whom a request went to, as far as errors need to know.
#[derive(Clone, Debug, Default)]
pub struct Peer {
    /// Host and port, or what the server is called.
    pub who: String,
    /// The base URL.
    pub base: String,
    /// The model that was asked.
    pub model: String,
    /// The key that was sent.
    pub key: Option<Secret>,
    /// Where a person sets that key, such as `OPENAI_API_KEY`.
    pub key_name: Option<String>,
}

/// Who asks for a longer wait, with a date in ten years say, is asked again after this. How long a turn waits is the
/// engine's decision.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// Words in which servers say that the request does not fit the window.
/// Where each was seen is told beside the table of `tests.rs`. A word must be one that nothing but a full window is told
/// with: "too many tokens" is said of a minute's tokens too, and "exceeds the limit of" of an answer's.
const OVERFLOW: [&str; 34] = [
    "context_length_exceeded",
    "exceed_context_size",
    "maximum context length",
    "context size",
    "context length",
    "context window",
    "context the overflows",
    "context overflow",
    "prompt is too long",
    "input is too long",
    "too many input tokens",
    "reduce the length of the messages",
    "exceeds the maximum number of tokens",
    "exceed context limit",
    "exceeds the context",
    "string_above_max_length",
    "model_max_prompt_tokens",
    "maximum prompt length",
    "longer than the maximum model length",
    "`max_new_tokens` must be <=",
    "tokens_limit_reached",
    "range of input length should be",
    "exceeded model token limit",
    "exceed the configured limit of",
    "prompt exceeds max length",
    "max_seq_len",
    "exceed max message tokens",
    "but model only supports up to",
    "maximum allowed input length",
    "exceeds the maximum allowed length",
    "`inputs` must have less than",
    "too many tokens: total number of tokens",
    "payload size exceeds the limit",
    // A limit on tokens a minute that one request alone exceeds: waiting does not help.
    "must be reduced in order to run successfully",
];
/// Words in which they say that the account is used up.
const USED_UP: [&str; 7] = [
    NO_QUOTA,
    "insufficient balance",
    "billing details",
    "billing_",
    "billing hard limit",
    "credit balance",
    "out of credits",
];
/// The code for it that no wish to wait outweighs.
const NO_QUOTA: &str = "insufficient_quota";
/// Words for what passes by itself. Such an answer may name the page where one pays for more: Groq's ends with
/// `https://console.groq.com/settings/billing`, OpenAI's free tier's with `…/account/billing`.
const PASSING: [&str; 2] = ["rate_limit_exceeded", "rate limit reached"];
const FILTERED: [&str; 3] = ["content_filter", "content_policy", "content management policy"];
const BAD_KEY: [&str; 4] = ["invalid_api_key", "api_key_invalid", "api key not valid", "incorrect api key"];

/// Reads an answer whose status says that it failed.
#[must_use]
pub fn from_reply(peer: &Peer, status: u16, retry_after: Option<&str>, body: &[u8]) -> ProviderError {
    let mut said = Said::read(body);
    // The header counts more than the body.
    said.retry_after = retry_after.and_then(|value| wait(value, SystemTime::now())).or(said.retry_after);
    ProviderError { retry_after: said.retry_after, ..peer.classify(Some(status), &said) }
}

impl Peer {
    /// A failure that came inside of a stream.
    pub(crate) fn in_band(&self, error: &Value) -> ProviderError {
        let mut said = Said::default();
        said.look(error, 0);
        let status = said.code.parse::<u16>().ok().filter(|code| (400..600).contains(code));
        let mut found = self.classify(status.or_else(|| said.status()), &said);
        found.retry_after = said.retry_after;
        found
    }

    /// An answer that says itself why there is none.
    pub(crate) fn withheld(&self, why: &str) -> ProviderError {
        let message = format!("the filter of {} withheld the answer: {}", self.who, self.clean(why));
        ProviderError::new(ErrorKind::ContentFilter, message).hint("put the request in other words")
    }

    pub(crate) fn malformed(&self, what: &str) -> ProviderError {
        ProviderError::new(ErrorKind::Malformed, format!("{} sent {what}", self.who))
    }

    pub(crate) fn not_the_protocol(&self, data: &[u8], error: &serde_json::Error) -> ProviderError {
        self.malformed(&format!(
            "an event that is not in the dialect it is asked in ({}): {}",
            self.clean(&error.to_string()),
            self.beginning(data, 120)
        ))
    }

    /// An answer in a form that no model's server uses.
    pub(super) fn other_content(&self, content_type: &str, body: &[u8]) -> ProviderError {
        let kind = if content_type.is_empty() { "no content type" } else { content_type };
        let error = self.malformed(&format!(
            "no model's answer but this ({}): {}",
            self.clean(kind),
            self.beginning(body, 300)
        ));
        if is_page(content_type, body) {
            return ProviderError {
                message: format!("{} sent a web page instead of a model's answer", self.who),
                ..error
            }
            .hint(format!(
                "open {} in a browser: it may be a login page of the network, or the base URL is wrong",
                self.base
            ));
        }
        error.hint("check the base URL")
    }

    pub(super) fn truncated(&self) -> ProviderError {
        ProviderError::new(
            ErrorKind::Truncated,
            format!("the answer of {} broke off before its end", self.who),
        )
    }

    pub(crate) fn empty(&self, how: &str) -> ProviderError {
        ProviderError::new(ErrorKind::Empty, format!("{} {how}", self.who))
    }

    /// An answer that has no room behind what was sent.
    pub(super) fn window_full(&self) -> ProviderError {
        let (kind, message, hint) = self.overflow();
        ProviderError { kind, message, hint, retry_after: None }
    }

    pub(super) fn redirect(&self, status: u16, to: Option<&str>) -> ProviderError {
        let to = to.map_or_else(|| "nowhere".to_owned(), |to| self.clean(to));
        ProviderError::new(
            ErrorKind::NotFound,
            format!(
                "{} answered with a redirect ({status}) to {to}, and redirects are not followed",
                self.who
            ),
        )
        .hint("the key belongs to one address: if the new one is right, make it the base URL")
    }

    fn classify(&self, status: Option<u16>, said: &Said) -> ProviderError {
        let who = &self.who;
        let has = |words: &[&str]| words.iter().any(|word| said.lower.contains(word));
        let (kind, message, hint) = match status {
            Some(401) => self.bad_key(),
            Some(400) if has(&BAD_KEY) => self.bad_key(),
            Some(402) => self.used_up(),
            Some(429) | None if said.is_used_up() => self.used_up(),
            Some(400 | 403) if has(&["credit balance"]) => self.used_up(),
            Some(403) => (
                ErrorKind::Permission,
                format!("{who} does not allow this (403)"),
                Some("check what the key and its account may use".to_owned()),
            ),
            Some(404 | 405) => self.not_there(said),
            Some(408) => (ErrorKind::Timeout, format!("{who} waited too long for the request (408)"), None),
            Some(413) => self.overflow(),
            _ if has(&OVERFLOW) && status.is_none_or(|code| code <= 500) => self.overflow(),
            Some(429) => (ErrorKind::RateLimited, format!("{who} asks to wait (429)"), None),
            None if said.lower.contains("rate_limit") || has(&PASSING) => {
                (ErrorKind::RateLimited, format!("{who} asks to wait"), None)
            }
            Some(400..500) | None if has(&FILTERED) => (
                ErrorKind::ContentFilter,
                format!("the filter of {who} refused the request"),
                Some("put the request in other words".to_owned()),
            ),
            Some(code @ 500..) => (ErrorKind::Overloaded, format!("{who} failed ({code})"), None),
            Some(code) => {
                (ErrorKind::BadRequest, format!("{who} did not understand the request ({code})"), None)
            }
            None if has(&["invalid_request", "bad_request"]) => {
                (ErrorKind::BadRequest, format!("{who} did not understand the request"), None)
            }
            None => (ErrorKind::Overloaded, format!("{who} failed in the middle of its answer"), None),
        };
        let message = match self.clean(&said.message) {
            words if words.is_empty() => message,
            words => format!("{message}: {words}"),
        };
        ProviderError { kind, message, hint, retry_after: None }
    }

    fn bad_key(&self) -> (ErrorKind, String, Option<String>) {
        let set = self.key_name.as_deref().map_or_else(
            || {
                "set the key of this provider in the environment or the `.env` of the config folder"
                    .to_owned()
            },
            |name| format!("set {name} in the environment or the `.env` of the config folder"),
        );
        if self.key.as_ref().is_none_or(Secret::is_empty) {
            return (ErrorKind::Auth, format!("{} wants a key and there is none (401)", self.who), Some(set));
        }
        let check = self
            .key_name
            .as_deref()
            .map_or_else(|| "check the key of this provider".to_owned(), |name| format!("check {name}"));
        (ErrorKind::Auth, format!("{} did not accept the key (401)", self.who), Some(check))
    }

    fn used_up(&self) -> (ErrorKind, String, Option<String>) {
        let hint = "look at the plan and the billing of this account, or choose another model";
        (ErrorKind::QuotaExhausted, format!("the account at {} is used up", self.who), Some(hint.to_owned()))
    }

    fn overflow(&self) -> (ErrorKind, String, Option<String>) {
        let message = format!("the session no longer fits the context window of {}", self.model_name());
        let hint = "choose a model with a larger window with -m, or begin a new session; nothing is lost";
        (ErrorKind::ContextOverflow, message, Some(hint.to_owned()))
    }

    fn not_there(&self, said: &Said) -> (ErrorKind, String, Option<String>) {
        let speaks_of_model = said.lower.contains("model")
            || (!self.model.is_empty() && said.lower.contains(&self.model.to_lowercase()));
        if speaks_of_model {
            let message = format!("{} has no {}", self.who, self.model_name());
            return (ErrorKind::NotFound, message, Some("see `jamey models list`".to_owned()));
        }
        let base = self.base.trim_end_matches('/');
        let hint = if base.ends_with("/v1") || base.contains("/v1/") {
            "check the base URL".to_owned()
        } else {
            format!("base URLs usually end in /v1: try {base}/v1")
        };
        (ErrorKind::NotFound, format!("{} has nothing at {base} (404)", self.who), Some(hint))
    }

    pub(super) fn model_name(&self) -> String {
        if self.model.is_empty() { "such model".to_owned() } else { format!("model `{}`", self.model) }
    }

    /// The first `most` characters of an answer. It is cleaned whole and then cut: half a key at the cut would not be
    /// recognised as one.
    fn beginning(&self, data: &[u8], most: usize) -> String {
        let clean = self.clean(&String::from_utf8_lossy(data));
        match clean.char_indices().nth(most) {
            Some((end, _)) => format!("{}…", &clean[..end]),
            None => clean,
        }
    }

    /// Somebody else's words, made fit for one line of ours.
    pub(crate) fn clean(&self, text: &str) -> String {
        let text = self.key.as_ref().map_or(text.into(), |key| key.redact(text));
        let mut out = String::new();
        let mut gap = false;
        for (count, c) in text.chars().enumerate() {
            if count >= http::MESSAGE {
                out.push('…');
                break;
            }
            if c.is_whitespace() || c.is_control() || turns_direction(c) {
                gap = !out.is_empty();
            } else {
                if std::mem::take(&mut gap) {
                    out.push(' ');
                }
                out.push(c);
            }
        }
        out.trim_end_matches('.').to_owned()
    }
}

pub(super) fn is_page(content_type: &str, body: &[u8]) -> bool {
    let start = String::from_utf8_lossy(body.get(..64).unwrap_or(body)).trim_start().to_lowercase();
    content_type.starts_with("text/html") || start.starts_with("<!doctype html") || start.starts_with("<html")
}

/// What a body says, whichever of the usual shapes it has.
#[derive(Debug, Default)]
struct Said {
    message: String,
    code: String,
    /// Message, code and type in lower case, to look for words in.
    lower: String,
    /// How long to wait, where the body says so (Gemini's `RetryInfo`).
    retry_after: Option<Duration>,
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
    fn read(body: &[u8]) -> Self {
        let mut said = Self::default();
        if let Ok(value) = serde_json::from_slice::<Value>(body) {
            said.look(&value, 0);
        } else if !is_page("", body) {
            said.say(&String::from_utf8_lossy(body.get(..2000).unwrap_or(body)));
        }
        said
    }

    /// Tells whether waiting does not help.
    fn is_used_up(&self) -> bool {
        let has = |words: &[&str]| words.iter().any(|word| self.lower.contains(word));
        let passes = self.retry_after.is_some() || has(&PASSING);
        self.is_daily || has(&[NO_QUOTA]) || (!passes && has(&USED_UP))
    }

    fn status(&self) -> Option<u16> {
        NAMES.iter().find(|(name, _)| self.lower.contains(name)).map(|(_, status)| *status)
    }

    /// Finds `message`, `detail`, `code` and `type`, also inside of `error`.
    fn look(&mut self, value: &Value, depth: u8) {
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

    /// Google's typed details: how long to wait, and which quota it was.
    fn details(&mut self, details: &[Value]) {
        for detail in details.iter().take(16) {
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
fn wait(value: &str, now: SystemTime) -> Option<Duration> {
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

#[cfg(test)]
mod tests;
