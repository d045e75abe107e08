//! Letters as the index of what was said knows them: small, and without their accents.
//!
//! SQLite knows which letter is which without its accent, so it is asked, once, for all that can have one.

use sqlx::{ConnectOptions, Row, query, raw_sql, sqlite::SqliteConnectOptions};
use tokio::sync::OnceCell;

use super::{StoreError, connect, phrases::SCRATCH};

/// From here on letters may have accents; what is before is ASCII.
const FIRST: u32 = 0x80;
/// From here on the index takes no accent away.
const END: u32 = 0x1f00;
/// In the place of what is an accent by itself.
const NOTHING: char = '\0';

static LETTERS: OnceCell<Letters> = OnceCell::const_new();

/// What each letter from `FIRST` to `END` is for the index.
pub(super) struct Letters(Vec<char>);

impl Letters {
    /// Those of the index.
    pub(super) async fn read() -> Result<&'static Self, StoreError> {
        LETTERS.get_or_try_init(Self::ask).await
    }

    async fn ask() -> Result<Self, StoreError> {
        let mut letters: Vec<char> =
            (FIRST..END).map(|code| char::from_u32(code).unwrap_or(NOTHING)).collect();
        let mut scratch =
            SqliteConnectOptions::new().in_memory(true).disable_statement_logging().connect().await?;
        raw_sql(SCRATCH).execute(&mut scratch).await?;
        // Between two letters: what parts them is no letter, what goes is an accent.
        query(
            "WITH RECURSIVE codes (n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM codes WHERE n + 1 < ?2) \
             INSERT INTO said (rowid, text) SELECT n, 'a' || char(n) || 'b' FROM codes",
        )
        .bind(FIRST)
        .bind(END)
        .execute(&mut scratch)
        .await?;
        let known = "SELECT doc, min(term) AS term FROM pieces GROUP BY doc HAVING count(*) = 1";
        for row in query(known).fetch_all(&mut scratch).await? {
            let at = usize::try_from(row.try_get::<i64, _>("doc")? - i64::from(FIRST)).unwrap_or(usize::MAX);
            let term: &str = row.try_get("term")?;
            let letter = term.strip_prefix('a').and_then(|rest| rest.strip_suffix('b'));
            if let (Some(known), Some(letter)) = (letters.get_mut(at), letter) {
                *known = letter.chars().next().unwrap_or(NOTHING);
            }
        }
        connect::close(scratch).await;
        Ok(Self(letters))
    }

    /// Writes `text` to `out` as the index would compare it, in place of what was there.
    pub(super) fn fold(&self, text: &str, out: &mut String) {
        out.clear();
        let mut rest = text;
        while let Some(at) = rest.bytes().position(|byte| !byte.is_ascii()) {
            out.push_str(&rest[..at]);
            let mut chars = rest[at..].chars();
            let small = chars.next().into_iter().flat_map(char::to_lowercase);
            out.extend(small.map(|char| self.plain(char)).filter(|char| *char != NOTHING));
            rest = chars.as_str();
        }
        out.push_str(rest);
        out.make_ascii_lowercase();
    }

    fn plain(&self, char: char) -> char {
        let at = u32::from(char).checked_sub(FIRST).and_then(|at| usize::try_from(at).ok());
        at.and_then(|at| self.0.get(at)).copied().unwrap_or(char)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn letters_lose_their_case_and_their_accents() {
        let letters = Letters::read().await.unwrap();
        let mut out = String::from("before");
        for (text, plain) in [
            ("CAFÉ au Lait", "cafe au lait"),
            ("Ärger, ÉCOLE, Ñandú, Ǎ, Ệ", "arger, ecole, nandu, a, e"),
            // The accent is a character of its own.
            ("Cafe\u{301}", "cafe"),
            // The index leaves them on letters that are not Latin.
            ("ΣΊΣΥΦΟΣ ς", "σίσυφοσ σ"),
            ("ЁЛКА", "ёлка"),
            ("İstanbul", "istanbul"),
            ("Ⓐ 项目 🦀 𐐀", "ⓐ 项目 🦀 𐐨"),
            ("×÷… %_\"'", "×÷… %_\"'"),
            ("", ""),
        ] {
            letters.fold(text, &mut out);
            assert_eq!(out, plain, "{text}");
        }
    }
}
