//! Compiles `src/llama/shim.cpp` against the very llama.cpp that llama-cpp-sys-2 has just built.
//!
//! The sys crate hands on its build folder (`DEP_LLAMA_ROOT`); CMake wrote down there where the
//! sources are, so that no path has to be guessed.

use std::path::{Path, PathBuf};

fn main() {
    println!("cargo:rerun-if-changed=src/llama/shim.cpp");
    println!("cargo:rerun-if-env-changed=DEP_LLAMA_ROOT");
    let sources = match llama_sources() {
        Ok(found) => found,
        Err(problem) => {
            println!("cargo:error={problem}");
            std::process::exit(1);
        }
    };
    // Names the exact llama.cpp: its own version number does not change between releases of the crate.
    let version = sources
        .parent()
        .and_then(Path::file_name)
        .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    println!("cargo:rustc-env=JAMEY_LLAMA_SOURCES={version}");
    cc::Build::new()
        .cpp(true)
        .std("c++17")
        .warnings(false)
        .file("src/llama/shim.cpp")
        .include(sources.join("common"))
        .include(sources.join("include"))
        .include(sources.join("ggml/include"))
        .include(sources.join("vendor"))
        .compile("jamey_chat_shim");
}

fn llama_sources() -> Result<PathBuf, String> {
    let root = std::env::var("DEP_LLAMA_ROOT").map_err(|_| "llama-cpp-sys-2 did not say where it built")?;
    let cache = Path::new(&root).join("build/CMakeCache.txt");
    let text =
        std::fs::read_to_string(&cache).map_err(|e| format!("cannot read {}: {e}", cache.display()))?;
    text.lines()
        .find_map(|line| line.strip_prefix("CMAKE_HOME_DIRECTORY:INTERNAL="))
        .map(PathBuf::from)
        .ok_or_else(|| format!("{} does not name the source folder", cache.display()))
}
