//! One server: its address, its key, and the way to it.

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::Duration,
};

use jamey_engine::ports::{ErrorKind, ProviderError, Request};
use reqwest::{
    Url,
    header::{self, HeaderMap, HeaderName, HeaderValue},
};

use super::{Form, Peer, draft::Reader, fetch, frames::Framing, peer::is_version, stream::Call};
use crate::{
    PlainHttp, Proxy, Secret, Timeouts,
    http::{AddressError, Transport, base_url},
};

/// In which header a key goes. Never in the URL: those end up in logs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyHeader {
    /// `Authorization: Bearer …`.
    #[default]
    Bearer,
    /// A header of its own, such as `x-api-key`.
    Own(&'static str),
}

/// How a server is spoken to.
#[derive(Clone, Debug, Default)]
pub struct ServerOptions {
    /// The provider's name in `provider/model`.
    pub id: String,
    /// Where the API begins, such as `https://api.openai.com/v1`.
    pub base_url: String,
    /// The key, if the server wants one.
    pub key: Option<Secret>,
    /// Where a person sets that key, for hints: `OPENAI_API_KEY`.
    pub key_name: Option<String>,
    /// The header that it goes in.
    pub key_header: KeyHeader,
    /// A Unix socket (a named pipe on Windows) behind which the server listens, instead of TCP.
    pub socket: Option<PathBuf>,
    /// Whether unencrypted HTTP may leave this machine.
    pub plain_http: PlainHttp,
    /// The proxy for https.
    pub proxy: Option<Proxy>,
    /// How long to wait.
    pub timeouts: Timeouts,
}

/// A server that can be spoken to.
#[derive(Debug)]
pub(crate) struct Server {
    pub id: String,
    pub base: Url,
    pub timeouts: Timeouts,
    pub peer: Peer,
    key: Option<Secret>,
    key_header: KeyHeader,
    /// Headers of the dialect that every request has.
    fixed: &'static [(&'static str, &'static str)],
    socket: Option<PathBuf>,
    proxy: Option<Proxy>,
    /// Made with the first request, since TLS reads the system's certificates. One that cannot be made now is tried again
    /// with the next request: the certificates may be there then.
    transport: OnceLock<Arc<Transport>>,
}

impl Server {
    /// Checks the options. Nothing is sent and nothing is loaded yet.
    pub(crate) fn new(
        options: ServerOptions,
        fixed: &'static [(&'static str, &'static str)],
    ) -> Result<Self, AddressError> {
        let ServerOptions {
            id,
            base_url: text,
            key,
            key_name,
            key_header,
            socket,
            plain_http,
            proxy,
            timeouts,
        } = options;
        let on_socket = socket.is_some();
        let base = if on_socket && text.is_empty() {
            base_url("http://localhost/v1", plain_http)?
        } else {
            base_url(&text, plain_http)?
        };
        let who = if on_socket { id.clone() } else { host_of(&base) };
        let key = key.filter(|key| !key.is_empty());
        let peer =
            Peer { who, base: shown(&base), model: String::new(), key: key.clone(), key_name, version: None };
        let transport = OnceLock::new();
        Ok(Self { id, base, timeouts, peer, key, key_header, fixed, socket, proxy, transport })
    }

    /// Completes an address that people write in several ways: takes off `routes` at its end, and adds the
    /// version where none is there.
    pub(crate) fn ends_in(&mut self, version: &str, routes: &[&str]) {
        let mut path = self.base.path().trim_end_matches('/');
        for route in routes {
            path = path.strip_suffix(route).map_or(path, |rest| rest.trim_end_matches('/'));
        }
        let has_version = path.rsplit('/').next().is_some_and(is_version);
        let path = if has_version { path.to_owned() } else { format!("{path}/{version}") };
        self.set_path(&path);
    }

    /// Goes to another path of the same address.
    pub(crate) fn set_path(&mut self, path: &str) {
        self.base.set_path(path);
        self.peer.base = shown(&self.base);
    }

    /// The way there.
    pub(crate) fn transport(&self) -> Result<Arc<Transport>, ProviderError> {
        let make = || {
            let (socket, proxy) = (self.socket.clone(), self.proxy.clone());
            Transport::new(&self.base, socket, proxy, self.timeouts.connect)
        };
        made(&self.transport, make).map_err(|why| {
            let message = format!("no connection to {} can be set up: {why}", self.peer.who);
            ProviderError::new(ErrorKind::Transport, message)
        })
    }

    /// The key, and what else every request of the dialect carries.
    pub(crate) fn headers(&self) -> Result<HeaderMap, ProviderError> {
        let mut headers = HeaderMap::new();
        for (name, value) in self.fixed {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let Some(key) = &self.key else { return Ok(headers) };
        let (name, value) = match self.key_header {
            KeyHeader::Bearer => (header::AUTHORIZATION, format!("Bearer {}", key.expose())),
            KeyHeader::Own(name) => (HeaderName::from_static(name), key.expose().to_owned()),
        };
        let mut value = HeaderValue::try_from(value).map_err(|_| {
            let name = self.peer.key_name.as_deref().unwrap_or("the key of this provider");
            ProviderError::new(
                ErrorKind::Auth,
                format!("the key for {} holds characters no key has", self.peer.who),
            )
            .hint(format!("check {name}"))
        })?;
        value.set_sensitive(true);
        headers.insert(name, value);
        Ok(headers)
    }

    /// The peer of a request to `model`, for errors.
    pub(crate) fn peer(&self, model: &str) -> Arc<Peer> {
        Arc::new(Peer { model: model.to_owned(), ..self.peer.clone() })
    }

    /// A request for one streamed answer, ready to go.
    pub(crate) fn call(
        &self,
        url: Url,
        request: &Request,
        body: Vec<u8>,
        framing: Framing,
        reader: impl Reader + 'static,
    ) -> Result<Call, ProviderError> {
        Ok(Call {
            transport: self.transport()?,
            url,
            headers: self.headers()?,
            body,
            timeouts: self.timeouts,
            peer: self.peer(&request.model),
            framing,
            reader: Box::new(reader),
            form: Form::of(request),
            amend: None,
            taken: None,
        })
    }

    /// Asks for one JSON document; with a body by POST.
    pub(crate) async fn fetch<T: serde::de::DeserializeOwned>(
        &self,
        url: &Url,
        body: Option<Vec<u8>>,
        peer: &Peer,
    ) -> Result<T, ProviderError> {
        fetch::json(&*self.transport()?, url, self.headers()?, body, peer).await
    }

    /// Asks for something to be removed.
    pub(crate) async fn delete(&self, url: &Url, body: Vec<u8>, peer: &Peer) -> Result<(), ProviderError> {
        fetch::delete(&*self.transport()?, url, self.headers()?, body, peer).await
    }

    /// Asks for something that takes its time, and hands out each line of JSON that tells how it goes.
    /// `idle` is the longest wait between two.
    pub(crate) async fn lines(
        &self,
        url: &Url,
        body: Vec<u8>,
        peer: &Peer,
        idle: Duration,
        on_line: impl FnMut(&[u8]) -> Result<(), ProviderError>,
    ) -> Result<(), ProviderError> {
        fetch::lines(&*self.transport()?, url, self.headers()?, body, (peer, idle), on_line).await
    }
}

/// Says that a request could not be written, which only a value that is no JSON can cause.
pub(crate) fn unwritable(error: &serde_json::Error) -> ProviderError {
    ProviderError::new(ErrorKind::BadRequest, format!("the request cannot be written as JSON: {error}"))
}

/// What was made once; what could not be made is tried anew each time.
fn made<T, E>(kept: &OnceLock<Arc<T>>, make: impl FnOnce() -> Result<T, E>) -> Result<Arc<T>, E> {
    if let Some(made) = kept.get() {
        return Ok(Arc::clone(made));
    }
    let new = make()?;
    // Somebody else may have been faster; then that one holds.
    Ok(Arc::clone(kept.get_or_init(|| Arc::new(new))))
}

/// An address as errors name it: what is behind the path is nobody's business.
fn shown(base: &Url) -> String {
    let mut shown = base.clone();
    shown.set_query(None);
    shown.into()
}

fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use super::made;

    #[test]
    fn a_set_up_that_failed_is_tried_again_and_one_that_did_not_is_kept() {
        let kept = OnceLock::new();
        assert_eq!(made::<u8, _>(&kept, || Err("no certificates")), Err("no certificates"));
        for (now, holds) in [(Ok(1), 1), (Ok(2), 1), (Err("no certificates"), 1)] {
            assert_eq!(made(&kept, || now).map(|made| *made), Ok(holds));
        }
    }
}
