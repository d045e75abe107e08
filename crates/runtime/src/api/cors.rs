//! Web pages that the person lets in by name: what their browser is told.
//!
//! Only exact origins of the list, only at the loopback port, only with `api.enable_cors`. Such a page
//! still needs the token; no cookie and no credential of the browser is ever allowed. Never a `*`.

use axum::http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
    },
    response::Builder,
};
use axum::{body::Body, http::Response};
use jamey_protocol::version::PROTOCOL_HEADER;

use super::guard::Door;

/// The origin of a request when its page may ask this door.
#[must_use]
pub fn allowed(door: &Door, headers: &HeaderMap) -> Option<HeaderValue> {
    let Door::Loopback { live, .. } = door else { return None };
    let mut origins = headers.get_all(ORIGIN).iter();
    let origin = origins.next()?;
    let is_listed = |listed: &String| listed.as_bytes() == origin.as_bytes();
    (origins.next().is_none() && live.current().allowed_origins.iter().any(is_listed)).then(|| origin.clone())
}

/// Tells whether a browser asks beforehand what a page may do.
#[must_use]
pub fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to that.
#[must_use]
pub fn preflight(headers: &HeaderMap) -> Response<Body> {
    const PRIVATE: HeaderName = HeaderName::from_static("access-control-request-private-network");
    let mut answer: Builder = Response::builder()
        .status(StatusCode::NO_CONTENT)
        .header(ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PATCH, DELETE")
        .header(ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, last-event-id, jamey-protocol")
        .header(ACCESS_CONTROL_MAX_AGE, "600");
    if headers.contains_key(PRIVATE) {
        answer = answer.header("access-control-allow-private-network", "true");
    }
    // Fixed words make a valid answer.
    answer.body(Body::empty()).unwrap_or_default()
}

/// Lets the page of `origin` read an answer.
pub fn let_read(origin: HeaderValue, answer: &mut HeaderMap) {
    answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    answer.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(PROTOCOL_HEADER));
    answer.append(VARY, HeaderValue::from_static("origin"));
}
