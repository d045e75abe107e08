//! Secrets that are recognised by their form: vendors' prefixes, what follows `Bearer`, the password of
//! a URL, the value behind a name such as `api_key`, private keys.
//!
//! Hiding a word too many costs little, a secret too few costs everything; so doubt is decided for
//! hiding. One pass from left to right, without a regular expression: memory stays flat.

use std::{borrow::Cow, ops::Range};

use super::MARK;

/// How keys begin, and how many more characters make one.
const PREFIXES: &[(&str, usize)] = &[
    ("sk-", 6),
    ("sk_live_", 8),
    ("sk_test_", 8),
    ("rk_live_", 8),
    ("ghp_", 8),
    ("gho_", 8),
    ("ghu_", 8),
    ("ghs_", 8),
    ("ghr_", 8),
    ("github_pat_", 8),
    ("glpat-", 8),
    ("xoxa-", 8),
    ("xoxb-", 8),
    ("xoxp-", 8),
    ("xoxr-", 8),
    ("xoxs-", 8),
    ("xapp-", 8),
    ("AKIA", 12),
    ("ASIA", 12),
    ("AIza", 16),
    ("ya29.", 10),
    ("eyJ", 20),
    ("hf_", 12),
    ("gsk_", 12),
    ("xai-", 12),
    ("pplx-", 12),
    ("r8_", 16),
    ("npm_", 16),
    ("pypi-", 16),
    ("nvapi-", 12),
    ("tvly-", 8),
    ("dop_v1_", 16),
    ("SG.", 16),
];

/// How names of secrets end, without `-` and `_`.
const NAMES: &[&str] = &[
    "apikey",
    "accesskey",
    "accesskeyid",
    "secretkey",
    "privatekey",
    "token",
    "secret",
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "authorization",
    "cookie",
    "credential",
    "credentials",
];

/// What ends a value that stands in no quotes.
const ENDS: &[char] = &['"', '\'', '`', ',', ';', '&', ')', ']', '}', '<', '>', '\\'];

/// Tells whether what goes by this name is a secret: `OPENAI_API_KEY`, `x-api-key`, `password`.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let bare: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    NAMES.iter().any(|end| bare.ends_with(end)) || (name.len() > 4 && bare.ends_with("key") && is_loud(name))
}

/// `MINE_KEY`, as variables are written, but not `key` or `monkey`.
fn is_loud(name: &str) -> bool {
    name.contains('_') && !name.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// Replaces whatever looks like a secret.
pub(super) fn hide(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut done = 0;
    let mut at = 0;
    while at < text.len() {
        let Some(found) = secret_at(text, at) else {
            at += 1;
            continue;
        };
        // A line that was hidden once is not hidden again.
        if text[found.clone()] != *MARK {
            out.push_str(&text[done..found.start]);
            out.push_str(MARK);
            done = found.end;
        }
        at = found.end.max(at + 1);
    }
    if done == 0 && out.is_empty() {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}

/// The secret that is announced by what stands at `at`, if any. It may begin a little later.
fn secret_at(text: &str, at: usize) -> Option<Range<usize>> {
    let here = text.get(at..)?;
    let first = *here.as_bytes().first()?;
    let found = match first {
        b':' if here.starts_with("://") => user_of_url(here, 3),
        b':' | b'=' => value(&text[..at], here),
        b'-' if here.starts_with("-----BEGIN ") => private_key(here),
        _ if first.is_ascii_alphanumeric() && begins_word(&text[..at]) => {
            scheme(here).or_else(|| prefixed(here))
        }
        _ => None,
    }?;
    (!found.is_empty()).then(|| at + found.start..at + found.end)
}

fn begins_word(before: &str) -> bool {
    !before.bytes().next_back().is_some_and(|byte| byte.is_ascii_alphanumeric())
}

/// How many bytes from the beginning a key may be made of.
fn run(text: &str) -> usize {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.~+/=".contains(byte);
    text.bytes().take_while(is_part).count()
}

fn prefixed(here: &str) -> Option<Range<usize>> {
    let (prefix, more) = PREFIXES.iter().find(|(prefix, _)| here.starts_with(prefix))?;
    let whole = here[..run(here)].trim_end_matches('.').len();
    (whole >= prefix.len() + more).then_some(0..whole)
}

/// `Bearer …` and `Basic …`, as in the header; in prose such words are followed by short ones.
fn scheme(here: &str) -> Option<Range<usize>> {
    let begin = ["bearer ", "basic ", "bearer+", "bearer%20"].iter().find_map(|word| {
        here.get(..word.len()).filter(|start| start.eq_ignore_ascii_case(word)).map(str::len)
    })?;
    let begin = begin + spaces(&here[begin..]);
    let length = run(&here[begin..]);
    let looks_made = here[begin..begin + length].bytes().any(|byte| byte.is_ascii_digit());
    (length >= 8 || (length > 0 && looks_made)).then_some(begin..begin + length)
}

fn spaces(text: &str) -> usize {
    text.bytes().take_while(|byte| *byte == b' ').count()
}

/// `user:password@` of a URL, all of it: with some vendors the name is the key.
fn user_of_url(here: &str, begin: usize) -> Option<Range<usize>> {
    let ends = |c: char| c.is_whitespace() || "/?#\"'`<>\\".contains(c);
    let authority = here[begin..].split(ends).next().unwrap_or_default();
    authority.rfind('@').map(|end| begin..begin + end)
}

fn private_key(here: &str) -> Option<Range<usize>> {
    let head = here.lines().next().unwrap_or(here);
    if !head.contains("PRIVATE KEY") {
        return None;
    }
    let end =
        here.find("-----END ").and_then(|end| here[end + 9..].find("-----").map(|more| end + 14 + more));
    Some(0..end.unwrap_or(here.len()))
}

/// What stands behind `name:` or `name=` when the name is one of a secret.
fn value(before: &str, here: &str) -> Option<Range<usize>> {
    let bare = before.trim_end_matches(['"', '\'', '`', '\\', ' ', ']']);
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let name = &bare[bare.trim_end_matches(is_part).len()..];
    // `?key=`, `&subscription-key=`: in a URL such a name stands for no key of a map.
    let is_query = (matches!(name, "sig" | "code") || name.to_ascii_lowercase().ends_with("key"))
        && bare[..bare.len() - name.len()].ends_with(['?', '&']);
    if !is_query && !is_secret_name(name) {
        return None;
    }
    let lead = here.len() - here[1..].trim_start_matches(['=', '>', ' ', '\t']).len();
    let rest = &here[lead..];
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'));
    let escaped = rest.starts_with("\\\"");
    let skip = if escaped { 2 } else { quote.map_or(0, char::len_utf8) };
    let inner = &rest[skip..];
    let length = if inner.starts_with(MARK) {
        MARK.len()
    } else if escaped {
        inner.find("\\\"").unwrap_or(inner.len())
    } else if let Some(quote) = quote {
        quoted(inner, quote)
    } else if is_line(name) {
        inner.find(['\n', '\r', '"']).unwrap_or(inner.len())
    } else {
        let word =
            |text: &str| text.find(|c: char| c.is_whitespace() || ENDS.contains(&c)).unwrap_or(text.len());
        // `token: Bearer …`
        let begin = scheme(inner).map_or(0, |found| found.start);
        begin + word(&inner[begin..])
    };
    Some(lead + skip..lead + skip + length)
}

/// A header whose value has several words.
fn is_line(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with("authorization") || name.ends_with("cookie")
}

/// Up to the closing quote; one behind a backslash does not close.
fn quoted(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            c if c == quote => return at,
            _ => {}
        }
    }
    text.len()
}
