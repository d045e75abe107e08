//! Those who use the runtime while it is watched: people that take turns, faces that come and go, and
//! programs that ask how it is.
//!
//! Each works on a thread of its own, keeps to the common pace, and stops when it is told. What goes
//! wrong is a panic, which ends the soak with its words.

use std::{
    collections::VecDeque,
    fs,
    path::PathBuf,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use jamey_protocol::SessionId;
use rustix::process::Signal;
use serde_json::{Value, json};

use super::{
    look::parent,
    script::{Kind, ROUND},
};
use crate::{Door, Home, runtime::signal, seed::Chance, wait};

/// A person leaves a session after so many turns.
const TURNS_OF_A_SESSION: u64 = 8;
/// Sessions that are kept; the oldest beyond them is deleted.
const KEPT_SESSIONS: usize = 40;

/// What all share.
pub(super) struct Town<'a> {
    pub(super) home: &'a Home,
    pub(super) door: Door,
    pub(super) began: Instant,
    /// From the begin of one turn to that of the next, of all people together.
    pub(super) interval: Duration,
    pub(super) is_over: AtomicBool,
    /// Tickets: each is one turn, at its own time.
    pub(super) next: AtomicU64,
    pub(super) turns: AtomicU64,
    pub(super) followers: AtomicU64,
    pub(super) deleted: AtomicU64,
    pub(super) sessions: Mutex<VecDeque<SessionId>>,
}

impl Town<'_> {
    fn goes_on(&self) -> bool {
        !self.is_over.load(Ordering::Relaxed)
    }

    fn sessions(&self) -> std::sync::MutexGuard<'_, VecDeque<SessionId>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the time of the next turn; none when the soak is over.
    fn ticket(&self) -> Option<u64> {
        let ticket = self.next.fetch_add(1, Ordering::Relaxed);
        let due = self.began + self.interval.mul_f64(ticket as f64);
        while self.goes_on() {
            let left = due.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Some(ticket);
            }
            thread::sleep(left.min(Duration::from_millis(100)));
        }
        None
    }

    fn settled(&self, session: SessionId) {
        let oldest = {
            let mut sessions = self.sessions();
            sessions.push_back(session);
            if sessions.len() > KEPT_SESSIONS { sessions.pop_front() } else { None }
        };
        if let Some(oldest) = oldest {
            let answer = self.door.call("DELETE", &format!("/v1/sessions/{oldest}"), None).unwrap();
            assert_eq!(answer.status, 200, "{answer:?}");
            self.deleted.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// One person.
    pub(super) fn person(&self) {
        let mut session = None;
        let mut turns = 0;
        while let Some(ticket) = self.ticket() {
            let kind = ROUND[usize::try_from(ticket).unwrap_or(0) % ROUND.len()];
            // Every ninth turn is one `jamey ask`, with a session of its own.
            if ticket % 9 == 4 && matches!(kind, Kind::Words | Kind::Files | Kind::Shell | Kind::Long) {
                self.ask(kind, ticket);
            } else {
                let here = *session
                    .get_or_insert_with(|| self.door.new_session(&self.home.work(), json!({"mode": "full"})));
                self.turn(here, kind, ticket);
                turns += 1;
                if turns % TURNS_OF_A_SESSION == 0 {
                    session = None;
                    self.settled(here);
                }
            }
            self.turns.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn ask(&self, kind: Kind, ticket: u64) {
        let name = format!("asked-{ticket}");
        let prompt = format!("{} {ticket}", kind.word());
        let _ = self.home.jamey(&["new", "--name", &name]).exits(0);
        let _ = self.home.ask(&["-q", "--mode", "full", "-s", &name, &prompt]).exits(0);
        let found = self.door.get(&format!("/v1/sessions?name={name}")).json();
        if let Some(id) = found["data"][0]["id"].as_str() {
            self.settled(id.parse().unwrap());
        }
    }

    fn turn(&self, session: SessionId, kind: Kind, ticket: u64) {
        let head = self.door.get(&format!("/v1/sessions/{session}")).json()["head"].as_u64().unwrap();
        let mut events = self.door.events(session, head);
        let mode = if kind == Kind::Denied { "ask" } else { "full" };
        let text = format!("{} {ticket}", kind.word());
        let begun =
            self.door.op(session, &json!({"type": "start_turn", "text": text, "settings": {"mode": mode}}));
        assert!(matches!(begun.status, 200 | 202), "{begun:?}");
        match kind {
            Kind::Killed | Kind::Unguarded => self.kill(kind, ticket),
            Kind::Stopped => {
                let _ = events.until("itemDelta");
                let _ = self.door.op(session, &json!({"type": "interrupt"}));
            }
            Kind::Denied => {
                let asked = events.until("approvalRequested");
                let decision = json!({"type": "deny", "reason": "not now"});
                let _ = self.door.decide(session, &asked["body"]["approval"]["id"], &decision);
            }
            _ => {}
        }
        let outcome = events.until("turnEnded")["body"]["outcome"]["type"].clone();
        let expected = match kind {
            Kind::Stopped => "interrupted",
            Kind::Cut | Kind::Refused => "failed",
            _ => "completed",
        };
        assert_eq!(outcome, expected, "a turn of kind {kind:?}");
    }

    /// Kills a running command, or the guard above it.
    fn kill(&self, kind: Kind, ticket: u64) {
        let file: PathBuf = self.home.work().join(format!("pid.{ticket}"));
        let pid = wait::until("the command to say who it is", || fs::read_to_string(&file).ok());
        let pid: u32 = pid.trim().parse().unwrap();
        let victim = if kind == Kind::Unguarded { parent(pid) } else { Some(pid) };
        if let Some(victim) = victim.filter(|victim| *victim > 1) {
            signal(victim, Signal::KILL);
        }
        let _ = fs::remove_file(file);
    }

    /// A face that attaches, reads a little, and goes away without a word.
    pub(super) fn follower(&self, mut chance: Chance) {
        while self.goes_on() {
            let target = {
                let sessions = self.sessions();
                let count = sessions.len() as u64;
                (count > 0).then(|| sessions[usize::try_from(chance.below(count)).unwrap_or(0)])
            };
            // It may be deleted at this instant.
            if let Some(session) = target
                && let Some(head) = self.door.get(&format!("/v1/sessions/{session}")).json()["head"].as_u64()
                && let Ok(mut stream) = self.door.try_events(session, 0)
            {
                for _ in 0..chance.below(head.clamp(1, 20)) {
                    if stream.next_raw().is_none() {
                        break;
                    }
                }
                self.followers.fetch_add(1, Ordering::Relaxed);
            }
            thread::sleep(Duration::from_millis(50 + chance.below(200)));
        }
    }

    /// A program that wants to know how it goes.
    pub(super) fn watcher(&self) {
        let paths =
            ["/v1/status", "/v1/sessions", "/v1/search?q=harbour", "/v1/config", "/v1/models", "/v1/tools"];
        for path in paths.iter().cycle() {
            if !self.goes_on() {
                return;
            }
            let answer = self.door.get(path);
            assert_eq!(answer.status, 200, "{path}: {answer:?}");
            thread::sleep(Duration::from_millis(250));
        }
    }

    /// Bytes of everything that is kept, in the form in which a person gets it (`jamey sessions export`).
    pub(super) fn payload(&self) -> u64 {
        let mut bytes = 0;
        let mut after: Option<String> = None;
        loop {
            let more = after.as_deref().map(|after| format!("&after={after}")).unwrap_or_default();
            let page = self.door.get(&format!("/v1/sessions?limit=1000{more}")).json();
            for session in page["data"].as_array().into_iter().flatten() {
                let id = session["id"].as_str().unwrap().parse().unwrap();
                bytes += self.door.history(id).iter().map(|line| line.len() as u64 + 1).sum::<u64>();
            }
            match page["next"].as_str() {
                Some(next) => after = Some(next.to_owned()),
                None => return bytes,
            }
        }
    }
}

/// How many tasks the runtime says that it has.
pub(super) fn tasks(door: &Door) -> Option<u64> {
    let status: Value = door.call("GET", "/v1/status", None).ok()?.json();
    status["tasks"].as_u64()
}
