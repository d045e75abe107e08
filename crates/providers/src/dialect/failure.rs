//! Turns a failure of the connection into words: who did not answer, and what to try.

use std::{error::Error, io};

use jamey_engine::ports::{ErrorKind, ProviderError};

use super::Peer;
use crate::http::Broken;

/// A request that got no answer.
pub(super) fn before_answer(peer: &Peer, error: &Broken) -> ProviderError {
    let who = &peer.who;
    let transport = |message: String| ProviderError::new(ErrorKind::Transport, message);
    if error.is_timeout() {
        return ProviderError::new(ErrorKind::Timeout, format!("no connection to {who} in time"))
            .hint("check the network, and the base URL");
    }
    let cause = cause(error);
    if let Some(kind) = cause.io {
        match kind {
            // A socket's file that is not there, or that nobody listens behind.
            io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound => {
                return transport(format!("nothing answers at {who}"))
                    .hint("start that server, or check the base URL");
            }
            io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => {
                return transport(format!("there is no way to {who}: {}", cause.words))
                    .hint("check the network");
            }
            _ => {}
        }
    }
    if cause.tls {
        return transport(format!("no trustworthy connection to {who}: {}", peer.clean(&cause.words)))
            .hint("check the clock of this machine, and whether something on the network intercepts TLS");
    }
    if cause.lookup {
        return transport(format!("the name of {who} is not known: {}", peer.clean(&cause.words)))
            .hint("check the network, and the base URL");
    }
    if cause.proxy {
        return transport(format!(
            "the proxy did not let the request to {who} through: {}",
            peer.clean(&cause.words)
        ))
        .hint("check HTTPS_PROXY");
    }
    if error.is_connect() {
        return transport(format!("no connection to {who}: {}", peer.clean(&cause.words)))
            .hint("check the network, and the base URL");
    }
    transport(format!("{who} closed the connection without an answer: {}", peer.clean(&cause.words)))
}

/// A connection that broke inside of an answer.
pub(super) fn inside_answer(peer: &Peer, error: &Broken) -> ProviderError {
    let broken = peer.truncated();
    let words = peer.clean(&cause(error).words);
    ProviderError { message: format!("{}: {words}", broken.message), ..broken }
}

/// What lies at the bottom of an error.
struct Cause {
    words: String,
    io: Option<io::ErrorKind>,
    tls: bool,
    lookup: bool,
    proxy: bool,
}

fn cause(error: &Broken) -> Cause {
    let mut found = Cause { words: String::new(), io: None, tls: false, lookup: false, proxy: false };
    let mut next: Option<&(dyn Error + 'static)> = error.source();
    while let Some(at) = next {
        found.words = at.to_string();
        found.lookup |=
            found.words.starts_with("dns error") || found.words.starts_with("failed to lookup address");
        found.proxy |= found.words.contains("tunnel") || found.words.contains("proxy");
        found.tls |= at.downcast_ref::<rustls::Error>().is_some();
        if let Some(io) = at.downcast_ref::<io::Error>() {
            found.io = Some(io.kind());
            // An I/O error hides what it wraps from `source`.
            if let Some(inner) = io.get_ref() {
                found.words = inner.to_string();
                found.tls |= inner.downcast_ref::<rustls::Error>().is_some();
            }
        }
        next = at.source();
    }
    if found.words.is_empty() {
        found.words = "no reason given".to_owned();
    }
    found
}
