//! What a task is, as its file says it.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Deserialize;

/// One thing that a person asks for, and what must be true when it is done.
///
/// An alternative list such as `"14 march|march 14"` holds when one of its parts occurs as whole
/// words, whatever the case. `{cpus}` and `{year}` stand for this machine's.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// For the table.
    pub name: String,
    /// What is asked, word for word.
    pub prompt: String,
    /// How much may happen without asking; `full` if not said.
    #[serde(default = "full")]
    pub mode: String,
    /// The files that lie in the folder, by their path.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// Alternatives of which each list must be met by the answer.
    #[serde(default)]
    pub answer: Vec<String>,
    /// Alternatives that must not be met by the answer.
    #[serde(default)]
    pub answer_not: Vec<String>,
    /// What files must hold afterwards, white space at both ends aside.
    #[serde(default)]
    pub same: BTreeMap<String, String>,
    /// Alternatives that must be met by files afterwards.
    #[serde(default)]
    pub has: BTreeMap<String, Vec<String>>,
    /// Files and folders that must not be there afterwards.
    #[serde(default)]
    pub gone: Vec<String>,
    /// Files and folders that must be there afterwards, whatever they hold.
    #[serde(default)]
    pub there: Vec<String>,
}

fn full() -> String {
    "full".to_owned()
}

#[derive(Deserialize)]
struct Tasks {
    task: Vec<Task>,
}

/// Reads a set of tasks.
///
/// # Errors
/// With the place in the file where it is not one.
pub fn load(path: &Path) -> Result<Vec<Task>, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let tasks: Tasks =
        toml_edit::de::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(tasks.task)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_of_tasks_can_be_read_and_asks_for_something() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("eval");
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let tasks = load(&entry.path()).unwrap();
            assert_eq!(tasks.len(), 20, "{}", entry.path().display());
            for task in tasks {
                let asks =
                    task.answer.len() + task.same.len() + task.has.len() + task.gone.len() + task.there.len();
                assert!(asks > 0, "{} asks for nothing", task.name);
            }
        }
    }
}
