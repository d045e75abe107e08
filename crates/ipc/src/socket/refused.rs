//! Counts connections that were refused and tells of them, without flooding the log.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use crate::peer::{Peer, Refusal};

/// At most one line in this time; the next line says how many there were.
const QUIET: Duration = Duration::from_secs(10);

#[derive(Debug, Default)]
pub(super) struct Refused {
    count: u64,
    told: u64,
    last: Option<Instant>,
}

impl Refused {
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Tells whether `peer` may speak at the door at `door`; if not, that is noted.
    pub(super) fn admits(&mut self, peer: Peer, door: &Path) -> bool {
        let answer = peer.admit(door);
        if let Err(why) = &answer {
            self.note(peer, why, Instant::now());
        }
        answer.is_ok()
    }

    /// Waits out a trouble of the door itself (no descriptors left, say), which passes.
    pub(super) async fn trouble(error: &std::io::Error) {
        tracing::warn!("no connection could be taken: {error}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    /// Notes one refusal; returns how many lines were written (0 or 1), for tests.
    fn note(&mut self, peer: Peer, why: &Refusal, now: Instant) -> usize {
        self.count += 1;
        if self.last.is_some_and(|last| now.duration_since(last) < QUIET) {
            return 0;
        }
        let since = self.count - self.told;
        (self.last, self.told) = (Some(now), self.count);
        tracing::warn!(uid = peer.uid, pid = peer.pid, refused = since, "a connection was refused: {why}");
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_refusals_is_counted_whole_and_told_once() {
        let mut refused = Refused::default();
        let peer = Peer { uid: Some(7), pid: None };
        let start = Instant::now();
        let lines: usize = (0..1000).map(|_| refused.note(peer, &Refusal::Descendant, start)).sum();
        assert_eq!((refused.count(), lines), (1000, 1));
        assert_eq!(refused.note(peer, &Refusal::Descendant, start + QUIET), 1);
    }
}
