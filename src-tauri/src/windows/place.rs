//! Where the main window was, so that it comes back there.

use tauri::{AppHandle, Manager as _, WebviewWindow, WebviewWindowBuilder};

use crate::{desk::Desk, settings::Place};

/// The smallest window that shows everything.
pub(super) const SMALLEST: (f64, f64) = (480.0, 400.0);
/// The size of the first start.
const USUAL: (f64, f64) = (1080.0, 720.0);
/// So much of the window must be on a screen, or it is centred.
const GRIP: f64 = 64.0;

/// Notes size and place of the main window.
pub fn note_place(app: &AppHandle, window: &WebviewWindow) {
    let Some(place) = read(window) else { return };
    // A place that is not kept costs a person one drag.
    let _ = app.state::<Desk>().settings.change(|kept| {
        // The size before it filled the screen is the one to come back to.
        let size = kept.place.filter(|_| place.is_maximized);
        kept.place = Some(size.map_or(place, |old| Place { is_maximized: true, ..old }));
    });
}

fn read(window: &WebviewWindow) -> Option<Place> {
    if window.is_minimized().unwrap_or(false) {
        return None;
    }
    let scale = window.scale_factor().ok()?;
    let size = window.inner_size().ok()?.to_logical::<f64>(scale);
    let at = window.outer_position().ok().map(|at| at.to_logical::<f64>(scale));
    Some(Place {
        x: at.map(|at| at.x),
        y: at.map(|at| at.y),
        width: size.width,
        height: size.height,
        is_maximized: window.is_maximized().unwrap_or(false),
    })
}

/// Puts a window where it was, if that is still on a screen.
pub(super) fn placed<'a>(
    app: &AppHandle,
    window: WebviewWindowBuilder<'a, tauri::Wry, AppHandle>,
) -> WebviewWindowBuilder<'a, tauri::Wry, AppHandle> {
    let window = window.min_inner_size(SMALLEST.0, SMALLEST.1).prevent_overflow();
    let Some(place) = app.state::<Desk>().settings.kept().place else {
        return window.inner_size(USUAL.0, USUAL.1).center();
    };
    let screens: Vec<Screen> = app.available_monitors().unwrap_or_default().iter().map(Screen::of).collect();
    let place = place.within(&screens);
    let window = window.inner_size(place.width, place.height).maximized(place.is_maximized);
    match (place.x, place.y) {
        (Some(x), Some(y)) => window.position(x, y),
        _ => window.center(),
    }
}

/// A screen, in logical pixels.
#[derive(Clone, Copy, Debug)]
struct Screen {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

impl Screen {
    fn of(monitor: &tauri::Monitor) -> Self {
        let at = monitor.position().to_logical::<f64>(monitor.scale_factor());
        let size = monitor.size().to_logical::<f64>(monitor.scale_factor());
        Self { x: at.x, y: at.y, width: size.width, height: size.height }
    }

    /// Whether a window of this width at this place can be taken by its title.
    fn shows(&self, x: f64, y: f64, width: f64) -> bool {
        if !(x.is_finite() && y.is_finite()) {
            return false;
        }
        let across = (x + width).min(self.x + self.width) - x.max(self.x);
        across >= GRIP && y >= self.y && y <= self.y + self.height - GRIP
    }
}

impl Place {
    /// The same, no larger than the largest screen, and without a place that no screen shows.
    fn within(self, screens: &[Screen]) -> Self {
        let most = |size: fn(&Screen) -> f64| screens.iter().map(size).fold(f64::NAN, f64::max);
        let bound = |size: f64, least: f64, most: f64| {
            let size = if size.is_finite() { size } else { least };
            size.min(if most.is_nan() { size } else { most }).max(least)
        };
        let width = bound(self.width, SMALLEST.0, most(|screen| screen.width));
        let height = bound(self.height, SMALLEST.1, most(|screen| screen.height));
        let at = self.x.zip(self.y).filter(|(x, y)| screens.iter().any(|screen| screen.shows(*x, *y, width)));
        let (x, y) = at.unzip();
        Self { x, y, width, height, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: Screen = Screen { x: 0.0, y: 0.0, width: 1280.0, height: 800.0 };

    fn place(x: f64, y: f64, width: f64, height: f64) -> Place {
        Place { x: Some(x), y: Some(y), width, height, is_maximized: false }
    }

    #[test]
    fn a_window_comes_back_where_it_was_unless_no_screen_shows_it() {
        let kept = place(100.0, 50.0, 900.0, 600.0);
        assert_eq!(kept.within(&[SCREEN]), kept);
        for gone in [place(5000.0, 50.0, 900.0, 600.0), place(0.0, -900.0, 900.0, 600.0)] {
            let found = gone.within(&[SCREEN]);
            assert_eq!((found.x, found.y, found.width), (None, None, 900.0));
        }
    }

    #[test]
    fn a_file_with_nonsense_makes_no_nonsense_window() {
        let found = place(f64::NAN, 0.0, 1e9, -5.0).within(&[SCREEN]);
        assert_eq!((found.x, found.width, found.height), (None, 1280.0, SMALLEST.1));
        let found = place(0.0, 0.0, f64::NAN, f64::INFINITY).within(&[]);
        assert_eq!((found.x, found.width, found.height), (None, SMALLEST.0, SMALLEST.1));
    }
}
