//! Who is at the other end of a local connection, and whether it may speak.
//!
//! The operating system vouches for the user. One process of the same user must still be kept out:
//! a tool that the runtime itself started, which could otherwise approve its own calls. So a peer
//! that descends from this process is refused, and so is one whose descent cannot be told.

use std::path::Path;

#[cfg(windows)]
pub(crate) mod account;
#[cfg(any(target_os = "linux", windows))]
mod descent;

/// The account of this process as the text of its security identifier (SID), if the system tells.
#[cfg(windows)]
#[must_use]
pub fn own_account() -> Option<&'static str> {
    account::ours()
}

/// The variable that everything carries which a tool's command begins. Its value is the place of the door of the
/// runtime whose tool it is, so that a runtime which a tool starts somewhere else knows its own from others'.
pub const TOOL_OF: &str = "JAMEY_TOOL_OF";

/// The process that connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its effective user; absent on Windows, where accounts have no number.
    pub uid: Option<u32>,
    /// Its process id, where the system tells.
    pub pid: Option<u32>,
}

/// Why a peer was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It runs as somebody else.
    #[error("it runs as user {theirs}, this runtime as user {ours}")]
    OtherUser {
        /// The peer's user.
        theirs: u32,
        /// Our user.
        ours: u32,
    },
    /// It runs under another account.
    #[error("it runs under account {theirs}, this runtime under {ours}")]
    OtherAccount {
        /// The peer's account.
        theirs: String,
        /// Our account.
        ours: String,
    },
    /// It was started by a tool of this runtime.
    #[error("it was started by this runtime, so it may not give orders to it")]
    Descendant,
    /// Its ancestors cannot be read.
    #[error("its descent cannot be told: {0}")]
    Unknown(String),
}

impl Peer {
    /// Decides whether this peer may speak to us, at the door that lies at `door`.
    ///
    /// # Errors
    /// The reason why not.
    #[cfg_attr(
        not(any(target_os = "linux", windows)),
        expect(unused_variables, reason = "descent is not told")
    )]
    pub fn admit(&self, door: &Path) -> Result<(), Refusal> {
        #[cfg(unix)]
        {
            let ours = rustix::process::geteuid().as_raw();
            match self.uid {
                Some(theirs) if theirs == ours => {}
                Some(theirs) => return Err(Refusal::OtherUser { theirs, ours }),
                None => return Err(Refusal::Unknown("the system names no user".to_owned())),
            }
        }
        #[cfg(windows)]
        self.same_account()?;
        #[cfg(any(target_os = "linux", windows))]
        descent::refuse_descendant(self.pid, std::process::id(), door)?;
        Ok(())
    }

    #[cfg(windows)]
    fn same_account(&self) -> Result<(), Refusal> {
        let unknown = |what: &str| Refusal::Unknown(what.to_owned());
        let pid = self.pid.ok_or_else(|| unknown("the system names no process"))?;
        let ours = account::ours().ok_or_else(|| unknown("the system does not name our own account"))?;
        match account::of(pid).ok_or_else(|| unknown("the system does not name its account"))? {
            theirs if theirs == ours => Ok(()),
            theirs => Err(Refusal::OtherAccount { theirs, ours: ours.to_owned() }),
        }
    }
}
