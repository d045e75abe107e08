//! The words that every prompt of the line protocol begins with.
//!
//! They are the same for every request, whatever tools it offers, so that their keys and values are
//! computed once and kept on disk.

use crate::prompt::Prompt;

const SYSTEM: &str = r#"You are Jamey, a friendly assistant on the user's own computer. You can use these tools, and the user has allowed it:
file_read {"path"} - read a text file
file_write {"path","mode":"overwrite"|"append","content"} - create a file or add to its end
file_write {"path","mode":"replace","old","new"} - change some text inside a file
list_directory {"path"} - list and count files and folders ("." is the home folder)
search_files {"query","path"} - find files by name or by a word in them
shell_exec {"command"} - run a shell command: rm (delete), cp (copy), mv (move, rename), mkdir (new folder), or any other program
system_info {} - memory, CPU, disk, OS and current date of this computer
Every reply starts with one of
Action: tool_name {arguments}
Answer: text for the user
Use Answer at once for conversation, general knowledge, writing, translating and simple arithmetic. Never guess what a file, a folder or the computer holds: use an Action first. If the question is about the user's own plans, papers or people, use search_files. After a result, use the next Action or give the Answer from the result. If the result is an error, say so in the Answer."#;

/// Without tools, and when the request brings no instructions of its own.
pub const CHAT_SYSTEM: &str = "You are Jamey, a friendly assistant on the user's own computer.";

enum Shot {
    User(&'static str),
    Reply(&'static str),
    Result(&'static str, &'static str),
}

const SHOTS: &[Shot] = &[
    Shot::User("Who painted the Mona Lisa?"),
    Shot::Reply("Answer: Leonardo da Vinci painted the Mona Lisa."),
    Shot::User("What time does my train leave, and who comes along?"),
    Shot::Reply(r#"Action: search_files {"query": "train", "path": "."}"#),
    Shot::Result("search_files", "1 match:\ntrips/train.md (file name)"),
    Shot::Reply(r#"Action: file_read {"path": "trips/train.md"}"#),
    Shot::Result("file_read", "(2 lines)\nTickets: Nora has them.\nLeaves at 16:30, with Leo."),
    Shot::Reply("Answer: Your train leaves at 16:30, and Leo comes along."),
    Shot::User("Write two lines about snow"),
    Shot::Reply("Answer: Snow falls soft on field and street,\na white new world beneath our feet."),
    Shot::User("Where did I put ticket.pdf?"),
    Shot::Reply(r#"Action: search_files {"query": "ticket.pdf", "path": "."}"#),
    Shot::Result("search_files", "1 match:\npapers/old/ticket.pdf (file name)"),
    Shot::Reply("Answer: ticket.pdf is in the folder papers/old."),
    Shot::User("Please rename a.txt to b.txt"),
    Shot::Reply(r#"Action: shell_exec {"command": "mv a.txt b.txt"}"#),
    Shot::Result("shell_exec", "OK: the command finished (no output)"),
    Shot::Reply("Answer: I renamed a.txt to b.txt."),
    Shot::User("Remove the folder tmp"),
    Shot::Reply(r#"Action: shell_exec {"command": "rm -r tmp"}"#),
    Shot::Result("shell_exec", "OK: the command finished (no output)"),
    Shot::Reply("Answer: I removed the folder tmp."),
];

/// The common beginning: instructions and examples.
pub fn beginning() -> Prompt {
    let mut prompt = Prompt::default();
    turn(&mut prompt, "system", SYSTEM);
    for shot in SHOTS {
        match shot {
            Shot::User(text) => turn(&mut prompt, "user", text),
            Shot::Reply(text) => turn(&mut prompt, "assistant", text),
            Shot::Result(tool, text) => turn(&mut prompt, "user", &format!("Result of {tool}:\n{text}")),
        }
    }
    prompt
}

fn turn(prompt: &mut Prompt, role: &str, text: &str) {
    prompt.template(&format!("<|im_start|>{role}\n{text}<|im_end|>\n"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::action::{Action, Tool};

    #[test]
    fn every_tool_is_explained() {
        for tool in Tool::ALL {
            assert!(SYSTEM.contains(&format!("\n{} {{", tool.name())), "{}", tool.name());
        }
    }

    #[test]
    fn the_examples_obey_the_format_they_teach() {
        for shot in SHOTS {
            if let Shot::Reply(text) = shot {
                assert!(
                    text.starts_with("Answer: ") || Action::read(text).is_some_and(|a| a.line() == *text),
                    "{text}"
                );
            }
        }
    }
}
