//! Reads what a request carries, and says what is wrong with it in the one error shape.

use std::time::Duration;

use axum::{
    body::{Bytes, to_bytes},
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{StatusCode, request::Parts},
};
use jamey_protocol::ErrorCode;
use serde::de::DeserializeOwned;

use super::error::Failure;
use crate::host::attachments::LARGEST;

/// The largest body that is read.
pub const MOST_BODY_BYTES: usize = 16 * 1024 * 1024;

/// A body that has not arrived after this long is not waited for.
const BODY_PATIENCE: Duration = Duration::from_secs(30);

/// A JSON body.
#[derive(Clone, Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Failure> {
        parse(&whole(request).await?).map(Self)
    }
}

/// A JSON body that holds a secret: what is wrong with it is said without a word of it.
#[derive(Clone)]
pub struct SecretBody<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for SecretBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Failure> {
        let bytes = whole(request).await?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            let message = format!("the body is not what this route takes (line {})", error.line());
            Failure::bad(message).hint("GET /v1/openapi.json describes every route")
        })
    }
}

impl<T> std::fmt::Debug for SecretBody<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretBody(…)")
    }
}

/// A JSON body that may be left away.
#[derive(Clone, Debug)]
pub struct Optional<T>(pub T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for Optional<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Failure> {
        let bytes = whole(request).await?;
        if bytes.is_empty() { Ok(Self(T::default())) } else { parse(&bytes).map(Self) }
    }
}

async fn whole(request: Request) -> Result<Bytes, Failure> {
    bounded(request, MOST_BODY_BYTES).await
}

async fn bounded(request: Request, most: usize) -> Result<Bytes, Failure> {
    let read = to_bytes(request.into_body(), most);
    match tokio::time::timeout(BODY_PATIENCE, read).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => {
            let message = format!("the body is over {} MiB or ended early", most / (1024 * 1024));
            Err(Failure::bad(message).hint("send the whole body, smaller"))
        }
        Err(_) => {
            let message = "the body did not arrive within 30 s";
            Err(Failure::new(StatusCode::REQUEST_TIMEOUT, ErrorCode::BadRequest, message))
        }
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(bytes).map_err(|error| {
        let message = format!("the body is not what this route takes: {error}");
        Failure::bad(message).hint("GET /v1/openapi.json describes every route")
    })
}

/// What stands behind `?`.
#[derive(Clone, Debug)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failure> {
        Query::<T>::try_from_uri(&parts.uri).map(|Query(params)| Self(params)).map_err(|error| {
            let message = format!("the query is not what this route takes: {}", error.body_text());
            Failure::bad(message).hint("GET /v1/openapi.json describes every route")
        })
    }
}

/// A body that is a file.
#[derive(Clone)]
pub struct RawBody(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = Failure;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Failure> {
        bounded(request, LARGEST).await.map(Self)
    }
}

impl std::fmt::Debug for RawBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RawBody({} bytes)", self.0.len())
    }
}

/// The two variable parts of a path.
#[derive(Clone, Debug)]
pub struct Segments(pub String, pub String);

impl<S: Send + Sync> FromRequestParts<S> for Segments {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let read = Path::<(String, String)>::from_request_parts(parts, state).await;
        read.map(|Path((one, two))| Self(one, two)).map_err(|_| Failure::bad("the path is no UTF-8 text"))
    }
}

/// The variable part of a path.
#[derive(Clone, Debug)]
pub struct Segment(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let read = Path::<String>::from_request_parts(parts, state).await;
        read.map(|Path(segment)| Self(segment)).map_err(|_| Failure::bad("the path is no UTF-8 text"))
    }
}
