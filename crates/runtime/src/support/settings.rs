//! The settings that hold, where each comes from, and which variables are set. Never a variable's value.

use std::fmt::Write as _;

use super::scrub::Scrub;
use crate::config::{Glimpse, KEYS, Source};

/// Variables that change what Jamey does, besides those that stand for a setting.
const OF_INTEREST: &[&str] = &[
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_CACHE_HOME",
    "XDG_RUNTIME_DIR",
    "LANG",
    "LC_ALL",
    "TERM",
    "NO_COLOR",
    "VISUAL",
    "EDITOR",
    "SHELL",
    "RUST_LOG",
    "LD_PRELOAD",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NOTIFY_SOCKET",
    "LISTEN_FDS",
];

pub(super) fn text(glimpse: &Glimpse, scrub: &Scrub) -> String {
    let mut out = String::from("# What the next start would go by, and where it comes from.\n");
    // Writing to a string cannot fail.
    if let Some(fault) = &glimpse.fault {
        let _ = writeln!(out, "# FAULT: {}", scrub.clean(fault));
        out.push_str("# So these are the values of the last file that was right, or the defaults.\n");
    }
    for warning in &glimpse.warnings {
        let _ = writeln!(out, "# warning: {}", scrub.clean(warning));
    }
    for (name, setting) in &glimpse.values {
        let source = match &setting.source {
            Source::Default => "default".to_owned(),
            Source::File => "runtime.toml".to_owned(),
            Source::DotEnv(variable) => format!("{variable} of .env"),
            Source::Environment(variable) => format!("{variable} of the environment"),
            Source::Flag => "flag".to_owned(),
        };
        let value = scrub.value(name, &setting.value.to_string());
        let _ = writeln!(out, "{name} = {value}  # {source}");
    }
    let [process, file] = glimpse.environment.names();
    let process: Vec<&str> = process.into_iter().filter(|name| is_of_interest(name)).collect();
    let _ = write!(
        out,
        "\n# Variables that are set; their values are left out.\n\
         environment of this command: {}\n.env: {}\n",
        scrub.clean(&process.join(" ")),
        scrub.clean(&file.join(" "))
    );
    out
}

fn is_of_interest(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    ["JAMEY_", "OTEL_", "OPENAI_", "AZURE_OPENAI_", "ANTHROPIC_", "GEMINI_", "GOOGLE_", "OLLAMA_", "FAKETIME"]
        .iter()
        .any(|start| upper.starts_with(start))
        || upper.ends_with("_PROXY")
        || OF_INTEREST.contains(&upper.as_str())
        || KEYS.iter().any(|key| key.aliases.contains(&name))
}
