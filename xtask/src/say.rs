//! Progress lines on standard error.

use std::{
    io::IsTerminal,
    time::{Duration, Instant},
};

/// Says what happens now.
pub fn step(text: &str) {
    if std::io::stderr().is_terminal() {
        eprintln!("\x1b[1m▸ {text}\x1b[0m");
    } else {
        eprintln!("▸ {text}");
    }
}

/// Says something about the present step.
pub fn note(text: &str) {
    eprintln!("  {text}");
}

/// Minutes and seconds, as people read them.
pub fn took(since: Instant) -> String {
    duration(since.elapsed())
}

fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds >= 60 {
        format!("{} min {} s", seconds / 60, seconds % 60)
    } else {
        format!("{:.1} s", time.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_reads_in_minutes_once_it_is_one() {
        assert_eq!(duration(Duration::from_millis(1_240)), "1.2 s");
        assert_eq!(duration(Duration::from_secs(125)), "2 min 5 s");
    }
}
