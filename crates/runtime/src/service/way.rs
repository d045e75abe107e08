//! The ways in which a system can start the runtime, behind one face.

use jamey_ipc::Folders;
use jamey_protocol::ApiError;

#[cfg(target_os = "macos")]
use super::launchd;
use super::{about::About, autostart, files::Planned, systemd};

/// One way, ready to be installed or removed.
#[derive(Clone, Debug)]
pub enum Way {
    /// A unit of the person's own systemd.
    Systemd(Box<systemd::Units>),
    /// An entry in the desktop's autostart folder.
    Autostart(Planned),
    /// An agent of launchd.
    #[cfg(target_os = "macos")]
    Launchd(Planned),
}

impl Way {
    /// The best one here; `autostart` asks for that one. With it comes why it is no better one.
    #[must_use]
    pub fn best(about: &About, autostart: bool) -> (Self, Option<&'static str>) {
        #[cfg(target_os = "macos")]
        {
            let _ = autostart;
            let path = jamey_ipc::launch::agent::plist().unwrap_or_default();
            let label = jamey_ipc::launch::agent::label();
            (Self::Launchd(launchd::agent(about, &label, path)), None)
        }
        #[cfg(not(target_os = "macos"))]
        {
            if autostart {
                return (Self::Autostart(autostart::entry(about)), None);
            }
            if systemd::answers() {
                return (Self::Systemd(Box::new(systemd::Units::new(about))), None);
            }
            let why = "no systemd of yours answers here, so the desktop's autostart is used: it starts \
                       the runtime at log-in, and does not start it again after a crash";
            (Self::Autostart(autostart::entry(about)), Some(why))
        }
    }

    /// Every way that this runtime may have been installed in.
    #[must_use]
    pub fn all(about: &About) -> Vec<Self> {
        #[cfg(target_os = "macos")]
        return vec![Self::best(about, false).0];
        #[cfg(not(target_os = "macos"))]
        vec![Self::Systemd(Box::new(systemd::Units::new(about))), Self::Autostart(autostart::entry(about))]
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Systemd(_) => "a systemd user service",
            Self::Autostart(_) => "an autostart entry of the desktop",
            #[cfg(target_os = "macos")]
            Self::Launchd(_) => "a launchd agent",
        }
    }

    /// Its files.
    #[must_use]
    pub fn files(&self) -> Vec<&Planned> {
        match self {
            Self::Systemd(units) => vec![&units.service, &units.socket],
            Self::Autostart(entry) => vec![entry],
            #[cfg(target_os = "macos")]
            Self::Launchd(agent) => vec![agent],
        }
    }

    /// Whether somebody keeps the runtime alive in this way, beyond starting it.
    #[must_use]
    pub fn keeps(&self) -> bool {
        !matches!(self, Self::Autostart(_))
    }

    /// Whether it is in force.
    #[must_use]
    pub fn is_active(&self, folders: &Folders) -> bool {
        match self {
            Self::Systemd(units) => units.is_active(),
            Self::Autostart(_) => jamey_ipc::instance::Lock::holder(folders).is_some(),
            #[cfg(target_os = "macos")]
            Self::Launchd(_) => launchd::is_active(),
        }
    }

    /// Puts the written files into force.
    ///
    /// # Errors
    /// With what the service manager says.
    pub fn activate(&self) -> Result<(), ApiError> {
        match self {
            Self::Systemd(units) => units.activate(),
            Self::Autostart(_) => Ok(()),
            #[cfg(target_os = "macos")]
            Self::Launchd(agent) => launchd::activate(agent),
        }
    }

    /// Takes them out of force; to be called while they are still there.
    ///
    /// # Errors
    /// With what the service manager says.
    pub fn deactivate(&self) -> Result<(), ApiError> {
        match self {
            // Without a systemd there is nothing to take out of force.
            Self::Systemd(_) if !systemd::answers() => Ok(()),
            Self::Systemd(units) => units.deactivate(),
            Self::Autostart(_) => Ok(()),
            #[cfg(target_os = "macos")]
            Self::Launchd(_) => launchd::deactivate(),
        }
    }

    /// Lets the service manager forget removed files.
    pub fn forget(&self) {
        if matches!(self, Self::Systemd(_)) && systemd::answers() {
            // Nothing is left that it could start; it reads again at the next log-in at the latest.
            let _ = systemd::reread();
        }
    }
}
