//! The token that a desktop gives along with what a person starts: it says that a person asked, and without it Wayland
//! lets no window of a program come to the front that runs already. A second start hands its own to the first, with
//! its wish; Linux only.

use std::{
    os::unix::process::CommandExt as _,
    process::Command,
    sync::{Mutex, PoisonError},
};

use gtk::prelude::GtkWindowExt as _;
use tauri::Window;

/// Where a desktop puts it: under Wayland, and elsewhere.
const VARIABLES: [&str; 2] = ["XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"];
/// How it stands behind the arguments that are handed over, as one word.
const ARGUMENT: &str = "--activation-token=";
/// Longer than any desktop makes them.
const LONGEST: usize = 512;

/// The one for the window that is shown next.
static TOKEN: Mutex<Option<String>> = Mutex::new(None);

/// Puts the token that this start was given behind its arguments, which are all that a first one hears of. That takes a
/// start of its own in the same place; where it cannot be had, everything goes on without.
pub fn carry(arguments: &[String]) {
    let token = VARIABLES.iter().filter_map(|name| std::env::var(name).ok()).find(|token| is_fit(token));
    let (Some(token), None, Some(program)) = (token, of(arguments), crate::renewal::own_program()) else {
        return;
    };
    let _ = Command::new(program).args(arguments).arg(format!("{ARGUMENT}{token}")).exec();
}

/// Keeps the token that came with arguments, if one did, for the window that `show` shows.
pub fn with(arguments: &[String], show: impl FnOnce()) {
    keep(of(arguments).map(str::to_owned));
    show();
    // One that was not used says nothing of a later window.
    keep(None);
}

/// Gives the token to this window, for the next time that it comes to the front; false when there is none.
pub(super) fn use_on(window: &Window) -> bool {
    let Some(token) = keep(None) else { return false };
    window.gtk_window().map(|window| window.set_startup_id(&token)).is_ok()
}

fn keep(token: Option<String>) -> Option<String> {
    std::mem::replace(&mut *TOKEN.lock().unwrap_or_else(PoisonError::into_inner), token)
}

fn of(arguments: &[String]) -> Option<&str> {
    arguments.iter().find_map(|word| word.strip_prefix(ARGUMENT)).filter(|token| is_fit(token))
}

/// It comes from outside and goes to the window system.
fn is_fit(token: &str) -> bool {
    (1..=LONGEST).contains(&token.len()) && token.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flags::Wish;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    #[test]
    fn a_token_is_found_behind_the_wish_and_changes_none() {
        for wish in [Wish::Main, Wish::Quick, Wish::Background] {
            let mut given = wish.arguments();
            given.push(format!("{ARGUMENT}gnome-shell/kgx/4711-0-host_TIME12"));
            assert_eq!(of(&given), Some("gnome-shell/kgx/4711-0-host_TIME12"));
            assert_eq!(Wish::of(&given), wish);
        }
        assert_eq!(of(&words(&["--quick"])), None);
    }

    #[test]
    fn what_is_no_token_is_not_handed_to_the_window_system() {
        for hostile in ["", "a\nb", "a\0", "\u{202e}x", &"x".repeat(LONGEST + 1)] {
            assert_eq!(of(&[format!("{ARGUMENT}{hostile}")]), None, "{hostile:?}");
        }
        assert!(is_fit(&"x".repeat(LONGEST)));
    }
}
