//! Takes secrets out of text that leaves the process: log lines, spans, support bundles.
//!
//! Two nets, one behind the other. What is known (keys of the environment and of `.env`, our own
//! token) is replaced wherever it stands and however it is escaped; what only looks like a secret is
//! found by its form (`patterns`). Text without a secret is handed back as it is, without a copy.
//! Invariant: whoever writes a line for a person or a file passes it through here.

mod known;
mod patterns;

use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, LazyLock, PoisonError, RwLock},
};

pub use patterns::is_secret_name;

use self::known::Known;

/// What stands in the place of a secret.
pub const MARK: &str = "[redacted]";

static SHARED: LazyLock<Redactor> = LazyLock::new(Redactor::default);

/// Knows secrets and takes them out of text. Clones share what they know.
#[derive(Clone, Default)]
pub struct Redactor(Arc<RwLock<Arc<Known>>>);

impl Redactor {
    /// The one of this process, which the log uses.
    #[must_use]
    pub fn shared() -> Self {
        SHARED.clone()
    }

    /// Learns values that must never be shown. What was learnt before stays known: an old key may still
    /// stand in an error that comes late. Values under 8 bytes are left out, since words of that
    /// length stand everywhere.
    pub fn learn<'a>(&self, secrets: impl IntoIterator<Item = &'a str>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let mut more = Known::clone(&known);
        let mut grew = false;
        for secret in secrets {
            grew |= more.add(secret);
        }
        if grew {
            *known = Arc::new(more);
        }
    }

    /// Takes every secret out of a text.
    #[must_use]
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let known = Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner));
        match known.hide(text) {
            Cow::Borrowed(text) => patterns::hide(text),
            Cow::Owned(text) => Cow::Owned(patterns::hide(&text).into_owned()),
        }
    }

    /// The same for the value of a named field, such as `api_key`: what such a name holds is hidden
    /// whole.
    #[must_use]
    pub fn field<'a>(&self, name: &str, value: &'a str) -> Cow<'a, str> {
        if is_secret_name(name) && !value.is_empty() {
            return Cow::Borrowed(MARK);
        }
        self.text(value)
    }
}

/// Takes every secret that this process knows or recognises out of a text.
#[must_use]
pub fn text(text: &str) -> Cow<'_, str> {
    SHARED.text(text)
}

/// How many, and nothing else.
impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner));
        f.debug_tuple("Redactor").field(&known.len()).finish()
    }
}
