//! The HTTP door: routes, what guards them, and how answers look.
//!
//! Layout: `door` serves connections, `socket` is the local one, `port` the one on loopback, `owner` says who has a port, `guard`
//! refuses, `cors` lets listed web pages in, `faces` counts who is there, `extract` and `error` read and refuse
//! bodies, one file for each group of routes, `openapi` describes them all.

pub mod attachments;
pub mod backups;
pub mod config;
pub mod cors;
pub mod door;
pub mod error;
pub mod events;
pub mod extract;
pub mod faces;
pub mod files;
pub mod guard;
pub mod health;
pub mod hello;
pub mod models;
pub mod monitor;
pub mod openapi;
pub mod ops;
pub mod owner;
pub mod port;
pub mod providers;
pub mod search;
pub mod sessions;
pub mod socket;
pub mod tools;
pub mod usage;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{Method, StatusCode, Uri},
    routing::{delete, get, post, put},
};
use jamey_protocol::ErrorCode;

use self::error::Failure;
use crate::host::Host;

/// All routes.
pub fn router(host: Arc<Host>) -> Router {
    Router::new()
        .route("/health", get(hello::health))
        .route("/v1/hello", get(hello::hello))
        .route("/v1/status", get(hello::status))
        .route("/v1/monitor", get(monitor::show))
        .route("/v1/health", get(health::show).post(health::look))
        .route("/v1/backups", get(backups::list).post(backups::make))
        .route("/v1/shutdown", post(hello::shutdown))
        .route("/v1/openapi.json", get(openapi::document))
        .route("/v1/sessions", get(sessions::list).post(sessions::create))
        .route("/v1/sessions/{id}", get(sessions::show).patch(sessions::patch).delete(sessions::delete))
        .route("/v1/sessions/{id}/items", get(sessions::items))
        .route("/v1/sessions/{id}/events", get(events::of_session))
        .route("/v1/sessions/{id}/ops", post(ops::submit))
        .route("/v1/sessions/{id}/attachments", post(attachments::upload))
        .route("/v1/sessions/{id}/attachments/{attachment}", get(attachments::bytes))
        .route("/v1/files", get(files::find))
        .route("/v1/usage", get(usage::show))
        .route("/v1/events", get(events::of_all))
        .route("/v1/search", get(search::search))
        .route("/v1/tools", get(tools::list))
        .route("/v1/models", get(models::list))
        .route("/v1/models/{name}", delete(models::remove))
        .route("/v1/models/{name}/pull", post(models::pull))
        .route("/v1/providers", get(providers::list))
        .route("/v1/providers/health", get(providers::health))
        .route("/v1/providers/{name}/key", put(providers::give_key).delete(providers::remove_key))
        .route("/v1/providers/{name}/test", post(providers::test))
        .route("/v1/config", get(config::show).patch(config::set))
        .method_not_allowed_fallback(wrong_method)
        .fallback(nowhere)
        // Bodies are bounded where they are read.
        .layer(DefaultBodyLimit::disable())
        .with_state(host)
}

async fn nowhere(uri: Uri) -> Failure {
    let path: String = uri.path().chars().take(200).collect();
    Failure::new(StatusCode::NOT_FOUND, ErrorCode::NotFound, format!("there is no route {path}"))
        .hint("GET /v1/openapi.json describes every route")
}

async fn wrong_method(method: Method, uri: Uri) -> Failure {
    let message = format!("{} does not take {method}", uri.path());
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, ErrorCode::BadRequest, message)
        .hint("GET /v1/openapi.json describes every route")
}
