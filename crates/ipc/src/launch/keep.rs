//! Keeping a runtime alive where the system's service manager does not.
//!
//! Windows starts programs at log-on, but does not look at how they end. So it starts the small program
//! `jamey-keeper`, which opens no window, starts the runtime and sleeps until that ends: after a crash it
//! starts it again, after a stop that was asked for it ends too.

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    time::{Duration, Instant},
};

use jamey_protocol::{ApiError, ErrorCode};

use super::{
    command,
    report::StartLog,
    started::{KEEPER, Started},
};
use crate::Folders;

/// Between the end of a runtime and the next one.
const PAUSE: Duration = Duration::from_secs(2);
/// So many starts within this span are allowed; then something is wrong that a start does not mend.
const BURST: usize = 5;
const SPAN: Duration = Duration::from_secs(60);
/// Codes of an end that another start would not mend: asked for wrongly, a wrong configuration.
const HOPELESS: [i32; 2] = [2, 78];
/// Codes of a runtime that was told to end.
const TOLD: [i32; 3] = [0, 130, 143];
/// What Windows gives programs that it ends with the person's session.
const SESSION_ENDED: [u32; 3] = [0x4001_0004, 0xC000_013A, 0xC000_026B];

/// Starts the program `runtime` and starts it again after each crash. Returns the last one's exit code.
///
/// # Errors
/// When it cannot be started at all.
pub fn keep(folders: &Folders, runtime: &Path, environment: &[(String, String)]) -> Result<u8, ApiError> {
    folders.prepare_run_dir()?;
    let mut starts = Starts::default();
    loop {
        let log = StartLog::open(folders)?;
        let mut program = Command::new(runtime);
        program.envs(environment.iter().map(|(name, value)| (name, value)));
        program.env(KEEPER, format!("keeper:{}", std::process::id()));
        starts.note(Instant::now());
        let mut child = command::spawn_kept(program, log.file()?).map_err(|error| {
            log.add(&format!("jamey-keeper: {} cannot be started: {error}", runtime.display()));
            ApiError::new(ErrorCode::Unreachable, format!("{} cannot be started: {error}", runtime.display()))
        })?;
        let status = child.wait().map_err(|error| {
            ApiError::new(ErrorCode::Internal, format!("the runtime's end cannot be waited for: {error}"))
        })?;
        // One that ends in order takes its note away; some programs kill with the code of success.
        let is_whole = Started::read(folders).is_none_or(|started| started.pid != child.id());
        let next = match starts.after(status, Instant::now()) {
            Next::End(0) if status.success() && !is_whole => starts.again(Instant::now()),
            next => next,
        };
        match next {
            Next::End(code) => return Ok(code),
            Next::GiveUp => {
                log.add(&format!(
                    "jamey-keeper: the runtime ended {BURST} times within {} seconds ({status}), so it is not \
                     started again",
                    SPAN.as_secs()
                ));
                return Ok(1);
            }
            Next::Again => {
                log.add(&format!("jamey-keeper: the runtime ended ({status}) and is started again"));
                std::thread::sleep(PAUSE);
            }
        }
    }
}

/// The keeper that shall start the runtime of these folders: the one beside `runtime`, where `install` has
/// left word that it is wanted.
pub(super) fn keeper(folders: &Folders, runtime: &Path) -> Option<PathBuf> {
    Some(beside(runtime)).filter(|keeper| folders.kept().is_file() && keeper.is_file())
}

/// Where the program `jamey-keeper` lies: beside the program `runtime`.
#[must_use]
pub fn beside(runtime: &Path) -> PathBuf {
    runtime.with_file_name(format!("jamey-keeper{}", std::env::consts::EXE_SUFFIX))
}

/// When the runtime was started lately.
#[derive(Debug, Default)]
struct Starts(Vec<Instant>);

/// What follows an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// It was meant.
    End(u8),
    /// It was a crash.
    Again,
    /// It was one crash too many.
    GiveUp,
}

impl Starts {
    fn note(&mut self, now: Instant) {
        self.0.retain(|start| now.duration_since(*start) < SPAN);
        self.0.push(now);
    }

    fn after(&self, status: ExitStatus, now: Instant) -> Next {
        let Some(code) = status.code() else { return self.again(now) };
        if TOLD.contains(&code) || SESSION_ENDED.contains(&code.cast_unsigned()) {
            return Next::End(0);
        }
        if HOPELESS.contains(&code) {
            return Next::End(u8::try_from(code).unwrap_or(1));
        }
        self.again(now)
    }

    fn again(&self, now: Instant) -> Next {
        let lately = self.0.iter().filter(|start| now.duration_since(**start) < SPAN).count();
        if lately >= BURST { Next::GiveUp } else { Next::Again }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(code: u32) -> ExitStatus {
        #[cfg(unix)]
        return std::os::unix::process::ExitStatusExt::from_raw((code.cast_signed() & 0xff) << 8);
        #[cfg(windows)]
        return std::os::windows::process::ExitStatusExt::from_raw(code);
    }

    #[test]
    fn a_crash_is_followed_by_a_start_and_an_end_that_was_meant_is_not() {
        let (starts, now) = (Starts::default(), Instant::now());
        for (code, next) in [
            (0, Next::End(0)),
            (143, Next::End(0)),
            (78, Next::End(78)),
            (2, Next::End(2)),
            (1, Next::Again),
            (101, Next::Again),
        ] {
            assert_eq!(starts.after(ended(code), now), next, "{code}");
        }
    }

    #[cfg(windows)]
    #[test]
    fn the_end_of_the_session_is_no_crash_and_an_access_violation_is_one() {
        let (starts, now) = (Starts::default(), Instant::now());
        for code in SESSION_ENDED {
            assert_eq!(starts.after(ended(code), now), Next::End(0), "{code:x}");
        }
        assert_eq!(starts.after(ended(0xC000_0005), now), Next::Again);
    }

    #[cfg(unix)]
    #[test]
    fn a_runtime_that_a_signal_ended_is_started_again() {
        let killed: ExitStatus = std::os::unix::process::ExitStatusExt::from_raw(9);
        assert_eq!(Starts::default().after(killed, Instant::now()), Next::Again);
    }

    #[test]
    fn five_starts_within_a_minute_are_enough_and_old_ones_do_not_count() {
        let mut starts = Starts::default();
        let begin = Instant::now();
        for second in 0..5 {
            assert_eq!(starts.again(begin + Duration::from_secs(second)), Next::Again);
            starts.note(begin + Duration::from_secs(second));
        }
        assert_eq!(starts.again(begin + Duration::from_secs(6)), Next::GiveUp);
        assert_eq!(starts.again(begin + SPAN + Duration::from_secs(3)), Next::Again);
    }

    #[test]
    fn a_keeper_is_used_only_where_it_was_asked_for_and_is_there() {
        let temp = tempfile::tempdir().unwrap();
        let folders = Folders::under(&temp.path().join("home"));
        folders.create().unwrap();
        let runtime = temp.path().join("jamey-runtime");
        assert_eq!(keeper(&folders, &runtime), None);
        std::fs::write(folders.kept(), "").unwrap();
        assert_eq!(keeper(&folders, &runtime), None);
        let beside = temp.path().join(format!("jamey-keeper{}", std::env::consts::EXE_SUFFIX));
        std::fs::write(&beside, "").unwrap();
        assert_eq!(keeper(&folders, &runtime), Some(beside));
    }
}
