//! Tells whether a script is nothing but plain commands.
//!
//! Only of such a script can a person see all that it does, so only it may be allowed for good. The check
//! errs to one side: what it does not know is not plain. It must never widen what a rule covers; a rule is the
//! very same script.

/// Words of the shell itself that change what later words mean, or run text as a script.
const CHANGES_MEANING: &[&str] = &[
    ".",
    "alias",
    "bind",
    "builtin",
    "case",
    "cd",
    "command",
    "coproc",
    "declare",
    "do",
    "done",
    "elif",
    "else",
    "enable",
    "esac",
    "eval",
    "exec",
    "export",
    "fi",
    "for",
    "function",
    "getopts",
    "hash",
    "if",
    "in",
    "let",
    "local",
    "mapfile",
    "popd",
    "printf",
    "pushd",
    "read",
    "readarray",
    "readonly",
    "select",
    "set",
    "shopt",
    "source",
    "then",
    "time",
    "trap",
    "typeset",
    "unalias",
    "unset",
    "until",
    "while",
];

/// Programs that run what stands behind them: as a script, with other variables, or as another user. They are
/// looked for among all words, since one may stand behind the other.
const RUNS_MORE: &[&str] = &[
    "awk", "bash", "busybox", "csh", "dash", "doas", "env", "fish", "flock", "gawk", "ksh", "nice", "nohup",
    "parallel", "pwsh", "script", "setsid", "sh", "ssh", "stdbuf", "su", "sudo", "tcsh", "timeout", "watch",
    "xargs", "zsh",
];

/// Words behind which many programs take a script or a setting that makes them run one.
const SCRIPT_FOLLOWS: &[&str] = &[
    "-c",
    "-e",
    "-r",
    "-E",
    "--eval",
    "--exec",
    "--config-env",
    "--command",
    "-exec",
    "-execdir",
    "-ok",
    "-okdir",
];

/// Longer ones are not read to their end before somebody says yes.
const LONGEST: usize = 1_000;

/// Tells whether `script` is one or more plain commands joined by `;`, `&&`, `||` or `|`: every word is
/// what it looks like, and nothing is expanded, redirected, set or sent to the background.
pub(super) fn is_plain(script: &str) -> bool {
    script.len() <= LONGEST
        && words(script).is_some_and(|commands| commands.iter().all(|words| is_command(words)))
}

fn is_command(words: &[String]) -> bool {
    let Some(first) = words.first() else { return false };
    // A name must be what it looks like, letter for letter; `NAME=value` in front would set a variable.
    let is_name = first.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._+-".contains(&byte));
    let program = |word: &String| word.rsplit('/').next().unwrap_or_default().to_owned();
    is_name
        && !CHANGES_MEANING.contains(&first.as_str())
        && !words.iter().any(|word| RUNS_MORE.contains(&program(word).as_str()))
        && !words.iter().any(|word| SCRIPT_FOLLOWS.contains(&word.as_str()))
}

/// The words of each command; nothing for anything but plain words.
fn words(script: &str) -> Option<Vec<Vec<String>>> {
    let mut commands = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut letters = script.trim_matches(' ').chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            ' ' => commands.last_mut()?.extend(word.take()),
            ';' | '|' | '&' => {
                let is_double = letter != ';' && letters.next_if_eq(&letter).is_some();
                if letter == '&' && !is_double {
                    return None; // to the background, or a redirection
                }
                commands.last_mut()?.extend(word.take());
                commands.push(Vec::new());
            }
            '\'' => loop {
                match letters.next()? {
                    '\'' => {
                        word.get_or_insert_default();
                        break;
                    }
                    inner if is_seen(inner) || inner.is_ascii_punctuation() || inner == ' ' => {
                        word.get_or_insert_default().push(inner);
                    }
                    _ => return None,
                }
            },
            '"' => loop {
                match letters.next()? {
                    '"' => {
                        word.get_or_insert_default();
                        break;
                    }
                    '$' | '`' | '\\' | '!' => return None,
                    inner if is_seen(inner) || inner.is_ascii_punctuation() || inner == ' ' => {
                        word.get_or_insert_default().push(inner);
                    }
                    _ => return None,
                }
            },
            plain if is_seen(plain) || "/._+-,:=@".contains(plain) => {
                word.get_or_insert_default().push(plain);
            }
            _ => return None,
        }
    }
    commands.last_mut()?.extend(word);
    Some(commands)
}

/// Letters and digits that can be nothing else. Other scripts have letters that are not drawn, that look like these
/// or that turn the direction of reading.
fn is_seen(letter: char) -> bool {
    letter.is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_plain_command_is_one_that_is_what_it_looks_like() {
        for script in [
            "make",
            "cargo test --workspace",
            "git status && git diff --stat",
            "ls -la src; wc -l src/main.rs | sort -n",
            "grep 'a b$(c)' notes.txt",
            "python3 -m pytest tests/a.py",
            "./run.sh --level=3",
        ] {
            assert!(is_plain(script), "{script}");
        }
    }

    #[test]
    fn whatever_hides_or_changes_what_runs_is_not_plain() {
        for script in [
            "",
            " ",
            "export PATH=/tmp; git status",
            "PATH=/tmp git status",
            "git status $(rm -r x)",
            "git status `rm -r x`",
            "diff <(a) <(b)",
            "echo $HOME",
            "echo \"$HOME\"",
            "ls *",
            "ls ?.txt",
            "ls ~",
            "a > b",
            "a < b",
            "a 2>&1",
            "a & b",
            "a &",
            "a\nb",
            "a\tb",
            "a\r",
            "'a\nb'",
            "'unclosed",
            "a \\; b",
            "a ;; b",
            "a ;",
            "| a",
            "{ a; }",
            "(a)",
            "! a",
            "# a",
            "a {b,c}",
            "eval a",
            "'eval' a",
            "sh -c 'a $b'",
            "/bin/bash x.sh",
            "env A=b a",
            "ls | xargs rm",
            "sudo a",
            "timeout 9 sh -x a",
            "nohup ./a",
            "find . -exec 'rm' x",
            "python3 -c 'a'",
            "perl -e 'a'",
            "git -c core.fsmonitor=./evil status",
            "printf -v PATH '/tmp/x'; git status",
            "cd /x; make",
            "echo \"über\"",
            "python3 check\u{1160}.py",
            "cat \u{5d0}.txt",
            "source x",
            ". x",
            "if a; then b; fi",
            "f() { a; }",
            "g\u{0456}t status", // a Cyrillic letter in the place of i
            "echo \u{202e}x",
            "echo 'a\u{200b}b'",
            "\u{feff}ls",
        ] {
            assert!(!is_plain(script), "{script:?}");
        }
        assert!(!is_plain(&"a".repeat(LONGEST + 1)));
    }

    proptest! {
        #[test]
        fn nothing_that_a_shell_reads_otherwise_is_left_outside_of_quotes(
            script in "(a|b|é| |;|&&|\\||'|\"|\\$|`|\\\\|>|<|\\*|\\?|\\(|\\)|\\{|~|!|#|=|\n|\t|&){0,14}"
        ) {
            if is_plain(&script) {
                // A second, simpler reading: cut what is quoted, and look at the rest.
                let (mut outside, mut quote) = (String::new(), None);
                for letter in script.chars() {
                    match quote {
                        Some(open) if letter == open => quote = None,
                        Some('"') => prop_assert!(!"$`\\!".contains(letter), "{script:?}"),
                        Some(_) => {}
                        None if letter == '\'' || letter == '"' => quote = Some(letter),
                        None => outside.push(letter),
                    }
                }
                prop_assert!(quote.is_none(), "{script:?}");
                let is_harmless = |c: char| c.is_alphanumeric() || " ;|&=".contains(c);
                prop_assert!(outside.chars().all(is_harmless), "{script:?}");
                prop_assert!(!outside.replace("&&", "").contains('&'), "{script:?}");
            }
        }
    }
}
