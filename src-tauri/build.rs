//! Chooses the pages that the program carries: the built user interface, else a placeholder, so that every
//! member of the workspace builds on a fresh machine.

use std::path::Path;

/// The variable that names the folder with the built pages.
const PAGES: &str = "JAMEY_UI_DIST";

fn main() {
    println!("cargo:rerun-if-changed=placeholder");
    println!("cargo:rerun-if-env-changed={PAGES}");
    let named = std::env::var(PAGES).ok().filter(|folder| !folder.is_empty());
    let folder = named.unwrap_or_else(|| "../dist".to_owned());
    let is_there = Path::new(&folder).join("index.html").is_file();
    let pages = if is_there { folder.as_str() } else { "placeholder" };
    // Only what is there may be watched: what is not would make every build begin anew.
    println!("cargo:rerun-if-changed={pages}");
    println!("cargo:rerun-if-changed=isolation");
    // Whole, since the example lies in a folder of its own.
    let pages = std::path::absolute(pages).unwrap_or_else(|_| pages.into());
    let config = format!("{{\"build\":{{\"frontendDist\":{:?}}}}}", pages.display().to_string());
    // Read by the macro that puts the pages into the program. `tauri build` sets it too; then it decides.
    if std::env::var_os("TAURI_CONFIG").is_none() {
        println!("cargo:rustc-env=TAURI_CONFIG={config}");
    }
    tauri_build::build();
}
