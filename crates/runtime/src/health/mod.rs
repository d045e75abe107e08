//! The runtime looks after itself: every minute and when asked it looks at each of its parts and puts right
//! what can be put right.
//!
//! Layout: one file for each part that is looked at (`socket`, `places`, `database`, `disk`, `providers`,
//! `local`, `clock`, `memory`); `anew` bounds how often the runtime begins anew by itself. Invariants: a look
//! costs a few file stats and one question to the database; no provider is asked unless its last calls failed
//! or a person wants it; nothing is done that could lose what a person said; what was done is logged, on the
//! board and in the next report; nothing is said of parts that are not there.

mod anew;
mod clock;
mod database;
mod disk;
mod local;
mod memory;
mod places;
mod providers;
mod socket;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jamey_engine::ports::{Clock, SystemClock};
use jamey_protocol::{
    health::{Check, Report, State},
    monitor::Sample,
};
use tokio::{
    sync::Mutex as AsyncMutex,
    time::{Instant, timeout},
};

use crate::host::Host;

/// The first look waits until the start is over; the monitor looks then too.
const FIRST: Duration = Duration::from_secs(11);
/// A look that is nearly due is made when the monitor has woken us up anyway.
const EARLY: Duration = Duration::from_secs(5);
/// How long files may take to be looked at; a network drive may never answer.
const FILES: Duration = Duration::from_secs(5);

/// What may be put right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mend {
    /// Nothing: somebody only wants to know.
    #[default]
    Nothing,
    /// What the runtime puts right by itself.
    ByItself,
    /// Everything that can be: a person asked for it.
    Everything,
}

/// What a look is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// What may be put right.
    pub mend: Mend,
    /// Whether the providers are asked.
    pub asks_providers: bool,
}

/// The last report, and what is remembered from look to look.
#[derive(Debug, Default)]
pub struct Health {
    last: Mutex<Option<Arc<Report>>>,
    /// Held for a whole look, so that two never put the same thing right.
    memory: AsyncMutex<Memory>,
    pressure: Mutex<memory::Pressure>,
}

#[derive(Debug, Default)]
struct Memory {
    clock: clock::Watch,
    disk: disk::Watch,
}

impl Health {
    /// What the last look found.
    #[must_use]
    pub fn last(&self) -> Option<Arc<Report>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Host {
    /// Looks at everything now. Another look that goes on is waited for.
    pub async fn look(&self, wish: Wish) -> Report {
        let mut memory = self.health.memory.lock().await;
        let mut checks = vec![socket::check(self, wish.mend).await];
        checks.extend(places::check(self, wish.mend).await);
        checks.push(database::check(self, wish.mend).await);
        checks.extend(disk::check(self, &mut memory.disk, wish.mend).await);
        checks.extend(providers::check(self, wish.asks_providers).await);
        checks.extend(local::check(self));
        checks.extend(memory::check(self));
        checks.push(clock::check(self, &mut memory.clock));
        for what in checks.iter().filter_map(|check| check.mended.as_ref()) {
            self.board.mended(what.clone());
        }
        let report = Report::of(SystemClock.now(), checks);
        self.tell_of_news(&report);
        *self.health.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(report.clone()));
        report
    }

    /// Judges the machine's memory by a sample, and lets the local model go when it is short.
    pub async fn feel_pressure(&self, sample: &Sample) {
        memory::feel(self, sample).await;
    }

    /// The log hears once of what is no longer in order, and once when it is again.
    fn tell_of_news(&self, report: &Report) {
        let before = self.health.last();
        let was = |check: &Check| {
            let mut same = before.iter().flat_map(|report| &report.checks);
            same.any(|old| old.name == check.name && old.state == check.state)
        };
        for check in report.checks.iter().filter(|check| !was(check)) {
            match check.state {
                State::Fine if before.is_some() => {
                    tracing::info!(part = check.name, "well again: {}", check.finding);
                }
                State::Fine => {}
                _ => tracing::warn!(part = check.name, "{}", check.finding),
            }
        }
    }
}

/// Looks until the runtime ends: every interval, when the database meets damage, and, for the memory alone,
/// whenever the monitor has looked.
pub async fn run(host: Arc<Host>) {
    let mut samples = host.monitor.samples();
    let mut due = Instant::now() + FIRST;
    loop {
        let is_due = tokio::select! {
            () = host.shutdown.cancelled() => return,
            () = tokio::time::sleep_until(due + EARLY) => true,
            () = host.store.damaged() => true,
            true = samples.next() => {
                if let Some(sample) = host.monitor.last() {
                    host.feel_pressure(&sample).await;
                }
                Instant::now() + EARLY >= due
            }
        };
        if !is_due {
            continue;
        }
        tokio::select! {
            () = host.shutdown.cancelled() => return,
            _ = host.look(Wish { mend: Mend::ByItself, asks_providers: false }) => {}
        }
        due = Instant::now() + host.live.now().health_interval;
    }
}

/// Does something with files on a thread that may wait for them; nothing when they do not answer.
async fn with_files<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    timeout(FILES, tokio::task::spawn_blocking(work)).await.ok()?.ok()
}

/// An amount of bytes for people.
fn amount(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{}.{} GB", bytes / 1_000_000_000, bytes % 1_000_000_000 / 100_000_000),
    }
}
