//! A value that must never be printed: it has no `Display`, no serialisation, and its `Debug` says
//! nothing about it.

use std::{borrow::Cow, fmt, sync::Arc};

/// A key. Reading it takes the word `expose`, so that every use can be found.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Takes the value, without the white space that pasting leaves around it.
    pub fn new(value: impl AsRef<str>) -> Self {
        Self(Arc::from(value.as_ref().trim()))
    }

    /// Gives the value, for the one place that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Tells whether there is nothing to hide.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Replaces the value wherever it stands in a text that somebody else wrote.
    #[must_use]
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.0.is_empty() || !text.contains(&*self.0) {
            return Cow::Borrowed(text);
        }
        Cow::Owned(text.replace(&*self.0, "[key]"))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn debug_says_nothing() {
        assert_eq!(format!("{:?}", Secret::new("sk-canary")), "Secret(…)");
    }

    #[test]
    fn redaction_replaces_every_copy_and_leaves_other_text() {
        let key = Secret::new(" sk-1 \n");
        assert_eq!(key.redact("bad key sk-1, not sk-1"), "bad key [key], not [key]");
        assert_eq!(key.redact("fine"), "fine");
        assert_eq!(Secret::new("").redact("fine"), "fine");
    }
}
