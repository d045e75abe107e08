//! A provider whose calls are held to the limits.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::{Stream, StreamExt, stream, stream::BoxStream};
use jamey_engine::ports::{Chunk, ErrorKind, Provider, ProviderError, Request, TurnMeter};
use jamey_protocol::{Model, model::Price};
use tokio_util::sync::CancellationToken;

use super::budget::{Budget, Reservation};

/// A provider for the calls of one turn.
pub(super) struct Metered {
    pub(super) inner: Arc<dyn Provider>,
    pub(super) budget: Arc<Budget>,
    pub(super) turn: TurnMeter,
    /// What its model costs, where known.
    pub(super) price: Option<Price>,
    /// The most that its model writes at once, where known.
    pub(super) max_output: Option<u64>,
}

#[async_trait::async_trait]
impl Provider for Metered {
    fn id(&self) -> &str {
        self.inner.id()
    }

    async fn models(&self) -> Result<Vec<Model>, ProviderError> {
        self.inner.models().await
    }

    fn stream(
        &self,
        mut request: Request,
        cancel: CancellationToken,
    ) -> BoxStream<'static, Result<Chunk, ProviderError>> {
        if !self.budget.is_set() {
            let reservation = self.budget.count(&self.turn, self.price);
            return Counting { inner: self.inner.stream(request, cancel), reservation }.boxed();
        }
        let (inner, budget, turn) = (Arc::clone(&self.inner), Arc::clone(&self.budget), self.turn.clone());
        let (price, most) = (self.price, self.max_output);
        // The call belongs to the span in which it was asked for, however long it waited.
        let span = tracing::Span::current();
        let opening = async move {
            let reserved = tokio::select! {
                () = cancel.cancelled() => Err(ProviderError::new(ErrorKind::Cancelled, "stopped")),
                reserved = budget.reserve(&turn, &request, price, most) => reserved,
            };
            match reserved {
                Err(error) => stream::iter([Err(error)]).boxed(),
                Ok(reservation) => {
                    request.max_output = reservation.max_output;
                    let inner = span.in_scope(|| inner.stream(request, cancel));
                    Counting { inner, reservation }.boxed()
                }
            }
        };
        stream::once(opening).flatten().boxed()
    }
}

/// An answer on its way, whose use is counted when it ends or is given up.
struct Counting {
    inner: BoxStream<'static, Result<Chunk, ProviderError>>,
    reservation: Reservation,
}

impl Stream for Counting {
    type Item = Result<Chunk, ProviderError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.inner.poll_next_unpin(context);
        if let Poll::Ready(Some(Ok(Chunk::Usage(used)))) = &next {
            self.reservation.used(used);
        }
        next
    }
}
