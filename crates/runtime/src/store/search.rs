//! Full-text search of what was said. What a person types is words, never query syntax.

use jamey_protocol::{Item, ItemBody, SessionId, route::Hit};
use sqlx::{Row, query};

use super::{Store, StoreError, phrases::Phrases, rows, titles};

/// Longest search, in bytes.
const LONGEST: usize = 1000;
/// Most words that are looked for.
const MOST_WORDS: usize = 32;
/// At most so many messages are looked through at once.
const BATCH: u64 = 256;
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
        let mut phrases = Phrases::read(&words).await?;
        let mut hits = Vec::new();
        let mut before = i64::MAX;
        // Most words part into one piece each; then every message that is found is a hit.
        let mut batch = if phrases.is_exact() { limit } else { limit.saturating_mul(2).clamp(32, BATCH) };
        while (hits.len() as u64) < limit && !phrases.query.is_empty() {
            let wanted = limit - hits.len() as u64;
            let found = self.holding(&phrases.query, before, batch).await?;
            let is_last = (found.len() as u64) < batch;
            before = found.last().map_or(before, |found| found.place);
            let found = phrases.sift(found).await?;
            let room = usize::try_from(wanted).unwrap_or(usize::MAX);
            hits.extend(found.into_iter().take(room).map(|found| found.hit(&words)));
            if is_last {
                break;
            }
            batch = batch.saturating_mul(2).min(BATCH.max(batch));
        }
        Ok(hits)
    }

    /// Finds messages before `before` that hold all pieces of a query, wherever they are in it.
    async fn holding(&self, pieces: &str, before: i64, limit: u64) -> Result<Vec<Found>, StoreError> {
        // By place and not by rank, which would look at every match; and without SQLite's own
        // passages, whose cost grows with the square of the matches in one message.
        let found = query(
            "SELECT items_fts.rowid AS place, coalesce(e.body, b.body) AS body, s.id AS owner, s.name, s.title \
             FROM items_fts CROSS JOIN events AS e ON e.id = items_fts.rowid \
             CROSS JOIN sessions AS s ON s.key = (SELECT spans.session FROM spans \
             WHERE spans.first <= items_fts.rowid ORDER BY spans.first DESC LIMIT 1) \
             LEFT JOIN bodies AS b ON b.event = e.id \
             WHERE items_fts MATCH ? AND items_fts.rowid < ? ORDER BY items_fts.rowid DESC LIMIT ?",
        )
        .bind(pieces)
        .bind(before)
        .bind(rows::integer(limit))
        .fetch_all(&*self.shared.readers.now().await)
        .await;
        self.watch(found)?
            .iter()
            .map(|row| {
                Ok(Found {
                    place: row.try_get("place")?,
                    session: rows::id(row.try_get("owner")?)?,
                    title: titles::called(row.try_get("name")?, row.try_get("title")?).map(str::to_owned),
                    item: rows::finished(row.try_get("body")?)?,
                })
            })
            .collect()
    }
}

/// A message that may be a hit.
pub(super) struct Found {
    pub(super) place: i64,
    session: SessionId,
    title: Option<String>,
    item: Item,
}

impl Found {
    /// The words of the message.
    pub(super) fn text(&self) -> &str {
        text_of(&self.item)
    }

    fn hit(self, words: &[&str]) -> Hit {
        let snippet = passage(self.text(), words);
        Hit { session: self.session, title: self.title, item: self.item, snippet }
    }
}

/// The words to look for. Those without a letter or digit are not in the index and are left out.
pub(super) fn split(text: &str) -> Result<Vec<&str>, StoreError> {
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

fn text_of(item: &Item) -> &str {
    match &item.body {
        ItemBody::UserMessage { text, .. }
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
    fn what_holds_no_letter_is_left_out_and_too_much_is_refused() {
        assert_eq!(split(r#" " * -- ; "#).unwrap(), Vec::<&str>::new());
        assert_eq!(split("\0x\0").unwrap(), ["x"]);
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
