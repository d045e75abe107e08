//! What a session's task is given.

use std::{path::PathBuf, sync::Arc};

use jamey_protocol::{ApiError, Settings, model::Price};

use crate::ports::{Attachments, Clock, Gate, Journal, Provider, Rules, Tools, TurnMeter};

/// Chooses the model of a turn.
#[async_trait::async_trait]
pub trait Models: Send + Sync {
    /// Finds the provider and the model behind `provider/model`, or behind the default for `None`, for a turn whose
    /// spending `meter` counts.
    ///
    /// # Errors
    /// When no such provider is configured, or no model at all.
    async fn resolve(&self, name: Option<&str>, meter: &TurnMeter) -> Result<ModelChoice, ApiError>;

    /// Finds a model to go on with in the same turn where those in `tried`, as `provider/model`, have failed; none
    /// where the person named no others.
    async fn another(&self, tried: &[String], meter: &TurnMeter) -> Option<ModelChoice> {
        let _ = (tried, meter);
        None
    }

    /// What holds for a turn where neither the session nor its prompt says otherwise.
    fn defaults(&self) -> Settings {
        Settings::default()
    }
}

/// The model of a turn.
#[derive(Clone)]
pub struct ModelChoice {
    /// Who runs it.
    pub provider: Arc<dyn Provider>,
    /// Its name without the provider.
    pub model: String,
    /// `provider/model`.
    pub id: String,
    /// Its context window in tokens, where known.
    pub context: Option<u64>,
    /// Whether it can look at images, where known.
    pub vision: Option<bool>,
    /// What it costs, where known.
    pub price: Option<Price>,
    /// What the person should know of this choice, such as that a limit cannot be held with it. A session says it once.
    pub caution: Option<String>,
}

impl std::fmt::Debug for ModelChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ModelChoice")
            .field("id", &self.id)
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}

/// Everything a session needs from its host.
#[derive(Clone)]
pub struct Parts {
    /// Where events are kept.
    pub journal: Arc<dyn Journal>,
    /// Who answers.
    pub models: Arc<dyn Models>,
    /// The files that were given along.
    pub attachments: Arc<dyn Attachments>,
    /// What can be called.
    pub tools: Tools,
    /// What was allowed for good.
    pub rules: Arc<dyn Rules>,
    /// While it is closed, no model is asked and no tool begins.
    pub gate: Gate,
    /// Jamey's own settings, keys and records, absolute with symlinks resolved: what is written there gives rights, and
    /// what is read gives secrets away.
    pub guarded: Vec<PathBuf>,
    /// Time and ids.
    pub clock: Arc<dyn Clock>,
    /// Where long outputs go; absolute, exists.
    pub spill_dir: PathBuf,
    /// Instructions of the host in front of every session; may be empty.
    pub context: String,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts")
            .field("tools", &self.tools)
            .field("spill_dir", &self.spill_dir)
            .finish_non_exhaustive()
    }
}
