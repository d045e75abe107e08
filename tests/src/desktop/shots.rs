//! Pictures of the real window, for the documents.

use std::{fs, path::Path, time::Duration};

use serde_json::json;

use super::{Driver, Panel, Screen};
use crate::{Fake, Home, Reply, bins::bin, home::MODEL};

const ANSWER: &str = "The build stops because `ring` was renamed in version 2. Two places still use the old name:\n\n\
| file | line |\n|---|---:|\n| `src/key.rs` | 14 |\n| `src/sign.rs` | 3 |\n\n\
```rust\nuse ring::signature::Ed25519KeyPair;\n\nlet pair = Ed25519KeyPair::from_pkcs8(&bytes)?;\n```\n\n\
I can change both and run the tests again.";

/// Takes them into `folder`: a conversation in light and dark, wide and narrow, with a question that waits.
pub fn take(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let command = json!({"command": "cargo test --workspace"});
    let fake = Fake::script([
        Reply::call("list_directory", &json!({"path": "."})),
        Reply::text(ANSWER),
        Reply::call("shell_exec", &command),
    ]);
    let home = Home::with(&fake);
    home.file("Cargo.toml", "[package]\n");
    home.file("src/key.rs", "\n");
    let screen = Screen::begin(&home, Panel::Absent);
    let page = Driver::start(&screen, &home);
    page.is_ready();
    for (name, model) in [("Words for the release", MODEL), ("Why the build fails", MODEL)] {
        let session = page.call("create_session", &json!({"request": {"model": model, "name": name}}));
        let id = session["id"].as_str().unwrap().to_owned();
        let _ = screen.output(&home, &bin("jamey-desktop").display().to_string(), &["--session", &id]);
        page.shows(name);
    }
    page.say("Why does the build fail?");
    page.shows("run the tests again");
    page.say("Do that.");
    page.shows("Run this command?");
    let window = screen.windows(&home, "^Jamey$").pop().expect("the window");
    for (size, [width, height]) in [("wide", ["1080", "760"]), ("narrow", ["480", "760"])] {
        screen.xdotool(&home, &["windowsize", "--sync", &window, width, height]);
        for theme in ["light", "dark"] {
            let _ = page.run("document.documentElement.dataset.theme = arguments[0]", &json!([theme]));
            // Transitions have no event that says that all are over.
            std::thread::sleep(Duration::from_secs(1));
            let file = folder.join(format!("window-{size}-{theme}.png"));
            let _ = screen.output(&home, "import", &["-window", &window, &file.display().to_string()]);
            println!("{}", file.display());
        }
    }
}
