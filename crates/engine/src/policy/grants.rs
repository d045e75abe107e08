//! What the person allowed for the rest of the session.

use std::collections::HashSet;

use jamey_protocol::Access;

/// Calls that were allowed for the session: the same tool with the very same accesses. A grant
/// never covers anything that was not shown word for word when it was given.
#[derive(Clone, Debug, Default)]
pub struct Grants(HashSet<(String, Vec<Access>)>);

impl Grants {
    /// Remembers an allowance.
    pub fn add(&mut self, tool: &str, accesses: &[Access]) {
        self.0.insert((tool.to_owned(), accesses.to_vec()));
    }

    /// Tells whether exactly this was allowed.
    #[must_use]
    pub fn covers(&self, tool: &str, accesses: &[Access]) -> bool {
        !accesses.is_empty() && self.0.contains(&(tool.to_owned(), accesses.to_vec()))
    }
}
