//! What a person allowed for good: `permissions.toml` in the config folder.
//!
//! Layout: `file` is its text, here is reading and writing it. Invariants: it is read anew at each decision, so
//! that what a person takes out is asked about again at once; a file that cannot be understood whole allows
//! nothing and is never written over; an entry is added only where the person chose so.

mod file;

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use jamey_engine::{policy::Rule, ports::Rules};
use jamey_protocol::{ApiError, ErrorCode};

use crate::config::{self, Live};

/// A larger file was not written by hand or by us.
const MOST_BYTES: u64 = 1024 * 1024;
/// Under this name the person is told what is wrong with the file.
const SUBJECT: &str = "permissions";
/// And under this one, what could not be taken out of it.
const LEFT_OVER: &str = "permissions left over";

/// The allowances of `permissions.toml`.
#[derive(Clone, Debug)]
pub struct KeptRules {
    path: PathBuf,
    live: Arc<Live>,
    /// Held while an entry is added, so that two never undo each other.
    writing: Arc<Mutex<()>>,
}

impl KeptRules {
    /// Keeps them in the file at `path`; what is wrong with it is told through `live`.
    #[must_use]
    pub fn new(path: PathBuf, live: Arc<Live>) -> Self {
        Self { path, live, writing: Arc::default() }
    }

    /// Where they are kept.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Everything that is allowed for good now. A broken file allows nothing, and the person is told.
    #[must_use]
    pub fn all(&self) -> Vec<Rule> {
        let read = self.read().and_then(|text| file::rules(&text));
        let fault = read.as_ref().err().map(|why| {
            format!("{}: {why}; nothing is allowed by it until that is put right", self.path.display())
        });
        self.live.note(SUBJECT, fault);
        read.unwrap_or_default()
    }

    fn read(&self) -> Result<String, String> {
        let opened = match open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
            opened => opened.map_err(|error| format!("it cannot be read: {error}"))?,
        };
        let facts = opened.metadata().map_err(|error| format!("it cannot be read: {error}"))?;
        if !facts.is_file() || facts.len() > MOST_BYTES {
            return Err("it is no regular file of at most 1 MiB".to_owned());
        }
        if let Some(owner) = other_owner(&facts) {
            return Err(format!(
                "it belongs to user {owner}, not to you; look at what it allows, then copy it over itself as your own"
            ));
        }
        if is_writable_by_others(&facts) {
            return Err(format!("other users can change it; run: chmod 600 '{}'", self.path.display()));
        }
        let mut text = String::new();
        opened
            .take(MOST_BYTES)
            .read_to_string(&mut text)
            .map_err(|error| format!("it cannot be read: {error}"))?;
        Ok(text)
    }

    fn add(&self, rule: &Rule) -> Result<bool, ApiError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = self.path.display();
        let cannot = |why: String| {
            ApiError::new(ErrorCode::Storage, format!("{shown}: {why}, so nothing was allowed for good"))
                .hint("put the file right and choose again, or allow it once")
        };
        let text = self.read().map_err(cannot)?;
        if file::rules(&text).map_err(cannot)?.contains(rule) {
            return Ok(false);
        }
        let now = chrono::Local::now();
        let text = file::with(&text, rule, &now).map_err(cannot)?;
        if text.len() as u64 > MOST_BYTES {
            return Err(cannot("it would be larger than 1 MiB".to_owned()));
        }
        config::store(&self.path, &text).map_err(|error| cannot(format!("it cannot be written: {error}")))?;
        tracing::info!(tool = rule.tool, "a call is allowed for good from now on");
        Ok(true)
    }

    fn take_out(&self, rule: &Rule) -> Result<(), String> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(text) = file::without(&self.read()?, rule)? else { return Ok(()) };
        config::store(&self.path, &text).map_err(|error| format!("it cannot be written: {error}"))?;
        tracing::info!(
            tool = rule.tool,
            "a call is no longer allowed for good, since the answer was not kept"
        );
        Ok(())
    }
}

#[async_trait::async_trait]
impl Rules for KeptRules {
    async fn allows(&self, rule: &Rule) -> bool {
        let (this, rule) = (self.clone(), rule.clone());
        tokio::task::spawn_blocking(move || this.all().contains(&rule)).await.unwrap_or(false)
    }

    async fn keep(&self, rule: Rule) -> Result<bool, ApiError> {
        let this = self.clone();
        tokio::task::spawn_blocking(move || this.add(&rule))
            .await
            .unwrap_or_else(|error| Err(ApiError::new(ErrorCode::Internal, error.to_string())))
    }

    async fn forget(&self, rule: Rule) {
        let this = self.clone();
        let taken = tokio::task::spawn_blocking(move || this.take_out(&rule)).await;
        let fault = taken.unwrap_or_else(|error| Err(error.to_string())).err();
        let shown = self.path.display();
        let fault = fault.map(|why| {
            format!(
                "an answer could not be kept, but its entry, the last one, is still in {shown} ({why}); take it out \
                 there if you did not want it"
            )
        });
        self.live.note(LEFT_OVER, fault);
    }
}

/// Opens without waiting: a pipe in the file's place would hold every decision until somebody writes into it.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Whose it is, if it is another user's. What root put there is as good as ours: root can do anything as us.
#[cfg(unix)]
fn other_owner(facts: &fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    foreign(facts.uid(), rustix::process::geteuid().as_raw())
}

#[cfg(unix)]
fn foreign(owner: u32, ours: u32) -> Option<u32> {
    Some(owner).filter(|owner| *owner != ours && *owner != 0)
}

/// On Windows the profile's own access list guards the file.
#[cfg(not(unix))]
fn other_owner(_facts: &fs::Metadata) -> Option<u32> {
    None
}

#[cfg(unix)]
fn is_writable_by_others(facts: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    facts.permissions().mode() & 0o022 != 0
}

/// On Windows the profile's own access list guards the file.
#[cfg(not(unix))]
fn is_writable_by_others(_facts: &fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use jamey_protocol::Access;

    use super::*;
    use crate::config::{Environment, Paths};

    fn rule(command: &str) -> Rule {
        let accesses = vec![Access::Run { command: command.into(), cwd: "/work".into() }];
        Rule { tool: "shell_exec".into(), folder: "/work".into(), accesses }
    }

    fn fresh(folder: &Path) -> KeptRules {
        let paths = Paths {
            file: folder.join("runtime.toml"),
            dot_env: folder.join(".env"),
            last_good: folder.join("last-good"),
            schema: None,
        };
        let live = Live::open(paths, Environment::of(&[]), Vec::new()).unwrap();
        KeptRules::new(folder.join("permissions.toml"), Arc::new(live))
    }

    #[tokio::test]
    async fn what_was_allowed_holds_for_exactly_that_and_until_a_person_takes_it_out() {
        let folder = tempfile::tempdir().unwrap();
        let rules = fresh(folder.path());
        assert!(!rules.allows(&rule("make")).await);
        rules.keep(rule("make")).await.unwrap();
        rules.keep(rule("make")).await.unwrap();
        rules.keep(rule("make test")).await.unwrap();
        assert_eq!(fresh(folder.path()).all(), [rule("make"), rule("make test")]);
        assert!(rules.allows(&rule("make")).await && !rules.allows(&rule("make ")).await);
        assert!(!rules.allows(&Rule { folder: "/work/sub".into(), ..rule("make") }).await);
        assert!(!rules.allows(&Rule { tool: "other".into(), ..rule("make") }).await);
        fs::remove_file(rules.path()).unwrap();
        assert!(!rules.allows(&rule("make")).await);
    }

    #[tokio::test]
    async fn a_broken_file_allows_nothing_says_so_and_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let rules = fresh(folder.path());
        rules.keep(rule("make")).await.unwrap();
        let good = fs::read_to_string(rules.path()).unwrap();
        let broken = format!("{good}\n[[allow]]\ntool = 7\n");
        fs::write(rules.path(), &broken).unwrap();
        assert!(!rules.allows(&rule("make")).await);
        let warnings = rules.live.warnings();
        assert!(
            warnings.iter().any(|it| it.contains("permissions.toml") && it.contains("entry 2")),
            "{warnings:?}"
        );
        let error = rules.keep(rule("make test")).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::Storage);
        assert_eq!(fs::read_to_string(rules.path()).unwrap(), broken);
        fs::write(rules.path(), &good).unwrap();
        assert!(rules.allows(&rule("make")).await);
        assert_eq!(rules.live.warnings(), Vec::<String>::new());
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_or_a_device_in_its_place_holds_nobody_up_and_allows_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let rules = fresh(folder.path());
        let made = std::process::Command::new("mkfifo").arg(rules.path()).status().unwrap();
        assert!(made.success());
        assert_eq!(rules.all(), []);
        assert!(rules.live.warnings().iter().any(|it| it.contains("no regular file")));
        fs::remove_file(rules.path()).unwrap();
        std::os::unix::fs::symlink("/dev/zero", rules.path()).unwrap();
        assert_eq!(rules.all(), []);
        assert_eq!(rules.add(&rule("make")).unwrap_err().code, ErrorCode::Storage);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_of_another_user_allows_nothing_unless_that_is_root() {
        assert_eq!(foreign(1001, 1000), Some(1001));
        assert_eq!((foreign(1000, 1000), foreign(0, 1000)), (None, None));
        let folder = tempfile::tempdir().unwrap();
        let rules = fresh(folder.path());
        rules.add(&rule("make")).unwrap();
        assert_eq!(other_owner(&fs::metadata(rules.path()).unwrap()), None);
    }

    #[tokio::test]
    async fn what_was_kept_for_an_answer_that_was_not_is_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let rules = fresh(folder.path());
        assert!(rules.keep(rule("make")).await.unwrap());
        assert!(rules.keep(rule("make test")).await.unwrap());
        assert!(!rules.keep(rule("make")).await.unwrap());
        rules.forget(rule("make test")).await;
        assert_eq!(rules.all(), [rule("make")]);
        assert_eq!(rules.live.warnings(), Vec::<String>::new());
        fs::write(rules.path(), "broken").unwrap();
        rules.forget(rule("make")).await;
        let warnings = rules.live.warnings();
        assert!(warnings.iter().any(|it| it.contains("still in")), "{warnings:?}");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_change_allows_nothing() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let rules = fresh(folder.path());
        rules.add(&rule("make")).unwrap();
        assert_eq!(fs::metadata(rules.path()).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(rules.path(), PermissionsExt::from_mode(0o666)).unwrap();
        assert_eq!(rules.all(), []);
        assert!(rules.live.warnings().iter().any(|it| it.contains("chmod 600")));
    }
}
