//! Sends ended spans in batches. Sleeps while there are none; what a collector does not take is tried
//! once more and then dropped, said once until it works again.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header::CONTENT_TYPE};
use jamey_providers::{
    PlainHttp, Proxy,
    http::{Transport, base_url, with_path},
};
use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{
    layer::Recorder,
    otlp::{Span, document},
};
use crate::{config::Telemetry, redact::Redactor};

/// Ended spans that may wait.
const WAITING: usize = 1024;
/// Spans of one request.
const BATCH: usize = 256;
/// How long the first span of a batch waits for more.
const GATHER: Duration = Duration::from_secs(5);
/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the last spans may take when the runtime ends.
const LAST: Duration = Duration::from_secs(1);
/// How long a collector that has too much to do is left alone.
const PAUSE: Duration = Duration::from_secs(2);
/// The same when the runtime ends.
const LAST_PAUSE: Duration = Duration::from_millis(100);

/// Why no traces can be sent.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The address is none.
    #[error("telemetry.otlp_endpoint cannot be used: {0}; {hint}", hint = .0.hint())]
    Address(#[from] jamey_providers::http::AddressError),
    /// The way to it cannot be prepared.
    #[error("telemetry.otlp_endpoint cannot be reached: {0}")]
    Way(String),
}

/// Where spans are sent.
#[derive(Clone, Debug)]
pub struct Target<'a> {
    /// What the configuration says.
    pub set: &'a Telemetry,
    /// Headers that the collector wants, as `OTEL_EXPORTER_OTLP_HEADERS` has them: `a=b,c=d`.
    pub headers: Option<&'a str>,
    /// The proxy for https.
    pub proxy: Option<Proxy>,
}

/// Sends spans to one collector.
#[derive(Debug)]
pub struct Exporter {
    inbox: mpsc::Receiver<Span>,
    way: Transport,
    url: jamey_providers::http::Url,
    headers: HeaderMap,
    is_failing: bool,
}

impl Exporter {
    /// Prepares the way to a collector, and what hands it spans.
    ///
    /// # Errors
    /// When its address will not do.
    pub fn new(target: Target<'_>) -> Result<(Self, Recorder), TelemetryError> {
        let plain = if target.set.plain_http { PlainHttp::Anywhere } else { PlainHttp::Loopback };
        let base = base_url(&target.set.endpoint, plain)?;
        let way = Transport::new(&base, None, target.proxy, PATIENCE).map_err(TelemetryError::Way)?;
        // Both are usual: the collector's address, or the whole one of its route.
        let url = if base.path().ends_with("/v1/traces") { base } else { with_path(&base, "v1/traces") };
        let mut headers = headers(target.headers.unwrap_or_default());
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let (outbox, inbox) = mpsc::channel(WAITING);
        Ok((Self { inbox, way, url, headers, is_failing: false }, Recorder(outbox)))
    }

    /// Sends until `stop` fires, and then what is left.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut batch = Vec::new();
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                count = self.inbox.recv_many(&mut batch, BATCH) => if count == 0 { return },
            }
            let gather = tokio::time::sleep(GATHER);
            tokio::pin!(gather);
            while batch.len() < BATCH {
                let room = BATCH - batch.len();
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = &mut gather => break,
                    count = self.inbox.recv_many(&mut batch, room) => if count == 0 { break },
                }
            }
            if stop.is_cancelled() {
                break;
            }
            self.send(&batch, PAUSE).await;
            batch.clear();
        }
        while let Ok(span) = self.inbox.try_recv() {
            batch.push(span);
        }
        if !batch.is_empty() {
            let _ = timeout(LAST, self.send(&batch, LAST_PAUSE)).await;
        }
    }

    async fn send(&mut self, batch: &[Span], pause: Duration) {
        let body = document(batch);
        let mut result = self.try_send(body.clone()).await;
        if matches!(result, Err((_, true))) {
            tokio::time::sleep(pause).await;
            result = self.try_send(body).await;
        }
        match result {
            Ok(()) if self.is_failing => {
                self.is_failing = false;
                tracing::info!("the collector takes traces again");
            }
            Err((why, _)) if !self.is_failing => {
                self.is_failing = true;
                tracing::warn!(url = %self.url, "traces are dropped, since the collector does not take them: {why}");
            }
            _ => {}
        }
    }

    /// The fault, and whether trying again may help.
    async fn try_send(&self, body: Vec<u8>) -> Result<(), (String, bool)> {
        let sent = self.way.send(Method::POST, &self.url, self.headers.clone(), body);
        let mut reply = match timeout(PATIENCE, sent).await {
            Err(_) => return Err(("it did not answer".to_owned(), true)),
            Ok(Err(error)) => return Err((error.to_string(), true)),
            Ok(Ok(reply)) => reply,
        };
        let status = reply.status;
        // Read to its end, so that the connection can be used again; collectors answer with a few bytes.
        for _ in 0..64 {
            match timeout(PATIENCE, reply.chunk()).await {
                Ok(Ok(Some(_))) => {}
                _ => break,
            }
        }
        if status.is_success() {
            return Ok(());
        }
        Err((format!("it answered {status}"), matches!(status.as_u16(), 429 | 502 | 503 | 504)))
    }
}

/// Reads `name=value,name=value`, where values are percent-encoded. They are keys more often than not.
fn headers(text: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in text.split(',').filter_map(|pair| pair.split_once('=')) {
        let value = decoded(value.trim());
        Redactor::shared().learn([value.as_str()]);
        let name = HeaderName::try_from(name.trim().to_ascii_lowercase());
        if let (Ok(name), Ok(mut value)) = (name, HeaderValue::try_from(value)) {
            value.set_sensitive(true);
            headers.insert(name, value);
        }
    }
    headers
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let code = more.get(..2).filter(|_| *first == b'%').and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &more[2..];
            }
            None => {
                bytes.push(*first);
                rest = more;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_as_other_exporters_read_them() {
        let read = headers("Authorization=Basic%20abc%3D%3d, x-team = a b ,broken,bad name=1,percent=5%");
        assert_eq!(read["authorization"], "Basic abc==");
        assert_eq!(read["x-team"], "a b");
        assert_eq!(read["percent"], "5%");
        assert_eq!(read.len(), 3);
        assert!(!format!("{read:?}").contains("abc"));
    }
}
