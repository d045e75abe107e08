//! Bytes on their way between a page and the shell, without a detour through JSON.

use jamey_protocol::{ApiError, ErrorCode, SessionId};
use specta::{Type, Types, datatype::DataType, function::FunctionArg};
use tauri::{
    Runtime,
    http::HeaderMap,
    ipc::{CommandArg, CommandItem, InvokeBody, InvokeError, InvokeResponseBody, IpcResponse},
};

use crate::given::{refused, shaped, short};

/// The largest file: what the runtime takes.
const LARGEST: usize = 20 << 20;

/// A file that a page sends as the body of its call.
#[derive(Debug)]
pub struct Upload {
    /// The session that it is for.
    pub session: SessionId,
    /// Its name.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// No argument of its own: the body and the headers are it.
impl FunctionArg for Upload {
    fn to_datatype(_: &mut Types) -> Option<DataType> {
        None
    }
}

impl<'de, R: Runtime> CommandArg<'de, R> for Upload {
    fn from_command(command: CommandItem<'de, R>) -> Result<Self, InvokeError> {
        let InvokeBody::Raw(bytes) = command.message.payload() else {
            return Err(shaped(&refused("body", "it is not the bytes of a file")));
        };
        upload(command.message.headers(), bytes).map_err(|error| shaped(&error))
    }
}

fn upload(headers: &HeaderMap, bytes: &[u8]) -> Result<Upload, ApiError> {
    let session: SessionId =
        header(headers, "session")?.parse().map_err(|_| refused("session", "it is no session's id"))?;
    let name = short("name", decoded(&header(headers, "name")?)?)?;
    if name.is_empty() || name.contains(['/', '\\']) {
        return Err(refused("name", "it is no file's name"));
    }
    if bytes.len() > LARGEST {
        let message = format!("{name} has {} bytes, {LARGEST} at most will do", bytes.len());
        return Err(ApiError::new(ErrorCode::TooLarge, message)
            .hint("make it smaller, or let the model read it from its folder"));
    }
    Ok(Upload { session, name, bytes: bytes.to_vec() })
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

/// Bytes for a page, which gets an `ArrayBuffer`.
#[derive(Debug)]
pub struct Raw(Vec<u8>);

impl<T: Into<Vec<u8>>> From<T> for Raw {
    fn from(bytes: T) -> Self {
        Self(bytes.into())
    }
}

impl Type for Raw {
    fn definition(_: &mut Types) -> DataType {
        specta_typescript::define("ArrayBuffer").into()
    }
}

impl IpcResponse for Raw {
    fn body(self) -> tauri::Result<InvokeResponseBody> {
        Ok(InvokeResponseBody::Raw(self.0))
    }
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
        let taken = upload(&headers(&session.to_string(), "caf%C3%A9%20100%25.png"), b"x").unwrap();
        assert_eq!((taken.session, taken.name.as_str(), taken.bytes), (session, "café 100%.png", vec![b'x']));
    }

    #[test]
    fn what_is_no_file_of_a_session_is_refused() {
        let session = SessionId::new().to_string();
        let code = |headers: &HeaderMap, bytes: &[u8]| upload(headers, bytes).unwrap_err().code;
        assert_eq!(code(&HeaderMap::new(), b""), ErrorCode::BadRequest);
        assert_eq!(code(&headers("../x", "a"), b""), ErrorCode::BadRequest);
        for name in ["", "%", "%zz", "%ff", "..%2Fx", "a%0Ab", "a%5Cb"] {
            assert_eq!(code(&headers(&session, name), b""), ErrorCode::BadRequest, "{name}");
        }
        assert_eq!(code(&headers(&session, "a"), &vec![0; LARGEST + 1]), ErrorCode::TooLarge);
    }
}
