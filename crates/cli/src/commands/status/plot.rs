//! Small plots made of characters.

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// One character for each value, from nothing to `top`; a gap where nothing is known. The last `width`
/// values, to the right.
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
pub(super) fn spark(values: &[Option<f32>], top: f32, width: usize) -> String {
    let shown = &values[values.len().saturating_sub(width)..];
    let bar = |value: f32| {
        let share = if top > 0.0 { (value / top).clamp(0.0, 1.0) } else { 0.0 };
        BARS[((share * BARS.len() as f32) as usize).min(BARS.len() - 1)]
    };
    let mut line = " ".repeat(width - shown.len());
    line.extend(shown.iter().map(|value| value.filter(|it| it.is_finite()).map_or(' ', bar)));
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_has_its_width_whatever_is_known() {
        assert_eq!(spark(&[], 100.0, 4), "    ");
        assert_eq!(spark(&[Some(0.0), None, Some(50.0), Some(100.0)], 100.0, 4), "▁ ▅█");
        assert_eq!(spark(&[Some(9.0), Some(-5.0), Some(500.0)], 100.0, 2), "▁█");
        assert_eq!(spark(&[Some(f32::NAN), Some(1.0)], 0.0, 3), "  ▁");
    }
}
