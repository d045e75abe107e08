//! The looks of the page (`ui/src/style`), for a field that is there before it.

use gtk::{Box, CssProvider, Entry, STYLE_PROVIDER_PRIORITY_APPLICATION, Settings, prelude::*};

use crate::{
    settings::{Look, Theme},
    trouble,
};

/// Colours as `tokens.css` has them.
struct Colours {
    raised: &'static str,
    ink: &'static str,
    ink_3: &'static str,
    line: &'static str,
}

const LIGHT: Colours =
    Colours { raised: "#ffffff", ink: "#24201c", ink_3: "#6c6662", line: "rgba(51, 45, 38, 0.11)" };
const DARK: Colours =
    Colours { raised: "#272421", ink: "#e8e6e2", ink_3: "#9e9b96", line: "rgba(241, 238, 231, 0.09)" };

/// Has a field and what is around it look as the page will.
pub(super) fn put_on(look: &Look, cover: &Box, entry: &Entry, foot: &Box) {
    let provider = CssProvider::new();
    if let Err(error) = provider.load_from_data(style(look).as_bytes()) {
        return trouble::note(format_args!("the quick prompt's first line looks plain: {error}"));
    }
    cover.set_widget_name("cover");
    foot.set_widget_name("foot");
    for context in [cover.style_context(), entry.style_context(), foot.style_context()] {
        context.add_provider(&provider, STYLE_PROVIDER_PRIORITY_APPLICATION);
    }
}

fn style(look: &Look) -> String {
    let Colours { raised, ink, ink_3, line } = if is_dark(look.theme) { DARK } else { LIGHT };
    let size = 18.0 * f64::from(look.font_percent) / 100.0;
    format!(
        "@define-color placeholder_text_color {ink_3};
        #cover {{ background: {raised}; }}
        #foot {{ border-top: 1px solid {line}; }}
        entry, entry:focus {{ padding: 0 24px; border: 0; background: none; box-shadow: none; outline: none;
            color: {ink}; caret-color: {ink}; font-size: {size}px; }}"
    )
}

/// As the web engine decides it.
fn is_dark(theme: Theme) -> bool {
    match theme {
        Theme::Light => false,
        Theme::Dark => true,
        Theme::System => Settings::default().is_some_and(|system| {
            let name = system.gtk_theme_name().unwrap_or_default().to_lowercase();
            system.is_gtk_application_prefer_dark_theme()
                || name.ends_with("-dark")
                || name.ends_with(":dark")
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKENS: &str = include_str!("../../../../ui/src/style/tokens.css");

    /// The page's colour of a name, as this file writes colours. See <https://bottosson.github.io/posts/oklab/>.
    fn token(theme: &str, name: &str) -> String {
        let (light, dark) = TOKENS.split_once(":root[data-theme=\"dark\"]").unwrap();
        let theme = if theme == "dark" { dark } else { light };
        let value = theme.split_once(&format!("--{name}: oklch(")).unwrap().1.split_once(')').unwrap().0;
        let (colour, alpha) =
            value.split_once(" / ").map_or((value, None), |(colour, alpha)| (colour, Some(alpha)));
        let numbers: Vec<f64> = colour.split(' ').map(|number| number.parse().unwrap()).collect();
        let (light, chroma, hue) = (numbers[0], numbers[1], numbers[2].to_radians());
        let (a, b) = (chroma * hue.cos(), chroma * hue.sin());
        let cone = |of_a: f64, of_b: f64| (light + of_a * a + of_b * b).powi(3);
        let long = cone(0.396_337_777_4, 0.215_803_757_3);
        let middle = cone(-0.105_561_345_8, -0.063_854_172_8);
        let short = cone(-0.089_484_177_5, -1.291_485_548);
        let parts = [
            4.076_741_662_1 * long - 3.307_711_591_3 * middle + 0.230_969_929_2 * short,
            -1.268_438_004_6 * long + 2.609_757_401_1 * middle - 0.341_319_396_5 * short,
            -0.004_196_086_3 * long - 0.703_418_614_7 * middle + 1.707_614_701 * short,
        ];
        let [red, green, blue] = parts.map(|part| {
            let part = part.clamp(0.0, 1.0);
            let shown = if part <= 0.003_130_8 { 12.92 * part } else { 1.055 * part.powf(1.0 / 2.4) - 0.055 };
            (shown * 255.0).round()
        });
        match alpha {
            Some(alpha) => format!("rgba({red}, {green}, {blue}, {alpha})"),
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // It was held within a byte.
            None => format!("#{:02x}{:02x}{:02x}", red as u8, green as u8, blue as u8),
        }
    }

    #[test]
    fn the_colours_are_those_of_the_page() {
        for (theme, colours) in [("light", LIGHT), ("dark", DARK)] {
            assert_eq!(colours.raised, token(theme, "raised"));
            assert_eq!(colours.ink, token(theme, "ink"));
            assert_eq!(colours.ink_3, token(theme, "ink-3"));
            assert_eq!(colours.line, token(theme, "line"));
        }
    }

    #[test]
    fn letters_are_as_large_as_a_person_chose() {
        let style = style(&Look { theme: Theme::Dark, font_percent: 140 });
        assert!(style.contains("font-size: 25.2px") && style.contains(DARK.raised), "{style}");
    }
}
