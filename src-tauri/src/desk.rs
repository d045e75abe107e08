//! Everything that the parts of the shell share.

use std::sync::{Arc, Mutex, PoisonError, atomic::AtomicBool};

use jamey_ipc::Folders;
use jamey_protocol::SessionId;
use tokio::sync::{Notify, mpsc};

use crate::{
    bridge::{FolderTokens, Pulls},
    connection::{Knock, Link},
    follow::Subscriptions,
    hotkey::Hotkey,
    notify::Ours,
    settings::Settings,
    tray::Tray,
};

/// What the parts share. Each is safe to use from any thread.
pub struct Desk {
    /// The connection to the runtime.
    pub link: Arc<Link>,
    /// The shell's own settings.
    pub settings: Settings,
    /// What pages follow.
    pub subscriptions: Subscriptions,
    /// Folders that a person chose.
    pub folders: FolderTokens,
    /// Downloads that run.
    pub pulls: Pulls,
    /// The hotkey.
    pub hotkey: Hotkey,
    /// The tray.
    pub tray: Tray,
    /// Turns that were begun here.
    pub ours: Ours,
    /// A page has all its files.
    pub loaded: Notify,
    /// Whether a page was ever shown in this process; that costs memory which only a new process gives back.
    pub has_shown: AtomicBool,
    /// The session that the main window shall show once it listens.
    focus: Mutex<Option<SessionId>>,
}

impl Desk {
    /// A desk, and what the keeper of its connection hears.
    #[must_use]
    pub fn new(folders: Folders) -> (Self, mpsc::Receiver<Knock>) {
        let settings = Settings::open(&folders);
        let (link, heard) = Link::new(folders);
        let desk = Self {
            link: Arc::new(link),
            settings,
            subscriptions: Subscriptions::default(),
            folders: FolderTokens::default(),
            pulls: Pulls::default(),
            hotkey: Hotkey::default(),
            tray: Tray::default(),
            ours: Ours::default(),
            loaded: Notify::new(),
            has_shown: AtomicBool::new(false),
            focus: Mutex::new(None),
        };
        (desk, heard)
    }

    /// Notes the session that a window which is about to open shall show.
    pub fn focus_later(&self, session: Option<SessionId>) {
        *self.focus.lock().unwrap_or_else(PoisonError::into_inner) = session;
    }

    /// Takes that session.
    pub fn take_focus(&self) -> Option<SessionId> {
        self.focus.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
