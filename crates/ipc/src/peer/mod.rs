//! Who is at the other end of a local connection, and whether it may speak.
//!
//! The operating system vouches for the user. One process of the same user must still be kept out:
//! a tool that the runtime itself started, which could otherwise approve its own calls. So a peer
//! that descends from this process is refused, and so is one whose descent cannot be told.

#[cfg(target_os = "linux")]
mod descent;

/// The process that connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its effective user; absent on Windows, where the pipe's access list keeps others out.
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
    /// It was started by a tool of this runtime.
    #[error("it was started by this runtime, so it may not give orders to it")]
    Descendant,
    /// Its ancestors cannot be read.
    #[error("its descent cannot be told: {0}")]
    Unknown(String),
}

impl Peer {
    /// Decides whether this peer may speak to us.
    ///
    /// # Errors
    /// The reason why not.
    pub fn admit(&self) -> Result<(), Refusal> {
        #[cfg(unix)]
        {
            let ours = rustix::process::geteuid().as_raw();
            match self.uid {
                Some(theirs) if theirs == ours => {}
                Some(theirs) => return Err(Refusal::OtherUser { theirs, ours }),
                None => return Err(Refusal::Unknown("the system names no user".to_owned())),
            }
        }
        #[cfg(target_os = "linux")]
        descent::refuse_descendant(self.pid, std::process::id())?;
        Ok(())
    }
}
