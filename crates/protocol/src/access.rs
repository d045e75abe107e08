//! What a tool call wants from the machine, and how much the person lets pass unasked.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// One thing that a call will touch, computed from its arguments *before* anything runs.
///
/// Policy, approval card and sandbox all read the same list, so they cannot disagree.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Access {
    /// Reads a file or folder; absolute, symlinks resolved as far as the path exists.
    #[cfg_attr(feature = "openapi", schema(title = "ReadAccess"))]
    Read {
        /// Absolute path.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        path: PathBuf,
    },
    /// Creates, changes or removes a file or folder.
    Write {
        /// Absolute path.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        path: PathBuf,
    },
    /// Runs a command line in a shell. It may touch anything.
    Run {
        /// Exactly what will run.
        command: String,
        /// Where it will run.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        cwd: PathBuf,
    },
    /// Reads facts about the machine (its memory, disks, clock), no file of the person's.
    System,
}

/// How much may happen without asking, from the least to the most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Reads inside the working folder; everything else is refused without asking.
    ReadOnly,
    /// Reads inside the working folder; everything else asks.
    #[default]
    Ask,
    /// Also writes inside the working folder; the rest asks.
    AutoEdit,
    /// Nothing asks.
    Full,
}
