//! Keys that are pressed in the quick prompt before its page listens: the first time it is called, the window is there
//! some hundred milliseconds before its page. Linux only; elsewhere such keys are lost.

use std::sync::{Mutex, MutexGuard, PoisonError};

use gtk::{
    gdk::{EventKey, ModifierType, keys::constants as key},
    glib::Propagation,
    prelude::WidgetExt as _,
};
use tauri::WebviewWindow;

/// What was typed; none once a page listens.
static EARLY: Mutex<Option<Early>> = Mutex::new(None);
/// Keys with one of these are no text.
const COMMANDS: [ModifierType; 3] =
    [ModifierType::CONTROL_MASK, ModifierType::MOD1_MASK, ModifierType::SUPER_MASK];

/// Words that wait for their page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Early {
    /// What was typed.
    pub text: String,
    /// Whether Enter was pressed behind it.
    pub is_entered: bool,
}

enum Pressed {
    Letter(char),
    Back,
    Enter,
    Escape,
    Other,
}

impl Early {
    /// Takes a key; tells whether the prompt shall go.
    fn press(&mut self, pressed: &Pressed) -> bool {
        match *pressed {
            // What comes behind Enter belongs to no question yet.
            _ if self.is_entered => {}
            Pressed::Letter(letter) => self.text.push(letter),
            Pressed::Back => drop(self.text.pop()),
            Pressed::Enter => self.is_entered = !self.text.trim().is_empty(),
            Pressed::Escape => return true,
            Pressed::Other => {}
        }
        false
    }
}

/// Keeps what is typed into this window until `take`.
pub(super) fn keep(window: &WebviewWindow) {
    let Ok(gtk) = window.gtk_window() else { return };
    *early() = Some(Early::default());
    let app = tauri::Manager::app_handle(window).clone();
    gtk.connect_key_press_event(move |_, event| {
        let Some(goes) = early().as_mut().map(|early| early.press(&of(event))) else {
            return Propagation::Proceed;
        };
        if goes {
            super::hide_quick(&app);
        }
        Propagation::Stop
    });
}

/// The page listens: keys go there from now on, and it gets what was typed before.
pub(super) fn take() -> Early {
    early().take().unwrap_or_default()
}

fn early() -> MutexGuard<'static, Option<Early>> {
    EARLY.lock().unwrap_or_else(PoisonError::into_inner)
}

fn of(event: &EventKey) -> Pressed {
    let pressed = event.keyval();
    if COMMANDS.iter().any(|held| event.state().contains(*held)) {
        return Pressed::Other;
    }
    match pressed {
        key::BackSpace => Pressed::Back,
        key::Return | key::KP_Enter => Pressed::Enter,
        key::Escape => Pressed::Escape,
        _ => {
            pressed.to_unicode().filter(|letter| !letter.is_control()).map_or(Pressed::Other, Pressed::Letter)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(keys: &[Pressed]) -> Early {
        let mut early = Early::default();
        for key in keys {
            assert!(!early.press(key));
        }
        early
    }

    #[test]
    fn words_are_kept_as_they_were_typed_until_enter() {
        let words =
            [Pressed::Letter('h'), Pressed::Letter('é'), Pressed::Back, Pressed::Letter('i'), Pressed::Other];
        assert_eq!(pressed(&words), Early { text: "hi".into(), is_entered: false });
        let asked = [Pressed::Letter('h'), Pressed::Enter, Pressed::Letter('x'), Pressed::Back];
        assert_eq!(pressed(&asked), Early { text: "h".into(), is_entered: true });
        assert!(!pressed(&[Pressed::Back, Pressed::Letter(' '), Pressed::Enter]).is_entered);
        assert!(Early::default().press(&Pressed::Escape));
    }
}
