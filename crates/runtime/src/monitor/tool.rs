//! `system_monitor`: what the machine is doing, for a model. It only reads.

use std::{fmt::Write as _, path::Path, sync::Arc};

use jamey_engine::ports::{Clock, SystemClock, Tool, ToolContext, ToolError};
use jamey_protocol::{
    Access, ToolDescription, ToolOutput,
    monitor::{Point, Room, Sample, Share},
};
use serde_json::{Value, json};

use super::Monitor;

/// Moments of history that a model is shown.
const POINTS: usize = 12;

/// The tool `system_monitor`.
#[derive(Debug)]
pub struct SystemMonitor {
    monitor: Arc<Monitor>,
}

impl SystemMonitor {
    /// Its name.
    pub const NAME: &'static str = "system_monitor";

    /// Tells what `monitor` sees.
    #[must_use]
    pub fn new(monitor: Arc<Monitor>) -> Self {
        Self { monitor }
    }
}

#[async_trait::async_trait]
impl Tool for SystemMonitor {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn describe(&self) -> ToolDescription {
        ToolDescription {
            name: Self::NAME.to_owned(),
            description: "How busy this computer is now and was over the last hours: CPU, memory, disks, \
                          network, GPU, battery, temperature."
                .to_owned(),
            parameters: json!({
                "type": "object",
                "properties": {"hours": {"type": "integer", "minimum": 1, "maximum": 24}}
            }),
            source: "built-in".to_owned(),
            permission: "runs".to_owned(),
        }
    }

    fn access(&self, arguments: &Value, _cwd: &Path) -> Result<Vec<Access>, ToolError> {
        hours(arguments)?;
        Ok(vec![Access::System])
    }

    async fn run(&self, arguments: Value, _context: ToolContext) -> Result<ToolOutput, ToolError> {
        let hours = hours(&arguments)?;
        let now = self.monitor.now().await;
        let mut text = facts(&now);
        if let Some(hours) = hours {
            let past = self.monitor.history(hours, POINTS).await;
            text.push_str(&table(&past, SystemClock.now()));
        }
        Ok(ToolOutput { text, ..ToolOutput::default() })
    }
}

/// How far back, if the past is asked for. Models write numbers as text now and then.
fn hours(arguments: &Value) -> Result<Option<u32>, ToolError> {
    let given = match arguments.get("hours") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(number) => number.as_f64().filter(|hours| hours.fract() == 0.0).map(|hours| hours as i64),
    };
    given
        .filter(|hours| (1..=24).contains(hours))
        .and_then(|hours| u32::try_from(hours).ok())
        .map(Some)
        .ok_or_else(|| ToolError::new("\"hours\" must be a whole number from 1 to 24"))
}

fn facts(now: &Sample) -> String {
    if now.at == 0 {
        return "The system did not answer in time; try again.".to_owned();
    }
    let mut text = String::new();
    // Writing to a string cannot fail.
    let mut put = |name: &str, value: String| {
        let _ = writeln!(text, "{name}: {value}");
    };
    if let Some(cpu) = now.cpu_percent {
        put("CPU", format!("{cpu:.0} % of {} cores busy", now.cores));
    }
    put("Memory", room(&now.memory));
    if let Some(swap) = &now.swap {
        put("Swap", room(swap));
    }
    for disk in &now.disks {
        put(&format!("Disk {}", disk.place), room(&disk.room));
    }
    if let Some(network) = now.network {
        let (down, up) = (network.received_per_second, network.sent_per_second);
        put("Network", format!("{} kB/s in, {} kB/s out", down / 1000, up / 1000));
    }
    for gpu in &now.gpus {
        let busy = gpu.busy_percent.map_or(String::new(), |busy| format!("{busy:.0} % busy"));
        let memory = gpu.memory.map_or(String::new(), |memory| format!("memory {}", room(&memory)));
        put(&format!("GPU {}", gpu.name), [busy, memory].join(" ").trim().to_owned());
    }
    if let Some(battery) = now.battery {
        let how = if battery.is_discharging { "in use" } else { "on mains" };
        put("Battery", format!("{} %, {how}", battery.percent));
    }
    if let Some(degrees) = now.temperature_celsius {
        put("Temperature", format!("{degrees:.0} °C"));
    }
    put("This assistant", share(&now.own));
    if now.children.processes > 0 {
        put("Its child processes", format!("{} ({})", now.children.processes, share(&now.children)));
    }
    text
}

fn room(room: &Room) -> String {
    let gigabytes = |bytes: u64| bytes as f64 / 1e9;
    format!(
        "{:.1} of {:.1} GB used ({:.0} %)",
        gigabytes(room.used_bytes),
        gigabytes(room.total_bytes),
        room.used_percent()
    )
}

fn share(share: &Share) -> String {
    let cpu = share.cpu_percent.map_or(String::new(), |cpu| format!("{cpu:.1} % of one core, "));
    format!("{cpu}{} MB of memory", share.memory_bytes / 1_000_000)
}

/// The past as a small table, oldest first.
fn table(past: &[Point], now: i64) -> String {
    if past.is_empty() {
        return "No history yet.\n".to_owned();
    }
    let cell = |value: Option<f32>| value.map_or("-".to_owned(), |it| format!("{it:.0}"));
    let rate = |value: Option<u64>| value.map_or("-".to_owned(), |bytes| (bytes / 1000).to_string());
    let mut text = "minutes ago | CPU % | memory % | kB/s in | kB/s out | °C\n".to_owned();
    for point in past {
        let ago = now.saturating_sub(point.at) / 60_000;
        let _ = writeln!(
            text,
            "{ago} | {} | {} | {} | {} | {}",
            cell(point.cpu_percent),
            cell(point.memory_percent),
            rate(point.received_per_second),
            rate(point.sent_per_second),
            cell(point.temperature_celsius),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read_as_models_write_them() {
        let read = |value: Value| hours(&value).map_err(|error| error.to_string());
        assert_eq!(read(json!({})), Ok(None));
        assert_eq!(read(json!({"hours": 3})), Ok(Some(3)));
        assert_eq!(read(json!({"hours": "24"})), Ok(Some(24)));
        for bad in [json!(0), json!(25), json!(1.5), json!("all"), json!([1]), json!(-1), json!(1e300)] {
            assert!(read(json!({"hours": bad})).is_err(), "{bad}");
        }
    }

    #[test]
    fn each_fact_has_its_line_and_what_is_not_there_has_none() {
        let now = Sample {
            at: 1,
            cpu_percent: Some(12.4),
            cores: 8,
            memory: Room { total_bytes: 16_000_000_000, used_bytes: 4_000_000_000 },
            ..Sample::default()
        };
        let text = facts(&now);
        assert!(text.contains("CPU: 12 % of 8 cores busy\nMemory: 4.0 of 16.0 GB used (25 %)\n"), "{text}");
        assert!(!text.contains("Battery") && !text.contains("GPU") && !text.contains("child"), "{text}");
        let past = [Point { at: 0, cpu_percent: Some(50.0), ..Point::default() }];
        assert!(table(&past, 120_000).ends_with("\n2 | 50 | - | - | - | -\n"));
        assert!(facts(&Sample::default()).contains("try again"));
    }
}
