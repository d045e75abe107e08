//! One person's machine in a temporary folder.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use crate::{Fake, Live, Ran, bins::bin, process};

/// The model's name at the scripted provider.
pub const MODEL: &str = "openai/scripted";

/// The key that the scripted provider asks for. It must turn up nowhere but in its requests.
pub const KEY: &str = "sk-canary-5f1d0c9a7e";

/// All folders of one person, apart from everybody else's. When it is dropped, every process that
/// was started under it is ended by its id.
pub struct Home {
    dir: TempDir,
    environment: Vec<(String, String)>,
}

impl Default for Home {
    fn default() -> Self {
        Self::new()
    }
}

impl Home {
    /// Makes empty folders; no provider is configured.
    ///
    /// # Panics
    /// When the temporary folder cannot be made.
    #[must_use]
    pub fn new() -> Self {
        Self::named("jt-")
    }

    /// The same in a folder whose name begins like this.
    ///
    /// # Panics
    /// When the temporary folder cannot be made.
    #[must_use]
    pub fn named(prefix: &str) -> Self {
        let dir = tempfile::Builder::new().prefix(prefix).tempdir().unwrap();
        for name in ["work", "jamey"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        Self { dir, environment: Vec::new() }
    }

    /// The same with the scripted provider as the only one.
    #[must_use]
    pub fn with(fake: &Fake) -> Self {
        Self::new().answered_by(fake)
    }

    /// This one with the scripted provider.
    #[must_use]
    pub fn answered_by(self, fake: &Fake) -> Self {
        self.env("OPENAI_BASE_URL", fake.base_url()).env("OPENAI_API_KEY", KEY)
    }

    /// Sets one more variable for everything that is started from now on.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// The folder that holds everything.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// `JAMEY_HOME`.
    #[must_use]
    pub fn jamey_home(&self) -> PathBuf {
        self.path().join("jamey")
    }

    /// The folder in which commands are given.
    #[must_use]
    pub fn work(&self) -> PathBuf {
        self.path().join("work")
    }

    /// Writes a file in the working folder.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.work().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// A program with this person's environment and nothing of ours.
    #[must_use]
    pub fn command(&self, name: &str) -> Command {
        self.dress(Command::new(bin(name)))
    }

    /// Puts this person's environment on any command.
    #[must_use]
    pub fn dress(&self, mut command: Command) -> Command {
        command.env_clear().current_dir(self.work());
        for name in ["PATH", "TMPDIR", "SystemRoot", "TEMP"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
            .env("HOME", self.path())
            .env("JAMEY_HOME", self.jamey_home())
            .env("JAMEY_MODELS_DIR", self.path().join("models"))
            .env("LANG", "C.UTF-8")
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs `jamey` to its end, nothing on its standard input.
    #[must_use]
    #[track_caller]
    pub fn jamey(&self, arguments: &[&str]) -> Ran {
        self.jamey_with(arguments, b"")
    }

    /// Runs `jamey` to its end with `input` on its standard input.
    #[must_use]
    #[track_caller]
    pub fn jamey_with(&self, arguments: &[&str], input: &[u8]) -> Ran {
        process::run(self.command("jamey").args(arguments), input)
    }

    /// Asks the scripted model.
    #[must_use]
    #[track_caller]
    pub fn ask(&self, arguments: &[&str]) -> Ran {
        self.jamey(&[&["ask", "-m", MODEL], arguments].concat())
    }

    /// Starts `jamey` and leaves it running.
    #[must_use]
    pub fn spawn(&self, arguments: &[&str]) -> Live {
        Live::spawn(self.command("jamey").args(arguments))
    }

    /// The ids of all processes that run with this home, and their command lines.
    #[must_use]
    pub fn processes(&self) -> Vec<(u32, String)> {
        let mark = format!("HOME={}\0", self.path().display()).into_bytes();
        let here = self.path().to_path_buf();
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
                continue;
            };
            let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
            let is_ours = environment.windows(mark.len()).any(|window| window == mark)
                || fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd.starts_with(&here));
            let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            // A zombie has an empty command line: it has ended.
            if is_ours && !line.is_empty() {
                found.push((pid, String::from_utf8_lossy(&line).replace('\0', " ")));
            }
        }
        found
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        #[cfg(unix)]
        for _ in 0..5 {
            let left = self.processes();
            if left.is_empty() {
                break;
            }
            for (pid, _) in left {
                crate::runtime::signal(pid, rustix::process::Signal::KILL);
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }
}
