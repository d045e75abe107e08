//! Finds the session that a person means, and names near ones when there is none.

use std::path::Path;

use jamey_ipc::{Client, client::SessionQuery};
use jamey_protocol::{ApiError, ErrorCode, Session, SessionId};

/// How many sessions are looked through for near names.
const LOOK: u32 = 500;
/// The shortest end of an id that is looked for.
const SHORTEST_END: usize = 4;

/// Finds a session by id, name, or the beginning or end of its id.
pub async fn session(client: &Client, wanted: &str) -> Result<Session, ApiError> {
    let missing = match client.find_session(wanted).await {
        Err(error) if error.code == ErrorCode::NotFound => error,
        other => return other,
    };
    let query = SessionQuery { limit: Some(LOOK), ..SessionQuery::default() };
    let known = client.sessions(&query).await?.data;
    let mut ending = known.iter().filter(|session| ends_with(session.id, wanted));
    if let (Some(session), None) = (ending.next(), ending.next()) {
        return Ok(session.clone());
    }
    let near = nearest(wanted, known.iter().filter_map(|session| session.name.as_deref()));
    let hint = if near.is_empty() {
        "list the sessions with: jamey sessions".to_owned()
    } else {
        format!("did you mean {}?", near.join(", "))
    };
    Err(missing.hint(hint))
}

/// Finds the last session of a folder.
pub async fn last_of(client: &Client, folder: &Path) -> Result<Session, ApiError> {
    let cwd = folder.to_string_lossy().into_owned();
    let query = SessionQuery { cwd: Some(cwd), limit: Some(1), ..SessionQuery::default() };
    client.sessions(&query).await?.data.into_iter().next().ok_or_else(|| {
        ApiError::new(ErrorCode::NotFound, format!("there is no session of {} yet", folder.display()))
            .hint("leave --continue out to begin one")
    })
}

/// The end of an id that lists show: its beginning is only the time.
#[must_use]
pub fn short(id: SessionId) -> String {
    let id = id.to_string();
    id.get(id.len().saturating_sub(8)..).unwrap_or_default().to_owned()
}

fn ends_with(id: SessionId, end: &str) -> bool {
    end.len() >= SHORTEST_END && id.to_string().ends_with(&end.to_ascii_lowercase())
}

fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let wanted = wanted.to_lowercase();
    let mut near: Vec<(f64, &str)> = names
        .map(|name| (strsim::jaro_winkler(&wanted, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .collect();
    near.sort_by(|one, other| other.0.total_cmp(&one.0));
    near.into_iter().take(3).map(|(_, name)| format!("\"{name}\"")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_offered_and_far_ones_are_not() {
        let names = ["plans", "planes", "groceries", "Plan B"];
        assert_eq!(nearest("plnas", names.into_iter()).first().map(String::as_str), Some("\"plans\""));
        assert!(nearest("xyz", names.into_iter()).is_empty());
    }

    #[test]
    fn a_session_is_found_by_the_end_that_lists_show() {
        let id = SessionId::new();
        assert!(ends_with(id, &short(id)));
        assert!(ends_with(id, &short(id).to_uppercase()));
        assert!(!ends_with(id, "zzzz"));
        assert!(!ends_with(id, ""));
    }
}
