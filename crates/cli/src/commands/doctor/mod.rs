//! `jamey doctor`: looks at everything that can be wrong, says how to put it right, and does so with `--fix`.
//!
//! Layout: `local` is what can be seen and mended without a runtime, `remote` what the runtime says of itself,
//! `view` how it is shown. Nothing here asks or does what could lose something.

mod local;
mod remote;
mod view;

use std::time::{SystemTime, UNIX_EPOCH};

use jamey_protocol::{
    ApiError,
    health::{Check, Report},
};

use super::wait_for;
use crate::{
    exit,
    link::Link,
    render::{self, Style},
};

/// What may be done about what is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// Nothing: only look.
    Look,
    /// What can be put right.
    Fix,
}

pub fn run(link: &Link, treatment: Treatment) -> Result<u8, ApiError> {
    let here = local::checks(&link.folders, treatment);
    let there = wait_for(async { Ok(remote::checks(link, treatment).await) })?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let report = Report::of(i64::try_from(now).unwrap_or(i64::MAX), together(here, there));
    if link.globals.json {
        render::print_json(&report);
    } else {
        render::print(&view::shown(&report.checks, &link.globals, Style::of_stdout(), view::columns()));
    }
    Ok(if report.ok { exit::DONE } else { exit::FAILED })
}

/// What the runtime says of a part counts more than what was seen from here, except what was mended here.
fn together(mut here: Vec<Check>, there: Vec<Check>) -> Vec<Check> {
    here.retain(|check| check.mended.is_some() || there.iter().all(|other| other.name != check.name));
    here.extend(there);
    here
}

/// An error as a finding.
fn of_error(name: &str, error: &ApiError) -> Check {
    let remedy = error.hint.clone().unwrap_or_else(|| "look at the log: jamey runtime logs".to_owned());
    Check::broken(name, error.message.clone(), remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_is_told_once_and_what_was_mended_here_is_not_lost() {
        let here = vec![
            Check::fine("disk", "seen from here"),
            Check::fine("folders", "closed").mended("closed it"),
            Check::fine("programs", "there"),
        ];
        let there = vec![Check::fine("disk", "seen from there"), Check::fine("folders", "well")];
        let names: Vec<_> = together(here, there).into_iter().map(|it| it.finding).collect();
        assert_eq!(names, ["closed", "there", "seen from there", "well"]);
    }
}
