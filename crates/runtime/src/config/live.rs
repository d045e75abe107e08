//! The configuration that holds now. A change of the file is seen before the next turn, without
//! any watching: asking for it compares the file's stamp. A file with a fault changes nothing.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::SystemTime,
};

use jamey_protocol::{ApiError, ErrorCode, config::ConfigView};
use serde_json::{Map, Value};

use super::{
    Config,
    env::Environment,
    load::{self, ConfigError, Setting, Source, Values},
    schema, write,
};

/// Where configuration is kept.
#[derive(Clone, Debug)]
pub struct Paths {
    /// `runtime.toml`, or what `--config` named.
    pub file: PathBuf,
    /// `.env` of the config folder.
    pub dot_env: PathBuf,
    /// The copy of the last file that was right.
    pub last_good: PathBuf,
}

/// A value of the command line: dotted name and text.
pub type Override = (&'static str, String);

/// The configuration that holds now.
#[derive(Debug)]
pub struct Live {
    paths: Paths,
    overrides: Vec<Override>,
    process: Environment,
    state: RwLock<State>,
}

#[derive(Clone, Debug)]
struct State {
    config: Arc<Config>,
    environment: Arc<Environment>,
    warnings: Vec<String>,
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
        if matches!(load::read(&paths.file), Ok(None))
            && let Err(error) = write::store(&paths.file, &write::template())
        {
            // Not fatal: the defaults hold, and the folder may be read-only on purpose.
            warnings.push(format!("{} could not be made: {error}", paths.file.display()));
        }
        let stamps = [stamp(&paths.file), stamp(&paths.dot_env)];
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
        };
        live.keep_good();
        Ok(live)
    }

    /// The values that hold now; a changed file is read first.
    #[must_use]
    pub fn now(&self) -> Arc<Config> {
        let stamps = [stamp(&self.paths.file), stamp(&self.paths.dot_env)];
        if self.read().stamps != stamps {
            self.reload(stamps);
        }
        self.read().config
    }

    /// The variables that hold now.
    #[must_use]
    pub fn environment(&self) -> Arc<Environment> {
        self.read().environment
    }

    /// What is wrong with the file or not in force.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        self.read().warnings
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

    /// Changes one key in the file; it holds from the next turn on, or from the next start, which the
    /// view then says.
    ///
    /// # Errors
    /// When the key or its value is wrong, the file has a fault, or it cannot be written; then
    /// nothing changed.
    pub fn set(&self, name: &str, value: &Value) -> Result<ConfigView, ApiError> {
        let path = &self.paths.file;
        let wrong = |fault: ConfigError| {
            ApiError::new(ErrorCode::Config, fault.to_string())
                .hint("see the comments in the file for what each key takes")
        };
        let text = load::read(path).map_err(wrong)?.unwrap_or_else(write::template);
        load::parse(path, &text).map_err(wrong)?;
        let written = write::set(path, &text, name, value).map_err(|fault| {
            ApiError::new(ErrorCode::Config, fault.message)
                .hint("`jamey config get` shows all keys and values")
        })?;
        load::parse(path, &written).map_err(wrong)?;
        write::store(path, &written).map_err(|error| {
            ApiError::new(ErrorCode::Storage, format!("{} cannot be written: {error}", path.display()))
                .hint("check the folder's permissions and the free space, then set it again")
        })?;
        self.reload([stamp(path), stamp(&self.paths.dot_env)]);
        let mut view = self.view();
        match self.read().config.values.get(name).map(|setting| &setting.source) {
            Some(Source::Environment(variable) | Source::DotEnv(variable)) => {
                view.warnings.push(format!("{name} is saved, but {variable} is stronger and holds"));
            }
            _ if schema::find(name).is_some_and(|key| key.at_start) => {
                view.warnings.push(format!("{name} holds from the runtime's next start on"));
            }
            _ => {}
        }
        Ok(view)
    }

    fn read(&self) -> State {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes a changed file, or says why the old values still hold.
    fn reload(&self, stamps: [Stamp; 2]) {
        let fresh = read_file(&self.paths.file).and_then(|(values, warnings)| {
            live_state(&self.paths, &self.process, &self.overrides, values, warnings, stamps)
        });
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        match fresh {
            Ok(fresh) => *state = fresh,
            Err(fault) => {
                let notice = format!("{fault}; the configuration from before holds until that is put right");
                tracing::warn!("{notice}");
                state.stamps = stamps;
                state.warnings = vec![notice];
                return;
            }
        }
        drop(state);
        self.keep_good();
    }

    /// Keeps a copy of a file that was read without a fault.
    fn keep_good(&self) {
        let good = load::read(&self.paths.file)
            .ok()
            .flatten()
            .filter(|text| load::parse(&self.paths.file, text).is_ok());
        let Some(text) = good else { return };
        if load::read(&self.paths.last_good).ok().flatten().as_ref() == Some(&text) {
            return;
        }
        if let Err(error) = write::store(&self.paths.last_good, &text) {
            tracing::warn!("the copy of the configuration could not be written: {error}");
        }
    }
}

fn read_file(path: &Path) -> Result<(Values, Vec<String>), ConfigError> {
    match load::read(path)? {
        Some(text) => load::parse(path, &text),
        None => Ok((Values::new(), Vec::new())),
    }
}

fn live_state(
    paths: &Paths,
    process: &Environment,
    overrides: &[Override],
    file: Values,
    mut warnings: Vec<String>,
    stamps: [Stamp; 2],
) -> Result<State, ConfigError> {
    let (environment, mut found) = process.clone().with_file(&paths.dot_env);
    warnings.append(&mut found);
    let mut values = load::defaults();
    values.extend(file);
    load::overlay(&mut values, &environment)?;
    for (name, text) in overrides {
        let Some(key) = schema::find(name) else { continue };
        let value = load::from_text(key.kind, text);
        schema::check(key.kind, &value).map_err(|expected| ConfigError {
            place: format!("--{}", name.rsplit('.').next().unwrap_or(name)),
            message: expected,
        })?;
        values.insert((*name).to_owned(), Setting { value, source: Source::Flag });
    }
    let config = Config::of(values);
    if config.values.get("api.enable_cors").is_some_and(|setting| setting.value == Value::Bool(true)) {
        warnings
            .push("api.enable_cors is true, but requests from web pages are refused all the same".to_owned());
    }
    Ok(State { config: Arc::new(config), environment: Arc::new(environment), warnings, stamps })
}

fn stamp(path: &Path) -> Stamp {
    let facts: io::Result<fs::Metadata> = fs::metadata(path);
    facts.ok().and_then(|facts| Some((facts.modified().ok()?, facts.len())))
}
