//! Damaged files: set aside whole, restored from the newest good copy, and told.

use std::{
    fs::{self, OpenOptions},
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use jamey_protocol::Session;
use jamey_runtime::store::Store;
use tempfile::tempdir;

use crate::sample::{append, assert_whole, create, open, paths, turn};

/// A closed store with one session in its backup and more in the database than in the backup.
async fn with_backup(folder: &Path) -> Session {
    let store = open(folder).await;
    let mut one = create(&store, "/work").await;
    append(&store, &mut one, turn("saved question", "saved answer")).await;
    store.backup(7).await.unwrap();
    let saved = one.clone();
    for _ in 0..30 {
        append(&store, &mut one, turn("later", &"later ".repeat(300))).await;
    }
    store.close().await;
    saved
}

fn overwrite(file: &Path, at: u64, with: &[u8]) {
    let mut file = OpenOptions::new().write(true).open(file).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(with).unwrap();
}

fn quarantined(folder: &Path) -> Vec<PathBuf> {
    let Ok(times) = fs::read_dir(folder.join("quarantine")) else { return Vec::new() };
    times
        .flat_map(|time| fs::read_dir(time.unwrap().path()).unwrap())
        .map(|file| file.unwrap().path())
        .collect()
}

/// Opens after damage, and checks that the backup is in place, the damaged file is kept, and that
/// the person is told of both.
async fn assert_restored(folder: &Path, saved: &Session) {
    let (store, notices) = Store::open(paths(folder)).await.unwrap();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert!(notices[0].contains("damaged") && notices[0].contains("quarantine"), "{notices:?}");
    assert!(notices[0].contains("was restored"), "{notices:?}");
    assert_eq!(store.session(saved.id).await.unwrap().as_ref(), Some(saved));
    assert_eq!(store.search("saved", 10).await.unwrap().len(), 2);
    assert_whole(&store).await;
    let mut session = saved.clone();
    append(&store, &mut session, turn("and", "on")).await;
    store.close().await;
    assert!(quarantined(folder).iter().any(|file| file.ends_with("jamey.db")));
    open(folder).await.close().await;
}

#[tokio::test]
async fn a_file_that_is_no_database_is_set_aside() {
    let folder = tempdir().unwrap();
    let saved = with_backup(folder.path()).await;
    overwrite(&folder.path().join("jamey.db"), 0, b"garbage garbage garbage");
    assert_restored(folder.path(), &saved).await;
    let kept = quarantined(folder.path()).into_iter().find(|file| file.ends_with("jamey.db")).unwrap();
    assert!(fs::read(kept).unwrap().starts_with(b"garbage"));
}

#[tokio::test]
async fn a_flipped_bit_anywhere_in_the_header_loses_nothing_without_a_word() {
    let folder = tempdir().unwrap();
    let saved = with_backup(folder.path()).await;
    let good = fs::read(folder.path().join("jamey.db")).unwrap();
    for at in 0..100 {
        let _ = fs::remove_dir_all(folder.path().join("quarantine"));
        let mut bad = good.clone();
        bad[at] ^= 0x40;
        fs::write(folder.path().join("jamey.db"), &bad).unwrap();
        match Store::open(paths(folder.path())).await {
            Ok((store, notices)) => {
                let session = store.session(saved.id).await.unwrap();
                let session = session.unwrap_or_else(|| panic!("byte {at}: the session is gone"));
                // All of it, or what the backup had and a word about the rest.
                assert!(session.head > saved.head || notices.len() == 1, "byte {at}: {notices:?}");
                store.close().await;
            }
            Err(error) => panic!("byte {at}: {error}"),
        }
        for left in ["jamey.db-wal", "jamey.db-shm"] {
            let _ = fs::remove_file(folder.path().join(left));
        }
    }
}

#[tokio::test]
async fn a_damaged_page_is_found_after_an_unclean_end() {
    let folder = tempdir().unwrap();
    let saved = with_backup(folder.path()).await;
    let db = folder.path().join("jamey.db");
    let pages = fs::metadata(&db).unwrap().len() / 4096;
    for page in 1..pages {
        overwrite(&db, page * 4096, &[0xA5; 64]);
    }
    // A log that is there says that the last end was unclean.
    fs::write(folder.path().join("jamey.db-wal"), b"").unwrap();
    assert_restored(folder.path(), &saved).await;
}

#[tokio::test]
async fn damage_that_a_read_meets_is_repaired_by_the_next_start() {
    let folder = tempdir().unwrap();
    let saved = with_backup(folder.path()).await;
    let db = folder.path().join("jamey.db");
    let pages = fs::metadata(&db).unwrap().len() / 4096;
    for page in (pages / 2)..pages {
        overwrite(&db, page * 4096, &[0xA5; 4096]);
    }
    if let Ok((store, _)) = Store::open(paths(folder.path())).await {
        let mut told = None;
        for result in [
            store.events(saved.id, 0, u64::MAX).await.map(drop),
            store.items(saved.id, 0, u64::MAX).await.map(drop),
            store.events_all(0, u64::MAX).await.map(drop),
        ] {
            told = told.or(result.err());
        }
        let told = told.expect("half of the pages are garbage");
        assert!(told.to_string().contains("damaged"), "{told}");
        assert!(told.hint().unwrap().contains("restart"), "{told}");
        store.close().await;
    }
    assert_restored(folder.path(), &saved).await;
}

#[tokio::test]
async fn a_truncated_database_is_restored() {
    let folder = tempdir().unwrap();
    let saved = with_backup(folder.path()).await;
    let db = folder.path().join("jamey.db");
    let half = fs::metadata(&db).unwrap().len() / 2 / 4096 * 4096;
    OpenOptions::new().write(true).open(&db).unwrap().set_len(half).unwrap();
    fs::write(folder.path().join("jamey.db-wal"), b"").unwrap();
    assert_restored(folder.path(), &saved).await;
}

#[tokio::test]
async fn an_emptied_database_is_restored_whether_or_not_a_log_is_left() {
    for log in [None, Some(&b"some frames"[..])] {
        let folder = tempdir().unwrap();
        let saved = with_backup(folder.path()).await;
        fs::write(folder.path().join("jamey.db"), b"").unwrap();
        if let Some(log) = log {
            fs::write(folder.path().join("jamey.db-wal"), log).unwrap();
        }
        assert_restored(folder.path(), &saved).await;
    }
}

#[tokio::test]
async fn a_database_that_is_gone_while_its_log_is_left_is_restored() {
    let folder = tempdir().unwrap();
    let saved = with_backup(folder.path()).await;
    fs::rename(folder.path().join("jamey.db"), folder.path().join("jamey.db-wal")).unwrap();
    let (store, notices) = Store::open(paths(folder.path())).await.unwrap();
    assert!(
        notices[0].contains("only its log is left") && notices[0].contains("was restored"),
        "{notices:?}"
    );
    assert_eq!(store.session(saved.id).await.unwrap(), Some(saved));
    assert!(quarantined(folder.path()).iter().any(|file| file.ends_with("jamey.db-wal")));
}

#[tokio::test]
async fn a_folder_in_the_place_of_the_database_is_set_aside() {
    let folder = tempdir().unwrap();
    let saved = with_backup(folder.path()).await;
    fs::remove_file(folder.path().join("jamey.db")).unwrap();
    fs::create_dir(folder.path().join("jamey.db")).unwrap();
    fs::write(folder.path().join("jamey.db/precious"), b"mine").unwrap();
    assert_restored(folder.path(), &saved).await;
    let kept = quarantined(folder.path()).into_iter().find(|file| file.ends_with("jamey.db")).unwrap();
    assert_eq!(fs::read(kept.join("precious")).unwrap(), b"mine");
}

#[tokio::test]
async fn a_truncated_log_leaves_a_clean_beginning_of_history() {
    let folder = tempdir().unwrap();
    let source = tempdir().unwrap();
    let store = open(source.path()).await;
    let mut one = create(&store, "/work").await;
    for _ in 0..20 {
        append(&store, &mut one, turn("q", "a")).await;
    }
    // As a power cut would: the files as they are while the store is open.
    let log = fs::read(source.path().join("jamey.db-wal")).unwrap();
    for part in [0, 10, 31, 32, 5000, log.len() / 2, log.len() - 1] {
        let _ = fs::remove_dir_all(folder.path());
        fs::create_dir(folder.path()).unwrap();
        fs::copy(source.path().join("jamey.db"), folder.path().join("jamey.db")).unwrap();
        fs::write(folder.path().join("jamey.db-wal"), &log[..part]).unwrap();
        let (store, _) = Store::open(paths(folder.path())).await.unwrap();
        assert_whole(&store).await;
        store.close().await;
    }
    store.close().await;
}

#[tokio::test]
async fn without_a_good_backup_the_history_begins_empty_and_says_so() {
    let folder = tempdir().unwrap();
    with_backup(folder.path()).await;
    overwrite(&folder.path().join("jamey.db"), 0, b"garbage");
    let copy = fs::read_dir(folder.path().join("backups")).unwrap().next().unwrap().unwrap().path();
    overwrite(&copy, 20_000, &[0xA5; 3000]);
    overwrite(&copy, 4096, &[0xA5; 300]);
    let (store, notices) = Store::open(paths(folder.path())).await.unwrap();
    assert!(notices.iter().any(|notice| notice.contains("was passed over")), "{notices:?}");
    assert!(
        notices.iter().any(|notice| notice.contains("EMPTY") && notice.contains("quarantine")),
        "{notices:?}"
    );
    assert_eq!(store.counts().await.unwrap().sessions, 0);
    assert!(copy.exists(), "not even a bad backup is deleted");
    store.close().await;
}

#[tokio::test]
async fn a_database_that_was_removed_begins_anew_and_names_the_backup() {
    let folder = tempdir().unwrap();
    with_backup(folder.path()).await;
    fs::remove_file(folder.path().join("jamey.db")).unwrap();
    let (store, notices) = Store::open(paths(folder.path())).await.unwrap();
    assert!(notices[0].contains("a new one was begun") && notices[0].contains("backups"), "{notices:?}");
    store.close().await;
}

#[tokio::test]
async fn a_damaged_search_index_alone_is_made_anew() {
    use sqlx::{ConnectOptions, Connection};
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut one = create(&store, "/work").await;
    append(&store, &mut one, turn("needle", "haystack")).await;
    store.close().await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path().join("jamey.db"));
    let mut by_hand = options.connect().await.unwrap();
    sqlx::query("DELETE FROM items_fts_data WHERE id > 10").execute(&mut by_hand).await.unwrap();
    by_hand.close().await.unwrap();
    fs::write(folder.path().join("jamey.db-wal"), b"").unwrap();
    let store = open(folder.path()).await;
    assert_eq!(store.search("needle", 10).await.unwrap().len(), 1);
    assert_eq!(store.session(one.id).await.unwrap(), Some(one));
}

#[tokio::test]
async fn a_repair_that_a_crash_cut_short_is_finished() {
    let folder = tempdir().unwrap();
    let saved = with_backup(folder.path()).await;
    let copy = fs::read_dir(folder.path().join("backups")).unwrap().next().unwrap().unwrap().path();
    fs::remove_file(folder.path().join("jamey.db")).unwrap();
    fs::copy(copy, folder.path().join("jamey.db-restoring")).unwrap();
    let store = open(folder.path()).await;
    assert_eq!(store.session(saved.id).await.unwrap(), Some(saved));
    assert!(!folder.path().join("jamey.db-restoring").exists());
}
