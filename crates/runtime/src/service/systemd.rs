//! A unit of the person's own systemd: started with their session, or by the first program that knocks
//! at the socket; ended and started anew when it crashes or hangs.

use std::{path::PathBuf, process::Command};

use jamey_ipc::launch::KEEPER;
use jamey_protocol::{ApiError, ErrorCode};

use super::{about::About, files::Planned, quote};

/// Files and names of the unit and of its socket.
#[derive(Clone, Debug)]
pub struct Units {
    /// The unit of the process.
    pub service: Planned,
    /// The unit of its socket.
    pub socket: Planned,
    name: String,
}

impl Units {
    /// Makes both for this runtime.
    #[must_use]
    pub fn new(about: &About) -> Self {
        let folder = folder(about);
        let name = about.name.clone();
        let file = |kind: &str, text| Planned { path: folder.join(format!("{name}.{kind}")), text };
        Self { service: file("service", service(about)), socket: file("socket", socket(about)), name }
    }

    /// Lets systemd read both, listen, and start the runtime, now and at every log-in.
    ///
    /// # Errors
    /// With what systemd says.
    pub fn activate(&self) -> Result<(), ApiError> {
        let (service, socket) = (format!("{}.service", self.name), format!("{}.socket", self.name));
        systemctl(&["daemon-reload"])?;
        systemctl(&["enable", "--quiet", &service, &socket])?;
        // Those that run with the old text give way.
        let _ = systemctl(&["stop", &service, &socket]);
        let _ = systemctl(&["reset-failed", &service, &socket]);
        systemctl(&["start", &socket])?;
        systemctl(&["start", &service])
    }

    /// Whether both are enabled and the runtime runs.
    #[must_use]
    pub fn is_active(&self) -> bool {
        let (service, socket) = (format!("{}.service", self.name), format!("{}.socket", self.name));
        systemctl(&["is-enabled", "--quiet", &service, &socket]).is_ok()
            && systemctl(&["is-active", "--quiet", &service]).is_ok()
    }

    /// Ends both and takes them out of what starts at log-in.
    ///
    /// # Errors
    /// With what systemd says.
    pub fn deactivate(&self) -> Result<(), ApiError> {
        let (service, socket) = (format!("{}.service", self.name), format!("{}.socket", self.name));
        // The socket first, or it would start the service again.
        systemctl(&["stop", &socket, &service])?;
        let _ = systemctl(&["reset-failed", &service, &socket]);
        systemctl(&["disable", "--quiet", &service, &socket])
    }
}

/// Lets systemd forget what is no longer there.
///
/// # Errors
/// With what systemd says.
pub fn reread() -> Result<(), ApiError> {
    systemctl(&["daemon-reload"])
}

/// Whether the person's own systemd answers.
#[must_use]
pub fn answers() -> bool {
    cfg!(target_os = "linux") && systemctl(&["show-environment"]).is_ok()
}

/// Where the person's own units are.
fn folder(about: &About) -> PathBuf {
    about.config_home.join("systemd").join("user")
}

fn service(about: &About) -> String {
    let name = &about.name;
    let environment: String = about
        .environment
        .iter()
        .chain([&(KEEPER.to_owned(), format!("systemd:{name}.service"))])
        .map(|(name, value)| format!("Environment={}\n", quote::systemd_assignment(name, value)))
        .collect();
    format!(
        "# Written by `jamey runtime install`; `jamey runtime uninstall` removes it.\n\
         # Changes of your own belong into: systemctl --user edit {name}.service\n\
         [Unit]\n\
         Description=Jamey, an AI assistant for this computer\n\
         StartLimitIntervalSec=60\n\
         StartLimitBurst=5\n\
         \n\
         [Service]\n\
         Type=notify\n\
         NotifyAccess=main\n\
         ExecStart={program} start --foreground\n\
         ExecReload=/bin/kill -HUP $MAINPID\n\
         {environment}\
         # A crash or a hang; not a stop that was asked for, and not a mistake in the configuration.\n\
         Restart=on-failure\n\
         RestartSec=2\n\
         RestartPreventExitStatus=2 78\n\
         SuccessExitStatus=130 143\n\
         # Fed only while the database and the turn loop answer.\n\
         WatchdogSec=60\n\
         TimeoutStartSec=60\n\
         TimeoutStopSec=15\n\
         KillMode=mixed\n\
         # A command that takes all memory ends alone.\n\
         OOMPolicy=continue\n\
         # No sandboxing here: it would hold for the commands that you let Jamey run, too.\n\
         \n\
         [Install]\n\
         WantedBy=default.target\n",
        program = quote::systemd_program(&about.program),
    )
}

fn socket(about: &About) -> String {
    format!(
        "# Written by `jamey runtime install`; `jamey runtime uninstall` removes it.\n\
         [Unit]\n\
         Description=Where Jamey is reached\n\
         \n\
         [Socket]\n\
         ListenStream={}\n\
         SocketMode=0600\n\
         DirectoryMode=0700\n\
         RemoveOnStop=yes\n\
         \n\
         [Install]\n\
         WantedBy=sockets.target\n",
        quote::systemd_path(&about.socket)
    )
}

fn systemctl(words: &[&str]) -> Result<(), ApiError> {
    let failed = |why: &str| {
        let message = format!("systemctl --user {}: {why}", words.join(" "));
        ApiError::new(ErrorCode::Internal, message)
            .hint("look at what systemd says: systemctl --user status, journalctl --user")
    };
    let output = Command::new("systemctl")
        .args(["--user", "--no-pager"])
        .args(words)
        .stdin(std::process::Stdio::null())
        .output()
        .map_err(|error| failed(&error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(failed(if said.trim().is_empty() { "it failed" } else { said.trim() }))
}
