//! The runtime is killed without warning at random instants. Nothing that was accepted may be lost,
//! no event may be missing or change, no tool may run twice, and every session goes on.
#![cfg(unix)]

use std::{
    collections::{HashMap, HashSet},
    fs,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use jamey_protocol::{Event, EventBody, ItemBody, OpId, SessionId};
use jamey_tests::{Door, Fake, Home, Reply, Runtime, Seen, seed::Chance, wait};
use serde_json::json;

/// Kills in all, shared by machines that run side by side.
const KILLS: u32 = 200;
const MACHINES: u32 = 4;
const SESSIONS: usize = 2;
/// Tool calls of each scripted turn.
const ROUNDS: usize = 3;
/// A start may take this long on a busy machine; what it took is printed.
const SLOWEST_START: Duration = Duration::from_secs(5);

/// Speaks a little, calls a command that leaves a mark nobody else leaves, and in the end answers.
fn turn_with_tools(seen: &Seen) -> Reply {
    let token = seen.prompt().to_owned();
    let round = seen.outputs().len();
    let pause = Duration::from_millis(3);
    let reply = Reply::stream().delta("I will ").pause(pause).delta("do ").pause(pause).delta("it. ");
    if round < ROUNDS {
        let mark = json!({"command": format!("echo {token}.{round} >> trace")});
        reply.tool(0, "shell_exec", &mark).calls_end()
    } else {
        reply.words(&format!("Done with {token}.")).stop()
    }
}

/// One person's machine with its sessions, and what was promised to them.
struct Machine {
    home: Home,
    _fake: Fake,
    sessions: Vec<SessionId>,
    /// Prompts that the runtime said it had taken, by session.
    accepted: HashMap<SessionId, Vec<String>>,
    /// Durable events that a watcher saw, as text, by session; they may never change.
    told: HashMap<SessionId, Vec<String>>,
    prompts: u32,
    /// How many turns the deaths cut, at the last look.
    cut: usize,
}

impl Machine {
    fn new() -> Self {
        let fake = Fake::new(turn_with_tools);
        let home = Home::with(&fake);
        let runtime = Runtime::start(&home);
        let settings = json!({"mode": "full"});
        let sessions =
            (0..SESSIONS).map(|_| runtime.door().new_session(&home.work(), settings.clone())).collect();
        runtime.stop();
        Self {
            home,
            _fake: fake,
            sessions,
            accepted: HashMap::new(),
            told: HashMap::new(),
            prompts: 0,
            cut: 0,
        }
    }

    /// One life of the runtime: check what the last death left, begin turns, die.
    fn live_and_die(&mut self, chance: &mut Chance, turn: Duration) -> Duration {
        let runtime = Runtime::start(&self.home);
        let door = runtime.door();
        self.check(&door);
        let watchers: Vec<_> = self.sessions.iter().map(|session| Watcher::start(&door, *session)).collect();
        for session in self.sessions.clone() {
            self.prompt(&door, session);
        }
        // Turns of all machines run side by side, so each takes longer than one alone.
        thread::sleep(turn.mul_f64(chance.below(6_000) as f64 / 1_000.0));
        let started_in = runtime.started_in;
        runtime.kill();
        for watcher in watchers {
            let (session, told) = watcher.end();
            let known = self.told.entry(session).or_default();
            if told.len() > known.len() {
                assert_eq!(told[..known.len()], known[..], "events changed between two lives");
                *known = told;
            }
        }
        started_in
    }

    /// Begins a turn under a word of its own; the session must take it.
    fn prompt(&mut self, door: &Door, session: SessionId) {
        self.prompts += 1;
        let token = format!("t{}", self.prompts);
        let op = json!({"type": "start_turn", "text": token});
        let answer =
            door.post(&format!("/v1/sessions/{session}/ops"), &json!({"opId": OpId::new(), "op": op}));
        assert!(matches!(answer.status, 200 | 202), "a session does not go on: {answer:?}");
        self.accepted.entry(session).or_default().push(token);
    }

    /// Holds everything that is kept to everything that was promised.
    fn check(&mut self, door: &Door) {
        self.cut = 0;
        let trace = fs::read_to_string(self.home.work().join("trace")).unwrap_or_default();
        let mut marks = HashSet::new();
        for mark in trace.lines() {
            assert!(marks.insert(mark), "a tool ran twice: {mark}");
        }
        let mut known_marks = HashSet::new();
        for session in self.sessions.clone() {
            let lines = door.history(session);
            let told = self.told.get(&session).map_or(&[][..], Vec::as_slice);
            assert!(lines.len() >= told.len(), "events that were told are lost");
            assert_eq!(lines[..told.len()], *told, "events that were told have changed");
            self.cut += lines.iter().filter(|line| line.contains("\"interrupted\"")).count();
            let events: Vec<Event> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
            self.check_events(session, &events, &marks, &mut known_marks);
        }
        for mark in marks {
            assert!(known_marks.contains(mark), "a tool ran without a durable mark before it: {mark}");
        }
    }

    fn check_events(
        &self,
        session: SessionId,
        events: &[Event],
        marks: &HashSet<&str>,
        known_marks: &mut HashSet<String>,
    ) {
        let (mut said, mut open_turns, mut open_items) = (Vec::new(), HashSet::new(), HashSet::new());
        for (at, event) in events.iter().enumerate() {
            assert_eq!(event.seq, Some(at as u64 + 1), "a gap in the events");
            match &event.body {
                EventBody::TurnStarted { .. } => {
                    assert!(open_turns.is_empty(), "two turns at once");
                    open_turns.insert(event.turn);
                }
                EventBody::TurnEnded { .. } => {
                    assert!(open_turns.remove(&event.turn), "a turn ended that had not begun");
                    assert!(open_items.is_empty(), "a turn ended with open items");
                }
                EventBody::ItemStarted { item } => {
                    open_items.insert(item.id);
                    if let ItemBody::ToolCall { call } = &item.body {
                        known_marks.extend(mark_of(call));
                    }
                }
                EventBody::ItemCompleted { item } => {
                    open_items.remove(&item.id);
                    match &item.body {
                        ItemBody::UserMessage { text, .. } => said.push(text.clone()),
                        ItemBody::ToolCall { call } => {
                            let mark = mark_of(call).unwrap();
                            if call.status == jamey_protocol::CallStatus::Succeeded {
                                assert!(
                                    marks.contains(mark.as_str()),
                                    "{mark} is said to have run and did not"
                                );
                            }
                        }
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        assert!(open_turns.is_empty(), "a turn stays open after a start");
        assert!(open_items.is_empty(), "an item stays open after a start");
        let accepted = self.accepted.get(&session).cloned().unwrap_or_default();
        assert_eq!(said, accepted, "the accepted messages of {session} and those that are kept differ");
    }
}

fn mark_of(call: &jamey_protocol::ToolCall) -> Option<String> {
    call.arguments["command"].as_str()?.split(' ').nth(1).map(str::to_owned)
}

/// Collects what a face is told until the runtime dies.
struct Watcher {
    session: SessionId,
    told: Arc<Mutex<Vec<String>>>,
    thread: thread::JoinHandle<()>,
}

impl Watcher {
    fn start(door: &Door, session: SessionId) -> Self {
        let told = Arc::new(Mutex::new(Vec::new()));
        let mut stream = door.events(session, 0);
        let collected = Arc::clone(&told);
        let thread = thread::spawn(move || {
            while let Some((seq, text)) = stream.next_raw() {
                if seq.is_some() {
                    collected.lock().unwrap().push(text);
                }
            }
        });
        Self { session, told, thread }
    }

    fn end(self) -> (SessionId, Vec<String>) {
        self.thread.join().unwrap();
        (self.session, std::mem::take(&mut self.told.lock().unwrap()))
    }
}

#[test]
fn two_hundred_deaths_lose_nothing_and_repeat_nothing() {
    let chance = Chance::from_environment();
    // What one undisturbed turn takes here and now, so that deaths fall into all of it.
    let mut first = Machine::new();
    let turn = {
        let runtime = Runtime::start(&first.home);
        let (door, session) = (runtime.door(), first.sessions[0]);
        let mut events = door.events(session, 0);
        let began = Instant::now();
        first.prompt(&door, session);
        let _ = events.until("turnEnded");
        let took = began.elapsed();
        runtime.stop();
        took
    };
    println!("an undisturbed turn takes {turn:?}");
    let mut machines = vec![first];
    machines.extend((1..MACHINES).map(|_| Machine::new()));
    let lives: Vec<_> = machines
        .into_iter()
        .enumerate()
        .map(|(index, mut machine)| {
            let mut chance = chance.split(index as u64);
            thread::spawn(move || {
                let mut starts: Vec<Duration> =
                    (0..KILLS / MACHINES).map(|_| machine.live_and_die(&mut chance, turn)).collect();
                // The last life is undisturbed: every session completes one more turn.
                let runtime = Runtime::start(&machine.home);
                starts.push(runtime.started_in);
                machine.check(&runtime.door());
                for session in machine.sessions.clone() {
                    let head = machine.told.get(&session).map_or(0, Vec::len) as u64;
                    let mut events = runtime.door().events(session, head);
                    machine.prompt(&runtime.door(), session);
                    let ours = format!("t{}", machine.prompts);
                    while !events.until("itemCompleted").to_string().contains(&ours) {}
                    assert_eq!(events.until("turnEnded")["body"]["outcome"]["type"], "completed");
                }
                machine.check(&runtime.door());
                runtime.stop();
                (starts, machine.cut)
            })
        })
        .collect();
    let (mut starts, mut cut) = (Vec::new(), 0);
    for life in lives {
        let (of_one, cut_in_one) = life.join().unwrap();
        starts.extend(of_one);
        cut += cut_in_one;
    }
    starts.sort_unstable();
    println!("{KILLS} deaths cut {cut} turns");
    assert!(cut > 40, "deaths that cut nothing prove nothing");
    let slowest = starts[starts.len() - 1];
    println!("{} starts: median {:?}, slowest {slowest:?}", starts.len(), starts[starts.len() / 2]);
    assert!(slowest < SLOWEST_START, "a start took {slowest:?}");
}

#[test]
fn text_that_had_streamed_before_a_death_is_kept() {
    let gate = jamey_tests::Gate::new();
    let fake = Fake::new({
        let gate = gate.clone();
        move |seen| match seen.number {
            0 => {
                Reply::stream().words("These words were on the screen").gate(&gate).delta(" these not").stop()
            }
            _ => Reply::text("Yes."),
        }
    });
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let door = runtime.door();
    let session = door.new_session(&home.work(), json!({}));
    let mut events = door.events(session, 0);
    door.say(session, "speak");
    while !events.until("itemDelta").to_string().contains("screen") {}
    // The promise is a flush every 100 ms; a shared machine may be late.
    thread::sleep(Duration::from_millis(1_500));
    runtime.kill();
    gate.open();
    let runtime = Runtime::start(&home);
    let history = runtime.door().history(session).join("\n");
    assert!(history.contains("These words were on the screen"), "{history}");
    assert!(history.contains("\"interrupted\""), "{history}");
    let mut events = runtime.door().events(session, runtime.door().history(session).len() as u64);
    runtime.door().say(session, "and?");
    assert_eq!(events.until("turnEnded")["body"]["outcome"]["type"], "completed");
    let remembered = fake.seen()[1].body.to_string();
    assert!(remembered.contains("These words were on the screen"), "the model is not told what it had said");
}

#[test]
fn a_tool_that_was_running_is_of_unknown_outcome_and_is_not_run_again() {
    let fake = Fake::new(|seen| match seen.outputs().len() {
        0 if seen.prompt() == "begin" => {
            Reply::call("shell_exec", &json!({"command": "echo began >> trace; sleep 1000"}))
        }
        _ => Reply::text("I see."),
    });
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let door = runtime.door();
    let session = door.new_session(&home.work(), json!({"mode": "full"}));
    door.say(session, "begin");
    let trace = home.work().join("trace");
    wait::until("the tool to begin", || fs::read_to_string(&trace).ok().filter(|text| !text.is_empty()));
    runtime.kill();
    wait::until("the dead runtime's children to end", || home.processes().is_empty().then_some(()));
    let runtime = Runtime::start(&home);
    let door = runtime.door();
    let history = door.history(session).join("\n");
    assert!(history.contains("\"outcomeUnknown\""), "{history}");
    let mut events = door.events(session, door.history(session).len() as u64);
    door.say(session, "go on");
    assert_eq!(events.until("turnEnded")["body"]["outcome"]["type"], "completed");
    assert_eq!(fs::read_to_string(&trace).unwrap(), "began\n");
    let told = fake.seen().last().unwrap().body.to_string().to_lowercase();
    assert!(
        told.contains("may have happened or not"),
        "the model is not told that the outcome is unknown: {told}"
    );
}

#[test]
fn a_start_after_a_death_needs_no_cleaning_by_hand() {
    let home = Home::new();
    let runtime = Runtime::start(&home);
    let socket = runtime.socket().to_path_buf();
    runtime.kill();
    assert!(socket.exists(), "the stale socket is what this test is about");
    let runtime = Runtime::start(&home);
    assert_eq!(runtime.door().get("/v1/status").status, 200);
    runtime.stop();
    assert!(!socket.exists(), "a clean end leaves no socket");
}
