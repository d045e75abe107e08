//! The text of `permissions.toml`: one `[[allow]]` for each allowance.
//!
//! A file is understood whole or not at all: a word that is not known could be a limit that a person, or a
//! later version, meant.

use chrono::{DateTime, Local, SecondsFormat};
use jamey_engine::policy::Rule;
use jamey_protocol::Access;
use serde::Deserialize as _;
use serde_json::Value;
use toml_edit::{ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike};

/// Stands at the top of the first file.
const HEAD: &str = "\
# What you allowed with \"Always for exactly this\". Each entry lets one tool touch exactly what stands
# there, in sessions of that folder, without asking: nothing more and nothing else.
# Take an entry out and save to be asked again; that holds at once. No restart is needed.

";

/// Reads every allowance.
///
/// # Errors
/// Where the text is not understood, with the place.
pub(super) fn rules(text: &str) -> Result<Vec<Rule>, String> {
    let document = parse(text)?;
    if let Some((name, _)) = document.iter().find(|(name, _)| *name != "allow") {
        return Err(format!("there is no key {name:?}; it holds [[allow]] entries only"));
    }
    let Some(item) = document.get("allow") else { return Ok(Vec::new()) };
    let entries = item.as_array_of_tables().ok_or("\"allow\" must be written as [[allow]]")?;
    let numbered = entries.iter().zip(1..);
    numbered.map(|(entry, number)| rule(entry).map_err(|why| format!("entry {number}: {why}"))).collect()
}

/// Adds an allowance at the end and leaves the rest as the person wrote it.
///
/// # Errors
/// When the text is not understood, or a path is no text.
pub(super) fn with(text: &str, rule: &Rule, now: &DateTime<Local>) -> Result<String, String> {
    let mut document = parse(if text.trim().is_empty() { HEAD } else { text })?;
    let mut entry = Table::new();
    entry.insert("tool", toml_edit::value(rule.tool.as_str()));
    let folder = rule.folder.to_str().ok_or("the folder's name is no text")?;
    entry.insert("folder", toml_edit::value(folder));
    let mut accesses = toml_edit::Array::new();
    for access in &rule.accesses {
        accesses.push(inline(access)?);
    }
    entry.insert("accesses", toml_edit::value(accesses));
    let date: toml_edit::Datetime = now
        .to_rfc3339_opts(SecondsFormat::Secs, true)
        .parse()
        .map_err(|error| format!("the clock's date cannot be written: {error}"))?;
    entry.insert("allowed_on", toml_edit::value(date));
    let all = document.entry("allow").or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    all.as_array_of_tables_mut().ok_or("\"allow\" must be written as [[allow]]")?.push(entry);
    let mut written = document.to_string();
    if text.trim().is_empty() {
        // A comment without a table behind it is the document's end; it shall be its beginning.
        written = format!("{HEAD}{}", written.replacen(HEAD, "", 1).trim_start());
    }
    Ok(written)
}

/// Takes an allowance out and leaves the rest as the person wrote it; nothing if it is not there.
///
/// # Errors
/// When the text is not understood.
pub(super) fn without(text: &str, gone: &Rule) -> Result<Option<String>, String> {
    let Some(at) = rules(text)?.iter().rposition(|kept| kept == gone) else { return Ok(None) };
    let mut document = parse(text)?;
    if let Some(all) = document.get_mut("allow").and_then(Item::as_array_of_tables_mut) {
        all.remove(at);
    }
    Ok(Some(document.to_string()))
}

fn parse(text: &str) -> Result<DocumentMut, String> {
    text.trim_start_matches('\u{feff}').parse().map_err(|error: toml_edit::TomlError| error.to_string())
}

fn rule(entry: &Table) -> Result<Rule, String> {
    const WORDS: [&str; 4] = ["tool", "folder", "accesses", "allowed_on"];
    if let Some((name, _)) = entry.iter().find(|(name, _)| !WORDS.contains(name)) {
        return Err(format!("there is no key {name:?}; there are {}", WORDS.join(", ")));
    }
    let text = |name: &str| {
        let found = entry.get(name).and_then(Item::as_str);
        found.map(str::to_owned).ok_or(format!("{name} must be a text in quotes"))
    };
    let list = entry.get("accesses").and_then(Item::as_array).ok_or("accesses must be a list of { … }")?;
    let accesses: Vec<Access> = list
        .iter()
        .zip(1..)
        .map(|(one, number)| access(one).ok_or(format!("access {number} is none that this version knows")))
        .collect::<Result<_, _>>()?;
    if accesses.is_empty() {
        return Err("accesses must hold at least one".to_owned());
    }
    Ok(Rule { tool: text("tool")?, folder: text("folder")?.into(), accesses })
}

/// An access, exactly as it is told to faces. One with a word too many is none: the word may be a limit.
fn access(value: &toml_edit::Value) -> Option<Access> {
    let fields = value.as_inline_table()?.iter();
    let json: Value = fields
        .map(|(name, field)| Some((name.to_owned(), Value::from(field.as_str()?))))
        .collect::<Option<serde_json::Map<_, _>>>()?
        .into();
    let access = Access::deserialize(&json).ok()?;
    (serde_json::to_value(&access).ok()? == json).then_some(access)
}

fn inline(access: &Access) -> Result<InlineTable, String> {
    let json = serde_json::to_value(access).map_err(|_| "a path is no text")?;
    let fields = json.as_object().ok_or("an access has no fields")?;
    let mut table = InlineTable::new();
    // What it is comes first, for whoever reads it.
    let type_first = fields
        .iter()
        .filter(|(name, _)| *name == "type")
        .chain(fields.iter().filter(|(name, _)| *name != "type"));
    for (name, field) in type_first {
        TableLike::insert(&mut table, name, toml_edit::value(field.as_str().ok_or("a field is no text")?));
    }
    table.fmt();
    Ok(table)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn run(command: &str) -> Rule {
        let accesses = vec![Access::Run { command: command.into(), cwd: "/work".into() }];
        Rule { tool: "shell_exec".into(), folder: "/work".into(), accesses }
    }

    #[test]
    fn a_person_can_read_it_and_what_they_wrote_in_it_stays() {
        let now = Local::now();
        let first = with("", &run("make test"), &now).unwrap();
        assert!(first.starts_with("# What you allowed"), "{first}");
        assert!(first.contains("\n[[allow]]\ntool = \"shell_exec\"\nfolder = \"/work\"\n"), "{first}");
        let line =
            "accesses = [{ type = \"run\", command = \"make test\", cwd = \"/work\" }]\nallowed_on = 2";
        assert!(first.contains(line), "{first}");
        let mine = first.replace("[[allow]]", "# the tests\n[[allow]]");
        let second = with(&mine, &run("make"), &now).unwrap();
        assert!(second.starts_with(&mine), "{second}");
        assert_eq!(rules(&second).unwrap(), [run("make test"), run("make")]);
    }

    #[test]
    fn what_is_not_understood_is_told_with_its_place() {
        let good = with("", &run("make"), &Local::now()).unwrap();
        for (text, words) in [
            (good.replace("[[allow]]", "[[allow]"), "line"),
            (good.replace("[[allow]]", "[[alow]]"), "alow"),
            (good.replace("[[allow]]", "[allow]"), "[[allow]]"),
            (good.replace("tool =", "tols ="), "entry 1: there is no key \"tols\""),
            (good.replace("\"shell_exec\"", "7"), "entry 1: tool must be"),
            (good.replace("folder =", "until = 1\nfolder ="), "until"),
            (good.replace("\"run\"", "\"fly\""), "access 1"),
            (good.replace("cwd =", "host = \"h\", cwd ="), "access 1"),
            (good.replace("{ type", "7, { type"), "access 1"),
        ] {
            let why = rules(&text).unwrap_err();
            assert!(why.contains(words), "{words}: {why}\n{text}");
        }
        assert_eq!(rules("").unwrap(), []);
        assert_eq!(rules(HEAD).unwrap(), []);
    }

    #[test]
    fn what_is_taken_out_leaves_the_others_word_for_word() {
        let now = Local::now();
        let first = with("", &run("make test"), &now).unwrap();
        let both = with(&first, &run("make"), &now).unwrap();
        assert_eq!(without(&both, &run("make")).unwrap().as_deref(), Some(first.as_str()));
        assert_eq!(rules(&without(&both, &run("make test")).unwrap().unwrap()).unwrap(), [run("make")]);
        assert_eq!(without(&both, &run("make all")).unwrap(), None);
        assert!(without("[[allow]", &run("make")).is_err());
    }

    fn an_access() -> impl Strategy<Value = Access> {
        let text = "[ -~éж\"'\\\\\u{0}-\u{1f}\u{202e}]{0,12}";
        prop_oneof![
            text.prop_map(|path: String| Access::Read { path: path.into() }),
            text.prop_map(|path: String| Access::Write { path: path.into() }),
            (text, text)
                .prop_map(|(command, cwd): (String, String)| Access::Run { command, cwd: cwd.into() }),
            Just(Access::System),
        ]
    }

    fn a_rule() -> impl Strategy<Value = Rule> {
        ("[ -~]{0,8}", "[ -~]{0,8}", prop::collection::vec(an_access(), 1..4))
            .prop_map(|(tool, folder, accesses)| Rule { tool, folder: folder.into(), accesses })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back_as_exactly_that(kept in prop::collection::vec(a_rule(), 1..4)) {
            let mut text = String::new();
            for rule in &kept {
                text = with(&text, rule, &Local::now()).unwrap();
            }
            prop_assert_eq!(rules(&text).unwrap(), kept);
        }

        #[test]
        fn no_rule_ever_allows_anything_but_its_own_accesses(kept in a_rule(), other in a_rule()) {
            let read = rules(&with("", &kept, &Local::now()).unwrap()).unwrap();
            prop_assert_eq!(read.contains(&other), kept == other);
        }

        #[test]
        fn nothing_that_a_person_writes_makes_it_panic(text in "(\\[\\[allow\\]\\]|tool|folder|accesses|=|\"|\\{|\\}|\\[|\\]|\n|[a-z ]){0,60}") {
            let _ = rules(&text);
        }
    }
}
