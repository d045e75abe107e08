//! A report for people: grouped, aligned, quiet about what is well, the remedy under what is not, and one line
//! at the end that sums up.

use std::fmt::Write as _;

use jamey_protocol::health::{Check, State};

use crate::{
    args::Globals,
    render::{Style, clean, count},
};

/// Which part belongs where, in the order in which it is shown.
const GROUPS: [(&str, &[&str]); 3] = [
    ("This machine", &["folders", "config", "programs", "disk", "memory", "clock"]),
    ("The runtime", &["runtime", "version", "socket", "database", "health", "status", "notice"]),
    ("Models", &["provider", "local", "model"]),
];
/// Names are no longer.
const NAME: usize = 9;
/// Where findings begin.
const INDENT: usize = 2 + 2 + NAME + 1;
/// A terminal that is narrower is left to break lines itself.
const NARROWEST: usize = 40;

/// The columns of the terminal that is written to; none when it is none, or does not tell.
pub(super) fn columns() -> Option<usize> {
    #[cfg(unix)]
    {
        let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
        Some(usize::from(size.ws_col)).filter(|columns| *columns >= NARROWEST)
    }
    #[cfg(not(unix))]
    {
        let _ = NARROWEST;
        None
    }
}

pub(super) fn shown(checks: &[Check], globals: &Globals, style: Style, columns: Option<usize>) -> String {
    let mut out = String::new();
    let group_of = |check: &Check| {
        let at = GROUPS.iter().position(|(_, names)| names.contains(&check.name.as_str()));
        // A part of a later runtime.
        at.unwrap_or(1)
    };
    let is_shown = |check: &&Check| !globals.quiet || check.state != State::Fine || check.mended.is_some();
    for (number, (title, _)) in GROUPS.iter().enumerate() {
        let mut group: Vec<&Check> =
            checks.iter().filter(|check| group_of(check) == number).filter(is_shown).collect();
        let place = |check: &&Check| GROUPS[number].1.iter().position(|name| *name == check.name);
        group.sort_by_key(|check| place(check).unwrap_or(usize::MAX));
        if group.is_empty() {
            continue;
        }
        let _ = writeln!(out, "{}", style.bold(title));
        for check in group {
            put(&mut out, check, style, columns);
        }
        out.push('\n');
    }
    let _ = writeln!(out, "{}", summed_up(checks, style));
    out
}

fn put(out: &mut String, check: &Check, style: Style, columns: Option<usize>) {
    let mark = match check.state {
        State::Fine => style.good("✓"),
        State::Warning => style.warn("!"),
        State::Broken => style.bad("✗"),
        State::Unknown => style.dim("?"),
    };
    let finding = wrapped(&check.finding, columns, 0);
    // Writing to a string cannot fail.
    let _ = writeln!(out, "  {mark} {:<NAME$} {finding}", clean(&check.name));
    let blank = " ".repeat(INDENT);
    if let Some(mended) = &check.mended {
        let _ = writeln!(out, "{blank}{} {}", style.good("mended:"), wrapped(mended, columns, 8));
    } else if let Some(remedy) = &check.remedy {
        let _ = writeln!(out, "{blank}{} {}", style.dim("→"), wrapped(remedy, columns, 2));
    }
}

/// Breaks a text into lines that begin where findings do; `more` columns of the first are taken.
fn wrapped(text: &str, columns: Option<usize>, more: usize) -> String {
    let text = clean(text).replace(['\n', '\t'], " ");
    let Some(width) = columns.and_then(|columns| columns.checked_sub(INDENT)) else { return text };
    let mut out = String::new();
    let mut taken = more;
    for (number, word) in text.split(' ').enumerate() {
        let long = word.chars().count();
        if number > 0 {
            if taken + 1 + long > width {
                out.push('\n');
                out.push_str(&" ".repeat(INDENT + more));
                taken = more;
            } else {
                out.push(' ');
                taken += 1;
            }
        }
        out.push_str(word);
        taken += long;
    }
    out
}

fn summed_up(checks: &[Check], style: Style) -> String {
    let number = |state: State| checks.iter().filter(|check| check.state == state).count();
    let (broken, warnings) = (number(State::Broken), number(State::Warning));
    let mended = checks.iter().filter(|check| check.mended.is_some()).count();
    let can_mend = checks.iter().filter(|check| check.can_mend && check.mended.is_none()).count();
    let mut parts = Vec::new();
    if mended > 0 {
        parts.push(format!("{} mended", count(mended, "thing")));
    }
    if broken > 0 {
        parts.push(format!("{broken} broken"));
    }
    if warnings > 0 {
        parts.push(format!("{warnings} could be better"));
    }
    let verdict = match (broken, warnings) {
        (0, 0) if mended > 0 => style.good(&format!("Everything is in order now ({}).", parts.join(", "))),
        (0, 0) => style.good("Everything is in order."),
        (0, _) => style.warn(&format!("It works: {}.", parts.join(", "))),
        _ => style.bad(&format!("Something does not work: {}.", parts.join(", "))),
    };
    if can_mend == 0 {
        return verdict;
    }
    format!("{verdict} {} can be mended: jamey doctor --fix", count(can_mend, "thing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(checks: &[Check]) -> String {
        shown(checks, &Globals::default(), Style::default(), None)
    }

    #[test]
    fn what_is_wrong_is_shown_with_its_remedy_and_the_last_line_sums_up() {
        let checks = [
            Check::broken("model", "none is chosen", "choose one"),
            Check::fine("folders", "good"),
            Check::warning("runtime", "none is running", "start it").mendable(),
        ];
        assert_eq!(
            plain(&checks),
            "This machine\n  ✓ folders   good\n\n\
             The runtime\n  ! runtime   none is running\n              → start it\n\n\
             Models\n  ✗ model     none is chosen\n              → choose one\n\n\
             Something does not work: 1 broken, 1 could be better. 1 thing can be mended: jamey doctor --fix\n"
        );
        let quiet = Globals { quiet: true, ..Globals::default() };
        assert!(!shown(&checks, &quiet, Style::default(), None).contains("folders"));
    }

    #[test]
    fn what_was_mended_takes_the_place_of_the_remedy() {
        let text = plain(&[Check::fine("folders", "closed again").mended("closed it (was 755)")]);
        assert!(text.contains("mended: closed it (was 755)"), "{text}");
        assert!(text.ends_with("Everything is in order now (1 thing mended).\n"), "{text}");
        assert!(plain(&[Check::fine("a", "b")]).ends_with("Everything is in order.\n"));
    }

    #[test]
    fn long_findings_break_where_findings_begin_and_hold_no_control_characters() {
        let finding = "one two three four five six seven eight nine ten eleven twelve";
        let checks = [Check::warning("disk", finding, "do\u{1b}[2J this\nnow")];
        let text = shown(&checks, &Globals::default(), Style::default(), Some(44));
        assert!(
            text.lines().all(|line| line.chars().count() <= 44 || line.starts_with("It works")),
            "{text}"
        );
        assert!(text.contains("\n              seven"), "{text}");
        assert!(crate::render::is_clean(&text));
    }
}
