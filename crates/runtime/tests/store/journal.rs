//! The engine's port: order, atomicity, idempotence, partial text.

use jamey_engine::ports::{AcceptedOp, Durability, Entry, Journal};
use jamey_protocol::{EventBody, ItemBody, OpId, Outcome, SessionStatus, TurnId};
use serde_json::Value;
use tempfile::tempdir;

use crate::sample::{answered, append, create, ended, item, open, partial, paths, said, started, turn};
use jamey_runtime::store::Store;

fn entry(session: &jamey_protocol::Session, bodies: Vec<EventBody>) -> Entry {
    Entry {
        session: session.clone(),
        turn: None,
        at: 7,
        bodies,
        op: None,
        spent: None,
        durability: Durability::Process,
    }
}

#[tokio::test]
async fn a_session_is_seen_from_its_first_event_on() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let session = create(&store, "/work").await;
    let events = store.read(session.id, 0).await.unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].seq, Some(1));
    assert_eq!(events[0].body, EventBody::SessionUpdated { session: session.clone() });
    assert_eq!(store.session(session.id).await.unwrap(), Some(session));
}

#[tokio::test]
async fn events_are_numbered_from_the_head_and_read_back_as_they_were() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut session = create(&store, "/work").await;
    let first = append(&store, &mut session, turn("one", "\0 two \u{1b}[31m")).await;
    let second = append(&store, &mut session, turn("three", "four")).await;
    assert_eq!(first.iter().filter_map(|event| event.seq).collect::<Vec<_>>(), [2, 3, 4, 5]);
    assert_eq!(store.read(session.id, 1).await.unwrap(), [first, second.clone()].concat());
    assert_eq!(store.read(session.id, 5).await.unwrap(), second);
    assert_eq!(store.session(session.id).await.unwrap(), Some(session));
}

#[tokio::test]
async fn an_entry_that_does_not_continue_the_log_is_refused_and_leaves_nothing() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut session = create(&store, "/work").await;
    append(&store, &mut session, turn("one", "two")).await;
    for head in [session.head - 1, session.head + 1] {
        let mut stale = session.clone();
        stale.head = head;
        let refused = store.append(entry(&stale, turn("x", "y"))).await.unwrap_err();
        assert!(refused.message.contains("stands at event 5"), "{refused}");
    }
    assert_eq!(store.read(session.id, 0).await.unwrap().len(), 5);
    append(&store, &mut session, turn("three", "four")).await;
}

#[tokio::test]
async fn an_op_is_remembered_with_its_events_and_never_twice() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut session = create(&store, "/work").await;
    let op = AcceptedOp::new(OpId::new(), r#"{"type":"interrupt"}"#, Some(TurnId::new()));
    assert_eq!(store.accepted(session.id, op.op_id).await.unwrap(), None);
    let mut first = entry(&session, vec![started()]);
    first.op = Some(op.clone());
    first.durability = Durability::Disk;
    session.head += store.append(first.clone()).await.unwrap().len() as u64;
    first.session = session.clone();
    store.append(first).await.unwrap_err();
    assert_eq!(store.read(session.id, 0).await.unwrap().len(), 2);
    store.close().await;
    let (store, _) = Store::open(paths(folder.path())).await.unwrap();
    assert_eq!(store.accepted(session.id, op.op_id).await.unwrap(), Some(op));
}

#[tokio::test]
async fn an_entry_may_hold_only_an_op() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let session = create(&store, "/work").await;
    let op = AcceptedOp::new(OpId::new(), "{}", None);
    let mut only = entry(&session, vec![]);
    only.op = Some(op.clone());
    assert!(store.append(only).await.unwrap().is_empty());
    assert_eq!(store.accepted(session.id, op.op_id).await.unwrap(), Some(op));
}

#[tokio::test]
async fn arguments_that_nest_too_deep_to_be_read_back_are_refused() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let session = create(&store, "/work").await;
    let deep = (0..126).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
    let call = serde_json::from_value(serde_json::json!({
        "callId": TurnId::new(), "tool": "x", "arguments": Value::Null, "status": "running"
    }));
    let mut call: jamey_protocol::ToolCall = call.unwrap();
    call.arguments = deep;
    let body = EventBody::ItemStarted { item: item(ItemBody::ToolCall { call }) };
    let refused = store.append(entry(&session, vec![body])).await.unwrap_err();
    assert!(refused.message.contains("levels deep"), "{refused}");
    assert_eq!(store.read(session.id, 0).await.unwrap().len(), 1);
}

#[tokio::test]
async fn partial_text_survives_a_restart_and_closes_the_answer() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut session = create(&store, "/work").await;
    let reply = answered("");
    append(&store, &mut session, vec![started(), EventBody::ItemCompleted { item: said("hello") }]).await;
    session.status = SessionStatus::Running;
    append(&store, &mut session, vec![EventBody::ItemStarted { item: reply.clone() }]).await;
    for text in ["The dead", "line is ", "Friday 🎉"] {
        store.keep_text(session.id, vec![partial(&reply, text)]).await.unwrap();
    }
    assert_eq!(store.counts().await.unwrap().running, 1);
    store.close().await;

    let (store, notices) = Store::open(paths(folder.path())).await.unwrap();
    assert_eq!(notices.len(), 1);
    assert!(notices[0].contains("interrupted") && notices[0].contains(&session.id.to_string()));
    let events = store.read(session.id, session.head).await.unwrap();
    let [completed, end] = events.as_slice() else { panic!("{events:?}") };
    let EventBody::ItemCompleted { item } = &completed.body else { panic!("{completed:?}") };
    assert!(
        matches!(&item.body, ItemBody::AgentMessage { text, partial: true, .. } if text == "The deadline is Friday 🎉")
    );
    assert!(matches!(end.body, EventBody::TurnEnded { outcome: Outcome::Interrupted { .. } }));
    assert_eq!(store.session(session.id).await.unwrap().unwrap().status, SessionStatus::Idle);
    assert_eq!(store.search("deadline", 10).await.unwrap().len(), 1);
    store.close().await;
    open(folder.path()).await;
}

#[tokio::test]
async fn partial_text_that_comes_after_the_end_of_its_item_is_dropped() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut session = create(&store, "/work").await;
    let reply = answered("all of it");
    append(&store, &mut session, vec![started(), EventBody::ItemStarted { item: reply.clone() }]).await;
    store.keep_text(session.id, vec![partial(&reply, "all")]).await.unwrap();
    append(&store, &mut session, vec![EventBody::ItemCompleted { item: reply.clone() }]).await;
    store.keep_text(session.id, vec![partial(&reply, "late")]).await.unwrap();
    store.close().await;
    let (store, _) = Store::open(paths(folder.path())).await.unwrap();
    assert_eq!(store.items(session.id, 0, 10).await.unwrap().data, [reply]);
}

#[tokio::test]
async fn a_store_that_was_closed_says_so() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut session = create(&store, "/work").await;
    append(&store, &mut session, vec![started(), ended()]).await;
    store.close().await;
    let refused = store.append(entry(&session, turn("x", "y"))).await.unwrap_err();
    assert_eq!(refused.message, "the runtime is ending, or beginning anew");
    assert!(store.read(session.id, 0).await.is_err());
    assert!(!folder.path().join("jamey.db-wal").exists(), "the log was written back");
}
