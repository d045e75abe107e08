//! Builds the HTTP client for TLS, and for downloads.
//!
//! Invariants: redirects are off unless asked for, the machine's proxy variables are not read behind
//! anyone's back, nothing is decompressed, nothing is repeated; TLS and the system's certificates are
//! touched only for an `https` way.

use std::{sync::Arc, time::Duration};

use reqwest::{Client, ClientBuilder, NoProxy, redirect::Policy};
use rustls::{ClientConfig, RootCertStore, crypto::ring};

use crate::Secret;

/// A proxy for `https`, as the person's environment names it.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// Its URL; secret, since it may hold a password.
    pub url: Secret,
    /// Hosts that are reached without it, in the form of `NO_PROXY`.
    pub except: Option<String>,
}

/// How a server is reached.
#[derive(Clone, Debug)]
pub enum Way {
    /// Unencrypted TCP.
    Plain,
    /// TLS, maybe through a proxy.
    Tls(Option<Proxy>),
}

/// Builds a client that keeps connections open between requests.
///
/// # Errors
/// In words, when TLS or the proxy cannot be set up.
pub fn client(way: &Way, connect: Duration, redirects: Policy) -> Result<Client, String> {
    let builder = Client::builder()
        .no_proxy()
        .redirect(redirects)
        .referer(false)
        .retry(reqwest::retry::never())
        .connect_timeout(connect)
        .tcp_nodelay(true)
        .pool_idle_timeout(Duration::from_secs(60))
        .pool_max_idle_per_host(4)
        .user_agent(concat!("jamey/", env!("CARGO_PKG_VERSION")));
    let builder = match way {
        Way::Plain => without_roots(builder)?,
        Way::Tls(proxy) => with_tls(builder, proxy.as_ref())?,
    };
    builder.build().map_err(|error| sentence(&error))
}

/// A TLS set-up that trusts nobody costs nothing, and a plain client must never need more.
fn without_roots(builder: ClientBuilder) -> Result<ClientBuilder, String> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Ok(builder.tls_backend_preconfigured(config))
}

fn with_tls(builder: ClientBuilder, proxy: Option<&Proxy>) -> Result<ClientBuilder, String> {
    // A second installation changes nothing, and whoever was first chose the same.
    let _ = ring::default_provider().install_default();
    let Some(proxy) = proxy else { return Ok(builder) };
    let way = reqwest::Proxy::https(proxy.url.expose())
        .map_err(|_| "the proxy's address is not a URL".to_owned())?
        .no_proxy(proxy.except.as_deref().and_then(NoProxy::from_string));
    Ok(builder.proxy(way))
}

/// The innermost cause says what happened; the outer ones only say where.
fn sentence(error: &(dyn std::error::Error + 'static)) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}
