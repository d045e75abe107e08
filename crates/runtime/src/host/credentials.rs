//! Giving keys to providers, and taking them away.

use std::sync::Arc;

use jamey_protocol::{ApiError, ErrorCode, key::KeyKept};

use super::{
    advice::nearest_of,
    models::{ModelBook, shown},
    providers::Entry,
};
use crate::keys::{Variables, origin, vendors};

impl ModelBook {
    /// Keeps a key for a provider at its present address. It holds from the next model call on.
    ///
    /// # Errors
    /// When there is no such provider, it has no address, the text is no key, or it can be kept nowhere.
    pub async fn give_key(&self, name: &str, text: &str) -> Result<KeyKept, ApiError> {
        // Before anything else, so that no error can repeat it.
        crate::redact::Redactor::shared().learn([text]);
        let (variables, base_url) = self.key_place(name)?;
        self.check_address(name)?;
        let Some(origin) = origin(&base_url) else {
            return Err(ApiError::new(ErrorCode::Config, format!("{name} is asked at no usable address"))
                .hint(format!("put providers.{name}.base_url right, then give the key again")));
        };
        let environment = self.live.environment();
        let kept = self.keys.give(&environment, name, &variables, &origin, text).await?;
        self.read_anew().await;
        tracing::info!(provider = name, place = kept.place, origin, "a key is kept");
        Ok(kept)
    }

    /// Removes the key of a provider from where a person gave it.
    ///
    /// # Errors
    /// When there is no such provider, none is kept, or the place cannot be changed.
    pub async fn remove_key(&self, name: &str) -> Result<(), ApiError> {
        let (variables, _) = self.key_place(name)?;
        let environment = self.live.environment();
        if !self.keys.remove(&environment, name, &variables).await? {
            let entries = self.made().entries;
            let source = entries.iter().find(|entry| entry.name() == name).and_then(Entry::key_source);
            let error = ApiError::new(ErrorCode::NotFound, format!("no key of {name} is kept"));
            return Err(match source {
                Some(source) => error.hint(format!("it comes from: {source}; take it away there")),
                None => error.hint("`jamey providers` shows where each key comes from"),
            });
        }
        self.read_anew().await;
        tracing::info!(provider = name, "a key was removed");
        Ok(())
    }

    /// Refuses to take a key for an address that it must not be sent to.
    fn check_address(&self, name: &str) -> Result<(), ApiError> {
        let entries = self.made().entries;
        let entry = entries.iter().find(|entry| entry.name() == name);
        let Some(Err((why, hint))) = entry.map(|entry| &entry.provider) else { return Ok(()) };
        Err(ApiError::new(ErrorCode::Config, format!("no key is kept for {name}: {why}")).hint(hint.clone()))
    }

    /// The variables of a provider's key and the address at which it is asked.
    pub(super) fn key_place(&self, name: &str) -> Result<(Variables, String), ApiError> {
        let entries = self.made().entries;
        if let Some(entry) = entries.iter().find(|entry| entry.name() == name) {
            let (variables, base_url) = entry.key_place();
            return Ok((variables.clone(), base_url.to_owned()));
        }
        if name == "local" {
            return Err(ApiError::new(ErrorCode::BadRequest, "the local model takes no key")
                .hint("it runs on this machine"));
        }
        if let Some(vendor) = vendors::find(name) {
            let variables = Variables::of(vendor.variables.iter().copied());
            return match vendor.base_url {
                Some(_) if name == "openai" => Ok((variables, self.live.now().openai_base_url.0.clone())),
                Some(base_url) => Ok((variables, base_url.to_owned())),
                None => {
                    let message = format!("{name} has no address yet, and a key belongs to one");
                    Err(ApiError::new(ErrorCode::Config, message)
                        .hint(format!("set providers.{name}.base_url first, then give the key")))
                }
            };
        }
        let names: Vec<&str> = entries
            .iter()
            .map(Entry::name)
            .chain(vendors::VENDORS.iter().map(|vendor| vendor.name))
            .collect();
        let error = ApiError::new(ErrorCode::NotFound, format!("there is no provider \"{}\"", shown(name)));
        Err(match nearest_of(name, names.iter().copied()).first() {
            Some(close) => error.hint(format!("did you mean {close}?")),
            None => {
                error.hint("`jamey providers` lists them; add others to runtime.toml as [providers.NAME]")
            }
        })
    }

    /// Lets what changed in `.env` hold now.
    async fn read_anew(&self) {
        let live = Arc::clone(&self.live);
        let read = tokio::task::spawn_blocking(move || live.reload()).await;
        if let Ok(Err(fault)) = read {
            tracing::warn!("{fault}");
        }
    }
}
