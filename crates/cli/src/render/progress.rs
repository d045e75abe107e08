//! A download's progress: one line that redraws itself on a terminal, a line every tenth elsewhere.

use std::{
    io::{self, Write as _},
    time::{Duration, Instant},
};

use super::{Style, clean, units};

const WIDTH: usize = 24;
/// Redrawing more often than this cannot be seen.
const REDRAW: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub struct Progress {
    style: Style,
    quiet: bool,
    drawn: Option<Instant>,
    /// The newest tenth that a line was written for.
    told: u64,
    /// When and where this download began, for its speed.
    began: Option<(Instant, u64)>,
    is_open: bool,
}

impl Progress {
    #[must_use]
    pub fn new(style: Style, quiet: bool) -> Self {
        Self { style, quiet, drawn: None, told: 0, began: None, is_open: false }
    }

    /// So many bytes are here.
    pub fn show(&mut self, name: &str, done: u64, total: u64, now: Instant) {
        if self.quiet {
            return;
        }
        let (start, first) = *self.began.get_or_insert((now, done));
        if !self.style.talks_to_terminal {
            let tenth = done.saturating_mul(10).checked_div(total).unwrap_or(0);
            if tenth > self.told {
                self.told = tenth;
                super::note(&format!(
                    "{name}: {} %, {} of {}",
                    tenth * 10,
                    units::bytes(done),
                    units::bytes(total)
                ));
            }
            return;
        }
        if self.drawn.is_some_and(|drawn| now.duration_since(drawn) < REDRAW) && done < total {
            return;
        }
        self.drawn = Some(now);
        self.is_open = true;
        let line = bar(name, done, total, speed(done.saturating_sub(first), now.duration_since(start)));
        let _ = write!(io::stderr(), "\r{}\u{1b}[K", clean(&line));
    }

    /// Leaves the bar as it is and goes on below it.
    pub fn close(&mut self) {
        if std::mem::take(&mut self.is_open) {
            let _ = writeln!(io::stderr());
        }
    }
}

fn speed(bytes: u64, time: Duration) -> Option<u64> {
    let millis = u64::try_from(time.as_millis()).ok().filter(|millis| *millis >= 500)?;
    Some(bytes.saturating_mul(1_000) / millis)
}

fn bar(name: &str, done: u64, total: u64, speed: Option<u64>) -> String {
    let share = |of: u64| done.saturating_mul(of).checked_div(total).unwrap_or(0).min(of);
    let filled = usize::try_from(share(WIDTH as u64)).unwrap_or(0);
    let mut line = format!(
        "{name} {}{} {:3} %  {} of {}",
        "█".repeat(filled),
        "░".repeat(WIDTH - filled),
        share(100),
        units::bytes(done),
        units::bytes(total)
    );
    if let Some(speed) = speed.filter(|speed| *speed > 0) {
        line.push_str(&format!("  {}/s", units::bytes(speed)));
        if done < total {
            line.push_str(&format!("  {} left", units::seconds((total - done) / speed)));
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_tells_how_far_and_how_long() {
        let line = bar("m", 50_000_000, 100_000_000, Some(10_000_000));
        assert_eq!(line, "m ████████████░░░░░░░░░░░░  50 %  50.0 MB of 100.0 MB  10.0 MB/s  5 s left");
        assert!(bar("m", 5, 0, None).contains("  0 %"));
        assert!(bar("m", 9, 4, None).contains("100 %"));
    }
}
