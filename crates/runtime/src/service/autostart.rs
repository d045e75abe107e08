//! An entry in the desktop's autostart folder, for systems without a systemd of the person's own.
//! The desktop starts the runtime once at log-in and does not look after it.

use super::{about::About, files::Planned, quote};

/// The entry for this runtime (Desktop Application Autostart Specification 0.5).
#[must_use]
pub fn entry(about: &About) -> Planned {
    let path = about.config_home.join("autostart").join(format!("{}-runtime.desktop", about.name));
    let mut words = vec![quote::desktop_word("/usr/bin/env")];
    // What a desktop knows better than a terminal stays out.
    let kept = about.environment.iter().filter(|(name, _)| name != "PATH");
    words.extend(kept.map(|(name, value)| quote::desktop_word(&format!("{name}={value}"))));
    words.extend([quote::desktop_word(&about.program), "start".to_owned()]);
    let text = format!(
        "[Desktop Entry]\n\
         # Written by `jamey runtime install`; `jamey runtime uninstall` removes it.\n\
         Type=Application\n\
         Name=Jamey\n\
         Comment=Starts Jamey's runtime at log-in\n\
         Exec={}\n\
         Terminal=false\n\
         NoDisplay=true\n\
         X-GNOME-Autostart-enabled=true\n",
        words.join(" ")
    );
    Planned { path, text }
}
