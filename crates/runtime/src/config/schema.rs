//! The table of every key: its name, what it takes, its default, and the comment that the file
//! carries. Everything else (the first file, checks, environment names, the view) follows from it.

/// What a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A whole number in these bounds, both included.
    Int {
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
    },
    /// One line of text; empty means "none".
    Text,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A list of names.
    Names,
    /// A list of models, each as `provider/model`.
    Models,
    /// An `http` or `https` address without a password in it.
    Url,
    /// An address of this machine that only this machine reaches.
    Loopback,
    /// A list of origins of web pages, each whole: `http://localhost:5173`.
    Origins,
    /// US dollars, with cents and less.
    Dollars,
    /// Short names of models and what they stand for.
    Aliases,
    /// Models and what is known of them.
    Facts,
}

/// One key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Dotted name.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// The default as TOML.
    pub default: &'static str,
    /// Names of the environment besides `JAMEY_*`, the vendors' own.
    pub aliases: &'static [&'static str],
    /// What the comment in the file says.
    pub about: &'static str,
    /// Whether it is read only when the runtime starts.
    pub at_start: bool,
}

const fn key(name: &'static str, kind: Kind, default: &'static str, about: &'static str) -> Key {
    Key { name, kind, default, aliases: &[], about, at_start: false }
}

/// The same for a key that is read only when the runtime starts.
const fn key_at_start(name: &'static str, kind: Kind, default: &'static str, about: &'static str) -> Key {
    Key { at_start: true, ..key(name, kind, default, about) }
}

/// Where the OpenAI provider asks when nothing else is configured.
pub const OPENAI_BASE_URL: &str = "https://api.openai.com/v1";

const TOKENS: Kind = Kind::Int { min: 0, max: 1_000_000_000_000 };

const PLAIN_HTTP: &str = "Lets http:// leave this machine, where all can be read on the way.";

/// Every key with a fixed name, in the order of the file.
pub const KEYS: &[Key] = &[
    key(
        "api.enabled",
        Kind::Bool,
        "false",
        "Opens the API on a loopback port too. The local socket is always open and needs no port.\n\
         Callers of the port need the token from the file api-token in the data folder.",
    ),
    key(
        "api.host",
        Kind::Loopback,
        "\"127.0.0.1\"",
        "Where the port listens: a loopback address, nothing else. From another machine use a tunnel:\n\
         ssh -L 3000:127.0.0.1:3000 THIS-MACHINE",
    ),
    key("api.port", Kind::Int { min: 1, max: 65535 }, "3000", "The port."),
    key(
        "api.enable_cors",
        Kind::Bool,
        "false",
        "Lets the web pages of api.allowed_origins ask the port; they need the token all the same.\n\
         Without it, and from any other page, every request is refused.",
    ),
    key(
        "api.allowed_origins",
        Kind::Origins,
        "[]",
        "Origins of those pages, each whole, such as [\"http://localhost:5173\"]; * is not taken.",
    ),
    key(
        "runtime.paused",
        Kind::Bool,
        "false",
        "Holds everything: while it is true, nothing is asked of a model and no tool begins. What runs goes on to\n\
         its end. `jamey runtime pause` and `jamey runtime resume` set it.",
    ),
    key(
        "logging.level",
        Kind::Choice(&["trace", "debug", "info", "warn", "error"]),
        "\"info\"",
        "How much is logged: trace, debug, info, warn or error. From info on no prompt is written.",
    ),
    key("logging.enable_file_logging", Kind::Bool, "true", "Whether the log is kept in files."),
    key(
        "logging.max_log_files",
        Kind::Int { min: 1, max: 100 },
        "10",
        "How many log files are kept before the oldest goes. Each holds 5 MiB or one day at most.",
    ),
    key(
        "logging.max_age_days",
        Kind::Int { min: 1, max: 3650 },
        "30",
        "Log files that are older go, however few there are.",
    ),
    key_at_start(
        "telemetry.otlp_endpoint",
        Kind::Url,
        "\"\"",
        "Sends a trace of each turn, model call and tool call to this OpenTelemetry collector, such as\n\
         http://127.0.0.1:4318. Names, times and token counts only, never what was said. Empty: none.\n\
         Headers that the collector wants stand in OTEL_EXPORTER_OTLP_HEADERS, in the environment or .env.",
    ),
    key_at_start("telemetry.plain_http", Kind::Bool, "false", PLAIN_HTTP),
    key(
        "tools.enabled_tools",
        Kind::Names,
        "[\"file_read\", \"file_write\", \"list_directory\", \"search_files\", \"shell_exec\", \"system_info\", \"system_monitor\"]",
        "The tools that a model is offered.",
    ),
    key(
        "tools.execution_timeout_seconds",
        Kind::Int { min: 1, max: 86_400 },
        "30",
        "After so many seconds a running tool and all its processes are ended.",
    ),
    key(
        "models.default",
        Kind::Text,
        "\"\"",
        "The model of new turns as \"provider/model\". Empty: OpenAI's when its key is set, else the\n\
         best local model that is installed.",
    ),
    key(
        "models.aliases",
        Kind::Aliases,
        "{}",
        "Short names of your own for models, beside those that are built in (sonnet, opus, haiku, gemini, ...):\n\
         { fast = \"openai/gpt-5-mini\" }",
    ),
    key(
        "models.catalogue",
        Kind::Facts,
        "{}",
        "What is known of models, over what Jamey knows by itself; prices are US dollars for a million tokens:\n\
         { \"mine/big\" = { input = 1.0, cached = 0.1, output = 4.0, context = 128000, vision = false } }\n\
         There are input, cached, cache_written, output; context, max_output; tools, vision.",
    ),
    key(
        "models.fallback",
        Kind::Models,
        "[]",
        "Models that go on, in this order, where the model of a turn fails before it said anything; such as\n\
         [\"anthropic/claude-sonnet-4-6\", \"ollama/qwen3:8b\"]. After them comes the best local model that is installed.\n\
         Empty: no other model is asked.",
    ),
    key(
        "models.discover",
        Kind::Bool,
        "true",
        "Shows the models of Ollama, LM Studio and llama-server where they run on this machine. Their usual\n\
         loopback ports are asked only when models are listed or one of theirs is named.",
    ),
    key(
        "permissions.mode",
        Kind::Choice(&["read-only", "ask", "auto-edit", "full"]),
        "\"ask\"",
        "How much may happen unasked: read-only, ask, auto-edit (writes inside the working folder), full.",
    ),
    key("limits.max_turns", Kind::Int { min: 1, max: 10_000 }, "100", "Most model calls in one turn."),
    key(
        "limits.wall_seconds",
        Kind::Int { min: 0, max: 604_800 },
        "0",
        "A turn is ended after so many seconds; 0 means no limit.",
    ),
    key(
        "limits.turn_tokens",
        TOKENS,
        "0",
        "Most tokens of one turn, sent and received; 0 means no limit. A call that would not fit is not made, and\n\
         the turn ends. The local model is not counted by any of these.",
    ),
    key("limits.day_tokens", TOKENS, "0", "Most tokens of one day, all sessions together; 0 means no limit."),
    key("limits.month_tokens", TOKENS, "0", "Most tokens of one month; 0 means no limit."),
    key(
        "limits.turn_cost",
        Kind::Dollars,
        "0",
        "Most US dollars of one turn; 0 means no limit. Models whose price is not known are not counted by this\n\
         and the next two: `jamey usage` shows them, models.catalogue takes their prices.",
    ),
    key("limits.day_cost", Kind::Dollars, "0", "Most US dollars of one day; 0 means no limit."),
    key("limits.month_cost", Kind::Dollars, "0", "Most US dollars of one month; 0 means no limit."),
    Key {
        name: "providers.openai.base_url",
        kind: Kind::Url,
        default: "\"https://api.openai.com/v1\"",
        aliases: &["OPENAI_BASE_URL"],
        about: "Where OpenAI is asked. Its key is OPENAI_API_KEY, in the environment or in the file .env\n\
                beside this one; never here.",
        at_start: false,
    },
    key("providers.openai.plain_http", Kind::Bool, "false", PLAIN_HTTP),
    key(
        "providers.openai.api",
        Kind::Choice(&["auto", "responses", "chat"]),
        "\"auto\"",
        "What is spoken there: responses, or chat (completions) as compatible servers do. auto: responses where\n\
         OpenAI itself is asked.",
    ),
    Key {
        name: "providers.anthropic.base_url",
        kind: Kind::Url,
        default: "\"https://api.anthropic.com\"",
        aliases: &["ANTHROPIC_BASE_URL"],
        about: "Where Anthropic is asked. Its key is ANTHROPIC_API_KEY, in the environment or .env.",
        at_start: false,
    },
    key(
        "providers.anthropic.thinking",
        Kind::Choice(&["model", "adaptive", "off"]),
        "\"model\"",
        "Whether the model thinks before it answers: adaptive (it decides; newer models know this), off, or\n\
         model: what it does by itself.",
    ),
    key("providers.anthropic.plain_http", Kind::Bool, "false", PLAIN_HTTP),
    key(
        "providers.gemini.base_url",
        Kind::Url,
        "\"https://generativelanguage.googleapis.com\"",
        "Where Gemini is asked. Its key is GEMINI_API_KEY or GOOGLE_API_KEY, in the environment or .env.",
    ),
    key("providers.gemini.plain_http", Kind::Bool, "false", PLAIN_HTTP),
    Key {
        name: "providers.azure.base_url",
        kind: Kind::Url,
        default: "\"\"",
        aliases: &["AZURE_OPENAI_ENDPOINT"],
        about: "The endpoint of an Azure OpenAI resource, such as https://NAME.openai.azure.com. Models are named by\n\
                their deployments. Its key is AZURE_OPENAI_API_KEY, or a token of Entra in AZURE_OPENAI_AD_TOKEN.",
        at_start: false,
    },
    Key {
        name: "providers.azure.api_version",
        kind: Kind::Text,
        default: "\"\"",
        aliases: &["AZURE_OPENAI_API_VERSION"],
        about: "For the older addresses with deployments in them, such as \"2024-10-21\". Empty: the address /openai/v1.",
        at_start: false,
    },
    key(
        "providers.azure.api",
        Kind::Choice(&["chat", "responses"]),
        "\"chat\"",
        "What is spoken there: chat (completions), or responses, which only /openai/v1 has.",
    ),
    key(
        "providers.azure.deployments",
        Kind::Names,
        "[]",
        "The names of your deployments, for lists: Azure itself only tells what could be deployed.",
    ),
    key("providers.azure.plain_http", Kind::Bool, "false", PLAIN_HTTP),
    Key {
        name: "providers.ollama.base_url",
        kind: Kind::Text,
        default: "\"\"",
        aliases: &["OLLAMA_HOST"],
        about: "Where Ollama is asked: an address or host:port. Empty: only where it runs on this machine.",
        at_start: false,
    },
    key(
        "providers.ollama.context",
        Kind::Int { min: 0, max: 100_000_000 },
        "0",
        "Context window of its models in tokens; 0 means as large as the conversation needs.",
    ),
    key("providers.ollama.plain_http", Kind::Bool, "false", PLAIN_HTTP),
    key_at_start(
        "providers.local.idle_seconds",
        Kind::Int { min: 0, max: 604_800 },
        "600",
        "A local model leaves the memory after so many seconds without a request; 0 means never.",
    ),
    key_at_start(
        "providers.local.context",
        Kind::Int { min: 0, max: 1_048_576 },
        "0",
        "Context window of local models in tokens; 0 means what the model and the memory allow.",
    ),
    key_at_start(
        "providers.local.threads",
        Kind::Int { min: 0, max: 1024 },
        "0",
        "Threads of a local model; 0 means as many as the machine has real cores.",
    ),
    Key {
        name: "providers.local.endpoint",
        kind: Kind::Url,
        default: "\"https://huggingface.co\"",
        aliases: &["HF_ENDPOINT"],
        about: "Where the weights of local models are fetched from.",
        at_start: false,
    },
    key(
        "data.backups",
        Kind::Int { min: 1, max: 100 },
        "7",
        "How many copies of the database are kept. One is made each day that something was said; each takes\n\
         as much room as the database. `jamey restore` puts one back.",
    ),
    key(
        "data.keep_days",
        Kind::Int { min: 0, max: 36_500 },
        "0",
        "Sessions that nobody touched for so many days are erased, after a copy was made; 0 means never.",
    ),
    key(
        "monitor.interval_seconds",
        Kind::Int { min: 5, max: 3600 },
        "30",
        "How often the machine is looked at: processors, memory, disks, network, temperature. While somebody\n\
         watches (`jamey status --watch`) it is every two seconds.",
    ),
    key(
        "monitor.cpu_percent",
        Kind::Int { min: 0, max: 100 },
        "95",
        "A notice when the processors are busier than this for five minutes; 0 means never.",
    ),
    key(
        "monitor.memory_percent",
        Kind::Int { min: 0, max: 100 },
        "95",
        "A notice when more of the memory is taken for a minute; 0 means never.",
    ),
    key(
        "monitor.disk_free_mb",
        Kind::Int { min: 0, max: 1_000_000_000 },
        "1000",
        "A notice when less is free on the disk with Jamey's data, in megabytes; 0 means never.",
    ),
    key(
        "monitor.temperature_celsius",
        Kind::Int { min: 0, max: 150 },
        "95",
        "A notice when the processor is warmer for a minute; 0 means never.",
    ),
    key(
        "health.interval_seconds",
        Kind::Int { min: 5, max: 3600 },
        "60",
        "How often the runtime looks after itself: database, disk, folders, socket, clock, local model. What can be\n\
         put right is put right. No provider is asked for it, except one whose last calls failed.",
    ),
    key(
        "desktop.theme",
        Kind::Choice(&["system", "light", "dark"]),
        "\"system\"",
        "How the window looks: as the system does, light or dark. These are the window's and the tray's; they stand\n\
         here so that all that can be set is in one file. A window that is open follows at once.",
    ),
    key(
        "desktop.font_percent",
        Kind::Int { min: 90, max: 140 },
        "100",
        "How large the letters of the window are, from 90 to 140 percent.",
    ),
    key(
        "desktop.language",
        Kind::Choice(&["system", "en", "de", "zh"]),
        "\"system\"",
        "What the window and the tray speak: the system's language, or en, de, zh.",
    ),
    key(
        "desktop.group_by",
        Kind::Choice(&["day", "folder"]),
        "\"day\"",
        "How the list of sessions is divided: by day, or by the folder that each works in.",
    ),
    key(
        "desktop.hotkey",
        Kind::Text,
        "\"CmdOrCtrl+Shift+Space\"",
        "The key of the quick prompt, from everywhere. Empty: none.",
    ),
    key(
        "desktop.close_to_tray",
        Kind::Bool,
        "true",
        "Whether Jamey stays in the tray when its window is closed.",
    ),
];

/// The keys of each `[providers.NAME]` that the person adds; `name` is the last part.
pub const NAMED: &[Key] = &[
    key(
        "kind",
        Kind::Choice(&[
            "openai-compatible",
            "openai",
            "openai-responses",
            "anthropic",
            "gemini",
            "azure",
            "ollama",
        ]),
        "\"openai-compatible\"",
        "The dialect it speaks: Chat Completions as compatible servers or as OpenAI itself has it, OpenAI's\n\
         Responses, or that of the vendor of that name.",
    ),
    key("base_url", Kind::Url, "\"\"", "Where it is asked, such as http://127.0.0.1:11434/v1."),
    key("key_env", Kind::Text, "\"\"", "Name of the environment variable that holds its key."),
    key("plain_http", Kind::Bool, "false", PLAIN_HTTP),
    key(
        "context",
        Kind::Int { min: 0, max: 100_000_000 },
        "0",
        "Context window of its models in tokens, where known.",
    ),
    key(
        "api_version",
        Kind::Text,
        "\"\"",
        "With kind azure: the version of the older addresses, such as 2024-10-21.",
    ),
    key("deployments", Kind::Names, "[]", "With kind azure: the names of the deployments, for lists."),
];

/// Providers whose keys are fixed.
pub const BUILT_IN: &[&str] = &["openai", "anthropic", "gemini", "azure", "ollama", "local"];

/// Finds the key of a dotted name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Key> {
    if let Some(key) = KEYS.iter().find(|key| key.name == name) {
        return Some(key);
    }
    let (provider, field) = named(name)?;
    (is_provider_name(provider)).then(|| NAMED.iter().find(|key| key.name == field)).flatten()
}

/// Splits `providers.NAME.FIELD` of a provider that the person added.
#[must_use]
pub fn named(name: &str) -> Option<(&str, &str)> {
    let (provider, field) = name.strip_prefix("providers.")?.split_once('.')?;
    (!BUILT_IN.contains(&provider) && !field.contains('.')).then_some((provider, field))
}

/// Tells whether a provider may be called that: it is half of `provider/model`.
#[must_use]
pub fn is_provider_name(name: &str) -> bool {
    (1..=40).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte))
}

/// The variable of the environment that sets a key: `models.default` is `JAMEY_MODELS_DEFAULT`.
#[must_use]
pub fn variable(name: &str) -> String {
    let mut variable = String::with_capacity(name.len() + 6);
    variable.push_str("JAMEY_");
    variable.extend(name.chars().map(|c| if c == '.' || c == '-' { '_' } else { c.to_ascii_uppercase() }));
    variable
}

/// The name that is most like `word`, if any is close enough to be what was meant.
#[must_use]
pub fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .map(|name| (strsim::jaro_winkler(word, name), name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}
