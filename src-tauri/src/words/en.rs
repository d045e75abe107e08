//! English.

use super::Words;

pub(super) static WORDS: Words = Words {
    quick: "Quick prompt",
    open: "Open Jamey",
    recent: "Recent sessions",
    pause: "Pause",
    autostart: "Start at login",
    quit: "Quit",
    nothing_waits: "Nothing waits for you",
    load_unknown: "Processor and memory: …",
    model: |model| format!("Model: {model}"),
    model_chosen: "chosen by the runtime",
    starting: "Starting the runtime",
    needs_you: "Needs you",
    paused: "Paused",
    ready: "Ready",
    running: |count| format!("{count} {}", if count == 1 { "turn running" } else { "turns running" }),
    waiting: |count| {
        format!("{count} {}", if count == 1 { "session waits for you" } else { "sessions wait for you" })
    },
    new_session: "New session",
    memory: |memory| format!("Memory {memory}"),
    load: |cpu, memory| format!("Processor {cpu:.0} %, memory {memory}"),
    asks: |question| format!("Needs you: {question}"),
    answered: "The answer is there",
    failed: |why| format!("It failed: {why}"),
    quit_title: "Quit Jamey?",
    still_running: |count| match count {
        1 => "A turn is still running. It stops when you quit; what it did so far is kept.".to_owned(),
        _ => format!("{count} turns are still running. They stop when you quit; what they did is kept."),
    },
    still_fetching: |count| match count {
        1 => "A download is still running. It stops when you quit and can go on after the next start."
            .to_owned(),
        _ => {
            format!("{count} downloads are still running. They stop when you quit and can go on afterwards.")
        }
    },
    stop_and_quit: "Stop and quit",
    cancel: "Cancel",
    no_start: "Jamey could not start",
    no_window: |why| format!("The window cannot be opened: {why}"),
    gave_up_title: "Jamey's window failed",
    gave_up: "The window failed several times in a row and was closed. Turns that run go on.",
    quick_title: "Jamey: quick prompt",
    choose_folder: "Choose a folder",
    no_hotkey: |keys, why| format!("{keys} cannot be the hotkey: {why}"),
    taken: "another program has it",
    wayland: "this desktop (Wayland) lets no program take a key for itself",
    no_such_key: "this keyboard does not have the key",
    instead: |command| {
        format!("choose another, or bind the command `{command}` to a key in your desktop's settings")
    },
};
