//! Where a session's task begins from: the store, and the configuration as it is then.

use std::{path::PathBuf, sync::Arc};

use jamey_engine::{
    ports::{Gate, Tools},
    session::Parts,
};
use jamey_ipc::peer::TOOL_OF;
use jamey_protocol::{ApiError, Item, Session, SessionId};
use jamey_tools::{ToolSettings, built_in};

use super::{
    attachments::Given, clock::SteadyClock, models::ModelBook, no_session, sessions::Shelf, tap::Tap,
};
use crate::{
    config::Live,
    monitor::{Monitor, SystemMonitor},
    rules::KeptRules,
    store::Store,
};

#[derive(Debug)]
pub(super) struct StoreShelf {
    pub(super) store: Store,
    pub(super) journal: Arc<Tap>,
    pub(super) models: Arc<ModelBook>,
    pub(super) live: Arc<Live>,
    pub(super) guard: Option<PathBuf>,
    /// Where the local socket lies.
    pub(super) door: PathBuf,
    pub(super) spill_dir: PathBuf,
    pub(super) given: Given,
    pub(super) rules: KeptRules,
    pub(super) gate: Gate,
    /// Our own settings, keys and records, by every name.
    pub(super) guarded: Vec<PathBuf>,
    pub(super) monitor: Arc<Monitor>,
    pub(super) clock: Arc<SteadyClock>,
}

impl StoreShelf {
    pub(super) fn tools(&self) -> Tools {
        let config = self.live.now();
        let built_in = built_in(ToolSettings {
            enabled: Some(config.enabled_tools.clone()),
            timeout: config.tool_timeout,
            guard: self.guard.clone(),
            mark: Some((TOOL_OF.into(), self.door.clone().into())),
            closed: self.guarded.clone().into(),
        });
        if config.enabled_tools.iter().any(|name| name == SystemMonitor::NAME) {
            return built_in.with(Arc::new(SystemMonitor::new(Arc::clone(&self.monitor))));
        }
        built_in
    }
}

#[async_trait::async_trait]
impl Shelf for StoreShelf {
    async fn load(&self, id: SessionId) -> Result<(Session, Vec<Item>), ApiError> {
        let session = self.store.session(id).await?.ok_or_else(|| no_session(id))?;
        let items = self.store.items(id, 0, u64::MAX - 1).await?.data;
        Ok((session, items))
    }

    fn parts(&self) -> Parts {
        Parts {
            journal: self.journal.clone(),
            models: self.models.clone(),
            attachments: Arc::new(self.given.clone()),
            tools: self.tools(),
            rules: Arc::new(self.rules.clone()),
            gate: self.gate.clone(),
            guarded: self.guarded.clone(),
            clock: self.clock.clone(),
            spill_dir: self.spill_dir.clone(),
            context: String::new(),
        }
    }
}
