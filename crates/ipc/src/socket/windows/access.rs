//! Who may open the pipe.

use std::io;

use interprocess::os::windows::security_descriptor::SecurityDescriptor;
use widestring::U16CString;

/// A protected list with one entry: `account`, which also owns the pipe, may do everything. Without a
/// list the system's default would let everybody read.
pub(super) fn only(account: &str) -> io::Result<SecurityDescriptor> {
    let text = U16CString::from_str(in_words(account)).map_err(io::Error::other)?;
    SecurityDescriptor::deserialize(&text)
}

fn in_words(account: &str) -> String {
    format!("O:{account}D:P(A;;GA;;;{account})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::account;

    #[test]
    fn the_list_names_our_account_once_as_owner_and_once_as_user_and_nobody_else() {
        let ours = account::ours().unwrap();
        assert!(ours.starts_with("S-1-"), "{ours}");
        assert_eq!(in_words(ours).matches("S-1-").count(), 2);
        assert_eq!(in_words(ours).matches("(A;").count(), 1);
        only(ours).unwrap();
    }

    #[test]
    fn what_is_no_account_makes_no_list() {
        assert!(only("nobody at all").is_err());
        assert!(only("S-1-5-21\0").is_err());
    }
}
