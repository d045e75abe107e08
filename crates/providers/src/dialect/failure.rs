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
    if cause.proxy {
        return through_proxy(who, &peer.clean(&cause.words), cause.io.is_some());
    }
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
    if let Some(hint) = cause.tls {
        return transport(format!("no trustworthy connection to {who}: {}", peer.clean(&cause.words)))
            .hint(hint);
    }
    if cause.lookup {
        return transport(format!("the name of {who} is not known: {}", peer.clean(&cause.words)))
            .hint("check the network, and the base URL");
    }
    if error.is_connect() {
        return transport(format!("no connection to {who}: {}", peer.clean(&cause.words)))
            .hint("check the network, and the base URL");
    }
    transport(format!("{who} closed the connection without an answer: {}", peer.clean(&cause.words)))
}

fn through_proxy(who: &str, words: &str, is_unreachable: bool) -> ProviderError {
    let error = |message: String| ProviderError::new(ErrorKind::Transport, message);
    if is_unreachable {
        return error(format!("the proxy on the way to {who} cannot be reached: {words}"))
            .hint("check HTTPS_PROXY, or name the host in NO_PROXY if it is reached without a proxy");
    }
    let error = error(format!("the proxy on the way to {who} did not let the request through: {words}"));
    if words.contains("authorization") {
        return error.hint("put name and password into HTTPS_PROXY: http://NAME:PASSWORD@HOST:PORT");
    }
    error.hint("ask whoever runs the proxy, or name the host in NO_PROXY if it is reached without one")
}

/// What to do about a certificate that is not accepted.
fn about_tls(error: &rustls::Error) -> &'static str {
    use rustls::{CertificateError, Error};
    let Error::InvalidCertificate(why) = error else {
        return "check the base URL, and whether something on the network intercepts TLS";
    };
    match why {
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => {
            "check the clock of this machine; if it is right, whoever runs the server must renew its certificate"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the certificate is another host's: check the base URL, and whether something on the network \
             intercepts TLS"
        }
        _ => {
            "something on the network may intercept TLS; if the server is your own or your company's, add its \
             authority to the certificates of this system, or name its file in SSL_CERT_FILE"
        }
    }
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
    /// What to do, where it is about TLS.
    tls: Option<&'static str>,
    lookup: bool,
    proxy: bool,
}

fn cause(error: &Broken) -> Cause {
    let mut found = Cause { words: String::new(), io: None, tls: None, lookup: false, proxy: false };
    let mut next: Option<&(dyn Error + 'static)> = error.source();
    while let Some(at) = next {
        found.words = at.to_string();
        found.lookup |=
            found.words.starts_with("dns error") || found.words.starts_with("failed to lookup address");
        found.proxy |= found.words.contains("tunnel") || found.words.contains("proxy");
        found.tls = found.tls.or(at.downcast_ref::<rustls::Error>().map(about_tls));
        if let Some(io) = at.downcast_ref::<io::Error>() {
            found.io = Some(io.kind());
            // An I/O error hides what it wraps from `source`, and may wrap another one.
            if let Some(inner) = io.get_ref() {
                next = Some(inner);
                continue;
            }
        }
        next = at.source();
    }
    if found.words.is_empty() {
        found.words = "no reason given".to_owned();
    }
    found
}
