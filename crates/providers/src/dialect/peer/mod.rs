//! Turns what a server says about a failure into one of the engine's kinds.
//!
//! Vendors have no common vocabulary, so this is the one place that looks for words in a text: `said` reads what they
//! wrote, `classify` says what it means. It is shown in at most 300 characters, without control characters and without
//! the key.

mod classify;
mod said;

use std::time::SystemTime;

use jamey_engine::ports::{ErrorKind, ProviderError};
use jamey_protocol::letters::turns_direction;
use serde_json::Value;

pub(super) use self::classify::is_version;
use self::said::{Said, wait};
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
    /// What its base URL usually ends in, such as `v1`, where a person has to write that.
    pub version: Option<&'static str>,
}

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
        ProviderError { kind, message, hint, retry_after: None, of_model: false }
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

#[cfg(test)]
mod tests;
