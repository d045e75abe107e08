//! The system's keychain: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows.
//!
//! It may ask the person for a password, or hang. So each question has a thread of its own that is waited
//! for only so long, and no connection to it stays open.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// A keychain that has not answered after this long is not waited for.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// The same when a person sits there, who may have to unlock it first.
pub const PATIENCE_WITH_A_PERSON: Duration = Duration::from_secs(60);

/// So many questions may hang before no further one is asked.
const MOST_HANGING: usize = 3;

/// The name under which a person finds the entries in the system's own program.
#[cfg(any(unix, windows))]
const SERVICE: &str = "jamey-code";

/// What keeps small secrets for one account each. May block.
pub trait Chain: Send + Sync + fmt::Debug {
    /// Reads; nothing if nothing is kept.
    ///
    /// # Errors
    /// Why it cannot be read, without any secret.
    fn get(&self, account: &str) -> Result<Option<String>, String>;

    /// Keeps, in the place of what was kept before.
    ///
    /// # Errors
    /// Why it cannot be kept, without any secret.
    fn set(&self, account: &str, secret: &str) -> Result<(), String>;

    /// Removes; nothing kept is no error.
    ///
    /// # Errors
    /// Why it cannot be removed.
    fn delete(&self, account: &str) -> Result<(), String>;
}

/// The keychain of this system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemChain;

impl Chain for SystemChain {
    fn get(&self, account: &str) -> Result<Option<String>, String> {
        match entry(account)?.get_password() {
            Ok(secret) => Ok(Some(secret)),
            Err(keyring_core::Error::NoEntry) => Ok(None),
            Err(error) => Err(reason(&error)),
        }
    }

    fn set(&self, account: &str, secret: &str) -> Result<(), String> {
        entry(account)?.set_password(secret).map_err(|error| reason(&error))
    }

    fn delete(&self, account: &str) -> Result<(), String> {
        match entry(account)?.delete_credential() {
            Ok(()) | Err(keyring_core::Error::NoEntry) => Ok(()),
            Err(error) => Err(reason(&error)),
        }
    }
}

/// The connection is made for this one question and goes with the entry.
fn entry(account: &str) -> Result<keyring_core::Entry, String> {
    use keyring_core::api::CredentialStoreApi as _;
    #[cfg(target_os = "macos")]
    let store = apple_native_keyring_store::keychain::Store::new();
    #[cfg(windows)]
    let store = windows_native_keyring_store::Store::new();
    #[cfg(all(unix, not(target_os = "macos")))]
    let store = zbus_secret_service_keyring_store::Store::new();
    store.and_then(|store| store.build(SERVICE, account, None)).map_err(|error| reason(&error))
}

/// Errors of this kind may carry what was read in their `Debug`, never in these words.
fn reason(error: &keyring_core::Error) -> String {
    use keyring_core::Error;
    match error {
        Error::NoStorageAccess(why) => format!("it is locked or cannot be reached ({why})"),
        Error::PlatformFailure(why) => format!("it cannot be reached ({why})"),
        Error::TooLong(what, most) => format!("its {what} may have {most} bytes at most"),
        Error::BadEncoding(_) | Error::BadDataFormat(..) => "what it holds is not ours".to_owned(),
        Error::Ambiguous(entries) => format!("it holds {} entries of that name", entries.len()),
        other => other.to_string(),
    }
}

/// A system without a keychain.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoChain;

impl Chain for NoChain {
    fn get(&self, _: &str) -> Result<Option<String>, String> {
        Err("there is none".to_owned())
    }
    fn set(&self, _: &str, _: &str) -> Result<(), String> {
        Err("there is none".to_owned())
    }
    fn delete(&self, _: &str) -> Result<(), String> {
        Err("there is none".to_owned())
    }
}

/// Asks a keychain on threads of its own.
#[derive(Clone, Debug)]
pub(super) struct Asker {
    chain: Arc<dyn Chain>,
    hanging: Arc<AtomicUsize>,
}

impl Asker {
    pub(super) fn new(chain: Arc<dyn Chain>) -> Self {
        Self { chain, hanging: Arc::default() }
    }

    /// Asks, and waits so long for the answer. A thread that hangs is left behind; it holds nothing else up.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        patience: Duration,
        question: impl FnOnce(&dyn Chain) -> Result<T, String> + Send + 'static,
    ) -> Result<T, String> {
        if self.hanging.fetch_add(1, Ordering::AcqRel) >= MOST_HANGING {
            self.hanging.fetch_sub(1, Ordering::AcqRel);
            return Err("it has not answered the questions before".to_owned());
        }
        let (answer, answered) = tokio::sync::oneshot::channel();
        let (chain, hanging) = (Arc::clone(&self.chain), Arc::clone(&self.hanging));
        let asked = std::thread::Builder::new().name("keychain".to_owned()).spawn(move || {
            let found = question(&*chain);
            hanging.fetch_sub(1, Ordering::AcqRel);
            // Whoever asked may have given up.
            let _ = answer.send(found);
        });
        if let Err(error) = asked {
            self.hanging.fetch_sub(1, Ordering::AcqRel);
            return Err(format!("no thread can be made for it: {error}"));
        }
        match tokio::time::timeout(patience, answered).await {
            Ok(Ok(found)) => found,
            Ok(Err(_)) => Err("it failed".to_owned()),
            Err(_) => Err(format!("no answer within {} s", patience.as_secs())),
        }
    }
}
