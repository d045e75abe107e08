//! `search_files`: finds files by name or by a text in them.
//!
//! Bounded in time, in what is read and in what is shown; what was left out is said.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use globset::{GlobBuilder, GlobMatcher};
use jamey_engine::ports::{Tool, ToolContext, ToolError};
use jamey_protocol::{Access, ToolDescription, ToolOutput};
use regex::bytes::{Regex, RegexBuilder};
use serde_json::{Value, json};

use super::{
    open::open,
    printable, require,
    resolve::resolve,
    similar::{hint, shown, similar},
    walk::{Found, Until, Walked, walk},
};
use crate::{
    blocking::blocking,
    schema::{Arguments, PATH, describe},
};

/// Most hits that are shown.
const MAX_HITS: usize = 100;
/// Most bytes of hits that are shown.
const MAX_SHOWN: usize = 24 * 1024;
/// Most hits that are counted.
const MAX_COUNTED: usize = 10_000;
/// Longest part of a line that is shown, in characters.
const MAX_LINE: usize = 200;
/// Larger files are not looked into.
const MAX_SIZE: u64 = 4 * 1024 * 1024;
/// Longest text that is looked for, in bytes.
const MAX_QUERY: usize = 1000;
/// Most entries that are looked at.
const MAX_ENTRIES: usize = 200_000;

/// The tool `search_files`.
#[derive(Debug)]
pub(crate) struct Search {
    timeout: Duration,
    closed: Arc<[PathBuf]>,
}

impl Search {
    pub(crate) fn new(timeout: Duration, closed: Arc<[PathBuf]>) -> Self {
        Self { timeout, closed }
    }
}

/// What to look for, and where.
struct Wanted {
    query: String,
    raw: String,
}

impl Wanted {
    fn of(arguments: &Value) -> Result<Self, ToolError> {
        let arguments = Arguments::new(arguments)?;
        let query = arguments.required(&["query", "pattern", "text", "q"])?.trim().to_owned();
        if query.is_empty() {
            return Err(ToolError::new("the argument \"query\" is empty"));
        }
        if query.len() > MAX_QUERY {
            return Err(ToolError::new(format!("the argument \"query\" is longer than {MAX_QUERY} bytes")));
        }
        let raw = arguments.text(PATH)?.filter(|path| !path.trim().is_empty());
        Ok(Self { query, raw: raw.unwrap_or_else(|| ".".to_owned()) })
    }
}

#[async_trait::async_trait]
impl Tool for Search {
    fn name(&self) -> &'static str {
        "search_files"
    }

    fn describe(&self) -> ToolDescription {
        describe(
            self.name(),
            "Find files by name (part of it, or a pattern like *.rs) or by a text in them, without case.",
            json!({"type": "object", "required": ["query"], "properties": {
                "query": {"type": "string"},
                "path": {"type": "string", "description": "where; default \".\""},
            }}),
            "runs inside the working folder, else asks",
        )
    }

    fn access(&self, arguments: &Value, cwd: &Path) -> Result<Vec<Access>, ToolError> {
        Ok(vec![Access::Read { path: resolve(&Wanted::of(arguments)?.raw, cwd)? }])
    }

    async fn run(&self, arguments: Value, context: ToolContext) -> Result<ToolOutput, ToolError> {
        let wanted = Wanted::of(&arguments)?;
        let inner = context.clone();
        let deadline = Instant::now() + self.timeout / 2;
        let closed = Arc::clone(&self.closed);
        blocking(&context, self.timeout, move || {
            let base = resolve(&wanted.raw, &inner.cwd)?;
            require(&inner, &Access::Read { path: base.clone() }, &wanted.raw)?;
            if std::fs::symlink_metadata(&base).is_err() {
                let others = hint(&similar(&base, &inner.cwd, true), &inner.cwd);
                return Err(ToolError::new(format!("no such folder: {}{others}", wanted.raw)));
            }
            let until = Until { deadline, entries: MAX_ENTRIES, cancel: inner.cancel.clone(), closed };
            Ok(ToolOutput {
                text: search(&wanted.query, &base, &inner.cwd, &until)?,
                ..ToolOutput::default()
            })
        })
        .await
    }
}

fn search(query: &str, base: &Path, cwd: &Path, until: &Until) -> Result<String, ToolError> {
    let text = RegexBuilder::new(&regex::escape(query))
        .case_insensitive(true)
        .build()
        .map_err(|_| ToolError::new("the argument \"query\" is too long to look for"))?;
    let mut hits = Hits::default();
    let name = Name::new(query);
    let walked = each(base, cwd, until, |found| {
        let short = shown(&found.path, cwd);
        if name.matches(&found.path, &short) {
            hits.add(|| format!("{short} ({} name)", if found.folder { "folder" } else { "file" }));
        }
        if !found.folder
            && !found.closed
            && let Some(bytes) = content(&found.path)
        {
            lines(&text, &bytes, |number, line| hits.add(|| format!("{short}:{number}: {line}")));
        }
        hits.count < MAX_COUNTED
    });
    let mut out = match hits.count {
        0 => loose(query, base, cwd, until),
        1 => format!("1 match:\n{}", hits.text),
        MAX_COUNTED.. => format!("at least {MAX_COUNTED} matches:\n{}", hits.text),
        count => format!("{count} matches:\n{}", hits.text),
    };
    if hits.shown < hits.count {
        out.push_str(&format!("\n[... {} more are not shown ...]", hits.count - hits.shown));
    }
    if walked == Walked::Part && hits.count < MAX_COUNTED {
        out.push_str("\n(not everything was searched: there is too much; name a smaller folder in path)");
    }
    Ok(out)
}

/// Calls `visit` for `base` if it is a file, else for everything under it.
fn each(base: &Path, cwd: &Path, until: &Until, mut visit: impl FnMut(Found) -> bool) -> Walked {
    if base.is_dir() {
        walk(base, cwd, until, visit)
    } else {
        visit(Found { path: base.to_owned(), folder: false, closed: false });
        Walked::All
    }
}

#[derive(Default)]
struct Hits {
    text: String,
    shown: usize,
    count: usize,
}

impl Hits {
    fn add(&mut self, hit: impl FnOnce() -> String) {
        self.count += 1;
        if self.shown + 1 < self.count || self.shown >= MAX_HITS {
            return;
        }
        let hit = hit();
        if self.text.len() + hit.len() < MAX_SHOWN {
            if self.shown > 0 {
                self.text.push('\n');
            }
            self.text.push_str(&hit);
            self.shown += 1;
        }
    }
}

/// A part of a name, or a pattern for it.
struct Name {
    part: String,
    pattern: Option<GlobMatcher>,
}

impl Name {
    fn new(query: &str) -> Self {
        let pattern = query
            .contains(['*', '?', '[', '{'])
            .then(|| GlobBuilder::new(query).case_insensitive(true).literal_separator(false).build().ok());
        Self { part: query.to_lowercase(), pattern: pattern.flatten().map(|glob| glob.compile_matcher()) }
    }

    fn matches(&self, path: &Path, short: &str) -> bool {
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        name.to_lowercase().contains(&self.part)
            || self.part.contains('/') && short.to_lowercase().contains(&self.part)
            || self.pattern.as_ref().is_some_and(|glob| glob.is_match(&*name) || glob.is_match(short))
    }
}

/// The bytes of a text file that is not too big.
fn content(path: &Path) -> Option<Vec<u8>> {
    use std::io::Read as _;
    let (file, found) = open(path).ok()?;
    if found.len() > MAX_SIZE {
        return None;
    }
    let mut bytes = Vec::with_capacity(usize::try_from(found.len()).ok()? + 1);
    file.take(MAX_SIZE).read_to_end(&mut bytes).ok()?;
    (!bytes.iter().take(8192).any(|byte| *byte == 0)).then_some(bytes)
}

/// Calls `hit` with number and text of each line in which `text` is.
fn lines(text: &Regex, bytes: &[u8], mut hit: impl FnMut(usize, Cow<'_, str>)) {
    let (mut from, mut number, mut counted) = (0, 1, 0);
    while let Some(found) = text.find_at(bytes, from) {
        let start = bytes[..found.start()].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let end =
            bytes[found.end()..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |at| found.end() + at);
        number += bytes[counted..start].iter().filter(|byte| **byte == b'\n').count();
        counted = start;
        let shown = line(&bytes[start..end], found.start() - start);
        hit(number, under_heading(shown, bytes.get(end + 1..).unwrap_or_default()));
        from = end + 1;
        if from > bytes.len() {
            break;
        }
    }
}

/// A hit in a heading is seldom what was looked for; what stands under it is.
fn under_heading<'a>(shown: Cow<'a, str>, rest: &[u8]) -> Cow<'a, str> {
    let is_heading = shown.starts_with(['[', '#']) || shown.ends_with(':');
    let next = rest.split(|byte| *byte == b'\n').take(2).take_while(|line| !line.trim_ascii().is_empty());
    let next: Vec<_> = next.map(|bytes| line(bytes, 0)).collect();
    if is_heading && !next.is_empty() { Cow::Owned(format!("{shown} / {}", next.join(" / "))) } else { shown }
}

/// A line as it is shown: without the space around it, and of a long one the part around the hit.
fn line(bytes: &[u8], at: usize) -> Cow<'_, str> {
    let whole = String::from_utf8_lossy(bytes.trim_ascii());
    if whole.chars().nth(MAX_LINE).is_none() && !whole.chars().any(char::is_control) {
        return whole;
    }
    let from = at.saturating_sub(MAX_LINE / 2);
    let part = String::from_utf8_lossy(&bytes[from..bytes.len().min(from + 4 * MAX_LINE)]);
    let cut: String = part.trim().trim_start_matches('\u{FFFD}').chars().take(MAX_LINE).collect();
    let before = if from > 0 { "..." } else { "" };
    let after = if from + cut.len() < bytes.len() { "..." } else { "" };
    let tidy: String = cut.chars().map(|c| if c == '\t' { ' ' } else { c }).collect();
    Cow::Owned(format!("{before}{}{after}", printable(&tidy)))
}

/// Without a hit: the files with most of the longer words.
fn loose(query: &str, base: &Path, cwd: &Path, until: &Until) -> String {
    const READ: usize = 100_000;
    let query_lower = query.to_lowercase();
    let words: Vec<_> = query_lower
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|w| w.chars().count() > 3)
        .collect();
    let mut best: (usize, Vec<PathBuf>) = (0, Vec::new());
    if !words.is_empty() {
        each(base, cwd, until, |found| {
            if found.folder || found.closed {
                return true;
            }
            let mut text = found.path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
            if let Some(bytes) = content(&found.path) {
                text.push(' ');
                text.push_str(&String::from_utf8_lossy(&bytes[..bytes.len().min(READ)]).to_lowercase());
            }
            let score = words.iter().filter(|word| text.contains(**word)).count();
            if score > best.0 {
                best = (score, Vec::new());
            }
            if score > 0 && score == best.0 && best.1.len() < 5 {
                best.1.push(found.path);
            }
            true
        });
    }
    if best.1.is_empty() {
        return format!("No match for \"{query}\".");
    }
    let names: Vec<_> = best.1.iter().map(|path| shown(path, cwd)).collect();
    format!("No exact match. Files with some of the words: {}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn folder(files: &[(&str, &[u8])]) -> (tempfile::TempDir, PathBuf) {
        let keep = tempfile::tempdir().unwrap();
        let cwd = keep.path().canonicalize().unwrap();
        for (name, bytes) in files {
            let path = cwd.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        (keep, cwd)
    }

    fn found(query: &str, base: &Path, cwd: &Path) -> String {
        let deadline = Instant::now() + Duration::from_secs(60);
        let cancel = tokio_util::sync::CancellationToken::new();
        let found = search(
            query,
            base,
            cwd,
            &Until { deadline, entries: MAX_ENTRIES, cancel, closed: Arc::default() },
        )
        .unwrap();
        found.replace(std::path::MAIN_SEPARATOR, "/")
    }

    #[test]
    fn names_and_lines_are_found_without_case() {
        let (_keep, cwd) = folder(&[
            ("recipes/salad.txt", b"Cucumber,\n  Tomato, PINEAPPLE\n"),
            ("pineapple.md", b"nothing\n"),
            ("bin", b"pineapple\0"),
        ]);
        assert_eq!(
            found("pineapple", &cwd, &cwd),
            "2 matches:\npineapple.md (file name)\nrecipes/salad.txt:2: Tomato, PINEAPPLE"
        );
        assert_eq!(
            found("tomato", &cwd.join("recipes/salad.txt"), &cwd),
            "1 match:\nrecipes/salad.txt:2: Tomato, PINEAPPLE"
        );
        assert_eq!(found("*.MD", &cwd, &cwd), "1 match:\npineapple.md (file name)");
        assert_eq!(found("recipes", &cwd, &cwd), "1 match:\nrecipes (folder name)");
        assert_eq!(found("zzz", &cwd, &cwd), "No match for \"zzz\".");
        assert_eq!(
            found("tomato in my kitchen", &cwd, &cwd),
            "No exact match. Files with some of the words: recipes/salad.txt"
        );
    }

    #[test]
    fn several_hits_in_one_file_have_their_line_numbers() {
        let (_keep, cwd) = folder(&[("a", b"x\nto do, to do\n\n\nTO DO\nto do")]);
        assert_eq!(found("to do", &cwd, &cwd), "3 matches:\na:2: to do, to do\na:5: TO DO\na:6: to do");
    }

    #[test]
    fn long_lines_and_many_hits_stay_short_and_are_counted() {
        let long = format!("{}needle{}", "x".repeat(5000), "y".repeat(5000));
        let (_keep, cwd) = folder(&[("a", long.as_bytes())]);
        let text = found("needle", &cwd, &cwd);
        assert!(text.contains("xneedley") && text.len() < 300, "{text}");
        let many = "needle\n".repeat(12_000);
        fs::write(cwd.join("a"), "needle\n".repeat(500)).unwrap();
        let text = found("needle", &cwd, &cwd);
        assert!(text.starts_with("500 matches:\n") && text.ends_with("\n[... 400 more are not shown ...]"));
        fs::write(cwd.join("a"), many).unwrap();
        assert!(found("needle", &cwd, &cwd).starts_with("at least 10000 matches:\n"));
    }

    #[cfg(unix)]
    #[test]
    fn links_out_of_the_folder_and_things_that_are_no_files_are_left_alone() {
        let (_keep, cwd) = folder(&[("a", b"root\n")]);
        std::os::unix::fs::symlink("/etc", cwd.join("etc")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", cwd.join("passwd")).unwrap();
        assert_eq!(found("root", &cwd, &cwd), "1 match:\na:1: root");
    }

    #[test]
    fn time_that_is_over_is_said() {
        let (_keep, cwd) = folder(&[("a", b"x")]);
        let cancel = tokio_util::sync::CancellationToken::new();
        let until = Until { deadline: Instant::now(), entries: 10, cancel, closed: Arc::default() };
        assert!(search("x", &cwd, &cwd, &until).unwrap().contains("not everything was searched"));
    }
}
