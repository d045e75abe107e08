//! Compares an answer and a folder with what a task asks for.

use std::{fs, path::Path};

use super::Task;

/// Names everything that is not as it must be; nothing if all is.
#[must_use]
pub fn judge(task: &Task, answer: &str, folder: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    for alternatives in &task.answer {
        if !meets(answer, alternatives) {
            wrong.push(format!("the answer lacks {alternatives}"));
        }
    }
    for alternatives in &task.answer_not {
        if meets(answer, alternatives) {
            wrong.push(format!("the answer has {alternatives}"));
        }
    }
    let read = |path: &str| fs::read_to_string(folder.join(path)).ok();
    for (path, text) in &task.same {
        match read(path) {
            None => wrong.push(format!("{path} is not there")),
            Some(found) if found.trim() != text.trim() => wrong.push(format!("{path} holds {found:?}")),
            Some(_) => {}
        }
    }
    for (path, lists) in &task.has {
        let found = read(path).unwrap_or_default();
        for alternatives in lists.iter().filter(|alternatives| !meets(&found, alternatives)) {
            wrong.push(format!("{path} lacks {alternatives}"));
        }
    }
    for path in task.gone.iter().filter(|path| folder.join(path).exists()) {
        wrong.push(format!("{path} is still there"));
    }
    for path in task.there.iter().filter(|path| !folder.join(path).exists()) {
        wrong.push(format!("{path} is not there"));
    }
    for (path, text) in &task.files {
        let may_change =
            task.same.contains_key(path) || task.has.contains_key(path) || task.gone.contains(path);
        if !may_change && read(path).as_ref() != Some(text) {
            wrong.push(format!("{path} was changed"));
        }
    }
    wrong
}

/// Tells whether one of the alternatives occurs as whole words.
fn meets(text: &str, alternatives: &str) -> bool {
    let text = text.to_lowercase().replace('\u{2019}', "'");
    alternatives.split('|').map(|part| filled(part).to_lowercase()).any(|part| {
        text.match_indices(&part).any(|(at, found)| {
            let before = text[..at].chars().next_back();
            let after = text[at + found.len()..].chars().next();
            let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            let (first, last) = (part.chars().next(), part.chars().next_back());
            !(is_word(before) && is_word(first) || is_word(after) && is_word(last))
        })
    })
}

fn filled(part: &str) -> String {
    let cpus = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let days = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64() / 86_400.0);
    let year = 1970 + (days / 365.2425) as u64;
    part.replace("{cpus}", &cpus.to_string()).replace("{year}", &year.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_are_whole_words_in_any_case() {
        assert!(meets("It is due on March 14.", "14 march|march 14"));
        assert!(meets("There are Four files", "4|four"));
        assert!(!meets("There are 14 files", "4|four"));
        assert!(!meets("", "x"));
        assert!(meets("the password is `lantern-Otter-55`", "lantern-otter-55"));
    }
}
