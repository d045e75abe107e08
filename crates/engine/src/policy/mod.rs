//! Allow, ask or deny: a pure function of the mode, the working folder, what the person allowed
//! before, and the accesses of one call. It never looks at the model's words.

mod grants;
mod guarded;
mod judge;
mod plain;
mod question;
mod rule;

pub use grants::Grants;
pub use guarded::Guarded;
pub use judge::{Ground, Judgement, judge};
pub use rule::Rule;
