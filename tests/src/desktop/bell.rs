//! Who shows notifications: it keeps them, and can be clicked.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use zbus::{
    blocking::{Connection, connection::Builder},
    interface,
    object_server::SignalEmitter,
    zvariant::OwnedValue,
};

use super::Screen;
use crate::wait;

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// A notification that was to be shown.
#[derive(Clone, Debug)]
pub struct Shown {
    /// What the server calls it.
    pub id: u32,
    /// Its first line.
    pub summary: String,
    /// The rest.
    pub body: String,
    /// The names of what may be chosen, each followed by its text.
    pub actions: Vec<String>,
    /// Nobody has closed it yet.
    is_open: bool,
}

type All = Arc<Mutex<Vec<Shown>>>;

/// The service, as long as it lives.
pub struct Bell {
    connection: Connection,
    all: All,
}

impl Bell {
    /// Takes the service's name on this screen's bus.
    ///
    /// # Panics
    /// When another has it.
    #[must_use]
    pub fn hang(screen: &Screen) -> Self {
        let all = All::default();
        let connection = Builder::address(screen.bus())
            .and_then(|builder| builder.serve_at(PATH, Service(Arc::clone(&all))))
            .and_then(|builder| builder.name(NAME))
            .and_then(Builder::build)
            .unwrap();
        Self { connection, all }
    }

    /// Waits for a notification that says this in its body and is still there.
    ///
    /// # Panics
    /// When none comes.
    #[must_use]
    pub fn rung(&self, part: &str) -> Shown {
        wait::until(&format!("a notification that says {part:?}"), || {
            let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
            all.iter().find(|shown| shown.is_open && shown.body.contains(part)).cloned()
        })
    }

    /// Waits until it is taken back by who showed it.
    ///
    /// # Panics
    /// When it stays.
    pub fn taken_back(&self, shown: &Shown) {
        wait::until(&format!("{:?} to be taken back", shown.body), || {
            let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
            all.iter().any(|one| one.id == shown.id && !one.is_open).then_some(())
        });
    }

    /// Clicks on it.
    ///
    /// # Panics
    /// When the bus is gone.
    pub fn click(&self, shown: &Shown) {
        let chosen = (shown.id, "default");
        self.connection.emit_signal(None::<&str>, PATH, NAME, "ActionInvoked", &chosen).unwrap();
    }

    /// Puts it away, as a person does who has read it.
    ///
    /// # Panics
    /// When the bus is gone.
    pub fn put_away(&self, shown: &Shown) {
        let dismissed = (shown.id, 2_u32);
        self.connection.emit_signal(None::<&str>, PATH, NAME, "NotificationClosed", &dismissed).unwrap();
    }
}

struct Service(All);

#[interface(name = "org.freedesktop.Notifications")]
#[allow(clippy::unused_self, clippy::needless_pass_by_value)]
impl Service {
    fn get_capabilities(&self) -> Vec<String> {
        ["actions", "body", "body-markup"].map(str::to_owned).to_vec()
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        ("bell".to_owned(), "jamey-tests".to_owned(), "1".to_owned(), "1.2".to_owned())
    }

    // As the specification has it.
    #[allow(clippy::too_many_arguments)]
    fn notify(
        &self,
        _program: String,
        _replaced: u32,
        _icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _patience: i32,
    ) -> u32 {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let id = u32::try_from(all.len()).unwrap_or(u32::MAX - 1) + 1;
        all.push(Shown { id, summary, body, actions, is_open: true });
        id
    }

    async fn close_notification(&self, #[zbus(signal_emitter)] emitter: SignalEmitter<'_>, id: u32) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter_mut()
            .filter(|shown| shown.id == id)
            .for_each(|shown| shown.is_open = false);
        // By the program that showed it.
        let _ = Self::notification_closed(&emitter, id, 3).await;
    }

    #[zbus(signal)]
    async fn notification_closed(emitter: &SignalEmitter<'_>, id: u32, reason: u32) -> zbus::Result<()>;
}
