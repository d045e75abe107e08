//! The real `jamey-runtime`, in the foreground of the test.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use jamey_protocol::{OpId, SessionId};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::{Door, Home, bins::bin, wait};

/// A running runtime. Dropping it kills it.
pub struct Runtime {
    child: Child,
    socket: PathBuf,
    /// From the start of its process to the first answer on its socket.
    pub started_in: Duration,
}

impl Runtime {
    /// Starts one and waits until it answers.
    ///
    /// # Panics
    /// When it ends instead.
    #[must_use]
    #[track_caller]
    pub fn start(home: &Home) -> Self {
        Self::start_as(home, home.command("jamey-runtime"))
    }

    /// The same, from a command of the caller's making (another user, a limit).
    ///
    /// # Panics
    /// When it ends instead.
    #[must_use]
    #[track_caller]
    pub fn start_as(home: &Home, mut command: Command) -> Self {
        let log = home.path().join("runtime.stderr");
        let file = || std::fs::File::options().create(true).append(true).open(&log).unwrap();
        let began = Instant::now();
        let mut child = command
            .args(["start", "--foreground"])
            .stdin(Stdio::null())
            .stdout(file())
            .stderr(file())
            .spawn()
            .unwrap();
        let socket = home.jamey_home().join("run/runtime.sock");
        let door = Door::new(&socket);
        // Connecting alone proves nothing: it succeeds before anybody accepts, and even at the socket
        // of a runtime that died in the middle of a fork, until the child has become a program.
        wait::until("the runtime's socket to answer", || {
            if let Some(status) = child.try_wait().unwrap() {
                panic!("the runtime ended ({status}): {}", std::fs::read_to_string(&log).unwrap_or_default());
            }
            door.call("GET", "/v1/hello", None).ok().filter(|answer| answer.status == 200)
        });
        Self { child, socket, started_in: began.elapsed() }
    }

    /// Its door.
    #[must_use]
    pub fn door(&self) -> Door {
        Door::new(&self.socket)
    }

    /// The path of its socket.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// The command by which a tool's child would answer a question itself.
    #[must_use]
    pub fn decides_by_knock(&self, session: SessionId, approval: &str, how: &str) -> String {
        let decision = json!({"type": "decide", "approvalId": approval, "decision": {"type": how}});
        let body = json!({"opId": OpId::new(), "op": decision}).to_string();
        let request = format!(
            "POST /v1/sessions/{session}/ops HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\
             Content-Type: application/json\\r\\nContent-Length: {}\\r\\n\\r\\n{body}",
            body.len()
        );
        format!("{} {} '{request}'", bin("knock").display(), self.socket.display())
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it without warning, as a power cut would end a process.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end, as a service manager does, and waits until it has.
    ///
    /// # Panics
    /// When it does not end, or not cleanly.
    #[track_caller]
    pub fn stop(mut self) {
        signal(self.pid(), Signal::TERM);
        let status = wait::until("the runtime's end", || self.child.try_wait().unwrap());
        // "Terminated" is the exit code of a clean end by SIGTERM; the signal itself would leave none.
        assert_eq!(status.code(), Some(143), "{status}");
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to one process; one that has ended is no fault.
pub fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

/// Tells whether a process runs.
#[must_use]
pub fn is_alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.trim().is_empty() && !rest.trim().starts_with('Z'))
}
