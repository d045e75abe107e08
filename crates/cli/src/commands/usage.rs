//! `jamey usage`: what was used and what it cost.

use std::collections::BTreeSet;

use jamey_protocol::{
    ApiError,
    usage::{LimitUse, UsageBy, UsageReport, UsageRow, UsageTotal},
};

use super::wait_for;
use crate::{
    args::{By, UsageArgs},
    exit,
    link::Link,
    lookup,
    render::{self, clean},
};

pub fn run(link: &Link, what: &UsageArgs) -> Result<u8, ApiError> {
    let by = match what.by {
        By::Day => UsageBy::Day,
        By::Model => UsageBy::Model,
        By::Session => UsageBy::Session,
    };
    let report = wait_for(async { link.reach().await?.usage(by, what.days).await })?;
    if link.globals.json {
        render::print_json(&report);
        return Ok(exit::DONE);
    }
    if report.rows.is_empty() {
        render::note(&format!("no model was asked from {} to {}", report.from, report.to));
    } else {
        render::print(&show(&report));
        if report.total.unpriced_calls > 0 && !link.globals.quiet {
            render::note(&unpriced(&report));
        }
        if report.total.estimated_calls > 0 && !link.globals.quiet {
            render::note(&estimated(&report.total));
        }
    }
    let limits: String = report.limits.iter().map(limit).collect();
    render::print(&limits);
    Ok(exit::DONE)
}

fn show(report: &UsageReport) -> String {
    let name = match report.by {
        UsageBy::Day => ["DAY", "MODEL"].as_slice(),
        UsageBy::Model => &["MODEL"],
        UsageBy::Session => &["SESSION", "NAME"],
    };
    let numbers = ["CALLS", "INPUT", "CACHED", "OUTPUT", "REASONING", "COST"];
    let head = name.iter().chain(&numbers).map(|word| (*word).to_owned()).collect();
    let mut lines = vec![head];
    lines.extend(report.rows.iter().map(|row| [names(report.by, row), figures(&row.used)].concat()));
    let mut total = vec!["all".to_owned()];
    total.resize(name.len(), String::new());
    lines.push([total, figures(&report.total)].concat());
    aligned(&lines, name.len())
}

fn names(by: UsageBy, row: &UsageRow) -> Vec<String> {
    let text = |text: &Option<String>| clean(text.as_deref().unwrap_or_default()).into_owned();
    match by {
        UsageBy::Day => vec![text(&row.day), text(&row.model)],
        UsageBy::Model => vec![text(&row.model)],
        UsageBy::Session => {
            let name = match (&row.session, &row.name) {
                (None, _) => "(none: trials of keys)".to_owned(),
                (_, None) => "(no name, or deleted)".to_owned(),
                (_, name) => text(name),
            };
            vec![row.session.map(lookup::short).unwrap_or_default(), name]
        }
    }
}

fn figures(used: &UsageTotal) -> Vec<String> {
    let tokens = &used.tokens;
    // What has no price is not shown as if it had cost nothing.
    let cost = match (used.unpriced_calls, used.calls) {
        (0, _) => dollars(used.cost_micros),
        (unpriced, calls) if unpriced == calls => "?".to_owned(),
        _ => format!("{} + ?", dollars(used.cost_micros)),
    };
    vec![
        grouped(used.calls),
        grouped(tokens.input),
        grouped(tokens.cached),
        grouped(tokens.output),
        grouped(tokens.reasoning),
        cost,
    ]
}

/// Columns of words to the left, columns of figures to the right.
fn aligned(lines: &[Vec<String>], words: usize) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for line in lines {
        let mut row = String::new();
        for (column, cell) in line.iter().enumerate() {
            if column > 0 {
                row.push_str("  ");
            }
            let space = " ".repeat(widths[column] - cell.chars().count());
            if column < words {
                row.push_str(cell);
                row.push_str(&space);
            } else {
                row.push_str(&space);
                row.push_str(cell);
            }
        }
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}

/// Dollars with as many digits as say something.
fn dollars(micros: u64) -> String {
    match micros {
        0 => "$0.00".to_owned(),
        small if small < 10_000 => format!("${}.{:06}", small / 1_000_000, small),
        more => {
            let cents = (more + 5_000) / 10_000;
            format!("${}.{:02}", grouped(cents / 100), cents % 100)
        }
    }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn unpriced(report: &UsageReport) -> String {
    let models: BTreeSet<&str> = report
        .rows
        .iter()
        .filter(|row| row.used.unpriced_calls > 0)
        .filter_map(|row| row.model.as_deref())
        .collect();
    let calls = report.total.unpriced_calls;
    let which = if models.is_empty() {
        String::new()
    } else {
        format!(" ({})", models.into_iter().map(clean).collect::<Vec<_>>().join(", "))
    };
    format!("the price of {calls} calls is not known{which}; give it in runtime.toml: [models.catalogue]")
}

fn estimated(total: &UsageTotal) -> String {
    let (calls, of) = (grouped(total.estimated_calls), grouped(total.calls));
    format!("the tokens of {calls} of {of} calls are estimates, since their providers did not tell them")
}

fn limit(limit: &LimitUse) -> String {
    let show = |amount| if limit.key.ends_with("_cost") { dollars(amount) } else { grouped(amount) };
    format!("{}: {} of {}\n", clean(&limit.key), show(limit.used), show(limit.most))
}

#[cfg(test)]
mod tests {
    use jamey_protocol::Usage;

    use super::*;

    #[test]
    fn money_is_shown_with_the_digits_that_say_something() {
        for (micros, shown) in [
            (0, "$0.00"),
            (125, "$0.000125"),
            (9_999, "$0.009999"),
            (10_000, "$0.01"),
            (1_234_567, "$1.23"),
            (1_234_567_890_000, "$1,234,567.89"),
        ] {
            assert_eq!(dollars(micros), shown);
        }
    }

    #[test]
    fn figures_stand_under_each_other_and_unknown_prices_are_no_zeros() {
        let used = |calls, unpriced_calls, input| UsageTotal {
            calls,
            tokens: Usage { input, ..Usage::default() },
            cost_micros: 10_000 * (calls - unpriced_calls),
            unpriced_calls,
            estimated_calls: 0,
        };
        let row = |model: &str, used| UsageRow {
            day: None,
            model: Some(model.into()),
            session: None,
            name: None,
            used,
        };
        let report = UsageReport {
            by: UsageBy::Model,
            from: "2026-11-01".into(),
            to: "2026-11-30".into(),
            rows: vec![row("a/long-name", used(12, 0, 1_234_567)), row("b/c", used(1, 1, 9))],
            total: used(13, 1, 1_234_576),
            limits: Vec::new(),
        };
        let expected = "\
MODEL        CALLS      INPUT  CACHED  OUTPUT  REASONING       COST
a/long-name     12  1,234,567       0       0          0      $0.12
b/c              1          9       0       0          0          ?
all             13  1,234,576       0       0          0  $0.12 + ?
";
        assert_eq!(show(&report), expected);
    }
}
