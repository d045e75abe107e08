//! Listens to each answer on its way and tells the tally what came of it.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use futures_util::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};
use jamey_engine::ports::{Chunk, Provider, ProviderError, Request};
use jamey_protocol::Model;
use tokio_util::sync::CancellationToken;

use super::{Calls, gate::Pass};

pub(super) struct Counted {
    pub(super) inner: Arc<dyn Provider>,
    pub(super) calls: Arc<Calls>,
    /// A call fails at once while the provider is left alone.
    pub(super) is_gated: bool,
}

#[async_trait::async_trait]
impl Provider for Counted {
    fn id(&self) -> &str {
        self.inner.id()
    }

    async fn models(&self) -> Result<Vec<Model>, ProviderError> {
        self.inner.models().await
    }

    fn stream(
        &self,
        request: Request,
        cancel: CancellationToken,
    ) -> BoxStream<'static, Result<Chunk, ProviderError>> {
        let pass = if self.is_gated { self.calls.enter(Instant::now()) } else { Ok(Pass::AsEver) };
        let is_probe = match pass {
            Ok(pass) => pass == Pass::Probe,
            Err(left) => return stream::iter([Err(self.calls.left_alone(self.id(), left))]).boxed(),
        };
        let inner = self.inner.stream(request, cancel);
        let calls = Arc::clone(&self.calls);
        Listening { inner, calls, began: Instant::now(), is_heard: false, is_probe }.boxed()
    }
}

/// One answer on its way.
struct Listening {
    inner: BoxStream<'static, Result<Chunk, ProviderError>>,
    calls: Arc<Calls>,
    began: Instant,
    is_heard: bool,
    /// It is the one that finds out whether the provider is back, and has not ended.
    is_probe: bool,
}

impl Listening {
    /// Makes way for another probe. Any other call decides nothing of that.
    fn leave(&mut self) {
        if std::mem::take(&mut self.is_probe) {
            self.calls.left();
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.leave();
    }
}

impl Stream for Listening {
    type Item = Result<Chunk, ProviderError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.inner.poll_next_unpin(context);
        match &next {
            Poll::Ready(Some(Ok(Chunk::End(_)))) => self.calls.answered(),
            // What it counts before its first word is no word.
            Poll::Ready(Some(Ok(Chunk::Usage(_) | Chunk::Estimate(_)))) => {}
            Poll::Ready(Some(Ok(_))) if !self.is_heard => {
                self.is_heard = true;
                self.calls.heard(self.began.elapsed());
            }
            Poll::Ready(Some(Err(error))) => self.calls.failed(error),
            _ => {}
        }
        if matches!(&next, Poll::Ready(Some(Ok(Chunk::End(_)) | Err(_)))) {
            self.leave();
        }
        next
    }
}
