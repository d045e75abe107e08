//! Models and the download of local weights.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jamey_protocol::{ApiError, ErrorCode, Model, Pull};
use tauri::{AppHandle, State, async_runtime::JoinHandle};

use crate::{
    desk::Desk,
    given::{Given, Line, short},
    tray,
};

/// Downloads that run, by the name of their model.
#[derive(Debug, Default)]
pub struct Pulls(Mutex<HashMap<String, JoinHandle<()>>>);

impl Pulls {
    fn begin(&self, name: &str, begin: impl FnOnce() -> JoinHandle<()>) -> Result<(), ApiError> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, task| !task.inner().is_finished());
        if all.contains_key(name) {
            return Err(ApiError::new(ErrorCode::Conflict, format!("{name} is being downloaded already")));
        }
        all.insert(name.to_owned(), begin());
        Ok(())
    }

    /// Whether any runs.
    #[must_use]
    pub fn are_running(&self) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.values().any(|task| !task.inner().is_finished())
    }

    fn end(&self, name: &str) {
        if let Some(task) = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name) {
            task.abort();
        }
    }
}

/// Every model of every provider, local weights included.
#[tauri::command]
#[specta::specta]
pub async fn models(desk: State<'_, Desk>) -> Result<Vec<Model>, ApiError> {
    desk.link.client().await?.models().await
}

/// Downloads local weights and tells how far it is. It goes on when the window is closed.
#[tauri::command]
#[specta::specta]
pub async fn pull_model(
    app: AppHandle,
    desk: State<'_, Desk>,
    name: Given<String>,
    channel: Line<Pull>,
) -> Result<(), ApiError> {
    let name = short("name", name.0)?;
    let mut stream = desk.link.client().await?.pull(&name).await?;
    desk.pulls.begin(&name, || {
        tauri::async_runtime::spawn(async move {
            loop {
                let (message, is_last) = match stream.next().await {
                    Ok(Some(pull)) => {
                        let is_last = matches!(pull, Pull::Done { .. } | Pull::Failed { .. });
                        (pull, is_last)
                    }
                    Ok(None) => return,
                    Err(error) => (Pull::Failed { error }, true),
                };
                // A closed window is no reason to stop.
                let _ = channel.0.send(message);
                if is_last {
                    tray::changed(&app);
                    return;
                }
            }
        })
    })
}

/// Stops a download; what was fetched stays for the next try.
#[tauri::command]
#[specta::specta]
pub fn cancel_pull(desk: State<'_, Desk>, name: Given<String>) {
    desk.pulls.end(&name.0);
}

/// Removes weights from this machine.
#[tauri::command]
#[specta::specta]
pub async fn remove_model(
    app: AppHandle,
    desk: State<'_, Desk>,
    name: Given<String>,
) -> Result<(), ApiError> {
    let name = short("name", name.0)?;
    desk.link.client().await?.remove_model(&name).await?;
    tray::changed(&app);
    Ok(())
}

/// Makes a model the one that new sessions use.
#[tauri::command]
#[specta::specta]
pub async fn default_model(app: AppHandle, desk: State<'_, Desk>, id: Given<String>) -> Result<(), ApiError> {
    let id = short("id", id.0)?;
    desk.link.client().await?.set_default_model(&id).await?;
    tray::changed(&app);
    Ok(())
}
