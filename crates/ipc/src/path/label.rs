//! The name under which a service manager knows the runtime of these folders.

use std::ffi::OsStr;

use super::run;

/// `name` for the customary folders; with `-` and eight letters for a `JAMEY_HOME`, so that each home
/// has a service of its own.
#[must_use]
pub fn service_name(name: &str) -> String {
    of(name, std::env::var_os("JAMEY_HOME").as_deref())
}

fn of(name: &str, home: Option<&OsStr>) -> String {
    match home.filter(|home| !home.is_empty()) {
        Some(home) => format!("{name}-{:08x}", run::hash(home.as_encoded_bytes())),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_home_has_a_name_of_its_own_that_never_changes() {
        assert_eq!(of("jamey", None), "jamey");
        assert_eq!(of("jamey", Some(OsStr::new(""))), "jamey");
        assert_eq!(of("jamey", Some(OsStr::new("/one"))), of("jamey", Some(OsStr::new("/one"))));
        assert_ne!(of("jamey", Some(OsStr::new("/one"))), of("jamey", Some(OsStr::new("/two"))));
    }
}
