//! `cargo xtask dist`: a release for this system, as one archive with its sum.
//!
//! What it holds lies as in the clone, so that the installers find programs and icons the same way in
//! both.

mod notices;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context as _, Result, bail};

use crate::{cargo, desktop, layout::Layout, product, say, setup};

/// What comes with them, by its place in the clone.
const FILES: &[&str] = &[
    "install.sh",
    "install.ps1",
    "README.md",
    "CHANGELOG.md",
    "LICENSE-MIT",
    "LICENSE-APACHE",
    "packaging/icons/jamey.svg",
    "packaging/icons/jamey-256.png",
    "packaging/icons/jamey.ico",
];
/// Completions for those who package Jamey for a system; the installers ask the program itself.
const COMPLETIONS: [(&str, &str); 4] =
    [("bash", "jamey.bash"), ("zsh", "_jamey"), ("fish", "jamey.fish"), ("powershell", "_jamey.ps1")];

/// Builds, gathers, packs; prints where the archive is.
///
/// # Errors
/// When something does not build, or the disk is full.
pub fn dist(layout: &Layout, words: &[String]) -> Result<ExitCode> {
    let out = match words {
        [] => layout.target.join("dist"),
        [flag, folder] if flag == "--out" => std::path::absolute(folder)?,
        _ => bail!("`cargo xtask dist` takes only --out DIR"),
    };
    // What is handed on is built to be small.
    let layout = &layout.dist();
    setup::build_tools()?;
    say::step("building");
    product::build(layout)?;
    desktop::build(layout)?;
    let version = cargo::output(product::jamey(layout).arg("--version"))?;
    let version = version.trim().strip_prefix("jamey ").context("jamey does not say its version")?;
    let name = format!("jamey-{version}-{}-{}", env::consts::OS, env::consts::ARCH);
    say::step(&format!("packing {name}"));
    let folder = out.join(&name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    gather(layout, &folder)?;
    let archive = pack(&out, &name)?;
    fs::remove_dir_all(&folder)?;
    println!("{}", archive.display());
    Ok(ExitCode::SUCCESS)
}

fn gather(layout: &Layout, folder: &Path) -> Result<()> {
    for part in ["bin", "completions", "packaging/icons"] {
        fs::create_dir_all(folder.join(part))?;
    }
    for program in desktop::PROGRAMS {
        let built = layout.bin(program);
        let name = built.file_name().context("a program has a name")?;
        fs::copy(&built, folder.join("bin").join(name))?;
    }
    for file in FILES {
        fs::copy(layout.root.join(file), folder.join(file)).with_context(|| format!("{file} is missing"))?;
    }
    for (shell, name) in COMPLETIONS {
        let script = cargo::output(product::jamey(layout).args(["completions", shell]))?;
        fs::write(folder.join("completions").join(name), script)?;
    }
    fs::write(folder.join("THIRD-PARTY.txt"), notices::notices(layout)?)?;
    Ok(())
}

/// Packs the folder `name` in `out`; a `.zip` where that is what people can open.
fn pack(out: &Path, name: &str) -> Result<PathBuf> {
    let archive = out.join(format!("{name}.{}", if cfg!(windows) { "zip" } else { "tar.gz" }));
    let mut tar = Command::new("tar");
    // On Windows the system's own tar, which knows zip by the name.
    tar.arg(if cfg!(windows) { "-acf" } else { "-czf" }).arg(&archive).arg("-C").arg(out);
    // Nobody needs to know who packed it.
    if cfg!(target_os = "linux") {
        tar.args(["--owner=0", "--group=0", "--sort=name"]);
    }
    cargo::must(tar.arg(name))?;
    let file = archive.file_name().context("an archive has a name")?.to_string_lossy().into_owned();
    let sum = if cfg!(windows) {
        let said = cargo::output(Command::new("certutil").arg("-hashfile").arg(&archive).arg("SHA256"))?;
        said.lines().nth(1).context("certutil gave no sum")?.trim().to_owned()
    } else {
        let program: &[&str] =
            if cfg!(target_os = "macos") { &["shasum", "-a", "256"] } else { &["sha256sum"] };
        let said = cargo::output(Command::new(program[0]).args(&program[1..]).arg(&archive))?;
        said.split_whitespace().next().context("no sum was given")?.to_owned()
    };
    fs::write(out.join(format!("{file}.sha256")), format!("{sum}  {file}\n"))?;
    Ok(archive)
}
