//! Bounds what a command prints: the first and the last part stay in memory, the whole goes to a file
//! as soon as something would be left out.
//!
//! Invariant: bytes of head + bytes of tail + omitted bytes = bytes taken. Memory never exceeds head
//! and tail, whatever is printed.

use std::{
    collections::VecDeque,
    fs::{File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Bytes kept from the beginning.
pub(crate) const HEAD: usize = 16 * 1024;
/// Bytes kept from the end.
pub(crate) const TAIL: usize = 16 * 1024;
/// The most that is written to the file.
pub(crate) const SPILL_MAX: u64 = 64 * 1024 * 1024;

/// Takes output piece by piece.
#[derive(Debug)]
pub(crate) struct Bounded {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    total: u64,
    spill: Spill,
    spill_max: u64,
}

#[derive(Debug)]
enum Spill {
    Unneeded(PathBuf),
    Open { file: File, path: PathBuf, written: u64 },
    Failed(String),
}

/// What is left of an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Everything, or head, a mark, and tail.
    pub text: String,
    /// Bytes that `text` leaves out.
    pub omitted: u64,
    /// The file with the whole, if something was left out.
    pub spill: Option<PathBuf>,
}

impl Bounded {
    /// Begins; `spill` is the file that is made if it is needed.
    pub(crate) fn new(spill: PathBuf) -> Self {
        Self {
            head: Vec::new(),
            tail: VecDeque::new(),
            total: 0,
            spill: Spill::Unneeded(spill),
            spill_max: SPILL_MAX,
        }
    }

    /// Takes one more piece.
    pub(crate) fn push(&mut self, piece: &[u8]) {
        self.keep_whole(piece);
        self.total += piece.len() as u64;
        let (head, rest) = piece.split_at(piece.len().min(HEAD - self.head.len()));
        self.head.extend_from_slice(head);
        let rest = &rest[rest.len().saturating_sub(TAIL)..];
        let surplus = (self.tail.len() + rest.len()).saturating_sub(TAIL);
        self.tail.drain(..surplus);
        self.tail.extend(rest);
    }

    /// Ends, and tells what is left.
    pub(crate) fn finish(mut self) -> Kept {
        let shown = self.head.len() + self.tail.len();
        if self.total <= shown as u64 {
            self.head.extend(&self.tail);
            return Kept { text: String::from_utf8_lossy(&self.head).into_owned(), omitted: 0, spill: None };
        }
        // Characters that the cut split belong to what is left out.
        let head = &self.head[..self.head.len() - torn_end(&self.head)];
        let tail = self.tail.make_contiguous();
        let tail = &tail[torn_start(tail)..];
        let omitted = self.total - (head.len() + tail.len()) as u64;
        let (spill, whole) = match self.spill {
            Spill::Open { path, written, .. } if written < self.total => {
                let mark = format!("the first {written} bytes are in {}", path.display());
                (Some(path), mark)
            }
            Spill::Open { path, .. } => {
                let mark = format!("the whole output is in {}", path.display());
                (Some(path), mark)
            }
            Spill::Failed(why) => (None, format!("the whole output could not be kept: {why}")),
            Spill::Unneeded(_) => (None, String::new()),
        };
        let (head, tail) = (String::from_utf8_lossy(head), String::from_utf8_lossy(tail));
        let text = format!("{head}\n[... {omitted} bytes left out; {whole} ...]\n{tail}");
        Kept { text, omitted, spill }
    }

    fn keep_whole(&mut self, piece: &[u8]) {
        if let Spill::Unneeded(path) = &self.spill {
            if self.total + piece.len() as u64 <= (HEAD + TAIL) as u64 {
                return;
            }
            // Until now head and tail hold everything.
            let begun = create(path).and_then(|mut file| {
                file.write_all(&self.head)?;
                let (front, back) = self.tail.as_slices();
                file.write_all(front)?;
                file.write_all(back)?;
                Ok(file)
            });
            self.spill = match begun {
                Ok(file) => Spill::Open { file, path: path.clone(), written: self.total },
                Err(error) => Spill::Failed(error.to_string()),
            };
        }
        if let Spill::Open { file, path, written } = &mut self.spill {
            let room = usize::try_from(self.spill_max.saturating_sub(*written)).unwrap_or(usize::MAX);
            let part = &piece[..piece.len().min(room)];
            if let Err(error) = file.write_all(part) {
                // Part of a file would pass for the whole.
                let _ = std::fs::remove_file(path);
                self.spill = Spill::Failed(error.to_string());
            } else {
                *written += part.len() as u64;
            }
        }
    }
}

/// Creates a file that only its owner can read; one that is already there is not touched.
/// Makes the file, and its folder if that is not there, for the owner alone.
fn create(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// Counts the bytes at the end of `bytes` that begin a character and do not finish it.
pub(crate) fn torn_end(bytes: &[u8]) -> usize {
    for back in 1..=bytes.len().min(3) {
        let byte = bytes[bytes.len() - back];
        let needed = match byte {
            0xC0..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF7 => 4,
            0x80..=0xBF => continue,
            _ => 1,
        };
        return if needed > back { back } else { 0 };
    }
    0
}

/// Counts the bytes at the start of `bytes` that continue a character begun before.
fn torn_start(bytes: &[u8]) -> usize {
    let torn = bytes.iter().take(4).take_while(|byte| (0x80..=0xBF).contains(*byte)).count();
    if torn > 3 { 0 } else { torn }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kept(pieces: &[&[u8]], spill_max: u64) -> (Kept, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let mut output = Bounded::new(folder.path().join("whole"));
        output.spill_max = spill_max;
        for piece in pieces {
            output.push(piece);
        }
        (output.finish(), folder)
    }

    #[test]
    fn what_fits_is_kept_whole_and_makes_no_file() {
        let exactly = vec![b'x'; HEAD + TAIL];
        let (all, folder) = kept(&[&exactly[..10], &exactly[10..]], SPILL_MAX);
        assert_eq!((all.text.len(), all.omitted, all.spill), (HEAD + TAIL, 0, None));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn one_byte_too_many_leaves_it_out_and_keeps_all_in_a_private_file() {
        let (all, _folder) = kept(&[&vec![b'x'; HEAD + TAIL], b"y"], SPILL_MAX);
        assert_eq!(all.omitted, 1);
        assert!(all.text.contains("[... 1 bytes left out; the whole output is in "), "mark");
        let path = all.spill.unwrap();
        assert_eq!(std::fs::read(&path).unwrap().len(), HEAD + TAIL + 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn the_file_is_capped_and_says_so() {
        let (all, _folder) = kept(&[&vec![b'a'; 40_000], &vec![b'b'; 60_000]], 50_000);
        assert!(all.text.contains("the first 50000 bytes are in "));
        assert_eq!(all.spill.unwrap().metadata().unwrap().len(), 50_000);
    }

    #[test]
    fn a_file_that_cannot_be_made_costs_only_the_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut output = Bounded::new(file.path().join("folder/whole"));
        output.push(&vec![b'x'; 100_000]);
        let all = output.finish();
        assert!(all.text.contains("could not be kept") && all.spill.is_none());
    }

    #[test]
    fn an_existing_file_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("whole");
        std::fs::write(&path, "mine").unwrap();
        let mut output = Bounded::new(path.clone());
        output.push(&vec![b'x'; 100_000]);
        assert!(output.finish().spill.is_none());
        assert_eq!(std::fs::read_to_string(path).unwrap(), "mine");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn head_tail_and_omitted_are_all_of_it(
            sizes in prop::collection::vec(0usize..30_000, 0..8),
            wide in any::<bool>(),
        ) {
            let total: usize = sizes.iter().sum();
            let all: Vec<u8> = if wide {
                "aé€😀".bytes().cycle().take(total).collect()
            } else {
                (b'a'..=b'z').cycle().take(total).collect()
            };
            let mut pieces = Vec::new();
            let mut at = 0;
            for size in sizes {
                pieces.push(&all[at..at + size]);
                at += size;
            }
            let (kept, _folder) = kept(&pieces, SPILL_MAX);
            if kept.omitted == 0 {
                prop_assert_eq!(kept.text, String::from_utf8_lossy(&all).into_owned());
            } else {
                let (head, rest) = kept.text.split_once("\n[... ").unwrap();
                let (_, tail) = rest.split_once(" ...]\n").unwrap();
                // The very end may hold a character that the command itself tore.
                let torn = torn_end(&all);
                let tail = tail.trim_end_matches('\u{FFFD}');
                prop_assert_eq!(head.len() + tail.len() + torn + kept.omitted as usize, total);
                prop_assert!(all.starts_with(head.as_bytes()));
                prop_assert!(all[..total - torn].ends_with(tail.as_bytes()));
                prop_assert_eq!(std::fs::read(kept.spill.unwrap()).unwrap(), all);
            }
        }
    }
}
