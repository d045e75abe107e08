//! How the runtime's parts stand, what is wrong with them, and what was done about it.

use serde::{Deserialize, Serialize};

/// How something stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// In order.
    Fine,
    /// It works, but not as it should.
    Warning,
    /// It does not work.
    Broken,
    /// A state of a later version.
    #[default]
    #[serde(other)]
    Unknown,
}

/// One thing that was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// What, in one word.
    pub name: String,
    /// How it stands now, after anything that was done.
    pub state: State,
    /// What was found, in one sentence.
    pub finding: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// What this look did about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mended: Option<String>,
    /// Whether `jamey doctor --fix` can do something about it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub can_mend: bool,
}

impl Check {
    /// It is in order.
    pub fn fine(name: &str, finding: impl Into<String>) -> Self {
        Self { name: name.to_owned(), state: State::Fine, finding: finding.into(), ..Self::default() }
    }

    /// It works, but not as it should.
    pub fn warning(name: &str, finding: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { state: State::Warning, remedy: Some(remedy.into()), ..Self::fine(name, finding) }
    }

    /// It does not work.
    pub fn broken(name: &str, finding: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { state: State::Broken, ..Self::warning(name, finding, remedy) }
    }

    /// It can be put right by `jamey doctor --fix`.
    #[must_use]
    pub fn mendable(self) -> Self {
        Self { can_mend: true, ..self }
    }

    /// It was put right by this look.
    #[must_use]
    pub fn mended(self, what: impl Into<String>) -> Self {
        Self { mended: Some(what.into()), ..self }
    }
}

/// The body of `POST /v1/health`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LookRequest {
    /// Put right what can be put right.
    #[serde(default)]
    pub fix: bool,
    /// Ask the providers for their list of models, each for at most three seconds.
    #[serde(default)]
    pub ask_providers: bool,
}

/// The answer of `GET` and `POST /v1/health`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// When it was looked, in milliseconds since 1970.
    pub checked_at: i64,
    /// Whether nothing is broken.
    pub ok: bool,
    /// Everything that was looked at.
    pub checks: Vec<Check>,
}

impl Report {
    /// Sums up checks.
    #[must_use]
    pub fn of(checked_at: i64, checks: Vec<Check>) -> Self {
        Self { checked_at, ok: checks.iter().all(|check| check.state != State::Broken), checks }
    }
}

/// What the calls of one provider came to since the runtime started.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct ProviderHealth {
    /// Its name in `provider/model`.
    pub name: String,
    /// How it stands.
    pub state: State,
    /// The same in words.
    pub finding: String,
    /// Calls that were answered to the end.
    pub answered: u64,
    /// Calls that failed through the provider's or the network's fault.
    pub failed: u64,
    /// Share of the last calls (at most 20) that were answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success_percent: Option<u8>,
    /// Usual milliseconds to the first word of an answer, over the last calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_word_ms: Option<u64>,
    /// When it last answered, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<i64>,
    /// Its last failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_failure: Option<Dated>,
    /// Whether a turn asks it now that has another model to go on with. Without `models.fallback` every turn asks it.
    #[serde(default)]
    pub gate: GateState,
    /// Seconds for which it is still left alone; absent unless the gate is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_alone_seconds: Option<u64>,
}

/// Whether a provider is asked where others can go on instead, in the words for an electric circuit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum GateState {
    /// It is asked as ever.
    Closed,
    /// It was left alone for long enough; one call finds out whether it is back.
    HalfOpen,
    /// It is left alone, since it failed again and again or asked for it.
    Open,
    /// An older runtime does not tell, or a later one says something new.
    #[default]
    #[serde(other)]
    Unknown,
}

/// Something that happened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Dated {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// What, in one sentence.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_of_a_later_version_is_read_and_bad_news_decide() {
        let read: Check = serde_json::from_str(r#"{"name":"a","state":"melted","finding":"f"}"#).unwrap();
        assert_eq!(read.state, State::Unknown);
        assert!(Report::of(0, vec![Check::warning("a", "b", "c")]).ok);
        assert!(!Report::of(0, vec![Check::fine("a", "b"), Check::broken("a", "b", "c")]).ok);
    }
}
