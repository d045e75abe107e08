//! What the desktop costs: times as a person sees them, memory, wakeups. Numbers, not checks: they belong to the
//! machine and the moment, so what can be is measured beside something else in the same run.

use std::{
    fs,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};

use super::{
    Driver, Panel, Screen, Shell, Tray,
    checks::{QUICK, mebibytes},
};
use crate::{Fake, Home, Reply, Runtime, bins::bin, home::MODEL, verdict::verdict, wait::until};

/// Starts of each program.
const STARTS: usize = 7;
const PIECES: usize = 10_000;
/// Turns of the long session; each has two items.
const TURNS: usize = 2_500;

const ALL: [(&str, fn()); 5] = [
    ("starts", starts),
    ("rest", at_rest),
    ("closed", after_a_window),
    ("frames", stream),
    ("long", long_session),
];

/// Prints the numbers with these names as a table, all without a name.
pub fn print(names: &[String]) {
    println!("| what | value | aim |\n|---|---:|---|");
    for (_, measure) in ALL.iter().filter(|(name, _)| names.is_empty() || names.iter().any(|one| one == name))
    {
        measure();
    }
}

/// The memory of a desktop that shows nothing.
const AT_REST: Aim = Aim { most: 55.0, unit: " MiB" };
/// A time that a person does not notice.
const AT_ONCE: Aim = Aim { most: 150.0, unit: " ms" };

/// What a value may be at most.
#[derive(Clone, Copy)]
struct Aim {
    most: f64,
    unit: &'static str,
}

/// A value without an aim.
fn row(what: &str, value: &str) {
    println!("| {what} | {value} | |");
}

/// A value that is said in other words than its number.
fn told(what: &str, words: &str, value: f64, Aim { most, unit }: Aim) {
    println!("| {what} | {words} | {most}{unit}: {} |", verdict(value <= most));
}

fn judged(what: &str, value: f64, aim: Aim) {
    let digits = usize::from(value < 100.0);
    told(what, &format!("{value:.digits$}{}", aim.unit), value, aim);
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// Tells when the first words were painted, in milliseconds since 1970.
const PAINTED: &str = "const [done] = arguments;\
    const look = () => { const paint = performance.getEntriesByName('first-contentful-paint')[0];\
    paint ? done(performance.timeOrigin + paint.startTime) : requestAnimationFrame(look) }; look()";

/// From the start of the process until its window has painted words, against a window with one line.
fn starts() {
    let (mut ours, mut least) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        ours.push(painted("jamey-desktop"));
        least.push(painted("examples/bare"));
    }
    let (ours, least) = (median(ours), median(least));
    let share = ours / least;
    let words = format!("{ours:.0} ms, {share:.2} of a bare window's {least:.0} ms");
    told("start to painted", &words, share, Aim { most: 1.2, unit: "" });
}

fn painted(program: &str) -> f64 {
    let home = Home::new();
    let screen = Screen::begin(&home, Panel::Absent);
    let program = bin(program);
    let page = Driver::start_program(&screen, &home, &program, &[]);
    let at = page.wait_for(PAINTED, &json!([])).as_f64().expect("a page that paints");
    let named = program.display().to_string();
    let pid = home.processes().into_iter().find(|(_, line)| line.trim() == named).expect("its process").0;
    at - began(pid)
}

/// When a process was started, in milliseconds since 1970, to 10 ms.
#[allow(clippy::cast_precision_loss)]
fn began(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let after_name = stat.rsplit_once(')').unwrap().1;
    let ticks: f64 = after_name.split_whitespace().nth(19).unwrap().parse().unwrap();
    let uptime = fs::read_to_string("/proc/uptime").unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as f64;
    let uptime: f64 = uptime.split_whitespace().next().unwrap().parse().unwrap();
    now - uptime * 1e3 + ticks * 10.0
}

/// In the tray after a window was there, which leaves the web engine's libraries behind for a while.
fn after_a_window() {
    closed("58 s after the last window closed, PSS", |shell, _| {
        row("with its window, PSS", &format!("{:.1} MiB", mebibytes(shell.memory())));
    });
    closed("the same when the quick prompt was used before, PSS", |_, prompt| {
        let _ = prompt.called();
    });
}

/// What is kept when the window that was there is closed after something else.
fn closed(what: &str, before: impl FnOnce(&Shell, &Prompt)) {
    let home = Home::new();
    let screen = Screen::begin(&home, Panel::Shown);
    let shell = Shell::start(&screen, &home, &[]);
    let window = until("the window", || screen.windows(&home, "Jamey").pop());
    thread::sleep(Duration::from_secs(5));
    before(&shell, &Prompt { screen: &screen, home: &home });
    let id = format!("{:#x}", window.parse::<u64>().expect("a window's number"));
    let _ = screen.output(&home, "wmctrl", &["-i", "-c", &id]);
    thread::sleep(Duration::from_secs(58));
    judged(what, mebibytes(shell.memory()), AT_REST);
}

/// In the tray, and the quick prompt called from there.
fn at_rest() {
    let home = Home::new();
    let screen = Screen::begin(&home, Panel::Shown);
    let shell = Shell::start(&screen, &home, &["--background"]);
    Tray::find(&screen, &home).expect("Ready");
    thread::sleep(Duration::from_secs(10));
    judged("in the tray, never opened, PSS", mebibytes(shell.memory()), AT_REST);
    let woke = shell.wakeups(Duration::from_secs(20));
    judged("wakeups there, a second", woke, Aim { most: 5.0, unit: "" });
    let prompt = Prompt { screen: &screen, home: &home };
    let (first, first_letter) = prompt.called();
    let (warm, warm_letter): (Vec<_>, Vec<_>) = (0..5).map(|_| prompt.called()).unzip();
    judged("hotkey to quick prompt, the first time", first, AT_ONCE);
    judged("the same once it was used", median(warm), AT_ONCE);
    let letters = |when: &str, ms: f64| {
        row(&format!("hotkey until a letter typed at once is in its field, {when}"), &format!("{ms:.0} ms"));
    };
    letters("the first time", first_letter);
    letters("once it was used", median(warm_letter));
}

/// The quick prompt, called with the keys of a person who does something else.
struct Prompt<'a> {
    screen: &'a Screen,
    home: &'a Home,
}

impl Prompt<'_> {
    /// Calls it, types a letter as soon as it takes keys, and puts it away. How long it took until it was there and
    /// until the letter was in its field, in milliseconds, without what asking costs by itself.
    fn called(&self) -> (f64, f64) {
        let look = cost(|| assert!(!self.is_there()));
        let key = cost(|| self.screen.xdotool(self.home, &["getmouselocation"]));
        // The letters before lie there, marked, and are written over.
        let letter = LETTERS[CALLS.fetch_add(1, Ordering::Relaxed) % LETTERS.len()];
        let began = Instant::now();
        self.press();
        until("the quick prompt", || self.is_there().then_some(()));
        let there = ms_since(began) - look - key;
        until("the quick prompt to take keys", || self.screen.is_in_front(self.home, QUICK).then_some(()));
        self.screen.xdotool(self.home, &["key", letter]);
        until("the letter", || (self.field() == letter).then_some(()));
        let written = ms_since(began);
        let focus = cost(|| assert!(self.screen.is_in_front(self.home, QUICK)));
        let typed = written - cost(|| drop(self.field())) - focus - look - 2.0 * key;
        // A press just after it came is not taken for one that puts it away.
        thread::sleep(Duration::from_secs(1));
        self.press();
        until("the quick prompt to hide", || (!self.is_there()).then_some(()));
        thread::sleep(Duration::from_secs(1));
        (there, typed)
    }

    fn is_there(&self) -> bool {
        !self.screen.windows(self.home, QUICK).is_empty()
    }

    fn press(&self) {
        self.screen.xdotool(self.home, &["key", "ctrl+shift+space"]);
    }

    /// What stands in its field, copied as a person does it.
    fn field(&self) -> String {
        self.screen.xdotool(self.home, &["key", "ctrl+a", "ctrl+c"]);
        self.screen.output(self.home, "xclip", &["-o", "-selection", "clipboard"])
    }
}

const LETTERS: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];
/// How often it was called.
static CALLS: AtomicUsize = AtomicUsize::new(0);

/// How long something usually takes, in milliseconds.
fn cost(act: impl Fn()) -> f64 {
    let times = (0..5).map(|_| {
        let began = Instant::now();
        act();
        ms_since(began)
    });
    median(times.collect())
}

/// Frames while a page receives 10,000 pieces at 1,000 a second.
const FRAMES: &str = r"
const [session, opId, done] = arguments
const began = performance.now(), late = []
let longest = 0, count = 0, last = began, isOver = false
const frame = (now) => {
  longest = Math.max(longest, now - last)
  if (now - last > 50) late.push(((now - began) / 1e3).toFixed(1) + ' s')
  count += 1; last = now
  if (isOver) done({ longest, late, count }); else requestAnimationFrame(frame) }
requestAnimationFrame(frame)
const look = () => { document.body.textContent.includes('THE-END') ? isOver = true : setTimeout(look, 250) }
window.__TAURI_INTERNALS__.invoke('submit', { session, opId, op: { type: 'start_turn', text: 'go', settings: {} } })
  .then(look, (error) => done({ error }))
";

fn stream() {
    frames("10,000 pieces of Markdown at 1,000 a second", &markdown());
    let endless = (0..PIECES).map(|at| format!("{at} ")).collect::<Vec<_>>();
    frames("the same as one endless paragraph", &endless);
}

/// An answer as models write them, in as many pieces: paragraphs, lists, code, a table.
fn markdown() -> Vec<String> {
    const PART: &str = "## What the log says\n\nThe **second** build failed since `ring` was asked for the wrong key, \
        and the cache kept that answer. Three things follow from it, of which only the first is urgent:\n\n\
        - the key is read *once*, at the start\n- the cache has no end\n- nobody is told\n\n\
        ```rust\nlet pair = Ed25519KeyPair::from_pkcs8(&bytes)?;\nassert!(pair.is_fresh());\n```\n\n\
        | file | lines |\n|---|---:|\n| src/key.rs | 14 |\n| src/sign.rs | 3 |\n\n";
    PART.split_inclusive(' ').map(str::to_owned).cycle().take(PIECES).collect()
}

/// Code that is wanted later is fetched half a second after a window's start, and the start that chose the session is a
/// process of its own.
const SETTLED: Duration = Duration::from_secs(2);

fn frames(what: &str, pieces: &[String]) {
    let long = pieces.iter().enumerate().fold(Reply::stream(), |reply, (at, piece)| {
        let reply = reply.delta(piece);
        if at % 10 == 9 { reply.pause(Duration::from_millis(10)) } else { reply }
    });
    let fake = Fake::script([long.delta("\n\nTHE-END").stop()]);
    let home = Home::with(&fake);
    let screen = Screen::begin(&home, Panel::Absent);
    let page = Driver::start(&screen, &home);
    let session = open(&screen, &home, &page, &json!({"model": MODEL, "name": "A long answer"}));
    // A person writes before an answer comes; until then the window is still about its start.
    std::thread::sleep(SETTLED);
    let seen = page.wait_for(FRAMES, &json!([session, jamey_protocol::OpId::new()]));
    let late: Vec<_> = seen["late"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let when = if late.is_empty() { String::new() } else { format!(" (at {})", late.join(", ")) };
    let (longest, count) = (&seen["longest"], &seen["count"]);
    let text = format!("longest frame {longest} ms, {} of {count} over 50 ms{when}", late.len());
    println!("| {what} | {text} | none over 50 ms: {} |", verdict(late.is_empty()));
}

fn open(screen: &Screen, home: &Home, page: &Driver, request: &Value) -> String {
    page.is_ready();
    let session = page.call("create_session", &json!({"request": request}));
    let id = session["id"].as_str().unwrap().to_owned();
    let _ = screen.output(home, &bin("jamey-desktop").display().to_string(), &["--session", &id]);
    page.shows(request["name"].as_str().unwrap());
    id
}

/// Presses a session's line in the list and tells how long it takes until its newest words are painted, until all of it
/// is there, and the longest frame between the two. All of it is there when the page is as long as it will be.
const OPENED: &str = r"
const [name, words, done] = arguments
const line = [...document.querySelectorAll('a, button')].find((one) => one.textContent.includes(name))
const began = performance.now()
const length = () => document.querySelector('.scroller')?.scrollHeight ?? 0
line.click()
let end, last, longest = 0
const rest = (now) => {
  longest = Math.max(longest, now - last); last = now;
  length() > 100000 ? done({ end, whole: now - began, longest }) : requestAnimationFrame(rest)
}
const look = () => document.body.textContent.includes(words)
  ? requestAnimationFrame((now) => { end = performance.now() - began; last = now; rest(now) })
  : requestAnimationFrame(look)
look()
";

fn long_session() {
    let fake = Fake::new(|seen| Reply::text(&format!("**an answer** to `{}`", seen.prompt())));
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let door = runtime.door();
    let session = door.new_session(&home.work(), json!({}));
    let mut events = door.events(session, 0);
    for turn in 1..=TURNS {
        door.say(
            session,
            &if turn == TURNS { "the newest of all".to_owned() } else { format!("question {turn}") },
        );
        let _ = events.until("turnEnded");
    }
    let named =
        door.call("PATCH", &format!("/v1/sessions/{session}"), Some(&json!({"name": "Five thousand"})));
    assert_eq!(named.unwrap().status, 200);
    let screen = Screen::begin(&home, Panel::Absent);
    let page = Driver::start(&screen, &home);
    page.is_ready();
    page.shows("Five thousand");
    let seen = page.wait_for(OPENED, &json!(["Five thousand", "the newest of all"]));
    let ms = |name: &str| seen[name].as_f64().unwrap_or(f64::NAN);
    judged("a session of 5,000 items opens at its end", ms("end"), Aim { most: 300.0, unit: " ms" });
    let words = format!("{:.0} ms, longest frame {:.0} ms", ms("whole"), ms("longest"));
    row("all of it can be scrolled through", &words);
}

fn ms_since(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1e3
}
