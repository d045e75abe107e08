//! How a runtime begins and ends.

use jamey_runtime::{StartError, start};
use serde_json::json;

use crate::support::{World, options};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_runtime_learns_that_one_lives_and_touches_nothing() {
    let world = World::start().await;
    let second = start(options(&world.dir, &[], Vec::new())).await;
    assert!(matches!(second, Err(StartError::Running(held)) if held.pid == Some(std::process::id())));
    assert_eq!(world.get("/v1/hello").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_to_end_it_closes_turns_streams_and_socket_and_the_next_one_finds_everything() {
    let world = World::saying(200_000).await;
    let session = world.new_session().await;
    let mut events = world.events(session, 0).await;
    assert_eq!(world.say(session, "go").await.status, 202);
    while events.next().await.unwrap().1["body"]["type"] != "itemDelta" {}
    let asked = world.call("POST", "/v1/shutdown", Some(&json!({}))).await;
    assert_eq!(asked.status, 202, "{asked:?}");
    let World { dir, running } = world;
    running.asked_to_end().await;
    let socket = running.host.folders.socket();
    assert!(running.end().await, "it did not end in time");
    assert!(!socket.exists());
    while events.next().await.is_some() {}

    let running = start(options(&dir, &[], Vec::new())).await.unwrap();
    assert_eq!(running.host.notices, Vec::<String>::new(), "the end was clean");
    let world = World { dir, running };
    let kept = world.events(session, 0).await.until_the_turn_ends().await;
    let (_, end) = kept.last().unwrap();
    assert_eq!(end["body"]["outcome"]["type"], "interrupted");
    let items = world.get(&format!("/v1/sessions/{session}/items")).await.json();
    assert_eq!(items["data"][1]["body"]["partial"], true);
    assert!(items["data"][1]["body"]["text"].as_str().unwrap().starts_with("w0 w1 "));
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_does_not_grow_with_the_number_of_sessions_that_were_used() {
    let world = World::saying(1).await;
    for _ in 0..20 {
        let session = world.new_session().await;
        assert_eq!(world.say(session, "go").await.status, 202);
        world.events(session, 0).await.until_the_turn_ends().await;
    }
    // Letting go happens behind the answers; each of these gives it one more chance.
    let sessions = world.running.host.sessions.clone();
    for _ in 0..1000 {
        if sessions.loaded() <= 5 {
            break;
        }
        world.get("/v1/sessions").await;
        let session = world.new_session().await;
        let _ = world.op(session, json!({"type": "interrupt"})).await;
    }
    assert!(sessions.loaded() <= 5, "{} are loaded", sessions.loaded());
}
