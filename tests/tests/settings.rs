//! Logs, configuration and the loopback API with the real programs, as a person uses them.
#![cfg(unix)]

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::mpsc,
    thread,
    time::Duration,
};

use jamey_tests::{
    Fake, Home, Reply, Runtime,
    home::{KEY, MODEL},
    process, wait,
};
use serde_json::{Value, json};

fn log(home: &Home) -> std::path::PathBuf {
    home.jamey_home().join("cache/logs/runtime.log")
}

fn toml(home: &Home) -> std::path::PathBuf {
    home.jamey_home().join("config/runtime.toml")
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Every file below a folder with what it holds.
fn files(folder: &Path, into: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            files(&entry.path(), into);
        } else if kind.is_file() {
            into.push((entry.path().display().to_string(), fs::read(entry.path()).unwrap()));
        }
    }
}

#[test]
fn a_canary_is_in_no_file_however_much_is_logged() {
    const PASSWORD: &str = "canary-pa55word-77";
    const DOTENV: &str = "canary-dotenv-91c2";
    let fake = Fake::new(move |seen| match seen.number {
        0 => Reply::status(401, &format!("the key {KEY} is not known, nor {DOTENV}")),
        1 => Reply::status(500, &format!("Authorization: Bearer {KEY} https://me:{PASSWORD}@host.example")),
        2 => Reply::call("shell_exec", &json!({"command": "echo done", "note": DOTENV.len()})),
        _ => Reply::text("done"),
    });
    let home = Home::with(&fake).env("HTTPS_PROXY", format!("http://me:{PASSWORD}@127.0.0.1:9"));
    let config = home.jamey_home().join("config");
    fs::create_dir_all(&config).unwrap();
    fs::set_permissions(&config, fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(config.join(".env"), format!("MY_SERVICE={DOTENV}\n")).unwrap();
    fs::set_permissions(config.join(".env"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(config.join("runtime.toml"), "[logging]\nlevel = \"trace\"\n").unwrap();
    let runtime = Runtime::start(&home);
    let mut said = String::new();
    for prompt in ["one", "two", "three"] {
        let ran = home.ask(&["-v", "--mode", "full", prompt]);
        said += &ran.stdout;
        said += &ran.stderr;
    }
    // Keys in wrong places, also of the file itself.
    for (key, value) in [("logging.level", KEY), ("api.port", DOTENV), ("providers.openai.base_url", DOTENV)]
    {
        said += &home.jamey(&["config", "set", key, value]).stderr;
    }
    fs::write(toml(&home), format!("[api]\nport = \"{DOTENV}\"\n")).unwrap();
    said += &home.jamey(&["runtime", "status", "--json"]).stdout;
    said += &home.jamey(&["config", "check"]).stderr;
    said += &home.jamey(&["runtime", "logs", "-n", "100000"]).stdout;
    fs::write(toml(&home), "").unwrap();
    runtime.stop();
    let trace = fs::read_to_string(log(&home)).unwrap();
    assert!(trace.contains("the model is asked") && trace.contains("a turn ended"), "{trace}");
    let token = fs::read_to_string(home.jamey_home().join("data/api-token")).unwrap_or("no token".to_owned());
    let mut found = vec![("what was said".to_owned(), said.into_bytes())];
    files(home.path(), &mut found);
    for (place, bytes) in found.iter().filter(|(place, _)| !place.ends_with("/.env")) {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains(KEY), "the key is in {place}");
        if place.contains("/logs/") || place.ends_with("what was said") {
            assert!(!text.contains(token.trim()), "the token is in {place}");
        }
        if place.contains("/logs/") {
            // What a vendor said belongs to the session; in the log it is known for what it is.
            for canary in [DOTENV, PASSWORD, &PASSWORD[7..]] {
                assert!(!text.contains(canary), "{canary} is in {place}");
            }
        }
    }
}

#[test]
fn what_was_said_is_not_logged_from_info_on() {
    let fake = Fake::new(|seen| match seen.outputs().as_slice() {
        [] => Reply::call("shell_exec", &json!({"command": "printf 'the-%s\\n' output-canary"})),
        _ => Reply::text("answer-canary"),
    });
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let _ = home.ask(&["--mode", "full", "prompt-canary"]).exits(0);
    runtime.stop();
    let text = fs::read_to_string(log(&home)).unwrap();
    assert!(!text.contains("canary") && !text.contains("printf"), "{text}");
    let ended: Value = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .find(|line| line["message"] == "a turn ended")
        .unwrap();
    assert_eq!(ended["outcome"], "completed");
    assert!(ended["session"].is_string() && ended["turn"].is_string(), "{ended}");
}

#[test]
fn the_level_changes_at_once_by_command_and_by_an_editor() {
    let home = Home::new();
    let runtime = Runtime::start(&home);
    let has =
        |words: &str| fs::read_to_string(log(&home)).is_ok_and(|text| text.contains(words)).then_some(());
    let set = home.jamey(&["config", "set", "logging.level", "debug"]).exits(0);
    assert!(!set.stderr.contains("next start"), "{set:?}");
    wait::until("the change in the log", || has("logging.level info -> debug"));
    let text = fs::read_to_string(toml(&home)).unwrap();
    fs::write(toml(&home), text.replace("\"debug\"", "\"warn\"")).unwrap();
    wait::until("the edit in the log", || has("logging.level debug -> warn"));
    fs::write(toml(&home), "[api]\nport = 70000\n").unwrap();
    wait::until("the fault in the log", || has(":2:8: api.port must be"));
    let status = home.jamey(&["runtime", "status", "--json"]).exits(0).json();
    assert!(status["notices"].to_string().contains(":2:8"), "{status}");
    runtime.stop();
}

#[test]
fn the_log_is_shown_followed_through_rotation_and_in_any_number_of_lines() {
    let home = Home::new();
    let none = home.jamey(&["runtime", "logs"]).exits(1);
    assert!(none.stderr.contains("cannot be read") && none.stderr.contains("hint:"), "{none:?}");
    let path = log(&home);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let line = |number: u32| {
        format!(
            "{{\"timestamp\":\"2026-11-24T05:00:00.000Z\",\"level\":\"INFO\",\"target\":\"t\",\"message\":\"line {number}\",\"n\":{number}}}\n"
        )
    };
    fs::write(&path, (3..6).map(line).collect::<String>()).unwrap();
    fs::write(path.with_extension("log.1"), (0..3).map(line).collect::<String>()).unwrap();
    for (flags, expected) in [
        (&["-n", "0"][..], 0..0),
        (&["-n", "2"], 4..6),
        (&["-n", "5"], 1..6),
        (&["-n", "1000000000"], 0..6),
        (&[], 0..6),
    ] {
        let expected: String = expected.map(line).collect();
        let ran = home.jamey(&[&["runtime", "logs", "--json"], flags].concat()).exits(0);
        assert_eq!(ran.stdout, expected, "{flags:?}");
        let mut command = home.command("jamey-runtime");
        let ran = process::run(command.args([&["logs", "--json"], flags].concat()), b"").exits(0);
        assert_eq!(ran.stdout, expected, "{flags:?}");
    }
    let people = home.jamey(&["runtime", "logs", "-n", "1"]).exits(0).stdout;
    assert!(people.ends_with(" INFO  line 5 n=5\n") && !people.contains('\u{1b}'), "{people:?}");
    for wrong in ["1e9", "-1", "ten", "99999999999999999999999", ""] {
        let ran = home.jamey(&["runtime", "logs", &format!("--lines={wrong}")]).exits(2);
        assert!(ran.stderr.contains("a whole number in digits"), "{wrong}: {ran:?}");
    }
    // Two files are put aside between two looks, and nothing is missed.
    let follow = home.spawn(&["runtime", "logs", "-f", "-n", "1", "--json"]);
    follow.expect(&line(5));
    let grow = |text: &str| {
        let mut file = fs::File::options().append(true).open(&path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    };
    grow(&line(7));
    for (name, last) in [("log.2", 8), ("log.1", 9)] {
        fs::rename(&path, path.with_extension(name)).unwrap();
        fs::write(&path, line(last)).unwrap();
    }
    for number in [7, 8, 9] {
        follow.expect(&format!("\"n\":{number}}}\n"));
    }
    grow(line(10).trim_end());
    grow("\n");
    follow.expect(&line(10));
}

#[test]
fn the_configuration_is_read_and_changed_without_starting_anything() {
    let home = Home::new();
    let port = home.jamey(&["config", "get", "api.port"]).exits(0);
    assert_eq!(port.stdout.trim(), "3000");
    assert!(toml(&home).exists() && toml(&home).with_file_name("runtime.schema.json").exists());
    let set = home.jamey(&["config", "set", "api.port", "4321"]).exits(0);
    assert!(set.stderr.contains("api.port is now 4321"), "{set:?}");
    assert_eq!(home.jamey(&["config", "get", "api.port"]).exits(0).stdout.trim(), "4321");
    let json = home.jamey(&["config", "set", "models.default", "--json", "a/b"]).exits(0).json();
    assert_eq!(json["values"]["models"]["default"], "a/b");
    let wrong = home.jamey(&["config", "set", "api.prot", "1"]).exits(78);
    assert!(wrong.stderr.contains("did you mean api.port?"), "{wrong:?}");
    let outside = home.jamey(&["config", "set", "api.host", "0.0.0.0"]).exits(78);
    assert!(
        outside.stderr.contains("does not speak TLS") && outside.stderr.contains("ssh -L"),
        "{outside:?}"
    );
    let _ = home.jamey(&["config", "check"]).exits(0);
    assert_eq!(home.processes(), Vec::new());
    assert!(!home.jamey_home().join("data/jamey.db").exists());
    // A value that begins with a dash is a value.
    let dashed = home.jamey(&["config", "set", "--", "models.default", "-x"]).exits(0);
    assert!(dashed.stderr.contains("models.default is now \"-x\""), "{dashed:?}");
    // Broken: named with its place, and the last good values are what holds.
    fs::write(toml(&home), "[api]\nport = 1\nport = 2\n").unwrap();
    let check = home.jamey(&["config", "check"]).exits(78);
    assert!(check.stderr.contains("runtime.toml:3:1: duplicate key"), "{check:?}");
    let _ = home.jamey(&["config", "set", "api.port", "1"]).exits(78);
    assert_eq!(home.jamey(&["config", "get", "api.port"]).exits(0).stdout.trim(), "4321");
}

/// An editor that puts the next of these texts into the file each time.
fn editor(home: &Home, texts: &[&str]) -> String {
    for (number, text) in texts.iter().enumerate() {
        home.file(&format!("text{number}"), text);
    }
    let script = home.file(
        "an editor",
        "#!/bin/sh\nn=$(cat n 2>/dev/null || echo 0)\ncp \"text$n\" \"$2\"\necho $((n+1)) > n\n",
    );
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    format!("'{}' --wait", script.display())
}

#[test]
fn an_edit_is_looked_at_and_can_be_taken_back_or_mended() {
    let home = Home::new();
    let edit = |home: &Home, answers: &str| home.jamey_with(&["config", "edit"], answers.as_bytes());
    let broken = "[api]\nport = 0\n";
    let home = {
        let editor = editor(&home, &[broken, broken, "[api]\nport = 5\n", broken, "[api]\nprot = 5\n"]);
        home.env("VISUAL", editor).env("EDITOR", "false")
    };
    let back = edit(&home, "b\n").exits(0);
    assert!(
        back.stderr.contains(":2:8: api.port must be") && back.stderr.contains("as it was before"),
        "{back:?}"
    );
    assert!(fs::read_to_string(toml(&home)).unwrap().contains("#:schema"));
    let again = edit(&home, "what\ne\n").exits(0);
    assert!(again.stderr.contains("in order"), "{again:?}");
    assert_eq!(home.jamey(&["config", "get", "api.port"]).exits(0).stdout.trim(), "5");
    let kept = edit(&home, "").exits(78);
    assert!(kept.stderr.contains("last good configuration"), "{kept:?}");
    assert_eq!(fs::read_to_string(toml(&home)).unwrap(), broken);
    let warned = edit(&home, "").exits(0);
    assert!(warned.stderr.contains("did you mean api.port?"), "{warned:?}");
    let none = Home::new().env("EDITOR", "/nowhere/ed").jamey(&["config", "edit"]).exits(78);
    assert!(none.stderr.contains("cannot be run") && none.stderr.contains("EDITOR"), "{none:?}");
    let failed = Home::new().env("EDITOR", "false").jamey(&["config", "edit"]).exits(78);
    assert!(failed.stderr.contains("the editor false ended"), "{failed:?}");
}

#[test]
fn the_token_of_the_port_is_found_by_the_command_itself() {
    let fake = Fake::new(|_| Reply::text("through the port"));
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}");
    let _ = home.jamey(&["config", "set", "api.port", &port.to_string()]).exits(0);
    let early = home.jamey(&["--runtime-url", &url, "--no-start", "sessions"]).exits(3);
    assert!(early.stderr.contains(&url), "{early:?}");
    let _ = home.jamey(&["config", "set", "api.enabled", "true"]).exits(0);
    let told = home.jamey(&["--runtime-url", &url, "ask", "-m", MODEL, "hello"]).exits(0);
    assert_eq!(told.stdout.trim(), "through the port");
    let pid =
        home.jamey(&["--runtime-url", &url, "runtime", "status", "--json"]).exits(0).json()["pid"].clone();
    assert_eq!(pid, runtime.pid());
    let token = home.jamey_home().join("data/api-token");
    assert_eq!(fs::metadata(&token).unwrap().permissions().mode() & 0o777, 0o600);
    fs::write(&token, "f".repeat(64)).unwrap();
    let refused = home.jamey(&["--runtime-url", &url, "sessions"]);
    assert_ne!(refused.code, 0);
    assert!(refused.stderr.contains("token"), "{refused:?}");
    for away in ["http://192.0.2.1:3000", "http://0.0.0.0:3000", "https://127.0.0.1:3000"] {
        let ran = home.jamey(&["--runtime-url", away, "sessions"]).exits(2);
        assert!(ran.stderr.contains("ssh -L"), "{ran:?}");
    }
    let mut start = home.command("jamey-runtime");
    let outside = process::run(start.args(["start", "--foreground", "--host", "0.0.0.0"]), b"");
    // The living one keeps its lock; what is asked of it is judged by the next.
    assert!(matches!(outside.code, 0 | 78), "{outside:?}");
    runtime.stop();
    let mut start = home.command("jamey-runtime");
    let outside = process::run(start.args(["start", "--foreground", "--host", "0.0.0.0"]), b"").exits(78);
    assert!(
        outside.stderr.contains("does not speak TLS") && outside.stderr.contains("ssh -L"),
        "{outside:?}"
    );
}

#[cfg(target_os = "linux")]
fn resident(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap() * 1024
}

#[cfg(target_os = "linux")]
#[test]
fn slow_large_and_many_requests_at_the_port_cost_little_memory() {
    let home = Home::new();
    let port = free_port();
    let mut start = home.command("jamey-runtime");
    start
        .args(["--log-level", "debug"])
        .env("JAMEY_API_ENABLED", "true")
        .env("JAMEY_API_PORT", port.to_string());
    let runtime = Runtime::start_as(&home, start);
    let health = || {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        write!(stream, "GET /health HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        answer
    };
    assert!(health().starts_with("HTTP/1.1 200"));
    let before = resident(runtime.pid());
    // Sixty connections, each with a head and a body that never end.
    let token = fs::read_to_string(home.jamey_home().join("data/api-token")).unwrap();
    let head = format!(
        "POST /v1/sessions HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n",
        token.trim()
    );
    let slow: Vec<TcpStream> = (0..60)
        .map(|number| {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
            stream.write_all(head.as_bytes()).unwrap();
            match number % 3 {
                0 => write!(stream, "x-slow: {}", "y".repeat(30_000)).unwrap(),
                1 => write!(stream, "content-length: 1000000\r\n\r\n{{").unwrap(),
                _ => write!(stream, "content-length: 16000000\r\n\r\n{}", " ".repeat(60_000)).unwrap(),
            }
            stream
        })
        .collect();
    let answer = |request: &str| {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let _ = stream.write_all(request.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    };
    let many: String = (0..10_000).map(|number| format!("x-{number}: y\r\n")).collect();
    for (request, status) in [
        (format!("{head}content-length: 1073741824\r\n\r\n{{"), "413"),
        (format!("{head}{many}\r\n"), "431"),
        (format!("{head}transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n0\r\n\r\n{{}}"), "4"),
        (format!("{head}content-length: 2\r\ncontent-length: 3\r\n\r\n{{}}"), "400"),
        (head.replace("/v1/sessions", "/v1/\0sessions") + "\r\n", "400"),
        ("GET /health\r\n\r\n".to_owned(), ""),
    ] {
        let answer = answer(&request);
        let line = answer.lines().next().unwrap_or_default();
        assert!(
            line.starts_with(&format!("HTTP/1.1 {status}")) || line.is_empty() || line.contains(" 400 "),
            "{status}: {line}"
        );
        assert!(!line.contains(" 5"), "{line}");
    }
    let grown = resident(runtime.pid()).saturating_sub(before);
    assert!(grown < 20_000_000, "{grown} bytes more");
    assert!(health().starts_with("HTTP/1.1 200"), "others are still answered");
    drop(slow);
    runtime.stop();
}

/// A collector: takes requests and hands over their heads and bodies.
fn collector() -> (u16, mpsc::Receiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (told, requests) = mpsc::channel();
    thread::spawn(move || {
        for (number, stream) in listener.incoming().flatten().enumerate() {
            let told = told.clone();
            thread::spawn(move || collect(&stream, number, &told));
        }
    });
    (port, requests)
}

fn collect(stream: &TcpStream, number: usize, told: &mpsc::Sender<(String, Value)>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        })?;
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        // The first time it has too much to do, as collectors do.
        if number == 0 {
            let mut out = stream;
            out.write_all(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").ok()?;
            return None;
        }
        told.send((head, serde_json::from_slice(&body).ok()?)).ok()?;
        let mut out = stream;
        out.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}")
            .ok()?;
    }
}

fn attribute<'a>(span: &'a Value, name: &str) -> &'a Value {
    let found = span["attributes"].as_array().unwrap().iter().find(|pair| pair["key"] == name);
    found.map_or(&Value::Null, |pair| &pair["value"])
}

#[test]
fn a_collector_is_told_of_each_turn_call_and_tool_and_of_nothing_that_was_said() {
    let fake = Fake::new(|seen| match (seen.number, seen.outputs().as_slice()) {
        (0, _) => Reply::call("shell_exec", &json!({"command": "echo output-canary; exit 3"})),
        (1, _) => Reply::text("answer-canary"),
        _ => Reply::status(401, "refused-canary"),
    });
    let (port, requests) = collector();
    let home = Home::with(&fake)
        .env("JAMEY_TELEMETRY_OTLP_ENDPOINT", format!("http://127.0.0.1:{port}/"))
        .env("OTEL_EXPORTER_OTLP_HEADERS", "x-team=a%20b,authorization=Basic%20header-canary");
    let runtime = Runtime::start(&home);
    let _ = home.ask(&["--mode", "full", "prompt-canary"]).exits(0);
    let _ = home.ask(&["another prompt-canary"]).exits(5);
    // What was not sent yet is sent at the end.
    runtime.stop();
    let mut spans = Vec::new();
    while let Ok((head, body)) = requests.recv_timeout(Duration::from_millis(500)) {
        let lower = head.to_ascii_lowercase();
        assert!(head.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{head}");
        assert!(lower.contains("content-type: application/json\r\n"), "{head}");
        assert!(
            lower.contains("x-team: a b\r\n") && lower.contains("authorization: basic header-canary"),
            "{head}"
        );
        assert!(!body.to_string().contains("canary"), "{body}");
        let resource = &body["resourceSpans"][0];
        assert_eq!(attribute(&resource["resource"], "service.name")["stringValue"], "jamey-runtime");
        let of_scope = &resource["scopeSpans"][0];
        assert_eq!(of_scope["scope"]["name"], "jamey");
        spans.extend(of_scope["spans"].as_array().unwrap().clone());
    }
    let named = |name: &str| spans.iter().filter(|span| span["name"] == name).collect::<Vec<_>>();
    let (turns, calls) = (named("invoke_agent jamey"), named("chat scripted"));
    let tools = named("execute_tool shell_exec");
    assert_eq!((turns.len(), calls.len(), tools.len()), (2, 3, 1), "{spans:#?}");
    for span in &spans {
        let hex = |name: &str, length: usize| {
            let text = span[name].as_str().unwrap_or_default();
            assert!(text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit()), "{name} of {span}");
            assert!(text.bytes().any(|b| b != b'0'), "{span}");
        };
        hex("traceId", 32);
        hex("spanId", 16);
        let time = |name: &str| span[name].as_str().unwrap().parse::<u64>().unwrap();
        assert!(time("startTimeUnixNano") <= time("endTimeUnixNano"), "{span}");
        assert!(time("startTimeUnixNano") > 1_700_000_000_000_000_000, "{span}");
    }
    let turn = turns[0];
    assert!(turn["parentSpanId"].is_null());
    assert_eq!(turn["kind"], 1);
    assert_eq!(attribute(turn, "gen_ai.operation.name")["stringValue"], "invoke_agent");
    assert!(attribute(turn, "gen_ai.conversation.id")["stringValue"].is_string(), "{turn}");
    for child in [calls[0], calls[1], tools[0]] {
        assert_eq!((&child["traceId"], &child["parentSpanId"]), (&turn["traceId"], &turn["spanId"]));
    }
    assert_eq!(calls[0]["kind"], 3);
    assert_eq!(attribute(calls[1], "gen_ai.operation.name")["stringValue"], "chat");
    assert_eq!(attribute(calls[1], "gen_ai.provider.name")["stringValue"], "openai");
    assert_eq!(attribute(calls[1], "gen_ai.request.model")["stringValue"], "scripted");
    assert!(attribute(calls[1], "gen_ai.usage.input_tokens")["intValue"].is_string(), "{}", calls[1]);
    assert!(attribute(calls[1], "gen_ai.usage.output_tokens")["intValue"].is_string(), "{}", calls[1]);
    let reasons = &attribute(calls[1], "gen_ai.response.finish_reasons")["arrayValue"]["values"];
    assert_eq!(reasons[0]["stringValue"], "stop");
    assert_eq!(attribute(tools[0], "gen_ai.tool.name")["stringValue"], "shell_exec");
    assert!(attribute(tools[0], "gen_ai.tool.call.id")["stringValue"].is_string());
    let failed = calls[2];
    assert_ne!(failed["traceId"], turn["traceId"], "a turn is a trace of its own");
    assert_eq!(failed["status"]["code"], 2);
    assert_eq!(attribute(failed, "error.type")["stringValue"], "Auth");
    assert_eq!(attribute(turns[1], "error.type")["stringValue"], "auth");
}

#[test]
fn a_collector_that_is_not_there_or_will_not_do_troubles_nobody() {
    let fake = Fake::new(|_| Reply::text("fine"));
    let home =
        Home::with(&fake).env("JAMEY_TELEMETRY_OTLP_ENDPOINT", format!("http://127.0.0.1:{}", free_port()));
    let runtime = Runtime::start(&home);
    assert_eq!(home.ask(&["hi"]).exits(0).stdout.trim(), "fine");
    runtime.stop();
    let text = fs::read_to_string(log(&home)).unwrap();
    assert_eq!(text.matches("traces are dropped").count(), 1, "{text}");
    let home = Home::with(&fake).env("JAMEY_TELEMETRY_OTLP_ENDPOINT", "http://collector.example:4318");
    let runtime = Runtime::start(&home);
    let status = home.jamey(&["runtime", "status", "--json"]).exits(0).json();
    assert!(status["notices"].to_string().contains("no traces are sent"), "{status}");
    runtime.stop();
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_of_the_log_neither_stops_nor_slows_a_turn() {
    let fake = Fake::new(|_| Reply::text("fine"));
    let home = Home::with(&fake);
    let logs = log(&home).parent().unwrap().to_owned();
    fs::create_dir_all(&logs).unwrap();
    // What every line meets: the device takes nothing.
    std::os::unix::fs::symlink("/dev/full", log(&home)).unwrap();
    let mut start = home.command("jamey-runtime");
    start.args(["--log-level", "trace"]);
    let runtime = Runtime::start_as(&home, start);
    for _ in 0..3 {
        assert_eq!(home.ask(&["hi"]).exits(0).stdout.trim(), "fine");
    }
    runtime.stop();
}
