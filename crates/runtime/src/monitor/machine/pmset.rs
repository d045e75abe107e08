//! The battery as macOS's `pmset -g batt` tells it.

use jamey_protocol::monitor::Battery;

/// Asks the system's own program. It only reads.
#[cfg(target_os = "macos")]
pub(super) fn ask() -> Option<Battery> {
    let output =
        std::process::Command::new("/usr/bin/pmset").args(["-g", "batt"]).env_clear().output().ok()?;
    read(&String::from_utf8_lossy(&output.stdout))
}

/// Finds `73%; discharging;` in a line that names the battery inside the machine.
fn read(text: &str) -> Option<Battery> {
    let line = text.lines().find(|line| line.contains("InternalBattery"))?;
    let (before, after) = line.split_once('%')?;
    let percent: u8 = before.rsplit(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
    let is_discharging = after.trim_start_matches(';').trim_start().starts_with("discharging");
    Some(Battery { percent: percent.min(100), is_discharging })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_battery_is_found_in_what_the_program_prints() {
        let text = "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=4653155)\t73%; discharging; 4:03 \
                    remaining present: true\n";
        assert_eq!(read(text), Some(Battery { percent: 73, is_discharging: true }));
        let text = text.replace("73%; discharging", "100%; charged");
        assert_eq!(read(&text), Some(Battery { percent: 100, is_discharging: false }));
        assert_eq!(read("Now drawing from 'AC Power'\n"), None);
    }
}
