//! A look at the database's files before SQLite may touch them, because some damage would make it
//! begin anew without a word: over an empty file it deletes the log.
//!
//! The look changes nothing: a database that must be refused stays byte for byte as it was.

use std::{
    fs::{self, File},
    io::Read,
};

use super::{
    StoreError, StorePaths, backup, connect,
    paths::make_folder,
    schema::{self, Owner},
};

/// What is there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// No database.
    Nothing,
    /// A database that looks like ours.
    Database {
        /// It was not closed, so what the disk holds should be checked.
        unclean: bool,
        /// Bytes of it and its log.
        bytes: u64,
    },
    /// Something that cannot be used; says what.
    Damaged(String),
}

/// Looks at the files. Refuses newer and foreign databases without touching them.
pub(super) async fn inspect(paths: &StorePaths) -> Result<Found, StoreError> {
    make_folder(paths.folder())?;
    let failed = |error: std::io::Error| StoreError::file("open", &paths.db, &error);
    let log_bytes = fs::metadata(paths.wal()).map(|meta| meta.len()).ok();
    let meta = match fs::metadata(&paths.db) {
        Ok(meta) => meta,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(match log_bytes {
                Some(bytes) if bytes > 0 => Found::Damaged("it is gone, and only its log is left".into()),
                _ => Found::Nothing,
            });
        }
        Err(error) => return Err(failed(error)),
    };
    if meta.is_dir() {
        return Ok(Found::Damaged("a folder lies in its place".into()));
    }
    if !meta.is_file() {
        return Ok(Found::Damaged("it is no ordinary file".into()));
    }
    if meta.len() == 0 {
        let lost = log_bytes.is_some_and(|bytes| bytes > 0) || !backup::list(paths)?.is_empty();
        return Ok(if lost { Found::Damaged("it is empty".into()) } else { Found::Nothing });
    }
    let mut header = Vec::with_capacity(100);
    File::open(&paths.db).and_then(|file| file.take(100).read_to_end(&mut header)).map_err(failed)?;
    if let Some(damage) = header_damage(&header) {
        return Ok(Found::Damaged(damage.into()));
    }
    if let Some(damage) = look_inside(paths, log_bytes.is_some()).await? {
        return Ok(Found::Damaged(damage));
    }
    Ok(Found::Database { unclean: log_bytes.is_some(), bytes: meta.len() + log_bytes.unwrap_or(0) })
}

/// What no database of ours has in its first hundred bytes, and SQLite would answer with an error
/// that does not say so.
fn header_damage(header: &[u8]) -> Option<&'static str> {
    if !header.starts_with(b"SQLite format 3\0") || header.len() < 100 {
        return Some("it does not begin as a database does");
    }
    let number = |at: usize| header[at..at + 4].iter().fold(0u32, |sum, byte| sum << 8 | u32::from(*byte));
    let is_sound = (1..=2).contains(&header[18]) // journal format for writing
        && (1..=2).contains(&header[19]) // and for reading
        && header[20] == 0 // bytes kept free in each page
        && number(44) <= 4 // schema format
        && number(52) == 0 // no pages that point back
        && number(56) <= 1 // UTF-8
        && number(64) == 0;
    (!is_sound).then_some("its header is garbled")
}

/// Opens the database without writing. Says what is damaged, if anything.
async fn look_inside(paths: &StorePaths, has_log: bool) -> Result<Option<String>, StoreError> {
    let look = async {
        // Without a log SQLite need not be let near the folder at all.
        let mut connection =
            if has_log { connect::reader(&paths.db).await? } else { connect::copy(&paths.db).await? };
        let seen =
            async { Ok((schema::owner(&mut connection).await?, schema::version(&mut connection).await?)) };
        let seen = seen.await;
        connect::close(connection).await;
        seen
    };
    let (owner, found) = match look.await {
        Ok(seen) => seen,
        Err(StoreError::Corrupt { reason }) => return Ok(Some(reason)),
        Err(other) => return Err(other),
    };
    let known = schema::newest();
    match owner {
        Owner::Other => Err(StoreError::Foreign { path: paths.db.clone() }),
        Owner::Nobody if !backup::list(paths)?.is_empty() => Ok(Some("its tables are gone".into())),
        Owner::Jamey if found > known => Err(StoreError::Newer { path: paths.db.clone(), found, known }),
        Owner::Jamey | Owner::Nobody => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_of_ours_is_sound_and_a_strange_one_is_not() {
        let mut header = vec![0; 100];
        header[..16].copy_from_slice(b"SQLite format 3\0");
        header[18..20].copy_from_slice(&[2, 2]);
        header[47] = 4;
        header[59] = 1;
        assert_eq!(header_damage(&header), None);
        for at in [0, 18, 19, 20, 44, 52, 56, 64] {
            let mut bad = header.clone();
            bad[at] ^= 0x40;
            assert!(header_damage(&bad).is_some(), "byte {at}");
        }
        assert!(header_damage(&header[..99]).is_some());
    }
}
