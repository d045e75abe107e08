//! How the runtime was asked to end, and letting running turns finish first.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use jamey_protocol::life::{Manner, Shutdown};
use tokio::{sync::watch, time::Instant};

use super::Host;

/// What turns are told that were cut.
const CLOSING: &str = "the runtime is closing";
const RESTARTING: &str = "the runtime was restarted; send a message to go on";

/// What was asked so far; nothing at first.
#[derive(Debug)]
pub struct Ending(watch::Sender<Option<Shutdown>>, AtomicBool);

impl Default for Ending {
    fn default() -> Self {
        Self(watch::Sender::new(None), AtomicBool::new(false))
    }
}

impl Ending {
    /// Takes a wish; of two the harsher one counts.
    fn add(&self, wish: Shutdown) {
        self.0.send_if_modified(|now| {
            let is_harsher = now.is_none_or(|now| wish.manner > now.manner);
            if is_harsher {
                *now = Some(wish);
            }
            is_harsher
        });
    }

    /// What was asked.
    #[must_use]
    pub fn asked(&self) -> Option<Shutdown> {
        *self.0.borrow()
    }

    /// Whether running turns may still finish.
    #[must_use]
    pub fn is_finishing(&self) -> bool {
        self.asked().is_some_and(|asked| asked.manner == Manner::Finish)
    }

    /// Whether the same process shall begin anew afterwards. Any wish of somebody else outweighs that.
    #[must_use]
    pub fn is_returning(&self) -> bool {
        self.1.load(Ordering::Relaxed)
    }

    /// What turns are told that are cut.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        if self.asked().is_some_and(|asked| asked.restart) { RESTARTING } else { CLOSING }
    }
}

impl Host {
    /// Asks the runtime to end.
    pub fn ask_to_end(&self, how: Shutdown) {
        self.ending.1.store(false, Ordering::Relaxed);
        self.ending.add(how);
        self.shutdown.cancel();
    }

    /// Lets the runtime end and begin anew in the same process, unless it ends already. Whoever keeps the
    /// process sees nothing of it.
    pub fn begin_anew(&self) {
        if self.shutdown.is_cancelled() {
            return;
        }
        self.ending.1.store(true, Ordering::Relaxed);
        self.ending.add(Shutdown { manner: Manner::Interrupt, restart: true, ..Shutdown::default() });
        self.shutdown.cancel();
    }

    /// Waits until no turn runs any more, for as long as was asked. A turn that waits for a person is not
    /// waited for. A harsher wish that comes meanwhile ends the waiting.
    pub async fn let_finish(&self) {
        let Some(asked) = self.ending.asked().filter(|asked| asked.manner == Manner::Finish) else { return };
        let deadline = Instant::now() + Duration::from_secs(asked.grace_seconds);
        let mut wishes = self.ending.0.subscribe();
        wishes.mark_unchanged();
        let mut kept = self.kept();
        let mut told = 0;
        while self.ending.is_finishing() {
            kept.mark_unchanged();
            let running = self.sessions.running().await;
            if running == 0 {
                return;
            }
            if told != running {
                tracing::info!(running, "waiting for turns to finish");
                told = running;
            }
            tokio::select! {
                () = tokio::time::sleep_until(deadline) => return,
                _ = wishes.changed() => {}
                changed = kept.changed() => if changed.is_err() { return },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_harsher_wish_counts_whichever_comes_first() {
        let wish = |manner| Shutdown { manner, ..Shutdown::default() };
        let ending = Ending::default();
        assert_eq!(ending.asked(), None);
        for (asked, counts) in
            [(Manner::Finish, Manner::Finish), (Manner::Now, Manner::Now), (Manner::Interrupt, Manner::Now)]
        {
            ending.add(wish(asked));
            assert_eq!(ending.asked().map(|wish| wish.manner), Some(counts));
        }
        assert_eq!(ending.reason(), CLOSING);
    }
}
