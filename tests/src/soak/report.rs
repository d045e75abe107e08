//! What grew, held to its bounds.

use std::fmt;

use super::{Look, fit};

const MIB: f64 = 1024.0 * 1024.0;

/// What may grow, and by how much.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Memory.
    pub memory: Memory,
    /// Open files and tasks, over the whole measured time.
    pub count: f64,
    /// Bytes of log for each turn.
    pub log_a_turn: f64,
    /// Bytes of the database and its log, at rest, for each byte of what is kept.
    pub database: f64,
}

/// How much memory may be taken, after the warm-up.
#[derive(Clone, Copy, Debug)]
pub enum Memory {
    /// The slope, in MiB an hour. Only a long time has one: in a minute, one step of the allocator looks
    /// like a leak of a hundred MiB an hour.
    AnHour(f64),
    /// From the first quarter of the time to its last, in MiB.
    InAll(f64),
}

impl Bounds {
    /// Those of half an hour and more.
    pub const LONG: Self =
        Self { memory: Memory::AnHour(1.0), count: 2.0, log_a_turn: 4096.0, database: DATABASE };

    /// Those of a minute and a hundred turns: a leak of more than about 20 KiB with each turn is seen.
    pub const SHORT: Self = Self { memory: Memory::InAll(2.0), ..Self::LONG };
}

/// What was promised; see the decision that each body is kept once.
const DATABASE: f64 = 1.2;

/// What a soak saw.
#[derive(Debug)]
pub struct Report {
    /// What it is held to.
    pub bounds: Bounds,
    /// Turns that were taken.
    pub turns: u64,
    /// Faces that came and went besides.
    pub faces: u64,
    /// Sessions that were deleted.
    pub deleted: u64,
    /// Bytes of all events that are kept, as `jamey sessions export` prints them.
    pub payload: u64,
    /// While it was busy, after the warm-up.
    pub looks: Vec<Look>,
    /// Afterwards, with nothing to do.
    pub rest: Look,
}

impl Report {
    /// How long it was measured, in hours.
    fn hours(&self) -> f64 {
        match (self.looks.first(), self.looks.last()) {
            (Some(first), Some(last)) => (last.at - first.at).as_secs_f64() / 3600.0,
            _ => 0.0,
        }
    }

    /// How much something grows in an hour.
    fn an_hour(&self, value: impl Fn(&Look) -> f64) -> f64 {
        let Some(first) = self.looks.first() else { return 0.0 };
        let points: Vec<(f64, f64)> = self
            .looks
            .iter()
            .map(|look| ((look.at - first.at).as_secs_f64() / 3600.0, value(look)))
            .collect();
        fit::slope(&points)
    }

    fn memory_an_hour(&self) -> f64 {
        self.an_hour(|look| look.rss as f64 / MIB)
    }

    /// How much more there was in the last quarter of the time than in the first, in MiB.
    fn memory_in_all(&self) -> f64 {
        let quarter = self.looks.len().div_ceil(4);
        let middle = |looks: &[Look]| {
            fit::median(looks.iter().map(|look| look.rss as f64 / MIB).collect()).unwrap_or_default()
        };
        middle(&self.looks[self.looks.len() - quarter..]) - middle(&self.looks[..quarter])
    }

    fn files_grown(&self) -> f64 {
        self.an_hour(|look| look.files as f64) * self.hours()
    }

    fn tasks_grown(&self) -> f64 {
        self.an_hour(|look| look.tasks.unwrap_or(0) as f64) * self.hours()
    }

    fn threads_grown(&self) -> f64 {
        self.an_hour(|look| look.threads as f64) * self.hours()
    }

    fn log_a_turn(&self) -> f64 {
        self.rest.log as f64 / (self.turns.max(1)) as f64
    }

    fn database(&self) -> f64 {
        (self.rest.db + self.rest.wal) as f64 / (self.payload.max(1)) as f64
    }

    /// What went beyond its bound; nothing if all is well.
    #[must_use]
    pub fn breaches(&self) -> Vec<String> {
        let Bounds { memory, count, log_a_turn, database } = self.bounds;
        let mut found = Vec::new();
        let mut hold = |what: &str, value: f64, bound: f64| {
            if value > bound {
                found.push(format!("{what}: {value:.2} where {bound:.2} is allowed"));
            }
        };
        match memory {
            Memory::AnHour(most) => hold("memory, MiB an hour", self.memory_an_hour(), most),
            Memory::InAll(most) => hold("memory, MiB in all", self.memory_in_all(), most),
        }
        hold("open files, growth", self.files_grown(), count);
        hold("threads, growth", self.threads_grown(), count);
        hold("tasks, growth", self.tasks_grown(), count);
        hold("log, bytes a turn", self.log_a_turn(), log_a_turn);
        hold("database, bytes for each byte kept", self.database(), database);
        hold("processes below it at rest", self.rest.children as f64, 0.0);
        if self.turns == 0 || self.looks.len() < 10 {
            found.push("too little was seen to say anything".to_owned());
        }
        found
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let span = |value: &dyn Fn(&Look) -> f64| {
            let values: Vec<f64> = self.looks.iter().map(value).collect();
            let smallest = values.iter().copied().fold(f64::INFINITY, f64::min);
            let largest = values.iter().copied().fold(0.0, f64::max);
            format!("{smallest:.1} to {largest:.1}")
        };
        writeln!(
            f,
            "{} turns in {:.1} minutes, {} faces that came and went, {} sessions deleted",
            self.turns,
            self.hours() * 60.0,
            self.faces,
            self.deleted
        )?;
        writeln!(f, "| what | busy | growth | at rest |\n|---|---|---|---|")?;
        let pss = |look: &Look| look.pss.map_or("?".into(), |pss| format!("{:.1}", pss as f64 / MIB));
        writeln!(
            f,
            "| resident memory, MiB | {} | {} | {:.1} (PSS {}) |",
            span(&|look| look.rss as f64 / MIB),
            match self.bounds.memory {
                Memory::AnHour(_) => format!("{:+.2} an hour", self.memory_an_hour()),
                Memory::InAll(_) => format!("{:+.2} in all", self.memory_in_all()),
            },
            self.rest.rss as f64 / MIB,
            pss(&self.rest)
        )?;
        for (what, busy, grown, rest) in [
            ("open files", span(&|look| look.files as f64), self.files_grown(), Some(self.rest.files)),
            ("threads", span(&|look| look.threads as f64), self.threads_grown(), Some(self.rest.threads)),
            ("tasks", span(&|look| look.tasks.unwrap_or(0) as f64), self.tasks_grown(), self.rest.tasks),
        ] {
            let rest = rest.map_or("?".into(), |rest| rest.to_string());
            writeln!(f, "| {what} | {busy} | {grown:+.2} in all | {rest} |")?;
        }
        writeln!(
            f,
            "| log, KiB | {} | {:.0} bytes a turn | {:.0} |",
            span(&|look| look.log as f64 / 1024.0),
            self.log_a_turn(),
            self.rest.log as f64 / 1024.0
        )?;
        writeln!(
            f,
            "| database, KiB | {} | {:.2} of the {:.0} KiB kept | {:.0} + log {:.0} |",
            span(&|look| look.db as f64 / 1024.0),
            self.database(),
            self.payload as f64 / 1024.0,
            self.rest.db as f64 / 1024.0,
            self.rest.wal as f64 / 1024.0
        )
    }
}
