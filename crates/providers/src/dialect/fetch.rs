//! Asks a server for one JSON document: which models it has, or what one of them can do.

use std::time::Duration;

use jamey_engine::ports::{ErrorKind, ProviderError};
use reqwest::{
    Method, Url,
    header::{self, HeaderMap, HeaderValue},
};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::{
    failure,
    peer::{Peer, from_reply},
};
use crate::http::{self, Transport};

const WAIT: Duration = Duration::from_secs(15);

/// GET, or POST with a body.
pub(super) async fn json<T: DeserializeOwned>(
    transport: &Transport,
    url: &Url,
    mut headers: HeaderMap,
    body: Option<Vec<u8>>,
    peer: &Peer,
) -> Result<T, ProviderError> {
    let asked = async {
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let method = if body.is_some() { Method::POST } else { Method::GET };
        if body.is_some() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let mut response = transport
            .send(method, url, headers, body.unwrap_or_default())
            .await
            .map_err(|error| failure::before_answer(peer, &error))?;
        let status = response.status;
        if status.is_redirection() {
            let location = response.header(header::LOCATION);
            return Err(peer.redirect(status.as_u16(), Some(location).filter(|to| !to.is_empty())));
        }
        let mut body = Vec::new();
        while let Some(bytes) =
            response.chunk().await.map_err(|error| failure::inside_answer(peer, &error))?
        {
            body.extend_from_slice(&bytes);
            if body.len() > http::LIST {
                return Err(peer.malformed("a document that is too long to be what was asked for"));
            }
        }
        if !status.is_success() {
            return Err(from_reply(peer, status.as_u16(), None, &body));
        }
        serde_json::from_slice(&body).map_err(|_| peer.other_content("", &body))
    };
    timeout(WAIT, asked).await.unwrap_or_else(|_| {
        let message = format!("{} did not answer within {} s", peer.who, WAIT.as_secs());
        Err(ProviderError::new(ErrorKind::Timeout, message))
    })
}
