//! Small sessions and entries to store.

use std::path::Path;

use jamey_engine::ports::{Durability, Entry, Journal, OpenText, Spent};
use jamey_engine::session::fold;
use jamey_protocol::{
    Event, EventBody, Item, ItemBody, ItemId, OpId, Outcome, Session, SessionId, SessionStatus, Settings,
    TurnId,
};
use jamey_runtime::store::{Store, StorePaths};

/// The places of a store inside `folder`.
pub fn paths(folder: &Path) -> StorePaths {
    StorePaths {
        db: folder.join("jamey.db"),
        backups: folder.join("backups"),
        quarantine: folder.join("quarantine"),
    }
}

/// Opens a store that must have nothing to tell.
pub async fn open(folder: &Path) -> Store {
    let (store, notices) = Store::open(paths(folder)).await.unwrap();
    assert_eq!(notices, Vec::<String>::new());
    store
}

/// A session nobody has stored yet.
pub fn session(cwd: &str) -> Session {
    Session {
        id: SessionId::new(),
        name: None,
        title: None,
        cwd: cwd.into(),
        settings: Settings::default(),
        status: SessionStatus::Idle,
        created_at: 1000,
        updated_at: 1000,
        head: 0,
    }
}

/// Makes a session in the store and returns it as it is there.
pub async fn create(store: &Store, cwd: &str) -> Session {
    let session = session(cwd);
    store.create(&session).await.unwrap();
    Session { head: 1, ..session }
}

/// Appends events and moves the session's head on, as its owner does.
pub async fn append(store: &Store, session: &mut Session, bodies: Vec<EventBody>) -> Vec<Event> {
    append_spent(store, session, None, bodies, None).await
}

/// The same for a turn, with a model call whose end they tell.
pub async fn append_spent(
    store: &Store,
    session: &mut Session,
    turn: Option<TurnId>,
    bodies: Vec<EventBody>,
    spent: Option<Spent>,
) -> Vec<Event> {
    session.updated_at += 1;
    let at = session.updated_at;
    let entry = Entry {
        session: session.clone(),
        turn,
        at,
        bodies,
        op: None,
        spent,
        durability: Durability::Process,
    };
    let events = store.append(entry).await.unwrap();
    session.head += events.len() as u64;
    events
}

pub fn started() -> EventBody {
    EventBody::TurnStarted { op_id: OpId::new(), settings: Settings::default() }
}

pub fn ended() -> EventBody {
    EventBody::TurnEnded { outcome: Outcome::Completed }
}

pub fn said(text: &str) -> Item {
    item(ItemBody::UserMessage { text: text.into(), attachments: Vec::new() })
}

pub fn answered(text: &str) -> Item {
    item(ItemBody::AgentMessage { text: text.into(), model: "fake/one".into(), partial: false })
}

pub fn item(body: ItemBody) -> Item {
    Item { id: ItemId::new(), turn: TurnId::new(), step: 1, at: 5, body }
}

/// A whole turn with one question and one answer.
pub fn turn(question: &str, answer: &str) -> Vec<EventBody> {
    vec![
        started(),
        EventBody::ItemCompleted { item: said(question) },
        EventBody::ItemCompleted { item: answered(answer) },
        ended(),
    ]
}

pub fn partial(item: &Item, text: &str) -> OpenText {
    OpenText { item_id: item.id, text: text.into() }
}

/// Checks what must hold of every store at rest: no gap, no double, and lists that follow from the
/// events.
pub async fn assert_whole(store: &Store) {
    let sessions = store.sessions(None, 10_000, None).await.unwrap();
    for session in sessions.data {
        let events = store.read(session.id, 0).await.unwrap();
        let seqs: Vec<u64> = events.iter().filter_map(|event| event.seq).collect();
        assert_eq!(seqs, (1..=session.head).collect::<Vec<_>>(), "the log of {} has gaps", session.id);
        let items = store.items(session.id, 0, 100_000).await.unwrap();
        assert_eq!(items.data, fold(&events), "the items of {} do not follow from its events", session.id);
    }
}
