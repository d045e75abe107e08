//! Hears what happens in all sessions, and has the tray and the notifications tell it.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};

use futures_util::future::join;
use jamey_ipc::{Client, client::SessionQuery};
use jamey_protocol::{
    ApiError, ErrorCode, Event, EventBody, Outcome, Session, SessionId, SessionStatus, health::State,
    monitor::Share, status::Status,
};
use tauri::{AppHandle, Manager as _};
use tokio::sync::Notify;

use super::view::{Circumstances, View, title};
use crate::{
    adopt::adopt,
    autostart,
    connection::Listener,
    desk::Desk,
    first::{First, first_of},
    notify::{self, News},
    words::Words,
};

/// Sessions that are looked at: whatever runs or waits was used lately.
const LOOKED_AT: u32 = 50;
/// Events come in swarms; the tray follows them at this distance.
const DISTANCE: Duration = Duration::from_millis(250);

/// What no event tells (processor and memory, what the runtime found, the model it takes) is asked for at this
/// distance; more often would keep both awake.
const LOOK: Duration = Duration::from_secs(60);

/// What the keeper of the connection tells.
#[derive(Debug)]
pub struct Teller {
    app: AppHandle,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    heard: Notify,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    sessions: Vec<Session>,
    /// Those in which a turn runs.
    working: HashSet<SessionId>,
    trouble: Option<String>,
    /// Something was set, which may be what mends the trouble; the next turn tells.
    is_set_anew: bool,
}

impl Shared {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn hear(&mut self, event: &Event) {
        match &event.body {
            EventBody::TurnStarted { .. } => drop(self.working.insert(event.session)),
            EventBody::TurnEnded { outcome } => {
                self.working.remove(&event.session);
                self.trouble = trouble(outcome);
            }
            EventBody::SessionDeleted {} => drop(self.working.remove(&event.session)),
            EventBody::ConfigChanged { .. } => self.is_set_anew = true,
            _ => {}
        }
    }

    fn list(&mut self, sessions: Vec<Session>) {
        let working = sessions.iter().filter(|session| session.status == SessionStatus::Running);
        self.working = working.map(|session| session.id).collect();
        self.sessions = sessions;
    }
}

impl Teller {
    /// Makes one, and the task that keeps the tray true.
    #[must_use]
    pub fn begin(app: &AppHandle) -> Self {
        let shared = Arc::new(Shared::default());
        tauri::async_runtime::spawn(keep(app.clone(), Arc::clone(&shared)));
        Self { app: app.clone(), shared }
    }
}

impl Listener for Teller {
    fn connected(&mut self, _client: &Client) {
        self.shared.heard.notify_one();
    }

    fn expects(&self) -> bool {
        !self.shared.known().working.is_empty()
    }

    fn happened(&mut self, event: Event) {
        self.shared.known().hear(&event);
        if changes_the_tray(&event.body) {
            self.shared.heard.notify_one();
        }
        let Some(news) = notify::heard(&self.app, &event) else { return };
        let name = named(words(&self.app), &self.shared.known().sessions, event.session);
        if name.is_some() {
            notify::tell(&self.app, news, name);
        } else {
            // Newer than the last look at the list, or older than what is looked at.
            tauri::async_runtime::spawn(tell_of_unknown(self.app.clone(), news));
        }
    }
}

/// Tells of a session whose name has to be asked for.
async fn tell_of_unknown(app: AppHandle, news: News) {
    let client = app.state::<Desk>().link.client_now();
    let name = match client {
        Some(client) => client.session(news.session).await.ok().map(|session| title(words(&app), &session)),
        None => None,
    };
    notify::tell(&app, news, name);
}

fn changes_the_tray(body: &EventBody) -> bool {
    match body {
        EventBody::SessionUpdated { .. }
        | EventBody::TurnStarted { .. }
        | EventBody::ApprovalRequested { .. }
        | EventBody::ApprovalResolved { .. }
        | EventBody::TurnEnded { .. }
        | EventBody::ConfigChanged { .. }
        | EventBody::SessionDeleted {} => true,
        EventBody::ItemStarted { .. }
        | EventBody::ItemDelta { .. }
        | EventBody::ItemCompleted { .. }
        | EventBody::UsageUpdated { .. }
        | EventBody::Notice { .. }
        | EventBody::Unknown => false,
    }
}

fn named(words: &Words, sessions: &[Session], id: SessionId) -> Option<String> {
    sessions.iter().find(|session| session.id == id).map(|session| title(words, session))
}

fn words(app: &AppHandle) -> &'static Words {
    app.state::<Desk>().settings.words()
}

/// The first that the runtime found and that does not work.
fn found(status: &Status) -> Option<String> {
    let broken = status.problems.iter().find(|check| check.state == State::Broken);
    broken.map(|check| check.finding.clone())
}

/// Why a turn failed, if the same would happen to the next one.
fn trouble(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Failed { error } => match error.code {
            ErrorCode::Auth
            | ErrorCode::Provider
            | ErrorCode::NoModel
            | ErrorCode::Storage
            | ErrorCode::Config
            | ErrorCode::Internal => Some(error.message.clone()),
            _ => None,
        },
        Outcome::Completed | Outcome::Interrupted { .. } => None,
    }
}

async fn keep(app: AppHandle, shared: Arc<Shared>) {
    let desk = app.state::<Desk>();
    let mut connection = desk.link.changes();
    let (mut looked, mut look_at) = (Looked::default(), Instant::now());
    // Asked once until something changes: the runtime asks every vendor for it.
    let mut chosen: Option<Option<String>> = None;
    let mut seen = serde_json::Value::Null;
    loop {
        if desk.tray.is_mended.swap(false, Ordering::Relaxed) {
            shared.known().trouble = None;
            (look_at, chosen) = (Instant::now(), None);
        }
        if let Some(client) = desk.link.client_now() {
            let query = SessionQuery { limit: Some(LOOKED_AT), ..SessionQuery::default() };
            // What cannot be had now is told by the connection.
            let (sessions, config) = join(client.sessions(&query), client.config()).await;
            let values = config.map(|view| view.values).unwrap_or_default();
            adopt(&app, &values);
            if std::mem::take(&mut shared.known().is_set_anew) && !differ_in_looks(&seen, &values) {
                shared.known().trouble = None;
            }
            let language = desk.settings.language();
            let model = values["models"]["default"].as_str().map(str::to_owned);
            let model = model.filter(|model| !model.is_empty());
            let paused = values["runtime"]["paused"] == true;
            seen = values;
            if Instant::now() >= look_at {
                looked = look(&client).await;
                look_at = Instant::now() + LOOK;
            }
            if model.is_none() && chosen.is_none() {
                chosen = taken_model(&client).await.ok();
            }
            let mut known = shared.known();
            if let Ok(page) = sessions {
                known.list(page.data);
            }
            let trouble = known.trouble.clone().or_else(|| looked.problem.clone());
            let (model, load) = (model.or_else(|| chosen.clone().flatten()), looked.load);
            let autostart = autostart::is_on(&app);
            let around = Circumstances { language, model, trouble, load, paused, autostart };
            super::show(&app, View::of(&desk.link.connection(), &known.sessions, &around));
        } else {
            (look_at, chosen) = (Instant::now(), None);
            let language = desk.settings.language();
            let around =
                Circumstances { language, autostart: autostart::is_on(&app), ..Circumstances::default() };
            super::show(&app, View::of(&desk.link.connection(), &[], &around));
        }
        tokio::time::sleep(DISTANCE).await;
        let noted = first_of(shared.heard.notified(), desk.tray.changed.notified());
        let heard = first_of(noted, connection.changed());
        if let Ok(First::Right(Err(_))) = tokio::time::timeout(LOOK, heard).await {
            return;
        }
    }
}

/// Whether two configurations differ in what is set for the desktop, and in nothing else.
fn differ_in_looks(one: &serde_json::Value, other: &serde_json::Value) -> bool {
    let parts = |values: &serde_json::Value| {
        let mut rest = values.as_object().cloned().unwrap_or_default();
        (rest.remove("desktop"), rest)
    };
    let ((desktop, rest), (other_desktop, other_rest)) = (parts(one), parts(other));
    rest == other_rest && desktop != other_desktop
}

/// What no event tells.
#[derive(Debug, Default)]
struct Looked {
    load: Option<Share>,
    problem: Option<String>,
}

async fn look(client: &Client) -> Looked {
    let (load, status) = join(load(client), client.status()).await;
    Looked { load, problem: status.ok().as_ref().and_then(found) }
}

/// The model that the runtime takes where none is set.
async fn taken_model(client: &Client) -> Result<Option<String>, ApiError> {
    let models = client.models().await?;
    Ok(models.into_iter().find(|model| model.default).map(|model| model.id))
}

/// What the runtime and everything that it started take now.
async fn load(client: &Client) -> Option<Share> {
    let now = client.monitor(1, 0).await.ok()?.now;
    let cpu_percent = match (now.own.cpu_percent, now.children.cpu_percent) {
        (Some(own), Some(children)) => Some(own + children),
        (own, children) => own.or(children),
    };
    Some(Share {
        processes: now.own.processes + now.children.processes,
        cpu_percent,
        memory_bytes: now.own.memory_bytes + now.children.memory_bytes,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_set_for_the_desktop_alone_mends_no_trouble() {
        let before = json!({"desktop": {"theme": "dark"}, "limits": {"max_turns": 7}});
        assert!(differ_in_looks(
            &before,
            &json!({"desktop": {"theme": "light"}, "limits": {"max_turns": 7}})
        ));
        assert!(!differ_in_looks(
            &before,
            &json!({"desktop": {"theme": "dark"}, "limits": {"max_turns": 8}})
        ));
        // A key that was given changes no value.
        assert!(!differ_in_looks(&before, &before));
        assert!(!differ_in_looks(&serde_json::Value::Null, &before));
    }
}
