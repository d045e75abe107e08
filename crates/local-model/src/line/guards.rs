//! What keeps a small model on the path: rules over what it did so far in this turn.

use std::path::Path;

use crate::line::action::{Action, Tool};
use crate::line::transcript::{Step, Turn};

/// Calls in one turn, after which the model has to answer.
const MOST_CALLS: usize = 4;

/// What the model may do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// Whatever it wants.
    Free,
    /// It may choose any action; if it would rather answer, it has to look at something first.
    MustAct,
    /// It has to answer now.
    MustAnswer,
}

/// Decides what the model may do next in `turn`.
pub fn leave(turn: &Turn, cwd: Option<&Path>) -> Leave {
    let calls = turn.steps.iter().filter(|s| matches!(s, Step::Acted { .. })).count();
    if calls >= MOST_CALLS {
        return Leave::MustAnswer;
    }
    let must_act = match turn.steps.last() {
        None => {
            cwd.is_some_and(|cwd| names_existing_path(&turn.user, cwd)) || asks_of_this_computer(&turn.user)
        }
        // The tool answered with what the next call needs.
        Some(Step::Acted { result: Some(result), .. }) => {
            result.contains("Use old text copied") || result.contains("Similar files:")
        }
        Some(_) => false,
    };
    if must_act { Leave::MustAct } else { Leave::Free }
}

/// Whether `action` was done in this turn already: doing it again would give the same result again.
pub fn repeats(turn: &Turn, action: &Action) -> bool {
    turn.steps.iter().filter_map(Step::action).any(|done| done.line() == action.line())
}

/// Sends `action` to the tool that fits what its path is: a file is read, a folder is listed.
///
/// Who searches for a file by the very path where it lies wants what is in it.
pub fn aim(action: &mut Action, cwd: Option<&Path>) {
    if action.tool == Tool::SearchFiles
        && let Some((cwd, query)) = cwd.zip(action.argument("query").map(ToOwned::to_owned))
        && !query.starts_with(['/', '\\'])
        && cwd.join(&query).is_file()
    {
        action.tool = Tool::FileRead;
        action.arguments.clear();
        action.arguments.insert("path".to_owned(), query.into());
        return;
    }
    let Some(path) = cwd.zip(action.argument("path")).map(|(cwd, path)| cwd.join(path)) else { return };
    match action.tool {
        Tool::ListDirectory if path.is_file() => action.tool = Tool::FileRead,
        Tool::FileRead if path.is_dir() => action.tool = Tool::ListDirectory,
        _ => {}
    }
}

/// Undoes what models do to texts they were told to write: a full stop at the end, an empty line in front.
pub fn keep_words_of_user(action: &mut Action, user: &str) {
    if action.tool != Tool::FileWrite {
        return;
    }
    if action.argument("mode") == Some("append")
        && let Some(text) = action.argument("content").map(|t| t.trim_start_matches('\n').to_owned())
        && !text.is_empty()
    {
        action.arguments.insert("content".to_owned(), text.into());
    }
    for key in ["content", "new"] {
        let Some(text) = action.argument(key) else { continue };
        let bare = text.trim_end_matches(['.', '!']);
        if bare.len() != text.len() && !bare.is_empty() && !user.contains(text) && user.contains(bare) {
            let bare = bare.to_owned();
            action.arguments.insert(key.to_owned(), bare.into());
        }
    }
}

/// Whether the text names something that exists below `cwd`: then a reply without looking would be a guess.
fn names_existing_path(text: &str, cwd: &Path) -> bool {
    words(text).any(|word| {
        let path_like = word.contains('/') || has_extension(word);
        // Never ask the network whether a share exists.
        path_like && !word.starts_with("//") && !word.starts_with("\\\\") && cwd.join(word).exists()
    })
}

/// Whether the text asks for something that only the computer itself knows.
fn asks_of_this_computer(text: &str) -> bool {
    let text = text.to_lowercase();
    [
        "this computer",
        "this machine",
        "this pc",
        "this laptop",
        "my computer",
        "my machine",
        "my laptop",
        "my pc",
    ]
    .iter()
    .any(|name| text.contains(name))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let separators = |c: char| c.is_whitespace() || "\"'`?,;:!()<>“”‘’«»".contains(c);
    let single = text.split(separators);
    // Names with spaces come in quotes.
    let quoted = text.split(['"', '\'', '`', '“', '”', '‘', '’']).skip(1).step_by(2);
    single
        .chain(quoted)
        .map(|w| w.trim().trim_end_matches('.'))
        .filter(|w| !w.is_empty() && !w.contains('\0'))
}

fn has_extension(word: &str) -> bool {
    word.rsplit_once('.').is_some_and(|(stem, extension)| {
        stem.ends_with(|c: char| c.is_alphanumeric() || c == '_')
            && (1..=5).contains(&extension.len())
            && extension.chars().all(|c| c.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Call;
    use proptest::prelude::*;
    use serde_json::json;

    fn acted(path: &str, result: &str) -> Step {
        let serde_json::Value::Object(arguments) = json!({ "path": path }) else { unreachable!() };
        Step::Acted {
            call: Call { id: "1".into(), name: "file_read".into(), arguments },
            result: Some(result.into()),
        }
    }

    fn turn(user: &str, steps: Vec<Step>) -> Turn {
        Turn { user: user.into(), steps }
    }

    #[test]
    fn naming_an_existing_file_means_looking_first() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("notes.txt"), "x").unwrap();
        std::fs::write(dir.path().join("my menü.txt"), "x").unwrap();
        std::fs::create_dir(dir.path().join("docs")).unwrap();
        for (text, expected) in [
            ("What is in notes.txt?", Leave::MustAct),
            ("read \"notes.txt\".", Leave::MustAct),
            ("what does 'my menü.txt' say", Leave::MustAct),
            ("list docs/", Leave::MustAct),
            ("What is in other.txt?", Leave::Free),
            ("docs", Leave::Free),
            ("Hello there.", Leave::Free),
            ("How many cores does this computer have?", Leave::MustAct),
            ("How many cores does a computer have?", Leave::Free),
            ("//server/share/a.txt", Leave::Free),
        ] {
            assert_eq!(leave(&turn(text, vec![]), Some(dir.path())), expected, "{text}");
        }
        assert_eq!(leave(&turn("What is in notes.txt?", vec![]), None), Leave::Free);
    }

    #[test]
    fn after_four_calls_the_model_has_to_answer() {
        let steps = |n: usize| (0..n).map(|i| acted(&i.to_string(), "ok")).collect::<Vec<_>>();
        assert_eq!(leave(&turn("u", steps(3)), None), Leave::Free);
        assert_eq!(leave(&turn("u", steps(4)), None), Leave::MustAnswer);
    }

    #[test]
    fn a_result_with_a_way_out_means_going_on() {
        assert_eq!(
            leave(&turn("u", vec![acted("a", "Error: no such file: a. Similar files: b")]), None),
            Leave::MustAct
        );
        assert_eq!(
            leave(&turn("u", vec![acted("a", "Error. Use old text copied from the file")]), None),
            Leave::MustAct
        );
        assert_eq!(leave(&turn("u", vec![acted("a", "(1 line)\nhello")]), None), Leave::Free);
    }

    #[test]
    fn the_same_action_twice_is_a_repetition() {
        let turn = turn("u", vec![acted("a", "ok")]);
        let action =
            |path: &str| Action::read(&format!(r#"Action: file_read {{"path": "{path}"}}"#)).unwrap();
        assert!(repeats(&turn, &action("a")));
        assert!(!repeats(&turn, &action("b")));
    }

    #[test]
    fn a_file_is_read_and_a_folder_listed_whatever_the_model_calls_it() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("f"), "x").unwrap();
        std::fs::create_dir(dir.path().join("d")).unwrap();
        for (line, tool) in [
            (r#"Action: list_directory {"path": "f"}"#, Tool::FileRead),
            (r#"Action: file_read {"path": "d"}"#, Tool::ListDirectory),
            (r#"Action: file_read {"path": "f"}"#, Tool::FileRead),
            (r#"Action: file_read {"path": "absent"}"#, Tool::FileRead),
            (r#"Action: search_files {"query": "f", "path": "."}"#, Tool::FileRead),
            (r#"Action: search_files {"query": "word", "path": "."}"#, Tool::SearchFiles),
        ] {
            let mut action = Action::read(line).unwrap();
            aim(&mut action, Some(dir.path()));
            assert_eq!(action.tool, tool, "{line}");
        }
    }

    #[test]
    fn a_full_stop_that_the_user_did_not_say_is_taken_off() {
        let write = |content: &str, user: &str| {
            let line =
                format!(r#"Action: file_write {{"path": "a", "mode": "append", "content": "{content}"}}"#);
            let mut action = Action::read(&line).unwrap();
            keep_words_of_user(&mut action, user);
            action.argument("content").unwrap().to_owned()
        };
        assert_eq!(write("Call Maria.", "Append Call Maria to notes"), "Call Maria");
        assert_eq!(write("Call Maria.", "Append Call Maria. to notes"), "Call Maria.");
        assert_eq!(write("\\nCall Maria", "Append Call Maria to notes"), "Call Maria");
        assert_eq!(write("Something else.", "Append Call Maria to notes"), "Something else.");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_guards_panic(text: String) {
            let dir = tempfile::tempdir().unwrap();
            let _ = leave(&turn(&text, vec![]), Some(dir.path()));
        }
    }
}
