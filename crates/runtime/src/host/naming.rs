//! Which model a name means, and which one is meant where nobody named any.

use std::sync::Arc;

use jamey_engine::session::ModelChoice;
use jamey_protocol::{ApiError, ErrorCode};

use super::{
    advice::{Advised, nearest_of},
    dialects::DEFAULTS,
    made::Made,
    models::{ModelBook, OPENAI_DEFAULT, ask},
    providers::Entry,
};
use crate::{catalogue::Catalogue, config::nearest, keys::vendors};

impl ModelBook {
    /// A model of a provider, with what the provider lists of it where nothing else tells its window or its price.
    async fn chosen(&self, made: &Made, entry: &Entry, model: &str) -> Result<ModelChoice, ApiError> {
        let known = made.completed(entry, self.told(&format!("{}/{model}", entry.name())));
        if entry.may_tell_more(&known) {
            entry.look_at_models(|models| self.note(models)).await;
        }
        self.choice(made, entry, model)
    }

    fn choice(&self, made: &Made, entry: &Entry, model: &str) -> Result<ModelChoice, ApiError> {
        let provider = entry.provider.as_ref().map_err(|(why, hint)| {
            let message = format!("the provider {} cannot be asked: {why}", entry.name());
            ApiError::new(ErrorCode::Config, message).hint(hint.clone())
        })?;
        let id = format!("{}/{model}", entry.name());
        let known = made.completed(entry, self.told(&id));
        Ok(ModelChoice {
            provider: Arc::new(Advised::new(Arc::clone(provider), entry)),
            model: model.to_owned(),
            context: known.context,
            vision: known.vision,
            price: known.price,
            caution: None,
            id,
        })
    }

    pub(super) async fn named(&self, made: &Made, name: &str) -> Result<ModelChoice, ApiError> {
        let name = made.unaliased(name);
        let Some((provider, model)) = name.split_once('/').filter(|(p, m)| !p.is_empty() && !m.is_empty())
        else {
            return Err(self.no_such_name(made, name));
        };
        if let Some(entry) = made.entries.iter().find(|entry| entry.name() == provider) {
            return self.chosen(made, entry, model).await;
        }
        if provider == "local" {
            return self.local.choice(model).await;
        }
        if self.nearby.knows(provider)
            && let Some(entry) = self.nearby(made).await.iter().find(|entry| entry.name() == provider)
        {
            return self.chosen(made, entry, model).await;
        }
        if made.config.discover
            && let Some(place) = self.nearby.place(provider)
        {
            let message = format!("nothing that has a model answers at {place}, where {provider} would be");
            return Err(ApiError::new(ErrorCode::Provider, message).hint(format!(
                "start it, or set providers.{provider}.base_url in runtime.toml to where it runs, or choose another \
                 model with -m"
            )));
        }
        let needs_key = |vendor: &&vendors::Vendor| vendor.base_url.is_some() && vendor.name != "ollama";
        if let Some(vendor) = vendors::find(provider).filter(needs_key) {
            let variable = vendor.variables.first().copied().unwrap_or_default();
            return Err(ApiError::new(ErrorCode::Auth, format!("there is no key for {provider}")).hint(format!(
                "give one with: jamey providers login {provider}, or set {variable} in the environment or in \
                 the .env of the config folder"
            )));
        }
        let names = made.entries.iter().map(Entry::name).chain(["openai", "local"]);
        let hint = match nearest(provider, names.clone()) {
            Some(close) => format!("did you mean {close}/{model}?"),
            None => {
                let mut names: Vec<_> = names.collect();
                names.sort_unstable();
                names.dedup();
                format!(
                    "there are {}; others can be added to runtime.toml as [providers.NAME]",
                    names.join(", ")
                )
            }
        };
        let message = format!("there is no provider \"{}\"", shown(provider));
        Err(ApiError::new(ErrorCode::NotFound, message).hint(hint))
    }

    fn no_such_name(&self, made: &Made, name: &str) -> ApiError {
        let error = ApiError::new(ErrorCode::BadRequest, format!("\"{}\" names no model", shown(name)));
        let built_in = Catalogue::built_in();
        let short = made.config.aliases.keys().chain(built_in.aliases.keys()).map(String::as_str);
        // A name without its provider is as near as can be.
        let whole = built_in.models.keys().chain(made.config.catalogue.keys());
        let whole: Vec<&str> = whole
            .filter(|id| id.split_once('/').is_some_and(|(_, model)| model == name))
            .map(String::as_str)
            .collect();
        let close = if whole.is_empty() { nearest_of(name, short) } else { whole };
        if close.is_empty() {
            return error
                .hint("name it as provider/model, such as openai/gpt-5-mini; `jamey models` lists them");
        }
        error.hint(format!(
            "did you mean {}? Others are named as provider/model; `jamey models` lists them",
            close.join(" or ")
        ))
    }

    pub(super) async fn default(&self, made: &Made) -> Result<ModelChoice, ApiError> {
        if let Some(name) = &made.config.default_model {
            return self.named(made, name).await;
        }
        if let Some(entry) = made.entries.iter().find(|entry| entry.name() == "openai" && entry.is_set_up()) {
            if entry.is_openai_itself() {
                return self.chosen(made, entry, OPENAI_DEFAULT).await;
            }
            if let Some(only) = only_model(entry).await {
                return self.chosen(made, entry, &only).await;
            }
        }
        for (vendor, model) in DEFAULTS {
            let has_key = |entry: &&Entry| entry.name() == *vendor && entry.has_key();
            if let Some(entry) = made.entries.iter().find(has_key) {
                return self.chosen(made, entry, model).await;
            }
        }
        if let Some(choice) = self.local.best().await? {
            return Ok(choice);
        }
        // A server of one's own with one model leaves no doubt either.
        for entry in made.entries.iter() {
            if let Some(only) = only_model(entry).await {
                return self.chosen(made, entry, &only).await;
            }
        }
        Err(ApiError::new(ErrorCode::NoModel, "no model is chosen and none is installed").hint(
            "fetch one with `jamey models pull`, or give a key with `jamey providers login openai` or as \
             OPENAI_API_KEY, or name one with `jamey models default`",
        ))
    }
}

/// The model of a server that has just one.
async fn only_model(entry: &Entry) -> Option<String> {
    let models = ask(&**entry.provider.as_ref().ok()?).await.ok()?;
    let [one] = models.as_slice() else { return None };
    one.id.split_once('/').map(|(_, model)| model.to_owned())
}

/// A name as it may stand in a message.
pub(super) fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(80).collect()
}
