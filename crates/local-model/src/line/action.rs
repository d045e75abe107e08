//! An action as the model writes it, and as the product's tools take it.

use std::path::Path;

use serde_json::{Map, Value};

/// The tools that the line prompt explains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tool {
    /// Reads a text file.
    FileRead,
    /// Creates, extends or changes a file.
    FileWrite,
    /// Lists a folder.
    ListDirectory,
    /// Finds files by name or content.
    SearchFiles,
    /// Runs a shell command.
    ShellExec,
    /// Tells about the computer.
    SystemInfo,
}

impl Tool {
    /// All of them, in the order of the prompt.
    pub const ALL: [Self; 6] = [
        Self::FileRead,
        Self::FileWrite,
        Self::ListDirectory,
        Self::SearchFiles,
        Self::ShellExec,
        Self::SystemInfo,
    ];

    /// Its name, the same for the model and for the product.
    pub fn name(self) -> &'static str {
        match self {
            Self::FileRead => "file_read",
            Self::FileWrite => "file_write",
            Self::ListDirectory => "list_directory",
            Self::SearchFiles => "search_files",
            Self::ShellExec => "shell_exec",
            Self::SystemInfo => "system_info",
        }
    }

    /// The tool of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.name() == name)
    }

    /// Whether it only looks at the user's files.
    pub fn only_looks(self) -> bool {
        matches!(self, Self::FileRead | Self::ListDirectory | Self::SearchFiles)
    }

    /// The arguments that the line format knows, in the order in which it writes them.
    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::FileRead | Self::ListDirectory => &["path"],
            Self::FileWrite => &["path", "mode", "content", "old", "new"],
            Self::SearchFiles => &["query", "path"],
            Self::ShellExec => &["command"],
            Self::SystemInfo => &[],
        }
    }
}

/// One call of a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// The tool.
    pub tool: Tool,
    /// Its arguments as the line format has them: all text, in the order of the format.
    pub arguments: Map<String, Value>,
}

impl Action {
    /// Reads `Action: name {arguments}`.
    pub fn read(line: &str) -> Option<Self> {
        let (name, arguments) = line.strip_prefix("Action: ")?.split_once(' ')?;
        let arguments: Map<String, Value> = serde_json::from_str(arguments).ok()?;
        let tool = Tool::named(name)?;
        let known =
            arguments.iter().all(|(key, value)| tool.keys().contains(&key.as_str()) && value.is_string());
        known.then_some(Self { tool, arguments })
    }

    /// Reads a call of the product's tools, leaving out what the line format has no words for.
    pub fn from_call(tool: Tool, call: &Map<String, Value>) -> Self {
        let mut arguments = Map::new();
        for &key in tool.keys() {
            let text = match (call.get(key).and_then(Value::as_str), key) {
                (Some("create"), "mode") => "overwrite",
                (Some(text), _) => text,
                (None, "path") => ".",
                (None, _) => continue,
            };
            arguments.insert(key.to_owned(), Value::from(text));
        }
        Self { tool, arguments }
    }

    /// The arguments as the product's tools take them; `cwd` is what relative paths mean.
    pub fn to_call(&self, cwd: Option<&Path>) -> Value {
        let mut call = self.arguments.clone();
        if self.tool == Tool::FileWrite && self.argument("mode") == Some("overwrite") {
            let exists = cwd.zip(self.argument("path")).is_some_and(|(cwd, path)| cwd.join(path).exists());
            call.insert("mode".to_owned(), Value::from(if exists { "overwrite" } else { "create" }));
        }
        Value::Object(call)
    }

    /// The text of one argument.
    pub fn argument(&self, key: &str) -> Option<&str> {
        self.arguments.get(key).and_then(Value::as_str)
    }

    /// The line as the model writes it. Equal actions have equal lines.
    pub fn line(&self) -> String {
        let pairs: Vec<String> = self
            .arguments
            .iter()
            .map(|(key, value)| format!("{}: {value}", Value::from(key.as_str())))
            .collect();
        format!("Action: {} {{{}}}", self.tool.name(), pairs.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn an_action_is_read_and_written_alike() {
        let line = r#"Action: file_write {"path": "a.txt", "mode": "append", "content": "say \"hi\"\n"}"#;
        let action = Action::read(line).unwrap();
        assert_eq!(action.argument("content"), Some("say \"hi\"\n"));
        assert_eq!(action.line(), line);
    }

    #[test]
    fn an_action_without_arguments_has_empty_braces() {
        assert_eq!(Action::read("Action: system_info {}").unwrap().line(), "Action: system_info {}");
    }

    #[test]
    fn what_is_no_action_is_refused() {
        for line in [
            "",
            "Answer: hello",
            "Action: file_read",
            "Action: file_read {",
            r#"Action: format_disk {"path": "/"}"#,
            r#"Action: file_read {"path": 5}"#,
            r#"Action: file_read {"path": "a", "mode": "x"}"#,
        ] {
            assert_eq!(Action::read(line), None, "{line}");
        }
    }

    #[test]
    fn a_new_file_is_created_and_an_old_one_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("old.txt"), "x").unwrap();
        let mode = |path: &str| {
            let line =
                format!(r#"Action: file_write {{"path": "{path}", "mode": "overwrite", "content": "c"}}"#);
            Action::read(&line).unwrap().to_call(Some(dir.path()))["mode"].clone()
        };
        assert_eq!(mode("old.txt"), json!("overwrite"));
        assert_eq!(mode("new.txt"), json!("create"));
    }

    #[test]
    fn a_call_of_the_product_becomes_a_line_in_the_usual_order() {
        let Value::Object(call) = json!({"timeout_seconds": 5, "command": "ls"}) else { unreachable!() };
        assert_eq!(
            Action::from_call(Tool::ShellExec, &call).line(),
            r#"Action: shell_exec {"command": "ls"}"#
        );
        let Value::Object(call) = json!({"content": "x", "mode": "create", "path": "p"}) else {
            unreachable!()
        };
        assert_eq!(
            Action::from_call(Tool::FileWrite, &call).line(),
            r#"Action: file_write {"path": "p", "mode": "overwrite", "content": "x"}"#
        );
    }

    proptest! {
        #[test]
        fn any_text_survives_the_line(path: String, content: String) {
            let mut arguments = Map::new();
            arguments.insert("path".to_owned(), Value::from(path));
            arguments.insert("mode".to_owned(), Value::from("append"));
            arguments.insert("content".to_owned(), Value::from(content));
            let action = Action { tool: Tool::FileWrite, arguments };
            prop_assert_eq!(Action::read(&action.line()), Some(action));
        }

        #[test]
        fn reading_never_panics(line: String) {
            let _ = Action::read(&line);
            let _ = Action::read(&format!("Action: file_read {line}"));
        }
    }
}
