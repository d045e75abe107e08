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
    #[cfg_attr(windows, expect(dead_code, reason = "nobody can ask for that there"))]
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

/// What stands for those signals on Windows. There is no way to ask for a reload, and none is needed: a
/// changed file is read before the next turn.
///
/// Whoever logs off or shuts down ends a runtime without a window at once, since Windows tells only programs
/// that have one. Nothing is lost by that: what was accepted is on the disk, and the next start closes
/// what was open. A console that is closed, and the manager of services, do tell.
#[cfg(windows)]
pub(super) enum Signals {
    Console(Box<Console>),
    /// What the manager of services says; consoles are nothing to a service, and it would hear of everybody
    /// who logs off.
    Service(tokio::sync::mpsc::Receiver<Told>),
}

#[cfg(windows)]
pub(super) struct Console {
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
        Ok(Self::Console(Box::new(Console {
            interrupt: ctrl_c().map_err(|error| failed(&error))?,
            stop: ctrl_break().map_err(|error| failed(&error))?,
            close: ctrl_close().map_err(|error| failed(&error))?,
            log_off: ctrl_logoff().map_err(|error| failed(&error))?,
            shutdown: ctrl_shutdown().map_err(|error| failed(&error))?,
        })))
    }

    pub(super) fn of_service(told: tokio::sync::mpsc::Receiver<Told>) -> Self {
        Self::Service(told)
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) -> Told {
        let console = match self {
            Self::Console(console) => console,
            Self::Service(told) => match told.recv().await {
                Some(told) => return told,
                // Whoever would say it is gone; then nobody does.
                None => return std::future::pending().await,
            },
        };
        tokio::select! {
            _ = console.interrupt.recv() => Told::End(INTERRUPTED),
            _ = console.stop.recv() => Told::End(TERMINATED),
            _ = console.close.recv() => Told::End(TERMINATED),
            _ = console.log_off.recv() => Told::End(TERMINATED),
            _ = console.shutdown.recv() => Told::End(TERMINATED),
        }
    }
}
