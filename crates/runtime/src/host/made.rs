//! The providers as they were made from the configuration and the keys, and what is known of their models.

use std::sync::Arc;

use jamey_protocol::Model;

use super::providers::Entry;
use crate::{
    catalogue::{Catalogue, Facts},
    config::Config,
    keys::Kept,
};

/// Providers, and the configuration and the keys that they follow from.
#[derive(Clone)]
pub(super) struct Made {
    pub(super) config: Arc<Config>,
    pub(super) kept: Arc<Kept>,
    pub(super) entries: Arc<Vec<Entry>>,
}

impl Made {
    /// What a short name stands for: the person's own, then the built-in ones; else the name itself.
    pub(super) fn unaliased<'a>(&'a self, name: &'a str) -> &'a str {
        let own = self.config.aliases.get(name);
        own.or_else(|| Catalogue::built_in().aliases.get(name)).map_or(name, String::as_str)
    }

    /// What is known of a model of a provider.
    pub(super) fn facts(&self, entry: &Entry, id: &str) -> Facts {
        let built_in = Catalogue::built_in().get(id).filter(|_| entry.is_the_vendor());
        let known = built_in.copied().unwrap_or_default();
        self.config.catalogue.get(id).map_or(known, |own| known.overlaid(own))
    }

    /// A model with what its provider says of it, what the person does, and what is known anyway.
    pub(super) fn completed(&self, entry: &Entry, mut model: Model) -> Model {
        if let Some(own) = self.config.catalogue.get(&model.id) {
            // What the person says counts more than what the provider does.
            model.context = own.context.or(model.context);
            model.tools = own.tools.or(model.tools);
            model.vision = own.vision.or(model.vision);
            model.price = own.price().or(model.price);
        }
        model.context = model.context.or(entry.context());
        self.facts(entry, &model.id).complete(&mut model);
        model
    }
}
