//! Models and the download of local weights.

use std::time::Duration;

use jamey_ipc::Client;
use jamey_protocol::{ApiError, ErrorCode, Model, Pull};
use tauri::{AppHandle, Manager as _, State, async_runtime::spawn};

use super::pulls::PullView;
use crate::{
    desk::Desk,
    given::{Given, Line, short},
    rest, tray,
};

/// How often, and how long apart, what a stopped download left is looked for: the runtime hears of the stop a little
/// later, and may have written once more.
const SWEEPS: u32 = 10;
const BETWEEN_SWEEPS: Duration = Duration::from_millis(100);

/// Every model of every provider, local weights included.
#[tauri::command]
#[specta::specta]
pub async fn models(desk: State<'_, Desk>) -> Result<Vec<Model>, ApiError> {
    desk.link.client().await?.models().await
}

/// Downloads local weights and tells how far it is. It goes on when the window is closed; asked for again, it tells
/// the new page from where it is.
#[tauri::command]
#[specta::specta]
pub async fn pull_model(
    app: AppHandle,
    desk: State<'_, Desk>,
    name: Given<String>,
    channel: Line<Pull>,
) -> Result<(), ApiError> {
    let name = short("name", name.0)?;
    if desk.pulls.attach(&name, &channel.0) {
        return Ok(());
    }
    let mut stream = desk.link.client().await?.pull(&name).await?;
    let handle = app.clone();
    desk.pulls.begin(&name, &channel.0, || {
        let name = name.clone();
        spawn(async move {
            let pulls = &handle.state::<Desk>().pulls;
            loop {
                let message = match stream.next().await {
                    Ok(Some(pull)) => pull,
                    Ok(None) => Pull::Failed { error: broken() },
                    Err(error) => Pull::Failed { error },
                };
                if pulls.tell(&name, message).is_last() {
                    break;
                }
            }
            tray::mended(&handle);
            rest::again(&handle);
        })
    });
    Ok(())
}

fn broken() -> ApiError {
    ApiError::new(ErrorCode::Unreachable, "the download broke off").hint("go on with it").retryable()
}

/// The downloads that run, were stopped, or failed since the shell started.
#[tauri::command]
#[specta::specta]
pub fn pulls(desk: State<'_, Desk>) -> Vec<PullView> {
    desk.pulls.all()
}

/// Stops a download; what was fetched stays for the next try.
#[tauri::command]
#[specta::specta]
pub fn cancel_pull(app: AppHandle, desk: State<'_, Desk>, name: Given<String>) {
    desk.pulls.pause(&name.0);
    rest::again(&app);
}

/// Stops a download and removes what was fetched. A model that is here whole stays.
#[tauri::command]
#[specta::specta]
pub async fn discard_pull(
    app: AppHandle,
    desk: State<'_, Desk>,
    name: Given<String>,
) -> Result<(), ApiError> {
    let name = short("name", name.0)?;
    desk.pulls.forget(&name);
    let client = desk.link.client().await?;
    if !is_whole(&client.models().await?, &name) {
        sweep(&client, &name).await?;
    }
    rest::again(&app);
    Ok(())
}

/// A server of its own lists only what it has; local weights are listed before they are here.
fn is_whole(models: &[Model], name: &str) -> bool {
    let named = models.iter().find(|model| model.id == name);
    named.is_some_and(|model| model.weights.as_ref().is_none_or(|weights| weights.installed))
}

/// Removes what a download left, until nothing is left.
async fn sweep(client: &Client, name: &str) -> Result<(), ApiError> {
    for _ in 0..SWEEPS {
        match client.remove_model(name).await {
            Ok(()) => tokio::time::sleep(BETWEEN_SWEEPS).await,
            Err(error) if error.code == ErrorCode::NotFound => return Ok(()),
            Err(error) => return Err(error),
        }
    }
    Ok(())
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
    tray::mended(&app);
    Ok(())
}

#[cfg(test)]
mod tests {
    use jamey_protocol::model::Weights;

    use super::*;

    #[test]
    fn only_what_is_not_here_whole_is_removed_with_its_download() {
        let weights = |installed| {
            let weights = Weights { installed, ..weights() };
            Model { id: "local/small".to_owned(), weights: Some(weights), ..Model::default() }
        };
        assert!(!is_whole(&[weights(false)], "local/small"));
        assert!(is_whole(&[weights(true)], "local/small"));
        assert!(!is_whole(&[weights(true)], "ollama/small"));
        let served = Model { id: "ollama/small".to_owned(), ..Model::default() };
        assert!(is_whole(&[served], "ollama/small"), "a server of its own was asked for one that it has");
    }

    fn weights() -> Weights {
        serde_json::from_value(
            serde_json::json!({"bytes": 1, "sha256": "", "licence": "MIT", "memoryBytes": 1,
            "installed": false, "about": ""}),
        )
        .unwrap()
    }
}
