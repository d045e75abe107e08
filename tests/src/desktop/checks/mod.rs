//! What must hold of the desktop on a real screen.

mod death;
mod faces;
mod first_run;
mod hostile;
mod lacks;
mod links;
mod markdown;
mod mend;
mod place;
mod quick;
mod sessions;
mod told;
mod tray;
mod turn;

use std::path::Path;

use super::Screen;
use crate::Home;

/// The title of the main window; that of the quick prompt goes on behind it.
const MAIN: &str = "^Jamey$";
pub(super) const QUICK: &str = "quick prompt";
/// What a person has begun to write when something goes wrong.
const DRAFT: &str = "a draft that stays";

/// A check with its name.
pub type Check = (&'static str, fn());

/// All checks, in the order in which they are made.
pub const ALL: &[Check] = &[
    ("the tray, the hotkey, a second start, closing and quitting", tray::shell_lives_in_the_tray),
    ("a hidden quick prompt holds no memory", tray::a_hidden_quick_prompt_holds_no_memory),
    (
        "everything is paused from the tray, and resumed from elsewhere",
        tray::everything_is_paused_from_the_tray,
    ),
    ("a runtime that a terminal started outlives the desktop", tray::a_runtime_that_a_terminal_started_stays),
    ("a start during the end is not lost", tray::a_start_during_the_end_is_not_lost),
    (
        "trouble goes with its cause, and the tray speaks as the window",
        tray::trouble_goes_with_its_cause_and_the_tray_speaks_as_the_window,
    ),
    ("quitting asks while a turn runs", tray::quitting_asks_while_a_turn_runs),
    ("a turn reaches the page, and a long answer in few messages", turn::a_turn_reaches_the_page),
    ("a file goes along and comes back", turn::a_file_goes_along),
    ("a tool is allowed in the window, or elsewhere", faces::an_approval_is_one_everywhere),
    (
        "a turn of the command line appears while it streams, and the other way round",
        faces::turns_are_handed_over,
    ),
    ("the runtime is restarted while the window is open", faces::a_restart_loses_nothing),
    ("a question in the quick prompt moves into the window", quick::the_quick_prompt_answers_and_moves),
    ("what is typed at once moves into the window", quick::what_is_typed_at_once_moves_into_the_window),
    (
        "selected text is offered to the quick prompt and goes along when chosen",
        quick::the_selection_is_offered_and_goes_along_when_chosen,
    ),
    ("a click on a notification opens its session", told::a_click_on_a_notification_opens_its_session),
    (
        "memory is given back when no turn and no notification waits any more",
        told::memory_is_given_back_when_nothing_waits_any_more,
    ),
    (
        "a session is renamed, deleted, and its deletion taken back",
        sessions::sessions_are_renamed_and_deletions_taken_back,
    ),
    (
        "an answer is steered, tried again with another model, and copied",
        sessions::an_answer_is_steered_tried_again_and_copied,
    ),
    (
        "a session is called by its first words, and another takes its place",
        sessions::a_session_is_called_by_its_first_words_and_another_takes_its_place,
    ),
    ("a turn is stopped in the window", sessions::a_turn_is_stopped),
    ("the quick prompt goes on where it was", quick::the_quick_prompt_goes_on_where_it_was),
    ("a first run ends in a chat with the embedded model", first_run::it_ends_in_a_chat),
    ("a key that is given in the settings holds at once", first_run::a_key_holds_at_once),
    ("nothing that a page sends does harm", hostile::a_hostile_page_gets_errors),
    ("the quick prompt may do less", hostile::the_quick_prompt_may_do_less),
    ("nothing of a hostile answer runs or loads", markdown::nothing_of_an_answer_runs_or_loads),
    ("without a tray, notifications or a keychain", lacks::without_services_everything_else_works),
    ("without a bus", lacks::without_a_bus_everything_else_works),
    ("a hotkey that another program has", lacks::a_hotkey_that_is_taken_is_told),
    ("no hotkey under Wayland", lacks::under_wayland_the_command_is_told),
    ("without a network", lacks::without_a_network_nothing_is_lost),
    ("a line, files and a picture that are too much", lacks::too_much_is_refused_and_nothing_lost),
    ("a killed runtime is noticed and mended", mend::a_killed_runtime_is_mended),
    (
        "a hanging runtime is noticed and mended with the button",
        mend::a_hanging_runtime_is_noticed_and_mended_with_the_button,
    ),
    ("a missing runtime is told and mended", mend::a_missing_runtime_is_told),
    ("an older runtime is told and replaced", mend::an_older_runtime_is_told_and_replaced),
    (
        "a newer runtime is told and the window begins anew",
        mend::a_newer_runtime_is_told_and_the_window_begins_anew,
    ),
    (
        "a runtime that works on its database is waited for",
        mend::a_runtime_that_works_on_its_database_is_waited_for,
    ),
    ("a page that dies comes back", death::a_dead_page_comes_back),
    (
        "a page that dies again and again is given up, and the desktop stays",
        death::a_page_that_dies_again_and_again_is_given_up,
    ),
    ("a page that begins anew shows what it showed", death::a_dead_page_shows_again_what_it_showed),
    ("what a terminal sets, the desktop follows", tray::what_a_terminal_sets_the_desktop_follows),
    (
        "a program that was replaced while it ran stays the only one",
        death::a_program_that_was_replaced_stays_the_only_one,
    ),
    ("without a tray the last window ends the desktop", tray::without_a_tray_it_ends),
    ("without a home it says so and ends", tray::without_a_home_it_says_so_and_ends),
    ("the window stands where it was", place::the_window_stands_where_it_was),
    (
        "a link shows its session, and a hostile one the window",
        links::a_link_shows_a_session_and_nothing_else,
    ),
    ("a link of an answer is opened after the question", links::an_address_is_opened_after_the_question),
    ("a home with a space and an emoji in its path", faces::turns_are_handed_over_in_a_home_of_any_name),
];

fn is_shown(screen: &Screen, home: &Home, title: &str) -> Option<()> {
    (!screen.windows(home, title).is_empty()).then_some(())
}

fn is_gone(screen: &Screen, home: &Home, title: &str) -> Option<()> {
    screen.windows(home, title).is_empty().then_some(())
}

#[allow(clippy::cast_precision_loss)]
pub(super) fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// Closes the main window as its cross does. Asked again until it goes, as a person clicks again: the window manager
/// drops what is asked of a window that it has only just begun to show.
fn close(screen: &Screen, home: &Home) {
    crate::wait::until("the main window to close", || {
        for window in screen.windows(home, MAIN) {
            let id = window.parse::<u64>().map(|id| format!("{id:#x}")).unwrap_or_default();
            let _ = screen.output(home, "wmctrl", &["-i", "-c", &id]);
        }
        is_gone(screen, home, MAIN)
    });
}

/// What stands in the field of the window in front, copied as a person does it. For a window without a driver.
fn field(screen: &Screen, home: &Home) -> String {
    screen.xdotool(home, &["key", "--clearmodifiers", "ctrl+l", "ctrl+a", "ctrl+c"]);
    screen.output(home, "xclip", &["-o", "-selection", "clipboard"])
}

/// Waits until the engine has put these words of a page on disk. It does so within half a second or somewhat more; what
/// was typed since goes with a page whose process dies.
fn is_kept(home: &Home, words: &str) {
    let words: Vec<u8> = words.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let folder = home.jamey_home().join("data/window");
    crate::wait::until("the words on disk", || has_file_with(&folder, &words).then_some(()));
}

fn has_file_with(folder: &Path, words: &[u8]) -> bool {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).any(|path| {
        let holds = |bytes: Vec<u8>| bytes.windows(words.len()).any(|some| some == words);
        if path.is_dir() { has_file_with(&path, words) } else { std::fs::read(path).is_ok_and(holds) }
    })
}

fn runtime_of(home: &Home) -> Option<u32> {
    let all = home.processes();
    all.into_iter().find(|(_, line)| line.contains("jamey-runtime start")).map(|(pid, _)| pid)
}
