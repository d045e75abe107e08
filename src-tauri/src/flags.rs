//! What the program is started with, by a person, a desktop file, a hotkey of the desktop or a link.

use jamey_protocol::SessionId;

/// What to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wish {
    /// The main window.
    #[default]
    Main,
    /// The main window with this session.
    Session(SessionId),
    /// The quick prompt.
    Quick,
    /// Nothing: the tray alone.
    Background,
}

/// What stands before a session's id in a link.
const LINK: &str = "jamey://session/";

/// What `--help` says.
pub const HELP: &str = "\
Jamey's window, tray and quick prompt

Usage: jamey-desktop [--quick | --background | --session ID | jamey://session/ID]

  --quick        show the quick prompt, or hide it when it is there, as the hotkey does
  --background   show nothing but the tray
  --session ID   show this session
  --version      say the version

A second start hands its wish to the first.
";

impl Wish {
    /// Reads the arguments. What is not understood asks for the main window: a face that does not appear
    /// helps nobody. A link can only show a session, whatever else it says.
    #[must_use]
    pub fn of(arguments: &[String]) -> Self {
        let mut words = arguments.iter().map(String::as_str);
        while let Some(word) = words.next() {
            match word {
                "--quick" => return Self::Quick,
                "--background" => return Self::Background,
                "--session" => return Self::session(words.next().unwrap_or_default()),
                _ if word.starts_with("jamey:") => return Self::linked(word),
                _ => {
                    if let Some(id) = word.strip_prefix("--session=") {
                        return Self::session(id);
                    }
                }
            }
        }
        Self::Main
    }

    /// The arguments that say this.
    #[must_use]
    pub fn arguments(self) -> Vec<String> {
        match self {
            Self::Main => Vec::new(),
            Self::Session(id) => vec!["--session".to_owned(), id.to_string()],
            Self::Quick => vec!["--quick".to_owned()],
            Self::Background => vec!["--background".to_owned()],
        }
    }

    fn session(id: &str) -> Self {
        id.parse().map_or(Self::Main, Self::Session)
    }

    fn linked(link: &str) -> Self {
        link.strip_prefix(LINK).map_or(Self::Main, |id| Self::session(id.trim_end_matches('/')))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str]) -> Wish {
        Wish::of(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn each_flag_has_its_wish_and_anything_else_shows_the_window() {
        let id = SessionId::new();
        let text = id.to_string();
        assert_eq!(of(&[]), Wish::Main);
        assert_eq!(of(&["--quick"]), Wish::Quick);
        assert_eq!(of(&["--background"]), Wish::Background);
        assert_eq!(of(&["--session", &text]), Wish::Session(id));
        assert_eq!(of(&[&format!("--session={text}")]), Wish::Session(id));
        assert_eq!(of(&["--session"]), Wish::Main);
        assert_eq!(of(&["--session", "../../etc/passwd"]), Wish::Main);
        for wish in [Wish::Main, Wish::Quick, Wish::Background, Wish::Session(id)] {
            assert_eq!(Wish::of(&wish.arguments()), wish);
        }
        assert_eq!(of(&["--nonsense", "--quick"]), Wish::Quick);
    }

    #[test]
    fn a_link_only_shows_a_session() {
        let id = SessionId::new();
        assert_eq!(of(&[&format!("jamey://session/{id}")]), Wish::Session(id));
        assert_eq!(of(&[&format!("jamey://session/{id}/")]), Wish::Session(id));
        for hostile in [
            "jamey://session/",
            "jamey://quit",
            "jamey:--quick",
            &format!("jamey://session/{id}?prompt=rm"),
            &format!("jamey://session/{id} --background"),
            &format!("jamey://user@session/{id}"),
        ] {
            assert_eq!(of(&[hostile]), Wish::Main, "{hostile}");
        }
        // A link cannot smuggle a flag behind itself.
        assert_eq!(of(&["jamey://x", "--background"]), Wish::Main);
    }
}
