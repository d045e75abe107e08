//! The local model: its program is there, its weights are, and its child does not die again and again. A child
//! that died is started by the next request, after a wait that doubles up to twenty seconds, so a loop of
//! crashes is bounded by itself; here it is seen.

use jamey_protocol::health::Check;
use jamey_providers::local::LocalCondition;

use crate::host::Host;

const NAME: &str = "local";
/// Deaths one after the other that are no accident.
const AGAIN_AND_AGAIN: u32 = 3;

pub(super) fn check(host: &Host) -> Option<Check> {
    let local = host.models.local();
    let config = host.live.now();
    let default = config.default_model.as_deref().and_then(|model| model.strip_prefix("local/"));
    let is_missing = default.is_some_and(|name| local.is_installed(name) == Some(false));
    if default.is_none() && local.installed() == 0 {
        return None;
    }
    Some(judge(&local.condition(), default.filter(|_| is_missing)))
}

fn judge(condition: &LocalCondition, missing: Option<&str>) -> Check {
    if !condition.has_program {
        return Check::broken(
            NAME,
            "the program jamey-local-model is missing, so no local model can run",
            "reinstall Jamey, so that it lies beside jamey-runtime",
        );
    }
    if let Some(name) = missing {
        let finding = format!("the default model local/{name} is not on this machine");
        return Check::broken(NAME, finding, format!("fetch it: jamey models pull {name}"));
    }
    if condition.deaths == 0 {
        return Check::fine(
            NAME,
            match &condition.loaded {
                Some(name) => format!("{name} is in memory"),
                None => "started when it is needed".to_owned(),
            },
        );
    }
    let how = condition.last_death.as_deref().unwrap_or("it ended");
    let next = match condition.next_start {
        Some(wait) => format!("; it may start again in {} s", wait.as_secs() + 1),
        None => "; the next request starts it again".to_owned(),
    };
    let remedy = "close other programs, or choose a smaller model: jamey models";
    if condition.deaths >= AGAIN_AND_AGAIN {
        return Check::broken(
            NAME,
            format!("died {} times in a row ({how}){next}", condition.deaths),
            remedy,
        );
    }
    Check::warning(NAME, format!("died and did not answer since ({how}){next}"), remedy)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jamey_protocol::health::State;

    use super::*;

    #[test]
    fn deaths_are_told_with_how_it_died_and_when_it_may_start_again() {
        let well = LocalCondition { has_program: true, ..LocalCondition::default() };
        assert_eq!(judge(&well, None).state, State::Fine);
        assert_eq!(judge(&LocalCondition::default(), None).state, State::Broken);
        assert!(judge(&well, Some("x")).remedy.unwrap().contains("pull x"));
        let dead = |deaths| LocalCondition {
            deaths,
            last_death: Some("out of memory".into()),
            next_start: Some(Duration::from_secs(2)),
            ..well.clone()
        };
        assert_eq!(judge(&dead(1), None).state, State::Warning);
        let loop_of_crashes = judge(&dead(3), None);
        assert_eq!(loop_of_crashes.state, State::Broken);
        for word in ["3 times", "out of memory", "in 3 s"] {
            assert!(loop_of_crashes.finding.contains(word), "{loop_of_crashes:?}");
        }
    }
}
