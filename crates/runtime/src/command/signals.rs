//! What the system tells a process: end, or read the configuration again.

use jamey_protocol::{ApiError, ErrorCode};

/// The codes of a process that a signal ended, which scripts know.
const INTERRUPTED: u8 = 130;
const TERMINATED: u8 = 143;

/// What a signal means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// End, with this exit code.
    End(u8),
    /// Read the configuration again.
    Reload,
}

fn failed(error: &std::io::Error) -> ApiError {
    ApiError::new(ErrorCode::Internal, format!("signals cannot be listened for: {error}"))
}

/// The signals that are listened for.
#[cfg(unix)]
pub(super) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
    /// Whether somebody watched us in a terminal when we began.
    is_watched: bool,
}

#[cfg(unix)]
impl Signals {
    pub(super) fn new() -> Result<Self, ApiError> {
        use std::io::IsTerminal as _;
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).map_err(|error| failed(&error));
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hang_up: listen(SignalKind::hangup())?,
            is_watched: std::io::stderr().is_terminal(),
        })
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) -> Told {
        tokio::select! {
            _ = self.interrupt.recv() => Told::End(INTERRUPTED),
            _ = self.terminate.recv() => Told::End(TERMINATED),
            _ = self.hang_up.recv() => {
                if self.is_watched && terminal_is_gone() { Told::End(TERMINATED) } else { Told::Reload }
            }
        }
    }
}

/// Whoever runs us in a terminal and closes that means the end. A program that asks for a reload has no
/// part in our terminal, and under `nohup` our messages go elsewhere.
#[cfg(unix)]
fn terminal_is_gone() -> bool {
    std::fs::File::open("/dev/tty").is_err()
}

/// What stands for those signals on Windows; compiled, not verified there. There is no way to ask for a
/// reload, and none is needed: a changed file is read before the next turn.
#[cfg(windows)]
pub(super) struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
    stop: tokio::signal::windows::CtrlBreak,
    close: tokio::signal::windows::CtrlClose,
    log_off: tokio::signal::windows::CtrlLogoff,
    shutdown: tokio::signal::windows::CtrlShutdown,
}

#[cfg(windows)]
impl Signals {
    pub(super) fn new() -> Result<Self, ApiError> {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_logoff, ctrl_shutdown};
        Ok(Self {
            interrupt: ctrl_c().map_err(|error| failed(&error))?,
            stop: ctrl_break().map_err(|error| failed(&error))?,
            close: ctrl_close().map_err(|error| failed(&error))?,
            log_off: ctrl_logoff().map_err(|error| failed(&error))?,
            shutdown: ctrl_shutdown().map_err(|error| failed(&error))?,
        })
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) -> Told {
        tokio::select! {
            _ = self.interrupt.recv() => Told::End(INTERRUPTED),
            _ = self.stop.recv() => Told::End(TERMINATED),
            _ = self.close.recv() => Told::End(TERMINATED),
            _ = self.log_off.recv() => Told::End(TERMINATED),
            _ = self.shutdown.recv() => Told::End(TERMINATED),
        }
    }
}
