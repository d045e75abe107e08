//! Calls that go well and badly, and what is made of them.

use std::time::{Duration, Instant};

use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use jamey_engine::ports::{Chunk, ErrorKind, ProviderError, Request, StopReason};
use jamey_protocol::{
    Model,
    health::{GateState, State},
};
use tokio_util::sync::CancellationToken;

use super::{
    gate::{LEFT_ALONE, Pass},
    tally::LAST,
    *,
};

struct Scripted(Vec<Result<Chunk, ProviderError>>);

#[async_trait::async_trait]
impl Provider for Scripted {
    fn id(&self) -> &str {
        "scripted"
    }
    async fn models(&self) -> Result<Vec<Model>, ProviderError> {
        Ok(Vec::new())
    }
    fn stream(&self, _: Request, _: CancellationToken) -> BoxStream<'static, Result<Chunk, ProviderError>> {
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
    assert!(broken.gate == GateState::Open && broken.left_alone_seconds.is_some_and(|left| left > 20));
    assert!(broken.finding.contains("no route to it"), "{broken:?}");
    call(&book, answer()).await;
    let mended = health();
    assert_eq!((mended.state, mended.answered, mended.success_percent), (State::Fine, 1, Some(25)));
    assert!(mended.first_word_ms.is_some() && mended.last_failure.is_some());
    assert_eq!((mended.gate, mended.left_alone_seconds), (GateState::Closed, None));
    let spans = book.calls("scripted").spans(0, i64::MAX, i64::MAX);
    assert_eq!(spans.iter().map(|span| (span.calls, span.failed)).collect::<Vec<_>>(), [(4, 3)]);
    assert!(spans[0].first_word_ms.is_some());
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
    assert_eq!((calls.enter(later), calls.enter(later)), (Ok(Pass::Probe), Err(LEFT_ALONE)));
    calls.failed(&ProviderError::new(ErrorKind::Overloaded, "still"));
    calls.left();
    assert!(matches!(calls.gate(later), Gate::Open(left) if left > Duration::from_secs(20)));
    let much_later = Instant::now() + Duration::from_secs(61);
    assert_eq!((calls.gate(much_later), calls.enter(much_later)), (Gate::HalfOpen, Ok(Pass::Probe)));
    // A call that nobody heard to its end decides nothing.
    calls.left();
    assert_eq!(calls.enter(much_later), Ok(Pass::Probe));
    calls.answered();
    assert_eq!((calls.gate(soon()), calls.enter(soon())), (Gate::Closed, Ok(Pass::AsEver)));
}

#[tokio::test]
async fn no_other_call_makes_way_for_a_second_probe() {
    let book = CallBook::default();
    let calls = book.calls("scripted");
    for _ in 0..3 {
        call(&book, failure(ErrorKind::Overloaded)).await;
    }
    calls.was_asked(Ok(()), Instant::now());
    let begin = |provider: Arc<dyn Provider>| provider.stream(Request::default(), CancellationToken::new());
    let other = begin(book.counted(Arc::new(Scripted(answer()))));
    let mut probe = begin(book.gated(Arc::new(Scripted(answer()))));
    assert!(probe.next().await.is_some_and(|word| word.is_ok()));
    let is_let_through = || calls.enter(Instant::now()) == Ok(Pass::Probe);
    drop(other);
    assert!(!is_let_through(), "another call was given up");
    call(&book, failure(ErrorKind::BadRequest)).await;
    assert!(!is_let_through(), "another call failed by its own fault");
    drop(probe);
    assert!(is_let_through(), "the probe was given up");
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
    for kind in [ErrorKind::NotFound, ErrorKind::NotFound, ErrorKind::NotFound, ErrorKind::Permission] {
        let error = ProviderError { of_model: true, ..ProviderError::new(kind, "no model `gtp-5`") };
        call(&book, vec![Err(error)]).await;
    }
    for _ in 0..3 {
        call(&book, failure(ErrorKind::NoRoom)).await;
    }
    let calls = book.calls("scripted");
    let health = calls.health("scripted");
    assert_eq!((health.state, health.failed), (State::Fine, 0));
    assert_eq!(calls.gate(Instant::now()), Gate::Closed);
    // A wrong base URL and a key that may do nothing concern every call.
    call(&book, failure(ErrorKind::NotFound)).await;
    assert_eq!(calls.health("scripted").failed, 1);
}

#[tokio::test]
async fn a_login_page_of_the_network_is_no_sign_that_a_provider_is_back() {
    let book = CallBook::default();
    call(&book, failure(ErrorKind::Transport)).await;
    let calls = book.calls("scripted");
    assert!(!calls.was_asked(Err(ErrorKind::Malformed), Instant::now()));
    assert!(calls.was_asked(Err(ErrorKind::NotFound), Instant::now()), "it has no list, and says so itself");
}
