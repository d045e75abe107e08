//! The command by which Windows starts the runtime at log-on: the windowless `jamey-keeper`, which starts
//! the runtime without a console that anybody sees and starts it again after a crash.

use super::{about::About, files::Planned, quote};

/// Variables that the keeper may be given, in its own command line, since neither a task nor the registry
/// can set any.
pub const VARIABLES: [&str; 2] = ["JAMEY_HOME", "JAMEY_MODELS_DIR"];

/// The arguments of the keeper.
#[must_use]
pub fn arguments(about: &About) -> String {
    let words: Vec<String> = about
        .environment
        .iter()
        .filter(|(name, _)| VARIABLES.contains(&name.as_str()))
        .map(|(name, value)| quote::windows_word(&format!("{name}={value}")))
        .collect();
    words.join(" ")
}

/// The whole command line.
#[must_use]
pub fn line(about: &About) -> String {
    let line = format!("{} {}", quote::windows_word(&about.keeper), arguments(about));
    line.trim_end().to_owned()
}

/// Reads those arguments back.
///
/// # Errors
/// The word that is none of them.
pub fn variables(words: impl Iterator<Item = String>) -> Result<Vec<(String, String)>, String> {
    words
        .map(|word| match word.split_once('=') {
            Some((name, value)) if VARIABLES.contains(&name) => Ok((name.to_owned(), value.to_owned())),
            _ => Err(word),
        })
        .collect()
}

/// Word for those who start the runtime without Windows: they shall let the keeper do it.
#[must_use]
pub fn word(about: &About) -> Planned {
    let text = format!(
        "Written by `jamey runtime install`; `jamey runtime uninstall` removes it.\n\
         While this file is here, the runtime is started by {}, which starts it again after a crash.\n",
        about.keeper
    );
    Planned { path: about.kept.clone(), text }
}
