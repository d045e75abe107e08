//! One request on its way through the engine.

use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use crate::cancel::JobNumber;
use crate::reply::Event;
use crate::request::ChatRequest;

/// A request, its turn, and where its answer goes.
#[derive(Debug)]
pub struct Job {
    /// Its place in the order of jobs.
    pub number: JobNumber,
    /// What is asked.
    pub request: ChatRequest,
    /// Where the answer goes.
    pub outlet: Outlet,
    /// The right to use the engine; given back when the job ends.
    pub turn: OwnedSemaphorePermit,
}

/// Where an answer goes. A client that went away is no error here: its job is cancelled from outside.
#[derive(Debug)]
pub struct Outlet(mpsc::Sender<Event>);

impl Outlet {
    /// An outlet into `events`.
    pub fn new(events: mpsc::Sender<Event>) -> Self {
        Self(events)
    }

    /// Says that the request fits.
    pub fn accepted(&self) {
        self.send(Event::Accepted);
    }

    /// Hands out text, unless there is none.
    pub fn text(&self, text: &str) {
        if !text.is_empty() {
            self.send(Event::Text(text.to_owned()));
        }
    }

    /// Hands out a tool call.
    pub fn call(&self, name: &str, arguments: Value) {
        self.send(Event::Call { name: name.to_owned(), arguments });
    }

    /// Hands out the end.
    pub fn end(&self, event: Event) {
        self.send(event);
    }

    fn send(&self, event: Event) {
        let _ = self.0.blocking_send(event);
    }
}
