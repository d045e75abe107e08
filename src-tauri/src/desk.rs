//! Everything that the parts of the shell share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicBool};

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
    pub settings: Arc<Settings>,
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
    /// A page died again and again, so its window goes without its person's wish.
    pub is_given_up: AtomicBool,
    focus: Mutex<Focus>,
}

/// What the main window shall show.
#[derive(Debug, Default)]
struct Focus {
    /// Whether its page listens.
    is_heard: bool,
    /// The session to show once it does.
    later: Option<SessionId>,
}

impl Desk {
    /// A desk, and what the keeper of its connection hears.
    #[must_use]
    pub fn new(folders: Folders) -> (Self, mpsc::Receiver<Knock>) {
        let settings = Arc::new(Settings::open(&folders));
        let (link, heard) = Link::new(folders, Arc::clone(&settings));
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
            is_given_up: AtomicBool::new(false),
            focus: Mutex::default(),
        };
        (desk, heard)
    }

    /// Tells whether the main window's page can be told which session to show; else it is noted for when it listens.
    #[must_use]
    pub fn can_focus(&self, session: SessionId) -> bool {
        let mut focus = self.focus();
        if !focus.is_heard {
            focus.later = Some(session);
        }
        focus.is_heard
    }

    /// The main window's page begins, and hears nothing yet.
    pub fn main_begins(&self) {
        self.focus().is_heard = false;
    }

    /// It listens from now on; gives the session that was noted for it.
    pub fn main_listens(&self) -> Option<SessionId> {
        let mut focus = self.focus();
        focus.is_heard = true;
        focus.later.take()
    }

    fn focus(&self) -> MutexGuard<'_, Focus> {
        self.focus.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
