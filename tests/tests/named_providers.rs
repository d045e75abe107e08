//! Servers under names of a person's own, in every dialect, and a server of Ollama that fetches its models.
#![cfg(unix)]

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, mpsc},
    thread,
};

use jamey_tests::{Home, Runtime, home::KEY, wait};
use rustix::process::Signal;
use serde_json::{Value, json};

/// One request: its head, and its body as JSON.
#[derive(Clone, Debug)]
struct Asked {
    head: String,
    body: Value,
}

impl Asked {
    fn line(&self) -> &str {
        self.head.lines().next().unwrap_or_default().trim_end_matches(" HTTP/1.1")
    }
}

/// A server that is told what to write for each request.
struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    fn new(answer: impl Fn(&Asked, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let (log, answer) = (Arc::clone(&asked), Arc::new(answer));
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                thread::spawn(move || {
                    if let Some(request) = read(&stream) {
                        log.lock().unwrap().push(request.clone());
                        answer(&request, &mut stream);
                    }
                });
            }
        });
        Self { port, asked }
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head
        .to_lowercase()
        .lines()
        .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Asked { head, body: serde_json::from_slice(&body).unwrap_or_default() })
}

fn send(stream: &mut TcpStream, status: &str, content_type: &str, body: &str) {
    let head = format!("HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\nconnection: close\r\n");
    let _ = write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len());
}

#[test]
fn every_kind_is_spoken_to_in_its_dialect_at_an_address_of_its_own() {
    let server = Server::new(|_, stream| {
        send(stream, "400 Bad Request", "application/json", "{\"error\":{\"message\":\"not today\"}}");
    });
    let base = format!("http://127.0.0.1:{}/way", server.port);
    let kinds = [
        ("openai-compatible", "/v1", "POST /way/v1/chat/completions", "authorization: bearer "),
        ("openai", "/v1", "POST /way/v1/chat/completions", "authorization: bearer "),
        ("openai-responses", "/v1", "POST /way/v1/responses", "authorization: bearer "),
        ("openai-responses", "/v1/responses", "POST /way/v1/responses", "authorization: bearer "),
        ("anthropic", "", "POST /way/v1/messages", "x-api-key: "),
        ("anthropic", "/v1/messages", "POST /way/v1/messages", "x-api-key: "),
        ("gemini", "", "POST /way/v1beta/models/m:streamGenerateContent?alt=sse", "x-goog-api-key: "),
        ("azure", "", "POST /way/openai/v1/chat/completions", "api-key: "),
        ("ollama", "", "POST /way/api/show", "authorization: bearer "),
        ("ollama", "/v1", "POST /way/api/show", "authorization: bearer "),
    ];
    let home = Home::new().env("MINE_KEY", KEY);
    let file = home.jamey_home().join("config/runtime.toml");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let mut text = String::new();
    for (number, (kind, path, ..)) in kinds.iter().enumerate() {
        text += &format!(
            "[providers.mine{number}]\nkind = \"{kind}\"\nbase_url = \"{base}{path}\"\nkey_env = \"MINE_KEY\"\n"
        );
    }
    text += &format!(
        "[providers.older]\nkind = \"azure\"\nbase_url = \"{base}\"\nkey_env = \"MINE_KEY\"\napi_version = \"2024-10-21\"\n"
    );
    fs::write(&file, &text).unwrap();
    let runtime = Runtime::start(&home);
    for (number, (kind, path, line, header)) in kinds.iter().enumerate() {
        let ran = home.jamey(&["ask", "-m", &format!("mine{number}/m"), "hi"]).exits(5);
        assert!(ran.stderr.contains("not today"), "{kind}: {ran:?}");
        let asked = server.asked().pop().unwrap();
        assert_eq!(asked.line(), *line, "{kind} at {path:?}");
        let wanted = format!("{header}{KEY}").to_lowercase();
        assert!(asked.head.to_lowercase().contains(&wanted), "{kind}: {}", asked.head);
    }
    let _ = home.jamey(&["ask", "-m", "older/m", "hi"]).exits(5);
    let asked = server.asked().pop().unwrap();
    assert_eq!(asked.line(), "POST /way/openai/deployments/m/chat/completions?api-version=2024-10-21");
    let providers = home.jamey(&["providers", "--json"]).exits(0).json();
    for kind in ["openai-compatible", "openai", "anthropic", "gemini", "azure", "ollama"] {
        let is_it = |one: &Value| one["kind"] == kind;
        assert!(providers["data"].as_array().unwrap().iter().any(is_it), "no {kind} in {providers}");
    }
    runtime.stop();
    fs::write(&file, text.replacen("openai-compatible", "open-ai", 1)).unwrap();
    let checked = home.jamey(&["config", "check"]).exits(78);
    let said = checked.stdout + &checked.stderr;
    assert!(said.contains("runtime.toml:2") && said.contains("anthropic"), "{said}");
}

#[test]
fn the_models_of_azure_are_the_deployments_that_the_person_named() {
    let server = Server::new(|asked, stream| {
        if asked.line().starts_with("GET ") {
            let could_be = json!({"data": [{"id": "gpt-4o"}, {"id": "prod-40-base"}]});
            return send(stream, "200 OK", "application/json", &could_be.to_string());
        }
        let error = json!({"error": {"code": "DeploymentNotFound",
            "message": "The API deployment for this resource does not exist."}});
        send(stream, "404 Not Found", "application/json", &error.to_string());
    });
    let base = format!("http://127.0.0.1:{}", server.port);
    let home = Home::new().env("AZURE_OPENAI_API_KEY", KEY);
    let file = home.jamey_home().join("config/runtime.toml");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let text = format!(
        "[providers.azure]\nbase_url = \"{base}\"\ndeployments = [\"prod-4o\"]\n\
         [providers.second]\nkind = \"azure\"\nbase_url = \"{base}\"\n"
    );
    fs::write(&file, text).unwrap();
    let listed = home.jamey(&["models"]).exits(0);
    assert!(listed.stdout.contains("azure/prod-4o") && !listed.stdout.contains("gpt-4o"), "{listed:?}");
    assert!(listed.stderr.contains("the models of second are your deployments"), "{listed:?}");
    assert!(!listed.stderr.contains("the models of azure"), "{listed:?}");
    for (model, hint) in [
        ("azure/prod-40", "did you mean the deployment prod-4o?"),
        ("second/prod-40", "models are named by their deployments"),
    ] {
        let ran = home.jamey(&["ask", "-m", model, "hi"]).exits(5);
        assert!(ran.stderr.contains("has no model `prod-40`") && ran.stderr.contains(hint), "{ran:?}");
        assert!(!ran.stderr.contains("prod-40-base"), "{ran:?}");
    }
}

#[test]
fn window_and_price_are_read_from_a_list_that_nobody_asked_for_before() {
    let server = Server::new(|asked, stream| {
        if asked.line().starts_with("GET ") {
            let pricing = json!({"prompt": "0.000003", "completion": "0.000015"});
            let list = json!({"data": [{"id": "m", "context_length": 8000, "pricing": pricing}]});
            return send(stream, "200 OK", "application/json", &list.to_string());
        }
        let answer = json!({"choices": [{"message": {"content": "ok"}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1000, "completion_tokens": 100}});
        send(stream, "200 OK", "application/json", &answer.to_string());
    });
    let home = Home::new();
    let file = home.jamey_home().join("config/runtime.toml");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let base = format!("http://127.0.0.1:{}/v1", server.port);
    let text = format!(
        "[limits]\nday_cost = 5.00\n[providers.mine]\nkind = \"openai-compatible\"\nbase_url = \"{base}\"\n"
    );
    fs::write(&file, text).unwrap();
    let runtime = Runtime::start(&home);
    for _ in 0..2 {
        let ran = home.jamey(&["ask", "-m", "mine/m", "hi"]).exits(0);
        assert!(!ran.stderr.contains("cannot be held"), "{ran:?}");
    }
    let total = home.jamey(&["usage", "--json"]).exits(0).json()["total"].clone();
    assert_eq!((&total["costMicros"], &total["unpricedCalls"]), (&json!(9_000), &json!(0)), "{total}");
    let asked = server.asked();
    let lists = asked.iter().filter(|asked| asked.line() == "GET /v1/models").count();
    assert_eq!(lists, 1, "the list is not asked for with each turn");
    // What the window leaves is told in the request.
    let most = asked.last().unwrap().body["max_tokens"].as_u64().unwrap();
    assert!(most < 8000, "{most}");
    runtime.stop();
}

/// A server of Ollama that has no model until it has fetched it.
fn ollama(fetched: Arc<Mutex<bool>>, closed: mpsc::Sender<()>) -> Server {
    Server::new(move |asked, stream| {
        let has = *fetched.lock().unwrap();
        let json = |stream: &mut TcpStream, body: Value| {
            send(stream, "200 OK", "application/json", &body.to_string());
        };
        match asked.line() {
            "GET /api/tags" => {
                let models = if has { json!([{"name": "qwen3:4b"}]) } else { json!([]) };
                json(stream, json!({ "models": models }));
            }
            "GET /api/ps" => json(stream, json!({"models": []})),
            "POST /api/show" if has => json(
                stream,
                json!({"capabilities": ["completion", "tools"],
                "model_info": {"general.architecture": "qwen3", "qwen3.context_length": 40960}}),
            ),
            "POST /api/show" | "POST /api/chat" | "DELETE /api/delete" if !has => {
                send(
                    stream,
                    "404 Not Found",
                    "application/json",
                    "{\"error\":\"model 'qwen3:4b' not found\"}",
                );
            }
            "DELETE /api/delete" => {
                *fetched.lock().unwrap() = false;
                send(stream, "200 OK", "text/plain", "");
            }
            "POST /api/chat" => {
                let line = json!({"message": {"role": "assistant", "content": "It runs."}, "done": true,
                    "done_reason": "stop", "prompt_eval_count": 5, "eval_count": 3});
                send(stream, "200 OK", "application/x-ndjson", &format!("{line}\n"));
            }
            "POST /api/pull" => pull(asked, stream, &fetched, &closed),
            other => panic!("Ollama has no {other}"),
        }
    })
}

fn pull(asked: &Asked, stream: &mut TcpStream, fetched: &Mutex<bool>, closed: &mpsc::Sender<()>) {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n";
    let layer = |done: u64| json!({"status": "pulling 3e4cb1417446", "digest": "sha256:3e4c", "total": 2_000_000_000_u64, "completed": done});
    let _ = stream.write_all(head.as_bytes());
    let mut say = |line: Value| {
        let line = format!("{line}\n");
        write!(stream, "{:x}\r\n{line}\r\n", line.len())
    };
    let _ = say(json!({"status": "pulling manifest"}));
    match asked.body["model"].as_str() {
        Some("qwen3:4b") => {
            for done in [0, 1_000_000_000, 2_000_000_000] {
                let _ = say(layer(done));
            }
            for status in ["verifying sha256 digest", "writing manifest", "success"] {
                if status == "success" {
                    *fetched.lock().unwrap() = true;
                }
                let _ = say(json!({ "status": status }));
            }
        }
        Some("endless") => {
            // Until nobody listens any more.
            while say(layer(500_000_000)).is_ok() {
                thread::yield_now();
            }
            let _ = closed.send(());
            return;
        }
        _ => drop(say(json!({"error": "pull model manifest: file does not exist"}))),
    }
    let _ = stream.write_all(b"0\r\n\r\n");
}

#[test]
fn a_model_that_ollama_does_not_have_yet_is_fetched_used_and_removed() {
    let (closed, was_closed) = mpsc::channel();
    let server = ollama(Arc::default(), closed);
    let home = Home::new().env("OLLAMA_HOST", format!("127.0.0.1:{}", server.port));
    let runtime = Runtime::start(&home);
    let missing = home.jamey(&["ask", "-m", "ollama/qwen3:4b", "hi"]).exits(5);
    assert!(missing.stderr.contains("jamey models pull ollama/qwen3:4b"), "{missing:?}");

    let pulled = home.jamey(&["models", "pull", "ollama/qwen3:4b"]).exits(0);
    for word in ["50 %", "100 %", "2.00 GB", "ollama/qwen3:4b is here"] {
        assert!(pulled.stderr.contains(word), "no {word:?} in {}", pulled.stderr);
    }
    let listed = home.jamey(&["models", "--json"]).exits(0).json();
    let model =
        listed["data"].as_array().unwrap().iter().find(|it| it["id"] == "ollama/qwen3:4b").unwrap().clone();
    assert_eq!((&model["context"], &model["tools"]), (&json!(40960), &json!(true)), "{model}");
    let ran = home.jamey(&["ask", "-m", "ollama/qwen3:4b", "hi"]).exits(0);
    assert_eq!(ran.stdout, "It runs.\n");
    assert!(server.asked().iter().any(|asked| asked.body["options"]["num_ctx"] == json!(8192)));
    let lines = home.jamey(&["models", "pull", "ollama/qwen3:4b", "--json"]).exits(0).json_lines();
    assert_eq!(lines.last().unwrap(), &json!({"type": "done", "model": "ollama/qwen3:4b"}));

    let none = home.jamey(&["models", "pull", "ollama/nonesuch"]).exits(5);
    assert!(none.stderr.contains("file does not exist") && none.stderr.contains("hint: "), "{none:?}");
    let stopped = home.spawn(&["models", "pull", "ollama/endless"]);
    stopped.expect_stderr("20 %");
    stopped.signal(Signal::INT);
    let stopped = stopped.wait().exits(130);
    assert!(stopped.stderr.contains("stays for the next try"), "{stopped:?}");
    wait::until("Ollama to be left alone", || was_closed.try_recv().ok());

    let _ = home.jamey(&["models", "remove", "ollama/qwen3:4b"]).exits(0);
    let _ = home.jamey(&["ask", "-m", "ollama/qwen3:4b", "hi"]).exits(5);
    let again = home.jamey(&["models", "remove", "ollama/qwen3:4b"]).exits(5);
    assert!(again.stderr.contains("qwen3:4b"), "{again:?}");
    runtime.stop();
}

#[test]
fn a_model_is_not_fetched_from_where_none_can_be() {
    let home = Home::new().env("OPENAI_API_KEY", KEY).env("JAMEY_MODELS_DISCOVER", "false");
    let runtime = Runtime::start(&home);
    let remote = home.jamey(&["models", "pull", "openai/gpt-5"]).exits(2);
    assert!(remote.stderr.contains("run where they are") && remote.stderr.contains("hint: "), "{remote:?}");
    let absent = home.jamey(&["models", "pull", "ollama/qwen3"]).exits(5);
    assert!(absent.stderr.contains("ollama serve"), "{absent:?}");
    let unknown = home.jamey(&["models", "pull", "local/nonesuch"]).exits(1);
    assert!(unknown.stderr.contains("there is no local model"), "{unknown:?}");
    runtime.stop();
}

#[test]
fn a_provider_that_is_tried_answers_only_if_it_takes_the_key() {
    let list = "{\"data\":[{\"id\":\"m\"}]}";
    let server = Server::new(move |asked, stream| {
        let json =
            |stream: &mut TcpStream, status: &str, body: &str| send(stream, status, "application/json", body);
        match asked.line() {
            // As OpenRouter does: the list is for everybody, and only the key itself tells.
            "GET /public/models" => json(stream, "200 OK", list),
            "GET /public/key" if asked.head.contains(KEY) => json(stream, "200 OK", "{\"data\":{}}"),
            "GET /public/key" => json(stream, "401 Unauthorized", "{\"error\":{\"message\":\"No auth\"}}"),
            // A list for everybody again, and only an answer tells.
            "GET /open/models" => json(stream, "200 OK", list),
            "POST /open/chat/completions" if asked.head.contains(KEY) => send(
                stream,
                "200 OK",
                "text/event-stream",
                "data: {\"choices\":[{\"delta\":{\"content\":\"yes\"},\"finish_reason\":\"length\"}],\
                 \"usage\":{\"prompt_tokens\":9,\"completion_tokens\":1}}\n\ndata: [DONE]\n\n",
            ),
            "POST /open/chat/completions" => {
                json(stream, "401 Unauthorized", "{\"error\":{\"message\":\"No such key\"}}");
            }
            // A server without a list, which answers all the same.
            "POST /bare/chat/completions" => send(
                stream,
                "200 OK",
                "text/event-stream",
                "data: {\"choices\":[{\"delta\":{\"content\":\"yes\"},\"finish_reason\":\"length\"}]}\n\ndata: [DONE]\n\n",
            ),
            "GET /portal/models" => {
                let head =
                    "HTTP/1.1 302 Found\r\nlocation: http://login.example/\r\ncontent-length: 0\r\n\r\n";
                let _ = stream.write_all(head.as_bytes());
            }
            _ => json(stream, "404 Not Found", "{\"detail\":\"Not Found\"}"),
        }
    });
    let home = Home::new().env("RIGHT_KEY", KEY).env("WRONG_KEY", "sk-wrong");
    let file = home.jamey_home().join("config/runtime.toml");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let at = |path: &str| format!("base_url = \"http://127.0.0.1:{}/{path}\"\n", server.port);
    let write = |openrouters: &str, more: &str| {
        let named =
            |name: &str, path: &str| format!("[providers.{name}]\n{}key_env = \"RIGHT_KEY\"\n", at(path));
        let text = format!(
            "{more}[providers.openrouter]\n{}key_env = \"{openrouters}\"\n\
             [providers.open]\n{}key_env = \"{openrouters}\"\n{}{}{}",
            at("public"),
            at("open"),
            named("bare", "bare"),
            named("nothing", "nothing"),
            named("portal", "portal"),
        );
        fs::write(&file, text).unwrap();
    };
    let test = |name: &str| home.jamey(&["providers", "test", name]);
    write("RIGHT_KEY", "");
    assert!(test("openrouter").exits(0).stdout.contains("1 model"));
    let ran = test("open").exits(0);
    assert!(ran.stdout.contains("1 model; open/m was asked for one token"), "{ran:?}");
    // That was a call, and is counted as one.
    let used = home.jamey(&["usage", "--by", "model", "--json"]).exits(0).json();
    let row = &used["rows"][0];
    assert_eq!((&row["model"], &row["calls"]), (&json!("open/m"), &json!(1)), "{row}");
    assert_eq!((&row["tokens"]["input"], &row["estimatedCalls"]), (&json!(9), &json!(0)), "{row}");
    for (name, words) in [("nothing", "has nothing at"), ("portal", "redirect"), ("bare", "has nothing at")] {
        let ran = test(name).exits(5);
        assert!(ran.stderr.contains(words), "{name}: {ran:?}");
    }
    write("WRONG_KEY", "[models]\naliases = { plain = \"bare/m\", none = \"nothing/m\" }\n");
    for name in ["openrouter", "open"] {
        let ran = test(name).exits(5);
        assert!(ran.stderr.contains("did not accept the key"), "{name}: {ran:?}");
        assert!(ran.stderr.contains("WRONG_KEY in the runtime's environment"), "{name}: {ran:?}");
    }
    // Where a model is known, one token says whether it answers.
    let _ = test("bare").exits(0);
    let asked = server.asked().pop().unwrap();
    assert_eq!((asked.line(), &asked.body["max_tokens"]), ("POST /bare/chat/completions", &json!(1)));
    assert!(test("nothing").exits(5).stderr.contains("has nothing at"));
    // What the trials used is held to the limits as everything is.
    write("RIGHT_KEY", "[limits]\nday_tokens = 9\n");
    let ran = test("open");
    assert!(ran.code != 0 && ran.stderr.contains("limits.day_tokens"), "{ran:?}");
}
