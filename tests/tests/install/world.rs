//! One person's home for the installer, and what a listing of it says.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use jamey_tests::{Ran, process};
use tempfile::TempDir;

/// The tools that the installer may use, each of which every Unix has.
const TOOLS: &[&str] = &[
    "awk",
    "basename",
    "cat",
    "chmod",
    "cmp",
    "cp",
    "cut",
    "dirname",
    "grep",
    "head",
    "id",
    "mkdir",
    "mktemp",
    "mv",
    "rm",
    "rmdir",
    "sed",
    "sh",
    "sha256sum",
    "tail",
    "tar",
    "gzip",
    "touch",
    "tr",
    "uname",
];

/// A home with an awkward name, and programs to install that are played by scripts.
pub struct World {
    dir: TempDir,
    /// `HOME`.
    pub home: PathBuf,
    shell: String,
    environment: Vec<(String, String)>,
}

impl World {
    pub fn new() -> Self {
        Self::named("Zoë O'Neil $x")
    }

    pub fn named(name: &str) -> Self {
        let dir = tempfile::Builder::new().prefix("ji-").tempdir().unwrap();
        // Another account may have to get in.
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let home = dir.path().join(name);
        fs::create_dir(&home).unwrap();
        // Else a real runtime of whoever runs the tests would be found, and ended.
        let run = dir.path().join("run");
        fs::create_dir(&run).unwrap();
        fs::set_permissions(&run, fs::Permissions::from_mode(0o700)).unwrap();
        let tools = dir.path().join("tools");
        fs::create_dir(&tools).unwrap();
        for tool in TOOLS {
            symlink(found(tool), tools.join(tool)).unwrap();
        }
        Self { dir, home, shell: "/bin/bash".to_owned(), environment: Vec::new() }
    }

    pub fn shell(mut self, shell: &str) -> Self {
        shell.clone_into(&mut self.shell);
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A place outside the home.
    pub fn aside(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Programs of a version that are scripts.
    pub fn release(&self, version: &str) -> PathBuf {
        let folder = self.aside(&format!("release {version}"));
        fs::create_dir_all(&folder).unwrap();
        for name in ["jamey", "jamey-runtime", "jamey-local-model"] {
            let script = format!(
                "#!/bin/sh\ncase $1 in\n--version) echo {name} {version} ;;\ncompletions) echo \"# $2 of {version}\" ;;\n\
                 runtime) exit 3 ;;\n*) exit 2 ;;\nesac\n"
            );
            program(&folder.join(name), &script);
        }
        folder
    }

    /// The installer with this person's environment and nothing of ours.
    pub fn command(&self, script: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new("/bin/sh");
        command.arg(script).args(arguments);
        self.dress(command)
    }

    /// Puts this person's environment on any command.
    pub fn dress(&self, mut command: Command) -> Command {
        command
            .env_clear()
            .current_dir(self.dir.path())
            .env("PATH", self.dir.path().join("tools"))
            .env("HOME", &self.home)
            .env("SHELL", &self.shell)
            .env("TMPDIR", self.dir.path())
            .env("XDG_RUNTIME_DIR", self.dir.path().join("run"))
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs the command that was installed.
    #[track_caller]
    pub fn jamey(&self, words: &[&str]) -> Ran {
        let mut jamey = self.dress(Command::new(self.in_home(".local/bin/jamey")));
        process::run(jamey.args(words), b"")
    }

    #[track_caller]
    pub fn install(&self, arguments: &[&str]) -> Ran {
        process::run(&mut self.command(&script(), arguments), b"")
    }

    #[track_caller]
    pub fn install_from(&self, from: &Path, more: &[&str]) -> Ran {
        self.install(&[&["--from", from.to_str().unwrap()], more].concat())
    }

    /// Everything in the home: names, kinds, modes and contents.
    pub fn listing(&self) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        list(&self.home, &self.home, &mut found);
        found
    }

    pub fn in_home(&self, name: &str) -> PathBuf {
        self.home.join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.in_home(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.in_home(name)).unwrap()
    }

    /// Whether nothing of a run was left outside the home.
    pub fn left_nothing_aside(&self) -> bool {
        !fs::read_dir(self.dir.path())
            .unwrap()
            .any(|entry| entry.unwrap().file_name().to_string_lossy().starts_with("jamey-install"))
    }
}

impl Drop for World {
    /// A test that failed may have left a runtime.
    fn drop(&mut self) {
        let program = self.in_home(".local/bin/jamey");
        if program.is_file() {
            let _ = self.dress(Command::new(program)).args(["runtime", "stop", "--quiet"]).output();
        }
    }
}

/// Writes a program that is a script.
pub fn program(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The installer of this clone.
pub fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("install.sh")
}

fn found(tool: &str) -> PathBuf {
    std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .map(|folder| folder.join(tool))
        .find(|path| path.is_file())
        .unwrap_or_else(|| panic!("{tool} is not on PATH"))
}

fn list(folder: &Path, root: &Path, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().display().to_string();
        let meta = fs::symlink_metadata(&path).unwrap();
        let mode = meta.permissions().mode() & 0o7777;
        let content = if meta.is_dir() {
            list(&path, root, found);
            "folder".to_owned()
        } else if meta.is_symlink() {
            format!("link to {}", fs::read_link(&path).unwrap().display())
        } else {
            // Long enough to tell any two files of these tests apart.
            let bytes = fs::read(&path).unwrap();
            format!("{} bytes, {:?}", bytes.len(), String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]))
        };
        found.insert(name, format!("{mode:o} {content}"));
    }
}
