//! The runtime looks after itself: what goes wrong while it runs is noticed, put right and told.

use std::{
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use jamey_protocol::monitor::{Room, Sample};
use jamey_runtime::health::{Mend, Wish};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, UnixStream},
};

use crate::support::World;

const BY_ITSELF: Wish = Wish { mend: Mend::ByItself, asks_providers: false };

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

/// The check of that name in a report.
#[track_caller]
fn part<'a>(report: &'a Value, name: &str) -> &'a Value {
    let checks = report["checks"].as_array().unwrap();
    checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("no {name} in {report:#}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_tells_of_each_part_and_of_nothing_that_is_not_there() {
    let world = World::start().await;
    let hello = world.get("/v1/hello").await.json();
    assert!(hello["capabilities"].as_array().unwrap().contains(&json!("health")), "{hello}");
    let report = world.get("/v1/health").await.json();
    for name in ["socket", "folders", "database", "disk", "clock"] {
        assert_ne!(part(&report, name)["state"], "broken", "{report:#}");
    }
    for absent in ["local", "provider", "sandbox", "mcp"] {
        assert!(
            report["checks"].as_array().unwrap().iter().all(|check| check["name"] != absent),
            "{report:#}"
        );
    }
    assert_eq!(report["ok"], true);
    // The last report is shown until the next look.
    assert_eq!(world.get("/v1/health").await.json(), report);
    let status = world.get("/v1/status").await.json();
    assert_eq!(status["checkedAt"], report["checkedAt"]);
    let refused = world.call("POST", "/v1/health", Some(&json!({"repair": true}))).await;
    assert_eq!(refused.status, 400, "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_was_removed_comes_back_and_old_connections_live_on() {
    let world = World::start().await;
    let mut old = UnixStream::connect(world.socket()).await.unwrap();
    let ask = b"GET /v1/hello HTTP/1.1\r\nhost: localhost\r\n\r\n";
    old.write_all(ask).await.unwrap();
    let mut answer = [0; 15];
    old.read_exact(&mut answer).await.unwrap();

    std::fs::remove_file(world.socket()).unwrap();
    let host = &world.running.host;
    let only_told = host.look(Wish::default()).await;
    assert!(!only_told.ok && !world.socket().exists(), "{only_told:?}");
    host.look(BY_ITSELF).await;
    assert_eq!(mode(&world.socket()), 0o600);
    let status = world.get("/v1/status").await.json();
    assert!(
        status["mended"][0]["text"].as_str().unwrap().contains("was removed; it was opened anew"),
        "{status}"
    );
    assert_eq!(status.get("problems").and_then(Value::as_array).map_or(0, Vec::len), 0, "{status}");

    old.write_all(ask).await.unwrap();
    old.read_exact(&mut answer).await.unwrap();
    drop(old);

    // Something in its place is no better than nothing.
    std::fs::remove_file(world.socket()).unwrap();
    std::fs::write(world.socket(), "").unwrap();
    host.look(BY_ITSELF).await;
    assert_eq!(world.get("/v1/hello").await.status, 200);
    // The whole folder may go, and the lock's file with it: there is still one runtime at most.
    std::fs::remove_dir_all(&host.folders.run).unwrap();
    host.look(BY_ITSELF).await;
    assert_eq!(world.get("/v1/hello").await.status, 200);
    assert!(jamey_ipc::instance::Lock::holder(&host.folders).is_some());
    let socket = world.socket();
    assert!(world.running.end().await);
    assert!(!socket.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runtime_whose_place_was_taken_gives_way() {
    let world = World::start().await;
    let host = Arc::clone(&world.running.host);
    std::fs::remove_dir_all(&host.folders.run).unwrap();
    let successor = jamey_ipc::instance::Lock::acquire(&host.folders).unwrap();
    host.look(BY_ITSELF).await;
    world.running.asked_to_end().await;
    assert!(world.running.end().await);
    drop(successor);
}

#[tokio::test(flavor = "multi_thread")]
async fn modes_that_were_loosened_are_closed_and_folders_that_are_gone_are_made() {
    let world = World::start().await;
    let folders = world.running.host.folders.clone();
    std::fs::write(folders.dotenv(), "OPENAI_API_KEY=sk-canary\n").unwrap();
    chmod(&folders.dotenv(), 0o644);
    chmod(&folders.data, 0o755);
    chmod(&folders.run, 0o770);
    std::fs::remove_dir_all(&folders.cache).unwrap();
    let only_told = world.call("POST", "/v1/health", Some(&json!({}))).await.json();
    assert_eq!(only_told["ok"], false, "{only_told:#}");
    assert!(part(&only_told, "folders")["canMend"].as_bool().unwrap());
    assert_eq!(mode(&folders.data), 0o755);
    let mended = world.call("POST", "/v1/health", Some(&json!({"fix": true}))).await.json();
    assert_eq!(mended["ok"], true, "{mended:#}");
    assert_eq!(
        [mode(&folders.dotenv()), mode(&folders.data), mode(&folders.run), mode(&folders.cache)],
        [0o600, 0o700, 0o700, 0o700]
    );
    let status = world.get("/v1/status").await.json();
    assert_eq!(status["mended"].as_array().unwrap().len(), 4, "{status:#}");
}

/// A provider that fails its calls until told otherwise, and counts how often it is asked for its models.
struct Failing {
    base: String,
    is_well: Arc<AtomicBool>,
    lists: Arc<AtomicUsize>,
}

impl Failing {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/v1", listener.local_addr().unwrap());
        let (is_well, lists) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let (well, count) = (Arc::clone(&is_well), Arc::clone(&lists));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = Vec::new();
                while !head.windows(4).any(|four| four == b"\r\n\r\n") {
                    match stream.read_u8().await {
                        Ok(byte) => head.push(byte),
                        Err(_) => break,
                    }
                }
                let is_list = head.starts_with(b"GET /v1/models");
                count.fetch_add(usize::from(is_list), Ordering::SeqCst);
                let (status, body) = match (is_list, well.load(Ordering::SeqCst)) {
                    (true, true) => ("200 OK", r#"{"object":"list","data":[{"id":"scripted"}]}"#),
                    _ => ("401 Unauthorized", r#"{"error":{"message":"no such key"}}"#),
                };
                let answer = format!(
                    "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                    body.len()
                );
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
                // What is left of the request, so that closing is no reset.
                let _ = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut head)).await;
            }
        });
        Self { base, is_well, lists }
    }

    fn lists(&self) -> usize {
        self.lists.load(Ordering::SeqCst)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_failed_is_asked_after_a_while_and_one_that_is_well_never() {
    let failing = Failing::new().await;
    let world =
        World::with(&[("OPENAI_API_KEY", "sk-canary"), ("OPENAI_BASE_URL", &failing.base)], Vec::new()).await;
    let host = Arc::clone(&world.running.host);
    let later = |minutes: u64| Instant::now() + Duration::from_secs(60 * minutes);
    // Never asked by the person, so never by us.
    assert_eq!((host.models.ask_failed(later(600)).await, failing.lists()), (0, 0));
    let session = world.new_session().await;
    assert_eq!(world.say(session, "hello").await.status, 202);
    world.events(session, 0).await.until_the_turn_ends().await;
    // The turn looked for the window of its model there.
    let by_turn = failing.lists();
    let asked = || failing.lists() - by_turn;
    let troubled = host.look(BY_ITSELF).await;
    assert!(
        troubled.checks.iter().any(|check| check.finding.contains("its last call failed")),
        "{troubled:?}"
    );
    assert_eq!(asked(), 0, "it is left alone for two minutes");
    assert_eq!((host.models.ask_failed(later(3)).await, asked()), (1, 1));
    assert_eq!((host.models.ask_failed(later(5)).await, asked()), (0, 1), "the pause has grown");
    failing.is_well.store(true, Ordering::SeqCst);
    assert_eq!(host.models.ask_failed(later(8)).await, 1);
    let status = world.get("/v1/status").await.json();
    assert!(
        status["providers"][0]["finding"].as_str().unwrap().contains("can be reached again"),
        "{status:#}"
    );
    assert_eq!(status["providers"][0]["state"], "fine");
    assert_eq!((host.models.ask_failed(later(6000)).await, asked()), (0, 2), "it is well");
    // Whoever asks for it gets an answer of now.
    let told = world.call("POST", "/v1/health", Some(&json!({"askProviders": true}))).await.json();
    assert_eq!(part(&told, "provider")["finding"], "openai: answers, with 1 models");
    assert_eq!(asked(), 3);
    failing.is_well.store(false, Ordering::SeqCst);
    let told = world.call("POST", "/v1/health", Some(&json!({"askProviders": true}))).await.json();
    assert_eq!(part(&told, "provider")["state"], "warning", "{told:#}");
    assert!(!told.to_string().contains("sk-canary"));
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_that_is_met_is_told_at_once_and_the_runtime_begins_anew_once_an_hour() {
    let world = World::start().await;
    let host = Arc::clone(&world.running.host);
    std::fs::write(host.folders.data.join("jamey.db-suspect"), "").unwrap();
    std::fs::write(host.folders.cache.join("begun-anew"), "").unwrap();
    let report = host.look(BY_ITSELF).await;
    assert!(!report.ok && !host.shutdown.is_cancelled(), "{report:?}");
    let status = world.get("/v1/status").await.json();
    assert!(status["notices"].to_string().contains("the database is damaged"), "{status:#}");
    std::fs::remove_file(host.folders.cache.join("begun-anew")).unwrap();
    host.look(BY_ITSELF).await;
    world.running.asked_to_end().await;
    assert!(host.ending.is_returning());
    // What the person asks outweighs it.
    host.ask_to_end(jamey_protocol::life::Shutdown::default());
    assert!(!host.ending.is_returning());
    assert!(world.running.end().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_that_is_short_is_told_while_it_lasts() {
    let world = World::start().await;
    let host = &world.running.host;
    let sample = |free: u64| {
        let total_bytes = 16_000_000_000;
        Sample { memory: Room { total_bytes, used_bytes: total_bytes - free }, ..Sample::default() }
    };
    host.feel_pressure(&sample(300_000_000)).await;
    let report = host.look(Wish::default()).await;
    let told = report.checks.iter().find(|check| check.name == "memory").unwrap();
    assert!(told.finding.contains("300 MB"), "{told:?}");
    host.feel_pressure(&sample(9_000_000_000)).await;
    let report = host.look(Wish::default()).await;
    assert!(report.checks.iter().all(|check| check.name != "memory"), "{report:?}");
}
