//! Linux: a few files of `/proc` and `/sys`, read whole.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use jamey_protocol::monitor::{Battery, Disk, Gpu, Room};

use super::{MOST_DISKS, nvidia};

/// Sensors of processors, by the names that their drivers have.
const PROCESSOR_SENSORS: &[&str] = &["coretemp", "k10temp", "zenpower", "cpu_thermal", "x86_pkg_temp"];
/// The program that asks NVIDIA's driver takes a moment each time.
const NVIDIA_EVERY: Duration = Duration::from_secs(10);

/// This machine.
#[derive(Debug)]
pub(in super::super) struct Machine {
    /// `/`, but for tests.
    root: PathBuf,
    nvidia: Vec<Gpu>,
    nvidia_asked: Option<Instant>,
}

impl Machine {
    pub(in super::super) fn new() -> Self {
        Self::at(Path::new("/"))
    }

    fn at(root: &Path) -> Self {
        Self { root: root.to_owned(), nvidia: Vec::new(), nvidia_asked: None }
    }

    fn text(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.root.join(path)).ok()
    }

    /// All bytes that came in and went out since the start of the machine: over real network cards where
    /// there are any, so that what goes through a bridge is not counted twice.
    pub(in super::super) fn network(&mut self) -> Option<(u64, u64)> {
        let table = self.text("proc/net/dev")?;
        let cards: Vec<(bool, u64, u64)> = table
            .lines()
            .filter_map(|line| {
                let (name, numbers) = line.split_once(':')?;
                let name = name.trim();
                let mut numbers = numbers.split_whitespace();
                let received = numbers.next()?.parse().ok()?;
                let sent = numbers.nth(7)?.parse().ok()?;
                let is_real = || self.root.join("sys/class/net").join(name).join("device").exists();
                (name != "lo").then(|| (is_real(), received, sent))
            })
            .collect();
        let any_real = cards.iter().any(|card| card.0);
        let counted = cards.iter().filter(|card| card.0 == any_real);
        Some(counted.fold((0, 0), |sum, card| (sum.0 + card.1, sum.1 + card.2)))
    }

    /// The disk that holds `data`, and then the other local ones. A disk of another machine is left out,
    /// since asking it may take for ever.
    pub(in super::super) fn disks(&mut self, data: &Path) -> Vec<Disk> {
        let table = self.text("proc/self/mounts").unwrap_or_default();
        let mounts: Vec<(String, PathBuf)> = table
            .lines()
            .filter_map(|line| {
                let mut words = line.split(' ');
                Some((words.next()?.to_owned(), PathBuf::from(unescaped(words.next()?))))
            })
            .collect();
        let home = mounts
            .iter()
            .filter(|(_, place)| data.starts_with(place))
            .max_by_key(|(_, place)| place.components().count());
        let mut disks = Vec::new();
        let mut seen = HashSet::new();
        if let Some(room) = room(data) {
            let place = home.map_or_else(|| data.to_owned(), |(_, place)| place.clone());
            seen.extend(home.map(|(source, _)| source.as_str()));
            disks.push(Disk { place: place.display().to_string(), room });
        }
        let local = mounts.iter().filter(|(source, _)| {
            source.starts_with("/dev/")
                && !source.starts_with("/dev/loop")
                && !source.starts_with("/dev/fuse")
        });
        for (source, place) in local {
            if disks.len() < MOST_DISKS
                && seen.insert(source)
                && let Some(room) = room(place)
            {
                disks.push(Disk { place: place.display().to_string(), room });
            }
        }
        disks
    }

    /// The machine's own battery, not that of a mouse.
    pub(in super::super) fn battery(&mut self) -> Option<Battery> {
        let folder = "sys/class/power_supply";
        let mut names: Vec<_> =
            fs::read_dir(self.root.join(folder)).ok()?.flatten().map(|entry| entry.file_name()).collect();
        names.sort_unstable();
        names.iter().find_map(|name| {
            let value = |of: &str| self.text(&format!("{folder}/{}/{of}", name.to_string_lossy()));
            if value("type")?.trim() != "Battery" || value("scope").is_some_and(|it| it.trim() == "Device") {
                return None;
            }
            let percent: u8 = value("capacity")?.trim().parse().ok()?;
            let is_discharging = value("status").is_some_and(|status| status.trim() == "Discharging");
            Some(Battery { percent: percent.min(100), is_discharging })
        })
    }

    /// The first sensor of each processor; reading every core's would wake each of them.
    pub(in super::super) fn temperature(&mut self) -> Option<f32> {
        let below = |folder: &str| -> Vec<PathBuf> {
            let entries = fs::read_dir(self.root.join(folder)).into_iter().flatten().flatten();
            entries.map(|entry| entry.path()).collect()
        };
        let named = |file: PathBuf| {
            let name = fs::read_to_string(file).unwrap_or_default();
            PROCESSOR_SENSORS.contains(&name.trim())
        };
        let degrees = |file: PathBuf| -> Option<f32> {
            let thousandths: i32 = fs::read_to_string(file).ok()?.trim().parse().ok()?;
            // A sensor that is not connected says something absurd.
            (-40_000..150_000).contains(&thousandths).then_some(thousandths as f32 / 1000.0)
        };
        let of_processors = below("sys/class/hwmon")
            .into_iter()
            .filter(|folder| named(folder.join("name")))
            .filter_map(|folder| degrees(folder.join("temp1_input")))
            .reduce(f32::max);
        of_processors.or_else(|| {
            let zones = below("sys/class/thermal").into_iter();
            let zones = zones.filter(|folder| {
                folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with("thermal_zone"))
            });
            zones.filter_map(|zone| degrees(zone.join("temp"))).reduce(f32::max)
        })
    }

    /// Graphics processors that are awake. AMD's driver tells in files; NVIDIA's is asked by a program, and
    /// so only while somebody watches.
    pub(in super::super) fn gpus(&mut self, is_watched: bool) -> Vec<Gpu> {
        let mut gpus = self.amd();
        if is_watched && self.nvidia_asked.is_none_or(|asked| asked.elapsed() >= NVIDIA_EVERY) {
            self.nvidia_asked = Some(Instant::now());
            self.nvidia = nvidia::ask(&self.root);
        }
        if is_watched {
            gpus.extend(self.nvidia.iter().cloned());
        }
        gpus
    }

    fn amd(&self) -> Vec<Gpu> {
        let mut found = Vec::new();
        let cards = fs::read_dir(self.root.join("sys/class/drm")).into_iter().flatten().flatten();
        for card in cards {
            let name = card.file_name().to_string_lossy().into_owned();
            if !name.starts_with("card") || name.contains('-') {
                continue;
            }
            let device = card.path().join("device");
            let value =
                |of: &str| fs::read_to_string(device.join(of)).ok().map(|text| text.trim().to_owned());
            let number = |of: &str| value(of)?.parse::<u64>().ok();
            if value("power/runtime_status").is_some_and(|status| status == "suspended") {
                continue;
            }
            let Some(busy) = number("gpu_busy_percent") else { continue };
            let memory = number("mem_info_vram_total").zip(number("mem_info_vram_used"));
            found.push(Gpu {
                name: value("product_name").filter(|name| !name.is_empty()).unwrap_or_else(|| "AMD".into()),
                busy_percent: Some(busy as f32),
                memory: memory.map(|(total_bytes, used_bytes)| Room { total_bytes, used_bytes }),
            });
        }
        found
    }
}

/// How full the file system of `place` is. What only root may use counts as taken.
fn room(place: &Path) -> Option<Room> {
    let about = rustix::fs::statvfs(place).ok()?;
    let total_bytes = about.f_blocks.saturating_mul(about.f_frsize);
    let free = about.f_bavail.saturating_mul(about.f_frsize);
    (total_bytes > 0).then_some(Room { total_bytes, used_bytes: total_bytes.saturating_sub(free) })
}

/// The table of mounts writes blanks and the like as octal numbers.
fn unescaped(word: &str) -> String {
    let mut bytes = Vec::with_capacity(word.len());
    let mut rest = word.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let octal = rest.get(1..4).filter(|_| *first == b'\\').and_then(|digits| {
            let digits = std::str::from_utf8(digits).ok()?;
            u8::from_str_radix(digits, 8).ok()
        });
        match octal {
            Some(byte) => {
                bytes.push(byte);
                rest = &rest[4..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fake(tempfile::TempDir);

    impl Fake {
        fn with(files: &[(&str, &str)]) -> Self {
            let root = tempfile::tempdir().unwrap();
            for (path, text) in files {
                let path = root.path().join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            Self(root)
        }

        fn machine(&self) -> Machine {
            Machine::at(self.0.path())
        }
    }

    const NET: &str = "Inter-|   Receive\n face |bytes\n    lo: 9 1 0 0 0 0 0 0 9 1 0 0 0 0 0 0\n\
        \x20 eth0: 100 1 0 0 0 0 0 0 20 1 0 0 0 0 0 0\ndocker0: 100 1 0 0 0 0 0 0 20 1 0 0 0 0 0 0\n";

    #[test]
    fn real_cards_are_counted_and_bridges_only_where_there_are_none() {
        let plain = Fake::with(&[("proc/net/dev", NET)]);
        assert_eq!(plain.machine().network(), Some((200, 40)));
        let real = Fake::with(&[("proc/net/dev", NET), ("sys/class/net/eth0/device/vendor", "")]);
        assert_eq!(real.machine().network(), Some((100, 20)));
    }

    #[test]
    fn the_machines_battery_is_told_and_that_of_a_mouse_is_not() {
        let supply = |name: &str, of: &str| format!("sys/class/power_supply/{name}/{of}");
        let mouse = [("type", "Battery\n"), ("scope", "Device\n"), ("capacity", "9\n")];
        let own = [("type", "Battery\n"), ("capacity", "73\n"), ("status", "Discharging\n")];
        let mut files: Vec<(String, &str)> = mouse.map(|(of, text)| (supply("a_mouse", of), text)).to_vec();
        files.push((supply("AC", "type"), "Mains\n"));
        let borrowed = |files: &[(String, &str)]| {
            Fake::with(&files.iter().map(|(path, text)| (path.as_str(), *text)).collect::<Vec<_>>())
        };
        assert_eq!(borrowed(&files).machine().battery(), None);
        files.extend(own.map(|(of, text)| (supply("BAT0", of), text)));
        let battery = borrowed(&files).machine().battery();
        assert_eq!(battery, Some(Battery { percent: 73, is_discharging: true }));
    }

    #[test]
    fn the_processors_sensor_wins_and_a_broken_one_says_nothing() {
        let mut files = vec![("sys/class/thermal/thermal_zone0/temp", "31000\n")];
        assert_eq!(Fake::with(&files).machine().temperature(), Some(31.0));
        files.extend([
            ("sys/class/hwmon/hwmon0/name", "nvme\n"),
            ("sys/class/hwmon/hwmon0/temp1_input", "60000"),
        ]);
        files.extend([
            ("sys/class/hwmon/hwmon1/name", "coretemp\n"),
            ("sys/class/hwmon/hwmon1/temp1_input", "48500\n"),
        ]);
        assert_eq!(Fake::with(&files).machine().temperature(), Some(48.5));
        files[4].1 = "-128000\n";
        assert_eq!(Fake::with(&files).machine().temperature(), Some(31.0));
        assert_eq!(Fake::with(&[]).machine().temperature(), None);
    }

    #[test]
    fn a_graphics_processor_that_sleeps_is_left_alone() {
        let card = |of: &str| format!("sys/class/drm/card0/device/{of}");
        let awake =
            [("gpu_busy_percent", "12\n"), ("mem_info_vram_total", "8000"), ("mem_info_vram_used", "500")];
        let awake = awake.map(|(of, text)| (card(of), text));
        let files: Vec<(&str, &str)> = awake.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        let gpus = Fake::with(&files).machine().gpus(false);
        assert_eq!((gpus[0].busy_percent, gpus[0].memory.unwrap().used_bytes), (Some(12.0), 500));
        let asleep = card("power/runtime_status");
        let files: Vec<_> = files.into_iter().chain([(asleep.as_str(), "suspended\n")]).collect();
        assert!(Fake::with(&files).machine().gpus(false).is_empty());
    }

    #[test]
    fn the_disk_of_our_data_is_the_first_and_each_disk_is_there_once() {
        let disks = Machine::new().disks(&std::env::temp_dir());
        assert!(!disks.is_empty() && disks[0].room.total_bytes > 0, "{disks:?}");
        let places: HashSet<_> = disks.iter().map(|disk| &disk.place).collect();
        assert_eq!(places.len(), disks.len(), "{disks:?}");
        assert!(Machine::new().disks(Path::new("/not/there")).iter().all(|disk| disk.room.total_bytes > 0));
    }

    #[test]
    fn places_with_blanks_are_read() {
        assert_eq!(unescaped(r"/media/my\040disk"), "/media/my disk");
        assert_eq!(unescaped(r"/a\0"), r"/a\0");
    }
}
