//! Takes out of a text what must not leave the machine: secrets, where the home folder lies, the person's
//! and the machine's name, and what sessions are called and where they work.
//!
//! The parts hold none of the last by themselves; this is the second net, for an error that quotes them.

use std::path::Path;

use crate::redact::Redactor;

/// Names that say nothing about a person, or stand everywhere in our own texts.
const NO_NAMES: &[&str] =
    &["root", "user", "admin", "administrator", "jamey", "runtime", "localhost", "linux", "info", "error"];
/// Shorter names of people stand inside everything.
const SHORTEST_NAME: usize = 3;
/// Shorter names of sessions are ordinary words.
const SHORTEST_TITLE: usize = 6;

/// Knows what to take out.
#[derive(Debug)]
pub struct Scrub {
    redactor: Redactor,
    /// Texts and what stands in their place, the longest first.
    texts: Vec<(String, String)>,
    /// The same for whole words, whatever their case.
    words: Vec<(String, &'static str)>,
}

impl Scrub {
    /// Takes out what `redactor` knows.
    #[must_use]
    pub fn new(redactor: Redactor) -> Self {
        Self { redactor, texts: Vec::new(), words: Vec::new() }
    }

    /// Puts `shown` in the place of a folder, however its path is written.
    #[must_use]
    pub fn folder(mut self, path: &Path, shown: &str) -> Self {
        let real = path.canonicalize().ok();
        for path in real.iter().map(std::path::PathBuf::as_path).chain([path]) {
            // A path of one name is no secret, and in every other path.
            if path.components().count() > 2 {
                self.text(&path.to_string_lossy(), shown);
            }
        }
        self
    }

    /// Puts `shown` in the place of somebody's or something's name where it stands as a word.
    #[must_use]
    pub fn name(mut self, name: &str, shown: &'static str) -> Self {
        let name = name.trim();
        let is_telling = name.chars().count() >= SHORTEST_NAME
            && !NO_NAMES.contains(&name.to_lowercase().as_str())
            && !self.words.iter().any(|(known, _)| known == name);
        if is_telling {
            self.words.push((name.to_owned(), shown));
        }
        self
    }

    /// Learns what a session is called or where it works.
    #[must_use]
    pub fn private(mut self, text: &str) -> Self {
        if text.chars().count() >= SHORTEST_TITLE {
            self.text(text, "[private]");
        }
        self
    }

    fn text(&mut self, text: &str, shown: &str) {
        let text = text.trim_end_matches(['/', '\\']);
        let quoted = serde_json::Value::from(text).to_string();
        let quoted = quoted[1..quoted.len() - 1].to_owned();
        for form in [text.to_owned(), quoted, text.replace('\\', "/")] {
            if !form.is_empty() && !self.texts.iter().any(|(known, _)| *known == form) {
                self.texts.push((form, shown.to_owned()));
            }
        }
        self.texts.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
    }

    /// The same text without all that.
    #[must_use]
    pub fn clean(&self, text: &str) -> String {
        let mut text = self.redactor.text(text).into_owned();
        for (private, shown) in &self.texts {
            if text.contains(private.as_str()) {
                text = text.replace(private.as_str(), shown);
            }
        }
        for (name, shown) in &self.words {
            text = without_word(&text, name, shown);
        }
        text
    }

    /// A value by the name that it goes by; what goes by the name of a secret is left out whole.
    #[must_use]
    pub fn value(&self, name: &str, value: &str) -> String {
        self.clean(&self.redactor.field(name, value))
    }
}

/// Replaces a word that stands alone, in any case of its letters.
fn without_word(text: &str, word: &str, shown: &str) -> String {
    // As long as the text itself, since only ASCII letters change.
    let (lower, word) = (text.to_ascii_lowercase(), word.to_ascii_lowercase());
    let is_inner = |c: char| c.is_alphanumeric();
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (at, _) in lower.match_indices(&word) {
        let end = at + word.len();
        let alone = !lower[..at].chars().next_back().is_some_and(is_inner)
            && !lower[end..].chars().next().is_some_and(is_inner);
        if alone && at >= done {
            out.push_str(&text[done..at]);
            out.push_str(shown);
            done = end;
        }
    }
    out.push_str(&text[done..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrub() -> Scrub {
        let redactor = Redactor::default();
        redactor.learn(["canary-key-1234"]);
        Scrub::new(redactor)
            .folder(Path::new("/home/ada"), "~")
            .folder(Path::new("/home/ada/.config/jamey-code"), "CONFIG")
            .name("ada", "[user]")
            .name("lovelace", "[host]")
            .private("/srv/divorce papers")
            .private("my secret plan")
    }

    #[test]
    fn paths_names_and_secrets_are_gone_and_the_rest_stays() {
        let text = "ada@Lovelace: /home/ada/x, /home/ada/.config/jamey-code/.env, canary-key-1234, Canada, \
                    my secret plan in /srv/divorce papers";
        assert_eq!(
            scrub().clean(text),
            "[user]@[host]: ~/x, CONFIG/.env, [redacted], Canada, [private] in [private]"
        );
    }

    #[test]
    fn a_path_is_found_in_json_and_with_either_slash() {
        let scrub = Scrub::new(Redactor::default()).folder(Path::new(r"/C:\Users\ada/x"), "~");
        assert_eq!(scrub.clean(r#"{"at":"/C:\\Users\\ada/x"}"#), r#"{"at":"~"}"#);
        assert_eq!(scrub.clean("/C:/Users/ada/x/y"), "~/y");
    }

    #[test]
    fn names_that_say_nothing_and_short_titles_are_left() {
        let scrub =
            Scrub::new(Redactor::default()).name("root", "[user]").name("x", "[user]").private("info");
        assert_eq!(scrub.clean("root x info"), "root x info");
        assert_eq!(scrub.value("api_key", "k"), "[redacted]");
    }
}
