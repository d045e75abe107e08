//! Acts on the machine: runs commands, reads, writes, lists and searches files, tells facts of the
//! system.
//!
//! - `shell`: commands, the environment they see, and the guard that ends everything they began
//! - `files`: where a path really leads, and the four tools that follow it
//! - `system`: the clock, memory and disks
//! - `output`: bounds what a command prints
//! - `schema`: reads arguments as models really send them
//!
//! Every tool says before it runs what it would touch ([`jamey_engine::ports::Tool::access`]) and then
//! touches nothing else.

mod blocking;
mod files;
mod output;
mod schema;
pub mod shell;
mod system;

use std::{ffi::OsString, path::PathBuf, sync::Arc, time::Duration};

use jamey_engine::ports::{Tool, Tools};

pub use files::{Completion, complete};
pub use shell::guard;

/// What the person set for the built-in tools.
#[derive(Clone, Debug)]
pub struct ToolSettings {
    /// Names of the tools to offer; `None` offers all.
    pub enabled: Option<Vec<String>>,
    /// How long a call may take. A command may ask for more, up to ten minutes.
    pub timeout: Duration,
    /// The program to run as guard of each command (see [`guard`]); `None` runs commands without one,
    /// so that what left its process group can outlive the call.
    pub guard: Option<PathBuf>,
    /// A variable that everything which a command begins carries, so that it is known by it.
    pub mark: Option<(OsString, OsString)>,
    /// Files and folders, real paths, whose contents no search reaches unless it begins there.
    pub closed: Arc<[PathBuf]>,
}

impl Default for ToolSettings {
    fn default() -> Self {
        let timeout = Duration::from_secs(30);
        Self { enabled: None, timeout, guard: None, mark: None, closed: Arc::default() }
    }
}

/// Names of all built-in tools, in the order in which they are offered.
pub const NAMES: [&str; 6] =
    ["file_read", "file_write", "list_directory", "search_files", "shell_exec", "system_info"];

/// Makes the built-in tools that `settings` enables.
#[must_use]
pub fn built_in(settings: ToolSettings) -> Tools {
    let ToolSettings { enabled, timeout, guard, mark, closed } = settings;
    let all: [Arc<dyn Tool>; 6] = [
        Arc::new(files::Read::new(timeout)),
        Arc::new(files::Write::new(timeout)),
        Arc::new(files::List::new(timeout)),
        Arc::new(files::Search::new(timeout, closed)),
        Arc::new(shell::Exec::new(timeout, guard, mark)),
        Arc::new(system::SystemInfo::new(timeout)),
    ];
    let offered = |tool: &Arc<dyn Tool>| {
        enabled.as_ref().is_none_or(|names| names.iter().any(|name| name == tool.name()))
    };
    Tools::new(all.into_iter().filter(offered).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offer_follows_the_settings_and_keeps_its_order() {
        let names = |tools: &Tools| tools.describe().iter().map(|d| d.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&built_in(ToolSettings::default())), NAMES);
        let enabled = Some(vec!["system_info".to_owned(), "nonsense".to_owned(), "file_read".to_owned()]);
        let some = built_in(ToolSettings { enabled, ..ToolSettings::default() });
        assert_eq!(names(&some), ["file_read", "system_info"]);
    }

    #[test]
    fn the_offer_is_small_because_it_is_part_of_every_request() {
        let tools = built_in(ToolSettings::default()).describe();
        let sent: Vec<_> = tools.iter().map(|t| (&t.name, &t.description, &t.parameters)).collect();
        let size = serde_json::to_string(&sent).unwrap().len();
        assert!(size < 3_500, "{size} bytes");
        for tool in tools {
            assert_eq!(tool.parameters["type"], "object", "{}", tool.name);
        }
    }
}
