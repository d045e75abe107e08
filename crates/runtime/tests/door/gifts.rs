//! Files that go along, files that are looked for, and what a turn is counted as.

use serde_json::{Value, json};

use crate::support::{Answer, World};

async fn upload(world: &World, session: &str, name: &str, bytes: &[u8]) -> Answer {
    let mut request = format!(
        "POST /v1/sessions/{session}/attachments?name={name} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-type: application/octet-stream\r\ncontent-length: {}\r\n\r\n",
        bytes.len()
    )
    .into_bytes();
    request.extend_from_slice(bytes);
    world.raw(&request).await
}

/// The head of a PNG of that size.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_kept_with_its_session_named_in_an_op_and_gone_with_it() {
    let world = World::saying(1).await;
    let session = world.new_session().await.to_string();
    let kept = upload(&world, &session, "notes.txt", b"the moon is new").await;
    assert_eq!(kept.status, 201, "{kept:?}");
    let kept = kept.json();
    assert_eq!((&kept["mediaType"], &kept["bytes"]), (&json!("text/plain"), &json!(15)), "{kept}");
    let path = format!("/v1/sessions/{session}/attachments/{}", kept["id"].as_str().unwrap());
    assert_eq!(world.get(&path).await.text, "the moon is new");
    assert!(world.get("/v1/status").await.json()["data"]["fileBytes"].as_u64().unwrap() > 15);

    let id: jamey_protocol::SessionId = session.parse().unwrap();
    let mut events = world.events(id, 0).await;
    let op = json!({"type": "start_turn", "text": "", "attachments": [kept["id"]]});
    assert_eq!(world.op(id, op).await.status, 202);
    events.until_the_turn_ends().await;
    let items = world.get(&format!("/v1/sessions/{session}/items")).await.json();
    assert_eq!(items["data"][0]["body"]["attachments"], json!([kept]), "{items}");
    assert_eq!(world.get(&format!("/v1/sessions/{session}")).await.json()["title"], "notes.txt");

    let other = world.new_session().await;
    let foreign = json!({"type": "start_turn", "text": "x", "attachments": [kept["id"]]});
    assert_eq!(world.op(other, foreign).await.status, 404, "a file belongs to its session");
    let steer = json!({"type": "steer", "text": "x", "attachments": [kept["id"]]});
    assert_eq!(world.op(other, steer).await.status, 409);
    assert_eq!(world.call("DELETE", &format!("/v1/sessions/{session}"), None).await.status, 200);
    assert_eq!(world.get(&path).await.status, 404);
    assert!(!world.running.host.blobs.0.join(&session).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_model_takes_is_refused_with_the_reason() {
    let world = World::start().await;
    let made = world.call("POST", "/v1/sessions", Some(&json!({"cwd": world.work()}))).await.json();
    let session = made["id"].as_str().unwrap();
    for (name, bytes, status, word) in [
        ("a.png", png(9_000, 10), 400, "9000 x 10 pixels"),
        ("a.exe", b"MZ\x90\0\xff".to_vec(), 400, "neither UTF-8 text nor"),
        ("a.txt", Vec::new(), 400, "empty"),
        ("", b"x".to_vec(), 400, "no name"),
        ("big", vec![b'x'; 20 * 1024 * 1024 + 1], 413, "20 MiB"),
    ] {
        let answer = upload(&world, session, name, &bytes).await;
        assert_eq!(answer.status, status, "{name} {answer:?}");
        assert!(answer.text.contains(word), "{name} {answer:?}");
    }
    assert_eq!(upload(&world, "nowhere", "a", b"x").await.status, 404);
    assert_eq!(upload(&world, session, "a.svg", b"<svg/>").await.json()["mediaType"], "text/plain");
    let json_only =
        world.call("POST", &format!("/v1/sessions/{session}/attachments?name=x"), Some(&json!({}))).await;
    assert_eq!(json_only.status, 415);
    assert_eq!(world.get(&format!("/v1/sessions/{session}/attachments/nonsense")).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_cannot_see_is_refused_an_image_before_it_is_asked() {
    let base = crate::support::scripted_model(1).await;
    let blind = "{\"openai/scripted\": {\"vision\": false}}";
    let variables = [
        ("OPENAI_API_KEY", "sk-canary"),
        ("OPENAI_BASE_URL", base.as_str()),
        ("JAMEY_MODELS_CATALOGUE", blind),
    ];
    let world = World::with(&variables, Vec::new()).await;
    let session = world.new_session().await;
    let image = upload(&world, &session.to_string(), "p.png", &png(4, 4)).await.json();
    let op = json!({"type": "start_turn", "text": "look", "attachments": [image["id"]]});
    let refused = world.op(session, op).await;
    assert_eq!((refused.status, &refused.json()["code"]), (400, &json!("bad_request")), "{refused:?}");
    assert!(refused.text.contains("openai/scripted cannot look at images such as p.png"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_found_for_a_composer_and_wrong_folders_are_a_4xx() {
    let world = World::start().await;
    std::fs::write(world.work().join("readme.md"), "").unwrap();
    std::fs::create_dir(world.work().join("docs")).unwrap();
    let work = world.work().display().to_string();
    let found = world.get(&format!("/v1/files?cwd={work}&q=read")).await.json();
    assert_eq!(found["data"], json!([{"path": "readme.md", "isFolder": false}]));
    assert_eq!(world.get(&format!("/v1/files?cwd={work}")).await.json()["data"].as_array().unwrap().len(), 2);
    for query in [
        "cwd=work".to_owned(),
        format!("cwd={work}/none"),
        format!("cwd={work}/readme.md"),
        format!("cwd={work}&limit=0"),
        format!("cwd={work}&limit=201"),
        format!("cwd={work}&words=x"),
        format!("cwd={work}&q={}", "x".repeat(501)),
        String::new(),
    ] {
        let answer = world.get(&format!("/v1/files?{query}")).await;
        assert_eq!(answer.status, 400, "{query} {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_is_a_row_of_the_ledger_and_wrong_questions_are_a_4xx() {
    let world = World::saying(2).await;
    let session = world.new_session().await;
    let mut events = world.events(session, 0).await;
    world.say(session, "hello").await;
    events.until_the_turn_ends().await;
    let report = world.get("/v1/usage").await.json();
    assert_eq!((&report["by"], &report["total"]["calls"]), (&json!("day"), &json!(1)), "{report}");
    assert_eq!(report["rows"][0]["model"], "openai/scripted");
    assert_eq!(report["rows"][0]["unpricedCalls"], 1, "no price is known at an address of one's own");
    assert_eq!(report["from"].as_str().unwrap().len(), 10);
    let by_session = world.get("/v1/usage?by=session&days=1").await.json();
    assert_eq!(by_session["rows"][0]["session"], json!(session));
    assert_eq!(by_session["limits"], Value::Array(Vec::new()));
    for query in ["by=hour", "days=0", "days=4000", "x=1"] {
        assert_eq!(world.get(&format!("/v1/usage?{query}")).await.status, 400, "{query}");
    }
}
