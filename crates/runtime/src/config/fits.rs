//! Whether a value is what its key takes.

use std::net::IpAddr;

use serde_json::Value;

use super::schema::{Kind, OPENAI_BASE_URL, is_provider_name};

/// Checks a value against what a key takes.
///
/// # Errors
/// What it takes, in words that follow the key's name.
pub fn check(kind: Kind, value: &Value) -> Result<(), String> {
    let shown = || {
        // A person may have put a key in the wrong place.
        let text = crate::redact::text(&value.to_string()).into_owned();
        if text.chars().count() > 60 {
            format!("{}…", text.chars().take(60).collect::<String>())
        } else {
            text
        }
    };
    match kind {
        Kind::Bool if value.is_boolean() => Ok(()),
        Kind::Bool => Err(format!("must be true or false, not {}", shown())),
        Kind::Int { min, max } => match value.as_i64() {
            Some(number) if (min..=max).contains(&number) => Ok(()),
            _ => Err(format!("must be a whole number from {min} to {max}, not {}", shown())),
        },
        Kind::Text => match value.as_str() {
            Some(text) if text.len() <= 4096 && !text.chars().any(char::is_control) => Ok(()),
            _ => Err(format!("must be one line of text in quotes, not {}", shown())),
        },
        Kind::Dollars => match value.as_f64() {
            Some(number) if (0.0..=1e9).contains(&number) => Ok(()),
            _ => Err(format!("must be a number of US dollars such as 2.50, not {}", shown())),
        },
        Kind::Aliases => match value.as_object() {
            Some(names)
                if names.len() <= 1000
                    && names.iter().all(|(name, model)| {
                        is_name(name) && model.as_str().is_some_and(crate::catalogue::is_model)
                    }) =>
            {
                Ok(())
            }
            _ => Err(format!(
                "must be short names and models such as {{ fast = \"openai/gpt-5-mini\" }}, not {}",
                shown()
            )),
        },
        Kind::Facts => crate::catalogue::read(value).map(drop),
        Kind::Choice(words) => match value.as_str() {
            Some(text) if words.contains(&text) => Ok(()),
            _ => Err(format!("must be one of {}, not {}", words.join(", "), shown())),
        },
        Kind::Names => match value.as_array() {
            Some(list)
                if list.len() <= 1000 && list.iter().all(|entry| entry.as_str().is_some_and(is_name)) =>
            {
                Ok(())
            }
            _ => Err(format!("must be a list of names such as [\"file_read\"], not {}", shown())),
        },
        Kind::Models => match value.as_array() {
            Some(list)
                if list.len() <= 100 && list.iter().all(|entry| entry.as_str().is_some_and(is_model)) =>
            {
                Ok(())
            }
            _ => Err(format!(
                "must be a list of models such as [\"openai/gpt-5-mini\"], each with its provider, not {}",
                shown()
            )),
        },
        Kind::Origins => match value.as_array() {
            Some(list)
                if list.len() <= 32 && list.iter().all(|entry| entry.as_str().is_some_and(is_origin)) =>
            {
                Ok(())
            }
            _ => Err(format!(
                "must be a list of whole origins such as [\"http://localhost:5173\"], without * and without \
                 anything behind the port, not {}",
                shown()
            )),
        },
        // The value is not repeated: an address may hold a password.
        Kind::Url => value.as_str().ok_or("must be an address in quotes".to_owned()).and_then(check_url),
        Kind::Loopback => match value.as_str() {
            Some(host) if is_loopback(host) => Ok(()),
            _ => Err(format!(
                "must be a loopback address such as 127.0.0.1, not {}: the API does not speak TLS, so other \
                 machines are not let in; from there use a tunnel such as ssh -L 3000:127.0.0.1:3000 HOST",
                shown()
            )),
        },
    }
}

/// Scheme, host and maybe port, in the one form in which browsers send them.
fn is_origin(text: &str) -> bool {
    let Some((scheme, host)) = text.split_once("://") else { return false };
    let is_plain = |text: &str, more: &[u8]| {
        !text.is_empty()
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || more.contains(&b))
    };
    text.len() <= 300
        && scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && is_plain(scheme, b"+-.")
        && is_plain(host, b"-._:[]")
}

fn is_name(name: &str) -> bool {
    (1..=128).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

fn is_model(name: &str) -> bool {
    let halves = name.split_once('/');
    name.len() <= 300
        && !name.chars().any(|c| c.is_control() || c.is_whitespace())
        && halves.is_some_and(|(provider, model)| is_provider_name(provider) && !model.is_empty())
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The same rules as where it is used, but for where plain HTTP may go: that is a key of its own.
fn check_url(url: &str) -> Result<(), String> {
    if url.is_empty() {
        return Ok(());
    }
    if url.len() > 2048 || url.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(format!("must be an address such as {OPENAI_BASE_URL}"));
    }
    let read = jamey_providers::http::base_url(url, jamey_providers::PlainHttp::Anywhere);
    read.map(drop).map_err(|error| format!("does not take this address: {error}; {}", error.hint()))
}
