//! The child that runs the weights, played by a script: started on demand, one at a time, started anew
//! after it ended, ended with its owner, and never given a secret.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, time::Duration};

use futures_util::StreamExt as _;
use jamey_engine::ports::{Chunk, ErrorKind, Message, Provider, ProviderError, Request};
use jamey_protocol::ErrorCode;
use jamey_providers::{
    LocalOptions, LocalProvider,
    local::{Entry, Protocol, Unloaded},
};
use tokio_util::sync::CancellationToken;

/// Serves one connection after the other and answers with its own pid and the folder it was told; what
/// the request says decides whether it dies. Ends when its stdin does.
const CHILD: &str = r#"#!/usr/bin/env python3
import json, os, socket, sys, threading
flags = dict(zip(sys.argv[2::2], sys.argv[3::2]))
here = os.path.dirname(os.path.abspath(sys.argv[0]))
with open(os.path.join(here, "started"), "a") as log:
    log.write(os.path.basename(flags["--model"]) + "\n")
with open(os.path.join(here, "env"), "w") as out:
    out.write("\n".join(os.environ))
if os.path.exists(os.path.join(here, "refuse")):
    print(json.dumps({"error": {"code": "not_gguf", "message": "x is not a GGUF file", "hint": "download it again"}}), flush=True)
    sys.exit(1)
if os.path.exists(os.path.join(here, "crash")):
    print("out of luck", file=sys.stderr)
    os._exit(7)
def leave():
    sys.stdin.read()
    os._exit(0)
threading.Thread(target=leave, daemon=True).start()
server = socket.socket(socket.AF_UNIX)
server.bind(flags["--socket"])
server.listen()
print(json.dumps({"ready": True, "load_ms": 1, "context": 4096}), flush=True)
def chunk(text):
    body = ("data: " + text + "\n\n").encode()
    return b"%x\r\n%s\r\n" % (len(body), body)
def talk(connection):
    data = connection.makefile("rb")
    while True:
        line = data.readline()
        if not line:
            return
        length = 0
        while line not in (b"\r\n", b""):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
            line = data.readline()
        request = json.loads(data.read(length))
        said = request["messages"][-1]["content"]
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        text = "%d %s %s" % (os.getpid(), request["jamey"]["cwd"], flags["--protocol"])
        connection.sendall(chunk(json.dumps({"choices": [{"delta": {"content": text}}]})))
        if said == "die":
            print("llama: assertion", file=sys.stderr, flush=True)
            os._exit(3)
        if said == "leave":
            os._exit(0)
        if said == "wait":
            threading.Event().wait()
        connection.sendall(chunk(json.dumps({"choices": [{"delta": {}, "finish_reason": "stop"}]})) + chunk("[DONE]") + b"0\r\n\r\n")
while True:
    connection, _ = server.accept()
    threading.Thread(target=talk, args=(connection,), daemon=True).start()
"#;

fn provider(folder: &Path) -> LocalProvider {
    let binary = folder.join("jamey-local-model");
    fs::write(&binary, CHILD).unwrap();
    fs::set_permissions(&binary, fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir_all(folder.join("models")).unwrap();
    let entry = |name: &str, protocol| Entry {
        file: format!("{name}.gguf").into(),
        bytes: Some(4),
        memory_bytes: 1,
        protocol,
        ..Entry::of_file(name, "/".into())
    };
    let provider = LocalProvider::new(LocalOptions {
        models_dir: folder.join("models"),
        cache_dir: folder.join("cache"),
        run_dir: folder.join("run"),
        binary,
        idle: Duration::from_secs(60),
        context: None,
        threads: Some(1),
        extra: vec![entry("a", Protocol::Line), entry("b", Protocol::Native)],
    });
    for name in ["a", "b"] {
        fs::write(folder.join(format!("models/{name}.gguf")), "GGUF").unwrap();
    }
    provider
}

fn request(model: &str, text: &str) -> Request {
    let messages = vec![Message::user(text)];
    Request { model: model.into(), messages, cwd: "/work here".into(), ..Request::default() }
}

async fn ask(provider: &LocalProvider, model: &str, text: &str) -> (String, Option<ProviderError>) {
    let mut stream = provider.stream(request(model, text), CancellationToken::new());
    let mut said = String::new();
    let mut last = None;
    while let Some(item) = stream.next().await {
        assert!(last.is_none(), "after the end: {item:?}");
        match item {
            Ok(Chunk::Text(text)) => said.push_str(&text),
            Ok(Chunk::End(_)) => last = Some(None),
            Ok(_) => {}
            Err(error) => last = Some(Some(error)),
        }
    }
    (said, last.unwrap())
}

async fn answer(provider: &LocalProvider, model: &str) -> String {
    let (said, error) = ask(provider, model, "hello").await;
    assert_eq!(error, None);
    said
}

fn started(folder: &Path) -> Vec<String> {
    fs::read_to_string(folder.join("started")).unwrap_or_default().lines().map(str::to_owned).collect()
}

fn is_running(pid: u32) -> bool {
    rustix::process::test_kill_process(rustix::process::Pid::from_raw(pid as i32).unwrap()).is_ok()
}

#[tokio::test]
async fn the_child_starts_on_demand_and_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let provider = provider(folder.path());
    assert!(provider.children().is_empty() && started(folder.path()).is_empty());
    let first = answer(&provider, "a").await;
    assert!(first.ends_with("/work here line"), "{first}");
    assert_eq!(answer(&provider, "a").await, first);
    let pid = provider.children()[0].pid;
    assert!(first.starts_with(&pid.to_string()) && is_running(pid));
    let models = provider.models().await.unwrap();
    let a = models.iter().find(|model| model.id == "local/a").unwrap();
    assert_eq!((a.context, a.weights.as_ref().unwrap().installed), (Some(4096), true));
    assert_eq!(provider.default_model().as_deref(), Some("a"));
    provider.unload().await;
    assert!(provider.children().is_empty() && !is_running(pid));
    assert_eq!(started(folder.path()), ["a.gguf"]);
}

#[tokio::test]
async fn another_model_takes_the_place_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let provider = provider(folder.path());
    answer(&provider, "a").await;
    let first = provider.children()[0].pid;
    assert!(answer(&provider, "b").await.ends_with("native"));
    assert!(!is_running(first));
    assert_eq!(
        (provider.children().len(), started(folder.path())),
        (1, vec!["a.gguf".into(), "b.gguf".into()])
    );
    provider.unload().await;
}

#[tokio::test]
async fn many_first_requests_start_one_child() {
    let folder = tempfile::tempdir().unwrap();
    let provider = provider(folder.path());
    let (one, two, three) =
        tokio::join!(answer(&provider, "a"), answer(&provider, "a"), answer(&provider, "a"));
    assert!(one == two && two == three);
    assert_eq!(started(folder.path()).len(), 1);
}

#[tokio::test]
async fn a_child_that_ended_by_itself_is_started_again() {
    let folder = tempfile::tempdir().unwrap();
    let provider = provider(folder.path());
    let (said, error) = ask(&provider, "a", "leave").await;
    let error = error.unwrap();
    assert!(!said.is_empty() && error.kind == ErrorKind::Truncated, "{error:?}");
    answer(&provider, "a").await;
    assert_eq!(started(folder.path()).len(), 2);
}

#[tokio::test]
async fn a_death_is_one_clear_error_and_the_third_in_a_row_is_final() {
    let folder = tempfile::tempdir().unwrap();
    let provider = provider(folder.path());
    for round in 1..=3 {
        let (said, error) = ask(&provider, "a", "die").await;
        let error = error.unwrap();
        assert!(!said.is_empty());
        assert!(error.message.contains("code 3") && error.message.contains("llama: assertion"), "{error:?}");
        assert_eq!(error.kind, if round < 3 { ErrorKind::Truncated } else { ErrorKind::BadRequest });
    }
    answer(&provider, "a").await;
    let error = ask(&provider, "a", "die").await.1.unwrap();
    assert_eq!(error.kind, ErrorKind::Truncated);
}

#[tokio::test]
async fn what_the_child_says_about_a_bad_file_is_passed_on() {
    let folder = tempfile::tempdir().unwrap();
    let provider = provider(folder.path());
    fs::write(folder.path().join("refuse"), "").unwrap();
    let error = ask(&provider, "a", "x").await.1.unwrap();
    assert_eq!(error.message, "the local model a cannot start: x is not a GGUF file");
    assert_eq!((error.kind, error.hint.as_deref()), (ErrorKind::BadRequest, Some("download it again")));
    fs::rename(folder.path().join("refuse"), folder.path().join("crash")).unwrap();
    let error = ask(&provider, "a", "x").await.1.unwrap();
    assert!(error.message.contains("code 7") && error.message.contains("out of luck"), "{error:?}");
    fs::remove_file(folder.path().join("crash")).unwrap();
    answer(&provider, "a").await;
}

#[tokio::test]
async fn a_missing_model_or_program_is_said_plainly() {
    let folder = tempfile::tempdir().unwrap();
    let provider = provider(folder.path());
    let error = ask(&provider, "smollm2-135m", "x").await.1.unwrap();
    assert_eq!(error.kind, ErrorKind::NotFound);
    assert_eq!(error.hint.as_deref(), Some("fetch it with `jamey models pull smollm2-135m`"));
    assert!(ask(&provider, "nope", "x").await.1.unwrap().hint.unwrap().contains("smollm2-135m"));
    fs::remove_file(folder.path().join("jamey-local-model")).unwrap();
    let error = ask(&provider, "a", "x").await.1.unwrap();
    assert!(error.message.contains("is not there") && !error.kind.is_passing(), "{error:?}");
}

#[tokio::test]
async fn a_dropped_provider_leaves_no_child() {
    let folder = tempfile::tempdir().unwrap();
    let provider = provider(folder.path());
    let mut stream = provider.stream(request("a", "wait"), CancellationToken::new());
    assert!(matches!(stream.next().await, Some(Ok(Chunk::Text(_)))));
    let pid = provider.children()[0].pid;
    drop((stream, provider));
    tokio::time::timeout(Duration::from_secs(20), async {
        while is_running(pid) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_waiting_request_can_be_cancelled_and_the_child_stays() {
    let folder = tempfile::tempdir().unwrap();
    let provider = provider(folder.path());
    let cancel = CancellationToken::new();
    let mut stream = provider.stream(request("a", "wait"), cancel.clone());
    assert!(matches!(stream.next().await, Some(Ok(Chunk::Text(_)))));
    cancel.cancel();
    assert_eq!(stream.next().await.unwrap().unwrap_err().kind, ErrorKind::Cancelled);
    assert!(stream.next().await.is_none());
    answer(&provider, "a").await;
    assert_eq!(started(folder.path()).len(), 1);
}

#[tokio::test]
async fn the_child_inherits_only_what_a_program_needs() {
    let folder = tempfile::tempdir().unwrap();
    answer(&provider(folder.path()), "a").await;
    let env = fs::read_to_string(folder.path().join("env")).unwrap();
    let strange = ["HOME", "USER", "CARGO", "RUST", "XDG"];
    assert!(env.lines().all(|name| !strange.iter().any(|start| name.starts_with(start))), "{env}");
    assert!(env.lines().any(|name| name == "PATH"));
}

#[tokio::test]
async fn a_removed_model_is_gone_with_its_leftovers_and_its_child() {
    let folder = tempfile::tempdir().unwrap();
    let provider = provider(folder.path());
    answer(&provider, "a").await;
    let pid = provider.children()[0].pid;
    fs::write(folder.path().join("models/a.gguf.part"), "x").unwrap();
    fs::create_dir_all(folder.path().join("cache/a")).unwrap();
    provider.remove("local/a").await.unwrap();
    assert!(!is_running(pid) && !folder.path().join("cache/a").exists());
    let names: Vec<_> =
        fs::read_dir(folder.path().join("models")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["b.gguf"]);
    assert_eq!(provider.remove("a").await.unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(provider.default_model().as_deref(), Some("b"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_makes_room_unless_it_is_in_the_middle_of_an_answer() {
    let folder = tempfile::tempdir().unwrap();
    let provider = provider(folder.path());
    assert_eq!(provider.unload_if_idle().await, Unloaded::Nothing);
    let cancel = CancellationToken::new();
    let mut answer = provider.stream(request("a", "wait"), cancel.clone());
    assert!(matches!(answer.next().await, Some(Ok(Chunk::Text(_)))));
    assert_eq!(provider.unload_if_idle().await, Unloaded::Busy);
    assert_eq!(provider.condition().loaded.as_deref(), Some("a"));
    cancel.cancel();
    while answer.next().await.is_some() {}
    drop(answer);
    assert_eq!(provider.unload_if_idle().await, Unloaded::Model("a".to_owned()));
    assert!(provider.children().is_empty());
    assert_eq!(ask(&provider, "a", "hi").await.1, None, "the next request starts it again");
}

#[tokio::test(flavor = "multi_thread")]
async fn deaths_are_counted_with_how_and_until_when_it_waits_and_an_answer_forgets_them() {
    let folder = tempfile::tempdir().unwrap();
    let provider = provider(folder.path());
    assert!(provider.condition().has_program && provider.condition().deaths == 0);
    for deaths in 1..=2 {
        assert!(ask(&provider, "a", "die").await.1.is_some());
        let condition = provider.condition();
        assert_eq!(condition.deaths, deaths);
        assert!(condition.last_death.unwrap().contains("llama: assertion"));
        assert!(condition.next_start.is_some());
    }
    fs::write(folder.path().join("crash"), "").unwrap();
    assert!(ask(&provider, "a", "hi").await.1.is_some());
    assert_eq!(provider.condition().deaths, 3, "one that dies before it serves counts as well");
    fs::remove_file(folder.path().join("crash")).unwrap();
    assert_eq!(ask(&provider, "a", "hi").await.1, None);
    assert_eq!(provider.condition().deaths, 0);
}
