//! The description of every route, made from the same types that are sent.

use axum::{
    http::{HeaderValue, header::CONTENT_TYPE},
    response::IntoResponse,
};
use utoipa::OpenApi;

use super::{
    attachments, backups, config, events, files, health, hello, models, monitor, ops, providers, search,
    sessions, tools, usage,
};

/// Jamey's door.
#[derive(Debug, OpenApi)]
#[openapi(
    info(
        title = "Jamey",
        description = "The runtime's local API: HTTP/1.1 and server-sent events, on the local socket and, when it is \
            opened, on a loopback port that wants a bearer token.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    paths(
        hello::health, hello::hello, hello::status, monitor::show, health::show, health::look,
        backups::list, backups::make, hello::shutdown,
        sessions::list, sessions::create, sessions::show, sessions::patch, sessions::delete, sessions::items,
        ops::submit, attachments::upload, attachments::bytes, events::of_session, events::of_all,
        search::search, files::find, tools::list, usage::show,
        models::list, models::pull, models::remove, providers::list,
        providers::health, providers::give_key, providers::remove_key, providers::test,
        config::show, config::set,
        document,
    ),
    tags(
        (name = "runtime", description = "The process itself"),
        (name = "sessions", description = "Sessions, what is in them, and what to do in them"),
        (name = "events", description = "What happens, as it happens"),
        (name = "tools", description = "What models can call"),
        (name = "models", description = "Who answers"),
        (name = "config", description = "Settings"),
    )
)]
struct Description;

/// The document as it is served and kept in the project.
#[must_use]
pub fn text() -> String {
    let mut text = Description::openapi().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// Describes every route.
#[utoipa::path(get, path = "/v1/openapi.json", tag = "runtime",
    responses((status = 200, description = "This document", body = serde_json::Value)))]
pub async fn document() -> impl IntoResponse {
    ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], text())
}
