//! A walk through the Windows programs under Wine, as a person would take it.
//!
//! Wine has no Task Scheduler that would start anything: it keeps a task and answers that it was started. So
//! the walk sees a task that does not come being taken back, and the registry's Run key in its place.

use std::{
    fs,
    net::TcpListener,
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::{windows, wine};
use crate::{cargo, layout::Layout, say};

const RUN: &str = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run";
/// How long what happens by itself may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(40);

/// One home of Jamey in the Windows that Wine makes.
struct Walk<'a> {
    layout: &'a Layout,
    /// The folder, as Windows writes it.
    home: String,
}

/// Starts the runtime as a person would, asks it, and ends it, all over the named pipe.
///
/// # Errors
/// With the step that went another way.
pub fn by_hand(layout: &Layout) -> Result<()> {
    let walk = Walk::new(layout, "by-hand");
    walk.to_its_end(|walk| {
        let version = walk.said(&["--version"])?;
        ensure!(version.starts_with("jamey "), "`jamey --version` said {version:?}");
        walk.said(&["runtime", "start"])?;
        let status = walk.status()?;
        let places = status["listening"].to_string();
        ensure!(places.contains("jamey-S-1-"), "the pipe is not named after an account: {status}");
        walk.said(&["new", "--name", "walk"])?;
        let listed = walk.said(&["sessions"])?;
        ensure!(listed.contains("walk"), "the new session is not listed: {listed:?}");
        let doctor = walk.jamey(&["doctor"]).stderr(Stdio::null()).output()?;
        let text = String::from_utf8_lossy(&doctor.stdout).into_owned();
        text.lines().for_each(say::note);
        ensure!(!text.is_empty(), "`jamey doctor` said nothing");
        walk.said(&["runtime", "stop"])?;
        walk.ends_with(&["runtime", "status"], 3)
    })
}

/// Lets Windows start the runtime at log-on, kills it, ends it, starts it anew, and undoes it all.
///
/// # Errors
/// With the step that went another way.
pub fn at_log_on(layout: &Layout) -> Result<()> {
    let walk = Walk::new(layout, "log-on");
    walk.to_its_end(|walk| {
        let shown = walk.said(&["runtime", "install", "--dry-run"])?;
        ensure!(shown.contains("<LogonTrigger>") && shown.contains("jamey-keeper.exe"), "{shown}");
        ensure!(!walk.kept().exists(), "--dry-run has written");
        let installed = walk.said(&["runtime", "install"])?;
        let taken_back = installed.contains("taken back") && installed.contains("Run key is used instead");
        ensure!(taken_back, "the task that does not start anything was kept: {installed}");
        ensure!(walk.tasks()?.is_empty(), "a task was left behind: {:?}", walk.tasks()?);
        let line = walk.run_key()?;
        ensure!(line.contains("jamey-keeper.exe") && line.contains("JAMEY_HOME="), "{line}");
        let first = walk.pid()?;
        ensure!(walk.is_kept()?, "the runtime is not kept: {:?}", walk.running()?);
        let again = walk.said(&["runtime", "install"])?;
        ensure!(again.contains("installed already") && walk.pid()? == first, "{again}");

        walk.windows(&["taskkill", "/F", "/PID", &first.to_string()])?;
        let second = walk.another_than(first).context("after it was killed")?;
        walk.said(&["runtime", "stop"])?;
        ensure!(walk.running()?.is_empty(), "after a stop there still runs {:?}", walk.running()?);
        walk.ends_with(&["runtime", "status"], 3)?;
        walk.said(&["runtime", "start"])?;
        let third = walk.another_than(second).context("after a start by hand")?;
        ensure!(walk.is_kept()?, "a start by hand is not kept");
        walk.said(&["runtime", "restart"])?;
        walk.another_than(third).context("after a restart")?;
        ensure!(walk.is_kept()?, "a restart is not kept");
        walk.ends_with(&["runtime", "restart", "--port", "4000"], 2)?;
        let now = walk.said(&["runtime", "stop", "--now"])?;
        ensure!(walk.running()?.is_empty(), "after {now:?} there still runs {:?}", walk.running()?);

        let gone = walk.said(&["runtime", "uninstall"])?;
        ensure!(gone.contains("the service is gone"), "{gone}");
        ensure!(walk.run_key().is_err() && !walk.kept().exists(), "something is left behind");
        let gone = walk.said(&["runtime", "uninstall", "--purge", "--yes"])?;
        ensure!(gone.contains("no service") && gone.contains("all of it is gone"), "{gone}");
        ensure!(!walk.place().exists(), "the purge left {}", walk.place().display());
        Ok(())
    })
}

/// Makes the runtime a service of the machine, asks it, and takes it away again.
///
/// # Errors
/// With the step that went another way.
pub fn as_service(layout: &Layout) -> Result<()> {
    let walk = Walk::new(layout, "service");
    walk.to_its_end(|walk| {
        let config = walk.place().join("config");
        fs::create_dir_all(&config)?;
        // A service opens the loopback API; here others use ports too.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        fs::write(config.join("runtime.toml"), format!("[api]\nport = {port}\n"))?;
        let shown = walk.said(&["runtime", "install", "--system", "--dry-run"])?;
        ensure!(shown.contains(r"NT SERVICE\jamey-runtime"), "{shown}");
        let name =
            shown.lines().find_map(|line| line.trim().strip_prefix("name ")).context("it has no name")?;
        let name = name.trim().to_owned();
        ensure!(walk.windows(&["sc", "query", &name]).is_err(), "--dry-run has made a service");
        let installed = walk.said(&["runtime", "install", "--system"])?;
        installed.lines().filter(|line| line.starts_with("note:")).for_each(say::note);
        ensure!(installed.contains("the service runs"), "{installed}");
        ensure!(walk.windows(&["sc", "query", &name])?.contains("RUNNING"), "it does not run");
        let first = walk.pid()?;
        let places = walk.status()?["listening"].to_string();
        ensure!(places.contains(&port.to_string()), "the loopback API is closed: {places}");
        let again = walk.said(&["runtime", "install", "--system"])?;
        ensure!(again.contains("installed already") && walk.pid()? == first, "{again}");
        walk.said(&["runtime", "restart"])?;
        let second = walk.another_than(first).context("after a restart")?;
        ensure!(walk.windows(&["sc", "query", &name])?.contains("RUNNING"), "it was restarted as no service");
        walk.windows(&["sc", "stop", &name])?;
        walk.until("the service to stop", || Ok(walk.windows(&["sc", "query", &name])?.contains("STOPPED")))?;
        let log = fs::read_to_string(walk.place().join("cache/logs/runtime.log"))?;
        ensure!(log.contains("the runtime ended"), "a stop was no clean end");
        walk.windows(&["sc", "start", &name])?;
        walk.another_than(second).context("after Windows started it")?;
        let gone = walk.said(&["runtime", "uninstall", "--system", "--purge", "--yes"])?;
        ensure!(gone.contains("the service is gone") && gone.contains("all of it is gone"), "{gone}");
        ensure!(walk.windows(&["sc", "query", &name]).is_err(), "the service is still there");
        ensure!(!walk.place().exists(), "the purge left {}", walk.place().display());
        Ok(())
    })
}

impl<'a> Walk<'a> {
    fn new(layout: &'a Layout, name: &str) -> Self {
        Self { layout, home: format!(r"C:\jamey {name} {}", std::process::id()) }
    }

    /// Takes the steps, and ends what they left running.
    fn to_its_end(&self, steps: impl FnOnce(&Self) -> Result<()>) -> Result<()> {
        let walked = steps(self);
        if walked.is_err() {
            for words in [
                &["runtime", "uninstall"][..],
                &["runtime", "uninstall", "--system"],
                &["runtime", "stop", "--now"],
            ] {
                let _ = self.said(words);
            }
        }
        wine::settle(self.layout);
        if self.place().exists() {
            fs::remove_dir_all(self.place())?;
        }
        walked
    }

    /// The folder, as this machine writes it.
    fn place(&self) -> PathBuf {
        wine::home(self.layout).join("drive_c").join(self.home.trim_start_matches(r"C:\"))
    }

    fn kept(&self) -> PathBuf {
        self.place().join("data/kept.txt")
    }

    fn jamey(&self, words: &[&str]) -> Command {
        let mut command = wine::wine(self.layout, 120);
        command.arg(windows::program(self.layout, "jamey")).args(words).env("JAMEY_HOME", &self.home);
        command.current_dir(wine::home(self.layout).join("drive_c")).stdin(Stdio::null());
        command
    }

    /// What `jamey` says on standard output, through a file: Wine hands the pipes of this machine on to
    /// everything that is started, so reading one to its end would take as long as the runtime lives.
    fn said(&self, words: &[&str]) -> Result<String> {
        let place = wine::home(self.layout).join(format!("said-{}.txt", std::process::id()));
        let status = self.jamey(words).stdout(fs::File::create(&place)?).stderr(Stdio::null()).status()?;
        let text = String::from_utf8_lossy(&fs::read(&place)?).replace('\r', "");
        fs::remove_file(&place)?;
        ensure!(status.success(), "`jamey {}` ended with {status}: {text}", words.join(" "));
        Ok(text)
    }

    fn ends_with(&self, words: &[&str], code: i32) -> Result<()> {
        let status = self.jamey(words).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        ensure!(status.code() == Some(code), "`jamey {}` ended with {status}, not {code}", words.join(" "));
        Ok(())
    }

    /// What a program of Windows says.
    fn windows(&self, words: &[&str]) -> Result<String> {
        let mut command = wine::wine(self.layout, 60);
        cargo::output(command.args(words).stdin(Stdio::null()).stderr(Stdio::null()))
    }

    fn status(&self) -> Result<Value> {
        Ok(serde_json::from_str(&self.said(&["runtime", "status", "--json"])?)?)
    }

    fn pid(&self) -> Result<u64> {
        self.status()?["pid"].as_u64().context("the status names no process")
    }

    /// Waits for a runtime that is another process.
    fn another_than(&self, pid: u64) -> Result<u64> {
        let mut found = pid;
        self.until("another runtime", || {
            found = self.pid().unwrap_or(pid);
            Ok(found != pid)
        })?;
        Ok(found)
    }

    fn until(&self, what: &str, mut is_so: impl FnMut() -> Result<bool>) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !is_so()? {
            ensure!(Instant::now() < deadline, "waited in vain for {what}");
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }

    /// The keeper and the runtime of this home, as far as they run. Wine's own list of tasks is empty.
    fn running(&self) -> Result<Vec<String>> {
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc")?.flatten() {
            let read = |name: &str| {
                let bytes = fs::read(entry.path().join(name)).unwrap_or_default();
                String::from_utf8_lossy(&bytes).replace('\0', " ")
            };
            let line = read("cmdline");
            let is_ours = line.contains("jamey-keeper.exe") || line.contains("jamey-runtime.exe");
            if is_ours && read("environ").contains(&self.home) {
                found.push(line);
            }
        }
        Ok(found)
    }

    fn is_kept(&self) -> Result<bool> {
        Ok(self.running()?.iter().any(|line| line.contains("jamey-keeper.exe")))
    }

    /// The value in the registry that starts the runtime of this home.
    fn run_key(&self) -> Result<String> {
        let all = self.windows(&["reg", "query", RUN])?;
        let line = all.lines().find(|line| line.contains(&self.home)).context("no value starts it")?;
        Ok(line.to_owned())
    }

    /// The tasks of ours that Wine keeps.
    fn tasks(&self) -> Result<Vec<String>> {
        let folder = wine::home(self.layout).join("drive_c/windows/system32/tasks");
        let Ok(files) = fs::read_dir(folder) else { return Ok(Vec::new()) };
        let names = files.map(|file| file.map(|file| file.file_name().to_string_lossy().into_owned()));
        Ok(names
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .filter(|name| name.starts_with("jamey"))
            .collect())
    }
}
