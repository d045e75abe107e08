//! Who draws the pages; Linux only.
//!
//! Without a graphics card the engine would still draw as if there were one, through an imitation of it (Mesa's
//! llvmpipe): it starts more slowly, takes more memory, and a page that changes all the time drops frames. There it
//! draws by itself instead.

use std::{fs, path::Path};

use tauri::WebviewWindow;
use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt as _, WebViewExt as _};

/// Where a card shows itself: a render node of the kernel, NVIDIA's own driver, Windows beneath a guest.
const CARDS: [(&str, &str); 3] = [("/dev/dri", "renderD"), ("/dev", "nvidia0"), ("/dev", "dxg")];

/// Lets the engine draw this page by itself where there is no card.
pub(super) fn choose(window: &WebviewWindow) {
    if CARDS.iter().any(|(folder, name)| has(Path::new(folder), name)) {
        return;
    }
    let _ = window.with_webview(|view| {
        if let Some(settings) = view.inner().settings() {
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        }
    });
}

fn has(folder: &Path, name: &str) -> bool {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .any(|entry| entry.file_name().to_str().is_some_and(|found| found.starts_with(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_seen_by_its_node() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!has(&folder.path().join("dri"), "renderD"));
        fs::write(folder.path().join("card0"), "").unwrap();
        assert!(!has(folder.path(), "renderD"));
        fs::write(folder.path().join("renderD128"), "").unwrap();
        assert!(has(folder.path(), "renderD"));
    }
}
