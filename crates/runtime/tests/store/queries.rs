//! Lists, pages, names, search, erasing.

use std::path::Path;

use jamey_engine::ports::Journal;
use jamey_protocol::{ErrorCode, EventBody, Session};
use jamey_runtime::store::{Counts, StoreError};
use tempfile::tempdir;

use crate::sample::{append, assert_whole, create, open, session, started, turn};

#[tokio::test]
async fn sessions_come_in_pages_the_last_changed_first() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut all = Vec::new();
    for number in 0..7 {
        let mut one = create(&store, if number % 2 == 0 { "/even" } else { "/odd" }).await;
        append(&store, &mut one, turn("q", "a")).await;
        all.insert(0, one);
    }
    // The oldest becomes the newest.
    let mut oldest = all.pop().unwrap();
    oldest.updated_at = 9000;
    append(&store, &mut oldest, turn("q", "a")).await;
    all.insert(0, oldest);
    let mut paged: Vec<Session> = Vec::new();
    let mut after = None;
    loop {
        let page = store.sessions(None, 3, after.as_deref()).await.unwrap();
        paged.extend(page.data);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(paged, all);
    let even = store.sessions(Some(Path::new("/even")), 10, None).await.unwrap();
    assert_eq!(even.data.len(), 4);
    assert_eq!(even.next, None);
    assert_eq!(store.last_in(Path::new("/even")).await.unwrap(), Some(all[0].clone()));
    assert_eq!(store.last_in(Path::new("/nowhere")).await.unwrap(), None);
    assert!(matches!(store.sessions(None, 3, Some("'; --")).await, Err(StoreError::BadRequest(_))));
}

#[tokio::test]
async fn items_come_in_pages_in_their_order() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut one = create(&store, "/work").await;
    for _ in 0..5 {
        append(&store, &mut one, turn("q", "a")).await;
    }
    let whole = store.items(one.id, 0, 100).await.unwrap();
    assert_eq!((whole.data.len(), whole.next), (10, None));
    let mut paged = Vec::new();
    let mut after = 0;
    loop {
        let page = store.items(one.id, after, 4).await.unwrap();
        paged.extend(page.data);
        let Some(next) = page.next else { break };
        after = next.parse().unwrap();
    }
    assert_eq!(paged, whole.data);
}

#[tokio::test]
async fn events_of_all_sessions_come_in_the_order_of_storing() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut one = create(&store, "/work").await;
    let mut two = create(&store, "/work").await;
    append(&store, &mut two, vec![started()]).await;
    append(&store, &mut one, vec![started()]).await;
    let all = store.events_all(0, 100).await.unwrap();
    let owners: Vec<_> = all.iter().map(|(_, event)| event.session).collect();
    assert_eq!(owners, [one.id, two.id, two.id, one.id]);
    let rest = store.events_all(all[1].0, 100).await.unwrap();
    assert_eq!(rest, all[2..]);
    assert_eq!(store.events(one.id, 1, 10).await.unwrap(), [all[3].1.clone()]);
    assert_eq!(store.events(one.id, 0, 1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_session_is_found_by_name_or_by_the_beginning_of_its_id() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut one = create(&store, "/work").await;
    create(&store, "/work").await;
    one.name = Some("Ärger % _".into());
    let renamed = EventBody::SessionUpdated { session: one.clone() };
    append(&store, &mut one, vec![renamed]).await;
    assert_eq!(store.find("Ärger % _").await.unwrap(), Some(one.clone()));
    assert_eq!(store.find("%").await.unwrap(), None);
    assert_eq!(store.find("").await.unwrap(), None);
    let id = one.id.to_string();
    assert_eq!(store.find(&id).await.unwrap(), Some(one.clone()));
    assert_eq!(store.find(&id[..35].to_uppercase()).await.unwrap(), Some(one));
    // Both ids begin with the same milliseconds.
    assert!(matches!(store.find(&id[..5]).await, Err(StoreError::Ambiguous(_))));
}

#[tokio::test]
async fn a_name_or_an_id_is_given_once() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let named = Session { name: Some("plans".into()), ..session("/work") };
    store.create(&named).await.unwrap();
    assert_eq!(store.create(&named).await, Err(StoreError::Exists(named.id)));
    let second = Session { name: Some("plans".into()), ..session("/work") };
    let refused = store.create(&second).await.unwrap_err();
    assert_eq!(refused, StoreError::NameTaken("plans".into()));
    assert_eq!(refused.code(), ErrorCode::Conflict);
    assert_eq!(store.session(second.id).await.unwrap(), None);
    let mut third = create(&store, "/work").await;
    third.name = Some("plans".into());
    let entry = jamey_engine::ports::Entry {
        session: third.clone(),
        turn: None,
        at: 1,
        bodies: vec![EventBody::SessionUpdated { session: third.clone() }],
        op: None,
        spent: None,
        durability: jamey_engine::ports::Durability::Process,
    };
    assert!(store.append(entry).await.unwrap_err().message.contains("\"plans\""));
    assert_whole(&store).await;
}

#[tokio::test]
async fn search_finds_words_marks_them_and_takes_nothing_for_syntax() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut one = create(&store, "/work").await;
    append(&store, &mut one, turn("When is the deadline?", "The deadline is Friday, at the Café.")).await;
    append(&store, &mut one, turn("And OR NEAR?", "never")).await;
    append(&store, &mut one, turn("before\0after", "yes")).await;
    assert_eq!(store.search("after", 10).await.unwrap().len(), 1);
    let hits = store.search("deadline friday", 10).await.unwrap();
    assert_eq!(hits.len(), 1);
    assert_eq!(hits[0].session, one.id);
    assert_eq!(hits[0].snippet, "The [deadline] is [Friday], at the Café.");
    assert_eq!(store.search("DEADLINE", 10).await.unwrap().len(), 2);
    assert_eq!(store.search("deadline", 1).await.unwrap().len(), 1);
    assert_eq!(store.search("cafe", 10).await.unwrap().len(), 1);
    for nothing in [
        "",
        "   ",
        "\"",
        "*",
        "\" * -- ;",
        "deadlin*",
        "text:deadline",
        "deadline NOT friday",
        "\0",
        "{text}: x",
        "^the AND (",
    ] {
        assert!(store.search(nothing, 10).await.unwrap().is_empty(), "{nothing:?}");
    }
    for hostile in
        ["\" OR NEAR(* -- ;", "or", "a\"b", "NEAR(deadline friday, 1)", "'); DROP TABLE events; --"]
    {
        store.search(hostile, 10).await.unwrap();
    }
    let long = store.search(&"x".repeat(1 << 20), 10).await.unwrap_err();
    assert_eq!(long.code(), ErrorCode::BadRequest);
    assert!(long.to_string().contains("1048576 bytes"));
    assert_whole(&store).await;
}

#[tokio::test]
async fn a_long_message_is_kept_whole() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut one = create(&store, "/work").await;
    let long = "wörd ".repeat(2_000_000);
    let told = append(&store, &mut one, turn(&long, "ok")).await;
    assert_eq!(store.read(one.id, 1).await.unwrap(), told);
    assert_eq!(store.search("wörd", 10).await.unwrap().len(), 1);
    store.delete(one.id).await.unwrap();
}

#[tokio::test]
async fn an_erased_session_leaves_no_trace_and_disturbs_no_other() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut kept = create(&store, "/work").await;
    let mut gone = create(&store, "/work").await;
    append(&store, &mut gone, turn("secretword one", "secretword two")).await;
    append(&store, &mut kept, turn("plain", "words")).await;
    store.delete(gone.id).await.unwrap();
    assert_eq!(store.session(gone.id).await.unwrap(), None);
    assert!(store.read(gone.id, 0).await.unwrap().is_empty());
    assert!(store.search("secretword", 10).await.unwrap().is_empty());
    assert_eq!(store.delete(gone.id).await, Err(StoreError::Missing(gone.id.to_string())));
    assert_eq!(store.counts().await.unwrap(), Counts { sessions: 1, running: 0, waiting: 0 });
    append(&store, &mut kept, turn("plain", "again")).await;
    assert_whole(&store).await;
    for file in ["jamey.db", "jamey.db-wal"] {
        let bytes = std::fs::read(folder.path().join(file)).unwrap_or_default();
        assert!(!bytes.windows(10).any(|window| window == b"secretword"), "{file} still holds the words");
    }
    // A new session never gets the place of an erased one.
    let mut next = create(&store, "/work").await;
    append(&store, &mut next, turn("q", "a")).await;
    assert_whole(&store).await;
}

#[tokio::test]
async fn events_can_neither_be_changed_nor_removed_by_hand() {
    use sqlx::{ConnectOptions, Connection};
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut one = create(&store, "/work").await;
    append(&store, &mut one, turn("q", &"long ".repeat(300))).await;
    store.close().await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path().join("jamey.db"));
    let mut by_hand = options.connect().await.unwrap();
    for statement in [
        "UPDATE events SET at = 0",
        "DELETE FROM events",
        "DELETE FROM events WHERE id = 2",
        "UPDATE bodies SET body = '{}'",
        "DELETE FROM bodies",
        "UPDATE spans SET turn = NULL",
        "DELETE FROM spans",
    ] {
        let refused = sqlx::query(statement).execute(&mut by_hand).await.unwrap_err();
        assert!(refused.to_string().contains("events"), "{refused}");
    }
    by_hand.close().await.unwrap();
    assert_whole(&open(folder.path()).await).await;
}

#[tokio::test]
async fn words_of_several_pieces_are_found_in_their_order_alone() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut one = create(&store, "/work").await;
    append(&store, &mut one, turn("call file_read on C:\\x.txt", "नमस्ते दुनिया, e-mail me at a.b@example.org"))
        .await;
    append(&store, &mut one, turn("read the file", "mail e, txt.x")).await;
    let found = async |words: &str| store.search(words, 10).await.unwrap().len();
    assert_eq!(found("file_read").await, 1);
    assert_eq!(found("file read").await, 2);
    assert_eq!(found("read_file").await, 0);
    assert_eq!(found("e-mail").await, 1);
    assert_eq!(found("x.txt call").await, 1);
    assert_eq!(found("a.b@example.org").await, 1);
    assert_eq!(found("b.a@example.org").await, 0);
    assert_eq!(found("नमस्ते").await, 1);
    assert_eq!(found("FILE_READ").await, 1);
    // Far down behind many that hold the pieces the other way round.
    for _ in 0..150 {
        append(&store, &mut one, turn("read file x", "read file y")).await;
    }
    assert_eq!(found("file_read").await, 1);
}

#[tokio::test]
async fn sessions_that_nobody_touched_are_told_and_erased_only_while_that_is_so() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut old = create(&store, "/work").await;
    let mut running = create(&store, "/work").await;
    append(&store, &mut running, vec![started()]).await;
    let mut new = create(&store, "/work").await;
    new.updated_at = 9000;
    append(&store, &mut new, turn("q", "a")).await;
    assert_eq!(store.untouched(5000).await.unwrap(), [old.id]);
    assert!(!store.delete_untouched(running.id, 5000).await.unwrap());
    assert!(!store.delete_untouched(new.id, 5000).await.unwrap());
    old.updated_at = 6000;
    append(&store, &mut old, turn("just", "now")).await;
    assert!(!store.delete_untouched(old.id, 5000).await.unwrap(), "somebody came meanwhile");
    assert!(store.delete_untouched(old.id, 7000).await.unwrap());
    assert_eq!(store.counts().await.unwrap().sessions, 2);
    assert_whole(&store).await;
}
