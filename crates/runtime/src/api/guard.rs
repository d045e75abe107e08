//! Decides, before anything of a request is acted on, whether it may pass.
//!
//! The local socket has let in only its owner already. The loopback port trusts nobody: it wants
//! the token, a `Host` that is really this address (a foreign name that resolves here is an attack),
//! and nothing that a browser sends for a web page, unless the person listed that page's origin
//! (`cors`). Other origins are never allowed by any answer.

use std::sync::Arc;

use axum::http::{
    HeaderMap, Method, StatusCode, Uri,
    header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, ORIGIN, REFERER, TRANSFER_ENCODING},
};
use jamey_protocol::ErrorCode;

use super::{cors, error::Failure, extract::MOST_BODY_BYTES};
use crate::{config::Live, host::attachments::LARGEST};

/// Which way a request came in.
#[derive(Clone)]
pub enum Door {
    /// The local socket; the caller is its owner.
    Socket,
    /// The loopback port.
    Loopback {
        /// The port.
        port: u16,
        /// What callers must know.
        token: Arc<str>,
        /// Which web pages may ask.
        live: Arc<Live>,
    },
}

/// Without the token.
impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Socket => f.write_str("Socket"),
            Self::Loopback { port, .. } => write!(f, "Loopback({port})"),
        }
    }
}

/// What happens to a request that may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// It goes to its route.
    Route,
    /// A browser asks what a listed page may do, and is told.
    Preflight,
}

/// Checks a request by its head. `is_listed` says that it comes from a web page that may ask.
///
/// # Errors
/// The refusal to answer with.
pub fn check(
    door: &Door,
    is_listed: bool,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Pass, Failure> {
    if !is_listed {
        refuse_web_pages(headers)?;
    }
    if let Door::Loopback { port, .. } = door {
        check_host(*port, uri, headers)?;
    }
    if is_listed && cors::is_preflight(method, headers) {
        return Ok(Pass::Preflight);
    }
    if method == Method::OPTIONS || method == Method::CONNECT || method == Method::TRACE {
        let message = format!("{method} is not offered");
        return Err(Failure::new(StatusCode::METHOD_NOT_ALLOWED, ErrorCode::Forbidden, message));
    }
    if let Door::Loopback { token, .. } = door {
        let is_open = uri.path() == "/health" && method == Method::GET;
        if !is_open {
            check_token(token, headers)?;
        }
    }
    check_body(takes_file(method, uri), headers)?;
    Ok(Pass::Route)
}

fn refuse_web_pages(headers: &HeaderMap) -> Result<(), Failure> {
    let forbidden = |message: &str| {
        let failure = Failure::new(StatusCode::FORBIDDEN, ErrorCode::Forbidden, message);
        failure.hint("ask from a program; a page of your own needs api.enable_cors and api.allowed_origins")
    };
    if headers.contains_key(ORIGIN) || headers.contains_key(REFERER) {
        return Err(forbidden(
            "requests with Origin or Referer are refused: web pages may not ask the runtime",
        ));
    }
    let site = headers.get("sec-fetch-site");
    if site.is_some_and(|site| site != "none" && site != "same-origin") {
        return Err(forbidden("the request was made by a web page of another site"));
    }
    Ok(())
}

fn check_host(port: u16, uri: &Uri, headers: &HeaderMap) -> Result<(), Failure> {
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok()).unwrap_or_default();
    let is_ours = |host: &str| {
        let (name, of_host) = host.rsplit_once(':').unwrap_or((host, ""));
        let named = name.eq_ignore_ascii_case("localhost") || name == "127.0.0.1" || name == "[::1]";
        named && of_host.parse() == Ok(port)
    };
    let absolute = uri.authority().is_none_or(|authority| is_ours(authority.as_str()));
    if is_ours(host) && hosts.next().is_none() && absolute {
        return Ok(());
    }
    let message = "the request names another host than this address";
    let failure = Failure::new(StatusCode::FORBIDDEN, ErrorCode::Forbidden, message);
    Err(failure.hint(format!("ask 127.0.0.1:{port} by that name")))
}

fn check_token(token: &str, headers: &HeaderMap) -> Result<(), Failure> {
    let mut given = headers.get_all(AUTHORIZATION).iter();
    let one = given.next().and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    if given.next().is_none() && one.is_some_and(|one| same(one, token.as_bytes())) {
        return Ok(());
    }
    let message = "the loopback API wants its token";
    let failure = Failure::new(StatusCode::UNAUTHORIZED, ErrorCode::Forbidden, message);
    Err(failure.hint("send `Authorization: Bearer` and the text of the file api-token in the data folder"))
}

/// Compares without telling by its time how much fits.
fn same(given: &[u8], expected: &[u8]) -> bool {
    let differences = given.iter().zip(expected).fold(0, |all, (a, b)| all | (a ^ b));
    given.len() == expected.len() && std::hint::black_box(differences) == 0
}

/// Whether the body is a file rather than JSON.
fn takes_file(method: &Method, uri: &Uri) -> bool {
    method == Method::POST && uri.path().starts_with("/v1/sessions/") && uri.path().ends_with("/attachments")
}

fn check_body(takes_file: bool, headers: &HeaderMap) -> Result<(), Failure> {
    // Two ways to say how long a body is are one too many: what one reader takes for a body the
    // next takes for a request.
    if headers.contains_key(TRANSFER_ENCODING) {
        let message = "bodies in chunks are not taken";
        return Err(Failure::new(StatusCode::LENGTH_REQUIRED, ErrorCode::BadRequest, message)
            .hint("send the body at once, with Content-Length"));
    }
    let length: Option<u64> = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let length = length.unwrap_or(0);
    let (most, wanted) = match takes_file {
        true => (LARGEST, "application/octet-stream"),
        false => (MOST_BODY_BYTES, "application/json"),
    };
    if length > most as u64 {
        let mebibytes = most / (1024 * 1024);
        let message = format!("the body has {length} bytes; at most {mebibytes} MiB are taken");
        return Err(Failure::new(StatusCode::PAYLOAD_TOO_LARGE, ErrorCode::TooLarge, message)
            .hint("put large text in a file and name the file in the prompt"));
    }
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    // Neither is a kind that a form of a web page can send without asking first.
    if length > 0 && !kind.eq_ignore_ascii_case(wanted) {
        let message = format!("the body must be sent with Content-Type: {wanted}");
        return Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorCode::BadRequest, message));
    }
    Ok(())
}
