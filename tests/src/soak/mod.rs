//! The soak: a runtime under many times a person's load, watched for what grows.
//!
//! Layout: `script` is the model, `people` use the runtime, `look` reads what the system tells of it,
//! `fit` finds slopes, `report` holds them to their bounds, `idle` measures a runtime that nobody uses.
//!
//! A person is taken to begin one turn a minute. At pace 100 that is a hundred turns a minute, with
//! tools in half of them, commands that die, are killed or leave processes behind, streams that break,
//! faces that come and go, and sessions that are deleted.

mod fit;
pub mod idle;
mod look;
mod people;
mod report;
mod script;

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

pub use fit::slope;
pub use look::{Look, look};
pub use report::{Bounds, Memory, Report};

use crate::{Fake, Home, Runtime, seed::Chance, wait};
use people::{Town, tasks};

/// People that take turns side by side, and faces that come and go.
const PEOPLE: usize = 6;
const FOLLOWERS: u64 = 3;
/// After ten seconds without an event the runtime has given memory back and emptied the database's log; then a
/// little more.
const REST: Duration = Duration::from_secs(13);

/// How long the turns of the warm-up may take beyond its time.
const PATIENCE: Duration = Duration::from_secs(300);

/// How to soak.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How long it is measured.
    pub time: Duration,
    /// How long it runs before that at least: caches fill, threads are made.
    pub warm_up: Duration,
    /// How many turns it takes before that at least, however long that takes on a busy machine.
    pub warm_up_turns: u64,
    /// How many times as fast as a person.
    pub pace: u32,
    /// From one look to the next.
    pub every: Duration,
    /// What may grow, and by how much.
    pub bounds: Bounds,
}

/// Where the database lies under a `JAMEY_HOME`.
#[must_use]
pub fn data_folder(home: &Path) -> PathBuf {
    home.join("data")
}

/// Soaks a runtime of its own, and tells what grew. `told` hears one line now and then.
///
/// # Panics
/// When the runtime does something that it never should, whatever grows.
#[must_use]
pub fn run(plan: Plan, told: impl Fn(&str)) -> Report {
    let fake = Fake::forgetful(script::reply);
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let pid = runtime.pid();
    let chance = Chance::from_environment();
    let town = Town {
        home: &home,
        door: runtime.door(),
        began: Instant::now(),
        interval: Duration::from_secs(60) / plan.pace.max(1),
        is_over: AtomicBool::new(false),
        next: AtomicU64::new(0),
        turns: AtomicU64::new(0),
        followers: AtomicU64::new(0),
        deleted: AtomicU64::new(0),
        sessions: Mutex::new(VecDeque::new()),
    };
    let see = || look(pid, &home.jamey_home(), tasks(&town.door));
    let mut looks = Vec::new();
    thread::scope(|scope| {
        let over = OverAtLast(&town.is_over);
        let mut busy: Vec<_> = (0..PEOPLE).map(|_| scope.spawn(|| town.person())).collect();
        for number in 0..FOLLOWERS {
            let chance = chance.split(number);
            let town = &town;
            busy.push(scope.spawn(move || town.follower(chance)));
        }
        busy.push(scope.spawn(|| town.watcher()));
        told(&format!("warming up for {:?}", plan.warm_up));
        let is_warm_at = Instant::now() + plan.warm_up;
        let mut end = None;
        let mut last_told = Instant::now();
        while end.is_none_or(|end| Instant::now() < end)
            && !busy.iter().any(thread::ScopedJoinHandle::is_finished)
        {
            thread::sleep(plan.every);
            if end.is_some() {
                looks.push(see());
            } else if Instant::now() >= is_warm_at && town.turns.load(Ordering::Relaxed) >= plan.warm_up_turns
            {
                end = Some(Instant::now() + plan.time);
            } else {
                assert!(is_warm_at.elapsed() < PATIENCE, "no {} turns were taken", plan.warm_up_turns);
            }
            if last_told.elapsed() >= Duration::from_secs(60) {
                last_told = Instant::now();
                told(&line(&see(), town.turns.load(Ordering::Relaxed)));
            }
        }
        drop(over);
        for thread in busy {
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
    told("at rest");
    wait::until("the last command to be gone", || look::descendants(pid).is_empty().then_some(()));
    let payload = town.payload();
    thread::sleep(REST);
    let rest = see();
    let turns = town.turns.load(Ordering::Relaxed);
    let report = Report {
        bounds: plan.bounds,
        turns,
        faces: town.followers.load(Ordering::Relaxed),
        deleted: town.deleted.load(Ordering::Relaxed),
        payload,
        looks,
        rest,
    };
    drop(town);
    runtime.stop();
    let left = home.processes();
    assert!(left.is_empty(), "processes that outlived the runtime: {left:?}");
    report
}

/// Tells everybody to stop, also when this thread does not come to its end.
struct OverAtLast<'a>(&'a AtomicBool);

impl Drop for OverAtLast<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn line(look: &Look, turns: u64) -> String {
    format!(
        "{turns} turns, {} KiB resident, {} files, {} threads, {} tasks, {} children, log {} KiB, database {} KiB + {} KiB",
        look.rss / 1024,
        look.files,
        look.threads,
        look.tasks.map_or("?".into(), |tasks| tasks.to_string()),
        look.children,
        look.log / 1024,
        look.db / 1024,
        look.wal / 1024,
    )
}
