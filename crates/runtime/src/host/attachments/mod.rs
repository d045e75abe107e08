//! Files that a person gave along: in the folder of their session, gone with it. `kind` finds what they are.

mod kind;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use jamey_engine::ports::Attachments;
use jamey_protocol::{ApiError, Attachment, AttachmentId, ErrorCode, SessionId};

use crate::config::store;

/// The largest file that is taken.
pub const LARGEST: usize = 20 * 1024 * 1024;
/// Most files that one session keeps.
const MOST: usize = 2_000;

/// The files of all sessions, each in two: its bytes, and what they are.
#[derive(Clone, Debug)]
pub struct Given {
    /// The folder in which each session has one.
    blobs: PathBuf,
}

impl Given {
    /// Those below the folder that holds one for each session.
    #[must_use]
    pub fn below(blobs: PathBuf) -> Self {
        Self { blobs }
    }

    /// Keeps a file for a session.
    ///
    /// # Errors
    /// When no model could be given it, or it cannot be kept.
    pub async fn keep(&self, session: SessionId, name: &str, bytes: Vec<u8>) -> Result<Attachment, ApiError> {
        let name = name_of(name)?;
        if bytes.len() > LARGEST {
            let message = format!("{name} has {} bytes; at most 20 MB are taken", bytes.len());
            return Err(ApiError::new(ErrorCode::TooLarge, message)
                .hint("name its path and let the model read parts of it with a tool"));
        }
        let media_type = kind::of(&bytes).map_err(|(why, hint)| {
            ApiError::new(ErrorCode::BadRequest, format!("{name} is not taken: {why}")).hint(hint)
        })?;
        let attachment = Attachment {
            id: AttachmentId::new(),
            name,
            media_type: media_type.to_owned(),
            bytes: bytes.len() as u64,
        };
        let (folder, kept) = (self.folder(session), attachment.clone());
        let written = tokio::task::spawn_blocking(move || write(&folder, &kept, &bytes)).await;
        written.unwrap_or_else(|error| Err(failed(&attachment.name, &io::Error::other(error))))?;
        Ok(attachment)
    }

    fn folder(&self, session: SessionId) -> PathBuf {
        self.blobs.join(session.to_string()).join("given")
    }

    fn places(&self, session: SessionId, id: AttachmentId) -> [PathBuf; 2] {
        let folder = self.folder(session);
        [folder.join(format!("{id}.json")), folder.join(id.to_string())]
    }
}

#[async_trait::async_trait]
impl Attachments for Given {
    async fn find(&self, session: SessionId, id: AttachmentId) -> Result<Attachment, ApiError> {
        let [about, _] = self.places(session, id);
        let read = tokio::task::spawn_blocking(move || fs::read(about)).await;
        let read = read.unwrap_or_else(|error| Err(io::Error::other(error)));
        let bytes = read.map_err(|error| gone(id, &error))?;
        serde_json::from_slice(&bytes).map_err(|error| gone(id, &io::Error::other(error)))
    }

    async fn read(&self, session: SessionId, id: AttachmentId) -> Result<Arc<[u8]>, ApiError> {
        let [_, bytes] = self.places(session, id);
        let read = tokio::task::spawn_blocking(move || fs::read(bytes)).await;
        let read = read.unwrap_or_else(|error| Err(io::Error::other(error)));
        read.map(Arc::from).map_err(|error| gone(id, &error))
    }
}

fn write(folder: &Path, attachment: &Attachment, bytes: &[u8]) -> Result<(), ApiError> {
    let failed = |error: &io::Error| failed(&attachment.name, error);
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder).map_err(|error| failed(&error))?;
    // Two files each.
    if fs::read_dir(folder).map_err(|error| failed(&error))?.count() >= 2 * MOST {
        let message = format!("the session has {MOST} files already");
        return Err(ApiError::new(ErrorCode::TooLarge, message).hint("begin a new session"));
    }
    let about = serde_json::to_string(attachment).map_err(|error| failed(&io::Error::other(error)))?;
    // What says that it is there comes last.
    store_bytes(&folder.join(attachment.id.to_string()), bytes).map_err(|error| failed(&error))?;
    store(&folder.join(format!("{}.json", attachment.id)), &about).map_err(|error| failed(&error))
}

/// Makes a file for the owner alone; nobody has its name yet.
fn store_bytes(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let written = io::Write::write_all(&mut file, bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        let _ = fs::remove_file(path);
    }
    written
}

/// The last part of a name, as it may stand in a message to the model.
fn name_of(name: &str) -> Result<String, ApiError> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String =
        last.chars().filter(|c| !c.is_control()).map(|c| if "\"<>".contains(c) { '_' } else { c }).collect();
    let short: String = plain.trim().chars().take(200).collect();
    if short.is_empty() {
        return Err(ApiError::new(ErrorCode::BadRequest, "the file has no name").hint("add ?name=NAME"));
    }
    Ok(short)
}

fn gone(id: AttachmentId, error: &io::Error) -> ApiError {
    let message = match error.kind() {
        io::ErrorKind::NotFound => format!("this session has no attachment {id}"),
        _ => format!("the attachment {id} cannot be read: {error}"),
    };
    ApiError::new(ErrorCode::NotFound, message).hint("upload it again")
}

fn failed(name: &str, error: &io::Error) -> ApiError {
    ApiError::new(ErrorCode::Storage, format!("{name} cannot be kept: {error}"))
        .hint("check the free space and the permissions of the data folder")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_kept_is_found_and_read_in_its_session_alone() {
        let folder = tempfile::tempdir().unwrap();
        let given = Given::below(folder.path().to_owned());
        let (ours, other) = (SessionId::new(), SessionId::new());
        let kept = given.keep(ours, "C:\\a/../b/\"p\".png", kind::tests::png(4, 4)).await.unwrap();
        assert_eq!((kept.name.as_str(), kept.media_type.as_str()), ("_p_.png", "image/png"));
        assert_eq!(given.find(ours, kept.id).await.unwrap(), kept);
        assert_eq!(given.read(ours, kept.id).await.unwrap().len() as u64, kept.bytes);
        assert_eq!(given.find(other, kept.id).await.unwrap_err().code, ErrorCode::NotFound);
        assert_eq!(
            given.keep(ours, "a", vec![b'x'; LARGEST + 1]).await.unwrap_err().code,
            ErrorCode::TooLarge
        );
        assert!(given.keep(ours, "\n/", b"x".to_vec()).await.is_err());
    }
}
