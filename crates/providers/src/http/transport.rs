//! One way to send a request and read its answer, whatever carries it.

use std::{io, path::PathBuf, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use reqwest::{
    Client, Method, StatusCode, Url,
    header::{self, HeaderMap, HeaderValue},
    redirect::Policy,
};

use super::{
    Proxy, Way, client,
    direct::{self, Lines, Place},
};

const AGENT: &str = concat!("jamey/", env!("CARGO_PKG_VERSION"));

/// A way to one server, with its connections.
#[derive(Debug)]
pub enum Transport {
    /// Unencrypted, and so to this machine unless the person said otherwise.
    Direct(Direct),
    /// Over TLS.
    Tls(Client),
}

/// The unencrypted way.
#[derive(Debug)]
pub struct Direct(Lines);

/// A request or an answer that failed on the way.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// No connection in time.
    #[error("no connection in time")]
    ConnectTimeout,
    /// No connection.
    #[error("no connection")]
    Connect(#[source] io::Error),
    /// The connection or the protocol on it failed.
    #[error("the connection failed")]
    Http(#[source] hyper::Error),
    /// The same over TLS.
    #[error("the connection failed")]
    Tls(#[source] reqwest::Error),
    /// The request cannot be put into HTTP.
    #[error("the request cannot be sent")]
    Request(#[source] hyper::http::Error),
}

impl Broken {
    /// Tells whether there was no connection in time.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        match self {
            Self::ConnectTimeout => true,
            Self::Tls(error) => error.is_timeout(),
            Self::Connect(_) | Self::Http(_) | Self::Request(_) => false,
        }
    }

    /// Tells whether there was no connection.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        match self {
            Self::ConnectTimeout | Self::Connect(_) => true,
            Self::Tls(error) => error.is_connect(),
            Self::Http(_) | Self::Request(_) => false,
        }
    }
}

impl Transport {
    /// Prepares the way to the server of a base URL, or to a socket.
    ///
    /// # Errors
    /// In words, when TLS or the proxy cannot be set up.
    pub fn new(
        base: &Url,
        socket: Option<PathBuf>,
        proxy: Option<Proxy>,
        connect: Duration,
    ) -> Result<Self, String> {
        let place = match socket {
            Some(path) => Place::Socket(path),
            None if base.scheme() == "https" => {
                return client(&Way::Tls(proxy), connect, Policy::none()).map(Self::Tls);
            }
            None => {
                let host = base.host_str().unwrap_or_default();
                let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
                Place::Tcp(host, base.port_or_known_default().unwrap_or(80))
            }
        };
        Ok(Self::Direct(Direct(Lines::new(place, connect))))
    }

    /// Sends a request and waits for the head of its answer.
    ///
    /// # Errors
    /// When there is no connection, or it broke before the answer.
    pub async fn send(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Reply, Broken> {
        match self {
            Self::Tls(client) => {
                let request = client.request(method, url.clone()).headers(headers).body(body);
                let response = request.send().await.map_err(Broken::Tls)?;
                let (status, headers) = (response.status(), response.headers().clone());
                Ok(Reply { status, headers, body: Body::Tls(Box::new(response)) })
            }
            Self::Direct(Direct(lines)) => {
                let target = match url.query() {
                    Some(query) => format!("{}?{query}", url.path()),
                    None => url.path().to_owned(),
                };
                let mut request = hyper::Request::builder()
                    .method(method)
                    .uri(target)
                    .header(header::HOST, host(url))
                    .header(header::USER_AGENT, AGENT)
                    .body(Full::new(Bytes::from(body)))
                    .map_err(Broken::Request)?;
                request.headers_mut().extend(headers);
                let (response, body) = lines.send(request).await?;
                let (head, ()) = response.into_parts();
                Ok(Reply { status: head.status, headers: head.headers, body: Body::Direct(body) })
            }
        }
    }
}

fn host(url: &Url) -> HeaderValue {
    let host = url.host_str().unwrap_or("localhost");
    let host = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    HeaderValue::try_from(host).unwrap_or(HeaderValue::from_static("localhost"))
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Direct(direct::Body),
    Tls(Box<reqwest::Response>),
}

impl Reply {
    /// The next piece of the body, `None` after the last one. Giving up in the middle loses nothing.
    ///
    /// # Errors
    /// When the connection broke.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Broken> {
        match &mut self.body {
            Body::Direct(body) => body.chunk().await,
            Body::Tls(response) => response.chunk().await.map_err(Broken::Tls),
        }
    }

    /// A header's text; empty if there is none.
    #[must_use]
    pub fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}
