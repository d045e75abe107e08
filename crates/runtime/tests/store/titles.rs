//! Finding sessions by what they are called.

use jamey_protocol::{ErrorCode, EventBody, Session};
use jamey_runtime::store::Store;
use tempfile::tempdir;

use crate::sample::{append, create, open, turn};

/// A session that began with `title` and, where there is one, was given `name`.
async fn called(store: &Store, name: Option<&str>, title: &str) -> Session {
    let mut one = create(store, "/work").await;
    one.title = Some(title.into());
    rename(store, &mut one, name).await;
    one
}

async fn rename(store: &Store, session: &mut Session, name: Option<&str>) {
    session.name = name.map(Into::into);
    let renamed = EventBody::SessionUpdated { session: session.clone() };
    append(store, session, vec![renamed]).await;
}

#[tokio::test]
async fn a_title_is_found_by_all_its_words_wherever_whatever_their_case_and_accents() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let cafe = called(&store, None, "Where is the Café in the Überseestraße?").await;
    let path = called(&store, None, "Why does src/main.rs not compile").await;
    let chinese = called(&store, None, "整理花园的笔记").await;
    create(&store, "/nameless").await;
    let found = async |words: &str| store.titled(words, 10).await.unwrap();
    for words in ["café", "CAFE where", "  überSEE\tis ", "ubersee", "Cafe\u{301}"] {
        assert_eq!(found(words).await, std::slice::from_ref(&cafe), "{words}");
    }
    assert_eq!(found("main.rs comp").await, [path]);
    assert_eq!(found("花园").await, [chinese]);
    assert_eq!(found("café compile").await, []);
    assert_eq!(found("nameless").await, [], "a folder is no title");
}

#[tokio::test]
async fn a_session_is_found_by_its_name_alone_once_it_has_one() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut one = called(&store, None, "Hello there").await;
    let found = async |words: &str| store.titled(words, 10).await.unwrap();
    assert_eq!(found("hello").await, [one.clone()]);
    rename(&store, &mut one, Some("Garden")).await;
    assert_eq!(found("garden").await, [one.clone()]);
    assert_eq!(found("hello").await, []);
    rename(&store, &mut one, Some("Balcony")).await;
    assert_eq!(found("garden").await, []);
    assert_eq!(found("balcony").await, [one.clone()]);
    // Words that were said are found as passages, which say what their session is called now.
    append(&store, &mut one, turn("Hello there", "Hello")).await;
    let hits = store.search("hello", 10).await.unwrap();
    assert_eq!(hits.len(), 2);
    assert!(hits.iter().all(|hit| hit.title.as_deref() == Some("Balcony")), "{hits:?}");
    store.delete(one.id).await.unwrap();
    assert_eq!(found("balcony").await, []);
}

#[tokio::test]
async fn the_last_changed_come_first_and_no_more_than_were_asked_for() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut all = Vec::new();
    for number in 0..5 {
        all.insert(0, called(&store, None, &format!("Plan {number}")).await);
    }
    let mut oldest = all.pop().unwrap();
    oldest.updated_at = 9000;
    append(&store, &mut oldest, turn("q", "a")).await;
    all.insert(0, oldest);
    assert_eq!(store.titled("plan", 10).await.unwrap(), all);
    assert_eq!(store.titled("plan", 2).await.unwrap(), all[..2]);
}

#[tokio::test]
async fn what_is_looked_for_in_titles_is_taken_as_it_is_and_has_the_bounds_of_passages() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let odd = called(&store, None, r#"50% of "file_read" isn't [a-z]* \d"#).await;
    called(&store, None, "500 of file-read is not abc").await;
    let found = async |words: &str| store.titled(words, 10).await.unwrap();
    for words in ["50%", "file_read", "\"file_read\"", "isn't", "[a-z]*", r"\d", "% 50% _ \""] {
        assert_eq!(found(words).await, std::slice::from_ref(&odd), "{words}");
    }
    for nothing in
        ["", "  ", "%", "_", "\"", "*", "\0", "5_0", "f%d", "isn''t", "'); DROP TABLE sessions; --"]
    {
        assert_eq!(found(nothing).await, [], "{nothing:?}");
    }
    for long in ["x".repeat(1 << 20), "x ".repeat(100)] {
        assert_eq!(store.titled(&long, 10).await.unwrap_err().code(), ErrorCode::BadRequest);
        assert_eq!(store.titled(&long, 10).await.unwrap_err(), store.search(&long, 10).await.unwrap_err());
    }
}
