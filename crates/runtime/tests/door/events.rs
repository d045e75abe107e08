//! Streams of events: complete, in order, once.

use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::UnixStream};

use crate::support::{Events, World};

fn text_of(events: &[(Option<u64>, Value)]) -> String {
    let deltas = events.iter().filter(|(_, event)| event["body"]["type"] == "itemDelta");
    deltas.map(|(_, event)| event["body"]["delta"]["text"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_clients_that_attach_at_any_time_see_the_same_events_without_gap_or_double() {
    let world = std::sync::Arc::new(World::saying(3000).await);
    let session = world.new_session().await;
    let first = {
        let world = world.clone();
        tokio::spawn(async move { world.events(session, 0).await.until_the_turn_ends().await })
    };
    assert_eq!(world.say(session, "go").await.status, 202);
    // These attach while words stream, each a little later.
    let mut later = Vec::new();
    for _ in 0..12 {
        let world = world.clone();
        later.push(tokio::spawn(async move { world.events(session, 0).await.until_the_turn_ends().await }));
        tokio::task::yield_now().await;
    }
    let durable = |events: Vec<(Option<u64>, Value)>| -> Vec<(u64, Value)> {
        events.into_iter().filter_map(|(id, event)| Some((id?, event))).collect()
    };
    let whole: String = (0..3000).map(|number| format!("w{number} ")).collect();
    let first = first.await.unwrap();
    assert_eq!(text_of(&first), whole);
    let expected = durable(first);
    let ids: Vec<u64> = expected.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, (1..=ids.len() as u64).collect::<Vec<_>>());
    for client in later {
        let seen = client.await.unwrap();
        // Deltas begin at 0 or not at all (the item was complete already).
        let text = text_of(&seen);
        assert!(text.is_empty() || text == whole, "{} of {} bytes", text.len(), whole.len());
        assert_eq!(durable(seen), expected);
    }
    // Resuming in the middle gives exactly the rest.
    let rest = world.events(session, 4).await.until_the_turn_ends().await;
    assert_eq!(durable(rest), expected[4..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_reads_is_let_go_and_the_turn_goes_on() {
    let world = World::saying(60_000).await;
    let session = world.new_session().await;
    let mut lazy = UnixStream::connect(world.socket()).await.unwrap();
    let request = format!("GET /v1/sessions/{session}/events HTTP/1.1\r\nhost: x\r\n\r\n");
    lazy.write_all(request.as_bytes()).await.unwrap();
    let mut lazy = Events::begin(lazy).await;
    assert_eq!(world.say(session, "go").await.status, 202);
    let mut eager = world.events(session, 0).await;
    // It may be too slow for 60,000 events as well; then it resumes, as clients do.
    let mut last = 0;
    loop {
        match eager.next().await {
            Some((id, event)) => {
                last = id.unwrap_or(last);
                if event["body"]["type"] == "turnEnded" {
                    assert_eq!(event["body"]["outcome"]["type"], "completed");
                    break;
                }
            }
            None => eager = world.events(session, last).await,
        }
    }
    // What it did get is in order; then its stream ends or it has caught up.
    let mut previous = 0;
    while let Some((id, event)) = lazy.next().await {
        if let Some(id) = id {
            assert_eq!(id, previous + 1);
            previous = id;
        }
        if event["body"]["type"] == "turnEnded" {
            return;
        }
    }
    let rest = world.events(session, previous).await.until_the_turn_ends().await;
    assert_eq!(rest[0].0, Some(previous + 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_of_all_sessions_tells_of_each_from_now_on_or_from_a_place() {
    let world = World::saying(2).await;
    let before = world.new_session().await;
    let mut stream = UnixStream::connect(world.socket()).await.unwrap();
    stream.write_all(b"GET /v1/events HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut all = Events::begin(stream).await;
    let (place, first) = all.next().await.unwrap();
    assert_eq!(first["body"], json!({"type": "configChanged", "paused": false}));
    assert_eq!((first["session"].as_str(), place), (Some("00000000-0000-0000-0000-000000000000"), Some(1)));
    let (one, two) = (world.new_session().await, world.new_session().await);
    assert_eq!(world.say(one, "go").await.status, 202);
    let mut seen = Vec::new();
    let mut ended = false;
    while !ended {
        let (id, event) = all.next().await.unwrap();
        seen.push((id.unwrap(), event["session"].clone()));
        ended = event["body"]["type"] == "turnEnded";
    }
    assert!(seen.windows(2).all(|pair| pair[0].0 < pair[1].0));
    assert!(seen.iter().any(|(_, session)| *session == json!(two)));
    assert!(seen.iter().all(|(_, session)| *session != json!(before)));
    let mut stream = UnixStream::connect(world.socket()).await.unwrap();
    stream.write_all(b"GET /v1/events HTTP/1.1\r\nhost: x\r\nlast-event-id: 0\r\n\r\n").await.unwrap();
    let mut again = Events::begin(stream).await;
    let (place, first) = again.next().await.unwrap();
    assert_eq!((place, &first["body"]["type"]), (Some(0), &json!("configChanged")), "a place to resume from");
    assert_eq!(again.next().await.unwrap().1["session"], json!(before));
    // After a backup was put back, a client may know a place that lies ahead.
    let mut stream = UnixStream::connect(world.socket()).await.unwrap();
    stream.write_all(b"GET /v1/events?after=1000000 HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut ahead = Events::begin(stream).await;
    let (place, _) = ahead.next().await.unwrap();
    assert!(place.is_some_and(|place| place < 1000), "{place:?}");
    let three = world.new_session().await;
    assert_eq!(ahead.next().await.unwrap().1["session"], json!(three));
}
