//! The two routes, and the queue before the engine.
//!
//! Invariant: a request that its client gave up leaves the queue, or stops at the next token. Dropping the
//! future or the body of an answer is enough for that.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::cancel::{Cancellation, JobNumber};
use crate::engine::{Job, Loaded, Outlet};
use crate::error::RequestError;
use crate::reply::Event;
use crate::request::ChatRequest;
use crate::server::activity::{Activity, Busy};
use crate::server::wire::{self, Answer};

/// Requests that may wait, the running one included.
const QUEUE: usize = 32;
const MOST_BODY_BYTES: usize = 8 << 20;
/// How often a silent stream says that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// What the routes need.
#[derive(Debug)]
pub struct Door {
    jobs: std::sync::mpsc::SyncSender<Job>,
    cancellation: Arc<Cancellation>,
    activity: Arc<Activity>,
    places: Arc<Semaphore>,
    turn: Arc<Semaphore>,
    numbers: AtomicU64,
    loaded: Loaded,
    model: String,
}

impl Door {
    /// A door to the engine behind `jobs`.
    pub fn new(
        jobs: std::sync::mpsc::SyncSender<Job>,
        cancellation: Arc<Cancellation>,
        activity: Arc<Activity>,
        loaded: Loaded,
        model: String,
    ) -> Self {
        Self {
            jobs,
            cancellation,
            activity,
            places: Arc::new(Semaphore::new(QUEUE)),
            turn: Arc::new(Semaphore::new(1)),
            numbers: AtomicU64::new(1),
            loaded,
            model,
        }
    }
}

/// The routes.
pub fn router(door: Door) -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/v1/chat/completions", post(complete))
        .layer(DefaultBodyLimit::max(MOST_BODY_BYTES))
        .with_state(Arc::new(door))
}

async fn health(State(door): State<Arc<Door>>) -> Json<Value> {
    let waiting = QUEUE - door.places.available_permits();
    Json(json!({"status": "ok", "model": door.model, "context": door.loaded.context, "requests": waiting}))
}

async fn complete(State(door): State<Arc<Door>>, body: Bytes) -> Response {
    match begin(&door, &body).await {
        Ok((ticket, request)) if request.stream => stream(ticket, request.include_usage),
        Ok((ticket, _)) => collect(ticket).await,
        Err(problem) => refuse(&problem),
    }
}

/// A request in the engine. Dropping it cancels the job.
struct Ticket {
    events: mpsc::Receiver<Event>,
    answer: Answer,
    cancellation: Arc<Cancellation>,
    number: JobNumber,
    _place: OwnedSemaphorePermit,
    _busy: Busy,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.cancellation.cancel(self.number);
    }
}

impl Ticket {
    async fn next(&mut self) -> Event {
        // The engine always says how it ended, unless it is gone.
        self.events.recv().await.unwrap_or(Event::Failed(RequestError::Cancelled))
    }
}

async fn begin(door: &Arc<Door>, body: &[u8]) -> Result<(Ticket, ChatRequest), RequestError> {
    let request = ChatRequest::read(body)?;
    let busy = door.activity.begin();
    let place = Arc::clone(&door.places).try_acquire_owned().map_err(|_| RequestError::QueueFull)?;
    // Fair: whoever asked first is next. Waiting ends when the client goes away, for this future is dropped then.
    let turn = Arc::clone(&door.turn).acquire_owned().await.map_err(|_| RequestError::Cancelled)?;
    let number = door.numbers.fetch_add(1, Ordering::Relaxed);
    let (sender, events) = mpsc::channel(256);
    let answer = Answer::new(number, request.model.clone().unwrap_or_else(|| door.model.clone()));
    let mut ticket = Ticket {
        events,
        answer,
        cancellation: Arc::clone(&door.cancellation),
        number,
        _place: place,
        _busy: busy,
    };
    let job = Job { number, request: request.clone(), outlet: Outlet::new(sender), turn };
    door.jobs.try_send(job).map_err(|_| RequestError::Cancelled)?;
    // The status line has to say whether the request fits, so it waits for that.
    match ticket.next().await {
        Event::Failed(problem) => Err(problem),
        _ => Ok((ticket, request)),
    }
}

async fn collect(mut ticket: Ticket) -> Response {
    let (mut text, mut calls) = (String::new(), Vec::new());
    loop {
        match ticket.next().await {
            Event::Accepted => {}
            Event::Text(piece) => text.push_str(&piece),
            Event::Call { name, arguments } => calls.push((name, arguments)),
            Event::Done { finish, usage } => {
                return Json(ticket.answer.whole(&text, &calls, finish, usage)).into_response();
            }
            Event::Failed(problem) => return refuse(&problem),
        }
    }
}

fn stream(ticket: Ticket, include_usage: bool) -> Response {
    let opening = frame(&ticket.answer.opening());
    let frames = futures_util::stream::unfold(Some((ticket, Some(opening))), move |state| async move {
        let (mut ticket, opening) = state?;
        if let Some(opening) = opening {
            return Some((Ok::<_, Infallible>(opening), Some((ticket, None))));
        }
        let Ok(event) = tokio::time::timeout(HEARTBEAT, ticket.next()).await else {
            return Some((Ok(": working\n\n".to_owned()), Some((ticket, None))));
        };
        let mut frames = ticket.answer.piece(&event).as_ref().map(frame).unwrap_or_default();
        match event {
            Event::Done { usage, .. } => {
                if include_usage {
                    frames.push_str(&frame(&ticket.answer.usage(usage)));
                }
                frames.push_str("data: [DONE]\n\n");
                Some((Ok(frames), None))
            }
            // Too late for a status: the stream ends with the error, and without [DONE].
            Event::Failed(problem) => Some((Ok(frame(&wire::error(&problem))), None)),
            Event::Accepted | Event::Text(_) | Event::Call { .. } => Some((Ok(frames), Some((ticket, None)))),
        }
    });
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    (headers, Body::from_stream(frames)).into_response()
}

fn frame(value: &Value) -> String {
    format!("data: {value}\n\n")
}

fn refuse(problem: &RequestError) -> Response {
    let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(wire::error(problem))).into_response()
}
