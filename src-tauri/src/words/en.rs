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
    quick_ask: "Ask Jamey",
    choose_folder: "Choose a folder",
    no_hotkey: |keys, why| format!("{keys} cannot be the hotkey: {why}"),
    taken: "another program has it",
    wayland: "this desktop (Wayland) lets no program take a key for itself",
    no_such_key: "this keyboard does not have the key",
    instead: |command| {
        format!("choose another, or bind the command `{command}` to a key in your desktop's settings")
    },
    open_it: "open it to see all",
    may_read: |path| format!("May it read {path}?"),
    may_write: |path| format!("May it change {path}?"),
    may_run: |command, folder| format!("May it run this in {folder}? {command}"),
    may_look: "May it read facts about this computer?",
    summed_up: "The summary is there",
    no_runtime: "no runtime answers",
    start_it: "start it with the button, or with `jamey runtime start`",
    hangs: |seconds| format!("the runtime is there, but did not answer in {seconds} seconds"),
    restart_it: "restart it with the button, or with `jamey runtime restart`",
    other_answers: |place, why| format!("something else answers at {place}: {why}"),
    end_other: "end the program that listens there, remove that file, and start the runtime again",
    no_key: "it ends in no key that can be one",
    not_held: |key| format!("\"{key}\" is no key that is held down"),
    bare_key: "without Ctrl, Alt or Super it could not be typed any more",
    write_keys: |keys| format!("write it like {keys}, Alt+J or F9"),
    no_autostart: |why| format!("starting at login could not be changed: {why}"),
    look_at_autostart: "look at the permissions of your autostart folder",
    unknown_folder: "the folder that was chosen is not known any more",
    no_folder: "what was chosen is no folder of this machine",
    choose_again: "choose a folder again",
    no_home: "there is no home folder",
    choose_one: "choose a folder for the session",
    not_written: |file, why| format!("{file} cannot be written: {why}"),
    look_at_disk: "look at its permissions and at the disk's free space",
};
