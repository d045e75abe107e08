//! One session, every face: the same events in the same order, one runtime, and a door that opens
//! for its owner alone.
#![cfg(unix)]

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        process::CommandExt,
    },
    path::Path,
    process::Command,
    thread,
};

use jamey_protocol::SessionId;
use jamey_tests::{Door, Fake, Gate, Home, Live, Reply, Runtime, Seen, home::MODEL, process, runtime, wait};
use rustix::process::Signal;
use serde_json::json;

/// Calls a command once, then answers.
fn one_command(command: &str) -> impl Fn(&Seen) -> Reply + Send + Sync + use<> {
    let arguments = json!({"command": command});
    move |seen| match seen.outputs().as_slice() {
        [] => Reply::call("shell_exec", &arguments),
        outputs => Reply::text(&outputs.join("\n")),
    }
}

/// A face that stays attached through everything, until the turn that says `last` is over: on each
/// end of the stream it comes back with the last seq that it has.
fn face(door: Door, session: SessionId, last: &'static str) -> thread::JoinHandle<Vec<String>> {
    thread::spawn(move || {
        let mut lines: Vec<String> = Vec::new();
        let mut is_last_turn = false;
        loop {
            let Ok(mut stream) = door.try_events(session, lines.len() as u64) else {
                thread::sleep(std::time::Duration::from_millis(3));
                continue;
            };
            while let Some((seq, text)) = stream.next_raw() {
                let Some(seq) = seq else { continue };
                assert_eq!(seq, lines.len() as u64 + 1, "a gap or a double");
                is_last_turn |= text.contains("\"userMessage\"") && text.contains(last);
                let is_over = is_last_turn && text.contains("\"turnEnded\"");
                lines.push(text);
                if is_over {
                    return lines;
                }
            }
        }
    })
}

#[test]
fn two_faces_through_restarts_end_with_the_same_events() {
    let gate = Gate::new();
    let fake = Fake::new({
        let gate = gate.clone();
        move |seen| match seen.prompt() {
            "wait" => Reply::stream().words("words that are cut off ").gate(&gate).stop(),
            other => Reply::text(&format!("an answer to {other}")),
        }
    });
    let home = Home::with(&fake);
    let first = Runtime::start(&home);
    let door = first.door();
    let session = door.new_session(&home.work(), json!({}));
    let faces: Vec<_> = (0..2).map(|_| face(door.clone(), session, "four")).collect();
    let turn = |door: &Door, text: &str| {
        let mut events = door.events(session, door.history(session).len() as u64);
        door.say(session, text);
        let _ = events.until("turnEnded");
    };
    turn(&door, "one");
    first.stop();
    let second = Runtime::start(&home);
    turn(&door, "two");
    door.say(session, "wait");
    gate.reached(1);
    second.kill();
    gate.open();
    let _third = Runtime::start(&home);
    turn(&door, "three");
    turn(&door, "four");
    let lists: Vec<Vec<String>> = faces.into_iter().map(|face| face.join().unwrap()).collect();
    let history = door.history(session);
    assert_eq!(lists[0], lists[1]);
    assert_eq!(lists[0], history);
    let late = door.events(session, 0).take(history.len()).map(|event| event["seq"].clone());
    assert_eq!(late.collect::<Vec<_>>(), (1..=history.len()).map(|seq| json!(seq)).collect::<Vec<_>>());
}

#[test]
fn a_face_that_comes_in_the_middle_sees_the_words_from_the_beginning() {
    let gate = Gate::new();
    let fake = Fake::new({
        let gate = gate.clone();
        move |_| Reply::stream().words("one two three ").gate(&gate).words("four").stop()
    });
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let door = runtime.door();
    let session = door.new_session(&home.work(), json!({}));
    let mut first = door.events(session, 0);
    door.say(session, "count");
    while !first.until("itemDelta").to_string().contains("three") {}
    let mut late = door.events(session, 0);
    let mut text = String::new();
    while !text.contains("three") {
        let delta = late.until("itemDelta")["body"]["delta"].clone();
        assert_eq!(delta["offset"], text.len(), "{delta} after {text:?}");
        text.push_str(delta["text"].as_str().unwrap());
    }
    gate.open();
    let _ = late.until("turnEnded");
    assert!(text.starts_with("one two three"), "{text}");
}

#[test]
fn fifty_starts_at_once_leave_one_runtime() {
    let home = Home::new();
    let starts: Vec<Live> =
        (0..50).map(|_| Live::spawn(home.command("jamey-runtime").arg("start"))).collect();
    for start in starts {
        let _ = start.end().exits(0);
    }
    let status = home.jamey(&["runtime", "status", "--json"]).exits(0).json();
    let pid = status["pid"].as_u64().unwrap();
    let servers: Vec<_> = home
        .processes()
        .into_iter()
        .filter(|(pid, _)| {
            fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|exe| exe.ends_with("jamey-runtime"))
        })
        .filter(|(other, _)| u64::from(*other) != pid)
        .collect();
    assert!(servers.is_empty(), "besides {pid} there are {servers:?}");
    let _ = home.jamey(&["runtime", "stop"]).exits(0);
    wait::until("the runtime to be gone", || home.processes().is_empty().then_some(()));
}

#[test]
fn another_user_gets_nothing_even_with_the_modes_loosened() {
    let home = Home::new();
    let runtime = Runtime::start(&home);
    let socket = runtime.socket().to_path_buf();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(socket.parent().unwrap()), 0o700);
    assert_eq!(mode(&socket), 0o600);
    if !rustix::process::geteuid().is_root() {
        // Nobody but root can become somebody else; the closed folder is what keeps others out.
        return;
    }
    for folder in socket.ancestors().skip(1).take_while(|path| path.starts_with(home.path())) {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).unwrap();
    }
    fs::set_permissions(&socket, fs::Permissions::from_mode(0o777)).unwrap();
    let knock = home.path().join("knock");
    fs::copy(env!("CARGO_BIN_EXE_knock"), &knock).unwrap();
    fs::set_permissions(&knock, fs::Permissions::from_mode(0o755)).unwrap();
    for path in ["/health", "/v1/hello", "/v1/status", "/v1/sessions"] {
        let request = format!("GET {path} HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n");
        let mut command = Command::new(&knock);
        command.arg(&socket).arg(&request).current_dir("/").uid(65534).gid(65534);
        let stranger = process::run(&mut command, b"").exits(0);
        assert!(
            stranger.stdout.starts_with("nothing:") || stranger.stdout.trim() == "answer:",
            "nobody was told something: {stranger:?}"
        );
        let owner = process::run(Command::new(&knock).arg(&socket).arg(&request), b"").exits(0);
        assert!(owner.stdout.starts_with("answer: HTTP/1.1 200"), "{owner:?}");
    }
}

#[test]
fn a_command_of_a_tool_cannot_approve_another() {
    let home_fake = Fake::new(move |seen| match (seen.prompt(), seen.outputs().as_slice()) {
        (_, [output, ..]) => Reply::text(output),
        ("dangerous", []) => Reply::call("shell_exec", &json!({"command": "touch made"})),
        (attack, []) => Reply::call("shell_exec", &json!({"command": attack})),
    });
    let home = Home::with(&home_fake);
    let runtime = Runtime::start(&home);
    let door = runtime.door();
    let waiting = door.new_session(&home.work(), json!({}));
    let mut events = door.events(waiting, 0);
    door.say(waiting, "dangerous");
    let approval = events.until("approvalRequested")["body"]["approval"]["id"].as_str().unwrap().to_owned();
    let knock = runtime.decides_by_knock(waiting, &approval, "allow-once");
    let attacker = door.new_session(&home.work(), json!({"mode": "full"}));
    for attack in [
        knock.clone(),
        format!("setsid -w {knock}"),
        format!("(setsid sh -c \"{}\" > out.txt 2>&1 &) ; sleep 1; cat out.txt", knock.replace('"', "\\\"")),
    ] {
        let mut events = door.events(attacker, door.history(attacker).len() as u64);
        door.say(attacker, &attack);
        let said = loop {
            let event = events.until("itemCompleted");
            if event["body"]["item"]["body"]["type"] == "agentMessage" {
                break event["body"]["item"]["body"]["text"].as_str().unwrap().to_owned();
            }
        };
        let _ = events.until("turnEnded");
        let is_refused =
            said.contains("nothing:") || said.contains(" 403 ") || said.trim_end().ends_with("answer:");
        assert!(is_refused, "{attack} was answered: {said}");
    }
    let session = door.get(&format!("/v1/sessions/{waiting}")).json();
    assert_eq!(session["status"], "waiting", "{session}");
    assert!(!home.work().join("made").exists());
}

#[test]
fn what_a_command_left_to_another_program_is_known_by_its_mark() {
    let fake = Fake::new(one_command("printenv JAMEY_TOOL_OF > mark"));
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let door = runtime.door();
    let session = door.new_session(&home.work(), json!({"mode": "full"}));
    let mut events = door.events(session, 0);
    door.say(session, "begin");
    let _ = events.until("turnEnded");
    let mark = fs::read_to_string(home.work().join("mark")).unwrap();
    // No child of the runtime, as `at` would start it later; all it has is what it was given.
    let knock = |mark: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_knock"));
        let request = "GET /v1/hello HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n";
        command.arg(runtime.socket()).arg(request).env("JAMEY_TOOL_OF", mark);
        process::run(&mut command, b"").exits(0).stdout
    };
    let refused = knock(mark.trim_end());
    assert!(refused.starts_with("nothing:") || refused.trim() == "answer:", "{refused}");
    // A tool of a runtime somewhere else, at work on this one.
    assert!(knock("/somewhere/else/runtime.sock").starts_with("answer: HTTP/1.1 200"));
}

#[test]
fn a_stopped_runtime_leaves_no_child() {
    let fake = Fake::new(one_command("sleep 1000 & setsid sleep 1001 & echo began > trace; sleep 1002"));
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let session = runtime.door().new_session(&home.work(), json!({"mode": "full"}));
    runtime.door().say(session, "begin");
    let trace = home.work().join("trace");
    wait::until("the tool to begin", || fs::read_to_string(&trace).ok().filter(|text| !text.is_empty()));
    assert!(home.processes().len() > 3, "{:?}", home.processes());
    runtime.stop();
    assert_eq!(home.processes(), [], "a clean end left processes");
}

#[test]
fn an_interrupted_tool_leaves_no_child() {
    let fake = Fake::new(one_command("sleep 1000 & setsid sleep 1001 & echo began > trace; sleep 1002"));
    let home = Home::with(&fake);
    let live = home.spawn(&["ask", "-m", MODEL, "--mode", "full", "begin"]);
    let trace = home.work().join("trace");
    wait::until("the tool to begin", || fs::read_to_string(&trace).ok().filter(|text| !text.is_empty()));
    live.signal(Signal::INT);
    let _ = live.wait().exits(130);
    wait::until("the tool's processes to end", || {
        home.processes().iter().all(|(_, line)| !line.contains("sleep")).then_some(())
    });
}

#[test]
fn a_face_that_goes_away_does_not_end_the_turn() {
    let gate = Gate::new();
    let fake = Fake::new({
        let gate = gate.clone();
        move |_| Reply::stream().delta("begun").gate(&gate).delta(" and done").stop()
    });
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let live = home.spawn(&["ask", "-m", MODEL, "work"]);
    live.expect("begun");
    runtime::signal(live.pid(), Signal::KILL);
    let _ = live.wait();
    gate.open();
    let session: SessionId =
        runtime.door().get("/v1/sessions").json()["data"][0]["id"].as_str().unwrap().parse().unwrap();
    let mut events = runtime.door().events(session, 0);
    assert_eq!(events.until("turnEnded")["body"]["outcome"]["type"], "completed");
}

#[test]
fn folders_are_their_owners_alone() {
    let home = Home::new();
    fs::remove_dir(home.jamey_home()).unwrap();
    let _runtime = Runtime::start(&home);
    let mut folders = vec![home.jamey_home()];
    while let Some(folder) = folders.pop() {
        let metadata = fs::metadata(&folder).unwrap();
        assert_eq!(metadata.mode() & 0o077, 0, "{} is open to others", folder.display());
        for entry in fs::read_dir(&folder).unwrap().flatten() {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            }
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_command_of_a_tool_cannot_read_the_runtimes_memory_or_environment() {
    let look = "for p in /proc/[0-9]*; do \
        case \"$(tr '\\0' ' ' < $p/cmdline 2>/dev/null)\" in \
            *jamey-runtime*guard*) ;; \
            *jamey-runtime*start*) echo found; \
                head -c 1 $p/environ >/dev/null 2>&1 && echo environment; \
                head -c 0 $p/mem >/dev/null 2>&1 && echo memory;; \
        esac; done";
    let fake = Fake::new(one_command(look));
    let home = Home::with(&fake);
    // Root may read everything, so this needs another user, who needs programs within reach.
    let bin = home.path().join("bin");
    fs::create_dir(&bin).unwrap();
    for name in ["jamey", "jamey-runtime"] {
        fs::copy(jamey_tests::bins::bin(name), bin.join(name)).unwrap();
    }
    let as_person = |arguments: &[&str]| {
        let mut command = home.dress(Command::new(bin.join("jamey")));
        command.args(arguments);
        if rustix::process::geteuid().is_root() {
            command.uid(65534).gid(65534);
        }
        process::run(&mut command, b"")
    };
    if rustix::process::geteuid().is_root() {
        let _ =
            process::run(Command::new("chown").args(["-R", "65534:65534"]).arg(home.path()), b"").exits(0);
    }
    let told = as_person(&["ask", "-m", MODEL, "--mode", "full", "look"]).exits(0);
    let _ = as_person(&["runtime", "stop"]).exits(0);
    assert!(told.stdout.contains("found"), "{told:?}");
    assert!(!told.stdout.contains("environment") && !told.stdout.contains("memory"), "{}", told.stdout);
}

#[test]
fn a_face_that_cannot_reach_the_socket_finds_the_loopback_api() {
    let fake = Fake::new(|_| Reply::text("through the port"));
    let home = Home::with(&fake);
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let _ = home.jamey(&["config", "set", "api.port", &port.to_string()]).exits(0);
    let _ = home.jamey(&["config", "set", "api.enabled", "true"]).exits(0);
    let runtime = Runtime::start(&home);
    fs::rename(runtime.socket(), home.path().join("hidden")).unwrap();
    let told = home.ask(&["hello"]).exits(0);
    assert_eq!(told.stdout.trim(), "through the port");
    let status = home.jamey(&["runtime", "status", "--json"]).exits(0);
    assert_eq!(status.json()["pid"], runtime.pid(), "it is the same runtime: {status:?}");
    // Without the token the port says nothing.
    fs::write(home.jamey_home().join("data/api-token"), "wrong").unwrap();
    let refused = home.ask(&["--no-start", "hello"]);
    assert_ne!(refused.code, 0, "{refused:?}");
}

#[test]
fn whoever_follows_all_sessions_hears_that_one_was_deleted() {
    let home = Home::new();
    let runtime = Runtime::start(&home);
    let door = runtime.door();
    let mut all = door.all_events();
    let session = door.new_session(&home.work(), json!({}));
    let _ = all.until("sessionUpdated");
    let _ = home.jamey(&["sessions", "delete", &session.to_string(), "--yes"]).exits(0);
    let told = all.until("sessionDeleted");
    assert_eq!((&told["session"], told.get("seq")), (&json!(session), None));
}
