//! Where things are: this clone, and the build folder that all clones of one person share.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// The folders of a build.
pub struct Layout {
    /// The clone.
    pub root: PathBuf,
    /// Cargo's target folder of the product. Not the clone's own, so that a second clone does not
    /// build llama.cpp and SQLite again.
    pub target: PathBuf,
    /// What was downloaded for tests.
    pub cache: PathBuf,
    /// Cargo's profile: `release` for people who build and for tests, `dist` for what is handed on.
    pub profile: &'static str,
}

/// Smaller programs that take longer to build.
pub const DIST: &str = "dist";

impl Layout {
    /// Finds them from the environment.
    pub fn find() -> Result<Self> {
        // At run time, since a shared target folder may hold an xtask that another clone built.
        let manifest = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&manifest).parent().context("xtask does not lie in a workspace")?.to_path_buf();
        let cache = cache_home()
            .context("no cache folder: set HOME (or XDG_CACHE_HOME) to a folder that can be written")?
            .join("jamey-build");
        let target = match set("CARGO_TARGET_DIR") {
            Some(target) => std::path::absolute(target)?,
            None => cache.join("target"),
        };
        Ok(Self { root, target, cache, profile: "release" })
    }

    /// The same clone and folders, for programs that are handed on.
    pub fn dist(&self) -> Self {
        Self {
            root: self.root.clone(),
            target: self.target.clone(),
            cache: self.cache.clone(),
            profile: DIST,
        }
    }

    /// Where the built programs are.
    pub fn bin_dir(&self) -> PathBuf {
        self.target.join(self.profile)
    }

    /// One built program.
    pub fn bin(&self, name: &str) -> PathBuf {
        self.bin_dir().join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }

    /// Weights that tests and measurements use; kept between runs, apart from the person's own.
    pub fn models(&self) -> PathBuf {
        set("JAMEY_MODELS_DIR").unwrap_or_else(|| self.cache.join("models"))
    }
}

fn cache_home() -> Option<PathBuf> {
    set("XDG_CACHE_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| cfg!(windows).then(|| set("LOCALAPPDATA")).flatten())
        .or_else(|| env::home_dir().filter(|home| home.is_absolute()).map(|home| home.join(".cache")))
}

/// An environment variable that says something.
pub fn set(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}
