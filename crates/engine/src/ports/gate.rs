//! What holds everything back for a while: while it is closed, nothing new begins.

use tokio::sync::watch;

/// Tells whether something may begin. What runs already goes on.
#[derive(Clone, Debug, Default)]
pub struct Gate(Option<watch::Receiver<bool>>);

impl Gate {
    /// A gate that is closed while the last value sent is `true`. When its sender is gone, it is open for good.
    #[must_use]
    pub fn new(closed: watch::Receiver<bool>) -> Self {
        Self(Some(closed))
    }

    /// Whether what would begin now has to wait.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.as_ref().is_some_and(|closed| closed.has_changed().is_ok() && *closed.borrow())
    }

    /// Waits until it is open.
    pub async fn opened(mut self) {
        if let Some(closed) = &mut self.0 {
            // An error says that nobody can close it any more.
            let _ = closed.wait_for(|is_closed| !is_closed).await;
        }
    }
}
