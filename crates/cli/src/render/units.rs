//! Numbers for people.

use std::time::{SystemTime, UNIX_EPOCH};

/// Bytes in the unit that fits.
#[must_use]
pub fn bytes(count: u64) -> String {
    #[allow(clippy::cast_precision_loss)]
    let count_in = |unit: u64| count as f64 / unit as f64;
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{:.0} kB", count_in(1_000)),
        1_000_000..1_000_000_000 => format!("{:.1} MB", count_in(1_000_000)),
        _ => format!("{:.2} GB", count_in(1_000_000_000)),
    }
}

/// A count with its noun, which takes an s.
#[must_use]
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// Seconds in the unit that fits.
#[must_use]
pub fn seconds(total: u64) -> String {
    match total {
        0..120 => format!("{total} s"),
        120..7_200 => format!("{} min", total / 60),
        7_200..172_800 => format!("{} h", total / 3_600),
        _ => format!("{} days", total / 86_400),
    }
}

/// How long ago a moment (in milliseconds since 1970) was.
#[must_use]
pub fn ago(at: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let passed = now.saturating_sub(u128::try_from(at).unwrap_or(0)) / 1_000;
    match u64::try_from(passed).unwrap_or(u64::MAX) {
        0..5 => "now".to_owned(),
        passed => format!("{} ago", seconds(passed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_have_their_unit() {
        assert_eq!(
            [bytes(999), bytes(1_500), bytes(98_362_432), bytes(1_117_320_768)],
            ["999 B", "2 kB", "98.4 MB", "1.12 GB"]
        );
        assert_eq!(
            [seconds(5), seconds(600), seconds(7_200), seconds(1_000_000)],
            ["5 s", "10 min", "2 h", "11 days"]
        );
        assert_eq!([count(1, "line"), count(0, "line")], ["1 line", "0 lines"]);
    }
}
