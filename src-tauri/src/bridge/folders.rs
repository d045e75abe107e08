//! Folders for sessions: chosen by the person in a dialog of the system, named to the webview by a token.

use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use jamey_protocol::{ApiError, ErrorCode, OpId};
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Manager as _, State, WebviewWindow};
use tauri_plugin_dialog::DialogExt as _;

use crate::{desk::Desk, words::Words};

/// How many choices are remembered.
const MOST: usize = 64;

/// A folder that a person chose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct Folder {
    /// Names it to `createSession`.
    pub token: String,
    /// Its path, to be shown.
    pub shown: String,
}

/// The folders that were chosen since the shell started.
#[derive(Debug, Default)]
pub struct FolderTokens(Mutex<VecDeque<(String, PathBuf)>>);

impl FolderTokens {
    fn put(&self, folder: PathBuf) -> Folder {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.truncate(MOST - 1);
        let token = OpId::new().to_string();
        let shown = folder.display().to_string();
        all.push_front((token.clone(), folder));
        Folder { token, shown }
    }

    /// The folder that was given this token.
    fn get(&self, token: &str) -> Option<PathBuf> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().find(|(other, _)| other == token).map(|(_, folder)| folder.clone())
    }
}

/// The folder of a token; without one where sessions work that were given none.
///
/// # Errors
/// `BadRequest` when no folder was given this token, `Config` when there is no usual one.
pub(super) fn of(app: &AppHandle, token: Option<&str>) -> Result<PathBuf, ApiError> {
    let desk = app.state::<Desk>();
    let words = desk.settings.words();
    match token {
        Some(token) => desk.folders.get(token).ok_or_else(|| unfit(words, words.unknown_folder)),
        // Only the system knows what the documents are called and where they lie.
        None => usual(app.path().document_dir().ok(), std::env::home_dir())
            .ok_or_else(|| ApiError::new(ErrorCode::Config, words.no_home).hint(words.choose_one)),
    }
}

fn unfit(words: &Words, why: &str) -> ApiError {
    ApiError::new(ErrorCode::BadRequest, why).hint(words.choose_again)
}

/// The person's documents, where the system says they are or where most have them, else the home folder.
fn usual(documents: Option<PathBuf>, home: Option<PathBuf>) -> Option<PathBuf> {
    let home = home.filter(|home| home.is_absolute());
    let likely = home.as_ref().map(|home| home.join("Documents"));
    let is_fit = |folder: &PathBuf| folder.is_absolute() && folder.is_dir();
    documents.into_iter().chain(likely).find(is_fit).or(home)
}

/// Lets the person choose a folder; nothing when they do not.
#[tauri::command]
#[specta::specta]
pub async fn pick_folder(
    app: AppHandle,
    window: WebviewWindow,
    desk: State<'_, Desk>,
) -> Result<Option<Folder>, ApiError> {
    let (told, chosen) = tokio::sync::oneshot::channel();
    app.dialog().file().set_parent(&window).set_title(desk.settings.words().choose_folder).pick_folder(
        move |folder| {
            let _ = told.send(folder);
        },
    );
    let Ok(Some(folder)) = chosen.await else { return Ok(None) };
    let folder = folder.into_path().map_err(super::refused_by_system)?;
    if !folder.is_absolute() || !folder.is_dir() {
        let words = desk.settings.words();
        return Err(unfit(words, words.no_folder));
    }
    Ok(Some(desk.folders.put(folder)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_without_a_folder_work_in_the_documents_whatever_they_are_called() {
        let temp = tempfile::tempdir().unwrap();
        let (home, documents) = (temp.path().to_owned(), temp.path().join("Dokumente"));
        let at = |documents: &PathBuf| usual(Some(documents.clone()), Some(home.clone())).unwrap();
        assert_eq!(at(&documents), home, "they are not there");
        std::fs::create_dir(&documents).unwrap();
        assert_eq!(at(&documents), documents);
        std::fs::create_dir(home.join("Documents")).unwrap();
        assert_eq!(at(&documents), documents);
        assert_eq!(usual(None, Some(home.clone())).unwrap(), home.join("Documents"));
        assert!(usual(None, Some(PathBuf::from("."))).is_none());
    }

    #[test]
    fn only_a_chosen_folder_has_a_token_and_old_choices_are_forgotten() {
        let tokens = FolderTokens::default();
        assert!(tokens.get("/etc").is_none());
        let first = tokens.put(PathBuf::from("/a"));
        assert_eq!(tokens.get(&first.token).unwrap(), PathBuf::from("/a"));
        for _ in 0..MOST {
            tokens.put(PathBuf::from("/b"));
        }
        assert!(tokens.get(&first.token).is_none());
    }
}
