//! Files on their way from a page to the runtime, through an address of their own.
//!
//! Not as a command: the gate that commands pass writes every byte as a number in JSON, 0.65 s for a megabyte. Nothing
//! that the gate keeps out could be said here: a file is kept until an op names it, and ops pass the gate.

use jamey_protocol::{ApiError, Attachment, ErrorCode, SessionId};
use tauri::{
    AppHandle, Manager as _, UriSchemeResponder,
    http::{
        HeaderMap, HeaderValue, Method, Request, Response, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
            CONTENT_TYPE, ORIGIN,
        },
    },
};

use crate::{
    desk::Desk,
    given::{refused, short},
    windows,
};

/// The scheme of that address; on Windows it is `http://upload.localhost`.
pub const SCHEME: &str = "upload";

/// The largest file: what the runtime takes.
const LARGEST: usize = 20 << 20;

/// Takes a file: `POST`, with its bytes as the body and the headers `session` and `name`, the latter written as in an
/// address. Only the main window may; answers with an `Attachment`, else with an `ApiError`.
pub fn take(app: &AppHandle, page: &str, request: Request<Vec<u8>>, responder: UriSchemeResponder) {
    let origin = origin_of(&request).filter(|_| page == windows::MAIN).cloned();
    let Some(origin) = origin else {
        return responder.respond(answer(
            StatusCode::FORBIDDEN,
            &HeaderValue::from_static("null"),
            Vec::new(),
        ));
    };
    // What a page asks before it sends headers of its own.
    if request.method() == Method::OPTIONS {
        return responder.respond(answer(StatusCode::NO_CONTENT, &origin, Vec::new()));
    }
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let (status, body) = match keep(&app, request).await {
            Ok(attachment) => (StatusCode::OK, serde_json::to_vec(&attachment)),
            Err(error) => (StatusCode::BAD_REQUEST, serde_json::to_vec(&error)),
        };
        responder.respond(answer(status, &origin, body.unwrap_or_default()));
    });
}

async fn keep(app: &AppHandle, request: Request<Vec<u8>>) -> Result<Attachment, ApiError> {
    if request.method() != Method::POST {
        return Err(refused("method", "a file is sent with POST"));
    }
    let (session, name) = described(request.headers(), request.body().len())?;
    app.state::<Desk>().link.client().await?.upload_attachment(session, &name, request.into_body()).await
}

/// Who asks, if it is a page of this program.
fn origin_of(request: &Request<Vec<u8>>) -> Option<&HeaderValue> {
    let origin = request.headers().get(ORIGIN)?;
    let url = origin.to_str().ok()?.parse().ok()?;
    windows::is_ours(&url).then_some(origin)
}

fn answer(status: StatusCode, origin: &HeaderValue, body: Vec<u8>) -> Response<Vec<u8>> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("session, name, content-type"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Whose file of so many bytes it is, and how it is called.
fn described(headers: &HeaderMap, length: usize) -> Result<(SessionId, String), ApiError> {
    let session =
        header(headers, "session")?.parse().map_err(|_| refused("session", "it is no session's id"))?;
    let name = short("name", decoded(&header(headers, "name")?)?)?;
    if name.is_empty() || name.contains(['/', '\\']) {
        return Err(refused("name", "it is no file's name"));
    }
    if length > LARGEST {
        let message = format!("{name} has {length} bytes, {LARGEST} at most will do");
        return Err(ApiError::new(ErrorCode::TooLarge, message)
            .hint("make it smaller, or let the model read it from its folder"));
    }
    Ok((session, name))
}

fn header(headers: &HeaderMap, name: &str) -> Result<String, ApiError> {
    let value = headers.get(name).ok_or_else(|| refused(name, "the call has no such header"))?;
    value.to_str().map(str::to_owned).map_err(|_| refused(name, "it is not written as in an address"))
}

/// Reads what `encodeURIComponent` wrote.
fn decoded(text: &str) -> Result<String, ApiError> {
    let wrong = || refused("name", "it is not written as in an address");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let (high, low) = digit().zip(digit()).ok_or_else(wrong)?;
        bytes.push(u8::try_from(high * 16 + low).map_err(|_| wrong())?);
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(session: &str, name: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("session", session.parse().unwrap());
        headers.insert("name", name.parse().unwrap());
        headers
    }

    #[test]
    fn a_file_is_its_bytes_and_two_headers() {
        let session = SessionId::new();
        let headers = headers(&session.to_string(), "caf%C3%A9%20100%25.png");
        assert_eq!(described(&headers, 1).unwrap(), (session, "café 100%.png".to_owned()));
    }

    #[test]
    fn what_is_no_file_of_a_session_is_refused() {
        let session = SessionId::new().to_string();
        let code = |headers: &HeaderMap, length| described(headers, length).unwrap_err().code;
        assert_eq!(code(&HeaderMap::new(), 0), ErrorCode::BadRequest);
        assert_eq!(code(&headers("../x", "a"), 0), ErrorCode::BadRequest);
        for name in ["", "%", "%zz", "%ff", "..%2Fx", "a%0Ab", "a%5Cb"] {
            assert_eq!(code(&headers(&session, name), 0), ErrorCode::BadRequest, "{name}");
        }
        assert_eq!(code(&headers(&session, "a"), LARGEST + 1), ErrorCode::TooLarge);
    }

    #[test]
    fn only_our_pages_are_answered() {
        let of = |origin: Option<&str>| {
            let mut request = Request::new(Vec::<u8>::new());
            if let Some(origin) = origin {
                request.headers_mut().insert(ORIGIN, origin.parse().unwrap());
            }
            origin_of(&request).is_some()
        };
        assert!(of(Some("tauri://localhost")));
        for foreign in [None, Some("null"), Some("isolation://localhost"), Some("https://example.com")] {
            assert!(!of(foreign), "{foreign:?}");
        }
    }
}
