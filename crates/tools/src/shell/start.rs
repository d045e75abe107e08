//! Starts a command so that it can be ended with everything it begins.

use std::io;

use super::{environment::environment, exec::Order};

#[cfg(not(unix))]
pub(super) use job::{Output, Started, start};
#[cfg(unix)]
pub(super) use unix::{Output, Started, start};

/// Tells the process that belongs to a call, also when it has cut all other ties.
pub(super) const MARK: &str = "JAMEY_CALL";

#[cfg(unix)]
mod unix {
    use std::{
        os::{
            fd::OwnedFd,
            unix::process::{CommandExt as _, ExitStatusExt as _},
        },
        process::Stdio,
    };

    use rustix::process::{Pid, Signal, kill_process, kill_process_group};
    use tokio::{
        net::unix::pipe::Receiver,
        process::{Child, ChildStdin, Command},
    };

    use super::{MARK, Order, environment, io};

    /// What the command prints, both streams in the order in which they come.
    pub type Output = Receiver;

    /// A command that runs.
    pub struct Started {
        child: Child,
        /// Open for as long as the command may run; only with a guard.
        line: Option<ChildStdin>,
        guarded: bool,
        pid: Option<Pid>,
        #[cfg_attr(not(target_os = "linux"), allow(dead_code))]
        mark: String,
        /// Whether the guard was killed, so that it could not clean up.
        guard_lost: bool,
    }

    /// Starts `order`. `mark` is put into the environment of everything the command begins.
    pub fn start(order: &Order, mark: &str) -> io::Result<(Started, Output)> {
        let (reader, writer) = io::pipe()?;
        let shell = &order.shell;
        let mut command = match &order.guard {
            Some(guard) => {
                let mut command = std::process::Command::new(guard);
                command.arg0("jamey-guard").arg("guard").arg("--").arg(&shell.program);
                command.stdin(Stdio::piped());
                command
            }
            None => {
                let mut command = std::process::Command::new(&shell.program);
                command.stdin(Stdio::null()).process_group(0);
                command
            }
        };
        command
            .args(&shell.options)
            .arg(&order.command)
            .current_dir(&order.cwd)
            .env_clear()
            .envs(environment(std::env::vars_os(), &order.cwd))
            .env(MARK, mark)
            .envs(order.mark.clone())
            .stdout(writer.try_clone()?)
            .stderr(writer);
        let mut command = Command::from(command);
        command.kill_on_drop(order.guard.is_none());
        let mut child = command.spawn()?;
        // Our copies of the writing end go with the command, so that the pipe can end.
        drop(command);
        let started = Started {
            line: child.stdin.take(),
            guarded: order.guard.is_some(),
            pid: child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)),
            mark: mark.to_owned(),
            guard_lost: false,
            child,
        };
        Ok((started, Receiver::from_owned_fd(OwnedFd::from(reader))?))
    }

    impl Started {
        /// Waits until the command, and with a guard all that it began, has ended; gives its exit code.
        pub async fn wait(&mut self) -> i32 {
            match self.child.wait().await {
                Ok(status) => {
                    self.guard_lost = self.guarded && status.signal().is_some();
                    status.code().or(status.signal().map(|signal| 128 + signal)).unwrap_or(-1)
                }
                Err(_) => -1,
            }
        }

        /// Asks the command to end.
        pub fn ask_to_end(&mut self) {
            self.line = None;
            if !self.guarded {
                self.signal_group(Signal::TERM);
            }
        }

        /// Ends the command by force. A guard that its command has stopped goes on with its work.
        pub fn end_now(&mut self) {
            if !self.guarded {
                self.signal_group(Signal::KILL);
            } else if let Some(pid) = self.pid {
                let _ = kill_process(pid, Signal::CONT);
            }
        }

        /// Ends what is left after the command has gone.
        pub fn sweep(&mut self) {
            if !self.guarded {
                self.signal_group(Signal::KILL);
            }
            #[cfg(target_os = "linux")]
            if self.guard_lost {
                super::super::tree::end_marked(&format!("{MARK}={}", self.mark));
            }
        }

        fn signal_group(&self, signal: Signal) {
            if let Some(pid) = self.pid {
                let _ = kill_process_group(pid, signal);
            }
        }
    }

    impl Drop for Started {
        fn drop(&mut self) {
            // With a guard the line closes and the guard does it.
            if !self.guarded && self.child.id().is_some() {
                self.signal_group(Signal::KILL);
            }
        }
    }
}

#[cfg(not(unix))]
mod job {
    use std::{fs::File, os::windows::io::OwnedHandle, process::Stdio};

    use process_wrap::tokio::{ChildWrapper, CommandWrap, CreationFlags, JobObject, KillOnDrop};
    use windows::Win32::System::Threading::CREATE_NO_WINDOW;

    use super::{MARK, Order, environment, io};

    /// What the command prints, both streams in the order in which they come.
    pub type Output = tokio::fs::File;

    /// A command that runs in a job of its own; the job ends with its last handle, so also with us.
    pub struct Started(Box<dyn ChildWrapper>);

    /// Starts `order`. `mark` is put into the environment of everything the command begins.
    pub fn start(order: &Order, mark: &str) -> io::Result<(Started, Output)> {
        let (reader, writer) = io::pipe()?;
        let mut command = tokio::process::Command::new(&order.shell.program);
        command
            .args(&order.shell.options)
            .arg(&order.command)
            .current_dir(&order.cwd)
            .env_clear()
            .envs(environment(std::env::vars_os(), &order.cwd))
            .env(MARK, mark)
            .envs(order.mark.clone())
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer);
        let mut command = CommandWrap::from(command);
        // A command that flashes a window at a person is none of ours.
        command.wrap(CreationFlags(CREATE_NO_WINDOW)).wrap(KillOnDrop).wrap(JobObject);
        let child = command.spawn()?;
        drop(command);
        Ok((Started(child), Output::from_std(File::from(OwnedHandle::from(reader)))))
    }

    impl Started {
        /// Waits until everything in the job has ended; gives the exit code of the command.
        pub async fn wait(&mut self) -> i32 {
            self.0.wait().await.ok().and_then(|status| status.code()).unwrap_or(-1)
        }

        /// Ends the job: there is nothing gentler.
        pub fn ask_to_end(&mut self) {
            let _ = self.0.start_kill();
        }

        /// Ends the job.
        pub fn end_now(&mut self) {
            let _ = self.0.start_kill();
        }

        /// Ends what is left of the job.
        pub fn sweep(&mut self) {
            let _ = self.0.start_kill();
        }
    }
}
