//! Runtimes that do not answer as this Jamey wants: one of another protocol, one that works on its database.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    os::unix::{
        fs::PermissionsExt,
        net::{UnixListener, UnixStream},
    },
    path::PathBuf,
    process::Command,
    thread,
    time::Duration,
};

use serde_json::json;

use crate::{Home, Live};

/// Answers one request, whatever it is.
fn answer(mut stream: UnixStream, protocol: &str) {
    stream.set_nonblocking(false).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|count| count > 2) {
        line.clear();
    }
    let body = json!({"everything": "different"}).to_string();
    let head =
        format!("HTTP/1.1 200 OK\r\njamey-protocol: {protocol}\r\ncontent-length: {}\r\n\r\n", body.len());
    let _ = stream.write_all((head + &body).as_bytes());
}

/// A runtime of another protocol: a door that answers everything alike, and a process of its name that
/// holds the lock, as every runtime does.
///
/// # Panics
/// When the socket or the process cannot be had.
#[must_use]
pub fn of_another_protocol(home: &Home, protocol: &'static str) -> Live {
    let run = run_folder(home);
    let socket = run.join("runtime.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    listener.set_nonblocking(true).unwrap();
    let open = run.join("open");
    fs::write(&open, "").unwrap();
    let (watched, mark) = (socket.clone(), open.clone());
    thread::spawn(move || {
        while watched.exists() {
            match listener.accept() {
                Ok((stream, _)) => answer(stream, protocol),
                Err(_) => thread::sleep(Duration::from_millis(2)),
            }
        }
        // As with a real one, nobody listens any more when the lock is free.
        drop(listener);
        let _ = fs::remove_file(mark);
    });
    let script = "#!/bin/sh\nexec 9<>\"$1\"\nflock 9\necho \"$$ 9.9.9\" >&9\n\
                  trap 'rm -f \"$2\"; while [ -e \"$3\" ]; do sleep 0.01; done; exit' TERM\n\
                  echo ready\nsleep 60 9>&- &\nwait\n";
    let live = as_runtime(home, script, &[run.join("runtime.lock"), socket, open]);
    live.expect("ready");
    live
}

/// A runtime that works on its database for a minute, or until it is dropped: it holds the lock and says so.
///
/// # Panics
/// When the process cannot be had.
#[must_use]
pub fn that_prepares(home: &Home) -> Live {
    let script = "#!/bin/sh\nexec 9<>\"$1\"\nflock 9\necho \"$$ 9.9.9\" >&9\necho $$ >\"$2\"\necho ready\n\
                  for _ in $(seq 120); do touch \"$2\"; sleep 0.5 9>&-; done\n";
    let run = run_folder(home);
    let live = as_runtime(home, script, &[run.join("runtime.lock"), run.join("preparing")]);
    live.expect("ready");
    live
}

fn run_folder(home: &Home) -> PathBuf {
    let run = home.jamey_home().join("run");
    fs::create_dir_all(&run).unwrap();
    fs::set_permissions(&run, fs::Permissions::from_mode(0o700)).unwrap();
    run
}

/// Runs a script under the name of the runtime.
fn as_runtime(home: &Home, text: &str, arguments: &[PathBuf]) -> Live {
    let script = home.path().join("jamey-runtime");
    fs::write(&script, text).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    Live::spawn(Command::new(script).args(arguments))
}
