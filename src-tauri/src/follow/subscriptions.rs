//! Which page follows what, so that it ends with the page.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jamey_protocol::{ApiError, ErrorCode};
use tauri::async_runtime::JoinHandle;

/// The most that one page may follow at once.
const MOST: usize = 32;

/// What is being followed.
#[derive(Debug, Default)]
pub struct Subscriptions {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    newest: u32,
    open: HashMap<u32, Subscription>,
}

#[derive(Debug)]
struct Subscription {
    page: String,
    task: JoinHandle<()>,
}

impl Subscriptions {
    /// Notes the task that `begin` starts and gives its number.
    ///
    /// # Errors
    /// `Limit` when the page follows enough already; then nothing is begun.
    pub fn begin(&self, page: &str, begin: impl FnOnce() -> JoinHandle<()>) -> Result<u32, ApiError> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.open.retain(|_, one| !one.task.inner().is_finished());
        if inner.open.values().filter(|one| one.page == page).count() >= MOST {
            let message = format!("a window may follow {MOST} sessions at once");
            return Err(ApiError::new(ErrorCode::Limit, message));
        }
        inner.newest = inner.newest.wrapping_add(1);
        let number = inner.newest;
        inner.open.insert(number, Subscription { page: page.to_owned(), task: begin() });
        Ok(number)
    }

    /// Ends one. One of another page, or one that has ended, stays as it is.
    pub fn end(&self, page: &str, number: u32) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.open.get(&number).is_some_and(|one| one.page == page)
            && let Some(one) = inner.open.remove(&number)
        {
            one.task.abort();
        }
    }

    /// Ends all of a page that is gone or begins anew.
    pub fn end_all(&self, page: &str) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.open.retain(|_, one| {
            if one.page == page {
                one.task.abort();
            }
            one.page != page
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endless() -> JoinHandle<()> {
        tauri::async_runtime::spawn(std::future::pending())
    }

    fn open(all: &Subscriptions) -> usize {
        all.inner.lock().unwrap().open.len()
    }

    #[test]
    fn a_page_ends_only_its_own_and_has_no_more_than_its_share() {
        let all = Subscriptions::default();
        let mine = all.begin("main", endless).unwrap();
        all.end("quick", mine);
        assert_eq!(open(&all), 1);
        all.end("main", mine);
        all.end("main", mine);
        assert_eq!(open(&all), 0);
        for _ in 0..MOST {
            all.begin("main", endless).unwrap();
        }
        assert_eq!(all.begin("main", || panic!("not begun")).unwrap_err().code, ErrorCode::Limit);
        all.begin("quick", endless).unwrap();
        all.end_all("main");
        assert_eq!(open(&all), 1);
    }
}
