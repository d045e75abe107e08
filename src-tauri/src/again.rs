//! Starting once more when the first desktop went away while it was told of this start; Linux only, where that is told
//! over the bus and an end in the middle gives no answer.

use std::{fmt, os::unix::process::CommandExt as _, process::Command, time::Duration};

/// How often it was tried.
const TRIES: &str = "JAMEY_DESKTOP_TRIES";
const MOST: u32 = 5;
/// One that ends is gone by then, and its name free.
const PAUSE: Duration = Duration::from_millis(300);

/// Why this start came to nothing.
#[derive(Debug)]
pub struct GaveUp(String);

impl fmt::Display for GaveUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the desktop that runs does not answer: {}; end it and start again", self.0)
    }
}

/// Starts this program again in its place: as the first one, or to tell the one that is first now. Returns when that
/// was tried often enough or cannot be done.
#[must_use]
pub fn after(why: &str, arguments: &[String]) -> GaveUp {
    let tries = std::env::var(TRIES).ok().and_then(|tries| tries.parse().ok()).unwrap_or(0);
    let program = crate::renewal::own_program().filter(|_| tries < MOST);
    let Some(program) = program else { return GaveUp(why.to_owned()) };
    std::thread::sleep(PAUSE);
    let error = Command::new(program).args(arguments).env(TRIES, (tries + 1).to_string()).exec();
    GaveUp(error.to_string())
}
