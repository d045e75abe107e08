//! Runs one command to its end, whatever that end is. When [`run`] returns, nothing that the command
//! began is running any more.

use std::time::Duration;

use jamey_engine::ports::{ToolContext, ToolError};
use tokio::{
    io::AsyncReadExt as _,
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};

use super::{
    exec::Order,
    start::{Output, Started, start},
};
use crate::output::{Bounded, Kept, torn_end};

/// How long a command that was asked to end is waited for, before it is ended by force. The guard needs
/// about one second, because it asks first.
const GRACE: Duration = Duration::from_secs(3);
/// How long one that was ended by force is waited for, before the call ends without it. A guard goes on
/// trying after that.
const FORCED: Duration = Duration::from_secs(60);
/// How long output is awaited once the command has gone.
const LAST_WORDS: Duration = Duration::from_millis(200);
/// How much is read at once.
const PIECE: usize = 64 * 1024;

/// Why a command was ended before it ended by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// Its time was over.
    Timeout,
    /// A person interrupted.
    Cancelled,
    /// It could not be ended.
    Stuck,
}

/// How a command ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub output: Kept,
    /// The exit code; 128 and the signal's number for a command that was killed.
    pub code: i32,
    /// Why it was ended early, if it was.
    pub stop: Option<Stop>,
}

/// Runs `order` within its time.
pub(super) async fn run(order: &Order, context: &ToolContext) -> Result<Ended, ToolError> {
    if !order.cwd.is_dir() {
        return Err(ToolError::new(format!("the working folder {} is gone", order.cwd.display())));
    }
    let mark = context.call_id.to_string();
    let (mut started, output) = start(order, &mark)
        .map_err(|error| ToolError::new(format!("the command could not be started: {error}")))?;
    let mut sink = Sink {
        output,
        open: true,
        piece: vec![0; PIECE],
        kept: Bounded::new(context.spill_dir.join(format!("{mark}.txt"))),
        progress: Progress { to: context.progress.clone(), torn: Vec::new() },
    };
    let (mut stop, mut forced) = (None, false);
    let clock = sleep_until(Instant::now() + order.timeout);
    tokio::pin!(clock);
    let code = loop {
        tokio::select! {
            biased;
            () = context.cancel.cancelled(), if stop.is_none() => {
                stop = Some(Stop::Cancelled);
                started.ask_to_end();
                clock.as_mut().reset(Instant::now() + GRACE);
            }
            () = &mut clock => {
                if forced {
                    break -1;
                }
                let wait = if stop.is_none() {
                    stop = Some(Stop::Timeout);
                    started.ask_to_end();
                    GRACE
                } else {
                    forced = true;
                    started.end_now();
                    FORCED
                };
                clock.as_mut().reset(Instant::now() + wait);
            }
            code = started.wait() => break code,
            () = sink.take(), if sink.open => {}
        }
    };
    if code == -1 {
        stop = Some(Stop::Stuck);
    }
    finish(&mut started, &mut sink).await;
    Ok(Ended { output: sink.kept.finish(), code, stop })
}

/// The command has gone: ends what it left behind and takes its last words.
async fn finish(started: &mut Started, sink: &mut Sink) {
    sink.rest().await;
    started.sweep();
    if sink.open {
        sink.rest().await;
    }
}

/// Takes what the command prints.
struct Sink {
    output: Output,
    open: bool,
    piece: Vec<u8>,
    kept: Bounded,
    progress: Progress,
}

impl Sink {
    async fn take(&mut self) {
        match self.output.read(&mut self.piece).await {
            Ok(0) | Err(_) => self.open = false,
            Ok(count) => {
                self.kept.push(&self.piece[..count]);
                self.progress.tell(&self.piece[..count]);
            }
        }
    }

    /// Takes what is still in the pipe, but does not wait long for somebody who holds it open.
    async fn rest(&mut self) {
        let all = async {
            while self.open {
                self.take().await;
            }
        };
        let _ = timeout(LAST_WORDS, all).await;
    }
}

/// Passes output on as text for watching, whole characters only.
struct Progress {
    to: mpsc::Sender<String>,
    torn: Vec<u8>,
}

impl Progress {
    fn tell(&mut self, piece: &[u8]) {
        if self.to.capacity() == 0 || self.to.is_closed() {
            self.torn.clear();
            return;
        }
        let mut all = std::mem::take(&mut self.torn);
        all.extend_from_slice(piece);
        self.torn = all.split_off(all.len() - torn_end(&all));
        if !all.is_empty() {
            let _ = self.to.try_send(String::from_utf8_lossy(&all).into_owned());
        }
    }
}
