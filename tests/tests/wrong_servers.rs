//! Addresses, servers, networks and answers that are wrong: each is told with what failed, why, and what to do
//! next; the exit code is the one that was promised, the key goes nowhere else, and the session goes on.
#![cfg(unix)]

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    thread,
};

use jamey_tests::{
    Fake, Home, Ran, Reply, Runtime,
    home::{KEY, MODEL},
    tls::{Certificate, TlsServer},
};
use serde_json::json;

/// Told with its cause and the next step, in few words, without the key.
#[track_caller]
fn told(ran: &Ran, code: i32, words: &[&str]) {
    assert_eq!(ran.code, code, "{ran:?}");
    for word in words {
        assert!(ran.stderr.contains(word), "no {word:?} in {}", ran.stderr);
    }
    assert!(ran.stderr.contains("hint: "), "{}", ran.stderr);
    assert!(!ran.stderr.contains("panicked") && !ran.stderr.contains(KEY), "{}", ran.stderr);
    assert!(ran.stderr.len() < 2_000, "{} bytes of complaint", ran.stderr.len());
}

fn at(base_url: &str) -> Home {
    Home::new().env("OPENAI_BASE_URL", base_url).env("OPENAI_API_KEY", KEY)
}

#[test]
fn a_wrong_key_ends_with_5_and_says_which_variable_or_file_it_came_from() {
    let fake = Fake::new(|_| Reply::status(401, "this key is not known")).for_any_key();
    let home = Home::with(&fake);
    told(&home.ask(&["hi"]), 5, &["OPENAI_API_KEY", "environment", "jamey runtime restart"]);
    let home = Home::new().env("OPENAI_BASE_URL", fake.base_url());
    let config = home.jamey_home().join("config");
    fs::create_dir_all(&config).unwrap();
    fs::write(config.join(".env"), format!("OPENAI_API_KEY={KEY}\n")).unwrap();
    told(&home.ask(&["hi"]), 5, &[".env OPENAI_API_KEY", "jamey providers login openai"]);
    // A server under a name of one's own, with a variable of one's own.
    let mine = format!(
        "[providers.mine]\nkind = \"anthropic\"\nbase_url = \"{}\"\nkey_env = \"MINE_KEY\"\n",
        fake.base_url()
    );
    let home = Home::new().env("MINE_KEY", KEY);
    let config = home.jamey_home().join("config");
    fs::create_dir_all(&config).unwrap();
    fs::write(config.join("runtime.toml"), mine).unwrap();
    // The scripted server has no such route and answers it with a list of models.
    let ran = home.jamey(&["ask", "-m", "mine/x", "hi"]);
    told(&ran, 5, &["127.0.0.1"]);
}

#[test]
fn an_unknown_model_is_answered_with_the_nearest_names() {
    let fake = Fake::new(|_| Reply::status(404, "The model `scriptde` does not exist"));
    let home = Home::with(&fake);
    told(
        &home.jamey(&["ask", "-m", "openai/scriptde", "hi"]),
        5,
        &["scriptde", "did you mean openai/scripted?"],
    );
    told(&home.jamey(&["ask", "-m", "opneai/scripted", "hi"]), 1, &["did you mean openai/scripted?"]);
}

#[test]
fn what_would_go_unencrypted_to_another_machine_is_refused_everywhere() {
    let plain = "http://192.0.2.7:8080/v1";
    let home = at(plain);
    told(&home.ask(&["hi"]), 78, &["192.0.2.7", "unencrypted", "https://"]);
    told(&home.jamey(&["providers", "test", "openai"]), 5, &["unencrypted"]);
    let home = Home::new();
    let runtime = Runtime::start(&home);
    let set = home.jamey(&["config", "set", "providers.openai.base_url", plain]);
    told(&set, 78, &["unencrypted", "192.0.2.7"]);
    let named = home.jamey(&["config", "set", "providers.mine.base_url", plain]);
    told(&named, 78, &["unencrypted"]);
    runtime.stop();
    // A file that says so all the same: nothing is kept for it and nothing is sent.
    let config = home.jamey_home().join("config");
    fs::write(config.join("runtime.toml"), format!("[providers.mine]\nbase_url = \"{plain}\"\n")).unwrap();
    let login = home.jamey_with(&["providers", "login", "mine"], KEY.as_bytes());
    told(&login, 78, &["unencrypted"]);
    let dot_env = fs::read_to_string(config.join(".env")).unwrap_or_default();
    assert!(!dot_env.contains(KEY), "the key was kept for an address that it must not go to");
}

#[test]
fn an_address_as_people_write_it_works_or_says_what_is_missing() {
    let fake = Fake::new(|_| Reply::text("here"));
    let base = fake.base_url();
    let bare = base.trim_end_matches("/v1").to_owned();
    for written in [
        format!("{base}/"),
        format!("{base}//"),
        format!("{base}/chat/completions"),
        format!("{base}/chat/completions/"),
        format!("{base}/responses"),
        format!("{base}/models"),
        bare.trim_start_matches("http://").to_owned() + "/v1",
    ] {
        let ran = at(&written).ask(&["hi"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (0, "here\n"), "{written}: {ran:?}");
    }
    let ran = at(&format!("{bare}/api/v1")).ask(&["hi"]);
    assert_eq!(ran.code, 5, "{ran:?}");
    for nothing in ["https://", "ftp://127.0.0.1/v1", "https://me:secret@127.0.0.1/v1"] {
        let ran = at(nothing).ask(&["hi"]);
        told(&ran, 78, &[]);
        assert!(!ran.stderr.contains("secret"), "{ran:?}");
    }
}

#[test]
fn a_missing_version_in_the_address_is_pointed_out() {
    let server = Canned::new(
        b"HTTP/1.1 404 Not Found\r\ncontent-type: text/plain\r\nconnection: close\r\n\
        content-length: 18\r\n\r\n404 page not found",
    );
    let ran = at(&server.url("http", "")).ask(&["hi"]);
    told(&ran, 5, &["has nothing at", "try ", "/v1"]);
}

#[test]
fn a_proxy_that_is_not_there_or_wants_a_password_is_named_as_such() {
    let tls =
        |home: Home| home.env("OPENAI_BASE_URL", "https://models.example/v1").env("OPENAI_API_KEY", KEY);
    let home = tls(Home::new()).env("HTTPS_PROXY", "http://me:pass-of-mine@127.0.0.1:9");
    let ran = home.jamey(&["providers", "test", "openai"]);
    told(&ran, 5, &["the proxy on the way to models.example cannot be reached", "HTTPS_PROXY", "NO_PROXY"]);
    assert!(!ran.stderr.contains("pass-of-mine"), "{ran:?}");
    told(&home.ask(&["hi"]), 5, &["proxy"]);

    let proxy = Canned::new(
        b"HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n",
    );
    let home = tls(Home::new()).env("HTTPS_PROXY", proxy.url("http", ""));
    let ran = home.jamey(&["providers", "test", "openai"]);
    told(&ran, 5, &["proxy", "HTTPS_PROXY", "NAME:PASSWORD"]);
    assert!(!proxy.heard().contains(KEY), "the proxy was shown the key");

    let proxy = Canned::new(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
    let home = tls(Home::new()).env("HTTPS_PROXY", proxy.url("http", ""));
    told(&home.jamey(&["providers", "test", "openai"]), 5, &["proxy", "did not let the request through"]);
}

#[test]
fn a_certificate_that_is_wrong_is_told_with_what_is_wrong_about_it() {
    for (certificate, words) in [
        (Certificate::SelfSigned, &["no trustworthy connection", "localhost", "SSL_CERT_FILE"][..]),
        (Certificate::Expired, &["no trustworthy connection", "expired", "clock"]),
        (Certificate::OtherHost, &["no trustworthy connection", "another host", "base URL"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let server = TlsServer::new(certificate, folder.path());
        let home = at(&server.base_url()).env("SSL_CERT_FILE", server.authority());
        let ran = home.jamey(&["providers", "test", "openai"]);
        assert!(server.met() > 0, "{certificate:?}: nobody came: {ran:?}");
        told(&ran, 5, words);
        assert_eq!(server.asked(), Vec::<String>::new(), "{certificate:?} was spoken to");
    }
    let folder = tempfile::tempdir().unwrap();
    let server = TlsServer::new(Certificate::Good, folder.path());
    let home = at(&server.base_url()).env("SSL_CERT_FILE", server.authority());
    let _ = home.jamey(&["providers", "test", "openai"]).exits(0);
    assert!(
        server.asked()[0].to_lowercase().contains(&format!("authorization: bearer {KEY}").to_lowercase())
    );
}

#[test]
fn a_login_page_of_the_network_gets_neither_key_nor_prompt() {
    let portal = Fake::new(|_| Reply::text("welcome to the hotel")).for_any_key();
    for status in [301, 302, 303, 307, 308] {
        let target = format!("{}/chat/completions", portal.base_url());
        let fake = Fake::new(move |_| Reply::status(status, "log in").header("location", &target));
        let home = Home::with(&fake);
        told(&home.ask(&["my secret plan"]), 5, &["redirect", "not followed"]);
        assert_eq!(fake.seen().len(), 1, "{status} was tried again");
    }
    assert!(portal.seen().is_empty());
    let page = b"<html><head><title>Welcome</title></head><body>Please accept our terms</body></html>";
    for content_type in ["text/html; charset=utf-8", "text/plain", "text/event-stream"] {
        let fake = Fake::new(move |_| Reply::body(200, content_type, page));
        let home = Home::with(&fake);
        told(&home.ask(&["hi"]), 5, &["web page", "browser"]);
    }
}

/// What of the process lies in memory, in bytes.
fn resident(pid: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap();
    let line = text.lines().find(|line| line.starts_with("Pss:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[cfg(target_os = "linux")]
#[test]
fn a_bomb_of_compressed_bytes_is_not_unpacked() {
    // A quarter of a gigabyte of zeros.
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for _ in 0..256 {
        packer.write_all(&[0; 1 << 20]).unwrap();
    }
    let bomb = packer.finish().unwrap();
    for content_type in ["text/event-stream", "application/json"] {
        let reply = Reply::body(200, content_type, &bomb).header("content-encoding", "gzip");
        let fake = Fake::new(move |_| reply.clone());
        let home = Home::with(&fake);
        let runtime = Runtime::start(&home);
        let before = resident(runtime.pid());
        told(&home.ask(&["hi"]), 5, &["compressed answer"]);
        let after = resident(runtime.pid());
        assert!(after < before + (64 << 20), "{before} bytes before, {after} after");
        assert!(fake.seen().iter().all(|seen| !seen.head.to_lowercase().contains("accept-encoding: gzip")));
        runtime.stop();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn fifty_megabytes_of_arguments_are_counted_and_told_to_the_model() {
    let piece = "x".repeat(1 << 20);
    let mut reply = Reply::stream().event(&json!({"choices": [{"index": 0, "delta": {"tool_calls": [
        {"index": 0, "id": "call_big", "type": "function",
         "function": {"name": "file_write", "arguments": "{\"path\": \"big\", \"content\": \""}}]}}]}));
    for _ in 0..50 {
        reply = reply.event(&json!({"choices": [{"index": 0, "delta": {"tool_calls": [
            {"index": 0, "function": {"arguments": piece}}]}}]}));
    }
    let reply = reply.calls_end();
    let fake = Fake::new(move |seen| match seen.outputs().as_slice() {
        [] => reply.clone(),
        [said, ..] => Reply::text(&format!("I was told: {said}")),
    });
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let before = resident(runtime.pid());
    let ran = home.ask(&["--mode", "full", "write it"]).exits(0);
    assert!(
        ran.stdout.contains("52428828 bytes") && ran.stdout.contains("1 MiB is the most"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.len() < 2_000, "{} bytes", ran.stdout.len());
    assert!(!home.work().join("big").exists());
    let after = resident(runtime.pid());
    assert!(after < before + (64 << 20), "{before} bytes before, {after} after");
    assert_eq!(fake.seen().len(), 2);
    runtime.stop();
}

#[test]
fn calls_that_were_given_one_id_all_run_and_get_their_own_output() {
    let call = |index: u64, command: &str| {
        json!({"choices": [{"index": 0, "delta": {"tool_calls": [{"index": index, "id": "call_same", "type": "function",
            "function": {"name": "shell_exec", "arguments": json!({"command": command}).to_string()}}]}}]})
    };
    let fake = Fake::new(move |seen| match seen.outputs().len() {
        0 => Reply::stream().event(&call(0, "echo one")).event(&call(1, "echo two")).calls_end(),
        2 => Reply::stream().event(&call(0, "echo three")).calls_end(),
        _ => Reply::text(&seen.outputs().join(" / ")),
    });
    let home = Home::with(&fake);
    let ran = home.ask(&["--mode", "full", "count"]).exits(0);
    for word in ["one", "two", "three"] {
        assert!(ran.stdout.contains(word), "{ran:?}");
    }
    // What goes back has an id for each.
    let last = fake.seen().pop().unwrap();
    let mut ids: Vec<&str> = last.messages().iter().filter_map(|it| it["tool_call_id"].as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 3, "{ids:?}");
}

#[test]
fn a_session_that_met_every_fault_goes_on() {
    let fake = Fake::new(|seen| match seen.number {
        0 => Reply::status(401, "no"),
        1 => Reply::body(302, "text/html", b"").header("location", "https://portal.example/"),
        2 => Reply::body(200, "text/event-stream", b"\x1f\x8b").header("content-encoding", "gzip"),
        _ => Reply::text(&format!("{} messages", seen.messages().len())),
    });
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let _ = home.jamey(&["new", "--name", "tried"]).exits(0);
    let said = |words: &str| home.jamey(&["ask", "-m", MODEL, "-s", "tried", words]);
    told(&said("first"), 5, &[]);
    told(&said("second"), 5, &["redirect"]);
    let _ = said("third").exits(0);
    let last = fake.seen().pop().unwrap().body.to_string();
    for word in ["first", "second", "third"] {
        assert!(last.contains(word), "{word} was lost: {last}");
    }
    runtime.stop();
}

/// A server that says the same to everybody.
struct Canned {
    port: u16,
    heard: std::sync::Arc<std::sync::Mutex<Vec<u8>>>,
}

impl Canned {
    fn new(answer: &'static [u8]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = std::sync::Arc::<std::sync::Mutex<Vec<u8>>>::default();
        let log = std::sync::Arc::clone(&heard);
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut request = [0; 16 * 1024];
                let count = stream.read(&mut request).unwrap_or(0);
                log.lock().unwrap().extend_from_slice(&request[..count]);
                let _ = stream.write_all(answer);
            }
        });
        Self { port, heard }
    }

    fn url(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://127.0.0.1:{}{path}", self.port)
    }

    fn heard(&self) -> String {
        String::from_utf8_lossy(&self.heard.lock().unwrap()).into_owned()
    }
}
