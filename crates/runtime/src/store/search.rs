//! Full-text search. What a person types is words, never query syntax.

use jamey_protocol::{Item, ItemBody, route::Hit};
use sqlx::{Row, query};

use super::{Store, StoreError, rows};

/// Longest search, in bytes.
const LONGEST: usize = 1000;
/// Most words that are looked for.
const MOST_WORDS: usize = 32;
/// Characters of a message around its first match that a hit shows.
const SHOWN: usize = 160;

impl Store {
    /// Finds messages that hold all words of `text`, the newest first. Nothing to look for finds
    /// nothing.
    ///
    /// # Errors
    /// When the search is too long or the database cannot be read.
    pub async fn search(&self, text: &str, limit: u64) -> Result<Vec<Hit>, StoreError> {
        let words = split(text)?;
        if words.is_empty() {
            return Ok(Vec::new());
        }
        // By place and not by rank, which would look at every match; and without SQLite's own
        // passages, whose cost grows with the square of the matches in one message.
        let found = query(
            "SELECT sessions.id AS owner, items.id AS id, turn, step, at, body \
             FROM items_fts JOIN items ON items.key = items_fts.rowid \
             JOIN sessions ON sessions.key = items.session \
             WHERE items_fts MATCH ? ORDER BY items_fts.rowid DESC LIMIT ?",
        )
        .bind(quote(&words))
        .bind(rows::integer(limit))
        .fetch_all(&self.shared.readers)
        .await;
        self.watch(found)?
            .iter()
            .map(|row| {
                let item = rows::item(row)?;
                let snippet = passage(text_of(&item), &words);
                Ok(Hit { session: rows::id(row.try_get("owner")?)?, item, snippet })
            })
            .collect()
    }
}

/// The words to look for. Those without a letter or digit are not in the index and are left out.
fn split(text: &str) -> Result<Vec<&str>, StoreError> {
    if text.len() > LONGEST {
        return Err(StoreError::BadRequest(format!(
            "the search is {} bytes long and may be at most {LONGEST}",
            text.len()
        )));
    }
    let words: Vec<&str> = text
        .split(|char: char| char.is_whitespace() || char.is_control())
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .collect();
    if words.len() > MOST_WORDS {
        return Err(StoreError::BadRequest(format!(
            "the search has {} words and may have at most {MOST_WORDS}",
            words.len()
        )));
    }
    Ok(words)
}

/// Makes each word a phrase in quotes; side by side they must all be there.
fn quote(words: &[&str]) -> String {
    let phrases: Vec<String> =
        words.iter().map(|word| format!("\"{}\"", word.replace('"', "\"\""))).collect();
    phrases.join(" ")
}

fn text_of(item: &Item) -> &str {
    match &item.body {
        ItemBody::UserMessage { text }
        | ItemBody::AgentMessage { text, .. }
        | ItemBody::Reasoning { text, .. }
        | ItemBody::Summary { text, .. } => text,
        ItemBody::ToolCall { .. } => "",
    }
}

/// The part of `text` around the first word that was looked for, with those words in brackets. A word
/// that matched only without its accents is not marked.
fn passage(text: &str, words: &[&str]) -> String {
    let wanted: Vec<String> =
        words.iter().flat_map(|word| runs(word)).map(|(_, run)| run.to_lowercase()).collect();
    let is_wanted = |run: &str| wanted.iter().any(|word| *word == run.to_lowercase());
    let first = runs(text).find(|(_, run)| is_wanted(run)).map_or(0, |(at, _)| at);
    let from = text[..first].char_indices().rev().nth(SHOWN / 3).map_or(0, |(at, _)| at);
    let to = text[from..].char_indices().nth(SHOWN).map_or(text.len(), |(at, _)| from + at);
    let shown = &text[from..to];
    let mut out = String::new();
    if from > 0 {
        out.push('…');
    }
    let mut copied = 0;
    for (at, run) in runs(shown).filter(|(_, run)| is_wanted(run)) {
        out.push_str(&shown[copied..at]);
        out.push('[');
        out.push_str(run);
        out.push(']');
        copied = at + run.len();
    }
    out.push_str(&shown[copied..]);
    if to < text.len() {
        out.push('…');
    }
    out
}

/// Stretches of letters and digits, with where they begin.
fn runs(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split(|char: char| !char.is_alphanumeric()).filter_map(move |run| {
        // `split` takes one separator away between runs; its length is not known here.
        let begin = at + text[at..].find(run)?;
        at = begin + run.len();
        (!run.is_empty()).then_some((begin, run))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_phrases_and_syntax_becomes_words() {
        let quoted = |text: &str| quote(&split(text).unwrap());
        assert_eq!(quoted("deadline  friday"), r#""deadline" "friday""#);
        assert_eq!(quoted(r#"a" OR NEAR(b*"#), r#""a""" "OR" "NEAR(b*""#);
        assert_eq!(quoted("\0x\0"), r#""x""#);
        assert_eq!(quoted(r#" " * -- ; "#), "");
        assert!(split(&"x".repeat(LONGEST + 1)).is_err());
        assert!(split(&"x ".repeat(MOST_WORDS + 1)).is_err());
    }

    #[test]
    fn a_passage_begins_near_the_first_match_and_marks_all_of_them() {
        let words = ["Friday", "deadline"];
        assert_eq!(passage("The deadline is Friday.", &words), "The [deadline] is [Friday].");
        assert_eq!(passage("a b a", &["a"]), "[a] b [a]");
        assert_eq!(passage("foo-bar/baz", &["bar/baz"]), "foo-[bar]/[baz]");
        assert_eq!(passage("Café", &["cafe"]), "Café");
        assert_eq!(passage("", &["x"]), "");
        let long = format!("{}needle{}", "ä ".repeat(1000), " ö".repeat(1000));
        let shown = passage(&long, &["NEEDLE"]);
        assert!(shown.starts_with('…') && shown.ends_with('…') && shown.contains("[needle]"), "{shown}");
        assert!(shown.chars().count() < SHOWN + 10);
    }
}
