//! Commands on Windows, in a job of their own. `cmd.exe` stands for the shell, because it is everywhere.

use std::{
    fs::File,
    path::{Path, PathBuf},
    time::Duration,
};

use jamey_engine::ports::{ReadFiles, ToolContext};
use jamey_protocol::CallId;
use tokio_util::sync::CancellationToken;

use super::{
    exec::Order,
    program::Shell,
    run::{Ended, Stop, run},
};

fn order(command: &str, cwd: &Path) -> Order {
    let options = ["/d", "/c"].map(std::ffi::OsString::from).to_vec();
    Order {
        command: command.to_owned(),
        cwd: cwd.to_owned(),
        timeout: Duration::from_secs(60),
        guard: None,
        mark: None,
        shell: Shell { program: "cmd.exe".into(), options },
    }
}

fn context(cwd: &Path) -> ToolContext {
    ToolContext {
        call_id: CallId::new(),
        cwd: cwd.to_owned(),
        accesses: Vec::new(),
        cancel: CancellationToken::new(),
        progress: tokio::sync::mpsc::channel(1).0,
        spill_dir: cwd.to_owned(),
        read_files: ReadFiles::default(),
    }
}

async fn ended(command: &str) -> Ended {
    let temp = tempfile::tempdir().unwrap();
    run(&order(command, temp.path()), &context(temp.path())).await.unwrap()
}

/// What a test starts below the shell: holds a lock until it is killed. Without the word that names a
/// file it is an empty test.
#[test]
fn holder() {
    let Some(path) = std::env::args().find_map(|word| word.strip_prefix("hold=").map(PathBuf::from)) else {
        return;
    };
    let file = File::create(path).unwrap();
    file.lock().unwrap();
    loop {
        std::thread::park();
    }
}

/// A command that leaves a [`holder`] of `path` in the background and then does `then`.
fn leaving(path: &Path, then: &str) -> String {
    let program = std::env::current_exe().unwrap();
    let test = "--exact shell::tests::holder";
    format!("start /b {} {test} hold={} & {then}", program.display(), path.display())
}

/// Waits until the lock on `path` is held or free, as asked.
async fn until_held(path: &Path, held: bool) {
    let look = async {
        loop {
            if let Ok(file) = File::open(path)
                && file.try_lock().is_err() == held
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), look).await.unwrap();
}

#[tokio::test]
async fn output_of_both_streams_and_the_exit_code_come_back() {
    let ended = ended("echo out& echo err 1>&2& exit 7").await;
    assert_eq!((ended.code, ended.stop), (7, None));
    assert!(ended.output.text.contains("out") && ended.output.text.contains("err"), "{}", ended.output.text);
}

#[tokio::test]
async fn an_interrupt_ends_the_command_and_what_it_began() {
    let temp = tempfile::tempdir().unwrap();
    let held = temp.path().join("held");
    // Waits for a program that never ends.
    let order = order(&leaving(&held, "ping -n 600 127.0.0.1"), temp.path());
    let context = context(temp.path());
    let cancel = context.cancel.clone();
    let (ended, ()) = tokio::join!(run(&order, &context), async {
        until_held(&held, true).await;
        cancel.cancel();
    });
    assert_eq!(ended.unwrap().stop, Some(Stop::Cancelled));
    until_held(&held, false).await;
}

#[tokio::test]
async fn what_a_command_leaves_behind_ends_with_it() {
    let temp = tempfile::tempdir().unwrap();
    let held = temp.path().join("held");
    let order = order(&leaving(&held, "exit 0"), temp.path());
    let ended = run(&order, &context(temp.path())).await.unwrap();
    assert_eq!((ended.code, ended.stop), (0, None));
    // It may have been ended before it held anything.
    if held.exists() {
        until_held(&held, false).await;
    }
}

#[tokio::test]
async fn a_call_that_is_dropped_takes_its_job_with_it() {
    let temp = tempfile::tempdir().unwrap();
    let held = temp.path().join("held");
    let order = order(&leaving(&held, "ping -n 600 127.0.0.1"), temp.path());
    let context = context(temp.path());
    tokio::select! {
        _ = run(&order, &context) => panic!("the command ended by itself"),
        () = until_held(&held, true) => {}
    }
    until_held(&held, false).await;
}
