//! Waiting for something that has no event to wait on: another process's file, exit or socket.

use std::{
    thread,
    time::{Duration, Instant},
};

/// How long anything in a test may take at most. Generous: machines are shared.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Looks again and again until `look` gives something.
///
/// # Panics
/// After [`PATIENCE`], naming `what`.
#[track_caller]
pub fn until<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    until_within(PATIENCE, what, look)
}

/// The same with a patience of the caller's own.
///
/// # Panics
/// After `patience`, naming `what`.
#[track_caller]
pub fn until_within<T>(patience: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < patience, "waited {patience:?} in vain for {what}");
        thread::sleep(Duration::from_millis(2));
    }
}
