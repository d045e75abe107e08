//! `jamey status`: how the resident process and its machine are, once or for as long as one watches.

mod keys;
mod machine;
mod plot;
mod watch;

use std::fmt::Write as _;

use jamey_ipc::Client;
use jamey_protocol::{
    ApiError,
    health::{Check, ProviderHealth, State},
    status::{Child, Status, Storage},
};

use super::wait_for;
use crate::{
    exit,
    link::Link,
    render::{self, ago, bytes, clean, count, seconds},
};

/// More of the log's last errors are not shown here.
const ERRORS: usize = 3;

pub fn run(link: &Link, is_watching: bool) -> Result<u8, ApiError> {
    wait_for(async {
        let client: Client = link.connect().await?;
        if is_watching {
            return watch::run(link, &client).await;
        }
        let status = client.status().await?;
        if link.globals.json {
            render::print_json(&status);
        } else {
            render::print(&described(&status));
        }
        Ok(exit::DONE)
    })
}

fn described(status: &Status) -> String {
    let mut out = String::new();
    let mut put = |name: &str, value: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{name:<10} {}", clean(value));
    };
    let since = seconds(status.uptime_seconds);
    put("running", &format!("version {}, process {}, for {since}", status.version, status.pid));
    for place in &status.listening {
        put("listens", place);
    }
    put("sessions", &format!("{} ({} running, {} waiting)", status.sessions, status.running, status.waiting));
    if status.paused {
        put("paused", Status::PAUSED);
    }
    match (&status.machine, status.memory_bytes) {
        (Some(machine), memory) => put("takes", &machine::own(machine, memory)),
        (None, Some(memory)) => put("takes", &bytes(memory)),
        (None, None) => {}
    }
    for child in &status.children {
        put("child", &described_child(child));
    }
    if let Some(machine) = &status.machine {
        put("machine", &machine::line(machine));
    }
    if let Some(data) = &status.data {
        put("keeps", &described_data(data));
        put("backups", &described_backups(data));
    }
    for provider in &status.providers {
        put("provider", &described_provider(provider));
    }
    if let Some(sandbox) = &status.sandbox {
        put("sandbox", sandbox);
    }
    for (name, folder) in [
        ("config", &status.folders.config),
        ("data", &status.folders.data),
        ("cache", &status.folders.cache),
        ("models", &status.folders.models),
    ] {
        put(name, folder);
    }
    for notice in &status.notices {
        put("notice", notice);
    }
    if let Some(at) = status.checked_at {
        put("health", &described_health(&status.problems, at));
    }
    for check in &status.problems {
        put("problem", &format!("{}: {}", check.name, check.finding));
        if let Some(remedy) = &check.remedy {
            put("", &format!("→ {remedy}"));
        }
    }
    for mended in status.mended.iter().rev().take(ERRORS).rev() {
        put("mended", &format!("{} ({})", mended.text, ago(mended.at)));
    }
    for error in status.errors.iter().rev().take(ERRORS).rev() {
        put("error", &format!("{} ({})", error.text, ago(error.at)));
    }
    out
}

fn described_health(problems: &[Check], at: i64) -> String {
    let broken = problems.iter().filter(|check| check.state == State::Broken).count();
    let verdict = match (broken, problems.len() - broken) {
        (0, 0) => "everything is in order".to_owned(),
        (0, warnings) => format!("it works, and {} could be better", count(warnings, "thing")),
        (broken, _) => format!("{} broken; jamey doctor says more", count(broken, "thing")),
    };
    format!("{verdict} (looked {})", ago(at))
}

fn described_child(child: &Child) -> String {
    let mut text = format!("{} (process {})", child.name, child.pid);
    if let Some(memory) = child.memory_bytes {
        let _ = write!(text, ", {}", bytes(memory));
    }
    if let Some(cpu) = child.cpu_percent {
        let _ = write!(text, ", {cpu:.0} % of a core");
    }
    text
}

/// What is kept, and what that takes.
fn described_data(data: &Storage) -> String {
    let mut text = format!("{} in a database of {}", bytes(data.payload_bytes), bytes(data.database_bytes));
    if data.file_bytes > 0 {
        let _ = write!(text, " and {} of files", bytes(data.file_bytes));
    }
    for (what, at) in
        [("checked", data.checked_at), ("packed", data.packed_at), ("old sessions erased", data.erased_at)]
    {
        if let Some(at) = at {
            let _ = write!(text, ", {what} {}", ago(at));
        }
    }
    text
}

fn described_backups(data: &Storage) -> String {
    match (data.backups, data.newest_backup) {
        (0, _) => "none yet".to_owned(),
        (count, Some(at)) => {
            format!("{count} of {} in all, the newest {}", bytes(data.backup_bytes), ago(at))
        }
        (count, None) => format!("{count} of {} in all", bytes(data.backup_bytes)),
    }
}

fn described_provider(provider: &ProviderHealth) -> String {
    let mark = match provider.state {
        State::Fine => "fine",
        State::Warning => "troubled",
        State::Broken => "failing",
        State::Unknown => "unknown",
    };
    let mut text = format!("{}: {mark}, {}", provider.name, provider.finding);
    if let Some(failure) = &provider.last_failure {
        let _ = write!(text, "; last failure {}: {}", ago(failure.at), failure.text);
    }
    text
}
