//! Makes the archive: a zip for its owner alone, beside which nothing is left when it fails.

use std::{
    fs::{self, OpenOptions},
    io::{self, Cursor, Write},
    path::Path,
};

use jamey_protocol::{ApiError, ErrorCode};
use serde::Serialize;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{LEFT_OUT, parts::Part};

/// An archive that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Made {
    /// Where it lies.
    pub path: String,
    /// How large it is.
    pub bytes: u64,
    /// What is in it.
    pub parts: Vec<Shown>,
    /// What is not.
    pub left_out: &'static str,
}

/// A part as it is told to a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Its name in the archive.
    pub name: &'static str,
    /// Its size before it was packed.
    pub bytes: u64,
    /// What it is.
    pub about: &'static str,
}

/// Writes the parts into a new file.
///
/// # Errors
/// `Conflict` when there is a file of that name, `Storage` when it cannot be written.
pub fn write(path: &Path, parts: &[Part]) -> Result<Made, ApiError> {
    let failed = |error: io::Error| {
        ApiError::new(ErrorCode::Storage, format!("{} cannot be written: {error}", path.display()))
            .hint("name a file in a folder of yours with --output, such as --output /tmp/jamey-support.zip")
    };
    // In memory first: it is small, and a disk without room is met once, at the end.
    let packed = pack(parts).map_err(failed)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            ApiError::new(ErrorCode::Conflict, format!("{} is there already", path.display()))
                .hint("name another file with --output; nothing is ever overwritten")
        }
        _ => failed(error),
    })?;
    if let Err(error) = file.write_all(&packed).and_then(|()| file.sync_all()) {
        // Half an archive is of no use.
        let _ = fs::remove_file(path);
        return Err(failed(error));
    }
    let shown = |part: &Part| Shown { name: part.name, bytes: part.text.len() as u64, about: part.about };
    Ok(Made {
        path: path.display().to_string(),
        bytes: packed.len() as u64,
        parts: parts.iter().map(shown).collect(),
        left_out: LEFT_OUT,
    })
}

fn pack(parts: &[Part]) -> io::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options =
        SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).unix_permissions(0o600);
    for part in parts {
        zip.start_file(part.name, options).map_err(io::Error::other)?;
        zip.write_all(part.text.as_bytes())?;
    }
    Ok(zip.finish().map_err(io::Error::other)?.into_inner())
}
