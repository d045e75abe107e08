//! Where windows are: the main one comes back where it was.
//!
//! A desktop of several screens counts in one kind of pixel: Windows in the screens' own, of whatever scale, the other
//! systems in logical ones. In the other kind a place on one screen may be taken for one on another.

use tauri::{
    AppHandle, LogicalPosition, Manager as _, PhysicalPosition, PhysicalSize, Position, WebviewWindow,
    WebviewWindowBuilder,
};

use crate::{desk::Desk, settings::Place};

/// Whether this desktop counts in the screens' own pixels.
const IN_PIXELS: bool = cfg!(windows);
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
    let at = window.outer_position().ok().map(|at| spot(at, scale, IN_PIXELS));
    Some(Place {
        x: at.map(|(x, _)| x),
        y: at.map(|(_, y)| y),
        in_pixels: IN_PIXELS,
        width: size.width,
        height: size.height,
        is_maximized: window.is_maximized().unwrap_or(false),
    })
}

/// Opens the main window where it was, if that is still on a screen.
pub(super) fn open(
    app: &AppHandle,
    window: WebviewWindowBuilder<'_, tauri::Wry, AppHandle>,
) -> tauri::Result<WebviewWindow> {
    let window = window.min_inner_size(SMALLEST.0, SMALLEST.1).prevent_overflow();
    let Some(place) = app.state::<Desk>().settings.kept().place else {
        return window.inner_size(USUAL.0, USUAL.1).center().build();
    };
    let screens: Vec<Screen> = app.available_monitors().unwrap_or_default().iter().map(Screen::of).collect();
    let place = place.within(&screens, IN_PIXELS);
    let window = window.inner_size(place.width, place.height);
    let Some((x, y)) = place.x.zip(place.y) else {
        return window.maximized(place.is_maximized).center().build();
    };
    if !IN_PIXELS {
        return window.maximized(place.is_maximized).position(x, y).build();
    }
    // A window is made with a logical place alone. Put elsewhere, one that fills the screen would not any more.
    let window = window.visible(false).build()?;
    window.set_position(position(x, y))?;
    if place.is_maximized {
        window.maximize()?;
    }
    window.show()?;
    Ok(window)
}

/// A place as the system is told of it.
pub(super) fn position(x: f64, y: f64) -> Position {
    if IN_PIXELS {
        return PhysicalPosition::new(x.round() as i32, y.round() as i32).into();
    }
    LogicalPosition::new(x, y).into()
}

/// A place on a screen of this scale, as a desktop counts.
fn spot(at: PhysicalPosition<i32>, scale: f64, in_pixels: bool) -> (f64, f64) {
    let at = at.to_logical::<f64>(if in_pixels { 1.0 } else { scale });
    (at.x, at.y)
}

/// A screen, as the desktop counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Screen {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    /// How much a logical pixel is here.
    pixel: f64,
}

impl Screen {
    pub(super) fn of(monitor: &tauri::Monitor) -> Self {
        Self::new(*monitor.position(), *monitor.size(), monitor.scale_factor(), IN_PIXELS)
    }

    fn new(at: PhysicalPosition<i32>, size: PhysicalSize<u32>, scale: f64, in_pixels: bool) -> Self {
        let (x, y) = spot(at, scale, in_pixels);
        let pixel = if in_pixels { scale } else { 1.0 };
        let size = size.to_logical::<f64>(scale / pixel);
        Self { x, y, width: size.width, height: size.height, pixel }
    }

    /// Where something of this width in logical pixels is in the middle, with this share of the screen above it.
    pub(super) fn middle(&self, width: f64, above: f64) -> (f64, f64) {
        (self.x + (self.width - width * self.pixel).max(0.0) / 2.0, self.y + self.height * above)
    }

    /// Whether a window of this width in logical pixels at this place can be taken by its title.
    fn shows(&self, x: f64, y: f64, width: f64) -> bool {
        if !(x.is_finite() && y.is_finite()) {
            return false;
        }
        let grip = GRIP * self.pixel;
        let across = (x + width * self.pixel).min(self.x + self.width) - x.max(self.x);
        across >= grip && y >= self.y && y <= self.y + self.height - grip
    }
}

impl Place {
    /// The same, no larger than the largest screen, and without a place that no screen shows or that was counted
    /// otherwise.
    fn within(self, screens: &[Screen], in_pixels: bool) -> Self {
        let most = |size: fn(&Screen) -> f64| screens.iter().map(size).fold(f64::NAN, f64::max);
        let bound = |size: f64, least: f64, most: f64| {
            let size = if size.is_finite() { size } else { least };
            size.min(if most.is_nan() { size } else { most }).max(least)
        };
        let width = bound(self.width, SMALLEST.0, most(|screen| screen.width / screen.pixel));
        let height = bound(self.height, SMALLEST.1, most(|screen| screen.height / screen.pixel));
        let at = self.x.zip(self.y).filter(|_| self.in_pixels == in_pixels);
        let at = at.filter(|(x, y)| screens.iter().any(|screen| screen.shows(*x, *y, width)));
        let (x, y) = at.unzip();
        Self { x, y, width, height, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: Screen = Screen { x: 0.0, y: 0.0, width: 1280.0, height: 800.0, pixel: 1.0 };

    fn place(x: f64, y: f64, width: f64, height: f64) -> Place {
        Place { x: Some(x), y: Some(y), in_pixels: false, width, height, is_maximized: false }
    }

    /// A screen of the usual scale, and right of it one of twice that.
    fn two(in_pixels: bool) -> [Screen; 2] {
        let at = |x| PhysicalPosition::new(x, 0);
        // Where the second one begins is told in its own pixels.
        let second = if in_pixels { 1920 } else { 3840 };
        [
            Screen::new(at(0), PhysicalSize::new(1920, 1080), 1.0, in_pixels),
            Screen::new(at(second), PhysicalSize::new(3840, 2160), 2.0, in_pixels),
        ]
    }

    #[test]
    fn a_window_comes_back_where_it_was_unless_no_screen_shows_it() {
        let kept = place(100.0, 50.0, 900.0, 600.0);
        assert_eq!(kept.within(&[SCREEN], false), kept);
        for gone in [place(5000.0, 50.0, 900.0, 600.0), place(0.0, -900.0, 900.0, 600.0)] {
            let found = gone.within(&[SCREEN], false);
            assert_eq!((found.x, found.y, found.width), (None, None, 900.0));
        }
    }

    #[test]
    fn a_screen_of_another_scale_is_where_its_desktop_says() {
        let [first, second] = two(true);
        assert_eq!(first.middle(680.0, 0.2), (620.0, 216.0));
        assert_eq!(second.middle(680.0, 0.2), (1920.0 + 1240.0, 432.0));
        let [_, second] = two(false);
        assert_eq!(second.middle(680.0, 0.2), (1920.0 + 620.0, 216.0));
        // Far right on the second screen: its logical pixels would end before.
        let kept = Place { in_pixels: true, ..place(5000.0, 1900.0, 900.0, 600.0) };
        assert_eq!(kept.within(&two(true), true), kept);
        assert_eq!(kept.within(&two(true)[..1], true).x, None);
        // Where a window is on a screen of twice the scale.
        let at = PhysicalPosition::new(4000, 300);
        assert_eq!((spot(at, 2.0, true), spot(at, 2.0, false)), ((4000.0, 300.0), (2000.0, 150.0)));
    }

    #[test]
    fn a_place_of_an_earlier_version_keeps_its_size_where_the_desktop_counts_otherwise() {
        let old: Place = serde_json::from_str(r#"{"x":100,"y":50,"width":900,"height":600}"#).unwrap();
        assert_eq!(old.within(&[SCREEN], false), old);
        let found = old.within(&two(true), true);
        assert_eq!((found.x, found.y, found.width, found.height), (None, None, 900.0, 600.0));
    }

    #[test]
    fn a_file_with_nonsense_makes_no_nonsense_window() {
        let found = place(f64::NAN, 0.0, 1e9, -5.0).within(&[SCREEN], false);
        assert_eq!((found.x, found.width, found.height), (None, 1280.0, SMALLEST.1));
        let found = place(0.0, 0.0, f64::NAN, f64::INFINITY).within(&[], false);
        assert_eq!((found.x, found.width, found.height), (None, SMALLEST.0, SMALLEST.1));
    }
}
