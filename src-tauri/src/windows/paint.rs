//! Who draws the pages; Linux only.
//!
//! Without a graphics card the engine would still draw as if there were one, through an imitation of it (Mesa's
//! llvmpipe): it starts more slowly, takes more memory, and a page that changes all the time drops frames. There it
//! draws by itself instead.

use std::{fs, path::Path};

use gtk::glib;

/// How the engine is told. Asking for it of a page that loads already has that page's process die now and then.
const BY_ITSELF: &str = "WEBKIT_DISABLE_COMPOSITING_MODE";

/// Where a card shows itself: a render node of the kernel in this folder, NVIDIA's own driver, Windows beneath a guest.
const NODES: &str = "/dev/dri";
const CARDS: [&str; 2] = ["/dev/nvidia0", "/dev/dxg"];

/// Lets the engine draw by itself where there is no card, unless a person decided. To be called before any thread
/// is started.
pub fn choose() {
    if has_node(Path::new(NODES)) || CARDS.iter().any(|card| Path::new(card).exists()) {
        return;
    }
    if let Err(error) = glib::setenv(BY_ITSELF, "1", false) {
        crate::trouble::note(format_args!("pages may be drawn slowly: {error}"));
    }
}

fn has_node(folder: &Path) -> bool {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .any(|entry| entry.file_name().to_str().is_some_and(|found| found.starts_with("renderD")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_seen_by_its_node() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!has_node(&folder.path().join("dri")));
        fs::write(folder.path().join("card0"), "").unwrap();
        assert!(!has_node(folder.path()));
        fs::write(folder.path().join("renderD128"), "").unwrap();
        assert!(has_node(folder.path()));
    }
}
