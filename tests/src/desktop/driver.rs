//! Drives a page of the desktop through WebKit's own WebDriver.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::Screen;
use crate::{Home, bins::bin, wait};

/// Calls a command of the shell as a page does; its answer or its error.
const INVOKE: &str = "const [command, given, done] = arguments;\
    window.__TAURI_INTERNALS__.invoke(command, given).then(\
    (ok) => done({ ok: ok ?? null }), (error) => done({ error: error instanceof Error ? String(error) : error }))";

/// Presses a button by its name, if it is there and awake.
const PRESS: &str = "const [name] = arguments;\
    const named = [...document.querySelectorAll('button, [role=button], summary')].find((one) =>\
    (one.getAttribute('aria-label') ?? one.textContent).trim() === name);\
    if (!named || named.disabled || named.ariaDisabled === 'true') return false;\
    named.click(); return true";

/// A session with one desktop, which it started and ends.
pub struct Driver {
    server: Child,
    port: u16,
    session: String,
}

impl Driver {
    /// Starts the desktop and takes hold of its first window.
    ///
    /// # Panics
    /// When it does not come up.
    #[must_use]
    pub fn start(screen: &Screen, home: &Home) -> Self {
        Self::start_program(screen, home, &bin("jamey-desktop"), &[])
    }

    /// The same with arguments; the first window is then the one that these ask for.
    ///
    /// # Panics
    /// When it does not come up.
    #[must_use]
    pub fn start_with(screen: &Screen, home: &Home, arguments: &[&str]) -> Self {
        Self::start_program(screen, home, &bin("jamey-desktop"), arguments)
    }

    /// The same with a desktop that lies elsewhere.
    ///
    /// # Panics
    /// When it does not come up.
    #[must_use]
    pub fn start_program(screen: &Screen, home: &Home, program: &Path, arguments: &[&str]) -> Self {
        // Freed at once and taken by the driver: nothing else here asks for ports meanwhile.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = screen.command(home, "WebKitWebDriver");
        command.arg(format!("--port={port}")).env("TAURI_WEBVIEW_AUTOMATION", "true");
        let log = std::fs::File::create(home.path().join("driver.log")).unwrap();
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let mut driver = Self { server: command.spawn().unwrap(), port, session: String::new() };
        wait::until("the driver to answer", || driver.ask("GET", "/status", &Value::Null));
        let wanted = json!({"binary": program, "args": arguments});
        let begin = json!({"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": wanted}}});
        let begun = driver.ask("POST", "/session", &begin).unwrap_or_default();
        let id = begun["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {begun}"));
        driver.session = format!("/session/{id}");
        let _ = driver.on("/timeouts", &json!({"script": 60_000}));
        driver
    }

    /// Runs a script that gives a value.
    #[must_use]
    pub fn run(&self, script: &str, arguments: &Value) -> Value {
        self.on("/execute/sync", &json!({"script": script, "args": arguments}))
    }

    /// Runs a script that calls its last argument with a value.
    #[must_use]
    pub fn wait_for(&self, script: &str, arguments: &Value) -> Value {
        self.on("/execute/async", &json!({"script": script, "args": arguments}))
    }

    /// Calls a command: `{ok}` or `{error}`.
    #[must_use]
    pub fn invoke(&self, command: &str, given: &Value) -> Value {
        self.wait_for(INVOKE, &json!([command, given]))
    }

    /// Calls a command that must succeed.
    ///
    /// # Panics
    /// With its error.
    #[must_use]
    #[track_caller]
    pub fn call(&self, command: &str, given: &Value) -> Value {
        let answer = self.invoke(command, given);
        answer.get("ok").unwrap_or_else(|| panic!("{command} {given}: {answer}")).clone()
    }

    /// The page is there and its commands are answered.
    pub fn is_ready(&self) {
        wait::until("the page to be ready", || self.invoke("connection", &json!({})).get("ok").cloned());
    }

    /// Waits until the page shows a text.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn shows(&self, text: &str) {
        self.until(&format!("to show {text:?}"), || self.has(text));
    }

    /// Waits until the page shows a text no more.
    ///
    /// # Panics
    /// When it goes on.
    #[track_caller]
    pub fn hides(&self, text: &str) {
        self.until(&format!("to hide {text:?}"), || !self.has(text));
    }

    /// Waits until the conversation shows a text so many times; what is read out stands elsewhere.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn counts(&self, text: &str, times: usize) {
        let count =
            "return (document.querySelector('.scroller')?.innerText ?? '').split(arguments[0]).length - 1";
        self.until(&format!("to show {text:?} {times} times"), || self.run(count, &json!([text])) == times);
    }

    /// Whether the page shows a text now.
    #[must_use]
    pub fn has(&self, text: &str) -> bool {
        self.run("return document.body.innerText.includes(arguments[0])", &json!([text])) == true
    }

    /// Presses the button with this name, as soon as it is there and may be pressed.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn press(&self, name: &str) {
        self.until(&format!("to have a button {name:?}"), || self.presses(name));
    }

    /// Presses the button with this name if it is there and may be pressed, and tells whether it was.
    #[must_use]
    pub fn presses(&self, name: &str) -> bool {
        self.run(PRESS, &json!([name])) == true
    }

    /// Waits for something of the page, whose text is told when it waits in vain.
    #[track_caller]
    fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let began = Instant::now();
        while !holds() {
            if began.elapsed() > wait::PATIENCE {
                let text = self.run("return document.body.innerText", &json!([]));
                panic!("waited in vain for the page {what}; it says: {}", text.as_str().unwrap_or("nothing"));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Types into the first element that fits, with the keys of a person. `\u{e007}` is Enter.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn write(&self, selector: &str, text: &str) {
        let element = self.element(selector);
        let _ = self.on(&format!("/element/{element}/value"), &json!({"text": text}));
    }

    #[track_caller]
    fn element(&self, selector: &str) -> String {
        let wanted = json!({"using": "css selector", "value": selector});
        wait::until(&format!("an element {selector}"), || {
            let found = self.on("/element", &wanted);
            found
                .as_object()?
                .values()
                .find_map(|id| id.as_str().map(str::to_owned))
                .filter(|_| found.get("error").is_none())
        })
    }

    /// Clicks on the first element that fits, as a mouse does.
    ///
    /// # Panics
    /// When there is none, or it cannot be clicked.
    #[track_caller]
    pub fn click(&self, selector: &str) {
        // What was just drawn may not be in its place yet.
        self.until(&format!("to have {selector} clicked"), || {
            let element = self.element(selector);
            self.on(&format!("/element/{element}/click"), &json!({})).is_null()
        });
    }

    /// What stands in the field for messages.
    #[must_use]
    pub fn draft(&self) -> Value {
        self.run("return document.querySelector('textarea')?.value ?? null", &json!([]))
    }

    /// Waits until the field for messages holds these words.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn holds(&self, draft: &str) {
        self.until(&format!("to have {draft:?} in its field"), || self.draft() == draft);
    }

    /// Goes on in the other window, as soon as there is one.
    ///
    /// # Panics
    /// When none opens.
    #[track_caller]
    pub fn go_on_in_the_other(&self) {
        let get = |path: &str| self.ask("GET", &format!("{}{path}", self.session), &Value::Null);
        let here = get("/window").unwrap_or_default();
        let other = wait::until("another window", || {
            get("/window/handles")?.as_array()?.iter().find(|window| **window != here).cloned()
        });
        let _ = self.on("/window", &json!({"handle": other}));
    }

    /// Says something in the field for messages.
    #[track_caller]
    pub fn say(&self, text: &str) {
        self.write("textarea", &format!("{text}\u{e007}"));
    }

    fn on(&self, path: &str, body: &Value) -> Value {
        self.ask("POST", &format!("{}{path}", self.session), body).unwrap_or_default()
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Option<Value> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(120))).ok()?;
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n",
            self.port
        );
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(body.as_bytes()).ok()?;
        let mut answer = Vec::new();
        // Whoever keeps the connection open in spite of what was asked has said everything by then.
        let _ = read_answer(&mut stream, &mut answer);
        let text = String::from_utf8_lossy(&answer);
        let (_, body) = text.split_once("\r\n\r\n")?;
        serde_json::from_str::<Value>(body).ok().map(|answer| answer["value"].clone())
    }
}

/// Reads a head and as many bytes as it announces.
fn read_answer(stream: &mut TcpStream, answer: &mut Vec<u8>) -> std::io::Result<()> {
    let mut piece = [0; 16 * 1024];
    loop {
        let count = stream.read(&mut piece)?;
        if count == 0 {
            return Ok(());
        }
        answer.extend_from_slice(&piece[..count]);
        let text = String::from_utf8_lossy(answer);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            if length.is_some_and(|length| body.len() >= length) {
                return Ok(());
            }
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.ask("DELETE", &self.session, &Value::Null);
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
