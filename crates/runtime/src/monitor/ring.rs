//! The last day on the disk: one file of fixed size whose oldest record is overwritten by the newest.
//!
//! It is written rarely and never waited for: what is lost with a crash is a few minutes of history.
//! Each record has its own sum, so that a torn write harms that record alone; a file that is none of
//! ours, or of another version, is begun anew. Calls block, so they belong on a thread for that.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use jamey_protocol::monitor::Point;

use super::record::{Record, SIZE};

/// Records in the file: a day of one every 30 seconds.
pub(super) const PLACES: u32 = 2880;
/// So many wait in memory before they are written.
const WRITTEN_TOGETHER: usize = 10;
/// What the file begins with: its kind, its version, and room to 64 bytes.
const HEAD: &[u8; SIZE] = b"jamey monitor 1, 2880 records of 64 bytes; safe to delete.     \n";

/// The last day.
#[derive(Debug)]
pub(super) struct Ring {
    path: PathBuf,
    /// The number of the next record; unknown until the file was looked at.
    next: Option<u32>,
    waiting: Vec<Record>,
}

impl Ring {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, next: None, waiting: Vec::new() }
    }

    /// Keeps one moment, and writes now and then.
    ///
    /// # Errors
    /// When it was time to write and that failed; what waited is kept for the next time, within bounds.
    pub(super) fn push(&mut self, point: Point) -> io::Result<()> {
        let number = match self.next {
            Some(number) => number,
            None => read(&self.path)
                .iter()
                .map(|record| record.number)
                .max()
                .map_or(0, |last| last.wrapping_add(1)),
        };
        self.next = Some(number.wrapping_add(1));
        if self.waiting.len() >= PLACES as usize {
            self.waiting.remove(0);
        }
        self.waiting.push(Record { number, point });
        if self.waiting.len().is_multiple_of(WRITTEN_TOGETHER) { self.write() } else { Ok(()) }
    }

    /// Writes what waits.
    ///
    /// # Errors
    /// When the file cannot be made or written.
    pub(super) fn write(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let mut file = open(&self.path)?;
        for record in &self.waiting {
            let place = u64::from(record.number % PLACES) + 1;
            file.seek(SeekFrom::Start(place * SIZE as u64))?;
            file.write_all(&record.to_bytes())?;
        }
        self.waiting = Vec::new();
        Ok(())
    }

    /// What is kept between two moments (milliseconds since 1970), oldest first.
    pub(super) fn between(&self, from: i64, to: i64) -> Vec<Point> {
        let mut records = read(&self.path);
        records.extend_from_slice(&self.waiting);
        records.sort_unstable_by_key(|record| record.number);
        let points = records.into_iter().map(|record| record.point);
        // A clock that was set back leaves moments that are not in order.
        let mut points: Vec<Point> = points.filter(|point| (from..=to).contains(&point.at)).collect();
        points.sort_by_key(|point| point.at);
        points
    }
}

/// All records that are whole; none if the file is missing or none of ours.
fn read(path: &Path) -> Vec<Record> {
    let mut bytes = Vec::new();
    let most = (u64::from(PLACES) + 1) * SIZE as u64;
    let whole = File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes));
    match (whole, bytes.split_first_chunk::<SIZE>()) {
        (Ok(_), Some((head, records))) if head == HEAD => {
            records.chunks_exact(SIZE).filter_map(Record::of_bytes).collect()
        }
        _ => Vec::new(),
    }
}

/// Opens the file for writing, begun anew if it is none of ours.
fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let mut head = [0; SIZE];
    if file.read_exact(&mut head).is_err() || head != *HEAD {
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(HEAD)?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Point {
        Point { at: seconds * 1000, cpu_percent: Some(1.0), ..Point::default() }
    }

    fn all(ring: &Ring) -> Vec<i64> {
        ring.between(0, i64::MAX).iter().map(|point| point.at / 1000).collect()
    }

    #[test]
    fn a_day_is_kept_over_restarts_in_a_file_that_does_not_grow() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cache").join("monitor.ring");
        for start in 0..4_i64 {
            let mut ring = Ring::new(path.clone());
            for n in 0..1000 {
                ring.push(at(start * 1000 + n)).unwrap();
            }
            ring.write().unwrap();
        }
        let kept = all(&Ring::new(path.clone()));
        assert_eq!((kept.len(), kept[0], kept[2879]), (2880, 1120, 3999));
        assert_eq!(fs::metadata(&path).unwrap().len(), 64 * 2881);
    }

    #[test]
    fn what_waits_is_told_too_and_a_crash_loses_only_that() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ring");
        let mut ring = Ring::new(path.clone());
        for n in 0..25 {
            ring.push(at(n)).unwrap();
        }
        assert_eq!(all(&ring).len(), 25);
        drop(ring);
        assert_eq!(all(&Ring::new(path)).len(), 20);
    }

    #[test]
    fn a_torn_record_is_left_out_and_a_foreign_or_empty_file_is_begun_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ring");
        let mut ring = Ring::new(path.clone());
        for n in 0..10 {
            ring.push(at(n)).unwrap();
        }
        let mut bytes = fs::read(&path).unwrap();
        bytes[SIZE * 4 + 20] ^= 0xff;
        bytes.truncate(SIZE * 11 - 7);
        fs::write(&path, bytes).unwrap();
        assert_eq!(all(&Ring::new(path.clone())), [0, 1, 2, 4, 5, 6, 7, 8]);
        for foreign in [&b""[..], b"not ours", &[0xff; 5000]] {
            fs::write(&path, foreign).unwrap();
            let mut ring = Ring::new(path.clone());
            assert!(all(&ring).is_empty());
            ring.push(at(1)).unwrap();
            ring.write().unwrap();
            assert_eq!(all(&Ring::new(path.clone())), [1]);
        }
    }

    #[test]
    fn a_disk_that_takes_nothing_costs_no_memory_without_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        // A folder cannot be made below a file.
        let mut ring = Ring::new(file.join("ring"));
        let failures = (0..4000).filter(|n| ring.push(at(*n)).is_err()).count();
        assert!(failures > 200, "{failures}");
        assert_eq!(all(&ring).len(), PLACES as usize);
    }

    #[test]
    fn a_clock_that_was_set_back_leaves_the_times_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let mut ring = Ring::new(folder.path().join("ring"));
        for seconds in [100, 130, 160, 90, 120] {
            ring.push(at(seconds)).unwrap();
        }
        assert_eq!(all(&ring), [90, 100, 120, 130, 160]);
        assert_eq!(ring.between(95_000, 125_000).len(), 2);
    }
}
