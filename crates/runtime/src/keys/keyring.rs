//! What is kept, and giving, taking and removing it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use jamey_ipc::Folders;
use jamey_protocol::{ApiError, ErrorCode, key::KeyKept};
use jamey_providers::Secret;
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex as AsyncMutex, watch};

use super::{
    Variables,
    chain::{Asker, Chain, PATIENCE, PATIENCE_WITH_A_PERSON},
    dotenv, find,
};
use crate::{
    config::{Environment, Origin, store},
    redact::Redactor,
};

/// A turn that begins while the keychain is still being read waits so long for it.
const TURN_WAITS: Duration = Duration::from_secs(2);
/// After a failure the keychain is left alone for so long.
const AGAIN_AFTER: Duration = Duration::from_secs(60);

/// What is known of the keychain.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Providers whose keys lie there, read or not.
    listed: BTreeSet<String>,
    /// Those that were read, with their origins.
    keys: BTreeMap<String, (Secret, String)>,
    /// Why they could not be read, if so.
    fault: Option<String>,
}

impl Kept {
    /// The key of a provider and the origin that it belongs to.
    #[must_use]
    pub fn of(&self, provider: &str) -> Option<(&Secret, &str)> {
        self.keys.get(provider).map(|(key, origin)| (key, origin.as_str()))
    }

    /// Whether a key of this provider lies there, read or not.
    #[must_use]
    pub fn lists(&self, provider: &str) -> bool {
        self.listed.contains(provider)
    }

    /// A keychain with the key of one provider, for tests.
    #[cfg(test)]
    pub(crate) fn with(provider: &str, key: &str, origin: &str) -> Self {
        let keys = BTreeMap::from([(provider.to_owned(), (Secret::new(key), origin.to_owned()))]);
        Self { listed: BTreeSet::from([provider.to_owned()]), keys, fault: None }
    }

    /// Why it could not be read, if so.
    #[must_use]
    pub fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }
}

/// What lies in the keychain for one provider. Key and origin are one secret, so that neither can be changed
/// without the other.
#[derive(Serialize, Deserialize)]
struct Bound {
    origin: String,
    key: String,
}

/// All keys that a person gave to Jamey.
pub struct Keyring {
    asker: Asker,
    dot_env: PathBuf,
    /// Names the providers whose keys lie in the keychain, so that it is asked for nothing else. No secret.
    list: PathBuf,
    /// Tells the entries of this configuration from those of another one of the same person.
    home: String,
    state: Mutex<State>,
    /// Held while something is read or changed.
    busy: AsyncMutex<()>,
    settled: watch::Sender<bool>,
}

#[derive(Debug)]
struct State {
    kept: Arc<Kept>,
    failed_at: Option<Instant>,
}

impl State {
    /// Puts a changed copy in the place of what was known.
    fn change(&mut self, change: impl FnOnce(&mut Kept)) {
        let mut kept = Kept::clone(&self.kept);
        change(&mut kept);
        self.kept = Arc::new(kept);
    }
}

impl Keyring {
    /// Knows what is listed; the keychain is not asked yet.
    #[must_use]
    pub fn new(folders: &Folders, chain: Arc<dyn Chain>) -> Arc<Self> {
        let list = folders.data.join("keychain.json");
        let listed: BTreeSet<String> =
            fs::read(&list).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        Arc::new(Self {
            asker: Asker::new(chain),
            dot_env: folders.dotenv(),
            list,
            home: folders.config.display().to_string(),
            settled: watch::Sender::new(listed.is_empty()),
            state: Mutex::new(State { kept: Arc::new(Kept { listed, ..Kept::default() }), failed_at: None }),
            busy: AsyncMutex::default(),
        })
    }

    /// Reads the keychain in the background, if anything is known to lie there.
    pub fn begin(self: &Arc<Self>) {
        if !*self.settled.borrow() {
            let ring = Arc::clone(self);
            tokio::spawn(async move { ring.read().await });
        }
    }

    /// What was read.
    #[must_use]
    pub fn kept(&self) -> Arc<Kept> {
        Arc::clone(&self.state().kept)
    }

    /// Waits a moment for a reading that is under way. After one that failed, and some time, another begins
    /// behind the scenes.
    pub async fn settle(self: &Arc<Self>) {
        let retry = {
            let mut state = self.state();
            let due = state.failed_at.is_some_and(|at| at.elapsed() > AGAIN_AFTER);
            if due {
                state.failed_at = Some(Instant::now());
            }
            due
        };
        if retry {
            let ring = Arc::clone(self);
            tokio::spawn(async move { ring.read().await });
        }
        let mut settled = self.settled.subscribe();
        // The sender lives as long as this.
        let _ = tokio::time::timeout(TURN_WAITS, settled.wait_for(|settled| *settled)).await;
    }

    async fn read(&self) {
        let _busy = self.busy.lock().await;
        self.read_listed(PATIENCE).await;
        self.settled.send_replace(true);
    }

    async fn read_listed(&self, patience: Duration) {
        let listed: Vec<(String, String)> =
            self.kept().listed.iter().map(|name| (name.clone(), self.account(name))).collect();
        let answer = self
            .asker
            .ask(patience, move |chain| {
                listed
                    .into_iter()
                    .map(|(name, account)| Ok((name, chain.get(&account)?)))
                    .collect::<Result<Vec<_>, String>>()
            })
            .await;
        match answer {
            Ok(found) => {
                let mut keys = BTreeMap::new();
                for (name, secret) in found {
                    let bound = secret.and_then(|text| serde_json::from_str::<Bound>(&text).ok());
                    if let Some(Bound { origin, key }) = bound {
                        Redactor::shared().learn([key.as_str()]);
                        keys.insert(name, (Secret::new(key), origin));
                    }
                }
                let mut state = self.state();
                state.failed_at = None;
                state.change(|kept| (kept.keys, kept.fault) = (keys, None));
            }
            Err(why) => {
                tracing::warn!("the keychain could not be read: {why}");
                let mut state = self.state();
                state.failed_at = Some(Instant::now());
                state.change(|kept| kept.fault = Some(why));
            }
        }
    }

    /// Keeps a key for a provider at an origin: in the line of `.env` that holds one already, else in the
    /// keychain, else in `.env`.
    ///
    /// # Errors
    /// When the text is no key, or it can be kept nowhere.
    pub async fn give(
        &self,
        environment: &Environment,
        provider: &str,
        variables: &Variables,
        origin: &str,
        text: &str,
    ) -> Result<KeyKept, ApiError> {
        Redactor::shared().learn([text]);
        let key = super::check(text).map_err(|why| {
            ApiError::new(ErrorCode::BadRequest, format!("that is no key: {why}"))
                .hint("copy it again from the provider's page")
        })?;
        let _busy = self.busy.lock().await;
        let outranked_by = variables.named.iter().find_map(|name| match environment.get(name) {
            Some((_, Origin::Process)) => Some(format!("environment {name}")),
            _ => None,
        });
        let line = find::line(environment, provider, variables);
        let in_chain = match &line {
            Some(_) => Err("`.env` has a line for it".to_owned()),
            None => self.keep_in_chain(provider, origin, key).await,
        };
        let place = match in_chain {
            Ok(()) => "keychain".to_owned(),
            Err(why) => {
                let variable = line.unwrap_or_else(|| variables.usual(provider));
                self.keep_in_file(&variable, origin, key, &why).await?;
                tracing::info!(provider, "the key is kept in .env and not in the keychain: {why}");
                format!(".env {variable}")
            }
        };
        Ok(KeyKept { place, outranked_by })
    }

    async fn keep_in_chain(&self, provider: &str, origin: &str, key: &str) -> Result<(), String> {
        let bound = Bound { origin: origin.to_owned(), key: key.to_owned() };
        let secret = serde_json::to_string(&bound).map_err(|error| error.to_string())?;
        let account = self.account(provider);
        let kept = self
            .asker
            .ask(PATIENCE_WITH_A_PERSON, move |chain| {
                chain.set(&account, &secret)?;
                // Some keychains take everything and keep nothing beyond the session.
                match chain.get(&account)? {
                    Some(back) if back == secret => Ok(()),
                    _ => Err("it did not keep what it was given".to_owned()),
                }
            })
            .await;
        kept?;
        let mut state = self.state();
        state.change(|kept| {
            kept.keys.insert(provider.to_owned(), (Secret::new(key), origin.to_owned()));
            kept.listed.insert(provider.to_owned());
        });
        self.write_list(&state.kept.listed)
            .map_err(|error| format!("the list of its keys cannot be written: {error}"))
    }

    async fn keep_in_file(&self, variable: &str, origin: &str, key: &str, why: &str) -> Result<(), ApiError> {
        let failed = |reason: String| {
            let message = format!("the key is kept nowhere: the keychain: {why}; `.env`: {reason}");
            ApiError::new(ErrorCode::Storage, message)
                .hint(format!("check the folder's permissions, or set {variable} in the environment"))
        };
        if !dotenv::can_hold(key) {
            return Err(failed("it cannot hold a key with both kinds of quotes".to_owned()));
        }
        let (path, name) = (self.dot_env.clone(), variable.to_owned());
        let (key, origin) = (key.to_owned(), origin.to_owned());
        let write = move || {
            let bound = dotenv::origin_of(&name);
            dotenv::change(&path, &[(name, Some(&key)), (bound, Some(&origin))])
        };
        let written = tokio::task::spawn_blocking(write).await;
        written
            .unwrap_or_else(|error| Err(std::io::Error::other(error)))
            .map_err(|error| failed(error.to_string()))
    }

    /// Removes the key of a provider wherever it is kept. Returns whether there was one.
    ///
    /// # Errors
    /// When one of the places cannot be changed.
    pub async fn remove(
        &self,
        environment: &Environment,
        provider: &str,
        variables: &Variables,
    ) -> Result<bool, ApiError> {
        let _busy = self.busy.lock().await;
        let mut removed = false;
        if self.kept().lists(provider) {
            let account = self.account(provider);
            self.asker.ask(PATIENCE_WITH_A_PERSON, move |chain| chain.delete(&account)).await.map_err(
                |why| {
                    let message = format!("the key of {provider} cannot be removed from the keychain: {why}");
                    ApiError::new(ErrorCode::Storage, message)
                        .hint("unlock the keychain, then remove it again")
                        .retryable()
                },
            )?;
            let mut state = self.state();
            state.change(|kept| {
                kept.keys.remove(provider);
                kept.listed.remove(provider);
            });
            self.write_list(&state.kept.listed).map_err(|error| cannot_write(&self.list, &error))?;
            removed = true;
        }
        if let Some(variable) = find::line(environment, provider, variables) {
            let path = self.dot_env.clone();
            let take_out = move || {
                let bound = dotenv::origin_of(&variable);
                dotenv::change(&path, &[(variable, None), (bound, None)])
            };
            let taken = tokio::task::spawn_blocking(take_out).await;
            taken
                .unwrap_or_else(|error| Err(std::io::Error::other(error)))
                .map_err(|error| cannot_write(&self.dot_env, &error))?;
            removed = true;
        }
        Ok(removed)
    }

    fn account(&self, provider: &str) -> String {
        format!("{provider} {}", self.home)
    }

    fn write_list(&self, listed: &BTreeSet<String>) -> std::io::Result<()> {
        store(&self.list, &format!("{}\n", serde_json::to_string(listed).unwrap_or_default()))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cannot_write(path: &std::path::Path, error: &std::io::Error) -> ApiError {
    ApiError::new(ErrorCode::Storage, format!("{} cannot be written: {error}", path.display()))
        .hint("check the folder's permissions and the free space")
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("list", &self.list)
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}
