//! Standard output for text that streams: unbuffered, and never in the way of Ctrl-C.
//!
//! A reader that stops reading would block a plain write, and with it the whole program. So a write
//! is done only when it will not block; else a thread waits for room while everything else goes on.

use std::io;

/// At most so much at once: a pipe that has room at all takes this without blocking.
#[cfg(unix)]
const PIECE: usize = 4096;

#[derive(Debug)]
pub struct Stdout {
    #[cfg(unix)]
    file: std::sync::Arc<std::fs::File>,
}

#[cfg(unix)]
impl Stdout {
    pub fn open() -> io::Result<Self> {
        use std::os::fd::AsFd as _;
        let descriptor = io::stdout().as_fd().try_clone_to_owned()?;
        Ok(Self { file: std::sync::Arc::new(descriptor.into()) })
    }

    /// Writes all of `text`.
    pub async fn write(&self, text: &str) -> io::Result<()> {
        use std::io::Write as _;
        for piece in text.as_bytes().chunks(PIECE) {
            if !has_room(&self.file, Some(NO_TIME))? {
                let file = std::sync::Arc::clone(&self.file);
                tokio::task::spawn_blocking(move || has_room(&file, None))
                    .await
                    .map_err(io::Error::other)??;
            }
            (&*self.file).write_all(piece)?;
        }
        Ok(())
    }
}

#[cfg(unix)]
const NO_TIME: rustix::event::Timespec = rustix::event::Timespec { tv_sec: 0, tv_nsec: 0 };

#[cfg(unix)]
fn has_room(file: &std::fs::File, timeout: Option<rustix::event::Timespec>) -> io::Result<bool> {
    use rustix::event::{PollFd, PollFlags, poll};
    loop {
        match poll(&mut [PollFd::new(file, PollFlags::OUT)], timeout.as_ref()) {
            Ok(ready) => return Ok(ready > 0),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// A console wants its own encoding, which the standard library knows.
#[cfg(not(unix))]
impl Stdout {
    pub fn open() -> io::Result<Self> {
        Ok(Self {})
    }

    pub async fn write(&self, text: &str) -> io::Result<()> {
        use std::io::Write as _;
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }
}
