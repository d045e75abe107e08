//! What a model can call.

use std::sync::Arc;

use axum::{Json, extract::State};
use jamey_protocol::{ToolDescription, route::Page};

use crate::host::Host;

/// Lists the tools that a model is offered.
#[utoipa::path(get, path = "/v1/tools", tag = "tools", responses((status = 200, body = Page<ToolDescription>)))]
pub async fn list(State(host): State<Arc<Host>>) -> Json<Page<ToolDescription>> {
    Json(Page { data: host.tools().describe(), next: None })
}
