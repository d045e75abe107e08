//! `file_read`: shows a text file, or a part of it, with the number of its lines.
//!
//! What is shown never exceeds [`MAX_SHOWN`] bytes, and what is looked at never exceeds [`MAX_SIZE`].

use std::{
    fmt::Write as _,
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
    time::Duration,
};

use jamey_engine::ports::{Tool, ToolContext, ToolError};
use jamey_protocol::{Access, ToolDescription, ToolOutput};
use serde_json::{Value, json};

use super::{
    open::{OpenError, open},
    require,
    resolve::resolve,
    similar::{hint, shown, similar},
};
use crate::{
    blocking::blocking,
    output::torn_end,
    schema::{Arguments, PATH, describe},
};

/// Most bytes of a file that are shown at once.
const MAX_SHOWN: usize = 32 * 1024;
/// Largest file that is read.
pub(super) const MAX_SIZE: u64 = 64 * 1024 * 1024;

/// The tool `file_read`.
#[derive(Debug)]
pub(crate) struct Read {
    timeout: Duration,
}

impl Read {
    pub(crate) fn new(timeout: Duration) -> Self {
        Self { timeout }
    }
}

/// Which file a call is about.
struct Meant {
    path: PathBuf,
    /// "X does not exist, this is Y. " if another file than the named one.
    note: String,
    /// What to say of others if it does not exist.
    hint: String,
}

fn meant(raw: &str, cwd: &Path) -> Result<Meant, ToolError> {
    let path = resolve(raw, cwd)?;
    if std::fs::symlink_metadata(&path).is_ok() {
        return Ok(Meant { path, note: String::new(), hint: String::new() });
    }
    let others = similar(&path, cwd, false);
    match &others[..] {
        [one] if path.starts_with(cwd) => {
            let note = format!("{raw} does not exist, this is {}. ", shown(one, cwd));
            Ok(Meant { path: one.clone(), note, hint: String::new() })
        }
        _ => Ok(Meant { path, note: String::new(), hint: hint(&others, cwd) }),
    }
}

#[async_trait::async_trait]
impl Tool for Read {
    fn name(&self) -> &'static str {
        "file_read"
    }

    fn describe(&self) -> ToolDescription {
        describe(
            self.name(),
            "Read a text file. Long files come in parts: go on with offset.",
            json!({"type": "object", "required": ["path"], "properties": {
                "path": {"type": "string"},
                "offset": {"type": "integer", "description": "first line, from 1"},
                "limit": {"type": "integer", "description": "how many lines"},
            }}),
            "runs inside the working folder, else asks",
        )
    }

    fn access(&self, arguments: &Value, cwd: &Path) -> Result<Vec<Access>, ToolError> {
        let arguments = Arguments::new(arguments)?;
        arguments.number("offset")?;
        arguments.number("limit")?;
        Ok(vec![Access::Read { path: meant(&arguments.required(PATH)?, cwd)?.path }])
    }

    async fn run(&self, arguments: Value, context: ToolContext) -> Result<ToolOutput, ToolError> {
        let arguments = Arguments::new(&arguments)?;
        let raw = arguments.required(PATH)?;
        let offset = arguments.number("offset")?.unwrap_or(1).max(1);
        let limit = arguments.number("limit")?.unwrap_or(u64::MAX).max(1);
        let inner = context.clone();
        blocking(&context, self.timeout, move || {
            let meant = meant(&raw, &inner.cwd)?;
            require(&inner, &Access::Read { path: meant.path.clone() }, &raw)?;
            let bytes = load(&meant, &raw)?;
            let output = show(&bytes, &meant.note, offset, limit)
                .map_err(|why| ToolError::new(format!("{raw} {why}")))?;
            inner.read_files.note(meant.path);
            Ok(output)
        })
        .await
    }
}

fn load(meant: &Meant, raw: &str) -> Result<Vec<u8>, ToolError> {
    let (file, found) = open(&meant.path).map_err(|error| {
        ToolError::new(match error {
            OpenError::Missing => format!("no such file: {raw}{}", meant.hint),
            OpenError::Folder => format!("{raw} is a folder, use list_directory"),
            other => format!("{raw} {other}"),
        })
    })?;
    if found.len() > MAX_SIZE {
        return Err(too_big(raw, found.len()));
    }
    let bytes = read_all(file).map_err(|error| ToolError::new(format!("{raw} cannot be read: {error}")))?;
    if bytes.len() as u64 > MAX_SIZE { Err(too_big(raw, bytes.len() as u64)) } else { Ok(bytes) }
}

/// Reads to the end, but never more than one byte above the limit: some files have no end.
pub(super) fn read_all(file: File) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(MAX_SIZE + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn too_big(raw: &str, size: u64) -> ToolError {
    let size = size as f64 / f64::from(1 << 20);
    ToolError::new(format!(
        "{raw} is too big to read ({size:.0} MB). Use search_files, or shell_exec with head, tail or sed -n"
    ))
}

/// Shows lines `offset` (from 1) to `offset + limit`, as many as fit, and tells how to go on.
fn show(bytes: &[u8], note: &str, offset: u64, limit: u64) -> Result<ToolOutput, String> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if bytes.is_empty() {
        return Ok(text(format!("{note}(the file is empty)"), 0));
    }
    if bytes.iter().take(8192).any(|byte| *byte == 0) {
        return Err(format!("is not a text file ({} bytes)", bytes.len()));
    }
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let count = lines.len() as u64;
    let first = usize::try_from(offset - 1).unwrap_or(usize::MAX);
    if first >= lines.len() {
        return Err(format!("has only {count} lines, so there is none from {offset} on"));
    }
    let wanted =
        &lines[first..lines.len().min(first.saturating_add(usize::try_from(limit).unwrap_or(usize::MAX)))];
    let mut taken: Vec<u8> = Vec::new();
    let mut shown = 0;
    for line in wanted {
        if taken.len() + line.len() > MAX_SHOWN {
            break;
        }
        taken.extend_from_slice(line);
        shown += 1;
    }
    let mut cut = 0;
    if shown == 0 {
        // One line alone is too long.
        let line = wanted[0];
        let part = &line[..MAX_SHOWN];
        let part = &part[..part.len() - torn_end(part)];
        taken.extend_from_slice(part);
        cut = line.len() - part.len();
        shown = 1;
    }
    let last = first + shown;
    let whole = first == 0 && last == lines.len() && cut == 0;
    let plural = if count == 1 { "" } else { "s" };
    let mut out = if whole {
        format!("({note}{count} line{plural})\n")
    } else {
        format!("({note}{count} line{plural}, these are {} to {last})\n", first + 1)
    };
    let body = String::from_utf8_lossy(&taken);
    if matches!(body, std::borrow::Cow::Owned(_)) {
        out.insert_str(out.len() - 2, "; not UTF-8, so some letters are missing");
    }
    out.push_str(&body);
    if cut > 0 {
        let _ = write!(
            out,
            "\n[... {cut} more bytes of line {last}; use shell_exec with cut -c to see them ...]"
        );
    }
    if last < lines.len() {
        let newline = if out.ends_with('\n') { "" } else { "\n" };
        let _ = write!(
            out,
            "{newline}[... {} more lines: file_read with offset {} ...]",
            lines.len() - last,
            last + 1
        );
    }
    let omitted = bytes.len() - taken.len();
    Ok(text(out, omitted as u64))
}

fn text(text: String, omitted_bytes: u64) -> ToolOutput {
    ToolOutput { text, omitted_bytes, ..ToolOutput::default() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(bytes: &[u8], offset: u64, limit: u64) -> String {
        show(bytes, "", offset, limit).map_or_else(|why| why, |output| output.text)
    }

    #[test]
    fn a_file_comes_with_the_number_of_its_lines() {
        assert_eq!(shown(b"a\nb", 1, u64::MAX), "(2 lines)\na\nb");
        assert_eq!(shown(b"a\n", 1, u64::MAX), "(1 line)\na\n");
        assert_eq!(shown(b"", 1, 9), "(the file is empty)");
        assert_eq!(shown(b"\xEF\xBB\xBFa", 1, 9), "(1 line)\na");
        assert_eq!(shown(b"a\0b", 1, 9), "is not a text file (3 bytes)");
    }

    #[test]
    fn a_part_says_where_it_is_and_how_to_go_on() {
        let all = b"1\n2\n3\n4\n";
        assert_eq!(
            shown(all, 2, 2),
            "(4 lines, these are 2 to 3)\n2\n3\n[... 1 more lines: file_read with offset 4 ...]"
        );
        assert_eq!(shown(all, 4, 9), "(4 lines, these are 4 to 4)\n4\n");
        assert_eq!(shown(all, 9, 1), "has only 4 lines, so there is none from 9 on");
    }

    #[test]
    fn a_line_without_end_is_cut_between_letters_and_counted() {
        let line = "é".repeat(MAX_SHOWN);
        let output = show(format!("x{line}").as_bytes(), "", 1, 1).unwrap();
        assert!(output.text.contains("more bytes of line 1") && !output.text.contains('\u{FFFD}'));
        assert_eq!(output.omitted_bytes as usize, 1 + 2 * MAX_SHOWN - (MAX_SHOWN - 1));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn reading_on_by_the_told_offset_gives_the_whole_file(
            lines in prop::collection::vec("[a-z]{0,900}", 1..120),
        ) {
            let all = lines.join("\n") + "\n";
            let (mut offset, mut got) = (1, String::new());
            loop {
                let output = show(all.as_bytes(), "", offset, u64::MAX).unwrap().text;
                prop_assert!(output.len() < MAX_SHOWN + 200);
                let (_, body) = output.split_once(")\n").unwrap();
                let Some((body, mark)) = body.split_once("[... ") else {
                    got.push_str(body);
                    break;
                };
                got.push_str(body);
                offset = mark.split("offset ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
            }
            prop_assert_eq!(got, all);
        }
    }
}
