//! The guard of a command: `jamey-runtime guard -- SHELL -c COMMAND`.
//!
//! A small process between the runtime and the shell. Its standard input is a line to the runtime on
//! which nothing is ever said: when it closes, because the runtime wants the command to end or because
//! the runtime itself has died, however that came, the guard ends everything the command began. It does
//! the same when the command has ended by itself and left something behind.
//!
//! On Linux nothing escapes: the guard is the reaper of all its descendants, so that daemons which cut
//! every tie to their parents become its children. Elsewhere it ends the process group of the command.
//!
//! Invariant: when the guard exits, no descendant of it is left (short of programs that the kernel or
//! another user's rights keep from dying; it says so). It exits with the command's code, or 128 and the
//! number of the signal that ended it.

use std::{ffi::OsString, process::ExitCode};

/// Runs the guard with the arguments after `guard`. Call it first thing in `main`, before any thread or
/// runtime exists.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut arguments = arguments.into_iter().peekable();
    arguments.next_if(|first| first == "--");
    let Some(program) = arguments.next() else {
        eprintln!("guard: no command given");
        return ExitCode::from(2);
    };
    imp::main(&program, arguments.collect())
}

#[cfg(not(unix))]
mod imp {
    use super::{ExitCode, OsString};

    pub(super) fn main(_program: &std::ffi::OsStr, _arguments: Vec<OsString>) -> ExitCode {
        eprintln!("guard: not needed on this system");
        ExitCode::from(2)
    }
}

#[cfg(unix)]
mod imp {
    use std::{
        ffi::OsStr,
        io::{self, Read as _},
        os::unix::{net::UnixStream, process::CommandExt as _},
        process::{Command, Stdio},
        time::{Duration, Instant},
    };

    use rustix::{
        event::{PollFd, PollFlags, Timespec, poll},
        io::Errno,
        process::{
            Pid, Signal, WaitId, WaitIdOptions, WaitOptions, kill_process_group, setsid, wait, waitid,
            waitpid,
        },
    };
    use signal_hook::{
        consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM},
        low_level::pipe,
    };

    use super::{ExitCode, OsString};

    /// How long what is left of an ended command may take to end by itself: the reader of a pipe, say.
    const LAST_WORDS: Duration = Duration::from_millis(200);
    /// How long processes get between TERM and KILL.
    const GENTLE: Duration = Duration::from_secs(1);
    /// How long killing goes on. On a machine that a fork bomb has filled it can take a while, and a
    /// guard that gives up sets the bomb free.
    const FORCE: Duration = Duration::from_secs(60);
    /// How often the number of processes is looked at.
    const LOOK: Duration = Duration::from_millis(50);
    /// More processes than any build needs.
    #[cfg(target_os = "linux")]
    const TOO_MANY: u16 = 1500;

    pub(super) fn main(program: &OsStr, arguments: Vec<OsString>) -> ExitCode {
        match Guard::start(program, arguments) {
            Ok(guard) => ExitCode::from(guard.watch()),
            Err(error) => {
                eprintln!("cannot start {}: {error}", program.display());
                ExitCode::from(127)
            }
        }
    }

    /// Why watching ended.
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Why {
        Ended,
        Told,
        TooMany,
    }

    struct Guard {
        /// The shell; also the number of its process group.
        leader: Pid,
        code: Option<u8>,
        /// Whether the leader was taken away, so that its number may be somebody else's.
        buried: bool,
        /// Readable when a child ended.
        children: UnixStream,
        /// Readable when somebody sent a signal that asks to end.
        told: UnixStream,
        #[cfg(target_os = "linux")]
        before: u16,
    }

    impl Guard {
        fn start(program: &OsStr, arguments: Vec<OsString>) -> io::Result<Self> {
            // Fails only if we lead a group already, and then we are away from the terminal too.
            let _ = setsid();
            #[cfg(target_os = "linux")]
            {
                rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
                let _ = rustix::thread::set_name(c"jamey-guard");
            }
            let children = wakes(&[SIGCHLD])?;
            let told = wakes(&[SIGTERM, SIGINT, SIGHUP])?;
            #[cfg(target_os = "linux")]
            let before = limit_processes();
            let child =
                Command::new(program).args(arguments).stdin(Stdio::null()).process_group(0).spawn()?;
            let leader = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
            // So that a machine full of its processes still runs us; only root may, and root needs it
            // most, because no limit on processes holds for root.
            let _ = rustix::process::setpriority_process(None, -20);
            Ok(Self {
                leader: leader.ok_or_else(|| io::Error::other("it has no process number"))?,
                code: None,
                buried: false,
                children,
                told,
                #[cfg(target_os = "linux")]
                before,
            })
        }

        /// Waits for the end of the command, and ends what is left; gives the exit code.
        fn watch(mut self) -> u8 {
            let why = self.wait_for_the_end();
            let mut left = self.reap();
            if why == Why::Ended && left {
                left = self.left_after(LAST_WORDS, true);
            }
            if left {
                let ended = self.end_all(why);
                if why == Why::TooMany {
                    eprintln!("[the command was ended: it began too many processes]");
                } else if !ended {
                    eprintln!("[some processes of the command could not be ended]");
                } else if why == Why::Ended {
                    eprintln!("[what still ran in the background was ended with the command]");
                }
            }
            self.code.unwrap_or(137)
        }

        fn wait_for_the_end(&mut self) -> Why {
            loop {
                if self.sleep(LOOK, true) {
                    return Why::Told;
                }
                self.reap();
                if self.code.is_some() {
                    return Why::Ended;
                }
                if self.too_many() {
                    return Why::TooMany;
                }
            }
        }

        /// Sleeps until a child ends, at most for `most`; tells whether we are asked to end.
        fn sleep(&mut self, most: Duration, listen: bool) -> bool {
            let line = io::stdin();
            let (nothing, input) = (PollFlags::empty(), PollFlags::IN);
            let heard = if listen { input } else { nothing };
            let mut on = [PollFd::new(&self.children, input)].to_vec();
            if listen {
                on.push(PollFd::new(&self.told, heard));
                on.push(PollFd::new(&line, heard));
            }
            let most = Timespec { tv_sec: most.as_secs().cast_signed(), tv_nsec: most.subsec_nanos().into() };
            // An interrupted wait has found nothing; the loop around comes again.
            let _ = poll(&mut on, Some(&most));
            let told = on.iter().skip(1).any(|one| !one.revents().is_empty());
            drop(on);
            let mut rest = [0; 64];
            while matches!(self.children.read(&mut rest), Ok(count) if count > 0) {}
            told
        }

        /// Takes the dead away, but not the leader: its body keeps the number of its group ours. Tells
        /// whether anything of the command is left.
        fn reap(&mut self) -> bool {
            if self.buried {
                return self.bury_all();
            }
            let peek = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
            if self.code.is_none()
                && let Ok(Some(status)) = waitid(WaitId::Pid(self.leader), peek)
            {
                self.code = Some(code(status.exit_status(), status.terminating_signal()));
            }
            let Some(mut children) = children() else { return self.bury_all() };
            loop {
                let (mut left, mut taken) = (self.code.is_none(), false);
                for pid in children.into_iter().filter(|pid| *pid != self.leader) {
                    match waitpid(Some(pid), WaitOptions::NOHANG) {
                        Ok(None) => left = true,
                        _ => taken = true,
                    }
                }
                if left {
                    return true;
                }
                if !taken {
                    break;
                }
                // One that was just taken away may have left its children to us.
                children = self::children().unwrap_or_default();
            }
            self.bury_all()
        }

        /// Takes all the dead away, the leader as well; tells whether children are left. The last word:
        /// the system itself says that there is nobody.
        fn bury_all(&mut self) -> bool {
            loop {
                match wait(WaitOptions::NOHANG) {
                    Ok(Some((pid, status))) if pid == self.leader => {
                        self.buried = true;
                        self.code = Some(code(status.exit_status(), status.terminating_signal()));
                    }
                    Ok(Some(_)) | Err(Errno::INTR) => {}
                    Ok(None) => return true,
                    Err(_) => return false,
                }
            }
        }

        /// Waits for all children to be gone, at most for `most`, and not while they multiply; tells
        /// whether some are left.
        fn left_after(&mut self, most: Duration, listen: bool) -> bool {
            let until = Instant::now() + most;
            loop {
                if !self.reap() {
                    return false;
                }
                let left = until.saturating_duration_since(Instant::now()).min(LOOK);
                if left.is_zero() || self.sleep(left, listen) || self.too_many() {
                    return true;
                }
            }
        }

        /// Ends everything: gently, then by force. Tells whether nothing is left.
        fn end_all(&mut self, why: Why) -> bool {
            if why != Why::TooMany && !self.too_many() && self.ask() {
                return true;
            }
            let until = Instant::now() + FORCE;
            while Instant::now() < until {
                self.kill();
                if !self.left_after(LOOK, false) {
                    return true;
                }
            }
            false
        }

        /// Asks everything to end, each process once, and those too that are born meanwhile. Tells whether
        /// nothing is left.
        #[cfg(target_os = "linux")]
        fn ask(&mut self) -> bool {
            use super::super::tree;
            let until = Instant::now() + GENTLE;
            let mut asked = std::collections::HashSet::new();
            while Instant::now() < until {
                let new: Vec<_> = tree::descendants().into_iter().filter(|pid| asked.insert(*pid)).collect();
                tree::signal_all(&new, Signal::TERM);
                // One that was stopped hears it only when it goes on.
                tree::signal_all(&new, Signal::CONT);
                if !self.left_after(LOOK, false) {
                    return true;
                }
                if self.too_many() {
                    return false;
                }
            }
            false
        }

        #[cfg(target_os = "linux")]
        fn kill(&self) {
            // The whole group at one stroke: no fork gets away from that.
            if !self.buried || super::super::tree::in_group(self.leader) {
                self.signal_group(Signal::KILL);
            }
            super::super::tree::kill_all(super::super::tree::descendants);
        }

        #[cfg(not(target_os = "linux"))]
        fn ask(&mut self) -> bool {
            self.signal_group(Signal::TERM);
            self.signal_group(Signal::CONT);
            !self.left_after(GENTLE, false)
        }

        #[cfg(not(target_os = "linux"))]
        fn kill(&self) {
            self.signal_group(Signal::KILL);
        }

        fn signal_group(&self, signal: Signal) {
            let _ = kill_process_group(self.leader, signal);
        }

        /// Tells whether the command has more processes than it may. If so they are stopped.
        #[cfg(target_os = "linux")]
        fn too_many(&mut self) -> bool {
            // One cheap number first; only if the machine as a whole is fuller is the tree counted.
            let now = rustix::system::sysinfo().procs;
            if now.saturating_sub(self.before) <= TOO_MANY {
                return false;
            }
            // Counting takes long while they multiply.
            let stopped = !self.buried;
            if stopped {
                self.signal_group(Signal::STOP);
            }
            let many = super::super::tree::descendants().len() > TOO_MANY.into();
            if !many {
                self.before = now;
                if stopped {
                    self.signal_group(Signal::CONT);
                }
            }
            many
        }

        #[cfg(not(target_os = "linux"))]
        fn too_many(&mut self) -> bool {
            false
        }
    }

    /// Lets the kernel refuse what is far beyond [`TOO_MANY`]; gives the number of processes now. The
    /// limit counts everything of the person, so it starts from all there are.
    #[cfg(target_os = "linux")]
    fn limit_processes() -> u16 {
        use rustix::process::{Resource, getrlimit, setrlimit};
        let now = rustix::system::sysinfo().procs;
        let mut limit = getrlimit(Resource::Nproc);
        let enough = u64::from(now) + 2 * u64::from(TOO_MANY);
        // The number we were told ends where its type ends.
        if now < u16::MAX && limit.current.is_none_or(|current| current > enough) {
            limit.current = Some(enough);
            let _ = setrlimit(Resource::Nproc, limit);
        }
        now
    }

    /// Lists our children, dead or alive, if the system tells.
    fn children() -> Option<Vec<Pid>> {
        let own = std::process::id();
        let list = std::fs::read_to_string(format!("/proc/self/task/{own}/children")).ok()?;
        Some(list.split_ascii_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?)).collect())
    }

    fn code(exit: Option<i32>, signal: Option<i32>) -> u8 {
        let code = exit.or(signal.map(|signal| 128 + signal));
        code.and_then(|code| u8::try_from(code & 0xFF).ok()).unwrap_or(255)
    }

    /// Makes a stream that becomes readable when one of `signals` comes.
    fn wakes(signals: &[i32]) -> io::Result<UnixStream> {
        let (reader, writer) = UnixStream::pair()?;
        reader.set_nonblocking(true)?;
        for signal in signals {
            pipe::register(*signal, writer.try_clone()?)?;
        }
        Ok(reader)
    }
}
