//! Packing: the database is written anew, without the room that erased sessions and half-full pages
//! took, and takes the old one's place.
//!
//! The new file is whole, synced and checked before it gets the name, and it gets it by one rename while
//! nobody has the database open. So a crash leaves the old file or the new one, which say the same.

use std::fs;

use sqlx::{Row, SqliteConnection, query, query_scalar};

use super::{StoreError, StorePaths, backup, connect, paths::sync_folder, room};

/// Less than this is not worth it.
const SLACK: u64 = 256 * 1024;
/// What a database takes that holds next to nothing.
const EMPTY: u64 = 64 * 1024;

/// How large a database is, and how much of that must be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sizes {
    /// Bytes of its files.
    pub(super) bytes: u64,
    /// Bytes of the bodies of its events.
    pub(super) payload: u64,
}

/// Measures a database.
pub(super) async fn measure(
    connection: &mut SqliteConnection,
    paths: &StorePaths,
) -> Result<Sizes, StoreError> {
    let payload: i64 =
        query_scalar("SELECT coalesce(sum(bytes), 0) FROM sessions").fetch_one(connection).await?;
    Ok(Sizes { bytes: on_disk(paths), payload: u64::try_from(payload).unwrap_or(0) })
}

/// Bytes of the database, its log and the log's index.
pub(super) fn on_disk(paths: &StorePaths) -> u64 {
    let size = |file: &std::path::Path| fs::metadata(file).map_or(0, |meta| meta.len());
    size(&paths.db) + size(&paths.wal()) + size(&paths.shm())
}

/// Tells whether packing would free enough: more than a thirtieth beyond what the same payload took when
/// it was packed last.
pub(super) fn is_worth_it(now: Sizes, packed: Option<Sizes>) -> bool {
    // As a part and a whole, since both may be large.
    let (part, whole) = match packed {
        Some(Sizes { bytes, payload }) if payload > 0 => {
            (bytes.saturating_sub(EMPTY).clamp(payload, payload.saturating_mul(2)), payload)
        }
        _ => (11, 10),
    };
    let grown = u128::from(now.payload) * u128::from(part) / u128::from(whole);
    let wanted = EMPTY.saturating_add(u64::try_from(grown).unwrap_or(u64::MAX));
    now.bytes.saturating_sub(wanted) > SLACK.max(wanted / 30)
}

/// How large the database was when it was packed last.
pub(super) async fn last(connection: &mut SqliteConnection) -> Result<Option<Sizes>, StoreError> {
    let row =
        query("SELECT bytes, payload FROM upkeep WHERE what = 'vacuum'").fetch_optional(connection).await?;
    let Some(row) = row else { return Ok(None) };
    let number = |name| Ok::<_, StoreError>(u64::try_from(row.try_get::<i64, _>(name)?).unwrap_or(0));
    Ok(Some(Sizes { bytes: number("bytes")?, payload: number("payload")? }))
}

/// Notes that the database was looked after just now.
pub(super) async fn note(
    connection: &mut SqliteConnection,
    what: &'static str,
    sizes: Sizes,
) -> Result<(), StoreError> {
    query(
        "INSERT OR REPLACE INTO upkeep (what, at, bytes, payload) \
         VALUES (?, CAST(unixepoch('subsec') * 1000 AS INTEGER), ?, ?)",
    )
    .bind(what)
    .bind(i64::try_from(sizes.bytes).unwrap_or(i64::MAX))
    .bind(i64::try_from(sizes.payload).unwrap_or(i64::MAX))
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes the database that `connection` has open to a new file beside it, if there is room.
pub(super) async fn stage(connection: &mut SqliteConnection, paths: &StorePaths) -> Result<(), StoreError> {
    room::check(&paths.db, on_disk(paths))?;
    // Many small parts of the index become one.
    query("INSERT INTO items_fts (items_fts) VALUES ('optimize')").execute(&mut *connection).await?;
    backup::copy_verified(connection, &paths.packed()).await
}

/// Puts the new file in the place of the old one, which nobody may have open. Returns `false`, and
/// changes nothing, when somebody has.
pub(super) fn swap(paths: &StorePaths) -> Result<bool, StoreError> {
    // The last one to close the database takes its log away.
    if paths.wal().exists() {
        return Ok(false);
    }
    let packed = paths.packed();
    fs::rename(&packed, &paths.db).map_err(|error| StoreError::file("replace", &paths.db, &error))?;
    sync_folder(paths.folder())?;
    Ok(true)
}

/// Packs a database whose pages have another size than ours, before anybody else has it open. What cannot
/// be done is told and does no harm.
pub(super) async fn at_start(
    mut writer: SqliteConnection,
    paths: &StorePaths,
) -> Result<(SqliteConnection, Option<String>), StoreError> {
    let page: i64 = query_scalar("PRAGMA page_size").fetch_one(&mut writer).await?;
    if page == i64::from(connect::PAGE) {
        return Ok((writer, None));
    }
    let before = on_disk(paths);
    if let Err(error) = stage(&mut writer, paths).await {
        super::paths::remove(&paths.packed())?;
        return Ok((
            writer,
            Some(format!("The database takes more room than it needs: it could not be packed ({error})")),
        ));
    }
    connect::close(writer).await;
    let swapped = swap(paths);
    let mut writer = connect::writer(&paths.db).await?;
    if swapped? {
        let sizes = measure(&mut writer, paths).await?;
        note(&mut writer, "vacuum", sizes).await?;
        tracing::info!(before, after = sizes.bytes, "the database was packed");
    } else {
        super::paths::remove(&paths.packed())?;
    }
    Ok((writer, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_is_worth_it_when_a_thirtieth_comes_free_and_not_again_at_once() {
        const MB: u64 = 1_000_000;
        let sizes = |bytes, payload| Sizes { bytes: bytes * MB, payload: payload * MB };
        assert!(!is_worth_it(sizes(0, 0), None));
        assert!(!is_worth_it(Sizes { bytes: 300_000, payload: 0 }, None));
        assert!(is_worth_it(sizes(100, 10), None), "sessions were erased");
        assert!(!is_worth_it(sizes(116, 100), Some(sizes(116, 100))));
        assert!(!is_worth_it(sizes(119, 100), Some(sizes(116, 100))));
        assert!(is_worth_it(sizes(121, 100), Some(sizes(116, 100))));
        assert!(!is_worth_it(sizes(235, 200), Some(sizes(116, 100))), "it only grew");
        // Short messages cannot be packed as well as long ones.
        assert!(!is_worth_it(sizes(140, 100), Some(sizes(140, 100))));
    }
}
