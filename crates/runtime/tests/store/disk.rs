//! Disks that refuse: nothing is half kept, the cause is told, and work goes on when it can.
#![cfg(unix)]

use std::{
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::Command,
};

use jamey_engine::ports::{Durability, Entry, Journal};
use jamey_protocol::ErrorCode;
use jamey_runtime::store::Store;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tempfile::{TempDir, tempdir};

use crate::sample::{append, assert_whole, create, open, paths, turn};

const FOLDER: &str = "JAMEY_TEST_DISK_FOLDER";

fn block_on(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work);
}

/// Runs itself again with a limit on the size of files, since a limit holds for a whole process, and
/// through a shell that ignores the signal with which the limit would kill it.
#[test]
fn a_write_that_fails_keeps_nothing_and_the_next_one_works_when_the_disk_does() {
    if let Ok(folder) = std::env::var(FOLDER) {
        return block_on(fill(Path::new(&folder)));
    }
    let folder = tempdir().unwrap();
    let ended = Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["disk::a_write_that_fails_keeps_nothing_and_the_next_one_works_when_the_disk_does", "--exact"])
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
}

async fn fill(folder: &Path) {
    let store = open(folder).await;
    let mut session = create(&store, "/work").await;
    append(&store, &mut session, turn("first", "answer")).await;
    let unlimited = getrlimit(Resource::Fsize);
    let bytes = std::fs::metadata(folder.join("jamey.db-wal")).unwrap().len();
    for more in [0, 1, 5_000, 20_000, 50_000] {
        setrlimit(Resource::Fsize, Rlimit { current: Some(bytes + more), ..unlimited }).unwrap();
        for durability in [Durability::Process, Durability::Disk] {
            let entry = Entry {
                session: session.clone(),
                turn: None,
                at: 1,
                bodies: turn("too much", &"x".repeat(200_000)),
                op: None,
                spent: None,
                durability,
            };
            let refused = store.append(entry).await.unwrap_err();
            assert!(refused.message.contains("disk"), "{refused}");
            assert!(refused.hint.is_some());
        }
        assert_eq!(store.read(session.id, 0).await.unwrap().len() as u64, session.head);
    }
    setrlimit(Resource::Fsize, unlimited).unwrap();
    append(&store, &mut session, turn("second", "answer")).await;
    assert_whole(&store).await;
    store.close().await;
    assert_whole(&open(folder).await).await;
}

const LOCKED: &str = "JAMEY_TEST_LOCKED_FOLDER";

/// Runs itself again as somebody whom rights bind, if it runs as root.
#[test]
fn a_folder_that_may_not_be_written_is_named_with_what_to_do() {
    if let Ok(folder) = std::env::var(LOCKED) {
        return block_on(assert_refused(Path::new(&folder)));
    }
    let folder = tempdir().unwrap();
    block_on(async {
        let store = open(&folder.path().join("full")).await;
        create(&store, "/work").await;
        store.close().await;
    });
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    let set = |path: PathBuf, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    set(folder.path().join("full/jamey.db"), 0o444);
    set(folder.path().join("full"), 0o555);
    set(folder.path().join("empty"), 0o555);
    set(folder.path().into(), 0o755);
    let (program, _kept) = reachable_by_everybody();
    let mut command = Command::new(program);
    command
        .args(["disk::a_folder_that_may_not_be_written_is_named_with_what_to_do", "--exact"])
        .env(LOCKED, folder.path());
    if rustix::process::geteuid().is_root() {
        command.uid(65_534).gid(65_534);
    }
    let ended = command.output().unwrap();
    set(folder.path().join("full"), 0o755);
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
}

async fn assert_refused(folder: &Path) {
    for home in ["full", "empty", "empty/deeper"] {
        let refused = Store::open(paths(&folder.join(home))).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::Storage);
        let told = refused.to_string();
        assert!(told.contains("permission denied") || told.contains("read-only"), "{home}: {told}");
        assert!(refused.hint().is_some(), "{told}");
    }
}

/// A copy of this program in a folder that everybody may enter; the folder goes with the second value.
fn reachable_by_everybody() -> (PathBuf, TempDir) {
    let folder = tempdir().unwrap();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let program = folder.path().join("program");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    (program, folder)
}
