//! Keys of providers, and what their models cost. A key passes through on its way to the keychain; it is kept,
//! logged and shown nowhere here.

use jamey_protocol::{
    ApiError,
    key::{KeyKept, ProviderTest},
    usage::{UsageBy, UsageReport},
};
use tauri::{AppHandle, State};

use crate::{
    desk::Desk,
    given::{Given, refused, short},
    tray,
};

/// The most days of a report.
const MOST_DAYS: u32 = 3_660;

/// Gives a provider's key to the keychain.
#[tauri::command]
#[specta::specta]
pub async fn give_key(
    app: AppHandle,
    desk: State<'_, Desk>,
    provider: Given<String>,
    key: Given<String>,
) -> Result<KeyKept, ApiError> {
    let provider = named(provider.0)?;
    // What is refused is never part of the refusal.
    let key = short("key", key.0.trim().to_owned())?;
    if key.is_empty() {
        return Err(refused("key", "it is empty"));
    }
    let kept = desk.link.client().await?.give_key(&provider, &key).await?;
    tray::mended(&app);
    Ok(kept)
}

/// Forgets a provider's key, where it was given to us.
#[tauri::command]
#[specta::specta]
pub async fn remove_key(
    app: AppHandle,
    desk: State<'_, Desk>,
    provider: Given<String>,
) -> Result<(), ApiError> {
    desk.link.client().await?.remove_key(&named(provider.0)?).await?;
    tray::mended(&app);
    Ok(())
}

/// Makes the cheapest real call of a provider.
#[tauri::command]
#[specta::specta]
pub async fn test_provider(desk: State<'_, Desk>, provider: Given<String>) -> Result<ProviderTest, ApiError> {
    desk.link.client().await?.test_provider(&named(provider.0)?).await
}

/// What was used in the last days, and what it cost.
#[tauri::command]
#[specta::specta]
pub async fn usage(
    desk: State<'_, Desk>,
    by: Given<UsageBy>,
    days: Given<u32>,
) -> Result<UsageReport, ApiError> {
    if !(1..=MOST_DAYS).contains(&days.0) {
        return Err(refused("days", "it must be from 1 to 3660"));
    }
    desk.link.client().await?.usage(by.0, days.0).await
}

fn named(provider: String) -> Result<String, ApiError> {
    let provider = short("provider", provider)?;
    // Empty, it would name another route.
    if provider.is_empty() { Err(refused("provider", "it is empty")) } else { Ok(provider) }
}
