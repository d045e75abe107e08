//! Where weights come from, on loopback: a hub with one file, of which the second half waits at a gate.

use std::{
    io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread,
};

use crate::Gate;

/// The hub, for as long as the process lives; it serves nobody who does not ask.
#[derive(Debug)]
pub struct Hub {
    port: u16,
    begins: Arc<Mutex<Vec<u64>>>,
}

impl Hub {
    /// Serves this file at `path`, whole or from where it is asked for.
    ///
    /// # Panics
    /// When nothing can listen.
    #[must_use]
    pub fn serve(path: &'static str, file: &Path, half: &Gate) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let begins = Arc::<Mutex<Vec<u64>>>::default();
        let (file, half, noted) = (PathBuf::from(file), half.clone(), Arc::clone(&begins));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (file, half, noted) = (file.clone(), half.clone(), Arc::clone(&noted));
                // One that goes away in the middle is what a pause looks like from here.
                thread::spawn(move || answer(stream, path, &file, &half, &noted).ok());
            }
        });
        Self { port, begins }
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// From which byte on the file was asked for, each time.
    ///
    /// # Panics
    /// When an answer panicked.
    #[must_use]
    pub fn begins(&self) -> Vec<u64> {
        self.begins.lock().unwrap().clone()
    }
}

fn answer(
    mut stream: TcpStream,
    path: &str,
    file: &Path,
    half: &Gate,
    begins: &Mutex<Vec<u64>>,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let mut from = None;
    for line in lines {
        let line = line?.to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(range) = line.strip_prefix("range: bytes=") {
            from = range.trim_end_matches('-').parse::<u64>().ok();
        }
    }
    if first != format!("GET {path} HTTP/1.1") {
        return write!(stream, "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
    }
    let size = std::fs::metadata(file)?.len();
    let begin = from.unwrap_or(0);
    begins.lock().unwrap().push(begin);
    let status = from.map_or("200 OK".to_owned(), |from| {
        format!("206 Partial Content\r\ncontent-range: bytes {from}-{}/{size}", size - 1)
    });
    write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", size - begin)?;
    let mut rest = std::fs::File::open(file)?;
    rest.seek(SeekFrom::Start(begin))?;
    let before = (size / 2).saturating_sub(begin);
    std::io::copy(&mut (&mut rest).take(before), &mut stream)?;
    half.pass();
    std::io::copy(&mut rest, &mut stream).map(drop)
}
