//! Values that are known to be secret, in every form in which they may turn up.

use std::{borrow::Cow, fmt::Write as _};

use super::MARK;

/// Shorter values are words that stand everywhere.
const SHORTEST: usize = 8;
/// Longer values are files, not keys.
const LONGEST: usize = 64 * 1024;
/// More than a person has. What is learnt beyond is not kept, so that nothing can grow without end.
const MOST: usize = 512;

/// Secrets and their escaped forms, the longest first, so that one within another leaves nothing behind.
#[derive(Clone, Default)]
pub(super) struct Known(Vec<String>);

impl Known {
    /// Adds one and tells whether it was new.
    pub(super) fn add(&mut self, secret: &str) -> bool {
        let secret = secret.trim();
        if secret.len() < SHORTEST || secret.len() > LONGEST || self.0.len() >= MOST {
            return false;
        }
        let before = self.0.len();
        for form in forms(secret) {
            if !self.0.contains(&form) {
                self.0.push(form);
            }
        }
        self.0.sort_by_key(|form| std::cmp::Reverse(form.len()));
        self.0.len() > before
    }

    pub(super) fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut hidden = Cow::Borrowed(text);
        for form in &self.0 {
            if hidden.contains(form.as_str()) {
                hidden = Cow::Owned(hidden.replace(form.as_str(), MARK));
            }
        }
        hidden
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// As it is, within quotes of Rust or JSON (also twice), and within a URL.
fn forms(secret: &str) -> Vec<String> {
    let debug = |text: &str| inner(&format!("{text:?}"));
    let json = |text: &str| inner(&serde_json::Value::from(text).to_string());
    let mut url = String::with_capacity(secret.len());
    for byte in secret.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(url, "%{byte:02X}");
        }
    }
    let (lines, quoted) = (debug(secret), json(secret));
    vec![secret.to_owned(), debug(&lines), json(&quoted), json(&lines), debug(&quoted), lines, quoted, url]
}

/// What stands between the quotes.
fn inner(quoted: &str) -> String {
    quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
}
