//! The task's loop: one thing at a time, whichever comes first.

use std::{collections::HashSet, future::pending, sync::Arc, time::Duration};

use futures_util::StreamExt;
use jamey_protocol::{Delta, Event, EventBody, Item, Session};
use tokio::{
    sync::{broadcast, mpsc},
    time::{Instant, sleep_until},
};

use super::{Frame, Parts, Subscription, command::Command, open_turn::OpenTurn, tool_run::Step, trace};
use crate::{
    context::{Gauge, Given},
    policy::Grants,
    ports::{Chunk, ErrorKind, OpenText, ProviderError, ReadFiles, Spent},
    turn::{Signal, Timer},
};

/// Frames that a subscriber may be behind before it has to begin anew.
const BACKLOG: usize = 1024;
/// Streamed text is in the journal after this long at the latest.
pub(super) const FLUSH_AFTER: Duration = Duration::from_millis(100);
/// And when so many bytes have come.
pub(super) const FLUSH_BYTES: usize = 64 * 1024;

pub(super) struct Actor {
    pub(super) session: Session,
    pub(super) items: Vec<Item>,
    pub(super) parts: Parts,
    pub(super) turn: Option<OpenTurn>,
    pub(super) feed: broadcast::Sender<Arc<Frame>>,
    pub(super) grants: Grants,
    pub(super) read_files: ReadFiles,
    /// The files that were given along, while a turn needs them.
    pub(super) given: Given,
    /// What is known of the tokens of the model that is asked.
    pub(super) gauge: Gauge,
    /// The model call whose end is journaled next.
    pub(super) spent: Option<Spent>,
    /// Streamed text that the journal does not have yet, and when it must.
    pub(super) unkept: Vec<OpenText>,
    pub(super) keep_at: Option<Instant>,
    /// What was said already of the models that were chosen.
    pub(super) cautions: HashSet<String>,
    /// The journal refused events, so what is in memory is not what is kept.
    pub(super) is_torn: bool,
}

enum Next {
    Command(Option<Command>),
    Signal(Signal),
    Keep,
}

impl Actor {
    pub(super) fn new(session: Session, items: Vec<Item>, parts: Parts) -> Self {
        Self {
            session,
            items,
            parts,
            turn: None,
            feed: broadcast::channel(BACKLOG).0,
            grants: Grants::default(),
            read_files: ReadFiles::default(),
            given: Given::default(),
            gauge: Gauge::default(),
            spent: None,
            unkept: Vec::new(),
            keep_at: None,
            cautions: HashSet::new(),
            is_torn: false,
        }
    }

    pub(super) async fn run(mut self, mut inbox: mpsc::Receiver<Command>) {
        let mut has_callers = true;
        while has_callers || self.turn.is_some() {
            match self.next(&mut inbox, has_callers).await {
                Next::Command(None) => has_callers = false,
                Next::Command(Some(Command::Close(reason, reply))) => {
                    inbox.close();
                    self.close(reason).await;
                    let _ = reply.send(());
                    return;
                }
                Next::Command(Some(command)) => self.command(command).await,
                Next::Signal(signal) => self.signal(signal).await,
                Next::Keep => self.keep_text().await,
            }
        }
    }

    async fn next(&mut self, inbox: &mut mpsc::Receiver<Command>, has_callers: bool) -> Next {
        let keep_at = self.keep_at;
        tokio::select! {
            biased;
            command = inbox.recv(), if has_callers => Next::Command(command),
            () = until(keep_at) => Next::Keep,
            signal = next_signal(self.turn.as_mut()) => Next::Signal(signal),
        }
    }

    async fn command(&mut self, command: Command) {
        // A caller that has gone away does not want the answer.
        match command {
            Command::Op(request, reply) => self.op(request, reply).await,
            Command::Subscribe(reply) => drop(reply.send(self.subscribe())),
            Command::Update(patch, reply) => drop(reply.send(self.update(patch).await)),
            Command::Get(reply) => drop(reply.send(self.session.clone())),
            Command::Close(..) => {}
        }
    }

    fn subscribe(&self) -> Subscription {
        let mut open = Vec::new();
        if let Some(turn) = &self.turn {
            for (item, text) in turn.machine.open_texts().filter(|(_, text)| !text.is_empty()) {
                let delta = Delta::Text { offset: 0, text: text.to_owned() };
                open.push(self.passing(EventBody::ItemDelta { item_id: item.id, delta }));
            }
        }
        Subscription { head: self.session.head, open, events: self.feed.subscribe() }
    }

    /// An event without a place in the order.
    pub(super) fn passing(&self, body: EventBody) -> Event {
        let turn = self.turn.as_ref().map(|turn| turn.machine.turn());
        Event { session: self.session.id, seq: None, at: self.parts.clock.now(), turn, body }
    }

    async fn close(&mut self, reason: String) {
        if self.turn.is_some() {
            self.signal(Signal::Interrupt { reason }).await;
        }
        // Only a cancelled tool keeps the turn open now, and its timer bounds that.
        while self.turn.is_some() {
            let signal = next_signal(self.turn.as_mut()).await;
            self.signal(signal).await;
        }
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => pending().await,
    }
}

/// Waits for whatever the turn waits for. Cancel-safe.
async fn next_signal(turn: Option<&mut OpenTurn>) -> Signal {
    let Some(turn) = turn else { return pending().await };
    if let Some(timer) = turn.take_due() {
        return Signal::Rang(timer);
    }
    let at = turn.next_timer();
    tokio::select! {
        biased;
        step = async {
            match &mut turn.tool {
                Some(tool) => (tool.call_id, tool.next().await),
                None => pending().await,
            }
        } => match step {
            (call_id, Step::Printed(text)) => Signal::ToolPrinted { call_id, text },
            (call_id, Step::Finished(result)) => {
                turn.tool = None;
                Signal::ToolFinished { call_id, result }
            }
        },
        chunk = async {
            match &mut turn.stream {
                Some(stream) => stream.chunks.next().await,
                None => pending().await,
            }
        } => {
            match (&turn.stream, &chunk) {
                (_, Some(Ok(Chunk::Text(_) | Chunk::Reasoning { .. } | Chunk::Call(_) | Chunk::Estimate(_))))
                | (None, _) => {}
                (Some(stream), Some(Ok(Chunk::Usage(usage)))) => trace::used(&stream.span, usage),
                (Some(stream), end) => {
                    match end {
                        Some(Ok(Chunk::End(reason))) => trace::answered(&stream.span, *reason),
                        Some(Err(error)) => trace::failed(&stream.span, error.kind),
                        _ => trace::failed(&stream.span, ErrorKind::Truncated),
                    }
                    turn.stream = None;
                }
            }
            match chunk {
                Some(Ok(chunk)) => Signal::Chunk(chunk),
                Some(Err(error)) => Signal::ModelFailed(error),
                None => Signal::ModelFailed(ProviderError::new(
                    ErrorKind::Truncated,
                    "the model's answer ended without its end mark",
                )),
            }
        }
        () = until(at) => turn.take_due().map_or(Signal::Rang(Timer::Retry(0)), Signal::Rang),
    }
}
