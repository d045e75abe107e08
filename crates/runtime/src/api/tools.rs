//! What a model can call.

use std::sync::Arc;

use axum::{Json, extract::State};
use jamey_protocol::{ToolDescription, route::Page};

use crate::host::Host;

/// Lists the tools that a model is offered.
#[utoipa::path(get, path = "/v1/tools", tag = "tools", responses((status = 200, body = Page<ToolDescription>)))]
pub async fn list(State(host): State<Arc<Host>>) -> Json<Page<ToolDescription>> {
    let mut data = host.tools().describe();
    let rules = host.rules.all();
    for tool in &mut data {
        let count = rules.iter().filter(|rule| rule.tool == tool.name).count();
        if count > 0 {
            let calls = if count == 1 { "1 call is" } else { &format!("{count} calls are") };
            let place = host.rules.path().display();
            tool.permission.push_str(&format!("; {calls} allowed for good in {place}"));
        }
    }
    Json(Page { data, next: None })
}
