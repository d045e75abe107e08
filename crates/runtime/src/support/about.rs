//! Versions, the system, and how the runtime was started.

use std::env;

use jamey_ipc::{Folders, instance::Lock, launch::Started};
use serde_json::{Value, json};
use sysinfo::System;

use crate::service::{about::About, part::Part, way::Way};

/// What is known at once. A service manager is asked by [`service`].
pub(super) fn about(folders: &Folders) -> Value {
    let machine = System::new().ok().map(|mut machine| {
        machine.refresh_memory();
        machine
    });
    let started = Started::read(folders);
    let holder = Lock::holder(folders);
    json!({
        "jamey": {
            "version": env!("CARGO_PKG_VERSION"),
            "target": format!("{}-{}", env::consts::ARCH, env::consts::OS),
            "program": env::current_exe().ok().map(|path| path.display().to_string()),
        },
        "system": {
            "name": System::name().ok(),
            "version": System::long_os_version().ok(),
            "kernel": System::kernel_version().ok(),
            "processors": std::thread::available_parallelism().map_or(0, usize::from),
            "memoryBytes": machine.as_ref().map(System::total_memory),
            "swapBytes": machine.as_ref().map(System::total_swap),
        },
        "session": {
            "desktop": variable("XDG_CURRENT_DESKTOP"),
            "kind": variable("XDG_SESSION_TYPE"),
            "wayland": is_set("WAYLAND_DISPLAY"),
            "x11": is_set("DISPLAY"),
            "overSsh": is_set("SSH_CONNECTION"),
            "container": is_set("container") || std::path::Path::new("/.dockerenv").exists(),
        },
        "runtime": {
            "lives": holder.is_some(),
            "pid": holder.and_then(|held| held.pid),
            "version": started.as_ref().map(|started| &started.version),
            "arguments": started.as_ref().map(|started| &started.arguments),
            "keeper": started.as_ref().map_or(Value::Null, |started| json!(started.keeper)),
            "socketIsThere": folders.socket().exists(),
        },
    })
}

/// Which services are installed, and whether they are in force.
pub(super) fn service(folders: &Folders) -> Value {
    let about = match About::this(folders) {
        Ok(about) => about,
        Err(error) => return json!({ "unknown": error.message }),
    };
    let ways = Way::all(&about);
    let shown = ways.iter().map(|way| {
        let is_installed = way.parts().iter().any(Part::exists);
        json!({
            "way": way.name(),
            "installed": is_installed,
            "active": is_installed && way.is_active(folders),
        })
    });
    shown.collect()
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}
