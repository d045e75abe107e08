//! A provider whose calls are held to the limits.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::{Stream, StreamExt, stream, stream::BoxStream};
use jamey_engine::ports::{Chunk, ErrorKind, Provider, ProviderError, Request, TurnMeter};
use jamey_protocol::{Model, Usage, model::Price};
use jamey_providers::BYTES_PER_TOKEN;
use tokio_util::sync::CancellationToken;

use super::budget::{Budget, Reservation, input_of};

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
            let guess = Guess::of(&request);
            let inner = self.inner.stream(request, cancel);
            return Counting { inner, reservation, guess, next: None }.boxed();
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
                    let guess = Guess::of(&request);
                    let inner = span.in_scope(|| inner.stream(request, cancel));
                    Counting { inner, reservation, guess, next: None }.boxed()
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
    guess: Guess,
    /// What comes next, behind or before an estimate.
    next: Option<Chunk>,
}

/// What an answer used of which its server tells nothing, or nothing yet: rather too much than nothing.
struct Guess {
    is_told: bool,
    input: u64,
    written: usize,
}

impl Guess {
    fn of(request: &Request) -> Self {
        Self { is_told: false, input: input_of(request), written: 0 }
    }

    /// Takes a chunk. Returns the guess where it changed and nobody told the use: the answer may be stopped at any
    /// word.
    fn take(&mut self, chunk: &Chunk) -> Option<Usage> {
        match chunk {
            Chunk::Text(text) | Chunk::Reasoning { text, .. } => self.written += text.len(),
            Chunk::Call(call) => {
                let arguments =
                    call.arguments.as_ref().map_or_else(String::len, |value| value.to_string().len());
                self.written += call.tool.len() + arguments;
            }
            Chunk::Usage(_) | Chunk::Estimate(_) => self.is_told = true,
            Chunk::End(_) => {}
        }
        let output = (self.written as u64).div_ceil(BYTES_PER_TOKEN);
        (!self.is_told).then(|| Usage { input: self.input, output, ..Usage::default() })
    }
}

impl Stream for Counting {
    type Item = Result<Chunk, ProviderError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(next) = self.next.take() {
            return Poll::Ready(Some(Ok(next)));
        }
        let next = self.inner.poll_next_unpin(context);
        let Poll::Ready(Some(Ok(chunk))) = next else { return next };
        // A provider guesses too, where its server has told the beginning alone; the last word counts.
        if let Chunk::Usage(used) | Chunk::Estimate(used) = &chunk {
            self.reservation.used(used);
        }
        let Some(guess) = self.guess.take(&chunk) else { return Poll::Ready(Some(Ok(chunk))) };
        self.reservation.used(&guess);
        // Nothing may follow the end.
        let guess = Chunk::Estimate(guess);
        let is_end = matches!(chunk, Chunk::End(_));
        let (first, second) = if is_end { (guess, chunk) } else { (chunk, guess) };
        self.next = Some(second);
        Poll::Ready(Some(Ok(first)))
    }
}

#[cfg(test)]
mod tests {
    use jamey_engine::ports::{Message, StopReason};

    use super::*;

    #[test]
    fn an_answer_that_tells_no_use_is_guessed_and_one_that_does_is_believed() {
        let request = Request { messages: vec![Message::user("x".repeat(300))], ..Request::default() };
        let mut guess = Guess::of(&request);
        let so_far = guess.take(&Chunk::Text("y".repeat(60))).unwrap();
        assert_eq!(so_far.output, 20, "it may be stopped now");
        guess.take(&Chunk::Text("y".repeat(30)));
        let used = guess.take(&Chunk::End(StopReason::Done)).unwrap();
        assert!((100..200).contains(&used.input) && used.output == 30, "{used:?}");
        let mut told = Guess::of(&request);
        assert_eq!(told.take(&Chunk::Usage(Usage::default())), None);
        assert_eq!(told.take(&Chunk::End(StopReason::Done)), None);
    }
}
