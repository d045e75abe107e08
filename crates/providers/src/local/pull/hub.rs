//! Fetches one file from Hugging Face or a server with the same paths, and goes on where it broke.
//!
//! Redirects are followed here, since the hub hands files over to other hosts: no key is ever sent.

use std::time::Duration;

use reqwest::{Client, Response, StatusCode, Url, header, redirect::Policy};
use tokio::time::timeout;

use super::{Miss, PullOptions, Teller, part::Part};
use crate::{
    PlainHttp,
    http::{Way, base_url, client},
    local::Entry,
};

/// Tries in a row that may bring nothing.
const FRUITLESS: u32 = 3;
/// Bytes that are gathered before they are written.
const PIECE: usize = 1 << 20;

/// The hub's name in messages.
pub(super) fn host(endpoint: &str) -> String {
    base_url(endpoint, PlainHttp::Loopback)
        .ok()
        .and_then(|url| {
            Some(format!("{}{}", url.host_str()?, url.port().map(|p| format!(":{p}")).unwrap_or_default()))
        })
        .unwrap_or_else(|| endpoint.to_owned())
}

pub(super) async fn fetch(
    entry: &Entry,
    (repo, file): (&str, &str),
    mut part: Part,
    options: &PullOptions,
    teller: &Teller,
) -> Result<Part, Miss> {
    let base = base_url(&options.endpoint, PlainHttp::Loopback)
        .map_err(|why| Miss::Source(format!("the hub's address is wrong: {why}")))?;
    let host = host(&options.endpoint);
    let way = if base.scheme() == "https" { Way::Tls(options.proxy.clone()) } else { Way::Plain };
    let client = client(&way, options.connect, only_safe_redirects())
        .map_err(|why| Miss::Source(format!("no connection to {host} can be set up: {why}")))?;
    let url = crate::http::with_path(&base, &format!("{repo}/resolve/main/{file}"));
    let mut fruitless = 0;
    loop {
        let before = part.length();
        let stop = match entry.bytes {
            Some(bytes) if before == bytes => return Ok(part),
            Some(bytes) if before > bytes => {
                part.cut(0)?;
                continue;
            }
            _ => once(&client, &url, entry, &host, part, options, teller).await?,
        };
        let why = match stop {
            Stop::Whole(part) => return Ok(part),
            Stop::Broken(back, why) => {
                part = back;
                why
            }
        };
        fruitless = if part.length() > before { 0 } else { fruitless + 1 };
        if fruitless >= FRUITLESS {
            return Err(Miss::Source(why));
        }
        tokio::time::sleep(options.retry * (fruitless + 1)).await;
    }
}

enum Stop {
    Whole(Part),
    Broken(Part, String),
}

/// One request, for whatever is still missing.
async fn once(
    client: &Client,
    url: &Url,
    entry: &Entry,
    host: &str,
    mut part: Part,
    options: &PullOptions,
    teller: &Teller,
) -> Result<Stop, Miss> {
    let mut request = client.get(url.clone());
    if part.length() > 0 {
        request = request.header(header::RANGE, format!("bytes={}-", part.length()));
    }
    let mut response = match timeout(options.connect + options.stall, request.send()).await {
        Ok(Ok(response)) => response,
        // Nobody there: asking again at once would only make the other source wait.
        Ok(Err(why)) if why.is_connect() || why.is_redirect() => {
            return Err(Miss::Source(format!("{host} cannot be reached ({})", innermost(&why))));
        }
        Ok(Err(why)) => {
            return Ok(Stop::Broken(part, format!("{host} does not answer ({})", innermost(&why))));
        }
        Err(_) => return Ok(Stop::Broken(part, format!("{host} does not answer"))),
    };
    match response.status() {
        StatusCode::OK => part.cut(0)?,
        StatusCode::PARTIAL_CONTENT if starts_at(&response, part.length()) => {}
        StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => {
            part.cut(0)?;
            return Ok(Stop::Broken(
                part,
                format!("{host} sent another part of the file than it was asked for"),
            ));
        }
        status @ (StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT) => {
            return Ok(Stop::Broken(part, format!("{host} is busy ({})", status.as_u16())));
        }
        status if status.is_server_error() => {
            return Ok(Stop::Broken(part, format!("{host} failed ({})", status.as_u16())));
        }
        status => return Err(Miss::Source(format!("{host} does not have the file ({})", status.as_u16()))),
    }
    if let (Some(bytes), Some(left)) = (entry.bytes, response.content_length())
        && part.length() + left != bytes
    {
        return Err(Miss::Source(format!("the file at {host} has another size than in the catalogue")));
    }
    let source = format!("from {host}");
    let mut piece = Vec::with_capacity(PIECE);
    loop {
        let why = match timeout(options.stall, response.chunk()).await {
            Ok(Ok(Some(bytes))) => {
                piece.extend_from_slice(&bytes);
                let here = part.length() + piece.len() as u64;
                if entry.bytes.is_some_and(|bytes| here > bytes) {
                    return Err(Miss::Source(format!("{host} sent more than the file")));
                }
                if piece.len() >= PIECE {
                    part = part.add_aside(std::mem::replace(&mut piece, Vec::with_capacity(PIECE))).await?;
                    teller.progress(part.length(), &source);
                }
                continue;
            }
            Ok(Ok(None)) => None,
            Ok(Err(why)) => Some(format!("the download from {host} broke off ({})", innermost(&why))),
            Err(_) => Some(format!("the download from {host} stood still for {}", words(options.stall))),
        };
        part = part.add_aside(piece).await?;
        teller.progress(part.length(), &source);
        return Ok(match why {
            None if entry.bytes.is_none_or(|bytes| bytes == part.length()) => Stop::Whole(part),
            None => Stop::Broken(part, format!("the download from {host} ended early")),
            Some(why) => Stop::Broken(part, why),
        });
    }
}

/// Follows the hub to other hosts, but never from https to plain http.
fn only_safe_redirects() -> Policy {
    Policy::custom(|attempt| {
        let downgrade = attempt.url().scheme() != "https"
            && attempt.previous().iter().any(|previous| previous.scheme() == "https");
        if downgrade {
            attempt.error("a redirect from https to http")
        } else if attempt.previous().len() > 8 {
            attempt.error("too many redirects")
        } else {
            attempt.follow()
        }
    })
}

/// Tells whether the answer begins where the file stops.
fn starts_at(response: &Response, at: u64) -> bool {
    response
        .headers()
        .get(header::CONTENT_RANGE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("bytes ")?.split('-').next()?.trim().parse::<u64>().ok())
        == Some(at)
}

fn innermost(error: &reqwest::Error) -> String {
    let mut words = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(at) = next {
        words = at.to_string();
        next = at.source();
    }
    words.chars().take(200).collect()
}

fn words(wait: Duration) -> String {
    format!("{} s", wait.as_secs_f32())
}
