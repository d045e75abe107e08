//! Hearing `q` at once, without Enter and without showing it.

use tokio::sync::oneshot;

/// As long as it lives, the terminal gives each key at once.
pub(super) struct Keys {
    #[cfg(unix)]
    before: Option<rustix::termios::Termios>,
}

impl Keys {
    /// Listens; the other half tells when `q` was pressed. Where that cannot be, it never does.
    pub(super) fn listen() -> (Self, oneshot::Receiver<()>) {
        let (tell, told) = oneshot::channel();
        #[cfg(unix)]
        {
            let before = each_key_at_once();
            if before.is_some() {
                // It ends with the process.
                std::thread::spawn(move || wait_for_q(tell));
            } else {
                // Dropped, it would be heard.
                std::mem::forget(tell);
            }
            (Self { before }, told)
        }
        #[cfg(not(unix))]
        {
            std::mem::forget(tell);
            (Self {}, told)
        }
    }
}

#[cfg(unix)]
fn each_key_at_once() -> Option<rustix::termios::Termios> {
    use rustix::termios::{LocalModes, OptionalActions, isatty, tcgetattr, tcsetattr};
    let terminal = std::io::stdin();
    if !isatty(&terminal) {
        return None;
    }
    let before = tcgetattr(&terminal).ok()?;
    let mut now = before.clone();
    now.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
    tcsetattr(&terminal, OptionalActions::Now, &now).ok()?;
    Some(before)
}

#[cfg(unix)]
fn wait_for_q(tell: oneshot::Sender<()>) {
    use std::io::Read as _;
    let mut key = [0_u8];
    while std::io::stdin().read(&mut key).is_ok_and(|read| read == 1) {
        if key == *b"q" {
            let _ = tell.send(());
            return;
        }
    }
    std::mem::forget(tell);
}

#[cfg(unix)]
impl Drop for Keys {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            let _ =
                rustix::termios::tcsetattr(std::io::stdin(), rustix::termios::OptionalActions::Now, before);
        }
    }
}
