//! The embedded model.

use jamey_engine::session::ModelChoice;
use jamey_protocol::{ApiError, Model, Pull, route::ProviderView, status::Child};

/// x
#[derive(Debug)]
pub struct Local;

impl Local {
    /// x
    pub fn new(_folders: &jamey_ipc::Folders, _live: &crate::config::Live) -> Self {
        Self
    }
    /// x
    pub fn view(&self) -> ProviderView {
        ProviderView {
            name: "local".into(),
            kind: "local".into(),
            base_url: None,
            key_source: None,
            state: "stub".into(),
        }
    }
    /// x
    pub fn children(&self) -> Vec<Child> {
        Vec::new()
    }
    /// x
    pub async fn models(&self) -> Vec<Model> {
        Vec::new()
    }
    /// x
    pub async fn choice(&self, _model: &str) -> Result<ModelChoice, ApiError> {
        Err(ApiError::new(jamey_protocol::ErrorCode::NoModel, "stub"))
    }
    /// x
    pub async fn best(&self) -> Result<Option<ModelChoice>, ApiError> {
        Ok(None)
    }
    /// x
    pub fn pull(&self, _name: &str) -> Result<futures_util::stream::BoxStream<'static, Pull>, ApiError> {
        Err(ApiError::new(jamey_protocol::ErrorCode::NoModel, "stub"))
    }
    /// x
    pub async fn remove(&self, _name: &str) -> Result<(), ApiError> {
        Ok(())
    }
    /// x
    pub async fn close(&self) {}
}
