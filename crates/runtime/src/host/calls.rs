//! How the calls of each provider go, seen from the calls themselves: nobody is asked for it.

use std::{
    collections::{BTreeMap, VecDeque},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use futures_util::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};
use jamey_engine::ports::{Chunk, Clock, ErrorKind, Provider, ProviderError, Request, SystemClock};
use jamey_protocol::{
    Model,
    health::{Dated, ProviderHealth, State},
};
use tokio_util::sync::CancellationToken;

/// So many calls decide how a provider stands.
const LAST: usize = 20;
/// So many failures one after the other mean that it does not work.
const BROKEN_AFTER: usize = 3;
/// A provider that failed is left alone for so long after its last call; then it is asked whether it is back.
const QUIET: Duration = Duration::from_secs(120);
/// The pause doubles with each vain question, up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

/// The calls of every provider since the start.
#[derive(Debug, Default)]
pub struct CallBook {
    providers: Mutex<BTreeMap<String, Arc<Calls>>>,
}

/// The calls of one provider.
#[derive(Debug, Default)]
pub struct Calls {
    tally: Mutex<Tally>,
}

#[derive(Debug, Default)]
struct Tally {
    answered: u64,
    failed: u64,
    /// The last calls, oldest first: whether each was answered.
    last: VecDeque<bool>,
    /// Milliseconds to the first word of the last answers.
    first_words: VecDeque<u64>,
    answered_at: Option<i64>,
    last_failure: Option<Dated>,
    /// When it last failed, and how.
    failed_at: Option<(Instant, ErrorKind)>,
    /// Questions since then whether it is back.
    questions: Questions,
    /// A call goes on that decides whether it is asked again as before.
    is_tried: bool,
    /// The vendor's own word on how long to leave it alone.
    leave_until: Option<Instant>,
}

/// Whether a provider is asked now, where there are others to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// As ever.
    Closed,
    /// One call may find out whether it is back.
    HalfOpen,
    /// Not for so long.
    Open(Duration),
}

/// How long a provider is left alone after failures in a row; doubled with each further one.
const LEFT_ALONE: Duration = Duration::from_secs(30);
/// The longest that it is left alone before one call tries again.
const LONGEST_ALONE: Duration = Duration::from_secs(600);

/// Questions to a provider whose last call failed.
#[derive(Clone, Copy, Debug, Default)]
struct Questions {
    asked: u32,
    last: Option<Instant>,
    is_back: bool,
}

/// Whether a provider that failed at `failed` and was since asked as `questions` say is to be asked at `now`.
fn is_due(failed: Instant, questions: Questions, now: Instant) -> bool {
    if questions.is_back {
        return false;
    }
    let pause = QUIET.saturating_mul(1 << questions.asked.min(8)).min(LONGEST_PAUSE);
    now.saturating_duration_since(questions.last.unwrap_or(failed)) >= pause
}

/// Whether a list of models tells that calls would no longer fail so. An account that is used up lists its
/// models as before.
fn shows_in_a_list(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Auth
            | ErrorKind::Overloaded
            | ErrorKind::Timeout
            | ErrorKind::Transport
            | ErrorKind::Truncated
            | ErrorKind::Malformed
    )
}

impl CallBook {
    /// Makes a provider whose calls are counted.
    #[must_use]
    pub fn counted(&self, provider: Arc<dyn Provider>) -> Arc<dyn Provider> {
        let calls = self.calls(provider.id());
        Arc::new(Counted { inner: provider, calls, is_gated: false })
    }

    /// The same, but a call fails at once while the provider is left alone: for turns that have another
    /// model to go on with.
    #[must_use]
    pub fn gated(&self, provider: Arc<dyn Provider>) -> Arc<dyn Provider> {
        let calls = self.calls(provider.id());
        Arc::new(Counted { inner: provider, calls, is_gated: true })
    }

    /// The calls of the provider of that name.
    #[must_use]
    pub fn calls(&self, name: &str) -> Arc<Calls> {
        let mut providers = self.providers.lock().unwrap_or_else(PoisonError::into_inner);
        match providers.get(name) {
            Some(calls) => Arc::clone(calls),
            None => Arc::clone(providers.entry(name.to_owned()).or_default()),
        }
    }
}

impl Calls {
    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn heard(&self, after: Duration) {
        let mut tally = self.tally();
        push(&mut tally.first_words, u64::try_from(after.as_millis()).unwrap_or(u64::MAX));
    }

    fn answered(&self) {
        let mut tally = self.tally();
        tally.answered += 1;
        tally.answered_at = Some(SystemClock.now());
        (tally.failed_at, tally.questions) = (None, Questions::default());
        (tally.is_tried, tally.leave_until) = (false, None);
        push(&mut tally.last, true);
    }

    /// Whether it is to be asked at `now`, where others could be.
    #[must_use]
    pub fn gate(&self, now: Instant) -> Gate {
        let tally = self.tally();
        let Some((at, kind)) = tally.failed_at else { return Gate::Closed };
        let asked_to_leave = tally
            .leave_until
            .map(|until| until.saturating_duration_since(now))
            .filter(|left| !left.is_zero());
        if let Some(left) = asked_to_leave {
            return Gate::Open(left);
        }
        let in_a_row = tally.last.iter().rev().take_while(|answered| !**answered).count();
        let enough = if kind == ErrorKind::QuotaExhausted { 1 } else { BROKEN_AFTER };
        if in_a_row < enough {
            return Gate::Closed;
        }
        let doublings = u32::try_from((in_a_row - enough).min(8)).unwrap_or(8);
        let alone = LEFT_ALONE.saturating_mul(1 << doublings).min(LONGEST_ALONE);
        let left = alone.saturating_sub(now.saturating_duration_since(at));
        if left.is_zero() || tally.questions.is_back { Gate::HalfOpen } else { Gate::Open(left) }
    }

    /// Lets a call through, or says how long none goes through. Of those that come while it is half open
    /// one goes.
    fn enter(&self, now: Instant) -> Result<(), Duration> {
        match self.gate(now) {
            Gate::Closed => Ok(()),
            Gate::Open(left) => Err(left),
            Gate::HalfOpen => {
                let mut tally = self.tally();
                if std::mem::replace(&mut tally.is_tried, true) { Err(LEFT_ALONE) } else { Ok(()) }
            }
        }
    }

    /// What a call is told while the provider is left alone.
    fn left_alone(&self, name: &str, left: Duration) -> ProviderError {
        let why = self.tally().last_failure.as_ref().map(|last| last.text.clone()).unwrap_or_default();
        let message = format!("{name} is left alone for {} s, since: {why}", left.as_secs().max(1));
        // Longer than what is waited for: another model goes on at once.
        let retry_after = Some(left.max(Duration::from_secs(6)));
        ProviderError { retry_after, ..ProviderError::new(ErrorKind::Overloaded, message) }
    }

    /// A call ended without saying anything of the provider.
    fn left(&self) {
        self.tally().is_tried = false;
    }

    fn failed(&self, error: &ProviderError) {
        if !speaks_against_the_provider(error.kind) {
            return self.left();
        }
        let mut tally = self.tally();
        tally.is_tried = false;
        tally.leave_until = error.retry_after.map(|wait| Instant::now() + wait);
        tally.failed += 1;
        let text = error.message.chars().filter(|c| !c.is_control()).take(300).collect();
        tally.last_failure = Some(Dated { at: SystemClock.now(), text });
        (tally.failed_at, tally.questions) = (Some((Instant::now(), error.kind)), Questions::default());
        push(&mut tally.last, false);
    }

    /// Whether it is time to ask the provider if it is back: its last call failed in a way that a list of
    /// models would show, and nobody asked for a while.
    #[must_use]
    pub fn wants_question(&self, now: Instant) -> bool {
        let tally = self.tally();
        tally.failed_at.is_some_and(|(at, kind)| shows_in_a_list(kind) && is_due(at, tally.questions, now))
    }

    /// Notes what came of such a question. Returns whether this is the news that it is back.
    pub fn was_asked(&self, answer: Result<(), ErrorKind>, now: Instant) -> bool {
        // A server that has no such list, but says so, is there.
        let is_back = match answer {
            Ok(()) | Err(ErrorKind::NotFound | ErrorKind::BadRequest) => true,
            Err(_) => false,
        };
        let mut tally = self.tally();
        let Some((_, kind)) = tally.failed_at else { return false };
        let was_back = tally.questions.is_back;
        tally.questions = Questions {
            asked: tally.questions.asked.saturating_add(1),
            last: Some(now),
            is_back: is_back && shows_in_a_list(kind),
        };
        tally.questions.is_back && !was_back
    }

    /// How the provider of that name stands.
    #[must_use]
    pub fn health(&self, name: &str) -> ProviderHealth {
        let tally = self.tally();
        let in_a_row = tally.last.iter().rev().take_while(|answered| !**answered).count();
        let good = tally.last.iter().filter(|answered| **answered).count();
        let why = || tally.last_failure.as_ref().map(|last| last.text.clone()).unwrap_or_default();
        let first_word_ms = middle(&tally.first_words);
        let (state, finding) = match (tally.last.len(), in_a_row) {
            (0, _) => (State::Fine, "not asked since the start".to_owned()),
            (_, 0) => (State::Fine, "answers".to_owned()),
            _ if tally.questions.is_back => (State::Fine, format!("can be reached again, after: {}", why())),
            (_, 1) => (State::Warning, format!("its last call failed: {}", why())),
            (_, row) if row < BROKEN_AFTER => {
                (State::Warning, format!("its last {row} calls failed: {}", why()))
            }
            (_, row) => (State::Broken, format!("its last {row} calls failed: {}", why())),
        };
        ProviderHealth {
            name: name.to_owned(),
            state,
            finding,
            answered: tally.answered,
            failed: tally.failed,
            success_percent: (good * 100).checked_div(tally.last.len()).and_then(|p| u8::try_from(p).ok()),
            first_word_ms,
            answered_at: tally.answered_at,
            last_failure: tally.last_failure.clone(),
        }
    }
}

fn push<T>(last: &mut VecDeque<T>, value: T) {
    if last.len() == LAST {
        last.pop_front();
    }
    last.push_back(value);
}

fn middle(values: &VecDeque<u64>) -> Option<u64> {
    let mut sorted: Vec<u64> = values.iter().copied().collect();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}

/// A person's own doing, or a request that does not fit, says nothing of who was asked.
fn speaks_against_the_provider(kind: ErrorKind) -> bool {
    !matches!(
        kind,
        ErrorKind::Cancelled | ErrorKind::ContextOverflow | ErrorKind::ContentFilter | ErrorKind::BadRequest
    )
}

struct Counted {
    inner: Arc<dyn Provider>,
    calls: Arc<Calls>,
    is_gated: bool,
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
        if self.is_gated
            && let Err(left) = self.calls.enter(Instant::now())
        {
            return stream::iter([Err(self.calls.left_alone(self.id(), left))]).boxed();
        }
        let inner = self.inner.stream(request, cancel);
        let calls = Arc::clone(&self.calls);
        Listening { inner, calls, began: Instant::now(), is_heard: false, is_over: false }.boxed()
    }
}

/// One answer on its way.
struct Listening {
    inner: BoxStream<'static, Result<Chunk, ProviderError>>,
    calls: Arc<Calls>,
    began: Instant,
    is_heard: bool,
    is_over: bool,
}

impl Drop for Listening {
    fn drop(&mut self) {
        if !self.is_over {
            self.calls.left();
        }
    }
}

impl Stream for Listening {
    type Item = Result<Chunk, ProviderError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.inner.poll_next_unpin(context);
        self.is_over |= matches!(&next, Poll::Ready(Some(Ok(Chunk::End(_)) | Err(_))));
        match &next {
            Poll::Ready(Some(Ok(Chunk::End(_)))) => self.calls.answered(),
            Poll::Ready(Some(Ok(_))) if !self.is_heard => {
                self.is_heard = true;
                self.calls.heard(self.began.elapsed());
            }
            Poll::Ready(Some(Err(error))) => self.calls.failed(error),
            _ => {}
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use jamey_engine::ports::StopReason;

    use super::*;

    struct Scripted(Vec<Result<Chunk, ProviderError>>);

    #[async_trait::async_trait]
    impl Provider for Scripted {
        fn id(&self) -> &str {
            "scripted"
        }
        async fn models(&self) -> Result<Vec<Model>, ProviderError> {
            Ok(Vec::new())
        }
        fn stream(
            &self,
            _: Request,
            _: CancellationToken,
        ) -> BoxStream<'static, Result<Chunk, ProviderError>> {
            stream::iter(self.0.clone()).boxed()
        }
    }

    async fn call(book: &CallBook, script: Vec<Result<Chunk, ProviderError>>) {
        let provider = book.counted(Arc::new(Scripted(script)));
        provider.stream(Request::default(), CancellationToken::new()).collect::<Vec<_>>().await;
    }

    fn failure(kind: ErrorKind) -> Vec<Result<Chunk, ProviderError>> {
        vec![Err(ProviderError::new(kind, "no route to it"))]
    }

    fn answer() -> Vec<Result<Chunk, ProviderError>> {
        vec![Ok(Chunk::Text("hello".into())), Ok(Chunk::End(StopReason::Done))]
    }

    #[tokio::test]
    async fn calls_are_counted_and_the_last_ones_decide() {
        let book = CallBook::default();
        let health = || book.calls("scripted").health("scripted");
        assert_eq!((health().state, health().success_percent), (State::Fine, None));
        for _ in 0..3 {
            call(&book, failure(ErrorKind::Transport)).await;
        }
        let broken = health();
        assert_eq!((broken.state, broken.failed, broken.success_percent), (State::Broken, 3, Some(0)));
        assert!(broken.finding.contains("no route to it"), "{broken:?}");
        call(&book, answer()).await;
        let mended = health();
        assert_eq!((mended.state, mended.answered, mended.success_percent), (State::Fine, 1, Some(25)));
        assert!(mended.first_word_ms.is_some() && mended.last_failure.is_some());
        for _ in 0..LAST {
            call(&book, answer()).await;
        }
        assert_eq!(health().success_percent, Some(100));
    }

    #[tokio::test]
    async fn one_that_fails_again_and_again_is_left_alone_and_then_tried_by_one_call() {
        let book = CallBook::default();
        let calls = book.calls("scripted");
        let soon = || Instant::now() + Duration::from_secs(1);
        assert_eq!(calls.gate(soon()), Gate::Closed);
        for _ in 0..3 {
            call(&book, failure(ErrorKind::Overloaded)).await;
        }
        assert!(matches!(calls.gate(soon()), Gate::Open(left) if left > Duration::from_secs(20)));
        let gated = book.gated(Arc::new(Scripted(answer())));
        let said: Vec<_> = gated.stream(Request::default(), CancellationToken::new()).collect().await;
        let [Err(error)] = said.as_slice() else { panic!("{said:?}") };
        assert!(error.message.contains("left alone") && error.retry_after.is_some(), "{error:?}");
        let later = Instant::now() + Duration::from_secs(31);
        assert_eq!(calls.gate(later), Gate::HalfOpen);
        assert_eq!((calls.enter(later), calls.enter(later)), (Ok(()), Err(LEFT_ALONE)));
        calls.failed(&ProviderError::new(ErrorKind::Overloaded, "still"));
        assert!(matches!(calls.gate(later), Gate::Open(left) if left > Duration::from_secs(20)));
        let much_later = Instant::now() + Duration::from_secs(61);
        assert_eq!((calls.gate(much_later), calls.enter(much_later)), (Gate::HalfOpen, Ok(())));
        // A call that nobody heard to its end decides nothing.
        calls.left();
        assert_eq!(calls.enter(much_later), Ok(()));
        calls.answered();
        assert_eq!(calls.gate(soon()), Gate::Closed);
    }

    #[tokio::test]
    async fn a_vendor_that_asks_to_be_left_alone_is_and_comes_back_by_itself() {
        let book = CallBook::default();
        let calls = book.calls("scripted");
        let wait = Some(Duration::from_secs(40));
        let error = ProviderError { retry_after: wait, ..ProviderError::new(ErrorKind::RateLimited, "slow") };
        call(&book, vec![Err(error)]).await;
        assert!(matches!(calls.gate(Instant::now()), Gate::Open(_)));
        assert_eq!(calls.gate(Instant::now() + Duration::from_secs(41)), Gate::Closed);
        call(&book, failure(ErrorKind::QuotaExhausted)).await;
        assert!(matches!(calls.gate(Instant::now()), Gate::Open(_)));
    }

    #[tokio::test]
    async fn one_that_failed_is_asked_with_growing_pauses_until_it_is_back() {
        let book = CallBook::default();
        let calls = book.calls("scripted");
        let now = Instant::now();
        let later = |minutes: u64| now + Duration::from_secs(60 * minutes + 1);
        assert!(!calls.wants_question(later(1000)), "never asked before, so never asked");
        call(&book, answer()).await;
        assert!(!calls.wants_question(later(1000)), "it is well");
        call(&book, failure(ErrorKind::Transport)).await;
        assert!(!calls.wants_question(later(1)) && calls.wants_question(later(2)));
        let mut asked = Vec::new();
        for minute in 0..24 * 60 {
            if calls.wants_question(later(minute)) {
                calls.was_asked(Err(ErrorKind::Timeout), later(minute));
                asked.push(minute);
            }
        }
        assert_eq!(asked[..6], [2, 6, 14, 30, 62, 122]);
        assert!(asked.len() < 30, "{asked:?}");
        assert_eq!(calls.health("scripted").state, State::Warning);
        assert!(calls.was_asked(Ok(()), later(2000)));
        assert!(!calls.was_asked(Ok(()), later(2000)), "this is no news");
        assert_eq!(calls.health("scripted").state, State::Fine);
        assert!(!calls.wants_question(later(9000)));
        call(&book, failure(ErrorKind::QuotaExhausted)).await;
        assert!(!calls.wants_question(later(9000)), "a list of models says nothing of an account");
    }

    #[tokio::test]
    async fn what_the_person_or_the_request_did_is_not_the_providers_fault() {
        let book = CallBook::default();
        for kind in [ErrorKind::Cancelled, ErrorKind::ContextOverflow, ErrorKind::BadRequest] {
            call(&book, failure(kind)).await;
        }
        let health = book.calls("scripted").health("scripted");
        assert_eq!((health.state, health.failed), (State::Fine, 0));
    }
}
