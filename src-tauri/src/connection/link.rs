//! What everybody holds of the connection: how it stands, and the client while there is one.

use std::{
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jamey_ipc::{Client, Folders};
use jamey_protocol::{ApiError, ErrorCode};
use tauri::async_runtime::JoinHandle;
use tokio::sync::{mpsc, oneshot, watch};

use super::stand::{Connection, ConnectionState};
use crate::{settings::Settings, words::Words};

/// How long a question waits for a runtime that is being found or started.
const PATIENCE: Duration = Duration::from_secs(15);
/// After so long without an answer it is asked whether the runtime still gives any, and again after as long. Some
/// questions take longer by right: those that go on to a provider.
const DOUBT: Duration = Duration::from_secs(4);

/// What the keeper may be asked.
#[derive(Debug)]
pub enum Knock {
    /// Somebody looks: if there is no runtime, start one.
    Look,
    /// Somebody waits long for an answer: see whether the runtime still gives any.
    Doubt,
    /// Put it right, whatever it takes, and say how that went.
    Mend(oneshot::Sender<Result<(), ApiError>>),
}

/// The connection as everybody sees it.
#[derive(Debug)]
pub struct Link {
    folders: Folders,
    settings: Arc<Settings>,
    connection: watch::Sender<Connection>,
    client: watch::Sender<Option<Client>>,
    knocks: mpsc::Sender<Knock>,
    /// The process id of the runtime that this shell started last.
    started: Mutex<Option<u32>>,
}

impl Link {
    /// A link that is not connected yet, and what its keeper hears.
    #[must_use]
    pub fn new(folders: Folders, settings: Arc<Settings>) -> (Self, mpsc::Receiver<Knock>) {
        let (knocks, heard) = mpsc::channel(8);
        let connection = watch::Sender::new(Connection::default());
        let client = watch::Sender::new(None);
        (Self { folders, settings, connection, client, knocks, started: Mutex::new(None) }, heard)
    }

    /// Where everything lies.
    #[must_use]
    pub fn folders(&self) -> &Folders {
        &self.folders
    }

    /// What to say, in the person's language.
    #[must_use]
    pub fn words(&self) -> &'static Words {
        self.settings.words()
    }

    /// How it stands.
    #[must_use]
    pub fn connection(&self) -> Connection {
        self.connection.borrow().clone()
    }

    /// Hears of each change.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<Connection> {
        self.connection.subscribe()
    }

    /// The client for one question, as soon as there is one. While it is held, a runtime that does not answer is
    /// noticed.
    ///
    /// # Errors
    /// Why there is none, once that is known; `Unreachable` after fifteen seconds of not knowing.
    pub async fn client(&self) -> Result<Asking, ApiError> {
        let mut changes = self.changes();
        let settled = changes.wait_for(|connection| !connection.is_on_its_way());
        match tokio::time::timeout(PATIENCE, settled).await {
            Ok(Ok(connection)) => {
                let error = connection.error.clone();
                drop(connection);
                let client = self.client.borrow().clone();
                match client {
                    Some(client) => Ok(Asking::of(client, self.knocks.clone())),
                    None => Err(error.unwrap_or_else(|| self.away())),
                }
            }
            Ok(Err(_)) | Err(_) => Err(self.away()),
        }
    }

    /// The client if there is one now.
    #[must_use]
    pub fn client_now(&self) -> Option<Client> {
        self.client.borrow().clone()
    }

    /// Waits, however long it takes, until a runtime answers.
    pub async fn ready(&self) -> Option<Client> {
        let mut clients = self.client.subscribe();
        clients.wait_for(Option::is_some).await.ok()?.clone()
    }

    /// The process id of the runtime that this shell started. The one that answers may be another: one that a
    /// terminal put in its place.
    #[must_use]
    pub fn started(&self) -> Option<u32> {
        *self.started.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody looks, so a runtime is wanted.
    pub fn look(&self) {
        // When the keeper has eight of these before it, it will get to the same.
        let _ = self.knocks.try_send(Knock::Look);
    }

    /// Starts or restarts the runtime.
    ///
    /// # Errors
    /// Why that did not help.
    pub async fn mend(&self) -> Result<(), ApiError> {
        let (told, outcome) = oneshot::channel();
        self.knocks.send(Knock::Mend(told)).await.map_err(|_| self.away())?;
        outcome.await.map_err(|_| self.away())?
    }

    pub(super) fn says(&self, connection: Connection) {
        self.connection.send_if_modified(|old| {
            let differs = *old != connection;
            *old = connection;
            differs
        });
    }

    pub(super) fn connected(&self, client: Client, version: String) {
        self.client.send_replace(Some(client));
        self.says(Connection::ready(version));
    }

    pub(super) fn lost(&self) {
        self.client.send_replace(None);
        self.says(Connection::at(ConnectionState::Connecting));
    }

    /// Notes the runtime that this shell started, also for one that took this one's place.
    pub fn note_started(&self, pid: Option<u32>) {
        *self.started.lock().unwrap_or_else(PoisonError::into_inner) = pid;
    }

    fn away(&self) -> ApiError {
        let words = self.words();
        ApiError::new(ErrorCode::Unreachable, words.no_runtime).hint(words.start_it).retryable()
    }
}

/// The client while somebody waits for its answer.
#[derive(Debug)]
pub struct Asking {
    client: Client,
    doubts: JoinHandle<()>,
}

impl Asking {
    fn of(client: Client, knocks: mpsc::Sender<Knock>) -> Self {
        let doubts = tauri::async_runtime::spawn(async move {
            loop {
                tokio::time::sleep(DOUBT).await;
                // Where the keeper has enough to do already, it will get to the same.
                let _ = knocks.try_send(Knock::Doubt);
            }
        });
        Self { client, doubts }
    }
}

impl Deref for Asking {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.doubts.abort();
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::words::Language;

    fn link(place: &Path) -> Link {
        let folders = Folders::under(place);
        let settings = Arc::new(Settings::open(&folders));
        Link::new(folders, settings).0
    }

    #[test]
    fn a_question_waits_while_the_runtime_starts_and_gets_the_reason_when_it_fails() {
        let link = link(Path::new("/nowhere"));
        let error = ApiError::new(ErrorCode::Config, "the file is wrong");
        let executor = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let (asked, ()) = executor.block_on(futures_util::future::join(link.client(), async {
            tokio::task::yield_now().await;
            link.says(Connection::failed(error.clone()));
        }));
        assert_eq!(asked.unwrap_err(), error);
    }

    #[test]
    fn that_nobody_answers_is_told_in_the_persons_language() {
        let temp = tempfile::tempdir().unwrap();
        let link = link(temp.path());
        link.settings.change(|kept| kept.language = Some(Language::De)).unwrap();
        let error = link.away();
        assert_eq!(error.message, Language::De.words().no_runtime);
        assert!(error.hint.unwrap().contains("jamey runtime start"));
    }

    #[test]
    fn another_protocol_is_told_apart_from_silence_and_who_of_the_two_is_older() {
        let state = |code, hint| Connection::failed(ApiError::new(code, "x").hint(hint)).state;
        assert_eq!(state(ErrorCode::Version, "restart the runtime"), ConnectionState::Incompatible);
        assert_eq!(state(ErrorCode::Version, "update jamey"), ConnectionState::Outdated);
        assert_eq!(state(ErrorCode::Unreachable, "update jamey"), ConnectionState::Failed);
    }
}
