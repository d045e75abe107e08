//! Ports in memory.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test helper fails by panicking.
#![allow(dead_code)] // Each suite uses some of it.

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use futures_util::{StreamExt, stream, stream::BoxStream};
use jamey_engine::{
    policy::Rule,
    ports::{
        AcceptedOp, Chunk, Durability, Entry, Gate, Journal, JournalError, NoAttachments, OpenText,
        ProposedCall, Provider, ProviderError, Request, Rules, StopReason, SystemClock, Tool, ToolContext,
        ToolError, Tools, TurnMeter,
    },
    session::{Frame, ModelChoice, Models, Parts, SessionHandle, Subscription, spawn},
};
use jamey_protocol::{
    Access, ApiError, Approval, CallId, ErrorCode, Event, EventBody, Model, OpId, Session, SessionId,
    SessionStatus, Settings, ToolDescription, ToolOutput,
};
use serde_json::{Value, json};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

/// One thing that the scripted model does.
#[derive(Clone, Debug)]
pub enum Step {
    Say(Chunk),
    Fail(ProviderError),
    Wait,
    End,
    /// The output limit cut it off.
    Cut,
}

pub fn text(words: &str) -> Step {
    Step::Say(Chunk::Text(words.into()))
}

pub fn call(tool: &str) -> Step {
    call_with(tool, json!({}))
}

pub fn call_with(tool: &str, arguments: Value) -> Step {
    Step::Say(Chunk::Call(ProposedCall {
        call_id: CallId::new(),
        tool: tool.into(),
        arguments: Ok(arguments),
    }))
}

#[derive(Default)]
pub struct MemoryJournal {
    events: Mutex<Vec<Event>>,
    ops: Mutex<Vec<AcceptedOp>>,
    texts: Mutex<Vec<OpenText>>,
    is_synced: AtomicBool,
    /// Refuses writes, as a full disk does; reads go on.
    pub is_full: AtomicBool,
}

impl MemoryJournal {
    pub fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap().clone()
    }
    pub fn texts(&self) -> Vec<OpenText> {
        self.texts.lock().unwrap().clone()
    }
    /// Whether the last append asked for the disk.
    pub fn is_synced(&self) -> bool {
        self.is_synced.load(Ordering::SeqCst)
    }
    fn check(&self) -> Result<(), JournalError> {
        if self.is_full.load(Ordering::SeqCst) {
            return Err(JournalError { message: "the disk is full".into(), hint: None });
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl Journal for MemoryJournal {
    async fn append(&self, entry: Entry) -> Result<Vec<Event>, JournalError> {
        self.check()?;
        let mut events = self.events.lock().unwrap();
        assert_eq!(entry.session.head, events.len() as u64, "the head before the events");
        let (session, at, turn) = (entry.session.id, entry.at, entry.turn);
        let numbered = entry.bodies.into_iter().zip(entry.session.head + 1..);
        let new: Vec<_> =
            numbered.map(|(body, seq)| Event { session, seq: Some(seq), at, turn, body }).collect();
        events.extend(new.iter().cloned());
        self.ops.lock().unwrap().extend(entry.op);
        self.is_synced.store(entry.durability == Durability::Disk, Ordering::SeqCst);
        Ok(new)
    }

    async fn accepted(&self, _: SessionId, op_id: OpId) -> Result<Option<AcceptedOp>, JournalError> {
        Ok(self.ops.lock().unwrap().iter().find(|op| op.op_id == op_id).cloned())
    }

    async fn keep_text(&self, _: SessionId, texts: Vec<OpenText>) -> Result<(), JournalError> {
        self.check()?;
        self.texts.lock().unwrap().extend(texts);
        Ok(())
    }

    async fn read(&self, _: SessionId, after: u64) -> Result<Vec<Event>, JournalError> {
        Ok(self.events().into_iter().filter(|event| event.seq > Some(after)).collect())
    }
}

pub struct ScriptedModel {
    scripts: Mutex<std::collections::VecDeque<Vec<Step>>>,
    /// Whether `other/m` goes on where `fake/m` fails.
    pub has_other: AtomicBool,
    pub calls: AtomicUsize,
    /// What was sent, in its order.
    pub requests: Mutex<Vec<Request>>,
    /// The window that is known of it; 0 means none.
    pub window: AtomicUsize,
    /// What is to be said of it.
    pub caution: Mutex<Option<String>>,
    /// What it answers to each request for a summary, if that is not scripted.
    summary: Mutex<Option<String>>,
}

impl ScriptedModel {
    /// Answers every request for a summary alike from now on.
    pub fn sums_up(&self, words: &str) {
        *self.summary.lock().unwrap() = Some(words.to_owned());
    }
}

#[async_trait::async_trait]
impl Provider for ScriptedModel {
    fn id(&self) -> &str {
        "fake"
    }
    async fn models(&self) -> Result<Vec<Model>, ProviderError> {
        Ok(vec![])
    }
    fn stream(
        &self,
        request: Request,
        _: CancellationToken,
    ) -> BoxStream<'static, Result<Chunk, ProviderError>> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let summary = self.summary.lock().unwrap().clone();
        let summary = summary.filter(|_| request.system.contains("memory of a conversation"));
        self.requests.lock().unwrap().push(request);
        let script = match summary {
            Some(words) => vec![text(&words), Step::End],
            None => self.scripts.lock().unwrap().pop_front().expect("called more often than scripted"),
        };
        stream::iter(script)
            .then(|step| async {
                match step {
                    Step::Say(chunk) => Ok(chunk),
                    Step::Fail(error) => Err(error),
                    Step::Wait => std::future::pending().await,
                    Step::End => Ok(Chunk::End(StopReason::Done)),
                    Step::Cut => Ok(Chunk::End(StopReason::Length)),
                }
            })
            .boxed()
    }
}

struct OneModel(Arc<ScriptedModel>);

#[async_trait::async_trait]
impl Models for OneModel {
    async fn resolve(&self, _: Option<&str>, _: &TurnMeter) -> Result<ModelChoice, ApiError> {
        Ok(ModelChoice {
            provider: self.0.clone(),
            model: "m".into(),
            id: "fake/m".into(),
            context: Some(self.0.window.load(Ordering::SeqCst) as u64).filter(|window| *window > 0),
            vision: None,
            price: None,
            caution: self.0.caution.lock().unwrap().clone(),
        })
    }

    async fn another(&self, tried: &[String], meter: &TurnMeter) -> Option<ModelChoice> {
        if !self.0.has_other.load(Ordering::SeqCst) || tried.iter().any(|id| id == "other/m") {
            return None;
        }
        let choice = self.resolve(None, meter).await.ok()?;
        Some(ModelChoice { id: "other/m".into(), ..choice })
    }
}

/// Allowances in memory.
#[derive(Default)]
pub struct MemoryRules {
    pub kept: Mutex<Vec<Rule>>,
    /// Refuses to keep, as a broken file does.
    pub is_broken: AtomicBool,
}

#[async_trait::async_trait]
impl Rules for MemoryRules {
    async fn allows(&self, rule: &Rule) -> bool {
        self.kept.lock().unwrap().contains(rule)
    }

    async fn keep(&self, rule: Rule) -> Result<bool, ApiError> {
        if self.is_broken.load(Ordering::SeqCst) {
            return Err(ApiError::new(ErrorCode::Storage, "permissions.toml is broken"));
        }
        let mut kept = self.kept.lock().unwrap();
        let is_new = !kept.contains(&rule);
        if is_new {
            kept.push(rule);
        }
        Ok(is_new)
    }

    async fn forget(&self, rule: Rule) {
        self.kept.lock().unwrap().retain(|kept| *kept != rule);
    }
}

/// A tool that says when it begins and waits until it may go on.
#[derive(Default)]
pub struct WaitingTool {
    pub began: Notify,
    pub go_on: Notify,
    pub runs: AtomicUsize,
    pub running: AtomicUsize,
    /// What it gives; `acted` if nothing.
    pub output: Mutex<String>,
}

struct Act(Arc<WaitingTool>);

#[async_trait::async_trait]
impl Tool for Act {
    fn name(&self) -> &str {
        "act"
    }
    fn describe(&self) -> ToolDescription {
        ToolDescription {
            name: "act".into(),
            description: "acts".into(),
            parameters: json!({"type": "object"}),
            source: "built-in".into(),
            permission: "asks".into(),
        }
    }
    fn access(&self, arguments: &Value, cwd: &Path) -> Result<Vec<Access>, ToolError> {
        let command = arguments["command"].as_str().unwrap_or("act").to_owned();
        Ok(vec![Access::Run { command, cwd: cwd.into() }])
    }
    async fn run(&self, _: Value, context: ToolContext) -> Result<ToolOutput, ToolError> {
        self.0.runs.fetch_add(1, Ordering::SeqCst);
        self.0.running.fetch_add(1, Ordering::SeqCst);
        self.0.began.notify_one();
        tokio::select! {
            () = self.0.go_on.notified() => {}
            () = context.cancel.cancelled() => {}
        }
        self.0.running.fetch_sub(1, Ordering::SeqCst);
        let output = self.0.output.lock().unwrap().clone();
        let text = if output.is_empty() { "acted".to_owned() } else { output };
        Ok(ToolOutput { text, ..ToolOutput::default() })
    }
}

pub struct World {
    pub session: SessionHandle,
    pub journal: Arc<MemoryJournal>,
    pub models: Arc<ScriptedModel>,
    pub tool: Arc<WaitingTool>,
    pub rules: Arc<MemoryRules>,
    /// Holds everything while it is true.
    pub pause: watch::Sender<bool>,
}

impl World {
    pub fn new(scripts: Vec<Vec<Step>>) -> Self {
        let journal = Arc::new(MemoryJournal::default());
        let models = Arc::new(ScriptedModel {
            has_other: AtomicBool::new(false),
            scripts: Mutex::new(scripts.into()),
            calls: AtomicUsize::new(0),
            requests: Mutex::default(),
            window: AtomicUsize::new(0),
            caution: Mutex::default(),
            summary: Mutex::default(),
        });
        let tool = Arc::new(WaitingTool::default());
        let rules = Arc::new(MemoryRules::default());
        let pause = watch::Sender::new(false);
        let session = Session {
            id: SessionId::new(),
            name: None,
            title: None,
            cwd: "/work".into(),
            settings: Settings::default(),
            status: SessionStatus::Idle,
            created_at: 0,
            updated_at: 0,
            head: 0,
        };
        let parts = Parts {
            journal: journal.clone(),
            models: Arc::new(OneModel(models.clone())),
            attachments: Arc::new(NoAttachments),
            tools: Tools::new(vec![Arc::new(Act(tool.clone()))]),
            rules: rules.clone(),
            gate: Gate::new(pause.subscribe()),
            guarded: vec!["/config".into()],
            clock: Arc::new(SystemClock),
            spill_dir: "/tmp".into(),
            context: String::new(),
        };
        Self { session: spawn(session, Vec::new(), parts), journal, models, tool, rules, pause }
    }

    pub async fn until(
        &self,
        subscription: &mut Subscription,
        stop: impl Fn(&EventBody) -> bool,
    ) -> Vec<Arc<Frame>> {
        let mut seen = Vec::new();
        loop {
            let frame = subscription.events.recv().await.expect("the feed goes on");
            let is_last = stop(&frame.event.body);
            seen.push(frame);
            if is_last {
                return seen;
            }
        }
    }

    pub async fn until_end(&self, subscription: &mut Subscription) -> Vec<Arc<Frame>> {
        self.until(subscription, |body| matches!(body, EventBody::TurnEnded { .. })).await
    }

    pub async fn delta(&self, subscription: &mut Subscription) {
        self.until(subscription, |body| matches!(body, EventBody::ItemDelta { .. })).await;
    }

    pub async fn approval(&self, subscription: &mut Subscription) -> Approval {
        let seen = self.until(subscription, |body| matches!(body, EventBody::ApprovalRequested { .. })).await;
        match &seen.last().unwrap().event.body {
            EventBody::ApprovalRequested { approval } => approval.clone(),
            _ => unreachable!("until stops at the question"),
        }
    }
}
