//! The engine thread, from loading the weights to the last job.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Instant;

use tokio::sync::oneshot;

use crate::args::Protocol;
use crate::cancel::Cancellation;
use crate::engine::job::Job;
use crate::engine::prefix_store::{ModelIdentity, PrefixStore};
use crate::engine::tape::{BATCH, Tape};
use crate::error::{RequestError, StartError};
use crate::fit;
use crate::line::LineSpeaker;
use crate::llama::{self, Context, ContextOptions, GgufFile, GgufProblem, Model};
use crate::native::NativeSpeaker;
use crate::reply::Event;

/// What to load and how.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// The weights.
    pub model: PathBuf,
    /// How tools are called.
    pub protocol: Protocol,
    /// Tokens of room asked for.
    pub context: u64,
    /// Threads; 0 for one a physical core.
    pub threads: u64,
    /// Where computed prefixes are kept.
    pub cache: Option<PathBuf>,
}

/// The engine is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loaded {
    /// How long loading took.
    pub load_ms: u64,
    /// Tokens of room.
    pub context: usize,
}

/// A handle on the engine thread.
#[derive(Debug)]
pub struct Engine {
    jobs: mpsc::SyncSender<Job>,
    thread: JoinHandle<()>,
    resting: Arc<AtomicBool>,
}

impl Engine {
    /// Starts the thread; what loading came to arrives through the receiver.
    pub fn start(
        options: EngineOptions,
        cancellation: Arc<Cancellation>,
    ) -> std::io::Result<(Self, oneshot::Receiver<Result<Loaded, StartError>>)> {
        // One job runs and its successor may be handed over already; the queue proper is the server's.
        let (jobs, inbox) = mpsc::sync_channel(1);
        let (report, loaded) = oneshot::channel();
        let resting = Arc::new(AtomicBool::new(false));
        let rests = Arc::clone(&resting);
        let thread = std::thread::Builder::new()
            .name("engine".to_owned())
            .spawn(move || run(&options, &cancellation, &inbox, report, &rests))?;
        Ok((Self { jobs, thread, resting }, loaded))
    }

    /// The way in for jobs.
    pub fn jobs(&self) -> mpsc::SyncSender<Job> {
        self.jobs.clone()
    }

    /// Whether nothing is being loaded or computed.
    pub fn is_resting(&self) -> bool {
        self.thread.is_finished() || self.resting.load(Ordering::Acquire)
    }
}

fn run(
    options: &EngineOptions,
    cancellation: &Arc<Cancellation>,
    inbox: &mpsc::Receiver<Job>,
    report: oneshot::Sender<Result<Loaded, StartError>>,
    resting: &AtomicBool,
) {
    let started = Instant::now();
    let model = match load(options, cancellation) {
        Ok(model) => model,
        Err(problem) => {
            let _ = report.send(Err(problem));
            return;
        }
    };
    let mut tape = match open(&model, options, cancellation) {
        Ok(tape) => tape,
        Err(problem) => {
            let _ = report.send(Err(problem));
            return;
        }
    };
    let mut speaker = match Speaker::open(&model, options.protocol) {
        Ok(speaker) => speaker,
        Err(problem) => {
            let _ = report.send(Err(problem));
            return;
        }
    };
    let load_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let _ = report.send(Ok(Loaded { load_ms, context: tape.room() }));
    resting.store(true, Ordering::Release);
    while let Ok(job) = inbox.recv() {
        resting.store(false, Ordering::Release);
        cancellation.begin(job.number);
        answer(&mut speaker, &mut tape, cancellation, &job);
        drop(job.turn);
        resting.store(true, Ordering::Release);
    }
}

fn load(options: &EngineOptions, cancellation: &Cancellation) -> Result<(Model, GgufFile), StartError> {
    fit::check_processor()?;
    let path = options.model.display().to_string();
    if !options.model.exists() {
        return Err(StartError::ModelMissing(path));
    }
    let head = GgufFile::read(&options.model).map_err(|problem| match problem {
        GgufProblem::Unreadable(problem) => StartError::ModelUnreadable { path: path.clone(), problem },
        GgufProblem::NotGguf => StartError::NotGguf(path.clone()),
        GgufProblem::Damaged(problem) => StartError::ModelDamaged { path: path.clone(), problem },
    })?;
    // Refused before anything big is read.
    fit::context_for(&head, options.context, fit::available_memory())?;
    let mut go_on = || !cancellation.current_is_cancelled();
    match Model::load(&options.model, &mut go_on) {
        Some(model) => Ok((model, head)),
        None => Err(refusal(&head)),
    }
}

fn refusal(head: &GgufFile) -> StartError {
    let complaint = llama::last_complaint().unwrap_or_else(|| "llama.cpp gave no reason".to_owned());
    // llama.cpp says this in its log only; a test holds it to these words.
    if complaint.contains("unknown model architecture") {
        StartError::UnsupportedArchitecture(head.architecture.clone())
    } else {
        StartError::LoadFailed(complaint)
    }
}

fn open<'m>(
    (model, head): &'m (Model, GgufFile),
    options: &EngineOptions,
    cancellation: &Arc<Cancellation>,
) -> Result<Tape<'m>, StartError> {
    // The weights are in memory now, as far as the system is concerned, or can be at once.
    let budget = fit::available_memory().saturating_add(head.file_bytes);
    let tokens = fit::context_for(head, options.context, budget)?;
    let threads = if options.threads == 0 { fit::usual_threads() as u64 } else { options.threads.min(256) };
    let asked = ContextOptions { tokens, threads: i32::try_from(threads).unwrap_or(1), batch: BATCH as u32 };
    let context = Context::open(model, asked, Arc::clone(cancellation)).ok_or_else(|| {
        StartError::LoadFailed(
            llama::last_complaint().unwrap_or_else(|| "there is no room for its context".to_owned()),
        )
    })?;
    let store = options.cache.clone().and_then(|folder| {
        let identity = ModelIdentity::of(&options.model, llama::version()).ok()?;
        PrefixStore::open(folder, identity, context.room())
            .inspect_err(|problem| eprintln!("local-model: no prefixes are kept: {problem}"))
            .ok()
    });
    Ok(Tape::new(model, context, store))
}

fn answer<'m>(speaker: &mut Speaker<'m>, tape: &mut Tape<'m>, cancellation: &Cancellation, job: &Job) {
    let ended = if cancellation.current_is_cancelled() {
        Err(RequestError::Cancelled)
    } else {
        speaker.answer(tape, job)
    };
    job.outlet.end(ended.unwrap_or_else(Event::Failed));
}

/// One of the two ways to make a model call tools.
enum Speaker<'m> {
    Line(LineSpeaker),
    Native(NativeSpeaker<'m>),
}

impl<'m> Speaker<'m> {
    fn open((model, _): &'m (Model, GgufFile), protocol: Protocol) -> Result<Self, StartError> {
        match protocol {
            Protocol::Line => LineSpeaker::open(model).map(Self::Line),
            Protocol::Native => NativeSpeaker::open(model).map(Self::Native),
        }
    }

    fn answer(&mut self, tape: &mut Tape<'m>, job: &Job) -> Result<Event, RequestError> {
        let (finish, usage) = match self {
            Self::Line(line) => line.answer(tape, &job.request, &job.outlet)?,
            Self::Native(native) => native.answer(tape, &job.request, &job.outlet)?,
        };
        Ok(Event::Done { finish, usage })
    }
}
