//! What a runtime costs that nobody uses.

use std::{fmt, thread, time::Duration};

use super::look::{effort, look};
use crate::{Home, Runtime};

const MIB: f64 = 1024.0 * 1024.0;
/// The work behind a start is done by then.
const SETTLED: Duration = Duration::from_secs(30);

/// What was seen.
#[derive(Clone, Copy, Debug)]
pub struct Idle {
    /// How long.
    pub time: Duration,
    /// Share of one processor, in percent.
    pub cpu: f64,
    /// Times a second that one of its threads was woken.
    pub wakeups: f64,
    /// Resident memory in MiB.
    pub rss: f64,
    /// The same with shared pages counted in part, where we may know.
    pub pss: Option<f64>,
    /// Threads.
    pub threads: u64,
}

impl Idle {
    /// What may be spent: CPU in percent, wake-ups a second, MiB.
    const MOST: (f64, f64, f64) = (0.05, 1.0, 15.0);

    /// Watches the runtime with this process id, or one of its own.
    #[must_use]
    pub fn measure(pid: Option<u32>, time: Duration) -> Self {
        let home = Home::new();
        let own = pid.is_none().then(|| Runtime::start(&home));
        let pid = own.as_ref().map_or_else(|| pid.unwrap_or(0), Runtime::pid);
        if own.is_some() {
            thread::sleep(SETTLED);
        }
        let before = effort(pid);
        thread::sleep(time);
        let after = effort(pid);
        let seen = look(pid, &home.jamey_home(), None);
        let seconds = time.as_secs_f64();
        Self {
            time,
            cpu: after.cpu.saturating_sub(before.cpu).as_secs_f64() / seconds * 100.0,
            wakeups: after.wakeups.saturating_sub(before.wakeups) as f64 / seconds,
            rss: seen.rss as f64 / MIB,
            pss: seen.pss.map(|pss| pss as f64 / MIB),
            threads: seen.threads,
        }
    }

    /// What went beyond its bound.
    #[must_use]
    pub fn breaches(&self) -> Vec<String> {
        let (cpu, wakeups, rss) = Self::MOST;
        let mut found = Vec::new();
        for (what, value, most) in [
            ("CPU, percent", self.cpu, cpu),
            ("wake-ups a second", self.wakeups, wakeups),
            ("memory, MiB", self.rss, rss),
        ] {
            if value > most {
                found.push(format!("{what}: {value:.3} where {most} is allowed"));
            }
        }
        if self.rss == 0.0 {
            found.push("there is no such process".to_owned());
        }
        found
    }
}

impl fmt::Display for Idle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pss = self.pss.map(|pss| format!(" (PSS {pss:.1} MiB)")).unwrap_or_default();
        writeln!(f, "| idle for {} s | |\n|---|---|", self.time.as_secs())?;
        writeln!(f, "| CPU | {:.4} % |", self.cpu)?;
        writeln!(f, "| wake-ups a second | {:.2} |", self.wakeups)?;
        writeln!(f, "| memory | {:.1} MiB resident{pss} |", self.rss)?;
        writeln!(f, "| threads | {} |", self.threads)
    }
}
