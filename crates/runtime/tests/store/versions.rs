//! Databases of other versions and other programs, and the daily copies.

use std::{fs, path::Path};

use jamey_protocol::ErrorCode;
use jamey_runtime::store::{Keep, Store, StoreError};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, sqlite::SqliteConnectOptions};
use tempfile::tempdir;

use crate::sample::{append, create, open, paths, turn};

async fn by_hand(db: &Path, statement: &str) {
    let options = SqliteConnectOptions::new().filename(db).create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// How a later Jamey records its next step.
const NEXT_STEP: &str = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                        VALUES (5, 'later', TRUE, x'00', 0)";

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_and_not_touched() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    create(&store, "/work").await;
    store.close().await;
    let db = folder.path().join("jamey.db");
    by_hand(&db, NEXT_STEP).await;
    let before = (fs::read(&db).unwrap(), names(folder.path()));
    let refused = Store::open(paths(folder.path())).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Version);
    let told = refused.to_string();
    assert!(told.contains("version 5") && told.contains("up to 4"), "{told}");
    assert!(refused.hint().is_some());
    assert_eq!((fs::read(&db).unwrap(), names(folder.path())), before);
}

#[tokio::test]
async fn a_newer_version_that_only_the_log_knows_of_is_refused_too() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    create(&store, "/work").await;
    store.close().await;
    let db = folder.path().join("jamey.db");
    let mut newer = SqliteConnectOptions::new().filename(&db).connect().await.unwrap();
    sqlx::raw_sql(NEXT_STEP).execute(&mut newer).await.unwrap();
    let torn = tempdir().unwrap();
    for name in ["jamey.db", "jamey.db-wal"] {
        fs::copy(folder.path().join(name), torn.path().join(name)).unwrap();
    }
    let log = fs::read(torn.path().join("jamey.db-wal")).unwrap();
    assert!(matches!(Store::open(paths(torn.path())).await, Err(StoreError::Newer { found: 5, .. })));
    assert_eq!(fs::read(torn.path().join("jamey.db-wal")).unwrap(), log);
    newer.close().await.unwrap();
}

#[tokio::test]
async fn another_programs_database_is_refused_and_not_touched() {
    let folder = tempdir().unwrap();
    let db = folder.path().join("jamey.db");
    by_hand(&db, "CREATE TABLE recipes (name TEXT); INSERT INTO recipes VALUES ('soup')").await;
    let before = fs::read(&db).unwrap();
    let refused = Store::open(paths(folder.path())).await.unwrap_err();
    assert_eq!(refused, StoreError::Foreign { path: db.clone() });
    assert_eq!(fs::read(&db).unwrap(), before);
}

#[tokio::test]
async fn a_copy_is_made_once_a_day_and_seven_are_kept() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    assert!(store.upkeep(Keep::default()).await.unwrap().is_empty());
    assert!(!folder.path().join("backups").exists(), "there was nothing to copy");
    let mut one = create(&store, "/work").await;
    append(&store, &mut one, turn("q", "a")).await;
    store.upkeep(Keep::default()).await.unwrap();
    store.upkeep(Keep::default()).await.unwrap();
    let backups = folder.path().join("backups");
    assert_eq!(names(&backups).len(), 1, "the second is not due yet");
    let first = backups.join(&names(&backups)[0]);
    let yesterday = std::time::SystemTime::now() - std::time::Duration::from_secs(25 * 60 * 60);
    fs::File::options().write(true).open(&first).unwrap().set_modified(yesterday).unwrap();
    fs::rename(&first, backups.join("jamey-20200101T000000Z.db")).unwrap();
    store.upkeep(Keep::default()).await.unwrap();
    assert_eq!(names(&backups).len(), 2);
    for _ in 0..8 {
        store.backup(7).await.unwrap();
    }
    let kept = names(&backups);
    assert_eq!(kept.len(), 7, "{kept:?}");
    assert!(!kept.contains(&"jamey-20200101T000000Z.db".to_owned()));
    append(&store, &mut one, turn("goes", "on")).await;
}

/// A clock that ran a day ahead and was set right: the copy of that day is from the future.
#[tokio::test]
async fn a_copy_from_the_future_neither_delays_the_next_nor_lets_one_be_made_at_each_start() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    create(&store, "/work").await;
    store.backup(7).await.unwrap();
    let backups = folder.path().join("backups");
    let ahead = backups.join("jamey-29991231T000000Z.db");
    fs::rename(backups.join(&names(&backups)[0]), &ahead).unwrap();
    let tomorrow = std::time::SystemTime::now() + std::time::Duration::from_secs(24 * 60 * 60);
    fs::File::options().write(true).open(&ahead).unwrap().set_modified(tomorrow).unwrap();
    for _ in 0..3 {
        store.upkeep(Keep::default()).await.unwrap();
        assert_eq!(names(&backups).len(), 2, "{:?}", names(&backups));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_what_the_store_makes() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempdir().unwrap();
    let home = folder.path().join("a b").join("jamey");
    let store = open(&home).await;
    create(&store, "/work").await;
    store.backup(7).await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&home), 0o700);
    assert_eq!(mode(&home.join("backups")), 0o700);
    for name in ["jamey.db", "jamey.db-wal", "jamey.db-shm"] {
        assert_eq!(mode(&home.join(name)), 0o600, "{name}");
    }
    assert_eq!(mode(&home.join("backups").join(&names(&home.join("backups"))[0])), 0o600);
    store.close().await;
    fs::set_permissions(home.join("jamey.db"), fs::Permissions::from_mode(0o644)).unwrap();
    open(&home).await;
    assert_eq!(mode(&home.join("jamey.db")), 0o600);
}

#[tokio::test]
async fn any_character_may_be_in_the_path() {
    let folder = tempdir().unwrap();
    let home = folder.path().join("file: ü 🎉 %41 #frag &x=1 'q' ;");
    #[cfg(unix)]
    let home = home.join("what?mode=memory").join("\"quoted\"\n*");
    let store = open(&home).await;
    let one = create(&store, "/work").await;
    store.backup(7).await.unwrap();
    store.close().await;
    assert!(home.join("jamey.db").metadata().unwrap().len() > 0);
    assert_eq!(open(&home).await.session(one.id).await.unwrap(), Some(one));
}
