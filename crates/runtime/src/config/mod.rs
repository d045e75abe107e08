//! Configuration: `runtime.toml`, `.env`, the environment and flags, checked as a whole.
//!
//! Layout: `schema` is the table of keys, `json_schema` the same for editors; `load` reads and lays the
//! sources over each other; `env` holds variables; `glimpse` looks and writes nothing; `write` makes and changes the file,
//! `alone` one change at a time; `live` is what holds now, `vendors` the tables of the vendors, `changes` what became different, `watch` sees a changed file. Invariants: a
//! working folder's files are never read; a secret is never a value here; a configuration with a
//! fault is never half in force.

mod address;
mod alone;
mod changes;
mod env;
mod fits;
mod glimpse;
mod json_schema;
mod live;
mod load;
mod schema;
mod vendors;
mod watch;
mod write;

use std::{collections::BTreeMap, time::Duration};

use jamey_protocol::Mode;
use serde::Deserialize;
use serde_json::Value;

use crate::{catalogue::Facts, store::Keep};

pub use env::{Environment, Origin};
pub use glimpse::Glimpse;
pub use json_schema::document as json_schema;
pub use live::{Live, Override, Paths};
pub use load::{ConfigError, Setting, Source, Values, defaults, parse, read, real};
pub use schema::{KEYS, Key, Kind, NAMED, OPENAI_BASE_URL, nearest, variable};
pub use vendors::Vendors;
pub use watch::watch;
pub use write::{set, store, template};

/// Every value that holds, typed.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The loopback port.
    pub api: Api,
    /// Origins of web pages that may ask the port; none without `api.enable_cors`.
    pub allowed_origins: Vec<String>,
    /// Whether nothing new may begin.
    pub paused: bool,
    /// The log.
    pub logging: Logging,
    /// Where traces are sent, if anywhere.
    pub telemetry: Option<Telemetry>,
    /// Names of the tools that a model is offered.
    pub enabled_tools: Vec<String>,
    /// How long a tool may run.
    pub tool_timeout: Duration,
    /// `provider/model` of new turns, if one is set.
    pub default_model: Option<String>,
    /// The person's own short names of models.
    pub aliases: BTreeMap<String, String>,
    /// What the person said of models.
    pub catalogue: BTreeMap<String, Facts>,
    /// What may be spent.
    pub limits: Limits,
    /// Models that go on where another fails, in their order.
    pub fallback: Vec<String>,
    /// Whether servers of models on this machine are looked for.
    pub discover: bool,
    /// How much may happen unasked.
    pub mode: Mode,
    /// Most model calls in one turn.
    pub max_turns: u32,
    /// How long a turn may take.
    pub wall: Option<Duration>,
    /// Where OpenAI is asked, and whether somebody said so.
    pub openai_base_url: (String, Source),
    /// Whether OpenAI's address may be plain HTTP on another machine.
    pub openai_plain_http: bool,
    /// The other vendors.
    pub vendors: Vendors,
    /// The embedded model.
    pub local: Local,
    /// What is looked at, and what is worth a notice.
    pub monitor: MonitorSettings,
    /// How often the runtime looks after itself.
    pub health_interval: Duration,
    /// How many copies and which sessions are kept.
    pub keep: Keep,
    /// Servers that the person added.
    pub named: Vec<Named>,
    /// All values and where they come from.
    pub values: Values,
}

/// What may be spent; absent means no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// In one turn.
    pub turn: Bounds,
    /// On one day of the person's calendar.
    pub day: Bounds,
    /// In one month.
    pub month: Bounds,
}

/// Tokens and millionths of a US dollar; absent means no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Tokens, sent and received.
    pub tokens: Option<u64>,
    /// Millionths of a US dollar.
    pub micros: Option<u64>,
}

/// The loopback port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    /// Whether it is open.
    pub enabled: bool,
    /// The loopback address.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// The log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logging {
    /// `trace` to `error`.
    pub level: String,
    /// Whether it is kept in files.
    pub to_files: bool,
    /// How many files are kept.
    pub max_files: usize,
    /// How old they may become.
    pub max_age: Duration,
}

/// Where traces are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telemetry {
    /// The collector's base URL.
    pub endpoint: String,
    /// Whether it may be plain HTTP on another machine.
    pub plain_http: bool,
}

/// The embedded model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// After how long without a request it leaves the memory.
    pub idle: Option<Duration>,
    /// Context window in tokens, if not the model's own.
    pub context: Option<u32>,
    /// Threads, if not the machine's real cores.
    pub threads: Option<u32>,
    /// Where weights are fetched from.
    pub endpoint: String,
}

/// How often the machine is looked at, and limits that are worth a notice; absent means never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonitorSettings {
    /// Between two looks while nobody watches.
    pub interval: Duration,
    /// Busy processors.
    pub cpu_percent: Option<u8>,
    /// Memory that is taken.
    pub memory_percent: Option<u8>,
    /// Megabytes that must be free on the disk of the data folder.
    pub disk_free_mb: Option<u64>,
    /// Degrees Celsius of the processor.
    pub temperature_celsius: Option<u8>,
}

/// A server that the person added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its half of `provider/model`.
    pub name: String,
    /// The dialect it speaks, one of the choices of `kind`.
    pub kind: String,
    /// The version of Azure's older addresses, where it is one of those.
    pub api_version: Option<String>,
    /// The deployments of an Azure resource, where the person named them.
    pub deployments: Vec<String>,
    /// Where it is asked.
    pub base_url: String,
    /// The variable that holds its key.
    pub key_env: Option<String>,
    /// Context window of its models in tokens.
    pub context: Option<u64>,
    /// Whether its address may be plain HTTP on another machine.
    pub plain_http: bool,
}

impl Config {
    /// Makes the typed form of values that were checked before.
    #[must_use]
    pub fn of(values: Values) -> Self {
        let view = View(&values);
        let mut names: Vec<&str> =
            values.keys().filter_map(|name| schema::named(name)).map(|(p, _)| p).collect();
        names.dedup();
        // One without an address is only begun.
        names.retain(|name| view.text(&format!("providers.{name}.base_url")).is_some());
        let named = names
            .into_iter()
            .map(|name| Named {
                name: name.to_owned(),
                kind: view.text(&format!("providers.{name}.kind")).unwrap_or_default(),
                api_version: view.text(&format!("providers.{name}.api_version")),
                deployments: view.names(&format!("providers.{name}.deployments")),
                base_url: view.text(&format!("providers.{name}.base_url")).unwrap_or_default(),
                key_env: view.text(&format!("providers.{name}.key_env")),
                context: view.positive(&format!("providers.{name}.context")),
                plain_http: view.flag(&format!("providers.{name}.plain_http")),
            })
            .collect();
        let openai = "providers.openai.base_url";
        let source = values.get(openai).map_or(Source::Default, |setting| setting.source.clone());
        Self {
            api: Api {
                enabled: view.flag("api.enabled"),
                host: view.text("api.host").unwrap_or_else(|| "127.0.0.1".to_owned()),
                port: view.positive("api.port").unwrap_or(3000),
            },
            allowed_origins: if view.flag("api.enable_cors") {
                view.names("api.allowed_origins")
            } else {
                Vec::new()
            },
            paused: view.flag("runtime.paused"),
            telemetry: view
                .text("telemetry.otlp_endpoint")
                .map(|endpoint| Telemetry { endpoint, plain_http: view.flag("telemetry.plain_http") }),
            logging: Logging {
                level: view.text("logging.level").unwrap_or_else(|| "info".to_owned()),
                to_files: view.flag("logging.enable_file_logging"),
                max_files: view.positive("logging.max_log_files").unwrap_or(10),
                max_age: Duration::from_secs(24 * 3600 * view.positive("logging.max_age_days").unwrap_or(30)),
            },
            enabled_tools: view.names("tools.enabled_tools"),
            tool_timeout: Duration::from_secs(view.positive("tools.execution_timeout_seconds").unwrap_or(30)),
            default_model: view.text("models.default"),
            aliases: view.strings("models.aliases"),
            catalogue: view
                .get("models.catalogue")
                .and_then(|value| crate::catalogue::read(value).ok())
                .unwrap_or_default(),
            limits: Limits {
                turn: view.bounds("turn"),
                day: view.bounds("day"),
                month: view.bounds("month"),
            },
            fallback: view.names("models.fallback"),
            discover: view.flag("models.discover"),
            mode: view.get("permissions.mode").and_then(|v| Mode::deserialize(v).ok()).unwrap_or_default(),
            max_turns: view.positive("limits.max_turns").unwrap_or(100),
            wall: view.positive("limits.wall_seconds").map(Duration::from_secs),
            openai_base_url: (view.text(openai).unwrap_or_else(|| OPENAI_BASE_URL.to_owned()), source),
            openai_plain_http: view.flag("providers.openai.plain_http"),
            vendors: Vendors::of(&view),
            local: Local {
                idle: view.positive("providers.local.idle_seconds").map(Duration::from_secs),
                context: view.positive("providers.local.context"),
                threads: view.positive("providers.local.threads"),
                endpoint: view.text("providers.local.endpoint").unwrap_or_default(),
            },
            keep: Keep {
                backups: view.positive("data.backups").unwrap_or(7),
                days: view.positive("data.keep_days"),
            },
            monitor: MonitorSettings {
                interval: Duration::from_secs(view.positive("monitor.interval_seconds").unwrap_or(30)),
                cpu_percent: view.positive("monitor.cpu_percent"),
                memory_percent: view.positive("monitor.memory_percent"),
                disk_free_mb: view.positive("monitor.disk_free_mb"),
                temperature_celsius: view.positive("monitor.temperature_celsius"),
            },
            health_interval: Duration::from_secs(view.positive("health.interval_seconds").unwrap_or(60)),
            named,
            values,
        }
    }
}

struct View<'a>(&'a Values);

impl View<'_> {
    fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).map(|setting| &setting.value)
    }

    fn flag(&self, name: &str) -> bool {
        self.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    /// A text that is not empty.
    fn text(&self, name: &str) -> Option<String> {
        self.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// A number over zero; zero means "none" wherever it is allowed.
    fn positive<T: TryFrom<i64>>(&self, name: &str) -> Option<T> {
        self.get(name)
            .and_then(Value::as_i64)
            .filter(|number| *number > 0)
            .and_then(|number| T::try_from(number).ok())
    }

    fn bounds(&self, span: &str) -> Bounds {
        let dollars = self.get(&format!("limits.{span}_cost")).and_then(Value::as_f64);
        Bounds {
            tokens: self.positive(&format!("limits.{span}_tokens")),
            micros: dollars.map(|dollars| (dollars * 1e6).round() as u64).filter(|micros| *micros > 0),
        }
    }

    fn strings(&self, name: &str) -> BTreeMap<String, String> {
        let entries = self.get(name).and_then(Value::as_object).into_iter().flatten();
        entries.filter_map(|(name, text)| Some((name.clone(), text.as_str()?.to_owned()))).collect()
    }

    fn names(&self, name: &str) -> Vec<String> {
        let list = self.get(name).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }
}
