//! Keys that a person gave to Jamey: in the system's keychain, or in `.env` where there is none.
//!
//! Layout: `chain` is the keychain, each question with a time limit; `keyring` knows what is kept and gives,
//! takes and removes; `dotenv` changes one line of `.env`; `find` says which key is for which address;
//! `vendors` are the names that can be given a key before anything else is known of them.
//!
//! Invariants: a kept key belongs to one provider at one origin and is found for no other; the keychain is
//! asked only if something is known to lie there, never on a thread that serves, never for longer than
//! [`chain::PATIENCE`]; the redaction knows a key before anything else does.

pub mod chain;
mod dotenv;
mod find;
mod keyring;
pub mod vendors;

pub use chain::{Chain, NoChain, SystemChain};
pub use find::{Found, Variables, find, has_line};
pub use keyring::{Kept, Keyring};

use jamey_providers::{PlainHttp, http};

/// The longest key that is taken; those of vendors have 40 to 200 characters, bearer tokens up to 2,000.
const LONGEST: usize = 2048;

/// Scheme, host and port of an address, which a kept key belongs to.
#[must_use]
pub fn origin(base_url: &str) -> Option<String> {
    let url = http::base_url(base_url, PlainHttp::Anywhere).ok()?;
    Some(url.origin().ascii_serialization())
}

/// Checks that a text can be a key, which is sent in a header, and takes the white space around it off.
///
/// # Errors
/// What is wrong with it; never the text.
pub fn check(text: &str) -> Result<&str, String> {
    let key = text.trim();
    if key.is_empty() {
        return Err("there is no key in it".to_owned());
    }
    if key.len() > LONGEST {
        return Err(format!("it has {} bytes, and no key is longer than {LONGEST}", key.len()));
    }
    if key.bytes().any(|byte| !byte.is_ascii_graphic()) {
        return Err("it holds white space or letters that no key has; copy the key alone".to_owned());
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port_however_it_is_written() {
        for (written, meant) in [
            ("https://api.openai.com/v1", "https://api.openai.com"),
            ("api.openai.com", "https://api.openai.com"),
            ("HTTPS://API.openai.com:443/v1/?x", "https://api.openai.com"),
            ("http://127.0.0.1:11434/v1", "http://127.0.0.1:11434"),
        ] {
            assert_eq!(origin(written).as_deref(), Some(meant), "{written}");
        }
        assert_eq!(origin("https://u:p@host.example"), None);
    }

    #[test]
    fn what_no_header_can_carry_is_no_key_and_is_never_repeated() {
        assert_eq!(check("  sk-abc\n"), Ok("sk-abc"));
        for text in ["", " \n", "sk a", "sk-\u{e9}", "a\r\nX-Evil: 1", &"x".repeat(LONGEST + 1)] {
            let error = check(text).unwrap_err();
            assert!(text.trim().is_empty() || !error.contains(text.trim()), "{error}");
        }
    }
}
