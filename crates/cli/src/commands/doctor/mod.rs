//! `jamey doctor`: looks at everything that can be wrong, and says how to put it right.

mod local;
mod remote;

use std::fmt::Write as _;

use jamey_protocol::ApiError;
use serde::Serialize;

use super::wait_for;
use crate::{
    exit,
    link::Link,
    render::{self, clean},
};

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum State {
    /// In order.
    Fine,
    /// It works, but not as it should.
    Warning,
    /// It does not work.
    Broken,
}

/// One thing that was looked at.
#[derive(Clone, Debug, Serialize)]
struct Check {
    name: String,
    state: State,
    finding: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

impl Check {
    fn fine(name: &str, finding: impl Into<String>) -> Self {
        Self { name: name.to_owned(), state: State::Fine, finding: finding.into(), remedy: None }
    }

    fn warning(name: &str, finding: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { state: State::Warning, remedy: Some(remedy.into()), ..Self::fine(name, finding) }
    }

    fn broken(name: &str, finding: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { state: State::Broken, ..Self::warning(name, finding, remedy) }
    }

    fn of_error(name: &str, error: &ApiError) -> Self {
        Self { state: State::Broken, remedy: error.hint.clone(), ..Self::fine(name, error.message.clone()) }
    }
}

pub fn run(link: &Link) -> Result<u8, ApiError> {
    let mut checks = local::checks(&link.folders);
    checks.extend(wait_for(async { Ok(remote::checks(link).await) })?);
    let broken = checks.iter().filter(|check| check.state == State::Broken).count();
    if link.globals.json {
        render::print_json(&serde_json::json!({ "ok": broken == 0, "checks": checks }));
    } else {
        render::print(&report(&checks, link.globals.quiet));
    }
    Ok(if broken == 0 { exit::DONE } else { exit::FAILED })
}

fn report(checks: &[Check], quiet: bool) -> String {
    let mut out = String::new();
    for check in checks.iter().filter(|check| !quiet || check.state != State::Fine) {
        let mark = match check.state {
            State::Fine => "ok",
            State::Warning => "warn",
            State::Broken => "FAIL",
        };
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{mark:<5} {:<10} {}", check.name, clean(&check.finding));
        if let Some(remedy) = &check.remedy {
            let _ = writeln!(out, "      {:<10} → {}", "", clean(remedy));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_shown_with_its_remedy() {
        let checks = [Check::fine("a", "good"), Check::broken("b", "bad", "mend it")];
        assert_eq!(
            report(&checks, false),
            "ok    a          good\nFAIL  b          bad\n                 → mend it\n"
        );
        assert!(!report(&checks, true).contains("good"));
    }
}
