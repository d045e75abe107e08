//! What model calls used: one row each, in the transaction of the events that tell their end.

use jamey_engine::ports::{Count, Durability, Entry, Journal, Spent};
use jamey_protocol::{
    EventBody, Session, TurnId, Usage,
    usage::{UsageBy, UsageRow},
};
use jamey_runtime::store::{Store, StoreError};
use tempfile::tempdir;

use crate::sample::{create, ended, open};

fn used(input: u64, output: u64) -> Usage {
    Usage { input, output, cached: input / 2, ..Usage::default() }
}

/// A call that ended at a moment, with its events.
fn call(session: &Session, at: i64, model: &str, used: Usage, cost_micros: Option<u64>) -> Entry {
    Entry {
        session: session.clone(),
        turn: Some(TurnId::new()),
        at,
        bodies: vec![EventBody::UsageUpdated { usage: used }, ended()],
        op: None,
        spent: Some(Spent { model: model.into(), used, count: Count::Told, cost_micros }),
        durability: Durability::Process,
    }
}

async fn spend(store: &Store, session: &mut Session, at: i64, model: &str, cost: Option<u64>) {
    let entry = call(session, at, model, used(100, 10), cost);
    session.head += store.append(entry).await.unwrap().len() as u64;
}

async fn rows(store: &Store, by: UsageBy) -> Vec<UsageRow> {
    store.usage(by, 0).await.unwrap()
}

const DAY: i64 = 24 * 3600 * 1000;
const NOON: i64 = 20_000 * DAY + DAY / 2;

#[tokio::test]
async fn calls_are_summed_up_by_day_model_and_session() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let (mut one, mut two) = (create(&store, "/work").await, create(&store, "/work").await);
    spend(&store, &mut one, NOON, "a/x", Some(500)).await;
    spend(&store, &mut two, NOON, "b/y", None).await;
    spend(&store, &mut two, NOON + DAY, "a/x", Some(700)).await;
    spend(&store, &mut two, NOON + DAY, "local/z", Some(0)).await;

    let models = rows(&store, UsageBy::Model).await;
    let first = &models[0];
    assert_eq!(first.model.as_deref(), Some("a/x"));
    assert_eq!((first.used.calls, first.used.cost_micros, first.used.unpriced_calls), (2, 1200, 0));
    assert_eq!(first.used.tokens, Usage { input: 200, output: 20, cached: 100, ..Usage::default() });
    assert_eq!(models.iter().map(|row| row.used.unpriced_calls).sum::<u64>(), 1);

    let days = rows(&store, UsageBy::Day).await;
    assert_eq!(days.len(), 4, "a day and a model each");
    assert!(days[0].day > days[3].day && days[0].model.as_deref() == Some("a/x"), "{days:?}");
    assert_eq!(store.usage(UsageBy::Day, NOON + 1).await.unwrap().len(), 2);

    let sessions = rows(&store, UsageBy::Session).await;
    assert_eq!((sessions[0].session, sessions[0].used.calls), (Some(two.id), 3));
    let by_day = store.spent_by_day(0).await.unwrap();
    let sums: Vec<_> = by_day.iter().map(|(_, tokens, cost)| (*tokens, *cost)).collect();
    assert_eq!(sums, [(220, 500), (110, 700)], "the local model is not counted");
    assert_eq!(Some(by_day[1].0.as_str()), days[0].day.as_deref());
    assert_eq!(store.spent_by_day(NOON + 1).await.unwrap(), by_day[1..]);
}

#[tokio::test]
async fn a_call_of_no_session_is_a_row_too() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut session = create(&store, "/work").await;
    spend(&store, &mut session, NOON, "a/x", Some(500)).await;
    let spent = Spent { model: "a/x".into(), used: used(9, 1), count: Count::Told, cost_micros: Some(7) };
    store.spend(NOON + 1, spent).await.unwrap();
    let models = rows(&store, UsageBy::Model).await;
    assert_eq!((models[0].used.calls, models[0].used.cost_micros), (2, 507));
    let sessions = rows(&store, UsageBy::Session).await;
    let of: Vec<_> = sessions.iter().map(|row| (row.session, row.used.calls)).collect();
    assert_eq!(of, [(Some(session.id), 1), (None, 1)]);
    let (_, tokens, cost) = store.spent_by_day(NOON + 1).await.unwrap().remove(0);
    assert_eq!((tokens, cost), (10, 7));
}

#[tokio::test]
async fn what_nobody_told_is_marked_as_an_estimate() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut session = create(&store, "/work").await;
    spend(&store, &mut session, NOON, "a/x", None).await;
    let mut entry = call(&session, NOON, "a/x", used(30, 3), None);
    if let Some(spent) = &mut entry.spent {
        spent.count = Count::Estimated;
    }
    store.append(entry).await.unwrap();
    let row = &rows(&store, UsageBy::Model).await[0];
    assert_eq!((row.used.calls, row.used.estimated_calls, row.used.tokens.input), (2, 1, 130));
}

#[tokio::test]
async fn an_absurd_count_leaves_reports_and_limits_readable() {
    use sqlx::{ConnectOptions, Connection};
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut session = create(&store, "/work").await;
    spend(&store, &mut session, NOON, "a/x", Some(5)).await;
    for _ in 0..3 {
        let entry = call(&session, NOON, "a/x", used(u64::MAX, u64::MAX), Some(u64::MAX));
        session.head += store.append(entry).await.unwrap().len() as u64;
    }
    store.close().await;
    // As an earlier version kept one.
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path().join("jamey.db"));
    let mut by_hand = options.connect().await.unwrap();
    let absurd = "UPDATE ledger SET input = 9223372036854775807, cost = 9223372036854775807 WHERE key = 2";
    sqlx::query(absurd).execute(&mut by_hand).await.unwrap();
    by_hand.close().await.unwrap();
    let store = open(folder.path()).await;
    for by in [UsageBy::Day, UsageBy::Model, UsageBy::Session] {
        let row = &rows(&store, by).await[0];
        assert_eq!((row.used.calls, row.used.cost_micros > 1_000_000), (4, true), "{by:?}");
    }
    let (_, tokens, cost) = store.spent_by_day(0).await.unwrap().remove(0);
    assert!(tokens > 1_000_000 && cost > 1_000_000, "{tokens} {cost}");
}

#[tokio::test]
async fn a_row_is_kept_with_its_events_or_not_at_all() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut session = create(&store, "/work").await;
    spend(&store, &mut session, NOON, "a/x", Some(5)).await;
    // As after a lost answer: the same call is told once more, at a place that is taken.
    let stale = Session { head: 1, ..session.clone() };
    let refused = Journal::append(&store, call(&stale, NOON, "a/x", used(1, 1), Some(5))).await;
    assert!(refused.is_err());
    assert_eq!(rows(&store, UsageBy::Model).await[0].used.calls, 1);
    store.close().await;
    let store = open(folder.path()).await;
    assert_eq!(rows(&store, UsageBy::Model).await[0].used.cost_micros, 5);
}

#[tokio::test]
async fn a_deleted_session_leaves_what_it_cost_and_nothing_else() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let (mut gone, mut stays) = (create(&store, "/work").await, create(&store, "/work").await);
    (gone.name, stays.name) = (Some("secret plan".into()), Some("garden".into()));
    spend(&store, &mut gone, NOON, "a/x", Some(900)).await;
    spend(&store, &mut stays, NOON, "a/x", Some(100)).await;
    assert_eq!(rows(&store, UsageBy::Session).await[0].name.as_deref(), Some("secret plan"));
    store.delete(gone.id).await.unwrap();
    let left = rows(&store, UsageBy::Session).await;
    assert_eq!(
        (left[0].session, left[0].name.as_deref(), left[0].used.cost_micros),
        (Some(gone.id), None, 900)
    );
    assert_eq!(left[1].name.as_deref(), Some("garden"));
    assert!(matches!(store.delete(gone.id).await, Err(StoreError::Missing(_))));
    store.close().await;
    let bytes = std::fs::read(folder.path().join("jamey.db")).unwrap();
    assert!(!bytes.windows(11).any(|window| window == b"secret plan"));
}
