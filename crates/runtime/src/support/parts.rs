//! Gathers all parts, each within a time of its own, so that a disk or a runtime that hangs costs one part.

use std::{env, path::PathBuf, time::Duration};

use jamey_ipc::{Folders, launch::Started};
use serde_json::{Value, json};
use sysinfo::System;

use super::{LEFT_OUT, about, log, places, runtime, scrub::Scrub, settings};
use crate::{
    config::{Environment, Glimpse, Paths},
    redact::Redactor,
    store::{self, StorePaths},
};

/// How long files and service managers may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the database may take; a large one is read whole.
const OF_DATABASE: Duration = Duration::from_secs(30);

/// One file of the bundle.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its name in the archive.
    pub name: &'static str,
    /// What it is, for people.
    pub about: &'static str,
    /// What it holds, clean.
    pub text: String,
}

/// Looks at everything. `file` is the configuration, if not the usual one. Never fails: what cannot be had
/// says why.
pub async fn gather(folders: &Folders, file: Option<PathBuf>) -> Vec<Part> {
    let paths = Paths::of(folders, file.or_else(|| file_of_start(folders)));
    let glimpse = blocking(move || Glimpse::of(&paths, &Environment::of_process())).await;
    let database = tokio::time::timeout(OF_DATABASE, store::look(&StorePaths::of(folders))).await;
    let (database, private) = match database {
        Ok(look) => (look.facts, look.private),
        Err(_) => {
            (json!({ "fault": format!("no answer within {} seconds", OF_DATABASE.as_secs()) }), Vec::new())
        }
    };
    let scrub = std::sync::Arc::new(scrub(folders, &private));
    let mut about = {
        let folders = folders.clone();
        blocking(move || about::about(&folders)).await.unwrap_or_else(|why| json!({ "fault": why }))
    };
    let place = folders.clone();
    about["service"] =
        blocking(move || about::service(&place)).await.unwrap_or_else(|why| json!({ "fault": why }));
    let (settings, places, lines, start) = {
        let settings = match glimpse {
            Ok(glimpse) => settings::text(&glimpse, &scrub),
            Err(why) => format!("{why}\n"),
        };
        let look = |what: fn(&Folders, &Scrub) -> String| {
            let (folders, scrub) = (folders.clone(), scrub.clone());
            async move { blocking(move || what(&folders, &scrub)).await.unwrap_or_else(|why| format!("{why}\n")) }
        };
        (
            settings,
            look(places::text).await,
            look(|folders, scrub| log::lines(&folders.logs(), scrub)).await,
            look(|folders, scrub| log::start(&folders.start_log(), scrub)).await,
        )
    };
    let json = |value: &Value| scrub.clean(&(serde_json::to_string_pretty(value).unwrap_or_default() + "\n"));
    let told = runtime::answers(folders).await;
    let mut parts = vec![
        Part {
            name: "about.json",
            about: "versions, the system, how the runtime was started",
            text: json(&about),
        },
        Part { name: "runtime.json", about: "what the runtime says of itself", text: json(&told) },
        Part {
            name: "settings.txt",
            about: "settings and their sources, names of variables",
            text: settings,
        },
        Part {
            name: "log.jsonl",
            about: "the last 5,000 lines of the log, without debug and trace",
            text: lines,
        },
        Part { name: "start.log", about: "what the last start printed", text: start },
        Part {
            name: "database.json",
            about: "sizes, counts and integrity, no content",
            text: json(&database),
        },
        Part { name: "files.txt", about: "names, modes and sizes of Jamey's own files", text: places },
    ];
    parts.insert(0, readme(&parts));
    parts
}

fn readme(parts: &[Part]) -> Part {
    let mut text = format!(
        "A support bundle of Jamey {}, made {} (local time).\n\nInside:\n",
        env!("CARGO_PKG_VERSION"),
        chrono::Local::now().format("%Y-%m-%d %H:%M %:z")
    );
    for part in parts {
        text.push_str(&format!("- {}: {}\n", part.name, part.about));
    }
    text.push_str(&format!(
        "\nNot inside: {LEFT_OUT}.\n\nThe home folder is written as ~. Everything is plain text: look through it before \
         you send it to somebody.\n"
    ));
    Part { name: "README.txt", about: "what is inside", text }
}

/// The file that the runtime was started with.
fn file_of_start(folders: &Folders) -> Option<PathBuf> {
    let arguments = Started::read(folders)?.arguments;
    let at = arguments.iter().position(|word| word == "--config")?;
    arguments.get(at + 1).map(PathBuf::from)
}

fn scrub(folders: &Folders, private: &[String]) -> Scrub {
    let redactor = Redactor::shared();
    if let Ok(token) = std::fs::read_to_string(folders.token()) {
        redactor.learn([token.trim()]);
    }
    let mut scrub = Scrub::new(redactor);
    if let Some(home) = env::home_dir() {
        let name = home.file_name().unwrap_or_default().to_string_lossy().into_owned();
        scrub = scrub.folder(&home, "~").name(&name, "[user]");
    }
    for variable in ["USER", "LOGNAME", "USERNAME"] {
        scrub = scrub.name(&env::var(variable).unwrap_or_default(), "[user]");
    }
    let host = System::host_name().unwrap_or_default();
    scrub = scrub.name(&host, "[host]").name(host.split('.').next().unwrap_or_default(), "[host]");
    if let Some(home) = env::var_os("JAMEY_HOME") {
        scrub = scrub.folder(std::path::Path::new(&home), "$JAMEY_HOME");
    }
    private.iter().fold(scrub, |scrub, text| scrub.private(text))
}

/// Does what may hang on a thread of its own, and does not wait for ever.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, String> {
    match tokio::time::timeout(PATIENCE, tokio::task::spawn_blocking(work)).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(_)) => Err("this part could not be made, by a fault of Jamey's own".to_owned()),
        Err(_) => Err(format!("this part was not there within {} seconds", PATIENCE.as_secs())),
    }
}
