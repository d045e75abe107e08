//! Within the namespaces: folders of our own, a user manager, and a person whose home is empty.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};

use super::scenario;
use crate::cargo;

const RUNTIME_DIR: &str = "/run/user/0";
/// With what a file of systemd must quote.
const HOME: &str = "/run/jamey-test/a person's \"home\" 100% ü";

/// A user manager of systemd, and a person who uses it.
pub struct Inside {
    /// Where the programs are.
    pub bin: PathBuf,
    /// Where they were built.
    pub built: PathBuf,
    /// The installer's script.
    pub installer: PathBuf,
    manager: Child,
}

/// Does everything within the namespaces.
///
/// # Errors
/// With the first thing that did not hold.
pub fn run(words: &[String]) -> Result<()> {
    let [built, installer, more @ ..] = words else {
        bail!("the folder of the programs and the installer are missing")
    };
    ensure!(std::process::id() < 10, "this is to run as the first process of a namespace of its own");
    // Whatever happens from here on is seen by these namespaces alone.
    cargo::must(Command::new("mount").args(["-t", "tmpfs", "tmpfs", "/run"]))?;
    // Where each controller has a hierarchy of its own, they lie within this one.
    let _ = Command::new("umount").args(["-R", "/sys/fs/cgroup"]).stderr(Stdio::null()).status();
    cargo::must(Command::new("mount").args(["-t", "cgroup2", "none", "/sys/fs/cgroup"]))?;
    // By this folder programs know that systemd runs the machine (sd_booted(3)).
    for folder in ["/run/systemd/system", RUNTIME_DIR, HOME] {
        fs::create_dir_all(folder)?;
    }
    fs::set_permissions(RUNTIME_DIR, fs::Permissions::from_mode(0o700))?;
    // Programs in a path that has to be quoted, too.
    let own = Path::new(HOME).join("bin & more");
    fs::create_dir_all(&own)?;
    for name in ["jamey", "jamey-runtime"] {
        fs::copy(Path::new(built).join(name), own.join(name))?;
    }
    let manager = person(Command::new("/lib/systemd/systemd").args([
        "--user",
        "--log-target=console",
        "--log-level=debug",
    ]))
    .stdin(Stdio::null())
    .stdout(Stdio::null())
    .stderr(Stdio::null())
    .spawn()
    .context("systemd cannot be started")?;
    let (built, installer) = (PathBuf::from(built), PathBuf::from(installer));
    let mut inside = Inside { bin: own, built, installer, manager };
    inside.until("systemd answers", || Path::new(RUNTIME_DIR).join("systemd/private").exists())?;
    let done = match more.first() {
        Some(minutes) => scenario::idle(&mut inside, minutes),
        None => scenario::run(&mut inside),
    };
    if done.is_err() {
        let _ = person(Command::new("systemctl").args(["--user", "--no-pager", "status", "jamey.service"]))
            .status();
        let logs = inside.jamey(&["runtime", "logs", "-n", "20"])?;
        eprintln!("{}", text(&logs));
    }
    done
}

/// Gives a program the surroundings of that person.
fn person(command: &mut Command) -> &mut Command {
    for name in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "JAMEY_HOME", "JAMEY_MODELS_DIR"] {
        command.env_remove(name);
    }
    for name in ["OPENAI_API_KEY", "OPENAI_BASE_URL", "DBUS_SESSION_BUS_ADDRESS", "JAMEY_SERVICE"] {
        command.env_remove(name);
    }
    command.env("HOME", HOME).env("XDG_RUNTIME_DIR", RUNTIME_DIR).env("JAMEY_NO_COLOR", "1")
}

impl Inside {
    /// A path in that person's home.
    pub fn home(&self, path: &str) -> PathBuf {
        Path::new(HOME).join(path)
    }

    /// Calls `jamey`.
    pub fn jamey(&self, words: &[&str]) -> Result<Output> {
        let mut command = Command::new(self.bin.join("jamey"));
        person(command.args(words)).stdin(Stdio::null()).output().context("jamey cannot be started")
    }

    /// Calls the installer and returns what it printed.
    pub fn install(&self, words: &[&str]) -> Result<String> {
        let mut command = Command::new("sh");
        let output = person(command.arg(&self.installer).args(words)).stdin(Stdio::null()).output()?;
        ensure!(output.status.success(), "install.sh {}: {}", words.join(" "), text(&output));
        Ok(text(&output))
    }

    /// Calls `jamey` and returns what it printed.
    pub fn must(&self, words: &[&str]) -> Result<String> {
        let output = self.jamey(words)?;
        ensure!(output.status.success(), "jamey {}: {}", words.join(" "), text(&output));
        Ok(text(&output))
    }

    /// Lets systemd itself look for faults in units, and returns what it found.
    pub fn verify(&self, units: &[PathBuf]) -> Result<String> {
        let mut command = Command::new("systemd-analyze");
        let output = person(command.args(["verify", "--user"]).args(units)).output()?;
        ensure!(output.status.success(), "systemd-analyze verify: {}", text(&output));
        Ok(text(&output))
    }

    /// Calls `systemctl --user` and returns what it printed.
    pub fn systemctl(&self, words: &[&str]) -> Result<String> {
        let output = person(Command::new("systemctl").args(["--user", "--no-pager"]).args(words)).output()?;
        Ok(text(&output).trim().to_owned())
    }

    /// The process of the service; 0 for none.
    pub fn main_pid(&self) -> Result<u32> {
        let text = self.systemctl(&["show", "--property=MainPID", "--value", "jamey.service"])?;
        text.parse().with_context(|| format!("systemd says no process id but: {text}"))
    }

    /// The runtime that answers, by its process id, without starting one.
    pub fn answering(&self) -> Option<u32> {
        let output = self.jamey(&["runtime", "status", "--json"]).ok()?;
        let status: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
        status["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok())
    }

    /// Waits until something holds, ten seconds at most.
    pub fn until(&mut self, what: &str, mut holds: impl FnMut() -> bool) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !holds() {
            if Instant::now() >= deadline {
                bail!("waited in vain until {what}");
            }
            if let Some(status) = self.manager.try_wait()? {
                bail!("systemd ended while waiting until {what}: {status}");
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Waits until another process than `old` is the service's and answers.
    pub fn until_replaced(&mut self, what: &str, old: u32) -> Result<u32> {
        let mut now = 0;
        let deadline = Instant::now() + Duration::from_secs(20);
        while now == 0 || now == old || self.answering() != Some(now) {
            ensure!(
                Instant::now() < deadline,
                "waited in vain until {what}: the process is {now}, was {old}"
            );
            thread::sleep(Duration::from_millis(100));
            now = self.main_pid()?;
        }
        Ok(now)
    }

    /// Ends systemd, so that none answers any more.
    pub fn end_systemd(&mut self) -> Result<()> {
        self.manager.kill()?;
        self.manager.wait()?;
        fs::remove_dir_all(Path::new(RUNTIME_DIR).join("systemd"))?;
        Ok(())
    }
}

/// Both outputs of a program.
pub fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
