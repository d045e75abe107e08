//! How it stands with the child that runs the weights, for whoever looks after it.

use std::time::Duration;

/// The child and its program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalCondition {
    /// The program is where it should be.
    pub has_program: bool,
    /// Deaths since an answer last came to its end.
    pub deaths: u32,
    /// How it last died.
    pub last_death: Option<String>,
    /// So long the next request waits before the child is started again.
    pub next_start: Option<Duration>,
    /// The model that is in memory now.
    pub loaded: Option<String>,
}

/// What came of making room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unloaded {
    /// No model was in memory.
    Nothing,
    /// One is in the middle of an answer, or just being started.
    Busy,
    /// This one left the memory.
    Model(String),
}
