//! The ways in which a system can start the runtime, behind one face.

use jamey_ipc::Folders;
use jamey_protocol::ApiError;

#[cfg(not(any(windows, target_os = "macos")))]
use super::autostart;
#[cfg(not(windows))]
use super::files::Planned;
#[cfg(target_os = "macos")]
use super::launchd;
#[cfg(not(windows))]
use super::systemd;
use super::{about::About, part::Part};
#[cfg(windows)]
use super::{keeper, run_key::Value, task::Task};

/// One way, ready to be installed or removed.
#[derive(Clone, Debug)]
pub enum Way {
    /// A unit of the person's own systemd.
    #[cfg(not(windows))]
    Systemd(Box<systemd::Units>),
    /// An entry in the desktop's autostart folder.
    #[cfg(not(windows))]
    Autostart(Planned),
    /// A task of Task Scheduler, and word for those who start the runtime without it.
    #[cfg(windows)]
    Task(Task, Part),
    /// A value of the registry's Run key, and the same word.
    #[cfg(windows)]
    RunKey(Value, Part),
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
        #[cfg(windows)]
        {
            let unfit = Task::unfit(about);
            if autostart || unfit.is_some() {
                (Self::run_key(about), unfit)
            } else {
                (Self::task(about), None)
            }
        }
        #[cfg(not(any(windows, target_os = "macos")))]
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

    /// The next best one, for when this one was refused.
    #[must_use]
    pub fn instead(&self, about: &About) -> Option<(Self, &'static str)> {
        #[cfg(windows)]
        if matches!(self, Self::Task(..)) {
            return Some((Self::run_key(about), "so the registry's Run key is used instead"));
        }
        let _ = about;
        None
    }

    /// Every way that this runtime may have been installed in.
    #[must_use]
    pub fn all(about: &About) -> Vec<Self> {
        #[cfg(target_os = "macos")]
        return vec![Self::best(about, false).0];
        #[cfg(windows)]
        return vec![Self::task(about), Self::run_key(about)];
        #[cfg(not(any(windows, target_os = "macos")))]
        vec![Self::Systemd(Box::new(systemd::Units::new(about))), Self::Autostart(autostart::entry(about))]
    }

    #[cfg(windows)]
    fn task(about: &About) -> Self {
        Self::Task(Task::new(about), Part::File(keeper::word(about)))
    }

    #[cfg(windows)]
    fn run_key(about: &About) -> Self {
        Self::RunKey(Value::new(about), Part::File(keeper::word(about)))
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            #[cfg(not(windows))]
            Self::Systemd(_) => "a systemd user service",
            #[cfg(not(windows))]
            Self::Autostart(_) => "an autostart entry of the desktop",
            #[cfg(target_os = "macos")]
            Self::Launchd(_) => "a launchd agent",
            #[cfg(windows)]
            Self::Task(..) => "a task of Task Scheduler",
            #[cfg(windows)]
            Self::RunKey(..) => "an entry of the registry's Run key",
        }
    }

    /// What it consists of; the first part is its own alone.
    #[must_use]
    pub fn parts(&self) -> Vec<Part> {
        match self {
            #[cfg(not(windows))]
            Self::Systemd(units) => vec![Part::File(units.service.clone()), Part::File(units.socket.clone())],
            #[cfg(not(windows))]
            Self::Autostart(entry) => vec![Part::File(entry.clone())],
            #[cfg(target_os = "macos")]
            Self::Launchd(agent) => vec![Part::File(agent.clone())],
            #[cfg(windows)]
            Self::Task(task, word) => vec![Part::Task(task.clone()), word.clone()],
            #[cfg(windows)]
            Self::RunKey(value, word) => vec![Part::Value(value.clone()), word.clone()],
        }
    }

    /// Whether somebody keeps the runtime alive in this way, beyond starting it.
    #[must_use]
    pub fn keeps(&self) -> bool {
        #[cfg(not(windows))]
        return !matches!(self, Self::Autostart(_));
        #[cfg(windows)]
        true
    }

    /// Whether it is in force.
    #[must_use]
    pub fn is_active(&self, folders: &Folders) -> bool {
        match self {
            #[cfg(not(windows))]
            Self::Systemd(units) => units.is_active(),
            #[cfg(not(windows))]
            Self::Autostart(_) => jamey_ipc::instance::Lock::holder(folders).is_some(),
            #[cfg(target_os = "macos")]
            Self::Launchd(_) => launchd::is_active(),
            #[cfg(windows)]
            Self::Task(..) | Self::RunKey(..) => jamey_ipc::instance::Lock::holder(folders).is_some(),
        }
    }

    /// Puts what was written into force.
    ///
    /// # Errors
    /// With what the service manager says.
    pub fn activate(&self) -> Result<(), ApiError> {
        match self {
            #[cfg(not(windows))]
            Self::Systemd(units) => units.activate(),
            #[cfg(not(windows))]
            Self::Autostart(_) => Ok(()),
            #[cfg(target_os = "macos")]
            Self::Launchd(agent) => launchd::activate(agent),
            #[cfg(windows)]
            Self::Task(task, _) => task.run(),
            // The first who needs the runtime lets the keeper start it.
            #[cfg(windows)]
            Self::RunKey(..) => Ok(()),
        }
    }

    /// Whether the system starts the runtime by itself once this is in force, so that one that does not
    /// come is a fault.
    #[must_use]
    pub fn starts_now(&self) -> bool {
        #[cfg(windows)]
        return matches!(self, Self::Task(..));
        #[cfg(not(windows))]
        false
    }

    /// Takes it out of force; to be called while its parts are still there.
    ///
    /// # Errors
    /// With what the service manager says.
    pub fn deactivate(&self) -> Result<(), ApiError> {
        match self {
            // Without a systemd there is nothing to take out of force.
            #[cfg(not(windows))]
            Self::Systemd(_) if !systemd::answers() => Ok(()),
            #[cfg(not(windows))]
            Self::Systemd(units) => units.deactivate(),
            #[cfg(not(windows))]
            Self::Autostart(_) => Ok(()),
            #[cfg(target_os = "macos")]
            Self::Launchd(_) => launchd::deactivate(),
            // What runs is told to end by whoever removes the parts.
            #[cfg(windows)]
            Self::Task(..) | Self::RunKey(..) => Ok(()),
        }
    }

    /// Lets the service manager forget removed files.
    pub fn forget(&self) {
        #[cfg(not(windows))]
        if matches!(self, Self::Systemd(_)) && systemd::answers() {
            // Nothing is left that it could start; it reads again at the next log-in at the latest.
            let _ = systemd::reread();
        }
    }
}
