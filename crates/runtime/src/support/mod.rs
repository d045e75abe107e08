//! The support bundle: what somebody who helps from afar needs to see, and nothing that a person said.
//!
//! Layout: `parts` says which parts there are and gathers them within time limits, one file each for the
//! harder ones (`about`, `runtime`, `settings`, `log`, `places`); `scrub` takes secrets, paths and names out
//! of every part; `pack` makes the archive. Invariants: prompts, answers, arguments and outputs are never
//! read into it; every byte passes `scrub`; a part that cannot be had is replaced by the reason; nothing
//! of Jamey's own files is changed.

mod about;
mod log;
mod pack;
mod parts;
mod places;
mod runtime;
mod scrub;
mod settings;

pub use pack::{Made, write};
pub use parts::{Part, gather};
pub use scrub::Scrub;

/// What is never in a bundle, for people.
pub const LEFT_OUT: &str = "prompts, answers, what tools were given and gave back, names and titles of sessions, \
     working folders, values of variables, keys, your name and the machine's";
