//! Which base URLs are spoken to.
//!
//! Invariant: without the person's explicit word, nothing leaves this machine unencrypted.

use reqwest::Url;

/// Where plain `http://` may go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlainHttp {
    /// To this machine only.
    #[default]
    Loopback,
    /// Anywhere, since the person said so: the key and every prompt can be read on the way.
    Anywhere,
}

/// A base URL that is not spoken to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is no URL.
    #[error("`{0}` is not a URL")]
    NoUrl(String),
    /// Neither http nor https.
    #[error("`{0}:` is not a scheme that models are spoken to with")]
    Scheme(String),
    /// Unencrypted, and not to this machine.
    #[error("http:// to {0} would send the key and every prompt unencrypted")]
    Unencrypted(String),
    /// A user name or password in the URL would end up in logs.
    #[error("the base URL must not contain a user name or password")]
    Credentials,
    /// So would a key among its parameters, and lists of providers show the address. Holds the parameter's name.
    #[error("the base URL must not contain a key, and its parameter `{0}` looks like one")]
    Key(String),
}

impl AddressError {
    /// The next step.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoUrl(_) => "write it like https://api.example.com/v1",
            Self::Scheme(_) => "use https://, or http:// for a server on this machine",
            Self::Unencrypted(_) => "use https://; http:// is for localhost, 127.0.0.1 and [::1]",
            Self::Credentials | Self::Key(_) => {
                "give the key through the environment or the `.env` of the config folder"
            }
        }
    }
}

/// Reads a base URL as people write it: with or without a scheme, a slash at the end, or the route of
/// the API behind it.
///
/// # Errors
/// When it is no URL or one that is not spoken to.
pub fn base_url(text: &str, plain: PlainHttp) -> Result<Url, AddressError> {
    let text = text.trim();
    // What is no URL may hold a key or a password all the same.
    let shown = text.split(['?', '#']).next().unwrap_or_default();
    let shown = shown.rsplit('@').next().unwrap_or_default();
    let no_url = || AddressError::NoUrl(shown.chars().take(100).collect());
    let mut url = if text.contains("://") {
        Url::parse(text).map_err(|_| no_url())?
    } else {
        let guess = Url::parse(&format!("http://{text}")).map_err(|_| no_url())?;
        if is_loopback(&guess) {
            guess
        } else {
            Url::parse(&format!("https://{text}")).map_err(|_| no_url())?
        }
    };
    if url.host_str().is_none_or(str::is_empty) {
        return Err(no_url());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(AddressError::Credentials);
    }
    if let Some((name, _)) = url.query_pairs().find(|(name, _)| is_of_a_key(name)) {
        return Err(AddressError::Key(name.chars().filter(|c| !c.is_control()).take(60).collect()));
    }
    match url.scheme() {
        "https" => {}
        "http" if plain == PlainHttp::Anywhere || is_loopback(&url) => {}
        "http" => return Err(AddressError::Unencrypted(url.host_str().unwrap_or_default().to_owned())),
        other => return Err(AddressError::Scheme(other.to_owned())),
    }
    url.set_fragment(None);
    let path = url.path().trim_end_matches('/');
    let pasted = ["/chat/completions", "/completions", "/responses"];
    let stem = pasted.iter().find_map(|route| path.strip_suffix(route));
    // A list of models is a route too, but only behind a version is it surely no place of its own.
    let stem = stem.or_else(|| path.strip_suffix("/models").filter(|stem| stem.ends_with("/v1")));
    let path = stem.unwrap_or(path).trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

/// Tells whether a parameter of that name holds what opens the server: `subscription-key`, `access_token`, `sig`.
fn is_of_a_key(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let last = name.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    let ends = ["key", "token", "secret", "password"];
    ends.iter().any(|end| last.ends_with(end))
        || matches!(last, "sig" | "signature" | "code" | "auth" | "authorization" | "passwd" | "pwd")
}

/// Adds a route to a base URL and keeps its query.
#[must_use]
pub fn with_path(base: &Url, route: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{route}", base.path().trim_end_matches('/')));
    url
}

/// Tells whether a base URL is that of a server on this machine.
#[must_use]
pub fn is_on_this_machine(text: &str) -> bool {
    base_url(text, PlainHttp::Anywhere).is_ok_and(|url| is_loopback(&url))
}

fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{AddressError, PlainHttp, base_url, with_path};

    fn read(text: &str) -> Result<String, AddressError> {
        base_url(text, PlainHttp::Loopback).map(|url| with_path(&url, "chat/completions").to_string())
    }

    #[test]
    fn people_write_base_urls_in_many_ways() {
        for (written, meant) in [
            ("https://a.example/v1", "https://a.example/v1/chat/completions"),
            (" https://a.example/v1// ", "https://a.example/v1/chat/completions"),
            ("https://a.example/v1/chat/completions", "https://a.example/v1/chat/completions"),
            ("https://a.example/v1/responses", "https://a.example/v1/chat/completions"),
            ("https://a.example/v1/models", "https://a.example/v1/chat/completions"),
            ("https://a.example/models", "https://a.example/models/chat/completions"),
            ("a.example/v1", "https://a.example/v1/chat/completions"),
            ("localhost:8080", "http://localhost:8080/chat/completions"),
            ("http://127.0.0.1:1/v1/", "http://127.0.0.1:1/v1/chat/completions"),
            ("http://[::1]:1/v1", "http://[::1]:1/v1/chat/completions"),
            ("https://a.example/v1?api-version=1#x", "https://a.example/v1/chat/completions?api-version=1"),
        ] {
            assert_eq!(read(written).as_deref(), Ok(meant), "{written}");
        }
    }

    #[test]
    fn plain_http_leaves_the_machine_only_when_a_person_says_so() {
        for text in ["http://a.example/v1", "http://localhost.evil.example", "http://127.0.0.1.evil.example/"]
        {
            assert!(matches!(read(text), Err(AddressError::Unencrypted(_))), "{text}");
        }
        assert!(base_url("http://192.168.0.7:8080/v1", PlainHttp::Anywhere).is_ok());
    }

    #[test]
    fn a_key_among_the_parameters_is_refused_and_not_shown() {
        for name in [
            "key",
            "subscription-key",
            "apiKey",
            "api_key",
            "access_token",
            "sig",
            "code",
            "X-Auth",
            "a%6Bey",
        ] {
            let error = read(&format!("https://a.example/v1?version=1&{name}=CANARY")).unwrap_err();
            assert!(matches!(error, AddressError::Key(_)), "{name}: {error:?}");
            assert!(error.to_string().contains("looks like one") && !error.to_string().contains("CANARY"));
            assert!(error.hint().contains("environment"));
        }
        for name in ["api-version", "monkeys", "encode", "design", "keyboard", "tokens"] {
            assert!(read(&format!("https://a.example/v1?{name}=1")).is_ok(), "{name}");
        }
        let error = read("https://a.example:port/v1?key=CANARY").unwrap_err();
        assert!(matches!(&error, AddressError::NoUrl(text) if !text.contains("CANARY")), "{error}");
    }

    #[test]
    fn what_is_no_base_url_is_refused() {
        for text in ["", "https://", "ftp://a.example", "file:///etc/passwd", "https://u:p@a.example"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
