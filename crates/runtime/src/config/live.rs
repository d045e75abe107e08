//! The configuration that holds now. A changed file is read at once (`watch`), and at the latest before
//! the next turn, since asking compares the file's stamp. A file with a fault changes nothing.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use jamey_ipc::Folders;
use jamey_protocol::{ApiError, ErrorCode, config::ConfigView};
use serde_json::{Map, Value};
use tokio::sync::watch;

use super::{
    Config, address,
    alone::{Alone, Writing},
    changes,
    env::{self, Environment},
    fits, json_schema,
    load::{self, ConfigError, Setting, Source, Values},
    schema, write,
};
use crate::redact::{self, Redactor};

/// A file that became empty may be one that is being written.
const HALF_WRITTEN: Duration = Duration::from_secs(1);
/// How often a change looks whether that is over.
const GLANCE: Duration = Duration::from_millis(20);

/// Where configuration is kept.
#[derive(Clone, Debug)]
pub struct Paths {
    /// `runtime.toml`, or what `--config` named.
    pub file: PathBuf,
    /// `.env` of the config folder.
    pub dot_env: PathBuf,
    /// The copy of the last file that was right.
    pub last_good: PathBuf,
    /// Where the schema for editors is written, if anywhere.
    pub schema: Option<PathBuf>,
}

impl Paths {
    /// The usual places, or another file where a flag names one.
    #[must_use]
    pub fn of(folders: &Folders, file: Option<PathBuf>) -> Self {
        Self {
            file: file.unwrap_or_else(|| folders.runtime_toml()),
            dot_env: folders.dotenv(),
            last_good: folders.data.join("runtime.toml.last-good"),
            schema: Some(folders.schema()),
        }
    }
}

/// A value of the command line: dotted name and text.
pub type Override = (&'static str, String);

/// What is done with a configuration that changed; it may have a fault to tell.
type Hook = Box<dyn Fn(&Config) -> Option<String> + Send + Sync>;

/// The configuration that holds now.
pub struct Live {
    paths: Paths,
    overrides: Vec<Override>,
    process: Environment,
    state: RwLock<State>,
    /// Held while a changed file is read, so that it is read once.
    reading: Mutex<()>,
    /// Held while the file is changed.
    writing: Writing,
    hooks: Mutex<Vec<Hook>>,
    /// What could not be done as the configuration says, by subject.
    faults: Mutex<BTreeMap<&'static str, String>>,
    changed: watch::Sender<()>,
}

#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) config: Arc<Config>,
    pub(super) environment: Arc<Environment>,
    pub(super) warnings: Vec<String>,
    stamps: [Stamp; 2],
}

/// Changes whenever a file was written.
type Stamp = Option<(SystemTime, u64)>;

impl Live {
    /// Reads everything, and makes the file if there is none.
    ///
    /// # Errors
    /// When the file has a fault and no earlier right one is known, or a variable or flag has one.
    pub fn open(paths: Paths, process: Environment, overrides: Vec<Override>) -> Result<Self, ConfigError> {
        let mut warnings = Vec::new();
        let writing = Writing::default();
        if is_missing(&paths.file) {
            let _alone = alone(&writing, &paths);
            // Another may have made it, and changed it, since.
            if is_missing(&paths.file)
                && let Err(error) = write::store(&paths.file, &write::template())
            {
                // Not fatal: the defaults hold, and the folder may be read-only on purpose.
                warnings.push(format!("{} could not be made: {error}", paths.file.display()));
            }
        }
        if let Some(path) = &paths.schema {
            keep(path, &json_schema::document());
        }
        let stamps = stamps(&paths);
        let (values, mut found) = match read_file(&paths.file) {
            Ok(read) => read,
            Err(fault) => match read_file(&paths.last_good) {
                Ok((values, _)) if paths.last_good.is_file() => {
                    let notice =
                        format!("{fault}; the last good configuration holds until that is put right");
                    (values, vec![notice])
                }
                _ => return Err(fault),
            },
        };
        warnings.append(&mut found);
        let live = Self {
            state: RwLock::new(live_state(&paths, &process, &overrides, values, warnings, stamps)?),
            paths,
            overrides,
            process,
            reading: Mutex::default(),
            writing,
            hooks: Mutex::default(),
            faults: Mutex::default(),
            changed: watch::Sender::new(()),
        };
        live.keep_good();
        Ok(live)
    }

    /// The values that hold now; a changed file is read first.
    #[must_use = "to read a changed file and nothing else, call `refresh`"]
    pub fn now(&self) -> Arc<Config> {
        self.refresh();
        self.current()
    }

    /// The values that were in force when the files were last looked at. Touches no disk.
    #[must_use]
    pub fn current(&self) -> Arc<Config> {
        self.read().config
    }

    /// Reads the files if they changed.
    pub fn refresh(&self) {
        let stamps = self.stamps();
        if self.read().stamps == stamps {
            return;
        }
        let _reading = lock(&self.reading);
        // Somebody else may have read it meanwhile.
        if self.read().stamps != stamps && !is_half_written(stamps[0]) {
            self.take(stamps);
        }
    }

    /// Reads the files, changed or not: somebody asks for it.
    ///
    /// # Errors
    /// What is wrong with them; then the values from before hold.
    pub fn reload(&self) -> Result<(), ConfigError> {
        let _reading = lock(&self.reading);
        self.take(self.stamps()).map_or(Ok(()), Err)
    }

    /// Does something with every configuration that comes after this one, before anybody is told of it.
    /// What it returns is shown as a warning until it returns nothing.
    pub fn whenever_changed(&self, hook: impl Fn(&Config) -> Option<String> + Send + Sync + 'static) {
        lock(&self.hooks).push(Box::new(hook));
    }

    /// Changes whenever other values hold.
    #[must_use]
    pub fn changed(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Notes what cannot be done as the configuration says, or that it can.
    pub fn note(&self, subject: &'static str, fault: Option<String>) {
        let mut faults = lock(&self.faults);
        match fault {
            Some(fault) => {
                if faults.get(subject) != Some(&fault) {
                    tracing::warn!("{fault}");
                    faults.insert(subject, fault);
                }
            }
            None => drop(faults.remove(subject)),
        }
    }

    /// Where it is kept.
    #[must_use]
    pub fn paths(&self) -> &Paths {
        &self.paths
    }

    /// The variables that hold now.
    #[must_use]
    pub fn environment(&self) -> Arc<Environment> {
        self.read().environment
    }

    /// What is wrong with the files or not in force.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        self.refresh();
        let mut warnings = self.read().warnings;
        warnings.extend(lock(&self.faults).values().cloned());
        warnings
    }

    /// What `GET /v1/config` shows: every value, no secret.
    #[must_use]
    pub fn view(&self) -> ConfigView {
        let config = self.now();
        let mut values = Value::Object(Map::new());
        for (name, setting) in &config.values {
            let mut place = &mut values;
            for part in name.split('.') {
                if !place.is_object() {
                    *place = Value::Object(Map::new());
                }
                place = &mut place[part];
            }
            *place = setting.value.clone();
        }
        ConfigView { path: self.paths.file.display().to_string(), values, warnings: self.warnings() }
    }

    /// Changes one key in the file. It holds at once; where only the next start reads it, or something
    /// stronger holds, [`Live::note_of_set`] says so. Waits for other changes, in other processes too.
    ///
    /// # Errors
    /// When the key or its value is wrong, the file has a fault, or it cannot be written; then
    /// nothing changed.
    pub fn set(&self, name: &str, value: &Value) -> Result<(), ApiError> {
        let path = &self.paths.file;
        let wrong = |fault: ConfigError| {
            ApiError::new(ErrorCode::Config, fault.to_string())
                .hint("see the comments in the file for what each key takes")
        };
        let _alone = alone(&self.writing, &self.paths);
        while is_half_written(stamp(path)) {
            std::thread::sleep(GLANCE);
        }
        let text = load::read(path).map_err(wrong)?.unwrap_or_else(write::template);
        load::parse(path, &text).map_err(wrong)?;
        let written = write::set(path, &text, name, value).map_err(|fault| {
            ApiError::new(ErrorCode::Config, fault.message)
                .hint("`jamey config get` shows all keys and values")
        })?;
        let (values, _) = load::parse(path, &written).map_err(wrong)?;
        address::check(name, &values)?;
        write::store(path, &written).map_err(|error| {
            ApiError::new(ErrorCode::Storage, format!("{} cannot be written: {error}", path.display()))
                .hint("check the folder's permissions and the free space, then set it again")
        })?;
        let _reading = lock(&self.reading);
        self.take(self.stamps());
        Ok(())
    }

    /// Why a value that was set does not hold yet, if so.
    #[must_use]
    pub fn note_of_set(&self, name: &str) -> Option<String> {
        match self.read().config.values.get(name).map(|setting| &setting.source) {
            Some(Source::Environment(variable) | Source::DotEnv(variable)) => {
                Some(format!("{name} is saved, but {variable} is stronger and holds"))
            }
            Some(Source::Flag) => {
                Some(format!("{name} is saved, but a flag of the runtime's start is stronger and holds"))
            }
            _ if schema::find(name).is_some_and(|key| key.at_start) => {
                Some(format!("{name} holds from the runtime's next start on"))
            }
            _ => None,
        }
    }

    fn read(&self) -> State {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn stamps(&self) -> [Stamp; 2] {
        stamps(&self.paths)
    }

    /// Takes a changed file, or says why the old values still hold.
    fn take(&self, stamps: [Stamp; 2]) -> Option<ConfigError> {
        let fresh = read_file(&self.paths.file).and_then(|(values, warnings)| {
            live_state(&self.paths, &self.process, &self.overrides, values, warnings, stamps)
        });
        let fresh = match fresh {
            Ok(fresh) => fresh,
            Err(fault) => {
                let notice = format!("{fault}; the configuration from before holds until that is put right");
                tracing::warn!("{notice}");
                let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
                state.stamps = stamps;
                state.warnings = vec![notice];
                return Some(fault);
            }
        };
        let before = {
            let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *state, fresh.clone())
        };
        for warning in fresh.warnings.iter().filter(|warning| !before.warnings.contains(warning)) {
            tracing::warn!("{warning}");
        }
        let changes =
            changes::between((&before.config, &before.environment), (&fresh.config, &fresh.environment));
        if !changes.is_empty() {
            // Told before and after: the change may be the log's own.
            tracing::info!(changes = changes.join(", "), "the configuration changed");
            let faults: Vec<String> =
                lock(&self.hooks).iter().filter_map(|hook| hook(&fresh.config)).collect();
            self.note("hooks", (!faults.is_empty()).then(|| faults.join("; ")));
            self.changed.send_replace(());
        }
        self.keep_good();
        None
    }

    /// Keeps a copy of a file that was read without a fault.
    fn keep_good(&self) {
        let good = load::read(&self.paths.file)
            .ok()
            .flatten()
            .filter(|text| load::parse(&self.paths.file, text).is_ok());
        if let Some(text) = good {
            keep(&self.paths.last_good, &text);
        }
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live")
            .field("paths", &self.paths)
            .field("state", &self.read())
            .finish_non_exhaustive()
    }
}

/// The right to change the file; its lock lies beside the copy, where nobody else keeps files.
fn alone<'a>(writing: &'a Writing, paths: &Paths) -> Alone<'a> {
    writing.alone(&paths.last_good.with_extension("lock"))
}

fn is_missing(file: &Path) -> bool {
    matches!(load::read(file), Ok(None))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes a file that is ours unless it is just so already.
fn keep(path: &Path, text: &str) {
    if load::read(path).ok().flatten().is_some_and(|there| there == text) {
        return;
    }
    if let Err(error) = write::store(path, text) {
        tracing::warn!("{} could not be written: {error}", path.display());
    }
}

pub(super) fn read_file(path: &Path) -> Result<(Values, Vec<String>), ConfigError> {
    let Some(text) = load::read(path)? else { return Ok((Values::new(), Vec::new())) };
    let (values, mut warnings) = load::parse(path, &text)?;
    let is_open = fs::metadata(path).is_ok_and(|facts| env::is_open_to_others(&facts));
    if is_open && matches!(redact::text(&text), Cow::Owned(_)) {
        let shown = path.display();
        warnings.push(format!(
            "{shown} seems to hold a key and can be read by other users; put it in .env, and run: chmod 600 \
             '{shown}'"
        ));
    }
    Ok((values, warnings))
}

pub(super) fn live_state(
    paths: &Paths,
    process: &Environment,
    overrides: &[Override],
    file: Values,
    mut warnings: Vec<String>,
    stamps: [Stamp; 2],
) -> Result<State, ConfigError> {
    let (environment, mut found) = process.clone().with_file(&paths.dot_env);
    warnings.append(&mut found);
    let redactor = Redactor::shared();
    redactor.learn(environment.secrets());
    let mut values = load::defaults();
    values.extend(file);
    load::overlay(&mut values, &environment)?;
    for (name, text) in overrides {
        let Some(key) = schema::find(name) else { continue };
        let value = load::from_text(key.kind, text);
        fits::check(key.kind, &value).map_err(|expected| ConfigError {
            place: format!("--{}", name.rsplit('.').next().unwrap_or(name)),
            message: expected,
        })?;
        values.insert((*name).to_owned(), Setting { value, source: Source::Flag });
    }
    let config = Config::of(values);
    let keys = config.named.iter().filter_map(|named| environment.get(named.key_env.as_deref()?));
    redactor.learn(keys.map(|(key, _)| key));
    let asks_for_cors =
        config.values.get("api.enable_cors").is_some_and(|setting| setting.value == Value::Bool(true));
    if asks_for_cors && config.allowed_origins.is_empty() {
        warnings.push(
            "api.enable_cors is true, but api.allowed_origins names no page, so all are refused".to_owned(),
        );
    }
    Ok(State { config: Arc::new(config), environment: Arc::new(environment), warnings, stamps })
}

pub(super) fn stamps(paths: &Paths) -> [Stamp; 2] {
    [stamp(&paths.file), stamp(&paths.dot_env)]
}

fn stamp(path: &Path) -> Stamp {
    let facts: io::Result<fs::Metadata> = fs::metadata(path);
    facts.ok().and_then(|facts| Some((facts.modified().ok()?, facts.len())))
}

/// Many programs empty a file and then write it. Between the two every default would hold.
fn is_half_written(stamp: Stamp) -> bool {
    stamp.is_some_and(|(at, length)| length == 0 && at.elapsed().is_ok_and(|age| age < HALF_WRITTEN))
}
