//! Asking the model: for its next answer, or for a summary where that would not fit.

use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use jamey_protocol::{EventBody, Level};
use tokio_util::sync::CancellationToken;

use super::{ModelChoice, actor::Actor, open_turn::ModelStream, trace};
use crate::{
    context::{self, Addressee, Ground, Shares, Size, Wish},
    ports::{Chunk, ErrorKind, ProviderError, Request},
    turn::{Fit, Signal},
};

impl Actor {
    /// Sends what the session holds. Where it will not fit and may be checked, nothing is sent, and the signal says
    /// so.
    pub(super) async fn call_model(&mut self, fit: Fit) -> Option<Signal> {
        let mut request = self.next_request().await?;
        let size = Size::of(&request);
        if fit == Fit::Checked && self.is_worth_a_summary(&request, size) {
            return Some(Signal::TooLong);
        }
        request.room = self.room(size);
        self.gauge.sends(size, context::has_files(&self.items));
        self.send(request);
        None
    }

    /// Asks for a summary of what is older.
    pub(super) async fn summarise(&mut self, wish: &Wish) -> Signal {
        let Some(next) = self.next_request().await else { return Signal::NothingToSummarise(no_turn()) };
        let Some(ground) = self.ground(&next) else { return Signal::NothingToSummarise(no_turn()) };
        let Some(mut plan) = context::plan(ground, wish) else {
            return Signal::NothingToSummarise(self.too_large(&next, ground.to.window));
        };
        let size = Size::of(&plan.request);
        plan.request.room = self.room(size);
        self.gauge.sends_for_summary(size);
        self.send(plan.request);
        Signal::Summarising { replaces: plan.replaces, below: plan.below, stand_in: plan.stand_in }
    }

    /// Learns how large the model's tokens are from what it and its vendor say. Returns what the person should know
    /// of it.
    pub(super) fn learn(&mut self, signal: &Signal) -> Option<EventBody> {
        let turn = self.turn.as_ref()?;
        match signal {
            Signal::Chunk(Chunk::Usage(used)) if !self.gauge.learn(used.input) => {
                let text = format!(
                    "{} says that it read {} tokens, far less than was sent: its server may have cut the conversation. \
                     Give it a larger context window.",
                    turn.choice.id, used.input
                );
                return Some(EventBody::Notice { level: Level::Warn, text });
            }
            // What becomes of a summary says nothing of the conversation.
            Signal::Chunk(Chunk::End(_)) if !turn.machine.is_summarising() => self.gauge.fitted(),
            Signal::ModelFailed(error)
                if error.kind == ErrorKind::ContextOverflow && !turn.machine.is_summarising() =>
            {
                self.gauge.overflowed(turn.choice.context);
            }
            _ => {}
        }
        None
    }

    fn ground<'a>(&'a self, next: &'a Request) -> Option<Ground<'a>> {
        let to = addressee(&self.turn.as_ref()?.choice);
        Some(Ground { items: &self.items, given: &self.given, next, to, gauge: &self.gauge })
    }

    /// What a request of this size leaves of the model's window.
    fn room(&self, size: Size) -> Option<u64> {
        let window = self.gauge.window(self.turn.as_ref()?.choice.context)?;
        Some(Shares::of(window).room(self.gauge.tokens(size)))
    }

    fn is_worth_a_summary(&self, request: &Request, size: Size) -> bool {
        let Some(ground) = self.ground(request) else { return false };
        let Some(window) = self.gauge.window(ground.to.window) else { return false };
        let most = Shares::of(window).request();
        // Where instructions and tools alone fill the window, no summary helps.
        self.gauge.may_sum_up_ahead()
            && self.gauge.tokens(size) > most
            && self.gauge.tokens(Size::fixed(request)) < most
            && ground.is_worth_it(size)
    }

    async fn next_request(&mut self) -> Option<Request> {
        self.gather().await;
        let tools = self.parts.tools.describe();
        let turn = self.turn.as_ref()?;
        self.gauge.turn_to(&turn.choice.id);
        let to = addressee(&turn.choice);
        let settings = turn.machine.settings();
        let host = &self.parts.context;
        let (cwd, items) = (&self.session.cwd, &self.items);
        let request = context::request(to, settings, host, cwd, items, &self.given, tools);
        Some(Request { session: Some(self.session.id), ..request })
    }

    /// Reads the files that the next request needs.
    async fn gather(&mut self) {
        let vision = self.turn.as_ref().and_then(|turn| turn.choice.vision);
        self.given.sees(vision != Some(false));
        for file in self.given.lacks(&self.items) {
            let read = self.parts.attachments.read(self.session.id, file.id).await;
            self.given.add(&file, read);
        }
    }

    fn send(&mut self, request: Request) {
        let Some(turn) = &mut self.turn else { return };
        let cancel = CancellationToken::new();
        // The call before has ended; its span ends before the next begins.
        turn.stream = None;
        let span = trace::call(&turn.span, &turn.choice.id);
        let gate = self.parts.gate.clone();
        let was_held = gate.is_closed();
        let chunks = if was_held {
            let (provider, cancel, span) = (Arc::clone(&turn.choice.provider), cancel.clone(), span.clone());
            let opening = async move {
                gate.opened().await;
                span.in_scope(|| provider.stream(request, cancel))
            };
            stream::once(opening).flatten().boxed()
        } else {
            span.in_scope(|| turn.choice.provider.stream(request, cancel.clone()))
        };
        turn.stream = Some(ModelStream { chunks, cancel, span, was_held });
    }

    /// What the person should know where the request that was just made has to wait.
    pub(super) fn held_request(&self) -> Option<EventBody> {
        let turn = self.turn.as_ref()?;
        turn.stream.as_ref().filter(|stream| stream.was_held)?;
        Some(held(&format!("{} is not asked", turn.choice.id)))
    }

    /// What the person should know of the model that is asked, unless it was said before.
    pub(super) fn caution(&mut self) -> Option<EventBody> {
        let caution = self.turn.as_ref()?.choice.caution.clone()?;
        let is_news = self.cautions.insert(caution.clone());
        is_news.then_some(EventBody::Notice { level: Level::Warn, text: caution })
    }

    /// What the person should know where the call that was just made has to wait.
    pub(super) fn held_call(&self, tool: &str) -> Option<EventBody> {
        self.turn.as_ref()?.tool.as_ref().filter(|run| run.was_held)?;
        Some(held(&format!("{tool} does not begin")))
    }

    /// Why a request cannot be made to fit: nothing of it is old.
    fn too_large(&self, request: &Request, known: Option<u64>) -> ProviderError {
        let model = self.turn.as_ref().map_or("the model", |turn| turn.choice.id.as_str());
        let fixed = self.gauge.tokens(Size::fixed(request));
        let all = self.gauge.tokens(Size::of(request));
        let window =
            self.gauge.window(known).map_or_else(String::new, |window| format!(" ({window} tokens)"));
        if fixed > all / 2 {
            let what =
                if request.tools.is_empty() { "the instructions" } else { "the instructions and the tools" };
            let message =
                format!("{what} alone take about {fixed} tokens, too much for the window of {model}{window}");
            return ProviderError::new(ErrorKind::ContextOverflow, message)
                .hint("choose a model with a larger window with -m, or do without tools (--no-tools)");
        }
        let message = format!(
            "the newest message alone, about {all} tokens, is too much for the window of {model}{window}"
        );
        ProviderError::new(ErrorKind::ContextOverflow, message).hint(
            "choose a model with a larger window with -m, or save the text as a file and let the model read the parts \
             that matter",
        )
    }
}

/// A notice that something waits because everything is held.
fn held(what: &str) -> EventBody {
    let text = format!("Paused: {what} until you resume, in the window or with: jamey runtime resume");
    EventBody::Notice { level: Level::Warn, text }
}

fn addressee(choice: &ModelChoice) -> Addressee<'_> {
    Addressee { id: &choice.id, model: &choice.model, window: choice.context }
}

fn no_turn() -> ProviderError {
    ProviderError::new(ErrorKind::Cancelled, "the turn has ended")
}
