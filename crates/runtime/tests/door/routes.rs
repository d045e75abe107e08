//! What the plain routes do.

use jamey_protocol::SessionId;
use serde_json::json;

use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_made_once_named_once_listed_changed_and_deleted() {
    let world = World::start().await;
    let id = SessionId::new();
    let request = json!({"id": id, "cwd": world.work(), "name": "plan"});
    let made = world.call("POST", "/v1/sessions", Some(&request)).await;
    assert_eq!(made.status, 201, "{made:?}");
    let again = world.call("POST", "/v1/sessions", Some(&request)).await;
    assert_eq!((again.status, again.json()), (200, made.json()));
    let other = world.call("POST", "/v1/sessions", Some(&json!({"id": id, "cwd": "/"}))).await;
    assert_eq!(other.status, 409);
    let taken = world.call("POST", "/v1/sessions", Some(&json!({"cwd": world.work(), "name": "plan"}))).await;
    assert_eq!((taken.status, &taken.json()["code"]), (409, &json!("conflict")));

    let second = world.call("POST", "/v1/sessions", Some(&json!({"cwd": "/"}))).await.json();
    let second = second["id"].as_str().unwrap();
    assert_eq!(world.get("/v1/sessions").await.json()["data"].as_array().unwrap().len(), 2);
    assert_eq!(world.get("/v1/sessions?cwd=%2F").await.json()["data"][0]["id"], *second);
    assert_eq!(world.get("/v1/sessions?name=plan").await.json()["data"][0]["id"], json!(id));
    assert_eq!(world.get("/v1/sessions?name=pla").await.json()["data"], json!([]));
    assert_eq!(world.get("/v1/sessions/plan").await.json()["id"], json!(id));
    let page = world.get("/v1/sessions?limit=1").await.json();
    let next = page["next"].as_str().unwrap();
    assert_eq!(
        world.get(&format!("/v1/sessions?limit=1&after={next}")).await.json()["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );

    let found = world.get("/v1/search?q=PLAN").await.json();
    assert_eq!((&found["data"], &found["sessions"][0]["id"]), (&json!([]), &json!(id)));

    let taken = world.call("PATCH", &format!("/v1/sessions/{second}"), Some(&json!({"name": "plan"}))).await;
    assert_eq!(taken.status, 409, "{taken:?}");
    let patch = json!({"name": "other", "settings": {"mode": "read-only"}});
    let changed = world.call("PATCH", &format!("/v1/sessions/{second}"), Some(&patch)).await.json();
    assert_eq!((&changed["name"], &changed["settings"]["mode"]), (&json!("other"), &json!("read-only")));

    assert_eq!(world.call("DELETE", "/v1/sessions/plan", None).await.status, 200);
    assert_eq!(world.get(&format!("/v1/sessions/{id}")).await.status, 404);
    let status = world.get("/v1/status").await.json();
    assert_eq!(status["sessions"], 1);
    assert_eq!(status["pid"], std::process::id());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_without_any_model_or_with_an_unknown_provider_is_refused_with_the_next_step() {
    let world = World::start().await;
    let made = world.call("POST", "/v1/sessions", Some(&json!({"cwd": world.work()}))).await.json();
    let session: SessionId = made["id"].as_str().unwrap().parse().unwrap();
    let none = world.say(session, "hello").await;
    assert_eq!(none.json()["code"], "no_model", "{none:?}");
    assert!(none.json()["hint"].as_str().unwrap().contains("jamey models pull"));
    for (model, code, word) in [
        ("opnai/x", "not_found", "did you mean openai/x?"),
        ("openai/x", "auth", "OPENAI_API_KEY"),
        ("nonsense", "bad_request", "provider/model"),
        ("local/nonsense", "not_found", "there are"),
        ("local/smollm2-135m", "no_model", "jamey models pull"),
    ] {
        let op = json!({"type": "start_turn", "text": "hello", "settings": {"model": model}});
        let answer = world.op(session, op).await;
        let error = answer.json();
        assert_eq!(error["code"], code, "{model}: {answer:?}");
        assert!(error["hint"].as_str().unwrap().contains(word), "{model}: {answer:?}");
        assert!(answer.status < 500);
    }
    // Nothing of that is in the session.
    assert_eq!(world.get(&format!("/v1/sessions/{session}/items")).await.json()["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn configuration_is_shown_without_secrets_changed_in_place_and_holds_for_the_next_turn() {
    let world = World::saying(1).await;
    let path = world.running.host.folders.runtime_toml();
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("# mine\n{text}")).unwrap();
    let set = json!({"key": "models.default", "value": "openai/scripted"});
    let view = world.call("PATCH", "/v1/config", Some(&set)).await;
    assert_eq!(view.status, 200, "{view:?}");
    assert_eq!(view.json()["values"]["models"]["default"], "openai/scripted");
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("# mine\n"));
    let made = world.call("POST", "/v1/sessions", Some(&json!({"cwd": world.work()}))).await.json();
    let session: SessionId = made["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(world.say(session, "hello").await.status, 202);
    let events = world.events(session, 0).await.until_the_turn_ends().await;
    assert!(events.iter().any(|(_, event)| event["body"]["settings"]["model"] == "openai/scripted"));
    for path in ["/v1/config", "/v1/providers", "/v1/status", "/v1/models"] {
        let answer = world.get(path).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(!answer.text.contains("sk-canary"), "{path}");
    }
    // A file that a person breaks changes nothing, and is told of.
    std::fs::write(&path, "[models]\ndefault = 3\n").unwrap();
    let view = world.get("/v1/config").await.json();
    assert_eq!(view["values"]["models"]["default"], "openai/scripted");
    assert!(view["warnings"][0].as_str().unwrap().contains("runtime.toml:2:11: models.default"), "{view}");
    let refused = world.call("PATCH", "/v1/config", Some(&set)).await;
    assert_eq!((refused.status, &refused.json()["code"]), (400, &json!("config")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_of_an_op_is_a_no_op_and_another_op_under_its_id_a_conflict() {
    let world = World::saying(2).await;
    let session = world.new_session().await;
    let path = format!("/v1/sessions/{session}/ops");
    let id = jamey_protocol::OpId::new();
    let op = json!({"opId": id, "op": {"type": "start_turn", "text": "go"}});
    let first = world.call("POST", &path, Some(&op)).await.json();
    world.events(session, 0).await.until_the_turn_ends().await;
    let again = world.call("POST", &path, Some(&op)).await;
    assert_eq!((again.status, &again.json()["turn"]), (202, &first["turn"]));
    let other = json!({"opId": id, "op": {"type": "start_turn", "text": "stop"}});
    assert_eq!(world.call("POST", &path, Some(&other)).await.status, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn how_the_calls_of_providers_went_is_told_in_spans_of_whole_minutes() {
    let world = World::start().await;
    for (query, minutes, spans) in
        [("", 12, 120), ("?hours=1&points=7", 9, 6), ("?hours=1&points=600", 1, 60), ("?points=1", 1440, 1)]
    {
        let past = world.get(&format!("/v1/providers/health{query}")).await.json();
        let number = |name: &str| past[name].as_i64().unwrap();
        assert_eq!(number("spanMs"), minutes * 60_000, "{query}");
        assert_eq!(number("to") - number("from"), spans * minutes * 60_000, "{query}");
        let local = past["providers"].as_array().unwrap().last().unwrap();
        assert_eq!(local["health"]["name"], "local");
        assert_eq!((&local["health"]["gate"], &local["history"]), (&json!("closed"), &json!([])));
    }
    for bad in ["hours=0", "hours=25", "points=0", "points=1441", "days=1"] {
        assert_eq!(world.get(&format!("/v1/providers/health?{bad}")).await.status, 400, "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_monitor_looks_when_asked_and_a_limit_that_is_passed_is_one_notice_everywhere() {
    let world = World::with(&[], vec![("monitor.disk_free_mb", "1000000000".to_owned())]).await;
    let view = world.get("/v1/monitor?hours=1&points=5").await;
    assert_eq!(view.status, 200, "{view:?}");
    let view = view.json();
    assert!(view["now"]["memory"]["totalBytes"].as_u64().unwrap() > 0, "{view}");
    assert!(view["now"]["own"]["memoryBytes"].as_u64().unwrap() > 0, "{view}");
    // A second look finds the same, and says it once.
    let again = world.get("/v1/monitor").await.json();
    let status = world.get("/v1/status").await.json();
    for said in [&view["notices"], &again["notices"], &status["notices"]] {
        let said = said.as_array().unwrap();
        let of_disk = said.iter().filter(|it| it.as_str().unwrap().contains("MB are free on the disk"));
        assert_eq!(of_disk.count(), 1, "{said:?}");
    }
    assert!(status["machine"]["at"].as_i64().unwrap() > 0, "{status}");
    for bad in ["hours=0", "hours=25", "points=2881", "points=-1", "days=1"] {
        assert_eq!(world.get(&format!("/v1/monitor?{bad}")).await.status, 400, "{bad}");
    }
}
