//! What the tray shows, made from how the connection stands and what the sessions do.

use jamey_protocol::{Session, SessionId, SessionStatus, monitor::Share};

use crate::{
    connection::{Connection, ConnectionState},
    notify::cut,
    words::{Language, Words},
};

/// How many sessions the menu offers.
pub const RECENT: usize = 5;

/// What the icon says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// Nothing runs.
    #[default]
    Idle,
    /// A turn runs.
    Working,
    /// A person is asked.
    NeedsYou,
    /// Something does not work.
    Trouble,
}

/// Everything that the tray shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The language of its texts.
    pub language: Language,
    /// The icon.
    pub mood: Mood,
    /// One line on how things stand.
    pub status: String,
    /// What Jamey takes of this machine, in words; nothing while that is not known.
    pub load: Option<String>,
    /// How many sessions wait for a person, in words; nothing when none does.
    pub waiting: Option<String>,
    /// The session that waits longest.
    pub first_waiting: Option<SessionId>,
    /// The model that new sessions use.
    pub model: String,
    /// The sessions that were used last, with their names.
    pub recent: Vec<(SessionId, String)>,
    /// Whether everything is held.
    pub paused: bool,
    /// Whether there is a runtime that could be held.
    pub can_pause: bool,
    /// Whether the shell starts at login.
    pub autostart: bool,
}

/// What is known besides the sessions.
#[derive(Clone, Debug, Default)]
pub struct Circumstances {
    /// The language to speak.
    pub language: Language,
    /// The default model, where one is set.
    pub model: Option<String>,
    /// What is wrong: why the last turn failed, if that was the fault of a model, a key or the machine, or what the
    /// runtime found.
    pub trouble: Option<String>,
    /// What the runtime and everything that it started take.
    pub load: Option<Share>,
    /// Whether everything is held.
    pub paused: bool,
    /// Whether the shell starts at login.
    pub autostart: bool,
}

impl View {
    /// Makes it.
    #[must_use]
    pub fn of(connection: &Connection, sessions: &[Session], around: &Circumstances) -> Self {
        let words = around.language.words();
        let count = |status| sessions.iter().filter(|session| session.status == status).count();
        let (running, waiting) = (count(SessionStatus::Running), count(SessionStatus::Waiting));
        let is_ready = connection.state == ConnectionState::Ready;
        let (mood, status) = match (&connection.error, &around.trouble) {
            (Some(error), _) => (Mood::Trouble, error.message.clone()),
            _ if !is_ready => (Mood::Idle, words.starting.to_owned()),
            _ if waiting > 0 => (Mood::NeedsYou, words.needs_you.to_owned()),
            // Before what runs: that goes on to its end, or waits for this too.
            _ if around.paused => (Mood::Idle, words.paused.to_owned()),
            _ if running > 0 => (Mood::Working, (words.running)(running)),
            (None, Some(trouble)) => (Mood::Trouble, trouble.clone()),
            (None, None) => (Mood::Idle, words.ready.to_owned()),
        };
        let longest = sessions.iter().filter(|session| session.status == SessionStatus::Waiting);
        Self {
            language: around.language,
            mood,
            status: cut(&status),
            load: around.load.map(|share| load(words, share)),
            waiting: (waiting > 0).then(|| (words.waiting)(waiting)),
            first_waiting: longest.min_by_key(|session| session.updated_at).map(|session| session.id),
            model: around.model.as_deref().map_or_else(|| words.model_chosen.to_owned(), cut),
            recent: sessions.iter().take(RECENT).map(|session| (session.id, title(words, session))).collect(),
            paused: is_ready && around.paused,
            can_pause: is_ready,
            autostart: around.autostart,
        }
    }
}

/// Processor time and memory on one line.
fn load(words: &Words, share: Share) -> String {
    // Whole numbers: the line is looked at, not read off.
    let memory = match share.memory_bytes {
        bytes if bytes < 1_000_000_000 => format!("{} MB", bytes / 1_000_000),
        bytes => format!("{}.{} GB", bytes / 1_000_000_000, bytes / 100_000_000 % 10),
    };
    match share.cpu_percent {
        Some(cpu) => (words.load)(cpu, &memory),
        None => (words.memory)(&memory),
    }
}

/// What a session is called where there is little room.
#[must_use]
pub fn title(words: &Words, session: &Session) -> String {
    let named = session.name.as_deref().or(session.title.as_deref()).map(str::trim);
    let text = cut(named.filter(|text| !text.is_empty()).unwrap_or(words.new_session));
    let mut short: String = text.chars().take(48).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use jamey_protocol::{ApiError, ErrorCode, Settings};

    use super::*;

    const EN: fn() -> &'static Words = || Language::En.words();

    fn session(status: SessionStatus, updated_at: i64) -> Session {
        Session {
            id: SessionId::new(),
            name: None,
            title: Some("what\nis it".to_owned()),
            cwd: PathBuf::from("/"),
            settings: Settings::default(),
            status,
            created_at: 0,
            updated_at,
            head: 0,
        }
    }

    fn ready() -> Connection {
        Connection::ready("1".to_owned())
    }

    #[test]
    fn who_waits_for_a_person_comes_before_what_runs_and_that_before_old_trouble() {
        let around = Circumstances { trouble: Some("no key".to_owned()), ..Circumstances::default() };
        let (running, waiting) = (session(SessionStatus::Running, 3), session(SessionStatus::Waiting, 2));
        let older = session(SessionStatus::Waiting, 1);
        let view = View::of(&ready(), &[running.clone(), waiting, older.clone()], &around);
        assert_eq!((view.mood, view.first_waiting), (Mood::NeedsYou, Some(older.id)));
        assert_eq!(view.waiting.as_deref(), Some("2 sessions wait for you"));
        let view = View::of(&ready(), &[running], &around);
        assert_eq!((view.mood, view.status.as_str()), (Mood::Working, "1 turn running"));
        let view = View::of(&ready(), &[], &around);
        assert_eq!((view.mood, view.status.as_str()), (Mood::Trouble, "no key"));
        let view = View::of(&ready(), &[], &Circumstances::default());
        assert_eq!((view.mood, view.status.as_str()), (Mood::Idle, "Ready"));
        let german = Circumstances { language: Language::De, ..Circumstances::default() };
        let view = View::of(&ready(), &[session(SessionStatus::Running, 1)], &german);
        assert_eq!(view.status, "1 Durchlauf aktiv");
    }

    #[test]
    fn a_lost_runtime_is_trouble_and_one_that_starts_is_not() {
        let error = ApiError::new(ErrorCode::Unreachable, "no runtime answers");
        let view = View::of(&Connection::failed(error), &[], &Circumstances::default());
        assert_eq!((view.mood, view.status.as_str()), (Mood::Trouble, "no runtime answers"));
        let view = View::of(&Connection::default(), &[], &Circumstances::default());
        assert_eq!(view.mood, Mood::Idle);
    }

    #[test]
    fn a_pause_is_told_before_what_it_holds_and_never_hides_a_question_or_a_fault() {
        let around =
            Circumstances { paused: true, trouble: Some("no key".to_owned()), ..Circumstances::default() };
        let (running, waiting) = (session(SessionStatus::Running, 2), session(SessionStatus::Waiting, 1));
        let shown = |connection: &Connection, sessions: &[Session]| {
            let view = View::of(connection, sessions, &around);
            (view.mood, view.status, view.paused)
        };
        assert_eq!(shown(&ready(), &[]), (Mood::Idle, "Paused".to_owned(), true));
        assert_eq!(shown(&ready(), std::slice::from_ref(&running)), (Mood::Idle, "Paused".to_owned(), true));
        assert_eq!(shown(&ready(), &[running, waiting]), (Mood::NeedsYou, "Needs you".to_owned(), true));
        let lost = Connection::failed(ApiError::new(ErrorCode::Unreachable, "gone"));
        assert_eq!(shown(&lost, &[]), (Mood::Trouble, "gone".to_owned(), false));
    }

    #[test]
    fn what_jamey_takes_is_one_line() {
        let share = |cpu_percent, memory_bytes| Share { processes: 1, cpu_percent, memory_bytes };
        assert_eq!(load(EN(), share(Some(0.4), 14_900_000)), "Processor 0 %, memory 14 MB");
        assert_eq!(load(EN(), share(Some(152.5), 1_870_000_000)), "Processor 152 %, memory 1.8 GB");
        assert_eq!(load(EN(), share(None, 14_900_000)), "Memory 14 MB");
    }

    #[test]
    fn titles_are_one_short_line() {
        assert_eq!(title(EN(), &session(SessionStatus::Idle, 0)), "what is it");
        let long = Session { name: Some("é".repeat(100)), ..session(SessionStatus::Idle, 0) };
        assert_eq!(title(EN(), &long).chars().count(), 49);
        let blank = Session { title: Some("  ".to_owned()), ..session(SessionStatus::Idle, 0) };
        assert_eq!(title(EN(), &blank), "New session");
    }
}
