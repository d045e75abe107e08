//! What a notification says, in one honest line of bounded length.

use jamey_protocol::{Access, Approval, EventBody, Outcome, letters::turns_direction};

use super::ours::Work;
use crate::words::Words;

/// The longest text that notification servers show well, in letters.
const LONGEST: usize = 200;

/// What is worth telling of this event. Turns that were begun elsewhere, in a terminal say, tell their end there; a
/// question is told everywhere, since it may be answered anywhere.
pub(super) fn of(words: &Words, body: &EventBody, ended: Option<Work>) -> Option<String> {
    match (body, ended) {
        (EventBody::ApprovalRequested { approval }, _) => {
            Some(both_ends(&(words.asks)(&question(words, approval)), words.open_it))
        }
        (EventBody::TurnEnded { outcome }, Some(work)) => match (outcome, work) {
            (Outcome::Completed, Work::Answer) => Some(words.answered.to_owned()),
            (Outcome::Completed, Work::Summary) => Some(words.summed_up.to_owned()),
            (Outcome::Failed { error }, _) => Some((words.failed)(&error.message)),
            (Outcome::Interrupted { .. }, _) => None,
        },
        _ => None,
    }
}

/// The question as the runtime would ask it, in the person's language.
fn question(words: &Words, approval: &Approval) -> String {
    if approval.accesses.is_empty() {
        return approval.question.clone();
    }
    let asked = approval.accesses.iter().map(|access| match access {
        Access::Read { path } => (words.may_read)(&path.display().to_string()),
        Access::Write { path } => (words.may_write)(&path.display().to_string()),
        Access::Run { command, cwd } => (words.may_run)(command, &cwd.display().to_string()),
        Access::System => words.may_look.to_owned(),
    });
    asked.collect::<Vec<_>>().join(" ")
}

/// One line of bounded length, without what could pretend to be something else.
pub fn cut(text: &str) -> String {
    let mut line: String = plain(text).take(LONGEST + 1).collect();
    if line.chars().count() > LONGEST {
        line.pop();
        line.pop();
        line.push('…');
    }
    line
}

/// The same with both ends of what is too long, since what a command does may stand at either; `more` says between them
/// how to see all. Blanks in a row are one: they would push the rest out of sight.
fn both_ends(text: &str, more: &str) -> String {
    let line: String = plain(text).collect();
    let letters: Vec<char> = line.split_whitespace().collect::<Vec<_>>().join(" ").chars().collect();
    if letters.len() <= LONGEST {
        return letters.into_iter().collect();
    }
    let gap = format!(" … [{more}] … ");
    let room = LONGEST.saturating_sub(gap.chars().count());
    let (first, last) = (room - room / 2, room / 2);
    let (begin, end) = (letters.iter().take(first), letters.iter().skip(letters.len() - last));
    begin.copied().chain(gap.chars()).chain(end.copied()).collect()
}

fn plain(text: &str) -> impl Iterator<Item = char> {
    let line = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    line.filter(|letter| !is_invisible(*letter))
}

/// Letters that turn the direction of writing or have no width.
fn is_invisible(letter: char) -> bool {
    turns_direction(letter)
        || matches!(letter, '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use jamey_protocol::{ApprovalId, CallId, ItemId};

    use super::*;
    use crate::words::Language;

    fn asked(accesses: Vec<Access>) -> EventBody {
        let (id, call_id, item_id) = (ApprovalId::new(), CallId::new(), ItemId::new());
        let question = "May it do this?".to_owned();
        EventBody::ApprovalRequested {
            approval: Approval { id, call_id, item_id, question, accesses, choices: Vec::new() },
        }
    }

    fn run(command: &str) -> EventBody {
        asked(vec![Access::Run { command: command.to_owned(), cwd: "/work".into() }])
    }

    #[test]
    fn a_notification_is_one_honest_line() {
        assert_eq!(cut("a\nb\u{202e}c"), "a bc");
        assert_eq!(cut(&"é".repeat(500)).chars().count(), LONGEST);
        let ended = EventBody::TurnEnded { outcome: Outcome::Completed };
        let words = Language::En.words();
        assert!(of(words, &ended, None).is_none());
        assert_eq!(of(words, &ended, Some(Work::Answer)).as_deref(), Some("The answer is there"));
        assert_eq!(of(words, &ended, Some(Work::Summary)).as_deref(), Some("The summary is there"));
    }

    #[test]
    fn a_long_command_shows_its_end_too_and_that_something_is_missing() {
        for language in [Language::En, Language::De, Language::Zh] {
            let words = language.words();
            for filling in ["x".repeat(4_000), format!("; {}", " \n\u{a0}".repeat(4_000))] {
                let said = of(words, &run(&format!("make {filling} && rm -rf ~")), None).unwrap();
                assert!(said.contains("make") && said.ends_with("rm -rf ~"), "{said}");
                assert!(said.chars().count() <= LONGEST, "{said}");
                assert_eq!(said.contains(words.open_it), filling.starts_with('x'), "{said}");
            }
        }
    }

    #[test]
    fn a_question_is_asked_in_the_persons_language() {
        let said = |language: Language, body: &EventBody| of(language.words(), body, None).unwrap();
        let command = run("ls -l");
        assert_eq!(said(Language::En, &command), "Needs you: May it run this in /work? ls -l");
        assert_eq!(
            said(Language::De, &command),
            "Wartet auf dich: Darf das in /work ausgeführt werden? ls -l"
        );
        assert_eq!(said(Language::Zh, &command), "需要你答复：可以在 /work 中运行吗？ls -l");
        let files = asked(vec![Access::Read { path: "/a".into() }, Access::Write { path: "/b".into() }]);
        assert_eq!(
            said(Language::De, &files),
            "Wartet auf dich: Darf /a gelesen werden? Darf /b geändert werden?"
        );
        assert_eq!(said(Language::En, &asked(Vec::new())), "Needs you: May it do this?");
    }
}
