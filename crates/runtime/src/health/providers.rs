//! The providers, seen from the calls of the person. One whose last calls failed is asked now and then whether
//! it is back; nobody else is contacted, unless the person asks for it.

use std::time::Instant;

use jamey_engine::ports::{ErrorKind, ProviderError};
use jamey_protocol::health::{Check, ProviderHealth, State};

use crate::host::Host;

const NAME: &str = "provider";

pub(super) async fn check(host: &Host, asks: bool) -> Vec<Check> {
    if asks {
        let default = host.live.now().default_model.clone().unwrap_or_default();
        let answers = host.models.ask_all(Instant::now()).await;
        return answers.iter().map(|(name, answer)| asked(name, answer, &default)).collect();
    }
    host.models.ask_failed(Instant::now()).await;
    // What was never asked is not looked at; the local model has a check of its own.
    let seen =
        host.models.health().into_iter().filter(|it| it.name != "local" && it.success_percent.is_some());
    seen.map(|health| judge(&health)).collect()
}

fn judge(health: &ProviderHealth) -> Check {
    let finding = format!("{}: {}", health.name, health.finding);
    const REMEDY: &str =
        "look at the network and the provider's own page, or use another model: jamey models";
    match health.state {
        State::Fine | State::Unknown => Check::fine(NAME, finding),
        State::Warning => Check::warning(NAME, finding, REMEDY),
        State::Broken => Check::broken(NAME, finding, REMEDY),
    }
}

fn asked(name: &str, answer: &Result<usize, ProviderError>, default: &str) -> Check {
    match answer {
        Ok(count) => Check::fine(NAME, format!("{name}: answers, with {count} models")),
        // It has no list, but it is there.
        Err(error) if error.kind == ErrorKind::NotFound => {
            Check::fine(NAME, format!("{name}: answers, and lists no models"))
        }
        Err(error) => {
            let remedy =
                error.hint.clone().unwrap_or_else(|| "look at the network and at its address".to_owned());
            let finding = format!("{name}: {}", error.message);
            if default.split_once('/').is_some_and(|(provider, _)| provider == name) {
                Check::broken(NAME, finding, remedy)
            } else {
                Check::warning(NAME, finding, remedy)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_that_does_not_answer_is_broken_only_where_new_turns_need_it() {
        let silent = Err(ProviderError::new(ErrorKind::Timeout, "no answer within 3 s"));
        assert_eq!(asked("a", &silent, "a/model").state, State::Broken);
        assert_eq!(asked("a", &silent, "b/model").state, State::Warning);
        assert_eq!(asked("a", &Ok(3), "a/model").state, State::Fine);
    }
}
