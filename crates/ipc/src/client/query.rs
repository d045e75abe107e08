//! Paths and queries of requests.

use std::fmt::Write as _;

/// Builds a path with a query, each value percent-encoded.
#[derive(Debug)]
pub(super) struct Query {
    text: String,
    joint: char,
}

impl Query {
    pub(super) fn new(path: &str) -> Self {
        Self { text: path.to_owned(), joint: '?' }
    }

    pub(super) fn with(mut self, name: &str, value: Option<impl ToString>) -> Self {
        if let Some(value) = value {
            self.text.push(self.joint);
            self.text.push_str(name);
            self.text.push('=');
            self.text.push_str(&encode(&value.to_string()));
            self.joint = '&';
        }
        self
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// Leaves only characters that mean nothing in a path or a query.
pub(super) fn encode(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            text.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_break_out_of_their_place() {
        let query = Query::new("/v1/search")
            .with("q", Some("a&b=c d/é\n"))
            .with("after", None::<u64>)
            .with("n", Some(7));
        assert_eq!(query.finish(), "/v1/search?q=a%26b%3Dc%20d%2F%C3%A9%0A&n=7");
    }
}
