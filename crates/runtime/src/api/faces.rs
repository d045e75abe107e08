//! How many programs are connected: a face may end the runtime that it started only when it is the last.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
};

/// Everybody who is connected to this runtime.
static ALL: LazyLock<Faces> = LazyLock::new(Faces::default);

/// Connections by the process at their other end; those whose process is not known stand together.
#[derive(Debug, Default)]
struct Faces(Mutex<HashMap<Option<u32>, u64>>);

impl Faces {
    fn came(&'static self, pid: Option<u32>) -> Face {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(pid).or_default() += 1;
        Face { among: self, pid }
    }

    fn count(&self) -> u64 {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().map(|(pid, connections)| if pid.is_some() { 1 } else { *connections }).sum()
    }
}

/// One connection, counted as long as this lives.
#[derive(Debug)]
pub struct Face {
    among: &'static Faces,
    pid: Option<u32>,
}

impl Face {
    /// A connection of process `pid` came.
    #[must_use]
    pub fn came(pid: Option<u32>) -> Self {
        ALL.came(pid)
    }
}

impl Drop for Face {
    fn drop(&mut self) {
        let mut all = self.among.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connections) = all.get_mut(&self.pid) {
            *connections -= 1;
            if *connections == 0 {
                all.remove(&self.pid);
            }
        }
    }
}

/// Programs that are connected now. A connection whose process is not known counts as a program.
#[must_use]
pub fn count() -> u64 {
    ALL.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_counts_once_however_many_connections_it_has() {
        static HERE: LazyLock<Faces> = LazyLock::new(Faces::default);
        let (one, again, other) = (HERE.came(Some(1)), HERE.came(Some(1)), HERE.came(Some(2)));
        assert_eq!(HERE.count(), 2);
        drop(one);
        assert_eq!(HERE.count(), 2);
        let unknown = (HERE.came(None), HERE.came(None));
        assert_eq!(HERE.count(), 4);
        drop((again, other, unknown));
        assert_eq!(HERE.count(), 0);
    }
}
