//! A played runtime on the local socket, and `jamey` run against it.
//!
//! It speaks just enough HTTP: sessions are made as asked, ops are recorded and accepted, and each
//! stream of events follows a script whose steps may wait for an op.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    os::unix::net::{UnixListener, UnixStream},
    process::{Child, Command, Stdio},
    sync::{Arc, Condvar, Mutex},
    thread,
    time::Duration,
};

use jamey_ipc::{Folders, instance::Lock};
use jamey_protocol::{
    CallId, CallStatus, Delta, Event, EventBody, Item, ItemBody, ItemId, Outcome, Session, SessionId,
    ToolCall, TurnId,
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// One step of a stream of events.
#[derive(Clone)]
#[allow(clippy::large_enum_variant)] // a handful of steps in a test
pub enum Step {
    /// A durable event.
    Event(EventBody),
    /// Growth of an item.
    Delta(ItemId, Delta),
    /// A durable event whose body is this JSON, whatever this version knows of it.
    Later(Value),
    /// Waits until an op of this type came.
    Await(&'static str),
    /// Ends this stream; the next one goes on after it.
    Cut,
}

/// What the runtime was asked, and what it plays.
pub struct Stage {
    script: Vec<Step>,
    routes: Vec<(&'static str, u16, Value)>,
    protocol: &'static str,
    pub turn: TurnId,
    ops: Mutex<Vec<Value>>,
    heard: Condvar,
    cuts: Mutex<usize>,
}

pub struct Fake {
    pub temp: TempDir,
    /// A runtime that lives holds it.
    #[cfg_attr(target_os = "macos", expect(dead_code, reason = "the test that gives it up needs flock"))]
    pub lock: Option<Lock>,
    pub stage: Arc<Stage>,
}

impl Fake {
    pub fn play(script: Vec<Step>) -> Self {
        Self::with(script, Vec::new(), "1.0")
    }

    /// Also answers `routes` (method and path without query, status, body).
    pub fn with(script: Vec<Step>, routes: Vec<(&'static str, u16, Value)>, protocol: &'static str) -> Self {
        let temp = tempfile::tempdir().unwrap();
        let folders = Folders::under(temp.path());
        let lock = Some(Lock::acquire(&folders).unwrap());
        let listener = UnixListener::bind(folders.socket()).unwrap();
        let stage = Arc::new(Stage {
            script,
            routes,
            protocol,
            turn: TurnId::new(),
            ops: Mutex::default(),
            heard: Condvar::new(),
            cuts: Mutex::new(0),
        });
        let playing = Arc::clone(&stage);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let stage = Arc::clone(&playing);
                thread::spawn(move || serve(&stage, stream));
            }
        });
        Self { temp, lock, stage }
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        command(self.temp.path(), env!("CARGO_BIN_EXE_jamey").as_ref(), arguments)
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        run(self.command(arguments), b"")
    }

    pub fn spawn(&self, arguments: &[&str]) -> Child {
        self.command(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// The types of the ops that came, in order.
    pub fn ops(&self) -> Vec<String> {
        self.stage
            .ops
            .lock()
            .unwrap()
            .iter()
            .map(|op| op["op"]["type"].as_str().unwrap().to_owned())
            .collect()
    }

    pub fn first_op(&self) -> Value {
        self.stage.ops.lock().unwrap()[0].clone()
    }
}

impl Stage {
    fn hear(&self, op: Value) {
        self.ops.lock().unwrap().push(op);
        self.heard.notify_all();
    }

    pub fn wait_for(&self, kind: &str) {
        let ops = self.ops.lock().unwrap();
        let heard = |ops: &mut Vec<Value>| !ops.iter().any(|op| op["op"]["type"] == kind);
        let (_ops, late) = self.heard.wait_timeout_while(ops, PATIENCE, heard).unwrap();
        assert!(!late.timed_out(), "no op {kind} came");
    }
}

/// `jamey` with a home of its own and nothing of ours.
pub fn command(home: &std::path::Path, program: &std::path::Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("JAMEY_HOME", home)
        .env("PATH", "/usr/bin:/bin")
        .current_dir(home)
        .args(arguments);
    command
}

pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

pub fn run(mut command: Command, input: &[u8]) -> Ran {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = loop {
        match command.spawn() {
            // A program that was just written is busy while another test's child, between fork and
            // exec, still holds the file that it was written through.
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => thread::yield_now(),
            spawned => break spawned.unwrap(),
        }
    };
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // It may end without having read everything.
    let writer = thread::spawn(move || drop(stdin.write_all(&input)));
    let ran = ended(child);
    writer.join().unwrap();
    ran
}

pub fn ended(child: Child) -> Ran {
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn serve(stage: &Stage, mut stream: UnixStream) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Some((method, path, body)) = request(&mut reader) {
        let bare = path.split('?').next().unwrap();
        let key = format!("{method} {bare}");
        if let Some((_, status, answer)) = stage.routes.iter().find(|(route, _, _)| *route == key) {
            if answer.is_string() {
                stream_of(stage, &mut stream, &[answer.as_str().unwrap().to_owned()]);
                return;
            }
            answer_with(stage, &mut stream, *status, answer);
        } else if key == "POST /v1/sessions" {
            let session = session(&body);
            answer_with(stage, &mut stream, 200, &serde_json::to_value(session).unwrap());
        } else if bare.ends_with("/attachments") {
            let kept = json!({"id": TurnId::new(), "name": "a", "mediaType": "text/plain", "bytes": 1});
            answer_with(stage, &mut stream, 201, &kept);
        } else if bare.ends_with("/ops") {
            stage.hear(body);
            answer_with(stage, &mut stream, 202, &json!({"turn": stage.turn, "head": 1}));
        } else if bare.ends_with("/events") {
            let after = path.split("after=").nth(1).map_or(0, |after| after.parse().unwrap());
            let session = bare.split('/').nth(3).unwrap().parse().unwrap();
            events(stage, &mut stream, session, after);
            return;
        } else {
            let error =
                json!({"code": "not_found", "message": format!("there is no {key}"), "retryable": false});
            answer_with(stage, &mut stream, 404, &error);
        }
    }
}

fn session(body: &Value) -> Session {
    Session {
        id: body["id"].as_str().unwrap().parse().unwrap(),
        name: None,
        title: None,
        cwd: body["cwd"].as_str().unwrap().into(),
        settings: serde_json::from_value(body["settings"].clone()).unwrap(),
        status: jamey_protocol::SessionStatus::Idle,
        created_at: 0,
        updated_at: 0,
        head: 0,
    }
}

fn request(reader: &mut BufReader<UnixStream>) -> Option<(String, String, Value)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
    let mut words = line.split(' ').map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        if header.trim().is_empty() {
            break;
        }
        if let Some(value) = header.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((method, path, serde_json::from_slice(&body).unwrap_or_default()))
}

fn answer_with(stage: &Stage, stream: &mut UnixStream, status: u16, body: &Value) {
    let body = body.to_string();
    let protocol = stage.protocol;
    let head = format!(
        "HTTP/1.1 {status} X\r\njamey-protocol: {protocol}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all((head + &body).as_bytes());
}

fn begin_stream(stage: &Stage, stream: &mut UnixStream) {
    let head = format!(
        "HTTP/1.1 200 OK\r\njamey-protocol: {}\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n",
        stage.protocol
    );
    let _ = stream.write_all(head.as_bytes());
}

fn stream_of(stage: &Stage, stream: &mut UnixStream, messages: &[String]) {
    begin_stream(stage, stream);
    for message in messages {
        let _ = stream.write_all(message.as_bytes());
    }
}

/// Plays the script from the beginning, leaving out what the client has. Waits that are over pass at
/// once, so that a stream that is opened again goes on where the last one was cut.
fn events(stage: &Stage, stream: &mut UnixStream, session: SessionId, after: u64) {
    begin_stream(stage, stream);
    let mut seq = 0;
    let mut cuts = 0;
    for step in &stage.script {
        let event = |seq, body| Event { session, seq, at: 0, turn: Some(stage.turn), body };
        let text = match step {
            Step::Await(kind) => {
                stage.wait_for(kind);
                continue;
            }
            Step::Cut => {
                cuts += 1;
                let mut done = stage.cuts.lock().unwrap();
                if cuts > *done {
                    *done = cuts;
                    return;
                }
                continue;
            }
            Step::Event(body) => {
                seq += 1;
                if seq <= after {
                    continue;
                }
                format!(
                    "id: {seq}\ndata: {}\n\n",
                    serde_json::to_string(&event(Some(seq), body.clone())).unwrap()
                )
            }
            Step::Later(body) => {
                seq += 1;
                if seq <= after {
                    continue;
                }
                let event = json!({"session": session, "seq": seq, "at": 0, "turn": stage.turn, "body": body,
                    "weather": "fine"});
                format!("id: {seq}\nretry: 1\ndata: {event}\n\n")
            }
            Step::Delta(item_id, delta) => {
                let body = EventBody::ItemDelta { item_id: *item_id, delta: delta.clone() };
                format!("data: {}\n\n", serde_json::to_string(&event(None, body)).unwrap())
            }
        };
        if stream.write_all(text.as_bytes()).is_err() {
            return;
        }
    }
    // The runtime keeps its streams open.
    let _ = stream.read(&mut [0]);
}

/// An answer that grows piece by piece.
pub fn answer(pieces: &[&str]) -> Vec<Step> {
    let id = ItemId::new();
    let mut steps = vec![Step::Event(EventBody::ItemStarted { item: message(id, "") })];
    let mut offset = 0;
    for piece in pieces {
        steps.push(Step::Delta(id, Delta::Text { offset, text: (*piece).to_owned() }));
        offset += piece.len() as u64;
    }
    steps.push(Step::Event(EventBody::ItemCompleted { item: message(id, &pieces.concat()) }));
    steps
}

pub fn message(id: ItemId, text: &str) -> Item {
    let body = ItemBody::AgentMessage { text: text.to_owned(), model: "a/b".to_owned(), partial: false };
    Item { id, turn: TurnId::new(), step: 1, at: 0, body }
}

pub fn call(id: ItemId, status: CallStatus, command: &str) -> Item {
    let call = ToolCall {
        call_id: CallId::new(),
        tool: "shell_exec".to_owned(),
        arguments: json!({"command": command}),
        accesses: vec![jamey_protocol::Access::Run { command: command.to_owned(), cwd: "/w".into() }],
        status,
        output: None,
    };
    Item { id, turn: TurnId::new(), step: 1, at: 0, body: ItemBody::ToolCall { call } }
}

pub fn end(outcome: Outcome) -> Step {
    Step::Event(EventBody::TurnEnded { outcome })
}

pub fn interrupted() -> Vec<Step> {
    vec![Step::Await("interrupt"), end(Outcome::Interrupted { reason: "somebody stopped it".to_owned() })]
}
