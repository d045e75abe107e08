//! Chooses the pages that the program carries: the built user interface, else a placeholder, so that every
//! member of the workspace builds on a fresh machine.

use std::path::Path;

/// The variable that names the folder with the built pages.
const PAGES: &str = "JAMEY_UI_DIST";
/// What the main window may do.
const ALL: &str = "capabilities/main.json";

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
    println!("cargo:rerun-if-changed={ALL}");
    let commands = tauri_build::AppManifest::new().commands(commands());
    if let Err(error) = tauri_build::try_build(tauri_build::Attributes::new().app_manifest(commands)) {
        println!("cargo:error={error:#}");
        std::process::exit(1);
    }
}

/// All commands, as the main window may call them: what is named there has to be allowed to each window by name. A
/// test of the bindings compares them with those in the code.
fn commands() -> &'static [&'static str] {
    let text = std::fs::read_to_string(ALL).unwrap_or_default();
    let allowed = text.split('"').filter_map(|word| word.strip_prefix("allow-"));
    let names = allowed.map(|name| &*name.replace('-', "_").leak());
    names.collect::<Vec<&str>>().leak()
}
