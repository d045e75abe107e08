//! What a person should know without having to read the log: notices that hold now, and what was put
//! right.
//!
//! A notice has a name: raising it again replaces its text and is no news, so that what goes on for hours
//! is one notice.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jamey_engine::ports::{Clock, SystemClock};
use jamey_protocol::health::Dated;

/// So much of what was put right is remembered.
const MOST_MENDED: usize = 20;
/// Notices beyond this are a fault of ours, and go to the log alone.
const MOST_NOTICES: usize = 50;

/// Notices that hold now, and what was put right.
#[derive(Debug, Default)]
pub struct Board {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    notices: Vec<(String, String)>,
    mended: VecDeque<Dated>,
}

impl Board {
    /// Puts a notice up, or changes its text. The log hears of a new one.
    pub fn raise(&self, name: &str, text: impl Into<String>) {
        let text = text.into();
        let mut inner = self.inner();
        if let Some((_, known)) = inner.notices.iter_mut().find(|(known, _)| known == name) {
            *known = text;
            return;
        }
        tracing::warn!(notice = name, "{text}");
        if inner.notices.len() < MOST_NOTICES {
            inner.notices.push((name.to_owned(), text));
        }
    }

    /// Takes a notice down, if it is up. The log hears of it.
    pub fn clear(&self, name: &str) {
        let mut inner = self.inner();
        let before = inner.notices.len();
        inner.notices.retain(|(known, _)| known != name);
        if inner.notices.len() < before {
            tracing::info!(notice = name, "this notice no longer holds");
        }
    }

    /// What holds now, oldest first.
    #[must_use]
    pub fn notices(&self) -> Vec<String> {
        self.inner().notices.iter().map(|(_, text)| text.clone()).collect()
    }

    /// Remembers that something was put right, and logs it.
    pub fn mended(&self, text: impl Into<String>) {
        let text = text.into();
        tracing::info!("put right: {text}");
        let mut inner = self.inner();
        if inner.mended.len() == MOST_MENDED {
            inner.mended.pop_front();
        }
        inner.mended.push_back(Dated { at: SystemClock.now(), text });
    }

    /// What was put right, oldest first.
    #[must_use]
    pub fn all_mended(&self) -> Vec<Dated> {
        self.inner().mended.iter().cloned().collect()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_on_is_one_notice_until_it_is_over() {
        let board = Board::default();
        for free in [9, 8, 7] {
            board.raise("disk", format!("{free} MB free"));
        }
        board.raise("cpu", "busy");
        assert_eq!(board.notices(), ["7 MB free", "busy"]);
        board.clear("disk");
        board.clear("disk");
        assert_eq!(board.notices(), ["busy"]);
    }

    #[test]
    fn only_the_last_of_what_was_put_right_is_kept() {
        let board = Board::default();
        for number in 0..MOST_MENDED + 3 {
            board.mended(number.to_string());
        }
        let kept = board.all_mended();
        assert_eq!((kept.len(), kept[0].text.as_str()), (MOST_MENDED, "3"));
    }
}
