//! Who can be asked.

use std::sync::Arc;

use axum::{Json, extract::State};
use jamey_protocol::route::{Page, ProviderView};

use crate::host::Host;

/// Lists the configured providers, without asking any of them.
#[utoipa::path(get, path = "/v1/providers", tag = "models", responses((status = 200, body = Page<ProviderView>)))]
pub async fn list(State(host): State<Arc<Host>>) -> Json<Page<ProviderView>> {
    Json(Page { data: host.models.views(), next: None })
}
