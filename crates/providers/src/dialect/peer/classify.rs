//! Which of the engine's kinds a failure is, and what a person reads of it.

use jamey_engine::ports::{ErrorKind, ProviderError};

use super::{Peer, said::Said};
use crate::Secret;

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
pub(super) const USED_UP: [&str; 7] = [
    NO_QUOTA,
    "insufficient balance",
    "billing details",
    "billing_",
    "billing hard limit",
    "credit balance",
    "out of credits",
];
/// The code for it that no wish to wait outweighs.
pub(super) const NO_QUOTA: &str = "insufficient_quota";
/// Words for what passes by itself. Such an answer may name the page where one pays for more: Groq's ends with
/// `https://console.groq.com/settings/billing`, OpenAI's free tier's with `…/account/billing`.
pub(super) const PASSING: [&str; 2] = ["rate_limit_exceeded", "rate limit reached"];
const FILTERED: [&str; 3] = ["content_filter", "content_policy", "content management policy"];
/// Words in which servers refuse a model that they do not have as if the request were wrong (400, or 422). Where each was
/// seen is told beside the table of `tests.rs`.
const NO_MODEL: [&str; 5] =
    ["model_not_found", "not a valid model id", "model not exist", "invalid model name", "invalid_model"];
const BAD_KEY: [&str; 5] =
    ["invalid_api_key", "api_key_invalid", "api key not valid", "api key expired", "incorrect api key"];

impl Peer {
    pub(super) fn classify(&self, status: Option<u16>, said: &Said) -> ProviderError {
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
            Some(400 | 422) | None if has(&NO_MODEL) => self.not_there(said),
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
        let of_model =
            matches!(kind, ErrorKind::NotFound | ErrorKind::Permission) && self.speaks_of_model(said);
        ProviderError { kind, message, hint, retry_after: None, of_model }
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

    pub(super) fn overflow(&self) -> (ErrorKind, String, Option<String>) {
        let message = format!("the session no longer fits the context window of {}", self.model_name());
        let hint = "choose a model with a larger window with -m, or begin a new session; nothing is lost";
        (ErrorKind::ContextOverflow, message, Some(hint.to_owned()))
    }

    fn speaks_of_model(&self, said: &Said) -> bool {
        // Azure's word for it is the code `DeploymentNotFound`.
        said.lower.contains("model")
            || said.lower.contains("deploymentnotfound")
            || (!self.model.is_empty() && said.lower.contains(&self.model.to_lowercase()))
    }

    fn not_there(&self, said: &Said) -> (ErrorKind, String, Option<String>) {
        if self.speaks_of_model(said) {
            let message = format!("{} has no {}", self.who, self.model_name());
            return (ErrorKind::NotFound, message, Some("see `jamey models list`".to_owned()));
        }
        let base = self.base.trim_end_matches('/');
        let hint = match self.version {
            Some(version) if !base.split('/').any(is_version) => {
                format!("base URLs usually end in /{version}: try {base}/{version}")
            }
            _ => "check the base URL".to_owned(),
        };
        (ErrorKind::NotFound, format!("{} has nothing at {base} (404)", self.who), Some(hint))
    }
}

/// Tells whether a part of a path is a version, as `v1`, `v1beta` and `v4` are.
pub(in crate::dialect) fn is_version(part: &str) -> bool {
    part.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}
