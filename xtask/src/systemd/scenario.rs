//! What the service promises, one thing after the other.

use std::{
    fs,
    io::{Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, ensure};

use super::inside::{Inside, text};
use crate::say;

/// Shorter than the one that is installed, so that a hang is found while somebody waits.
const SHORT_WATCHDOG: &str = "[Service]\nWatchdogSec=2\nTimeoutAbortSec=1\nTimeoutStopSec=3\n";

/// Bytes of a page of the database.
const PAGE: usize = 4096;

/// Goes through all of it.
///
/// # Errors
/// With the first thing that did not hold.
pub fn run(inside: &mut Inside) -> Result<()> {
    let before = files(&inside.home(".config"))?;
    shown_first(inside, &before)?;
    installed(inside)?;
    killed(inside)?;
    restarted(inside)?;
    reloaded(inside)?;
    knocked(inside)?;
    hung(inside)?;
    removed(inside, &before)?;
    by_the_installer(inside, &before)?;
    without_systemd(inside, &before)?;
    Ok(())
}

/// Installs the service and lets the soak's program watch it idle.
///
/// # Errors
/// When it costs more than it may.
pub fn idle(inside: &mut Inside, minutes: &str) -> Result<()> {
    installed(inside)?;
    // The work behind a start is done by then, its first look after itself included.
    std::thread::sleep(std::time::Duration::from_secs(90));
    let pid = inside.main_pid()?.to_string();
    let mut watch = Command::new(inside.built.join("soak"));
    crate::cargo::must(watch.args(["--idle", minutes, "--pid", &pid]))
}

fn shown_first(inside: &mut Inside, before: &[PathBuf]) -> Result<()> {
    let shown = inside.must(&["runtime", "install", "--dry-run"])?;
    ensure!(shown.contains("Type=notify") && shown.contains("ListenStream="), "--dry-run shows: {shown}");
    ensure!(files(&inside.home(".config"))? == before, "--dry-run wrote something");
    say::note("install --dry-run shows both units and writes nothing");
    Ok(())
}

fn installed(inside: &mut Inside) -> Result<()> {
    // One that a person started before gives way to the service.
    inside.must(&["runtime", "start"])?;
    let old = inside.answering().unwrap_or_default();
    inside.must(&["runtime", "install"])?;
    let pid = inside.until_replaced("the installed service answers", old)?;
    let units = [inside.home(UNIT), inside.home(SOCKET)];
    let said = inside.verify(&units)?;
    ensure!(!said.contains("jamey"), "systemd-analyze verify: {said}");
    let again = inside.must(&["runtime", "install"])?;
    ensure!(again.contains("already") && inside.main_pid()? == pid, "a second install: {again}");
    say::note(
        "install: systemd-analyze verify finds no fault, the service answers, a second time changes nothing",
    );
    Ok(())
}

fn killed(inside: &mut Inside) -> Result<()> {
    let old = inside.main_pid()?;
    signal("KILL", old)?;
    inside.until_replaced("systemd started a killed runtime again", old)?;
    say::note("kill -9: started again");
    Ok(())
}

fn restarted(inside: &mut Inside) -> Result<()> {
    let old = inside.main_pid()?;
    inside.must(&["runtime", "restart"])?;
    inside.until_replaced("the restarted runtime is the service's", old)?;
    let old = inside.main_pid()?;
    inside.systemctl(&["restart", "jamey.service"])?;
    inside.until_replaced("systemctl restart", old)?;
    say::note("jamey runtime restart, systemctl restart: a new process, kept by systemd");
    Ok(())
}

fn reloaded(inside: &mut Inside) -> Result<()> {
    let old = inside.main_pid()?;
    let said = inside.systemctl(&["reload", "jamey.service"])?;
    ensure!(said.is_empty(), "systemctl reload: {said}");
    inside.until("the log tells of the reload", {
        let log = inside.home(".cache/jamey-code/logs/runtime.log");
        move || fs::read_to_string(&log).is_ok_and(|log| log.contains("read again"))
    })?;
    ensure!(inside.main_pid()? == old, "a reload replaced the process");
    say::note("systemctl reload: the configuration is read again, in the same process");
    Ok(())
}

fn knocked(inside: &mut Inside) -> Result<()> {
    inside.systemctl(&["stop", "jamey.service"])?;
    ensure!(inside.main_pid()? == 0, "the service did not stop");
    inside.must(&["sessions"])?;
    let pid = inside.main_pid()?;
    ensure!(pid != 0 && inside.answering() == Some(pid), "the socket did not start the service");
    say::note("socket activation: the first command starts the stopped service");
    Ok(())
}

fn hung(inside: &mut Inside) -> Result<()> {
    let folder = inside.home(&format!("{UNIT}.d"));
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("short.conf"), SHORT_WATCHDOG)?;
    inside.systemctl(&["daemon-reload"])?;
    let old = inside.main_pid()?;
    inside.systemctl(&["restart", "jamey.service"])?;
    let old = inside.until_replaced("the watchdog is short", old)?;
    // It feeds the watchdog while all is well.
    std::thread::sleep(std::time::Duration::from_secs(5));
    ensure!(inside.main_pid()? == old, "the watchdog ended a healthy runtime");
    begun_anew(inside)?;
    let old = inside.main_pid()?;
    signal("STOP", old)?;
    inside.until_replaced("the watchdog replaced a hanging runtime", old)?;
    fs::remove_dir_all(folder)?;
    inside.systemctl(&["daemon-reload"])?;
    say::note("watchdog: a healthy runtime lives on, a stopped one is replaced");
    Ok(())
}

/// A damaged database is restored by a runtime that begins anew in its process, and systemd sees one service that
/// lives all the while.
fn begun_anew(inside: &mut Inside) -> Result<()> {
    inside.must(&["new", "--name", "kept"])?;
    inside.must(&["backup"])?;
    // The next life reads nothing from memory.
    let old = inside.main_pid()?;
    inside.systemctl(&["restart", "jamey.service"])?;
    let pid = inside.until_replaced("a new life before the damage", old)?;
    let database = inside.home(".local/share/jamey-code/jamey.db");
    let mut file = fs::OpenOptions::new().write(true).open(&database)?;
    let rest = usize::try_from(file.metadata()?.len())?.saturating_sub(PAGE);
    file.seek(SeekFrom::Start(PAGE as u64))?;
    file.write_all(&vec![0xa5; rest])?;
    file.sync_all()?;
    // Whoever reads meets the damage; then the runtime mends it by itself.
    let _ = inside.jamey(&["sessions"])?;
    let mut seen = String::new();
    for _ in 0..100 {
        seen = inside.must(&["runtime", "status"]).unwrap_or_default();
        if seen.contains("was restored") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    ensure!(seen.contains("was restored"), "a damaged database was not restored: {seen}");
    // Longer than the watchdog waits.
    std::thread::sleep(std::time::Duration::from_secs(4));
    ensure!(inside.main_pid()? == pid, "systemd took the runtime that began anew for another");
    ensure!(inside.must(&["sessions"])?.contains("kept"), "the session of the backup is not there");
    say::note("a damaged database: restored by the same process, which feeds the watchdog before and after");
    Ok(())
}

fn removed(inside: &mut Inside, before: &[PathBuf]) -> Result<()> {
    let pid = inside.main_pid()?;
    inside.must(&["runtime", "uninstall"])?;
    let left: Vec<PathBuf> =
        files(&inside.home(".config"))?.into_iter().filter(|file| !is_configuration(file)).collect();
    ensure!(left == before, "uninstall left behind: {left:?}");
    ensure!(!Path::new(&format!("/proc/{pid}")).exists(), "the runtime still runs");
    ensure!(!Path::new("/run/user/0/jamey/runtime.sock").exists(), "the socket is still there");
    let known = inside.systemctl(&["list-unit-files", "--no-legend", "jamey*"])?;
    ensure!(known.is_empty(), "systemd still knows: {known}");
    let again = inside.must(&["runtime", "uninstall"])?;
    ensure!(again.contains("no service is installed"), "a second uninstall: {again}");
    say::note("uninstall: no file, no process, no socket, no unit left");
    Ok(())
}

fn by_the_installer(inside: &mut Inside, before: &[PathBuf]) -> Result<()> {
    let from = inside.built.display().to_string();
    inside.install(&["--from", &from, "--service"])?;
    let pid = inside.main_pid()?;
    let program = fs::read_link(format!("/proc/{pid}/exe"))?;
    ensure!(program == inside.home(".local/bin/jamey-runtime"), "systemd runs {}", program.display());
    // Again is an upgrade.
    inside.install(&["--from", &from, "--service"])?;
    ensure!(inside.answering().is_some(), "nothing answers after an upgrade");
    inside.install(&["--uninstall"])?;
    ensure!(inside.main_pid()? == 0 && !program.exists(), "the installer left its service or programs");
    let left: Vec<PathBuf> =
        files(&inside.home(".config"))?.into_iter().filter(|file| !is_configuration(file)).collect();
    ensure!(left == before, "the installer left behind: {left:?}");
    say::note(
        "install.sh --service, twice, and --uninstall: systemd runs what was installed, then nothing is left",
    );
    Ok(())
}

fn without_systemd(inside: &mut Inside, before: &[PathBuf]) -> Result<()> {
    inside.end_systemd()?;
    let said = inside.must(&["runtime", "install"])?;
    ensure!(said.contains("no systemd of yours answers"), "install without systemd: {said}");
    ensure!(inside.home(".config/autostart/jamey-runtime.desktop").is_file(), "no autostart entry");
    ensure!(inside.answering().is_some(), "nothing answers");
    inside.must(&["runtime", "uninstall"])?;
    ensure!(inside.answering().is_none(), "the runtime still runs");
    let refused = inside.jamey(&["runtime", "uninstall", "--purge"])?;
    ensure!(refused.status.code() == Some(2), "a purge without an answer: {}", text(&refused));
    inside.must(&["runtime", "uninstall", "--purge", "--yes"])?;
    ensure!(files(&inside.home(".config"))? == before, "a purge left configuration behind");
    for folder in [".local/share/jamey-code", ".cache/jamey-code"] {
        ensure!(!inside.home(folder).exists(), "a purge left {folder} behind");
    }
    say::note("without systemd: the desktop's autostart; uninstall --purge leaves nothing at all");
    Ok(())
}

const UNIT: &str = ".config/systemd/user/jamey.service";
const SOCKET: &str = ".config/systemd/user/jamey.socket";

fn is_configuration(file: &Path) -> bool {
    file.components().any(|part| part.as_os_str() == "jamey-code")
}

fn signal(name: &str, pid: u32) -> Result<()> {
    crate::cargo::must(Command::new("kill").arg(format!("-{name}")).arg(pid.to_string()))
}

/// Every file and folder under one that may not be there.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return Ok(found) };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(files(&path)?);
        }
        found.push(path);
    }
    found.sort();
    Ok(found)
}
