//! Downloads that were begun here. They outlive the page that began them; the next page finds them and listens on.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jamey_protocol::Pull;
use serde::{Deserialize, Serialize};
use tauri::{async_runtime::JoinHandle, ipc::Channel};

/// How a download stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct PullView {
    /// The name of its model.
    pub name: String,
    /// Whether it goes on; else it was stopped, or it failed.
    pub is_running: bool,
    /// What it told last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Pull>,
}

/// Downloads, by the name of their model. One that is done is no more in here.
#[derive(Debug, Default)]
pub struct Pulls(Mutex<BTreeMap<String, One>>);

impl std::fmt::Debug for One {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("One").field("last", &self.last).finish_non_exhaustive()
    }
}

struct One {
    task: JoinHandle<()>,
    /// A person stopped it.
    is_stopped: bool,
    last: Option<Pull>,
    /// The page that is told.
    page: Channel<Pull>,
}

impl One {
    fn is_running(&self) -> bool {
        !self.is_stopped
            && !matches!(self.last, Some(Pull::Failed { .. }))
            && !self.task.inner().is_finished()
    }
}

/// What a message means for its download.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    More,
    Last,
}

impl Told {
    pub(super) fn is_last(self) -> bool {
        self == Self::Last
    }
}

impl Pulls {
    /// Has a page told of a download that runs, from where it is. False when none does.
    pub(super) fn attach(&self, name: &str, page: &Channel<Pull>) -> bool {
        let mut all = self.all_mut();
        let Some(one) = all.get_mut(name).filter(|one| one.is_running()) else { return false };
        if let Some(last) = one.last.clone() {
            let _ = page.send(last);
        }
        one.page = page.clone();
        true
    }

    /// Notes the task that `begin` starts; where another was quicker, its download tells this page too.
    pub(super) fn begin(&self, name: &str, page: &Channel<Pull>, begin: impl FnOnce() -> JoinHandle<()>) {
        if self.attach(name, page) {
            return;
        }
        // The task waits for this lock before it tells anything.
        let mut all = self.all_mut();
        all.insert(name.to_owned(), One { task: begin(), is_stopped: false, last: None, page: page.clone() });
    }

    /// Tells the page and remembers. A closed window is no reason to stop.
    pub(super) fn tell(&self, name: &str, message: Pull) -> Told {
        let mut all = self.all_mut();
        let Some(one) = all.get_mut(name) else { return Told::Last };
        let _ = one.page.send(message.clone());
        match message {
            Pull::Done { .. } => {
                all.remove(name);
                Told::Last
            }
            Pull::Failed { .. } => {
                one.last = Some(message);
                Told::Last
            }
            Pull::Progress { .. } | Pull::Verifying => {
                one.last = Some(message);
                Told::More
            }
        }
    }

    /// Stops one, which may go on later.
    pub(super) fn pause(&self, name: &str) {
        if let Some(one) = self.all_mut().get_mut(name) {
            one.is_stopped = true;
            one.task.abort();
        }
    }

    /// Stops one for good.
    pub(super) fn forget(&self, name: &str) {
        if let Some(one) = self.all_mut().remove(name) {
            one.task.abort();
        }
    }

    /// All of them, by name.
    pub(super) fn all(&self) -> Vec<PullView> {
        let view = |(name, one): (&String, &One)| PullView {
            name: name.clone(),
            is_running: one.is_running(),
            last: one.last.clone(),
        };
        self.all_mut().iter().map(view).collect()
    }

    /// How many run.
    #[must_use]
    pub fn running(&self) -> usize {
        self.all_mut().values().filter(|one| one.is_running()).count()
    }

    fn all_mut(&self) -> MutexGuard<'_, BTreeMap<String, One>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use jamey_protocol::{ApiError, ErrorCode};
    use tauri::ipc::InvokeResponseBody;

    use super::*;

    fn page() -> (Channel<Pull>, Arc<Mutex<Vec<String>>>) {
        let told = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&told);
        let channel = Channel::new(move |body| {
            if let InvokeResponseBody::Json(text) = body {
                noted.lock().unwrap().push(text);
            }
            Ok(())
        });
        (channel, told)
    }

    fn progress(done: u64) -> Pull {
        Pull::Progress { done, total: 9, source: "here".to_owned() }
    }

    fn endless() -> JoinHandle<()> {
        tauri::async_runtime::spawn(std::future::pending())
    }

    #[test]
    fn a_page_that_comes_later_is_told_from_where_a_download_is() {
        let (pulls, (first, heard)) = (Pulls::default(), page());
        assert!(!pulls.attach("small", &first));
        pulls.begin("small", &first, endless);
        assert_eq!(pulls.tell("small", progress(3)), Told::More);
        let (second, heard_later) = page();
        assert!(pulls.attach("small", &second));
        assert_eq!(pulls.running(), 1);
        let _ = pulls.tell("small", progress(4));
        assert_eq!((heard.lock().unwrap().len(), heard_later.lock().unwrap().len()), (1, 2));
        assert_eq!(pulls.all()[0].last, Some(progress(4)));
        assert!(pulls.tell("small", Pull::Done { model: "local/small".to_owned() }).is_last());
        assert_eq!(pulls.all(), []);
    }

    #[test]
    fn one_that_failed_is_remembered_and_may_be_begun_again() {
        let (pulls, (channel, _)) = (Pulls::default(), page());
        pulls.begin("small", &channel, endless);
        let error = ApiError::new(ErrorCode::Unreachable, "no network");
        assert!(pulls.tell("small", Pull::Failed { error }).is_last());
        assert_eq!(pulls.running(), 0);
        assert!(!pulls.all()[0].is_running);
        assert!(!pulls.attach("small", &channel));
        pulls.begin("small", &channel, endless);
        assert_eq!(pulls.running(), 1);
        pulls.pause("small");
        assert!(!pulls.all()[0].is_running);
        pulls.forget("small");
        assert_eq!(pulls.all(), []);
    }
}
