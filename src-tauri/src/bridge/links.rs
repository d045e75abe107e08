//! Links, which open in the person's browser.

use std::borrow::Cow;

use jamey_protocol::{ApiError, ErrorCode};
use tauri::{AppHandle, Url};
use tauri_plugin_shell::ShellExt as _;

use crate::given::{Given, refused, short};

/// Opens an address in the browser or the mail program. The page has asked the person before.
#[tauri::command]
#[specta::specta]
pub async fn open_link(app: AppHandle, url: Given<String>) -> Result<(), ApiError> {
    let url = checked(url.0)?;
    // Its successor would bring a second crate for the same call.
    #[allow(deprecated)]
    app.shell().open(url.as_str(), None).map_err(|error| {
        ApiError::new(ErrorCode::Internal, format!("no program opens {url}: {error}"))
            .hint("copy the address instead")
    })
}

/// Lets an address of the web or of mail pass, in the form in which it was parsed, so that what was checked is
/// what is opened.
fn checked(url: String) -> Result<Url, ApiError> {
    let url = Url::parse(&short("url", url)?).map_err(|error| refused("url", &error.to_string()))?;
    // `https://bank.example@evil.example` shows one name and goes to another.
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("url", "a user name before the host makes it look like another address"));
    }
    let is_fit = match url.scheme() {
        "https" | "http" => url.host_str().is_some_and(|host| !host.is_empty()),
        "mailto" => is_letter(&url),
        _ => false,
    };
    if is_fit { Ok(url) } else { Err(refused("url", "only https, http and mailto addresses are opened")) }
}

/// What a link may write into a letter. Mail programs know more, such as files to send along.
const FIELDS: [&str; 5] = ["to", "cc", "bcc", "subject", "body"];

/// Whether a mail address fills in only what a person sees before it is sent.
fn is_letter(url: &Url) -> bool {
    let is_field = |(name, value): (Cow<'_, str>, Cow<'_, str>)| {
        let name = name.to_ascii_lowercase();
        // A line break in a header would begin another header; a body has lines.
        let is_bad = |letter: char| letter.is_control() && !(name == "body" && "\r\n\t".contains(letter));
        // With this some end the value and begin another.
        FIELDS.contains(&name.as_str()) && !value.contains(is_bad) && !value.contains("',")
    };
    is_whom(url.path()) && url.fragment().is_none() && url.query_pairs().all(is_field)
}

/// Addresses, with what is not of ASCII in its encoded form. Whoever hands them on takes quotes and `&` for more.
fn is_whom(path: &str) -> bool {
    let mut rest = path.bytes();
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"._+~,@=-".contains(&byte);
    while let Some(byte) = rest.next() {
        let mut is_beyond_ascii = || rest.next().is_some_and(|digit| b"89abcdefABCDEF".contains(&digit));
        if !(is_fit(byte) || byte == b'%' && is_beyond_ascii()) {
            return false;
        }
    }
    path.contains('@') && !path.starts_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_and_mail_addresses_are_opened() {
        for good in [
            "https://example.com/a?b#c",
            "http://127.0.0.1:3000/",
            "mailto:a@example.com?subject=x",
            "mailto:j%C3%BCrgen+x@example.com?subject=Tom%26Jerry's",
            "mailto:a@example.com,b@example.com?CC=c@example.com&bcc=d@example.com&Body=one%0D%0Atwo",
        ] {
            assert_eq!(checked(good.to_owned()).unwrap().as_str(), good);
        }
        for hostile in [
            "",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "jamey://session/x",
            "vscode://x",
            "smb://host/share",
            "https://",
            "https://good.example@evil.example/",
            "mailto:-attach=/etc/passwd",
            "mailto:-a@example.com",
            "mailto:a@example.com?attach=/etc/passwd",
            "mailto:a@example.com&attach=/etc/passwd",
            "mailto:a@example.com%26attach=/etc/passwd",
            "mailto:a@example.com',attachment='/etc/passwd",
            "mailto:a@example.com?subject=x',attachment='/etc/passwd",
            "mailto:a@example.com?subject=x#&attach=/etc/passwd",
            "mailto:a@example.com?subject=x&Attachment=/etc/passwd",
            "mailto:a@example.com?att%61ch=/etc/passwd",
            "mailto:a@example.com?subject=x%0D%0ABcc:b@example.com",
            "mailto:a@example.com?to=b@example.com%0Ax",
            "mailto:a@example.com?body=%00",
            "mailto:a@example.com%0Ab",
            "mailto:a@example.com%7f",
            "--help",
            "/etc/passwd",
            "https://example.com/\nx",
            "ms-msdt:/id",
        ] {
            assert!(checked(hostile.to_owned()).is_err(), "{hostile}");
        }
    }

    #[test]
    fn what_is_refused_says_why() {
        let why = |url: &str| checked(url.to_owned()).unwrap_err().message;
        assert!(why("https://good.example@evil.example/").contains("user name"));
        assert!(why("https://:secret@example.com/").contains("user name"));
        assert!(why(&format!("https://example.com/{}", "a".repeat(5_000))).contains("4096 at most"));
        assert!(why("ftp://example.com/").contains("only https, http and mailto"));
    }
}
