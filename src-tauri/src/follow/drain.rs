//! Hands batches to a page no faster than it takes them.
//!
//! A channel of the shell has no bound and does not tell what arrived. After each message the page is asked to
//! evaluate nothing; what it was sent before is behind it when it answers. Until then nothing more is sent, the
//! stream is not read beyond one batch, and the runtime holds back what comes after.

use std::{future::Future, sync::Arc, time::Duration};

use tauri::{WebviewWindow, ipc::Channel};
use tokio::{sync::Notify, time::Instant};

use super::batch::Batch;

/// Messages are no closer together than this: every other frame of a 60 Hz display. A text that grows thirty times
/// a second grows as smoothly to the eye, for half the work.
pub(super) const PACE: Duration = Duration::from_millis(33);
/// What the first message waits for, so that it is more than the first event.
const GATHER: Duration = Duration::from_millis(8);

/// The page's end of a stream.
pub struct Drain {
    page: WebviewWindow,
    channel: Channel<Batch>,
    taken: Arc<Notify>,
    sent_at: Instant,
    is_behind: bool,
}

/// The page is gone.
#[derive(Debug)]
pub(super) struct Gone;

/// What takes batches.
pub(super) trait Taker: Send {
    /// Returns when the next message may go. Nothing is lost when the future is dropped.
    fn is_free(&mut self) -> impl Future<Output = ()> + Send;
    /// Sends what has gathered.
    fn send(&mut self, batch: &mut Batch) -> Result<(), Gone>;
}

impl Drain {
    /// The end of `channel` in `page`.
    #[must_use]
    pub fn new(page: WebviewWindow, channel: Channel<Batch>) -> Self {
        let sent_at = Instant::now().checked_sub(PACE - GATHER).unwrap_or_else(Instant::now);
        Self { page, channel, taken: Arc::new(Notify::new()), sent_at, is_behind: false }
    }
}

impl Taker for Drain {
    async fn is_free(&mut self) {
        if self.is_behind {
            self.taken.notified().await;
            self.is_behind = false;
        }
        tokio::time::sleep_until(self.sent_at + PACE).await;
    }

    fn send(&mut self, batch: &mut Batch) -> Result<(), Gone> {
        self.channel.send(std::mem::take(batch)).map_err(|_| Gone)?;
        self.sent_at = Instant::now();
        let taken = Arc::clone(&self.taken);
        self.page.eval_with_callback("0", move |_| taken.notify_one()).map_err(|_| Gone)?;
        self.is_behind = true;
        Ok(())
    }
}
