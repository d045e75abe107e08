//! A line through points of which some are far off: the median of the slopes of all pairs (Theil and
//! Sen). One spike of a busy machine does not move it.

/// Points that are averaged into one before the fit, at most so many are left.
const BINS: usize = 200;

/// The slope of `points` (x, y) in y for each x; 0 for fewer than two.
#[must_use]
pub fn slope(points: &[(f64, f64)]) -> f64 {
    let points = thinned(points);
    let mut slopes = Vec::new();
    for (at, (x, y)) in points.iter().enumerate() {
        for (later_x, later_y) in &points[at + 1..] {
            if later_x > x {
                slopes.push((later_y - y) / (later_x - x));
            }
        }
    }
    median(slopes).unwrap_or(0.0)
}

/// The middle value; none of nothing.
#[must_use]
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// Neighbours become one point at their medians, so that an hour of seconds is no million pairs.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let size = points.len().div_ceil(BINS).max(1);
    let middle = |part: &[(f64, f64)]| {
        let x = median(part.iter().map(|point| point.0).collect())?;
        Some((x, median(part.iter().map(|point| point.1).collect())?))
    };
    points.chunks(size).filter_map(middle).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_behind_spikes() {
        let points: Vec<(f64, f64)> = (0..500)
            .map(|x| (f64::from(x), 3.0 * f64::from(x) + if x % 7 == 0 { 5_000.0 } else { 0.0 }))
            .collect();
        assert!((slope(&points) - 3.0).abs() < 0.01, "{}", slope(&points));
    }

    #[test]
    fn what_does_not_grow_has_no_slope() {
        let points: Vec<(f64, f64)> = (0..90).map(|x| (f64::from(x), f64::from(x % 2))).collect();
        assert!(slope(&points).abs() < 0.001);
        assert_eq!(slope(&[]), 0.0);
        assert_eq!(slope(&[(1.0, 1.0)]), 0.0);
    }
}
