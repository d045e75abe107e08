//! The quick prompt: small, over everything, ready to type.
//!
//! It is hidden, not destroyed, so that it is there at once the next time; `rest` destroys it when it was not
//! used for a while.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use jamey_protocol::ApiError;
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, LogicalSize, Manager as _, Window};
use tauri_specta::Event as _;

use super::{
    QUICK, about_to_show,
    context::{self, QuickContext},
    place::{self, Screen},
    to_front, window_of,
};

const WIDTH: f64 = 680.0;
/// One line, and one below it with the model and the keys.
const LEAST_HEIGHT: f64 = 112.0;
/// Its upper edge, as a share of the screen: the upper third.
const FROM_TOP: f64 = 0.2;
/// The most of the screen that an answer takes.
const MOST_HEIGHT: f64 = 0.6;
/// Window managers give and take the focus while a window appears.
const SETTLING: Duration = Duration::from_millis(300);

/// The quick prompt appeared, or its page began to listen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type, tauri_specta::Event)]
pub struct QuickShown {
    /// What there is to ask about, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<QuickContext>,
    /// What was typed before the page listened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typed: Option<String>,
    /// The key that was pressed behind that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pressed: Option<Pressed>,
}

/// What a person wants done with what they typed before the page listened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub enum Pressed {
    /// Enter.
    Ask,
    /// Ctrl and Enter.
    ToWindow,
}

static SHOWN_AT: Mutex<Option<Instant>> = Mutex::new(None);
/// When it was hidden because another window was chosen, or seemed to be.
static YIELDED_AT: Mutex<Option<Instant>> = Mutex::new(None);

/// Shows the quick prompt, focused.
pub fn show_quick(app: &AppHandle) {
    about_to_show(app);
    note_now(&SHOWN_AT);
    let place = upper_third(app);
    let window = match window_of(app, QUICK) {
        Some(window) => {
            let _ = place.map(|(x, y)| window.set_position(place::position(x, y)));
            window
        }
        None => match build(app, place) {
            Ok(window) => window,
            Err(error) => return crate::trouble::no_window(app, &error),
        },
    };
    to_front(&window);
    tell_shown(app);
}

/// Tells the page that it is shown, and what there is to ask about.
fn tell_shown(app: &AppHandle) {
    tell(app, |tell| tell(QuickShown::default()));
}

/// Tells a page that listens from now on the same, and what was typed before.
pub fn tell_listening(app: &AppHandle) {
    #[cfg(target_os = "linux")]
    tell(app, |tell| {
        super::early::hand_over(|super::early::Early { text, pressed }| {
            tell(QuickShown { context: None, typed: (!text.is_empty()).then_some(text), pressed });
        });
    });
    #[cfg(not(target_os = "linux"))]
    tell_shown(app);
}

/// Whoever holds the clipboard may take its time. What is typed meanwhile is asked for last.
fn tell(app: &AppHandle, ask: impl FnOnce(Box<dyn FnOnce(QuickShown)>) + Send + 'static) {
    let handle = app.clone();
    let _ = app.run_on_main_thread(move || {
        context::ask(move |context| {
            ask(Box::new(move |shown| {
                let _ = QuickShown { context, ..shown }.emit_to(&handle, QUICK);
            }));
        });
    });
}

/// Shows it, or hides it if it is there.
///
/// A hotkey takes the focus from the window that has it before anybody hears of the key. So one that yielded just
/// now was there when the key was pressed.
pub fn toggle_quick(app: &AppHandle) {
    if is_shown(app) {
        hide_quick(app);
    } else if !is_fresh(&YIELDED_AT) {
        show_quick(app);
    }
}

fn is_fresh(moment: &Mutex<Option<Instant>>) -> bool {
    moment.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|at| at.elapsed() < SETTLING)
}

fn note_now(moment: &Mutex<Option<Instant>>) {
    *moment.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
}

fn is_shown(app: &AppHandle) -> bool {
    window_of(app, QUICK).is_some_and(|window| window.is_visible().unwrap_or(false))
}

/// Hides it.
pub fn hide_quick(app: &AppHandle) {
    context::forget();
    if let Some(window) = window_of(app, QUICK) {
        let _ = window.hide();
    }
    crate::rest::begin(app);
}

/// Whether it is there, be it hidden.
#[must_use]
pub fn has_quick(app: &AppHandle) -> bool {
    window_of(app, QUICK).is_some()
}

/// Destroys it if it is hidden.
pub fn drop_hidden_quick(app: &AppHandle) {
    if let Some(window) = window_of(app, QUICK)
        && !window.is_visible().unwrap_or(true)
    {
        let _ = window.destroy();
    }
}

/// Another window was chosen.
pub fn lost_focus(app: &AppHandle) {
    if is_shown(app) && !is_fresh(&SHOWN_AT) {
        note_now(&YIELDED_AT);
        hide_quick(app);
    }
}

/// Makes it as tall as its page wants, within bounds.
///
/// # Errors
/// When there is no quick prompt, or the system refuses.
pub fn resize_quick(app: &AppHandle, height: f64) -> Result<(), ApiError> {
    let Some(window) = window_of(app, QUICK) else { return Ok(()) };
    let most = window.current_monitor().ok().flatten().map_or(f64::INFINITY, |monitor| {
        monitor.size().to_logical::<f64>(monitor.scale_factor()).height * MOST_HEIGHT
    });
    let height = if height.is_finite() { height.min(most).max(LEAST_HEIGHT) } else { LEAST_HEIGHT };
    window.set_size(LogicalSize::new(WIDTH, height)).map_err(crate::bridge::refused_by_system)
}

/// What holds for its window, whoever makes it.
macro_rules! dressed {
    ($builder:expr, $app:expr) => {
        $builder
            .title($app.state::<crate::desk::Desk>().settings.words().quick_title)
            .inner_size(WIDTH, LEAST_HEIGHT)
            .min_inner_size(WIDTH, LEAST_HEIGHT)
            .decorations(false)
            .always_on_top(true)
            .visible_on_all_workspaces(true)
            .skip_taskbar(true)
            .focused(true)
            .visible(false)
    };
}

/// The window first, with a line that takes keys; its page when that is on the screen, since starting the web engine
/// holds up everything else.
#[cfg(target_os = "linux")]
fn build(app: &AppHandle, place: Option<(f64, f64)>) -> tauri::Result<Window> {
    let builder = dressed!(tauri::window::WindowBuilder::new(app, QUICK), app);
    let window = match place {
        Some((x, y)) => builder.position(x, y).build()?,
        None => builder.build()?,
    };
    let handle = app.clone();
    super::early::lay(&window, move || add_page(&handle));
    Ok(window)
}

#[cfg(target_os = "linux")]
fn add_page(app: &AppHandle) {
    // It may be gone again.
    let Some(window) = window_of(app, QUICK) else { return };
    // The line has the focus until the page listens.
    let page = super::fence::fenced_page(app, QUICK, "quick.html").focused(false);
    let size = window.inner_size().unwrap_or_default();
    if let Err(error) = window.add_child(page, tauri::LogicalPosition::new(0, 0), size) {
        return crate::trouble::no_window(app, &error);
    }
    if let Some(page) = app.get_webview_window(QUICK) {
        super::made(&page);
    }
}

/// Not visible yet: on Windows it would be made on a screen of another scale now and then.
#[cfg(not(target_os = "linux"))]
fn build(app: &AppHandle, place: Option<(f64, f64)>) -> tauri::Result<Window> {
    let page = dressed!(super::fenced(app, QUICK, "quick.html"), app).build()?;
    if let Some((x, y)) = place {
        page.set_position(place::position(x, y))?;
    }
    super::made(&page);
    Ok(page.as_ref().window())
}

/// Centred in the upper third of the screen with the pointer.
fn upper_third(app: &AppHandle) -> Option<(f64, f64)> {
    let here = app.cursor_position().ok().and_then(|at| app.monitor_from_point(at.x, at.y).ok().flatten());
    let screen = here.or_else(|| app.primary_monitor().ok().flatten())?;
    Some(Screen::of(&screen).middle(WIDTH, FROM_TOP))
}
