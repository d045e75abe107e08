//! Asks a server for something besides an answer: one JSON document, or lines that tell how something goes.

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
    frames::{Frames, Framing},
    peer::{Peer, from_reply},
};
use crate::{
    http::{self, Reply, Transport},
    sse::TooLong,
};

const WAIT: Duration = Duration::from_secs(15);

/// GET, or POST with a body.
pub(super) async fn json<T: DeserializeOwned>(
    transport: &Transport,
    url: &Url,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
    peer: &Peer,
) -> Result<T, ProviderError> {
    let method = if body.is_some() { Method::POST } else { Method::GET };
    let body = document(transport, (method, url), headers, body, peer).await?;
    serde_json::from_slice(&body).map_err(|_| peer.other_content("", &body))
}

/// DELETE. Nobody wants to read what is said to it.
pub(super) async fn delete(
    transport: &Transport,
    url: &Url,
    headers: HeaderMap,
    body: Vec<u8>,
    peer: &Peer,
) -> Result<(), ProviderError> {
    document(transport, (Method::DELETE, url), headers, Some(body), peer).await.map(drop)
}

async fn document(
    transport: &Transport,
    (method, url): (Method, &Url),
    mut headers: HeaderMap,
    body: Option<Vec<u8>>,
    peer: &Peer,
) -> Result<Vec<u8>, ProviderError> {
    let asked = async {
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        if body.is_some() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let response = transport.send(method, url, headers, body.unwrap_or_default()).await;
        let mut response = response.map_err(|error| failure::before_answer(peer, &error))?;
        stays(&response, peer)?;
        let status = response.status;
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
        Ok(body)
    };
    timeout(WAIT, asked).await.unwrap_or_else(|_| {
        let message = format!("{} did not answer within {} s", peer.who, WAIT.as_secs());
        Err(ProviderError::new(ErrorKind::Timeout, message))
    })
}

/// POST, and hands out each line of the answer as it comes. Dropping it closes the connection.
pub(super) async fn lines(
    transport: &Transport,
    url: &Url,
    mut headers: HeaderMap,
    body: Vec<u8>,
    (peer, idle): (&Peer, Duration),
    mut on_line: impl FnMut(&[u8]) -> Result<(), ProviderError>,
) -> Result<(), ProviderError> {
    let late = |_| {
        let message = format!("{} said nothing more for {} s", peer.who, idle.as_secs());
        ProviderError::new(ErrorKind::Timeout, message)
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::ACCEPT, HeaderValue::from_static(Framing::Lines.media_type()));
    let sent = timeout(idle, transport.send(Method::POST, url, headers, body)).await.map_err(late)?;
    let mut response = sent.map_err(|error| failure::before_answer(peer, &error))?;
    stays(&response, peer)?;
    let status = response.status;
    let mut frames = Frames::new(Framing::Lines);
    let mut refusal = Vec::new();
    let mut volume = Volume(0);
    loop {
        let came = timeout(idle, response.chunk()).await.map_err(late)?;
        let Some(bytes) = came.map_err(|error| failure::inside_answer(peer, &error))? else { break };
        if status.is_success() {
            volume.add(bytes.len(), peer)?;
            frames.feed(&bytes, |line| on_line(line).map_err(Fault::Line)).map_err(|fault| match fault {
                Fault::Line(error) => error,
                Fault::TooLong(error) => peer.malformed(&error.to_string()),
            })?;
            continue;
        }
        refusal.extend_from_slice(&bytes);
        if refusal.len() > http::ERROR_BODY {
            break;
        }
    }
    if status.is_success() { Ok(()) } else { Err(from_reply(peer, status.as_u16(), None, &refusal)) }
}

/// The most that a server may say on how far it is, in bytes: about four days at its usual pace.
const MOST: u64 = 1 << 30;

/// How much was said so far. A server that never ends would otherwise keep us busy for ever.
struct Volume(u64);

impl Volume {
    fn add(&mut self, bytes: usize, peer: &Peer) -> Result<(), ProviderError> {
        self.0 = self.0.saturating_add(bytes as u64);
        if self.0 <= MOST {
            return Ok(());
        }
        Err(peer.malformed(&format!("more than {} MB of words on how far it is", MOST / 1_000_000)))
    }
}

enum Fault {
    Line(ProviderError),
    TooLong(TooLong),
}

impl From<TooLong> for Fault {
    fn from(error: TooLong) -> Self {
        Self::TooLong(error)
    }
}

/// A redirect is not followed: it would take the key along.
fn stays(response: &Reply, peer: &Peer) -> Result<(), ProviderError> {
    let status = response.status;
    if !status.is_redirection() {
        return Ok(());
    }
    let location = response.header(header::LOCATION);
    let error = peer.redirect(status.as_u16(), Some(location).filter(|to| !to.is_empty()));
    // Unlike a list that is not there, this may be a network that wants a login: no sign of the server.
    Err(ProviderError { kind: ErrorKind::Malformed, ..error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_never_ends_is_given_up() {
        let (peer, mut volume) = (Peer { who: "here".into(), ..Peer::default() }, Volume(0));
        volume.add(usize::try_from(MOST).unwrap(), &peer).unwrap();
        let error = volume.add(1, &peer).unwrap_err();
        assert!(error.message.starts_with("here sent more than 1073 MB"), "{error}");
    }
}
