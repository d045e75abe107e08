//! Showing the log: the last lines, through all files that there are, and on request whatever is added.
//!
//! Files are read backwards in blocks to find where to begin, so that any number of lines may be asked
//! for. A followed file that is put aside is read to its end before the next one is begun.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, IsTerminal, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use jamey_ipc::Folders;
use jamey_protocol::{ApiError, ErrorCode};
use same_file::Handle;

use crate::logs::{Line, Look, NAME, harmless, newest_first, people};

/// How often a followed file is looked at.
const GLANCE: Duration = Duration::from_millis(250);
/// What is read at once on the way back.
const BLOCK: u64 = 64 * 1024;
/// Nothing that we wrote is longer.
const LONGEST: u64 = 1024 * 1024;

pub(super) fn run(folders: &Folders, follow: bool, lines: u64, json: bool) -> Result<u8, ApiError> {
    let folder = folders.logs();
    let out = io::stdout();
    let form = match json {
        true => Form::Json,
        false if out.is_terminal() && std::env::var_os("NO_COLOR").is_none() => Form::People(Look::Coloured),
        false => Form::People(Look::Plain),
    };
    match show(&folder, follow, lines, &mut Printer { out: io::BufWriter::new(out.lock()), form }) {
        Ok(()) => Ok(0),
        // Whoever read us has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(0),
        Err(error) => {
            let message = format!("the log {} cannot be read: {error}", folder.join(NAME).display());
            Err(ApiError::new(ErrorCode::NotFound, message)
                .hint("it is there once the runtime has run with logging.enable_file_logging = true"))
        }
    }
}

/// How lines are printed.
#[derive(Clone, Copy)]
enum Form {
    Json,
    People(Look),
}

struct Printer<W: Write> {
    out: W,
    form: Form,
}

impl<W: Write> Printer<W> {
    fn line(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Form::People(look) = self.form else { return self.out.write_all(bytes) };
        let text = String::from_utf8_lossy(bytes);
        let text = text.trim_end();
        match Line::parse(text) {
            Some(line) => self.out.write_all(people(&line, look).as_bytes()),
            None if text.is_empty() => Ok(()),
            None => writeln!(self.out, "{}", harmless(text)),
        }
    }
}

fn show<W: Write>(folder: &Path, follow: bool, lines: u64, printer: &mut Printer<W>) -> io::Result<()> {
    let files = newest_first(folder);
    if files.is_empty() && !follow {
        return Err(io::Error::new(io::ErrorKind::NotFound, "there is none"));
    }
    let (oldest, begin) = beginning(&files, lines)?;
    let mut open = None;
    for (number, path) in files.iter().enumerate().take(oldest + 1).rev() {
        let Ok(mut tail) = Tail::open(path) else { continue };
        if number == oldest {
            tail.reader.seek(SeekFrom::Start(begin))?;
        }
        tail.drain(printer)?;
        open = Some(tail);
    }
    if let (false, Some(tail)) = (follow, &mut open) {
        // The last line may still be written; shown as far as it is.
        tail.rest(printer)?;
    }
    printer.out.flush()?;
    if follow {
        go_on(folder, open, printer)?;
    }
    Ok(())
}

/// In which file and where in it the last `lines` lines begin.
fn beginning(files: &[PathBuf], lines: u64) -> io::Result<(usize, u64)> {
    let mut missing = lines;
    for (number, path) in files.iter().enumerate() {
        let mut file = File::open(path)?;
        let end = file.metadata()?.len();
        match back(&mut file, end, &mut missing)? {
            Some(at) => return Ok((number, at)),
            None if number + 1 == files.len() => return Ok((number, 0)),
            None => {}
        }
    }
    Ok((0, 0))
}

/// Goes back over `missing` lines from `end`; nothing when the file has fewer, which are then counted off.
fn back(file: &mut (impl Read + Seek), end: u64, missing: &mut u64) -> io::Result<Option<u64>> {
    if *missing == 0 {
        return Ok(Some(end));
    }
    let mut block = Vec::new();
    let mut at = end;
    // A line break at the very end ends the last line and begins no other.
    let last = end.saturating_sub(1);
    while at > 0 {
        let size = at.min(BLOCK);
        at -= size;
        block.clear();
        file.seek(SeekFrom::Start(at))?;
        file.by_ref().take(size).read_to_end(&mut block)?;
        for (offset, _) in block.iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n') {
            let place = at + offset as u64;
            if place == last {
                continue;
            }
            *missing -= 1;
            if *missing == 0 {
                return Ok(Some(place + 1));
            }
        }
    }
    if end > 0 {
        // The first line has no break before it.
        *missing -= 1;
    }
    Ok((*missing == 0).then_some(0))
}

/// A file that is read on and on.
struct Tail {
    reader: BufReader<File>,
    identity: Handle,
    /// The beginning of a line that is not whole yet.
    part: Vec<u8>,
}

impl Tail {
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let identity = Handle::from_file(file.try_clone()?)?;
        Ok(Self { reader: BufReader::new(file), identity, part: Vec::new() })
    }

    /// Prints every whole line up to the end.
    fn drain<W: Write>(&mut self, printer: &mut Printer<W>) -> io::Result<()> {
        loop {
            let room = LONGEST.saturating_sub(self.part.len() as u64);
            let read = self.reader.by_ref().take(room).read_until(b'\n', &mut self.part)?;
            if self.part.ends_with(b"\n") || self.part.len() as u64 >= LONGEST {
                printer.line(&self.part)?;
                self.part.clear();
            } else if read == 0 {
                return Ok(());
            }
        }
    }

    fn rest<W: Write>(&mut self, printer: &mut Printer<W>) -> io::Result<()> {
        if self.part.is_empty() {
            return Ok(());
        }
        self.part.push(b'\n');
        printer.line(&self.part)?;
        self.part.clear();
        Ok(())
    }

    /// Begins anew when the file was emptied.
    fn mind_the_end(&mut self) -> io::Result<()> {
        let length = self.reader.get_ref().metadata()?.len();
        if self.reader.stream_position()? > length {
            self.part.clear();
            self.reader.seek(SeekFrom::Start(0))?;
        }
        Ok(())
    }

    /// The file that came after this one; nothing while this is the newest.
    fn next(&self, folder: &Path) -> Option<PathBuf> {
        let is_ours = |path: &PathBuf| Handle::from_path(path).is_ok_and(|other| other == self.identity);
        if is_ours(&folder.join(NAME)) {
            return None;
        }
        let files = newest_first(folder);
        match files.iter().position(is_ours) {
            Some(number) => files.get(number.checked_sub(1)?).cloned(),
            // It is gone already, so that all others are newer.
            None => files.last().cloned(),
        }
    }
}

/// Shows what is added, until nobody reads us any more.
fn go_on<W: Write>(folder: &Path, mut open: Option<Tail>, printer: &mut Printer<W>) -> io::Result<()> {
    loop {
        match &mut open {
            None => open = Tail::open(&folder.join(NAME)).ok(),
            Some(tail) => {
                tail.mind_the_end()?;
                tail.drain(printer)?;
                if let Some(next) = tail.next(folder) {
                    // What came between the last look and its being put aside.
                    tail.drain(printer)?;
                    tail.rest(printer)?;
                    if let Ok(newer) = Tail::open(&next) {
                        open = Some(newer);
                        continue;
                    }
                }
            }
        }
        printer.out.flush()?;
        std::thread::sleep(GLANCE);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn last(text: &str, count: u64) -> (Option<String>, u64) {
        let mut missing = count;
        let at = back(&mut Cursor::new(text), text.len() as u64, &mut missing).unwrap();
        (at.map(|at| text[usize::try_from(at).unwrap()..].to_owned()), missing)
    }

    #[test]
    fn the_last_lines_are_found_with_and_without_a_final_line_break() {
        for (text, count, found, missing) in [
            ("a\nb\nc\n", 2, Some("b\nc\n"), 0),
            ("a\nb\nc", 2, Some("b\nc"), 0),
            ("a\nb\n", 2, Some("a\nb\n"), 0),
            ("a\nb\n", 9, None, 7),
            ("a\nb\n", 0, Some(""), 0),
            ("", 3, None, 3),
            ("\n\n\n", 2, Some("\n\n"), 0),
        ] {
            assert_eq!(last(text, count), (found.map(str::to_owned), missing), "{text:?} {count}");
        }
        let long = format!("{}\n{}\n", "x".repeat(200_000), "y".repeat(200_000));
        assert_eq!(last(&long, 1).0.map(|text| text.len()), Some(200_001));
    }

    #[test]
    fn lines_are_counted_through_all_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAME);
        std::fs::write(&path, "3\n4\n").unwrap();
        std::fs::write(path.with_extension("log.1"), "1\n2\n").unwrap();
        std::fs::write(path.with_extension("log.2"), "0\n").unwrap();
        for (count, expected) in
            [(0, ""), (1, "4\n"), (2, "3\n4\n"), (3, "2\n3\n4\n"), (1_000_000_000, "0\n1\n2\n3\n4\n")]
        {
            let mut printer = Printer { out: Vec::new(), form: Form::Json };
            show(folder.path(), false, count, &mut printer).unwrap();
            assert_eq!(String::from_utf8(printer.out).unwrap(), expected, "{count}");
        }
    }

    #[test]
    fn what_is_no_line_of_ours_is_shown_without_harm() {
        let mut printer = Printer { out: Vec::new(), form: Form::People(Look::Plain) };
        printer.line(b"\x1b[2J not JSON \xff\n").unwrap();
        assert_eq!(String::from_utf8(printer.out).unwrap(), "\\u{1b}[2J not JSON \u{fffd}\n");
    }
}
