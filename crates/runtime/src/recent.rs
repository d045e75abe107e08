//! The last warnings and errors of the log, kept in memory so that `status` can tell them.
//!
//! A layer beside those that write the log. It costs nothing while all is well, since it hears of nothing
//! below a warning.

use std::{
    collections::VecDeque,
    fmt::{self, Write as _},
    sync::{Mutex, PoisonError},
};

use jamey_engine::ports::{Clock, SystemClock};
use jamey_protocol::health::Dated;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, filter::LevelFilter, layer::Context, registry::LookupSpan};

use crate::redact;

/// So many are remembered.
const MOST: usize = 10;
/// A line is cut here.
const LONGEST: usize = 300;

/// What the log said last. One for the process, as the log is.
static LINES: Mutex<VecDeque<Dated>> = Mutex::new(VecDeque::new());

/// The last warnings and errors, oldest first. One that came again and again is there once.
#[must_use]
pub fn lines() -> Vec<Dated> {
    LINES.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
}

/// Remembers one line.
fn keep(lines: &mut VecDeque<Dated>, line: Dated) {
    lines.retain(|known| known.text != line.text);
    if lines.len() == MOST {
        lines.pop_front();
    }
    lines.push_back(line);
}

/// Listens for warnings and errors.
#[must_use]
pub fn layer<S: Subscriber + for<'span> LookupSpan<'span>>() -> impl Layer<S> {
    Recent.with_filter(LevelFilter::WARN)
}

struct Recent;

impl<S: Subscriber> Layer<S> for Recent {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut text = Text::default();
        event.record(&mut text);
        let line = Dated { at: SystemClock.now(), text: text.line() };
        keep(&mut LINES.lock().unwrap_or_else(PoisonError::into_inner), line);
    }
}

/// The message, and the fields that say why.
#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl Text {
    fn line(self) -> String {
        let whole = match (self.message.is_empty(), self.fields.is_empty()) {
            (false, false) => format!("{} ({})", self.message, self.fields),
            (false, true) => self.message,
            _ => self.fields,
        };
        // A control character would act on the terminal of whoever reads the status.
        let whole = redact::text(&whole).replace(char::is_control, " ");
        let mut line: String = whole.chars().take(LONGEST).collect();
        if line.len() < whole.len() {
            line.push('…');
        }
        line
    }

    fn field(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value}"),
            // Its name is for the log's readers alone.
            "notice" => Ok(()),
            name => {
                let between = if self.fields.is_empty() { "" } else { ", " };
                write!(self.fields, "{between}{name} {value}")
            }
        };
    }
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.field(field, format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.field(field, format_args!("{value}"));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.field(field, format_args!("{value}"));
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::{Registry, layer::SubscriberExt};

    use super::*;

    #[test]
    fn warnings_are_remembered_once_each_with_their_reason_and_nothing_else_is() {
        let subscriber = Registry::default().with(layer());
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!("the sky is blue");
            for _ in 0..3 {
                tracing::warn!(error = %"no space", "a write\nfailed");
            }
            tracing::error!("{}", "x".repeat(1000));
        });
        let lines: Vec<_> = lines().into_iter().map(|line| line.text).collect();
        assert_eq!(
            lines.iter().filter(|line| *line == "a write failed (error no space)").count(),
            1,
            "{lines:?}"
        );
        assert!(lines.iter().all(|line| !line.contains("sky") && line.chars().count() <= LONGEST + 1));
    }

    #[test]
    fn the_oldest_gives_way() {
        let mut lines = VecDeque::new();
        for at in 0..25 {
            keep(&mut lines, Dated { at, text: at.to_string() });
        }
        assert_eq!((lines.len(), lines[0].at), (MOST, 15));
    }
}
