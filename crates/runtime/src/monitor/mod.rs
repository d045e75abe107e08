//! What the machine and the runtime's own part of it are doing, looked at every half minute, and every
//! two seconds while somebody watches.
//!
//! Layout: `sampler` looks (`machine` is what differs between systems, `processes` our own part); `ring`
//! keeps the last day on the disk as `record`s; `limits` puts notices up; `tool` tells a model. One task
//! does all looking, on a thread that blocks and then goes away; a look that hangs in the system delays
//! the next one and nothing else.

mod limits;
mod machine;
mod processes;
mod record;
mod ring;
mod sampler;
mod tool;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jamey_engine::ports::{Clock, SystemClock};
use jamey_protocol::{
    monitor::{MonitorView, Point, Sample},
    status::Child,
};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, timeout},
};

use self::{
    limits::Limits,
    ring::Ring,
    sampler::{Ask, Look, Sampler},
};
use crate::{
    config::Live,
    host::{Host, board::Board},
};

pub use tool::SystemMonitor;

/// Between two looks while somebody watches.
const WATCHED: Duration = Duration::from_secs(2);
/// Somebody who asked watches for so long.
const ATTENTION: Duration = Duration::from_secs(10);
/// How long whoever asks waits for a look.
const PATIENCE: Duration = Duration::from_millis(1500);
/// The first look waits until the start is over.
const FIRST: Duration = Duration::from_secs(10);
/// Records are at least so far apart, whatever the interval, so that the file holds a day.
const RECORD_EVERY: Duration = Duration::from_secs(30);
/// A day, in milliseconds.
const DAY: i64 = 24 * 3600 * 1000;

/// The machine as it was last seen, and the last day of it.
#[derive(Debug)]
pub struct Monitor {
    live: Arc<Live>,
    board: Arc<Board>,
    last: watch::Sender<Option<Arc<Look>>>,
    asked: Mutex<Option<Instant>>,
    wake: Notify,
    ring: Arc<Mutex<Ring>>,
}

/// Tells when the monitor has looked.
#[derive(Debug)]
pub(crate) struct Samples(watch::Receiver<Option<Arc<Look>>>);

impl Samples {
    /// Waits for the next look. `false` when there will be none.
    pub(crate) async fn next(&mut self) -> bool {
        self.0.changed().await.is_ok()
    }
}

impl Monitor {
    /// Prepares to look; `run` does it.
    #[must_use]
    pub fn new(live: Arc<Live>, board: Arc<Board>, cache: &std::path::Path) -> Arc<Self> {
        Arc::new(Self {
            live,
            board,
            last: watch::Sender::new(None),
            asked: Mutex::default(),
            wake: Notify::new(),
            ring: Arc::new(Mutex::new(Ring::new(cache.join("monitor.ring")))),
        })
    }

    /// The last look. Nobody watches because of this.
    #[must_use]
    pub fn last(&self) -> Option<Sample> {
        self.last.borrow().as_ref().map(|look| look.sample.clone())
    }

    /// Changes with every look.
    #[must_use]
    pub(crate) fn samples(&self) -> Samples {
        Samples(self.last.subscribe())
    }

    /// A look of now, or the last one if the machine does not answer soon. Looks are frequent for a while
    /// after it.
    pub async fn now(&self) -> Sample {
        let mut looks = self.last.subscribe();
        *self.asked() = Some(Instant::now());
        let age = self.last().map(|last| SystemClock.now().saturating_sub(last.at));
        let is_fresh = age.is_some_and(|age| (0..WATCHED.as_millis() as i64).contains(&age));
        if !is_fresh {
            self.wake.notify_one();
            let _ = timeout(PATIENCE, looks.changed()).await;
        }
        self.last().unwrap_or_default()
    }

    /// Adds to each child what it took at the last look.
    pub fn fill(&self, children: &mut [Child]) {
        let Some(look) = self.last.borrow().clone() else { return };
        for child in children {
            if let Some((_, share)) = look.children.iter().find(|(pid, _)| *pid == child.pid) {
                child.memory_bytes = Some(share.memory_bytes);
                child.cpu_percent = share.cpu_percent;
            }
        }
    }

    /// The last `hours` (at most 24) in at most `points` moments, oldest first.
    pub async fn history(&self, hours: u32, points: usize) -> Vec<Point> {
        if points == 0 {
            return Vec::new();
        }
        let ring = Arc::clone(&self.ring);
        let now = SystemClock.now();
        let from = now - (i64::from(hours) * 3_600_000).min(DAY);
        let read = tokio::task::spawn_blocking(move || {
            let all = lock(&ring).between(from, now + 60_000);
            record::thinned(&all, points)
        });
        read.await.unwrap_or_default()
    }

    /// What `GET /v1/monitor` tells.
    pub async fn view(&self, hours: u32, points: usize) -> MonitorView {
        let now = self.now().await;
        MonitorView {
            interval_seconds: self.live.now().monitor.interval.as_secs(),
            now,
            history: self.history(hours, points).await,
            notices: self.board.notices(),
        }
    }

    /// Writes what was not written yet. For the end.
    pub async fn close(&self) {
        let ring = Arc::clone(&self.ring);
        let written = tokio::task::spawn_blocking(move || lock(&ring).write()).await;
        if let Ok(Err(error)) = written {
            tracing::info!("the last minutes of the monitor's history were not kept: {error}");
        }
    }

    fn asked(&self) -> MutexGuard<'_, Option<Instant>> {
        lock(&self.asked)
    }

    fn is_watched(&self) -> bool {
        self.asked().is_some_and(|asked| asked.elapsed() < ATTENTION)
    }
}

/// Looks until the runtime ends.
pub async fn run(host: Arc<Host>) {
    let monitor = Arc::clone(&host.monitor);
    let Some(mut sampler) = Sampler::new(host.folders.data.clone()) else {
        tracing::info!("this system does not tell what it is doing, so there is no monitor");
        return;
    };
    let mut limits = Limits::default();
    let mut unkept: Vec<Point> = Vec::new();
    let mut kept = Instant::now();
    let mut wait = FIRST;
    loop {
        tokio::select! {
            () = host.shutdown.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
            () = monitor.wake.notified() => {}
        }
        let ask = Ask {
            children: host.models.children().iter().map(|child| child.pid).collect(),
            is_watched: monitor.is_watched(),
        };
        let looking = tokio::task::spawn_blocking(move || {
            let look = sampler.look(&ask);
            (sampler, look)
        });
        let look = tokio::select! {
            () = host.shutdown.cancelled() => return,
            looked = looking => match looked {
                Ok((back, look)) => {
                    sampler = back;
                    look
                }
                Err(error) => {
                    tracing::warn!("the monitor failed and looks no more: {error}");
                    return;
                }
            }
        };
        let set = monitor.live.now();
        limits.judge(&look.sample, &set.monitor, &monitor.board, std::time::Instant::now());
        unkept.push(record::point(&look.sample));
        monitor.last.send_replace(Some(Arc::new(look)));
        // A second less, since a timer is never early and a slot must not be missed by a hair.
        let due = set.monitor.interval.max(RECORD_EVERY).saturating_sub(Duration::from_secs(1));
        if kept.elapsed() >= due {
            kept = Instant::now();
            if let Some(point) = record::mean(&std::mem::take(&mut unkept)) {
                monitor.keep(point);
            }
        }
        wait = if monitor.is_watched() { WATCHED.min(set.monitor.interval) } else { set.monitor.interval };
    }
}

impl Monitor {
    /// Keeps a moment. Nobody waits for the disk.
    fn keep(&self, point: Point) {
        let ring = Arc::clone(&self.ring);
        drop(tokio::task::spawn_blocking(move || {
            if let Err(error) = lock(&ring).push(point) {
                tracing::debug!("the monitor's history could not be written: {error}");
            }
        }));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
