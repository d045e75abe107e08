//! A copy in the place of the database: proven first, and whatever happens one of the two is in use.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use jamey_protocol::Session;
use jamey_runtime::store::{self, Store, StoreError};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, sqlite::SqliteConnectOptions};
use tempfile::tempdir;

use crate::{
    sample::{append, assert_whole, create, open, paths, turn},
    talk::Random,
};

/// A closed store with one session in its copy, and with one more than that.
async fn two_states(folder: &Path) -> (PathBuf, Session, Session) {
    let store = open(folder).await;
    let mut one = create(&store, "/work").await;
    append(&store, &mut one, turn("early", "yes")).await;
    let copy = store.backup(7).await.unwrap();
    let mut two = create(&store, "/work").await;
    append(&store, &mut two, turn("late", "yes")).await;
    store.close().await;
    (copy, one, two)
}

async fn sessions(folder: &Path) -> usize {
    let (store, notices) = Store::open(paths(folder)).await.unwrap();
    assert!(notices.is_empty(), "{notices:?}");
    assert_whole(&store).await;
    let count = store.counts().await.unwrap().sessions;
    store.close().await;
    count as usize
}

#[tokio::test]
async fn a_copy_takes_the_place_of_the_database_and_both_are_kept() {
    let folder = tempdir().unwrap();
    let (copy, one, _) = two_states(folder.path()).await;
    let places = paths(folder.path());
    let name = copy.file_name().map(Path::new);
    for which in [None, name, Some(copy.as_path())] {
        let plan = store::preview(&places, which).await.unwrap();
        assert_eq!((plan.holds.sessions, plan.present.unwrap().sessions), (1, 2));
        assert_eq!(plan.copy.path, copy.display().to_string());
    }
    let was = fs::read(folder.path().join("jamey.db")).unwrap();
    let aside = store::apply(&places, &copy).await.unwrap().unwrap();
    assert_eq!(fs::read(aside.join("jamey.db")).unwrap(), was);
    assert!(copy.exists());
    assert_eq!(sessions(folder.path()).await, 1);
    let store = open(folder.path()).await;
    assert_eq!(store.session(one.id).await.unwrap(), Some(one));
    assert_eq!(store.search("early", 10).await.unwrap().len(), 1);
    assert!(store.search("late", 10).await.unwrap().is_empty());
    store.close().await;
    // And back again.
    store::apply(&places, &aside.join("jamey.db")).await.unwrap().unwrap();
    assert_eq!(sessions(folder.path()).await, 2);
}

#[tokio::test]
async fn what_the_log_of_the_old_database_holds_is_set_aside_with_it() {
    let folder = tempdir().unwrap();
    let (copy, ..) = two_states(folder.path()).await;
    // As after a power cut: the database and its log, which nobody wrote back.
    let cut = tempdir().unwrap();
    let store = open(folder.path()).await;
    create(&store, "/work").await;
    for name in ["jamey.db", "jamey.db-wal"] {
        fs::copy(folder.path().join(name), cut.path().join(name)).unwrap();
    }
    store.close().await;
    let aside = store::apply(&paths(cut.path()), &copy).await.unwrap().unwrap();
    assert_eq!(sessions(cut.path()).await, 1);
    assert!(!aside.join("jamey.db-wal").exists());
    store::apply(&paths(cut.path()), &aside.join("jamey.db")).await.unwrap();
    assert_eq!(sessions(cut.path()).await, 3);
}

#[tokio::test]
async fn a_copy_that_will_not_do_is_refused_and_nothing_changes() {
    let folder = tempdir().unwrap();
    let (copy, ..) = two_states(folder.path()).await;
    let places = paths(folder.path());
    let bad = |name: &str| folder.path().join(name);
    fs::write(bad("text.db"), "no database").unwrap();
    fs::write(bad("empty.db"), "").unwrap();
    let mut torn = fs::read(&copy).unwrap();
    let middle = torn.len() / 2;
    torn[middle - 2000..middle].fill(0xA5);
    fs::write(bad("torn.db"), torn).unwrap();
    let by_hand = async |name: &str, statement: &str| {
        let options = SqliteConnectOptions::new().filename(bad(name)).create_if_missing(true);
        let mut connection = options.connect().await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    };
    by_hand("foreign.db", "CREATE TABLE recipes (name TEXT)").await;
    fs::copy(&copy, bad("newer.db")).unwrap();
    by_hand(
        "newer.db",
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (9, 'later', TRUE, x'00', 0)",
    )
    .await;
    fs::copy(&copy, bad("in-use.db")).unwrap();
    fs::write(bad("in-use.db-wal"), "frames").unwrap();
    let before = fs::read(folder.path().join("jamey.db")).unwrap();
    for (name, words) in [
        ("text.db", "damaged"),
        ("empty.db", "not one of Jamey's"),
        ("torn.db", "damaged"),
        ("foreign.db", "not one of Jamey's"),
        ("newer.db", "version 9"),
        ("in-use.db", "a log beside it"),
        ("jamey.db", "is in use"),
        ("nowhere.db", "neither the name of a backup nor a file"),
        ("backups", "neither the name of a backup nor a file"),
    ] {
        let looked = store::preview(&places, Some(&bad(name))).await.unwrap_err();
        let refused = store::apply(&places, &bad(name)).await.unwrap_err();
        for told in [looked.to_string(), refused.to_string()] {
            assert!(told.contains(words), "{name}: {told}");
        }
        assert_eq!(fs::read(folder.path().join("jamey.db")).unwrap(), before, "{name}");
        assert!(!folder.path().join("quarantine").exists(), "{name}");
        assert!(!folder.path().join("jamey.db-restoring").exists(), "{name}");
    }
    assert_eq!(sessions(folder.path()).await, 2);
    fs::remove_dir_all(folder.path().join("backups")).unwrap();
    assert!(matches!(store::preview(&places, None).await, Err(StoreError::BadRequest(_))));
}

const FOLDER: &str = "JAMEY_TEST_RESTORE_FOLDER";

/// Runs itself again as the program that is killed.
#[test]
fn a_kill_at_any_instant_of_a_restore_leaves_the_old_database_or_the_copy() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    if let Ok(folder) = std::env::var(FOLDER) {
        let folder = Path::new(&folder);
        let copy = folder.join("copy.db");
        runtime.block_on(store::apply(&paths(folder), &copy)).unwrap();
        return;
    }
    let original = tempdir().unwrap();
    let (copy, ..) = runtime.block_on(two_states(original.path()));
    let prepared = || {
        let folder = tempdir().unwrap();
        fs::copy(original.path().join("jamey.db"), folder.path().join("jamey.db")).unwrap();
        fs::copy(&copy, folder.path().join("copy.db")).unwrap();
        folder
    };
    let restore = |folder: &Path| {
        Command::new(std::env::current_exe().unwrap())
            .args([
                "restore::a_kill_at_any_instant_of_a_restore_leaves_the_old_database_or_the_copy",
                "--exact",
            ])
            .env(FOLDER, folder)
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    };
    let whole = {
        let folder = prepared();
        let began = std::time::Instant::now();
        assert!(restore(folder.path()).wait().unwrap().success());
        began.elapsed()
    };
    let mut random = Random(std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64);
    for round in 0..12 {
        let folder = prepared();
        let mut child = restore(folder.path());
        std::thread::sleep(whole * random.below(100) as u32 / 100);
        child.kill().unwrap();
        child.wait().unwrap();
        let found = runtime.block_on(sessions(folder.path()));
        assert!(found == 1 || found == 2, "round {round}: {found} sessions");
        if found == 1 {
            // The old one is whole where it was set aside.
            let aside =
                fs::read_dir(folder.path().join("quarantine")).unwrap().next().unwrap().unwrap().path();
            runtime.block_on(store::apply(&paths(folder.path()), &aside.join("jamey.db"))).unwrap();
            assert_eq!(runtime.block_on(sessions(folder.path())), 2, "round {round}");
        }
    }
}
