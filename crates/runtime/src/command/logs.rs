//! Showing the log. Lines are JSON and hold no control characters, so they are printed as they are.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::Path,
    time::Duration,
};

use jamey_ipc::Folders;
use jamey_protocol::{ApiError, ErrorCode};

use crate::logs::NAME;

/// How often a followed file is looked at.
const GLANCE: Duration = Duration::from_millis(250);
/// How much of the end is looked through for lines.
const TAIL: u64 = 4 * 1024 * 1024;

pub(super) fn run(folders: &Folders, follow: bool, lines: usize) -> Result<u8, ApiError> {
    let path = folders.logs().join(NAME);
    match show(&path, follow, lines) {
        Ok(()) => Ok(0),
        // Whoever read us has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(0),
        Err(error) => Err(ApiError::new(
            ErrorCode::NotFound,
            format!("the log {} cannot be read: {error}", path.display()),
        )
        .hint("it is there once the runtime has run with logging.enable_file_logging = true")),
    }
}

fn show(path: &Path, follow: bool, lines: usize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let begin = length.saturating_sub(TAIL);
    file.seek(SeekFrom::Start(begin))?;
    let mut text = Vec::new();
    (&file).take(length - begin).read_to_end(&mut text)?;
    out.write_all(last(&text, lines))?;
    out.flush()?;
    if follow {
        go_on(path, file, length, &mut out)?;
    }
    Ok(())
}

/// Shows what is added behind `at`, until nobody reads us any more.
fn go_on(path: &Path, mut file: File, mut at: u64, out: &mut impl Write) -> io::Result<()> {
    loop {
        std::thread::sleep(GLANCE);
        let now = std::fs::metadata(path).map_or(0, |facts| facts.len());
        if now < at {
            // It was put aside and begun anew.
            (file, at) = (File::open(path)?, 0);
        }
        file.seek(SeekFrom::Start(at))?;
        let mut reader = BufReader::new(&mut file);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
            out.write_all(&line)?;
            at += line.len() as u64;
            line.clear();
        }
        out.flush()?;
    }
}

/// The last `count` lines of a text.
fn last(text: &[u8], count: usize) -> &[u8] {
    let end = text.strip_suffix(b"\n").unwrap_or(text).len();
    let begin = match count {
        0 => text.len(),
        _ => text[..end]
            .iter()
            .enumerate()
            .rev()
            .filter(|(_, byte)| **byte == b'\n')
            .nth(count - 1)
            .map_or(0, |(at, _)| at + 1),
    };
    &text[begin..]
}

#[cfg(test)]
mod tests {
    use super::last;

    #[test]
    fn the_last_lines_are_found_with_and_without_a_final_line_break() {
        assert_eq!(last(b"a\nb\nc\n", 2), b"b\nc\n");
        assert_eq!(last(b"a\nb\nc", 2), b"b\nc");
        assert_eq!(last(b"a\nb\n", 9), b"a\nb\n");
        assert_eq!(last(b"a\nb\n", 0), b"");
        assert_eq!(last(b"", 3), b"");
    }
}
